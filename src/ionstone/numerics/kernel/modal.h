// Members of System: particles whose diffusivity does not change with the state, in the modes of their radial
// grid. With amplitudes a of the modes, fluxes phi out of the surface and the surface value w a:
//
//   da/dt = rate lambda a - g phi
//
// Each stage of a step is u_i = P_i a - h g sum_{j <= i} Q_ij phi_j with P and Q functions of h rate lambda
// alone: the same step as with the cells themselves, but stages are kept as fluxes and surface values of
// nodes.

typedef typename Wide<D>::type V;
static constexpr int WIDE = Wide<D>::N;
static V many(const D *p) {
  V v;
  memcpy((void *)&v, (const void *)p, sizeof v);
  return v;
}
static void put_many(D *p, V v) { memcpy((void *)p, (const void *)&v, sizeof v); }

// values of the grid at a mode: neighbouring ones where V holds neighbours
static auto of_modes(const double *p) {
  if constexpr (WIDE > 1)
    return many(p);
  else
    return *p;
}
static D total(V v) {
  if constexpr (WIDE > 1) {
    D sum{};
    for (int l = 0; l < WIDE; l++) sum += v[l];
    return sum;
  } else
    return v;
}
const double *mode_rates(int k) const { return in.radii[el[k].region] + 2 * el[k].shells + 1; }
const double *modes_of_cells(int k) const { return mode_rates(k) + el[k].shells; }
const double *cells_of_modes(int k) const { return modes_of_cells(k) + (size_t)el[k].shells * el[k].shells; }

void allocate_modes(int k) {
  Modal<D> &a = modal[k];
  const int n = el[k].shells;
  const size_t modes = (size_t)(n + VECTOR - 1) / VECTOR * VECTOR, nodes = (size_t)el[k].stride;
  for (int i = 0; i < 6; i++) {
    a.of_state[i] = rows(modes), a.end_of_flux[i] = rows(modes), a.read[i] = rows(modes);
    a.known[i] = rows(nodes), a.response[i] = rows(nodes), a.flux[i] = rows(nodes);
    for (int j = 0; j <= i; j++) a.of_flux[i][j] = rows(modes);
  }
  a.end_of_state = rows(modes), a.start = rows(nodes);
  a.lambda = arena.doubles(modes), a.w = arena.doubles(modes), a.g = arena.doubles(modes);
  if (n < 2) return;
  const double *read = mode_rates(k) - 2, *to = modes_of_cells(k), *from = cells_of_modes(k);
  for (int m = 0; m < n; m++) {
    a.lambda[m] = mode_rates(k)[m], a.g[m] = to[(size_t)m * n + n - 1] * read[-1];
    a.w[m] = read[0] * from[(size_t)(n - 1) * n + m] + read[1] * from[(size_t)(n - 2) * n + m];
  }
}

