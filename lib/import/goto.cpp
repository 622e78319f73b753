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

} // namespace

/// The scope begins at the first statement that leaves it: declarations before that stay outside.
void Body::emit_scope_from(Block body, const std::string &label) {
  std::size_t first = 0;
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
  while (first < body.size() && !leaves(body[first]))
    ++first;
  Block scope(std::make_move_iterator(body.begin() + first), std::make_move_iterator(body.end()));
  body.resize(first);
  emit(std::move(body));
  if (!scope.empty())
    emit(Scope{label, std::move(scope)});
}

/// A jump forward to a label of this block leaves a scope that ends at the label.
void Body::block_with_labels(llvm::ArrayRef<const clang::Stmt *> statements) {
  std::size_t last = statements.size();
  const clang::LabelStmt *label = nullptr;
  while (last > 0 && !label)
    label = dyn_cast<clang::LabelStmt>(statements[--last]);
  if (!label) {
    std::size_t first = living_.size();
    for (const clang::Stmt *child : statements)
      stmt(child);
    return end_lives(first);
  }
  std::size_t first = 0;
  while (first < last && !jumps_to(statements[first], label->getDecl()))
    ++first;
  for (std::size_t i = first; i < last; ++i)
    if (auto *d = dyn_cast<clang::DeclStmt>(statements[i]))
      s_.refuse(Diag::UnsupportedStatement, d->getBeginLoc(),
                {"a declaration between a goto and its label", "declare it before the goto"});
  std::string name = this->label(label->getDecl()->getNameAsString().c_str());
  Block body = capture([&] {
    labels_ahead_[label->getDecl()] = {name, living_.size()};
    block_with_labels(statements.take_front(last));
    labels_ahead_.erase(label->getDecl());
  });
  // What stands before the first jump keeps its names for what follows.
  if (first == last)
    emit(std::move(body));
  else
    emit_scope_from(std::move(body), name);
  std::size_t living = living_.size();
  stmt(label->getSubStmt());
  for (const clang::Stmt *child : statements.drop_front(last + 1))
    stmt(child);
  end_lives(living);
}

} // namespace nabla::front
