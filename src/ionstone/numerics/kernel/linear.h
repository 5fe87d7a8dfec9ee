// Members of System: factor(y, a) and solve(r, u) for (a M - dF/dy) u = r.

D row_of(const double *p, int i) const { return value_of(p, i); }

void factor(const D *y, D a) {
  alpha = a;
  spread_z(y);
  assemble_faces(y);
  for (int k = 0; k < NE; k++) {
    if (modal[k].on)
      factor_modes(k, y);
    else {
      surface(k, y, cs[k]);
      if (el[k].shells) factor_particles(k, y);
    }
    run_local(k, LOCAL_JAC, y), run_local(k, SOURCE_JAC, y);
    if (s.reductions) run_local(k, CONTRIB_JAC, y), adjoint_particles(k);
    factor_locals(k);
  }
  absent_rows();
  thomas();
  border(y);
}

// fluxes across faces, edges and storage -> blocks of x; columns of lumped states -> X
void assemble_faces(const D *y) {
  memset((void *)Dm, 0, sizeof(D) * (size_t)N * MM);
  run_props(PROPS_JAC, y);
  Bound &F = gt[FACE_JAC], &P = gt[PROPS_JAC];
  int at = s.globals + s.face_data;
  input_x(F, at, y, 0), input_x(F, at + M, y, 1);
  for (int q = 0; q < s.props; q++) {
    const D *p = P.out(q) ? (const D *)P.out(q) : zero;
    F.input(at + 2 * M + q, p), F.input(at + 2 * M + s.props + q, p + 1);
  }
  at += 2 * M + 2 * s.props + s.lumped;
  for (int q = 0; q < s.jacobian_props; q++) {
    const D *p = (const D *)P.out(s.props + m.jacobian_prop[q]);
    if (!p) p = zero;
    F.input(at + q, p), F.input(at + s.jacobian_props + q, p + 1);
  }
  F.run(table[0], 0, (N - 1) * DW);
  const int L = s.lumped;
  for (int i = 0; i < L; i++)
    if (column[i]) memset((void *)X[i], 0, sizeof(D) * (size_t)N * M);
  for (int r = 0; r < M; r++)
    for (int c = 0; c < 2 * M + L; c++) {
      const D *q = (const D *)F.out(r * (2 * M + L) + c);
      if (c < 2 * M) {
        const int k = r * M + c % M;
        D *to_d = Dm + k, *to_a = Am + k, *to_c = Cm + k;
        if (c < M) {
          if (q)
            for (int i = 0; i < N - 1; i++)
              to_d[(size_t)i * MM] += q[i] * idx[i], to_a[(size_t)(i + 1) * MM] = -q[i] * idx[i + 1];
          else
            for (int i = 0; i < N - 1; i++) to_a[(size_t)(i + 1) * MM] = D{};
        } else {
          if (q)
            for (int i = 0; i < N - 1; i++)
              to_c[(size_t)i * MM] = q[i] * idx[i], to_d[(size_t)(i + 1) * MM] -= q[i] * idx[i + 1];
          else
            for (int i = 0; i < N - 1; i++) to_c[(size_t)i * MM] = D{};
        }
      } else if (q && column[c - 2 * M]) {
        D *to = X[c - 2 * M] + r;
        for (int i = 0; i < N - 1; i++)
          to[(size_t)i * M] -= q[i] * idx[i], to[(size_t)(i + 1) * M] += q[i] * idx[i + 1];
      }
    }
  run_edges(EDGE_L_JAC, y);
  for (int side = 0; side < 2; side++) {
    const Bound &b = gt[side ? EDGE_R_JAC : EDGE_L_JAC];
    const int i = side ? N - 1 : 0;
    const D sign = side ? idx[i] : -idx[i];
    for (int r = 0; r < M; r++)
      for (int c = 0; c < M + L; c++)
        if (const D *q = (const D *)b.out(r * (M + L) + c)) {
          if (c < M)
            Dm[(size_t)i * MM + r * M + c] += sign * q[0];
          else if (column[c - M])
            X[c - M][(size_t)i * M + r] -= sign * q[0];
        }
  }
  for (int r = 0; r < M; r++)
    if (m.storage[r] >= 0) {
      const D *q = d + (size_t)m.storage[r] * XS;
      for (int i = 0; i < N; i++) Dm[(size_t)i * MM + r * M + r] += q[i] * alpha;
    }
}

