// Statements about matrices, and the numbers that are read from them.
#include "import/container.h"
#include "import/matrix.h"

namespace nabla::front {

Matrices &Body::matrices() {
  if (!matrices_)
    matrices_ = std::make_shared<Matrices>(*this);
  return *matrices_;
}

namespace {

bool is_scalar(const clang::Expr *e) {
  return e->getType()->isArithmeticType() || e->getType()->isEnumeralType();
}

/// An index without the conversion to Eigen::Index.
const clang::Expr *unwidened(const clang::Expr *e) {
  e = bare(e);
  auto *c = dyn_cast<clang::ImplicitCastExpr>(e);
  return c && c->getCastKind() == clang::CK_IntegralCast ? c->getSubExpr() : e;
}

} // namespace

bool Matrices::call(const clang::CallExpr *e, const Place *into, std::optional<Ex> &result) {
  const clang::FunctionDecl *f = e->getDirectCallee();
  if (!f || s_.marks.own_pullback(f) || s_.marks.is_inactive(f) || !is_eigens(f))
    return false;
  std::string name = f->getIdentifier() ? f->getName().str() : "";
  std::vector<const clang::Expr *> args = matrix_operands(e);
  if (args.empty() && !is_dense(e->getType()))
    return false;
  if (factor_call(e, name, result))
    return true;
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  if (op && (op->getOperator() == clang::OO_LessLess || op->getOperator() == clang::OO_Comma)) {
    list(op);
    return true;
  }
  if (change(e, name, result) || number(e, name, result))
    return true;
  if (!is_dense(e->getType()) || !matrix_of(e->getType()) || e->isGLValue())
    refuse(e, "'" + (name.empty() ? std::string("this operator") : name) + "' of Eigen");
  Dense d = dense(e);
  ir::Type t = s_.type(e->getType(), e->getExprLoc()).with_const(false);
  bool fits =
      into && into->root->kind == Variable::Local && into->path.empty() && into->type().without_const() == t;
  Place to = fits ? *into : Place{b_.empty_temp("value", t), {}};
  Dense whole = stored(to, *matrix_of(e->getType()));
  if (!whole.cls->is_fixed && !fits)
    b_.empty_container(to);
  assign(whole, d);
  result = read(to);
  return true;
}

// ---- Numbers --------------------------------------------------------------------------------------------

Ex Matrices::reduced(const Dense &given, const std::string &how) {
  Dense x = given;
  ir::Type t = x.scalar;
  auto square = [&](const Ex &v) { return b_.arithmetic(clang::BO_Mul, v, v, t, {}); };
  bool squares = one_of(how, {"squaredNorm", "norm", "stableNorm"});
  if (squares || one_of(how, {"minCoeff", "maxCoeff"}))
    x = named(x);
  auto term = [&](const Ex &i, const Ex &j) { return squares ? square(x.at(i, j)) : x.at(i, j); };
  if (one_of(how, {"minCoeff", "maxCoeff"}))
    return extreme(nullptr, x, how == "maxCoeff");
  clang::BinaryOperatorKind op = how == "prod" ? clang::BO_Mul : clang::BO_Add;
  auto n = literal(product_of(x.rows, x.columns));
  Ex sum;
  if (n && *n <= 4) {
    each(x, [&](const Ex &i, const Ex &j) {
      sum = sum ? b_.arithmetic(op, sum, term(i, j), t, {}) : term(i, j);
    });
    sum = sum ? sum : zero_of(t);
  } else {
    Var s = b_.variable(how == "prod" ? "product" : "sum", t);
    b_.emit(Declare{s, how == "prod" ? b_.convert(integer(1), t) : zero_of(t)});
    each(x, [&](const Ex &i, const Ex &j) {
      b_.emit(Assign{Place{s, {}}, b_.arithmetic(op, read(s), term(i, j), t, {})});
    });
    sum = read(s);
  }
  if (how == "norm" || how == "stableNorm")
    return apply(Rule::sqrt, {sum}, t);
  if (how != "mean")
    return sum;
  Ex count = product_of(x.rows, x.columns);
  return b_.arithmetic(clang::BO_Div, sum, b_.convert(count, t), t, {});
}

/// The first of the largest or smallest coefficients; where it is goes through the pointers that were given.
Ex Matrices::extreme(const clang::CallExpr *e, const Dense &given, bool largest) {
  Dense x = named(given);
  Var best = b_.variable("best", x.scalar), row = b_.variable("row", long_type()),
      column = b_.variable("column", long_type());
  const Ex zero = integer(0);
  b_.emit(Declare{best, x.at(zero, zero)});
  std::vector<const clang::Expr *> where;
  for (unsigned i = 0; e && i < e->getNumArgs(); ++i)
    if (e->getArg(i)->getType()->isPointerType())
      where.push_back(e->getArg(i));
  if (!where.empty()) {
    b_.emit(Declare{row, integer(0, long_type())});
    b_.emit(Declare{column, integer(0, long_type())});
  }
  each(x, [&](const Ex &i, const Ex &j) {
    Ex better = native(largest ? ">" : "<", {x.at(i, j), read(best)}, ir::Type::boolean());
    Block take = b_.capture([&] {
      b_.emit(Assign{Place{best, {}}, x.at(i, j)});
      if (where.empty())
        return;
      b_.emit(Assign{Place{row, {}}, b_.convert(i, long_type())});
      b_.emit(Assign{Place{column, {}}, b_.convert(j, long_type())});
    });
    b_.emit(If{better, std::move(take), {}});
  });
  for (std::size_t k = 0; k < where.size(); ++k) {
    Place to = b_.deref(b_.value(where[k]), {});
    bool is_column = where.size() == 2 ? k == 1 : is_literal(x.rows, 1);
    b_.emit(Assign{to, b_.convert(read(is_column ? column : row), to.type())});
  }
  return read(best);
}

/// What gives a number: m(i, j), v.dot(w), m.rows().
bool Matrices::number(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  std::vector<const clang::Expr *> args = matrix_operands(e);
  if (args.empty() || !is_dense(args[0]->getType()))
    return false;
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  bool is_access = op && (op->getOperator() == clang::OO_Call || op->getOperator() == clang::OO_Subscript);
  static const std::map<std::string, long> letters = {{"x", 0}, {"y", 1}, {"z", 2}, {"w", 3}};
  bool by_letter = letters.count(name) && args.size() == 1;
  bool is_conversion = isa<clang::CXXConversionDecl>(e->getDirectCallee());
  clang::QualType gives = e->getType().getNonReferenceType();
  if (is_access || by_letter || one_of(name, {"coeff", "coeffRef", "value"}) || is_conversion) {
    if (!gives->isArithmeticType())
      return false;
    Dense x = dense(args[0]);
    std::vector<Ex> at;
    for (std::size_t i = 1; i < args.size(); ++i) {
      Ex index = b_.index_value(unwidened(args[i]));
      at.push_back(literal(index) || b_.is_simple(index) ? index : b_.freeze_now(index, "at"));
    }
    if (by_letter)
      at.push_back(integer(letters.at(name)));
    Ex zero = integer(0);
    if (at.empty())
      at = {zero, zero};
    if (at.size() == 1) {
      bool is_row = is_literal(x.rows, 1), is_column = is_literal(x.columns, 1);
      if (!is_row && !is_column)
        refuse(e, "one index of a matrix", "give its row and its column");
      at = is_row ? std::vector<Ex>{zero, at[0]} : std::vector<Ex>{at[0], zero};
    }
    result = x.where ? read(x.where(at[0], at[1])) : x.at(at[0], at[1]);
    return true;
  }
  if (one_of(name, {"rows", "cols", "size", "innerSize", "outerSize"}) && args.size() == 1) {
    Dense x = dense(args[0]);
    result = name == "rows" ? x.rows : name == "cols" ? x.columns : product_of(x.rows, x.columns);
    if (name != "rows" && name != "cols" && name != "size")
      return false;
    result = b_.convert(*result, s_.type(gives, e->getExprLoc()).with_const(false));
    return true;
  }
  if (name == "data" && args.size() == 1) {
    Dense x = dense(args[0]);
    if (!x.whole)
      refuse(e, "data() of an expression", "give the expression a matrix of its own first");
    result = x.cls->is_fixed ? address(x.where(integer(0), integer(0))) : read(part(*x.whole, Struct::Data));
    return true;
  }
  if (!gives->isArithmeticType() || gives->isVoidType())
    return false;
  if (name == "dot") {
    std::vector<Dense> xy = operands({args[0], args[1]}, ir::Type::real());
    Dense x = xy[0], y = xy[1];
    auto turn = [](const Dense &v) { return is_literal(v.rows, 1) && !is_literal(v.columns, 1); };
    if (turn(y))
      y = transposed(y);
    if (turn(x))
      x = transposed(x);
    Dense d = literal(y.rows) ? y : x;
    d.at = [this, a = x.at, b = y.at, t = x.scalar](const Ex &i, const Ex &j) {
      return b_.arithmetic(clang::BO_Mul, a(i, j), b(i, j), t, {});
    };
    d.where = nullptr;
    result = reduced(d, "sum");
  } else if (one_of(name, {"sum", "prod", "mean", "norm", "squaredNorm", "stableNorm"}) && args.size() == 1) {
    result = reduced(dense(args[0]), name);
  } else if (name == "trace") {
    result = b_.freeze_now(reduced(
                               [&] {
                                 Dense x = dense(args[0]), d = x;
                                 d.columns = integer(1);
                                 d.where = nullptr;
                                 d.whole.reset();
                                 d.at = [at = x.at](const Ex &i, const Ex &) { return at(i, i); };
                                 return d;
                               }(),
                               "sum"),
                           "trace");
  } else if (name == "lpNorm") {
    auto *t = e->getDirectCallee()->getTemplateSpecializationArgs();
    long p = t ? t->get(0).getAsIntegral().getExtValue() : 0;
    Dense x = dense(args[0]);
    if (p == 2) {
      result = reduced(x, "norm");
      return true;
    }
    if (p != 1 && p != -1)
      refuse(e, "this norm");
    x.at = [at = x.at](const Ex &i, const Ex &j) {
      Ex v = at(i, j);
      return apply(Rule::fabs, {v}, v.type());
    };
    x.where = nullptr;
    result = reduced(x, p == 1 ? "sum" : "maxCoeff");
  } else if (name == "determinant") {
    result = determinant(e, dense(args[0]));
  } else if (name == "minCoeff" || name == "maxCoeff") {
    result = extreme(e, dense(args[0]), name == "maxCoeff");
  } else if (one_of(name, {"all", "any", "count"})) {
    Dense x = dense(args[0]);
    ir::Type t = name == "count" ? long_type() : ir::Type::boolean();
    Var v = b_.variable(name, t);
    b_.emit(Declare{v, name == "count" ? integer(0, t) : boolean(name == "all")});
    each(x, [&](const Ex &i, const Ex &j) {
      Ex next = name == "count" ? native("+", {read(v), b_.convert(x.at(i, j), t)}, t)
                                : native(name == "all" ? "&&" : "||", {read(v), x.at(i, j)}, t);
      b_.emit(Assign{Place{v, {}}, next});
    });
    result = read(v);
  } else {
    return false;
  }
  return true;
}

// ---- Changes --------------------------------------------------------------------------------------------

/// to = x, to += x, to *= 2
void Matrices::update(const clang::CXXOperatorCallExpr *e, const Dense &given) {
  Dense to = given;
  const clang::Expr *rhs = e->getArg(1);
  if (!to.where)
    refuse(e, "an assignment to this expression", "assign to a matrix, a block, a row or a column");
  if (e->getOperator() == clang::OO_Equal)
    return assign(to, dense(rhs));
  clang::OverloadedOperatorKind how = e->getOperator();
  bool by_number = is_scalar(rhs);
  clang::BinaryOperatorKind op = how == clang::OO_PlusEqual    ? clang::BO_Add
                                 : how == clang::OO_MinusEqual ? clang::BO_Sub
                                 : how == clang::OO_StarEqual  ? clang::BO_Mul
                                                               : clang::BO_Div;
  Dense x;
  if (by_number) {
    x = broadcast(b_.freeze_now(b_.convert(b_.operand(rhs), to.scalar), "s"), to.rows, to.columns);
  } else if (how == clang::OO_StarEqual && !is_array(e->getArg(0)->getType())) {
    return assign(to, product(e, to, dense(rhs)));
  } else {
    x = dense(rhs);
    if (eigen_class(e->getArg(0)->getType()) == "VectorwiseOp") {
      auto *m = cast<clang::CallExpr>(bare_matrix(e->getArg(0)));
      bool by_column = m->getDirectCallee()->getName() == "colwise";
      x.at = [at = x.at, by_column](const Ex &i, const Ex &j) {
        return by_column ? at(i, integer(0)) : at(integer(0), j);
      };
    }
  }
  each(to, [&](const Ex &i, const Ex &j) {
    Place p = to.where(i, j);
    b_.store(p, b_.arithmetic(op, read(p), b_.convert(x.at(i, j), to.scalar), to.scalar, e->getExprLoc()),
             e->getExprLoc());
  });
}

/// Statements that change a matrix.
bool Matrices::change(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  std::vector<const clang::Expr *> args = matrix_operands(e);
  if (args.empty() || !is_dense(args[0]->getType()))
    return false;
  if (auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e)) {
    if (!op->isAssignmentOp())
      return false;
    bool outer = std::exchange(b_.for_reading_, false);
    update(op, dense(args[0]));
    b_.for_reading_ = outer;
    Dense to = matrix_of(args[0]->getType()) ? dense(args[0]) : Dense();
    if (to.whole)
      result = read(*to.whole);
    return true;
  }
  std::vector<const clang::Expr *> sizes(args.begin() + 1, args.end());
  Dense to;
  auto reshape = [&] {
    if (sizes.empty())
      return;
    to = dense(args[0]);
    if (!to.whole || to.cls->is_view)
      refuse(e, "'" + name + "' of an expression");
    std::vector<Ex> n;
    for (const clang::Expr *a : sizes)
      n.push_back(is_scalar(a) ? dimension(a, "size") : Ex());
    for (const Ex &each : n)
      if (!each)
        refuse(e, "this form of '" + name + "'");
    if (to.cls->is_fixed)
      return;
    bool is_row = to.cls->rows == 1;
    Ex rows = n.size() == 2 ? n[0] : is_row ? integer(1) : n[0];
    Ex columns = n.size() == 2 ? n[1] : is_row ? n[0] : integer(1);
    resize(to, rows, columns);
    to = dense(args[0]);
  };
  auto fill = [&](const std::function<Ex(const Ex &, const Ex &)> &with) {
    if (!to.rows)
      to = dense(args[0]);
    if (!to.where)
      refuse(e, "'" + name + "' of an expression");
    each(to, [&](const Ex &i, const Ex &j) { b_.store(to.where(i, j), with(i, j), e->getExprLoc()); });
  };
  if (name == "resize") {
    reshape();
  } else if (name == "setZero" || name == "setOnes") {
    reshape();
    fill([&](const Ex &, const Ex &) {
      return name == "setZero" ? zero_of(to.scalar) : b_.convert(integer(1), to.scalar);
    });
  } else if (name == "setConstant" || name == "fill") {
    const clang::Expr *x = sizes.back();
    sizes.pop_back();
    to = dense(args[0]);
    Ex v = b_.freeze_now(b_.convert(b_.operand(x), to.scalar), "s");
    reshape();
    fill([&](const Ex &, const Ex &) { return v; });
  } else if (name == "setIdentity") {
    reshape();
    fill([&](const Ex &, const Ex &) { return zero_of(to.scalar); });
    Dense d = to;
    Ex n = literal(to.rows) ? to.rows : to.columns;
    each(n, [&](const Ex &i) { b_.store(d.where(i, i), b_.convert(integer(1), d.scalar), e->getExprLoc()); });
  } else if (name == "normalize") {
    to = dense(args[0]);
    Ex n = b_.freeze_now(reduced(to, "norm"), "norm");
    fill([&](const Ex &i, const Ex &j) { return apply(Rule::div, {to.at(i, j), n}, to.scalar); });
  } else if (name == "swap" && args.size() == 2) {
    to = dense(args[0]);
    Dense other = dense(args[1]);
    if (to.whole && other.whole && !to.cls->is_view && !other.cls->is_view) {
      b_.swap_places(*to.whole, *other.whole);
      return true;
    }
    if (!to.where || !other.where)
      refuse(e, "'swap' of these matrices");
    each(to, [&](const Ex &i, const Ex &j) {
      Var held = b_.temp("held", to.at(i, j));
      b_.emit(Assign{to.where(i, j), other.at(i, j)});
      b_.emit(Assign{other.where(i, j), read(held)});
    });
  } else if (e->getType()->isVoidType() ||
             one_of(name, {"conservativeResize", "transposeInPlace", "setRandom", "setLinSpaced"})) {
    refuse(e, "'" + name + "' of a matrix");
  } else {
    return false;
  }
  if (matrix_of(args[0]->getType()) && !e->getType()->isVoidType())
    result = read(*dense(args[0]).whole);
  return true;
}

