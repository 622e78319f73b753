// Initialisation: `V v{a, b}` -> V::V(&v, a, b), or its members one by one.
#include "import/body.h"
#include "import/chain.h"
#include "import/class.h"
#include "import/container.h"
#include "import/matrix.h"
#include "import/optional.h"
#include "import/smart.h"
#include "import/targets.h"
#include "import/variant.h"
#include "ir/walk.h"

namespace nabla::front {

namespace {

/// Making the string does nothing else.
bool is_quiet_text(const clang::Stmt *s) {
  if (auto *c = dyn_cast<clang::CallExpr>(s)) {
    const clang::FunctionDecl *f = c->getDirectCallee();
    if (!f || !is_of_std(f))
      return false;
  }
  if (auto *u = dyn_cast<clang::UnaryOperator>(s); u && u->isIncrementDecrementOp())
    return false;
  if (auto *b = dyn_cast<clang::BinaryOperator>(s); b && b->isAssignmentOp())
    return false;
  for (const clang::Stmt *child : s->children())
    if (child && !is_quiet_text(child))
      return false;
  return true;
}

} // namespace

/// What a copy or a move is made of.
static const clang::Expr *existing_object(const clang::Expr *e) {
  for (e = bare(e);;) {
    auto *c = dyn_cast<clang::CXXConstructExpr>(e);
    if (!c || c->getNumArgs() != 1)
      return e;
    e = bare(c->getArg(0));
  }
}

void Body::init(const Place &to, const clang::Expr *e, bool is_fresh) {
  e = without_qualification(e);
  if (is_std_function(e->getType()) && to.type().is(ir::Type::Record))
    return set_function(to, e->getType(), e);
  if (auto *cls = e->getType()->getAsCXXRecordDecl(); cls && cls->isLambda() && cls->isEmpty() &&
                                                      to.type().is(ir::Type::Record) &&
                                                      to.type().members().fields.empty())
    return; // it captured nothing
  if (auto *cls = e->getType()->getAsCXXRecordDecl();
      cls && cls->isLambda() && to.type().is(ir::Type::Record) &&
      &to.type().members() == s_.captured(cls->getDefinition(), e->getExprLoc()).get()) {
    if (auto known = closure(e)) {
      if (known->is_mutable())
        refuse_expr(e, "a mutable lambda in an object",
                    "keep what it changes in a variable that it captures by reference");
      return fill_captures(to, *known, e);
    }
    return copy_value(to, place(existing_object(e)));
  }
  if (auto *list = dyn_cast<clang::InitListExpr>(e))
    return init_list(to, list);
  if (isa<clang::CXXStdInitializerListExpr>(e))
    return list_view(to, e);
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(e))
    return init_construct(to, c);
  if (isa<clang::ImplicitValueInitExpr, clang::CXXScalarValueInitExpr>(e))
    return zero_fill(to);
  if (isa<clang::CXXNewExpr>(e) || isa<clang::CastExpr>(e) && e->getType()->isPointerType())
    if (allocation(e, &to))
      return;
  auto *c = dyn_cast<clang::CallExpr>(e);
  bool takes_part = c && c->getDirectCallee() && is_part_access(c->getDirectCallee());
  if (c && (!e->isGLValue() || takes_part)) {
    bool may_fold =
        e->getType()->isArithmeticType() && c->getDirectCallee() && c->getDirectCallee()->isConstexpr();
    std::optional<Ex> known = may_fold ? evaluated(e) : std::nullopt;
    if (known)
      return emit(Assign{to, *known});
    auto result = call(c, &to);
    if (!result)
      refuse_expr(e, "the value of this call", "call it in a statement of its own");
    if (!(std::holds_alternative<Read>((*result)->node) &&
          same_place(std::get<Read>((*result)->node).place, to)))
      emit(Assign{to, *result});
    return;
  }
  const clang::Expr *loaded = bare(without_load(e));
  if (auto *c = dyn_cast<clang::ConditionalOperator>(loaded); c && !to.type().is_discrete())
    return choose(to, c);
  if (auto *text = dyn_cast<clang::StringLiteral>(e); text && to.type().is(ir::Type::Array)) {
    for (unsigned i = 0; i < to.type().extent(); ++i)
      emit(Assign{with_step(to, Index{integer(i)}),
                  make(Cast{integer(i < text->getLength() ? text->getCodeUnit(i) : 0)},
                       to.type().element().with_const(false))});
    return;
  }
  if (auto *copy = dyn_cast<clang::ArrayInitLoopExpr>(e)) {
    Place from = place(copy->getCommonExpr()->getSourceExpr());
    if (has_own_copying(e->getType()))
      return copy_each(to, from, copy->getSubExpr());
    for (unsigned i = 0; i < to.type().extent(); ++i)
      emit(Assign{with_step(to, Index{integer(i)}), read(with_step(from, Index{integer(i)}))});
    return;
  }
  if (auto *c = dyn_cast<clang::CompoundLiteralExpr>(e); c && !e->isGLValue())
    return init(to, c->getInitializer(), is_fresh);
  if (auto *c = dyn_cast<clang::CXXParenListInitExpr>(e)) {
    unsigned i = 0;
    for (const clang::Expr *x : c->getInitExprs()) {
      init(with_step(to, to.type().is(ir::Type::Array) ? Step(Index{integer(i)}) : Step(Field{i})), x,
           is_fresh);
      ++i;
    }
    return;
  }
  Ex v = value(e);
  emit(Assign{to, convert(v, to.type())});
}

