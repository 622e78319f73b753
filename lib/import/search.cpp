// std::lower_bound and upper_bound: where a value belongs in a sorted range. What is found is a pointer; only the comparisons
// read reals, so nothing of the search has a derivative.
#include "import/body.h"

namespace nabla::front {

namespace {

ir::Type long_index() { return ir::Type::integer("long"); }
Ex plus(const Ex &a, long n) { return native("+", {a, integer(n, long_index())}, long_index()); }

} // namespace

bool Body::sorted_search(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  bool is_lower = name == "lower_bound";
  bool with_test = e->getNumArgs() == 4;
  if (!is_lower && name != "upper_bound" || !with_test && e->getNumArgs() != 3 ||
      with_test && !names_closure(e->getArg(3)) ||
      !type(e->getArg(0)->getType(), e->getExprLoc()).is(ir::Type::Pointer))
    return false;
  bool outer = std::exchange(for_reading_, true);
  std::vector<Ex> args = values({e->getArg(0), e->getArg(1)});
  Var wanted; // what is searched for
  if (!with_test && !e->getArg(2)->getType()->isArithmeticType())
    refuse_expr(e, "a search for an object without a comparison", "pass a lambda that compares");
  Ex key = e->getArg(2)->getType()->isArithmeticType() ? freeze_now(operand(e->getArg(2)), "wanted") : Ex();
  Place where = key ? Place{} : place(e->getArg(2));
  for_reading_ = outer;
  if (key) {
    wanted = temp("key", key);
    where = Place{wanted, {}};
    escaped_.insert(wanted.get()); // the test may take a reference to it
  }
  Ex first = freeze_now(args[0], "first");
  Var low = temp("low", integer(0, long_index()));
  Var left = temp("left", native("-", {args[1], first}, long_index()));
  stable_.erase(low.get());
  stable_.erase(left.get());
  std::optional<Closure> test = with_test ? closure(e->getArg(3)) : std::nullopt;
  Block body = capture([&] {
    Ex half = read(temp("half", native("/", {read(left), integer(2, long_index())}, long_index())));
    Place middle = deref(first, read(temp("middle", native("+", {read(low), half}, long_index()))));
    Place a = is_lower ? middle : where, b = is_lower ? where : middle;
    Ex less = test ? truth(applied(*test, {a, b}, e)) : native("<", {read(a), read(b)}, ir::Type::boolean());
    Ex is_behind = is_lower ? less : native("!", {less}, ir::Type::boolean());
    Block behind = capture([&] {
      emit(Assign{Place{low, {}}, plus(native("+", {read(low), half}, long_index()), 1)});
      Ex rest = native("-", {read(left), half}, long_index());
      emit(Assign{Place{left, {}}, native("-", {rest, integer(1, long_index())}, long_index())});
    });
    Block before = capture([&] { emit(Assign{Place{left, {}}, half}); });
    emit(If{is_behind, std::move(behind), std::move(before)});
  });
  emit(While{native(">", {read(left), integer(0, long_index())}, ir::Type::boolean()), std::move(body)});
  result = native("+", {first, read(low)}, first.type());
  return true;
}

} // namespace nabla::front
