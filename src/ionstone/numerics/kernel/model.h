// A cell model as data: sizes, roles and tapes, read from one array of integers and one of constants.
#pragma once
#include "tape.h"

constexpr int ABI = 7;
constexpr int MAX_M = 4, MAX_K = 3, MAX_Z = 6, MAX_REGIONS = 4, MAX_REDUCTIONS = 3, MAX_PROBES = 4,
              MAX_OUTPUTS = 48;
constexpr int MAX_TABLES = 16;

// The order of the header, as ionstone.numerics.pack writes it.
struct Sizes {
  int abi;
  int unknowns; // per node of x
  int locals;   // per node of an electrode
  int lumped;   // for the whole cell; the first is the current density
  int globals, node_data, face_data, particle_data;
  int props;        // properties of a node that faces need
  int reductions;   // sums over nodes that lumped rows and outputs read
  int outputs;      // scalars from probes, lumped states and reductions
  int node_outputs; // values a node of an electrode, reduced by least or largest
  int reduced;      // number of such reduced outputs
  int regions, tables, probes, tapes, jacobian_props;
};
constexpr int HEADER = sizeof(Sizes) / sizeof(int);

// Tapes of the whole model, then of each region.
enum GlobalTape {
  PROPS,
  PROPS_JAC,
  FACE,
  FACE_JAC,
  EDGE_L,
  EDGE_L_JAC,
  EDGE_R,
  EDGE_R_JAC,
  LUMPED,
  LUMPED_JAC,
  OUT,
  OUT_JAC,
  GLOBAL_TAPES
};
enum RegionTape {
  LOCAL,
  LOCAL_JAC,
  SOURCE,
  SOURCE_JAC,
  RADIAL,
  RADIAL_JAC,
  CONTRIB,
  CONTRIB_JAC,
  NODE_OUT,
  REGION_TAPES
};

struct Region {
  int electrode, absent; // 1: has local states; bit mask of unknowns that do not exist here
  int tape[REGION_TAPES];
};
struct Reduced {
  int regions, output, largest; // regions: one bit each
};

struct Model {
  Sizes s;
  int storage[MAX_M], local_storage[MAX_K], lumped_storage[MAX_Z];
  int global_tape[GLOBAL_TAPES];
  Region region[MAX_REGIONS];
  Reduced reduced[MAX_OUTPUTS];
  const int *jacobian_prop; // positions in the Jacobian of PROPS that are not structurally zero
  Tape *tape;
  void *memory;
  mutable Slab *spare; // memory of the last worker
};

// A role's tape takes and gives as many rows as the sizes say.
static bool fits(const Model &m, int id, long inputs, long outputs) {
  return id >= 0 && id < m.s.tapes && m.tape[id].inputs == inputs && m.tape[id].outputs == outputs;
}

// The same where the region may do without; a region without local states has no tapes.
static bool fits_or_absent(const Model &m, int id, long inputs, long outputs) {
  return id == -1 || fits(m, id, inputs, outputs);
}

