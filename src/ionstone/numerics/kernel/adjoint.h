// The discrete adjoint of a run: cotangents of its rows of output go backwards through events, steps and
// consistent starts to those of every input of the design. Stages are computed again, step by step.
//
// A step y+ = y + sum m_i u_i, W u_i = r_i with W = M/(gamma h) - J(y) over all stages, is reversed by
//   v_i = W^-T ubar_i,  ybar += J(Y_i)^T v_i,  ubar_j += a_ij J(Y_i)^T v_i + c_ij/h M v_i,
//   ybar += gradient of sum of v_i^T J(y) u_i,
// and for the data the same. Step sizes are held.
#pragma once
#include "log.h"
#include "protocol.h"
#include "pullback.h"

// What goes in (rows) and what comes out, one design; arrays as in Inputs and Protocol.
struct Cotangents {
  const double *rows;                                             // [row][2 + outputs + reduced]
  double *globals, *nodes, *faces, *particles, *profile, *levels; // as Tangents, without the last axis
  double *state;
  double *const *tables; // [region][table] -> pieces, or null where not wanted
};

template <int M, int K> struct Adjoint {
  static constexpr int MM = M * M;
  static constexpr double BIG = 1e14; // of Stepper::consistent
  Runner<double, M, K> run;
  Stepper<double, M, K> &st;
  System<double, M, K> &sys;
  const Sizes &s;
  const Protocol &p;
  const Log &log;
  const Cotangents &c;
  const int N;
  Pullback gp[GLOBAL_TAPES], rp[MAX_REGIONS][REGION_TAPES];
  TableBar table_bar[MAX_REGIONS][MAX_TABLES];
  // cotangents of data rows, of rows that tapes share, and of the state that is pulled at
  double *gb, *db, *fb, *idx_bar, *props_bar, *slopes_bar, *z_bar, *probe_bar, *red_bar, *Yb;
  double *pb[MAX_REGIONS], *rgb[MAX_REGIONS], *radial_z_bar[MAX_REGIONS], *surface_bar[MAX_REGIONS];
  // of the state between entries, of the state before a step, of stages; solutions of the transposed systems
  double *lambda, *before_bar, *U[6], *V[6], *mass, *at, *stage_rows, *radial_rows_;
  double *xbar, *outward, *lbar[MAX_REGIONS], *cbar[MAX_REGIONS]; // work of solve_transposed
  double red_along[6][MAX_REDUCTIONS];
  double time_bar = 0, carried[MAX_OUTPUTS] = {}; // of the time, and of reduced outputs before the next step
  size_t node_row, radial_row_;

  Adjoint(const Model &m, const Inputs &in, const Protocol &q, const Log &l, const Cotangents &cotangents)
      : run(m, in, q), st(run.st), sys(run.sys), s(m.s), p(q), log(l), c(cotangents), N(run.sys.N) {
    sys.bind(0, 1);
    allocate();
    allocate_modes();
    bind_bars();
    for (int r = 0; r < s.regions; r++)
      for (int t = 0; t < s.tables; t++) table_bar[r][t] = c.tables[r * s.tables + t];
  }
  Adjoint(const Adjoint &) = delete;

  void allocate() {
    const size_t XS = (size_t)sys.XS + 8, n = sys.size + 16;
    const auto rows = [&](size_t k) { return sys.arena.doubles(k + 8); };
    gb = rows(XS * s.globals), db = rows(XS * s.node_data), fb = rows(XS * s.face_data), idx_bar = rows(XS),
    props_bar = rows(XS * s.props), slopes_bar = rows(XS * most(s.jacobian_props, 1)),
    z_bar = rows(XS * s.lumped), probe_bar = rows(MAX_PROBES * MAX_M * 4), red_bar = rows(MAX_REDUCTIONS * 4);
    Yb = rows(n), lambda = rows(n), before_bar = rows(n), mass = rows(n), at = rows(n);
    for (int i = 0; i < 6; i++) U[i] = rows(n), V[i] = rows(n);
    xbar = rows((size_t)N * M), outward = rows(XS);
    size_t most_radial = 8;
    int names = 0;
    for (int k = 0; k < sys.NE; k++) {
      const Electrode &e = sys.el[k];
      const size_t radial = radial_rows(k);
      most_radial = most(most_radial, radial);
      pb[k] = rows(radial * most(s.particle_data, 1)), rgb[k] = rows(radial * s.globals),
      radial_z_bar[k] = rows(radial * s.lumped), surface_bar[k] = rows((size_t)e.stride);
      lbar[k] = rows((size_t)e.stride * K), cbar[k] = rows((size_t)e.shells * e.stride);
      for (int t = 0; t < REGION_TAPES; t++)
        if (sys.rt[k][t].tape) names = most(names, Pullback::most_names(*sys.rt[k][t].tape));
    }
    for (int t = 0; t < GLOBAL_TAPES; t++) names = most(names, Pullback::most_names(*sys.gt[t].tape));
    node_row = XS, radial_row_ = most_radial;
    stage_rows = rows(18 * node_row), radial_rows_ = rows(6 * radial_row_);
    double *values = rows((size_t)names * WIDTH * BLOCK), *bars = rows((size_t)names * WIDTH * BLOCK);
    for (int t = 0; t < GLOBAL_TAPES; t++) gp[t].make(sys.arena, sys.gt[t], XS, values, bars);
    for (int k = 0; k < sys.NE; k++)
      for (int t = 0; t < REGION_TAPES; t++)
        if (sys.rt[k][t].tape)
          rp[k][t].make(sys.arena, sys.rt[k][t],
                        t == RADIAL || t == RADIAL_JAC ? radial_rows(k) : (size_t)sys.el[k].stride, values,
                        bars);
    fill_mass();
  }
  double *stage_row(int i) const { return stage_rows + (size_t)i * node_row; }
  double *radial_row(int i) const { return radial_rows_ + (size_t)i * radial_row_; }
  void fill_mass() {
    for (int k = 0; k < sys.NE; k++) {
      const Electrode &e = sys.el[k];
      for (int j = 0; j < e.shells; j++)
        for (int i = 0; i < e.n; i++) mass[e.c + (size_t)j * e.stride + i] = 1;
      for (int q = 0; q < K; q++)
        for (int i = 0; i < e.n; i++) mass[e.local + (size_t)q * e.stride + i] = sys.m.local_storage[q];
    }
    for (int r = 0; r < M; r++)
      for (int i = 0; i < N; i++)
        sys.x(mass, r)[i] = sys.m.storage[r] < 0 ? 0 : sys.d[(size_t)sys.m.storage[r] * sys.XS + i];
    for (int a = 0; a < s.lumped; a++) sys.z(mass)[a] = sys.m.lumped_storage[a];
  }

#include "modal_back.h"
#include "pull_jacobian.h"
#include "pull_residual.h"
#include "transposed.h"

  void clear(double *v) const { memset(v, 0, sizeof(double) * sys.size); }
  void add(double *to, double weight, const double *v) const { add_part(to, weight, v, 0, sys.size); }
  static void add_part(double *to, double weight, const double *v, size_t first, size_t end) {
    for (size_t n = first; n < end; n++) to[n] += weight * v[n];
  }
  // runs of states that stages hold: all but amplitudes of modes
  template <class F> void explicit_parts(F visit) const {
    for (int k = 0; k < sys.NE; k++)
      if (!sys.modal[k].on) visit(sys.el[k].c, sys.el[k].c + (size_t)sys.el[k].shells * sys.el[k].stride);
    visit(sys.NE ? sys.el[0].local : 0, sys.size);
  }

  // ---- one step of time: cotangents of y+ (yn_bar) and of the stages (U) to that of y (y_bar) ----
  // Returns in set_bar and slope_bar what belongs to the set point.
  void pull_step(const Entry &e, const double *yn_bar, double *y_bar, double &set_bar, double &slope_bar) {
    const double ih = 1.0 / e.h;
    add(y_bar, 1, yn_bar);
    explicit_parts([&](size_t a, size_t b) {
      for (int j = 0; j < 6; j++) add_part(U[j], END[j], yn_bar, a, b);
    });
    pull_stages_of_modes(END, yn_bar, e.h, y_bar);
    for (int i = 5; i >= 0; i--) {
      double *v = V[i];
      sys.stage = i;
      solve_transposed(U[i], v);
      const double control = sys.z(v)[0];
      set_bar -= control;
      slope_bar -= control * e.h * (rodas::TIME[i] + rodas::SLOPE[i]);
      stage_state(i);
      explicit_parts([&](size_t a, size_t b) { memset(Yb + a, 0, sizeof(double) * (b - a)); });
      pull_rhs(i ? at : st.y, v);
      explicit_parts([&](size_t first, size_t end) {
        add_part(y_bar, 1, Yb, first, end);
        for (int j = 0; j < i; j++) {
          const double a = rodas::A[i][j], b = rodas::C[i][j] * ih;
          double *to = U[j];
          for (size_t n = first; n < end; n++) to[n] += a * Yb[n] + b * mass[n] * v[n];
        }
      });
      mass_terms(i, ih);
    }
    explicit_parts([&](size_t a, size_t b) { memset(Yb + a, 0, sizeof(double) * (b - a)); });
    pull_jacobian(st.y);
    sys.stage = -1;
    explicit_parts([&](size_t a, size_t b) { add_part(y_bar, 1, Yb, a, b); });
    for (int k = 0; k < sys.NE; k++)
      if (sys.modal[k].on) finish_modes(k, e.h, y_bar);
  }
  static constexpr double END[6] = {rodas::A[5][0], rodas::A[5][1], rodas::A[5][2],
                                    rodas::A[5][3], rodas::A[5][4], 1};
  void pull_stages_of_modes(const double (&weight)[6], const double *v, double h, double *y_bar) {
    for (int k = 0; k < sys.NE; k++)
      if (sys.modal[k].on) pull_amplitudes(k, weight, v, h, y_bar);
  }
  void stage_state(int i) {
    const double *y = st.y, *u0 = st.u[0], *u1 = st.u[1], *u2 = st.u[2], *u3 = st.u[3], *u4 = st.u[4];
    const double *a = rodas::A[i];
    if (!i) return;
    explicit_parts([&](size_t first, size_t end) {
      for (size_t n = first; n < end; n++)
        at[n] = y[n] + a[0] * u0[n] + a[1] * u1[n] + a[2] * u2[n] + a[3] * u3[n] + a[4] * u4[n];
    });
  }
  // storage of x depends on data: on the right-hand side of stage i, and in W
  void mass_terms(int i, double ih) {
    for (int r = 0; r < M; r++) {
      if (sys.m.storage[r] < 0) continue;
      double *to = db + (size_t)sys.m.storage[r] * sys.XS;
      const double *v = sys.x((const double *)V[i], r);
      for (int n = 0; n < N; n++) {
        double t = -sys.alpha * sys.x((const double *)st.u[i], r)[n];
        for (int j = 0; j < i; j++) t += rodas::C[i][j] * ih * sys.x((const double *)st.u[j], r)[n];
        to[n] += v[n] * t;
      }
    }
  }

  // ---- dense output ----
  // derivative of the dense output to its place, times b
  double along(double place, const double *b) const {
    const double r = 1 - place;
    double sum = 0;
    for (size_t n = 0; n < sys.size; n++)
      sum += b[n] * (st.yn[n] - st.y[n] + (r - place) * (st.c2[n] + place * st.c3[n]) + place * r * st.c3[n]);
    return sum;
  }
  // cotangent b of the dense output to those of y, y+ and the stages
  void pull_dense(double place, const double *b, double h, double *y_bar, double *yn_bar) {
    const double r = 1 - place, w = place * r;
    double weight[6] = {};
    for (int j = 0; j < 5; j++) weight[j] = w * (rodas::D2[j] + place * rodas::D3[j]);
    pull_stages_of_modes(weight, b, h, y_bar);
    add(y_bar, r, b), add(yn_bar, place, b);
    explicit_parts([&](size_t first, size_t end) {
      for (int j = 0; j < 5; j++) add_part(U[j], weight[j], b, first, end);
    });
  }

  // ---- a whole run ----
  const double *row_bar(int row) const { return c.rows + (size_t)row * run.width; }
  void aim(const Entry &e) {
    const double *v = p.step_value + (1 + s.outputs) * (size_t)(p.lane_steps[0] + e.step);
    for (int o = 0; o < s.outputs; o++) sys.control[o] = v[1 + o];
    sys.find_direct();
  }
  // set point and slope of a step of time to the knots of the profile
  void pull_profile(const Entry &e, double set_bar, double slope_bar) {
    const int *index = p.step_index + 4 * (size_t)(p.lane_steps[0] + e.step);
    const double *knot = p.profile + 2 * (size_t)(index[2] + e.knot);
    double *to = c.profile + index[2] + e.knot;
    if (e.knot + 1 >= index[3]) {
      to[0] += set_bar;
      return;
    }
    const double width = knot[2] - knot[0], t = ((e.time - knot[0]) * set_bar + slope_bar) / width;
    to[0] += set_bar - t, to[1] += t;
  }
  void pull_start(const Entry &e) {
    if (e.kind == LEFT) memcpy(before_bar, lambda, sizeof(double) * sys.size), clear(lambda);
    double b[MAX_OUTPUTS];
    outputs_bar(e, b);
    time_bar += row_bar(e.row)[0];
    clear(Yb);
    pull_outputs(e.y, b);
    add(lambda, 1, Yb);
    st.y = e.y;
    sys.factor(st.y, BIG);
    solve_transposed(lambda, V[0]);
    for (size_t n = 0; n < sys.size; n++)
      if (mass[n] > 0) V[0][n] = 0;
    clear(Yb);
    pull_rhs(e.y, V[0]);
    for (size_t n = 0; n < sys.size; n++) lambda[n] = mass[n] > 0 ? lambda[n] + Yb[n] : 0;
    pull_profile(e, -sys.z(V[0])[0], 0);
    if (e.kind == LEFT) add(lambda, 1, before_bar); // the state before it went on as it was
  }
  // cotangents of the outputs after an entry: its row's, and what the next step has left
  void outputs_bar(const Entry &e, double *b) {
    for (int k = 0; k < run.NA; k++) b[k] = row_bar(e.row)[2 + k] + carried[k], carried[k] = 0;
  }
  // the step with its stages, from the log where it has them
  void take_again(const Entry &e) {
    if (!e.stages) return st.step(e.h, e.set, e.slope);
    sys.factor(st.y, 1.0 / e.h * (1 / rodas::GAMMA));
    const double *from = e.stages;
    run.each_stage([&](double *row, size_t n) { memcpy(row, from, sizeof(double) * n), from += n; });
    memcpy(st.yn, st.y, sizeof(double) * sys.size);
    explicit_parts([&](size_t a, size_t b) {
      for (int j = 0; j < 6; j++) add_part(st.yn, END[j], st.u[j], a, b);
    });
    for (int k = 0; k < sys.NE; k++)
      if (sys.modal[k].on) sys.end_of_modes(k, st.y, st.yn);
  }
  void pull_time_step(const Entry &e) {
    st.y = e.y;
    take_again(e);
    clear(before_bar), clear_modes();
    for (auto &u : U) clear(u);
    double b[MAX_OUTPUTS], set_bar = 0, slope_bar = 0, end_bar[MAX_OUTPUTS] = {};
    const bool event = e.event >= 0, inner = p.inner_rows != 0;
    outputs_bar(e, b);
    time_bar += row_bar(e.row)[0];
    double place_bar = time_bar * e.h;
    if (event || (inner && any_inner(e))) st.prepare_dense();
    const double *state = st.yn;
    if (event) st.dense(e.place, st.yd), memcpy(at, st.yd, sizeof(double) * sys.size), state = at;
    clear(Yb);
    pull_outputs(state, b);
    add(lambda, 1, Yb);
    double *yn_bar = event ? end_state_bar() : lambda;
    if (event) clear(yn_bar);
    if (inner) pull_inner(e, end_bar, place_bar, yn_bar);
    if (event) {
      place_bar += along(e.place, lambda);
      pull_event(e, place_bar);
      pull_dense(e.place, lambda, e.h, before_bar, yn_bar);
    }
    clear(Yb);
    pull_outputs(st.yn, end_bar);
    add(yn_bar, 1, Yb);
    pull_step(e, yn_bar, before_bar, set_bar, slope_bar);
    memcpy(lambda, before_bar, sizeof(double) * sys.size);
    pull_profile(e, set_bar, slope_bar);
  }
  double *end_state_bar() { return V[5]; } // free until its stage is solved for
  bool any_inner(const Entry &e) const {
    for (int i = 2; i > 0; i--)
      for (int k = 0; k < run.width; k++)
        if (k != 1 && row_bar(e.row - i)[k] != 0) return true;
    return false;
  }
  // the two rows inside a step
  void pull_inner(const Entry &e, double *end_bar, double &place_bar, double *yn_bar) {
    for (int i = 1; i <= 2; i++) {
      const double *given = row_bar(e.row - 3 + i), part = i / 3.0, place = part * e.place;
      double b[MAX_OUTPUTS] = {}, moved = given[0] * e.h;
      bool any = false, reduced = false;
      for (int k = 0; k < s.outputs; k++) b[k] = given[2 + k], any = any || b[k] != 0;
      for (int k = s.outputs; k < run.NA; k++) {
        end_bar[k] += place * given[2 + k], carried[k] += (1 - place) * given[2 + k];
        reduced = reduced || given[2 + k] != 0;
      }
      time_bar += given[0];
      if (any) {
        st.dense(place, st.yd);
        clear(Yb);
        pull_outputs(st.yd, b);
        if (e.event >= 0) moved += along(place, Yb);
        pull_dense(place, Yb, e.h, before_bar, yn_bar);
      }
      if (reduced && e.event >= 0) {
        double first[MAX_OUTPUTS], last[MAX_OUTPUTS];
        st.outputs(e.y, first, true), st.outputs(st.yn, last, true);
        for (int k = s.outputs; k < run.NA; k++) moved += given[2 + k] * (last[k] - first[k]);
      }
      place_bar += part * moved;
    }
  }
  // the place of an event, where its output meets its level: the implicit function theorem
  void pull_event(const Entry &e, double place_bar) {
    const int output = p.event_index[3 * (size_t)e.event];
    double b[MAX_OUTPUTS] = {};
    b[output] = -place_bar / run.slope_along(output, e.place);
    c.levels[e.event] -= b[output];
    clear(Yb);
    st.dense(e.place, st.yd);
    pull_outputs(st.yd, b);
    add(lambda, 1, Yb);
  }

  void work() {
    for (int i = log.count; i-- > 0;) {
      const Entry &e = log.entry[i];
      aim(e);
      if (e.kind != TIME_STEP)
        pull_start(e);
      else
        pull_time_step(e);
    }
    finish();
  }
  // invariant rows through the prologues, then sums over rows that hold one value
  void finish() {
    finish_rates();
    for (int t = 0; t < GLOBAL_TAPES; t++) {
      const bool last = t == EDGE_R || t == EDGE_R_JAC, face = t == FACE || t == FACE_JAC;
      if (t == PROPS || t == PROPS_JAC)
        for (int r = 0; r < s.regions; r++)
          gp[t].pull_prologue(sys.table[r], table_bar[r], (size_t)sys.first[r], sys.in.cells[r]);
      else {
        const int r = last ? s.regions - 1 : 0;
        gp[t].pull_prologue(sys.table[r], table_bar[r], 0, face ? N - 1 : 1);
      }
    }
    for (int k = 0; k < sys.NE; k++)
      for (int t = 0; t < REGION_TAPES; t++) {
        const Electrode &e = sys.el[k];
        if (!sys.rt[k][t].tape) continue;
        const bool radial = t == RADIAL || t == RADIAL_JAC;
        if (radial && e.shells < 2) continue;
        rp[k][t].pull_prologue(sys.table[e.region], table_bar[e.region], 0,
                               radial ? (int)((e.shells - 1) * e.stride) : e.n);
      }
    for (int i = 0; i < N; i++) db[i] -= idx_bar[i] * sys.idx[i] * sys.idx[i];
    for (int q = 0; q < s.globals; q++) {
      for (int i = 0; i < sys.XS; i++) c.globals[q] += gb[(size_t)q * sys.XS + i];
      for (int k = 0; k < sys.NE; k++) c.globals[q] += radial_sum(k, rgb[k], q);
    }
    for (int q = 0; q < s.node_data; q++)
      for (int i = 0; i < N; i++) c.nodes[(size_t)q * N + i] += db[(size_t)q * sys.XS + i];
    for (int q = 0; q < s.face_data; q++)
      for (int i = 0; i < N - 1; i++) c.faces[(size_t)q * (N - 1) + i] += fb[(size_t)q * sys.XS + i];
    for (int k = 0; k < sys.NE; k++)
      for (int q = 0; q < s.particle_data; q++)
        c.particles[k * s.particle_data + q] += radial_sum(k, pb[k], q);
    run.each_state([&](size_t to, size_t from) { c.state[to] += lambda[from]; });
  }
  double radial_sum(int k, const double *rows, int q) const {
    const Electrode &e = sys.el[k];
    double t = 0;
    for (int j = 0; j < e.shells - 1; j++)
      for (int i = 0; i < e.n; i++) t += rows[(size_t)q * radial_rows(k) + (size_t)j * e.stride + i];
    return t;
  }
};
