// Containers whose elements keep their addresses: std::deque, list, map, set, unordered_map, unordered_set.
#pragma once
#include "import/clang.h"
#include "ir/ir.h"
#include <optional>

namespace nabla::front {

struct ChainClass {
  enum Kind { Deque, List, Ordered } kind;
  clang::QualType value;      ///< what an iterator leads to
  bool has_mapped = false;    ///< a map: `value` is a pair
  bool has_order = true;      ///< false: the library chooses the order of iteration
  bool is_descending = false; ///< std::greater
  bool is_associative() const { return kind == Ordered; }
};
/// An instance of one of these templates of the library's.
bool is_std(clang::QualType t, std::initializer_list<const char *> names);
/// One of these rules, std::less and its kin, for just these objects: not one that converts them first.
bool is_rule_of(clang::QualType rule, std::initializer_list<const char *> names, clang::QualType of);
/// One of these classes, or a reference to one.
std::optional<ChainClass> chain_of(clang::QualType t);
/// The class whose iterator this is, as far as its elements tell.
std::optional<ChainClass> chain_of_iterator(clang::QualType t);
/// Does the method leave the elements where they are, and their number?
bool keeps_chain(const clang::CXXMethodDecl *m);
/// Of one with keys.
clang::QualType key_class(const ChainClass &c);
/// What stands for a string as a key of a map.
ir::Type text_key_type();
/// A key and a value in a map.
bool is_entry(clang::QualType t);

/// Parts of what stands for them: those of a container, whose elements are pointers, then the end of the list.
struct ChainPart {
  enum : unsigned { End = 3 };
  enum : unsigned { Value, Previous, Next }; ///< of a node
};

/// The members and elements of a key, the one that decides first in front.
std::vector<ir::Step> ordered_parts(const ir::Type &t);

} // namespace nabla::front
