// Rows of a run -> points between which straight lines are accurate.
//
// An accepted step of time leaves two inner rows, marked by a fraction in column 1 (protocol.h), and its end.
// With the row before them they are the values of a cubic at 0, 1/3, 2/3, 1 of the step.
#pragma once
#include <math.h>

// parts[row]: 0 for an inner row, 1 for a row that stands alone, else the number of equal parts in which the
// step that ends there is cut, so that straight lines err under `error` in `column`. Returns their sum.
inline long long cut(const double *rows, long long count, long long width, long long column, double error,
                     int most, int *parts) {
  long long total = 0;
  for (long long r = 0; r < count;) {
    const bool inner = r > 0 && r + 2 < count && fmod(rows[r * width + 1], 1.) != 0;
    int n = 1;
    if (inner) {
      const double *v = rows + (r - 1) * width + column;
      const double a = v[0], b = v[width], c = v[2 * width], d = v[3 * width];
      const double first = fabs(9 * (2 * a - 5 * b + 4 * c - d)),
                   last = fabs(9 * (-a + 4 * b - 5 * c + 2 * d));
      const double wanted = ceil(sqrt((first > last ? first : last) / (8 * error)));
      n = !(wanted > 1) ? 1 : wanted < most ? (int)wanted : most; // one part also for not-a-number
      parts[r] = parts[r + 1] = 0, r += 2;
    }
    parts[r++] = n, total += n;
  }
  return total;
}

// out[k][point]: values of column read[k] at the points, by the cubics where a step is cut.
inline void points(const double *rows, long long count, long long width, const int *parts, const int *read,
                   int columns, double *out, long long total) {
  long long at = 0;
  for (long long r = 0; r < count; r++) {
    for (int i = 1; i < parts[r]; i++, at++) {
      const double s = (double)i / parts[r], a = 3 * s - 1, b = 3 * s - 2, c = s - 1;
      const double w[4] = {-a * b * c / 2, 9 * s * b * c / 2, -9 * s * a * c / 2, s * a * b / 2};
      for (int k = 0; k < columns; k++) {
        const double *v = rows + (r - 3) * width + read[k];
        out[k * total + at] = w[0] * v[0] + w[1] * v[width] + w[2] * v[2 * width] + w[3] * v[3 * width];
      }
    }
    if (!parts[r]) continue;
    for (int k = 0; k < columns; k++) out[k * total + at] = rows[r * width + read[k]];
    at++;
  }
}
