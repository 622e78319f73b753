#include "import/changes.h"
#include "import/chain.h"
#include "import/class.h"
#include "import/matrix.h"
#include "import/targets.h"
#include "import/uses.h"

namespace nabla::front {

namespace {

// ---- What leads elsewhere ---------------------------------------------------------------------------------

/// Does a value of the type lead to objects that are not its own?
bool leads_elsewhere(clang::QualType t) {
  t = clang::QualType(t->getBaseElementTypeUnsafe(), 0);
  if (t->isReferenceType() || t->isPointerType())
    return true;
  auto *cls = t->getAsCXXRecordDecl();
  if (!cls || !cls->hasDefinition() || cls->isEmpty())
    return false;
  if (llvm::StringRef name = eigen_class(t); !name.empty())
    return name != "Matrix" && name != "Array";
  if (!cls->isInStdNamespace())
    return any_part(cls, leads_elsewhere);
  auto *instance = dyn_cast<clang::ClassTemplateSpecializationDecl>(cls);
  static const std::set<llvm::StringRef> owners{"vector",
                                                "array",
                                                "pair",
                                                "tuple",
                                                "optional",
                                                "variant",
                                                "complex",
                                                "deque",
                                                "valarray",
                                                "basic_string",
                                                "list",
                                                "forward_list",
                                                "map",
                                                "set",
                                                "multimap",
                                                "unordered_map",
                                                "unordered_multimap",
                                                "unordered_set",
                                                "multiset",
                                                "stack",
                                                "queue",
                                                "priority_queue"};
  if (!instance || !cls->getIdentifier() || !owners.count(cls->getName()))
    return true;
  auto leads = [](const clang::TemplateArgument &a) {
    return a.getKind() == clang::TemplateArgument::Type && leads_elsewhere(a.getAsType());
  };
  return llvm::any_of(instance->getTemplateArgs().asArray(), [&](const clang::TemplateArgument &a) {
    return a.getKind() == clang::TemplateArgument::Pack ? llvm::any_of(a.pack_elements(), leads) : leads(a);
  });
}

// ---- Which object it is -----------------------------------------------------------------------------------

/// A variable, or the object whose method runs; neither: nobody can tell.
struct Root {
  const clang::VarDecl *variable = nullptr;
  bool is_this = false;
};

using Ranges = std::map<const clang::VarDecl *, const clang::Expr *>; ///< of the variables of range-fors

Root root_of(const clang::Expr *e, const Ranges &ranges) {
  e = named_object(e);
  auto part_of = [&](const clang::Expr *whole) {
    return leads_elsewhere(whole->getType()) ? Root() : root_of(whole, ranges);
  };
  if (isa<clang::CXXThisExpr>(e))
    return {nullptr, true};
  if (auto *m = dyn_cast<clang::MemberExpr>(e)) {
    if (m->getMemberDecl()->getType()->isReferenceType())
      return {};
    return m->isArrow() && !isa<clang::CXXThisExpr>(bare(m->getBase())) ? Root()
                                                                        : root_of(m->getBase(), ranges);
  }
  if (auto *c = dyn_cast<clang::CastExpr>(e); c && c->getCastKind() != clang::CK_LValueToRValue)
    return root_of(c->getSubExpr(), ranges);
  if (auto *s = dyn_cast<clang::ArraySubscriptExpr>(e))
    return s->getBase()->IgnoreParenImpCasts()->getType()->isArrayType() ? root_of(s->getBase(), ranges)
                                                                         : Root();
  if (auto *u = dyn_cast<clang::UnaryOperator>(e)) {
    const bool is_object =
        u->getOpcode() == clang::UO_Deref && isa<clang::CXXThisExpr>(bare(u->getSubExpr()));
    return is_object || u->isPrefix() && u->isIncrementDecrementOp() ? root_of(u->getSubExpr(), ranges)
                                                                     : Root();
  }
  if (auto *b = dyn_cast<clang::BinaryOperator>(e); b && b->isAssignmentOp())
    return root_of(b->getLHS(), ranges);
  if (auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e)) {
    if (op->isAssignmentOp())
      return root_of(op->getArg(0), ranges);
    const bool is_element = op->getOperator() == clang::OO_Subscript || is_dense(op->getArg(0)->getType());
    return is_element ? part_of(op->getArg(0)) : Root();
  }
  auto *d = dyn_cast<clang::DeclRefExpr>(e);
  auto *v = d ? dyn_cast<clang::VarDecl>(d->getDecl()) : nullptr;
  if (!v || !v->getType()->isReferenceType() || isa<clang::ParmVarDecl>(v))
    return {v, false};
  auto range = ranges.find(v);
  if (range != ranges.end())
    return part_of(range->second);
  return v->hasInit() ? root_of(v->getInit(), ranges) : Root();
}

// ---- What is changed --------------------------------------------------------------------------------------

bool is_library(const clang::FunctionDecl *f) {
  return f->getASTContext().getSourceManager().isInSystemHeader(f->getLocation());
}

/// Functions of libraries that change their object, or what their arguments are or lead to.
bool changes_arguments(const clang::FunctionDecl *f, const clang::CXXOperatorCallExpr *op) {
  if (op)
    return op->isAssignmentOp() || op->getOperator() == clang::OO_PlusPlus ||
           op->getOperator() == clang::OO_MinusMinus;
  static const std::set<llvm::StringRef> names{
      "push_back",   "pop_back", "push_front",   "pop_front",     "push",      "pop",
      "insert",      "erase",    "clear",        "resize",        "assign",    "emplace",
      "fill",        "reset",    "release",      "swap",          "exchange",  "next_permutation",
      "setZero",     "setOnes",  "setConstant",  "setIdentity",   "normalize", "conservativeResize",
      "try_emplace", "merge",    "emplace_back", "emplace_front", "splice",    "insert_or_assign",
      "extract",     "sort",     "reverse",      "remove",        "remove_if", "unique"};
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  return f->getIdentifier() && names.count(f->getName()) ||
         m && !m->isConst() && m->getReturnType()->isVoidType(); // z.real(2), m.transposeInPlace()
}

/// Algorithms that write through iterators.
bool writes_ranges(const clang::FunctionDecl *f) {
  static const std::set<llvm::StringRef> names{
      "copy",           "copy_if",      "copy_n",      "copy_backward",
      "transform",      "fill",         "fill_n",      "iota",
      "sort",           "stable_sort",  "partial_sum", "inclusive_scan",
      "exclusive_scan", "generate",     "rotate",      "reverse",
      "swap_ranges",    "replace",      "replace_if",  "partition",
      "nth_element",    "remove",       "unique",      "remove_if",
      "generate_n",     "partial_sort", "iter_swap",   "push_heap",
      "move",           "shuffle",      "pop_heap",    "adjacent_difference"};
  return !isa<clang::CXXMethodDecl>(f) && f->getIdentifier() && names.count(f->getName()) &&
         f->getNumParams() > 1;
}

/// A library's object that is called: does that read nothing but the arguments? std::plus, Eigen's m(i, j)
bool is_stateless(const clang::Expr *callee) {
  auto *cls = callee->getType()->getAsCXXRecordDecl();
  return cls && cls->isEmpty() || is_dense(callee->getType());
}

/// What a function changes, in its own words.
struct Summary {
  std::set<const clang::VarDecl *> variables; ///< parameters that are references, and variables of others
  bool object = false;                        ///< that it is a method of
  bool unknown = false;
};

/// What is known of functions that were looked into.
struct Known {
  std::map<const clang::FunctionDecl *, Summary> summaries;
  unsigned left = 2000; ///< bodies to be visited at most
};

class Finder {
public:
  explicit Finder(Known &known, const clang::FunctionDecl *f = nullptr, Finder *caller = nullptr)
      : known_(known), f_(f), caller_(caller) {}
  Summary found;

