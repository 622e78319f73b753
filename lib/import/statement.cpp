// Statements and declarations, switch. `double y = g(x), *p = new double[n];` -> double y; y = g(x); double
// *p; allocate p
#include "import/body.h"
#include "import/class.h"
#include "import/container.h"
#include "import/matrix.h"
#include "import/targets.h"
#include "ir/walk.h"

namespace nabla::front {

void Body::stmt(const clang::Stmt *s) {
  if (!s)
    return;
  if (auto *block = dyn_cast<clang::CompoundStmt>(s)) {
    std::vector<const clang::Stmt *> children(block->body_begin(), block->body_end());
    return block_with_labels(children);
  }
  Loc outer = here_;
  here_ = s_.loc(s->getBeginLoc());
  std::size_t first = living_.size();
  stmt_switch_on_class(s);
  end_temporaries();
  if (!isa<clang::DeclStmt, clang::LabelStmt>(s)) // of a for's or an if's own
    end_lives(first);
  here_ = outer;
}

void Body::stmt_switch_on_class(const clang::Stmt *s) {
  if (auto *e = dyn_cast<clang::Expr>(s))
    return effect(e);
  auto leave = [&](std::vector<JumpTarget> &targets) {
    if (targets.empty())
      s_.refuse(Diag::UnsupportedStatement, s->getBeginLoc(),
                {"a jump out of this construct", "restructure the loop"});
    targets.back().used = true;
    destroy_down_to(targets.back().living);
    emit(Exit{targets.back().label});
  };
  switch (s->getStmtClass()) {
  case clang::Stmt::NullStmtClass:
    return;
  case clang::Stmt::AttributedStmtClass:
    return stmt(cast<clang::AttributedStmt>(s)->getSubStmt());
  case clang::Stmt::DeclStmtClass:
    for (auto *d : cast<clang::DeclStmt>(s)->decls())
      if (auto *v = dyn_cast<clang::VarDecl>(d))
        declare(v);
    return;
  case clang::Stmt::IfStmtClass:
    return if_stmt(cast<clang::IfStmt>(s));
  case clang::Stmt::ForStmtClass:
    return for_stmt(cast<clang::ForStmt>(s));
  case clang::Stmt::WhileStmtClass:
    return while_stmt(cast<clang::WhileStmt>(s));
  case clang::Stmt::DoStmtClass:
    return do_stmt(cast<clang::DoStmt>(s));
  case clang::Stmt::CXXForRangeStmtClass:
    return range_for(cast<clang::CXXForRangeStmt>(s));
  case clang::Stmt::SwitchStmtClass:
    return switch_stmt(cast<clang::SwitchStmt>(s));
  case clang::Stmt::ReturnStmtClass:
    return return_stmt(cast<clang::ReturnStmt>(s));
  case clang::Stmt::BreakStmtClass:
    return leave(breaks_);
  case clang::Stmt::ContinueStmtClass:
    return leave(continues_);
  case clang::Stmt::CaseStmtClass:
  case clang::Stmt::DefaultStmtClass:
    s_.refuse(Diag::UnsupportedStatement, s->getBeginLoc(),
              {"a case label inside a nested block", "put the labels directly into the switch"});
  case clang::Stmt::GotoStmtClass:
    if (auto known = labels_ahead_.find(cast<clang::GotoStmt>(s)->getLabel()); known != labels_ahead_.end()) {
      destroy_down_to(known->second.living);
      return emit(Exit{known->second.label});
    }
    s_.refuse(
        Diag::UnsupportedStatement, s->getBeginLoc(),
        {"a goto to a label before it, or in another block", "write a loop, a break or a helper function"});
  case clang::Stmt::IndirectGotoStmtClass:
  case clang::Stmt::LabelStmtClass:
    s_.refuse(Diag::UnsupportedStatement, s->getBeginLoc(),
              {"goto", "write a loop, a break or a helper function"});
  case clang::Stmt::CXXTryStmtClass:
    return try_stmt(cast<clang::CXXTryStmt>(s));
  case clang::Stmt::GCCAsmStmtClass:
  case clang::Stmt::MSAsmStmtClass:
    s_.refuse(
        Diag::UnsupportedStatement, s->getBeginLoc(),
        {"inline assembly", "move it into a function with a [[nabla::pullback_of]] or [[nabla::inactive]]"});
  default:
    s_.refuse(Diag::UnsupportedStatement, s->getBeginLoc(),
              {kind_of(s), "move it into a function with a [[nabla::pullback_of]] or [[nabla::inactive]]"});
  }
}

// ---- Declarations ---------------------------------------------------------------------------------------

namespace {

/// Its value needs no statement of its own that could assign the variable directly.
bool is_direct(const clang::Expr *e) {
  e = bare(without_load(e));
  if (isa<clang::CallExpr, clang::AbstractConditionalOperator, clang::CXXNewExpr, clang::InitListExpr>(e))
    return false;
  auto *c = dyn_cast<clang::CastExpr>(e);
  return !c || !isa<clang::CallExpr>(bare(c->getSubExprAsWritten()));
}

} // namespace

/// The variable comes after what its initialiser needs, unless a call, an allocation or a choice assigns it.
void Body::declare_scalar(const clang::VarDecl *v, const Var &var, const clang::Expr *e) {
  if (is_direct(e))
    return emit(Declare{var, value(e)});
  vars_[v] = var;
  std::size_t mark = out_->size();
  init(Place{var, {}}, e, true);
  auto *last = out_->size() > mark ? std::get_if<Assign>(&out_->back().node) : nullptr;
  if (last && last->to.root == var && last->to.path.empty()) {
    Ex known = last->value;
    out_->pop_back();
    return emit(Declare{var, known});
  }
  var->type = var->type.with_const(false);
  auto *made = out_->size() > mark ? std::get_if<Call>(&out_->back().node) : nullptr;
  if (made && var->type.is_handle() && made->result && made->result->root == var)
    mark = out_->size() - 1; // what the call needs is computed into names of its own
  out_->insert(out_->begin() + mark, ir::Stmt{Declare{var, std::nullopt}, here_, 0});
}

namespace {

bool has_deleted_copying(const clang::CXXRecordDecl *cls) {
  return std::any_of(cls->ctor_begin(), cls->ctor_end(), [](const clang::CXXConstructorDecl *c) {
    return c->isCopyConstructor() && c->isDeleted();
  });
}

/// Nothing in it but constants, functions of <cmath> and constexpr ones of the library.
bool is_of_constants(const clang::Stmt *s) {
  if (!s)
    return true;
  if (auto *name = dyn_cast<clang::DeclRefExpr>(s)) {
    auto *v = dyn_cast<clang::VarDecl>(name->getDecl());
    if (v && !v->isUsableInConstantExpressions(v->getASTContext()))
      return false;
  }
  auto is_known = [](const clang::FunctionDecl *f) { // not std::rand
    bool is_plain = f && is_of_std(f) && (f->isConstexpr() || isa<clang::CXXConstructorDecl>(f));
    return is_plain || f && library_rule(f, f->getASTContext().getSourceManager());
  };
  if (auto *c = dyn_cast<clang::CallExpr>(s); c && !is_known(c->getDirectCallee()))
    return false;
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(s);
      c && !is_known(c->getConstructor()) && !c->getConstructor()->isTrivial())
    return false;
  if (isa<clang::CXXThisExpr, clang::LambdaExpr, clang::CXXNewExpr, clang::CXXThrowExpr>(s))
    return false;
  return llvm::all_of(s->children(), is_of_constants);
}

/// A static constant that is what it is whenever it is made, though the compiler cannot evaluate it.
bool is_same_each_time(const clang::VarDecl *v) {
  clang::QualType t = v->getType();
  return t.isConstQualified() && v->getTLSKind() == clang::VarDecl::TLS_None && v->hasInit() &&
         !v->evaluateValue() && is_of_constants(v->getInit());
}

} // namespace

