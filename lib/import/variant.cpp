// std::variant. `v = B{x}` -> v.index = 1; v.second = B{x}. visit: a choice by the number, the visitor's body in place in
// each branch.
#include "import/variant.h"
#include "import/body.h"
#include "import/class.h"
#include "import/container.h"
#include "import/optional.h"
#include "import/targets.h"
#include "ir/print.h"

namespace nabla::front {

namespace {

ir::Type number_type() { return ir::Type::integer("unsigned long"); }
Place number_of(const Place &v) { return with_step(v, Field{0}); }
Place alternative(const Place &v, unsigned i) { return with_step(v, Field{i + 1}); }
Ex is_number(const Place &v, unsigned i) {
  return native("==", {read(number_of(v)), integer(i, number_type())}, ir::Type::boolean());
}

bool same(clang::QualType a, clang::QualType b) {
  return a.getNonReferenceType().getCanonicalType().getUnqualifiedType() ==
         b.getNonReferenceType().getCanonicalType().getUnqualifiedType();
}

/// The alternative of exactly that type.
std::optional<unsigned> number_of_type(clang::QualType variant, clang::QualType t) {
  std::vector<clang::QualType> all = alternatives(variant);
  std::optional<unsigned> found;
  for (unsigned i = 0; i < all.size(); ++i)
    if (same(all[i], t)) {
      if (found)
        return std::nullopt;
      found = i;
    }
  return found;
}

/// <1>, <T>: the number that the template argument means.
std::optional<unsigned> number_meant(const clang::TemplateArgument &a, clang::QualType variant) {
  if (a.getKind() == clang::TemplateArgument::Integral)
    return a.getAsIntegral().getZExtValue();
  return a.getKind() == clang::TemplateArgument::Type ? number_of_type(variant, a.getAsType()) : std::nullopt;
}

/// get<1>(v), get<T>(v), v.emplace<T>(...)
std::optional<unsigned> wanted_alternative(const clang::FunctionDecl *f, clang::QualType variant) {
  auto *args = f->getTemplateSpecializationArgs();
  return args && args->size() ? number_meant(args->get(0), variant) : std::nullopt;
}

/// std::in_place_index<1>, std::in_place_type<T>: the number of the alternative that it means.
std::optional<unsigned> number_of_tag(clang::QualType tag, clang::QualType variant) {
  if (is_instance(tag, "in_place_type_t") || is_instance(tag, "in_place_index_t")) {
    auto *cls = cast<clang::ClassTemplateSpecializationDecl>(tag.getNonReferenceType()->getAsCXXRecordDecl());
    return number_meant(cls->getTemplateArgs()[0], variant);
  }
  return std::nullopt;
}

} // namespace

bool is_variant(clang::QualType t) {
  auto *cls = t.getNonReferenceType()->getAsCXXRecordDecl();
  return cls && cls->isInStdNamespace() && cls->getIdentifier() && cls->getName() == "variant" &&
         isa<clang::ClassTemplateSpecializationDecl>(cls);
}

std::vector<clang::QualType> alternatives(clang::QualType variant) {
  auto *cls =
      cast<clang::ClassTemplateSpecializationDecl>(variant.getNonReferenceType()->getAsCXXRecordDecl());
  std::vector<clang::QualType> out;
  for (const clang::TemplateArgument &a : cls->getTemplateArgs()[0].pack_elements())
    out.push_back(a.getAsType());
  return out;
}

std::shared_ptr<const Struct> Shared::variant(const clang::RecordDecl *rd, clang::SourceLocation at) {
  rd = cast<clang::RecordDecl>(rd->getCanonicalDecl());
  if (auto found = structs_.find(rd); found != structs_.end())
    return found->second;
  clang::QualType t = context.getRecordType(rd);
  auto made = std::make_shared<Struct>();
  made->spelling = "nabla::members<unsigned long";
  made->fields = {{"first", number_type()}};
  std::string way = "rest.";
  for (clang::QualType each : alternatives(t)) {
    ir::Type alternative = type(each, at);
    if (alternative.is(ir::Type::Opaque) || has_own_copying(each))
      refuse(Diag::UnsupportedType, at,
             {spelling(t), "use alternatives of numbers, containers and classes of them"});
    made->spelling += ", " + spell(alternative);
    made->fields.push_back({way + "first", alternative});
    way += "rest.";
  }
  made->spelling += ">";
  made->is_choice = true;
  auto outside = std::make_shared<Struct>(*made);
  outside->spelling = spelling(t);
  outside->is_aggregate = false;
  outside->fields[0].name = "index()";
  for (unsigned i = 1; i < outside->fields.size(); ++i) {
    outside->fields[i].name = "nabla::alternative<" + std::to_string(i - 1) + ">";
    outside->fields[i].type = made->fields[i].type.outside();
  }
  made->outside = outside;
  return structs_[rd] = made;
}

// ---- Making and assigning -------------------------------------------------------------------------------

/// The first alternative, as it begins.
void Body::default_variant(const Place &to, const clang::CXXRecordDecl *variant, clang::SourceLocation at) {
  zero_fill(to);
  default_value(alternative(to, 0), alternatives(s_.context.getRecordType(variant)).front(), at);
}

/// T()
void Body::default_value(const Place &to, clang::QualType type, clang::SourceLocation at) {
  zero_fill(to);
  if (auto *cls = type->getAsCXXRecordDecl(); cls && !container_of(type) && !stands_in(type))
    default_object(to, cls->getDefinition(), at);
}

/// `to`, which may be what `e` reads, becomes the value of `e`: a variant, or one of its alternatives.
void Body::set_variant(const Place &to, clang::QualType variant, const clang::Expr *e) {
  const clang::Expr *made = as_value(e);
  while (auto *c = dyn_cast<clang::CXXConstructExpr>(made)) {
    bool is_copy = is_variant(c->getType()) && c->getNumArgs() == 1 &&
                   !c->getConstructor()->isCopyOrMoveConstructor() &&
                   !number_of_tag(c->getArg(0)->getType(), c->getType());
    if (!is_copy)
      break;
    made = as_value(c->getArg(0));
  }
  if (is_variant(made->getType())) {
    Var held = empty_temp("assigned", to.type());
    take_value(Place{held, {}}, made);
    return emit(Assign{to, read(held)});
  }
  std::optional<unsigned> i = number_of_type(variant, made->getType());
  if (!i)
    refuse_expr(e, "a std::variant made of a value of none of its types",
                "write the type of the alternative");
  Var value = empty_temp("value", alternative(to, *i).type());
  if (made->getType()->isRecordType())
    take_value(Place{value, {}}, made);
  else
    init(Place{value, {}}, made, true);
  emit(Assign{alternative(to, *i), read(value)});
  emit(Assign{number_of(to), integer(*i, number_type())});
}

bool Body::emplace_alternative(const Place &v, clang::QualType variant, unsigned i, const Args &args,
                               const clang::Expr *at) {
  Var made = empty_temp("value", alternative(v, i).type());
  if (args.empty())
    default_value(Place{made, {}}, alternatives(variant)[i], at->getExprLoc());
  else if (!make_of(Place{made, {}}, alternatives(variant)[i], args, at))
    return false;
  emit(Assign{alternative(v, i), read(made)});
  emit(Assign{number_of(v), integer(i, number_type())});
  return true;
}

bool Body::variant_construct(const Place &to, const clang::CXXConstructExpr *e) {
  if (!is_variant(e->getType()) || !to.type().is(ir::Type::Record))
    return false;
  if (e->getNumArgs() == 0) {
    default_variant(to, e->getConstructor()->getParent(), e->getExprLoc());
    return true;
  }
  if (auto i = number_of_tag(e->getArg(0)->getType(), e->getType())) {
    zero_fill(to);
    if (!emplace_alternative(to, e->getType(), *i, {e->arg_begin() + 1, e->arg_end()}, e))
      refuse_expr(e, "an alternative made of these arguments", "give the value itself: v = T(...)");
    return true;
  }
  if (e->getNumArgs() != 1)
    refuse_expr(e, "this constructor of std::variant", "make it of a value of the alternative");
  if (e->getConstructor()->isCopyOrMoveConstructor()) {
    take_value(to, e->getArg(0));
  } else {
    zero_fill(to); // alternatives that are not meant are copied along
    set_variant(to, e->getType(), e);
  }
  return true;
}

// ---- Its members and functions --------------------------------------------------------------------------

bool Body::variant_member(const clang::CXXMemberCallExpr *e, const std::string &name, const Place &v,
                          std::optional<Ex> &result) {
  clang::QualType variant = e->getObjectType();
  if (name == "index") {
    result = read(number_of(v));
  } else if (name == "valueless_by_exception") {
    result = boolean(false);
  } else if (name == "swap") {
    swap_places(v, place(e->getArg(0)));
  } else if (name == "emplace") {
    std::optional<unsigned> i = wanted_alternative(e->getMethodDecl(), variant);
    if (!i || !emplace_alternative(v, variant, *i, {e->arg_begin(), e->arg_end()}, e))
      return false;
    result = read(alternative(v, *i));
  } else {
    return false;
  }
  return true;
}

/// get and get_if
Ex Body::alternative_of(const clang::CallExpr *e, const clang::FunctionDecl *f, const Place &v,
                        bool is_pointer) {
  clang::QualType t = e->getArg(0)->getType();
  std::optional<unsigned> i = wanted_alternative(f, t->isPointerType() ? t->getPointeeType() : t);
  if (!i)
    refuse_expr(e, "this use of std::get", "name one alternative");
  Place chosen = alternative(v, *i);
  if (!is_pointer) {
    Block fails =
        capture([&] { raise("bad_variant_access", Opaque{{"throw std::bad_variant_access()"}, {}, {}}); });
    emit(If{native("!", {is_number(v, *i)}, ir::Type::boolean()), std::move(fails), {}});
    return read(chosen);
  }
  Var where = empty_temp("chosen", ir::Type::pointer(chosen.type()));
  Block yes = capture([&] { emit(Assign{Place{where, {}}, address(chosen)}); });
  Block no = capture([&] { emit(Assign{Place{where, {}}, zero_of(where->type)}); });
  emit(If{is_number(v, *i), std::move(yes), std::move(no)});
  return read(where);
}

bool Body::variant_call(const clang::CallExpr *e, const clang::FunctionDecl *f, std::optional<Ex> &result) {
  if (!is_of_std(f))
    return false;
  std::string name = f->getNameAsString();
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  if (name == "visit" && !mc && !op && e->getNumArgs() >= 2 && is_variant(e->getArg(1)->getType())) {
    result = visit(e);
    return true;
  }
  const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : e->getNumArgs() ? e->getArg(0) : nullptr;
  bool is_pointer = object && object->getType()->isPointerType();
  if (!object || !is_variant(is_pointer ? object->getType()->getPointeeType() : object->getType()) ||
      one_of(name, {"move", "forward", "as_const", "swap"}) && !mc)
    return false;
  Place v = is_pointer ? deref(value(object), {}) : place(object);
  bool is_done = true;
  if (mc) {
    is_done = variant_member(mc, name, v, result);
  } else if (op && op->getOperator() == clang::OO_Equal) {
    v = fixed(v, op);
    set_variant(v, object->getType(), op->getArg(1));
    result = read(v);
  } else if (name == "holds_alternative") {
    std::optional<unsigned> i = wanted_alternative(f, object->getType());
    is_done = i.has_value();
    if (i)
      result = is_number(v, *i);
  } else if (name == "get" || name == "get_if") {
    result = alternative_of(e, f, v, name == "get_if");
  } else {
    is_done = false;
  }
  if (!is_done)
    refuse_expr(e, "this use of std::variant",
                "use get, get_if, holds_alternative, index, visit, emplace and =");
  return true;
}

// ---- visit ----------------------------------------------------------------------------------------------

namespace {

/// A class that takes over the operators of several lambdas: template <class... F> struct overloaded : F... {};
bool is_closure_set(clang::QualType t) {
  auto *cls = t.getNonReferenceType()->getAsCXXRecordDecl();
  if (!cls || !cls->hasDefinition() || !cls->getNumBases() || cls->isLambda() || !cls->field_empty())
    return false;
  return std::all_of(cls->bases_begin(), cls->bases_end(), [](const clang::CXXBaseSpecifier &base) {
    auto *inner = base.getType()->getAsCXXRecordDecl();
    return inner && inner->isLambda();
  });
}

} // namespace

const clang::CXXMethodDecl *call_for(const clang::CXXRecordDecl *cls, llvm::ArrayRef<clang::QualType> types) {
  const clang::CXXMethodDecl *exact = nullptr, *generic = nullptr;
  auto fits = [&](const clang::FunctionDecl *f) {
    if (f->getNumParams() != types.size())
      return false;
    for (unsigned i = 0; i < types.size(); ++i)
      if (!same(f->getParamDecl(i)->getType(), types[i]))
        return false;
    return true;
  };
  for (const clang::Decl *d : cls->decls()) {
    if (auto *m = dyn_cast<clang::CXXMethodDecl>(d);
        m && m->getOverloadedOperator() == clang::OO_Call && fits(m))
      exact = m;
    auto *made_from = dyn_cast<clang::FunctionTemplateDecl>(d);
    if (!made_from || made_from->getTemplatedDecl()->getOverloadedOperator() != clang::OO_Call)
      continue;
    for (const clang::FunctionDecl *f : made_from->specializations())
      if (f->hasBody() && fits(f))
        generic = cast<clang::CXXMethodDecl>(f);
  }
  return exact ? exact : generic;
}

bool Body::names_closures(const clang::Expr *e) const {
  if (!is_closure_set(e->getType()))
    return false;
  e = without_casts(e);
  const clang::VarDecl *v = named_variable(e);
  return isa<clang::InitListExpr>(e) || v && closure_sets_.count(v);
}

std::vector<Body::Closure> Body::closures_of(const clang::Expr *e) {
  if (auto known = closure(e))
    return {*known};
  std::vector<Closure> out;
  if (!names_closures(e))
    return out;
  e = without_casts(e);
  if (const clang::VarDecl *v = named_variable(e))
    return closure_sets_.at(v);
  for (const clang::Expr *each : cast<clang::InitListExpr>(e)->inits()) {
    auto known = closure(each);
    if (!known || !known->cls)
      refuse_expr(each, "this part of a visitor", "write the lambda here");
    out.push_back(*known);
  }
  return out;
}

std::optional<Ex> Body::visit(const clang::CallExpr *e) {
  std::vector<Closure> closures = closures_of(e->getArg(0));
  std::optional<Place> object;
  if (closures.empty())
    object = place(e->getArg(0));
  std::vector<Place> variants;
  for (unsigned i = 1; i < e->getNumArgs(); ++i) {
    const clang::Expr *v = e->getArg(i);
    if (!is_variant(v->getType()))
      refuse_expr(v, "this argument of std::visit", "visit the variant itself");
    variants.push_back(steady(place(v)));
  }
  ir::Type t = type(e->getType(), e->getExprLoc());
  if (t.is_reference() || e->isGLValue())
    refuse_expr(e, "a visitor that returns a reference", "return a value");
  Var result = t.is(ir::Type::Void) ? nullptr : empty_temp("visited", t);
  visit_alternatives(e, {}, closures, object ? &*object : nullptr, variants, result);
  return result ? std::optional(read(result)) : std::nullopt;
}

/// if (first.index == 0) ... else if ...; within each branch the same for the next variant.
void Body::visit_alternatives(const clang::CallExpr *e, const Visited &so_far,
                              const std::vector<Closure> &closures, const Place *object,
                              const std::vector<Place> &variants, const Var &result) {
  unsigned at = so_far.objects.size();
  if (at == variants.size())
    return visit_one(e, so_far, closures, object, result);
  std::vector<clang::QualType> all = alternatives(e->getArg(at + 1)->getType());
  Block chain;
  for (unsigned i = all.size(); i-- > 0;) {
    Visited next = so_far;
    next.objects.push_back(alternative(variants[at], i));
    next.types.push_back(all[i]);
    Block branch = capture([&] { visit_alternatives(e, next, closures, object, variants, result); });
    if (i + 1 == all.size()) {
      chain = std::move(branch);
      continue;
    }
    Block outer;
    outer.push_back(ir::Stmt{If{is_number(variants[at], i), std::move(branch), std::move(chain)}, here_, 0});
    chain = std::move(outer);
  }
  emit(std::move(chain));
}

void Body::visit_one(const clang::CallExpr *e, const Visited &chosen, const std::vector<Closure> &closures,
                     const Place *object, const Var &result) {
  const Closure *found = nullptr;
  const clang::FunctionDecl *f = nullptr, *body = nullptr;
  for (const Closure &c : closures) {
    const clang::FunctionDecl *each = c.cls ? call_for(c.cls, chosen.types) : nullptr;
    if (each && (!f || f->isTemplateInstantiation())) {
      f = each;
      found = &c;
    }
  }
  if (object)
    if (auto *cls = e->getArg(0)->getType()->getAsCXXRecordDecl())
      f = call_for(cls->getDefinition(), chosen.types);
  if (!f || !f->hasBody(body))
    refuse_expr(e, "a visitor that takes an alternative as another type",
                "give it a parameter of the alternative's own type, or auto");
  std::optional<Ex> v;
  if (object) {
    refuse_in_try(f, e->getExprLoc());
    CalleeRef c = known_target(e->getExprLoc(), f);
    std::vector<Ex> args{address(*object)};
    for (unsigned i = 0; i < chosen.objects.size(); ++i)
      args.push_back(c->params.at(i + 1).is(ir::Type::Pointer) ? address(chosen.objects[i])
                                                               : read(chosen.objects[i]));
    v = make_call(*c, temporary_name(f), e, nullptr, false, false,
                  [&](const std::optional<Place> &to, const std::optional<Ex> &through) {
                    if (through)
                      args.push_back(*through);
                    emit(Call{c, args, to});
                  });
  } else {
    auto outer_named = named_places_;
    for (auto &[d, p] : found->captures)
      named_places_[d] = p;
    v = applied_body(body, chosen.objects, e);
    named_places_ = std::move(outer_named);
  }
  if (result && v)
    emit(Assign{Place{result, {}}, convert(*v, result->type)});
}

} // namespace nabla::front
