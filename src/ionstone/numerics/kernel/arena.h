// Memory of one worker: zeroed, aligned blocks, freed together. The steps themselves allocate nothing.
#pragma once
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct Arena {
  struct Block {
    Block *next;
  };
  Block *blocks = nullptr;

  void *bytes(size_t n) {
    constexpr size_t ALIGN = 64;
    char *raw = (char *)calloc(1, n + sizeof(Block) + 2 * ALIGN);
    if (!raw) abort();
    ((Block *)raw)->next = blocks;
    blocks = (Block *)raw;
    return raw + sizeof(Block) + (ALIGN - ((size_t)(raw + sizeof(Block)) % ALIGN)) % ALIGN;
  }
  double *doubles(size_t n) { return (double *)bytes(n * sizeof(double)); }
  void release() {
    while (blocks) {
      Block *next = blocks->next;
      free(blocks);
      blocks = next;
    }
  }
};