/// m << 1, 2, 3;
void Matrices::list(const clang::CXXOperatorCallExpr *e) {
  std::vector<const clang::Expr *> items;
  const clang::Expr *at = e;
  for (;;) {
    auto *op = dyn_cast<clang::CXXOperatorCallExpr>(bare_matrix(at));
    if (!op)
      refuse(e, "this list of coefficients");
    items.insert(items.begin(), op->getArg(1));
    at = op->getArg(0);
    if (op->getOperator() == clang::OO_LessLess)
      break;
  }
  Dense to = dense(at);
  if (!to.where)
    refuse(e, "a list of coefficients for this expression");
  bool is_vector = is_literal(to.rows, 1) || is_literal(to.columns, 1), is_row = is_literal(to.rows, 1);
  Ex next = integer(0);
  for (std::size_t k = 0; k < items.size(); ++k) {
    const clang::Expr *item = items[k];
    if (is_scalar(bare(item)) || !is_dense(item->getType())) {
      Ex v = b_.convert(b_.operand(item), to.scalar), i = next, j = integer(0);
      if (!is_vector) {
        auto n = literal(to.columns);
        Ex columns = n ? integer(*n) : to.columns, k_ex = integer(k);
        i = n ? integer(k / *n) : native("/", {integer(k, long_type()), columns}, long_type());
        j = n ? integer(k % *n) : native("%", {integer(k, long_type()), columns}, long_type());
      } else if (is_row)
        std::swap(i, j);
      b_.store(to.where(i, j), v, item->getExprLoc());
      next = sum_of(next, integer(1));
      continue;
    }
    if (!is_vector)
      refuse(item, "a block in a list of coefficients", "assign it: m.block(i, j, rows, columns) = ...");
    Dense x = dense(item);
    Ex from = next;
    bool of_row = is_literal(x.rows, 1) && !is_literal(x.columns, 1);
    Ex n = of_row ? x.columns : x.rows;
    each(n, [&](const Ex &i) {
      Ex v = of_row ? x.at(integer(0), i) : x.at(i, integer(0)), to_at = sum_of(from, i);
      b_.store(is_row ? to.where(integer(0), to_at) : to.where(to_at, integer(0)), v, item->getExprLoc());
    });
    next = sum_of(next, literal(n) ? n : b_.freeze_now(n, "n"));
  }
}

