// Calls whose target is known only at run time: a choice among the targets that this file knows, made once per call.
// `s.area(r)` -> which = nabla::which_class<Circle, Square>(&s); if (which == 0) area = circle.area(r) else ...
#include "import/body.h"
#include "import/class.h"
#include "import/container.h"
#include "import/targets.h"
#include "clang/AST/CXXInheritance.h"

namespace nabla::front {

namespace {

ir::Type which_type() { return ir::Type::integer("int"); }

/// The method that an object of exactly this class runs, or null where that is not one.
const clang::CXXMethodDecl *overrider(const clang::CXXRecordDecl *cls, const clang::CXXMethodDecl *m) {
  clang::CXXFinalOverriderMap all;
  cls->getFinalOverriders(all);
  auto found = all.find(m->getCanonicalDecl());
  if (found == all.end())
    return nullptr;
  const clang::CXXMethodDecl *only = nullptr;
  for (const auto &[subobject, methods] : found->second) {
    if (methods.size() != 1 || (only && only != methods.front().Method))
      return nullptr;
    only = methods.front().Method;
  }
  return only;
}

const clang::Expr *without_upcasts(const clang::Expr *e) {
  e = bare(e);
  while (auto *c = dyn_cast<clang::ImplicitCastExpr>(e)) {
    if (c->getCastKind() != clang::CK_UncheckedDerivedToBase && c->getCastKind() != clang::CK_DerivedToBase &&
        c->getCastKind() != clang::CK_NoOp)
      break;
    e = bare(c->getSubExpr());
  }
  return e;
}

const clang::CXXRecordDecl *static_class(const clang::Expr *object) {
  clang::QualType t = without_upcasts(object)->getType();
  const clang::CXXRecordDecl *cls =
      t->isPointerType() ? t->getPointeeCXXRecordDecl() : t->getAsCXXRecordDecl();
  return cls ? cls->getDefinition() : nullptr;
}

std::string joined(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

} // namespace

const Targets &Shared::targets() {
  if (!targets_)
    targets_ = std::make_shared<Targets>(find_targets(context));
  return *targets_;
}

// ---- What objects may hold ----------------------------------------------------------------------------

namespace {

bool leads_to_reals(Shared &s, const clang::CXXRecordDecl *cls) {
  for (auto *field : cls->fields()) {
    clang::QualType t(field->getType()->getBaseElementTypeUnsafe(), 0);
    auto *inner = t->getAsCXXRecordDecl();
    bool is_pointer = t->isPointerType() || t->isReferenceType();
    auto *pointee = is_pointer ? t->getPointeeCXXRecordDecl() : nullptr;
    if (is_pointer && s.mentions_reals(t) || s.holds_function_of_reals(t) ||
        pointee && pointee->hasDefinition() && s.object_reals(pointee->getDefinition()) ||
        inner && inner->hasDefinition() && leads_to_reals(s, inner->getDefinition()))
      return true;
  }
  return false;
}

} // namespace

void Shared::note_derived(Struct &made, const clang::CXXRecordDecl *cls) {
  made.is_polymorphic = cls->isPolymorphic();
  made.may_be_derived = true;
  for (const clang::CXXRecordDecl *other : targets().derived) {
    if (!other->isDerivedFrom(cls))
      continue;
    made.derived_reals = made.derived_reals || mentions_reals(context.getRecordType(other)) ||
                         holds_function_of_reals(context.getRecordType(other));
    made.derived_pointers = made.derived_pointers || leads_to_reals(*this, other);
  }
}

bool Shared::object_reals(const clang::CXXRecordDecl *cls) {
  if (mentions_reals(context.getRecordType(cls)) || holds_function_of_reals(context.getRecordType(cls)))
    return true;
  if (!cls->isPolymorphic() || cls->isInStdNamespace())
    return false;
  for (const clang::CXXRecordDecl *other : targets().derived)
    if (other->isDerivedFrom(cls) && (mentions_reals(context.getRecordType(other)) ||
                                      holds_function_of_reals(context.getRecordType(other))))
      return true;
  return false;
}

/// What may be called is known: it has a body, a mark or a rule.
CalleeRef Body::known_target(clang::SourceLocation at, const clang::FunctionDecl *f) {
  CalleeRef c = s_.callee(f);
  if (c->kind == Callee::Visible && !f->hasBody() && !c->derivative)
    s_.refuse(Diag::NoBody, at, {s_.qualified(f)});
  return c;
}

/// Branch i is taken where which <= last_i: the numbers of one target follow each other.
void Body::emit_choice(const Ex &which, const std::vector<Branch> &branches, std::size_t from) {
  if (from + 1 == branches.size())
    return branches[from].make();
  bool is_one = branches[from].last == (from ? branches[from - 1].last + 1 : 0);
  Ex cond = native(is_one ? "==" : "<=", {which, integer(branches[from].last)}, ir::Type::boolean());
  Block yes = capture([&] { branches[from].make(); });
  Block no = capture([&] { emit_choice(which, branches, from + 1); });
  emit(If{cond, std::move(yes), std::move(no)});
}

// ---- Virtual functions ----------------------------------------------------------------------------------

Overriders Body::overriders(clang::SourceLocation at, const clang::CXXRecordDecl *base,
                            const clang::CXXMethodDecl *m) {
  if (!s_.context.getLangOpts().RTTI)
    s_.refuse(Diag::DynamicCall, at, {"compile with run-time type information (-frtti)"});
  Overriders out{base, {}, {}};
  std::vector<const clang::CXXMethodDecl *> methods;
  for (const clang::CXXRecordDecl *cls : s_.targets().classes) {
    if (!base ||
        cls->getCanonicalDecl() != base->getCanonicalDecl() && !cls->isDerivedFrom(base->getDefinition()))
      continue;
    const clang::CXXMethodDecl *runs = overrider(cls, m);
    if (!runs)
      s_.refuse(Diag::DynamicCall, at,
                {"give '" + s_.spelling(s_.context.getRecordType(cls)) + "' one function that overrides '" +
                 s_.qualified(m) + "'"});
    auto known = std::find(methods.begin(), methods.end(), runs);
    if (known != methods.end()) {
      out.classes[known - methods.begin()].push_back(cls);
      continue;
    }
    methods.push_back(runs);
    out.callees.push_back(known_target(at, runs));
    out.classes.push_back({cls});
    if (out.callees.back()->result != s_.callee(m)->result)
      s_.refuse(Diag::UnsupportedExpression, at,
                {"a virtual function that returns another type than the one it overrides",
                 "let '" + s_.qualified(runs) + "' return the same type"});
  }
  if (methods.empty())
    s_.refuse(Diag::DynamicCall, at,
              {"include the classes that override '" + s_.qualified(m) + "' in this file"});
  return out;
}

/// The method that a virtual call must run, where that is known: of a local object, of a final class, in a constructor.
const clang::CXXMethodDecl *Body::fixed_target(const clang::CallExpr *e, const clang::CXXMethodDecl *m) {
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : e->getArg(0);
  auto *member = dyn_cast<clang::MemberExpr>(bare(e->getCallee()));
  if (member && member->hasQualifier())
    return m;
  const clang::CXXRecordDecl *cls = static_class(object);
  auto *constructor = dyn_cast<clang::CXXConstructorDecl>(f_);
  if (constructor && isa<clang::CXXThisExpr>(without_upcasts(object)))
    return overrider(constructor->getParent()->getDefinition(), m);
  if (!cls || cls->isDependentContext())
    return nullptr;
  const clang::CXXMethodDecl *runs = overrider(cls, m);
  const clang::VarDecl *v = named_variable(without_upcasts(object));
  bool is_object = v && !v->getType()->isReferenceType() && !v->getType()->isPointerType();
  bool is_final = cls->isEffectivelyFinal() || (runs && runs->hasAttr<clang::FinalAttr>());
  return is_object || is_final ? runs : nullptr;
}

/// A call of a virtual function of classes that this file knows.
std::optional<Ex> Body::virtual_call(const clang::CallExpr *e, const clang::CXXMethodDecl *m,
                                     const Place *into, bool unused, bool as_object) {
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  const clang::CXXRecordDecl *base = static_class(mc ? mc->getImplicitObjectArgument() : e->getArg(0));
  Overriders all = overriders(e->getExprLoc(), base, m);
  CalleeRef like = s_.callee(m);
  std::vector<Ex> args = arguments(e, m, *like);
  Ex which = which_overrider(all, args[0]);
  return make_call(*like, temporary_name(m), e, into, unused, as_object,
                   [&](const std::optional<Place> &result, const std::optional<Ex> &through) {
                     if (through)
                       args.push_back(*through);
                     call_overrider(all, which, args, result);
                   });
}

/// The number of the object's class among all those of `all`.
Ex Body::which_overrider(const Overriders &all, const Ex &object) {
  if (s_.is_tagged(all.base))
    return class_of_tagged(object, all.base, all.classes);
  std::vector<std::string> names;
  for (auto &group : all.classes)
    for (const clang::CXXRecordDecl *cls : group)
      names.push_back(s_.spelling(s_.context.getRecordType(cls)));
  return read(which_class(names, object));
}

void Body::call_overrider(const Overriders &all, const Ex &which, const std::vector<Ex> &args,
                          const std::optional<Place> &result) {
  std::vector<Branch> branches;
  unsigned classes = 0;
  for (std::size_t i = 0; i < all.callees.size(); ++i) {
    classes += all.classes[i].size();
    branches.push_back({classes - 1, [&, i] {
                          std::vector<Ex> given = args;
                          given[0] = downcast(args[0], all.callees[i]->params[0]);
                          emit(Call{all.callees[i], given, result});
                        }});
  }
  emit_choice(which, branches, 0);
}

/// A virtual function that is differentiated by name, which stands for the one that the object's class has:
/// f(self, x) -> which = nabla::which_class<A, B>(&self); if (which == 0) value = self.A::f(x) else ...
Function Body::run_virtual() {
  Function fn = start();
  out_ = &fn.body;
  std::vector<Ex> args;
  for (const Var &p : fn.params)
    args.push_back(p->type.is_reference() ? address(place_of(p)) : read(p));
  auto *m = cast<clang::CXXMethodDecl>(f_);
  Overriders all = overriders({}, m->getParent()->getDefinition(), m);
  Ex which = which_overrider(all, args[0]);
  std::optional<Place> result;
  if (callee_->result.is_reference())
    result = Place{empty_temp("value", ir::Type::pointer(callee_->result.element())), {}};
  else if (!callee_->result.is(ir::Type::Void))
    result = Place{empty_temp("value", callee_->result), {}};
  call_overrider(all, which, args, result);
  emit(Return{result ? std::optional(read(*result)) : std::nullopt});
  return fn;
}

Var Body::which_class(const std::vector<std::string> &names, const Ex &object) {
  return asked("nabla::which_class<" + joined(names) + ">", which_type(), {object});
}

/// The number, among those of all groups, of the class that the object says it is of.
Ex Body::class_of_tagged(const Ex &object, const clang::CXXRecordDecl *base,
                         const std::vector<std::vector<const clang::CXXRecordDecl *>> &groups) {
  Ex tag = read(temp("tag", read(tag_of(deref(object, {}), base))));
  std::vector<const clang::CXXRecordDecl *> all;
  for (auto &group : groups)
    all.insert(all.end(), group.begin(), group.end());
  Ex which = integer(all.size() - 1);
  for (std::size_t i = all.size() - 1; i-- > 0;) {
    Ex is_this = native("==", {tag, integer(s_.class_number(all[i]))}, ir::Type::boolean());
    which = make(Select{is_this, integer(i), which}, which_type());
  }
  return freeze_now(which, "which");
}

/// Is the object, of a class in a tagged hierarchy, one of `wanted` or of a class derived from it?
Ex Body::is_of_class(const Ex &object, const clang::CXXRecordDecl *cls, const clang::CXXRecordDecl *wanted) {
  Var is = temp("is", boolean(false));
  stable_.erase(is.get());
  Block look = capture([&] {
    Ex tag = read(temp("tag", read(tag_of(deref(object, {}), cls))));
    Ex any = boolean(false);
    for (const clang::CXXRecordDecl *each : s_.targets().classes)
      if (each == wanted || each->isDerivedFrom(wanted))
        any = native("||", {any, native("==", {tag, integer(s_.class_number(each))}, ir::Type::boolean())},
                     ir::Type::boolean());
    emit(Assign{Place{is, {}}, any});
  });
  emit(If{truth(object), std::move(look), {}});
  return read(is);
}

/// What the run time says about an object's class or a pointer's value. A call, which stays even if nobody looks at its
/// answer: an unknown target must not go unnoticed.
Var Body::asked(const std::string &question, const ir::Type &answer, const std::vector<Ex> &about) {
  auto c = std::make_shared<Callee>();
  c->name = c->mangled = question;
  c->kind = Callee::Passive;
  c->result = answer;
  for (const Ex &e : about) {
    bool is_object = e.type().is(ir::Type::Pointer);
    c->params.push_back(is_object ? ir::Type::pointer(e.type().element().with_const()) : e.type());
    c->param_names.push_back("about");
    c->by_value.push_back(false);
  }
  Var which = empty_temp("which", answer);
  stable_.insert(which.get());
  emit(Call{c, about, Place{which, {}}});
  return which;
}

/// dynamic_cast<Circle *>(s) -> is_circle = nabla::is_a<Circle>(s); c = nullptr; if (is_circle) c = s
Ex Body::dynamic_cast_value(const clang::CastExpr *e) {
  if (!e->getType()->isPointerType() || e->getType()->isVoidPointerType() || !s_.context.getLangOpts().RTTI)
    refuse_expr(e, "this dynamic_cast", "use dynamic_cast to a pointer to a class");
  ir::Type to = type(e->getType(), e->getExprLoc()).with_const(false);
  Ex object = freeze_now(value(e->getSubExpr()), "object");
  const clang::CXXRecordDecl *from = e->getSubExpr()->getType()->getPointeeCXXRecordDecl()->getDefinition();
  const clang::CXXRecordDecl *wanted = e->getType()->getPointeeCXXRecordDecl()->getDefinition();
  Ex is = s_.is_tagged(from) ? is_of_class(object, from, wanted)
                             : read(asked("nabla::is_a<" + s_.spelling(e->getType()->getPointeeType()) + ">",
                                          ir::Type::boolean(), {object}));
  Var cast_to = empty_temp("derived", to);
  Block yes = capture([&] { emit(Assign{Place{cast_to, {}}, make(Cast{object}, to)}); });
  Block no = capture([&] { emit(Assign{Place{cast_to, {}}, zero_of(to)}); });
  emit(If{is, std::move(yes), std::move(no)});
  return read(cast_to);
}

/// A pointer to an object as one to the class, derived from its own, that the object is known to be of.
Ex Body::downcast(const Ex &object, const ir::Type &to) {
  const ir::Type &derived = to.element();
  if (derived.without_const() == object.type().element().without_const())
    return object;
  return make(Cast{object}, ir::Type::pointer(derived.with_const(object.type().element().is_const())));
}

} // namespace nabla::front
