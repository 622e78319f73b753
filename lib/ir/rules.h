// What the compiler knows of a primitive: the columns of runtime/nabla/rules.def, and its partials as
// expressions.
//
//   partial(Rule::mul, 0, {x, y}, r)    y
//   read_set(Rule::tanh, 0)             {r}: 1 - r * r
#pragma once
#include "ir/ir.h"
#include <string_view>

namespace nabla::ir {

struct RuleInfo {
  const char *name;     ///< "sin", "add"
  const char *spelling; ///< how C++ writes it: "std::sin", "+"
  unsigned arity;
  bool infix;    ///< spelling is an operator (neg's is a prefix)
  bool singular; ///< a partial can be infinite or NaN: adjoints pass it through guarded(adjoint, partial)
  bool integer_second; ///< the second argument is an integer and has no partial (ldexp, polygamma)
  int cost;            ///< in additions
};
const RuleInfo &info(Rule rule);
inline unsigned arity(Rule rule) { return info(rule).arity; }

/// The row of that name ("sin"), or spelled so ("std::sin", "nabla::digamma").
std::optional<Rule> rule_named(std::string_view name);
std::optional<Rule> rule_spelled(std::string_view spelling, unsigned arity);

/// The derivative of the row by an argument: an expression in the arguments and the result. A literal zero
/// where there is none (floor, the integer argument of ldexp).
Ex partial(Rule rule, unsigned arg, const std::vector<Ex> &args, const Ex &result);

/// What a partial reads: the arguments x, y, z and the result r. Computed from the row.
struct ReadSet {
  bool x = false, y = false, z = false, r = false;
  bool arg(unsigned i) const { return i == 0 ? x : i == 1 ? y : z; }
};
ReadSet read_set(Rule rule, unsigned arg);

} // namespace nabla::ir