// ---- Decompositions -------------------------------------------------------------------------------------

bool Matrices::factor_call(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : nullptr;
  if (!object || eigen_class(object->getType()).empty() || is_dense(object->getType()) || name == "solve")
    return false;
  auto f = factor_of(object);
  if (!f)
    refuse(e, "'" + name + "' of this decomposition", "use llt(), ldlt() or partialPivLu() and solve()");
  if (name == "info") {
    Ex failed = read(b_.deref(f->pivots, f->n));
    result = make(Cast{failed}, s_.type(e->getType(), e->getExprLoc()).with_const(false));
  } else if (name == "determinant" && f->kind == "lu") {
    Var d = b_.empty_temp("determinant", f->scalar);
    b_.stable_.insert(d.get());
    b_.emit(
        Call{function(e, "determinant", f->scalar), {f->n, f->matrix, f->factor, f->pivots}, Place{d, {}}});
    result = read(d);
  } else {
    refuse(e, "'" + name + "' of a decomposition",
           "use solve(), info() or, of an LU decomposition, determinant()");
  }
  return true;
}

// ---- Declarations and constructors ----------------------------------------------------------------------

/// Eigen::LLT<Eigen::MatrixXd> llt(a);  auto r = m.row(0);
bool Matrices::declare(const clang::VarDecl *v) {
  clang::QualType t = v->getType().getNonReferenceType();
  if (eigen_class(t).empty() || matrix_of(t))
    return false;
  const clang::Expr *init = v->getInit() ? bare_matrix(v->getInit()) : nullptr;
  if (!is_dense(t)) {
    auto f = init ? factor_of(init) : std::nullopt;
    if (!f)
      s_.refuse(
          Diag::UnsupportedType, v->getLocation(),
          {s_.spelling(t),
           "use Eigen::LLT, LDLT or PartialPivLU, made of its matrix: Eigen::LLT<Eigen::MatrixXd> llt(a);"});
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

bool Matrices::construct(const Place &to, const clang::CXXConstructExpr *e) {
  auto m = matrix_of(e->getType());
  if (!m || !to.type().is(ir::Type::Record))
    return false;
  std::vector<const clang::Expr *> args(e->arg_begin(), e->arg_end());
  while (!args.empty() && isa<clang::CXXDefaultArgExpr>(args.back()))
    args.pop_back();
  Dense whole = stored(to, *m);
  auto set_shape = [&](const Ex &rows, const Ex &columns) {
    Ex r = literal(rows) ? rows : b_.freeze_now(rows, "rows"),
       c = literal(columns) ? columns : b_.freeze_now(columns, "columns");
    b_.allocate_elements(to, b_.count_of(product_of(r, c), "count"), false);
    if (!to.type().members().has_shape())
      return;
    b_.emit(Assign{part(to, Struct::Rows), b_.convert(r, long_type())});
    b_.emit(Assign{part(to, Struct::Columns), b_.convert(c, long_type())});
  };
  if (m->is_view) {
    view(to, *m, e, args);
    return true;
  }
  if (args.empty()) {
    if (!m->is_fixed)
      b_.empty_container(to);
    return true;
  }
  bool counts = std::all_of(args.begin(), args.end(), [](const clang::Expr *a) {
    return a->getType()->isIntegerType() || a->getType()->isEnumeralType();
  });
  if (args.size() == 1 && is_dense(args[0]->getType())) {
    const clang::Expr *from = bare_matrix(args[0]);
    bool is_moved = args[0]->isXValue() && from->isGLValue() && !m->is_fixed &&
                    !isa<clang::CXXMemberCallExpr>(from) && matrix_of(from->getType()) &&
                    !matrix_of(from->getType())->is_view;
    if (is_moved && s_.context.hasSameUnqualifiedType(from->getType(), e->getType())) {
      b_.move_value(to, b_.place(from), e->getType());
      return true;
    }
    Dense x = dense(args[0]);
    if (!m->is_fixed)
      set_shape(x.rows, x.columns);
    Dense target = stored(to, *m);
    target.rows = literal(x.rows) ? x.rows : target.rows;
    target.columns = literal(x.columns) ? x.columns : target.columns;
    Dense unsized = target;
    unsized.whole.reset();
    assign(unsized, x);
    return true;
  }
  if (!m->is_fixed && counts && (args.size() == 2 || m->is_vector())) {
    std::vector<Ex> n;
    for (const clang::Expr *a : args)
      n.push_back(dimension(a, "size"));
    bool is_row = m->rows == 1;
    set_shape(n.size() == 2 ? n[0]
              : is_row      ? integer(1)
                            : n[0],
              n.size() == 2 ? n[1]
              : is_row      ? n[0]
                            : integer(1));
    return true;
  }
  bool numbers = std::all_of(args.begin(), args.end(), is_scalar);
  if (m->is_fixed && m->is_vector() && numbers && long(args.size()) == m->rows * m->columns) {
    std::vector<Ex> values = b_.values(args);
    for (std::size_t k = 0; k < values.size(); ++k) {
      Ex i = integer(k), zero = integer(0);
      b_.emit(Assign{m->columns == 1 ? whole.where(i, zero) : whole.where(zero, i),
                     b_.convert(values[k], whole.scalar)});
    }
    return true;
  }
  refuse(e, "this constructor of '" + s_.spelling(e->getType()) + "'", "make it with its size and fill it");
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