void Body::declare(const clang::VarDecl *v) {
  if (auto *d = dyn_cast<clang::DecompositionDecl>(v))
    return declare_bindings(d);
  if (hoisted_.erase(v))
    return;
  if (v->hasExternalStorage())
    return; // a global named here
  if (v->isStaticLocal() && !is_same_each_time(v) || v->getTLSKind() != clang::VarDecl::TLS_None)
    return declare_static(v);
  clang::SourceLocation at = v->getLocation();
  if (auto *cls = v->getType().getNonReferenceType()->getAsCXXRecordDecl(); cls && cls->isLambda())
    return declare_closure(v);
  if (v->hasInit() && names_closures(v->getInit())) {
    closure_sets_[v] = closures_of(v->getInit());
    return;
  }
  if (matrices().declare(v))
    return;
  if (is_std_function(v->getType()) && !v->getType()->isReferenceType()) {
    if (keeps_its_function(v))
      return declare_closure(v);
    Var var = empty_temp(v->getNameAsString(), s_.held_function(v->getType(), at));
    vars_[v] = var;
    escaped_.insert(var.get());
    return set_function(Place{var, {}}, v->getType(), v->getInit());
  }
  if (auto *cls = v->getType()->getAsCXXRecordDecl();
      cls && cls->isPolymorphic() && is_plain(cls->getDefinition()) && !s_.is_tagged(cls) &&
      !cls->hasSimpleCopyConstructor() && !cls->hasSimpleMoveConstructor())
    s_.refuse(Diag::UnsupportedType, at,
              {s_.spelling(v->getType()),
               "an adjoint of it is made as a copy: do not delete its copy constructor"});
  if (v->getType()->isReferenceType())
    return declare_reference(v);
  if (auto *vla = s_.context.getAsVariableArrayType(v->getType()))
    return declare_variable_length(v, vla);
  Loc outer = here_;
  here_ = s_.loc(at)->line == (here_ ? here_->line : 0) ? here_ : s_.loc(at);
  ir::Type t = type(v->getType(), at);
  bool is_made = t.is(ir::Type::Record) && t.has_constructor() && t.spelling().rfind("nabla::", 0) != 0;
  if (is_made && !t.has_outside() && has_deleted_copying(v->getType()->getAsCXXRecordDecl()))
    s_.refuse(
        Diag::UnsupportedType, at,
        {s_.spelling(v->getType()), "generated code makes it as a copy: do not delete its copy constructor"});
  Var var = variable(v->getNameAsString(), t);
  if (uses_.escaped.count(v) || t.is(ir::Type::Array))
    escaped_.insert(var.get());
  const clang::Expr *e = v->getInit() ? bare(v->getInit()) : nullptr;
  bool fieldwise = t.is(ir::Type::Array) || t.is(ir::Type::Record);
  if (!e) {
    emit(Declare{var, std::nullopt});
  } else if (fieldwise) {
    declare_array(v);
    vars_.try_emplace(v, var);
    begin_life(Place{vars_[v], {}}, v->getType(), v);
    here_ = outer;
    return;
  } else if (t.is(ir::Type::Opaque) && is_text(v->getType())) {
    var->type = t.with_const(false);
    escaped_.insert(var.get());
    emit(Declare{var, text_value(e)});
  } else if (t.is(ir::Type::Opaque)) {
    s_.refuse(Diag::UnsupportedType, at,
              {t.spelling(),
               "pass it as a parameter; or, where no derivative depends on it, move its use into a function "
               "marked [[nabla::inactive]]"});
  } else {
    declare_scalar(v, var, e);
  }
  vars_[v] = var;
  here_ = outer;
}