// Which electrodes have fluxes (right - left) times one rate that no state changes? Then y becomes
// amplitudes.
void choose_modes(D *y) {
  for (int k = 0; k < NE; k++) {
    Modal<D> &a = modal[k];
    a.on = el[k].shells > 1 && s.reductions == 0 && constant_rate(k, y);
    if (!a.on) continue;
    for (int q = 0; q < s.lumped; q++) memset((void *)qs[k][q], 0, sizeof(D) * (size_t)el[k].stride);
    transform(k, y, y, modes_of_cells(k));
  }
}
bool constant_rate(int k, const D *y) {
  const Electrode &e = el[k];
  const int states = s.particle_data + s.globals;
  for (int q = 0; q < s.lumped + 2; q++)
    if (rt[k][RADIAL_JAC].tape->used[states + q]) return false;
  run_radial(k, RADIAL_JAC, y), run_radial(k, RADIAL, y);
  const D *left = (const D *)rt[k][RADIAL_JAC].out(0), *right = (const D *)rt[k][RADIAL_JAC].out(1),
          *flux = (const D *)rt[k][RADIAL].out(0);
  if (!left || !right || !flux) return false;
  const D *c = y + e.c;
  modal[k].rate = right[0];
  for (int j = 0; j < e.shells - 1; j++)
    for (int i = 0; i < e.n; i++)
      for (int l = 0; l < W; l++) {
        const size_t at = (size_t)j * e.stride + i;
        const double r = get(right[0], l), low = get(c[at], l), high = get(c[at + e.stride], l);
        if (get(right[at], l) != r || get(left[at], l) != -r || !(r > 0)) return false;
        const double off = get(flux[at], l) - r * (high - low);
        if (!(fabs(off) <= 1e-12 * r * (fabs(high) + fabs(low)))) return false;
      }
  return true;
}
// to = matrix * from in each node; the two may be one
void transform(int k, const D *from, D *to, const double *matrix) {
  const Electrode &e = el[k];
  V *column = (V *)pw[k];
  for (int i = 0; i < e.n; i += WIDE) {
    for (int m = 0; m < e.shells; m++) {
      const double *row = matrix + (size_t)m * e.shells;
      V t = row[0] * many(from + e.c + i);
      for (int j = 1; j < e.shells; j++) t += row[j] * many(from + e.c + (size_t)j * e.stride + i);
      column[m] = t;
    }
    for (int m = 0; m < e.shells; m++) put_many(to + e.c + (size_t)m * e.stride + i, column[m]);
  }
}
// `from` with cells in place of modes
void cells(const D *from, D *to) {
  if (to != from) memcpy((void *)to, (const void *)from, sizeof(D) * size);
  for (int k = 0; k < NE; k++)
    if (modal[k].on) transform(k, from, to, cells_of_modes(k));
}
// all states but amplitudes of modes
template <class F> void each_explicit(F visit) const {
  for (int k = 0; k < NE; k++)
    if (!modal[k].on)
      for (size_t n = el[k].c, end = n + (size_t)el[k].shells * el[k].stride; n < end; n++) visit(n);
  for (size_t n = NE ? el[0].local : 0; n < size; n++) visit(n);
}

void surface_of_modes(int k, const D *y, D *to) const {
  const Electrode &e = el[k];
  for (int i = 0; i < e.n; i++) to[i] = D{};
  for (int m = 0; m < e.shells; m++) {
    const D *a = y + e.c + (size_t)m * e.stride;
    for (int i = 0; i < e.n; i++) to[i] += modal[k].w[m] * a[i];
  }
}

