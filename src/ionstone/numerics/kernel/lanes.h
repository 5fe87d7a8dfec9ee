// Lanes as GCC/Clang vector extensions (no intrinsics, no libmvec), and the functions that tapes call on
// them.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Lanes of a vector register; tangents come four at a time whatever its width.
#if defined(__AVX512F__)
constexpr int VECTOR = 8;
#else
constexpr int VECTOR = 4;
#endif
typedef double vd __attribute__((vector_size(8 * VECTOR)));
typedef long long vi __attribute__((vector_size(8 * VECTOR)));
typedef unsigned long long vu __attribute__((vector_size(8 * VECTOR)));
typedef int vn __attribute__((vector_size(4 * VECTOR)));
typedef double v4 __attribute__((vector_size(32)));

#define INLINE static inline __attribute__((always_inline))

// Number of lanes of a scalar type: one design (double) or a vector of them (vd).
template <class D> struct Lanes {
  static constexpr int W = 1;
};
template <> struct Lanes<vd> {
  static constexpr int W = VECTOR;
};

INLINE double get(double a, int) { return a; }
INLINE double get(vd a, int lane) { return a[lane]; }
INLINE void put(double &a, int, double b) { a = b; }
INLINE void put(vd &a, int lane, double b) { a[lane] = b; }
template <class T> INLINE T least(T a, T b) { return a < b ? a : b; }
template <class T> INLINE T most(T a, T b) { return a > b ? a : b; }
// the larger, or not a number where one of them is not
template <class T> INLINE T worse(T a, T b) { return a > b ? a : (b > a ? b : 0.5 * (a + b)); }
INLINE double square_root(double x) { return sqrt(x); }
INLINE vd square_root(vd x) {
  double r[VECTOR];
  memcpy(r, &x, sizeof x);
  for (int l = 0; l < VECTOR; l++) r[l] = sqrt(r[l]); // compilers make one instruction of it
  memcpy(&x, r, sizeof x);
  return x;
}
INLINE vd load(const double *p, int i) {
  vd v;
  memcpy(&v, p + VECTOR * (size_t)i, sizeof v);
  return v;
}
INLINE void store(double *p, int i, vd v) { memcpy(p + VECTOR * (size_t)i, &v, sizeof v); }

// What a loop over neighbouring values of a scalar type takes at once.
template <class D> struct Wide {
  typedef D type;
  static constexpr int N = 1;
};
template <> struct Wide<double> {
  typedef vd type;
  static constexpr int N = VECTOR;
};

// exp: argument reduction with ln 2 in two parts and a Taylor polynomial of degree 13; clamped to +-708.
INLINE vd vexp(vd x) {
  const vd low = vd{} - 708.0, high = vd{} + 708.0;
  x = x < low ? low : x;
  x = x > high ? high : x;
  vd t = x * 1.4426950408889634;
  t = t + (t < vd{} ? vd{} - 0.5 : vd{} + 0.5);
  const vn k = __builtin_convertvector(t, vn);
  const vd kd = __builtin_convertvector(k, vd);
  vd r = x - kd * 6.93147180369123816490e-01;
  r = r - kd * 1.90821492927058770002e-10;
  vd p = r * (1 / 6227020800.) + 1 / 479001600.;
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
  const vi e = (__builtin_convertvector(k, vi) + 1023) << 52;
  return p * (vd)e;
}

// log of positive normal numbers; not a number at or below zero. Unsigned arithmetic throughout: no overflow
// on NaN.
INLINE vd vlog(vd x) {
  const vu b = (vu)x;
  const vu e = (b - 0x3fe6a09e667f3bcdULL + (1023ULL << 52)) >> 52;
  const vd m = (vd)(b - ((e - 1023) << 52));
  const vd k = (vd)(e | 0x4330000000000000ULL) - (4503599627370496. + 1023.);
  const vd f = m - 1., s = f / (2. + f), z = s * s;
  vd p = 1.531383769920937332e-01 + z * 1.479819860511658591e-01;
  p = 1.818357216161805012e-01 + z * p;
  p = 2.222219843214978396e-01 + z * p;
  p = 2.857142874366239149e-01 + z * p;
  p = 3.999999999940941908e-01 + z * p;
  p = 6.666666666666735130e-01 + z * p;
  const vd h = .5 * f * f;
  const vd y =
      k * 6.93147180369123816490e-01 - ((h - (s * (h + z * p) + k * 1.90821492927058770002e-10)) - f);
  const vd nan = vd{} + __builtin_nan("");
  return x > vd{} ? y : nan;
}
INLINE vd vtanh(vd x) { return 1. - 2. / (vexp(2. * x) + 1.); }
INLINE vd vpow(vd x, vd y) { return vexp(y * vlog(x)); }
