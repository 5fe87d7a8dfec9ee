// The equations of one group of lanes and the solution of their linearisation.
//
//   M y' = F(y, t),  y = (particles, unknowns of x, local states, lumped states)
//
// factor(y, a) prepares (a M - dF/dy) u = r: particles are eliminated radially (tridiagonal), local states
// node by node (K x K), x by block Thomas (m x m), lumped states and the control row by a small dense border.
#pragma once
#include "model.h"
#include "rodas.h"

// Tangents of the inputs of one design, four at a time (for the stepper of duals), arrays [...][4].
struct Tangents {
  const double *globals, *nodes, *faces, *particles; // of the arrays of Inputs
  const double *profile;                             // of the set points of the profile
  double *state, *time;                              // of the states and of the time (in and out)
  double *rows;                                      // of the rows of output
  const double *const *tables; // [tangent][region][table] -> pieces of the derivative, or null
  const double *levels;        // of the levels of the events
};

// What the caller gives for a run; arrays are [lane][...], in the order of ionstone.numerics.kernel.
struct Inputs {
  const int *cells;  // nodes of each region
  const int *shells; // radial cells of each region (0: no particles)
  const double *const
      *radii; // per region: face weights [shells-1], 1/volume [shells], read-out of the last two cells [2],
              // then of the modes: rates [shells], modes of cells and cells of modes [shells][shells]
  const int *probe; // nodes whose unknowns lumped rows and outputs read
  const double *globals, *nodes, *faces, *particles;
  const double *const *tables; // [lane][region][table] -> pieces
  const double *table_range;   // [lane][region][table][3]: first knot, step, number of pieces
  const Tangents *tangents;    // null but for duals
};

// One electrode: a region with local states, and perhaps particles.
struct Electrode {
  int region, first, n, shells, stride; // nodes, radial cells, padded nodes
  size_t c, local;                      // offsets of particle and local states in the state vector
};

// Particles of an electrode in the modes of their radial grid; rows over modes and over nodes.
template <class D> struct Modal {
  bool on = false;
  D rate{};                                    // D/R^2
  double *lambda, *w, *g;                      // [mode]: of the unit sphere
  D *of_state[6], *of_flux[6][6];              // [mode]: parts of a stage
  D *end_of_state, *end_of_flux[6];            // [mode]: of the state at the end of the step
  D *read[6], feedback[6][6];                  // [mode]: surface of a stage; its response to fluxes
  D *start, *known[6], *response[6], *flux[6]; // [node]: surface at the start, of stages, fluxes of stages
};

