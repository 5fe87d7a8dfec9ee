// A whole protocol of each lane: control rows, profiles, events, rows of output. One lane fails alone.
#pragma once
#include "log.h"
#include "stepper.h"

// where it is recorded, the dense output must be better than the tolerance of the steps by this factor
constexpr double DENSE_SAFETY = 6;
// share of a step near whose ends the dense output is as good as the step
constexpr double NEAR = 0.015;
constexpr int REPAIR_AFTER = 5; // rejected steps in a row

enum Status {
  RUNNING,
  FINISHED,
  ENDED_BY_EVENT,
  STEP_TOO_SMALL = 10,
  TOO_MANY_STEPS,
  NO_INITIAL_STATE,
  STOPPED
};

// What the caller gives and gets back, arrays as documented in ionstone.numerics.kernel.
struct Protocol {
  const int *lane_steps;    // [lane][2]: first step, number of steps
  const int *step_index;    // [step][4]: first event, events, first knot, knots of the profile
  const double *step_value; // [step][1 + outputs]: duration, weights of the outputs in the control row
  const int
      *event_index; // [event][3]: output, +1 above or -1 below, step to go to (-1 next, -2 end of the run)
  const double *event_level;   // [event]
  const double *profile;       // [knot][2]: time in the step, set point
  const double *lumped_weight; // [lane][lumped]
  double *lane_value; // [lane][5]: time, time in step, next step size, last step and its error (in and out)
  int *lane_index; // [lane][8]: step, status, rows, accepted, attempts, event that ended the last step (-1:
                   // its time), entered, spare (in and out)
  double *state;   // [lane][states]   (in and out)
  double *rows; // [lane][capacity][2 + outputs + reduced]: time, step (+ 1/2 inside a step of time), outputs
  double *states; // [lane][capacity][states] or null
  double tolerance, first_step;
  int lanes, capacity, inner_rows, max_attempts;
  int *next, *stop;
};