  void visit(const clang::Stmt *s) {
    if (!s || found.unknown || isa<clang::LambdaExpr, clang::UnaryExprOrTypeTraitExpr>(s))
      return;
    if (auto *u = dyn_cast<clang::UnaryOperator>(s); u && u->isIncrementDecrementOp())
      changed(u->getSubExpr());
    if (auto *b = dyn_cast<clang::BinaryOperator>(s); b && b->isAssignmentOp())
      changed(b->getLHS());
    if (auto *loop = dyn_cast<clang::CXXForRangeStmt>(s))
      ranges_[loop->getLoopVariable()] = loop->getRangeInit();
    if (f_ && ends_with_code(s)) // before the caller goes on
      found.unknown = true;
    if (auto *c = dyn_cast<clang::CallExpr>(s))
      call(c);
    if (auto *made = dyn_cast<clang::CXXConstructExpr>(s); made && !is_library(made->getConstructor()))
      enter(made->getConstructor(), nullptr, {made->getArgs(), made->getNumArgs()});
    if (auto *usual = dyn_cast<clang::CXXDefaultArgExpr>(s))
      visit(usual->getExpr());
    for (const clang::Stmt *child : s->children())
      visit(child);
  }

private:
  /// Does an object live here whose destructor does something?
  static bool ends_with_code(const clang::Stmt *s) {
    auto ends = [](clang::QualType t) {
      auto *cls = t->getBaseElementTypeUnsafe()->getAsCXXRecordDecl();
      return cls && cls->hasDefinition() && !has_quiet_destructor(cls);
    };
    if (auto *temporary = dyn_cast<clang::CXXBindTemporaryExpr>(s))
      return ends(temporary->getType());
    auto *declared = dyn_cast<clang::DeclStmt>(s);
    return declared && llvm::any_of(declared->decls(), [&](const clang::Decl *d) {
             auto *v = dyn_cast<clang::VarDecl>(d);
             return v && ends(v->getType());
           });
  }

