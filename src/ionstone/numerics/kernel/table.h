// Tabulated functions: cubic pieces on uniform knots, four coefficients a piece, one table a lane.
#pragma once
#include "lanes.h"

struct Table {
  const double *piece[VECTOR];      // coefficients of each lane, [pieces][4], highest power first
  vd low, inverse_step, step, last; // first knot, 1/step, step, index of the last piece
  const double *tangent[4];         // coefficients of the derivative along each tangent (duals), or null
};

struct Piece {
  vd d, a[4]; // distance from the knot, coefficients
};

INLINE void find(const Table &t, vd x, vn &piece, vd &distance) {
  const vd u = (x - t.low) * t.inverse_step;
  vd v = u > vd{} ? u : vd{}; // also for not-a-number
  v = v < t.last ? v : t.last;
  piece = __builtin_convertvector(v, vn);
  distance = (u - __builtin_convertvector(piece, vd)) * t.step;
}
// the coefficients of four lanes from `first`: one vector a power
INLINE void transposed(const Table &t, vn i, int first, v4 (&a)[4]) {
  v4 q[4];
  _Pragma("GCC unroll 4") for (int l = 0; l < 4; l++)
      memcpy(&q[l], t.piece[first + l] + 4 * (size_t)i[first + l], 32);
  const v4 e = __builtin_shufflevector(q[0], q[1], 0, 4, 2, 6),
           f = __builtin_shufflevector(q[0], q[1], 1, 5, 3, 7);
  const v4 g = __builtin_shufflevector(q[2], q[3], 0, 4, 2, 6),
           h = __builtin_shufflevector(q[2], q[3], 1, 5, 3, 7);
  a[0] = __builtin_shufflevector(e, g, 0, 1, 4, 5);
  a[1] = __builtin_shufflevector(f, h, 0, 1, 4, 5);
  a[2] = __builtin_shufflevector(e, g, 2, 3, 6, 7);
  a[3] = __builtin_shufflevector(f, h, 2, 3, 6, 7);
}
INLINE Piece take(const Table &t, vn i, vd distance) {
  Piece r;
  r.d = distance;
#if defined(__AVX512F__)
  v4 low[4], high[4];
  transposed(t, i, 0, low), transposed(t, i, 4, high);
  _Pragma("GCC unroll 4") for (int k = 0; k < 4; k++) r.a[k] =
      __builtin_shufflevector(low[k], high[k], 0, 1, 2, 3, 4, 5, 6, 7);
#else
  transposed(t, i, 0, r.a);
#endif
  return r;
}

template <int ORDER> INLINE vd value(const Piece &p) {
  if constexpr (ORDER == 0) return ((p.a[0] * p.d + p.a[1]) * p.d + p.a[2]) * p.d + p.a[3];
  if constexpr (ORDER == 1) return (3. * p.a[0] * p.d + 2. * p.a[1]) * p.d + p.a[2];
  if constexpr (ORDER == 2) return 6. * p.a[0] * p.d + 2. * p.a[1];
  return 6. * p.a[0];
}
