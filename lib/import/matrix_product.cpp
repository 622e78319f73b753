// Products, inverses, determinants and solutions of linear systems. Small ones are written out; others are calls of
// nabla/eigen.h, whose rules use the factorisation that is there.
#include "import/matrix.h"

namespace nabla::front {

namespace {

Ex plus(const Ex &a, const Ex &b) { return apply(Rule::add, {a, b}, a.type()); }
Ex minus(const Ex &a, const Ex &b) { return apply(Rule::sub, {a, b}, a.type()); }
Ex times(const Ex &a, const Ex &b) { return apply(Rule::mul, {a, b}, a.type()); }

const clang::ClassTemplateSpecializationDecl *instance(clang::QualType t) {
  return dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(
      t.getNonReferenceType().getCanonicalType()->getAsCXXRecordDecl());
}

Ex at(const Dense &x, long i, long j) { return x.at(integer(i), integer(j)); }

Ex determinant2(const Dense &x, long r0, long r1, long c0, long c1) {
  return minus(times(at(x, r0, c0), at(x, r1, c1)), times(at(x, r0, c1), at(x, r1, c0)));
}

/// (-1)^(i + j) times what is left without row i and column j of a 3 x 3 matrix.
Ex cofactor3(const Dense &x, long i, long j) {
  return determinant2(x, (i + 1) % 3, (i + 2) % 3, (j + 1) % 3, (j + 2) % 3);
}

/// The shape as a number, where it is known before the program runs and at most 3.
long small_size(const Dense &x) {
  auto n = literal(x.rows), m = literal(x.columns);
  return n && m && *n == *m && *n <= 3 && x.scalar.is(ir::Type::Real) ? *n : 0;
}

} // namespace

// ---- Functions of nabla/eigen.h -------------------------------------------------------------------------

CalleeRef Matrices::function(const clang::Expr *e, const std::string &name, const ir::Type &scalar) {
  auto lookup = [&](const clang::DeclContext *dc, llvm::StringRef id) {
    return dc->lookup(&s_.context.Idents.get(id));
  };
  for (clang::NamedDecl *d : lookup(s_.context.getTranslationUnitDecl(), "nabla"))
    if (auto *nabla = dyn_cast<clang::NamespaceDecl>(d))
      for (clang::NamedDecl *inner : lookup(nabla, "linear"))
        if (auto *eigen = dyn_cast<clang::NamespaceDecl>(inner))
          for (clang::NamedDecl *found : lookup(eigen, name))
            if (clang::FunctionDecl *f = found->getAsFunction())
              for (auto *p : f->parameters()) {
                clang::QualType to =
                    p->getType()->isPointerType() ? p->getType()->getPointeeType() : clang::QualType();
                if (!to.isNull() && to->isRealFloatingType() &&
                    s_.type(to, p->getLocation()).with_const(false) == scalar.with_const(false))
                  return s_.callee(f);
              }
  refuse(e, "a product, inverse or solution of matrices of '" + scalar.spelling() + "'",
         scalar.spelling() == "double" || scalar.spelling() == "float" ? "write #include <nabla/eigen.h>"
                                                                       : "use matrices of double or float");
}

// ---- Products -------------------------------------------------------------------------------------------

Dense Matrices::product(const clang::Expr *e, const Dense &a, const Dense &b) {
  if (a.is_diagonal || b.is_diagonal) {
    const Dense &d = a.is_diagonal ? a : b;
    Dense x = a.is_diagonal ? b : a;
    bool from_left = a.is_diagonal;
    x.at = [this, diagonal = d.at, at = x.at, from_left, t = x.scalar](const Ex &i, const Ex &j) {
      const Ex &k = from_left ? i : j;
      Ex l = from_left ? diagonal(k, k) : at(i, j), r = from_left ? at(i, j) : diagonal(k, k);
      return b_.arithmetic(clang::BO_Mul, l, r, t, {});
    };
    x.is_diagonal = a.is_diagonal && b.is_diagonal;
    x.where = nullptr;
    x.whole.reset();
    return x;
  }
  Dense x = named(a), y = named(b);
  ir::Type t = x.scalar;
  auto term = [this, x, y, t](const Ex &i, const Ex &k, const Ex &j) {
    return b_.arithmetic(clang::BO_Mul, x.at(i, k), y.at(k, j), t, {});
  };
  Ex inner_size = literal(y.rows) ? y.rows : x.columns;
  auto inner = literal(inner_size);
  if (inner && *inner == 1) { // outer product
    Dense d = x;
    d.whole.reset();
    d.where = nullptr;
    d.columns = y.columns;
    d.at = [term](const Ex &i, const Ex &j) { return term(i, integer(0), j); };
    return d;
  }
  bool is_vector = is_literal(x.rows, 1) || is_literal(y.columns, 1);
  bool is_fixed = literal(x.rows) && inner && literal(y.columns);
  if (!is_vector && !is_fixed && t.is(ir::Type::Real))
    return large_product(e, x, y);
  Ex rows = b_.freeze_now(x.rows, "rows"), columns = b_.freeze_now(y.columns, "columns");
  if (inner && *inner <= 4) {
    Dense d = fresh(rows, columns, t, false);
    each(d, [&](const Ex &i, const Ex &j) {
      Ex sum = term(i, integer(0), j);
      for (long k = 1; k < *inner; ++k)
        sum = b_.arithmetic(clang::BO_Add, sum, term(i, integer(k), j), t, {});
      b_.emit(Assign{d.where(i, j), sum});
    });
    return d;
  }
  bool by_row = is_literal(rows, 1) || (x.is_transposed && is_literal(columns, 1));
  Dense d = fresh(rows, columns, t, !by_row);
  Ex count = b_.freeze_now(inner_size, "inner");
  auto plus = [&](const Ex &a, const Ex &b) { return b_.arithmetic(clang::BO_Add, a, b, t, {}); };
  if (by_row) { // along the rows of x, which lie together
    bool is_row = is_literal(rows, 1);
    in_fours(is_row ? columns : rows, [&](const std::vector<Ex> &several) {
      auto at = [&](const Ex &n) { return is_row ? std::pair(integer(0), n) : std::pair(n, integer(0)); };
      std::vector<Place> sums;
      for (std::size_t n = 0; n < several.size(); ++n) {
        sums.push_back(Place{b_.variable("sum", t), {}});
        b_.emit(Declare{sums.back().root, zero_of(t)});
      }
      each(count, [&](const Ex &k) {
        for (std::size_t n = 0; n < several.size(); ++n) {
          auto [i, j] = at(several[n]);
          b_.emit(Assign{sums[n], plus(read(sums[n]), term(i, k, j))});
        }
      });
      for (std::size_t n = 0; n < several.size(); ++n) {
        auto [i, j] = at(several[n]);
        b_.emit(Assign{d.where(i, j), read(sums[n])});
      }
    });
    return d;
  }
  in_fours(count, [&](const std::vector<Ex> &several) { // columns of x, each times its coefficient
    each(d, [&](const Ex &i, const Ex &j) {
      Ex sum = term(i, several[0], j);
      for (std::size_t n = 1; n < several.size(); ++n)
        sum = plus(sum, term(i, several[n], j));
      b_.emit(Assign{d.where(i, j), plus(read(d.where(i, j)), sum)});
    });
  });
  return d;
}

Dense Matrices::large_product(const clang::Expr *e, const Dense &x, const Dense &y) {
  Ex rows = b_.freeze_now(x.rows, "rows"), columns = b_.freeze_now(y.columns, "columns");
  Ex inner = b_.freeze_now(x.columns, "inner");
  Ex a = pointer(x), b = pointer(y);
  Dense d = fresh(rows, columns, x.scalar, true, true);
  CalleeRef f = function(e, "multiply_add", x.scalar);
  Ex c = read(d.where(integer(0), integer(0)).root);
  auto wide = [&](const Ex &n) { return b_.convert(n, long_type()); };
  b_.emit(Call{
      f, {wide(rows), wide(inner), wide(columns), a, boolean(false), b, boolean(false), c}, std::nullopt});
  return d;
}

// ---- Factorisations -------------------------------------------------------------------------------------

namespace {

std::string kind_of_class(clang::QualType t) {
  llvm::StringRef name = eigen_class(t);
  static const std::map<std::string, std::string> kinds = {{"LLT", "llt"},
                                                           {"LDLT", "ldlt"},
                                                           {"PartialPivLU", "lu"},
                                                           {"HouseholderQR", "qr"},
                                                           {"ColPivHouseholderQR", "qr by pivots"}};
  auto found = kinds.find(name.str());
  return found == kinds.end() ? "" : found->second;
}

/// Eigen::LLT<...>: of the lower triangle, as by default.
bool takes_lower(clang::QualType t) {
  auto *d = instance(t);
  return d->getTemplateArgs().size() < 2 ||
         d->getTemplateArgs()[1].getKind() != clang::TemplateArgument::Integral ||
         d->getTemplateArgs()[1].getAsIntegral().getExtValue() == 1;
}

} // namespace

Factor Matrices::factorise(const clang::Expr *e, const std::string &kind, const Dense &x) {
  Factor f;
  const bool is_qr = kind.substr(0, 2) == "qr";
  f.kind = is_qr ? "qr" : kind;
  f.scalar = x.scalar;
  f.n = b_.convert(b_.freeze_now(is_qr ? x.columns : x.rows, "n"), long_type());
  f.rows = is_qr ? b_.convert(b_.freeze_now(x.rows, "m"), long_type()) : f.n;
  f.matrix = pointer(x);
  CalleeRef c = function(e, "factorise_" + f.kind, x.scalar);
  const Ex height = is_qr ? b_.freeze_now(sum_of(f.rows, integer(1, long_type())), "height") : f.n;
  f.factor = read(fresh(height, f.n, x.scalar, true, true).where(integer(0), integer(0)).root);
  Var pivots = b_.empty_temp("pivots", ir::Type::pointer(ir::Type::integer()));
  Ex count = b_.convert(sum_of(f.n, integer(1)),
                        ir::Type::integer("unsigned long")); // the last says whether it failed
  b_.emit(Allocate{Place{pivots, {}}, ir::Type::integer(), count, Allocate::Arena, true, std::nullopt});
  b_.stable_.insert(pivots.get());
  f.pivots = read(pivots);
  std::vector<Ex> args = is_qr ? std::vector<Ex>{f.rows, f.n, boolean(kind != "qr")} : std::vector<Ex>{f.n};
  args.insert(args.end(), {f.matrix, f.factor, f.pivots});
  b_.emit(Call{c, args, std::nullopt});
  return f;
}

/// What `e`, an object of a class like Eigen::LLT, stands for.
std::optional<Factor> Matrices::factor_of(const clang::Expr *given) {
  const clang::Expr *e = bare_matrix(given);
  std::string kind = kind_of_class(e->getType());
  if (kind.empty() || !takes_lower(e->getType()))
    return std::nullopt;
  if (const clang::VarDecl *v = named_variable(e)) {
    auto known = factors_.find(v);
    if (known == factors_.end())
      refuse(e, "a decomposition that is a parameter, a member, or computed later",
             "make it where it is used, of its matrix");
    return known->second;
  }
  if (auto *c = dyn_cast<clang::CXXMemberCallExpr>(e);
      c && is_dense(c->getImplicitObjectArgument()->getType()))
    return factorise(e, kind, dense(c->getImplicitObjectArgument()));
  if (auto *c = dyn_cast<clang::CXXFunctionalCastExpr>(e))
    return factor_of(c->getSubExpr());
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(e); c && c->getNumArgs() >= 1) {
    if (kind_of_class(c->getArg(0)->getType()) == kind)
      return factor_of(c->getArg(0));
    if (is_dense(c->getArg(0)->getType()))
      return factorise(e, kind, dense(c->getArg(0)));
  }
  return std::nullopt;
}

