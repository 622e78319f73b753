// Linear algebra. Formulas: Giles, "An extended collection of matrix derivative results for forward and reverse mode automatic
// differentiation" (2008); cholesky after Murray (2016). All work on batches in the leading dimensions.
#include "node.h"

#include <nabla/tensor/linalg.h>

#include <limits>

namespace nabla {
namespace detail {
namespace {

Tensor solve_matrix(const Tensor &a, const Tensor &b, bool vector);

Tensor transposed(const Tensor &t) { return t.transpose(-2, -1); }

void need_square(const Tensor &a, const char *name) {
  if (need(a)->dims < 2)
    throw ShapeError(std::string(name) + ": The input tensor A must have at least 2 dimensions.");
  if (a.size(-1) != a.size(-2))
    throw ShapeError(std::string(name) + ": A must be batches of square matrices, but they are " +
                     std::to_string(a.size(-2)) + " by " + std::to_string(a.size(-1)) + " matrices");
  if (!is_floating(a.scalar_type()))
    throw TypeError(std::string(name) + ": Expected a floating point or complex tensor as input. Got " +
                    to_string(a.scalar_type()));
}
std::string batch_text(const Tensor &a, std::int64_t entry) {
  return a.dim() > 2 ? "(Batch element " + std::to_string(entry) + "): " : std::string();
}
Dims leading(const Tensor &a, int inner) {
  Dims d = sizes_of(a);
  d.count -= inner;
  return d;
}

Tensor diagonal_matrix(const Tensor &v) { return v.unsqueeze(-1) * eye(v.size(-1), v.scalar_type()); }
/// The lower triangle with half of the diagonal.
Tensor half_lower(const Tensor &t) { return t.tril() * (1 - 0.5 * eye(t.size(-1), t.scalar_type())); }

/// The transposed adjugate by minors: exact for singular matrices, to any order; O(n^5), so for small n only.
Tensor cofactors(const Tensor &a) {
  const std::int64_t n = a.size(-1);
  if (n == 1)
    return ones_like(a);
  if (n > 32)
    throw LinAlgError("linalg.det: the derivative at a singular matrix of more than 32 rows is not computed; "
                      "use slogdet of a regular one");
  auto without = [n](std::int64_t i) {
    std::vector<std::int64_t> kept;
    for (std::int64_t k = 0; k < n; ++k)
      if (k != i)
        kept.push_back(k);
    return tensor(kept);
  };
  std::vector<Tensor> rows;
  for (std::int64_t i = 0; i < n; ++i) {
    const Tensor rest = a.index_select(-2, without(i));
    std::vector<Tensor> row;
    for (std::int64_t j = 0; j < n; ++j)
      row.push_back(linalg_det(rest.index_select(-1, without(j))) * ((i + j) % 2 ? -1 : 1));
    rows.push_back(stack(row, -1));
  }
  return stack(rows, -2);
}

// Townsend, "Differentiating the singular value decomposition" (2016); F_ij = 1 / (s_j^2 - s_i^2).
Tensor svd_gradient(const Tensor &u, const Tensor &s, const Tensor &vh, const Tensor &gu, const Tensor &gs,
                    const Tensor &gvh) {
  const Tensor v = transposed(vh), ut = transposed(u);
  const std::int64_t k = s.size(-1), m = u.size(-2), n = v.size(-2);
  Tensor inner, result;
  auto add = [](Tensor &to, const Tensor &t) { to = to.defined() ? to + t : t; };
  if (gs.defined())
    add(inner, diagonal_matrix(gs));
  const Tensor unit = eye(k, s.scalar_type()), s2 = s * s;
  Tensor f;
  if (gu.defined() || gvh.defined())
    f = (1 - unit) / (s2.unsqueeze(-2) - s2.unsqueeze(-1) + unit);
  if (gu.defined()) {
    const Tensor w = ut.matmul(gu);
    add(inner, (f * (w - transposed(w))) * s.unsqueeze(-2));
    if (m > k) {
      const Tensor h = gu / s.unsqueeze(-2);
      add(result, (h - u.matmul(ut.matmul(h))).matmul(vh));
    }
  }
  if (gvh.defined()) {
    const Tensor gv = transposed(gvh), w = vh.matmul(gv);
    add(inner, s.unsqueeze(-1) * (f * (w - transposed(w))));
    if (n > k) {
      const Tensor h = gvh / s.unsqueeze(-1);
      add(result, u.matmul(h - h.matmul(v).matmul(vh)));
    }
  }
  if (inner.defined())
    add(result, u.matmul(inner).matmul(vh));
  return result;
}

// primal: r = a^-1    adjoint: a_bar -= r^T r_bar r^T
void inverse_backward(Sweep &s) {
  const Tensor rt = transposed(s.saved(0));
  s.give(0, -rt.matmul(s.grad()).matmul(rt));
}

struct RightSide {
  bool vector; ///< [.., n] rather than [.., n, m]
};
// primal: x = a^-1 b    adjoint: b_bar += a^-T x_bar, a_bar -= b_bar x^T
void solve_backward(Sweep &s) {
  const Tensor a = s.saved(0), x = s.saved(1);
  const bool vector = s.attribute<RightSide>().vector;
  const Tensor g = solve_matrix(transposed(a), vector ? s.grad().unsqueeze(-1) : s.grad(), false);
  if (s.wants(1))
    s.give(1, vector ? g.squeeze(-1) : g);
  if (s.wants(0))
    s.give(0, -g.matmul(transposed(vector ? x.unsqueeze(-1) : x)));
}

// primal: r = det a    adjoint: a_bar += r_bar r a^-T
void det_backward(Sweep &s) {
  const Tensor a = s.saved(0), r = s.saved(1);
  const Tensor g = s.grad().unsqueeze(-1).unsqueeze(-1);
  if (r.detach().ne(0).all().item<bool>())
    return s.give(0, (g * r.unsqueeze(-1).unsqueeze(-1)) * transposed(linalg_inv(a)));
  s.give(0, g * cofactors(a));
}

// primal: (sign, l) = slogdet a    adjoint: a_bar += l_bar a^-T
void slogdet_backward(Sweep &s) {
  if (s.grad(1).defined())
    s.give(0, s.grad(1).unsqueeze(-1).unsqueeze(-1) * transposed(linalg_inv(s.saved(0))));
}

// primal: l l^T = a    adjoint: a_bar += sym(l^-T phi(l^T l_bar) l^-1), phi the lower triangle with half of the diagonal
void cholesky_backward(Sweep &s) {
  const Tensor l = s.saved(0), lt = transposed(l);
  const Tensor phi = half_lower(lt.matmul(s.grad()));
  const Tensor left = linalg_solve_triangular(lt, phi, true);                       // l^-T phi
  const Tensor g = transposed(linalg_solve_triangular(lt, transposed(left), true)); // times l^-1
  s.give(0, (g + transposed(g)) * 0.5);
}

// primal: a = v diag(w) v^T    adjoint: a_bar += v (diag(w_bar) + (v^T v_bar) / (w_j - w_i)) v^T
void eigh_backward(Sweep &s) {
  const Tensor w = s.saved(0), v = s.saved(1), vt = transposed(v);
  Tensor inner;
  if (s.grad(1).defined()) {
    const Tensor gap = w.unsqueeze(-2) - w.unsqueeze(-1);
    const Tensor unit = eye(w.size(-1), w.scalar_type());
    inner = vt.matmul(s.grad(1)) * (1 - unit) / (gap + unit);
  }
  if (s.grad(0).defined()) {
    const Tensor d = diagonal_matrix(s.grad(0));
    inner = inner.defined() ? inner + d : d;
  }
  if (!inner.defined())
    return;
  const Tensor g = v.matmul(inner).matmul(vt);
  s.give(0, (g + transposed(g)) * 0.5); // a is read as symmetric
}

// primal: a = u diag(s) vh    adjoint: see svd_gradient
void svd_backward(Sweep &s) {
  s.give(0, svd_gradient(s.saved(0), s.saved(1), s.saved(2), s.grad(0), s.grad(1), s.grad(2)));
}

struct Triangle {
  bool upper, unit;
};
// primal: x = a^-1 b, a triangular    adjoint: b_bar += a^-T x_bar, a_bar -= triangle of b_bar x^T
void solve_triangular_backward(Sweep &s) {
  const Triangle &t = s.attribute<Triangle>();
  const Tensor a = s.saved(0), x = s.saved(1);
  const Tensor g = linalg_solve_triangular(transposed(a), s.grad(), !t.upper, t.unit);
  if (s.wants(1))
    s.give(1, g);
  if (s.wants(0)) {
    const Tensor full = -g.matmul(transposed(x));
    s.give(0, t.upper ? full.triu(t.unit ? 1 : 0) : full.tril(t.unit ? -1 : 0));
  }
}

// primal: a = q r    adjoint: a_bar += (q_bar + q copyltu(m)) r^-T, m = r r_bar^T - q_bar^T q, copyltu makes symmetric from below
void qr_backward(Sweep &s) {
  const Tensor q = s.saved(0), r = s.saved(1);
  if (r.size(-2) != r.size(-1))
    throw NotImplementedError("linalg.qr: the derivative for matrices with fewer rows than columns is not "
                              "computed; take the square "
                              "part or transpose");
  Tensor m, g;
  if (s.grad(1).defined())
    m = r.matmul(transposed(s.grad(1)));
  if (s.grad(0).defined()) {
    g = s.grad(0);
    const Tensor w = transposed(g).matmul(q);
    m = m.defined() ? m - w : -w;
  }
  if (!m.defined())
    return;
  const Tensor symmetric = m.tril() + transposed(m.tril(-1)), inner = q.matmul(symmetric);
  const Tensor total = g.defined() ? g + inner : inner;
  s.give(0, transposed(linalg_solve_triangular(r, transposed(total), true)));
}

/// a and b have equal batches; b is [.., n] when vector.
Tensor solve_matrix(const Tensor &a, const Tensor &b, bool vector) {
  Tensor x = make_like(b);
  const Tensor right = vector ? b.detach().unsqueeze(-1) : b, out = vector ? x.unsqueeze(-1) : x;
  const kernels::Info info = kernels::solve(view(out), view(a), view(right));
  if (!info.ok())
    throw LinAlgError("linalg.solve: " + batch_text(a, info.batch) +
                      "The solver failed because the input matrix is singular.");
  if (recording(a, b)) {
    const RightSide how{vector};
    Recorder rec("LinalgSolveExBackward0", solve_backward, {&a, &b}, 2, &how);
    rec.save(0, a);
    rec.save_result(1, x);
    rec.finish(x);
  }
  return x;
}

void need_same_type(const Tensor &a, const Tensor &b, const char *name) {
  if (a.scalar_type() != b.scalar_type())
    throw TypeError(std::string(name) + ": Expected A and B to have the same dtype, but found A of type " +
                    to_string(a.scalar_type()) + " and B of type " + to_string(b.scalar_type()) + " instead");
}

/// Both with the same leading dimensions.
std::tuple<Tensor, Tensor> common_batches(const Tensor &a, const Tensor &b, int inner_b) {
  const Dims sa = leading(a, 2), sb = leading(b, inner_b);
  Dims batch = broadcast(sa, sb), wide_a = batch, wide_b = batch;
  wide_a.push(a.size(-2)), wide_a.push(a.size(-1));
  if (inner_b == 2)
    wide_b.push(b.size(-2));
  wide_b.push(b.size(-1));
  return {same_sizes(a.sizes(), wide_a) ? a : a.expand(wide_a),
          same_sizes(b.sizes(), wide_b) ? b : b.expand(wide_b)};
}

} // namespace
} // namespace detail

using namespace detail;

Tensor linalg_inv(const Tensor &a) {
  need_square(a, "linalg.inv");
  Tensor r = make_like(a);
  const kernels::Info info = kernels::inverse(view(r), view(a));
  if (!info.ok())
    throw LinAlgError("linalg.inv: " + batch_text(a, info.batch) + "The diagonal element " +
                      std::to_string(info.info) +
                      " is zero, the inversion could not be completed because the input matrix is singular.");
  if (recording(a)) {
    Recorder rec("LinalgInvExBackward0", inverse_backward, {&a}, 1);
    rec.save_result(0, r);
    rec.finish(r);
  }
  return r;
}

Tensor linalg_solve(const Tensor &a, const Tensor &b) {
  need_square(a, "linalg.solve");
  need(b);
  need_same_type(a, b, "linalg.solve");
  const bool vector = b.dim() == 1 || (b.dim() == a.dim() - 1 && same_sizes(b.sizes(), leading(a, 1)));
  if (b.dim() == 0 || b.size(vector ? -1 : -2) != a.size(-1))
    throw ShapeError("linalg.solve: Incompatible shapes of A and B for the equation AX = B (" +
                     std::to_string(a.size(-2)) + "x" + std::to_string(a.size(-1)) + " and " +
                     shape_text(b.sizes()) + ")");
  auto [wide_a, wide_b] = common_batches(a, b, vector ? 1 : 2);
  return solve_matrix(wide_a, wide_b, vector);
}

Tensor linalg_solve_triangular(const Tensor &a, const Tensor &b, bool upper, bool unitriangular) {
  need_square(a, "linalg.solve_triangular");
  need(b);
  need_same_type(a, b, "linalg.solve_triangular");
  if (b.dim() < 2 || b.size(-2) != a.size(-1))
    throw ShapeError("linalg.solve_triangular: Incompatible shapes of A and B for the equation AX = B (" +
                     std::to_string(a.size(-2)) + "x" + std::to_string(a.size(-1)) + " and " +
                     shape_text(b.sizes()) + ")");
  auto [wide_a, wide_b] = common_batches(a, b, 2);
  Tensor x = make_like(wide_b);
  kernels::solve_triangular(view(x), view(wide_a), view(wide_b), upper, unitriangular);
  if (recording(wide_a, wide_b)) {
    const Triangle how{upper, unitriangular};
    Recorder rec("LinalgSolveTriangularBackward0", solve_triangular_backward, {&wide_a, &wide_b}, 2, &how);
    rec.save(0, wide_a);
    rec.save_result(1, x);
    rec.finish(x);
  }
  return x;
}

Tensor linalg_det(const Tensor &a) {
  need_square(a, "linalg.det");
  Tensor r = make(leading(a, 2), a.scalar_type());
  kernels::det(view(r), view(a));
  if (recording(a)) {
    Recorder rec("LinalgDetBackward0", det_backward, {&a}, 2);
    rec.save(0, a);
    rec.save_result(1, r);
    rec.finish(r);
  }
  return r;
}

std::tuple<Tensor, Tensor> linalg_slogdet(const Tensor &a) {
  need_square(a, "linalg.slogdet");
  Tensor sign = make(leading(a, 2), a.scalar_type()), log = make_like(sign);
  kernels::slogdet(view(sign), view(log), view(a));
  if (recording(a)) {
    Recorder rec("LinalgSlogdetBackward0", slogdet_backward, {&a}, 1, static_cast<const char *>(nullptr), 2);
    rec.save(0, a);
    rec.finish({&sign, &log});
  }
  return {sign, log};
}

Tensor logdet(const Tensor &a) {
  const auto [sign, log] = linalg_slogdet(a);
  return where(sign.detach() < 0, full_like(sign, std::numeric_limits<double>::quiet_NaN()), log);
}

Tensor linalg_cholesky(const Tensor &a) {
  need_square(a, "linalg.cholesky");
  Tensor r = make_like(a);
  const kernels::Info info = kernels::cholesky(view(r), view(a));
  if (!info.ok())
    throw LinAlgError("linalg.cholesky: " + batch_text(a, info.batch) +
                      "The factorization could not be completed because the input is not positive-definite "
                      "(the leading minor of order " +
                      std::to_string(info.info) + " is not positive-definite).");
  if (recording(a)) {
    Recorder rec("LinalgCholeskyExBackward0", cholesky_backward, {&a}, 1);
    rec.save_result(0, r);
    rec.finish(r);
  }
  return r;
}

std::tuple<Tensor, Tensor> linalg_eigh(const Tensor &a) {
  need_square(a, "linalg.eigh");
  Tensor values = make(leading(a, 1), a.scalar_type()), vectors = make_like(a);
  const kernels::Info info = kernels::eigh(view(values), view(vectors), view(a));
  if (!info.ok())
    throw LinAlgError("linalg.eigh: " + batch_text(a, info.batch) +
                      "The algorithm failed to converge because the input matrix is ill-conditioned or holds "
                      "NaN or infinity.");
  if (recording(a)) {
    Recorder rec("LinalgEighBackward0", eigh_backward, {&a}, 2, static_cast<const char *>(nullptr), 2);
    rec.save_result(0, values, 0);
    rec.save_result(1, vectors, 1);
    rec.finish({&values, &vectors});
  }
  return {values, vectors};
}
Tensor linalg_eigvalsh(const Tensor &a) { return std::get<0>(linalg_eigh(a)); }

namespace {
/// Sizes of the two factors of a thin factorisation, and of the values between them.
void need_matrix(const Tensor &a, const char *name) {
  if (need(a)->dims < 2)
    throw ShapeError(std::string(name) + ": The input tensor A must have at least 2 dimensions.");
  if (!is_floating(a.scalar_type()))
    throw TypeError(std::string(name) + ": Expected a floating point or complex tensor as input. Got " +
                    to_string(a.scalar_type()));
}
Tensor with_last(const Dims &batch, std::initializer_list<std::int64_t> last, ScalarType type) {
  Dims d = batch;
  for (std::int64_t n : last)
    d.push(n);
  return make(d, type);
}
} // namespace

std::tuple<Tensor, Tensor, Tensor> linalg_svd(const Tensor &a) {
  need_matrix(a, "linalg.svd");
  const Dims batch = leading(a, 2);
  const std::int64_t m = a.size(-2), n = a.size(-1), k = m < n ? m : n;
  Tensor u = with_last(batch, {m, k}, a.scalar_type()), s = with_last(batch, {k}, a.scalar_type());
  Tensor vh = with_last(batch, {k, n}, a.scalar_type());
  const kernels::Info info = kernels::svd(view(u), view(s), view(vh), view(a));
  if (!info.ok())
    throw LinAlgError("linalg.svd: " + batch_text(a, info.batch) +
                      "The algorithm failed to converge because the input matrix is ill-conditioned or holds "
                      "NaN or infinity.");
  if (recording(a)) {
    Recorder rec("LinalgSvdBackward0", svd_backward, {&a}, 3, static_cast<const char *>(nullptr), 3);
    rec.save_result(0, u, 0);
    rec.save_result(1, s, 1);
    rec.save_result(2, vh, 2);
    rec.finish({&u, &s, &vh});
  }
  return {u, s, vh};
}
Tensor linalg_svdvals(const Tensor &a) { return std::get<1>(linalg_svd(a)); }

std::tuple<Tensor, Tensor> linalg_qr(const Tensor &a) {
  need_matrix(a, "linalg.qr");
  const Dims batch = leading(a, 2);
  const std::int64_t m = a.size(-2), n = a.size(-1), k = m < n ? m : n;
  Tensor q = with_last(batch, {m, k}, a.scalar_type()), r = with_last(batch, {k, n}, a.scalar_type());
  kernels::qr(view(q), view(r), view(a));
  if (recording(a)) {
    Recorder rec("LinalgQrBackward0", qr_backward, {&a}, 2, static_cast<const char *>(nullptr), 2);
    rec.save_result(0, q, 0);
    rec.save_result(1, r, 1);
    rec.finish({&q, &r});
  }
  return {q, r};
}

Tensor Tensor::inverse() const { return linalg_inv(*this); }
Tensor Tensor::det() const { return linalg_det(*this); }
Tensor Tensor::logdet() const { return nabla::logdet(*this); }

} // namespace nabla
