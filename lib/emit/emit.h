// From IR to C++ text that a person would have written.
#pragma once
#include "ir/ir.h"
#include <functional>

namespace nabla::emit {

struct EmitOptions {
  std::string prefix; ///< before the result type: "static ", "template <> inline "
  std::vector<std::string>
      namespaces;       ///< to open around it, outermost first; "" is an anonymous one, "inline v1" inline
  std::string head;     ///< "gradient of f (user.cpp:3) by x, y": a comment above, one line or more
  bool comments = true; ///< the user's lines as trailing comments
  unsigned width = 100; ///< longer lines are broken
  std::function<bool(const std::string &)> is_macro; ///< names that no variable may get; may be empty
};

/// The definition of the function.
std::string emit(const ir::Function &f, const EmitOptions &options = {});
/// Its declaration, on one line: "namespace a { double f_grad(double x, double *x_bar); }".
std::string declaration(const ir::Function &f, const EmitOptions &options = {});

struct Texts {
  std::string declaration, definition;
};
/// For less than the two of them: long functions are looked through once.
Texts both(const ir::Function &f, const EmitOptions &options);

} // namespace nabla::emit
