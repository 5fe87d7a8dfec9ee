// In place of the interpreter of ../tape.h where a thread works one design: one value after the other.
#pragma once

INLINE double clamped_exp(double x) { return exp(x < -708. ? -708. : x > 708. ? 708. : x); }
INLINE double log_or_nan(double x) { return x > 0 ? log(x) : __builtin_nan(""); }

static void interpret(const Instruction *code, int count, double *const *row, const double *constant,
                      const Table *table, int nv) {
  for (const Instruction *c = code; c < code + count; c++) {
    const double *x = row[c->a], *y = row[c->b], *z = row[c->c];
    double *to = row[c->to];
    const int n = VECTOR * nv;
    if (c->op >= TABLE) {
      const int rows[4] = {c->to, c->b, c->c, c->to3};
      for (int i = 0; i < n; i++) look_up(table[c->k], c->op - TABLE + 1, x[i], row, rows, i);
      continue;
    }
    const double k = constant[c->k];
#define EACH(NAME, EXPR)                                                                                     \
  case NAME:                                                                                                 \
    for (int i = 0; i < n; i++) to[i] = (EXPR);                                                              \
    break;
    switch (c->op) {
      EACH(CONST, k)
      EACH(COPY, x[i])
      EACH(ADD, x[i] + y[i])
      EACH(SUB, x[i] - y[i])
      EACH(MUL, x[i] * y[i])
      EACH(DIV, x[i] / y[i])
      EACH(INV, 1.0 / x[i])
      EACH(NEG, -x[i])
      EACH(EXP, clamped_exp(x[i]))
      EACH(LOG, log_or_nan(x[i]))
      EACH(SQRT, sqrt(x[i]))
      EACH(TANH, 1. - 2. / (clamped_exp(2. * x[i]) + 1.))
      EACH(MAX, x[i] > y[i] ? x[i] : y[i])
      EACH(MIN, x[i] < y[i] ? x[i] : y[i])
      EACH(POW, clamped_exp(y[i] * log_or_nan(x[i])))
      EACH(ABS, x[i] > -x[i] ? x[i] : -x[i])
      EACH(FMA, x[i] * y[i] + z[i])
      EACH(FMS, x[i] * y[i] - z[i])
      EACH(FNMA, z[i] - x[i] * y[i])
      EACH(ADDK, x[i] + k)
      EACH(RSUBK, k - x[i])
      EACH(MULK, x[i] * k)
      EACH(FMAKA, x[i] * k + y[i])
      EACH(FMAKB, x[i] * y[i] + k)
      EACH(GT, x[i] > y[i] ? 1.0 : 0.0) // a truth is a number that is not zero
      EACH(LT, x[i] < y[i] ? 1.0 : 0.0)
      EACH(GE, x[i] >= y[i] ? 1.0 : 0.0)
      EACH(LE, x[i] <= y[i] ? 1.0 : 0.0)
      EACH(SELECT, x[i] != 0 ? y[i] : z[i])
    default:
      break; // the door has checked the codes
    }
#undef EACH
  }
}

// tangents are worked on processors alone
static void interpret_dual(const Instruction *, int, double *const *, const double *, const Table *, int) {}
