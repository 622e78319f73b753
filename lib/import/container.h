// Which classes are containers and iterators, and the places in them.
#pragma once
#include "import/shared.h"

namespace nabla::front {

struct ContainerClass {
  Struct::Container kind;
  clang::QualType element;
};
/// std::vector, std::span or std::initializer_list, or a reference to one.
std::optional<ContainerClass> container_of(clang::QualType t);
/// std::valarray, or a reference to one: a container, too.
bool is_valarray(clang::QualType t);
/// The pointer that an iterator of these stands for; null for other types.
clang::QualType iterator_pointer(clang::QualType t);
bool is_iterator(clang::QualType t);
/// Does the method leave the container's size and the place of its elements alone?
bool keeps_structure(const clang::CXXMethodDecl *m);
/// Is a value of the type, or a member of it, a std::vector: copying it copies the elements?
/// A function of the library, or a method of one of its classes.
inline bool is_of_std(const clang::FunctionDecl *f) {
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  return m ? m->getParent()->isInStdNamespace() : f->isInStdNamespace();
}
bool owns_elements(const ir::Type &t);
/// `{a, b, c}` as an argument for a std::initializer_list.
const clang::InitListExpr *written_list(const clang::Expr *e);
inline bool is_written_list(const clang::Expr *e) { return written_list(e) != nullptr; }

Place part(const Place &container, Struct::Part which);
Place element(const Place &container, Ex at);

} // namespace nabla::front