// radial tridiagonal of all particles of an electrode: elimination from the centre outwards
void factor_particles(int k, const D *y) {
  const Electrode &e = el[k];
  run_radial(k, RADIAL_JAC, y);
  const Bound &b = rt[k][RADIAL_JAC];
  const int nc = 2 + s.lumped, n = e.n;
  const D *jl = (const D *)b.out(0), *jr = (const D *)b.out(1);
  const double *weight = in.radii[e.region], *iv = weight + e.shells - 1;
  D *lower = pm[k], *inverse = pi_[k], *upper = pu[k];
  for (int j = 0; j < e.shells; j++) {
    const size_t o = (size_t)j * e.stride, p = o - e.stride;
    const double a = j ? weight[j - 1] * iv[j] : 0, c = j < e.shells - 1 ? weight[j] * iv[j] : 0;
    const D *l0 = j ? jl + p : zero, *r0 = j ? jr + p : zero, *l1 = c != 0 ? jl + o : zero,
            *r1 = c != 0 ? jr + o : zero;
    if (j == 0)
      for (int i = 0; i < n; i++) inverse[i] = 1.0 / (alpha - c * l1[i]), upper[i] = -(c * r1[i]);
    else
      for (int i = 0; i < n; i++) {
        const D mult = a * l0[i] * inverse[p + i];
        lower[o + i] = mult;
        inverse[o + i] = 1.0 / (alpha - c * l1[i] + a * r0[i] - mult * upper[p + i]);
        upper[o + i] = -(c * r1[i]);
      }
  }
  // response of the surface concentration to a unit outward flux, and to lumped states
  const double *read = iv + e.shells;
  const size_t o = (size_t)(e.shells - 1) * e.stride, p = o - e.stride;
  for (int i = 0; i < n; i++) {
    const D last = -iv[e.shells - 1] * inverse[o + i];
    pv[k][i] = read[0] * last - read[1] * upper[p + i] * last * inverse[p + i];
  }
  for (int q = 0; q < s.lumped; q++) {
    if (!radial_z[q]) continue;
    const D *h = (const D *)b.out(2 + q);
    D *w = qz[k][q];
    for (int j = 0; j < e.shells; j++) {
      const size_t at = (size_t)j * e.stride;
      const double a = j ? weight[j - 1] * iv[j] : 0, c = j < e.shells - 1 ? weight[j] * iv[j] : 0;
      for (int i = 0; i < n; i++) {
        D r{};
        if (h && c != 0) r += c * h[at + i];
        if (h && j) r -= a * h[at - e.stride + i];
        if (j) r -= lower[at + i] * w[at - e.stride + i];
        w[at + i] = r;
      }
    }
    for (int i = 0; i < n; i++) {
      const D last = w[o + i] * inverse[o + i];
      qs[k][q][i] = read[0] * last + read[1] * (w[p + i] - upper[p + i] * last) * inverse[p + i];
    }
  }
  (void)nc;
}

// for each reduction, the adjoint of its dependence on the concentrations: A^T lambda = row
void adjoint_particles(int k) {
  const Electrode &e = el[k];
  if (!e.shells) return;
  const int nl = M + K + 2 + s.lumped, nc = 2 + s.lumped, n = e.n, last = e.shells - 1;
  const double *weight = in.radii[e.region], *read = weight + 2 * e.shells - 1;
  const D *lower = pm[k], *inverse = pi_[k], *upper = pu[k];
  for (int q = 0; q < s.reductions; q++) {
    D *v = lam[k][q];
    const D *hl = (const D *)rt[k][RADIAL_JAC].out((1 + q) * nc),
            *hr = (const D *)rt[k][RADIAL_JAC].out((1 + q) * nc + 1);
    const D *bs = (const D *)rt[k][CONTRIB_JAC].out(q * nl + M + K),
            *bl = (const D *)rt[k][CONTRIB_JAC].out(q * nl + M + K + 1);
    for (int j = 0; j < e.shells; j++)
      for (int i = 0; i < n; i++) {
        const size_t o = (size_t)j * e.stride + i;
        D r{};
        if (hl && j < last) r += weight[j] * hl[o];
        if (hr && j) r += weight[j - 1] * hr[o - e.stride];
        if (bs && j == last) r += read[0] * bs[i];
        if (bs && j == last - 1) r += read[1] * bs[i];
        if (bl && j == last) r += bl[i];
        if (j) r -= upper[o - e.stride] * v[o - e.stride];
        v[o] = r * inverse[o];
      }
    for (int j = last - 1; j >= 0; j--)
      for (int i = 0; i < n; i++) {
        const size_t o = (size_t)j * e.stride + i;
        v[o] -= lower[o + e.stride] * v[o + e.stride];
      }
  }
}

