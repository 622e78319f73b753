// std::tie, std::minmax: a tuple of references is no object here. `std::tie(a, b) = f(x)` -> made = f(x); a = made.first;
// b = made.second. `auto [least, most] = std::minmax(a, b)` -> names for a and b, in their order.
#include "import/body.h"
#include "import/chain.h"
#include "import/container.h"

namespace nabla::front {

namespace {

const clang::CallExpr *call_of(const char *name, const clang::Expr *e) {
  e = bare(e, [](const clang::CXXConstructExpr *) { return false; });
  auto *call = dyn_cast<clang::CallExpr>(e);
  const clang::FunctionDecl *f = call ? call->getDirectCallee() : nullptr;
  return f && is_of_std(f) && f->getIdentifier() && f->getName() == name ? call : nullptr;
}
const clang::CallExpr *tied(const clang::Expr *e) { return call_of("tie", e); }

bool is_ignore(const clang::Expr *e) {
  auto *cls = e->getType()->getAsCXXRecordDecl();
  return cls && cls->isInStdNamespace() && cls->getIdentifier() && cls->getName() == "_Swallow_assign";
}

/// The elements of a pair or a tuple, in order.
void elements_of(const Place &p, std::vector<Place> &out) {
  const Struct &type = p.type().members();
  const std::string &name = type.outside ? type.outside->spelling : type.spelling;
  const bool is_pair = name.rfind("std::pair<", 0) == 0;
  for (const Step &part : ordered_parts(p.type())) {
    Place element = with_step(p, part);
    if (!is_pair && type.fields.at(std::get<Field>(part).number).is_base)
      elements_of(element, out);
    else
      out.push_back(std::move(element));
  }
}

} // namespace

bool are_tied(const clang::Expr *a, const clang::Expr *b) { return tied(a) && tied(b); }

bool Body::tie_assignment(const clang::CXXOperatorCallExpr *op) {
  const clang::CallExpr *to = op && op->getOperator() == clang::OO_Equal ? tied(op->getArg(0)) : nullptr;
  if (!to)
    return false;
  std::vector<Place> parts;
  Place from = place(op->getArg(1));
  if (from.type().is(ir::Type::Record))
    elements_of(from, parts);
  if (parts.size() != to->getNumArgs())
    refuse_expr(op, "this use of std::tie", "assign a std::pair or a std::tuple of as many values");
  for (unsigned i = 0; i < parts.size(); ++i) {
    if (is_ignore(to->getArg(i)))
      continue;
    Place target = place(to->getArg(i));
    if (target.type().without_const() == parts[i].type().without_const())
      copy_value(target, parts[i]);
    else
      store(target, convert(read(parts[i]), target.type()), op->getExprLoc());
  }
  return true;
}

/// std::tie(a, b) < std::tie(c, d), and the other comparisons.
std::optional<Ex> Body::tie_comparison(const clang::Expr *left, const clang::Expr *right,
                                       clang::OverloadedOperatorKind op, const clang::Expr *at) {
  const clang::CallExpr *a = tied(left), *b = tied(right);
  if (!a || !b || a->getNumArgs() != b->getNumArgs())
    return std::nullopt;
  const bool swaps = one_of(clang::getOperatorSpelling(op), {">", "<="});
  std::vector<Ex> x, y;
  for (unsigned i = 0; i < a->getNumArgs(); ++i) {
    x.push_back(read(steady(place(a->getArg(i)))));
    y.push_back(read(steady(place(b->getArg(i)))));
    clang::QualType t = a->getArg(i)->getType();
    if (!is_compared_by_members(t) || !s_.context.hasSameUnqualifiedType(t, b->getArg(i)->getType()))
      refuse_expr(at, "a comparison of these by std::tie", "compare them one by one");
  }
  if (swaps)
    std::swap(x, y);
  auto join = [](const char *how, const Ex &l, const Ex &r) {
    return native(how, {l, r}, ir::Type::boolean());
  };
  Ex less = boolean(false), equal = boolean(true);
  for (std::size_t i = x.size(); i-- > 0;) {
    Ex same = key_equal(x[i], y[i]);
    Ex first = key_less(x[i], y[i], at);
    bool is_last = i + 1 == x.size();
    less = is_last ? first : join("||", first, join("&&", same, less));
    equal = is_last ? same : join("&&", same, equal);
  }
  switch (op) {
  case clang::OO_Less:
  case clang::OO_Greater:
    return less;
  case clang::OO_EqualEqual:
    return equal;
  case clang::OO_ExclaimEqual:
    return native("!", {equal}, ir::Type::boolean());
  case clang::OO_LessEqual: // swapped
  case clang::OO_GreaterEqual:
    return native("!", {less}, ir::Type::boolean());
  default:
    return std::nullopt;
  }
}

/// Of equal ones the first is the least, and the last the most.
bool Body::bind_minmax(const clang::DecompositionDecl *d) {
  const clang::CallExpr *e = call_of("minmax", d->getInit());
  const clang::InitListExpr *list = e && e->getNumArgs() == 1 ? written_list(e->getArg(0)) : nullptr;
  const bool are_two = e && e->getNumArgs() == 2 && !written_list(e->getArg(0));
  auto is_number = [](const clang::Expr *x) { return x->getType()->isArithmeticType(); };
  if (!list && !are_two || !llvm::all_of(list ? list->inits() : clang::ArrayRef(e->getArgs(), 2), is_number))
    return false;
  auto less = [](const Ex &a, const Ex &b) { return native("<", {a, b}, ir::Type::boolean()); };
  auto name = [&](unsigned i, const char *as, const Ex &where) {
    Var v = temp(as, where);
    stable_.insert(v.get());
    named_places_[d->bindings()[i]->getHoldingVar()] = deref(read(v), {});
  };
  if (are_two) {
    Ex a = address(steady(place(e->getArg(0)))), b = address(steady(place(e->getArg(1))));
    Ex is_swapped = freeze_now(less(read(deref(b, {})), read(deref(a, {}))), "is_swapped");
    name(0, "least", make(Select{is_swapped, b, a}, a.type()));
    name(1, "most", make(Select{is_swapped, a, b}, a.type()));
    return true;
  }
  std::vector<Ex> given = values({list->inits().begin(), list->inits().end()});
  Ex least = given[0], most = given[0];
  for (std::size_t i = 1; i < given.size(); ++i) {
    least = freeze_now(make(Select{less(given[i], least), given[i], least}, least.type()), "least");
    most = freeze_now(make(Select{less(given[i], most), most, given[i]}, most.type()), "most");
  }
  for (unsigned i = 0; i < 2; ++i) {
    Var v = temp(i ? "most" : "least", i ? most : least);
    named_places_[d->bindings()[i]->getHoldingVar()] = Place{v, {}};
  }
  return true;
}

} // namespace nabla::front
