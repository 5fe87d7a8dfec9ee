// In place of ../arena.h where a thread works one design: blocks of the thread's own part of one piece.
#pragma once
#include "lanes.h"
#include <stdlib.h>

struct Memory {
  char *memory; // of all threads
  size_t part;  // of one thread
};
#if defined(__CUDACC__)
__device__ Memory whole;
#else
static Memory whole;
#endif
struct Slab; // what workers of a processor hand on: none here

struct Arena {
  static constexpr size_t ALIGN = 64;
  char *memory;
  size_t used = 0;
  bool full = false; // what is asked for after that lies at the beginning: the caller must not run

  Arena() { memory = whole.memory + THREAD_INDEX * whole.part; }
  void *bytes(size_t n) {
    const size_t size = (n + 2 * ALIGN - 1) / ALIGN * ALIGN; // one line apart, as on a processor
    void *block = memory + used;
    used += size;
    full = full || used > whole.part;
    return full ? memory : memset(block, 0, size);
  }
  double *doubles(size_t n) { return (double *)bytes(n * sizeof(double)); }
  void take(Slab **) {}
  void give(Slab **) {}
};
