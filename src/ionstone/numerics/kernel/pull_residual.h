// Members of Adjoint: F(y), dF/dy and outputs in reverse. Cotangents of the state gather in Yb, those of data
// in rows that lie like the data.

// which rows gather the cotangents of the inputs of each tape, in the order of System::bind_tapes
void bind_bars() {
  const auto group = [](Pullback &p, int at, double *base, int count, size_t stride, size_t offset) {
    for (int k = 0; k < count; k++) p.bar[at + k] = base + (size_t)k * stride + offset;
  };
  const size_t XS = sys.XS;
  const int L = s.lumped;
  for (int t = 0; t < GLOBAL_TAPES; t++) {
    Pullback &p = gp[t];
    const bool last = t == EDGE_R || t == EDGE_R_JAC, face = t == FACE || t == FACE_JAC;
    group(p, 0, gb, s.globals, XS, 0);
    if (t >= LUMPED) {
      group(p, s.globals, probe_bar, sys.np(), 4, 0);
      group(p, s.globals + sys.np(), sys.z(Yb), L, 1, 0);
      group(p, s.globals + sys.np() + L, red_bar, s.reductions, 4, 0);
    } else if (face) {
      int at = s.globals + s.face_data;
      group(p, s.globals, fb, s.face_data, XS, 0);
      group(p, at, sys.x(Yb, 0), M, XS, 0), group(p, at + M, sys.x(Yb, 0), M, XS, 1);
      group(p, at + 2 * M, props_bar, s.props, XS, 0),
          group(p, at + 2 * M + s.props, props_bar, s.props, XS, 1);
      at += 2 * M + 2 * s.props;
      group(p, at, z_bar, L, XS, 0);
      at += L;
      if (t == FACE_JAC)
        group(p, at, slopes_bar, s.jacobian_props, XS, 0),
            group(p, at + s.jacobian_props, slopes_bar, s.jacobian_props, XS, 1);
    } else {
      const size_t i = last ? (size_t)N - 1 : 0;
      group(p, s.globals, db, s.node_data, XS, i);
      group(p, s.globals + s.node_data, sys.x(Yb, 0), M, XS, i);
      group(p, s.globals + s.node_data + M, z_bar, L, XS, 0);
    }
  }
  for (int k = 0; k < sys.NE; k++)
    for (int t = 0; t < REGION_TAPES; t++) {
      if (!sys.rt[k][t].tape) continue;
      Pullback &p = rp[k][t];
      const Electrode &e = sys.el[k];
      if (t == RADIAL || t == RADIAL_JAC) {
        const size_t n = radial_rows(k);
        group(p, 0, pb[k], s.particle_data, n, 0);
        group(p, s.particle_data, rgb[k], s.globals, n, 0);
        group(p, s.particle_data + s.globals, radial_z_bar[k], L, n, 0);
        group(p, s.particle_data + s.globals + L, Yb + e.c, 2, (size_t)e.stride, 0);
        continue;
      }
      int at = s.globals + s.node_data;
      group(p, 0, gb, s.globals, XS, 0), group(p, s.globals, db, s.node_data, XS, (size_t)e.first);
      group(p, at, sys.x(Yb, 0), M, XS, (size_t)e.first), group(p, at + M, z_bar, L, XS, 0);
      at += M + L;
      group(p, at, Yb + e.local, K, (size_t)e.stride, 0);
      if (t == SOURCE || t == SOURCE_JAC) continue;
      p.bar[at + K] = surface_bar[k];
      if (t == CONTRIB || t == CONTRIB_JAC)
        p.bar[at + K + 1] = e.shells ? Yb + e.c + (size_t)(e.shells - 1) * e.stride : surface_bar[k];
    }
}
size_t radial_rows(int k) const { return (size_t)most(sys.el[k].shells - 1, 1) * sys.el[k].stride; }