/// Arrays and structs: constants in the declaration, else a declaration and its members in order.
void Body::declare_array(const clang::VarDecl *v) {
  ir::Type t = type(v->getType(), v->getLocation());
  Var var = variable(v->getNameAsString(), t);
  if (uses_.escaped.count(v) || t.is(ir::Type::Array))
    escaped_.insert(var.get());
  vars_[v] = var;
  const clang::Expr *e = bare(v->getInit());
  std::vector<Ex> elements;
  if (isa<clang::InitListExpr, clang::StringLiteral>(e) && constant_elements(e, t, elements)) {
    bool zero = all_zero(elements);
    Declare d{var, std::nullopt};
    d.zero = zero;
    if (!zero)
      d.elements = std::move(elements);
    emit(std::move(d));
    return;
  }
  bool is_nothing = is_handle(s_.context.getBaseElementType(e->getType())); // so handles begin
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(e);
      c && c->getNumArgs() == 0 && (c->getConstructor()->isTrivial() || is_nothing)) {
    Declare d{var, std::nullopt};
    d.zero = c->requiresZeroInitialization() || is_nothing;
    var->type = var->type.without_const();
    emit(std::move(d));
    return;
  }
  auto *list = dyn_cast<clang::InitListExpr>(e);
  if (t.is(ir::Type::Record) && !list &&
      !isa<clang::CXXConstructExpr, clang::CallExpr, clang::AbstractConditionalOperator>(e)) {
    Ex init_value = value(e);
    emit(Declare{var, init_value});
    return;
  }
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(e);
      c && c->getNumArgs() == 1 && !owns_elements(t) && !has_own_copying(v->getType()) &&
      c->getConstructor()->isCopyOrMoveConstructor() && !isa<clang::CallExpr>(bare(c->getArg(0)))) {
    Ex init_value = value(e);
    emit(Declare{var, init_value});
    return;
  }
  var->type = var->type.without_const();
  Declare d{var, std::nullopt};
  d.zero = list && list->hasArrayFiller();
  emit(std::move(d));
  init(Place{var, {}}, e, true);
}

