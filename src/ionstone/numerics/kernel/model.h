// A cell model as data: sizes, roles and tapes, read from one array of integers and one of constants.
#pragma once
#include "tape.h"

constexpr int ABI = 2;
constexpr int MAX_M = 4, MAX_K = 3, MAX_Z = 6, MAX_REGIONS = 4, MAX_REDUCTIONS = 2, MAX_PROBES = 4, MAX_OUTPUTS = 48;
constexpr int MAX_TABLES = 16;

// The order of the header, as ionstone.numerics.pack writes it.
struct Sizes {
  int abi;
  int unknowns;     // per node of x
  int locals;       // per node of an electrode
  int lumped;       // for the whole cell; the first is the current density
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
enum GlobalTape { PROPS, PROPS_JAC, FACE, FACE_JAC, EDGE_L, EDGE_L_JAC, EDGE_R, EDGE_R_JAC, LUMPED, LUMPED_JAC, OUT, OUT_JAC, GLOBAL_TAPES };
enum RegionTape { LOCAL, LOCAL_JAC, SOURCE, SOURCE_JAC, RADIAL, RADIAL_JAC, CONTRIB, CONTRIB_JAC, NODE_OUT, REGION_TAPES };

struct Region {
  int electrode, absent; // 1: has local states; bit mask of unknowns that do not exist here
  int tape[REGION_TAPES];
};
struct Reduced {
  int region, output, largest;
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
};

// Every index of a tape is inside its rows, constants and tables.
static bool sound(const Tape &t, int tables) {
  if (t.inputs < 0 || t.full < t.inputs || t.slots < t.full || t.slots > MAX_SLOTS) return false;
  for (int i = 0; i < t.outputs; i++)
    if (t.out[i] < -1 || t.out[i] >= t.full) return false;
  for (int part = 0; part < 2; part++) {
    const Instruction *c = part ? t.main : t.prologue;
    for (int i = 0, n = part ? t.n_main : t.n_prologue; i < n; i++) {
      if (c[i].op >= TABLE + 15) return false;
      if (c[i].to >= t.slots || c[i].a >= t.slots || c[i].b >= t.slots || c[i].c >= t.slots || c[i].to3 >= t.slots) return false;
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
  double *k = (double *)m->memory;
  if (n_constants) memcpy(k, constants, sizeof(double) * (size_t)n_constants);
  k[n_constants] = 0;
  int *p = (int *)(k + n_constants + 1);
  const int *const end = p + n_in;
  memcpy(p, in, sizeof(int) * (size_t)n_in);
  memcpy(&m->s, p, sizeof(Sizes));
  p += HEADER;
  const Sizes &s = m->s;
  bool good = s.abi == ABI && s.unknowns >= 1 && s.unknowns <= MAX_M && s.locals >= 1 && s.locals <= MAX_K && s.lumped >= 1 &&
              s.lumped <= MAX_Z && s.reductions >= 0 && s.reductions <= MAX_REDUCTIONS && s.outputs >= 1 && s.reduced >= 0 &&
              s.outputs + s.reduced <= MAX_OUTPUTS && s.regions >= 1 && s.regions <= MAX_REGIONS && s.tables >= 0 &&
              s.tables <= MAX_TABLES && s.probes >= 1 && s.probes <= MAX_PROBES && s.tapes > 0;
  const long fixed = s.unknowns + s.locals + s.lumped + GLOBAL_TAPES + (long)s.regions * (2 + REGION_TAPES) + 3L * s.reduced + s.jacobian_props;
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
    for (int t = 0; good && t < s.tapes; t++) {
      Tape &q = m->tape[t];
      if (end - p < 8) { good = false; break; }
      memcpy(&q, p, 8 * sizeof(int)), p += 8;
      const long need = (long)q.inputs + q.outputs + 8L * (q.n_prologue + q.n_main);
      if (q.inputs < 0 || q.outputs < 0 || q.n_prologue < 0 || q.n_main < 0 || q.n_constants < 0 || end - p < need) { good = false; break; }
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
      good = k - (double *)m->memory <= n_constants && sound(q, s.tables);
    }
  }
  for (int t = 0; good && t < GLOBAL_TAPES; t++) good = m->global_tape[t] >= 0 && m->global_tape[t] < s.tapes;
  for (int r = 0; good && r < s.regions; r++)
    for (int t = 0; t < REGION_TAPES; t++) good = good && m->region[r].tape[t] >= -1 && m->region[r].tape[t] < s.tapes;
  if (good) return m;
  free(m->tape), free(m->memory), free(m);
  return nullptr;
}
