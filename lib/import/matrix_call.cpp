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

/// m(i, j), v[i], v.x(), the only coefficient of a 1 x 1 matrix; false for anything else.
bool Matrices::coefficient(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  std::vector<const clang::Expr *> args = matrix_operands(e);
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  bool is_access = op && (op->getOperator() == clang::OO_Call || op->getOperator() == clang::OO_Subscript);
  static const std::map<std::string, long> letters = {{"x", 0}, {"y", 1}, {"z", 2}, {"w", 3}};
  bool by_letter = letters.count(name) && args.size() == 1;
  bool is_conversion = isa<clang::CXXConversionDecl>(e->getDirectCallee());
  bool is_one = is_access || by_letter || is_conversion || one_of(name, {"coeff", "coeffRef", "value"});
  if (!is_one || !e->getType().getNonReferenceType()->isArithmeticType())
    return false;
  Dense x = dense(args[0]);
  std::vector<Ex> at;
  for (std::size_t i = 1; i < args.size(); ++i) {
    if (!args[i]->getType().getNonReferenceType()->isIntegralOrEnumerationType())
      refuse(args[i], "this index of Eigen's", "write the number, as in v(v.size() - 1)");
    Ex index = b_.index_value(unwidened(args[i]));
    at.push_back(literal(index) || b_.is_simple(index) ? index : b_.freeze_now(index, "at"));
  }
  if (by_letter)
    at.push_back(integer(letters.at(name)));
  const Ex zero = integer(0);
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

Ex Matrices::dot(const std::vector<const clang::Expr *> &args) {
  std::vector<Dense> xy = operands({args[0], args[1]});
  for (Dense &v : xy)
    if (is_literal(v.rows, 1) && !is_literal(v.columns, 1))
      v = transposed(v);
  Dense d = literal(xy[1].rows) ? xy[1] : xy[0];
  d.at = [this, a = xy[0].at, b = xy[1].at, t = xy[0].scalar](const Ex &i, const Ex &j) {
    return b_.arithmetic(clang::BO_Mul, a(i, j), b(i, j), t, {});
  };
  d.where = nullptr;
  return reduced(d, "sum");
}

Ex Matrices::norm(const clang::CallExpr *e, Dense x) {
  auto *t = e->getDirectCallee()->getTemplateSpecializationArgs();
  long p = t ? t->get(0).getAsIntegral().getExtValue() : 0;
  if (p == 2)
    return reduced(x, "norm");
  if (p != 1 && p != -1)
    refuse(e, "this norm");
  x.at = [at = x.at](const Ex &i, const Ex &j) {
    Ex v = at(i, j);
    return apply(Rule::fabs, {v}, v.type());
  };
  x.where = nullptr;
  return reduced(x, p == 1 ? "sum" : "maxCoeff");
}

/// all(), any() and count() of a comparison
Ex Matrices::counted(const Dense &x, const std::string &how) {
  ir::Type t = how == "count" ? long_type() : ir::Type::boolean();
  Var v = b_.variable(how, t);
  b_.emit(Declare{v, how == "count" ? integer(0, t) : boolean(how == "all")});
  each(x, [&](const Ex &i, const Ex &j) {
    Ex next = how == "count" ? native("+", {read(v), b_.convert(x.at(i, j), t)}, t)
                             : native(how == "all" ? "&&" : "||", {read(v), x.at(i, j)}, t);
    b_.emit(Assign{Place{v, {}}, next});
  });
  return read(v);
}

/// What gives a number: m(i, j), v.dot(w), m.rows().
bool Matrices::number(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  std::vector<const clang::Expr *> args = matrix_operands(e);
  if (args.empty() || !is_dense(args[0]->getType()))
    return false;
  if (coefficient(e, name, result))
    return true;
  clang::QualType gives = e->getType().getNonReferenceType();
  if (name == "data" && args.size() == 1) {
    Dense x = dense(args[0]);
    if (!x.whole)
      refuse(e, "data() of an expression", "give the expression a matrix of its own first");
    result = x.cls->is_fixed ? address(x.where(integer(0), integer(0))) : read(part(*x.whole, Struct::Data));
    return true;
  }
  if (!gives->isArithmeticType())
    return false;
  if (name == "dot") {
    result = dot(args);
    return true;
  }
  bool is_shape = one_of(name, {"rows", "cols", "size"});
  bool is_sum = one_of(name, {"sum", "prod", "mean", "norm", "squaredNorm", "stableNorm"});
  bool is_extreme = name == "minCoeff" || name == "maxCoeff";
  if ((is_shape || is_sum) && args.size() == 1) {
    Dense x = dense(args[0]);
    Ex n = name == "rows" ? x.rows : name == "cols" ? x.columns : product_of(x.rows, x.columns);
    result = is_sum ? reduced(x, name) : b_.convert(n, s_.type(gives, e->getExprLoc()).with_const(false));
  } else if (name == "trace") {
    result = reduced(diagonal(dense(args[0])), "sum");
  } else if (name == "lpNorm") {
    result = norm(e, dense(args[0]));
  } else if (name == "determinant") {
    result = determinant(e, dense(args[0]));
  } else if (is_extreme) {
    result = extreme(e, dense(args[0]), name == "maxCoeff");
  } else if (one_of(name, {"all", "any", "count"})) {
    result = counted(dense(args[0]), name);
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
  bool by_line = eigen_class(e->getArg(0)->getType()) == "VectorwiseOp";
  if (e->getOperator() == clang::OO_Equal && !by_line)
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
  } else if (how == clang::OO_StarEqual && !by_line && !is_array(e->getArg(0)->getType())) {
    return assign(to, product(e, to, dense(rhs)));
  } else {
    x = dense(rhs);
    if (by_line) {
      if (!x.where) // an expression, which Eigen evaluates before it is repeated
        x = kept(x);
      auto *m = cast<clang::CallExpr>(bare_matrix(e->getArg(0)));
      bool by_column = m->getDirectCallee()->getName() == "colwise";
      x.at = [at = x.at, by_column](const Ex &i, const Ex &j) {
        return by_column ? at(i, integer(0)) : at(integer(0), j);
      };
    } else {
      x = facing(to, x);
    }
  }
  each(to, [&](const Ex &i, const Ex &j) {
    Place p = to.where(i, j);
    Ex v = b_.convert(x.at(i, j), to.scalar);
    bool sets = how == clang::OO_Equal;
    b_.store(p, sets ? v : b_.arithmetic(op, read(p), v, to.scalar, e->getExprLoc()), e->getExprLoc());
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
  if (name == "rankUpdate" && rank_update(e, args))
    return true;
  std::vector<const clang::Expr *> sizes(args.begin() + 1, args.end());
  auto zero = [](const Dense &to) { return zero_of(to.scalar); };
  auto one = [&](const Dense &to) { return b_.convert(integer(1), to.scalar); };
  if (name == "resize") {
    (void)reshaped(e, args[0], sizes);
  } else if (name == "setZero" || name == "setOnes") {
    Dense to = reshaped(e, args[0], sizes);
    fill(e, to, name == "setZero" ? zero(to) : one(to));
  } else if (name == "setConstant" || name == "fill") {
    const clang::Expr *x = sizes.back();
    sizes.pop_back();
    Ex v = b_.freeze_now(b_.convert(b_.operand(x), dense(args[0]).scalar), "s");
    fill(e, reshaped(e, args[0], sizes), v);
  } else if (name == "setIdentity") {
    Dense to = reshaped(e, args[0], sizes);
    fill(e, to, zero(to));
    fill(e, diagonal(to), one(to));
  } else if (name == "normalize") {
    Dense to = dense(args[0]);
    Ex n = b_.freeze_now(reduced(to, "norm"), "norm");
    each(to, [&](const Ex &i, const Ex &j) {
      b_.store(to.where(i, j), apply(Rule::div, {to.at(i, j), n}, to.scalar), e->getExprLoc());
    });
  } else if (name == "swap" && args.size() == 2) {
    swap(e, dense(args[0]), dense(args[1]));
  } else if (name == "transposeInPlace" && args.size() == 1) {
    Dense to = dense(args[0]);
    if (!to.where)
      refuse(e, "'transposeInPlace' of this expression");
    assign(to, kept(transposed(to)));
    return true;
  } else if (e->getType()->isVoidType() ||
             one_of(name, {"conservativeResize", "setRandom", "setLinSpaced"})) {
    refuse(e, "'" + name + "' of a matrix");
  } else {
    return false;
  }
  if (matrix_of(args[0]->getType()) && !e->getType()->isVoidType())
    result = read(*dense(args[0]).whole);
  return true;
}

/// m.selfadjointView<Eigen::Lower>().rankUpdate(u, alpha): half of m += alpha * u * u.transpose().
bool Matrices::rank_update(const clang::CallExpr *e, const std::vector<const clang::Expr *> &args) {
  auto *view = dyn_cast<clang::CallExpr>(bare_matrix(args[0]));
  auto *mode = view ? view->getDirectCallee()->getTemplateSpecializationArgs() : nullptr;
  bool is_one = args.size() == 2 || (args.size() == 3 && is_scalar(args[2]));
  if (!is_one || !mode || method_name(view) != "selfadjointView")
    return false;
  bool is_lower = mode->get(0).getAsIntegral().getExtValue() == 1;
  Dense to = dense(matrix_operands(view)[0]);
  if (!to.where)
    return false;
  Dense u = kept(dense(args[1])); // which may be a part of the matrix
  bool is_scaled = args.size() == 3 && !isa<clang::CXXDefaultArgExpr>(args[2]);
  Ex alpha = is_scaled ? b_.freeze_now(b_.convert(b_.operand(args[2]), to.scalar), "alpha") : Ex();
  auto times = [&](const Ex &a, const Ex &b) { return b_.arithmetic(clang::BO_Mul, a, b, to.scalar, {}); };
  Var j = b_.variable("j", long_type()), i = b_.variable("i", long_type());
  Ex n = b_.convert(to.rows, long_type()), one = integer(1, long_type());
  Block inner = b_.capture([&] {
    each(u.columns, [&](const Ex &k) {
      Ex v = times(u.at(read(i), k), u.at(read(j), k));
      Place p = to.where(read(i), read(j));
      b_.store(p, b_.arithmetic(clang::BO_Add, read(p), alpha ? times(alpha, v) : v, to.scalar, {}),
               e->getExprLoc());
    });
  });
  Ex first = is_lower ? read(j) : integer(0, long_type());
  Ex last = is_lower ? n : native("+", {read(j), one}, long_type());
  Block outer{ir::Stmt{For{i, first, For::LT, last, 1, std::move(inner), false}, b_.here_, 0}};
  b_.emit(For{j, integer(0, long_type()), For::LT, n, 1, std::move(outer), false});
  return true;
}

/// The matrix, after it got the shape that was given, if any was.
Dense Matrices::reshaped(const clang::CallExpr *e, const clang::Expr *matrix,
                         const std::vector<const clang::Expr *> &sizes) {
  Dense to = dense(matrix);
  if (!to.where)
    refuse(e, "a change of this expression");
  if (sizes.empty() || (to.whole && to.cls->is_fixed))
    return to;
  if (!to.whole || to.cls->is_view)
    refuse(e, "a change of an expression's shape");
  std::vector<Ex> n;
  for (const clang::Expr *a : sizes)
    if (is_scalar(a))
      n.push_back(dimension(a, "size"));
    else
      refuse(e, "this way to say a shape", "give numbers of rows and columns");
  bool is_row = to.cls->rows == 1;
  const Ex one = integer(1);
  resize(to, n.size() == 2 || !is_row ? n[0] : one, n.size() == 2 ? n[1] : is_row ? n[0] : one, true);
  return dense(matrix);
}

void Matrices::fill(const clang::CallExpr *e, const Dense &to, const Ex &v) {
  each(to, [&](const Ex &i, const Ex &j) { b_.store(to.where(i, j), v, e->getExprLoc()); });
}

void Matrices::swap(const clang::CallExpr *e, const Dense &to, const Dense &given) {
  Dense other = facing(to, given);
  if (to.whole && other.whole && !to.cls->is_view && !other.cls->is_view)
    return b_.swap_places(*to.whole, *other.whole);
  if (!to.where || !other.where)
    refuse(e, "'swap' of these matrices");
  each(to, [&](const Ex &i, const Ex &j) {
    Var held = b_.temp("held", to.at(i, j));
    b_.emit(Assign{to.where(i, j), other.at(i, j)});
    b_.emit(Assign{other.where(i, j), read(held)});
  });
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
  auto is_block = [](const clang::Expr *item) { return !is_scalar(bare(item)) && is_dense(item->getType()); };
  if (!is_vector && std::any_of(items.begin(), items.end(), is_block))
    return list_of_blocks(items, to);
  Ex next = integer(0);
  for (std::size_t k = 0; k < items.size(); ++k) {
    const clang::Expr *item = items[k];
    if (!is_block(item)) {
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

/// m << a, b, c, d;   of blocks and numbers: side by side until the columns are full, then below the first of these.
void Matrices::list_of_blocks(const std::vector<const clang::Expr *> &items, const Dense &to) {
  Ex row = integer(0, long_type()), column = row, height = row;
  auto wide = [&](const Ex &n) { return b_.convert(n, long_type()); };
  for (const clang::Expr *item : items) {
    const bool is_matrix = is_dense(item->getType()) && !is_scalar(bare(item));
    Dense x = is_matrix ? dense(item)
                        : broadcast(b_.freeze_now(b_.convert(b_.operand(item), to.scalar), "s"),
                                    integer(1, long_type()), integer(1, long_type()));
    if (item != items.front()) {
      const auto known = literal(column), last = literal(to.columns);
      Ex is_full;
      if (!known || !last)
        is_full = read(b_.temp("is_full", native(">=", {column, wide(to.columns)}, ir::Type::boolean())));
      auto chosen = [&](const Ex &yes, const Ex &no, const char *name) {
        if (known && last)
          return *known >= *last ? yes : no;
        return b_.freeze_now(make(Select{is_full, yes, no}, long_type()), name);
      };
      row = chosen(sum_of(row, height), row, "row");
      column = chosen(integer(0, long_type()), column, "column");
    }
    height = literal(x.rows) ? wide(x.rows) : b_.freeze_now(wide(x.rows), "height");
    assign(block_of(to, row, column, x.rows, x.columns), x);
    column = sum_of(column, wide(x.columns));
    if (!literal(column))
      column = b_.freeze_now(column, "column");
  }
}

// ---- Decompositions -------------------------------------------------------------------------------------

bool Matrices::factor_call(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : nullptr;
  if (!object || eigen_class(object->getType()).empty() || is_dense(object->getType()) ||
      one_of(name, {"solve", "matrixL", "matrixU"}))
    return false;
  auto f = factor_of(object);
  if (!f)
    refuse(e, "'" + name + "' of this decomposition",
           "use llt(), ldlt(), partialPivLu() or a QR decomposition, and solve()");
  if (name == "info" && f->kind != "qr") {
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
           "use solve(), of a Cholesky or LU decomposition info(), of an LU decomposition determinant()");
  }
  return true;
}

} // namespace nabla::front
