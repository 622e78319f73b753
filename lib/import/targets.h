// What a call through an object, a function pointer or a std::function may lead to in this translation unit.
#pragma once
#include "import/clang.h"
#include <set>
#include <vector>

namespace nabla::front {

struct Targets {
  std::vector<const clang::CXXRecordDecl *> classes; ///< with virtual functions, that objects may be of
  std::vector<const clang::CXXRecordDecl *> derived; ///< all that have bases
  std::set<const clang::CXXRecordDecl *>
      downcast; ///< objects of which are taken for objects of a derived class
  std::vector<const clang::FunctionDecl *> functions; ///< whose address is taken; methods, too
};
Targets find_targets(clang::ASTContext &context);

/// What this file puts into a std::function of that class: closures, function objects, pointers.
std::vector<clang::QualType> held_types(const clang::CXXRecordDecl *function_class);
bool is_std_function(clang::QualType t);
/// The functions or methods that a pointer of this type may lead to: those whose address is taken in this file.
std::vector<const clang::FunctionDecl *> functions_of(const Targets &all, clang::QualType pointer,
                                                      const clang::ASTContext &context);

} // namespace nabla::front