  bool is_own(const clang::VarDecl *v) const {
    auto *owner = dyn_cast_or_null<clang::Decl>(v->getParentFunctionOrMethod());
    return f_ && owner && owner->getCanonicalDecl() == f_->getCanonicalDecl() && !v->isStaticLocal();
  }

  void changed(const clang::Expr *object) { changed(root_of(object, ranges_)); }
  void changed(Root root) {
    const bool is_reference = root.variable && root.variable->getType()->isReferenceType();
    if (root.is_this && f_)
      found.object = true;
    else if (!root.variable || is_reference && !is_own(root.variable))
      found.unknown = true;
    else if (is_reference || !is_own(root.variable))
      found.variables.insert(root.variable);
  }

  void call(const clang::CallExpr *c) {
    const clang::FunctionDecl *f = c->getDirectCallee();
    auto *op = dyn_cast<clang::CXXOperatorCallExpr>(c);
    auto *m = dyn_cast_or_null<clang::CXXMethodDecl>(f);
    const bool calls_object = op && op->getOperator() == clang::OO_Call;
    if (!f || m && m->isVirtual() || calls_object && is_library(f) && !is_stateless(op->getArg(0))) {
      found.unknown = true;
      return;
    }
    auto *mc = dyn_cast<clang::CXXMemberCallExpr>(c);
    llvm::ArrayRef<const clang::Expr *> args(c->getArgs(), c->getNumArgs());
    const clang::Expr *object = nullptr;
    if (mc)
      object = mc->getImplicitObjectArgument();
    else if (op && m && !m->isStatic()) {
      object = args[0];
      args = args.drop_front();
    }
    if (!is_library(f))
      return enter(f, object, args);
    for (const clang::Expr *arg : args)
      called_by_library(arg);
    if (writes_ranges(f))
      found.unknown = true;
    else if (changes_arguments(f, op))
      changes_all(f, m && !m->isConst() ? object : nullptr, args);
  }

  /// std::accumulate(a, b, z, [&](...) { ... })
  void called_by_library(const clang::Expr *arg) {
    arg = without_casts(arg);
    clang::QualType t = arg->getType().getNonReferenceType();
    auto *cls = t->getAsCXXRecordDecl();
    auto *d = dyn_cast<clang::DeclRefExpr>(arg);
    auto *f = d ? dyn_cast<clang::FunctionDecl>(d->getDecl()) : nullptr;
    if (f && !is_library(f))
      enter(f, nullptr, {});
    else if (cls && cls->isLambda())
      enter(cls->getLambdaCallOperator(), arg, {});
    else if (!f && (t->isFunctionPointerType() || is_std_function(t) || cls && has_call(cls)))
      found.unknown = true;
  }
  static bool has_call(const clang::CXXRecordDecl *cls) {
    return !cls->isInStdNamespace() && llvm::any_of(cls->methods(), [](const clang::CXXMethodDecl *m) {
      return m->getOverloadedOperator() == clang::OO_Call;
    });
  }

  /// What the body changes, told in the caller's words.
  void enter(const clang::FunctionDecl *f, const clang::Expr *object,
             llvm::ArrayRef<const clang::Expr *> args) {
    const clang::FunctionDecl *body = nullptr;
    if (!f->hasBody(body) || is_running(body))
      return changes_all(f, object, args);
    const Summary inside = summary_of(body);
    found.unknown = found.unknown || inside.unknown;
    if (inside.object && object) {
      auto *cls = object->getType()->getAsCXXRecordDecl();
      cls && cls->isLambda() ? changed(Root{nullptr, true}) : changed(object); // a captured `this`
    }
    for (const clang::VarDecl *v : inside.variables) {
      auto *p = dyn_cast<clang::ParmVarDecl>(v);
      if (!p || p->getDeclContext() != body)
        changed(Root{v, false});
      else if (p->getFunctionScopeIndex() < args.size())
        changed(args[p->getFunctionScopeIndex()]);
      else
        found.unknown = true;
    }
  }

