// Tapes: operations over rows of nodes and lanes, interpreted a block of vectors at a time.
#pragma once
#include "arena.h"
#include "dual.h"
#include "table.h"

struct Instruction {
  uint16_t op, to, a, b, c, k, to3, spare;
};

// One tape as loaded; points into memory owned by the model.
struct Tape {
  int inputs, invariant, full, slots, outputs, n_prologue, n_main, n_constants;
  const int *used, *out;
  const Instruction *prologue, *main;
  const double *constants;
};

constexpr int BLOCK = 16;      // vectors a pass
constexpr int MAX_SLOTS = 256; // rows of a tape
constexpr int N_OPERATIONS = 29;
enum Operation {
  CONST,
  COPY,
  ADD,
  SUB,
  MUL,
  DIV,
  INV,
  NEG,
  EXP,
  LOG,
  SQRT,
  TANH,
  MAX,
  MIN,
  POW,
  ABS,
  FMA,
  FMS,
  FNMA,
  ADDK,
  RSUBK,
  MULK,
  FMAKA,
  FMAKB,
  GT,
  LT,
  GE,
  LE,
  SELECT,
  TABLE
};

// Pieces of the last lookup: tables on equal knots that follow each other with the same argument share them.
struct Found {
  vn piece[BLOCK];
  vd distance[BLOCK];
};
INLINE bool same(vd a, vd b) {
  bool equal = true;
  for (int l = 0; l < VECTOR; l++) equal = equal && a[l] == b[l];
  return equal;
}
INLINE bool same_knots(const Table &a, const Table &b) {
  return same(a.low, b.low) && same(a.step, b.step) && same(a.last, b.last);
}
INLINE bool same_table(const Table &a, const Table &b) {
  bool equal = same_knots(a, b);
  for (int l = 0; l < VECTOR; l++) equal = equal && a.piece[l] == b.piece[l];
  for (int l = 0; l < 4; l++) equal = equal && a.tangent[l] == b.tangent[l];
  return equal;
}
#if defined(IONSTONE_GPU)
#include "interpret.h"
#else
template <int MASK>
INLINE void run_table(const Instruction &I, double *const *row, const Table &t, int nv, Found &found,
                      bool again) {
  const int to[4] = {I.to, I.b, I.c, I.to3};
  double *out[4] = {nullptr, nullptr, nullptr, nullptr};
  int u = 0;
  for (int o = 0; o < 4; o++)
    if (MASK >> o & 1) out[o] = row[to[u++]];
  if (!again)
    for (int i = 0; i < nv; i++) find(t, load(row[I.a], i), found.piece[i], found.distance[i]);
  for (int i = 0; i < nv; i++) {
    const Piece p = take(t, found.piece[i], found.distance[i]);
    if (MASK & 1) store(out[0], i, value<0>(p));
    if (MASK & 2) store(out[1], i, value<1>(p));
    if (MASK & 4) store(out[2], i, value<2>(p));
    if (MASK & 8) store(out[3], i, value<3>(p));
  }
}

static void interpret(const Instruction *code, int n, double *const *row, const double *constant,
                      const Table *table, int nv) {
  static const void *const label[] = {
      &&do_const, &&do_copy,   &&do_add,   &&do_sub,  &&do_mul,   &&do_div,   &&do_inv, &&do_neg, &&do_exp,
      &&do_log,   &&do_sqrt,   &&do_tanh,  &&do_max,  &&do_min,   &&do_pow,   &&do_abs, &&do_fma, &&do_fms,
      &&do_fnma,  &&do_addk,   &&do_rsubk, &&do_mulk, &&do_fmaka, &&do_fmakb, &&do_gt,  &&do_lt,  &&do_ge,
      &&do_le,    &&do_select, &&t1,       &&t2,      &&t3,       &&t4,       &&t5,     &&t6,     &&t7,
      &&t8,       &&t9,        &&t10,      &&t11,     &&t12,      &&t13,      &&t14,    &&t15};
  if (n == 0) return;
  Found found;
  const Instruction *c = code, *const end = code + n;
#define NEXT                                                                                                 \
  {                                                                                                          \
    if (++c == end) return;                                                                                  \
    goto *label[c->op];                                                                                      \
  }
#define OPERATION(NAME, EXPR)                                                                                \
  do_##NAME : {                                                                                              \
    const double *pa = row[c->a], *pb = row[c->b], *pc = row[c->c];                                          \
    double *to = row[c->to];                                                                                 \
    const vd k = vd{} + constant[c->k];                                                                      \
    (void)pa;                                                                                                \
    (void)pb;                                                                                                \
    (void)pc;                                                                                                \
    (void)k;                                                                                                 \
    for (int i = 0; i < nv; i++) store(to, i, EXPR);                                                         \
    NEXT                                                                                                     \
  }