// Roles, positions and tapes agree with the sizes.
static bool consistent(const Model &m) {
  const Sizes &s = m.s;
  const long M = s.unknowns, L = s.locals, Z = s.lumped, np = s.props, nr = s.reductions;
  const long node = s.globals + s.node_data + M + Z, face = s.globals + s.face_data + 2 * (M + np) + Z;
  const long end = s.globals + s.probes * M + Z + nr, ends = s.probes * M + Z + nr;
  for (int i = 0; i < M; i++)
    if (m.storage[i] < -1 || m.storage[i] >= s.node_data) return false;
  for (int i = 0; i < s.jacobian_props; i++)
    if (m.jacobian_prop[i] < 0 || m.jacobian_prop[i] >= np * (M + Z)) return false;
  for (int i = 0; i < s.reduced; i++) {
    const Reduced &r = m.reduced[i];
    if (r.regions <= 0 || r.regions >= 1 << s.regions || r.output < 0 || r.output >= s.node_outputs)
      return false;
    for (int k = 0; k < s.regions; k++)
      if (r.regions >> k & 1 && (!m.region[k].electrode || m.region[k].tape[NODE_OUT] < 0)) return false;
  }
  const int *g = m.global_tape;
  if (!fits(m, g[PROPS], node, np) || !fits(m, g[PROPS_JAC], node, np * (1 + M + Z))) return false;
  if (!fits(m, g[FACE], face, M) || !fits(m, g[FACE_JAC], face + 2L * s.jacobian_props, M * (2 * M + Z)))
    return false;
  for (int e = EDGE_L; e <= EDGE_R; e += 2)
    if (!fits(m, g[e], node, M) || !fits(m, g[e + 1], node, M * (M + Z))) return false;
  if (!fits(m, g[LUMPED], end, Z) || !fits(m, g[LUMPED_JAC], end, Z * ends)) return false;
  if (!fits(m, g[OUT], end, s.outputs) || !fits(m, g[OUT_JAC], end, s.outputs * ends)) return false;
  for (int i = 0; i < s.regions; i++) {
    const Region &r = m.region[i];
    const int *t = r.tape;
    if (r.electrode < 0 || r.electrode > 1 || r.absent < 0 || r.absent >= 1 << M) return false;
    for (int k = 0; k < REGION_TAPES; k++)
      if (!r.electrode && t[k] != -1) return false;
    if (!r.electrode) continue;
    if (!fits(m, t[LOCAL], node + L + 1, L) || !fits(m, t[LOCAL_JAC], node + L + 1, L * (M + L + 1 + Z) + L))
      return false;
    if (!fits(m, t[SOURCE], node + L, M + 1) || !fits(m, t[SOURCE_JAC], node + L, (M + 1) * (M + L + Z)))
      return false;
    const long radial = s.particle_data + s.globals + Z + 2;
    if ((t[RADIAL] < 0) != (t[RADIAL_JAC] < 0) || (t[CONTRIB] < 0) != (t[CONTRIB_JAC] < 0)) return false;
    if (!fits_or_absent(m, t[RADIAL], radial, 1 + nr) ||
        !fits_or_absent(m, t[RADIAL_JAC], radial, (1 + nr) * (2 + Z)))
      return false;
    if (!fits_or_absent(m, t[CONTRIB], node + L + 2, nr)) return false;
    if (!fits_or_absent(m, t[CONTRIB_JAC], node + L + 2, nr * (M + L + 2 + Z))) return false;
    if (!fits_or_absent(m, t[NODE_OUT], node + L + 1, s.node_outputs)) return false;
  }
  return true;
}

// Every index of a tape is inside its rows, constants and tables.
static bool sound(const Tape &t, int tables) {
  if (t.inputs < 0 || t.invariant < 0 || t.invariant > t.full || t.full < t.inputs || t.slots < t.full ||
      t.slots > MAX_SLOTS)
    return false;
  for (int i = 0; i < t.outputs; i++)
    if (t.out[i] < -1 || t.out[i] >= t.full) return false;
  for (int part = 0; part < 2; part++) {
    const Instruction *c = part ? t.main : t.prologue;
    for (int i = 0, n = part ? t.n_main : t.n_prologue; i < n; i++) {
      if (c[i].op >= TABLE + 15) return false;
      if (c[i].to >= t.slots || c[i].a >= t.slots || c[i].b >= t.slots || c[i].c >= t.slots ||
          c[i].to3 >= t.slots)
        return false;
      if (c[i].op >= TABLE ? c[i].k >= tables : c[i].k >= t.n_constants + 1) return false;
    }
  }
  return true;
}

