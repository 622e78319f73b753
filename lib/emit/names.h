// Unique names for variables, scope by scope.
//
// In: wished-for names ("i", "x_bar"). Out: the wish, or wish_1, wish_2 ... where it is a keyword, hides a
// name that the text mentions (a callee, a type, std), or belongs to another variable visible there. Two
// loops one after the other may both use `i`.
#pragma once
#include "ir/ir.h"
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace nabla::emit {

class Names {
public:
  /// Collects the names that the function's text mentions and no variable of it may have.
  /// `is_macro`, where it is set, tells of more that none may have.
  explicit Names(const ir::Function &f, std::function<bool(const std::string &)> is_macro = {});
  void reserve(const std::string &name) { taken_.insert(name); }
  void open();
  void close();
  /// Gives the variable its name, valid until the scope closes.
  const std::string &declare(const ir::Var &v);
  /// A name for what is no variable (a label, a counter).
  std::string declare(const std::string &wish);
  std::string operator()(const ir::Var &v) const;
  /// The visible variable of this type (or a reference to it) declared last; null if there is none.
  ir::Var visible_of_type(const std::string &spelling) const;

private:
  struct Scope {
    std::vector<std::string> names;
    std::vector<ir::Var> variables;
  };
  std::string free_name(const std::string &wish);
  std::function<bool(const std::string &)> is_macro_;
  std::unordered_set<std::string> taken_; ///< by the text, for good
  std::unordered_multiset<std::string> visible_;
  std::unordered_map<std::string, unsigned>
      next_; ///< by wish: all lower numbers belong to visible variables, or are taken
  std::unordered_map<const ir::Variable *, std::string> name_;
  std::vector<Scope> scopes_;
};

/// The identifiers in a piece of C++ text that a variable could hide: not those after `::`, `.` or `->`, nor
/// in literals.
void collect_identifiers(const std::string &text, std::unordered_set<std::string> &out);

} // namespace nabla::emit
