// Algorithms that are given a predicate or a comparison: loops, with its body in place. They move elements and choose
// among them; what is chosen is a subscript, so the adjoint follows.
#include "import/body.h"
#include "import/chain.h"
#include "import/class.h"
#include "import/container.h"

namespace nabla::front {

namespace {

/// The body to import: a generic lambda's is that of its one instance.
const clang::FunctionDecl *body_of(const clang::CXXRecordDecl *lambda) {
  const clang::FunctionDecl *f = lambda->getLambdaCallOperator();
  auto *generic = f->getDescribedFunctionTemplate();
  if (!generic)
    return f;
  const clang::FunctionDecl *only = nullptr;
  for (const clang::FunctionDecl *instance : generic->specializations())
    if (instance->hasBody()) {
      if (only)
        return nullptr;
      only = instance;
    }
  return only;
}

ir::Type long_type() { return ir::Type::integer("long"); }

} // namespace

/// The closure's value for these objects.
Ex Body::applied(const Closure &c, const std::vector<Place> &args, const clang::Expr *at) {
  const clang::FunctionDecl *f = c.function ? c.function : body_of(c.cls), *body = nullptr;
  if (!f || !f->hasBody(body))
    refuse_expr(at, "this function as an argument of an algorithm", "write the loop out");
  auto outer_named = named_places_;
  for (auto &[d, p] : c.captures)
    named_places_[d] = p;
  Var outer_self = c.cls ? std::exchange(self_, c.self) : self_;
  auto result = applied_body(body, args, at);
  named_places_ = std::move(outer_named);
  self_ = outer_self;
  if (!result)
    refuse_expr(at, "a function without result as an argument of this algorithm", "let it return a value");
  return *result;
}

/// A body in place, its parameters bound to these objects.
std::optional<Ex> Body::applied_body(const clang::FunctionDecl *body, const std::vector<Place> &args,
                                     const clang::Expr *at) {
  if (inlining_.count(body) || body->getNumParams() != args.size())
    refuse_expr(at, "this function as an argument of an algorithm", "write the loop out");
  std::vector<std::pair<const clang::ParmVarDecl *, Var>> params;
  for (unsigned i = 0; i < args.size(); ++i) {
    const clang::ParmVarDecl *p = body->getParamDecl(i);
    ir::Type t = type(p->getType(), p->getLocation());
    bool converts = t.is_reference() && t.element().without_const() != args[i].type().without_const();
    if (converts || t.is(ir::Type::Record) && owns_elements(t))
      refuse_expr(at, "this function as an argument of an algorithm",
                  "let it take the elements by const reference");
    Ex given = t.is_reference() ? address(args[i]) : convert(read(args[i]), t.with_const(false));
    Var var = variable(p->getNameAsString().empty() ? "unnamed" : p->getNameAsString(), t);
    emit(Declare{var, given});
    params.emplace_back(p, var);
  }
  find_uses(body->getBody(), uses_);
  for (auto &[p, var] : params) {
    vars_[p] = var;
    if (uses_.escaped.count(p))
      escaped_.insert(var.get());
  }
  inlining_.insert(body);
  auto result = import_in_place(at, body, "chosen");
  inlining_.erase(body);
  return result;
}

namespace {

struct Range {
  Ex first, count;
};

} // namespace

/// find_if and its kin: runs until the predicate is `wanted`; the subscript where that is.
Var Body::first_where(const Ex &first, const Ex &count, const Closure &test, bool wanted,
                      const clang::Expr *at) {
  Var i = temp("at", integer(0, long_type()));
  stable_.erase(i.get());
  Var searching = temp("searching", native(">", {count, integer(0, long_type())}, ir::Type::boolean()));
  stable_.erase(searching.get());
  Block body = capture([&] {
    Ex is = truth(applied(test, {deref(first, read(i))}, at));
    Block found = capture([&] { emit(Assign{Place{searching, {}}, boolean(false)}); });
    Block next = capture([&] {
      emit(Assign{Place{i, {}}, native("+", {read(i), integer(1, long_type())}, long_type())});
      emit(Assign{Place{searching, {}}, native("<", {read(i), count}, ir::Type::boolean())});
    });
    emit(If{wanted ? is : native("!", {is}, ir::Type::boolean()), std::move(found), std::move(next)});
  });
  emit(While{read(searching), std::move(body)});
  return i;
}

/// remove_if and copy_if: those for which the predicate is `wanted` go to the front of `to`; one past them.
Ex Body::keep_where(const Ex &first, const Ex &count, const Ex &to, const Closure &test, bool wanted,
                    const clang::Expr *at) {
  Var kept = temp("kept", integer(0, long_type()));
  stable_.erase(kept.get());
  count_loop(integer(0), count, [&](const Ex &i) {
    Ex is = truth(applied(test, {deref(first, i)}, at));
    Block keep = capture([&] {
      copy_object(deref(to, read(kept)), deref(first, i));
      emit(Assign{Place{kept, {}}, native("+", {read(kept), integer(1, long_type())}, long_type())});
    });
    emit(If{wanted ? is : native("!", {is}, ir::Type::boolean()), std::move(keep), {}});
  });
  return native("+", {to, read(kept)}, to.type());
}

/// max_element and min_element with a comparison.
Ex Body::best_element(const Ex &first, const Ex &count, const Closure &less, bool largest,
                      const clang::Expr *at) {
  Var best = temp("best", integer(0, long_type()));
  stable_.erase(best.get());
  count_loop(integer(1), count, [&](const Ex &i) {
    Place a = deref(first, read(best)), b = deref(first, i);
    Ex better = truth(applied(less, largest ? std::vector<Place>{a, b} : std::vector<Place>{b, a}, at));
    Block take = capture([&] { emit(Assign{Place{best, {}}, convert(i, long_type())}); });
    emit(If{better, std::move(take), {}});
  });
  return native("+", {first, read(best)}, first.type());
}

/// One merge of two sorted stretches of `order` into `merged`.
void Body::merge_step(const ElementAt &element, const Less &less, const Var &order, const Var &merged,
                      const Ex &left, const Ex &middle, const Ex &right) {
  auto ordered = [&](const Ex &i) { return element(read(deref(read(order), i))); };
  auto increased = [&](const Var &v) {
    return Assign{Place{v, {}}, native("+", {read(v), integer(1, long_type())}, long_type())};
  };
  Var i = temp("i", left), j = temp("j", middle);
  stable_.erase(i.get());
  stable_.erase(j.get());
  Var k = variable("k", long_type());
  Block body = capture([&] {
    Var from_right = temp("from_right", native(">=", {read(i), middle}, ir::Type::boolean()));
    stable_.erase(from_right.get());
    Ex both = native("&&",
                     {native("!", {read(from_right)}, ir::Type::boolean()),
                      native("<", {read(j), right}, ir::Type::boolean())},
                     ir::Type::boolean());
    Block compare = capture([&] {
      Ex is_less = less(ordered(read(j)), ordered(read(i)));
      emit(Assign{Place{from_right, {}}, is_less});
    });
    emit(If{both, std::move(compare), {}});
    auto take = [&](const Var &from) {
      return capture([&] {
        emit(Assign{deref(read(merged), read(k)), read(deref(read(order), read(from)))});
        emit(increased(from));
      });
    };
    Block right_one = take(j), left_one = take(i);
    emit(If{read(from_right), std::move(right_one), std::move(left_one)});
  });
  emit(For{k, left, For::LT, right, 1, std::move(body), false});
}

/// Memory for so many elements while an algorithm runs.
Var Body::work_array(const char *name, const ir::Type &element, const Ex &count) {
  Var v = empty_temp(name, ir::Type::pointer(element));
  stable_.insert(v.get());
  bool zero = element.contains_real_pointers() || owns_elements(element);
  emit(Allocate{Place{v, {}}, element, count, Allocate::Arena, zero, std::nullopt});
  return v;
}

/// The subscripts of the elements, in the order that `less` says. Equal ones keep theirs.
Var Body::sorted_order(const ElementAt &element, const Ex &count, const Less &less) {
  auto number = [](long n) { return integer(n, long_type()); };
  auto smaller = [&](const Ex &a, const Ex &b) {
    return make(Select{native("<", {a, b}, ir::Type::boolean()), a, b}, long_type());
  };
  Var order = work_array("order", long_type(), count), merged = work_array("merged", long_type(), count);
  count_loop(number(0), count,
             [&](const Ex &i) { emit(Assign{deref(read(order), i), convert(i, long_type())}); });
  Var width = temp("width", number(1));
  stable_.erase(width.get());
  Block pass = capture([&] {
    Var left = temp("left", number(0));
    stable_.erase(left.get());
    Block pairs = capture([&] {
      Ex middle = read(temp("middle", smaller(native("+", {read(left), read(width)}, long_type()), count)));
      Ex right = read(temp("right", smaller(native("+", {middle, read(width)}, long_type()), count)));
      merge_step(element, less, order, merged, read(temp("begin", read(left))), middle, right);
      emit(Assign{Place{left, {}}, right});
    });
    emit(While{native("<", {read(left), count}, ir::Type::boolean()), std::move(pairs)});
    count_loop(number(0), count,
               [&](const Ex &k) { emit(Assign{deref(read(order), k), read(deref(read(merged), k))}); });
    emit(Assign{Place{width, {}}, native("*", {read(width), number(2)}, long_type())});
  });
  emit(While{native("<", {read(width), count}, ir::Type::boolean()), std::move(pass)});
  return order;
}

/// sort and stable_sort: the order is found among subscripts, then the elements follow it.
void Body::sort_by(const ElementAt &element, const Ex &count, const Less &less) {
  Var order = sorted_order(element, count, less);
  Var sorted = work_array("sorted", element(integer(0)).type().with_const(false), count);
  Ex none = integer(0, long_type());
  count_loop(none, count,
             [&](const Ex &i) { copy_object(deref(read(sorted), i), element(read(deref(read(order), i)))); });
  count_loop(none, count, [&](const Ex &i) { copy_object(element(i), deref(read(sorted), i)); });
}

namespace {

/// Of elements of this class: std::greater, or std::less; nothing for any other order.
std::optional<bool> is_descending(const clang::Expr *given, clang::QualType element) {
  if (!given || !is_rule_of(given->getType(), {"less", "greater"}, element))
    return std::nullopt;
  return is_std(given->getType(), {"greater"});
}

} // namespace

/// A lambda's, or, without one, that of numbers, pairs and tuples.
Body::Less Body::comparison(const clang::Expr *given, clang::QualType element, const clang::Expr *at) {
  std::optional<bool> descending = is_descending(given, element);
  if ((!given || descending) && !has_natural_order(element))
    refuse_expr(at, "the order of objects without a comparison", "pass a lambda that compares");
  if (!given || descending)
    return [this, at, swaps = descending.value_or(false)](const Place &a, const Place &b) {
      return swaps ? key_less(read(b), read(a), at) : key_less(read(a), read(b), at);
    };
  if (!names_closure(given))
    refuse_expr(given, "this comparison", "pass a lambda that compares");
  refuse_mutable_copy(given);
  Closure test = *closure(given);
  return [=, this](const Place &a, const Place &b) { return truth(applied(test, {a, b}, at)); };
}

/// std::sort of pairs or tuples, by their own order.
bool Body::natural_sort(const clang::CallExpr *e, const std::string &name) {
  const unsigned n = e->getNumArgs();
  if (!one_of(name, {"sort", "stable_sort"}) || n > 3)
    return false;
  clang::QualType at = e->getArg(0)->getType().getUnqualifiedType();
  clang::QualType pointer = at->isPointerType() ? at : iterator_pointer(at);
  clang::QualType element = pointer.isNull() ? pointer : pointer->getPointeeType();
  if (pointer.isNull() || element->isArithmeticType() || !has_natural_order(element) ||
      n == 3 && !is_descending(e->getArg(2), element))
    return false;
  std::vector<Ex> ends = values({e->getArg(0), e->getArg(1)});
  Ex first = freeze_now(ends[0], "first");
  Ex count = freeze_now(native("-", {ends[1], first}, long_type()), "count");
  sort_by([&](const Ex &i) { return deref(first, i); }, count,
          comparison(n == 3 ? e->getArg(2) : nullptr, element, e));
  return true;
}

/// Those that the library's own text hides from us: it wraps what it is given into classes of its own.
bool Body::functional_algorithm(const clang::CallExpr *e, std::optional<Ex> &result) {
  const clang::FunctionDecl *f = e->getDirectCallee();
  if (!f || !f->isInStdNamespace() || !f->getIdentifier() || e->getNumArgs() < 2)
    return false;
  std::string name = f->getNameAsString();
  if (natural_sort(e, name))
    return true;
  if (e->getNumArgs() < 3)
    return false;
  if (sorted_search(e, name, result))
    return true;
  unsigned last = e->getNumArgs() - 1;
  bool copies = name == "copy_if" || name == "remove_copy_if";
  bool is_known = copies || one_of(name, {"count_if", "find_if", "find_if_not", "any_of", "all_of", "none_of",
                                          "remove_if", "sort", "stable_sort", "max_element", "min_element"});
  if (!is_known || last != (copies ? 3u : 2u) || !names_closure(e->getArg(last)) ||
      !type(e->getArg(0)->getType(), e->getExprLoc()).is(ir::Type::Pointer) ||
      copies && !type(e->getArg(2)->getType(), e->getExprLoc()).is(ir::Type::Pointer))
    return false;
  bool outer = for_reading_;
  const bool changes = one_of(name, {"remove_if", "sort", "stable_sort"});
  clang::QualType elements = e->getArg(0)->getType();
  if ((changes || copies) && elements->isPointerType() && copies_by_code(elements->getPointeeType()))
    refuse_expr(e, "'std::" + name + "' of a class with copying or a destructor of its own",
                "sort indices, or write the loop out");
  for_reading_ = !changes;
  std::vector<const clang::Expr *> given{e->getArg(0), e->getArg(1)};
  if (copies)
    given.push_back(e->getArg(2));
  std::vector<Ex> args = values(given);
  for_reading_ = outer;
  Ex first = freeze_now(args[0], "first");
  Ex count = freeze_now(native("-", {args[1], first}, long_type()), "count");
  refuse_mutable_copy(e->getArg(last));
  Closure test = *closure(e->getArg(last));
  auto plus = [&](const Var &i) { return native("+", {first, read(i)}, first.type()); };
  if (name == "count_if") {
    Var found = temp("found", integer(0, long_type()));
    stable_.erase(found.get());
    count_loop(integer(0), count, [&](const Ex &i) {
      Ex is = truth(applied(test, {deref(first, i)}, e));
      Block more = capture([&] {
        emit(Assign{Place{found, {}}, native("+", {read(found), integer(1, long_type())}, long_type())});
      });
      emit(If{is, std::move(more), {}});
    });
    result = read(found);
  } else if (name == "find_if" || name == "find_if_not") {
    result = plus(first_where(first, count, test, name == "find_if", e));
  } else if (one_of(name, {"any_of", "all_of", "none_of"})) {
    Var i = first_where(first, count, test, name != "all_of", e);
    result = native(name == "any_of" ? "<" : ">=", {read(i), count}, ir::Type::boolean());
  } else if (name == "remove_if") {
    result = keep_where(first, count, first, test, false, e);
  } else if (copies) {
    result = keep_where(first, count, freeze_now(args[2], "to"), test, name == "copy_if", e);
  } else if (name == "max_element" || name == "min_element") {
    result = best_element(first, count, test, name == "max_element", e);
  } else {
    sort_by([&](const Ex &i) { return deref(first, i); }, count,
            [&](const Place &a, const Place &b) { return truth(applied(test, {a, b}, e)); });
  }
  return true;
}

} // namespace nabla::front
