// Destructors that do something: a call where the object's life ends, at the end of its block and before every jump out of
// it. Temporaries end with their statement.
#include "import/body.h"
#include "import/class.h"
#include "import/targets.h"

namespace nabla::front {

namespace {

const clang::CXXRecordDecl *noisy_class(clang::QualType t) {
  if (t->isReferenceType())
    return nullptr;
  auto *cls = t->getBaseElementTypeUnsafe()->getAsCXXRecordDecl();
  return cls && cls->hasDefinition() && !has_quiet_destructor(cls->getDefinition()) ? cls->getDefinition()
                                                                                    : nullptr;
}

bool has_return(const clang::Stmt *s) {
  if (isa<clang::ReturnStmt>(s))
    return true;
  for (const clang::Stmt *child : s->children())
    if (child && !isa<clang::LambdaExpr>(child) && has_return(child))
      return true;
  return false;
}

} // namespace

void Body::begin_life(const Place &object, clang::QualType t, const clang::VarDecl *v) {
  if (auto *cls = noisy_class(t); cls && object.type().is(ir::Type::Record) || cls && t->isArrayType()) {
    if (object.root->kind == Variable::Local)
      escaped_.insert(object.root.get());
    living_.push_back({object, cls, v, captures_, here_});
  }
}

/// `lasts`: as long as the reference that is bound to it, or to a part of it.
void Body::begin_temporary(const Place &object, clang::QualType t, bool lasts) {
  if (auto *cls = noisy_class(t))
    (lasts ? living_ : temporaries_).push_back({object, cls, nullptr, captures_, here_});
}

/// The block ends here: its objects do, the last one first.
void Body::end_lives(std::size_t first) {
  bool is_left = !out_->empty() && (std::holds_alternative<Exit>(out_->back().node) ||
                                    std::holds_alternative<Return>(out_->back().node));
  if (!is_left)
    destroy_down_to(first);
  if (living_.size() > first)
    living_.resize(first);
}

void Body::destroy_down_to(std::size_t first, const clang::VarDecl *but) {
  for (std::size_t i = living_.size(); i-- > first;) {
    if (living_[i].captures > captures_)
      refuse_conditional(living_[i]);
    if (!but || living_[i].variable != but)
      destroy(living_[i].object, living_[i].cls);
  }
}

void Body::refuse_conditional(const Living &temporary) {
  nabla::refuse(Diag::UnsupportedExpression, temporary.at,
                {"a temporary '" + s_.spelling(s_.context.getRecordType(temporary.cls)) +
                     "', whose destructor does something, in a part of an expression that need not run",
                 "give it a name"});
}

void Body::end_temporaries() {
  while (!temporaries_.empty()) {
    Living last = temporaries_.back();
    temporaries_.pop_back();
    if (last.captures != captures_)
      refuse_conditional(last);
    destroy(last.object, last.cls);
  }
}

void Body::destroy(const Place &object, const clang::CXXRecordDecl *cls) {
  if (object.type().is(ir::Type::Array)) {
    for (unsigned long i = object.type().extent(); i-- > 0;)
      destroy(with_step(object, Index{integer(i)}), cls);
    return;
  }
  const clang::CXXDestructorDecl *d = cls->getDestructor();
  const clang::FunctionDecl *body = nullptr;
  if (!d || !d->hasBody(body))
    s_.refuse(Diag::NoBody, cls->getLocation(),
              {s_.spelling(s_.context.getRecordType(cls)) + "'s destructor"});
  if (has_return(body->getBody()))
    s_.refuse(Diag::UnsupportedStatement, body->getLocation(),
              {"a return in a destructor", "write the rest of its body into the other branch"});
  emit(Call{s_.callee(d), {address(object)}, std::nullopt});
}

/// The destructor's effects, then the memory.
void Body::delete_object(const clang::CXXDeleteExpr *d) {
  clang::QualType t = d->getDestroyedType();
  if (type(t, d->getExprLoc()).is(ir::Type::Opaque))
    refuse_expr(d, "delete of this class", "free it in a function marked [[nabla::inactive]]");
  const clang::CXXRecordDecl *cls = noisy_class(t), *of = t->getAsCXXRecordDecl();
  const clang::CXXDestructorDecl *own =
      of && of->hasDefinition() ? of->getDefinition()->getDestructor() : nullptr;
  const bool ends_derived =
      own && own->isVirtual() && llvm::any_of(s_.targets().derived, [&](const clang::CXXRecordDecl *other) {
        return other->isDerivedFrom(of) && noisy_class(s_.context.getRecordType(other));
      });
  if (!cls && !ends_derived)
    return emit(Free{value(d->getArgument()), d->isArrayForm() ? Free::DeleteArray : Free::Delete});
  if (d->isArrayForm() || ends_derived)
    refuse_expr(d, "delete of objects whose destructor does something",
                ends_derived ? "delete it as an object of its own class"
                             : "keep them in variables of their own");
  Ex p = freeze_now(value(d->getArgument()), "deleted");
  Block ends = capture([&] { destroy(deref(p, {}), cls); });
  emit(If{native("!=", {p, zero_of(p.type())}, ir::Type::boolean()), std::move(ends), {}});
  emit(Free{p, Free::Delete});
}

/// After a destructor's own body: the members in reverse order, then the bases.
void Body::destroy_members(const clang::CXXDestructorDecl *d) {
  const clang::CXXRecordDecl *cls = d->getParent();
  std::vector<const clang::FieldDecl *> fields(cls->field_begin(), cls->field_end());
  for (std::size_t i = fields.size(); i-- > 0;)
    if (auto *inner = noisy_class(fields[i]->getType()))
      destroy(with_step(place_of(self_), Field{field_number(fields[i])}), inner);
  unsigned number = cls->getNumBases();
  std::vector<clang::CXXBaseSpecifier> bases(cls->bases_begin(), cls->bases_end());
  for (std::size_t i = bases.size(); i-- > 0;)
    if (--number; auto *inner = noisy_class(bases[i].getType()))
      destroy(with_step(place_of(self_), Field{number}), inner);
}

} // namespace nabla::front
