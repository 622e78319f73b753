// What evaluating an expression may change: looked up in the bodies of what it calls.
#pragma once
#include "import/shared.h"

namespace nabla::front {

struct Changes {
  std::set<const clang::VarDecl *> variables;
  bool unknown = false; ///< objects that are reached through pointers, or that nobody can name
  bool any() const { return unknown || !variables.empty(); }
};

Changes changes_of(const clang::Expr *e);
/// Can the changes be seen by what evaluates `e`, or reads the object that it is?
bool is_seen(const Changes &changes, const clang::Stmt *e);
/// The variable that an object is, or is a part of; null for what is reached through a pointer or given by a call.
const clang::VarDecl *variable_of(const clang::Expr *object);

} // namespace nabla::front
