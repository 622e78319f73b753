// Expressions of Eigen's: which coefficient is computed from which. Eigen's own type of the expression says what it is.
#include "import/container.h"
#include "import/matrix.h"
#include "ir/walk.h"

namespace nabla::front {

namespace {

const clang::ClassTemplateSpecializationDecl *instance(clang::QualType t) {
  return dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(
      t.getNonReferenceType().getCanonicalType()->getAsCXXRecordDecl());
}

/// "sum" of CwiseBinaryOp<scalar_sum_op<double>, ...>; empty for a function object of the user's.
std::string operation_of(clang::QualType expression) {
  auto *op = instance(instance(expression)->getTemplateArgs()[0].getAsType());
  llvm::StringRef name = op ? op->getName() : llvm::StringRef();
  return name.consume_front("scalar_") && name.consume_back("_op") ? name.str() : "";
}

Ex of(Rule rule, const Ex &x) { return apply(rule, {x}, x.type()); }
Ex of(Rule rule, const Ex &x, const Ex &y) { return apply(rule, {x, y}, x.type()); }

Ex real_number(const char *text, const ir::Type &t) {
  return make(Cast{make(Const{text}, ir::Type::real())}, t);
}

const std::map<std::string, Rule> &functions() {
  static const std::map<std::string, Rule> rows = {
      {"opposite", Rule::neg},   {"abs", Rule::fabs},      {"sqrt", Rule::sqrt},   {"exp", Rule::exp},
      {"log", Rule::log},        {"sin", Rule::sin},       {"cos", Rule::cos},     {"tan", Rule::tan},
      {"asin", Rule::asin},      {"acos", Rule::acos},     {"atan", Rule::atan},   {"sinh", Rule::sinh},
      {"cosh", Rule::cosh},      {"tanh", Rule::tanh},     {"asinh", Rule::asinh}, {"acosh", Rule::acosh},
      {"atanh", Rule::atanh},    {"log10", Rule::log10},   {"log2", Rule::log2},   {"log1p", Rule::log1p},
      {"expm1", Rule::expm1},    {"floor", Rule::floor},   {"ceil", Rule::ceil},   {"round", Rule::round},
      {"rint", Rule::rint},      {"lgamma", Rule::lgamma}, {"erf", Rule::erf},     {"erfc", Rule::erfc},
      {"digamma", Rule::digamma}};
  return rows;
}

} // namespace

void Matrices::refuse(const clang::Expr *e, const std::string &what, const std::string &advice) {
  b_.refuse_expr(e, what, advice.empty() ? "write it as a loop over coefficients, m(i, j)" : advice);
}

/// The same number everywhere.
Dense Matrices::broadcast(const Ex &x, const Ex &rows, const Ex &columns) {
  Dense d;
  d.rows = rows;
  d.columns = columns;
  d.scalar = x.type().with_const(false);
  d.at = [x](const Ex &, const Ex &) { return x; };
  return d;
}

namespace {

/// Does the block do more than to compute into variables of its own?
bool has_effects(const Block &block) {
  std::set<Var> own;
  for_each_stmt(block, [&](const ir::Stmt &s) {
    if (Var v = declared_by(s))
      own.insert(v);
  });
  bool found = false;
  for_each_stmt(block, [&](const ir::Stmt &s) {
    for (const Place &p : writes_of(s))
      found = found || !own.count(p.root);
    if (auto *c = std::get_if<Call>(&s.node))
      found = found || c->callee->kind != Callee::Own;
  });
  return found;
}

} // namespace

/// Operands from left to right; what a later one does leaves the earlier ones as they were. A number is one coefficient.
std::vector<Dense> Matrices::operands(const std::vector<const clang::Expr *> &es) {
  std::vector<Dense> out;
  for (const clang::Expr *e : es) {
    Dense d;
    Block block = b_.capture([&] {
      if (is_dense(e->getType()))
        d = dense(e);
      else
        d = broadcast(b_.freeze_now(b_.operand(e), "s"), Ex(), Ex());
    });
    if (has_effects(block))
      for (Dense &earlier : out)
        earlier = earlier.rows ? kept(earlier) : earlier;
    b_.emit(std::move(block));
    out.push_back(d);
  }
  return out;
}

/// A matrix that is stored somewhere, or what a function returned.
Dense Matrices::object(const clang::Expr *e, const MatrixClass &m) {
  bool outer = std::exchange(b_.for_reading_, true);
  Place p = b_.place(e);
  b_.for_reading_ = outer;
  return stored(p, m);
}

Dense Matrices::dense(const clang::Expr *given) {
  const clang::Expr *e = bare_matrix(given);
  if (const clang::VarDecl *v = named_variable(e); v && views_.count(v))
    return views_.at(v);
  auto *c = dyn_cast<clang::CallExpr>(e);
  auto m = matrix_of(e->getType());
  if (!m && !c)
    m = matrix_of_base(e->getType());
  const clang::FunctionDecl *f = c ? c->getDirectCallee() : nullptr;
  if (f && is_eigens(f))
    return computed(c);
  if (m)
    return object(e, *m);
  refuse(e, "'" + s_.spelling(e->getType()) + "' as an operand",
         "give it a type of its own, as in Eigen::VectorXd x = ...");
}

Dense Matrices::computed(const clang::CallExpr *e) {
  std::string kind = eigen_class(e->getType()).str(), name = method_name(e);
  std::vector<const clang::Expr *> args = matrix_operands(e);
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  if (op && op->isAssignmentOp()) { // (a += b).norm()
    std::optional<Ex> none;
    change(e, name, none);
    return dense(args[0]);
  }
  auto *maker = dyn_cast<clang::CXXMethodDecl>(e->getDirectCallee());
  if (kind == "CwiseNullaryOp" || maker && maker->isStatic() && name.rfind("Unit", 0) == 0)
    return constant(e);
  if (!args.empty() && eigen_class(args[0]->getType()) == "VectorwiseOp" && !op)
    return along(e);
  if (kind == "CwiseBinaryOp")
    return binary(e, operation_of(e->getType()));
  if (kind == "Select")
    return selected(e);
  if (kind == "Solve") {
    if (auto t = triangle_of(args[0]))
      return solve(e, *t, dense(args[1]));
    auto f = factor_of(args[0]);
    if (!f)
      refuse(e, "solve() of this decomposition",
             "use llt(), ldlt(), partialPivLu(), householderQr() or colPivHouseholderQr()");
    return solve(e, *f, dense(args[1]));
  }
  if (auto part = factor_part(e))
    return *part;
  if (args.empty() || !is_dense(args[0]->getType()) && kind != "Product")
    refuse(e, "'" + name + "' of Eigen");
  if (kind == "Product") {
    std::vector<Dense> xy = operands({args[0], args[1]});
    return product(e, xy[0], xy[1]);
  }
  if (name == "cross") {
    std::vector<Dense> xy = operands({args[0], args[1]});
    return cross(xy[0], xy[1]);
  }
  if (kind == "CwiseUnaryOp") {
    std::string operation = operation_of(e->getType());
    return operation.empty() && args.size() > 1 ? mapped(e, args[1], dense(args[0]))
                                                : unary(e, operation, dense(args[0]));
  }
  if (kind == "Inverse")
    return inverse(e, dense(args[0]));
  return section(e, name, dense(args[0]));
}

// ---- Coefficient by coefficient -------------------------------------------------------------------------

Dense Matrices::unary(const clang::CallExpr *e, const std::string &op, const Dense &given) {
  bool is_twice = op == "abs2" || op == "square" || op == "cube";
  Dense x = is_twice ? named(given) : given, d = x;
  d.where = nullptr;
  d.whole.reset();
  auto set = [&](const std::function<Ex(const Ex &)> &fn) {
    d.at = [at = x.at, fn](const Ex &i, const Ex &j) { return fn(at(i, j)); };
  };
  auto known = functions().find(op);
  ir::Type t = x.scalar;
  if (op == "opposite" && !t.is(ir::Type::Real))
    set([t](const Ex &v) { return native("neg", {v}, t); });
  else if (known != functions().end() && t.is(ir::Type::Real))
    set([rule = known->second](const Ex &v) { return of(rule, v); });
  else if (op == "abs2" || op == "square")
    set([this, t](const Ex &v) { return b_.arithmetic(clang::BO_Mul, v, v, t, {}); });
  else if (op == "cube")
    set([](const Ex &v) { return of(Rule::mul, of(Rule::mul, v, v), v); });
  else if (op == "inverse")
    set([t](const Ex &v) { return of(Rule::div, real_number("1.0", t), v); });
  else if (op == "rsqrt")
    set([t](const Ex &v) { return of(Rule::div, real_number("1.0", t), of(Rule::sqrt, v)); });
  else if (op == "logistic")
    set([t](const Ex &v) {
      Ex one = real_number("1.0", t);
      return of(Rule::div, one, of(Rule::add, one, of(Rule::exp, of(Rule::neg, v))));
    });
  else if (op == "conjugate" || op == "real")
    return x;
  else if (op == "cast") {
    auto *cast = instance(instance(e->getType())->getTemplateArgs()[0].getAsType());
    d.scalar = s_.type(cast->getTemplateArgs()[1].getAsType(), e->getExprLoc());
    set([this, t = d.scalar](const Ex &v) { return b_.convert(v, t); });
  } else
    refuse(e, "'" + (op.empty() ? method_name(e) : op) + "' of a matrix");
  return d;
}

Dense Matrices::binary(const clang::CallExpr *e, const std::string &op) {
  std::vector<const clang::Expr *> args = matrix_operands(e);
  if (args.size() != 2)
    refuse(e, "'" + method_name(e) + "' of matrices");
  bool along_columns = eigen_class(args[0]->getType()) == "VectorwiseOp";
  std::vector<Dense> xy = operands(args);
  const Dense &like = xy[0].rows ? xy[0] : xy[1];
  ir::Type t = like.scalar;
  Dense x = xy[0], y = xy[1];
  for (Dense *each : {&x, &y})
    if (!each->rows) {
      Ex v = b_.convert(each->at(Ex(), Ex()), t);
      *each = broadcast(v, like.rows, like.columns);
    }
  Dense d;
  // Of two shapes that must agree the one known beforehand.
  d.rows = literal(y.rows) && !along_columns ? y.rows : x.rows;
  d.columns = literal(y.columns) && !along_columns ? y.columns : x.columns;
  d.scalar = t;
  if (along_columns) { // m.colwise() + v
    auto *m = cast<clang::CallExpr>(bare_matrix(args[0]));
    bool by_column = method_name(m) == "colwise";
    y.at = [at = y.at, by_column](const Ex &i, const Ex &j) {
      return by_column ? at(i, integer(0)) : at(integer(0), j);
    };
  }
  static const std::map<std::string, clang::BinaryOperatorKind> arithmetic = {{"sum", clang::BO_Add},
                                                                              {"difference", clang::BO_Sub},
                                                                              {"product", clang::BO_Mul},
                                                                              {"quotient", clang::BO_Div}};
  static const std::map<std::string, Rule> rows = {
      {"min", Rule::fmin}, {"max", Rule::fmax}, {"pow", Rule::pow}, {"hypot", Rule::hypot}};
  auto set = [&](const std::function<Ex(const Ex &, const Ex &)> &fn) {
    d.at = [a = x.at, b = y.at, fn](const Ex &i, const Ex &j) { return fn(a(i, j), b(i, j)); };
  };
  if (auto known = arithmetic.find(op); known != arithmetic.end())
    set([this, t, kind = known->second](const Ex &a, const Ex &b) {
      return b_.arithmetic(kind, a, b, t, {});
    });
  else if (auto row = rows.find(op); row != rows.end() && t.is(ir::Type::Real))
    set([rule = row->second](const Ex &a, const Ex &b) { return of(rule, a, b); });
  else if (auto *compares = op == "cmp" ? dyn_cast<clang::CXXOperatorCallExpr>(e) : nullptr) {
    std::string sign = clang::getOperatorSpelling(compares->getOperator()); // Eigen writes a > b as b < a
    d.scalar = ir::Type::boolean();
    set([sign](const Ex &a, const Ex &b) { return native(sign, {a, b}, ir::Type::boolean()); });
  } else if (op == "boolean_and" || op == "boolean_or")
    set([and_op = op == "boolean_and"](const Ex &a, const Ex &b) {
      return native(and_op ? "&&" : "||", {a, b}, ir::Type::boolean());
    });
  else
    refuse(e, "'" + method_name(e) + "' of matrices");
  d.is_diagonal = (x.is_diagonal || y.is_diagonal) && op == "product";
  return d;
}

/// (a > 0).select(b, c)
Dense Matrices::selected(const clang::CallExpr *e) {
  std::vector<const clang::Expr *> args = matrix_operands(e);
  std::vector<Dense> all = operands(args);
  ir::Type t = all[1].rows ? all[1].scalar : all[2].scalar;
  Dense d = all[0];
  d.where = nullptr;
  d.whole.reset();
  d.scalar = t;
  d.at = [this, all, t](const Ex &i, const Ex &j) {
    return make(Select{all[0].at(i, j), b_.convert(all[1].at(i, j), t), b_.convert(all[2].at(i, j), t)}, t);
  };
  return kept(d);
}

/// m.unaryExpr(f): f is a lambda whose body is imported here.
Dense Matrices::mapped(const clang::CallExpr *e, const clang::Expr *function, const Dense &given) {
  Dense x = named(given);
  auto closure = b_.closure(function);
  if (!closure)
    refuse(e, "unaryExpr with this function", "pass a lambda, or a function by its name");
  Dense d = fresh(b_.freeze_now(x.rows, "rows"), b_.freeze_now(x.columns, "columns"), x.scalar, false);
  each(d, [&](const Ex &i, const Ex &j) {
    b_.emit(Assign{d.where(i, j), b_.convert(b_.applied(*closure, {x.where(i, j)}, e), d.scalar)});
  });
  return d;
}

Dense Matrices::cross(const Dense &a, const Dense &b) {
  Dense x = named(a), y = named(b);
  bool is_row = is_literal(x.rows, 1);
  auto at = [](const Dense &v, long k) {
    return is_literal(v.rows, 1) ? v.at(integer(0), integer(k)) : v.at(integer(k), integer(0));
  };
  Dense d = fresh(integer(is_row ? 1 : 3), integer(is_row ? 3 : 1), x.scalar, false);
  for (long k = 0; k < 3; ++k) {
    long n = (k + 1) % 3, m = (k + 2) % 3;
    Ex v = of(Rule::sub, of(Rule::mul, at(x, n), at(y, m)), of(Rule::mul, at(x, m), at(y, n)));
    b_.emit(Assign{is_row ? d.where(integer(0), integer(k)) : d.where(integer(k), integer(0)), v});
  }
  return d;
}

// ---- Constants ------------------------------------------------------------------------------------------

/// Zero(n), Identity(), Constant(n, x), LinSpaced(n, a, b), UnitX()
Dense Matrices::constant(const clang::CallExpr *e) {
  std::string name = method_name(e);
  auto *maker = dyn_cast<clang::CXXMethodDecl>(e->getDirectCallee());
  auto m = eigen_class(e->getType()) == "CwiseNullaryOp"
               ? matrix_of(instance(e->getType())->getTemplateArgs()[1].getAsType())
               : matrix_of_base(s_.context.getRecordType(maker->getParent())); // a column of Identity()
  if (!m)
    refuse(e, "'" + name + "' of this matrix");
  std::vector<const clang::Expr *> numbers(e->arg_begin(), e->arg_end());
  Ex value;
  ir::Type t = s_.type(m->scalar, e->getExprLoc()).with_const(false);
  if (name == "Constant") {
    value = b_.freeze_now(b_.convert(b_.operand(numbers.back()), t), "s");
    numbers.pop_back();
  }
  std::vector<Ex> ends;
  if (name == "LinSpaced") {
    bool has_count = numbers.size() == 3;
    for (std::size_t i = has_count; i < numbers.size(); ++i)
      ends.push_back(
          b_.freeze_now(b_.convert(b_.operand(numbers[i]), t), i + 1 == numbers.size() ? "last" : "first"));
    numbers.resize(has_count);
  }
  static const std::map<std::string, long> units = {{"UnitX", 0}, {"UnitY", 1}, {"UnitZ", 2}, {"UnitW", 3}};
  Ex unit = units.count(name) ? integer(units.at(name)) : Ex();
  if (name == "Unit") {
    unit = dimension(numbers.back(), "unit");
    numbers.pop_back();
  }
  Ex rows = m->rows >= 0 ? integer(m->rows) : Ex(), columns = m->columns >= 0 ? integer(m->columns) : Ex();
  if (numbers.size() == 2) {
    rows = dimension(numbers[0], "rows");
    columns = dimension(numbers[1], "columns");
  } else if (numbers.size() == 1)
    (rows ? columns : rows) = dimension(numbers[0], "size");
  if (!rows || !columns)
    refuse(e, "'" + name + "' without its size");
  Dense d = broadcast(name == "Ones" ? b_.convert(integer(1), t) : value ? value : zero_of(t), rows, columns);
  d.scalar = t;
  Ex one = b_.convert(integer(1), t), zero = zero_of(t);
  bool is_row = is_literal(rows, 1);
  auto pick = [=](const Ex &i, const Ex &j) {
    if (literal(i) && literal(j))
      return literal(i) == literal(j) ? one : zero;
    return same_value(i, j) ? one : make(Select{native("==", {i, j}, ir::Type::boolean()), one, zero}, t);
  };
  if (name == "Identity")
    d.at = pick;
  else if (unit)
    d.at = [=](const Ex &i, const Ex &j) { return pick(is_row ? j : i, unit); };
  else if (name == "LinSpaced") {
    Ex n = is_row ? columns : rows;
    Ex steps = b_.convert(is_literal(n, 1) ? integer(1) : sum_of(n, integer(-1)), t);
    Ex step = b_.freeze_now(of(Rule::div, of(Rule::sub, ends[1], ends[0]), steps), "step");
    d.at = [this, ends, step, is_row, t](const Ex &i, const Ex &j) {
      return of(Rule::add, ends[0], of(Rule::mul, b_.convert(is_row ? j : i, t), step));
    };
  } else if (name != "Zero" && name != "Ones" && name != "Constant")
    refuse(e, "'" + name + "' of Eigen", name == "Random" ? "pass the random numbers as a parameter" : "");
  return d;
}

} // namespace nabla::front
