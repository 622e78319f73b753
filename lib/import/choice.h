// Calls whose target is known only at run time: what generated code chooses among.
#pragma once
#include "import/shared.h"
#include <functional>

namespace nabla::front {

/// One way through a choice by number.
struct Branch {
  unsigned last; ///< number of its target, the last one where several lead to the same
  std::function<void()> make;
};

/// What the classes of this file run for a virtual function.
struct Overriders {
  const clang::CXXRecordDecl *base;
  std::vector<CalleeRef> callees;
  std::vector<std::vector<const clang::CXXRecordDecl *>> classes; ///< that run it, per callee
};

/// What a pointer to functions or methods may lead to.
struct KnownTarget {
  const clang::FunctionDecl *function;
  CalleeRef callee;         ///< the body: of a lambda that was converted to such a pointer, its operator()
  std::string address;      ///< as text
  std::string closure;      ///< the lambda's type, as text
  std::optional<Rule> rule; ///< of <cmath>
};

/// What a std::function may hold: a function object or, then with the pointer's type, pointers to these targets.
struct HeldFunction {
  std::string type;
  clang::QualType pointer;
  std::vector<KnownTarget> targets;
};

/// What a std::function that the function keeps as a number may hold.
struct HeldTarget {
  const clang::CXXRecordDecl *closure = nullptr; ///< of a lambda or another function object
  const clang::FunctionDecl *function = nullptr;
};
/// The operator() that a std::function with these parameters runs: the only one, or the one that takes just these.
const clang::CXXMethodDecl *held_operator(const clang::CXXRecordDecl *cls,
                                          const std::vector<clang::QualType> &types);

} // namespace nabla::front
