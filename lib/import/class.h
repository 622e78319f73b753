// Which classes generated code can hold, and as what (see class.cpp; is_plain and is_memberwise are in shared.h).
#pragma once
#include "import/shared.h"

namespace nabla::front {

/// Is `test` true of a base or a member of the class?
template <class Test> bool any_part(const clang::CXXRecordDecl *cls, const Test &test) {
  for (const clang::CXXBaseSpecifier &base : cls->bases())
    if (test(base.getType()))
      return true;
  for (auto *field : cls->fields())
    if (test(field->getType()))
      return true;
  return false;
}

/// A std::basic_string: as a member it is left out, nobody differentiates by it.
bool is_text(clang::QualType t);
/// A library class whose objects are something else inside: a smart pointer, std::optional, std::variant, std::function.
bool stands_in(clang::QualType t);
/// Is the test true of the type, or of a type that a value of it holds or leads to?
bool holds(clang::QualType t, llvm::function_ref<bool(clang::QualType)> test);
/// Does the class have reference or const members?
bool holds_references(clang::QualType t);
/// Nobody can tell whether an object of it was destroyed.
bool has_quiet_destructor(const clang::CXXRecordDecl *cls);
/// Copying, moving or destroying it runs code of the user's.
bool has_own_copying(const clang::CXXRecordDecl *cls);
bool has_own_copying(clang::QualType t);
/// The same of an object, or of one that a std::pair, tuple or array holds.
bool copies_by_code(clang::QualType t);
bool is_memberwise_or_plain(const clang::RecordDecl *rd);
/// In an object that Shared::is_tagged: the number of the class that it is of, see Shared::class_number.
Place tag_of(Place object, const clang::CXXRecordDecl *cls);

} // namespace nabla::front
