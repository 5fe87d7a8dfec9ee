// One step of RODAS4(3) for a group of lanes, its error and its dense output; consistent states and outputs.
#pragma once
#include "system.h"

template <class D, int M, int K> struct Stepper {
  static constexpr int W = Lanes<D>::W;
  System<D, M, K> sys;
  D *y, *yn, *yd, *stage, *R, *u[6], *c2, *c3;
  const double *lumped_weight; // [lumped]: 1/size of the lumped states in the error norm, of the first lane
  D weight[MAX_Z] = {};

  Stepper(const Model &m, const Inputs &in) : sys(m, in) {
    const size_t n = sys.size + 16;
    y = sys.rows(n), yn = sys.rows(n), yd = sys.rows(n), stage = sys.rows(n), R = sys.rows(n),
    c2 = sys.rows(n), c3 = sys.rows(n);
    for (auto &p : u) p = sys.rows(n);
  }

  // add M * (sum of c_ij u_j) / h to the right-hand side of stage i
  template <int S> void add_storage(D ih) {
    const auto sum = [&](size_t n) {
      D t = rodas::C[S][0] * u[0][n];
      if constexpr (S > 1) t += rodas::C[S][1] * u[1][n];
      if constexpr (S > 2) t += rodas::C[S][2] * u[2][n];
      if constexpr (S > 3) t += rodas::C[S][3] * u[3][n];
      if constexpr (S > 4) t += rodas::C[S][4] * u[4][n];
      return t * ih;
    };
    for (int k = 0; k < sys.NE; k++) {
      const Electrode &e = sys.el[k];
      if (!sys.modal[k].on)
        for (size_t n = e.c, end = e.c + (size_t)e.shells * e.stride; n < end; n++) R[n] += sum(n);
      for (int q = 0; q < K; q++)
        if (sys.m.local_storage[q])
          for (size_t n = e.local + (size_t)q * e.stride, end = n + e.n; n < end; n++) R[n] += sum(n);
    }
    for (int r = 0; r < M; r++)
      if (sys.m.storage[r] >= 0) {
        const D *mass = sys.d + (size_t)sys.m.storage[r] * sys.XS;
        const size_t n0 = sys.x0 + (size_t)r * sys.XS;
        for (int i = 0; i < sys.N; i++) R[n0 + i] += mass[i] * sum(n0 + i);
      }
    for (int a = 0; a < sys.s.lumped; a++)
      if (sys.m.lumped_storage[a]) R[sys.z0 + a] += sum(sys.z0 + a);
  }
  template <int S> void run_stage(D h, D ih, D set, D slope) {
    const D *at = y;
    if constexpr (S == 5) { // its row of A is that of stage 4 with u[4] added
      sys.each_explicit([&](size_t n) { stage[n] += u[4][n]; });
      at = stage;
    } else if constexpr (S > 0) {
      const D *u0 = u[0], *u1 = u[1], *u2 = u[2], *u3 = u[3];
      sys.each_explicit([&](size_t n) {
        D t = y[n] + rodas::A[S][0] * u0[n];
        if constexpr (S > 1) t += rodas::A[S][1] * u1[n];
        if constexpr (S > 2) t += rodas::A[S][2] * u2[n];
        if constexpr (S > 3) t += rodas::A[S][3] * u3[n];
        stage[n] = t;
      });
      at = stage;
    }
    sys.stage = S;
    sys.set = set + slope * (rodas::TIME[S] * h);
    sys.rhs(at, R, S == 0);
    if constexpr (S > 0) add_storage<S>(ih);
    if constexpr (rodas::SLOPE[S] != 0) R[sys.z0] -= rodas::SLOPE[S] * h * slope;
    sys.solve(R, u[S]);
  }
  // one step of size h from y to yn; set point `set` with slope `slope` in time
  void step(D h, D set, D slope) {
    const D ih = 1.0 / h;
    sys.set = set;
    sys.factor(y, ih * (1 / rodas::GAMMA));
    run_stage<0>(h, ih, set, slope), run_stage<1>(h, ih, set, slope), run_stage<2>(h, ih, set, slope);
    run_stage<3>(h, ih, set, slope), run_stage<4>(h, ih, set, slope), run_stage<5>(h, ih, set, slope);
    sys.stage = -1;
    sys.each_explicit([&](size_t n) { yn[n] = stage[n] + u[5][n]; });
    for (int k = 0; k < sys.NE; k++)
      if (sys.modal[k].on) sys.end_of_modes(k, y, yn);
  }
  // root mean square of the embedded error over kinds of states, in units of the tolerance
  D error(double tolerance) {
    const D *e = u[5];
    D sum{};
    int kinds = 0;
    for (int k = 0; k < sys.NE; k++) {
      const Electrode &l = sys.el[k];
      if (!l.shells) continue;
      // all that the particles do to the cell, they do through their surface
      const D *surface = sys.modal[k].response[5];
      if (!sys.modal[k].on) sys.surface(k, e, sys.cs[k]), surface = sys.cs[k];
      D t{};
      for (int i = 0; i < l.n; i++) t += surface[i] * surface[i];
      sum += t * (3.0 / l.n), kinds += 1;
    }
    for (int r = 0; r < M; r++) {
      D t{};
      int n = 0;
      for (int g = 0; g < sys.s.regions; g++) {
        if (sys.m.region[g].absent >> r & 1) continue;
        n += sys.in.cells[g];
        for (int i = sys.first[g]; i < sys.first[g + 1]; i++) {
          const D v = e[sys.x0 + (size_t)r * sys.XS + i];
          t += v * v;
        }
      }
      if (n) sum += t * (1.0 / n), kinds += 1;
    }
    for (int a = 0; a < sys.s.lumped; a++) {
      const D v = e[sys.z0 + a] * weight[a];
      sum += v * v;
    }
    return square_root(sum * (1.0 / kinds)) * (1.0 / tolerance);
  }
  // coefficients of the dense output of the last step
  void prepare_dense() {
    using rodas::D2, rodas::D3;
    sys.each_explicit([&](size_t n) {
      c2[n] = D2[0] * u[0][n] + D2[1] * u[1][n] + D2[2] * u[2][n] + D2[3] * u[3][n] + D2[4] * u[4][n];
      c3[n] = D3[0] * u[0][n] + D3[1] * u[1][n] + D3[2] * u[2][n] + D3[3] * u[3][n] + D3[4] * u[4][n];
    });
    for (int k = 0; k < sys.NE; k++)
      if (sys.modal[k].on) sys.combine_modes(k, y, D2, c2), sys.combine_modes(k, y, D3, c3);
  }
  void dense(D s, D *to) const {
    const D r = 1.0 - s;
    for (size_t n = 0; n < sys.size; n++) to[n] = y[n] * r + s * (yn[n] + r * (c2[n] + s * c3[n]));
  }
  // the same for `count` states from `first`, without preparation
  void dense_part(D s, D *to, size_t first, size_t count) const {
    using rodas::D2, rodas::D3;
    const D r = 1.0 - s, w = s * r;
    const D *u0 = u[0], *u1 = u[1], *u2 = u[2], *u3 = u[3], *u4 = u[4];
    for (size_t n = first, end = first + count; n < end; n++) {
      const D a = D2[0] * u0[n] + D2[1] * u1[n] + D2[2] * u2[n] + D2[3] * u3[n] + D2[4] * u4[n];
      const D b = D3[0] * u0[n] + D3[1] * u1[n] + D3[2] * u2[n] + D3[3] * u3[n] + D3[4] * u4[n];
      to[n] = y[n] * r + s * yn[n] + w * (a + s * b);
    }
  }
  // probes and lumped states: all that outputs without reductions read
  void dense_probes(D s, D *to) const {
    for (int p = 0; p < sys.s.probes; p++)
      for (int q = 0; q < M; q++) dense_part(s, to, sys.x0 + (size_t)q * sys.XS + sys.in.probe[p], 1);
    dense_part(s, to, sys.z0, (size_t)sys.s.lumped);
  }

  // How far the dense output at a quarter of the step (at half of it the error's odd part is zero) misses the
  // algebraic equations of local and lumped states, in units of the unknowns of x: root mean square over the
  // nodes of an electrode, the largest of all.
  D defect() {
    const Sizes &s = sys.s;
    const D at = D{} + 0.25;
    D worst{};
    if (s.reductions)
      prepare_dense(), dense(at, yd);
    else
      dense_part(at, yd, sys.z0, (size_t)s.lumped);
    sys.spread_z(yd);
    for (int k = 0; k < sys.NE; k++) {
      const Electrode &e = sys.el[k];
      if (!s.reductions) {
        const size_t outer = sys.modal[k].on ? 0 : (size_t)least(2, e.shells) * e.stride;
        dense_part(at, yd, e.c + (size_t)e.shells * e.stride - outer, outer);
        dense_part(at, yd, e.local, (size_t)K * e.stride);
        for (int r = 0; r < M; r++) dense_part(at, yd, sys.x0 + (size_t)r * sys.XS + e.first, (size_t)e.n);
      }
      if (sys.modal[k].on)
        sys.dense_surface(k, 0.25);
      else
        sys.surface(k, yd, sys.cs[k]);
      sys.run_local(k, LOCAL, yd);
      const Bound &J = sys.rt[k][LOCAL_JAC];
      for (int q = 0; q < K; q++) {
        const D *g = (const D *)sys.rt[k][LOCAL].out(q);
        if (sys.m.local_storage[q] || !g) continue;
        D sum{};
        for (int i = 0; i < e.n; i++) {
          D slope{};
          for (int c = 0; c < M; c++) {
            const D v = sys.value_of(J.out(q * (M + K + 1 + s.lumped) + c), i);
            slope = most(slope, most(v, -v));
          }
          sum += slope > D{} ? (g[i] / slope) * (g[i] / slope) : D{};
        }
        worst = worse(worst, square_root(sum * (1.0 / e.n)));
      }
      if (!s.reductions) continue;
      sys.run_local(k, CONTRIB, yd);
      if (e.shells) sys.run_radial(k, RADIAL, yd);
    }
    if (!s.reductions) return worst;
    sys.read_probes(yd);
    sys.reductions(yd);
    sys.run_end(LUMPED, yd);
    for (int a = 1; a < s.lumped; a++)
      if (!sys.m.lumped_storage[a]) {
        const D v = sys.value_of(sys.gt[LUMPED].out(a), 0) * weight[a];
        worst = worse(worst, most(v, -v));
      }
    return worst;
  }

  // Consistent algebraic unknowns at fixed storage, for the lanes in `wanted`: Newton's method, at most 0.05
  // V an iteration, from a copy of y; where that does not get there, by continuation. Returns the size of the
  // last update for each lane.
  D consistent(D *state, const bool *wanted) {
    D size{}, potential{};
    int settled = 0;
    for (int it = 0; it < 40; it++) {
      size = update(state, u[0], potential);
      const D scale = within(0.05, potential);
      sys.each_explicit([&](size_t n) { state[n] += scale * u[0][n]; });
      if (there(size, wanted) && (!IsDual<D>::value || ++settled > 1))
        break; // the next error is its square; tangents lag one iteration behind
    }
    bool lost[W], any = false;
    for (int l = 0; l < W; l++) lost[l] = wanted[l] && !(get(size, l) < SETTLED), any = any || lost[l];
    return any ? approach(state, size, lost) : size;
  }
  // The same where the way is long (volts over a poor conductor) or bent (power, a flat logarithm): the set
  // point goes from what y has to what is wanted, in increments that Newton's method follows.
  D approach(D *state, D size, const bool *wanted) {
    const D to = sys.set;
    sys.rhs(y, R);
    const D from = sys.z(R)[0] + to;
    double at[W], step[W], before[W]; // share of the way that is done, next increment, last update
    int count[W];
    bool done[W];
    for (int l = 0; l < W; l++) {
      at[l] = 0, step[l] = 0.1, before[l] = 1e3, count[l] = 0, done[l] = !wanted[l];
      if (wanted[l])
        for (size_t n = 0; n < sys.size; n++) move_lane(state[n], l, y[n]);
    }
    memcpy((void *)stage, state, sizeof(D) * sys.size);
    for (int it = 0; it < 500; it++) {
      bool all = true;
      D share{}, potential{};
      for (int l = 0; l < W; l++) all = all && done[l], put(share, l, done[l] ? 1.0 : at[l] + step[l]);
      if (all) break;
      sys.set = to + (1.0 - share) * (from - to);
      const D change = update(state, u[0], potential);
      for (int l = 0; l < W; l++) {
        if (done[l]) continue;
        const double v = get(change, l);
        const bool last = get(share, l) >= 1, good = v < (last ? SETTLED : 1e-5);
        move_lane(size, l, change);
        if (!good && (++count[l] > 10 || !(v < 10 * before[l]))) { // back, and a shorter way
          for (size_t n = 0; n < sys.size; n++) move_lane(state[n], l, stage[n]);
          step[l] *= 0.25, count[l] = 0, before[l] = 1e3, done[l] = step[l] < 1e-9;
          continue;
        }
        sys.each_explicit([&](size_t n) { move_lane(state[n], l, state[n] + u[0][n]); });
        before[l] = v;
        if (!good) continue;
        if (last) {
          done[l] = !IsDual<D>::value || count[l] < 0, count[l] = -1;
          continue;
        }
        for (size_t n = 0; n < sys.size; n++) move_lane(stage[n], l, state[n]);
        at[l] += step[l], step[l] = least(2 * step[l], 1 - at[l]), count[l] = 0, before[l] = 1e3;
      }
    }
    sys.set = to;
    for (int l = 0; l < W; l++)
      if (!done[l] || at[l] + step[l] < 1) put(size, l, wanted[l] ? 1.0 : get(size, l));
    return size;
  }
  // Newton's update of the algebraic unknowns of a state; its largest change of a potential, and (returned)
  // of any of them, relative to potentials where these are above 10 V, for each lane
  D update(const D *at, D *to, D &potential) {
    sys.factor(at, D{} + 1e14);
    sys.rhs(at, R);
    clear_storage();
    sys.solve(R, to);
    potential = D{};
    D high{};
    for (int r = 0; r < M; r++) {
      if (sys.m.storage[r] >= 0) continue;
      const D *q = sys.x(to, r), *p = sys.x(at, r);
      for (int i = 0; i < sys.N; i++)
        potential = worse(potential, most(q[i], -q[i])), high = most(high, most(p[i], -p[i]));
    }
    D lumped{}; // algebraic lumped states, the voltage of models without potentials of the solid
    for (int a = 1; a < sys.s.lumped; a++)
      if (!sys.m.lumped_storage[a]) {
        const D v = sys.z(to)[a] * weight[a];
        lumped = worse(lumped, most(v, -v));
      }
    return worse(potential, lumped) / most(D{} + 1.0, 0.1 * high);
  }
  static constexpr double SETTLED = 1e-9;
  static bool there(D size, const bool *wanted) {
    for (int l = 0; l < W; l++)
      if (wanted[l] && get(size, l) >= SETTLED) return false; // not a number: there is nothing to wait for
    return true;
  }
  static D within(double limit, D size) {
    D scale{};
    for (int l = 0; l < W; l++) {
      const double v = get(size, l);
      put(scale, l, v > limit ? limit / v : v == v ? 1.0 : 0.0);
    }
    return scale;
  }
  void clear_storage() {
    for (int k = 0; k < sys.NE; k++) {
      const Electrode &e = sys.el[k];
      if (!sys.modal[k].on) memset((void *)(R + e.c), 0, sizeof(D) * (size_t)e.shells * e.stride);
      for (int q = 0; q < K; q++)
        if (sys.m.local_storage[q])
          memset((void *)(R + e.local + (size_t)q * e.stride), 0, sizeof(D) * (size_t)e.stride);
    }
    for (int r = 0; r < M; r++)
      if (sys.m.storage[r] >= 0) {
        const D *mass = sys.d + (size_t)sys.m.storage[r] * sys.XS;
        D *q = sys.x(R, r);
        for (int i = 0; i < sys.N; i++)
          for (int l = 0; l < W; l++)
            if (get(mass[i], l) > 0) put(q[i], l, 0.0);
      }
    for (int a = 0; a < sys.s.lumped; a++)
      if (sys.m.lumped_storage[a]) R[sys.z0 + a] = D{};
  }

  // all outputs at a state: from probes and lumped states, then (nodes) the reduced ones
  void outputs(const D *state, D *to, bool nodes) {
    const Sizes &s = sys.s;
    sys.read_probes(state);
    if (s.reductions || nodes) {
      sys.spread_z(state);
      for (int k = 0; k < sys.NE; k++) {
        sys.surface(k, state, sys.cs[k]);
        if (s.reductions) {
          sys.run_local(k, CONTRIB, state);
          if (sys.el[k].shells) sys.run_radial(k, RADIAL, state);
        }
        if (nodes && s.reduced && sys.rt[k][NODE_OUT].tape) sys.run_local(k, NODE_OUT, state);
      }
      if (s.reductions) sys.reductions(state);
    }
    sys.run_end(OUT, state);
    for (int o = 0; o < s.outputs; o++) to[o] = sys.value_of(sys.gt[OUT].out(o), 0);
    if (!nodes) return;
    for (int q = 0; q < s.reduced; q++) {
      const Reduced &r = sys.m.reduced[q];
      D best{};
      bool first = true;
      for (int k = 0; k < sys.NE; k++) {
        if (!(r.regions >> sys.el[k].region & 1)) continue;
        const D *v = (const D *)sys.rt[k][NODE_OUT].out(r.output);
        for (int i = 0; i < sys.el[k].n; i++, first = false)
          best = first       ? (v ? v[i] : D{})
                 : r.largest ? most(best, v ? v[i] : D{})
                             : least(best, v ? v[i] : D{});
      }
      to[s.outputs + q] = best;
    }
  }
};
