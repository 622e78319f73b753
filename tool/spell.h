// Types as the generated text spells them, and the adjoint type of each (API.md, section 2).
#pragma once
#include "clang/AST/ASTContext.h"
#include <string>
#include <vector>

namespace nabla::tool {

/// Does a value of this type hold reals, or lead to some? A type that depends on a template parameter is
/// taken to.
bool holds_reals(clang::QualType type);

/// adjoint_t: without const at every level.
clang::QualType adjoint_type(clang::QualType type, clang::ASTContext &context);
/// The parameter that carries the adjoint of a parameter of this type: `T` -> `T *`, `const T *` -> `T *`, `T
/// &` -> `T &`.
clang::QualType adjoint_parameter(clang::QualType parameter, clang::ASTContext &context);

/// The tangent of a parameter: its own type, without const at the top.
clang::QualType tangent_type(clang::QualType parameter);
/// nabla::dual<R>, what a pushforward returns; R itself where it holds no reals, or without the header.
clang::QualType dual_type(clang::QualType result, clang::ASTContext &context);

/// "const ns::S *", canonical and fully qualified; `name` is put where a declarator has it.
std::string spell(clang::QualType type, clang::ASTContext &context, const std::string &name = "");
/// "double f_grad(double x, double *x_bar)".
std::string spell_signature(const clang::FunctionDecl *function, const std::string &name);
/// "ns::f<double>": how text at global scope names a function.
std::string spell_name(const clang::FunctionDecl *function);
/// "f<double>": without the scopes around it.
std::string spell_local_name(const clang::FunctionDecl *function);
/// "&ns::f<double>", with a cast where the name stands for several functions; `class_name`: how to write a method's class.
std::string spell_address(const clang::FunctionDecl *function, const std::optional<std::string> &class_name);
/// Enclosing namespaces, outermost first; "" is an anonymous one, "inline v1" an inline one.
std::vector<std::string> namespaces_of(const clang::Decl *decl);

} // namespace nabla::tool