  Summary summary_of(const clang::FunctionDecl *body) {
    auto at = known_.summaries.find(body);
    if (at != known_.summaries.end())
      return at->second;
    Finder inside(known_, body, this);
    if (known_.left == 0) {
      inside.found.unknown = true;
      return inside.found;
    }
    --known_.left;
    if (auto *made = dyn_cast<clang::CXXConstructorDecl>(body))
      for (const clang::CXXCtorInitializer *init : made->inits())
        inside.visit(init->getInit());
    inside.visit(body->getBody());
    if (!inside.is_cut_)
      known_.summaries[body] = inside.found;
    return inside.found;
  }

  /// Does the function call itself? What those in between change is not known in full, then.
  bool is_running(const clang::FunctionDecl *f) {
    Finder *at = this;
    while (at && !(at->f_ && at->f_->getCanonicalDecl() == f->getCanonicalDecl()))
      at = at->caller_;
    for (Finder *between = this; at && between != at; between = between->caller_)
      between->is_cut_ = true;
    return at;
  }

  /// Everything that the function could.
  void changes_all(const clang::FunctionDecl *f, const clang::Expr *object,
                   llvm::ArrayRef<const clang::Expr *> args) {
    auto *m = dyn_cast<clang::CXXMethodDecl>(f);
    if (object && !(m && m->isConst()))
      changed(object);
    for (unsigned i = 0; i < f->getNumParams() && i < args.size(); ++i) {
      clang::QualType t = f->getParamDecl(i)->getType();
      if (t->isLValueReferenceType() && !t->getPointeeType().isConstQualified())
        changed(args[i]);
      else if (t->isPointerType() && !t->getPointeeType().isConstQualified())
        found.unknown = true;
    }
  }

  Known &known_;
  const clang::FunctionDecl
      *f_; ///< whose body is visited; null: an expression of the differentiated function
  Finder *caller_;
  Ranges ranges_;
  bool is_cut_ = false;
};

/// Can reading through this variable show what was changed?
bool leads_to(const clang::VarDecl *v, const Changes &changes) {
  auto kind_of = [](clang::QualType t) { return t.getNonReferenceType()->isIntegerType(); };
  clang::QualType t = v->getType();
  if (!leads_elsewhere(t))
    return false;
  if (!t->isReferenceType() && !t->isPointerType())
    return changes.any();
  const bool is_integer = kind_of(t->getPointeeType());
  return llvm::any_of(changes.variables, [&](const clang::VarDecl *changed) {
    return !kind_of(changed->getType()) || is_integer;
  });
}

} // namespace

Changes changes_of(const clang::Expr *e) {
  Known known;
  Finder finder(known);
  finder.visit(e);
  return {std::move(finder.found.variables), finder.found.unknown};
}

bool is_seen(const Changes &changes, const clang::Stmt *e) {
  if (!e || !changes.any())
    return false;
  auto has = [&](auto test) { return llvm::any_of(changes.variables, test); };
  if (auto *d = dyn_cast<clang::DeclRefExpr>(e))
    if (auto *v = dyn_cast<clang::VarDecl>(d->getDecl()))
      return changes.variables.count(v) || changes.unknown || leads_to(v, changes);
  if (isa<clang::CXXThisExpr>(e) &&
      (changes.unknown || has([](auto *v) { return !v->getType()->isIntegerType(); })))
    return true;
  if (auto *c = dyn_cast<clang::CallExpr>(e)) // of functions that read what their arguments do not name
    if (const clang::FunctionDecl *f = c->getDirectCallee())
      if (!is_library(f) && (changes.unknown || has([](auto *v) { return v->hasGlobalStorage(); })))
        return true;
  return llvm::any_of(e->children(), [&](const clang::Stmt *child) { return is_seen(changes, child); });
}

const clang::VarDecl *variable_of(const clang::Expr *object) {
  const clang::VarDecl *v = root_of(object, {}).variable;
  return v && !v->getType()->isReferenceType() && !v->getType()->isPointerType() ? v : nullptr;
}

} // namespace nabla::front
