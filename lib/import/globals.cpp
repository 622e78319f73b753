// Globals that a differentiated function writes: every function under it that uses them takes them as references, after
// its own parameters. Only the text that users call names them (lib/pipeline_globals.cpp).
//
//   double total;  void add(double x) { total += x; }   ->   add(x, &total) { *total = *total + x; }
#include "import/body.h"
#include "import/container.h"
#include "import/targets.h"
#include "clang/AST/RecursiveASTVisitor.h"

namespace nabla::front {

namespace {

/// The variable of which this is a part, or whose elements this leads to; null where a pointer is followed.
const clang::VarDecl *whole_variable(const clang::Expr *e) {
  for (;;) {
    e = e->IgnoreParenCasts();
    if (auto *u = dyn_cast<clang::UnaryOperator>(e); u && u->getOpcode() == clang::UO_AddrOf)
      e = u->getSubExpr();
    else if (auto *a = dyn_cast<clang::ArraySubscriptExpr>(e))
      e = a->getBase();
    else if (auto *m = dyn_cast<clang::MemberExpr>(e);
             m && isa<clang::FieldDecl>(m->getMemberDecl()) && !m->isArrow())
      e = m->getBase();
    else if (auto *m = dyn_cast<clang::MemberExpr>(e))
      return dyn_cast<clang::VarDecl>(m->getMemberDecl());
    else if (auto *c = dyn_cast<clang::ConditionalOperator>(e))
      e = c->getTrueExpr(); // the other one is looked at by its own name
    else
      break;
  }
  auto *name = dyn_cast<clang::DeclRefExpr>(e);
  return name ? dyn_cast<clang::VarDecl>(name->getDecl()) : nullptr;
}

bool may_be_written_through(clang::QualType t) {
  return (t->isReferenceType() || t->isPointerType()) && !t->getPointeeType().isConstQualified();
}

/// What one body names, writes and calls.
class Finder : public clang::RecursiveASTVisitor<Finder> {
public:
  GlobalUse use;
  std::set<const clang::FunctionDecl *> calls;
  std::set<const clang::CXXRecordDecl *> held; ///< classes std::function that are called
  std::vector<clang::QualType> pointers;       ///< to functions or methods, that are called through

