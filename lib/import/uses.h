// What a piece of code uses, and expressions without the wrappers that mean nothing.
#pragma once
#include "import/shared.h"

namespace nabla::front {

/// Which variables a piece of code writes, and which it lets escape (address taken, bound to a reference,
/// captured).
struct Uses {
  std::set<const clang::VarDecl *> written, escaped;
  bool changes(const clang::VarDecl *v) const { return written.count(v) || escaped.count(v); }
};
void find_uses(const clang::Stmt *s, Uses &uses);
Uses uses_of(const clang::Stmt *s);
/// The expression without parentheses, cleanups and other wrappers that mean nothing.
const clang::Expr *bare(const clang::Expr *e);
/// The same without temporaries, casts that change nothing, and constructions that `is_copy` says are copies.
const clang::Expr *bare(const clang::Expr *e,
                        llvm::function_ref<bool(const clang::CXXConstructExpr *)> is_copy);
/// What a closure or a std::function is made of, without the conversions and moves on the way.
const clang::Expr *without_casts(const clang::Expr *e);
/// The one operator() of the class that takes arguments of these types as they are, or null.
const clang::CXXMethodDecl *call_for(const clang::CXXRecordDecl *cls, llvm::ArrayRef<clang::QualType> types);
/// Numbers, and pairs and tuples of them: their order is the language's, or the library's.
bool has_natural_order(clang::QualType t);
/// The same, and classes of such members whose <=> is defaulted.
bool is_compared_by_members(clang::QualType t);
/// Are these std::tie(...) and another one?
bool are_tied(const clang::Expr *a, const clang::Expr *b);
/// A struct value without casts that only add const.
const clang::Expr *without_qualification(const clang::Expr *e);
/// An object without the const that an argument's binding adds.
const clang::Expr *named_object(const clang::Expr *e);
/// The variable that `e` names directly, or null.
const clang::VarDecl *named_variable(const clang::Expr *e);

} // namespace nabla::front