// local states: l = la + LY y + LZ z; their sources go into the blocks of x
void factor_locals(int k) {
  const Electrode &e = el[k];
  const Bound &G = rt[k][LOCAL_JAC], &S = rt[k][SOURCE_JAC];
  const int L = s.lumped, ng = M + K + 1 + L, ns = M + K + L;
  for (int i = 0; i < e.n; i++) {
    D A[K][K], Y[K][M], Z[K][MAX_Z], pl[K], py[M], pz[MAX_Z];
    for (int c = 0; c < K; c++) pl[c] = value_of(S.out(M * ns + M + c), i);
    for (int c = 0; c < M; c++) py[c] = value_of(S.out(M * ns + c), i);
    for (int c = 0; c < L; c++) pz[c] = value_of(S.out(M * ns + M + K + c), i);
    const D v = e.shells ? pv[k][i] : D{};
    for (int r = 0; r < K; r++) {
      const D gs = value_of(G.out(r * ng + M + K), i);
      for (int c = 0; c < K; c++) {
        A[r][c] = -value_of(G.out(r * ng + M + c), i) - gs * v * pl[c];
        if (r == c && m.local_storage[r]) A[r][c] += alpha;
      }
      for (int c = 0; c < M; c++) Y[r][c] = value_of(G.out(r * ng + c), i) + gs * v * py[c];
      for (int c = 0; c < L; c++) {
        Z[r][c] = value_of(G.out(r * ng + M + K + 1 + c), i) + gs * v * pz[c];
        if (radial_z[c] && e.shells) Z[r][c] += gs * qs[k][c][i];
      }
    }
    invert(A);
    for (int r = 0; r < K; r++) {
      for (int c = 0; c < M; c++)
        SL[k][(size_t)(c * K + r) * e.stride + i] = value_of(S.out(c * ns + M + r), i);
      PL[k][(size_t)r * e.stride + i] = pl[r];
      GS[k][(size_t)r * e.stride + i] = value_of(G.out(r * ng + M + K), i);
    }
    const size_t st = (size_t)e.stride;
    D *ai = Ai[k] + i, *ly = LY[k] + i, *lz = LZ[k] + i; // rows of a node lie `stride` apart
    for (int r = 0; r < K; r++) {
      for (int c = 0; c < K; c++) ai[(r * K + c) * st] = A[r][c];
      for (int c = 0; c < M; c++) {
        D t{};
        for (int q = 0; q < K; q++) t += A[r][q] * Y[q][c];
        ly[(r * M + c) * st] = t;
      }
      for (int c = 0; c < L; c++) {
        D t{};
        for (int q = 0; q < K; q++) t += A[r][q] * Z[q][c];
        lz[(r * L + c) * st] = t;
      }
    }
    D *B = Dm + (size_t)(e.first + i) * MM;
    for (int r = 0; r < M; r++) {
      for (int c = 0; c < M; c++) {
        D t = value_of(S.out(r * ns + c), i);
        for (int q = 0; q < K; q++) t += value_of(S.out(r * ns + M + q), i) * ly[(q * M + c) * st];
        B[r * M + c] -= t;
      }
      for (int c = 0; c < L; c++)
        if (column[c]) {
          D t = value_of(S.out(r * ns + M + K + c), i);
          for (int q = 0; q < K; q++) t += value_of(S.out(r * ns + M + q), i) * lz[(q * L + c) * st];
          X[c][(size_t)(e.first + i) * M + r] += t;
        }
    }
  }
}
static void invert(D (&A)[K][K]) {
  for (int k = 0; k < K; k++) {
    const D p = 1.0 / A[k][k];
    for (int c = 0; c < K; c++) A[k][c] = c == k ? p : A[k][c] * p;
    for (int r = 0; r < K; r++)
      if (r != k) {
        const D t = A[r][k];
        for (int c = 0; c < K; c++)
          if (c != k) A[r][c] -= t * A[k][c];
        A[r][k] = -t * p;
      }
  }
}

