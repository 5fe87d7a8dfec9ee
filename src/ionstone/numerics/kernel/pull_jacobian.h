// Members of Adjoint: Yb += gradient of sum over stages of v^T J(y) u, and the same of the data. Right after
// factor(y): the tapes of derivatives hold their inputs and values at y.

void pull_jacobian(const double *y) {
  shared_inputs(y);
  border_terms(y);
  if (spread_reductions())
    for (int k = 0; k < sys.NE; k++) {
      local_inputs(k, CONTRIB, y), pull_local(k, CONTRIB);
      if (sys.el[k].shells) radial_inputs(k, y), pull_radial(k, RADIAL);
    }
  for (int k = 0; k < sys.NE; k++) electrode_terms(k, y);
  face_terms();
  gather();
}
// to[i] = sum over stages of a[stage][i] b[stage][i]
static void products(double *to, const double *const *a, const double *const *b, int n) {
  if (!to) return;
  for (int i = 0; i < n; i++)
    to[i] += a[0][i] * b[0][i] + a[1][i] * b[1][i] + a[2][i] * b[2][i] + a[3][i] * b[3][i] +
             a[4][i] * b[4][i] + a[5][i] * b[5][i];
}
static void products(double *to, const double *const *a, const double *b, int n) {
  if (!to) return;
  for (int i = 0; i < n; i++)
    to[i] +=
        a[0][i] * b[0] + a[1][i] * b[1] + a[2][i] * b[2] + a[3][i] * b[3] + a[4][i] * b[4] + a[5][i] * b[5];
}
// the same for a column of the Jacobian at nodes of x from `first`, or at a lumped state
void column_x(double *to, const double *const *a, int c, int first_node, int n) const {
  const double *b[6];
  for (int t = 0; t < 6; t++) b[t] = sys.x((const double *)st.u[t], c) + first_node;
  products(to, a, b, n);
}
void column_z(double *to, const double *const *a, int c, int n) const {
  double b[6];
  for (int t = 0; t < 6; t++) b[t] = sys.z((const double *)st.u[t])[c];
  products(to, a, b, n);
}
void column_at(double *to, const double *const *a, size_t offset, int n) const {
  const double *b[6];
  for (int t = 0; t < 6; t++) b[t] = st.u[t] + offset;
  products(to, a, b, n);
}

// lumped rows and the control row; change of the sums over nodes along each stage
void border_terms(const double *y) {
  const int L = s.lumped, n = sys.nj(), np = sys.np();
  for (int t = 0; t < 6; t++) {
    const double *u = st.u[t], *v = V[t];
    double along[MAX_PROBES * MAX_M + MAX_Z + MAX_REDUCTIONS];
    for (int p = 0; p < s.probes; p++)
      for (int r = 0; r < M; r++) along[p * M + r] = sys.x(u, r)[sys.in.probe[p]];
    for (int c = 0; c < L; c++) along[np + c] = sys.z(u)[c];
    for (int q = 0; q < s.reductions; q++) {
      along[np + L + q] = reduction_along(q, u);
      red_along[t][q] = 0;
      for (int a = 0; a < L; a++) red_along[t][q] += sys.z(v)[a] * sys.Rz[a][q];
    }
    for (int c = 0; c < n; c++) {
      for (int a = 1; a < L; a++) add_to(gp[LUMPED_JAC].out_bar[a * n + c], sys.z(v)[a] * along[c]);
      for (int o = 0; sys.direct < 0 && o < s.outputs; o++)
        add_to(gp[OUT_JAC].out_bar[o * n + c], sys.control[o] * sys.z(v)[0] * along[c]);
    }
  }
  pull_end(LUMPED_JAC, y);
  if (sys.direct < 0) pull_end(OUT_JAC, y);
}
double reduction_along(int q, const double *u) {
  const int L = s.lumped, nl = M + K + 2 + L, nc = 2 + L;
  double sum = 0;
  for (int k = 0; k < sys.NE; k++) {
    const Electrode &e = sys.el[k];
    const Bound &B = sys.rt[k][CONTRIB_JAC];
    const auto part = [&](int c, const double *along, bool one) {
      if (const double *j = B.out(q * nl + c))
        for (int i = 0; i < e.n; i++) sum += j[i] * along[one ? 0 : i];
    };
    for (int c = 0; c < M; c++) part(c, sys.x(u, c) + e.first, false);
    for (int c = 0; c < K; c++) part(M + c, u + e.local + (size_t)c * e.stride, false);
    for (int c = 0; c < L; c++) part(M + K + 2 + c, sys.z(u) + c, true);
    if (e.shells < 2) continue;
    sys.surface(k, u, outward);
    part(M + K, outward, false), part(M + K + 1, u + e.c + (size_t)(e.shells - 1) * e.stride, false);
    for (int c = 0; c < nc; c++)
      if (const double *h = sys.rt[k][RADIAL_JAC].out((1 + q) * nc + c))
        for (int j = 0; j < e.shells - 1; j++)
          for (int i = 0; i < e.n; i++) {
            const size_t o = (size_t)j * e.stride + i;
            sum += sys.in.radii[e.region][j] * h[o] * (c < 2 ? u[e.c + o + c * e.stride] : sys.z(u)[c - 2]);
          }
  }
  return sum;
}

