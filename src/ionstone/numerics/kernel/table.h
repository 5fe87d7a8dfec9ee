// Tabulated functions: cubic pieces on uniform knots, four coefficients a piece, one table a lane.
#pragma once
#include "lanes.h"

struct Table {
  const double *piece[4];           // coefficients of each lane, [pieces][4], highest power first
  v4 low, inverse_step, step, last; // first knot, 1/step, step, index of the last piece
  const double *tangent[4];         // coefficients of the derivative along each tangent (duals), or null
};

struct Piece {
  v4 d, a[4]; // distance from the knot, coefficients
};

INLINE void find(const Table &t, v4 x, n4 &piece, v4 &distance) {
  const v4 u = (x - t.low) * t.inverse_step;
  v4 v = u > v4{} ? u : v4{}; // also for not-a-number
  v = v < t.last ? v : t.last;
  piece = __builtin_convertvector(v, n4);
  distance = (u - __builtin_convertvector(piece, v4)) * t.step;
}
INLINE Piece take(const Table &t, n4 i, v4 distance) {
  Piece r;
  r.d = distance;
  v4 q[4];
  _Pragma("GCC unroll 4") for (int l = 0; l < 4; l++) memcpy(&q[l], t.piece[l] + 4 * (size_t)i[l], 32);
  const v4 a = __builtin_shufflevector(q[0], q[1], 0, 4, 2, 6),
           b = __builtin_shufflevector(q[0], q[1], 1, 5, 3, 7);
  const v4 c = __builtin_shufflevector(q[2], q[3], 0, 4, 2, 6),
           d = __builtin_shufflevector(q[2], q[3], 1, 5, 3, 7);
  r.a[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
  r.a[1] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
  r.a[2] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
  r.a[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
  return r;
}

template <int ORDER> INLINE v4 value(const Piece &p) {
  if constexpr (ORDER == 0) return ((p.a[0] * p.d + p.a[1]) * p.d + p.a[2]) * p.d + p.a[3];
  if constexpr (ORDER == 1) return (3. * p.a[0] * p.d + 2. * p.a[1]) * p.d + p.a[2];
  if constexpr (ORDER == 2) return 6. * p.a[0] * p.d + 2. * p.a[1];
  return 6. * p.a[0];
}
