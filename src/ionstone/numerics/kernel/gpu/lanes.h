// In place of ../lanes.h where a thread works one design: plain scalars, and vectors that only hold values.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__CUDACC__)
#define THREAD_INDEX ((size_t)blockIdx.x * blockDim.x + threadIdx.x)
#else // the same code on a processor, for tests: one thread
#define __device__
#define __global__
#define THREAD_INDEX ((size_t)0)
#endif
#define IONSTONE_GPU
#define INLINE static inline
#define __atomic_load_n(address, order) (*(const volatile int *)(address))
#define __builtin_nan(text) NAN

constexpr int VECTOR = 4; // values that a tape takes at once; rows are as long as on a processor

struct v4 {
  double a[4];
  double &operator[](int i) { return a[i]; }
  double operator[](int i) const { return a[i]; }
};
INLINE v4 operator+(v4 x, v4 y) { return {{x[0] + y[0], x[1] + y[1], x[2] + y[2], x[3] + y[3]}}; }
INLINE v4 operator*(v4 x, double k) { return {{x[0] * k, x[1] * k, x[2] * k, x[3] * k}}; }
INLINE v4 operator-(v4 x) { return x * -1.0; }
INLINE v4 operator-(v4 x, v4 y) { return x + -y; }
INLINE v4 operator/(v4 x, double k) { return x * (1.0 / k); }
INLINE v4 &operator+=(v4 &x, v4 y) { return x = x + y; }
typedef v4 vd;
struct n4 {
  int a[4];
};
typedef n4 vn;
struct i4 { // named where vectors of lanes are chosen from, never used
  long long a[4];
  long long &operator[](int i) { return a[i]; }
  explicit operator bool() const { return a[0] != 0; }
};
typedef i4 vi;

template <class D> struct Lanes {
  static constexpr int W = 1;
};
template <class D> struct Wide {
  typedef D type;
  static constexpr int N = 1;
};

INLINE double get(double a, int) { return a; }
INLINE void put(double &a, int, double b) { a = b; }
INLINE double get(v4 a, int lane) { return a[lane]; }
INLINE void put(v4 &a, int lane, double b) { a[lane] = b; }
template <class T> INLINE T least(T a, T b) { return a < b ? a : b; }
template <class T> INLINE T most(T a, T b) { return a > b ? a : b; }
// the larger, or not a number where one of them is not
template <class T> INLINE T worse(T a, T b) { return a > b ? a : (b > a ? b : 0.5 * (a + b)); }
INLINE double square_root(double x) { return sqrt(x); }
