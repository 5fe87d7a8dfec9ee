// Members of System: the right-hand side F(y).

// inputs y (M rows from node i) of a tape, at position `at`
void input_x(Bound &b, int at, const D *y, int i) {
  for (int r = 0; r < M; r++) b.input(at + r, x(y, r) + i);
}
void spread_z(const D *y) {
  for (int i = 0; i < s.lumped; i++) {
    if (node_z[i])
      for (int n = 0; n < XS; n++) zrow[(size_t)i * XS + n] = z(y)[i];
  }
}
void spread_radial(int k, const D *y) {
  const size_t n = (size_t)(el[k].shells - 1) * el[k].stride;
  for (int i = 0; i < s.lumped; i++)
    if (radial_z[i])
      for (size_t j = 0; j < n; j++) zradial[i * n + j] = z(y)[i];
}
void run_props(int t, const D *y) {
  Bound &b = gt[t];
  input_x(b, s.globals + s.node_data, y, 0);
  if (one_electrolyte) return b.run(table[0], 0, N * DW);
  for (int r = 0; r < s.regions; r++) b.run(table[r], (size_t)first[r] * DW, in.cells[r] * DW);
}
void run_edges(int t, const D *y) {
  for (int side = 0; side < 2; side++) {
    Bound &b = gt[t + (EDGE_R - EDGE_L) * side];
    input_x(b, s.globals + s.node_data, y, side ? N - 1 : 0);
    b.run(table[side ? s.regions - 1 : 0], 0, DW);
  }
}
void surface(int k, const D *y, D *to) const { // surface concentration from the two outermost cells
  const Electrode &e = el[k];
  if (e.shells < 2) return;
  if (modal[k].on) return surface_of_modes(k, y, to);
  const double *read = in.radii[e.region] + 2 * e.shells - 1;
  const D *a = y + e.c + (size_t)(e.shells - 1) * e.stride, *b = a - e.stride;
  for (int i = 0; i < e.n; i++) to[i] = read[0] * a[i] + read[1] * b[i];
}
// tapes of an electrode: inputs y, local states, surface concentration; source has none of the last
void run_local(int k, int t, const D *y) {
  const Electrode &e = el[k];
  Bound &b = rt[k][t];
  const int at = s.globals + s.node_data;
  input_x(b, at, y, e.first);
  for (int q = 0; q < K; q++) b.input(at + M + s.lumped + q, y + e.local + (size_t)q * e.stride);
  if (t != SOURCE && t != SOURCE_JAC) {
    b.input(at + M + s.lumped + K, e.shells ? cs[k] : zero);
    if (t == CONTRIB || t == CONTRIB_JAC)
      b.input(at + M + s.lumped + K + 1, e.shells ? y + e.c + (size_t)(e.shells - 1) * e.stride : zero);
  }
  b.run(table[e.region], 0, e.n * DW);
}
void run_radial(int k, int t, const D *y) {
  const Electrode &e = el[k];
  Bound &b = rt[k][t];
  const int at = s.particle_data + s.globals + s.lumped;
  spread_radial(k, y);
  b.input(at, y + e.c), b.input(at + 1, y + e.c + e.stride);
  b.run(table[e.region], 0, (int)((e.shells - 1) * e.stride) * DW);
}
void run_end(int t, const D *y) { // lumped rows and outputs
  Bound &b = gt[t];
  for (int i = 0; i < s.lumped; i++) b.input(s.globals + np() + i, z(y) + i);
  b.run(table[0], 0, DW);
}
void read_probes(const D *y) {
  for (int p = 0; p < s.probes; p++)
    for (int r = 0; r < M; r++) probes[(p * M + r) * 4] = x(y, r)[in.probe[p]];
}
static D value_of(const double *p, int i) { return p ? ((const D *)p)[i] : D{}; }

// sums over nodes that lumped rows and outputs read
void reductions(const D *y) {
  for (int q = 0; q < s.reductions; q++) {
    D sum{};
    for (int k = 0; k < NE; k++) {
      const Electrode &e = el[k];
      if (const D *a = (const D *)rt[k][CONTRIB].out(q))
        for (int i = 0; i < e.n; i++) sum += a[i];
      if (e.shells < 2) continue;
      if (const D *h = (const D *)rt[k][RADIAL].out(1 + q)) {
        const double *weight = in.radii[e.region];
        for (int j = 0; j < e.shells - 1; j++) {
          D part{};
          for (int i = 0; i < e.n; i++) part += h[(size_t)j * e.stride + i];
          sum += weight[j] * part;
        }
      }
    }
    red[q * 4] = sum;
  }
  (void)y;
}