// ---- inputs of tapes at a state ----
void local_inputs(int k, int t, const double *y) {
  const Electrode &e = sys.el[k];
  Bound &b = sys.rt[k][t];
  const int at = s.globals + s.node_data;
  sys.input_x(b, at, y, e.first);
  for (int q = 0; q < K; q++) b.input(at + M + s.lumped + q, y + e.local + (size_t)q * e.stride);
  if (t == SOURCE) return;
  b.input(at + M + s.lumped + K, e.shells ? sys.cs[k] : sys.zero);
  if (t == CONTRIB)
    b.input(at + M + s.lumped + K + 1,
            e.shells ? y + e.c + (size_t)(e.shells - 1) * e.stride : (const double *)sys.zero);
}
// rows that tapes share: lumped states, probes, surfaces, reductions
void shared_inputs(const double *y) {
  sys.spread_z(y);
  sys.read_probes(y);
  for (int k = 0; k < sys.NE; k++) {
    if (sys.modal[k].on && sys.stage >= 0)
      sys.surface_of_stage(k);
    else
      sys.surface(k, y, sys.cs[k]);
    if (!s.reductions) continue;
    sys.run_local(k, CONTRIB, y);
    if (sys.el[k].shells) sys.run_radial(k, RADIAL, y);
  }
  if (s.reductions) sys.reductions(y);
}

// ---- pulls of single tapes ----
void pull_local(int k, int t) {
  const Electrode &e = sys.el[k];
  rp[k][t].pull(sys.table[e.region], table_bar[e.region], 0, e.n);
}
void pull_radial(int k, int t) {
  const Electrode &e = sys.el[k];
  rp[k][t].pull(sys.table[e.region], table_bar[e.region], 0, (int)((e.shells - 1) * e.stride));
}
void pull_end(int t, const double *y) {
  for (int i = 0; i < s.lumped; i++) sys.gt[t].input(s.globals + sys.np() + i, sys.z(y) + i);
  gp[t].pull(sys.table[0], table_bar[0], 0, 1);
}
void pull_props(int t) {
  for (int r = 0; r < s.regions; r++)
    gp[t].pull(sys.table[r], table_bar[r], (size_t)sys.first[r], sys.in.cells[r]);
}
void pull_edge(int t, bool right) {
  const int r = right ? s.regions - 1 : 0;
  gp[t].pull(sys.table[r], table_bar[r], 0, 1);
}
static void add_to(double *to, double v) {
  if (to) *to += v;
}

// cotangents that went to shared rows go on to the state
void gather() {
  for (int p = 0; p < s.probes; p++)
    for (int r = 0; r < M; r++) {
      double &b = probe_bar[(p * M + r) * 4];
      sys.x(Yb, r)[sys.in.probe[p]] += b, b = 0;
    }
  for (int a = 0; a < s.lumped; a++)
    if (sys.node_z[a]) {
      double *b = z_bar + (size_t)a * sys.XS, t = 0;
      for (int i = 0; i < N; i++) t += b[i], b[i] = 0;
      sys.z(Yb)[a] += t;
    }
  for (int k = 0; k < sys.NE; k++) {
    const Electrode &e = sys.el[k];
    if (!e.shells) continue;
    if (sys.modal[k].on) {
      surface_back(k, surface_bar[k]);
      continue;
    }
    const double *read = sys.in.radii[e.region] + 2 * e.shells - 1;
    double *a = Yb + e.c + (size_t)(e.shells - 1) * e.stride, *b = a - e.stride, *q = surface_bar[k];
    for (int i = 0; i < e.n; i++) a[i] += read[0] * q[i], b[i] += read[1] * q[i], q[i] = 0;
    for (int c = 0; c < s.lumped; c++)
      if (sys.radial_z[c]) {
        double t = 0;
        for (int j = 0; j < e.shells - 1; j++)
          for (int i = 0; i < e.n; i++) t += radial_z_bar[k][c * radial_rows(k) + (size_t)j * e.stride + i];
        memset(radial_z_bar[k] + c * radial_rows(k), 0, sizeof(double) * radial_rows(k));
        sys.z(Yb)[c] += t;
      }
  }
}
// cotangents of the sums over nodes go to their terms; are there any?
bool spread_reductions() {
  bool any = false;
  for (int q = 0; q < s.reductions; q++) {
    const double b = red_bar[q * 4];
    red_bar[q * 4] = 0;
    if (b == 0) continue;
    any = true;
    for (int k = 0; k < sys.NE; k++) {
      const Electrode &e = sys.el[k];
      if (double *to = rp[k][CONTRIB].out_bar[q])
        for (int i = 0; i < e.n; i++) to[i] += b;
      if (e.shells < 2) continue;
      if (double *to = rp[k][RADIAL].out_bar[1 + q])
        for (int j = 0; j < e.shells - 1; j++)
          for (int i = 0; i < e.n; i++) to[(size_t)j * e.stride + i] += b * sys.in.radii[e.region][j];
    }
  }
  return any;
}