  bool shouldVisitImplicitCode() const { return true; }
  bool shouldVisitLambdaBody() const { return true; }
  bool VisitDeclRefExpr(clang::DeclRefExpr *e) {
    if (auto *f = dyn_cast<clang::FunctionDecl>(e->getDecl()))
      calls.insert(f);
    name(dyn_cast<clang::VarDecl>(e->getDecl()), false);
    return true;
  }
  bool VisitMemberExpr(clang::MemberExpr *e) {
    if (auto *f = dyn_cast<clang::FunctionDecl>(e->getMemberDecl()))
      calls.insert(f);
    name(dyn_cast<clang::VarDecl>(e->getMemberDecl()), false);
    return true;
  }
  bool VisitBinaryOperator(clang::BinaryOperator *e) {
    if (e->isAssignmentOp())
      writes(e->getLHS());
    return true;
  }
  bool VisitUnaryOperator(clang::UnaryOperator *e) {
    if (e->isIncrementDecrementOp())
      writes(e->getSubExpr());
    return true;
  }
  bool VisitVarDecl(clang::VarDecl *v) {
    if (v->hasInit() && may_be_written_through(v->getType()))
      writes(v->getInit());
    destroys(v->getType());
    return true;
  }
  bool VisitCXXConstructExpr(clang::CXXConstructExpr *e) {
    calls.insert(e->getConstructor());
    arguments(e->getConstructor(), e->arguments());
    return true;
  }
  bool VisitCXXBindTemporaryExpr(clang::CXXBindTemporaryExpr *e) { return destroys(e->getType()); }
  bool VisitCXXDeleteExpr(clang::CXXDeleteExpr *e) { return destroys(e->getDestroyedType()); }
  bool VisitCXXDefaultArgExpr(clang::CXXDefaultArgExpr *e) { return TraverseStmt(e->getExpr()); }
  bool VisitCallExpr(clang::CallExpr *e) {
    const clang::FunctionDecl *f = e->getDirectCallee();
    if (!f) {
      auto *of_member = dyn_cast<clang::BinaryOperator>(e->getCallee()->IgnoreParenCasts());
      pointers.push_back(of_member && of_member->isPtrMemOp() ? of_member->getRHS()->getType()
                                                              : e->getCallee()->getType());
      for (const clang::Expr *a : e->arguments())
        writes(a);
      return true;
    }
    calls.insert(f);
    auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
    auto *m = dyn_cast<clang::CXXMethodDecl>(f);
    if (op && op->getOperator() == clang::OO_Call && is_std_function(op->getArg(0)->getType()))
      held.insert(op->getArg(0)->getType().getNonReferenceType()->getAsCXXRecordDecl());
    bool changes_object = m && !m->isStatic() && !m->isConst();
    if (auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e); mc && changes_object)
      writes(mc->getImplicitObjectArgument());
    else if (op && m && changes_object)
      writes(op->getArg(0));
    llvm::ArrayRef<clang::Expr *> args(e->getArgs(), e->getNumArgs());
    arguments(f, op && m && !m->isStatic() ? args.drop_front() : args);
    return true;
  }

private:
  template <class Args> void arguments(const clang::FunctionDecl *f, Args args) {
    unsigned i = 0;
    for (const clang::Expr *a : args) {
      if (i >= f->getNumParams() || may_be_written_through(f->getParamDecl(i)->getType()))
        writes(a);
      ++i;
    }
  }
  void writes(const clang::Expr *e) {
    if (e)
      name(whole_variable(e), true);
  }
  void name(const clang::VarDecl *v, bool is_written) {
    bool is_meant = v && v->hasGlobalStorage() && !v->isStaticLocal() && !v->isConstexpr() &&
                    !v->getType().isConstQualified();
    if (!is_meant)
      return;
    use.touched.insert(v->getCanonicalDecl());
    if (is_written)
      use.written.insert(v->getCanonicalDecl());
  }
  bool destroys(clang::QualType t) {
    auto *cls = t.isNull() ? nullptr : t->getBaseElementTypeUnsafe()->getAsCXXRecordDecl();
    if (cls && cls->hasDefinition() && cls->getDestructor())
      calls.insert(cls->getDestructor());
    return true;
  }
};

/// Whom the body may call: overriders, what std::function objects hold, and through pointers whoever has an address.
std::vector<const clang::FunctionDecl *> all_called(const Finder &finder, const Targets &all,
                                                    const clang::ASTContext &context) {
  std::vector<const clang::FunctionDecl *> out(finder.calls.begin(), finder.calls.end());
  for (const clang::FunctionDecl *f : finder.calls)
    if (auto *m = dyn_cast<clang::CXXMethodDecl>(f); m && m->isVirtual())
      for (const clang::CXXRecordDecl *cls : all.classes)
        for (const clang::CXXMethodDecl *other : cls->methods())
          if (other->isVirtual() && other->getDeclName() == m->getDeclName())
            out.push_back(other);
  std::vector<clang::QualType> pointers = finder.pointers;
  for (const clang::CXXRecordDecl *cls : finder.held)
    for (clang::QualType t : held_types(cls))
      if (auto *closure = t->getAsCXXRecordDecl())
        out.insert(out.end(), closure->method_begin(), closure->method_end());
      else
        pointers.push_back(t);
  for (clang::QualType t : pointers) {
    bool is_known = t->isFunctionPointerType() || t->isMemberFunctionPointerType();
    std::vector<const clang::FunctionDecl *> called =
        is_known ? functions_of(all, t, context) : all.functions;
    out.insert(out.end(), called.begin(), called.end());
  }
  return out;
}

} // namespace

namespace {

/// A function to look into. What one with a rule of its own, or an inactive one, writes is nobody's business, unless
/// somebody else writes it as well.
struct Work {
  const clang::FunctionDecl *f;
  bool is_hidden;
};

} // namespace

/// What a call of the function uses, whomever it calls; null stands for what functions of other files may use.
const GlobalUse &Shared::uses_of_globals(const clang::FunctionDecl *f) {
  f = f->getCanonicalDecl();
  if (auto known = global_uses_.find(f); known != global_uses_.end())
    return known->second;
  GlobalUse total;
  std::set<std::pair<const clang::FunctionDecl *, bool>> seen;
  std::vector<Work> work{{f, false}};
  while (!work.empty()) {
    const clang::FunctionDecl *now = work.back().f->getCanonicalDecl(), *body = nullptr;
    bool is_hidden =
        work.back().is_hidden || (now != f && (marks.is_inactive(now) || marks.own_pullback(now)));
    work.pop_back();
    if (!seen.insert({now, is_hidden}).second ||
        context.getSourceManager().isInSystemHeader(now->getLocation()))
      continue;
    if (!now->hasBody(body)) {
      bool is_known = now->isTrivial() || now->isDefaulted() || now->getBuiltinID() || marks.is_inactive(now);
      if (!is_known)
        total.touched.insert(nullptr);
      continue;
    }
    Finder finder;
    finder.TraverseDecl(const_cast<clang::FunctionDecl *>(body));
    total.touched.insert(finder.use.touched.begin(), finder.use.touched.end());
    if (!is_hidden)
      total.written.insert(finder.use.written.begin(), finder.use.written.end());
    for (const clang::FunctionDecl *called : all_called(finder, targets(), context))
      work.push_back({called, is_hidden});
  }
  return global_uses_[f] = std::move(total);
}