#define A load(pa, i)
#define B load(pb, i)
#define C load(pc, i)
  goto *label[c->op];
  OPERATION(const, k)
  OPERATION(copy, A)
  OPERATION(add, A + B)
  OPERATION(sub, A - B)
  OPERATION(mul, A * B)
  OPERATION(div, A / B)
  OPERATION(inv, 1.0 / A)
  OPERATION(neg, -A)
  OPERATION(exp, vexp(A))
  OPERATION(log, vlog(A))
  OPERATION(sqrt, square_root(A))
  OPERATION(tanh, vtanh(A))
  OPERATION(max, most(A, B))
  OPERATION(min, least(A, B))
  OPERATION(pow, vpow(A, B))
  OPERATION(abs, most(A, -A))
  OPERATION(fma, A * B + C)
  OPERATION(fms, A * B - C)
  OPERATION(fnma, C - A * B)
  OPERATION(addk, A + k)
  OPERATION(rsubk, k - A)
  OPERATION(mulk, A * k)
  OPERATION(fmaka, A * k + B)
  OPERATION(fmakb, A * B + k)
  OPERATION(gt, (vd)(A > B))
  OPERATION(lt, (vd)(A < B))
  OPERATION(ge, (vd)(A >= B))
  OPERATION(le, (vd)(A <= B))
  OPERATION(select, ((vi)A ? B : C))
#undef A
#undef B
#undef C
#undef OPERATION
#define LOOKUP(M)                                                                                            \
  t##M : {                                                                                                   \
    const bool again =                                                                                       \
        c > code && c[-1].op >= TABLE && c[-1].a == c->a && same_knots(table[c->k], table[c[-1].k]);         \
    run_table<M>(*c, row, table[c->k], nv, found, again);                                                    \
    NEXT                                                                                                     \
  }
  LOOKUP(1)
  LOOKUP(2)
  LOOKUP(3)
  LOOKUP(4)
  LOOKUP(5)
  LOOKUP(6) LOOKUP(7) LOOKUP(8) LOOKUP(9) LOOKUP(10) LOOKUP(11) LOOKUP(12) LOOKUP(13) LOOKUP(14) LOOKUP(15)
#undef LOOKUP
#undef NEXT
}

// derivative of order o of one cubic piece
static double derivative(const double *a, double d, int order) {
  if (order == 0) return ((a[0] * d + a[1]) * d + a[2]) * d + a[3];
  if (order == 1) return (3 * a[0] * d + 2 * a[1]) * d + a[2];
  return order == 2 ? 6 * a[0] * d + 2 * a[1] : 6 * a[0];
}

// The same on rows of duals: plain and slow, but exact to the last operation.
static void interpret_dual(const Instruction *code, int count, double *const *row, const double *constant,
                           const Table *table, int n) {
  for (const Instruction *c = code; c < code + count; c++) {
    const Dual *x = (const Dual *)row[c->a], *y = (const Dual *)row[c->b], *z = (const Dual *)row[c->c];
    Dual *to = (Dual *)row[c->to];
    const double k = c->op < TABLE ? constant[c->k] : 0;
    if (c->op >= TABLE) {
      const int mask = c->op - TABLE + 1, dest[4] = {c->to, c->b, c->c, c->to3};
      for (int i = 0; i < n; i++) {
        vn piece;
        vd distance;
        const Dual at = x[i];
        find(table[c->k], vd{} + at.v, piece, distance);
        const Piece p = take(table[c->k], piece, distance);
        const double f[5] = {value<0>(p)[0], value<1>(p)[0], value<2>(p)[0], value<3>(p)[0], 0};
        int u = 0;
        for (int o = 0; o < 4; o++) {
          if (!(mask >> o & 1)) continue;
          Dual r = chain(at, f[o], f[o + 1]);
          for (int t = 0; t < 4; t++)
            if (table[c->k].tangent[t])
              r.d[t] += derivative(table[c->k].tangent[t] + 4 * (size_t)piece[0], distance[0], o);
          ((Dual *)row[dest[u++]])[i] = r;
        }
      }
      continue;
    }
#define EACH(EXPR)                                                                                           \
  for (int i = 0; i < n; i++) to[i] = (EXPR);                                                                \
  break
    switch (c->op) {
    case CONST:
      EACH((Dual{k, v4{}}));
    case COPY:
      EACH(x[i]);
    case ADD:
      EACH(x[i] + y[i]);
    case SUB:
      EACH(x[i] - y[i]);
    case MUL:
      EACH(x[i] * y[i]);
    case DIV:
      EACH(x[i] / y[i]);
    case INV:
      EACH(1.0 / x[i]);
    case NEG:
      EACH(-x[i]);
    case EXP:
      for (int i = 0; i < n; i++) {
        const double e = exp(x[i].v < -708 ? -708 : x[i].v > 708 ? 708 : x[i].v);
        to[i] = chain(x[i], e, e);
      }
      break;
    case LOG:
      EACH(chain(x[i], x[i].v > 0 ? log(x[i].v) : __builtin_nan(""), 1.0 / x[i].v));
    case SQRT:
      EACH(square_root(x[i]));
    case TANH:
      for (int i = 0; i < n; i++) {
        const double t = tanh(x[i].v);
        to[i] = chain(x[i], t, 1 - t * t);
      }
      break;
    case MAX:
      EACH(most(x[i], y[i]));
    case MIN:
      EACH(least(x[i], y[i]));
    case POW:
      EACH(power(x[i], y[i]));
    case ABS:
      EACH(most(x[i], -x[i]));
    case FMA:
      EACH(x[i] * y[i] + z[i]);
    case FMS:
      EACH(x[i] * y[i] - z[i]);
    case FNMA:
      EACH(z[i] - x[i] * y[i]);
    case ADDK:
      EACH(x[i] + k);
    case RSUBK:
      EACH(k - x[i]);
    case MULK:
      EACH(x[i] * k);
    case FMAKA:
      EACH(x[i] * k + y[i]);
    case FMAKB:
      EACH(x[i] * y[i] + k);
    case GT:
      EACH((Dual{x[i].v > y[i].v ? 1.0 : 0.0, v4{}}));
    case LT:
      EACH((Dual{x[i].v < y[i].v ? 1.0 : 0.0, v4{}}));
    case GE:
      EACH((Dual{x[i].v >= y[i].v ? 1.0 : 0.0, v4{}}));
    case LE:
      EACH((Dual{x[i].v <= y[i].v ? 1.0 : 0.0, v4{}}));
    case SELECT:
      EACH(x[i].v != 0 ? y[i] : z[i]);
    default:
      break; // the door has checked the codes
    }
#undef EACH
  }
}
#endif