/// An array as a member, copied by the constructor of its elements.
void Body::copy_each(const Place &to, const Place &from, const clang::Expr *e) {
  auto *c = dyn_cast<clang::CXXConstructExpr>(bare(e));
  if (!c || c->getNumArgs() != 1 || !c->getConstructor()->hasBody())
    refuse_expr(e, "a copy of this array", "copy its elements in a loop");
  refuse_in_try(c->getConstructor(), e->getExprLoc());
  if (to.root->kind == Variable::Local)
    escaped_.insert(to.root.get());
  CalleeRef callee = s_.callee(c->getConstructor());
  for (unsigned i = 0; i < to.type().extent(); ++i)
    emit(Call{callee,
              {address(with_step(to, Index{integer(i)})), address(with_step(from, Index{integer(i)}))},
              std::nullopt});
}

void Body::init_list(const Place &to, const clang::InitListExpr *e) {
  ir::Type t = to.type();
  if (e->isTransparent() || !t.is(ir::Type::Array) && !t.is(ir::Type::Record)) {
    if (e->getNumInits())
      return init(to, e->getInit(0), true);
    return zero_fill(to);
  }
  unsigned n = e->getNumInits();
  if (t.is(ir::Type::Array)) {
    for (unsigned i = 0; i < n; ++i)
      if (!isa<clang::ImplicitValueInitExpr>(bare(e->getInit(i))) || !to.path.empty() || !e->hasArrayFiller())
        init(with_step(to, Index{integer(i)}), e->getInit(i), true);
    if (!e->hasArrayFiller() ||
        to.path.empty() && to.root->kind == Variable::Local) // its Declare has zeroed it
      return;
    for (unsigned i = n; i < t.extent(); ++i)
      init(with_step(to, Index{integer(i)}), e->getArrayFiller(), true);
    return;
  }
  auto *cls = e->getType()->getAsRecordDecl();
  std::vector<const clang::FieldDecl *> fields(cls->field_begin(), cls->field_end());
  unsigned first = t.members().fields.size() < fields.size() ? 0 : n < fields.size() ? 0 : n - fields.size();
  for (unsigned i = 0; i < n && i < t.members().fields.size(); ++i)
    if (i < first || i - first >= fields.size() ||
        !default_member(to, with_step(to, Field{i}), fields[i - first], e->getInit(i)))
      init(with_step(to, Field{i}), e->getInit(i), true);
}

void Body::init_construct(const Place &to, const clang::CXXConstructExpr *e) {
  construct_object(to, e);
  if (to.type().is(ir::Type::Record))
    set_tag(to, e->getConstructor()->getParent());
}

/// The object is of this class from now on.
void Body::set_tag(const Place &object, const clang::CXXRecordDecl *cls) {
  if (s_.is_tagged(cls))
    emit(Assign{tag_of(object, cls->getDefinition()), integer(s_.class_number(cls))});
}

