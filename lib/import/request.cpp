// What a function that derivatives are asked of must be like: generated functions take its parameters as they are.
#include "import/body.h"
#include "import/class.h"
#include "import/container.h"
#include "import/matrix.h"
#include "import/optional.h"
#include "import/smart.h"
#include "import/targets.h"
#include "import/variant.h"
#include "ir/walk.h"

namespace nabla::front {

namespace {

/// The type as its user knows it: a closure or a local class has a name of ours in texts.
std::string shown(Shared &s, clang::QualType t) {
  std::string text = s.spelling(t);
  return text.find("__nabla_") == std::string::npos ? text : t.getAsString(s.policy());
}

/// Generated code reads the captures where the closure keeps them, so they must be what the closure has.
void refuse_captures(Shared &s, const clang::CXXRecordDecl *closure) {
  auto is_kept_otherwise = [](clang::QualType part) { return stands_in(part) && !is_std_function(part); };
  for (const clang::FieldDecl *field : closure->fields()) {
    clang::QualType t = field->getType();
    if (s.type(t, field->getLocation()).has_outside() || holds(t, is_kept_otherwise))
      s.refuse(Diag::UnsupportedType, field->getLocation(),
               {shown(s, t.getNonReferenceType().getUnqualifiedType()),
                "capture a pointer to what it holds, [p = v.data()], or pass it as a parameter"});
  }
}

/// What callers own in ways that generated code cannot follow.
void refuse_owned(Shared &s, clang::QualType t, clang::SourceLocation at) {
  auto refuse = [&](const char *advice) { s.refuse(Diag::UnsupportedType, at, {shown(s, t), advice}); };
  auto is_chain = [](clang::QualType part) { return chain_of(part).has_value(); };
  auto is_of_constants = [&](clang::QualType part) {
    clang::QualType pointer = smart_pointer(part);
    return !pointer.isNull() && pointer->getPointeeType().isConstQualified() && s.mentions_reals(pointer);
  };
  if (holds(t, is_of_constants))
    refuse("its adjoint would be const: let it own an object that is not, or take a reference to the object");
  if (auto chain = chain_of(t)) {
    if (holds(chain->value, is_chain))
      refuse(
          "the inner containers lie behind others: take a std::vector of them apart, or fill them inside of "
          "the function");
    if (chain->is_associative() && s.mentions_reals(key_class(*chain)))
      refuse("its keys are reals, which cannot have adjoints in place: take a std::vector of pairs");
  } else if (holds(t, is_chain)) {
    refuse("take the std::deque, list or map as a parameter of its own, or fill it inside of the function");
  }
}

/// A parameter's type, or that of a method's object, that generated functions cannot take.
void refuse_parameter(Shared &s, clang::QualType t, clang::SourceLocation at) {
  auto refuse = [&](const char *advice) { s.refuse(Diag::UnsupportedType, at, {shown(s, t), advice}); };
  if (t->isRValueReferenceType() && s.mentions_reals(t))
    refuse("take it by value or by reference");
  clang::QualType object = t.getNonReferenceType();
  if (is_handle(object) || is_handle(object->getPointeeType())) // its members are nobody's business
    return;
  auto *cls = object->getAsCXXRecordDecl();
  if (cls && cls->isLambda())
    return refuse_captures(s, cls);
  if (llvm::StringRef view = eigen_class(object); view == "Ref" || view == "Map")
    return refuse("take a const Eigen::MatrixXd & or VectorXd &, or a pointer to the numbers and make the "
                  "Eigen::Map of it "
                  "inside of the function");
  if (cls && cls->hasDefinition() && !cls->isInStdNamespace()) {
    if (holds_references(t))
      refuse("generated code has its own layout of such a class: build the object inside of the function, or "
             "pass its parts");
    if (!t->isReferenceType() && has_own_copying(object))
      refuse("take it by reference");
  }
  if (!s.context.getLangOpts().RTTI && !is_std_function(object) && holds(t, is_std_function))
    refuse("what a std::function in it holds is known with run-time type information (-frtti) alone");
  if (holds(t, [&](clang::QualType part) {
        auto *inner = part->getAsCXXRecordDecl();
        return inner && s.is_tagged(inner);
      }))
    refuse(
        "a class of its hierarchy holds containers, smart pointers or strings: build the objects inside of "
        "the function");
  refuse_owned(s, object, at);
  if (is_iterator(t))
    refuse("take the container, or pointers to its elements");
  for (clang::QualType part = t; part->isAnyPointerType() || part->isReferenceType();) {
    part = part->getPointeeType();
    if (part.isVolatileQualified() && s.mentions_reals(part))
      refuse("take it without volatile");
  }
}

} // namespace

void Shared::check_request(const clang::FunctionDecl *f) {
  for (const clang::ParmVarDecl *p : f->parameters())
    refuse_parameter(*this, p->getType(), p->getLocation());
  if (has_object(f)) {
    clang::QualType object = context.getRecordType(cast<clang::CXXMethodDecl>(f)->getParent());
    if (type(object, f->getLocation()).has_outside() || object->getAsCXXRecordDecl()->isLambda())
      refuse_parameter(*this, context.getLValueReferenceType(object), f->getLocation());
  }
  if (holds(f->getReturnType(), stands_in) || has_own_copying(f->getReturnType().getNonReferenceType()))
    refuse(Diag::UnsupportedType, f->getLocation(),
           {spelling(f->getReturnType()), "return the value itself"});
}

} // namespace nabla::front
