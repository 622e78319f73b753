// The call-site form: `nabla::gradient<f>(x, &x_bar)` calls a static member of a class template that the
// header declares, request<Mode, &f, wrt<...>, Signature>; every specialisation that the user's code refers
// to is one request.
#pragma once
#include "pipeline.h"
#include "clang/AST/DeclCXX.h"
#include "clang/Sema/Sema.h"
#include <functional>
#include <set>
#include <vector>

namespace nabla::tool {

struct CallSite {
  clang::CXXMethodDecl *call = nullptr; ///< nabla::detail::request<...>::call, without a body
  const clang::FunctionDecl *primal = nullptr;
  Request::Mode mode = Request::Gradient;
  ir::Directions directions;
  std::vector<bool> wrt;    ///< per parameter of the primal, the object of a method first
  clang::SourceLocation at; ///< where the user calls
};

/// Specialisations that are referred to, have no body and are not in `done`, to which they are added. Reports
/// what cannot be requested.
std::vector<CallSite> find_call_sites(clang::Sema &sema, std::set<const clang::Decl *> &done);

/// "nabla::detail::request<nabla::detail::gradient_mode, &f, nabla::wrt<>>::call"; types are named by
/// `name_of`.
std::string request_name(const CallSite &site, const std::function<std::string(clang::QualType)> &name_of);
/// Why option self-check cannot compare the function's gradient with its pushforward, and what to do; or "".
std::string why_not_checked(const clang::FunctionDecl *primal, const std::vector<bool> &wrt);
/// "&f, nabla::wrt<0, 2>": the arguments that ask for a derivative of a function that is no method.
std::string template_arguments(const clang::FunctionDecl *primal, const std::vector<bool> &wrt);
/// "gradient", "pushforward" ...
std::string mode_name(Request::Mode mode);
/// If the function is request<...>::call: what it stands for.
std::optional<CallSite> read_request(clang::Sema &sema, const clang::FunctionDecl *call);
/// Lets a text define the member which the use has already instantiated the declaration of.
void allow_definition(const CallSite &site);
/// Has the file included <nabla/nabla.h>?
bool has_header(clang::Sema &sema);
/// Is it in nabla.h, or in a header beside that one?
bool is_in_our_headers(clang::Sema &sema, clang::SourceLocation at);
/// The symbol of a function, for an asm label.
std::string symbol_of(const clang::FunctionDecl *function);

} // namespace nabla::tool
