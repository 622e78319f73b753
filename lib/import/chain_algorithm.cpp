// Algorithms of the library from one iterator of a std::deque, list, map or set to another: loops over their elements.
//
//   std::find(l.begin(), l.end(), k)   ->   at = first; found = false; while (at != last && !found) ...
#include "import/backwards.h"
#include "import/chain.h"
#include "import/container.h"

namespace nabla::front {

namespace {

ir::Type count_type() { return ir::Type::integer("unsigned long"); }
Ex no(const Ex &e) { return native("!", {e}, ir::Type::boolean()); }
bool is_inserter(const clang::Expr *e) {
  auto *cls = e->getType()->getAsCXXRecordDecl();
  return cls && cls->isInStdNamespace() &&
         one_of(cls->getNameAsString(), {"back_insert_iterator", "front_insert_iterator", "insert_iterator"});
}

} // namespace

/// Where an iterator or pointer leads to.
Place Body::reached(const Ex &at, const std::optional<ChainClass> &chain) {
  return chain ? chain_element(at) : deref(at, {});
}

void Body::move_on(const Var &at, const std::optional<ChainClass> &chain) {
  emit(Assign{Place{at, {}}, stepped(read(at), chain, true)});
}

void Body::count_up(const Var &n) {
  emit(Assign{Place{n, {}}, native("+", {read(n), integer(1, n->type)}, n->type)});
}

/// From one iterator to another, as long as `stop` is false. The iterator that is returned is where it ended.
Var Body::walk(const std::vector<Ex> &ends, const std::optional<ChainClass> &chain, const Var &stop,
               const std::function<void(const Var &)> &body) {
  Var at = temp("at", ends[0]);
  stable_.erase(at.get());
  Ex more = native("!=", {read(at), freeze_now(ends[1], "last")}, ir::Type::boolean());
  Block loop = capture([&] {
    body(at);
    Block next = capture([&] { move_on(at, chain); });
    if (stop)
      emit(If{no(read(stop)), std::move(next), {}});
    else
      out_->insert(out_->end(), next.begin(), next.end());
  });
  emit(While{stop ? native("&&", {more, no(read(stop))}, ir::Type::boolean()) : more, std::move(loop)});
  return at;
}

/// Its elements as those of a new array.
void Body::walk_elements(const Place &to, const std::vector<Ex> &ends, const ChainClass &chain) {
  std::vector<Ex> both{freeze_now(ends[0], "from"), freeze_now(ends[1], "last")};
  Var counted = temp("counted", integer(0, count_type())), i = temp("i", integer(0, count_type()));
  stable_.erase(counted.get());
  stable_.erase(i.get());
  walk(both, chain, nullptr, [&](const Var &) { count_up(counted); });
  allocate_elements(to, count_of(read(counted), "count"), false);
  walk(both, chain, nullptr, [&](const Var &at) {
    copy_value(element(to, read(i)), chain_element(read(at)));
    count_up(i);
  });
}

/// Is the element what an algorithm looks for: equal to its last argument, or such that it holds for it?
std::function<Ex(const Place &)> Body::wanted_by(const clang::CallExpr *e, const std::string &name) {
  const clang::Expr *last = e->getArg(2);
  if (name == "find" || name == "count") {
    if (!last->getType()->isArithmeticType())
      refuse_expr(e, "'std::" + name + "' of objects in this container",
                  "use std::" + name + "_if with a lambda");
    Ex key = steady_value(last);
    return [=](const Place &p) { return native("==", {read(p), key}, ir::Type::boolean()); };
  }
  if (!names_closure(last))
    refuse_expr(last, "this function as an argument of 'std::" + name + "'", "pass a lambda");
  Closure test = *closure(last);
  bool negated = name == "find_if_not" || name == "all_of";
  return [=, this](const Place &p) {
    Ex holds = truth(applied(test, {p}, e));
    return negated ? no(holds) : holds;
  };
}

/// The first that is larger, or smaller, than all before it.
Ex Body::extreme_element(const clang::CallExpr *e, const std::vector<Ex> &ends, const ChainClass &chain,
                         bool largest) {
  std::optional<Closure> test;
  if (e->getNumArgs() == 3 && !names_closure(e->getArg(2)))
    refuse_expr(e->getArg(2), "this comparison", "pass a lambda that compares");
  if (e->getNumArgs() == 3)
    test = closure(e->getArg(2));
  else if (!chain.value->isArithmeticType())
    refuse_expr(e, "the largest of objects without a comparison", "pass a lambda that compares");
  Ex first = freeze_now(ends[0], "first");
  Var best = temp("best", first);
  stable_.erase(best.get());
  walk({first, ends[1]}, chain, nullptr, [&](const Var &at) {
    Place a = chain_element(read(largest ? best : at)), b = chain_element(read(largest ? at : best));
    Ex less = test ? truth(applied(*test, {a, b}, e)) : native("<", {read(a), read(b)}, ir::Type::boolean());
    Block better = capture([&] { emit(Assign{Place{best, {}}, read(at)}); });
    emit(If{less, std::move(better), {}});
  });
  return read(best);
}

/// Loops of our own, where the library's are many, or know more than one way.
bool Body::chain_loop(const clang::CallExpr *e, const std::string &name,
                      const std::optional<ChainClass> &chain, std::optional<Ex> &result) {
  auto ends = [&] { return values({e->getArg(0), e->getArg(1)}); };
  auto starting = [&](const char *what, const Ex &from) {
    Var v = temp(what, from);
    stable_.erase(v.get());
    return v;
  };
  auto counter = [&] { return starting("counted", integer(0, ir::Type::integer("long"))); };
  unsigned given = e->getNumArgs();
  if (chain && name == "distance") {
    Var n = counter();
    walk(ends(), chain, nullptr, [&](const Var &) { count_up(n); });
    result = read(n);
  } else if (chain && given == 3 && one_of(name, {"count", "count_if"})) {
    std::vector<Ex> both = ends();
    auto wanted = wanted_by(e, name);
    Var n = counter();
    walk(both, chain, nullptr, [&](const Var &at) {
      Ex is = wanted(chain_element(read(at)));
      Block more = capture([&] { count_up(n); });
      emit(If{is, std::move(more), {}});
    });
    result = read(n);
  } else if (chain && given == 3 &&
             one_of(name, {"find", "find_if", "find_if_not", "any_of", "all_of", "none_of"})) {
    std::vector<Ex> both = ends();
    auto wanted = wanted_by(e, name);
    Var found = starting("found", boolean(false));
    Var at = walk(both, chain, found,
                  [&](const Var &i) { emit(Assign{Place{found, {}}, wanted(chain_element(read(i)))}); });
    result = name[0] == 'f' ? read(at) : name == "any_of" ? read(found) : no(read(found));
  } else if (chain && (given == 2 || given == 3) && one_of(name, {"max_element", "min_element"})) {
    result = extreme_element(e, ends(), *chain, name == "max_element");
  } else if (given == 3 && name == "copy" && !is_inserter(e->getArg(2))) {
    std::vector<Ex> all = values({e->getArg(0), e->getArg(1), e->getArg(2)});
    auto target = chain_of_iterator(e->getArg(2)->getType().getUnqualifiedType());
    Var to = starting("to", all[2]);
    walk({all[0], all[1]}, chain, nullptr, [&](const Var &at) {
      copy_value(reached(read(to), target), reached(read(at), chain));
      move_on(to, target);
    });
    result = read(to);
  } else if (chain && chain->kind == ChainClass::Deque && (given == 2 || given == 3) &&
             one_of(name, {"sort", "stable_sort"})) {
    std::vector<Ex> both = ends();
    Ex first = freeze_now(both[0], "first");
    Ex count = freeze_now(native("-", {both[1], first}, ir::Type::integer("long")), "count");
    auto element = [&](const Ex &i) { return deref(read(deref(first, i)), {}); };
    sort_by(element, count, comparison(given == 3 ? e->getArg(2) : nullptr, chain->value, e));
  } else if (chain && given == 2 && name == "reverse") {
    std::vector<Ex> both = ends();
    Var from = starting("from", both[0]), to = starting("to", both[1]), n = counter();
    walk({read(from), read(to)}, chain, nullptr, [&](const Var &) { count_up(n); });
    Ex half = freeze_now(native("/", {read(n), integer(2, n->type)}, n->type), "half");
    count_loop(integer(0), half, [&](const Ex &) {
      emit(Assign{Place{to, {}}, stepped(read(to), chain, false)});
      Place last = chain_element(read(to));
      swap_places(chain_element(read(from)), last);
      move_on(from, chain);
    });
  } else if (chain && given == 3 && name == "fill") {
    std::vector<Ex> both = ends();
    Ex x = steady_value(e->getArg(2));
    walk(both, chain, nullptr, [&](const Var &at) { set_element(chain_element(read(at)), x, {}, nullptr); });
  } else {
    return false;
  }
  return true;
}

/// std::next, prev, advance; others are loops.
bool Body::chain_algorithm(const clang::CallExpr *e, const clang::FunctionDecl *f,
                           std::optional<Ex> &result) {
  bool is_of_library = f && f->isInStdNamespace() && f->getIdentifier() && !isa<clang::CXXMethodDecl>(f);
  if (is_of_library && Backwards(*this).algorithm(e, f->getNameAsString(), result))
    return true;
  bool walks = false;
  for (const clang::Expr *a : e->arguments())
    walks = walks || chain_of_iterator(a->getType().getUnqualifiedType());
  if (!walks || !is_of_library || isa<clang::CXXOperatorCallExpr>(e))
    return false;
  std::string name = f->getNameAsString();
  if (one_of(name, {"move", "forward", "as_const", "swap", "addressof", "__addressof", "make_pair", "tie"}))
    return false;
  auto chain = chain_of_iterator(e->getArg(0)->getType().getUnqualifiedType());
  const clang::FunctionDecl *body = nullptr;
  if (one_of(name, {"next", "prev", "advance"})) {
    std::vector<const clang::Expr *> given{e->getArg(0)};
    if (e->getNumArgs() > 1 && !isa<clang::CXXDefaultArgExpr>(e->getArg(1)))
      given.push_back(e->getArg(1));
    if (chain && !chain->has_order && given.size() > 1)
      refuse_unordered(e);
    std::vector<Ex> args = values(given);
    Ex there = stepped(args[0], chain, name != "prev", args.size() > 1 ? args[1] : Ex());
    if (name == "advance")
      emit(Assign{place(e->getArg(0)), there});
    else
      result = there;
    return true;
  }
  if (name == "iter_swap" && e->getNumArgs() == 2) {
    std::vector<Ex> args = values({e->getArg(0), e->getArg(1)});
    auto other = chain_of_iterator(e->getArg(1)->getType().getUnqualifiedType());
    Place a = reached(args[0], chain);
    swap_places(a, reached(args[1], other));
    return true;
  }
  if (chain && !chain->has_order)
    refuse_unordered(e);
  if (chain_loop(e, name, chain, result))
    return true;
  bool is_plain_loop = one_of(name, {"accumulate", "for_each", "transform", "inner_product", "partial_sum",
                                     "adjacent_difference", "generate", "iota"});
  for (const clang::Expr *a : e->arguments())
    is_plain_loop = is_plain_loop && !is_inserter(a);
  if (!is_plain_loop || !f->hasBody(body))
    refuse_expr(e, "'std::" + name + "' over this container",
                "write the loop out, or copy the elements into a std::vector");
  inlining_.insert(body);
  bind_parameters(body, {e->arg_begin(), e->arg_end()});
  result = import_in_place(e, body, name);
  inlining_.erase(body);
  return true;
}

} // namespace nabla::front