// F(y) of the whole system; storage stays on the left-hand side
void rhs(const D *y, D *R, bool factored = false) { // factored: factor() has just been called with this y
  spread_z(y);
  if (!factored) run_props(PROPS, y);
  Bound &F = gt[FACE], &P = gt[factored ? PROPS_JAC : PROPS];
  const int at = s.globals + s.face_data;
  input_x(F, at, y, 0), input_x(F, at + M, y, 1);
  for (int q = 0; q < s.props; q++) {
    const D *p = P.out(q) ? (const D *)P.out(q) : zero;
    F.input(at + 2 * M + q, p), F.input(at + 2 * M + s.props + q, p + 1);
  }
  F.run(table[0], 0, (N - 1) * DW);
  run_edges(EDGE_L, y);
  for (int r = 0; r < M; r++) {
    const D *a = F.out(r) ? (const D *)F.out(r) : zero;
    D *to = x(R, r);
    to[0] = (value_of(gt[EDGE_L].out(r), 0) - a[0]) * idx[0];
    for (int i = 1; i < N - 1; i++) to[i] = (a[i - 1] - a[i]) * idx[i];
    to[N - 1] = (a[N - 2] - value_of(gt[EDGE_R].out(r), 0)) * idx[N - 1];
  }
  for (int k = 0; k < NE; k++) {
    const Electrode &e = el[k];
    if (!modal[k].on || stage < 0)
      surface(k, y, cs[k]);
    else
      surface_of_stage(k);
    if (!factored) run_local(k, LOCAL, y);
    run_local(k, SOURCE, y);
    for (int r = 0; r < M; r++)
      if (const D *q = (const D *)rt[k][SOURCE].out(r)) {
        D *to = x(R, r) + e.first;
        for (int i = 0; i < e.n; i++) to[i] += q[i];
      }
    for (int q = 0; q < K; q++) {
      const D *a =
          (const D *)(factored ? rt[k][LOCAL_JAC].out(K * (M + K + 1 + s.lumped) + q) : rt[k][LOCAL].out(q));
      D *to = R + e.local + (size_t)q * e.stride;
      for (int i = 0; i < e.n; i++) to[i] = a ? a[i] : D{};
    }
    if (e.shells && !modal[k].on) particles(k, y, R);
    if (s.reductions) run_local(k, CONTRIB, y);
  }
  for (int r = 0; r < s.regions; r++)
    for (int u = 0; u < M; u++)
      if (m.region[r].absent >> u & 1)
        for (int i = first[r]; i < first[r + 1]; i++) x(R, u)[i] = D{};
  read_probes(y);
  if (s.reductions) reductions(y);
  run_end(LUMPED, y);
  if (direct < 0) run_end(OUT, y);
  for (int i = 0; i < s.lumped; i++) z(R)[i] = value_of(gt[LUMPED].out(i), 0);
  z(R)[0] = direct >= 0 ? control[direct] * z(y)[0] - set : control_residual();
}
// is the control row of all lanes a multiple of the current density, without any tape?
void find_direct() {
  direct = -1;
  for (int o = 0; o < s.outputs; o++) {
    bool used = false;
    for (int l = 0; l < W; l++) used = used || get(control[o], l) != 0;
    if (!used) continue;
    if (direct >= 0 || gt[OUT].tape->out[o] != s.globals + np()) {
      direct = -1;
      return;
    }
    direct = o;
  }
}
D control_residual() const {
  D sum = -set;
  for (int o = 0; o < s.outputs; o++)
    if (gt[OUT].out(o)) sum += control[o] * value_of(gt[OUT].out(o), 0);
  return sum;
}
void particles(int k, const D *y, D *R) {
  const Electrode &e = el[k];
  run_radial(k, RADIAL, y);
  const double *weight = in.radii[e.region], *inverse_volume = weight + e.shells - 1;
  const D *flux = rt[k][RADIAL].out(0) ? (const D *)rt[k][RADIAL].out(0) : nullptr;
  const D *out = (const D *)rt[k][SOURCE].out(M);
  for (int j = 0; j < e.shells; j++) {
    D *to = R + e.c + (size_t)j * e.stride;
    const double a = j ? weight[j - 1] * inverse_volume[j] : 0,
                 b = j < e.shells - 1 ? weight[j] * inverse_volume[j] : 0;
    const D *lower = j ? flux + (size_t)(j - 1) * e.stride : zero,
            *upper = j < e.shells - 1 ? flux + (size_t)j * e.stride : zero;
    for (int i = 0; i < e.n; i++) to[i] = b * upper[i] - a * lower[i];
    if (j == e.shells - 1 && out)
      for (int i = 0; i < e.n; i++) to[i] -= inverse_volume[j] * out[i];
  }
}
