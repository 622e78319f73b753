// Building expressions: derivative algebra on Ex reads like the mathematics it is.
//
//   Ex d = 1 / (2 * sqrt(read(x)));
//
// Operators and functions fold what derivatives are full of (0 + x, 1 * x, 0 * x, x * -y ...): they are for
// expressions that the differentiator makes. The user's own expressions are kept as they are: build those
// with `apply`.
#pragma once
#include "ir/ir.h"

namespace nabla::ir {

// ---- Leaves
// ---------------------------------------------------------------------------------------------------

/// A number as literal of a real (shortest spelling that reads back the same, "0.5f", "0.5L"), integer or
/// bool type. A negative one is the negation of a literal.
Ex constant(long double value, const Type &type);
/// The same in the type of `like`.
Ex constant(const Ex &like, long double value);
/// What a use of the variable denotes: through the reference if it is one.
Place place(const Var &v);
Place index(Place array, Ex at);
Place field(Place object, unsigned number);
bool is_bit_field(const Place &p);
/// The scalars that an object consists of; nothing if there are others, or more than that.
std::optional<std::vector<Place>> scalars_of(const Place &object, std::size_t most);
/// `*p`, or `p[offset]`, of the pointer in a variable or place.
Place deref(Place pointer, Ex offset = {});
Place deref(const Var &pointer, Ex offset = {});
Ex read(const Place &p);
Ex read(const Var &v);
Ex address_of(const Place &p);

// ---- Nodes, as they are
// ---------------------------------------------------------------------------------------

/// A row applied, nothing folded. The type is that of the first argument.
Ex apply(Rule rule, std::vector<Ex> args);
/// The expression itself if it has that type already (const aside). A cast literal becomes a literal.
Ex cast(const Ex &e, const Type &to);
Ex select(const Ex &cond, const Ex &yes, const Ex &no);

// ---- Questions
// ------------------------------------------------------------------------------------------------

/// The value of a numeric literal, also of a negated one.
std::optional<long double> literal_value(const Ex &e);
bool is_zero(const Ex &e); ///< a literal 0
bool is_one(const Ex &e);  ///< a literal 1

// ---- Arithmetic, folding
// -------------------------------------------------------------------------------------- On reals a row, else
// (integers, pointers) a Native. A bare number takes the other side's type.

Ex operator-(const Ex &x);
Ex operator+(const Ex &x, const Ex &y);
Ex operator-(const Ex &x, const Ex &y);
Ex operator*(const Ex &x, const Ex &y);
Ex operator/(const Ex &x, const Ex &y);
inline Ex operator+(const Ex &x, double y) { return x + constant(x, y); }
inline Ex operator-(const Ex &x, double y) { return x - constant(x, y); }
inline Ex operator*(const Ex &x, double y) { return x * constant(x, y); }
inline Ex operator/(const Ex &x, double y) { return x / constant(x, y); }
inline Ex operator+(double x, const Ex &y) { return constant(y, x) + y; }
inline Ex operator-(double x, const Ex &y) { return constant(y, x) - y; }
inline Ex operator*(double x, const Ex &y) { return constant(y, x) * y; }
inline Ex operator/(double x, const Ex &y) { return constant(y, x) / y; }

// ---- Conditions: of type bool
// ---------------------------------------------------------------------------------

Ex operator==(const Ex &x, const Ex &y);
Ex operator!=(const Ex &x, const Ex &y);
Ex operator<(const Ex &x, const Ex &y);
Ex operator<=(const Ex &x, const Ex &y);
Ex operator>(const Ex &x, const Ex &y);
Ex operator>=(const Ex &x, const Ex &y);
inline Ex operator==(const Ex &x, double y) { return x == constant(x, y); }
inline Ex operator!=(const Ex &x, double y) { return x != constant(x, y); }
inline Ex operator<(const Ex &x, double y) { return x < constant(x, y); }
inline Ex operator<=(const Ex &x, double y) { return x <= constant(x, y); }
inline Ex operator>(const Ex &x, double y) { return x > constant(x, y); }
inline Ex operator>=(const Ex &x, double y) { return x >= constant(x, y); }
Ex operator&&(const Ex &x, const Ex &y);
Ex operator||(const Ex &x, const Ex &y);
Ex operator!(const Ex &x);
/// cond ? 1 : 0 in x's type.
Ex indicator(const Ex &x, const Ex &cond);

// ---- Every row of the table as a function: exp(x), pow(x, y), guarded(d, p), polygamma(x, n) ...
// --------------- neg, add, sub, mul and div are the operators above.

#define NABLA_RULE1(NAME, ...) Ex NAME(const Ex &x);
#define NABLA_RULE2(NAME, ...) Ex NAME(const Ex &x, const Ex &y);
#define NABLA_RULE3(NAME, ...) Ex NAME(const Ex &x, const Ex &y, const Ex &z);
#define NABLA_RULEN(NAME, ...)                                                                               \
  Ex NAME(const Ex &x, const Ex &n);                                                                         \
  inline Ex NAME(const Ex &x, int n) { return NAME(x, constant(n, Type::integer())); }
#include <nabla/rules.def>

} // namespace nabla::ir
