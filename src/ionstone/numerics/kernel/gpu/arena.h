// In place of ../arena.h where a thread works one design: blocks of the thread's own part of one slab.
#pragma once
#include "lanes.h"
#include <stdlib.h>

struct Slab {
  char *memory; // of all threads
  size_t part;  // of one thread
};
#if defined(__CUDACC__)
__device__ Slab slab;
#else
static Slab slab;
#endif

struct Arena {
  char *memory;
  size_t used = 0;
  bool full = false; // what is asked for after that lies at the beginning: the caller must not run

  Arena() { memory = slab.memory + THREAD_INDEX * slab.part; }
  void *bytes(size_t n) {
    const size_t size = (n + 63) / 64 * 64;
    if (used + size > slab.part) {
      full = true, used += size;
      return memory;
    }
    void *block = memory + used;
    memset(block, 0, size);
    used += size;
    return block;
  }
  double *doubles(size_t n) { return (double *)bytes(n * sizeof(double)); }
  void release() {}
};
