// Members of Adjoint: particles in the modes of their radial grid (modal.h), in reverse. A stage gives its
// flux and its surface value to later stages and to the end of the step; their cotangents come back here, and
// those of P and Q, functions of h rate lambda, become the cotangent of the rate.

struct ModalBars {
  double *flux[6], *response[6], *outward[6], *known[6], *start; // [node]; known: of surface values of stages
  double *P[6], *Q[6][6];                                        // [mode]
  double feedback[6][6], rate;
};
ModalBars modes[MAX_REGIONS];

void allocate_modes() {
  for (int k = 0; k < sys.NE; k++) {
    ModalBars &b = modes[k];
    sys.modal[k].on = log.modal[k], sys.modal[k].rate = log.rate[k];
    if (!log.modal[k]) continue;
    const size_t nodes = (size_t)sys.el[k].stride, count = (size_t)sys.el[k].shells + 2 * WIDTH;
    for (int i = 0; i < 6; i++) {
      b.flux[i] = sys.arena.doubles(nodes), b.response[i] = sys.arena.doubles(nodes);
      b.outward[i] = sys.arena.doubles(nodes), b.known[i] = sys.arena.doubles(nodes);
      b.P[i] = sys.arena.doubles(count);
      for (int j = 0; j <= i; j++) b.Q[i][j] = sys.arena.doubles(count);
    }
    b.start = sys.arena.doubles(nodes), b.rate = 0;
  }
}
void clear_modes() {
  for (int k = 0; k < sys.NE; k++) {
    if (!sys.modal[k].on) continue;
    ModalBars &b = modes[k];
    const size_t nodes = sizeof(double) * (size_t)sys.el[k].stride,
                 count = sizeof(double) * ((size_t)sys.el[k].shells + 2 * WIDTH);
    for (int i = 0; i < 6; i++) {
      memset(b.flux[i], 0, nodes), memset(b.response[i], 0, nodes), memset(b.P[i], 0, count);
      for (int j = 0; j <= i; j++) memset(b.Q[i][j], 0, count);
    }
    memset(b.start, 0, nodes);
    memset(b.feedback, 0, sizeof b.feedback);
  }
}
// cotangent v of the sum of weight[i] u_i of the amplitudes, to those of y, fluxes, P and Q
void pull_amplitudes(int k, const double (&weight)[6], const double *v, double h, double *y_bar) {
  const Electrode &e = sys.el[k];
  const Modal<double> &a = sys.modal[k];
  ModalBars &b = modes[k];
  for (int m = 0; m < e.shells; m++) {
    const double *c = st.y + e.c + (size_t)m * e.stride, *given = v + e.c + (size_t)m * e.stride;
    double *to = y_bar + e.c + (size_t)m * e.stride, of_state = 0, of_flux[6] = {}, with[7] = {};
    for (int i = 0; i < 6; i++) {
      of_state += weight[i] * a.of_state[i][m];
      for (int j = 0; j <= i; j++) of_flux[j] += weight[i] * a.of_flux[i][j][m];
    }
    for (int i = 0; i < e.n; i++) to[i] += of_state * given[i];
    with[6] = dot(c, given, e.n);
    for (int j = 0; j < 6; j++) {
      double *bar = b.flux[j];
      for (int i = 0; i < e.n; i++) bar[i] += of_flux[j] * given[i];
      with[j] = dot(a.flux[j], given, e.n);
    }
    const double gh = -h * a.g[m];
    for (int i = 0; i < 6; i++) {
      b.P[i][m] += weight[i] * with[6];
      for (int j = 0; j <= i; j++) b.Q[i][j][m] += gh * weight[i] * with[j];
    }
  }
}
// before the system of a stage is solved backwards: `to` is the cotangent of the change of the flux
void flux_back(int k, double *to) const {
  if (sys.stage < 0) return;
  const double *flux = modes[k].flux[sys.stage], *response = modes[k].response[sys.stage];
  for (int i = 0; i < sys.el[k].n; i++) to[i] = flux[i] + sys.modal[k].feedback[0][0] * response[i];
}
// after it: ws is the cotangent of the surface value in that system
void response_back(int k, const double *ws) {
  if (sys.stage < 0) return;
  const Modal<double> &a = sys.modal[k];
  ModalBars &b = modes[k];
  const int now = sys.stage, n = sys.el[k].n;
  double *known = b.known[now];
  for (int i = 0; i < n; i++) {
    known[i] = b.response[now][i] + ws[i];
    b.outward[now][i] = b.flux[now][i] + a.feedback[0][0] * known[i];
  }
  for (int j = 0; j <= now; j++) {
    b.feedback[now][j] += dot(known, a.flux[j], n);
    if (j == now) break;
    for (int i = 0; i < n; i++) b.flux[j][i] += a.feedback[now][j] * known[i];
  }
}
// cotangent of the surface values at which a tape was read
void surface_back(int k, double *q) {
  const Electrode &e = sys.el[k];
  ModalBars &b = modes[k];
  if (sys.stage < 0)
    for (int m = 0; m < e.shells; m++) {
      double *to = Yb + e.c + (size_t)m * e.stride;
      for (int i = 0; i < e.n; i++) to[i] += sys.modal[k].w[m] * q[i];
    }
  else {
    for (int i = 0; i < e.n; i++) b.start[i] += q[i];
    for (int j = 0; j < sys.stage; j++)
      for (int i = 0; i < e.n; i++) b.response[j][i] += rodas::A[sys.stage][j] * q[i];
  }
  memset(q, 0, sizeof(double) * (size_t)e.n);
}
// all stages are done: what the state alone decided of them, and the rate
void finish_modes(int k, double h, double *y_bar) {
  const Electrode &e = sys.el[k];
  const Modal<double> &a = sys.modal[k];
  ModalBars &b = modes[k];
  const double *q0 = b.known[0], *q1 = b.known[1], *q2 = b.known[2], *q3 = b.known[3], *q4 = b.known[4],
               *q5 = b.known[5];
  for (int m = 0; m < e.shells; m++) {
    const double *c = st.y + e.c + (size_t)m * e.stride;
    double *to = y_bar + e.c + (size_t)m * e.stride;
    const double w = a.w[m], r0 = a.read[0][m], r1 = a.read[1][m], r2 = a.read[2][m], r3 = a.read[3][m],
                 r4 = a.read[4][m], r5 = a.read[5][m], gh = -h * a.g[m] * w;
    for (int i = 0; i < e.n; i++)
      to[i] += w * b.start[i] + r0 * q0[i] + r1 * q1[i] + r2 * q2[i] + r3 * q3[i] + r4 * q4[i] + r5 * q5[i];
    for (int s_ = 0; s_ < 6; s_++) {
      b.P[s_][m] += w * dot(b.known[s_], c, e.n);
      for (int j = 0; j <= s_; j++) b.Q[s_][j][m] += gh * b.feedback[s_][j];
    }
  }
  pull_rate(k, h);
}
// P and Q of System::factor_modes with their derivatives to x = h rate lambda
void pull_rate(int k, double h) {
  using rodas::A, rodas::C, rodas::GAMMA;
  const Modal<double> &a = sys.modal[k];
  ModalBars &b = modes[k];
  Vec sum{};
  for (int m = 0; m < sys.el[k].shells; m += WIDTH) {
    const Vec lambda = load(a.lambda + m, 0), x = h * a.rate * lambda, r = GAMMA / (1.0 - GAMMA * x),
              dr = r * r;
    Vec P[6], dP[6], Q[6][6], dQ[6][6], c[6], x_bar{};
    for (int i = 0; i < 6; i++) {
      Vec t = x, dt = Vec{} + 1.0;
      for (int j = 0; j < i; j++)
        c[j] = A[i][j] * x + C[i][j], t += c[j] * P[j], dt += A[i][j] * P[j] + c[j] * dP[j];
      P[i] = r * t, dP[i] = dr * t + r * dt;
      x_bar += load(b.P[i] + m, 0) * dP[i];
      Q[i][i] = r, dQ[i][i] = dr;
      for (int j = 0; j < i; j++) {
        Vec q{}, dq{};
        for (int l = j; l < i; l++) q += c[l] * Q[l][j], dq += A[i][l] * Q[l][j] + c[l] * dQ[l][j];
        Q[i][j] = r * q, dQ[i][j] = dr * q + r * dq;
      }
      for (int j = 0; j <= i; j++) x_bar += load(b.Q[i][j] + m, 0) * dQ[i][j];
    }
    sum += x_bar * lambda;
  }
  for (int l = 0; l < WIDTH; l++) b.rate += h * sum[l];
}
// at the end of a run: the rate to its data, amplitudes of the first state to cells
void finish_rates() {
  for (int k = 0; k < sys.NE; k++) {
    if (!sys.modal[k].on) continue;
    const Electrode &e = sys.el[k];
    add_to(rp[k][RADIAL_JAC].out_bar[1], modes[k].rate);
    pull_radial(k, RADIAL_JAC);
    const double *matrix = sys.modes_of_cells(k);
    double *column = cbar[k];
    for (int i = 0; i < e.n; i++) {
      for (int j = 0; j < e.shells; j++) {
        double t = 0;
        for (int m = 0; m < e.shells; m++)
          t += matrix[(size_t)m * e.shells + j] * lambda[e.c + (size_t)m * e.stride + i];
        column[j] = t;
      }
      for (int j = 0; j < e.shells; j++) lambda[e.c + (size_t)j * e.stride + i] = column[j];
    }
  }
}