namespace {

bool has_variable_part(const clang::ASTContext &context, clang::QualType t) {
  for (auto *a = context.getAsArrayType(t); a; a = context.getAsArrayType(a->getElementType()))
    if (isa<clang::VariableArrayType>(a))
      return true;
  return false;
}

} // namespace

/// `double a[n][m]` -> a pointer to n * m elements of the arena, and the extents for its subscripts;
/// what follows the last variable extent stays an array type.
void Body::declare_variable_length(const clang::VarDecl *v, const clang::VariableArrayType *) {
  std::vector<Ex> extents;
  clang::QualType t = v->getType();
  Ex count;
  while (has_variable_part(s_.context, t)) {
    auto *a = s_.context.getAsArrayType(t);
    Ex extent;
    if (auto *vla = dyn_cast<clang::VariableArrayType>(a))
      extent = freeze_now(value(vla->getSizeExpr()), v->getNameAsString() + "_extent");
    else if (auto *fixed = dyn_cast<clang::ConstantArrayType>(a))
      extent = integer(fixed->getSize().getZExtValue());
    else
      s_.refuse(Diag::UnsupportedType, v->getLocation(), {t.getAsString(), "write the extents out"});
    extents.push_back(extent);
    count = count ? native("*", {count, convert(extent, count.type())}, count.type())
                  : convert(extent, ir::Type::integer("long"));
    t = a->getElementType();
  }
  Var var = variable(v->getNameAsString(), ir::Type::pointer(type(t, v->getLocation()).without_const()));
  emit(Declare{var, std::nullopt});
  Allocate a{Place{var, {}}, var->type.element(), count, Allocate::Arena, v->hasInit(), std::nullopt};
  emit(a);
  vla_extents_[v] = extents;
  vars_[v] = var;
  stable_.insert(var.get());
}

void Body::declare_reference(const clang::VarDecl *v) {
  const clang::Expr *e = bare(v->getInit());
  if (is_std_function(v->getType()) && is_stored_function(e)) {
    named_places_[v] = steady(place(e));
    return;
  }
  if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e)) { // the temporary lives as long: a variable
    Place p = materialize(m);
    if (!temporaries_.empty() && same_place(temporaries_.back().object, p)) {
      living_.push_back(temporaries_.back());
      temporaries_.pop_back();
    }
    p.root->name = v->getNameAsString();
    if (uses_.escaped.count(v))
      escaped_.insert(p.root.get());
    if (p.path.empty())
      vars_[v] = p.root;
    else
      named_places_[v] = p;
    if (uses_.written.count(v))
      stable_.erase(p.root.get());
    return;
  }
  Var var = variable(v->getNameAsString(), type(v->getType(), v->getLocation()));
  Ex where = bind(e);
  auto *a = std::get_if<AddressOf>(&where->node);
  if (a && a->place.path.empty() && stable_.count(a->place.root.get()) &&
      !a->place.root->type.is_reference()) {
    a->place.root->name = v->getNameAsString(); // the temporary that a call returned
    vars_[v] = a->place.root;
    return;
  }
  emit(Declare{var, where});
  vars_[v] = var;
}