Dense Matrices::solve(const clang::Expr *e, const Factor &f, const Dense &rhs) {
  Ex columns = b_.freeze_now(rhs.columns, "columns");
  Ex b = pointer(rhs);
  Ex rows = literal(f.n) || f.kind == "qr" ? f.n : literal(rhs.rows) ? rhs.rows : f.n;
  Dense d = fresh(rows, columns, rhs.scalar, true, true);
  Ex x = read(d.where(integer(0), integer(0)).root);
  std::vector<Ex> args = f.kind == "qr" ? std::vector<Ex>{f.rows, f.n} : std::vector<Ex>{f.n};
  args.push_back(b_.convert(columns, long_type()));
  if (f.kind == "lu")
    args.push_back(boolean(false));
  for (const Ex &a : {f.matrix, f.factor, f.pivots, b, x})
    args.push_back(a);
  b_.emit(Call{function(e, "solve_" + f.kind, rhs.scalar), args, std::nullopt});
  return d;
}

Ex Matrices::determinant(const clang::Expr *e, const Dense &given) {
  Dense x = named(given);
  switch (small_size(x)) {
  case 1:
    return at(x, 0, 0);
  case 2:
    return determinant2(x, 0, 1, 0, 1);
  case 3:
    return plus(plus(times(at(x, 0, 0), cofactor3(x, 0, 0)), times(at(x, 0, 1), cofactor3(x, 0, 1))),
                times(at(x, 0, 2), cofactor3(x, 0, 2)));
  default:
    break;
  }
  Factor f = factorise(e, "lu", x);
  Var d = b_.empty_temp("determinant", x.scalar);
  b_.stable_.insert(d.get());
  b_.emit(Call{function(e, "determinant", x.scalar), {f.n, f.matrix, f.factor, f.pivots}, Place{d, {}}});
  return read(d);
}

Dense Matrices::inverse(const clang::Expr *e, const Dense &given) {
  Dense x = named(given);
  long n = small_size(x);
  if (!n) {
    Factor f = factorise(e, "lu", x);
    Ex size = literal(x.rows) ? x.rows : f.n;
    Dense one = as_diagonal(broadcast(b_.convert(integer(1), x.scalar), size, integer(1)));
    return solve(e, f, one);
  }
  Ex det = b_.freeze_now(determinant(e, x), "determinant");
  Dense d = fresh(x.rows, x.columns, x.scalar, false);
  for (long i = 0; i < n; ++i)
    for (long j = 0; j < n; ++j) {
      Ex v = n == 1 ? b_.convert(integer(1), x.scalar) : n == 3 ? cofactor3(x, j, i) : at(x, 1 - j, 1 - i);
      if (n == 2 && i != j)
        v = apply(Rule::neg, {v}, x.scalar);
      b_.emit(Assign{d.where(integer(i), integer(j)), apply(Rule::div, {v, det}, x.scalar)});
    }
  return d;
}

} // namespace nabla::front
