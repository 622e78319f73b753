// Methods: the pipeline's function takes the object as its first parameter and the object's adjoint as the
// first adjoint; a companion is a member, and the object's adjoint comes last (API.md, section 2). One calls
// the other.
#pragma once
#include "clang/AST/Decl.h"
#include <string>

namespace nabla::tool {

struct Forwarding {
  const clang::FunctionDecl *target = nullptr; ///< the member, or request<...>::call, to define
  std::string prefix, name;                    ///< how the definition begins and what it is called
  std::string helper;                          ///< the pipeline's function
  unsigned before = 0;                         ///< parameters of the target that come before the adjoints
  bool by_object = false;                      ///< the last adjoint is the object's
};

/// "inline double C::m_grad(double x, double *x_bar) const { return helper(*this, x, x_bar); }"
std::string forwarding_text(const Forwarding &forwarding);

} // namespace nabla::tool
