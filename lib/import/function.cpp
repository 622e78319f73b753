// Functions: who is called and how (Callee), one body at a time (Body::run), and what a piece of code writes
// (Uses).
#include "import/body.h"
#include "import/class.h"
#include "import/container.h"
#include "import/optional.h"
#include "import/smart.h"
#include "import/targets.h"
#include "import/variant.h"
#include "ir/walk.h"

namespace nabla::front {

// ---- Importer -------------------------------------------------------------------------------------------

struct Importer::State : Shared {
  using Shared::Shared;
};

Importer::Importer(clang::ASTContext &context, const Marks &marks)
    : state_(std::make_unique<State>(context, marks)) {}
Importer::~Importer() = default;
std::string Importer::adjoint_of_global(const std::string &name) { return state_->adjoint_of_global(name); }
CalleeRef Importer::callee(const clang::FunctionDecl *f) { return state_->callee(f); }

CalleeRef Importer::requested(const clang::FunctionDecl *f) {
  auto note = [&](const clang::CXXRecordDecl *cls) {
    if (cls && cls->isLambda())
      state_->callers_closures.insert(cls->getDefinition());
  };
  for (const clang::ParmVarDecl *p : f->parameters())
    note(p->getType().getNonReferenceType()->getBaseElementTypeUnsafe()->getAsCXXRecordDecl());
  if (auto *m = dyn_cast<clang::CXXMethodDecl>(f))
    note(m->getParent());
  state_->check_request(f);
  return state_->named(f);
}
const clang::FunctionDecl *Importer::declaration(const CalleeRef &c) const { return state_->declaration(c); }
ir::Type Importer::type(clang::QualType t, clang::SourceLocation at) { return state_->type(t, at); }
Loc Importer::loc(clang::SourceLocation at) const { return state_->loc(at); }
const std::vector<std::pair<std::string, const clang::TagDecl *>> &Importer::local_types() const {
  return state_->local_types;
}

Function Importer::import(const CalleeRef &c) {
  const clang::FunctionDecl *f = state_->declaration(c);
  const clang::FunctionDecl *definition = nullptr;
  bool is_choice = state_->is_choice(c);
  if (!is_choice && (!f || !f->hasBody(definition)))
    nabla::refuse(Diag::NoBody, f ? loc(f->getLocation()) : nullptr, {c->name});
  try {
    Shared::InScope scope(*state_, state_->globals_taken(c));
    return is_choice ? Body(*state_, f, c).run_virtual() : Body(*state_, definition, c).run();
  } catch (std::exception &e) { // of ours: vector::at, map::at
    internal_error(std::string("import: ") + e.what(), loc(f->getLocation()));
  }
}

// ---- Callees --------------------------------------------------------------------------------------------

const clang::FunctionDecl *Shared::declaration(const CalleeRef &c) const {
  auto found = declarations_.find(c.get());
  return found == declarations_.end() ? nullptr : found->second;
}

CalleeRef Shared::callee(const clang::FunctionDecl *f) {
  const clang::FunctionDecl *ours = own_pattern(f);
  f = (ours ? ours : f)->getCanonicalDecl();
  if (f->getNumParams() && f->getParamDecl(0)->isExplicitObjectParameter())
    refuse(Diag::UnsupportedExpression, f->getLocation(),
           {"a method with an explicit object parameter", "write it as an ordinary method"});
  if (isa<clang::CXXDeductionGuideDecl>(f) || f->isDependentContext() && !ours)
    refuse(Diag::UnsupportedExpression, f->getLocation(),
           {"a template itself", "differentiate a plain function"});
  std::pair<const clang::FunctionDecl *, std::vector<const clang::VarDecl *>> key{f, globals_of(f)};
  // A function of another file that is called as it is may write what this file lets others see.
  auto looked_at = [&](CalleeRef c) {
    bool is_as_it_is = c->kind == Callee::Passive || c->kind == Callee::Promised || c->kind == Callee::Own;
    bool is_unknown = in_scope_ && !in_scope_->empty() && is_as_it_is && !marks.is_inactive(f) &&
                      !c->is_nothrow_pure && uses_of_globals(f).touched.count(nullptr);
    for (const clang::VarDecl *v : is_unknown ? *in_scope_ : std::vector<const clang::VarDecl *>())
      if (v->isExternallyVisible())
        refuse(
            Diag::UnsupportedExpression, f->getLocation(),
            {"a call of '" + qualified(f) + "', which may write the global variable '" + qualified(v) + "',",
             "make its body visible, mark it [[nabla::inactive]], or make the variable static"});
    return c;
  };
  auto found = callees_.find(key);
  if (found != callees_.end())
    return looked_at(found->second);
  auto c = std::make_shared<Callee>();
  fill(*c, f);
  if (c->kind == Callee::Passive && !key.second.empty() && !marks.is_inactive(f) && f->hasBody())
    c->kind = Callee::Visible; // reals after all
  if (!key.second.empty())
    add_globals(*c, key.second, uses_of_globals(f).written);
  declarations_[c.get()] = f;
  return looked_at(callees_[key] = c);
}

CalleeRef Shared::named(const clang::FunctionDecl *f) {
  CalleeRef one = callee(f);
  auto *m = dyn_cast<clang::CXXMethodDecl>(f->getCanonicalDecl());
  bool is_open = m && m->isVirtual() && !m->hasAttr<clang::FinalAttr>() &&
                 !m->getParent()->getDefinition()->isEffectivelyFinal();
  if (!is_open || one->kind == Callee::Passive)
    return one;
  CalleeRef &known = choices_[one];
  if (known)
    return known;
  auto c = std::make_shared<Callee>(*one);
  c->name = "." + f->getNameAsString();
  c->mangled += "_virtual";
  c->kind = Callee::Visible;
  c->own_pullback = c->own_pushforward = "";
  c->own_rule = nullptr;
  declarations_[c.get()] = m;
  globals_of_[c.get()] = globals_taken(one);
  return known = c;
}

bool Shared::is_choice(const CalleeRef &c) const {
  return std::any_of(choices_.begin(), choices_.end(), [&](const auto &each) { return each.second == c; });
}

namespace {

std::vector<std::string> enclosing_namespaces(const clang::FunctionDecl *f) {
  std::vector<std::string> names;
  for (const clang::DeclContext *dc = f->getDeclContext(); dc && !dc->isTranslationUnit();
       dc = dc->getParent())
    if (auto *ns = dyn_cast<clang::NamespaceDecl>(dc))
      names.insert(names.begin(), ns->getNameAsString());
  return names;
}

bool is_pure(const clang::FunctionDecl *f) {
  if (f->hasAttr<clang::ConstAttr>())
    return true;
  if (!f->isConstexpr() || f->getReturnType()->isVoidType())
    return false;
  for (auto *p : f->parameters())
    if (!p->getType()->isArithmeticType())
      return false;
  return !has_object(f);
}

/// Its last parameters, adjoints that are pointers, are null by default: `double *b_bar = nullptr`.
bool takes_null(const clang::FunctionDecl *rule) {
  for (auto *p : rule->parameters())
    if (p->hasDefaultArg() && p->getType()->isPointerType())
      return true;
  return false;
}

} // namespace

void Shared::fill_rule(Callee &c, const clang::FunctionDecl *rule) {
  c.own_pullback = qualified(rule);
  c.rule_takes_null = takes_null(rule);
  try {
    InScope none(*this, std::nullopt);
    c.own_rule = callee(rule);
  } catch (Refusal &) {
    c.own_rule = nullptr; // matters at second order alone
  }
}

namespace {

/// Containers are handed over by reference, and returned through a last parameter: what they lead to has an owner.
void pass_containers(Callee &c) {
  auto is_container = [](const ir::Type &t) {
    return t.is(ir::Type::Record) && (t.has_outside() || t.members().container != Struct::None);
  };
  for (ir::Type &t : c.params) {
    c.by_value.push_back(is_container(t));
    if (is_container(t))
      t = ir::Type::reference(t.with_const(false));
  }
  if (!is_container(c.result))
    return;
  c.params.push_back(ir::Type::reference(c.result.with_const(false)));
  c.param_names.push_back("result");
  c.by_value.push_back(false);
  c.result = ir::Type::void_type();
  c.result_is_last = true;
}

} // namespace

void Shared::fill(Callee &c, const clang::FunctionDecl *f) {
  const clang::FunctionDecl *definition = nullptr;
  bool has_body = f->hasBody(definition);
  bool reals = touches_reals(f->getReturnType());
  c.result = type(f->getReturnType(), f->getLocation());
  if (takes_object(f)) {
    auto *m = cast<clang::CXXMethodDecl>(f);
    clang::QualType object = context.getRecordType(m->getParent());
    if (m->isConst())
      object = object.withConst();
    c.params.push_back(ir::Type::reference(type(object, f->getLocation())));
    c.param_names.push_back("self");
    reals = reals || touches_reals(object);
  }
  const clang::FunctionDecl *named = definition ? definition : f;
  bool is_passive = marks.is_inactive(f);
  for (auto *p : named->parameters()) {
    bool is_carried = is_passive || marks.is_inactive_param(f, p->getFunctionScopeIndex());
    c.params.push_back(is_carried ? carried_type(p->getType(), p->getLocation())
                                  : type(p->getType(), p->getLocation()));
    std::string name = p->getNameAsString();
    c.param_names.push_back(name.empty() ? "p" + std::to_string(c.params.size()) : name);
    reals = reals || touches_reals(p->getType());
  }
  pass_containers(c);
  c.name = has_object(f) ? "." + f->getNameAsString() : qualified(f); // `object.f(x)` for the emitter
  c.mangled = mangled(f);
  c.has_internal_linkage = !f->isExternallyVisible();
  c.is_inline = f->isInlined() || f->isConstexpr() || f->isTemplateInstantiation() ||
                isa<clang::CXXMethodDecl>(f) && named->isInlined();
  c.namespaces = enclosing_namespaces(f);
  const clang::FunctionDecl *own = marks.own_pullback(f);
  const clang::FunctionDecl *forward = marks.own_pushforward(f);
  if (own)
    fill_rule(c, own);
  bool takes_reals =
      has_object(f) && mentions_reals(context.getRecordType(cast<clang::CXXMethodDecl>(f)->getParent()));
  for (auto *p : named->parameters())
    takes_reals = takes_reals || mentions_reals(p->getType());
  bool gives_value = !f->getReturnType()->isPointerType() && !f->getReturnType()->isReferenceType();
  if (!has_body && !takes_reals && gives_value &&
      !marks.is_promised(f)) // `double uniform();` carries no derivative
    reals = false;
  if (forward)
    c.own_pushforward = qualified(forward);
  if (auto derivative = marks.derivative(f)) {
    if (!derivative->request.empty())
      c.name = derivative->request;
    for (const clang::VarDecl *v : in_scope_ ? *in_scope_ : std::vector<const clang::VarDecl *>())
      if (uses_of_globals(derivative->primal).touched.count(v))
        refuse(Diag::UnsupportedExpression, v->getLocation(),
               {"a call of a derivative of '" + qualified(derivative->primal) +
                    "', which uses the global variable '" + qualified(v) + "', written by its caller,",
                "give '" + qualified(derivative->primal) + "' the variable as a parameter"});
    InScope none(*this, std::nullopt);
    const std::vector<bool> &wrt = derivative->wrt;
    const bool by_object = wrt.size() > derivative->primal->getNumParams() && wrt.front();
    c.derivative = std::make_shared<ir::Derivative>(
        ir::Derivative{derivative->mode,
                       this->named(derivative->primal),
                       wrt,
                       derivative->directions,
                       {},
                       by_object && std::count(wrt.begin(), wrt.end(), true) > 1});
    check_derivative_of(c.derivative->of);
    const ir::Callee &of = *c.derivative->of;
    if (!derivative->request.empty() &&
        of.param_names.size() <= c.param_names.size()) // they have no names of their own
      std::copy(of.param_names.begin(), of.param_names.end(), c.param_names.begin());
    const clang::FunctionDecl *definition = derivative->primal->getDefinition();
    bool may_store = false; // where a caller would see it
    for (std::size_t i = 0; i < of.params.size(); ++i) {
      const ir::Type &t = of.params[i];
      may_store = may_store || (t.is(ir::Type::Pointer) && !t.element().is_const() && !of.by_value.at(i) &&
                                t.element().contains_real_pointers());
    }
    c.stores_pointers = may_store && (!definition || stores_pointers(definition));
    c.kind = Callee::Visible;
    fill_effects(c, derivative->primal); // its derivative reaches no further
    return;
  }
  c.order = marks.promised_order(f);
  bool hands_on = f->getReturnType()->isReferenceType() && has_body &&
                  f->getReturnType()->getPointeeType()->isIntegralOrEnumerationType() &&
                  context.getSourceManager().isInSystemHeader(f->getLocation()); // std::get of an integer
  c.kind = own || (forward && !has_body)                                 ? Callee::Own
           : isa<clang::CXXConstructorDecl, clang::CXXDestructorDecl>(f) ? Callee::Visible
           : marks.is_inactive(f) || (!reals && !hands_on)               ? Callee::Passive
           : !has_body && marks.is_promised(f)                           ? Callee::Promised
                                                                         : Callee::Visible;
  if (c.kind == Callee::Passive && f->isInStdNamespace() && f->getPrimaryTemplate() &&
      llvm::any_of(f->parameters(), [](const clang::ParmVarDecl *p) { return is_iterator(p->getType()); }))
    c.name = f->getQualifiedNameAsString(); // it is given pointers
  bool carries_pointers = std::any_of(c.params.begin(), c.params.end(), [](const ir::Type &t) {
    return t.is(ir::Type::Pointer) && t.element().contains_real_pointers();
  });
  if (c.kind == Callee::Visible && definition && carries_pointers)
    c.stores_pointers = stores_pointers(definition);
  c.passes_pointers = c.kind == Callee::Passive && !marks.is_inactive(f) && passes_pointers(f);
  if (is_library_rule(own))
    c.reach = Callee::Arguments;
  else
    fill_effects(c, f);
  c.is_nothrow_pure =
      c.kind == Callee::Passive && c.reach == Callee::Arguments && is_pure(f) && !may_throw(f);
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  if (m && m->isVirtual() && c.kind != Callee::Passive) // this one, whatever class the object is of
    c.name = "." + spelling(context.getRecordType(m->getParent())) + "::" + f->getNameAsString();
}

bool Shared::can_import(const CalleeRef &c) {
  auto [known, is_new] = importable_.try_emplace(c.get(), true);
  const clang::FunctionDecl *definition = nullptr;
  if (!is_new || !declaration(c)->hasBody(definition))
    return known->second;
  try {
    InScope scope(*this, globals_taken(c));
    Body(*this, definition, c).run();
  } catch (Refusal &) {
    importable_[c.get()] = false;
  }
  return importable_[c.get()];
}

Var Shared::global(const clang::VarDecl *v) {
  v = v->getCanonicalDecl();
  Var &known = globals_[v];
  if (known)
    return known;
  auto made = std::make_shared<Variable>();
  made->name = v->getNameAsString();
  made->type = type(v->getType(), v->getLocation());
  made->kind = Variable::Global;
  made->qualified = qualified(v);
  made->inactive = true;
  return known = made;
}

// ---- One body -------------------------------------------------------------------------------------------

/// The function with its parameters, and nothing in it.
Function Body::start() {
  Function fn;
  fn.callee = callee_;
  fn.name = f_->getQualifiedNameAsString();
  fn.result = callee_->result;
  fn.loc = s_.loc(f_->getLocation());
  fn.may_alias = s_.marks.may_alias(f_);
  here_ = fn.loc;
  if (f_->isVariadic())
    s_.refuse(Diag::UnsupportedStatement, f_->getLocation(),
              {"a function with '...'", "give it fixed parameters"});
  unsigned shift = 0;
  if (takes_object(f_)) {
    self_ = variable("self", callee_->params[0]);
    self_->kind = Variable::Param;
    fn.params.push_back(self_);
    shift = 1;
  }
  for (unsigned i = 0; i < f_->getNumParams(); ++i) {
    const clang::ParmVarDecl *p = f_->getParamDecl(i);
    Var v = variable(callee_->param_names[i + shift], callee_->params[i + shift]);
    v->kind = Variable::Param;
    v->inactive = s_.marks.is_inactive_param(f_, i);
    vars_[p] = v;
    if (uses_.escaped.count(p))
      escaped_.insert(v.get());
    fn.params.push_back(v);
  }
  take_globals(fn);
  if (callee_->result_is_last) {
    result_ = variable("result", callee_->params.back());
    result_->kind = Variable::Param;
    fn.params.push_back(result_);
  }
  return fn;
}

Function Body::run() {
  uses_ = uses_of(f_->getBody());
  auto *constructor = dyn_cast<clang::CXXConstructorDecl>(f_);
  if (constructor)
    for (const clang::CXXCtorInitializer *i : constructor->inits())
      find_uses(i->getInit(), uses_);
  Function fn = start();
  out_ = &fn.body;
  name_captures();
  if (constructor)
    initialise_members(constructor);
  stmt(f_->getBody());
  if (auto *destructor = dyn_cast<clang::CXXDestructorDecl>(f_))
    destroy_members(destructor);
  return fn;
}

/// What stands before a constructor's body: members and bases in the order of their declaration.
void Body::initialise_members(const clang::CXXConstructorDecl *constructor) {
  for (const clang::CXXCtorInitializer *i : constructor->inits()) {
    Place to = place_of(self_);
    const clang::Expr *e = i->getInit();
    if (auto *by_default = dyn_cast<clang::CXXDefaultInitExpr>(e))
      e = by_default->getExpr();
    if (i->isIndirectMemberInitializer())
      s_.refuse(Diag::UnsupportedStatement, i->getSourceLocation(),
                {"a member of an unnamed struct", "give the struct a name"});
    if (i->isAnyMemberInitializer()) {
      to = with_step(to, Field{field_number(i->getMember())});
      if (init_member(to, i->getMember(), e))
        continue;
    } else if (i->isBaseInitializer()) {
      unsigned number = 0;
      for (const clang::CXXBaseSpecifier &base : constructor->getParent()->bases()) {
        if (s_.context.hasSameUnqualifiedType(base.getType(), clang::QualType(i->getBaseClass(), 0)))
          break;
        ++number;
      }
      to = with_step(to, Field{number});
    }
    if (auto *inherited = dyn_cast<clang::CXXInheritedCtorInitExpr>(bare(e)))
      construct_inherited(to, inherited, constructor);
    else
      init(to, e, true);
  }
  set_tag(place_of(self_), constructor->getParent());
}

/// In the body of a closure that came as an object, a captured name is a member.
void Body::name_captures() {
  auto *m = dyn_cast<clang::CXXMethodDecl>(f_);
  if (!m || !m->getParent()->isLambda() || !self_)
    return;
  llvm::DenseMap<const clang::ValueDecl *, clang::FieldDecl *> fields;
  clang::FieldDecl *captured_this = nullptr;
  m->getParent()->getCaptureFields(fields, captured_this);
  for (auto &[v, field] : fields) {
    Place p = with_step(place_of(self_), Field{field_number(field)});
    named_places_[v] = field->getType()->isReferenceType() ? with_step(p, Deref{}) : p;
  }
  if (captured_this) { // a pointer: copies of *this are not kept
    Ex object = read(with_step(place_of(self_), Field{field_number(captured_this)}));
    self_ = variable("self", ir::Type::reference(object.type().element()));
    emit(Declare{self_, object});
  }
}

// ---- Temporaries and the order of evaluation ------------------------------------------------------------

Block Body::capture(const std::function<void()> &fn) {
  Block block, *outer = out_;
  out_ = &block;
  ++captures_;
  fn();
  --captures_;
  out_ = outer;
  return block;
}

Var Body::variable(std::string name, ir::Type t) {
  auto v = std::make_shared<Variable>();
  v->name = std::move(name);
  v->type = std::move(t);
  return v;
}

Var Body::empty_temp(const std::string &name, ir::Type t) {
  Var v = variable(name, t.without_const());
  if (t.is(ir::Type::Pointer)) // const of the pointee stays
    v->type = t.is_reference() ? t : t.with_const(false);
  emit(Declare{v, std::nullopt});
  return v;
}

Var Body::temp(const std::string &name, Ex init) {
  Var v = variable(name, init.type());
  emit(Declare{v, std::move(init)});
  stable_.insert(v.get());
  return v;
}

bool Body::is_simple(const Ex &e) const {
  if (std::holds_alternative<Const>(e->node))
    return true;
  auto *r = std::get_if<Read>(&e->node);
  return r && r->place.path.empty() && !is_memory(r->place.root);
}

Ex Body::freeze_now(Ex e, const std::string &name) {
  if (std::holds_alternative<Const>(e->node))
    return e;
  if (auto *r = std::get_if<Read>(&e->node); r && r->place.path.empty() && stable_.count(r->place.root.get()))
    return e;
  return read(temp(name, std::move(e)));
}

namespace {

struct Writes {
  std::set<const Variable *> roots;
  bool memory = false;
};

bool goes_through_pointer(const Place &p) {
  for (const Step &step : p.path)
    if (std::holds_alternative<Deref>(step))
      return true;
  return false;
}

} // namespace

bool Body::is_disturbed(const Ex &e, std::size_t mark) const {
  Writes w;
  Block tail(out_->begin() + mark, out_->end());
  for_each_stmt(tail, [&](const ir::Stmt &s) {
    for (const Place &p : writes_of(s)) {
      bool through = goes_through_pointer(p);
      if (!through)
        w.roots.insert(p.root.get());
      w.memory = w.memory || through || is_memory(p.root);
    }
    if (auto *c = std::get_if<Call>(&s.node))
      w.memory = w.memory || !c->callee->is_nothrow_pure;
  });
  bool disturbed = false;
  for_each_read(e, [&](const Place &p) {
    disturbed = disturbed || w.roots.count(p.root.get()) ||
                w.memory && (goes_through_pointer(p) || is_memory(p.root));
  });
  return disturbed;
}

void Body::protect(Ex &e, std::size_t &mark) {
  if (!e || mark == out_->size() || !is_disturbed(e, mark))
    return;
  Var v = variable("t", e.type());
  stable_.insert(v.get());
  out_->insert(out_->begin() + mark, ir::Stmt{Declare{v, e}, here_, 0});
  ++mark;
  e = read(v);
}

void Body::protect(Place &p, std::size_t &mark) {
  if (mark == out_->size() || p.path.empty())
    return;
  Ex whole = address(p);
  if (!is_disturbed(whole, mark))
    return;
  if (!goes_through_pointer(p)) { // only indices can move
    for (Step &step : p.path)
      if (auto *i = std::get_if<Index>(&step))
        protect(i->at, mark);
    return;
  }
  protect(whole, mark);
  p = deref(whole, {});
}

// ---- Small things ---------------------------------------------------------------------------------------

const std::string *const_spelling(const Ex &e) {
  auto *c = e ? std::get_if<Const>(&e->node) : nullptr;
  return c ? &c->spelling : nullptr;
}

bool is_zero_const(const Ex &e) {
  const std::string *text = const_spelling(e);
  return text && *text == "0";
}

Ex add_index(Ex a, Ex b) {
  if (!a || is_zero_const(a))
    return b ? b : a;
  if (!b || is_zero_const(b))
    return a;
  ir::Type wide = ir::Type::integer("long");
  bool alike = a.type() == b.type() && (a.type().spelling() == "int" || a.type().spelling() == "long");
  if (alike)
    return native("+", {a, b}, a.type());
  auto widen = [&](Ex e) { return e.type() == wide ? e : make(Cast{e}, wide); };
  return native("+", {widen(a), widen(b)}, wide);
}

std::optional<Place> moved(const Place &place, const Ex &by) {
  auto *last = place.path.empty() ? nullptr : std::get_if<Index>(&place.path.back());
  bool in_row = place.path.size() > 1 && std::holds_alternative<Index>(place.path[place.path.size() - 2]);
  if (!last || in_row)
    return std::nullopt;
  Place to = place;
  to.path.back() = Index{add_index(last->at, by)};
  return to;
}

Ex zero_of(const ir::Type &t) {
  if (t.is_handle())
    return make(Const{t.spelling() + "()"}, t);
  if (t.is(ir::Type::Real))
    return make(Const{t.spelling() == "float" ? "0.0f" : t.spelling() == "long double" ? "0.0L" : "0.0"}, t);
  if (t.is(ir::Type::Bool))
    return boolean(false);
  if (t.is(ir::Type::Pointer))
    return make(Const{"nullptr"}, t);
  return integer(0, t);
}

} // namespace nabla::front
