// Tapes in reverse: cotangents of the outputs of a bound tape to cotangents of its inputs, invariant rows and
// tables.
//
// Rows of a tape are reused when dead; here each result has a row of its own, so that all are there when the
// instructions are gone through backwards. One block of vectors at a time: forward, then back.
#pragma once
#include "tape.h"

// Cotangents of the pieces of one table, [pieces][4] as the pieces themselves; null: not wanted.
typedef double *TableBar;

typedef __typeof__(load(nullptr, 0)) Vec; // of the values that one load takes
typedef long long Mask __attribute__((vector_size(sizeof(Vec))));
constexpr int WIDTH = sizeof(Vec) / sizeof(double);
INLINE bool any(const double *row, int nv) { // is a value other than zero?
  Mask m{};
  for (int i = 0; i < nv; i++) m |= (Mask)(load(row, i) != Vec{});
  bool found = false;
  for (int l = 0; l < WIDTH; l++) found = found || m[l];
  return found;
}
INLINE double dot(const double *a, const double *b, int n) {
  Vec sum{};
  int i = 0;
  for (; i + WIDTH <= n; i += WIDTH) sum += load(a + i, 0) * load(b + i, 0);
  double t = 0;
  for (int l = 0; l < WIDTH; l++) t += sum[l];
  for (; i < n; i++) t += a[i] * b[i];
  return t;
}
// A row of cotangents that gains: `from` holds what it has, itself or zeros before its first gain.
struct Gaining {
  double *to;
  const double *from;
  inline __attribute__((always_inline)) void operator()(int i, Vec v) const {
    store(to, i, load(from, i) + v);
  }
};
// v where the cotangent g is not zero: what does not matter may be infinite
INLINE Vec where_used(Vec g, Vec v) { return g != Vec{} ? v : Vec{}; }
INLINE Vec times(Vec g, Vec v) { return where_used(g, g * v); }

struct Pullback {
  const Bound *bound = nullptr;
  Instruction *code[2] = {nullptr, nullptr}; // prologue, main
  int names[2] = {0, 0}, fixed = 0;          // rows with own names; of these inputs and invariant rows
  int *out = nullptr;                        // row of each output in the main part
  double **bar = nullptr;                    // cotangents of fixed rows
  double **out_bar = nullptr; // cotangents of outputs, zero after each pull; null: structurally zero
  double **row = nullptr, **row_bar = nullptr, *values = nullptr, *bars = nullptr; // work of one block

  // rows of work that a pullback of this tape needs
  static int most_names(const Tape &t) {
    int n = t.inputs + t.invariant;
    for (int part = 0; part < 2; part++) {
      const Instruction *c = part ? t.main : t.prologue;
      for (int i = 0; i < (part ? t.n_main : t.n_prologue); i++) n += destinations(c[i]);
    }
    return n;
  }
  static int destinations(const Instruction &c) {
    return c.op >= TABLE ? __builtin_popcount(c.op - TABLE + 1) : 1;
  }