void Body::declare_static(const clang::VarDecl *v) {
  clang::SourceLocation at = v->getLocation();
  clang::QualType t = v->getType();
  bool is_const = t.isConstant(s_.context) || v->isConstexpr();
  const clang::APValue *known = is_const && v->hasInit() ? v->evaluateValue() : nullptr;
  if (!known || v->getTLSKind() != clang::VarDecl::TLS_None)
    s_.refuse(Diag::UnsupportedStatement, at,
              {std::string("the ") + (v->getTLSKind() ? "thread_local" : "static") + " variable '" +
                   v->getNameAsString() + "'",
               "pass it as a parameter, make it const with constant elements, or move it to file scope"});
  Var var = variable(v->getNameAsString(), type(t, at));
  var->kind = Variable::StaticConst;
  var->inactive = true;
  Declare d{var, std::nullopt};
  flatten(*known, t, at, d.elements);
  if (!var->type.is(ir::Type::Array) && !var->type.is(ir::Type::Record)) {
    var->kind = Variable::Local; // a constant: nobody can tell
    d.init = d.elements.front();
    d.elements.clear();
  }
  emit(std::move(d));
  vars_[v] = var;
}

/// `auto [a, b] = s;` -> a copy (or a reference), and names for its parts.
void Body::declare_bindings(const clang::DecompositionDecl *d) {
  if (bind_minmax(d))
    return;
  const clang::Expr *e = bare(d->getInit());
  Place whole;
  if (d->getType()->isReferenceType()) {
    whole = isa<clang::MaterializeTemporaryExpr>(e) ? materialize(e) : Place{};
    if (!whole.root) {
      Var var = variable("bound", type(d->getType(), d->getLocation()));
      Ex where = bind(e);
      emit(Declare{var, where});
      whole = place_of(var);
    }
  } else {
    Var var = empty_temp("bound", type(d->getType(), d->getLocation()));
    whole = Place{var, {}};
    if (auto *copy = dyn_cast<clang::ArrayInitLoopExpr>(e)) {
      Place from = place(copy->getCommonExpr()->getSourceExpr());
      for (unsigned i = 0; i < whole.type().extent(); ++i)
        copy_object(with_step(whole, Index{integer(i)}), with_step(from, Index{integer(i)}));
    } else {
      init(whole, e, true);
    }
    escaped_.insert(var.get());
    begin_life(whole, d->getType(), d);
  }
  name_bindings(d, whole);
}

void Body::name_bindings(const clang::DecompositionDecl *d, const Place &whole) {
  vars_[d] = whole.root;
  named_places_[d] = whole;
  ir::Type t = whole.type();
  auto *of = d->getType().getNonReferenceType()->getAsCXXRecordDecl();
  auto is_reference = [&](unsigned i) {
    return of && i < std::distance(of->field_begin(), of->field_end()) &&
           std::next(of->field_begin(), i)->getType()->isReferenceType();
  };
  for (unsigned i = 0; i < d->bindings().size(); ++i) {
    const clang::VarDecl *part = d->bindings()[i]->getHoldingVar();
    if (part && t.is_handle() && !d->getType()->isReferenceType()) {
      Var var = variable(d->bindings()[i]->getNameAsString(), // its own value: nobody sees the whole
                         type(part->getType().getNonReferenceType(), part->getLocation()));
      declare_scalar(part, var, bare(part->getInit()));
      vars_[part] = var;
      continue;
    }
    auto *cls = d->getType().getNonReferenceType()->getAsCXXRecordDecl();
    if (part && cls && cls->isInStdNamespace() && cls->getName() == "pair") // of which get<i> is a member
      named_places_[part] = entry_part(whole, i);
    else if (part) // a tuple: auto &x = get<i>(whole)
      declare(part);
    else if (t.is(ir::Type::Array))
      named_places_[d->bindings()[i]] = with_step(whole, Index{integer(i)});
    else if (t.is(ir::Type::Record) && i < t.members().fields.size() && !t.members().fields[0].is_base)
      named_places_[d->bindings()[i]] =
          is_reference(i) ? with_step(with_step(whole, Field{i}), Deref{}) : with_step(whole, Field{i});
    else
      s_.refuse(Diag::UnsupportedStatement, d->getLocation(),
                {"a structured binding of this type", "name the members one by one"});
  }
}