void absent_rows() {
  for (int r = 0; r < s.regions; r++)
    for (int u = 0; u < M; u++)
      if (m.region[r].absent >> u & 1)
        for (int i = first[r]; i < first[r + 1]; i++) {
          for (int c = 0; c < M; c++)
            Dm[(size_t)i * MM + u * M + c] = Am[(size_t)i * MM + u * M + c] = Cm[(size_t)i * MM + u * M + c] =
                D{};
          Dm[(size_t)i * MM + u * M + u] = D{} + 1.0;
          for (int q = 0; q < s.lumped; q++)
            if (column[q]) X[q][(size_t)i * M + u] = D{};
        }
}

// Block elimination of x from both ends to the middle node (two independent chains hide each other's
// latency): left of it L = A D^-1, E = D^-1 C; right of it L = C D^-1, E = D^-1 A. Then the columns of the
// lumped states.
void thomas() {
  const int mid = N / 2, left = mid, right = N - 1 - mid;
  for (int k = 0; k < most(left, right); k++) {
    if (k < left) eliminate(k, k ? k - 1 : -1, Am, Cm);
    if (k < right) eliminate(N - 1 - k, k ? N - k : -1, Cm, Am);
  }
  eliminate(mid, mid ? mid - 1 : -1, Am, Cm);
  if (right > 0) { // the middle loses the right neighbour too; its multiplier is kept beside
    const D *P = Di + (size_t)(mid + 1) * MM;
    multiply(Cm + (size_t)mid * MM, P, Lr);
    subtract(Dm + (size_t)mid * MM, Lr, Am + (size_t)(mid + 1) * MM);
    inverse_block(Dm + (size_t)mid * MM, Di + (size_t)mid * MM);
  }
  for (int q = 0; q < s.lumped; q++)
    if (column[q]) sweep(X[q], X[q]);
}
static void multiply(const D *a, const D *b, D *to) {
  for (int r = 0; r < M; r++)
    for (int q = 0; q < M; q++) {
      D t = a[r * M] * b[q];
      for (int k = 1; k < M; k++) t += a[r * M + k] * b[k * M + q];
      to[r * M + q] = t;
    }
}
static void subtract(D *from, const D *a, const D *b) {
  for (int r = 0; r < M; r++)
    for (int q = 0; q < M; q++) {
      D t = from[r * M + q];
      for (int k = 0; k < M; k++) t -= a[r * M + k] * b[k * M + q];
      from[r * M + q] = t;
    }
}
// node i loses its neighbour `from` (-1: none) on the side `in`; `out` couples it to the other side
void eliminate(int i, int from, const D *in, const D *out) {
  D *Q = Dm + (size_t)i * MM, *P = Di + (size_t)i * MM;
  if (from >= 0) {
    D *L = Lm + (size_t)i * MM;
    multiply(in + (size_t)i * MM, Di + (size_t)from * MM, L);
    subtract(Q, L, out + (size_t)from * MM);
  }
  inverse_block(Q, P);
  multiply(P, out + (size_t)i * MM, Em + (size_t)i * MM);
}
static void inverse_block(const D *Q, D *o) {
  if constexpr (M == 3) {
    const D a = Q[4] * Q[8] - Q[5] * Q[7], b = Q[5] * Q[6] - Q[3] * Q[8], c = Q[3] * Q[7] - Q[4] * Q[6];
    const D r = 1.0 / (Q[0] * a + Q[1] * b + Q[2] * c);
    o[0] = a * r, o[3] = b * r, o[6] = c * r;
    o[1] = (Q[2] * Q[7] - Q[1] * Q[8]) * r, o[4] = (Q[0] * Q[8] - Q[2] * Q[6]) * r,
    o[7] = (Q[1] * Q[6] - Q[0] * Q[7]) * r;
    o[2] = (Q[1] * Q[5] - Q[2] * Q[4]) * r, o[5] = (Q[2] * Q[3] - Q[0] * Q[5]) * r,
    o[8] = (Q[0] * Q[4] - Q[1] * Q[3]) * r;
  } else {
    for (int k = 0; k < MM; k++) o[k] = Q[k];
    for (int k = 0; k < M; k++) {
      const D p = 1.0 / o[k * M + k];
      for (int c = 0; c < M; c++) o[k * M + c] = c == k ? p : o[k * M + c] * p;
      for (int r = 0; r < M; r++)
        if (r != k) {
          const D t = o[r * M + k];
          for (int c = 0; c < M; c++)
            if (c != k) o[r * M + c] -= t * o[k * M + c];
          o[r * M + k] = -t * p;
        }
    }
  }
}
static void reduce(const D *L, D *a, D *before) { // a -= L before; before = a
  D t[M];
  for (int p = 0; p < M; p++) {
    D v = a[p];
    for (int c = 0; c < M; c++) v -= L[p * M + c] * before[c];
    t[p] = v;
  }
  for (int p = 0; p < M; p++) a[p] = before[p] = t[p];
}
static void expand(const D *E, const D *a, D *to, D *next) { // to = a - E next; next = to
  D t[M];
  for (int p = 0; p < M; p++) {
    D v = a[p];
    for (int k = 0; k < M; k++) v -= E[p * M + k] * next[k];
    t[p] = v;
  }
  for (int p = 0; p < M; p++) to[p] = next[p] = t[p];
}
// substitution of x to the middle and back; r is overwritten, r[node][unknown] -> u[node][unknown]
void sweep(D *r, D *u) const {
  const int mid = N / 2, left = mid, right = N - 1 - mid;
  D l[M], q[M];
  for (int p = 0; p < M; p++) l[p] = r[p], q[p] = r[(size_t)(N - 1) * M + p];
  for (int k = 1; k < most(left, right); k++) {
    if (k < left) reduce(Lm + (size_t)k * MM, r + (size_t)k * M, l);
    if (k < right) reduce(Lm + (size_t)(N - 1 - k) * MM, r + (size_t)(N - 1 - k) * M, q);
  }
  if (mid) reduce(Lm + (size_t)mid * MM, r + (size_t)mid * M, l);
  if (right > 0) reduce(Lr, r + (size_t)mid * M, q);
  for (int i = 0; i < N; i++) { // independent of each other: leaves one product a node in the chain below
    const D *P = Di + (size_t)i * MM;
    D *a = r + (size_t)i * M, t[M];
    for (int p = 0; p < M; p++) t[p] = a[p];
    for (int p = 0; p < M; p++) {
      D v = P[p * M] * t[0];
      for (int k = 1; k < M; k++) v += P[p * M + k] * t[k];
      a[p] = v;
    }
  }
  for (int p = 0; p < M; p++) l[p] = q[p] = u[(size_t)mid * M + p] = r[(size_t)mid * M + p];
  for (int k = 1; k <= most(left, right); k++) {
    const size_t a = (size_t)mid - (size_t)k, b = (size_t)mid + (size_t)k; // a is used while k <= left
    if (k <= left) expand(Em + a * MM, r + a * M, u + a * M, l);
    if (k <= right) expand(Em + b * MM, r + b * M, u + b * M, q);
  }
}

