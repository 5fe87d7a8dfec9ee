// Members of Adjoint: v of (a M - dF/dy)^T v = r, with the factors that System::factor has left. Each line of
// System::solve in reverse, transposed. Sizes and names are those of linear.h.

void solve_transposed(const double *r, double *v) {
  const int L = s.lumped, ns = M + K + L;
  double *ry = xbar, zb[MAX_Z], red[MAX_REDUCTIONS] = {};
  for (int a = 0; a < L; a++) zb[a] = sys.z(r)[a];
  clear(v);
  for (int q = 0; q < M; q++) memcpy(sys.x(v, q), sys.x(r, q), sizeof(double) * (size_t)N);
  for (int k = 0; k < sys.NE; k++) {
    const Electrode &e = sys.el[k];
    const Bound &B = sys.rt[k][SOURCE_JAC];
    const size_t st = (size_t)e.stride;
    double *flux = outward; // cotangent of the outward flux
    for (int i = 0; i < e.n; i++) flux[i] = 0;
    if (sys.modal[k].on)
      flux_back(k, flux);
    else if (e.shells)
      particles_back(k, r, zb, flux);
    for (int c = 0; c < M; c++)
      if (const double *q = B.out(M * ns + c))
        for (int i = 0; i < e.n; i++) sys.x(v, c)[e.first + i] += q[i] * flux[i];
    for (int c = 0; c < L; c++)
      if (const double *q = B.out(M * ns + M + K + c)) zb[c] += dot(q, flux, e.n);
    for (int p = 0; p < K; p++) {
      double *l = lbar[k] + p * st;
      const double *given = r + e.local + p * st, *pl = sys.PL[k] + p * st, *ly = sys.LY[k] + p * M * st;
      for (int i = 0; i < e.n; i++) l[i] = given[i] + pl[i] * flux[i];
      for (int c = 0; c < M; c++)
        for (int i = 0; i < e.n; i++) sys.x(v, c)[e.first + i] += ly[c * st + i] * l[i];
      for (int c = 0; c < L; c++)
        if (sys.column[c]) zb[c] += dot(sys.LZ[k] + (p * L + c) * st, l, e.n);
    }
  }
  for (int q = 0; q < M; q++)
    for (int i = 0; i < N; i++) ry[(size_t)i * M + q] = sys.x(v, q)[i];
  for (int c = 0; c < L; c++)
    if (sys.column[c]) zb[c] += dot(sys.X[c], ry, N * M);
  for (int a = 0; a < L; a++) {
    double t = 0;
    for (int c = 0; c < L; c++) t += sys.Zm[c][a] * zb[c];
    sys.z(v)[a] = t;
    for (int p = 0; p < s.probes; p++)
      for (int q = 0; q < M; q++) ry[(size_t)sys.in.probe[p] * M + q] += sys.Pz[a][p * M + q] * t;
    for (int q = 0; q < s.reductions; q++) red[q] += sys.Rz[a][q] * t;
  }
  for (int q = 0; q < s.reductions; q++)
    for (int i = 0; i < N * M; i++) ry[i] += sys.FY[q][i] * red[q];
  sweep_transposed(ry);
  for (int q = 0; q < M; q++)
    for (int i = 0; i < N; i++) sys.x(v, q)[i] = ry[(size_t)i * M + q];
  mask_absent(v);
  for (int k = 0; k < sys.NE; k++) locals_back(k, red, v);
}
void mask_absent(double *v) const {
  for (int r = 0; r < s.regions; r++)
    for (int u = 0; u < M; u++)
      if (sys.m.region[r].absent >> u & 1)
        for (int i = sys.first[r]; i < sys.first[r + 1]; i++) sys.x(v, u)[i] = 0;
}
// substitution of the particles from the surface inwards, transposed: cbar, cotangents of the outward flux
// and of lumped states
void particles_back(int k, const double *r, double *zb, double *flux) {
  const Electrode &e = sys.el[k];
  const double *inverse = sys.pi_[k], *upper = sys.pu[k], iv = sys.in.radii[e.region][2 * e.shells - 2];
  double *w = cbar[k];
  for (int i = 0; i < e.n; i++) w[i] = r[e.c + i] * inverse[i];
  for (int j = 1; j < e.shells; j++) {
    const size_t o = (size_t)j * e.stride, p = o - e.stride;
    for (int i = 0; i < e.n; i++) w[o + i] = (r[e.c + o + i] - upper[p + i] * w[p + i]) * inverse[o + i];
  }
  const size_t o = (size_t)(e.shells - 1) * e.stride;
  for (int i = 0; i < e.n; i++) flux[i] = -iv * w[o + i];
  for (int c = 0; c < s.lumped; c++)
    if (sys.radial_z[c]) zb[c] += dot(sys.qz[k][c], w, (int)(e.shells * e.stride));
}
// elimination of local states and particles, transposed
void locals_back(int k, const double *red, double *v) {
  const Electrode &e = sys.el[k];
  const int L = s.lumped, nl = M + K + 2 + L, ns = M + K + L;
  const size_t st = (size_t)e.stride;
  double *ws = outward;
  for (int i = 0; i < e.n; i++) ws[i] = 0;
  for (int p = 0; p < K; p++) {
    double *l = lbar[k] + p * st;
    for (int q = 0; q < M; q++)
      for (int i = 0; i < e.n; i++) l[i] += sys.SL[k][(q * K + p) * st + i] * sys.x(v, q)[e.first + i];
    for (int q = 0; q < s.reductions; q++) {
      const double *b = sys.rt[k][CONTRIB_JAC].out(q * nl + M + p),
                   *f = sys.rt[k][SOURCE_JAC].out(M * ns + M + p);
      for (int i = 0; i < e.n; i++)
        l[i] += red[q] * ((b ? b[i] : 0) + (f ? sys.flux_weight(k, q, i) * f[i] : 0));
    }
  }
  for (int c = 0; c < K; c++) {
    double *to = v + e.local + c * st;
    const double *gs = sys.GS[k] + c * st;
    for (int i = 0; i < e.n; i++) {
      double t = 0;
      for (int p = 0; p < K; p++) t += sys.Ai[k][(p * K + c) * st + i] * lbar[k][p * st + i];
      to[i] = t, ws[i] += gs[i] * t;
    }
  }
  if (sys.modal[k].on)
    response_back(k, ws);
  else if (e.shells)
    particles_in(k, red, ws, v + e.c);
}
void particles_in(int k, const double *red, const double *ws, double *to) {
  const Electrode &e = sys.el[k];
  const double *read = sys.in.radii[e.region] + 2 * e.shells - 1;
  const size_t o = (size_t)(e.shells - 1) * e.stride, p = o - e.stride;
  const double *inverse = sys.pi_[k], *upper = sys.pu[k], *lower = sys.pm[k];
  double *w = cbar[k];
  for (int i = 0; i < e.n; i++) {
    w[o + i] += inverse[o + i] * (read[0] - read[1] * upper[p + i] * inverse[p + i]) * ws[i];
    w[p + i] += read[1] * inverse[p + i] * ws[i];
  }
  for (int j = e.shells - 1; j > 0; j--) {
    const size_t a = (size_t)j * e.stride, b = a - e.stride;
    for (int i = 0; i < e.n; i++) w[b + i] -= lower[a + i] * w[a + i];
  }
  for (size_t j = 0; j < (size_t)e.shells * e.stride; j++) to[j] = w[j];
  for (int q = 0; q < s.reductions; q++)
    for (size_t j = 0; j < (size_t)e.shells * e.stride; j++) to[j] += sys.lam[k][q][j] * red[q];
}
static void subtract_transposed(const double *E, const double *a, double *from) { // from -= E^T a
  for (int c = 0; c < M; c++) {
    double t = from[c];
    for (int p = 0; p < M; p++) t -= E[p * M + c] * a[p];
    from[c] = t;
  }
}
// from both ends to the middle, then back: the order of System::sweep turned round
void sweep_transposed(double *r) const {
  const int mid = N / 2, left = mid, right = N - 1 - mid;
  for (int k = most(left, right); k > 0; k--) {
    const size_t a = (size_t)mid - (size_t)k, b = (size_t)mid + (size_t)k;
    if (k <= left) subtract_transposed(sys.Em + a * MM, r + a * M, r + (a + 1) * M);
    if (k <= right) subtract_transposed(sys.Em + b * MM, r + b * M, r + (b - 1) * M);
  }
  for (int i = 0; i < N; i++) {
    const double *P = sys.Di + (size_t)i * MM;
    double t[M] = {}, *a = r + (size_t)i * M;
    for (int p = 0; p < M; p++)
      for (int c = 0; c < M; c++) t[c] += P[p * M + c] * a[p];
    for (int c = 0; c < M; c++) a[c] = t[c];
  }
  double *at = r + (size_t)mid * M;
  if (right > 0) subtract_transposed(sys.Lr, at, at + M);
  if (mid) subtract_transposed(sys.Lm + (size_t)mid * MM, at, at - M);
  for (int k = most(left, right) - 1; k > 0; k--) {
    double *a = r + (size_t)k * M, *b = r + (size_t)(N - 1 - k) * M;
    if (k < left) subtract_transposed(sys.Lm + (size_t)k * MM, a, a - M);
    if (k < right) subtract_transposed(sys.Lm + (size_t)(N - 1 - k) * MM, b, b + M);
  }
}