// ---- if and return --------------------------------------------------------------------------------------

Ex Body::condition(const clang::VarDecl *v, const clang::Expr *e) {
  if (v)
    declare(v);
  return value(e);
}

void Body::if_stmt(const clang::IfStmt *s) {
  stmt(s->getInit());
  if (s->isConsteval())
    return stmt(s->isNegatedConsteval() ? s->getThen() : s->getElse());
  if (s->isConstexpr())
    if (auto taken = s->getNondiscardedCase(s_.context))
      return stmt(*taken);
  Ex cond = condition(s->getConditionVariable(), s->getCond());
  if (!temporaries_.empty()) {
    cond = freeze_now(cond, "test");
    end_temporaries();
  }
  if (const std::string *known = const_spelling(cond); known && cond.type().is(ir::Type::Bool))
    return stmt(*known == "true" ? s->getThen() : s->getElse());
  Block yes = capture([&] { stmt(s->getThen()); });
  Block no = capture([&] { stmt(s->getElse()); });
  emit(If{cond, std::move(yes), std::move(no)});
}

void Body::return_stmt(const clang::ReturnStmt *s) {
  const clang::Expr *e = s->getRetValue();
  if (!returns_.empty()) {
    ReturnTarget target = returns_.back();
    ++returns_.back().count;
    const clang::VarDecl *whole = target.result ? returned_whole(s) : nullptr;
    if (whole)
      emit(Assign{Place{target.result, {}}, read(vars_.at(whole))});
    else if (e && target.refers)
      emit(Assign{Place{target.result, {}}, bind(e)});
    else if (e && target.result)
      init(Place{target.result, {}}, e, true);
    else if (e && e->getType()->isVoidType())
      effect(e);
    end_temporaries();
    destroy_down_to(target.living, whole);
    return emit(Exit{target.label});
  }
  const clang::VarDecl *moved = nullptr;
  auto leave = [&](std::optional<Ex> v) {
    bool ends = !temporaries_.empty() || !living_.empty();
    if (v && ends)
      v = freeze_now(*v, "result");
    end_temporaries();
    destroy_down_to(0, moved);
    emit(Return{v});
  };
  if (!e)
    return leave({});
  if (f_->getReturnType()->isVoidType()) {
    effect(e);
    return leave({});
  }
  if (result_) {
    moved = returned_whole(s);
    if (moved)
      emit(Assign{place_of(result_), read(vars_.at(moved))});
    else
      init(place_of(result_), e, true);
    return leave({});
  }
  if (callee_->result.is_reference())
    return leave(bind(e));
  e = bare(e);
  bool in_place = isa<clang::InitListExpr>(e) || isa<clang::AbstractConditionalOperator>(e);
  auto *made = dyn_cast<clang::CXXConstructExpr>(e);
  if (in_place && callee_->result.is(ir::Type::Record) || made && made->getNumArgs() != 1) {
    Var result = empty_temp("result", callee_->result);
    init(Place{result, {}}, e, true);
    return leave(read(result));
  }
  leave(value(e));
}

/// The local object that becomes the result, where the compiler makes no copy: one that is not used afterwards.
const clang::VarDecl *Body::returned_whole(const clang::ReturnStmt *s) const {
  const clang::VarDecl *v = s->getNRVOCandidate();
  return v && v->isNRVOVariable() && vars_.count(v) && has_own_copying(v->getType()) ? v : nullptr;
}

} // namespace nabla::front
