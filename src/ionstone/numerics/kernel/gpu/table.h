// In place of ../table.h where a thread works one design: the first lane's tables.
#pragma once
#include "lanes.h"

struct Table {
  const double *piece[VECTOR];
  vd low, inverse_step, step, last;
  const double *tangent[4];
};

// derivatives of order 0 to 3 at x, of those that the mask names, into rows to[...] at i
INLINE void look_up(const Table &t, int mask, double x, double *const *row, const int *to, int i) {
  const double u = (x - t.low[0]) * t.inverse_step[0];
  double v = u > 0 ? u : 0; // also for not-a-number
  v = v < t.last[0] ? v : t.last[0];
  const int piece = (int)v;
  const double d = (u - piece) * t.step[0], *a = t.piece[0] + 4 * (size_t)piece;
  int k = 0;
  if (mask & 1) row[to[k++]][i] = ((a[0] * d + a[1]) * d + a[2]) * d + a[3];
  if (mask & 2) row[to[k++]][i] = (3. * a[0] * d + 2. * a[1]) * d + a[2];
  if (mask & 4) row[to[k++]][i] = 6. * a[0] * d + 2. * a[1];
  if (mask & 8) row[to[k++]][i] = 6. * a[0];
}
