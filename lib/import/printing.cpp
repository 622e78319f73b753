// Printing is carried as text. `printf("%g", x)` -> opaque "printf("%g", ", x, ")"
#include "import/body.h"

namespace nabla::front {

namespace {

bool is_ostream(clang::QualType t) {
  auto *rd = t.getNonReferenceType()->getAsCXXRecordDecl();
  return rd && rd->isInStdNamespace() &&
         (rd->getName() == "basic_ostream" || rd->getName() == "basic_ofstream" ||
          rd->getName() == "basic_ostringstream");
}

/// What a function that is given the pointer may overwrite: a buffer, the count of %n.
std::optional<Place> target(const Ex &pointer) {
  if (auto *a = std::get_if<AddressOf>(&pointer->node)) {
    Place p = a->place;
    if (!p.path.empty() && std::holds_alternative<Index>(p.path.back()))
      p.path.pop_back(); // the whole array
    return p;
  }
  if (auto *r = std::get_if<Read>(&pointer->node))
    return with_step(r->place, Deref{});
  if (auto *n = std::get_if<Native>(&pointer->node);
      n && !n->args.empty() && n->args[0].type().is(ir::Type::Pointer))
    return target(n->args[0]);
  if (auto *c = std::get_if<Cast>(&pointer->node); c && c->from.type().is(ir::Type::Pointer))
    return target(c->from);
  return std::nullopt;
}

} // namespace

/// printf and its kin: carried as text. What reads into variables is refused.
bool Body::printing(const clang::CallExpr *e, const clang::FunctionDecl *f, const std::string &name,
                    std::optional<Ex> &result) {
  if (!f->isVariadic() || f->hasBody())
    return false;
  if (one_of(name, {"scanf", "sscanf", "fscanf", "__isoc99_scanf", "__isoc99_sscanf", "__isoc99_fscanf"}))
    refuse_expr(e, name, "read the input outside of the differentiated function");
  Opaque out;
  out.pieces.push_back(s_.qualified(f) + "(");
  for (unsigned i = 0; i < e->getNumArgs(); ++i) {
    if (i)
      out.pieces.back() += ", ";
    std::size_t before = out.args.size();
    opaque_argument(e->getArg(i), out);
    clang::QualType t = e->getArg(i)->getType();
    bool may_write = t->isPointerType() && !t->getPointeeType().isConstQualified() &&
                     t->getPointeeType()->isIntegralOrEnumerationType() && out.args.size() > before;
    if (!may_write)
      continue;
    if (std::optional<Place> p = target(out.args.back()))
      out.writes.push_back(*p);
    else
      refuse_expr(e->getArg(i), "this buffer", "pass an array or a pointer variable");
  }
  out.pieces.back() += ")";
  emit(std::move(out));
  result = std::nullopt;
  return true;
}

/// Text of an operand that is printed: a literal or a manipulator as written, a value as an argument.
void Body::opaque_argument(const clang::Expr *e, Opaque &out) {
  e = bare(e);
  const clang::Expr *inner = e;
  while (auto *c = dyn_cast<clang::ImplicitCastExpr>(inner))
    inner = bare(c->getSubExpr());
  if (auto *ref = dyn_cast<clang::DeclRefExpr>(inner))
    if (auto *f = dyn_cast<clang::FunctionDecl>(ref->getDecl())) {
      out.pieces.back() += f->isInStdNamespace() ? "std::" + f->getNameAsString() : s_.qualified(f);
      return;
    }
  if (auto *c = dyn_cast<clang::CallExpr>(inner);
      c && c->getDirectCallee() && c->getType()->isRecordType() && c->getDirectCallee()->isInStdNamespace()) {
    out.pieces.back() += s_.qualified(c->getDirectCallee()) + "("; // std::setprecision(6)
    for (unsigned i = 0; i < c->getNumArgs(); ++i) {
      out.pieces.back() += i ? ", " : "";
      opaque_argument(c->getArg(i), out);
    }
    out.pieces.back() += ")";
    return;
  }
  if (auto *text = dyn_cast<clang::StringLiteral>(inner)) {
    llvm::raw_string_ostream os(out.pieces.back());
    text->outputString(os);
    return;
  }
  if (auto *v = named_variable(inner); v && v->hasGlobalStorage() && is_ostream(v->getType())) {
    out.pieces.back() += s_.qualified(v);
    return;
  }
  if (inner->getType()->isRecordType() && !isa<clang::DeclRefExpr>(inner))
    refuse_expr(e, "printing an object of this class",
                "print its members, or do it in a function marked [[nabla::inactive]]");
  bool outer = for_reading_;
  for_reading_ = true;
  std::size_t mark = out_->size();
  Ex v = operand(e);
  for_reading_ = outer;
  for (Ex &earlier : out.args)
    protect(earlier, mark);
  out.args.push_back(v);
  out.pieces.emplace_back();
}

/// std::cout << a << "b" << std::endl
bool Body::stream(const clang::CallExpr *e) {
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  if (!op || op->getOperator() != clang::OO_LessLess || !is_ostream(e->getType()) || !op->getDirectCallee())
    return false;
  Opaque out;
  out.pieces.push_back("");
  if (!stream_pieces(e, out))
    return false;
  emit(std::move(out));
  return true;
}

bool Body::stream_pieces(const clang::Expr *e, Opaque &out) {
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(bare(e));
  if (!op || op->getOperator() != clang::OO_LessLess || !is_ostream(op->getType())) {
    opaque_argument(e, out);
    return true;
  }
  stream_pieces(op->getArg(0), out);
  out.pieces.back() += " << ";
  opaque_argument(op->getArg(1), out);
  return true;
}

namespace {

bool is_stream(clang::QualType t) {
  auto *rd = t.getNonReferenceType()->getAsCXXRecordDecl();
  return rd && rd->isInStdNamespace() && rd->getName().ends_with("stream");
}

} // namespace

/// std::cout.precision(17); and the like: text, no derivative.
bool Body::opaque_member_call(const clang::CXXMemberCallExpr *e) {
  const clang::Expr *object = bare(e->getImplicitObjectArgument());
  while (auto *c = dyn_cast<clang::ImplicitCastExpr>(object))
    object = bare(c->getSubExpr());
  if (!is_stream(object->getType()) &&
      !(object->getType()->isPointerType() && is_stream(object->getType()->getPointeeType())))
    return false;
  Opaque out;
  out.pieces.push_back("");
  opaque_argument(object, out);
  out.pieces.back() +=
      (object->getType()->isPointerType() ? "->" : ".") + e->getMethodDecl()->getNameAsString() + "(";
  for (unsigned i = 0; i < e->getNumArgs(); ++i) {
    if (isa<clang::CXXDefaultArgExpr>(e->getArg(i)))
      break;
    if (i)
      out.pieces.back() += ", ";
    opaque_argument(e->getArg(i), out);
  }
  out.pieces.back() += ")";
  emit(std::move(out));
  return true;
}

} // namespace nabla::front