  // n: doubles a row; values and bars: shared work of most_names rows of a block
  void make(Arena &arena, const Bound &b, size_t n, double *values_, double *bars_) {
    const Tape &t = *b.tape;
    bound = &b, values = values_, bars = bars_, fixed = t.inputs + t.invariant;
    const int most_rows = most_names(t);
    row = (double **)arena.bytes(sizeof(double *) * (size_t)most_rows);
    row_bar = (double **)arena.bytes(sizeof(double *) * (size_t)most_rows);
    bar = (double **)arena.bytes(sizeof(double *) * (size_t)(fixed + 1));
    out_bar = (double **)arena.bytes(sizeof(double *) * (size_t)(t.outputs + 1));
    out = (int *)arena.bytes(sizeof(int) * (size_t)(t.outputs + 1));
    const size_t length = n + 8;
    for (int s = t.inputs; s < fixed; s++) bar[s] = arena.doubles(length);
    for (int k = 0; k < t.outputs; k++)
      if (t.out[k] >= 0) out_bar[k] = arena.doubles(length);
    for (int part = 0; part < 2; part++) rename(arena, t, part);
  }
  void rename(Arena &arena, const Tape &t, int part) {
    const Instruction *from = part ? t.main : t.prologue;
    const int n = part ? t.n_main : t.n_prologue;
    Instruction *to = code[part] = (Instruction *)arena.bytes(sizeof(Instruction) * (size_t)(n + 1));
    uint16_t name[MAX_SLOTS];
    for (int s = 0; s < MAX_SLOTS; s++) name[s] = (uint16_t)(s < fixed ? s : 0);
    int next = fixed;
    const auto write = [&](uint16_t slot) {
      if (part == 0 && slot < fixed) return slot; // an invariant row: written once
      return name[slot] = (uint16_t)next++;
    };
    for (int i = 0; i < n; i++) {
      const Instruction &c = from[i];
      Instruction &d = to[i] = c;
      d.a = name[c.a];
      if (c.op >= TABLE) {
        const int u = destinations(c);
        d.to = write(c.to);
        if (u > 1) d.b = write(c.b);
        if (u > 2) d.c = write(c.c);
        if (u > 3) d.to3 = write(c.to3);
      } else {
        d.b = name[c.b], d.c = name[c.c];
        d.to = write(c.to);
      }
    }
    names[part] = next;
    for (int k = 0; part && k < t.outputs; k++) out[k] = t.out[k] < 0 ? -1 : name[t.out[k]];
    mark_first(arena, t, part);
  }
  // `spare`: bit i is set where argument i (or a result that nothing reads) gets its first cotangent, which
  // must then be zero before
  void mark_first(Arena &arena, const Tape &t, int part) {
    bool *ready = (bool *)arena.bytes((size_t)names[part] + 1);
    for (int s = 0; s < fixed; s++) ready[s] = true;
    for (int k = 0; part && k < t.outputs; k++)
      if (out[k] >= 0) ready[out[k]] = true;
    for (int i = (part ? t.n_main : t.n_prologue); i-- > 0;) {
      Instruction &c = code[part][i];
      c.spare = 0;
      const bool table = c.op >= TABLE;
      const uint16_t result[4] = {c.to, c.b, c.c, c.to3}, argument[3] = {c.a, c.b, c.c};
      for (int u = 0; u < destinations(c); u++)
        if (!ready[result[u]]) ready[result[u]] = true, c.spare |= (uint16_t)(8 << u);
      for (int u = 0; u < (table ? 1 : 3); u++)
        if (!ready[argument[u]]) ready[argument[u]] = true, c.spare |= (uint16_t)(1 << u);
    }
  }
  Gaining gaining(const Instruction &c, uint16_t argument, int first) const {
    static const double none[WIDTH * BLOCK] = {};
    return {row_bar[argument], c.spare & first ? none : row_bar[argument]};
  }
  void clear_first(const Instruction &c, int nv) const {
    const uint16_t place[7] = {c.a, c.b, c.c, c.to, c.b, c.c, c.to3};
    for (int u = 0; u < 7; u++)
      if (c.spare >> u & 1) memset(row_bar[place[u]], 0, sizeof(Vec) * (size_t)nv);
  }

  // Entries past the end of a row take part in vectors, but their cotangents are zero: where they are added
  // to the rows of the caller nothing changes there.
  void start_block(int part, size_t at, int vectors) const {
    const size_t stride = WIDTH * (size_t)vectors;
    for (int s = 0; s < fixed; s++) row[s] = bound->row[s] + at, row_bar[s] = bar[s] + at;
    for (int s = fixed; s < names[part]; s++)
      row[s] = values + stride * (size_t)s, row_bar[s] = bars + stride * (size_t)s;
  }
  // main part over entries first .. first + n: values are computed again and left in the rows of the outputs
  void pull(const Table *table, TableBar const *table_bar, size_t first, int n) const {
    const Tape &t = *bound->tape;
    for (int v = 0; v < n; v += WIDTH * BLOCK) {
      const size_t at = first + (size_t)v;
      const int now = least(WIDTH * BLOCK, n - v), vectors = (now + WIDTH - 1) / WIDTH;
      start_block(1, at, vectors);
      interpret(code[1], t.n_main, row, t.constants, table, vectors);
      for (int k = 0; k < t.outputs; k++)
        if (out[k] >= fixed) memset(row_bar[out[k]], 0, sizeof(Vec) * (size_t)vectors);
      for (int k = 0; k < t.outputs; k++) {
        if (out[k] < 0) continue;
        if (out[k] >= fixed) memcpy(bound->row[t.out[k]] + at, row[out[k]], sizeof(double) * (size_t)now);
        double *from = out_bar[k] + at, *to = row_bar[out[k]];
        for (int i = 0; i < now; i++) to[i] += from[i], from[i] = 0;
      }
      reverse(code[1], t.n_main, t.constants, table, table_bar, vectors, now);
    }
  }
  // prologue, once, after all pulls of the main part
  void pull_prologue(const Table *table, TableBar const *table_bar, size_t first, int n) const {
    const Tape &t = *bound->tape;
    for (int v = 0; v < n && t.n_prologue; v += WIDTH * BLOCK) {
      const size_t at = first + (size_t)v;
      const int now = least(WIDTH * BLOCK, n - v), vectors = (now + WIDTH - 1) / WIDTH;
      start_block(0, at, vectors);
      // invariant rows in work: those of the next region must not be overwritten, and their cotangents end
      // here
      for (int s = t.inputs; s < fixed; s++) {
        row[s] = values + WIDTH * (size_t)vectors * (size_t)s,
        row_bar[s] = bars + WIDTH * (size_t)vectors * (size_t)s;
        memset(row_bar[s], 0, sizeof(Vec) * (size_t)vectors);
        memcpy(row_bar[s], bar[s] + at, sizeof(double) * (size_t)now);
      }
      interpret(code[0], t.n_prologue, row, t.constants, table, vectors);
      reverse(code[0], t.n_prologue, t.constants, table, table_bar, vectors, now);
    }
  }

