#include "import/order.h"
#include "import/changes.h"
#include "import/complex.h"
#include "import/container.h"
#include "import/matrix.h"
#include "import/uses.h"
#include "import/variant.h"

namespace nabla::front {

namespace {

/// An object that stays the same whatever is changed: x, s.x, a[2], this->x
bool is_steady(const clang::Expr *e) {
  e = named_object(e);
  if (auto *m = dyn_cast<clang::MemberExpr>(e))
    return is_steady(m->getBase());
  if (auto *c = dyn_cast<clang::ImplicitCastExpr>(e); c && c->getCastKind() != clang::CK_LValueToRValue)
    return is_steady(c->getSubExpr());
  if (auto *u = dyn_cast<clang::UnaryOperator>(e); u && u->getOpcode() == clang::UO_Deref)
    return is_steady(u->getSubExpr());
  if (auto *s = dyn_cast<clang::ArraySubscriptExpr>(e))
    return is_steady(s->getBase()) && isa<clang::IntegerLiteral>(bare(s->getIdx()));
  return isa<clang::DeclRefExpr, clang::CXXThisExpr>(e);
}

/// Read when the function runs, not before.
bool is_read_late(const clang::Expr *e) {
  const clang::Expr *object = named_object(e);
  return is_dense(e->getType()) || object->isGLValue() && !isa<clang::MaterializeTemporaryExpr>(object);
}

/// m[k] = .. inserts before the right side is evaluated here: does that ask how many there are?
bool counts(const clang::Stmt *s) {
  auto *mc = dyn_cast_or_null<clang::CXXMemberCallExpr>(s);
  auto *m = mc ? mc->getMethodDecl() : nullptr;
  static const std::set<llvm::StringRef> names{"size", "empty", "count", "contains",
                                               "find", "begin", "rbegin"};
  return s && (m && m->getIdentifier() && names.count(m->getName()) ||
               llvm::any_of(s->children(), [](const clang::Stmt *child) { return counts(child); }));
}
bool is_inserting(const clang::Expr *e) {
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(named_object(e));
  auto *cls = op && op->getOperator() == clang::OO_Subscript ? op->getArg(0)->getType()->getAsCXXRecordDecl()
                                                             : nullptr;
  return cls && cls->getIdentifier() && (cls->getName() == "map" || cls->getName() == "unordered_map");
}

/// Assignments that are imported left side first, or read their right side through a reference.
bool is_disordered_assignment(const clang::CXXOperatorCallExpr *op, const clang::ASTContext &context) {
  const clang::FunctionDecl *f = op->getDirectCallee();
  if (!op->isAssignmentOp() || op->getNumArgs() != 2 || !f)
    return false;
  clang::QualType t = op->getArg(0)->getType();
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  if (!context.getSourceManager().isInSystemHeader(f->getLocation()))
    return !(m && m->isImplicit());
  auto *cls = t->getAsCXXRecordDecl();
  return is_variant(t) || is_valarray(t) || is_dense(t) || is_complex(t) && !is_read_late(op->getArg(0)) ||
         is_complex(t) && isa<clang::CallExpr>(bare(op->getArg(0))) || cls && cls->getName() == "pair";
}

bool is_calculated_whole(const clang::Expr *e) { return is_complex(e->getType()) || is_dense(e->getType()); }

const clang::Expr *own_disorder(const clang::CallExpr *e, const clang::ASTContext &context) {
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  const clang::FunctionDecl *f = e->getDirectCallee();
  if (!f)
    return nullptr;
  if (op && is_disordered_assignment(op, context)) {
    const clang::Expr *left = op->getArg(0), *right = op->getArg(1);
    if (is_seen(changes_of(left), right) || is_inserting(left) && counts(right))
      return left;
    if (!is_steady(left) && is_seen(changes_of(right), left))
      return right;
    auto *array = is_valarray(left->getType()) ? variable_of(left) : nullptr; // u *= u[0]
    if (array && is_read_late(right) && right->getType()->isArithmeticType() && variable_of(right) == array)
      return right;
    return nullptr;
  }
  static const std::set<llvm::StringRef> forwarding{"emplace_back", "emplace_front", "emplace", "try_emplace",
                                                    "make_shared"};
  const bool is_library = context.getSourceManager().isInSystemHeader(f->getLocation());
  const bool forwards = is_library && f->getIdentifier() && forwarding.count(f->getName());
  const bool calculates =
      is_library && !(op && op->isAssignmentOp()) && llvm::any_of(e->arguments(), is_calculated_whole);
  if (!forwards && !calculates)
    return nullptr;
  std::vector<const clang::Expr *> operands(e->arg_begin(), e->arg_end());
  if (auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e); mc && calculates)
    operands.push_back(mc->getImplicitObjectArgument());
  for (const clang::Expr *changing : operands)
    if (Changes changes = changes_of(changing); changes.any())
      for (const clang::Expr *other : operands)
        if (other != changing && is_read_late(other) && is_seen(changes, other))
          return changing;
  return nullptr;
}

/// In an expression of complex numbers or matrices, which is imported as a whole.
const clang::Expr *inner_disorder(const clang::Stmt *s, const clang::ASTContext &context) {
  if (!s || isa<clang::LambdaExpr>(s))
    return nullptr;
  if (auto *c = dyn_cast<clang::CallExpr>(s))
    if (const clang::Expr *found = own_disorder(c, context))
      return found;
  for (const clang::Stmt *child : s->children())
    if (const clang::Expr *found = inner_disorder(child, context))
      return found;
  return nullptr;
}

} // namespace

const clang::Expr *disordered_operand(const clang::CallExpr *e, clang::ASTContext &context) {
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  const bool is_whole = is_calculated_whole(e) || llvm::any_of(e->arguments(), is_calculated_whole) ||
                        mc && is_calculated_whole(mc->getImplicitObjectArgument());
  return is_whole ? inner_disorder(e, context) : own_disorder(e, context);
}

} // namespace nabla::front
