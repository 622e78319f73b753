// Exceptions that leave the function: what is thrown is text. The gradient throws it where the function does, before any
// adjoint is touched. Those that stay inside are in try.cpp.
#include "import/body.h"

namespace nabla::front {

namespace {

bool is_value(clang::QualType t) { return t->isArithmeticType() || t->isEnumeralType(); }

bool is_text(const clang::Expr *e) {
  while (auto *c = dyn_cast<clang::ImplicitCastExpr>(e = bare(e)))
    e = c->getSubExpr();
  return isa<clang::StringLiteral>(e);
}

} // namespace

void Body::throw_stmt(const clang::CXXThrowExpr *e) {
  if (!e->getSubExpr())
    s_.refuse(Diag::UnsupportedStatement, e->getExprLoc(),
              {"throw; without an object", "catch outside of the differentiated function"});
  if (is_handled(e->getSubExpr()->getType(), "", bare(e->getSubExpr())))
    return;
  Opaque out;
  out.pieces.push_back("throw ");
  const clang::Expr *thrown = bare(e->getSubExpr());
  if (is_value(thrown->getType())) {
    out.pieces.back() += "static_cast<" + s_.spelling(thrown->getType()) + ">(";
    text_of(thrown, out);
    out.pieces.back() += ")";
  } else {
    text_of(thrown, out);
  }
  if (out.pieces.back().back() == '}') { // would look like a block
    out.pieces.front().insert(6, "(");
    out.pieces.back() += ")";
  }
  emit(std::move(out));
}

/// An object that is made of texts and numbers, as the user writes it.
void Body::text_of(const clang::Expr *e, Opaque &out) {
  e = bare(e);
  if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e))
    return text_of(m->getSubExpr(), out);
  if (is_text(e) || is_value(e->getType()))
    return opaque_argument(e, out);
  auto list = [&](const std::string &open, const std::string &close, auto first, auto last) {
    out.pieces.back() += open;
    for (auto i = first; i != last && !isa<clang::CXXDefaultArgExpr>(*i); ++i) {
      out.pieces.back() += i == first ? "" : ", ";
      text_of(cast<clang::Expr>(*i), out);
    }
    out.pieces.back() += close;
  };
  if (auto *c = dyn_cast<clang::CastExpr>(e))
    return text_of(c->getSubExpr(), out);
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(e)) {
    bool copies = c->getNumArgs() == 1 && c->getConstructor()->isCopyOrMoveConstructor();
    if (copies)
      return text_of(c->getArg(0), out);
    return list(s_.spelling(e->getType()) + "(", ")", c->arg_begin(), c->arg_end());
  }
  if (auto *l = dyn_cast<clang::InitListExpr>(e); l && e->getType()->isRecordType())
    return list(s_.spelling(e->getType()) + "{", "}", l->begin(), l->end());
  if (auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
      op && op->getOperator() == clang::OO_Plus && op->getDirectCallee()->isInStdNamespace()) {
    text_of(op->getArg(0), out);
    out.pieces.back() += " + ";
    return text_of(op->getArg(1), out);
  }
  if (auto *c = dyn_cast<clang::CallExpr>(e);
      c && !isa<clang::CXXOperatorCallExpr, clang::CXXMemberCallExpr>(e) && c->getDirectCallee() &&
      c->getDirectCallee()->isInStdNamespace())
    return list("std::" + c->getDirectCallee()->getNameAsString() + "(", ")", c->arg_begin(), c->arg_end());
  refuse_expr(
      e, "this part of an exception",
      "make the exception of literals and numbers, or throw it in a function marked [[nabla::inactive]]");
}

} // namespace nabla::front