  void reverse(const Instruction *instructions, int count, const double *constant, const Table *table,
               TableBar const *table_bar, int nv, int n) const {
    for (const Instruction *c = instructions + count; c-- > instructions;) {
      if (c->spare > 7) clear_first(*c, nv); // results that nothing reads
      if (c->op >= TABLE) {
        reverse_table(*c, table[c->k], table_bar ? table_bar[c->k] : nullptr, nv, n);
        continue;
      }
      const double *g = row_bar[c->to], *r = row[c->to], *a = row[c->a], *b = row[c->b];
      const Gaining ga = gaining(*c, c->a, 1), gb = gaining(*c, c->b, 2), gc = gaining(*c, c->c, 4);
      const Vec k = Vec{} + constant[c->k];
      if (!any(g, nv)) {
        clear_first(*c, nv);
        continue;
      }
#define G load(g, i)
#define A load(a, i)
#define B load(b, i)
#define R load(r, i)
#define EACH(...)                                                                                            \
  for (int i = 0; i < nv; i++) {                                                                             \
    __VA_ARGS__;                                                                                             \
  }                                                                                                          \
  break
      switch (c->op) {
      case COPY:
      case ADDK:
        EACH(ga(i, G));
      case ADD:
        EACH(ga(i, G); gb(i, G));
      case SUB:
        EACH(ga(i, G); gb(i, -G));
      case MUL:
        EACH(ga(i, times(G, B)); gb(i, times(G, A)));
      case DIV:
        EACH(const Vec q = where_used(G, G / B); ga(i, q); gb(i, where_used(G, -q * R)));
      case INV:
        EACH(ga(i, where_used(G, -G * R * R)));
      case NEG:
      case RSUBK:
        EACH(ga(i, -G));
      case EXP:
        EACH(ga(i, times(G, R)));
      case LOG:
        EACH(ga(i, where_used(G, G / A)));
      case SQRT:
        EACH(ga(i, where_used(G, 0.5 * G / R)));
      case TANH:
        EACH(ga(i, times(G, 1.0 - R * R)));
      case MAX:
        EACH(const Mask first = (Mask)(A > B); ga(i, first ? G : Vec{}); gb(i, first ? Vec{} : G));
      case MIN:
        EACH(const Mask first = (Mask)(A < B); ga(i, first ? G : Vec{}); gb(i, first ? Vec{} : G));
      case POW:
        EACH(ga(i, where_used(G, G * B * R / A)); gb(i, where_used(G, G * R * vlog(A))));
      case ABS:
        EACH(ga(i, A > Vec{} ? G : -G));
      case FMA:
        EACH(ga(i, times(G, B)); gb(i, times(G, A)); gc(i, G));
      case FMS:
        EACH(ga(i, times(G, B)); gb(i, times(G, A)); gc(i, -G));
      case FNMA:
        EACH(ga(i, times(-G, B)); gb(i, times(-G, A)); gc(i, G));
      case MULK:
        EACH(ga(i, G * k));
      case FMAKA:
        EACH(ga(i, G * k); gb(i, G));
      case FMAKB:
        EACH(ga(i, times(G, B)); gb(i, times(G, A)));
      case SELECT:
        if (c->spare & 1) memset(row_bar[c->a], 0, sizeof(Vec) * (size_t)nv); // a condition gains nothing
        EACH(const Mask yes = (Mask)A; gb(i, yes ? G : Vec{}); gc(i, yes ? Vec{} : G));
      default:
        clear_first(*c, nv); // constants and comparisons
      }
#undef G
#undef A
#undef B
#undef R
#undef EACH
    }
  }
  void reverse_table(const Instruction &c, const Table &t, TableBar pieces, int nv, int n) const {
    const int mask = c.op - TABLE + 1, dest[4] = {c.to, c.b, c.c, c.to3};
    const double *given[4] = {nullptr, nullptr, nullptr, nullptr};
    for (int o = 0, u = 0; o < 4; o++)
      if (mask >> o & 1) given[o] = row_bar[dest[u++]];
    const Gaining to = gaining(c, c.a, 1);
    for (int i = 0; i < nv; i++) {
      __typeof__(Found{}.piece[0]) piece;
      Vec distance;
      find(t, load(row[c.a], i), piece, distance);
      const Piece p = take(t, piece, distance);
      Vec g[4];
      for (int o = 0; o < 4; o++) g[o] = given[o] ? load(given[o], i) : Vec{};
      to(i, times(g[0], value<1>(p)) + times(g[1], value<2>(p)) + times(g[2], value<3>(p)));
      if (!pieces) continue;
      const Vec d = distance, q[4] = {((g[0] * d + 3.0 * g[1]) * d + 6.0 * g[2]) * d + 6.0 * g[3],
                                      (g[0] * d + 2.0 * g[1]) * d + 2.0 * g[2], g[0] * d + g[1], g[0]};
      for (int l = 0; l < WIDTH && WIDTH * i + l < n; l++)
        for (int k = 0; k < 4; k++) pieces[4 * (size_t)piece[l] + (size_t)k] += q[k][l];
    }
  }
};