// P and Q for the step size that alpha stands for, and what of the stages the state alone decides
void factor_modes(int k, const D *y) {
  using rodas::A, rodas::C, rodas::GAMMA;
  Modal<D> &a = modal[k];
  const Electrode &e = el[k];
  const D h = 1.0 / (GAMMA * alpha), hr = h * a.rate;
  V feedback[6][6] = {};
  for (int m = 0; m < e.shells; m += WIDE) {
    const auto w = of_modes(a.w + m), g = of_modes(a.g + m);
    const V x = hr * of_modes(a.lambda + m), r = GAMMA / (1.0 - GAMMA * x);
    V P[6], Q[6][6], b[5];
    _Pragma("GCC unroll 6") for (int i = 0; i < 6; i++) {
      V t = x;
      _Pragma("GCC unroll 6") for (int j = 0; j < i; j++) b[j] = A[i][j] * x + C[i][j], t += b[j] * P[j];
      P[i] = r * t, Q[i][i] = r;
      _Pragma("GCC unroll 6") for (int j = 0; j < i; j++) {
        V q = b[j] * Q[j][j];
        _Pragma("GCC unroll 6") for (int l = j + 1; l < i; l++) q += b[l] * Q[l][j];
        Q[i][j] = r * q;
      }
    }
    V end = P[5] + 1.0;
    _Pragma("GCC unroll 6") for (int i = 0; i < 5; i++) end += A[5][i] * P[i];
    put_many(a.end_of_state + m, end);
    const V gh = (-h) * (V{} + g);
    _Pragma("GCC unroll 6") for (int j = 0; j < 6; j++) {
      V q = Q[5][j];
      _Pragma("GCC unroll 6") for (int i = j; i < 5; i++) q += A[5][i] * Q[i][j];
      put_many(a.end_of_flux[j] + m, q * gh);
      put_many(a.of_state[j] + m, P[j]), put_many(a.read[j] + m, P[j] * w);
    }
    const V wgh = gh * w;
    _Pragma("GCC unroll 6") for (int i = 0; i < 6; i++) _Pragma("GCC unroll 6") for (int j = 0; j <= i; j++)
        put_many(a.of_flux[i][j] + m, Q[i][j] * gh),
        feedback[i][j] += Q[i][j] * wgh;
  }
  for (int i = 0; i < 6; i++)
    for (int j = 0; j <= i; j++) a.feedback[i][j] = total(feedback[i][j]);
  for (int i = 0; i < e.n; i++) pv[k][i] = a.feedback[0][0];
  for (int i = 0; i < e.n; i += WIDE) {
    V t[7] = {};
    const D *c = y + e.c + i;
    for (int m = 0; m < e.shells; m++) {
      const V v = many(c + (size_t)m * e.stride);
      t[6] += a.w[m] * v;
      _Pragma("GCC unroll 6") for (int q = 0; q < 6; q++) t[q] += a.read[q][m] * v;
    }
    for (int q = 0; q < 6; q++) put_many(a.known[q] + i, t[q]);
    put_many(a.start + i, t[6]), put_many(cs[k] + i, t[6]);
  }
}
// surface values at which a stage takes the right-hand side
void surface_of_stage(int k) {
  const Modal<D> &a = modal[k];
  for (int i = 0; i < el[k].n; i++) {
    D t = a.start[i];
    for (int j = 0; j < stage; j++) t += rodas::A[stage][j] * a.response[j][i];
    cs[k][i] = t;
  }
}
// ws: surface value of the stage at the flux of its right-hand side
void response_of_stage(int k) {
  Modal<D> &a = modal[k];
  const int n = el[k].n;
  if (stage < 0) { // at fixed storage
    for (int i = 0; i < n; i++) ws[i] = D{};
    return;
  }
  const D *out = (const D *)rt[k][SOURCE].out(M), *known = a.known[stage];
  D *response = a.response[stage], *flux = a.flux[stage];
  for (int i = 0; i < n; i++) {
    const D f = out ? out[i] : D{};
    D t = known[i] + a.feedback[0][0] * f;
    for (int j = 0; j < stage; j++) t += a.feedback[stage][j] * a.flux[j][i];
    flux[i] = f, ws[i] = response[i] = t;
  }
}
// the flux changes by what the other unknowns of the stage make of it
void flux_of_stage(int k, const D *change) {
  if (stage < 0) return;
  Modal<D> &a = modal[k];
  for (int i = 0; i < el[k].n; i++) {
    a.flux[stage][i] += change[i];
    a.response[stage][i] += a.feedback[0][0] * change[i];
  }
}
// amplitudes at the end of the step
void end_of_modes(int k, const D *y, D *to) const {
  const Modal<D> &a = modal[k];
  const Electrode &e = el[k];
  for (int m = 0; m < e.shells; m++) {
    const size_t at = e.c + (size_t)m * e.stride;
    for (int i = 0; i < e.n; i += WIDE) {
      V t = a.end_of_state[m] * many(y + at + i);
      _Pragma("GCC unroll 6") for (int j = 0; j < 6; j++) t += a.end_of_flux[j][m] * many(a.flux[j] + i);
      put_many(to + at + i, t);
    }
  }
}
// weighted sum of the first five stages, of the amplitudes
void combine_modes(int k, const D *y, const double (&weight)[5], D *to) const {
  const Modal<D> &a = modal[k];
  const Electrode &e = el[k];
  for (int m = 0; m < e.shells; m++) {
    D of_state{}, of_flux[5] = {};
    for (int i = 0; i < 5; i++) {
      of_state += weight[i] * a.of_state[i][m];
      for (int j = 0; j <= i; j++) of_flux[j] += weight[i] * a.of_flux[i][j][m];
    }
    const size_t at = e.c + (size_t)m * e.stride;
    for (int i = 0; i < e.n; i++) {
      D t = of_state * y[at + i];
      for (int j = 0; j < 5; j++) t += of_flux[j] * a.flux[j][i];
      to[at + i] = t;
    }
  }
}
// surface values of the dense output at the share s of the step
void dense_surface(int k, double s) {
  using rodas::A, rodas::D2, rodas::D3;
  const Modal<D> &a = modal[k];
  for (int i = 0; i < el[k].n; i++) {
    D end = a.start[i] + a.response[5][i], bend{};
    for (int j = 0; j < 5; j++) {
      end += A[5][j] * a.response[j][i];
      bend += (D2[j] + s * D3[j]) * a.response[j][i];
    }
    cs[k][i] = (1 - s) * a.start[i] + s * (end + (1 - s) * bend);
  }
}
