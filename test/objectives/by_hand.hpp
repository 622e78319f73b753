// Hand-written reverse sweeps of gmm.hpp and lstm.hpp, as fast as we could
// write them by hand: the yardstick for emitted gradients (value and gradient
// in one call, arrays sized by trip counts, no stacks).
#pragma once
#include "adbench_data.hpp"
#include "gmm.hpp"
#include "lstm.hpp"
#include <cmath>
#include <vector>
#define R __restrict
namespace obj {
using V = std::vector<double>;
static void gmm_b(int d, int k, int n, const double *R al, const double *R mu,
                  const double *R icf, const double *R pts, double gamma, int m,
                  double *R alb, double *R mub, double *R icfb, double &f) {
  int pk = d * (d + 1) / 2;
  V dg(k * d), ld(k), dgb(k * d, 0.), ldb(k, 0.), Rm(k * d), Wm(k * d), tm(k),
      rb(d), wb(d);
  for (int i = 0; i < k; ++i) {
    alb[i] = 0;
  }
  for (int i = 0; i < k * d; ++i)
    mub[i] = 0;
  for (int i = 0; i < k * pk; ++i)
    icfb[i] = 0;
  for (int c = 0; c < k; ++c) {
    double s = 0;
    for (int i = 0; i < d; ++i) {
      s += icf[c * pk + i];
      dg[c * d + i] = std::exp(icf[c * pk + i]);
    }
    ld[c] = s;
  }
  double total = 0;
  for (int p = 0; p < n; ++p) {
    for (int c = 0; c < k; ++c) {
      double *R r = &Rm[c * d], *R w = &Wm[c * d];
      const double *R g = &dg[c * d], *R L = icf + c * pk + d,
                      *R mm = mu + c * d, *R x = pts + p * d;
      for (int i = 0; i < d; ++i) {
        r[i] = x[i] - mm[i];
        w[i] = g[i] * r[i];
      }
      int pos = 0;
      for (int q = 0; q < d; ++q) {
        double rq = r[q];
        for (int j = q + 1; j < d; ++j)
          w[j] += L[pos + j - q - 1] * rq;
        pos += d - q - 1;
      }
      double s = 0;
      for (int i = 0; i < d; ++i)
        s += w[i] * w[i];
      tm[c] = al[c] + ld[c] - 0.5 * s;
    }
    double mx = tm[0];
    for (int c = 1; c < k; ++c)
      if (tm[c] > mx)
        mx = tm[c];
    double s = 0;
    for (int c = 0; c < k; ++c) {
      tm[c] = std::exp(tm[c] - mx);
      s += tm[c];
    }
    total += std::log(s) + mx;
    double is = 1 / s;
    for (int c = 0; c < k; ++c) {
      double tb = tm[c] * is;
      alb[c] += tb;
      ldb[c] += tb;
      const double *R r = &Rm[c * d], *R w = &Wm[c * d], *R g = &dg[c * d],
                      *R L = icf + c * pk + d;
      double *R gb = &dgb[c * d], *R Lb = icfb + c * pk + d,
                *R mb = mub + c * d, *R pw = wb.data(), *R pr = rb.data();
      for (int i = 0; i < d; ++i) {
        pw[i] = -tb * w[i];
      }
      int pos = 0;
      for (int q = 0; q < d; ++q) {
        double rq = r[q], acc = 0;
        const double *R Lq = L + pos;
        const double *R pq = pw + q + 1;
        double *R oq = Lb + pos;
        int len = d - q - 1;
        _Pragma(
            "clang loop vectorize_width(4) interleave_count(1)") for (int j = 0;
                                                                      j < len;
                                                                      ++j)
            oq[j] += pq[j] * rq;
        _Pragma("omp simd reduction(+:acc) simdlen(4)") for (int j = 0; j < len;
                                                             ++j) acc +=
            Lq[j] * pq[j];
        pr[q] = acc;
        pos += len;
      }

      for (int i = 0; i < d; ++i) {
        gb[i] += pw[i] * r[i];
        mb[i] -= pr[i] + g[i] * pw[i];
      }
    }
  }
  double mx = al[0];
  for (int c = 1; c < k; ++c)
    if (al[c] > mx)
      mx = al[c];
  double s = 0;
  for (int c = 0; c < k; ++c) {
    tm[c] = std::exp(al[c] - mx);
    s += tm[c];
  }
  for (int c = 0; c < k; ++c)
    alb[c] -= n * tm[c] / s;
  double acc = 0;
  for (int c = 0; c < k; ++c) {
    double fr = 0;
    for (int i = 0; i < d; ++i) {
      double g = dg[c * d + i];
      fr += g * g;
      icfb[c * pk + i] += ldb[c] - m + (dgb[c * d + i] + gamma * gamma * g) * g;
    }
    for (int i = d; i < pk; ++i) {
      fr += icf[c * pk + i] * icf[c * pk + i];
      icfb[c * pk + i] += gamma * gamma * icf[c * pk + i];
    }
    acc += 0.5 * gamma * gamma * fr - m * ld[c];
  }
  f = total - n * (std::log(s) + mx) - 0.5 * n * d * 1.83787706640934548356 +
      acc - k * gmm_wishart_constant(d, gamma, m);
}
static void lstm_b(const LstmData &D, double *R mb, double *R eb, double &f) {
  int l = D.l, c = D.c, b = D.b;
  const double *R M = D.main.data(), *R E = D.extra.data(),
                  *R seq = D.sequence.data();
  size_t S =
      (size_t)l * b; // per step: fo in out ch oldcell tanhcell oldhidden input
  static V tape, pred;
  tape.resize((size_t)(c - 1) * S * 8);
  pred.resize((size_t)(c - 1) * b);
  V st(D.state), sc(b), stb(2 * S, 0.), ib(b);
  static V ls;
  ls.resize(c);
  double total = 0;
  for (int t = 0; t + 1 < c; ++t) {
    const double *R fr = seq + t * b;
    for (int i = 0; i < b; ++i)
      sc[i] = fr[i] * E[i];
    const double *in = sc.data();
    for (int y = 0; y < l; ++y) {
      const double *R w = M + y * 8 * b, *R bi = w + 4 * b;
      double *R h = &st[y * 2 * b], *R ce = h + b;
      double *R tp = &tape[((size_t)t * l + y) * 8 * b];
      for (int i = 0; i < b; ++i) {
        double x = in[i], hh = h[i];
        double fo = 1 / (1 + std::exp(-(x * w[i] + bi[i]))),
               ig = 1 / (1 + std::exp(-(hh * w[b + i] + bi[b + i]))),
               og = 1 / (1 + std::exp(-(x * w[2 * b + i] + bi[2 * b + i]))),
               ch = std::tanh(hh * w[3 * b + i] + bi[3 * b + i]);
        double oc = ce[i];
        double nc = oc * fo + ig * ch, tc = std::tanh(nc);
        ce[i] = nc;
        h[i] = og * tc;
        tp[i] = fo;
        tp[b + i] = ig;
        tp[2 * b + i] = og;
        tp[3 * b + i] = ch;
        tp[4 * b + i] = oc;
        tp[5 * b + i] = tc;
        tp[6 * b + i] = hh;
        tp[7 * b + i] = x;
      }
      in = h;
    }
    double s = 2;
    double *R pr = &pred[(size_t)t * b];
    double yg = 0, dot = 0;
    const double *R gold = seq + (t + 1) * b;
    for (int i = 0; i < b; ++i) {
      double p = in[i] * E[b + i] + E[2 * b + i];
      dot += gold[i] * p;
      yg += gold[i];
      double e = std::exp(p);
      pr[i] = e;
      s += e;
    }
    total += dot - yg * std::log(s);
    ls[t] = yg / s;
  }
  for (size_t i = 0; i < D.main.size(); ++i)
    mb[i] = 0;
  for (int i = 0; i < 3 * b; ++i)
    eb[i] = 0;
  double tb = -1.0 / (b * (c - 1));
  f = total * tb;
  for (int t = c - 2; t >= 0; --t) {
    const double *R gold = seq + (t + 1) * b, *R pr = &pred[(size_t)t * b];
    const double *R lt = &tape[((size_t)t * l + l - 1) * 8 * b];
    double *R hb = &stb[(l - 1) * 2 * b];
    for (int i = 0; i < b; ++i) {
      double pb = tb * (gold[i] - ls[t] * pr[i]);
      eb[b + i] += lt[2 * b + i] * lt[5 * b + i] * pb;
      eb[2 * b + i] += pb;
      hb[i] += E[b + i] * pb;
    }
    for (int y = l - 1; y >= 0; --y) {
      const double *R w = M + y * 8 * b;
      double *R wb = mb + y * 8 * b, *R bb = wb + 4 * b;
      double *R h = &stb[y * 2 * b], *R cb = h + b,
                *R xb = y ? &stb[(y - 1) * 2 * b] : ib.data();
      const double *R tp = &tape[((size_t)t * l + y) * 8 * b];
      if (!y)
        for (int i = 0; i < b; ++i)
          xb[i] = 0;
      for (int i = 0; i < b; ++i) {
        double fo = tp[i], ig = tp[b + i], og = tp[2 * b + i],
               ch = tp[3 * b + i], oc = tp[4 * b + i], tc = tp[5 * b + i],
               hh = tp[6 * b + i], x = tp[7 * b + i];
        double hbar = h[i], cbar = cb[i] + og * (1 - tc * tc) * hbar;
        double fb = oc * cbar * fo * (1 - fo), gb = ch * cbar * ig * (1 - ig),
               ob = tc * hbar * og * (1 - og), kb = ig * cbar * (1 - ch * ch);
        wb[i] += x * fb;
        wb[b + i] += hh * gb;
        wb[2 * b + i] += x * ob;
        wb[3 * b + i] += hh * kb;
        bb[i] += fb;
        bb[b + i] += gb;
        bb[2 * b + i] += ob;
        bb[3 * b + i] += kb;
        xb[i] += w[i] * fb + w[2 * b + i] * ob;
        h[i] = w[b + i] * gb + w[3 * b + i] * kb;
        cb[i] = cbar * fo;
      }
    }
    const double *R fr = seq + t * b;
    for (int i = 0; i < b; ++i)
      eb[i] += fr[i] * ib[i];
  }
}
} // namespace obj
#undef R