void electrode_terms(int k, const double *y) {
  const Electrode &e = sys.el[k];
  const int L = s.lumped, ng = M + K + 1 + L, ns = M + K + L, nl = M + K + 2 + L, nc = 2 + L;
  const double *v[6], *w[6], *surface[6];
  (void)y;
  for (int t = 0; t < 6; t++) {
    double *flux = stage_row(t), *read = stage_row(6 + t);
    w[t] = flux, surface[t] = read;
    if (sys.modal[k].on) {
      w[t] = modes[k].outward[t], surface[t] = sys.modal[k].response[t];
      continue;
    }
    memset(flux, 0, sizeof(double) * (size_t)e.n);
    if (e.shells) outward_of(k, V[t], flux);
    sys.surface(k, st.u[t], read);
  }
  const auto columns = [&](Pullback &p, int at, const double *const *a, bool with_surface, bool with_outer) {
    for (int c = 0; c < M; c++) column_x(p.out_bar[at++], a, c, e.first, e.n);
    for (int c = 0; c < K; c++) column_at(p.out_bar[at++], a, e.local + (size_t)c * e.stride, e.n);
    if (with_surface && !e.shells) at += with_outer ? 2 : 1;
    if (with_surface && e.shells) {
      products(p.out_bar[at++], a, surface, e.n);
      if (with_outer) column_at(p.out_bar[at++], a, e.c + (size_t)(e.shells - 1) * e.stride, e.n);
    }
    for (int c = 0; c < L; c++) column_z(p.out_bar[at++], a, c, e.n);
  };
  for (int r = 0; r < K; r++) {
    for (int t = 0; t < 6; t++) v[t] = V[t] + e.local + (size_t)r * e.stride;
    columns(rp[k][LOCAL_JAC], r * ng, v, true, false);
  }
  pull_local(k, LOCAL_JAC);
  for (int r = 0; r <= M; r++) {
    for (int t = 0; t < 6; t++) v[t] = r < M ? sys.x((const double *)V[t], r) + e.first : w[t];
    if (r < M || e.shells) columns(rp[k][SOURCE_JAC], r * ns, v, false, false);
  }
  pull_local(k, SOURCE_JAC);
  for (int q = 0; q < s.reductions; q++) {
    for (int t = 0; t < 6; t++) {
      double *same = stage_row(12 + t);
      for (int i = 0; i < e.n; i++) same[i] = red_along[t][q];
      v[t] = same;
    }
    columns(rp[k][CONTRIB_JAC], q * nl, v, true, true);
  }
  if (s.reductions) pull_local(k, CONTRIB_JAC);
  if (!e.shells || sys.modal[k].on) return;
  const int n = (int)((e.shells - 1) * e.stride);
  for (int row = 0; row <= s.reductions; row++) {
    for (int t = 0; t < 6; t++) {
      double *to = radial_row(t);
      memset(to, 0, sizeof(double) * (size_t)n);
      if (row == 0)
        flux_of(k, V[t], to);
      else
        for (int j = 0; j < e.shells - 1; j++)
          for (int i = 0; i < e.n; i++)
            to[(size_t)j * e.stride + i] = sys.in.radii[e.region][j] * red_along[t][row - 1];
      v[t] = to;
    }
    for (int c = 0; c < 2; c++)
      column_at(rp[k][RADIAL_JAC].out_bar[row * nc + c], v, e.c + (size_t)c * e.stride, n);
    for (int c = 0; c < L; c++) column_z(rp[k][RADIAL_JAC].out_bar[row * nc + 2 + c], v, c, n);
  }
  sys.spread_radial(k, y);
  pull_radial(k, RADIAL_JAC);
}

