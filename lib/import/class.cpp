// Which classes generated code can hold, and as what: themselves, where their value is their bytes, or a struct of their
// members, where the class does something that only the primal's own statements may do.
#include "import/class.h"
#include "import/chain.h"
#include "import/complex.h"
#include "import/container.h"
#include "import/handle.h"
#include "import/matrix.h"
#include "import/optional.h"
#include "import/smart.h"
#include "import/targets.h"
#include "import/variant.h"

namespace nabla::front {

namespace {

clang::QualType innermost(clang::QualType t) { return clang::QualType(t->getBaseElementTypeUnsafe(), 0); }

const clang::CXXRecordDecl *class_of(clang::QualType t) {
  auto *cls = innermost(t)->getAsCXXRecordDecl();
  return cls && cls->hasDefinition() ? cls->getDefinition() : nullptr;
}

bool is_user_provided(const clang::CXXMethodDecl *m) { return m && m->isUserProvided(); }

} // namespace

bool is_text(clang::QualType t) {
  auto *cls = t.getNonReferenceType()->getAsCXXRecordDecl();
  return cls && cls->isInStdNamespace() && cls->getIdentifier() && cls->getName() == "basic_string";
}

bool stands_in(clang::QualType t) {
  return !smart_pointer(t).isNull() || is_optional(t) || is_variant(t) || is_std_function(t);
}

namespace {

bool holds(clang::QualType t, llvm::function_ref<bool(clang::QualType)> test,
           std::set<const clang::RecordDecl *> &seen) {
  t = t.getNonReferenceType();
  while (t->isAnyPointerType())
    t = t->getPointeeType();
  t = innermost(t);
  if (test(t))
    return true;
  auto *cls = class_of(t);
  if (!cls || cls->isLambda() || !seen.insert(cls).second)
    return false;
  if (auto *d = dyn_cast<clang::ClassTemplateSpecializationDecl>(cls); d && d->isInStdNamespace()) {
    for (const clang::TemplateArgument &a : d->getTemplateArgs().asArray()) {
      if (a.getKind() == clang::TemplateArgument::Type && holds(a.getAsType(), test, seen))
        return true;
      if (a.getKind() == clang::TemplateArgument::Pack)
        for (const clang::TemplateArgument &each : a.pack_elements())
          if (each.getKind() == clang::TemplateArgument::Type && holds(each.getAsType(), test, seen))
            return true;
    }
    return false;
  }
  return any_part(cls, [&](clang::QualType part) { return holds(part, test, seen); });
}

} // namespace

bool holds(clang::QualType t, llvm::function_ref<bool(clang::QualType)> test) {
  std::set<const clang::RecordDecl *> seen;
  return holds(t, test, seen);
}

bool holds_references(clang::QualType t) {
  auto *cls = class_of(t.getNonReferenceType());
  return cls && !cls->isInStdNamespace() && any_part(cls, [](clang::QualType part) {
           return part->isReferenceType() || part.isConstQualified() || holds_references(part);
         });
}

namespace {

/// Tensors, matrices, and classes of them: generated code keeps them as what they are.
bool is_value_of_library(const clang::CXXRecordDecl *cls) {
  clang::QualType t = cls->getASTContext().getRecordType(cls);
  return is_handle(t) || holds_handles(cls) || !eigen_class(t).empty() || holds_matrices(cls);
}

} // namespace

// ---- Destructors ----------------------------------------------------------------------------------------

bool has_quiet_destructor(const clang::CXXRecordDecl *cls) {
  clang::QualType t = cls->getASTContext().getRecordType(cls);
  if (cls->hasTrivialDestructor() || stands_in(t) || is_text(t) || container_of(t) || chain_of(t) ||
      is_value_of_library(cls))
    return true; // what these own is looked at where it is made
  const clang::CXXDestructorDecl *d = cls->getDestructor();
  if (!d)
    return false;
  if (d->isUserProvided()) {
    const clang::FunctionDecl *definition = nullptr;
    if (!d->hasBody(definition))
      return false;
    auto *body = dyn_cast_or_null<clang::CompoundStmt>(definition->getBody());
    if (!body || !body->body_empty())
      return false;
  }
  return !any_part(cls, [](clang::QualType part) {
    auto *inner = class_of(part);
    return inner && !has_quiet_destructor(inner);
  });
}

// ---- Copying --------------------------------------------------------------------------------------------

bool has_own_copying(const clang::CXXRecordDecl *cls) {
  if (cls->isInStdNamespace() || cls->isLambda() || is_value_of_library(cls))
    return false;
  if (!has_quiet_destructor(cls))
    return true;
  for (const clang::CXXConstructorDecl *c : cls->ctors())
    if (c->isCopyOrMoveConstructor() && is_user_provided(c))
      return true;
  for (const clang::CXXMethodDecl *m : cls->methods())
    if ((m->isCopyAssignmentOperator() || m->isMoveAssignmentOperator()) && is_user_provided(m))
      return true;
  return any_part(cls, [](clang::QualType part) {
    auto *inner = class_of(part);
    return inner && has_own_copying(inner);
  });
}

bool has_own_copying(clang::QualType t) {
  auto *cls = class_of(t);
  return cls && has_own_copying(cls);
}

bool copies_by_code(clang::QualType t) {
  t = innermost(t.getNonReferenceType());
  auto *instance = dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(t->getAsCXXRecordDecl());
  if (!instance || !instance->isInStdNamespace())
    return has_own_copying(t);
  if (!instance->getIdentifier() || !one_of(instance->getNameAsString(), {"pair", "tuple", "array"}))
    return false;
  auto copies = [](const clang::TemplateArgument &a) {
    return a.getKind() == clang::TemplateArgument::Type && copies_by_code(a.getAsType());
  };
  return llvm::any_of(instance->getTemplateArgs().asArray(), [&](const clang::TemplateArgument &a) {
    return a.getKind() == clang::TemplateArgument::Pack ? llvm::any_of(a.pack_elements(), copies) : copies(a);
  });
}

// ---- What the class is ----------------------------------------------------------------------------------

namespace {

/// A class with virtual functions whose value is its members: copied as the language copies.
bool is_plain_but_virtual(const clang::CXXRecordDecl *cls) {
  if (!cls->isPolymorphic() || cls->isInStdNamespace())
    return false;
  for (const clang::CXXConstructorDecl *c : cls->ctors())
    if (c->isCopyOrMoveConstructor() && c->isUserProvided())
      return false;
  for (const clang::CXXMethodDecl *m : cls->methods())
    if ((m->isCopyAssignmentOperator() || m->isMoveAssignmentOperator()) && m->isUserProvided())
      return false;
  for (auto *field : cls->fields()) {
    auto *inner = field->getType()->getBaseElementTypeUnsafe()->getAsRecordDecl();
    if (inner && !(inner->getDefinition() && is_plain(inner->getDefinition())))
      return false;
  }
  return true;
}

} // namespace

bool is_plain(const clang::RecordDecl *rd) {
  if (is_complex(rd->getASTContext().getRecordType(rd)) ||
      is_fixed_matrix(rd->getASTContext().getRecordType(rd)))
    return true;
  if (rd->isUnion() || rd->hasFlexibleArrayMember())
    return false;
  for (auto *field : rd->fields())
    if (field->isBitField() && field->getType()->isRealFloatingType())
      return false;
  auto *cls = dyn_cast<clang::CXXRecordDecl>(rd);
  for (auto *field : rd->fields())
    if (!(cls && cls->isLambda()) &&
        (field->getType()->isReferenceType() || field->getType().isConstQualified()))
      return false;
  if (!cls)
    return true;
  if (holds_handles(cls) || holds_matrices(cls))
    return true;
  if (cls->getNumVBases() || !has_quiet_destructor(cls) ||
      !cls->isPolymorphic() && !cls->hasTrivialDestructor())
    return false;
  bool is_copied_whole = cls->isInStdNamespace() ? cls->hasTrivialCopyConstructor()
                                                 : cls->isTriviallyCopyable() || is_plain_but_virtual(cls);
  for (const clang::CXXBaseSpecifier &base : cls->bases())
    if (!is_plain(base.getType()->getAsRecordDecl()->getDefinition()))
      return false;
  return is_copied_whole;
}

namespace {

bool is_memberwise_field(clang::QualType t) {
  t = innermost(t.getNonReferenceType()).getUnqualifiedType();
  auto *rd = t->getAsRecordDecl();
  if (auto *cls = dyn_cast_or_null<clang::CXXRecordDecl>(rd); cls && cls->isLambda())
    return true;
  if (!rd || container_of(t) || chain_of(t) || is_iterator(t) || stands_in(t) || is_text(t))
    return true;
  return rd->getDefinition() && (is_plain(rd->getDefinition()) || is_memberwise(rd->getDefinition()));
}

/// All its user's functions that make, copy and destroy it can be looked into.
bool is_open(const clang::CXXRecordDecl *cls) {
  auto hidden = [](const clang::CXXMethodDecl *m) { return is_user_provided(m) && !m->hasBody(); };
  for (const clang::CXXConstructorDecl *c : cls->ctors())
    if (c->isCopyOrMoveConstructor() && hidden(c))
      return false;
  for (const clang::CXXMethodDecl *m : cls->methods())
    if ((m->isCopyAssignmentOperator() || m->isMoveAssignmentOperator()) && hidden(m))
      return false;
  return !hidden(cls->getDestructor());
}

} // namespace

bool is_memberwise(const clang::RecordDecl *rd) {
  auto *cls = dyn_cast<clang::CXXRecordDecl>(rd);
  if (!cls || cls->isUnion() || cls->isLambda() || cls->getNumVBases() || cls->hasFlexibleArrayMember())
    return false;
  if (cls->isInStdNamespace()) { // std::pair's assignment does what it should
    if (cls->getIdentifier() && cls->getName() == "reverse_iterator")
      return true; // its one member, copied
    if (cls->isPolymorphic() || is_user_provided(cls->getDestructor()))
      return false;
    for (const clang::CXXConstructorDecl *c : cls->ctors())
      if (c->isCopyOrMoveConstructor() && c->isUserProvided())
        return false;
  } else if (!is_open(cls) || cls->isPolymorphic() && (cls->getNumBases() > 1 || has_own_copying(cls))) {
    return false;
  }
  return !any_part(cls, [&](clang::QualType part) {
    bool is_bound = part->isReferenceType() ||
                    part.isConstQualified() && !is_entry(cls->getASTContext().getRecordType(cls));
    return is_bound && cls->isInStdNamespace() || !is_memberwise_field(part);
  });
}

bool is_memberwise_or_plain(const clang::RecordDecl *rd) { return is_plain(rd) || is_memberwise(rd); }

unsigned field_number(const clang::FieldDecl *field) {
  auto *cls = dyn_cast<clang::CXXRecordDecl>(field->getParent());
  return field->getFieldIndex() + (cls ? cls->getNumBases() : 0);
}

Place base_place(Place object, const clang::CastExpr *to_base) {
  const clang::Expr *from = to_base->getSubExpr();
  auto *cls = from->getType()->isPointerType() ? from->getType()->getPointeeCXXRecordDecl()
                                               : from->getType()->getAsCXXRecordDecl();
  for (const clang::CXXBaseSpecifier *step : to_base->path()) {
    unsigned number = 0;
    for (const clang::CXXBaseSpecifier &base : cls->bases()) {
      if (&base == step)
        break;
      ++number;
    }
    object.path.push_back(Field{number});
    cls = step->getType()->getAsCXXRecordDecl()->getDefinition();
  }
  return object;
}

// ---- Hierarchies ----------------------------------------------------------------------------------------

/// A std::function that takes or gives reals, or a class with one: what it holds may have captured reals.
bool Shared::holds_function_of_reals(clang::QualType t) {
  return holds(t, [&](clang::QualType part) {
    if (!is_std_function(part))
      return false;
    auto *cls = cast<clang::ClassTemplateSpecializationDecl>(class_of(part));
    auto *signature = cls->getTemplateArgs()[0].getAsType()->getAs<clang::FunctionProtoType>();
    return signature &&
           (mentions_reals(signature->getReturnType()) ||
            llvm::any_of(signature->param_types(), [&](clang::QualType p) { return mentions_reals(p); }));
  });
}

bool Shared::touches_reals(clang::QualType t) {
  return mentions_reals(t) || !is_std_function(t) && holds_function_of_reals(t) ||
         holds(t, [&](clang::QualType part) {
           auto *cls = class_of(part);
           return cls && cls->isPolymorphic() && !cls->isInStdNamespace() && object_reals(cls);
         });
}

namespace {

const clang::CXXRecordDecl *root_of(const clang::CXXRecordDecl *cls) {
  while (cls->getNumBases()) {
    const clang::CXXRecordDecl *base = class_of(cls->bases_begin()->getType());
    if (!base || !base->isPolymorphic())
      break;
    cls = base;
  }
  return cls;
}

} // namespace

/// One class that is not plain makes structs of members of all classes that share its root.
bool Shared::is_tagged(const clang::CXXRecordDecl *cls) {
  cls = cls->hasDefinition() ? cls->getDefinition() : nullptr;
  if (!cls || !cls->isPolymorphic() || cls->isInStdNamespace())
    return false;
  const clang::CXXRecordDecl *root = root_of(cls);
  auto [known, is_new] = tagged_.try_emplace(root, !is_plain(root));
  if (is_new)
    for (const clang::CXXRecordDecl *other : targets().derived)
      if (root_of(other) == root && !is_plain(other) && is_memberwise(other))
        known->second = true;
  return known->second && is_memberwise_or_plain(root) && is_memberwise_or_plain(cls);
}

long Shared::class_number(const clang::CXXRecordDecl *cls) {
  const std::vector<const clang::CXXRecordDecl *> &all = targets().classes;
  auto found = std::find(all.begin(), all.end(), cls->getDefinition());
  return found == all.end() ? 0 : found - all.begin() + 1; // an abstract class has no objects of its own
}

Place tag_of(Place object, const clang::CXXRecordDecl *cls) {
  for (const clang::CXXRecordDecl *root = root_of(cls); cls != root;
       cls = class_of(cls->bases_begin()->getType()))
    object.path.push_back(Field{0});
  unsigned last = object.type().members().fields.size() - 1;
  object.path.push_back(Field{last});
  return object;
}

} // namespace nabla::front
