// Library functions with a meaning of their own: <cmath>, min/max/clamp, memcpy and algorithms on pointers,
// printing. Recognised by qualified name before anyone looks at a body: std::sin(float) is a wrapper in
// libstdc++.
#include "import/body.h"
#include "import/class.h"
#include "import/container.h"
#include "ir/rules.h"
#include "ir/walk.h"

namespace nabla::front {

namespace {

/// Name without __builtin_, for functions of the language's own library; empty for all others.
std::string library_name(const clang::FunctionDecl *f, const clang::SourceManager &sm) {
  auto *id = f->getIdentifier();
  bool global = f->getDeclContext()->getRedeclContext()->isTranslationUnit();
  bool known = f->isInStdNamespace() || f->getBuiltinID() || global && sm.isInSystemHeader(f->getLocation());
  if (!id || !known || isa<clang::CXXMethodDecl>(f))
    return "";
  llvm::StringRef name = id->getName();
  name.consume_front("__builtin_");
  return name.str();
}

struct MathRow {
  const char *name;
  Rule rule;
  unsigned args;
};

const MathRow math_rows[] = {
    {"exp", Rule::exp, 1},
    {"exp2", Rule::exp2, 1},
    {"expm1", Rule::expm1, 1},
    {"log", Rule::log, 1},
    {"log2", Rule::log2, 1},
    {"log10", Rule::log10, 1},
    {"log1p", Rule::log1p, 1},
    {"pow", Rule::pow, 2},
    {"sqrt", Rule::sqrt, 1},
    {"cbrt", Rule::cbrt, 1},
    {"hypot", Rule::hypot, 2},
    {"hypot", Rule::hypot3, 3},
    {"sin", Rule::sin, 1},
    {"cos", Rule::cos, 1},
    {"tan", Rule::tan, 1},
    {"asin", Rule::asin, 1},
    {"acos", Rule::acos, 1},
    {"atan", Rule::atan, 1},
    {"atan2", Rule::atan2, 2},
    {"sinh", Rule::sinh, 1},
    {"cosh", Rule::cosh, 1},
    {"tanh", Rule::tanh, 1},
    {"asinh", Rule::asinh, 1},
    {"acosh", Rule::acosh, 1},
    {"atanh", Rule::atanh, 1},
    {"erf", Rule::erf, 1},
    {"erfc", Rule::erfc, 1},
    {"tgamma", Rule::tgamma, 1},
    {"lgamma", Rule::lgamma, 1},
    {"fabs", Rule::fabs, 1},
    {"abs", Rule::fabs, 1},
    {"fmin", Rule::fmin, 2},
    {"fmax", Rule::fmax, 2},
    {"fdim", Rule::fdim, 2},
    {"fma", Rule::fma, 3},
    {"fmod", Rule::fmod, 2},
    {"remainder", Rule::remainder, 2},
    {"drem", Rule::remainder, 2},
    {"copysign", Rule::copysign, 2},
    {"floor", Rule::floor, 1},
    {"ceil", Rule::ceil, 1},
    {"trunc", Rule::trunc, 1},
    {"round", Rule::round, 1},
    {"rint", Rule::rint, 1},
    {"nearbyint", Rule::nearbyint, 1},
};

/// Without the f or l of C: "sinf" -> "sin".
std::string without_suffix(const std::string &name) {
  return name.size() > 2 && (name.back() == 'f' || name.back() == 'l') ? name.substr(0, name.size() - 1) : "";
}

const MathRow *math_row(const std::string &name, unsigned args) {
  for (const std::string &candidate : {name, without_suffix(name)})
    for (const MathRow &row : math_rows)
      if (candidate == row.name && row.args == args)
        return &row;
  return nullptr;
}

const clang::Expr *without_pointer_casts(const clang::Expr *e) {
  e = bare(e);
  while (auto *c = dyn_cast<clang::CastExpr>(e)) {
    if (c->getCastKind() != clang::CK_BitCast && c->getCastKind() != clang::CK_NoOp)
      return e;
    e = bare(c->getSubExpr());
  }
  return e;
}

} // namespace

/// The row that computes this function of <cmath>, or of arrays.
std::optional<Rule> math_rule(const clang::FunctionDecl *f) {
  const MathRow *row = f->getIdentifier() ? math_row(f->getNameAsString(), f->getNumParams()) : nullptr;
  return row ? std::optional(row->rule) : std::nullopt;
}

std::optional<Rule> library_rule(const clang::FunctionDecl *f, const clang::SourceManager &sm) {
  clang::QualType t = f->getReturnType().getCanonicalType();
  bool is_of_reals =
      t->isRealFloatingType() && llvm::all_of(f->parameters(), [&](const clang::ParmVarDecl *p) {
        return p->getType().getCanonicalType() == t;
      });
  return is_of_reals && !library_name(f, sm).empty() ? math_rule(f) : std::nullopt;
}

bool Body::library(const clang::CallExpr *e, const clang::FunctionDecl *f, const Place *into,
                   std::optional<Ex> &result) {
  if (smart_call(e, f, result) || optional_call(e, f, result) || variant_call(e, f, result) ||
      stored_function_call(e, f, result) || complex_call(e, f, into, result) || stream(e) ||
      array_method(e, f, result) || chain_call(e, f, result) || array_call(e, f, result) ||
      container_call(e, f, result))
    return true;
  if (own_row(e, f, result))
    return true;
  std::string name = library_name(f, s_.context.getSourceManager());
  if (name.empty())
    return false;
  return math(e, name, result) || math_parts(e, name, result) || min_max(e, name, result) ||
         memory(e, name, result) || algorithm(e, name, result) || printing(e, f, name, result);
}

// ---- <cmath> --------------------------------------------------------------------------------------------

/// nabla::digamma, nabla::guarded ...: rows of the table that are no functions of C++.
bool Body::own_row(const clang::CallExpr *e, const clang::FunctionDecl *f, std::optional<Ex> &result) {
  auto *space = dyn_cast<clang::NamespaceDecl>(f->getDeclContext()->getRedeclContext());
  bool ours = f->getIdentifier() && space && space->getName() == "nabla" &&
              space->getParent()->getRedeclContext()->isTranslationUnit();
  auto row = ours ? rule_spelled("nabla::" + f->getNameAsString(), e->getNumArgs()) : std::nullopt;
  if (!row || !e->getType()->isRealFloatingType())
    return false;
  ir::Type t = type(e->getType(), e->getExprLoc());
  std::vector<Ex> args = values({e->arg_begin(), e->arg_end()});
  for (std::size_t i = 0; i < args.size(); ++i)
    args[i] = convert(args[i], i == 1 && info(*row).integer_second ? ir::Type::integer() : t);
  result = apply(*row, std::move(args), t);
  return true;
}

bool Body::math(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  std::vector<const clang::Expr *> exprs(e->arg_begin(), e->arg_end());
  bool real_result = e->getType()->isRealFloatingType();
  bool real_args =
      std::any_of(exprs.begin(), exprs.end(), [](auto *x) { return x->getType()->isRealFloatingType(); });
  const MathRow *row = math_row(name, exprs.size());
  if (row && real_result) {
    ir::Type t = type(e->getType(), e->getExprLoc());
    std::vector<Ex> args = values(exprs);
    for (Ex &a : args)
      a = convert(a, t);
    result = apply(row->rule, std::move(args), t);
    return true;
  }
  if (one_of(name,
             {"inf", "inff", "infl", "huge_val", "huge_valf", "huge_vall", "nan", "nanf", "nanl", "nans"}) &&
      real_result) {
    result = evaluated(e);
    return result.has_value();
  }
  std::string base = name;
  auto discrete = [](const std::string &n) {
    return one_of(n, {"isnan", "isinf", "isfinite", "isnormal", "signbit", "fpclassify", "ilogb", "lrint",
                      "llrint", "lround", "llround", "isgreater", "isgreaterequal", "isless", "islessequal",
                      "islessgreater", "isunordered"});
  };
  if (!discrete(base))
    base = without_suffix(name);
  bool integral_abs = one_of(name, {"abs", "labs", "llabs"}) && e->getType()->isIntegerType();
  if (discrete(base) && real_args || integral_abs) {
    ir::Type t = type(e->getType(), e->getExprLoc());
    result = native("call std::" + (integral_abs ? std::string("abs") : base), values(exprs), t);
    return true;
  }
  if (one_of(name, {"logb", "logbf", "logbl"}) && real_args) {
    ir::Type t = type(e->getType(), e->getExprLoc());
    std::vector<Ex> args = values(exprs);
    result = native("call std::logb", {convert(args[0], t)}, t);
    return true;
  }
  return false;
}

/// Functions that split a number: ldexp, frexp, modf, remquo.
bool Body::math_parts(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  auto is = [&](const char *base) { return name == base || without_suffix(name) == base; };
  if (!e->getType()->isRealFloatingType() || e->getNumArgs() < 2)
    return false;
  ir::Type t = type(e->getType(), e->getExprLoc());
  ir::Type whole = ir::Type::integer();
  if (is("ldexp") || is("scalbn") || is("scalbln")) {
    std::vector<Ex> args = values({e->getArg(0), e->getArg(1)});
    result = apply(Rule::ldexp, {convert(args[0], t), convert(args[1], whole)}, t);
    return true;
  }
  if (!is("frexp") && !is("modf"))
    return false;
  std::vector<Ex> args = values({e->getArg(0), e->getArg(1)});
  Ex x = freeze_now(convert(args[0], t), "x");
  Place other = deref(args[1], {});
  if (is("modf")) {
    result = freeze_now(apply(Rule::fraction, {x}, t), "fraction");
    store(other, apply(Rule::trunc, {x}, t), e->getExprLoc());
    return true;
  }
  Ex finite = native("call std::isfinite", {x}, ir::Type::boolean());
  Ex nonzero = native("!=", {x, zero_of(t)}, ir::Type::boolean());
  Ex exponent = native("+", {native("call std::ilogb", {x}, whole), integer(1)}, whole);
  Ex chosen = make(Select{native("&&", {finite, nonzero}, ir::Type::boolean()), exponent, integer(0)}, whole);
  Ex power = freeze_now(chosen, "exponent");
  store(other, power, e->getExprLoc());
  result = apply(Rule::ldexp, {x, native("neg", {power}, whole)}, t);
  return true;
}

/// Values of arguments that are taken by reference: read when all of them have been evaluated.
std::vector<Ex> Body::referred(const std::vector<const clang::Expr *> &es) {
  std::vector<Ex> out;
  std::vector<Place> places;
  for (const clang::Expr *e : es) {
    std::size_t mark = out_->size();
    const clang::Expr *x = named_object(e);
    bool is_object = x->isGLValue() && !isa<clang::MaterializeTemporaryExpr>(x);
    Place p = is_object ? place(x) : Place{};
    Ex v = is_object ? Ex{} : operand(e);
    for (std::size_t i = 0; i < out.size(); ++i)
      if (places[i].root)
        protect(places[i], mark);
      else
        protect(out[i], mark);
    places.push_back(std::move(p));
    out.push_back(std::move(v));
  }
  for (std::size_t i = 0; i < out.size(); ++i)
    if (places[i].root)
      out[i] = read(places[i]);
  return out;
}

bool Body::min_max(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  if (name == "minmax")
    refuse_expr(e, "this std::minmax", "write auto [least, most] = std::minmax(a, b), of numbers");
  if (!one_of(name, {"min", "max", "clamp"}))
    return false;
  std::vector<const clang::Expr *> exprs(e->arg_begin(), e->arg_end());
  if (exprs.size() == 1) { // std::max({a, b, c})
    const clang::InitListExpr *items = written_list(exprs[0]);
    if (!items || items->getNumInits() == 0)
      return false;
    exprs.assign(items->getInits(), items->getInits() + items->getNumInits());
  } else if (exprs.size() != (name == "clamp" ? 3u : 2u)) {
    return false;
  }
  ir::Type t = type(e->getType().getNonReferenceType(), e->getExprLoc()).with_const(false);
  bool is_real = t.is(ir::Type::Real);
  if (!is_real && !t.is_discrete())
    return false;
  bool any_effect = std::any_of(exprs.begin(), exprs.end(),
                                [&](const clang::Expr *x) { return x->HasSideEffects(s_.context); });
  std::vector<Ex> args = any_effect ? referred(exprs) : values(exprs);
  auto less = [](const Ex &a, const Ex &b) { return native("<", {a, b}, ir::Type::boolean()); };
  if (name == "clamp") {
    if (is_real)
      result = apply(Rule::clamp, args, t);
    else
      result = make(
          Select{less(args[0], args[1]), args[1], make(Select{less(args[2], args[0]), args[2], args[0]}, t)},
          t);
    return true;
  }
  Ex best = args[0];
  for (std::size_t i = 1; i < args.size(); ++i) {
    if (is_real)
      best = apply(name == "min" ? Rule::min : Rule::max, {best, args[i]}, t);
    else
      best = make(Select{name == "min" ? less(args[i], best) : less(best, args[i]), args[i], best}, t);
  }
  result = best;
  return true;
}

// ---- Memory ---------------------------------------------------------------------------------------------

namespace {

ir::Type index_type(const Ex &count) {
  bool is_int = count.type().spelling() == "int" || std::holds_alternative<Const>(count->node);
  return is_int ? ir::Type::integer() : ir::Type::integer("long");
}

} // namespace

void Body::copy_object(const Place &to, const Place &from) {
  ir::Type t = to.type();
  if (!t.is(ir::Type::Array))
    return emit(Assign{to, convert(read(from), t)});
  Var i = variable("i", ir::Type::integer());
  Block body = capture([&] { copy_object(with_step(to, Index{read(i)}), with_step(from, Index{read(i)})); });
  emit(For{i, integer(0), For::LT, integer(t.extent()), 1, std::move(body), false});
}

/// to[0 .. count) = from[0 .. count), from the front or (downwards) from the back.
void Body::copy_loop(const Ex &to, const Ex &from, const Ex &count, bool downwards) {
  if (const std::string *text = const_spelling(count); text && *text == "1")
    return copy_object(deref(to, {}), deref(from, {}));
  ir::Type t = index_type(count);
  Var i = variable("i", t);
  Block body = capture([&] { copy_object(deref(to, read(i)), deref(from, read(i))); });
  Ex n = convert(count, t);
  if (downwards)
    emit(For{i, native("-", {n, integer(1, t)}, t), For::GE, integer(0, t), -1, std::move(body), false});
  else
    emit(For{i, integer(0, t), For::LT, n, 1, std::move(body), false});
}

namespace {

/// A pointer that a loop may mention again and again.
bool is_simple_pointer(const Ex &e) {
  if (auto *r = std::get_if<Read>(&e->node))
    return r->place.path.empty();
  auto *a = std::get_if<AddressOf>(&e->node);
  if (!a)
    return false;
  for (const Step &s : a->place.path)
    if (auto *i = std::get_if<Index>(&s); i && !std::holds_alternative<Const>(i->at->node))
      return false;
    else if (auto *d = std::get_if<Deref>(&s); d && d->offset)
      return false;
  return a->place.path.size() <= 1;
}

} // namespace

void Body::copy_elements(Ex to, Ex from, Ex count, bool may_overlap, clang::SourceLocation) {
  auto hold = [&](Ex e, const char *name) { return is_simple_pointer(e) ? e : freeze_now(e, name); };
  to = hold(to, "to");
  from = hold(from, "from");
  if (!is_simple(count))
    count = freeze_now(count, "count");
  if (const std::string *text = const_spelling(count); !may_overlap || text && *text == "1")
    return copy_loop(to, from, count, false);
  Block up = capture([&] { copy_loop(to, from, count, false); });
  Block down = capture([&] { copy_loop(to, from, count, true); });
  emit(If{native("<=", {to, from}, ir::Type::boolean()), std::move(up), std::move(down)});
}

void Body::fill_elements(Ex to, Ex v, Ex count) {
  if (!is_simple_pointer(to))
    to = freeze_now(to, "to");
  ir::Type t = index_type(count);
  count = convert(count, t);
  if (!is_simple(count))
    count = freeze_now(count, "count");
  Var i = variable("i", t);
  Block body = capture([&] {
    Place p = deref(to, read(i));
    if (v)
      emit(Assign{p, convert(v, p.type())});
    else
      zero_fill(p);
  });
  emit(For{i, integer(0, t), For::LT, count, 1, std::move(body), false});
}

void Body::swap_places(Place a, Place b) {
  if (a.type().is(ir::Type::Array)) {
    Var i = variable("i", ir::Type::integer());
    Block body = capture([&] { swap_places(with_step(a, Index{read(i)}), with_step(b, Index{read(i)})); });
    return emit(For{i, integer(0), For::LT, integer(a.type().extent()), 1, std::move(body), false});
  }
  if (a.type().is(ir::Type::Record) && a.type().contains_real_pointers()) { // std::swap(a, *a.next)
    a = steady(a);
    b = steady(b);
  }
  Ex held = read(temp("swapped", read(a)));
  emit(Assign{a, read(b)});
  emit(Assign{b, held});
}

bool Body::memory(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  if (name == "free" || name == "cfree") {
    Ex p = value(without_pointer_casts(e->getArg(0)));
    emit(Free{p, Free::CFree});
    return true;
  }
  if (one_of(name, {"malloc", "calloc", "realloc", "aligned_alloc"}))
    refuse_expr(e, name + " without a cast to the pointer's type", "cast its result where it is called");
  bool copies = one_of(name, {"memcpy", "memmove"});
  if (!copies && name != "memset")
    return false;
  const clang::Expr *to = without_pointer_casts(e->getArg(0));
  clang::QualType element_type = to->getType()->getPointeeType();
  if (element_type.isNull() || element_type->isVoidType() || element_type->isIncompleteType())
    refuse_expr(e, name + " through an untyped pointer", "pass a pointer to the elements' type");
  ir::Type element = type(element_type, e->getExprLoc());
  if (!copies) {
    clang::Expr::EvalResult byte;
    bool is_zero = e->getArg(1)->EvaluateAsInt(byte, s_.context) && byte.Val.getInt() == 0;
    if (!is_zero)
      refuse_expr(e, "memset to anything but zero", "write a loop or std::fill");
    Ex p = value(to);
    Ex count = element_count(e->getArg(2), element, element_type);
    fill_elements(p, {}, count);
    result = p;
    return true;
  }
  const clang::Expr *from = without_pointer_casts(e->getArg(1));
  clang::QualType from_type = from->getType()->getPointeeType();
  if (from_type.isNull() || !s_.context.hasSameUnqualifiedType(from_type, element_type))
    refuse_expr(e, name + " between pointers to different types", "use pointers to the elements' own type");
  bool outer = for_reading_;
  std::vector<Ex> ends{value(to)};
  for_reading_ = true;
  ends.push_back(value(from));
  for_reading_ = outer;
  Ex count = element_count(e->getArg(2), element, element_type);
  copy_elements(ends[0], ends[1], count, name == "memmove", e->getExprLoc());
  result = ends[0];
  return true;
}

// ---- Algorithms -----------------------------------------------------------------------------------------

namespace {

/// last - first, without the subtraction where last is written as first + n.
Ex distance(const Ex &first, const Ex &last) {
  auto *n = std::get_if<Native>(&last->node);
  if (n && n->op == "+" && same_value(n->args[0], first))
    return n->args[1];
  auto *a = std::get_if<AddressOf>(&first->node), *b = std::get_if<AddressOf>(&last->node);
  if (a && b && a->place.root == b->place.root && a->place.path.size() == 1 && b->place.path.size() == 1) {
    auto *i = std::get_if<Index>(&a->place.path[0]), *j = std::get_if<Index>(&b->place.path[0]);
    if (i && j && is_zero_const(i->at))
      return j->at;
  }
  return native("-", {last, first}, ir::Type::integer("long"));
}

Ex advanced(const Ex &p, const Ex &n) {
  if (auto *a = std::get_if<AddressOf>(&p->node))
    if (std::optional<Place> q = moved(a->place, n))
      return address(*q);
  return native("+", {p, n}, p.type());
}

} // namespace

/// begin, end and size of arrays; swap, exchange, move; the algorithms on ranges of plain pointers.
bool Body::algorithm(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  unsigned n = e->getNumArgs();
  auto arg_type = [&](unsigned i) { return e->getArg(i)->getType(); };
  if (n == 1 && one_of(name, {"begin", "cbegin", "end", "cend", "data"}) &&
      arg_type(0)->isConstantArrayType()) {
    Place p = place(e->getArg(0));
    bool is_end = name == "end" || name == "cend";
    result = address(with_step(p, Index{integer(is_end ? p.type().extent() : 0)}));
    return true;
  }
  if (n == 1 && one_of(name, {"move", "forward", "as_const"})) {
    result = operand(e->getArg(0));
    return true;
  }
  if (n == 1 && (name == "addressof" || name == "__addressof")) {
    result = address_of(e->getArg(0));
    return true;
  }
  if (n >= 1 && one_of(name, {"next", "prev"}) && is_iterator(arg_type(0))) {
    const bool by_one = n == 1 || isa<clang::CXXDefaultArgExpr>(e->getArg(1));
    std::vector<Ex> args =
        by_one ? std::vector<Ex>{value(e->getArg(0)), integer(1)} : values({e->getArg(0), e->getArg(1)});
    result = native(name == "next" ? "+" : "-", args, args[0].type());
    return true;
  }
  if (n < 2)
    return false;
  auto *swapped = arg_type(0).getNonReferenceType()->getAsCXXRecordDecl();
  bool is_moved = copies_by_code(arg_type(0)) || swapped && s_.is_tagged(swapped); // by code of the class's
  if (name == "swap" && n == 2 && !is_moved &&
      (is_stored_function(e->getArg(0)) || !type(arg_type(0), e->getExprLoc()).is(ir::Type::Opaque))) {
    Place a = place(e->getArg(0));
    std::size_t mark = out_->size();
    Place b = place(e->getArg(1));
    protect(a, mark);
    swap_places(a, b);
    return true;
  }
  if (name == "exchange" && n == 2 && !is_moved) {
    Place p = place(e->getArg(0));
    std::size_t mark = out_->size();
    Ex v = operand(e->getArg(1));
    protect(p, mark);
    Ex old = freeze_now(read(p), "old");
    store(p, convert(v, p.type()), e->getExprLoc());
    result = old;
    return true;
  }
  bool on_pointers = n >= 3 && arg_type(0)->isPointerType() && !arg_type(0)->getPointeeType()->isVoidType();
  return on_pointers && range_algorithm(e, name, result);
}

bool Body::range_algorithm(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  bool fills = one_of(name, {"fill", "fill_n"});
  bool copies = one_of(name, {"copy", "copy_n", "copy_backward", "move", "swap_ranges"});
  bool third_is_pointer = e->getArg(2)->getType()->isPointerType();
  if (e->getNumArgs() != 3 || !fills && !(copies && third_is_pointer) ||
      copies_by_code(e->getArg(0)->getType()->getPointeeType()))
    return false;
  bool outer = for_reading_;
  for_reading_ = !fills && name != "swap_ranges";
  std::vector<Ex> args = values({e->getArg(0), e->getArg(1), e->getArg(2)});
  for_reading_ = outer;
  bool counted = name == "copy_n" || name == "fill_n";
  Ex count = counted ? args[1] : distance(args[0], args[1]);
  if (fills) {
    if (!is_simple_pointer(args[0]))
      args[0] = freeze_now(args[0], "to");
    if (!is_simple(count))
      count = freeze_now(count, "count");
    Ex v = is_simple(args[2]) ? args[2] : freeze_now(args[2], "filled");
    fill_elements(args[0], v, count);
    result = advanced(args[0], count);
    return true;
  }
  if (!is_simple(count))
    count = freeze_now(count, "count");
  if (!is_simple_pointer(args[0]))
    args[0] = freeze_now(args[0], "from");
  if (!is_simple_pointer(args[2]))
    args[2] = freeze_now(args[2], "to");
  if (name == "swap_ranges") {
    ir::Type t = index_type(count);
    Var i = variable("i", t);
    Block body = capture([&] { swap_places(deref(args[0], read(i)), deref(args[2], read(i))); });
    emit(For{i, integer(0, t), For::LT, convert(count, t), 1, std::move(body), false});
  } else if (name == "copy_backward") {
    Ex start = freeze_now(native("-", {args[2], count}, args[2].type()), "to");
    copy_loop(start, args[0], count, true);
    result = start;
    return true;
  } else {
    copy_loop(args[2], args[0], count, false);
  }
  result = advanced(args[2], count);
  return true;
}

/// std::array is its one member, an array.
bool Body::array_method(const clang::CallExpr *e, const clang::FunctionDecl *f, std::optional<Ex> &result) {
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  if (!m || !m->getParent()->isInStdNamespace() || m->getParent()->getName() != "array" || m->isStatic())
    return false;
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : e->getArg(0);
  std::string name = m->getNameAsString();
  bool is_subscript = name == "operator[]" || name == "at";
  if (!is_subscript && !one_of(name, {"begin", "end", "cbegin", "cend", "data", "front", "back"}))
    return false;
  Place p = object->getType()->isPointerType() ? deref(value(object), {}) : place(object);
  if (!p.type().is(ir::Type::Record) || !p.type().members().fields[0].type.is(ir::Type::Array))
    return false;
  p = with_step(p, Field{0});
  Ex i = integer(one_of(name, {"end", "cend"}) ? p.type().extent()
                 : name == "back"              ? p.type().extent() - 1
                                               : 0);
  if (is_subscript) {
    std::size_t mark = out_->size();
    const clang::Expr *at = bare(mc ? mc->getArg(0) : e->getArg(1));
    if (auto *c = dyn_cast<clang::ImplicitCastExpr>(at); c && c->getCastKind() == clang::CK_IntegralCast)
      at = c->getSubExpr();
    i = value(at);
    protect(p, mark);
  }
  p = with_step(p, Index{i});
  bool is_object = is_subscript || name == "front" || name == "back";
  result = is_object ? read(p) : address(p);
  return true;
}

} // namespace nabla::front