void face_terms() {
  const int L = s.lumped, wide = 2 * M + L;
  Pullback &F = gp[FACE_JAC];
  for (int r = 0; r < M; r++) {
    const double *gap[6];
    for (int t = 0; t < 6; t++) {
      double *to = stage_row(t);
      memset(to, 0, sizeof(double) * (size_t)N);
      gap_of(V[t], r, to), gap[t] = to;
    }
    for (int c = 0; c < M; c++) {
      column_x(F.out_bar[r * wide + c], gap, c, 0, N - 1);
      column_x(F.out_bar[r * wide + M + c], gap, c, 1, N - 1);
    }
    for (int c = 0; c < L; c++) column_z(F.out_bar[r * wide + 2 * M + c], gap, c, N - 1);
    for (int t = 0; t < 6; t++) width_terms(r, t);
    for (int side = 0; side < 2; side++) {
      Pullback &E = gp[side ? EDGE_R_JAC : EDGE_L_JAC];
      const int i = side ? N - 1 : 0;
      const double *at[6];
      double weight[6];
      for (int t = 0; t < 6; t++) {
        weight[t] = (side ? -1 : 1) * sys.x((const double *)V[t], r)[i] * sys.idx[i];
        at[t] = weight + t;
      }
      for (int c = 0; c < M; c++) column_x(E.out_bar[r * (M + L) + c], at, c, i, 1);
      for (int c = 0; c < L; c++) column_z(E.out_bar[r * (M + L) + M + c], at, c, 1);
    }
  }
  F.pull(sys.table[0], table_bar[0], 0, N - 1);
  pull_edge(EDGE_L_JAC, false), pull_edge(EDGE_R_JAC, true);
  Pullback &P = gp[PROPS_JAC];
  for (int q = 0; q < s.props + s.jacobian_props; q++) {
    double *b = q < s.props ? props_bar + (size_t)q * sys.XS : slopes_bar + (size_t)(q - s.props) * sys.XS;
    if (double *to = P.out_bar[q < s.props ? q : s.props + sys.m.jacobian_prop[q - s.props]])
      for (int i = 0; i < N; i++) to[i] += b[i];
    memset(b, 0, sizeof(double) * (size_t)N);
  }
  pull_props(PROPS_JAC);
}
// cotangent of 1/dx: v times the change of the fluxes of row r along a stage
void width_terms(int r, int t) {
  const int L = s.lumped, wide = 2 * M + L;
  const double *u = st.u[t], *v = sys.x((const double *)V[t], r);
  double *change = stage_row(6);
  memset(change, 0, sizeof(double) * (size_t)N);
  for (int c = 0; c < wide; c++)
    if (const double *j = sys.gt[FACE_JAC].out(r * wide + c)) {
      if (c < 2 * M) {
        const double *a = sys.x(u, c % M) + c / M;
        for (int i = 0; i < N - 1; i++) change[i] += j[i] * a[i];
      } else
        for (int i = 0; i < N - 1; i++) change[i] += j[i] * sys.z(u)[c - 2 * M];
    }
  width_back(v, change);
  for (int side = 0; side < 2; side++) {
    const Bound &b = sys.gt[side ? EDGE_R_JAC : EDGE_L_JAC];
    const int i = side ? N - 1 : 0;
    double t_ = 0;
    for (int c = 0; c < M + L; c++)
      if (const double *q = b.out(r * (M + L) + c)) t_ += q[0] * (c < M ? sys.x(u, c)[i] : sys.z(u)[c - M]);
    idx_bar[i] += (side ? -v[i] : v[i]) * t_;
  }
}