// Yb += (dF/dy)^T v, and the same of the data; v is zero where an unknown is absent
void pull_rhs(const double *y, const double *v) {
  shared_inputs(y);
  for (int a = 1; a < s.lumped; a++) add_to(gp[LUMPED].out_bar[a], sys.z(v)[a]);
  const double control = sys.z(v)[0];
  pull_end(LUMPED, y);
  if (sys.direct >= 0)
    sys.z(Yb)[0] += sys.control[sys.direct] * control;
  else {
    for (int o = 0; o < s.outputs; o++) add_to(gp[OUT].out_bar[o], sys.control[o] * control);
    pull_end(OUT, y);
  }
  const bool reduced = spread_reductions();
  for (int k = 0; k < sys.NE; k++) {
    const Electrode &e = sys.el[k];
    if (reduced) local_inputs(k, CONTRIB, y), pull_local(k, CONTRIB);
    if (sys.modal[k].on) {
      double *to = rp[k][SOURCE].out_bar[M];
      for (int i = 0; to && sys.stage >= 0 && i < e.n; i++) to[i] += modes[k].outward[sys.stage][i];
    } else if (e.shells) {
      flux_of(k, v, rp[k][RADIAL].out_bar[0]);
      radial_inputs(k, y), pull_radial(k, RADIAL);
      if (double *to = rp[k][SOURCE].out_bar[M]) outward_of(k, v, to);
    }
    for (int q = 0; q < K; q++)
      if (double *to = rp[k][LOCAL].out_bar[q])
        for (int i = 0; i < e.n; i++) to[i] += v[e.local + (size_t)q * e.stride + i];
    local_inputs(k, LOCAL, y), pull_local(k, LOCAL);
    for (int r = 0; r < M; r++)
      if (double *to = rp[k][SOURCE].out_bar[r])
        for (int i = 0; i < e.n; i++) to[i] += sys.x(v, r)[e.first + i];
    local_inputs(k, SOURCE, y), pull_local(k, SOURCE);
  }
  pull_faces(y, v);
  gather();
}
void radial_inputs(int k, const double *y) {
  const int at = s.particle_data + s.globals + s.lumped;
  sys.spread_radial(k, y);
  sys.rt[k][RADIAL].input(at, y + sys.el[k].c),
      sys.rt[k][RADIAL].input(at + 1, y + sys.el[k].c + sys.el[k].stride);
}
// cotangents of the radial fluxes, of the outward flux, and of the fluxes along x in the rows of F
void flux_of(int k, const double *v, double *to) const {
  const Electrode &e = sys.el[k];
  const double *weight = sys.in.radii[e.region], *iv = weight + e.shells - 1, *c = v + e.c;
  if (!to) return;
  for (int j = 0; j < e.shells - 1; j++)
    for (int i = 0; i < e.n; i++) {
      const size_t o = (size_t)j * e.stride + i;
      to[o] += weight[j] * (iv[j] * c[o] - iv[j + 1] * c[o + e.stride]);
    }
}
void outward_of(int k, const double *v, double *to) const {
  const Electrode &e = sys.el[k];
  const double iv = sys.in.radii[e.region][2 * e.shells - 2],
               *c = v + e.c + (size_t)(e.shells - 1) * e.stride;
  for (int i = 0; i < e.n; i++) to[i] -= iv * c[i];
}
void gap_of(const double *v, int r, double *to) const {
  const double *q = sys.x(v, r), *idx = sys.idx;
  for (int i = 0; i < N - 1; i++) to[i] += q[i + 1] * idx[i + 1] - q[i] * idx[i];
}
// cotangent of 1/dx of the nodes on both sides of the faces
void width_back(const double *v, const double *flux) {
  for (int i = 0; i < N - 1; i++) idx_bar[i] -= v[i] * flux[i];
  for (int i = 0; i < N - 1; i++) idx_bar[i + 1] += v[i + 1] * flux[i];
}
void pull_faces(const double *y, const double *v) {
  sys.run_props(PROPS, y);
  Bound &F = sys.gt[FACE], &P = sys.gt[PROPS];
  const int at = s.globals + s.face_data;
  sys.input_x(F, at, y, 0), sys.input_x(F, at + M, y, 1);
  for (int q = 0; q < s.props; q++) {
    const double *p = P.out(q) ? P.out(q) : sys.zero;
    F.input(at + 2 * M + q, p), F.input(at + 2 * M + s.props + q, p + 1);
  }
  for (int r = 0; r < M; r++) {
    if (double *to = gp[FACE].out_bar[r]) gap_of(v, r, to);
    add_to(gp[EDGE_L].out_bar[r], sys.x(v, r)[0] * sys.idx[0]);
    add_to(gp[EDGE_R].out_bar[r], -sys.x(v, r)[N - 1] * sys.idx[N - 1]);
  }
  gp[FACE].pull(sys.table[0], table_bar[0], 0, N - 1);
  for (int side = 0; side < 2; side++) {
    const int t = side ? EDGE_R : EDGE_L;
    sys.input_x(sys.gt[t], s.globals + s.node_data, y, side ? N - 1 : 0);
    pull_edge(t, side);
  }
  for (int r = 0; r < M; r++) {
    const double *q = sys.x(v, r);
    if (const double *f = F.out(r)) width_back(q, f);
    idx_bar[0] += q[0] * sys.value_of(sys.gt[EDGE_L].out(r), 0);
    idx_bar[N - 1] -= q[N - 1] * sys.value_of(sys.gt[EDGE_R].out(r), 0);
  }
  for (int q = 0; q < s.props; q++) {
    double *b = props_bar + (size_t)q * sys.XS;
    if (double *to = gp[PROPS].out_bar[q])
      for (int i = 0; i < N; i++) to[i] += b[i];
    memset(b, 0, sizeof(double) * (size_t)N);
  }
  pull_props(PROPS);
}

