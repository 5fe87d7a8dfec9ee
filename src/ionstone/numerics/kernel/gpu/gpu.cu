// The kernel on a GPU: each thread works one design after the other. Compiled by benchmarks/gpu_build.py from
// a copy of the sources beside it. What a call gets lies in memory that both sides reach (gpu_memory).
//
//   gpu_devices()                           number of GPUs; 0 where there is none or no driver
//   gpu_name(text, n)                       name of the first
//   gpu_memory(bytes) / gpu_release(p)
//   gpu_load(ints, n, doubles, m)           as ion_load: a model, or null when it is damaged
//   gpu_run(model, inputs, protocol)        as ion_run; 0, 1 where no kernel is built for the model, or 100 +
//   the
//                                           code of an error of CUDA
#include "protocol.h"

namespace {
template <int M, int K>
__device__ void one_thread(const Model &m, const Inputs &in, const Protocol &p, size_t *need) {
  Runner<double, M, K> runner(m, in, p);
  if (need) {
    runner.sys.bind(0, p.lanes); // some rows are made when they are first needed
    *need = runner.sys.arena.used;
    return;
  }
  if (runner.sys.arena.full) return;
#if defined(__CUDACC__)
  for (int b; (b = atomicAdd(p.next, 1)) < p.lanes;) runner.run(b);
#else
  for (int b; (b = (*p.next)++) < p.lanes;) runner.run(b);
#endif
}
} // namespace

#if defined(__CUDACC__)
template <int M, int K> __global__ void work(const Model *m, Inputs in, Protocol p, size_t *need) {
  one_thread<M, K>(*m, in, p, need);
}

namespace {
constexpr int THREADS = 64;         // of a block
constexpr size_t FIRST = 256 << 20; // [bytes] for the run that tells how much a thread needs

void *shared_memory(size_t n) {
  void *p = nullptr;
  return cudaMallocManaged(&p, n ? n : 1) == cudaSuccess ? p : nullptr;
}
// one launch with memory of so many parts
template <int M, int K>
int launch(const Model *m, const Inputs &in, const Protocol &p, size_t *need, size_t part, size_t threads) {
  Memory all{nullptr, part};
  cudaError_t bad = cudaMalloc(&all.memory, part * threads);
  if (bad == cudaSuccess) bad = cudaMemcpyToSymbol(whole, &all, sizeof all);
  if (bad == cudaSuccess) {
    const int block = threads < THREADS ? (int)threads : THREADS;
    work<M, K><<<(unsigned)((threads + block - 1) / block), block>>>(m, in, p, need);
    bad = cudaGetLastError();
    if (bad == cudaSuccess) bad = cudaDeviceSynchronize();
  }
  cudaFree(all.memory);
  return bad == cudaSuccess ? 0 : 100 + (int)bad;
}
template <int M, int K> int run_all(const Model *m, const Inputs &in, const Protocol &p) {
  size_t *need = (size_t *)shared_memory(sizeof(size_t)), free_bytes = 0, all_bytes = 0;
  if (!need) return 102;
  *need = 0;
  int code = launch<M, K>(m, in, p, need, FIRST, 1);
  const size_t part = (*need + 255) / 256 * 256;
  cudaFree(need);
  if (code) return code;
  cudaMemGetInfo(&free_bytes, &all_bytes);
  const size_t room = free_bytes / 10 * 8 / (part ? part : 1) / THREADS * THREADS;
  const size_t wanted = ((size_t)p.lanes + THREADS - 1) / THREADS * THREADS;
  if (!part || part > FIRST || !room) return 102;
  return launch<M, K>(m, in, p, nullptr, part, room < wanted ? room : wanted);
}
} // namespace
#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT int gpu_devices(void) {
  int n = 0;
  return cudaGetDeviceCount(&n) == cudaSuccess ? n : 0;
}
EXPORT int gpu_name(char *text, int n) {
  cudaDeviceProp about;
  if (n < 1 || cudaGetDeviceProperties(&about, 0) != cudaSuccess) return 1;
  strncpy(text, about.name, (size_t)n - 1);
  text[n - 1] = 0;
  return 0;
}
EXPORT void gpu_release(void *p) { cudaFree(p); }
#else
namespace {
void *shared_memory(size_t n) { return calloc(1, n ? n : 1); }
template <int M, int K> int run_all(const Model *m, const Inputs &in, const Protocol &p) {
  size_t need = 0;
  whole = {(char *)calloc(1, 256 << 20), 256 << 20};
  one_thread<M, K>(*m, in, p, &need);
  whole.part = need;
  one_thread<M, K>(*m, in, p, nullptr);
  free(whole.memory);
  return 0;
}
} // namespace
#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT int gpu_devices(void) { return 1; }
EXPORT int gpu_name(char *text, int n) {
  strncpy(text, "a processor", (size_t)n);
  return 0;
}
EXPORT void gpu_release(void *p) { free(p); }
#endif

EXPORT void *gpu_memory(size_t n) { return shared_memory(n); }
EXPORT void *gpu_load(const int *ints, long n_ints, const double *doubles, long n_doubles) {
  Model *read = read_model(ints, n_ints, doubles, n_doubles);
  if (!read) return nullptr;
  // the model's memory in one piece that both sides reach; what points into the old one is moved along
  const size_t body = sizeof(int) * (size_t)n_ints + sizeof(double) * (size_t)(n_doubles + 1);
  char *to = (char *)shared_memory(body), *from = (char *)read->memory;
  Model *m = (Model *)shared_memory(sizeof(Model));
  Tape *tape = (Tape *)shared_memory(sizeof(Tape) * (size_t)read->s.tapes);
  if (to && m && tape) {
    const auto moved = [&](auto *p) { return (decltype(p))(to + ((const char *)p - from)); };
    memcpy(to, from, body), memcpy(m, read, sizeof(Model));
    memcpy(tape, read->tape, sizeof(Tape) * (size_t)read->s.tapes);
    m->memory = to, m->tape = tape, m->jacobian_prop = moved(m->jacobian_prop);
    for (int t = 0; t < m->s.tapes; t++) {
      Tape &q = tape[t];
      q.used = moved(q.used), q.out = moved(q.out), q.prologue = moved(q.prologue);
      q.main = moved(q.main), q.constants = moved(q.constants);
    }
  }
  free(read->tape), free(read->memory), free(read);
  return to && tape ? m : nullptr;
}
EXPORT int gpu_run(const void *model, const Inputs *in, const Protocol *p) {
  const Model *m = (const Model *)model;
  if (m->s.unknowns == 3 && m->s.locals == 1) return run_all<3, 1>(m, *in, *p);
  if (m->s.unknowns == 3 && m->s.locals == 2) return run_all<3, 2>(m, *in, *p);
  return 1;
}
