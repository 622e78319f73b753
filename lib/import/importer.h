// Clang AST -> IR. What goes in: a FunctionDecl with a body. What comes out: an ir::Function, or a Refusal at
// the user's own token. Example: `double f(double x) { return x * x; }` -> f(x) { return mul(x, x); }
#pragma once
#include "ir/diagnostic.h"
#include "ir/ir.h"
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace clang {
class ASTContext;
class CXXRecordDecl;
class FunctionDecl;
class QualType;
class SourceLocation;
class TagDecl;
} // namespace clang

namespace nabla::front {

/// A generated function that user code calls, before it has a body.
struct DerivativeOf {
  const clang::FunctionDecl *primal;
  ir::Derivative::Mode mode;
  std::vector<bool> wrt;
  ir::Directions directions;
  std::string request; ///< request<...>::call as generated text spells it; empty for a companion
};

/// The qualified name as it is spelled where what nabla declares is found first: "::im" for a user's function im.
std::string unambiguous(clang::ASTContext &context, const std::string &name);
/// std::string where the text names std::basic_string<char>.
std::string with_string(std::string text);
/// "<double, 3>" of an instance of a function template, or empty. `alias`: of a type that has no name at file scope, or "".
using AliasOf = std::function<std::string(clang::QualType)>;
std::string template_arguments(const clang::FunctionDecl *f, const clang::PrintingPolicy &policy,
                               const AliasOf &alias = {});
/// "&ns::f<double>", with a cast where the name stands for several functions. `class_name`: how to write a method's class.
std::string function_address(const clang::FunctionDecl *f, const clang::PrintingPolicy &policy,
                             const std::optional<std::string> &class_name);

/// What marks say about functions; filled by the attribute handlers of plugin and tool (canonical
/// declarations).
struct Marks {
  virtual ~Marks() = default;
  virtual bool is_promised(const clang::FunctionDecl *) const = 0; ///< carries gradient/pullback/... anywhere
  virtual unsigned
  promised_order(const clang::FunctionDecl *) const = 0;           ///< [[nabla::gradient(order = 2)]]: 2
  virtual bool is_inactive(const clang::FunctionDecl *) const = 0; ///< [[nabla::inactive]] function
  virtual bool is_inactive_param(const clang::FunctionDecl *, unsigned index) const = 0;
  virtual bool may_alias(const clang::FunctionDecl *) const = 0;
  /// The user's [[nabla::pullback_of(f)]] rule for f, or null.
  virtual const clang::FunctionDecl *own_pullback(const clang::FunctionDecl *) const = 0;
  /// The user's [[nabla::pushforward_of(f)]] rule for f, or null.
  virtual const clang::FunctionDecl *own_pushforward(const clang::FunctionDecl *) const = 0;
  /// Is it a companion, or what a call of nabla::gradient<f> and its kin ends in?
  virtual std::optional<DerivativeOf> derivative(const clang::FunctionDecl *) const = 0;
};

class Importer {
public:
  Importer(clang::ASTContext &context, const Marks &marks);
  ~Importer();
  /// One CalleeRef per canonical declaration (stable: same pointer each time), kind decided by Marks and
  /// body.
  ir::CalleeRef callee(const clang::FunctionDecl *f);
  /// The same for a function that is differentiated by name. Throws Refusal where a generated one cannot take its
  /// parameters.
  ir::CalleeRef requested(const clang::FunctionDecl *f);
  /// What the user declares as the adjoint of a global: the name of `total_bar`, or empty.
  std::string adjoint_of_global(const std::string &name);
  /// The declaration behind a CalleeRef, and back-door for the tool's texts.
  const clang::FunctionDecl *declaration(const ir::CalleeRef &) const;
  /// Imports the body; cached by the caller. Throws Refusal. Never crashes: an unknown AST node is refused.
  ir::Function import(const ir::CalleeRef &);
  ir::Type type(clang::QualType t,
                clang::SourceLocation at);  ///< throws Refusal for types that hold reals in unsupported ways
  ir::Loc loc(clang::SourceLocation) const; ///< expansion location: the user's own token
  /// Local classes and closures that the IR names by an alias ("__nabla_T0"): the plugin declares these at
  /// file scope.
  const std::vector<std::pair<std::string, const clang::TagDecl *>> &local_types() const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace nabla::front
