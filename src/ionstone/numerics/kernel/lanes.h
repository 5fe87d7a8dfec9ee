// Lanes as GCC/Clang vector extensions (no intrinsics, no libmvec), and the functions that tapes call on
// them.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef double v4 __attribute__((vector_size(32)));
typedef long long i4 __attribute__((vector_size(32)));
typedef unsigned long long u4 __attribute__((vector_size(32)));
typedef int n4 __attribute__((vector_size(16)));

#define INLINE static inline __attribute__((always_inline))

// Number of lanes of a scalar type: one design (double) or four (v4).
template <class D> struct Lanes {
  static constexpr int W = 1;
};
template <> struct Lanes<v4> {
  static constexpr int W = 4;
};

INLINE double get(double a, int) { return a; }
INLINE double get(v4 a, int lane) { return a[lane]; }
INLINE void put(double &a, int, double b) { a = b; }
INLINE void put(v4 &a, int lane, double b) { a[lane] = b; }
template <class T> INLINE T least(T a, T b) { return a < b ? a : b; }
template <class T> INLINE T most(T a, T b) { return a > b ? a : b; }
// the larger, or not a number where one of them is not
template <class T> INLINE T worse(T a, T b) { return a > b ? a : (b > a ? b : 0.5 * (a + b)); }
INLINE double square_root(double x) { return sqrt(x); }
INLINE v4 square_root(v4 x) {
  v4 r;
  _Pragma("GCC unroll 4") for (int l = 0; l < 4; l++) r[l] = sqrt(x[l]);
  return r;
}
INLINE v4 load(const double *p, int i) {
  v4 v;
  memcpy(&v, p + 4 * (size_t)i, sizeof v);
  return v;
}
INLINE void store(double *p, int i, v4 v) { memcpy(p + 4 * (size_t)i, &v, sizeof v); }

// What a loop over neighbouring values of a scalar type takes at once.
template <class D> struct Wide {
  typedef D type;
  static constexpr int N = 1;
};
template <> struct Wide<double> {
  typedef v4 type;
  static constexpr int N = 4;
};

// exp: argument reduction with ln 2 in two parts and a Taylor polynomial of degree 13; clamped to +-708.
INLINE v4 vexp(v4 x) {
  const v4 low = v4{} - 708.0, high = v4{} + 708.0;
  x = x < low ? low : x;
  x = x > high ? high : x;
  v4 t = x * 1.4426950408889634;
  t = t + (t < v4{} ? v4{} - 0.5 : v4{} + 0.5);
  const n4 k = __builtin_convertvector(t, n4);
  const v4 kd = __builtin_convertvector(k, v4);
  v4 r = x - kd * 6.93147180369123816490e-01;
  r = r - kd * 1.90821492927058770002e-10;
  v4 p = r * (1 / 6227020800.) + 1 / 479001600.;
  p = p * r + 1 / 39916800.;
  p = p * r + 1 / 3628800.;
  p = p * r + 1 / 362880.;
  p = p * r + 1 / 40320.;
  p = p * r + 1 / 5040.;
  p = p * r + 1 / 720.;
  p = p * r + 1 / 120.;
  p = p * r + 1 / 24.;
  p = p * r + 1 / 6.;
  p = p * r + 0.5;
  p = p * r + 1.;
  p = p * r + 1.;
  const i4 e = (__builtin_convertvector(k, i4) + 1023) << 52;
  return p * (v4)e;
}

// log of positive normal numbers; not a number at or below zero. Unsigned arithmetic throughout: no overflow
// on NaN.
INLINE v4 vlog(v4 x) {
  const u4 b = (u4)x;
  const u4 e = (b - 0x3fe6a09e667f3bcdULL + (1023ULL << 52)) >> 52;
  const v4 m = (v4)(b - ((e - 1023) << 52));
  const v4 k = (v4)(e | 0x4330000000000000ULL) - (4503599627370496. + 1023.);
  const v4 f = m - 1., s = f / (2. + f), z = s * s;
  v4 p = 1.531383769920937332e-01 + z * 1.479819860511658591e-01;
  p = 1.818357216161805012e-01 + z * p;
  p = 2.222219843214978396e-01 + z * p;
  p = 2.857142874366239149e-01 + z * p;
  p = 3.999999999940941908e-01 + z * p;
  p = 6.666666666666735130e-01 + z * p;
  const v4 h = .5 * f * f;
  const v4 y =
      k * 6.93147180369123816490e-01 - ((h - (s * (h + z * p) + k * 1.90821492927058770002e-10)) - f);
  const v4 nan = v4{} + __builtin_nan("");
  return x > v4{} ? y : nan;
}
INLINE v4 vtanh(v4 x) { return 1. - 2. / (vexp(2. * x) + 1.); }
INLINE v4 vpow(v4 x, v4 y) { return vexp(y * vlog(x)); }