void Body::construct_object(const Place &to, const clang::CXXConstructExpr *e) {
  const clang::CXXConstructorDecl *c = e->getConstructor();
  if (to.type().is_handle()) {
    const clang::Expr *from = e->getNumArgs() == 1 ? bare(e->getArg(0)) : e;
    if (e->getNumArgs() == 0) // also one of an array
      return zero_fill(to);
    if (auto *made = dyn_cast<clang::MaterializeTemporaryExpr>(from))
      return init(to, made->getSubExpr(), true);
    if (auto *c = dyn_cast<clang::CallExpr>(from);
        c && c->getDirectCallee() && is_part_access(c->getDirectCallee()))
      return init(to, from, true);
    return emit(Assign{to, handle_value(e)});
  }
  if (auto iterator = iterator_value(e))
    return emit(Assign{to, *iterator});
  if (e->getNumArgs() == 0 &&
      is_smart(s_.context.getBaseElementType(e->getType()))) // null; an array of them too
    return zero_fill(to);
  if (matrices().construct(to, e) || complex_construct(to, e) || optional_construct(to, e) ||
      variant_construct(to, e) || chain_construct(to, e) || array_construct(to, e) ||
      container_construct(to, e))
    return;
  if (is_std_function(e->getType()) && to.type().is(ir::Type::Record))
    return set_function(to, e->getType(), e);
  if (to.type().is(ir::Type::Array) && e->getNumArgs() == 0) {
    if (e->requiresZeroInitialization())
      return zero_fill(to);
    if (c->isTrivial())
      return;
  }
  if (e->getNumArgs() == 1 && c->isCopyOrMoveConstructor() && copies_members(c)) {
    const clang::Expr *from = bare(e->getArg(0));
    if (isa<clang::CallExpr>(from) && !from->isGLValue())
      return init(to, from, true);
    return emit(Assign{to, value(from)});
  }
  if (e->getNumArgs() == 1 && c->isCopyOrMoveConstructor() && !c->isUserProvided() &&
      owns_elements(to.type()) && !has_own_copying(e->getType()))
    return take_value(to, e->getArg(0));
  if (to.type().is(ir::Type::Array)) {
    if (e->getNumArgs() != 0 || c->isUserProvided())
      for (unsigned i = 0; i < to.type().extent(); ++i)
        init_construct(with_step(to, Index{integer(i)}), e);
    if (e->getNumArgs() != 0 || c->isUserProvided())
      return;
  } else if (e->getNumArgs() != 0 || c->isUserProvided()) {
    return construct(to, e);
  }
  if (e->requiresZeroInitialization())
    zero_fill(to);
  if (!c->isTrivial())
    default_members(to, c->getParent(), e->getExprLoc());
}

namespace {
/// Is it an initialiser in the class, which means the object that is made by `this`?
bool means_object(const clang::Stmt *s, bool in_class) {
  if (!s)
    return false;
  if (auto *d = dyn_cast<clang::CXXDefaultInitExpr>(s))
    return means_object(d->getExpr(), true);
  if (in_class && isa<clang::CXXThisExpr>(s))
    return true;
  return llvm::any_of(s->children(), [&](const clang::Stmt *c) { return means_object(c, in_class); });
}
} // namespace

/// struct S { double a = 1, b = 2 * a; };      `of`: the object
bool Body::default_member(const Place &of, const Place &to, const clang::FieldDecl *field,
                          const clang::Expr *e) {
  if (!means_object(e, field->hasInClassInitializer() && e == field->getInClassInitializer()))
    return init_member(to, field, e);
  if (of.root->kind == Variable::Local)
    escaped_.insert(of.root.get());
  Var outer = std::exchange(self_, variable("self", ir::Type::reference(of.type())));
  emit(Declare{self_, address(of)});
  const bool done = init_member(to, field, e);
  self_ = outer;
  return done;
}

