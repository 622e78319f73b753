// switch: a chain of ifs, or, where an arm falls into the next, a number of the arm that is entered.
#include "import/body.h"
#include "ir/walk.h"

namespace nabla::front {

namespace {

/// The arms of a switch in order; false where a label hides in a nested block.
bool arms_of(const clang::SwitchStmt *s, std::vector<Arm> &arms, std::vector<const clang::Stmt *> &before) {
  auto *block = dyn_cast<clang::CompoundStmt>(s->getBody());
  std::vector<const clang::Stmt *> list;
  if (block)
    list.assign(block->body_begin(), block->body_end());
  else
    list.push_back(s->getBody());
  unsigned found = 0, all = 0;
  for (const clang::Stmt *item : list) {
    while (auto *attributed = dyn_cast<clang::AttributedStmt>(item))
      item = attributed->getSubStmt();
    if (isa<clang::SwitchCase>(item)) {
      arms.emplace_back();
      while (auto *label = dyn_cast<clang::SwitchCase>(item)) {
        arms.back().labels.push_back(label);
        item = label->getSubStmt();
        ++found;
      }
    }
    (arms.empty() ? before : arms.back().body).push_back(item);
  }
  for (const clang::SwitchCase *c = s->getSwitchCaseList(); c; c = c->getNextSwitchCase())
    ++all;
  for (Arm &arm : arms) {
    const clang::Stmt *last = arm.body.empty() ? nullptr : arm.body.back();
    while (auto *inner = dyn_cast_or_null<clang::CompoundStmt>(last))
      last = inner->body_empty() ? nullptr : inner->body_back();
    arm.leaves = last && isa<clang::BreakStmt, clang::ReturnStmt, clang::ContinueStmt>(last);
  }
  return found == all;
}

} // namespace

Ex Body::arm_test(const std::vector<const clang::SwitchCase *> &labels, const Ex &selector) {
  Ex any;
  for (const clang::SwitchCase *label : labels) {
    auto *c = dyn_cast<clang::CaseStmt>(label);
    if (!c)
      return {};
    if (c->getRHS())
      s_.refuse(Diag::UnsupportedStatement, c->getBeginLoc(), {"a case range", "list the cases or use if"});
    Ex one = native("==", {selector, convert(value(c->getLHS()), selector.type())}, ir::Type::boolean());
    any = any ? native("||", {any, one}, ir::Type::boolean()) : one;
  }
  return any;
}

/// A variable that a case declares without initialiser is seen by the later cases too.
void Body::hoist(const std::vector<const clang::Stmt *> &arm) {
  for (const clang::Stmt *item : arm) {
    auto *d = dyn_cast<clang::DeclStmt>(item);
    if (!d)
      continue;
    for (auto *decl : d->decls()) {
      auto *v = dyn_cast<clang::VarDecl>(decl);
      if (!v || v->isStaticLocal())
        continue;
      auto *made = v->getInit() ? dyn_cast<clang::CXXConstructExpr>(bare(v->getInit())) : nullptr;
      if (v->getInit() && !(made && made->getNumArgs() == 0 && made->getConstructor()->isTrivial()))
        continue;
      declare(v);
      hoisted_.insert(v);
    }
  }
}

Block Body::arm_block(const Arm &arm, bool falls) {
  Block block = capture([&] {
    for (const clang::Stmt *item : arm.body)
      stmt(item);
  });
  auto *last = block.empty() || falls ? nullptr : std::get_if<Exit>(&block.back().node);
  if (last && last->label == breaks_.back().label)
    block.pop_back(); // the chain ends here anyway
  return block;
}

/// No arm runs into the next: if ... else if ... else.
Block Body::switch_chain(const std::vector<Arm> &arms, const Ex &selector) {
  Block chain;
  std::vector<std::pair<Ex, Block>> tests;
  for (const Arm &arm : arms) {
    Ex test = arm_test(arm.labels, selector);
    Block block = arm_block(arm, false);
    if (test)
      tests.emplace_back(test, std::move(block));
    else
      chain = std::move(block); // default
  }
  for (std::size_t i = tests.size(); i-- > 0;) {
    ir::Stmt next{If{tests[i].first, std::move(tests[i].second), std::move(chain)}, here_, 0};
    chain.clear();
    chain.push_back(std::move(next));
  }
  return chain;
}

/// Every arm from the one that is entered runs, until a break leaves the whole.
Block Body::switch_falling(const std::vector<Arm> &arms, const Ex &selector) {
  long entry_default = arms.size();
  for (std::size_t i = 0; i < arms.size(); ++i)
    for (const clang::SwitchCase *label : arms[i].labels)
      if (isa<clang::DefaultStmt>(label))
        entry_default = i;
  Ex entry = integer(entry_default);
  for (std::size_t i = arms.size(); i-- > 0;) {
    std::vector<const clang::SwitchCase *> cases;
    for (const clang::SwitchCase *label : arms[i].labels)
      if (isa<clang::CaseStmt>(label))
        cases.push_back(label);
    if (!cases.empty())
      entry = make(Select{arm_test(cases, selector), integer(i), entry}, ir::Type::integer());
  }
  Var arm = temp("arm", entry);
  return capture([&] {
    for (std::size_t i = 0; i < arms.size(); ++i) {
      Block block = arm_block(arms[i], true);
      emit(If{native("<=", {read(arm), integer(i)}, ir::Type::boolean()), std::move(block), {}});
    }
  });
}

void Body::switch_stmt(const clang::SwitchStmt *s) {
  stmt(s->getInit());
  std::vector<Arm> arms;
  std::vector<const clang::Stmt *> before;
  if (!arms_of(s, arms, before))
    s_.refuse(
        Diag::UnsupportedStatement, s->getBeginLoc(),
        {"a switch with a case label inside a nested block", "put the labels directly into the switch"});
  for (const clang::Stmt *d : before)
    if (isa<clang::DeclStmt>(d))
      stmt(d);
  Ex selector = condition(s->getConditionVariable(), s->getCond());
  if (!is_simple(selector))
    selector = freeze_now(selector, "selector");
  bool falls = false;
  for (std::size_t i = 0; i + 1 < arms.size(); ++i)
    falls = falls || !arms[i].leaves;
  for (const Arm &arm : arms)
    hoist(arm.body);
  breaks_.push_back({label("switch"), living_.size()});
  Block whole = falls ? switch_falling(arms, selector) : switch_chain(arms, selector);
  std::string name = breaks_.back().label;
  breaks_.pop_back();
  bool is_left = false;
  for_each_stmt(whole, [&](const ir::Stmt &inner) {
    auto *exit = std::get_if<Exit>(&inner.node);
    is_left = is_left || (exit && exit->label == name);
  });
  wrap_break(std::move(whole), is_left, name);
}

} // namespace nabla::front
