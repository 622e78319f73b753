// Handles: classes whose values have operations of their own, as nabla::Tensor has. A class declares itself one:
//
//   class Tensor { public: using nabla_handle = TensorHandle; ... };   // see nabla/handle.h for what that holds
//   class Scalar { public: using nabla_number = double; ... };         // made from any number, to be an argument of theirs
//
// To the IR a handle is a real that only calls compute. Copies are assignments; what computes one is a call of a function
// that has a rule, or of one that is imported like any other.
#pragma once
#include "import/clang.h"

namespace nabla::front {

/// The class itself, const or not; also several handles in one value: what max(dim) and split() return.
bool is_handle(clang::QualType t);
/// std::vector or std::tuple of handles. To the IR one handle, from which parts are taken by operations.
bool is_bundle(clang::QualType t);
/// std::get<i>, or operator[] or at() of a vector of handles: a part, of which only the value is taken.
bool is_part_access(const clang::FunctionDecl *f);
bool is_number(clang::QualType t);
/// A class template of handles: ArrayRef<Tensor>, std::initializer_list<Tensor>.
bool is_handle_list(clang::QualType t);
/// The type that a handle's nabla_handle calls `guard`, or null.
clang::QualType handle_guard(const clang::CXXRecordDecl *handle);
/// Nothing of its own happens when the class is copied: every part is copied byte by byte, fits, or is such a class again.
/// `found`: one fits.
bool copies_parts(const clang::CXXRecordDecl *cls, bool (*is_part)(clang::QualType), bool &found);
/// A class that is copied member by member and holds a handle: more than bytes, but nothing of its own.
bool holds_handles(const clang::CXXRecordDecl *cls);
/// A constructor or assignment that copies each member, and does nothing else.
bool copies_members(const clang::CXXMethodDecl *m);
/// Is the function one that works on handles: takes one, gives one, or is a method of one?
bool is_operation(const clang::FunctionDecl *f);
/// Does its own pullback take an adjoint for a parameter of this type?
bool has_handle_adjoint(clang::QualType parameter);
/// What an operation takes: a method's object first.
std::vector<clang::QualType> operation_parameters(const clang::FunctionDecl *f);

} // namespace nabla::front
