// What an adjoint needs of a run: its accepted steps and its consistent starts, in order.
#pragma once
#include "arena.h"

enum EntryKind { TIME_STEP, START, LEFT }; // LEFT: a consistent start of a step that an event ends at once

struct Entry {
  EntryKind kind;
  int step, knot, row, event; // step of the protocol, knot of its profile, last row, event or -1
  double h, set, slope, time; // size, set point and slope, time in the step of the protocol
  double place;               // of the event in the step; 1 where there is none
  double *y;                  // state before a step of time, or after a consistent start
  double *stages;             // of the step of time, or null: then they are computed again
};

struct Log {
  Entry *entry = nullptr;
  int count = 0, room = 0, rows = 0; // rows of earlier calls
  bool modal[4];                     // electrodes whose particles are in modes, and their rates
  double rate[4];
  size_t spare = 0; // values of stages that may still be kept

  // room for the stages of a step, or null: without them the way back costs a fifth more
  double *stages(size_t n) {
    if (n > spare) return nullptr;
    spare -= n;
    return (double *)malloc(sizeof(double) * n);
  }

  Entry &add(const double *state, size_t size) {
    if (count == room) {
      room = room ? 2 * room : 256;
      entry = (Entry *)realloc(entry, sizeof(Entry) * (size_t)room);
      if (!entry) abort();
    }
    Entry &e = entry[count++];
    e = Entry{};
    e.y = (double *)calloc(size + 16, sizeof(double));
    if (!e.y) abort();
    memcpy(e.y, state, sizeof(double) * size);
    return e;
  }
  void release() {
    for (int i = 0; i < count; i++) free(entry[i].y), free(entry[i].stages);
    free(entry);
  }
};
