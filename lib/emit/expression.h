// Expressions as C++ text.
//
// In: an immutable tree. Out: the shortest text that C++ reads back as the same tree with the same
// conversions: `a + (b + c)` keeps its parentheses, 0.5 * double(n) loses its cast, a - -b gains parentheses.
#pragma once
#include "emit/names.h"

namespace nabla::emit {

class ExpressionPrinter {
public:
  explicit ExpressionPrinter(const Names &names) : names_(names) {}

  /// Text whose C++ type is exactly the expression's: what a call's argument needs.
  std::string exact(const ir::Ex &e) const;
  /// Text that C++ converts to the expression's type: what an initialiser, an assignment and a return allow.
  std::string converted(const ir::Ex &e) const;
  /// Right side of `x op= e`, x of the expression's type.
  std::string operand(const ir::Ex &e) const;
  std::string condition(const ir::Ex &e) const;
  std::string negated_condition(const ir::Ex &e) const;
  std::string index(const ir::Ex &e) const;
  std::string place(const ir::Place &p) const;
  /// The object that an address points to: what a reference parameter takes.
  std::string object(const ir::Ex &address) const;
  /// Safe between any two pieces of text.
  std::string enclosed(const ir::Ex &e) const;
  /// Left side of a comparison or additive operator: "i", "(a ? b : c)".
  std::string comparand(const ir::Ex &e) const;

private:
  enum Level {
    Lowest,
    Conditional,
    Or,
    And,
    BitOr,
    BitXor,
    BitAnd,
    Equality,
    Relational,
    Shift,
    Additive,
    Multiplicative,
    Unary,
    Primary
  };
  /// How much C++ may convert by itself.
  enum Mode { Exact, Operand, Convert };
  struct Text {
    std::string text;
    Level level;
    bool exact = true; ///< of the expression's type; else the other operand must be
  };
  struct Infix {
    Level level;
    const char *sign;
  };

  Text print(const ir::Ex &e, Mode mode) const;
  Text print_literal(const std::string &spelling, const ir::Type &type, Mode mode) const;
  Text print_address(const ir::Ex &e, const ir::Place &p) const;
  Text print_apply(const ir::Ex &e, const ir::Apply &a, Mode mode) const;
  Text print_native(const ir::Native &n) const;
  Text print_cast(const ir::Ex &e, const ir::Cast &c, Mode mode) const;
  Text print_select(const ir::Select &s) const;
  Text print_minus(const ir::Ex &arg, Mode mode) const;
  Text print_unary(const std::string &sign, const ir::Ex &arg) const;
  Text print_infix(const Infix &op, const ir::Ex &a, const ir::Ex &b) const;
  Text print_call(const std::string &name, const std::vector<ir::Ex> &args) const;
  Text print_condition(const ir::Ex &e) const;
  static std::optional<Infix> infix(const std::string &sign);
  static bool needs_parentheses(const Infix &op, const Text &operand, bool is_right,
                                const std::string &inner_sign);
  static std::string sign_of(const ir::Ex &e);
  static bool may_drop(const ir::Type &from, const ir::Type &to, Mode mode);

  const Names &names_;
};

/// `T(text)` where C++ has that form, else a static_cast (reinterpret_cast, const_cast between pointers).
std::string cast_text(const ir::Type &from, const ir::Type &to, const std::string &text);

} // namespace nabla::emit