/// `struct S { double a = 1; };` has its members set where an S is made without a list.
void Body::default_members(const Place &to, const clang::CXXRecordDecl *rd, clang::SourceLocation at) {
  if (to.type().is(ir::Type::Array)) {
    Var i = variable("i", ir::Type::integer());
    Block body = capture([&] { default_members(with_step(to, Index{read(i)}), rd, at); });
    return emit(For{i, integer(0), For::LT, integer(to.type().extent()), 1, std::move(body), false});
  }
  if (to.type().is(ir::Type::Record) && to.type().members().container != Struct::None)
    return empty_container(to);
  if (!to.type().is(ir::Type::Record))
    s_.refuse(Diag::UnsupportedType, at,
              {s_.spelling(s_.context.getRecordType(rd)), "set the members one by one"});
  unsigned number = 0;
  for (const clang::CXXBaseSpecifier &base : rd->bases())
    default_object(with_step(to, Field{number++}), base.getType()->getAsCXXRecordDecl()->getDefinition(), at);
  set_tag(to, rd);
  for (auto *field : rd->fields()) {
    if (is_handle(s_.context.getBaseElementType(field->getType()))) {
      zero_fill(with_step(to, Field{field_number(field)}));
      continue;
    }
    Place member_place = with_step(to, Field{field_number(field)});
    const clang::Expr *e = field->hasInClassInitializer() ? field->getInClassInitializer() : nullptr;
    if (default_member(to, member_place, field, e))
      continue;
    auto *inner = s_.context.getBaseElementType(field->getType())->getAsCXXRecordDecl();
    if (inner)
      default_object(member_place, inner, at);
  }
}

/// A member that has an initialiser, or is of a kind that begins as nothing.
bool Body::init_member(const Place &to, const clang::FieldDecl *field, const clang::Expr *e) {
  clang::QualType t = field->getType();
  if (is_text(t) && to.type().is(ir::Type::Record)) { // left out: nobody sees it
    if (e && !is_quiet_text(e))
      refuse_expr(e, "a string that is made by calls", "make it before, in a variable of its own");
    return true;
  }
  if (t->isReferenceType() && e) {
    emit(Assign{to, bind(e)});
    return true;
  }
  if (is_variant(t) && !e)
    return false;
  if (e)
    init(to, e, true);
  else if (stands_in(t))
    zero_fill(to);
  return e || stands_in(t);
}

/// What an object that nobody initialises begins as.
void Body::default_object(const Place &to, const clang::CXXRecordDecl *cls, clang::SourceLocation at) {
  clang::QualType t = s_.context.getRecordType(cls);
  const bool is_empty_function = is_std_function(t) && to.type().is(ir::Type::Record);
  if (to.type().is(ir::Type::Pointer) || is_empty_function || matrix_of(t)) // an iterator; Eigen sets nothing
    return zero_fill(to);
  if (is_variant(s_.context.getRecordType(cls)))
    return default_variant(to, cls, at);
  if (is_optional(s_.context.getRecordType(cls)))
    return zero_fill(to);
  if (cls->hasTrivialDefaultConstructor())
    return;
  for (const clang::CXXConstructorDecl *c : cls->ctors()) {
    if (!c->isDefaultConstructor() || !c->isUserProvided() || s_.chain_class(to.type()) ||
        container_of(s_.context.getRecordType(cls)))
      continue;
    bool is_known = c->hasBody() && (!s_.context.getSourceManager().isInSystemHeader(c->getLocation()) ||
                                     s_.can_import(s_.callee(c)));
    if (c->getNumParams() || to.type().is(ir::Type::Array) || !is_known)
      s_.refuse(Diag::UnsupportedExpression, at,
                {"a member that is made by '" + s_.qualified(c) + "'", "initialise it in a constructor"});
    refuse_in_try(c, at);
    if (to.root->kind == Variable::Local)
      escaped_.insert(to.root.get());
    return emit(Call{s_.callee(c), {address(to)}, std::nullopt});
  }
  default_members(to, cls, at);
}

void Body::zero_fill(const Place &to) {
  ir::Type t = to.type();
  if (s_.chain_class(t)) {
    empty_chain(to);
  } else if (t.is(ir::Type::Record)) {
    for (unsigned i = 0; i < t.members().fields.size(); ++i)
      zero_fill(with_step(to, Field{i}));
  } else if (t.is(ir::Type::Array) && t.extent() <= 4) {
    for (unsigned i = 0; i < t.extent(); ++i)
      zero_fill(with_step(to, Index{integer(i)}));
  } else if (t.is(ir::Type::Array)) {
    Var i = variable("i", ir::Type::integer());
    Block body = capture([&] { zero_fill(with_step(to, Index{read(i)})); });
    emit(For{i, integer(0), For::LT, integer(t.extent()), 1, std::move(body), false});
  } else {
    emit(Assign{to, zero_of(t.with_const(false))});
  }
}

} // namespace nabla::front
