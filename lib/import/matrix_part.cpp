// Parts of matrices and other ways to look at them: the same coefficients under other indices.
#include "import/matrix.h"
#include "ir/walk.h"

namespace nabla::front {

Dense block_of(const Dense &x, const Ex &r, const Ex &c, const Ex &rows, const Ex &columns) {
  Dense d = x;
  d.whole.reset();
  d.rows = rows;
  d.columns = columns;
  d.at = [at = x.at, r, c](const Ex &i, const Ex &j) { return at(sum_of(r, i), sum_of(c, j)); };
  if (x.where)
    d.where = [at = x.where, r, c](const Ex &i, const Ex &j) { return at(sum_of(r, i), sum_of(c, j)); };
  return d;
}

namespace {

Ex minus(const Ex &a, const Ex &b) {
  if (auto x = literal(a), y = literal(b); x && y)
    return integer(*x - *y);
  auto wide = [](const Ex &e) { return e.type() == long_type() ? e : make(Cast{e}, long_type()); };
  return is_literal(b, 0) ? a : native("-", {wide(a), wide(b)}, long_type());
}

Dense with_indices(const Dense &x, const std::function<std::pair<Ex, Ex>(const Ex &, const Ex &)> &map) {
  Dense d = x;
  d.whole.reset();
  d.at = [at = x.at, map](const Ex &i, const Ex &j) {
    auto [r, c] = map(i, j);
    return at(r, c);
  };
  if (x.where)
    d.where = [at = x.where, map](const Ex &i, const Ex &j) {
      auto [r, c] = map(i, j);
      return at(r, c);
    };
  return d;
}

/// The k-th number among a method's template arguments: block<2, 3>(i, j).
std::optional<long> template_number(const clang::CallExpr *e, unsigned k) {
  auto *args = e->getDirectCallee()->getTemplateSpecializationArgs();
  if (!args || args->size() <= k || args->get(k).getKind() != clang::TemplateArgument::Integral)
    return std::nullopt;
  return args->get(k).getAsIntegral().getExtValue();
}

/// What a call of head(n), block<2, 2>(i, j) and the like was given.
struct Given {
  const clang::CallExpr *call;
  std::vector<Ex> args;
  /// A size: the k-th template argument, or else an argument; null where neither is there.
  Ex size(unsigned k, std::size_t arg) const {
    auto n = template_number(call, k);
    return n && *n >= 0 ? integer(*n) : arg < args.size() ? args[arg] : Ex();
  }
};

/// Rows and columns, or pieces of a vector: nothing for another name or form.
std::optional<Dense> block(const Dense &x, const std::string &name, const Given &given) {
  const Ex zero = integer(0), one = integer(1), n = given.size(0, 0);
  bool is_row = is_literal(x.rows, 1) && !is_literal(x.columns, 1), has_at = !given.args.empty();
  const Ex at = has_at ? given.args[0] : zero;
  auto segment = [&](const Ex &from, const Ex &count) {
    return is_row ? block_of(x, zero, from, one, count) : block_of(x, from, zero, count, one);
  };
  auto rows = [&](const Ex &from, const Ex &count) { return block_of(x, from, zero, count, x.columns); };
  auto columns = [&](const Ex &from, const Ex &count) { return block_of(x, zero, from, x.rows, count); };
  if (name == "row" && has_at)
    return rows(at, one);
  if (name == "col" && has_at)
    return columns(at, one);
  if (name == "segment" && has_at && given.size(0, 1))
    return segment(at, given.size(0, 1));
  if (name == "middleRows" && has_at && given.size(0, 1))
    return rows(at, given.size(0, 1));
  if (name == "middleCols" && has_at && given.size(0, 1))
    return columns(at, given.size(0, 1));
  if (name == "block" && given.args.size() >= 2 && given.size(0, 2) && given.size(1, 3))
    return block_of(x, at, given.args[1], given.size(0, 2), given.size(1, 3));
  if (!n)
    return std::nullopt;
  if (name == "head" || name == "tail")
    return segment(name == "head" ? zero : minus(is_row ? x.columns : x.rows, n), n);
  if (name == "topRows" || name == "bottomRows")
    return rows(name == "topRows" ? zero : minus(x.rows, n), n);
  if (name == "leftCols" || name == "rightCols")
    return columns(name == "leftCols" ? zero : minus(x.columns, n), n);
  const Ex m = given.size(1, 1);
  if (!llvm::StringRef(name).ends_with("Corner") || !m)
    return std::nullopt;
  bool bottom = name.find("bottom") == 0, right = name.find("Right") != std::string::npos;
  return block_of(x, bottom ? minus(x.rows, n) : zero, right ? minus(x.columns, m) : zero, n, m);
}

} // namespace

Dense Matrices::transposed(const Dense &x) {
  Dense d = with_indices(x, [](const Ex &i, const Ex &j) { return std::pair(j, i); });
  std::swap(d.rows, d.columns);
  d.is_transposed = !x.is_transposed;
  return d;
}

Dense Matrices::reversed(const Dense &x) {
  Ex rows = b_.freeze_now(x.rows, "rows"), columns = b_.freeze_now(x.columns, "columns");
  return with_indices(x, [=](const Ex &i, const Ex &j) {
    auto back = [](const Ex &n, const Ex &k) {
      return is_literal(n, 1) ? k : minus(minus(n, integer(1)), k);
    };
    return std::pair(back(rows, i), back(columns, j));
  });
}

Dense Matrices::diagonal(const Dense &x) {
  Dense d = with_indices(x, [](const Ex &i, const Ex &) { return std::pair(i, i); });
  d.columns = integer(1);
  if (literal(x.rows) && literal(x.columns)) {
    d.rows = integer(std::min(*literal(x.rows), *literal(x.columns)));
    return d;
  }
  Ex rows = b_.freeze_now(x.rows, "rows"), columns = b_.freeze_now(x.columns, "columns");
  Ex is_low = native("<", {rows, columns}, ir::Type::boolean());
  d.rows = b_.freeze_now(
      make(Select{is_low, b_.convert(rows, long_type()), b_.convert(columns, long_type())}, long_type()),
      "n");
  return d;
}

/// v.asDiagonal()
Dense Matrices::as_diagonal(const Dense &x) {
  Dense d = x;
  bool is_row = is_literal(x.rows, 1) && !is_literal(x.columns, 1);
  d.where = nullptr;
  d.whole.reset();
  d.rows = d.columns = is_row ? x.columns : x.rows;
  d.is_diagonal = true;
  d.at = [at = x.at, is_row, t = x.scalar](const Ex &i, const Ex &j) {
    const Ex zero = integer(0);
    if (literal(i) && literal(j) && literal(i) != literal(j))
      return zero_of(t);
    Ex v = is_row ? at(zero, i) : at(i, zero);
    return same_value(i, j) ? v : make(Select{native("==", {i, j}, ir::Type::boolean()), v, zero_of(t)}, t);
  };
  return d;
}

Dense Matrices::replicated(const Dense &given, const Ex &down, const Ex &across) {
  Dense x = named(given);
  Ex rows = b_.freeze_now(x.rows, "rows"), columns = b_.freeze_now(x.columns, "columns");
  auto rest = [](const Ex &k, const Ex &n) {
    Ex wide = make(Cast{k}, long_type()), by = make(Cast{n}, long_type());
    return is_literal(n, 1) ? integer(0) : native("%", {wide, by}, long_type());
  };
  Dense d =
      with_indices(x, [=](const Ex &i, const Ex &j) { return std::pair(rest(i, rows), rest(j, columns)); });
  d.where = nullptr;
  d.rows = product_of(rows, down);
  d.columns = product_of(columns, across);
  return d;
}

Dense Matrices::normalised(const Dense &given) {
  Dense x = named(given), d = x;
  Ex n = b_.freeze_now(apply(Rule::sqrt, {reduced(x, "squaredNorm")}, x.scalar), "norm");
  d.where = nullptr;
  d.whole.reset();
  d.at = [at = x.at, n](const Ex &i, const Ex &j) {
    Ex v = at(i, j);
    return apply(Rule::div, {v, n}, v.type());
  };
  return d;
}

/// triangularView and selfadjointView, to be read: `mode` is Eigen's, 1 for the lower triangle, 2 for the upper, and 4
/// or 8 for a diagonal of ones or zeros.
Dense Matrices::triangle(const Dense &given, long mode, bool is_mirrored) {
  Dense x = named(given), d = x;
  d.where = nullptr;
  d.whole.reset();
  d.is_diagonal = false;
  Ex one = b_.convert(integer(1), x.scalar);
  d.at = [at = x.at, mode, is_mirrored, one, t = x.scalar](const Ex &i, const Ex &j) {
    Ex zero = zero_of(t);
    const char *beyond = mode & 1 ? "<" : ">";
    Ex there = is_mirrored ? at(j, i) : zero;
    Ex v = make(Select{native(beyond, {i, j}, ir::Type::boolean()), there, at(i, j)}, t);
    if (mode < 4)
      return v;
    return make(Select{native("==", {i, j}, ir::Type::boolean()), mode & 4 ? one : zero, v}, t);
  };
  return d;
}

Dense Matrices::section(const clang::CallExpr *e, const std::string &name, const Dense &x) {
  if (one_of(name, {"transpose", "adjoint"}))
    return transposed(x);
  if (one_of(name, {"array", "matrix", "derived", "noalias", "const_cast_derived", "real", "conjugate",
                    "colwise", "rowwise"}))
    return x;
  if (name == "eval")
    return kept(x);
  if (name == "normalized")
    return normalised(x);
  if (name == "asDiagonal")
    return as_diagonal(x);
  if (name == "diagonal" && !e->getNumArgs())
    return diagonal(x);
  if (name == "reverse")
    return reversed(x);
  auto *mode = e->getDirectCallee()->getTemplateSpecializationArgs();
  if (mode && mode->size() == 1 && one_of(name, {"triangularView", "selfadjointView"}))
    return triangle(x, mode->get(0).getAsIntegral().getExtValue(), name == "selfadjointView");
  Given given{e, {}};
  for (const clang::Expr *a : e->arguments())
    if (a->getType()->isIntegerType() && !isa<clang::CXXDefaultArgExpr>(a))
      given.args.push_back(dimension(a, "at"));
  if (name == "replicate" && given.size(0, 0) && given.size(1, 1))
    return replicated(x, given.size(0, 0), given.size(1, 1));
  if (auto part = block(x, name, given))
    return *part;
  refuse(e, "'" + (name.empty() ? std::string("this operator") : name) + "' of Eigen");
}

/// m.colwise().sum(), m.rowwise().norm()
Dense Matrices::along(const clang::CallExpr *e) {
  std::string how = method_name(e);
  auto *direction = dyn_cast<clang::CallExpr>(bare_matrix(matrix_operands(e)[0]));
  if (!direction || !one_of(how, {"sum", "mean", "prod", "norm", "squaredNorm", "minCoeff", "maxCoeff"}))
    refuse(e, "'" + how + "' by row or column");
  bool by_column = method_name(direction) == "colwise";
  Dense x = named(dense(matrix_operands(direction)[0]));
  Ex n = b_.freeze_now(by_column ? x.columns : x.rows, "n");
  Dense d = by_column ? fresh(integer(1), n, x.scalar, false) : fresh(n, integer(1), x.scalar, false);
  each(d, [&](const Ex &i, const Ex &j) {
    Dense line = by_column ? block_of(x, integer(0), j, x.rows, integer(1))
                           : block_of(x, i, integer(0), integer(1), x.columns);
    Place to = d.where(i, j);
    b_.emit(Assign{to, reduced(line, how)});
  });
  return d;
}

} // namespace nabla::front