// A tape bound to rows. Outputs and invariant rows are owned here; inputs are pointers to the caller's rows.
struct Bound {
  const Tape *tape = nullptr;
  double **row = nullptr;
  bool dual = false; // rows of duals

  // n: doubles a row (nodes x lanes, or x doubles of a dual); scratch rows are shared by all tapes of a
  // worker
  void make(Arena &arena, const Tape &t, int n, double *shared, bool of_duals) {
    tape = &t;
    dual = of_duals;
    row = (double **)arena.bytes(sizeof(double *) * (size_t)(t.slots + 1));
    const size_t length = ((size_t)n + VECTOR * BLOCK + 7) / 8 * 8;
    double *zero = arena.doubles(length);
    for (int s = 0; s < t.inputs; s++) row[s] = zero;
    for (int s = t.inputs; s < t.full; s++) row[s] = arena.doubles(length);
    for (int s = t.full; s < t.slots; s++) row[s] = shared + (size_t)(s - t.full) * VECTOR * BLOCK;
  }
  void input(int k, const void *p) { row[k] = (double *)p; }
  double *out(int k) const { return tape->out[k] < 0 ? nullptr : row[tape->out[k]]; }

  void pass(const Instruction *code, int count, const Table *table, size_t first, int n) const {
    if (count == 0) return;
    const int vectors = (n + VECTOR - 1) / VECTOR;
    if (first == 0 && vectors <= BLOCK && !dual)
      return interpret(code, count, row, tape->constants, table, vectors);
    double *shifted[MAX_SLOTS];
    for (int s = tape->full; s < tape->slots; s++) shifted[s] = row[s];
    for (int v = 0; v < vectors; v += BLOCK) {
      for (int s = 0; s < tape->full; s++) shifted[s] = row[s] + first + VECTOR * (size_t)v;
      const int now = least(BLOCK, vectors - v);
      if (dual)
        interpret_dual(code, count, shifted, tape->constants, table, VECTOR * now / DOUBLES<Dual>);
      else
        interpret(code, count, shifted, tape->constants, table, now);
    }
  }
  void prologue(const Table *table, size_t first, int n) const {
    pass(tape->prologue, tape->n_prologue, table, first, n);
  }
  void run(const Table *table, size_t first, int n) const { pass(tape->main, tape->n_main, table, first, n); }
  // does the tape read the same tables in both sets?
  bool same_tables(const Table *a, const Table *b) const {
    for (int part = 0; part < 2; part++) {
      const Instruction *c = part ? tape->main : tape->prologue;
      for (int i = 0, n = part ? tape->n_main : tape->n_prologue; i < n; i++)
        if (c[i].op >= TABLE && !same_table(a[c[i].k], b[c[i].k])) return false;
    }
    return true;
  }
};
