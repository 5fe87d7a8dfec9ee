// The compiled kernel: plain C interface. It knows no physics: models are tapes, read at run time.
//
//   ion_abi()                              version of this interface
//   ion_lanes()                            lanes of a vector
//   ion_load(ints, n, doubles, m)          a model, or null when a size or an index is wrong
//   ion_free(model)
//   ion_run(model, inputs, protocol, wide)               works until all lanes are taken or *stop is set;
//   several
//                                          threads may call it with the same arguments: lanes are shared by
//                                          *next
//   ion_tangents(model, inputs, protocol)  one design with four tangents of its inputs
//   ion_cut / ion_points                   rows of runs -> points between which straight lines are accurate
//   ion_record(model, inputs, protocol, log)  ion_run of one design that keeps its steps in a log
//   ion_log(values) / ion_forget(log)      an empty log that keeps so many values of stages; gives it back
//   ion_adjoint(model, inputs, protocol, log, cotangents)  cotangents of the rows to those of the inputs
//   ion_residual / ion_solve               F(y), and the solution of (a M - dF/dy) u = r, for one design
//   (tests)
#include "adjoint.h"
#include "points.h"

#if defined(_WIN32)
#define EXPORT extern "C" __declspec(dllexport)
#else
#define EXPORT extern "C" __attribute__((visibility("default")))
#endif

template <int N> struct std_int {
  static constexpr int value = N;
};

namespace {
template <class D, int M, int K> void work(const Model &m, const Inputs &in, const Protocol &p) {
  Runner<D, M, K> runner(m, in, p);
  constexpr int W = Lanes<D>::W;
  for (int b; !__atomic_load_n(p.stop, __ATOMIC_RELAXED) &&
              (b = __atomic_fetch_add(p.next, W, __ATOMIC_RELAXED)) < p.lanes;)
    runner.run(b);
}
template <class F> int choose(const Model &m, F f) {
  const int key = 10 * m.s.unknowns + m.s.locals;
  switch (key) {
  case 31:
    f(std_int<3>{}, std_int<1>{});
    return 0;
  case 32:
    f(std_int<3>{}, std_int<2>{});
    return 0;
  default:
    return 1;
  }
}
} // namespace

EXPORT int ion_abi(void) { return ABI; }
EXPORT int ion_lanes(void) { return VECTOR; }
EXPORT void *ion_load(const int *ints, long n_ints, const double *doubles, long n_doubles) {
  return read_model(ints, n_ints, doubles, n_doubles);
}
EXPORT void ion_free(void *model) {
  Model *m = (Model *)model;
  if (m) Arena::release(m->spare), free(m->tape), free(m->memory), free(m);
}
EXPORT int ion_run(const void *model, const Inputs *in, const Protocol *p, int lanes) {
  const Model &m = *(const Model *)model;
  return choose(m, [&](auto M, auto K) {
    if (lanes > 1)
      work<vd, M.value, K.value>(m, *in, *p);
    else
      work<double, M.value, K.value>(m, *in, *p);
  });
}
// one design with four tangents (in->tangents); the steps are those of one lane
EXPORT int ion_tangents(const void *model, const Inputs *in, const Protocol *p) {
  const Model &m = *(const Model *)model;
  if (!in->tangents || p->lanes != 1) return 2;
  return choose(m, [&](auto M, auto K) {
    Runner<Dual, M.value, K.value> runner(m, *in, *p);
    runner.run(0);
  });
}
// rows [count][width] of one run after the other; parts [count]; see points.h
EXPORT long long ion_cut(const double *rows, long long count, long long width, long long column, double error,
                         int most, int *parts) {
  return cut(rows, count, width, column, error, most, parts);
}
EXPORT void ion_points(const double *rows, long long count, long long width, const int *parts,
                       const int *read, int columns, double *out, long long total) {
  points(rows, count, width, parts, read, columns, out, total);
}
EXPORT void *ion_log(long long values) {
  Log *log = (Log *)calloc(1, sizeof(Log));
  if (log && values > 0) log->spare = (size_t)values;
  return log;
}
EXPORT void ion_forget(void *log) {
  Log *l = (Log *)log;
  if (l) l->release(), free(l);
}
// one design; called again, the run goes on and so does the log
EXPORT int ion_record(const void *model, const Inputs *in, const Protocol *p, void *log) {
  const Model &m = *(const Model *)model;
  if (!log || p->lanes != 1) return 2;
  return choose(m, [&](auto M, auto K) {
    Runner<double, M.value, K.value> runner(m, *in, *p);
    runner.log = (Log *)log;
    runner.run(0);
    runner.log->rows += p->lane_index[2];
  });
}
EXPORT int ion_adjoint(const void *model, const Inputs *in, const Protocol *p, const void *log,
                       const Cotangents *cotangents) {
  const Model &m = *(const Model *)model;
  if (!log || p->lanes != 1) return 2;
  return choose(m, [&](auto M, auto K) {
    Adjoint<M.value, K.value> adjoint(m, *in, *p, *(const Log *)log, *cotangents);
    adjoint.work();
  });
}
// r = F(y) at control weights and set point; states in the caller's order
EXPORT int ion_residual(const void *model, const Inputs *in, const Protocol *p, const double *control,
                        double set, const double *y, double *r) {
  const Model &m = *(const Model *)model;
  return choose(m, [&](auto M, auto K) {
    Runner<double, M.value, K.value> run(m, *in, *p);
    run.sys.bind(0, 1);
    for (int o = 0; o < m.s.outputs; o++) run.sys.control[o] = control[o];
    run.sys.set = set;
    run.each_state([&](size_t at, size_t i) { run.st.y[i] = y[at]; });
    run.sys.rhs(run.st.y, run.st.R);
    run.each_state([&](size_t at, size_t i) { r[at] = run.st.R[i]; });
  });
}
EXPORT int ion_solve(const void *model, const Inputs *in, const Protocol *p, const double *control, double a,
                     const double *y, const double *r, double *u) {
  const Model &m = *(const Model *)model;
  return choose(m, [&](auto M, auto K) {
    Runner<double, M.value, K.value> run(m, *in, *p);
    run.sys.bind(0, 1);
    for (int o = 0; o < m.s.outputs; o++) run.sys.control[o] = control[o];
    run.each_state([&](size_t at, size_t i) { run.st.y[i] = y[at], run.st.R[i] = r[at]; });
    run.sys.factor(run.st.y, a);
    run.sys.solve(run.st.R, run.st.u[0]);
    run.each_state([&](size_t at, size_t i) { u[at] = run.st.u[0][i]; });
  });
}