// the border: lumped rows and control after everything else is eliminated
void border(const D *y) {
  const int L = s.lumped, n = nj();
  read_probes(y);
  for (int k = 0; k < NE; k++) {
    if (!s.reductions) break;
    if (el[k].shells) run_radial(k, RADIAL, y);
    run_local(k, CONTRIB, y);
  }
  if (s.reductions) reductions(y), functionals();
  run_end(LUMPED_JAC, y);
  if (direct < 0) run_end(OUT_JAC, y);
  for (int a = 0; a < L; a++) {
    const auto at = [&](int c) {
      if (a) return value_of(gt[LUMPED_JAC].out(a * n + c), 0);
      if (direct >= 0) return c == np() ? control[direct] : D{};
      D t{};
      for (int o = 0; o < s.outputs; o++)
        if (const D *q = (const D *)gt[OUT_JAC].out(o * n + c)) t += control[o] * q[0];
      return t;
    };
    for (int c = 0; c < np(); c++) Pz[a][c] = at(c);
    for (int c = 0; c < s.reductions; c++) Rz[a][c] = at(np() + L + c);
    for (int c = 0; c < L; c++) {
      D t = -at(np() + c);
      if (a == c && m.lumped_storage[a]) t += alpha;
      if (column[c])
        for (int p = 0; p < s.probes; p++)
          for (int r = 0; r < M; r++) t -= Pz[a][p * M + r] * X[c][(size_t)in.probe[p] * M + r];
      for (int q = 0; q < s.reductions; q++) t -= Rz[a][q] * redX[q][c];
      Zm[a][c] = t;
    }
  }
  invert_border();
}
// inverse of Zm by Gauss-Jordan elimination; rows are exchanged in each lane for itself
void invert_border() {
  const int L = s.lumped;
  D I[MAX_Z][MAX_Z];
  for (int r = 0; r < L; r++)
    for (int c = 0; c < L; c++) I[r][c] = D{} + (r == c ? 1.0 : 0.0);
  for (int k = 0; k < L; k++) {
    for (int r = k + 1; r < L; r++) {
      const auto larger = most(Zm[r][k], -Zm[r][k]) > most(Zm[k][k], -Zm[k][k]);
      for (int c = 0; c < L; c++) {
        const D a = Zm[k][c], b = Zm[r][c], p = I[k][c], q = I[r][c];
        Zm[k][c] = larger ? b : a, Zm[r][c] = larger ? a : b;
        I[k][c] = larger ? q : p, I[r][c] = larger ? p : q;
      }
    }
    const D pivot = 1.0 / Zm[k][k];
    for (int c = 0; c < L; c++) Zm[k][c] *= pivot, I[k][c] *= pivot;
    for (int r = 0; r < L; r++) {
      if (r == k) continue;
      const D t = Zm[r][k];
      for (int c = 0; c < L; c++) Zm[r][c] -= t * Zm[k][c], I[r][c] -= t * I[k][c];
    }
  }
  memcpy((void *)Zm, I, sizeof I);
}
// reductions as functions of x and z once particles and local states are eliminated
void functionals() {
  const int L = s.lumped, nl = M + K + 2 + L, ns = M + K + L, nc = 2 + L;
  for (int q = 0; q < s.reductions; q++) {
    memset((void *)FY[q], 0, sizeof(D) * (size_t)N * M);
    for (int c = 0; c < L; c++) Fz[q][c] = D{};
    for (int k = 0; k < NE; k++) {
      const Electrode &e = el[k];
      const Bound &B = rt[k][CONTRIB_JAC], &S = rt[k][SOURCE_JAC];
      for (int i = 0; i < e.n; i++) {
        const size_t st = (size_t)e.stride;
        const D *ly = LY[k] + i, *lz = LZ[k] + i;
        D bl[K], out = flux_weight(k, q, i);
        for (int c = 0; c < K; c++)
          bl[c] = value_of(B.out(q * nl + M + c), i) + out * value_of(S.out(M * ns + M + c), i);
        for (int c = 0; c < M; c++) {
          D t = value_of(B.out(q * nl + c), i) + out * value_of(S.out(M * ns + c), i);
          for (int p = 0; p < K; p++) t += bl[p] * ly[(p * M + c) * st];
          FY[q][(size_t)(e.first + i) * M + c] += t;
        }
        for (int c = 0; c < L; c++) {
          D t = value_of(B.out(q * nl + M + K + 2 + c), i) + out * value_of(S.out(M * ns + M + K + c), i);
          for (int p = 0; p < K; p++) t += bl[p] * lz[(p * L + c) * st];
          Fz[q][c] += t;
        }
      }
      if (!e.shells) continue;
      const double *weight = in.radii[e.region], *iv = weight + e.shells - 1;
      for (int c = 0; c < L; c++) {
        if (!radial_z[c]) continue;
        const D *hz = (const D *)rt[k][RADIAL_JAC].out((1 + q) * nc + 2 + c),
                *fz = (const D *)rt[k][RADIAL_JAC].out(2 + c);
        for (int j = 0; j < e.shells - 1; j++)
          for (int i = 0; i < e.n; i++) {
            const size_t o = (size_t)j * e.stride + i;
            if (hz) Fz[q][c] += weight[j] * hz[o];
            if (fz)
              Fz[q][c] += weight[j] * fz[o] * (iv[j] * lam[k][q][o] - iv[j + 1] * lam[k][q][o + e.stride]);
          }
      }
    }
    for (int c = 0; c < L; c++) {
      D t = Fz[q][c];
      if (column[c])
        for (int i = 0; i < N * M; i++) t += FY[q][i] * X[c][i];
      redX[q][c] = t;
    }
  }
}
// weight of the outward particle flux of node i in reduction q
D flux_weight(int k, int q, int i) const {
  const Electrode &e = el[k];
  if (!e.shells) return D{};
  return -in.radii[e.region][2 * e.shells - 2] * lam[k][q][(size_t)(e.shells - 1) * e.stride + i];
}

