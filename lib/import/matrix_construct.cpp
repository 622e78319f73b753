// How matrices come into being: declarations, constructors, views of memory.
#include "import/container.h"
#include "import/matrix.h"

namespace nabla::front {

/// Eigen::LLT<Eigen::MatrixXd> llt(a);  auto r = m.row(0);
bool Matrices::declare(const clang::VarDecl *v) {
  clang::QualType t = v->getType().getNonReferenceType();
  if (eigen_class(t).empty() || matrix_of(t))
    return false;
  const clang::Expr *init = v->getInit() ? bare_matrix(v->getInit()) : nullptr;
  if (eigen_class(t) == "Map" || eigen_class(t) == "Ref")
    s_.refuse(Diag::UnsupportedType, v->getLocation(),
              {s_.spelling(t), "use a map of memory without gaps, or write a loop"});
  if (!is_dense(t)) {
    auto f = init ? factor_of(init) : std::nullopt;
    if (!f)
      s_.refuse(Diag::UnsupportedType, v->getLocation(),
                {s_.spelling(t), "use Eigen::LLT, LDLT, PartialPivLU, HouseholderQR or ColPivHouseholderQR, "
                                 "made of its matrix: Eigen::LLT<Eigen::MatrixXd> llt(a);"});
    factors_[v] = *f;
    return true;
  }
  if (auto *c = dyn_cast_or_null<clang::CXXConstructExpr>(init);
      c && c->getNumArgs() == 1 && c->getConstructor()->isCopyOrMoveConstructor())
    init = bare_matrix(c->getArg(0));
  Dense x;
  if (init)
    x = dense(init);
  if (!x.where)
    s_.refuse(Diag::UnsupportedType, v->getLocation(),
              {s_.spelling(t), "it is evaluated again wherever it is used: give it a type of its own, as in "
                               "Eigen::VectorXd x = ..., or write .eval()"});
  views_[v] = x;
  return true;
}

/// A new matrix of dynamic size: memory for its coefficients.
void Matrices::set_shape(const Place &to, const Ex &rows, const Ex &columns) {
  Ex r = b_.freeze_now(rows, "rows"), c = b_.freeze_now(columns, "columns");
  b_.allocate_elements(to, b_.count_of(product_of(r, c), "count"), false);
  if (!to.type().members().has_shape())
    return;
  b_.emit(Assign{part(to, Struct::Rows), b_.convert(r, long_type())});
  b_.emit(Assign{part(to, Struct::Columns), b_.convert(c, long_type())});
}

/// Matrix(a + b), Matrix(other), Matrix(std::move(other))
void Matrices::copied(const Place &to, const MatrixClass &m, const clang::CXXConstructExpr *e,
                      const clang::Expr *arg) {
  const clang::Expr *from = bare_matrix(arg);
  auto other = matrix_of(from->getType());
  bool is_moved = arg->isXValue() && from->isGLValue() && other && !other->is_view && !m.is_fixed &&
                  !isa<clang::CXXMemberCallExpr>(from) &&
                  s_.context.hasSameUnqualifiedType(from->getType(), e->getType());
  if (is_moved)
    return b_.move_value(to, b_.place(from), e->getType());
  Dense x = facing(stored(to, m), dense(arg));
  if (!m.is_fixed)
    set_shape(to, x.rows, x.columns);
  Dense target = stored(to, m);
  target.rows = literal(x.rows) ? x.rows : target.rows;
  target.columns = literal(x.columns) ? x.columns : target.columns;
  target.whole.reset(); // it has its shape
  assign(target, x);
}

bool Matrices::construct(const Place &to, const clang::CXXConstructExpr *e) {
  auto m = matrix_of(e->getType());
  if (!m || !to.type().is(ir::Type::Record))
    return false;
  std::vector<const clang::Expr *> args(e->arg_begin(), e->arg_end());
  while (!args.empty() && isa<clang::CXXDefaultArgExpr>(args.back()))
    args.pop_back();
  auto all = [&](bool (clang::Type::*is)() const) {
    return std::all_of(args.begin(), args.end(),
                       [&](const clang::Expr *a) { return ((*a->getType()).*is)(); });
  };
  if (m->is_view) {
    view(to, *m, e, args);
  } else if (args.empty()) {
    if (!m->is_fixed)
      b_.empty_container(to);
  } else if (args.size() == 1 && is_dense(args[0]->getType())) {
    copied(to, *m, e, args[0]);
  } else if (!m->is_fixed && all(&clang::Type::isIntegerType) && (args.size() == 2 || m->is_vector())) {
    std::vector<Ex> n;
    for (const clang::Expr *a : args)
      n.push_back(dimension(a, "size"));
    const Ex one = integer(1);
    bool is_row = m->rows == 1;
    set_shape(to, n.size() == 2 || !is_row ? n[0] : one, n.size() == 2 ? n[1] : is_row ? n[0] : one);
  } else if (m->is_fixed && m->is_vector() && all(&clang::Type::isArithmeticType) &&
             long(args.size()) == m->rows * m->columns) {
    std::vector<Ex> values = b_.values(args);
    Dense whole = stored(to, *m);
    for (std::size_t k = 0; k < values.size(); ++k) {
      Ex i = integer(k), zero = integer(0);
      Place at = m->columns == 1 ? whole.where(i, zero) : whole.where(zero, i);
      b_.emit(Assign{at, b_.convert(values[k], whole.scalar)});
    }
  } else {
    refuse(e, "this constructor of '" + s_.spelling(e->getType()) + "'", "make it with its size and fill it");
  }
  return true;
}

/// Map(p, n), Map(p, rows, columns), Ref(v)
void Matrices::view(const Place &to, const MatrixClass &m, const clang::CXXConstructExpr *e,
                    std::vector<const clang::Expr *> args) {
  auto set = [&](const Ex &data, const Ex &rows, const Ex &columns) {
    b_.emit(Assign{part(to, Struct::Data), data});
    b_.emit(Assign{part(to, Struct::Size),
                   b_.convert(product_of(rows, columns), ir::Type::integer("unsigned long"))});
    if (!to.type().members().has_shape())
      return;
    b_.emit(Assign{part(to, Struct::Rows), b_.convert(rows, long_type())});
    b_.emit(Assign{part(to, Struct::Columns), b_.convert(columns, long_type())});
  };
  if (!args.empty() && eigen_class(args.back()->getType()) == "Stride") // none of its own: see is_dense_view
    args.pop_back();
  if (!args.empty() && args[0]->getType()->isPointerType()) {
    Ex data = b_.freeze_now(b_.value(args[0]), "from");
    std::vector<Ex> n;
    for (std::size_t i = 1; i < args.size(); ++i)
      n.push_back(dimension(args[i], "size"));
    Ex rows = m.rows >= 0 ? integer(m.rows) : n.at(0),
       columns = m.columns >= 0 ? integer(m.columns) : n.back();
    return set(data, rows, columns);
  }
  if (args.size() == 1 && is_dense(args[0]->getType())) {
    Dense x = dense(args[0]);
    bool is_const = m.scalar.isConstQualified();
    bool lies_together = x.where && m.is_vector() && (x.whole || is_literal(x.columns, 1));
    if (!lies_together && !is_const)
      refuse(e, "a view of this expression", "pass a vector, or a segment of one");
    if (!lies_together || x.is_transposed)
      x = kept(x, true);
    return set(address(x.where(integer(0), integer(0))), x.rows, x.columns);
  }
  refuse(e, "this constructor of '" + s_.spelling(e->getType()) + "'", "make it of a pointer and its size");
}

} // namespace nabla::front
