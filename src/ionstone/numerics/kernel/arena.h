// Memory of one worker: zeroed, aligned blocks cut from slabs that are freed or handed on together. The steps
// themselves allocate nothing.
#pragma once
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct Slab {
  Slab *next;
  size_t size;
};

struct Arena {
  static constexpr size_t ALIGN = 64;
#if defined(__SANITIZE_ADDRESS__)
  static constexpr size_t LEAST = 0; // a slab for each block: its ends are watched
#else
  static constexpr size_t LEAST = 1 << 18;
#endif
  Slab *first = nullptr, *at = nullptr;
  size_t used = 0;

  void *bytes(size_t n) {
    n = (n + 2 * ALIGN - 1) / ALIGN * ALIGN; // one line apart: loops may read a vector beyond their end
    while (at && used + n > at->size && at->next) at = at->next, used = 0;
    if (!at || used + n > at->size) {
      const size_t size = n > LEAST ? n : LEAST;
      Slab *slab = (Slab *)malloc(sizeof(Slab) + ALIGN + size);
      if (!slab) abort();
      *slab = {nullptr, size};
      (at ? at->next : first) = slab;
      at = slab, used = 0;
    }
    char *start = (char *)(at + 1);
    start += (ALIGN - (size_t)start % ALIGN) % ALIGN;
    void *block = memset(start + used, 0, n);
    used += n;
    return block;
  }
  double *doubles(size_t n) { return (double *)bytes(n * sizeof(double)); }

  // slabs of an earlier worker are used again; `spare` holds those of one
  void take(Slab **spare) {
    if (LEAST) first = at = __atomic_exchange_n(spare, (Slab *)nullptr, __ATOMIC_ACQ_REL);
  }
  void give(Slab **spare) { release(__atomic_exchange_n(spare, first, __ATOMIC_ACQ_REL)); }
  static void release(Slab *slab) {
    while (slab) {
      Slab *next = slab->next;
      free(slab);
      slab = next;
    }
  }
};