void solve(const D *R, D *u) {
  for (int r = 0; r < M; r++) {
    const D *q = x(R, r);
    for (int i = 0; i < N; i++) ry[(size_t)i * M + r] = q[i];
  }
  D red0[MAX_REDUCTIONS] = {};
  for (int k = 0; k < NE; k++) {
    const Electrode &e = el[k];
    if (modal[k].on)
      response_of_stage(k);
    else {
      if (e.shells) forward_particles(k, R);
      surface_response(k);
    }
    const size_t st = (size_t)e.stride;
    const D *l = R + e.local, *gs = GS[k], *ai = Ai[k];
    for (int q = 0; q < K; q++) {
      D *to = la[k] + q * st;
      for (int i = 0; i < e.n; i++) {
        D t = ai[q * K * st + i] * (l[i] + gs[i] * ws[i]);
        for (int c = 1; c < K; c++) t += ai[(q * K + c) * st + i] * (l[c * st + i] + gs[c * st + i] * ws[i]);
        to[i] = t;
      }
    }
    for (int q = 0; q < M; q++)
      for (int i = 0; i < e.n; i++) {
        D t{};
        for (int c = 0; c < K; c++) t += SL[k][(q * K + c) * st + i] * la[k][c * st + i];
        ry[(size_t)(e.first + i) * M + q] += t;
      }
    for (int q = 0; q < s.reductions; q++) red0[q] += reduction_part(k, q, R);
  }
  for (int r = 0; r < s.regions; r++)
    for (int c = 0; c < M; c++)
      if (m.region[r].absent >> c & 1)
        for (int i = first[r]; i < first[r + 1]; i++) ry[(size_t)i * M + c] = D{};
  sweep(ry, ry);
  solve_border(R, u, red0);
  for (int r = 0; r < M; r++) {
    D *to = x(u, r);
    for (int i = 0; i < N; i++) to[i] = ry[(size_t)i * M + r];
  }
  for (int k = 0; k < NE; k++) back_locals(k, R, u);
}
void solve_border(const D *R, D *u, const D *red0) {
  const int L = s.lumped;
  D v[MAX_Z];
  for (int a = 0; a < L; a++) {
    D t = z(R)[a];
    for (int p = 0; p < s.probes; p++)
      for (int r = 0; r < M; r++) t += Pz[a][p * M + r] * ry[(size_t)in.probe[p] * M + r];
    for (int q = 0; q < s.reductions; q++) {
      D w = red0[q];
      for (int i = 0; i < N * M; i++) w += FY[q][i] * ry[i];
      t += Rz[a][q] * w;
    }
    v[a] = t;
  }
  for (int c = 0; c < L; c++) {
    D t{};
    for (int a = 0; a < L; a++) t += Zm[c][a] * v[a];
    z(u)[c] = t;
  }
  for (int c = 0; c < L; c++) {
    if (column[c])
      for (int i = 0; i < N * M; i++) ry[i] += X[c][i] * z(u)[c];
  }
}
// surface concentration that the forward sweep leaves: ws
void surface_response(int k) {
  const Electrode &e = el[k];
  if (!e.shells) {
    for (int i = 0; i < e.n; i++) ws[i] = D{};
    return;
  }
  const double *read = in.radii[e.region] + 2 * e.shells - 1;
  const size_t o = (size_t)(e.shells - 1) * e.stride, p = o - e.stride;
  const D *w = pw[k], *inverse = pi_[k], *upper = pu[k];
  for (int i = 0; i < e.n; i++) {
    const D last = w[o + i] * inverse[o + i];
    ws[i] = read[0] * last + read[1] * (w[p + i] - upper[p + i] * last) * inverse[p + i];
  }
}
void forward_particles(int k, const D *R) {
  const Electrode &e = el[k];
  D *__restrict w = pw[k];
  const D *__restrict lower = pm[k], *__restrict r = R + e.c;
  for (int i = 0; i < e.n; i++) w[i] = r[i];
  for (int j = 1; j < e.shells; j++) {
    const size_t o = (size_t)j * e.stride, p = o - e.stride;
    for (int i = 0; i < e.n; i++) w[o + i] = r[o + i] - lower[o + i] * w[p + i];
  }
}
// part of reduction q that does not depend on x and z: local states and particles driven by R alone
D reduction_part(int k, int q, const D *R) const {
  const Electrode &e = el[k];
  const int nl = M + K + 2 + s.lumped, ns = M + K + s.lumped;
  D sum{};
  for (int i = 0; i < e.n; i++)
    for (int c = 0; c < K; c++)
      sum += (value_of(rt[k][CONTRIB_JAC].out(q * nl + M + c), i) +
              flux_weight(k, q, i) * value_of(rt[k][SOURCE_JAC].out(M * ns + M + c), i)) *
             la[k][(size_t)c * e.stride + i];
  for (int j = 0; j < e.shells; j++)
    for (int i = 0; i < e.n; i++)
      sum += lam[k][q][(size_t)j * e.stride + i] * R[e.c + (size_t)j * e.stride + i];
  return sum;
}
void back_locals(int k, const D *R, D *u) {
  const Electrode &e = el[k];
  const int L = s.lumped, ns = M + K + L;
  const Bound &S = rt[k][SOURCE_JAC];
  const size_t o = e.shells ? (size_t)(e.shells - 1) * e.stride : 0;
  bool flux_of_x = false;
  for (int c = 0; c < ns; c++) flux_of_x = flux_of_x || ((c < M || c >= M + K) && S.out(M * ns + c));
  const size_t st = (size_t)e.stride;
  D *out = ws;
  for (int i = 0; i < e.n; i++) out[i] = D{};
  for (int r = 0; r < K; r++) {
    D *to = u + e.local + r * st;
    const D *ly = LY[k] + r * M * st, *pl = PL[k] + r * st, *l = la[k] + r * st;
    for (int i = 0; i < e.n; i++) {
      D t = l[i];
      for (int c = 0; c < M; c++) t += ly[c * st + i] * x(u, c)[e.first + i];
      to[i] = t;
    }
    for (int c = 0; c < L; c++)
      if (column[c])
        for (int i = 0; i < e.n; i++) to[i] += LZ[k][(r * L + c) * st + i] * z(u)[c];
    for (int i = 0; i < e.n; i++) out[i] += pl[i] * to[i];
  }
  if (flux_of_x)
    for (int i = 0; i < e.n; i++) {
      for (int c = 0; c < M; c++) out[i] += value_of(S.out(M * ns + c), i) * x(u, c)[e.first + i];
      for (int c = 0; c < L; c++) out[i] += value_of(S.out(M * ns + M + K + c), i) * z(u)[c];
    }
  if (modal[k].on) return flux_of_stage(k, out);
  if (e.shells)
    for (int i = 0; i < e.n; i++) pw[k][o + i] -= in.radii[e.region][2 * e.shells - 2] * out[i];
  if (!e.shells) return;
  for (int c = 0; c < L; c++)
    if (radial_z[c])
      for (size_t j = 0; j < (size_t)e.shells * e.stride; j++) pw[k][j] += qz[k][c][j] * z(u)[c];
  D *__restrict to = u + e.c;
  const D *__restrict inverse = pi_[k], *__restrict upper = pu[k], *__restrict w = pw[k];
  for (int i = 0; i < e.n; i++) to[o + i] = w[o + i] * inverse[o + i];
  for (int j = e.shells - 2; j >= 0; j--) {
    const size_t a = (size_t)j * e.stride, b = a + e.stride;
    for (int i = 0; i < e.n; i++) to[a + i] = (w[a + i] - upper[a + i] * to[b + i]) * inverse[a + i];
  }
  (void)R;
}