// Reads a packed model; null if a size or an index is wrong.
static Model *read_model(const int *in, long n_in, const double *constants, long n_constants) {
  if (n_in < HEADER + 1) return nullptr;
  Model *m = (Model *)calloc(1, sizeof(Model));
  if (!m) return nullptr;
  m->memory = malloc(sizeof(int) * (size_t)n_in + sizeof(double) * (size_t)(n_constants + 1));
  if (!m->memory) return free(m), nullptr;
  double *k = (double *)m->memory;
  if (n_constants) memcpy(k, constants, sizeof(double) * (size_t)n_constants);
  k[n_constants] = 0;
  int *p = (int *)(k + n_constants + 1);
  const int *const end = p + n_in;
  memcpy(p, in, sizeof(int) * (size_t)n_in);
  memcpy(&m->s, p, sizeof(Sizes));
  p += HEADER;
  const Sizes &s = m->s;
  bool good = s.abi == ABI && s.unknowns >= 1 && s.unknowns <= MAX_M && s.locals >= 1 && s.locals <= MAX_K &&
              s.lumped >= 1 && s.lumped <= MAX_Z && s.reductions >= 0 && s.reductions <= MAX_REDUCTIONS &&
              s.outputs >= 1 && s.reduced >= 0 && (long)s.outputs + s.reduced <= MAX_OUTPUTS &&
              s.regions >= 1 && s.regions <= MAX_REGIONS && s.tables >= 0 && s.tables <= MAX_TABLES &&
              s.probes >= 1 && s.probes <= MAX_PROBES && s.tapes > 0 && s.tapes <= n_in &&
              s.jacobian_props >= 0;
  const int sizes[] = {s.globals, s.node_data, s.face_data, s.particle_data, s.props, s.node_outputs};
  for (int size : sizes) good = good && size >= 0 && size <= n_in;
  const long fixed = (long)s.unknowns + s.locals + s.lumped + GLOBAL_TAPES +
                     (long)s.regions * (2 + REGION_TAPES) + 3L * s.reduced + s.jacobian_props;
  good = good && end - p >= fixed;
  if (good) {
    memcpy(m->storage, p, sizeof(int) * s.unknowns), p += s.unknowns;
    memcpy(m->local_storage, p, sizeof(int) * s.locals), p += s.locals;
    memcpy(m->lumped_storage, p, sizeof(int) * s.lumped), p += s.lumped;
    memcpy(m->global_tape, p, sizeof(int) * GLOBAL_TAPES), p += GLOBAL_TAPES;
    for (int r = 0; r < s.regions; r++) memcpy(&m->region[r], p, sizeof(Region)), p += 2 + REGION_TAPES;
    memcpy(m->reduced, p, sizeof(Reduced) * s.reduced), p += 3 * s.reduced;
    m->jacobian_prop = p, p += s.jacobian_props;
    m->tape = (Tape *)calloc((size_t)s.tapes, sizeof(Tape));
    // instructions are read in place as pairs of 16-bit numbers after narrowing
    good = m->tape != nullptr;
    for (int t = 0; good && t < s.tapes; t++) {
      Tape &q = m->tape[t];
      if (end - p < 8) {
        good = false;
        break;
      }
      memcpy(&q, p, 8 * sizeof(int)), p += 8;
      const long need = (long)q.inputs + q.outputs + 8L * q.n_prologue + 8L * q.n_main;
      if (q.inputs < 0 || q.outputs < 0 || q.n_prologue < 0 || q.n_main < 0 || q.n_constants < 0 ||
          end - p < need || q.n_constants > (double *)m->memory + n_constants - k) {
        good = false;
        break;
      }
      q.used = p, p += q.inputs;
      q.out = p, p += q.outputs;
      uint16_t *narrow = (uint16_t *)p;
      for (int part = 0; part < 2; part++) {
        const int n = 8 * (part ? q.n_main : q.n_prologue);
        (part ? q.main : q.prologue) = (const Instruction *)narrow;
        for (int i = 0; i < n; i++) narrow[i] = (uint16_t)p[i];
        p += n;
        narrow = (uint16_t *)p;
      }
      q.constants = k, k += q.n_constants;
      good = sound(q, s.tables);
    }
  }
  good = good && consistent(*m);
  if (good) return m;
  free(m->tape), free(m->memory), free(m);
  return nullptr;
}
