// A value with four tangents: the stepper instantiated with it differentiates its own steps, exactly.
#pragma once
#include "lanes.h"

struct Dual {
  double v;
  v4 d;
};
INLINE Dual operator+(Dual a, Dual b) { return {a.v + b.v, a.d + b.d}; }
INLINE Dual operator-(Dual a, Dual b) { return {a.v - b.v, a.d - b.d}; }
INLINE Dual operator*(Dual a, Dual b) { return {a.v * b.v, a.d * b.v + b.d * a.v}; }
INLINE Dual operator/(Dual a, Dual b) {
  const double r = 1.0 / b.v, q = a.v * r;
  return {q, (a.d - b.d * q) * r};
}
INLINE Dual operator-(Dual a) { return {-a.v, -a.d}; }
INLINE Dual operator+(Dual a, double b) { return {a.v + b, a.d}; }
INLINE Dual operator+(double a, Dual b) { return {a + b.v, b.d}; }
INLINE Dual operator-(Dual a, double b) { return {a.v - b, a.d}; }
INLINE Dual operator-(double a, Dual b) { return {a - b.v, -b.d}; }
INLINE Dual operator*(Dual a, double b) { return {a.v * b, a.d * b}; }
INLINE Dual operator*(double a, Dual b) { return {a * b.v, b.d * a}; }
INLINE Dual operator/(Dual a, double b) { return a * (1.0 / b); }
INLINE Dual operator/(double a, Dual b) {
  const double q = a / b.v;
  return {q, b.d * (-q / b.v)};
}
template <class B> INLINE Dual &operator+=(Dual &a, B b) { return a = a + b; }
template <class B> INLINE Dual &operator-=(Dual &a, B b) { return a = a - b; }
template <class B> INLINE Dual &operator*=(Dual &a, B b) { return a = a * b; }
INLINE bool operator>(Dual a, Dual b) { return a.v > b.v; }
INLINE bool operator<(Dual a, Dual b) { return a.v < b.v; }
INLINE double get(Dual a, int) { return a.v; }
INLINE void put(Dual &a, int, double b) { a = {b, v4{}}; }
INLINE void move_lane(Dual &a, int, Dual b) { a = b; }
INLINE void move_lane(double &a, int, double b) { a = b; }
INLINE void move_lane(vd &a, int lane, vd b) { a[lane] = b[lane]; }
// f(a) from the value and the first derivative of f
INLINE Dual chain(Dual a, double f, double slope) { return {f, a.d * slope}; }
INLINE Dual square_root(Dual a) {
  const double r = sqrt(a.v);
  return chain(a, r, 0.5 / r);
}
INLINE Dual power(Dual a, Dual b) {
  const double r = pow(a.v, b.v);
  return {r, a.d * (b.v * pow(a.v, b.v - 1)) + b.d * (a.v > 0 ? r * log(a.v) : 0)};
}
INLINE v4 tangents(const double *p) {
  v4 d;
  memcpy(&d, p, sizeof d);
  return d;
}
template <class D> struct IsDual {
  static constexpr bool value = false;
};
template <> struct IsDual<Dual> {
  static constexpr bool value = true;
};
// doubles that a scalar type takes in a row
template <class D> struct Doubles {
  static constexpr int N = (int)(sizeof(D) / 8);
};
template <class D> constexpr int DOUBLES = Doubles<D>::N;
