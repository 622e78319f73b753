#include "diff/offset.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;

namespace {

bool is_read_of(const Ex &e, const Var &v) {
  auto *r = std::get_if<Read>(&e->node);
  return r && r->place.root == v && r->place.path.empty();
}

bool mentions(const Ex &e, const Var &v) {
  bool found = false;
  for_each_variable(e, [&](const Var &x) { found |= x == v; });
  return found;
}

/// An integer sum or difference: its operation, or null.
const Native *sum_of(const Ex &e) {
  auto *n = std::get_if<Native>(&e->node);
  return n && e.type().is(Type::Int) && n->args.size() == 2 && (n->op == "+" || n->op == "-") ? n : nullptr;
}

/// (i + 1) + 2 becomes i + 3
std::optional<Ex> fold(const Ex &e) {
  const Native *n = sum_of(e);
  auto by = n ? plain_integer(n->args[1]) : std::nullopt;
  return by ? std::optional(moved(n->args[0], n->op == "+" ? *by : -*by)) : std::nullopt;
}

} // namespace

std::optional<long> plain_integer(const Ex &e) {
  auto *c = std::get_if<Const>(&e->node);
  bool digits = c && e.type().is(Type::Int) && !c->spelling.empty() && c->spelling.size() < 10 &&
                c->spelling.find_first_not_of("0123456789") == std::string::npos;
  return digits ? std::optional(std::stol(c->spelling)) : std::nullopt;
}

Ex moved(Ex e, long by) {
  if (const Native *n = sum_of(e))
    if (auto k = plain_integer(n->args[1])) {
      by += n->op == "+" ? *k : -*k;
      e = n->args[0];
    }
  if (auto k = plain_integer(e); k && *k + by >= 0)
    return constant(*k + by, e.type());
  return by == 0 ? e : by > 0 ? e + constant(by, e.type()) : e - constant(-by, e.type());
}

std::pair<Ex, long> without_constant(const Ex &e) {
  if (auto k = plain_integer(e))
    return {Ex(), *k};
  const Native *n = sum_of(e);
  if (!n)
    return {e, 0};
  auto [x, a] = without_constant(n->args[0]);
  auto [y, b] = without_constant(n->args[1]);
  bool plus = n->op == "+";
  if (y.get() == nullptr)
    return {x, plus ? a + b : a - b};
  if (x.get() == nullptr)
    return plus ? std::pair(y, a + b) : std::pair(e, 0L);
  return {native(n->op, {x, y}, e.type()), plus ? a + b : a - b};
}

Ex without_zero(const Ex &e) {
  auto *sum = std::get_if<Native>(&e->node);
  if (!sum || sum->op != "+")
    return e;
  auto *converted = std::get_if<Cast>(&sum->args[1]->node);
  return plain_integer(converted ? converted->from : sum->args[1]) == 0 ? sum->args[0] : e;
}

bool grows_with(const Ex &e, const Var &v) {
  if (is_read_of(e, v))
    return true;
  const Native *n = sum_of(e);
  if (!n)
    return false;
  const Ex &x = n->args[0], &y = n->args[1];
  if (!mentions(y, v))
    return grows_with(x, v);
  return n->op == "+" && !mentions(x, v) && grows_with(y, v);
}

Ex with_moved(const Ex &e, const Var &v, long by) {
  auto change = [&](const Ex &x) -> std::optional<Ex> {
    return is_read_of(x, v) ? std::optional(moved(x, by)) : std::nullopt;
  };
  return by == 0 ? e : rewrite_up(rewrite(e, change), fold);
}

Place with_moved(const Place &p, const Var &v, long by) {
  return std::get<Read>(with_moved(ir::read(p), v, by)->node).place;
}

} // namespace nabla::diff