template <class D, int M, int K> struct System {
  static constexpr int W = Lanes<D>::W, DW = DOUBLES<D>, MM = M * M;
  const Model &m;
  const Sizes &s;
  const Inputs &in;
  Arena arena;
  int N = 0, XS = 0, NE = 0, first[MAX_REGIONS + 1];
  Electrode el[MAX_REGIONS];
  size_t size = 0, x0 = 0, z0 = 0; // state vector: particles, locals, x (M rows of XS), z
  Table table[MAX_REGIONS][MAX_TABLES];
  // data rows
  D *g, *d, *f, *pd[MAX_REGIONS], *idx;
  // control row: weights of the outputs and set point
  D *control, set{};
  int direct = -1; // the output that alone is controlled, where it is the current density itself; else -1
  // work
  Bound gt[GLOBAL_TAPES], rt[MAX_REGIONS][REGION_TAPES];
  D *zrow, *zradial, *cs[MAX_REGIONS], *zero, *probes, *red, *al_rows;
  D *Dm, *Am, *Cm, *Di, *Lm, *Em, *X[MAX_Z], *ry, *ws, Lr[MM];
  D *pm[MAX_REGIONS], *pi_[MAX_REGIONS], *pu[MAX_REGIONS], *pv[MAX_REGIONS], *pw[MAX_REGIONS],
      *qs[MAX_REGIONS][MAX_Z], *qz[MAX_REGIONS][MAX_Z], *lam[MAX_REGIONS][MAX_REDUCTIONS], *LA[MAX_REGIONS],
      *LY[MAX_REGIONS], *LZ[MAX_REGIONS], *la[MAX_REGIONS], *Ai[MAX_REGIONS], *SL[MAX_REGIONS],
      *PL[MAX_REGIONS], *GS[MAX_REGIONS];
  D *FY[MAX_REDUCTIONS], Fz[MAX_REDUCTIONS][MAX_Z], redX[MAX_REDUCTIONS][MAX_Z],
      Pz[MAX_Z][MAX_PROBES * MAX_M], Rz[MAX_Z][MAX_REDUCTIONS], Zm[MAX_Z][MAX_Z];
  Modal<D> modal[MAX_REGIONS];
  bool one_electrolyte = false;
  int stage = -1; // of the step of time; -1 outside of steps
  bool column[MAX_Z], node_z[MAX_Z], radial_z[MAX_Z];
  D alpha{};

  D *rows(size_t n) { return (D *)arena.bytes((n + 64) * sizeof(D)); }
  System(const Model &model, const Inputs &inputs) : m(model), s(model.s), in(inputs) {
    arena.take(&m.spare);
    layout(), allocate();
  }
  ~System() { arena.give(&m.spare); }
  System(const System &) = delete;

  D *x(D *y, int r) const { return y + x0 + (size_t)r * XS; }
  const D *x(const D *y, int r) const { return y + x0 + (size_t)r * XS; }
  D *z(D *y) const { return y + z0; }
  const D *z(const D *y) const { return y + z0; }
  int np() const { return s.probes * M; }
  int nj() const { return np() + s.lumped + s.reductions; } // columns of the Jacobian of a lumped row

  void layout() {
    first[0] = 0;
    for (int r = 0; r < s.regions; r++) first[r + 1] = first[r] + in.cells[r];
    N = first[s.regions];
    XS = (N + 1) / 8 * 8 + 16;
    for (int r = 0; r < s.regions; r++)
      if (m.region[r].electrode) {
        Electrode &e = el[NE++];
        e.region = r, e.first = first[r], e.n = in.cells[r], e.shells = in.shells[r],
        e.stride = (e.n + VECTOR - 1) / VECTOR * VECTOR;
        e.c = size, size += (size_t)e.shells * e.stride;
      }
    for (int k = 0; k < NE; k++) el[k].local = size, size += (size_t)K * el[k].stride;
    x0 = size, size += (size_t)M * XS;
    z0 = size, size += (size_t)s.lumped;
  }

  void allocate() {
    int slots = 0;
    for (int t = 0; t < s.tapes; t++) slots = most(slots, m.tape[t].slots - m.tape[t].full);
    double *scratch = arena.doubles((size_t)slots * VECTOR * BLOCK);
    const size_t nx = (size_t)XS + 64;
    g = rows(nx * s.globals), d = rows(nx * s.node_data), f = rows(nx * s.face_data), idx = rows(nx),
    control = rows(MAX_OUTPUTS);
    zrow = rows(nx * s.lumped), zero = rows(nx), probes = rows(MAX_PROBES * MAX_M * 4),
    red = rows(8 * MAX_REDUCTIONS), ry = rows((size_t)N * M);
    Dm = rows((size_t)N * MM), Am = rows((size_t)N * MM), Cm = rows((size_t)N * MM),
    Di = rows((size_t)N * MM), Lm = rows((size_t)N * MM), Em = rows((size_t)N * MM);
    for (int i = 0; i < s.lumped; i++) X[i] = rows((size_t)N * M);
    for (int i = 0; i < s.reductions; i++) FY[i] = rows((size_t)N * M);
    ws = rows(nx);
    const int count[GLOBAL_TAPES] = {N, N, N - 1, N - 1, 1, 1, 1, 1, 1, 1, 1, 1};
    for (int t = 0; t < GLOBAL_TAPES; t++)
      gt[t].make(arena, m.tape[m.global_tape[t]], (t < EDGE_L ? (XS > N ? N : XS) : count[t]) * DW, scratch,
                 IsDual<D>::value);
    size_t radial_max = 8;
    for (int k = 0; k < NE; k++) {
      const Electrode &e = el[k];
      const size_t shell_rows = (size_t)most(e.shells - 1, 1) * e.stride, all = (size_t)e.shells * e.stride;
      radial_max = most(radial_max, shell_rows);
      for (int t = 0; t < REGION_TAPES; t++)
        if (m.region[e.region].tape[t] >= 0)
          rt[k][t].make(arena, m.tape[m.region[e.region].tape[t]],
                        (int)((t == RADIAL || t == RADIAL_JAC) ? shell_rows : (size_t)e.stride) * DW, scratch,
                        IsDual<D>::value);
      pd[k] = rows((shell_rows + 64) * most(s.particle_data, 1));
      cs[k] = rows(e.stride + 8), pm[k] = rows(all), pi_[k] = rows(all), pu[k] = rows(all),
      pv[k] = rows(e.stride), pw[k] = rows(all);
      LA[k] = rows((size_t)e.stride * K * K), LY[k] = rows((size_t)e.stride * K * M),
      LZ[k] = rows((size_t)e.stride * K * s.lumped);
      la[k] = rows((size_t)e.stride * K), Ai[k] = LA[k];
      SL[k] = rows((size_t)e.stride * K * M), PL[k] = rows((size_t)e.stride * K),
      GS[k] = rows((size_t)e.stride * K);
      allocate_modes(k);
      for (int i = 0; i < s.lumped; i++) qs[k][i] = rows(e.stride), qz[k][i] = rows(all);
      for (int i = 0; i < s.reductions; i++) lam[k][i] = rows(all);
    }
    zradial = rows((radial_max + 64) * s.lumped);
    for (int i = 0; i < s.lumped; i++) {
      node_z[i] = radial_z[i] = column[i] = false;
      for (int t = 0; t < s.tapes; t++) column[i] = column[i] || depends(t, i);
    }
    for (int k = 0; k < NE; k++)
      for (int t = RADIAL; t <= RADIAL_JAC; t++)
        for (int i = 0; i < s.lumped; i++) {
          const int id = m.region[el[k].region].tape[t];
          if (id >= 0 && m.tape[id].used[s.particle_data + s.globals + i]) radial_z[i] = column[i] = true;
        }
    for (int i = 0; i < s.lumped; i++) node_z[i] = column[i];
  }

  // does an equation of x or of a local state read lumped state i?
  bool depends(int t, int i) const {
    const Tape &q = m.tape[t];
    for (int k = 0; k < GLOBAL_TAPES; k++)
      if (m.global_tape[k] == t && k < LUMPED) {
        const int at = (k == PROPS || k == PROPS_JAC || k >= EDGE_L)
                           ? s.globals + s.node_data + M
                           : s.globals + s.face_data + 2 * M + 2 * s.props;
        if (q.used[at + i]) return true;
      }
    for (int r = 0; r < s.regions; r++)
      for (int k = LOCAL; k <= SOURCE_JAC; k++)
        if (m.region[r].tape[k] == t && q.used[s.globals + s.node_data + M + i]) return true;
    return false;
  }

  // ---- data of this group of lanes ----
  void bind(int lane, int lanes) {
    const Tangents *tangents_ = in.tangents;
    const auto at = [&](const double *p, size_t per, size_t i, const double *tangent) {
      D v{};
      for (int l = 0; l < W; l++) put(v, l, p[(size_t)least(lane + l, lanes - 1) * per + i]);
      if constexpr (IsDual<D>::value) v.d = tangents(tangent + 4 * i);
      (void)tangent;
      return v;
    };
    for (int k = 0; k < s.globals; k++) {
      const D v = at(in.globals, s.globals, k, tangents_ ? tangents_->globals : nullptr);
      for (int i = 0; i < XS; i++) g[(size_t)k * XS + i] = v;
    }
    for (int k = 0; k < s.node_data; k++)
      for (int i = 0; i < XS; i++)
        d[(size_t)k * XS + i] = at(in.nodes, (size_t)s.node_data * N, (size_t)k * N + least(i, N - 1),
                                   tangents_ ? tangents_->nodes : nullptr);
    for (int k = 0; k < s.face_data; k++)
      for (int i = 0; i < XS; i++)
        f[(size_t)k * XS + i] =
            at(in.faces, (size_t)s.face_data * (N - 1), (size_t)k * (N - 1) + least(i, N - 2),
               tangents_ ? tangents_->faces : nullptr);
    for (int i = 0; i < XS; i++) idx[i] = 1.0 / d[i]; // node data row 0 is the width of the cell
    for (int k = 0; k < NE; k++) {
      const size_t n = (size_t)most(el[k].shells - 1, 1) * el[k].stride;
      for (int q = 0; q < s.particle_data; q++) {
        const D v = at(in.particles, (size_t)NE * s.particle_data, (size_t)k * s.particle_data + q,
                       tangents_ ? tangents_->particles : nullptr);
        for (size_t i = 0; i < n; i++) pd[k][q * n + i] = v;
      }
    }
    for (int r = 0; r < s.regions; r++)
      for (int t = 0; t < s.tables; t++)
        for (int l = 0; l < VECTOR; l++) {
          const size_t b = ((size_t)least(lane + (W > 1 ? l : 0), lanes - 1) * s.regions + r) * s.tables + t;
          const double *range = in.table_range + 3 * b;
          if (l < 4)
            table[r][t].tangent[l] =
                in.tangents ? in.tangents->tables[((size_t)l * s.regions + r) * s.tables + t] : nullptr;
          table[r][t].piece[l] = in.tables[b];
          table[r][t].low[l] = range[0], table[r][t].step[l] = range[1];
          table[r][t].inverse_step[l] = 1.0 / range[1], table[r][t].last[l] = range[2] - 1;
        }
    one_electrolyte = true; // do properties of all regions read the same tables?
    for (int r = 1; r < s.regions; r++)
      one_electrolyte = one_electrolyte && gt[PROPS].same_tables(table[r], table[0]) &&
                        gt[PROPS_JAC].same_tables(table[r], table[0]);
    bind_tapes();
  }

  void bind_group(Bound &b, int at, const D *base, int count, size_t stride, size_t offset) {
    for (int k = 0; k < count; k++) b.input(at + k, base + (size_t)k * stride + offset);
  }
  void bind_tapes() {
    for (int t = 0; t < GLOBAL_TAPES; t++) {
      Bound &b = gt[t];
      const bool last = t == EDGE_R || t == EDGE_R_JAC, face = t == FACE || t == FACE_JAC;
      bind_group(b, 0, g, s.globals, XS, 0);
      if (t < LUMPED) {
        bind_group(b, s.globals, face ? f : d, face ? s.face_data : s.node_data, XS, last ? N - 1 : 0);
        const int at = face ? s.globals + s.face_data + 2 * M + 2 * s.props : s.globals + s.node_data + M;
        bind_group(b, at, zrow, s.lumped, XS, 0);
      } else {
        bind_group(b, s.globals, probes, np(), 4, 0);
        bind_group(b, s.globals + np() + s.lumped, red, s.reductions, 4, 0);
      }
      if (t == PROPS || t == PROPS_JAC)
        for (int r = 0; r < s.regions; r++) b.prologue(table[r], (size_t)first[r] * DW, in.cells[r] * DW);
      else if (face)
        b.prologue(table[0], 0, (N - 1) * DW);
      else
        b.prologue(table[last ? s.regions - 1 : 0], 0, DW);
    }
    for (int k = 0; k < NE; k++)
      for (int t = 0; t < REGION_TAPES; t++) {
        Bound &b = rt[k][t];
        const Electrode &e = el[k];
        if (!b.tape) continue;
        if (t == RADIAL || t == RADIAL_JAC) {
          const size_t n = (size_t)(e.shells - 1) * e.stride;
          bind_group(b, 0, pd[k], s.particle_data, n, 0);
          for (int q = 0; q < s.globals; q++) b.input(s.particle_data + q, radial_global(k, q));
          bind_group(b, s.particle_data + s.globals, zradial, s.lumped, n, 0);
          if (e.shells > 1) b.prologue(table[e.region], 0, (int)n * DW);
        } else {
          bind_group(b, 0, g, s.globals, XS, 0);
          bind_group(b, s.globals, d, s.node_data, XS, e.first);
          bind_group(b, s.globals + s.node_data + M, zrow, s.lumped, XS, 0);
          b.prologue(table[e.region], 0, e.n * DW);
        }
      }
  }
  // global parameters as rows over all radial faces, filled for those that are read
  D *radial_g[MAX_REGIONS] = {};
  D *radial_global(int k, int q) {
    const size_t n = (size_t)most(el[k].shells - 1, 1) * el[k].stride;
    if (!radial_g[k]) radial_g[k] = rows((n + 64) * s.globals);
    D *to = radial_g[k] + (size_t)q * n;
    if (rt[k][RADIAL].tape->used[s.particle_data + q] || rt[k][RADIAL_JAC].tape->used[s.particle_data + q])
      for (size_t i = 0; i < n; i++) to[i] = g[(size_t)q * XS];
    return to;
  }

#include "linear.h"
#include "modal.h"
#include "residual.h"
};