/// Reals, arrays of them and plain structs: what can be handed on by reference.
bool Shared::can_be_handed_on(const clang::VarDecl *v) {
  if (!mentions_reals(v->getType()) || v->getType()->isReferenceType())
    return false;
  try {
    ir::Type t = type(v->getType(), v->getLocation());
    return t.contains_reals() && !t.contains_real_pointers() && !t.has_outside() && !t.holds_handles() &&
           !(t.is(ir::Type::Record) && t.members().container != Struct::None);
  } catch (const Refusal &) {
    return false;
  }
}

/// Those of a function that is called from one that takes these, or of one that users ask for.
std::vector<const clang::VarDecl *> Shared::globals_of(const clang::FunctionDecl *f) {
  std::vector<const clang::VarDecl *> out;
  if (in_scope_ && in_scope_->empty())
    return out;
  const GlobalUse &use = uses_of_globals(f);
  if (in_scope_) {
    for (const clang::VarDecl *v : *in_scope_)
      if (use.touched.count(v))
        out.push_back(v);
    return out;
  }
  for (const clang::VarDecl *v : use.written)
    if (can_be_handed_on(v))
      out.push_back(v);
  std::sort(out.begin(), out.end(), [](auto *a, auto *b) { return a->getLocation() < b->getLocation(); });
  return out;
}

/// They become its last parameters, before what a container is returned through. Its own text does not write them.
void Shared::add_globals(Callee &c, const std::vector<const clang::VarDecl *> &globals,
                         const std::set<const clang::VarDecl *> &written) {
  if (globals.empty())
    return;
  if (c.kind == Callee::Own || !c.written.empty())
    refuse(Diag::UnsupportedExpression, globals[0]->getLocation(),
           {"a call of '" + c.name + "', whose own rule knows nothing of the global variable '" +
                qualified(globals[0]) + "', which is written here,",
            "give it '" + globals[0]->getNameAsString() + "' as a parameter"});
  std::size_t at = c.params.size() - (c.result_is_last ? 1 : 0);
  c.written.assign(c.params.size() + globals.size(), Token{Token::Argument, "", false, false});
  for (const clang::VarDecl *v : globals) {
    ir::Type t = type(v->getType(), v->getLocation());
    if (!written.count(v))
      t = t.with_const();
    c.params.insert(c.params.begin() + at, ir::Type::reference(t));
    c.param_names.insert(c.param_names.begin() + at, v->getNameAsString());
    c.by_value.insert(c.by_value.begin() + at, false);
    c.written[at].is_default = true;
    c.mangled += "_" + v->getNameAsString();
    ++at;
  }
  globals_of_[&c] = globals;
}

/// Derivatives have no parameters for them, so what is made of a call of one would miss them.
void Shared::check_derivative_of(const CalleeRef &primal) {
  for (const clang::VarDecl *v : globals_taken(primal))
    refuse(Diag::UnsupportedExpression, v->getLocation(),
           {"a call of a derivative of '" + primal->name + "', which writes the global variable '" +
                qualified(v) + "',",
            "give '" + primal->name + "' the variable as a parameter"});
}

const std::vector<const clang::VarDecl *> &Shared::globals_taken(const CalleeRef &c) const {
  static const std::vector<const clang::VarDecl *> none;
  auto found = globals_of_.find(c.get());
  return found == globals_of_.end() ? none : found->second;
}

/// The variable that the user declares beside `total` as its adjoint: `total_bar`, of the same type.
std::string Shared::adjoint_of_global(const std::string &name) {
  for (auto &[c, globals] : globals_of_)
    for (const clang::VarDecl *v : globals)
      if (qualified(v) == name)
        for (clang::NamedDecl *d : v->getDeclContext()->getRedeclContext()->lookup(
                 &context.Idents.get(v->getNameAsString() + "_bar")))
          if (auto *bar = dyn_cast<clang::VarDecl>(d);
              bar && context.hasSameUnqualifiedType(bar->getType(), v->getType()))
            return qualified(bar);
  return "";
}

/// The parameters for globals, after those that the function declares.
void Body::take_globals(Function &fn) {
  const std::vector<const clang::VarDecl *> &globals = s_.globals_taken(callee_);
  std::size_t at = callee_->params.size() - globals.size() - (callee_->result_is_last ? 1 : 0);
  for (const clang::VarDecl *g : globals) {
    Var v = variable(g->getNameAsString(), callee_->params[at++]);
    v->kind = Variable::Param;
    v->qualified = s_.qualified(g);
    vars_[g] = v;
    escaped_.insert(v.get());
    fn.params.push_back(v);
  }
}

/// A call hands on those that its callee takes.
void Body::hand_on_globals(Call &c) {
  const std::vector<const clang::VarDecl *> &globals = s_.globals_taken(c.callee);
  std::vector<Ex> given;
  for (const clang::VarDecl *g : globals)
    given.push_back(address(place_of(vars_.at(g))));
  c.args.insert(c.args.end() - (c.callee->result_is_last ? 1 : 0), given.begin(), given.end());
}

} // namespace nabla::front
