// Statements as lines of C++.
#pragma once
#include "emit/emit.h"
#include "emit/expression.h"
#include "emit/layout.h"
#include "emit/parts.h"
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace nabla::emit {

/// The variables whose value something depends on: compilers warn of the others, `x = x + 1` being no use of
/// x. A null one stands for a record in whose arena something is allocated.
using Used = std::unordered_set<const ir::Variable *>;

/// "double *__restrict x" in a definition.
std::string parameter(const ir::Var &v, const std::string &name);

class StatementPrinter {
public:
  StatementPrinter(const ir::Function &f, const EmitOptions &options, Names &names, Layout &layout);
  void body();
  const Used &used() const { return used_; }

private:
  void in_parts(const Parts &p);
  void block(const ir::Block &b);
  /// A block in braces: `head {` ... `}`. The closing brace is left to the caller.
  void braced(const std::string &head, const ir::Block &b, const std::string &comment);
  void print(const ir::Stmt &s);
  void line(const std::string &text) { layout_.line(depth_, text, std::exchange(comment_, "")); }
  /// The user's line, the first time a statement comes from it.
  std::string comment_of(const ir::Stmt &s);

  void declare(const ir::Declare &d);
  void assign(const ir::Assign &a);
  void add(const ir::Add &a);
  void if_chain(const ir::If &i, const std::string &before);
  void loop(const ir::For &f);
  void scope(const ir::Scope &s);
  void call(const ir::Call &c);
  void allocate(const ir::Allocate &a);
  void free(const ir::Free &f);
  void opaque(const ir::Opaque &o);
  void push(const ir::Push &p);
  void try_block(const ir::Try &t);

  /// `p = ` or, for a variable whose Declare has been held back, `double p = `.
  std::string target(const ir::Place &p);
  std::string written(const ir::Place &p) const;
  /// The value, for a place of type `to`.
  std::string given(const ir::Type &to, const ir::Ex &value) const;
  std::string passed(const ir::Call &c, std::size_t i) const;
  std::string compound(const ir::Assign &a) const;
  std::string call_text(const ir::Call &c) const;
  std::string allocation(const ir::Allocate &a) const;
  std::string initialiser(const ir::Type &t, const std::vector<ir::Ex> &elements, std::size_t &next) const;
  /// "double x", marked and without const as the rest of the function demands; the variable gets its name.
  std::string declarator(const ir::Var &v, bool is_initialised, unsigned writes_here);

  const ir::Function &f_;
  const EmitOptions &options_;
  Names &names_;
  Layout &layout_;
  ExpressionPrinter print_;
  Used used_;
  unsigned depth_ = 1;
  std::string comment_; ///< for the next line
  ir::Var held_;        ///< declared by the very next statement, which writes it
  std::set<std::pair<std::string, unsigned>> commented_;
  std::unordered_set<const ir::Variable *> shared_; ///< by the parts of the function: declared before them
  std::unordered_map<const ir::Variable *, unsigned> writes_; ///< by other statements than their Declare
  std::map<std::string, std::vector<std::string>> labels_;    ///< of open Scopes: label in the text
  std::set<std::string> used_labels_;
};

} // namespace nabla::emit
