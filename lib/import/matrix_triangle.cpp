// Triangles of matrices: m.triangularView<Eigen::Lower>().solve(b), and those of a Cholesky decomposition.
#include "import/body.h"
#include "import/matrix.h"

namespace nabla::front {

/// l with l l^T = a
Dense Matrices::lower_factor(const clang::Expr *e, const Factor &f) {
  Dense d = fresh(f.n, f.n, f.scalar, true, true);
  Ex l = read(d.where(integer(0), integer(0)).root);
  b_.emit(Call{function(e, "lower_llt", f.scalar), {f.n, f.matrix, f.factor, l}, std::nullopt});
  return d;
}

/// llt.matrixL(), llt.matrixU()
std::optional<Dense> Matrices::factor_part(const clang::CallExpr *e) {
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  std::string name = method_name(e);
  if (!mc || (name != "matrixL" && name != "matrixU"))
    return std::nullopt;
  auto f = factor_of(mc->getImplicitObjectArgument());
  if (!f || f->kind != "llt")
    refuse(e, "'" + name + "' of this decomposition", "use that of llt()");
  Dense l = lower_factor(e, *f);
  return name == "matrixL" ? l : transposed(l);
}

/// The matrix that a view is of, and Eigen's mode of the view: 1 for the lower triangle, 2 for the upper, and 4 for a diagonal of ones.
std::optional<Triangle> Matrices::triangle_of(const clang::Expr *given) {
  auto *c = dyn_cast<clang::CallExpr>(bare_matrix(given));
  if (!c || eigen_class(c->getType()) != "TriangularView")
    return std::nullopt;
  if (auto part = factor_part(c))
    return Triangle{*part, method_name(c) == "matrixL" ? 1 : 2};
  auto *mode = c->getDirectCallee()->getTemplateSpecializationArgs();
  if (method_name(c) != "triangularView" || !mode || mode->size() != 1)
    return std::nullopt;
  return Triangle{dense(matrix_operands(c)[0]), long(mode->get(0).getAsIntegral().getExtValue())};
}

Dense Matrices::solve(const clang::Expr *e, const Triangle &t, const Dense &rhs) {
  if (t.mode != 1 && t.mode != 2 && t.mode != 5 && t.mode != 6)
    refuse(e, "solve() of this triangle", "use Eigen::Lower, Upper, UnitLower or UnitUpper");
  Ex n = b_.convert(b_.freeze_now(t.matrix.rows, "n"), long_type()), m = pointer(t.matrix);
  Ex columns = b_.freeze_now(rhs.columns, "columns"), b = pointer(rhs);
  Dense d = fresh(literal(n) || !literal(rhs.rows) ? n : rhs.rows, columns, rhs.scalar, true, true);
  Ex x = read(d.where(integer(0), integer(0)).root);
  b_.emit(Call{function(e, "solve_triangle", rhs.scalar),
               {n, b_.convert(columns, long_type()), integer(t.mode), boolean(false), m, b, x},
               std::nullopt});
  return d;
}

} // namespace nabla::front