// Yb += cotangents of the state for those of the outputs, b: [outputs + reduced]
void pull_outputs(const double *y, const double *b) {
  bool any = false, nodes = false;
  for (int o = 0; o < s.outputs; o++) any = any || b[o] != 0;
  for (int q = 0; q < s.reduced; q++) nodes = nodes || b[s.outputs + q] != 0;
  if (!any && !nodes) return;
  shared_inputs(y);
  for (int o = 0; o < s.outputs; o++) add_to(gp[OUT].out_bar[o], b[o]);
  pull_end(OUT, y);
  const bool reduced = spread_reductions();
  for (int k = 0; k < sys.NE; k++) {
    if (reduced) {
      local_inputs(k, CONTRIB, y), pull_local(k, CONTRIB);
      if (sys.el[k].shells) radial_inputs(k, y), pull_radial(k, RADIAL);
    }
    if (nodes && sys.rt[k][NODE_OUT].tape) sys.run_local(k, NODE_OUT, y);
  }
  if (nodes) pull_reduced(b + s.outputs);
  gather();
}

// the cotangent of a least or largest value goes to the node that has it
void pull_reduced(const double *b) {
  for (int q = 0; q < s.reduced; q++) {
    const Reduced &r = sys.m.reduced[q];
    if (b[q] == 0) continue;
    const double *best = nullptr;
    double *to = nullptr;
    for (int k = 0; k < sys.NE; k++) {
      if (!(r.regions >> sys.el[k].region & 1)) continue;
      const double *v = sys.rt[k][NODE_OUT].out(r.output);
      for (int i = 0; v && i < sys.el[k].n; i++)
        if (!best || !(r.largest ? *best > v[i] : *best < v[i]))
          best = v + i, to = &rp[k][NODE_OUT].out_bar[r.output][i];
    }
    if (to) *to += b[q];
  }
  for (int k = 0; k < sys.NE; k++)
    if (sys.rt[k][NODE_OUT].tape) pull_local(k, NODE_OUT);
}