template <class D, int M, int K> struct Runner {
  static constexpr int W = Lanes<D>::W;
  Stepper<D, M, K> st;
  System<D, M, K> &sys;
  const Protocol &p;
  const int NO, NA, width;
  int lane0 = 0;
  Log *log = nullptr; // of a single lane, for its adjoint
  struct Lane {
    int id, step, status, rows, accepted, attempts, event, knot;
    bool live, enter, capped, aimed; // aimed: the step is to end where an event was seen
    double t, ts, h, set, slope, until, last_step, last_error, origin;
    int rejected;
    v4 t_d, set_d, slope_d; // tangents of time and set point (duals)
  } lane[W];
  D out[MAX_OUTPUTS], before[MAX_OUTPUTS], inner[2][MAX_OUTPUTS];

  Runner(const Model &m, const Inputs &in, const Protocol &q)
      : st(m, in), sys(st.sys), p(q), NO(m.s.outputs), NA(m.s.outputs + m.s.reduced),
        width(2 + m.s.outputs + m.s.reduced) {}

  size_t states() const {
    size_t n = (size_t)M * sys.N + sys.s.lumped;
    for (int k = 0; k < sys.NE; k++) n += (size_t)(sys.el[k].shells + K) * sys.el[k].n;
    return n;
  }
  // the caller's order: per electrode concentrations [shell][node] and local states [state][node]; x
  // [unknown][node]; lumped
  template <class F> void each_state(F visit) const {
    size_t at = 0;
    for (int k = 0; k < sys.NE; k++) {
      const Electrode &e = sys.el[k];
      for (int j = 0; j < e.shells; j++)
        for (int i = 0; i < e.n; i++) visit(at++, e.c + (size_t)j * e.stride + i);
      for (int q = 0; q < K; q++)
        for (int i = 0; i < e.n; i++) visit(at++, e.local + (size_t)q * e.stride + i);
    }
    for (int r = 0; r < M; r++)
      for (int i = 0; i < sys.N; i++) visit(at++, sys.x0 + (size_t)r * sys.XS + i);
    for (int a = 0; a < sys.s.lumped; a++) visit(at++, sys.z0 + a);
  }

  void run(int first_lane) {
    lane0 = first_lane;
    sys.bind(lane0, p.lanes);
    const size_t n = states();
    for (int l = 0; l < W; l++) {
      const int b = least(lane0 + l, p.lanes - 1);
      each_state([&](size_t at, size_t in) { put(st.y[in], l, p.state[(size_t)b * n + at]); });
      if constexpr (IsDual<D>::value)
        each_state([&](size_t at, size_t in) { st.y[in].d = tangents(sys.in.tangents->state + 4 * at); });
      for (int a = 0; a < sys.s.lumped; a++)
        put(st.weight[a], l, p.lumped_weight[(size_t)b * sys.s.lumped + a]);
      const double *v = p.lane_value + 5 * (size_t)b;
      const int *q = p.lane_index + 8 * (size_t)b;
      Lane &a = lane[l];
      a = {b,     q[0],  q[1],        0,    q[3], q[4], q[5], 0, lane0 + l < p.lanes && q[1] == RUNNING,
           !q[6], false, false,       v[0], v[1], v[2], 0,    0, 0,
           v[3],  v[4],  v[0] - v[1], 0,    v4{}, v4{}, v4{}};
      if constexpr (IsDual<D>::value) a.t_d = tangents(sys.in.tangents->time);
      if (a.live && !a.enter) aim(l);
    }
    sys.choose_modes(st.y);
    st.outputs(st.y, out, true);
    while (advance()) {
    }
    sys.cells(st.y, st.y);
    for (int l = 0; l < W; l++) {
      if (lane0 + l >= p.lanes) continue;
      const Lane &a = lane[l];
      double *v = p.lane_value + 5 * (size_t)a.id;
      int *q = p.lane_index + 8 * (size_t)a.id;
      v[0] = a.t, v[1] = a.ts, v[2] = a.h, v[3] = a.last_step, v[4] = a.last_error;
      q[0] = a.step, q[1] = a.status, q[2] = a.rows, q[3] = a.accepted, q[4] = a.attempts, q[5] = a.event,
      q[6] = !a.enter;
      each_state([&](size_t at, size_t in) { p.state[(size_t)a.id * n + at] = get(st.y[in], l); });
      if constexpr (IsDual<D>::value) {
        each_state(
            [&](size_t at, size_t in) { memcpy(sys.in.tangents->state + 4 * at, &st.y[in].d, sizeof(v4)); });
        memcpy(sys.in.tangents->time, &a.t_d, sizeof(v4));
      }
    }
  }

  const int *step_index(const Lane &a) const {
    return p.step_index + 4 * (size_t)(p.lane_steps[2 * a.id] + a.step);
  }
  const double *step_value(const Lane &a) const {
    return p.step_value + (1 + NO) * (size_t)(p.lane_steps[2 * a.id] + a.step);
  }

  // control row and current piece of the profile for a lane at its time in the step
  void aim(int l) {
    Lane &a = lane[l];
    const double *v = step_value(a), *knot = p.profile + 2 * (size_t)step_index(a)[2];
    const int n = step_index(a)[3];
    for (int o = 0; o < NO; o++) put(sys.control[o], l, v[1 + o]);
    sys.find_direct();
    int k = a.knot;
    while (k + 1 < n && knot[2 * (k + 1)] <= a.ts * (1 + 1e-14)) k++;
    a.knot = k;
    a.slope = k + 1 < n ? (knot[2 * k + 3] - knot[2 * k + 1]) / (knot[2 * k + 2] - knot[2 * k]) : 0;
    a.set = knot[2 * k + 1] + a.slope * (a.ts - knot[2 * k]);
    if constexpr (IsDual<D>::value) {
      const double *q = sys.in.tangents->profile + 4 * ((size_t)step_index(a)[2] + k);
      a.slope_d = k + 1 < n ? (tangents(q + 4) - tangents(q)) / (knot[2 * k + 2] - knot[2 * k]) : v4{};
      a.set_d = tangents(q) + a.slope_d * (a.ts - knot[2 * k]);
    }
    a.until = k + 1 < n ? least(knot[2 * k + 2], v[0]) : v[0];
  }

  void record(int l, double t, v4 time_d, const D *o, const D *state, bool inner_row = false) {
    Lane &a = lane[l];
    if (a.rows >= p.capacity) return;
    double *row = p.rows + ((size_t)a.id * p.capacity + a.rows) * width;
    row[0] = t, row[1] = a.step + (inner_row ? 0.5 : 0.0);
    for (int k = 0; k < NA; k++) row[2 + k] = get(o[k], l);
    if constexpr (IsDual<D>::value) {
      double *d = sys.in.tangents->rows + 4 * (size_t)width * a.rows;
      memcpy(d, &time_d, sizeof(v4));
      for (int k = 0; k < NA; k++) memcpy(d + 4 * (2 + k), &o[k].d, sizeof(v4));
    }
    (void)time_d;
    if (p.states && state) {
      double *to = p.states + ((size_t)a.id * p.capacity + a.rows) * states();
      sys.cells(state, st.R);
      each_state([&](size_t at, size_t in) { to[at] = get(st.R[in], l); });
    }
    a.rows++;
  }

  // into the log: a consistent start, or a step of time from `a` of size h with an event at `place`
  void keep(const Lane &a, const D *state, EntryKind kind, double h, int event, double place) {
    if constexpr (W == 1 && !IsDual<D>::value) {
      Entry &e = log->add(state, sys.size);
      for (int k = 0; k < sys.NE; k++) log->modal[k] = sys.modal[k].on, log->rate[k] = sys.modal[k].rate;
      e.kind = kind, e.step = a.step, e.knot = a.knot, e.row = log->rows + lane[0].rows - 1;
      if (kind == TIME_STEP) keep_stages(e);
      e.event = event, e.h = h, e.set = a.set, e.slope = a.slope, e.time = a.ts, e.place = place;
    }
  }
  // rows that the stages of a step are: of states, and of fluxes and surface values of modes
  template <class F> void each_stage(F visit) {
    for (int i = 0; i < 6; i++) {
      for (int k = 0; k < sys.NE; k++) {
        const Electrode &e = sys.el[k];
        if (sys.modal[k].on)
          visit(sys.modal[k].flux[i], (size_t)e.stride), visit(sys.modal[k].response[i], (size_t)e.stride);
        else
          visit(st.u[i] + e.c, (size_t)e.shells * e.stride);
      }
      const size_t first = sys.NE ? sys.el[0].local : 0;
      visit(st.u[i] + first, sys.size - first);
    }
  }
  void keep_stages(Entry &e) {
    size_t n = 0;
    each_stage([&](const D *, size_t count) { n += count; });
    double *to = e.stages = log->stages(n);
    if (!to) return;
    each_stage([&](const D *row, size_t count) { memcpy(to, row, sizeof(double) * count), to += count; });
  }
  // how far an output is past the level of an event (positive: past)
  double past(int e, const D *o, int l) const {
    const int *q = p.event_index + 3 * (size_t)e;
    return q[1] * (get(o[q[0]], l) - p.event_level[e]);
  }
  void leave(int l, int target) {
    Lane &a = lane[l];
    const int count = p.lane_steps[2 * a.id + 1];
    const int to = target == -1 ? a.step + 1 : target;
    a.origin = a.t, a.ts = 0, a.knot = 0, a.h = 0, a.capped = false, a.last_step = 0;
    if (target == -2)
      a.status = ENDED_BY_EVENT, a.live = false;
    else if (to >= count)
      a.status = FINISHED, a.live = false;
    else
      a.step = to, a.enter = true;
  }

  // lanes that begin a step: consistent state, first row, events that hold already
  void enter() {
    D *trial = st.yd;
    bool left[W] = {}; // at once, in this call: the state is in u[1]
    for (int round = 0; round < 64; round++) {
      bool any = false;
      for (int l = 0; l < W; l++)
        if (lane[l].live && lane[l].enter) aim(l), any = true;
      if (!any) return;
      for (int l = 0; l < W; l++) put(sys.set, l, lane[l].set);
      if constexpr (IsDual<D>::value) sys.set.d = lane[0].set_d;
      memcpy((void *)trial, st.y, sizeof(D) * sys.size);
      bool entering[W];
      for (int l = 0; l < W; l++) entering[l] = lane[l].live && lane[l].enter;
      D change = st.consistent(trial, entering);
      from_what_was_left(trial, change, entering, left);
      st.outputs(trial, out, true);
      for (int l = 0; l < W; l++) {
        Lane &a = lane[l];
        if (!a.live || !a.enter) continue;
        a.enter = false;
        const double v = get(change, l);
        if (!(v < 1e-7)) {
          a.status = NO_INITIAL_STATE, a.live = false;
          continue;
        }
        record(l, a.t, a.t_d, out, trial);
        const Lane begun = a;
        const int *q = step_index(a);
        for (int e = q[0]; e < q[0] + q[1]; e++)
          if (past(e, out, l) > 1e-7 * most(1.0, fabs(p.event_level[e]))) {
            a.event = e;
            leave(l, p.event_index[3 * (size_t)e + 2]);
            break;
          }
        if (log) keep(begun, trial, a.enter ? LEFT : START, 0, -1, 1);
        // a step left at once leaves no trace: its load may be far out of reach
        D *to = a.enter ? st.u[1] : st.y;
        left[l] = a.enter;
        for (size_t n = 0; n < sys.size; n++) move_lane(to[n], l, trial[n]);
        if (a.live && !a.enter && a.h <= 0) a.h = p.first_step;
      }
    }
    for (int l = 0; l < W; l++)
      if (lane[l].live && lane[l].enter) lane[l].status = NO_INITIAL_STATE, lane[l].live = false;
  }

  // Lanes that found no state from where they are try it from the state of a step that they left at once: the
  // absolute value of a current that is held has no slope at rest.
  void from_what_was_left(D *trial, D &change, const bool *entering, const bool *left) {
    bool again[W], any = false;
    for (int l = 0; l < W; l++) {
      again[l] = entering[l] && left[l] && !(get(change, l) < 1e-7);
      any = any || again[l];
    }
    if (!any) return;
    D *second = st.u[2];
    memcpy((void *)second, trial, sizeof(D) * sys.size);
    for (int l = 0; l < W; l++)
      if (again[l])
        for (size_t n = 0; n < sys.size; n++) move_lane(second[n], l, st.u[1][n]);
    const D found = st.consistent(second, again);
    for (int l = 0; l < W; l++) {
      if (!again[l]) continue;
      move_lane(change, l, found);
      for (size_t n = 0; n < sys.size; n++) move_lane(trial[n], l, second[n]);
    }
  }

  // one attempt of a step in all live lanes; false when nothing is left to do
  bool advance() {
    enter();
    bool live = false, full = false;
    for (int l = 0; l < W; l++) {
      Lane &a = lane[l];
      if (a.live && __atomic_load_n(p.stop, __ATOMIC_RELAXED)) a.status = STOPPED, a.live = false;
      if (a.live && a.attempts >= p.max_attempts) a.status = TOO_MANY_STEPS, a.live = false;
      live = live || a.live;
      full = full || (a.live && a.rows + 2 + p.inner_rows >= p.capacity);
    }
    if (!live || full) return false;
    D h{}, set{}, slope{};
    for (int l = 0; l < W; l++) {
      Lane &a = lane[l];
      double step = a.live ? a.h : 1.0;
      const double left = a.until - a.ts;
      a.capped = a.live && step >= left * (1 - 1e-9);
      if (a.capped)
        step = left;
      else if (a.live && step > 0.5 * left && !a.aimed)
        step = 0.5 * left; // no sliver at the end
      put(h, l, step), put(set, l, a.live ? a.set : 0), put(slope, l, a.live ? a.slope : 0);
    }
    if constexpr (IsDual<D>::value) set.d = lane[0].set_d, slope.d = lane[0].slope_d;
    memcpy((void *)before, out, sizeof out);
    st.step(h, set, slope);
    const D err =
        worse(st.error(p.tolerance), st.defect() * ((p.inner_rows ? DENSE_SAFETY : 1.0) / p.tolerance));
    bool accepted[W], any = false, dense_ready = false;
    for (int l = 0; l < W; l++) {
      Lane &a = lane[l];
      accepted[l] = false;
      if (!a.live) continue;
      a.attempts++;
      double e = get(err, l);
      if (!(e < 1e3)) e = 1e3;
      accepted[l] = e <= 1;
      any = any || accepted[l];
      const double step = get(h, l), next = next_step(a, step, e, accepted[l]);
      if (!accepted[l]) {
        a.h = least(next, quantised(step * 0.95)), a.aimed = false;
        // a long step may leave a state that no short one can go on from: make it consistent again
        if (++a.rejected == REPAIR_AFTER) a.enter = true;
        if (a.h < 1e-10 * most(1.0, a.ts)) a.status = STEP_TOO_SMALL, a.live = false;
      } else
        a.h = a.capped ? most(next, a.h) : next;
    }
    if (!any) return true;
    st.outputs(st.yn, out, true);
    if (p.inner_rows) inner_outputs();
    for (int l = 0; l < W; l++) {
      accepted[l] = accepted[l] && finish_step(l, get(h, l), dense_ready);
      if (!accepted[l])
        for (int k = 0; k < NA; k++) move_lane(out[k], l, before[k]);
    }
    take_accepted(accepted);
    return true;
  }
  // y becomes yn in the lanes that were accepted
  void take_accepted(const bool *accepted) {
    bool all = true;
    for (int l = 0; l < W; l++) all = all && accepted[l];
    if (all) {
      D *t = st.y;
      st.y = st.yn, st.yn = t;
      return;
    }
    if constexpr (W > 1) {
      vi mask;
      for (int l = 0; l < W; l++) mask[l] = accepted[l] ? -1 : 0;
      for (size_t n = 0; n < sys.size; n++) st.y[n] = mask ? st.yn[n] : st.y[n];
    }
  }
  // The next power of 2^(1/8) below: rounding errors do not reach step sizes, so that a design takes the same
  // steps alone and in any batch.
  static double quantised(double h) { return exp2(floor(8 * log2(h)) / 8); }
  // Step size control for an error of fourth order, with Gustafsson's prediction from the last two accepted
  // steps (Gustafsson 1994, ACM Trans. Math. Softw. 20)
  static double next_step(Lane &a, double h, double error, bool accepted) {
    const double e = most(error, 1e-8);
    double factor = 0.9 * pow(e, -0.25);
    if (accepted) {
      if (a.last_step > 0)
        factor = least(factor, 0.95 * (h / a.last_step) * pow(a.last_error / (e * e), 0.25));
      a.rejected = 0, a.last_step = h, a.last_error = most(e, 1e-2);
    }
    return quantised(h * least(8.0, most(0.2, factor)));
  }
  void inner_outputs() {
    for (int i = 0; i < 2; i++) {
      const D s = D{} + (i + 1) / 3.0;
      if (sys.s.reductions) {
        if (i == 0) st.prepare_dense();
        st.dense(s, st.yd);
      } else
        st.dense_probes(s, st.yd);
      st.outputs(st.yd, inner[i], false);
      for (int k = NO; k < NA; k++) inner[i][k] = before[k] + s * (out[k] - before[k]);
    }
  }

  // An accepted step of lane l: rows, events, ends of profile pieces and of the step. False where an event
  // was seen inside: the step is taken again, to end there, because the end of a step is better than the
  // dense output by an order.
  bool finish_step(int l, double h, bool &dense_ready) {
    Lane &a = lane[l];
    const int *q = step_index(a);
    const Lane at = a;
    const double size = h;
    double first = 2;
    int hit = -1;
    for (int e = q[0]; e < q[0] + q[1]; e++) {
      const double was = past(e, before, l), is = past(e, out, l);
      bool crossed = is > 0;
      for (int i = 0; p.inner_rows && i < 2; i++) crossed = crossed || past(e, inner[i], l) > 0;
      if (was > 0 && is <= was) continue; // past already (within rounding) and moving back: no event
      if (!crossed && !a.aimed) continue;
      if (!dense_ready) st.prepare_dense(), dense_ready = true;
      const double s = crossed ? locate(e, l) : beyond(e, l, (a.until - a.ts) / h);
      if (s < first) first = s, hit = e;
    }
    const bool controlled = p.tolerance < 1; // given steps are taken as they are
    if (hit >= 0 && !a.aimed && controlled && first > NEAR && first < 1 - NEAR) {
      a.h = first * h, a.aimed = true;
      return false;
    }
    a.aimed = false;
    if (hit >= 0) {
      D at_event[MAX_OUTPUTS], s = D{} + first;
      if constexpr (IsDual<D>::value) s.d = event_tangent(hit, first);
      if (p.inner_rows) rows_before_event(l, h, s);
      st.dense(s, st.yd);
      st.outputs(st.yd, at_event, true);
      for (size_t n = 0; n < sys.size; n++) move_lane(st.yn[n], l, st.yd[n]);
      for (int k = 0; k < NA; k++) move_lane(out[k], l, at_event[k]);
      if constexpr (IsDual<D>::value) a.t_d += s.d * h;
      h *= first;
    } else if (p.inner_rows) {
      record(l, a.t + h / 3, a.t_d, inner[0], nullptr, true);
      record(l, a.t + 2 * h / 3, a.t_d, inner[1], nullptr, true);
    }
    a.ts = hit < 0 && a.capped ? a.until : a.ts + h;
    a.t = a.origin + a.ts, a.accepted++;
    record(l, a.t, a.t_d, out, st.yn);
    if (log) keep(at, st.y, TIME_STEP, size, hit, hit >= 0 ? first : 1);
    if (hit >= 0) {
      a.event = hit;
      leave(l, p.event_index[3 * (size_t)hit + 2]);
    } else if (a.capped) {
      const double end = step_value(a)[0];
      if (a.ts >= end * (1 - 1e-12))
        a.event = -1, leave(l, -1);
      else
        aim(l);
    } else
      a.set += a.slope * h, a.set_d += a.slope_d * h;
    return true;
  }
  void rows_before_event(int l, double h, D end) {
    for (int i = 1; i <= 2; i++) {
      const D s = end * (i / 3.0);
      D o[MAX_OUTPUTS];
      v4 time_d = lane[l].t_d;
      if constexpr (IsDual<D>::value) time_d += s.d * h;
      if (sys.s.reductions)
        st.dense(s, st.yd);
      else
        st.dense_probes(s, st.yd);
      st.outputs(st.yd, o, false);
      for (int k = NO; k < NA; k++) o[k] = before[k] + s * (out[k] - before[k]);
      record(l, lane[l].t + h * get(s, l), time_d, o, nullptr, true);
    }
  }
  // derivative of an output to the place s in the dense output: a difference of fourth order
  double slope_along(int output, double s) {
    const double eps = 1e-2, weight[4] = {1, -8, 8, -1}, at[4] = {-2, -1, 1, 2};
    double sum = 0;
    D o[MAX_OUTPUTS];
    for (int i = 0; i < 4; i++) {
      st.dense(D{} + (s + at[i] * eps), st.yd);
      st.outputs(st.yd, o, output >= NO);
      sum += weight[i] * get(o[output], 0);
    }
    return sum / (12 * eps);
  }
  // tangent of the place s of an event in its step, from the derivatives of its output along s and of its
  // output and level to the parameters
  v4 event_tangent(int e, double s) {
    const int output = p.event_index[3 * (size_t)e];
    const bool nodes = output >= NO;
    D o[MAX_OUTPUTS];
    const double slope = slope_along(output, s);
    st.dense(D{} + s, st.yd);
    st.outputs(st.yd, o, nodes);
    v4 d{};
    if constexpr (IsDual<D>::value)
      d = (o[output].d - tangents(sys.in.tangents->levels + 4 * (size_t)e)) * (-1 / slope);
    return d;
  }
  // how far an output on the dense output at s is past the level of an event
  double past_at(int e, double s, int l) {
    const bool nodes = p.event_index[3 * (size_t)e] >= NO;
    D o[MAX_OUTPUTS];
    if (nodes || sys.s.reductions)
      st.dense(D{} + s, st.yd);
    else
      st.dense_probes(D{} + s, st.yd);
    st.outputs(st.yd, o, nodes);
    return past(e, o, l);
  }
  // first root of an event on the dense output of a step
  double locate(int e, int l) {
    double b = 1, fa = past(e, before, l), fb = past(e, out, l);
    if (fb <= 0) b = past(e, inner[0], l) > 0 ? 1.0 / 3 : 2.0 / 3, fb = past(e, inner[b < 0.5 ? 0 : 1], l);
    return fa > 0 ? 1e-9 : root(e, l, 0, b, fa, fb);
  }
  // the root a little after a step that was to end there, no later than `last`; 2 where there is none
  double beyond(int e, int l, double last) {
    double a = 1, fa = past(e, out, l);
    double more = 1e-4;
    for (int i = 0; i < 6; i++, more *= 4) {
      const double b = 1 + more, fb = b < last ? past_at(e, b, l) : 0;
      if (fb > 0) return root(e, l, a, b, fa, fb);
      if (b >= last) break;
      a = b, fa = fb;
    }
    return 2;
  }
  // the root between a (before the level) and b (past it): bisection with regula falsi, to 1e-12 of the step
  double root(int e, int l, double a, double b, double fa, double fb) {
    for (int it = 0; it < 60 && b - a > 1e-12; it++) {
      double s = it % 3 == 2 ? 0.5 * (a + b) : a + (b - a) * (fa / (fa - fb));
      if (!(s > a && s < b)) s = 0.5 * (a + b);
      const double v = past_at(e, s, l);
      if (v > 0)
        b = s, fb = v;
      else
        a = s, fa = v;
      if (v == 0) return s;
    }
    return b;
  }
};
