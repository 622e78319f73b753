// Jumps forward. `goto done; ... done: ...` -> a scope that ends at the label, and an exit from it.
#include "import/body.h"
#include "ir/walk.h"

namespace nabla::front {

namespace {

bool jumps_to(const clang::Stmt *s, const clang::LabelDecl *label) {
  if (auto *jump = dyn_cast<clang::GotoStmt>(s))
    return jump->getLabel() == label;
  for (const clang::Stmt *child : s->children())
    if (child && jumps_to(child, label))
      return true;
  return false;
}

/// The first statement that leaves the scope: declarations before it stay outside.
std::size_t first_exit(const Block &body, const std::string &label) {
  auto leaves = [&](const ir::Stmt &s) {
    bool found = false;
    auto look = [&](const ir::Stmt &inner) {
      auto *x = std::get_if<Exit>(&inner.node);
      found = found || (x && x->label == label);
    };
    look(s);
    for_each_block(s, [&](const Block &b) { for_each_stmt(b, look); });
    return found;
  };
  return std::find_if(body.begin(), body.end(), leaves) - body.begin();
}

/// Where the jumps to the labels up to statements[last] begin that cross the first jump to that one.
std::size_t first_jump(llvm::ArrayRef<const clang::Stmt *> statements, std::size_t last) {
  auto jump_to = [&](std::size_t at) {
    auto *label = dyn_cast<clang::LabelStmt>(statements[at]);
    std::size_t first = 0;
    while (label && first < at && !jumps_to(statements[first], label->getDecl()))
      ++first;
    return label ? first : at;
  };
  std::size_t first = jump_to(last);
  for (std::size_t at = last; at-- > first;)
    first = std::min(first, jump_to(at));
  return first;
}

} // namespace

void Body::block_with_labels(llvm::ArrayRef<const clang::Stmt *> statements) {
  std::size_t first = living_.size();
  statements_with_labels(statements);
  end_lives(first);
}

/// A jump forward to a label of this block leaves a scope that ends at the label. What is declared before the first jump
/// lives on behind the label.
void Body::statements_with_labels(llvm::ArrayRef<const clang::Stmt *> statements) {
  std::size_t last = statements.size();
  const clang::LabelStmt *label = nullptr;
  while (last > 0 && !label)
    label = dyn_cast<clang::LabelStmt>(statements[--last]);
  if (!label) {
    for (const clang::Stmt *child : statements)
      stmt(child);
    return;
  }
  const std::size_t first = first_jump(statements, last);
  for (std::size_t i = first; i < last; ++i)
    if (auto *d = dyn_cast<clang::DeclStmt>(statements[i]))
      s_.refuse(Diag::UnsupportedStatement, d->getBeginLoc(),
                {"a declaration between a goto and its label", "declare it before the goto"});
  statements_with_labels(statements.take_front(first));
  std::string name = this->label(label->getDecl()->getNameAsString().c_str());
  Block body = capture([&] {
    labels_ahead_[label->getDecl()] = {name, living_.size()};
    statements_with_labels(statements.slice(first, last - first));
    labels_ahead_.erase(label->getDecl());
  });
  const std::size_t entry = first_exit(body, name);
  Block scope(std::make_move_iterator(body.begin() + entry), std::make_move_iterator(body.end()));
  body.resize(entry);
  emit(std::move(body));
  if (!scope.empty())
    emit(Scope{name, std::move(scope)});
  stmt(label->getSubStmt());
  for (const clang::Stmt *child : statements.drop_front(last + 1))
    stmt(child);
}

} // namespace nabla::front
