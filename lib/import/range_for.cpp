// Range-for: over arrays and containers a loop over indices. And whether a loop leaves a container's size alone.
#include "import/body.h"
#include "import/chain.h"
#include "import/class.h"
#include "import/container.h"
#include "import/matrix.h"
#include "import/targets.h"
#include "ir/walk.h"

namespace nabla::front {

namespace {

/// Looks for what may change the size of a container, or move its elements, other than through a plain local variable.
class StructureFinder {
public:
  explicit StructureFinder(const Uses &uses) : uses_(uses) {}
  bool found(const clang::Stmt *s) const {
    if (!s)
      return false;
    if (auto *c = dyn_cast<clang::CallExpr>(s); c && call(c))
      return true;
    for (const clang::Stmt *child : s->children())
      if (found(child))
        return true;
    return false;
  }

private:
  bool is_plain_local(const clang::Expr *e) const {
    const clang::VarDecl *v = named_variable(named_object(e));
    return v && v->isLocalVarDeclOrParm() && !v->getType()->isReferenceType() && !uses_.escaped.count(v);
  }
  static bool is_kept_by(clang::QualType object, const clang::CXXMethodDecl *m) {
    return container_of(object) && keeps_structure(m) || chain_of(object) && keeps_chain(m);
  }
  static bool may_change(clang::QualType object) {
    clang::QualType t =
        object->isPointerType() || object->isReferenceType() ? object->getPointeeType() : object;
    return t->isRecordType() && !t.isConstQualified() && !is_iterator(t);
  }
  bool call(const clang::CallExpr *c) const {
    const clang::FunctionDecl *f = c->getDirectCallee();
    auto *m = dyn_cast_or_null<clang::CXXMethodDecl>(f);
    if (!f || m && m->getParent()->isLambda())
      return true;
    unsigned first = 0;
    auto *mc = dyn_cast<clang::CXXMemberCallExpr>(c);
    if (m && (mc || isa<clang::CXXOperatorCallExpr>(c)) && !m->isStatic()) {
      const clang::Expr *object = bare_matrix(mc ? mc->getImplicitObjectArgument() : c->getArg(0));
      bool keeps = m->isConst() || is_kept_by(object->getType(), m);
      if (!keeps && may_change(object->getType()) && !is_plain_local(object))
        return true;
      first = mc ? 0 : 1;
    }
    for (unsigned i = first; i < c->getNumArgs(); ++i) {
      unsigned p = i - first;
      clang::QualType t = p < f->getNumParams() ? f->getParamDecl(p)->getType() : clang::QualType();
      bool by_address = !t.isNull() && (t->isReferenceType() || t->isPointerType());
      if (by_address && may_change(t) && !is_plain_local(c->getArg(i)))
        return true;
    }
    return false;
  }
  const Uses &uses_;
};

} // namespace

/// Nothing in the loop changes the container's size or moves its elements.
bool Body::structure_is_kept(const clang::Expr *container, const clang::Stmt *loop) {
  const clang::VarDecl *v = named_variable(named_object(container));
  if (v && uses_of(loop).changes(v))
    return false;
  bool is_named = v && v->isLocalVarDeclOrParm() && !uses_.escaped.count(v) &&
                  (isa<clang::ParmVarDecl>(v) || !v->getType()->isReferenceType());
  return is_named || !StructureFinder(uses_).found(loop);
}

/// begin and end of a class, as the standard writes it out.
void Body::class_range_for(const clang::CXXForRangeStmt *s) {
  bool has_break = false;
  std::string break_label;
  stmt(s->getRangeStmt());
  stmt(s->getBeginStmt());
  stmt(s->getEndStmt());
  Ex test;
  Block before = capture([&] { test = truth(value(s->getCond())); });
  if (!before.empty())
    s_.refuse(Diag::UnsupportedStatement, s->getBeginLoc(),
              {"a range-for over this class", "write an index loop"});
  Block whole = loop_body(
      s->getBody(), has_break, break_label, [&] { declare(s->getLoopVariable()); },
      [&] { effect(s->getInc()); });
  Block loop;
  loop.push_back(ir::Stmt{While{test, std::move(whole)}, here_, 0});
  wrap_break(std::move(loop), has_break, break_label);
}

/// The same array, reached so that nothing the loop does can lead elsewhere.
Place Body::steady(Place array) {
  bool moves = false;
  for (std::size_t i = 0; i < array.path.size(); ++i) {
    auto *index = std::get_if<Index>(&array.path[i]);
    bool is_pointer =
        std::holds_alternative<Deref>(array.path[i]) && !(i == 0 && array.root->type.is_reference());
    moves = moves || is_pointer || (index && !std::holds_alternative<Const>(index->at->node));
  }
  if (!moves)
    return array;
  Var bound = variable("range", ir::Type::reference(array.type()));
  emit(Declare{bound, address(array)});
  return place_of(bound);
}

namespace {
bool reads_memory(const Ex &e) {
  bool found = false;
  ir::for_each_subexpr(e, [&](const Ex &x) {
    auto *r = std::get_if<Read>(&x->node);
    found = found || r && (!r->place.path.empty() || r->place.root->kind == Variable::Global);
  });
  return found;
}
} // namespace

/// The object of a call: subscripts that its arguments, or what it does step by step, could change are computed now.
Place Body::fixed(Place p, const clang::CallExpr *e) {
  if (llvm::any_of(e->arguments(), [&](auto *arg) { return arg->HasSideEffects(s_.context); }))
    return steady(p);
  for (Step &step : p.path) {
    auto *index = std::get_if<Index>(&step);
    auto *deref = std::get_if<Deref>(&step);
    Ex *at = index ? &index->at : deref ? &deref->offset : nullptr;
    if (at && *at && reads_memory(*at))
      *at = freeze_now(*at, "at");
  }
  return p;
}

namespace {
/// The same type but for const, which an array has on its elements.
bool same_but_const(const ir::Type &a, const ir::Type &b) {
  if (a.is(ir::Type::Array) && b.is(ir::Type::Array))
    return a.extent() == b.extent() && same_but_const(a.element(), b.element());
  return a.with_const(false) == b.with_const(false);
}
} // namespace

void Body::declare_element(const clang::VarDecl *v, const Place &whole) {
  ir::Type t = !is_std_function(v->getType())    ? type(v->getType(), v->getLocation())
               : v->getType()->isReferenceType() ? ir::Type::reference(whole.type())
                                                 : whole.type().with_const(false);
  Place element = whole;
  const clang::Expr *e = v->getInit() ? bare(v->getInit()) : nullptr;
  if (auto *copy = dyn_cast_or_null<clang::CXXConstructExpr>(e); copy && copy->getNumArgs() == 1)
    e = bare(copy->getArg(0));
  for (auto *c = dyn_cast_or_null<clang::ImplicitCastExpr>(e); c;
       c = dyn_cast<clang::ImplicitCastExpr>(bare(c->getSubExpr())))
    if (c->getCastKind() == clang::CK_DerivedToBase || c->getCastKind() == clang::CK_UncheckedDerivedToBase)
      element = base_place(element, c);
  auto *cls = v->getType().getNonReferenceType()->getAsCXXRecordDecl();
  const bool is_wrapped =
      element.type().is(ir::Type::Record) &&
      element.type().outside().without_const().spelling().find("std::reference_wrapper<") == 0;
  const bool is_wrapper = is_std(v->getType(), {"reference_wrapper"});
  if (element.type().is(ir::Type::Record) && !cls && !is_wrapped)
    s_.refuse(
        Diag::UnsupportedExpression, v->getLocation(),
        {"a loop variable that the elements are converted to", "write auto &, and convert in the body"});
  if (is_wrapped && !is_wrapper) // for (double &x : v)
    element = with_step(with_step(element, Field{0}), Deref{});
  if (auto *d = dyn_cast<clang::DecompositionDecl>(v)) {
    Var bound = t.is_reference()
                    ? variable("bound", ir::Type::reference(element.type().with_const(
                                            t.element().is_const() || element.type().is_const())))
                    : empty_temp("bound", t);
    if (t.is_reference())
      emit(Declare{bound, address(element)});
    else
      copy_value(Place{bound, {}}, element);
    escaped_.insert(bound.get());
    return name_bindings(d, place_of(bound));
  }
  if (!t.is_reference() && copies_by_code(v->getType()))
    s_.refuse(Diag::UnsupportedExpression, v->getLocation(),
              {"a loop variable that is a copy, of a class with copying or a destructor of its own,",
               "write auto & or const auto &, and copy it in the body"});
  if (!t.is_reference() && owns_elements(t)) {
    Var copy = empty_temp(v->getNameAsString(), t);
    copy_value(Place{copy, {}}, element);
    vars_[v] = copy;
    return;
  }
  Var var = variable(v->getNameAsString(), t);
  if (uses_.escaped.count(v))
    escaped_.insert(var.get());
  bool is_view = t.is_reference() && same_but_const(t.element(), element.type());
  if (!is_view && t.is_reference())
    var->type = t.element();
  bool decays = t.is(ir::Type::Pointer) && element.type().is(ir::Type::Array) && !t.is_reference();
  Ex init_value = is_view  ? address(element)
                  : decays ? address(with_step(element, Index{integer(0)}))
                           : convert(read(element), var->type.with_const(false));
  emit(Declare{var, init_value});
  vars_[v] = var;
  if (cls && !v->getType()->isReferenceType())
    set_tag(Place{var, {}}, cls);
}

/// for (auto &x : v): the elements that v has when the loop begins.
bool Body::container_range_for(const clang::CXXForRangeStmt *s, const clang::Expr *range) {
  if (!container_of(range->getType()) || !type(range->getType(), range->getExprLoc()).is(ir::Type::Record))
    return false;
  Place v = range->isGLValue() ? place(range) : materialize(range);
  bool kept = range->isGLValue() && structure_is_kept(range, s->getBody());
  Ex count = read(part(v, Struct::Size));
  Place first = part(v, Struct::Data);
  if (!kept) {
    count = count_of(count, "count");
    first = Place{temp("range", read(first)), {}};
  }
  Var index = variable("i", count.type());
  Place element = with_step(first, Deref{read(index)});
  bool has_break = false;
  std::string break_label;
  Block body = loop_body(s->getBody(), has_break, break_label,
                         [&] { declare_element(s->getLoopVariable(), element); });
  Block loop;
  loop.push_back(
      ir::Stmt{For{index, integer(0, count.type()), For::LT, count, 1, std::move(body), false}, here_, 0});
  wrap_break(std::move(loop), has_break, break_label);
  return true;
}

/// The characters of a string, which may be another one when the reverse sweep runs: asked for one by one.
void Body::text_range_for(const clang::CXXForRangeStmt *s, const clang::Expr *range) {
  const clang::VarDecl *v = s->getLoopVariable();
  if (v->getType()->isReferenceType() && !v->getType()->getPointeeType().isConstQualified() &&
      !range->getType().isConstQualified())
    refuse_expr(range, "a loop over a string that may change its characters", "write an index loop");
  auto *cls = cast<clang::ClassTemplateSpecializationDecl>(range->getType()->getAsCXXRecordDecl());
  ir::Type character = type(cls->getTemplateArgs()[0].getAsType(), range->getExprLoc());
  Ex text = read(range->isGLValue() ? place(range) : Place{temp("text", text_value(range)), {}});
  ir::Type count = ir::Type::integer("unsigned long");
  Ex length = read(asked("std::size", count, {text}));
  Var index = variable("i", count);
  bool has_break = false;
  std::string break_label;
  Block body = loop_body(s->getBody(), has_break, break_label, [&] {
    declare_element(v, Place{asked("nabla::character", character, {text, read(index)}), {}});
  });
  Block loop;
  loop.push_back(
      ir::Stmt{For{index, integer(0, count), For::LT, length, 1, std::move(body), false}, here_, 0});
  wrap_break(std::move(loop), has_break, break_label);
}

void Body::range_for(const clang::CXXForRangeStmt *s) {
  stmt(s->getInit());
  const clang::Expr *range = bare(s->getRangeInit());
  if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(range))
    range = bare(m->getSubExpr());
  if (auto *list = dyn_cast<clang::CXXStdInitializerListExpr>(range))
    range = bare(list->getSubExpr());
  if (is_text(range->getType()))
    return text_range_for(s, range);
  if (chain_range_for(s, range) || container_range_for(s, range) || view_range_for(s, range))
    return;
  auto *cls = range->getType()->getAsCXXRecordDecl();
  bool is_std_array = cls && cls->isInStdNamespace() && cls->getName() == "array";
  if (!range->getType()->isConstantArrayType() && !is_std_array)
    return class_range_for(s);
  const clang::VarDecl *v = s->getLoopVariable();
  Place array = place(range);
  array = steady(is_std_array ? with_step(array, Field{0}) : array);
  Var index = variable("i", ir::Type::integer("int"));
  Place element = with_step(array, Index{read(index)});
  bool has_break = false;
  std::string break_label;
  Block body = loop_body(s->getBody(), has_break, break_label, [&] { declare_element(v, element); });
  Block loop;
  Ex count = integer(array.type().extent());
  loop.push_back(ir::Stmt{For{index, integer(0), For::LT, count, 1, std::move(body), false}, here_, 0});
  wrap_break(std::move(loop), has_break, break_label);
}

} // namespace nabla::front
