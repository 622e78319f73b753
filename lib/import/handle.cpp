#include "import/handle.h"
#include "import/body.h"
#include "import/matrix.h"

namespace nabla::front {

namespace {

const clang::NamedDecl *member_type(const clang::CXXRecordDecl *cls, llvm::StringRef name) {
  if (!cls || !cls->hasDefinition())
    return nullptr;
  for (const clang::NamedDecl *d : cls->lookup(&cls->getASTContext().Idents.get(name)))
    if (isa<clang::TypedefNameDecl>(d))
      return d;
  return nullptr;
}

bool declares(clang::QualType t, llvm::StringRef name) {
  return !t.isNull() && member_type(t.getCanonicalType()->getAsCXXRecordDecl(), name);
}

clang::QualType unqualified_value(clang::QualType t) { return t.getNonReferenceType().getUnqualifiedType(); }

} // namespace

bool is_handle(clang::QualType t) { return declares(t, "nabla_handle") || is_bundle(t); }
bool is_number(clang::QualType t) { return declares(t, "nabla_number"); }

bool is_bundle(clang::QualType t) {
  auto *cls =
      t.isNull()
          ? nullptr
          : dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(t.getCanonicalType()->getAsRecordDecl());
  if (!cls || !cls->isInStdNamespace() || !cls->getTemplateArgs().size())
    return false;
  auto is_one = [](const clang::TemplateArgument &a) {
    return a.getKind() == clang::TemplateArgument::Type && declares(a.getAsType(), "nabla_handle");
  };
  const clang::TemplateArgument &first = cls->getTemplateArgs()[0];
  if (cls->getName() == "vector")
    return is_one(first);
  return cls->getName() == "tuple" && first.getKind() == clang::TemplateArgument::Pack && first.pack_size() &&
         llvm::all_of(first.pack_elements(), is_one);
}

bool is_part_access(const clang::FunctionDecl *f) {
  if (auto *m = dyn_cast<clang::CXXMethodDecl>(f)) {
    bool by_index =
        m->getOverloadedOperator() == clang::OO_Subscript || m->getIdentifier() && m->getName() == "at";
    return by_index && is_bundle(m->getASTContext().getRecordType(m->getParent()));
  }
  return f->isInStdNamespace() && f->getIdentifier() && f->getName() == "get" && f->getNumParams() == 1 &&
         f->getTemplateSpecializationArgs() &&
         f->getTemplateSpecializationArgs()->get(0).getKind() == clang::TemplateArgument::Integral &&
         is_bundle(f->getParamDecl(0)->getType().getNonReferenceType().getUnqualifiedType());
}

bool is_handle_list(clang::QualType t) {
  if (is_bundle(t))
    return false;
  auto *instance =
      dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(t.getCanonicalType()->getAsRecordDecl());
  if (!instance || !instance->getTemplateArgs().size())
    return false;
  const clang::TemplateArgument &a = instance->getTemplateArgs()[0];
  return a.getKind() == clang::TemplateArgument::Type && is_handle(a.getAsType());
}

clang::QualType handle_guard(const clang::CXXRecordDecl *handle) {
  if (auto *bundle = dyn_cast<clang::ClassTemplateSpecializationDecl>(handle);
      bundle && is_bundle(bundle->getASTContext().getRecordType(bundle))) {
    const clang::TemplateArgument &a = bundle->getTemplateArgs()[0];
    clang::QualType one =
        a.getKind() == clang::TemplateArgument::Pack ? a.pack_begin()->getAsType() : a.getAsType();
    return handle_guard(one.getCanonicalType()->getAsCXXRecordDecl());
  }
  auto *traits = cast<clang::TypedefNameDecl>(member_type(handle, "nabla_handle"));
  const clang::NamedDecl *guard = member_type(traits->getUnderlyingType()->getAsCXXRecordDecl(), "guard");
  return guard ? cast<clang::TypedefNameDecl>(guard)->getUnderlyingType() : clang::QualType();
}

bool copies_parts(const clang::CXXRecordDecl *cls, bool (*is_part)(clang::QualType), bool &found) {
  bool is_own = cls->isUnion() || cls->isLambda() || cls->isPolymorphic() || cls->getNumVBases() ||
                cls->hasUserDeclaredCopyConstructor() || cls->hasUserDeclaredCopyAssignment() ||
                cls->hasUserDeclaredMoveConstructor() || cls->hasUserDeclaredMoveAssignment() ||
                cls->hasUserDeclaredDestructor();
  if (is_own)
    return false;
  auto fits = [&](clang::QualType t) {
    t = cls->getASTContext().getBaseElementType(t);
    auto *inner = t->getAsCXXRecordDecl();
    if (is_part(t))
      found = true;
    return is_part(t) || t.isTriviallyCopyableType(cls->getASTContext()) ||
           (inner && inner->hasDefinition() && copies_parts(inner->getDefinition(), is_part, found));
  };
  for (const clang::CXXBaseSpecifier &base : cls->bases())
    if (!fits(base.getType()))
      return false;
  for (const clang::FieldDecl *field : cls->fields())
    if (field->getType()->isReferenceType() || field->getType().isConstQualified() || !fits(field->getType()))
      return false;
  return true;
}

bool holds_handles(const clang::CXXRecordDecl *cls) {
  bool found = false;
  return cls->hasDefinition() && !cls->isInStdNamespace() &&
         copies_parts(cls->getDefinition(), is_handle, found) && found;
}

bool copies_members(const clang::CXXMethodDecl *m) {
  const clang::CXXRecordDecl *cls = m->getParent();
  return m->isTrivial() || (!m->isUserProvided() && (holds_handles(cls) || holds_matrices(cls) ||
                                                     cls->isPolymorphic() && is_plain(cls)));
}

std::vector<clang::QualType> operation_parameters(const clang::FunctionDecl *f) {
  std::vector<clang::QualType> out;
  if (has_object(f))
    out.push_back(f->getASTContext().getRecordType(cast<clang::CXXMethodDecl>(f)->getParent()));
  for (const clang::ParmVarDecl *p : f->parameters())
    out.push_back(p->getType());
  return out;
}

bool is_operation(const clang::FunctionDecl *f) {
  if (isa<clang::CXXConstructorDecl, clang::CXXDestructorDecl>(f))
    return false;
  auto ours = [](clang::QualType t) {
    return is_handle(unqualified_value(t)) || is_handle_list(unqualified_value(t));
  };
  if (ours(f->getReturnType()))
    return true;
  for (clang::QualType t : operation_parameters(f))
    if (ours(t))
      return true;
  return false;
}

bool has_handle_adjoint(clang::QualType t) {
  t = unqualified_value(t);
  return is_handle(t) || is_number(t) || is_handle_list(t) || t->isRealFloatingType();
}

// ---- Values ---------------------------------------------------------------------------------------------

namespace {

/// Without temporaries and conversions by constructors: what the user wrote for a handle.
const clang::Expr *written_value(const clang::Expr *e) {
  for (;;) {
    e = bare(e);
    if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e))
      e = m->getSubExpr();
    else if (auto *c = dyn_cast<clang::CastExpr>(e);
             c && (isa<clang::ImplicitCastExpr>(c) || is_handle(e->getType()) || is_number(e->getType())) &&
             (c->getCastKind() == clang::CK_NoOp || c->getCastKind() == clang::CK_ConstructorConversion))
      e = c->getSubExpr();
    else
      return e;
  }
}

} // namespace

/// `Tensor()`, a copy, or what a call or a choice gives.
Ex Body::handle_value(const clang::Expr *e) {
  e = written_value(e);
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(e)) {
    if (c->getNumArgs() == 0)
      return zero_of(type(e->getType(), e->getExprLoc()).with_const(false));
    if (c->getConstructor()->isCopyOrMoveConstructor())
      return handle_value(c->getArg(0));
    refuse_expr(e, "this way to make a '" + s_.spelling(e->getType()) + "'",
                "call a function that returns one");
  }
  if (auto *c = dyn_cast<clang::CallExpr>(e);
      c && c->getDirectCallee() && is_part_access(c->getDirectCallee()))
    return *call(c, nullptr);
  return e->isGLValue() ? read(place(e)) : value(e);
}

/// x = y rebinds x. Not `x[i] = y`, which writes elements.
bool rebinds_handle(const clang::CXXOperatorCallExpr *e) {
  auto *m = e ? dyn_cast_or_null<clang::CXXMethodDecl>(e->getDirectCallee()) : nullptr;
  if (!m || e->getOperator() != clang::OO_Equal || !is_handle(e->getArg(0)->getType()))
    return false;
  bool on_value = m->getRefQualifier() == clang::RQ_RValue || !e->getArg(0)->isLValue();
  return !on_value && (m->isCopyAssignmentOperator() || m->isMoveAssignmentOperator());
}

void Body::rebind_handle(const clang::CXXOperatorCallExpr *e) {
  const clang::Expr *from = written_value(e->getArg(1));
  const clang::VarDecl *v = named_variable(e->getArg(0));
  bool simple = v && vars_.count(v) && !vars_[v]->type.is_reference() && !escaped_.count(vars_[v].get());
  if (simple && isa<clang::CallExpr>(from) && !from->isGLValue())
    return init(place_of(vars_[v]), from, false);
  Ex r = handle_value(from);
  std::size_t mark = out_->size();
  bool outer = std::exchange(for_reading_, false);
  Place p = place(e->getArg(0));
  for_reading_ = outer;
  protect(r, mark);
  store(p, r, e->getExprLoc());
}

// ---- Arguments of operations ----------------------------------------------------------------------------

void Body::add_written(Written &out, Ex arg, ir::Type as, bool has_adjoint) {
  out.tokens.push_back({Token::Argument, "", has_adjoint, out.is_default});
  out.args.push_back(std::move(arg));
  out.types.push_back(std::move(as));
}

/// Several in braces, or in the parentheses of a constructor.
void Body::write_list(const std::string &open, const std::string &close,
                      const std::vector<const clang::Expr *> &parts, bool has_adjoint, Written &out) {
  out.tokens.push_back({Token::Open, open, has_adjoint, out.is_default});
  for (const clang::Expr *part : parts)
    write_argument(part, has_adjoint, open == "{", out);
  out.tokens.push_back({Token::Close, close, has_adjoint, out.is_default});
}

/// A number as the user wrote it: C++ converts it to the parameter's type again. In braces it must not be narrowed.
Ex Body::written_number(const clang::Expr *e, bool in_braces) {
  e = bare(e);
  auto *c = dyn_cast<clang::ImplicitCastExpr>(e);
  if (c && c->getCastKind() == clang::CK_IntegralCast) {
    clang::QualType from = c->getSubExpr()->getType(), to = e->getType();
    clang::Expr::EvalResult known;
    bool fits = c->getSubExpr()->EvaluateAsInt(known, s_.context) ||
                (from->isSignedIntegerType() && s_.context.getTypeSize(from) <= s_.context.getTypeSize(to));
    if (fits || !in_braces)
      return written_number(c->getSubExpr(), in_braces);
  }
  return value(e);
}

namespace {

std::vector<const clang::Expr *> given_arguments(const clang::CXXConstructExpr *c) {
  std::vector<const clang::Expr *> out;
  for (const clang::Expr *a : c->arguments())
    if (!isa<clang::CXXDefaultArgExpr>(a))
      out.push_back(a);
  return out;
}

std::vector<const clang::Expr *> elements(const clang::InitListExpr *list) {
  std::vector<const clang::Expr *> out;
  for (const clang::Expr *e : list->inits())
    out.push_back(e);
  return out;
}

} // namespace

void Body::write_object(const clang::CXXConstructExpr *c, bool has_adjoint, bool in_braces, Written &out) {
  std::vector<const clang::Expr *> given = given_arguments(c);
  std::string name = s_.spelling(c->getType());
  if (given.empty())
    return add_written(out, make(Const{name + "()"}, ir::Type::opaque(name)), ir::Type::opaque(name), false);
  bool is_named = !is_number(c->getType()) && (isa<clang::CXXTemporaryObjectExpr>(c) || given.size() > 1);
  if (is_named)
    return write_list(name + "(", ")", given, has_adjoint, out);
  write_argument(given[0], has_adjoint, in_braces, out);
}

namespace {

/// TensorList(v) of a vector v: the rules take the vector as well.
const clang::Expr *list_source(const clang::CXXFunctionalCastExpr *e) {
  auto *made = dyn_cast<clang::CXXConstructExpr>(bare(e->getSubExpr()));
  const clang::Expr *from = made && made->getNumArgs() == 1 ? written_value(made->getArg(0)) : nullptr;
  return from && is_bundle(from->getType().getUnqualifiedType()) ? from : nullptr;
}

} // namespace

/// An object without reals that is never changed.
bool Body::is_steady_object(const clang::VarDecl *v) {
  return vars_.count(v) && vars_[v]->type.is(ir::Type::Opaque) && !uses_.changes(v) &&
         !s_.mentions_reals(v->getType());
}

/// One argument as the numbers and handles that it is made of.
void Body::write_argument(const clang::Expr *e, bool has_adjoint, bool in_braces, Written &out) {
  e = written_value(e);
  clang::QualType t = e->getType();
  if (is_handle(t)) {
    std::size_t mark = out_->size();
    Ex v = handle_value(e);
    for (Ex &earlier : out.args)
      protect(earlier, mark);
    return add_written(out, v, v.type(), has_adjoint);
  }
  if (t->isArithmeticType() || t->isEnumeralType()) {
    std::size_t mark = out_->size();
    Ex v = written_number(e, in_braces);
    if (v.type().is(ir::Type::Real) && has_adjoint) // what a rule adds to is a double
      v = convert(v, ir::Type::real());
    for (Ex &earlier : out.args)
      protect(earlier, mark);
    return add_written(out, v, v.type(), has_adjoint);
  }
  if (auto *list = dyn_cast<clang::CXXStdInitializerListExpr>(e))
    if (auto *inits = dyn_cast<clang::InitListExpr>(written_value(list->getSubExpr())))
      return write_list("{", "}", elements(inits), has_adjoint, out);
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(e))
    return write_object(c, has_adjoint, in_braces, out);
  if (isa<clang::InitListExpr>(e) && out.is_default) { // `= {}`
    ir::Type empty = ir::Type::opaque(s_.spelling(t));
    return add_written(out, make(Const{empty.spelling() + "{}"}, empty), empty, false);
  }
  if (auto *c = dyn_cast<clang::CXXFunctionalCastExpr>(e))
    if (const clang::Expr *from = list_source(c))
      return write_argument(from, has_adjoint, in_braces, out);
  if (auto *c = dyn_cast<clang::CXXFunctionalCastExpr>(e))
    return write_list(s_.spelling(t) + "(", ")", {c->getSubExpr()}, has_adjoint, out);
  if (auto *c = dyn_cast<clang::CastExpr>(e); c && c->getCastKind() == clang::CK_ArrayToPointerDecay)
    if (auto *text = dyn_cast<clang::StringLiteral>(bare(c->getSubExpr())))
      return add_written(out, *literal(text), ir::Type::opaque("const char *"), false);
  ir::Type opaque = ir::Type::opaque(s_.spelling(t));
  if (const clang::VarDecl *v = named_variable(e);
      v && v->hasGlobalStorage() && v->getType().isConstQualified())
    return add_written(out, make(Const{s_.qualified(v)}, opaque), opaque, false);
  if (const clang::VarDecl *same = named_variable(e); same && is_steady_object(same))
    return add_written(out, read(place_of(vars_[same])), vars_[same]->type.with_const(false), false);
  auto *call = dyn_cast<clang::CXXMemberCallExpr>(e);
  if (call && is_number(t))
    refuse_expr(e, "a '" + s_.spelling(t) + "' as an operand", "write item<double>()");
  if (call && !call->getNumArgs() && is_handle(call->getImplicitObjectArgument()->getType())) { // y.sizes()
    std::string name = "call ." + call->getMethodDecl()->getNameAsString();
    return add_written(out, native(name, {handle_value(call->getImplicitObjectArgument())}, opaque), opaque,
                       false);
  }
  refuse_expr(e, "an argument of type '" + s_.spelling(t) + "'",
              "write it out in the call, as numbers, a list in braces or a constant");
}

// ---- Operations -----------------------------------------------------------------------------------------

namespace {

/// Writes elements or state that other handles see: add_(), x[i] = y, x += y, backward().
bool works_in_place(const clang::FunctionDecl *f) {
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  bool of_handle = m && is_handle(f->getASTContext().getRecordType(m->getParent()));
  clang::QualType result = f->getReturnType();
  return of_handle &&
         (result->isVoidType() || (result->isReferenceType() && is_handle(unqualified_value(result))));
}

bool takes_handle(const clang::FunctionDecl *f) {
  for (clang::QualType t : operation_parameters(f))
    if (is_handle(unqualified_value(t)) || is_handle_list(unqualified_value(t)))
      return true;
  return false;
}

/// It may make a variable of the caller's another tensor.
bool may_rebind(const clang::FunctionDecl *f) {
  for (const clang::ParmVarDecl *p : f->parameters()) {
    clang::QualType to = p->getType()->getPointeeType(); // of a pointer or reference
    if (!to.isNull() && is_handle(to) && !to.isConstQualified() && !p->getType()->isRValueReferenceType())
      return true;
  }
  return false;
}

/// Names for what operators give.
std::string result_name(const clang::FunctionDecl *f) {
  if (f->getIdentifier())
    return f->getName().str();
  bool is_unary = operation_parameters(f).size() == 1;
  switch (f->getOverloadedOperator()) {
  case clang::OO_Plus:
    return "sum";
  case clang::OO_Minus:
    return is_unary ? "negated" : "difference";
  case clang::OO_Star:
    return "product";
  case clang::OO_Slash:
    return "quotient";
  case clang::OO_Subscript:
    return "element";
  default:
    return "result";
  }
}

} // namespace

/// Is it called as it is, with a rule of its own, without derivative, or refused? Nothing: it is imported.
std::optional<Callee::Kind> Body::operation_kind(const clang::CallExpr *e, const clang::FunctionDecl *f) {
  if (s_.marks.own_pullback(f) || is_part_access(f))
    return Callee::Own;
  if (may_rebind(f)) {
    if (f->hasBody() || s_.marks.is_inactive(f))
      return std::nullopt;
    s_.refuse(Diag::HandleNoRule, e->getExprLoc(), {s_.qualified(f)});
  }
  if (s_.marks.is_inactive(f))
    return Callee::Passive;
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  bool of_handle = m && is_handle(s_.context.getRecordType(m->getParent()));
  if (works_in_place(f))
    s_.refuse(Diag::HandleInPlace, e->getExprLoc(), {s_.qualified(f)});
  clang::QualType result = f->getReturnType();
  bool is_discrete = (result->isIntegerType() || result->isEnumeralType()) && (of_handle || !f->hasBody());
  if (is_discrete || (!takes_handle(f) && !f->hasBody()))
    return Callee::Passive;
  bool gives_part = of_handle && !is_handle(unqualified_value(result)); // its memory, or what describes it
  if (!f->hasBody() || gives_part)
    s_.refuse(Diag::HandleNoRule, e->getExprLoc(), {s_.qualified(f)});
  return std::nullopt;
}

CalleeRef Body::operation_callee(const clang::FunctionDecl *f, Callee::Kind kind, const Written &w,
                                 const ReadNumber &number) {
  auto c = std::make_shared<Callee>();
  c->kind = kind;
  c->name = has_object(f) ? "." + f->getNameAsString() : s_.qualified(f);
  if (auto *arguments = f->getTemplateSpecializationArgs(); has_object(f) && arguments) {
    llvm::raw_string_ostream os(c->name);
    clang::printTemplateArgumentList(os, arguments->asArray(), s_.policy());
  }
  c->name += number.conversion;
  c->mangled = s_.mangled(f);
  clang::QualType result = number.type.isNull() ? f->getReturnType() : number.type;
  c->result =
      type(is_part_access(f) ? result.getNonReferenceType() : result, f->getLocation()).with_const(false);
  c->params = w.types;
  for (std::size_t i = 0; i < w.types.size(); ++i)
    c->param_names.push_back("p" + std::to_string(i));
  c->written = w.tokens;
  bool is_ours = kind == Callee::Own && (is_part_access(f) || is_library_rule(s_.marks.own_pullback(f)));
  c->is_nothrow_pure = is_ours; // writes no memory of the program
  if (is_ours)
    c->reach = Callee::Arguments;
  else
    s_.fill_effects(*c, f);
  if (is_part_access(f)) {
    c->own_pullback = "nabla::part_pullback";
    if (!has_object(f)) {
      std::string index =
          std::to_string(f->getTemplateSpecializationArgs()->get(0).getAsIntegral().getZExtValue());
      c->name = "std::get<" + index + ">";
      c->own_pullback += "<" + index + ">";
    }
    return c;
  }
  if (const clang::FunctionDecl *rule = kind == Callee::Own ? s_.marks.own_pullback(f) : nullptr) {
    c->own_pullback = s_.qualified(rule);
    std::size_t plain = 1; // the seed
    for (clang::QualType t : operation_parameters(f))
      plain += has_handle_adjoint(t) ? 2 : 1;
    c->rule_takes_result = rule->getNumParams() > plain;
  }
  return c;
}

/// `x.item().to<double>()`: what reads a number from a handle, and the text of the conversion.
const clang::CallExpr *Body::number_source(const clang::CallExpr *e, ReadNumber &number) {
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  const clang::CXXMethodDecl *m = mc ? mc->getMethodDecl() : nullptr;
  if (!m || !is_number(s_.context.getRecordType(m->getParent())) ||
      !m->getReturnType()->isRealFloatingType() || mc->getNumArgs() || !m->getIdentifier())
    return nullptr;
  auto *from = dyn_cast<clang::CallExpr>(written_value(mc->getImplicitObjectArgument()));
  if (!from || !from->getDirectCallee() || !is_operation(from->getDirectCallee()))
    return nullptr;
  llvm::raw_string_ostream os(number.conversion);
  os << "()." << m->getName();
  if (auto *arguments = m->getTemplateSpecializationArgs())
    clang::printTemplateArgumentList(os, arguments->asArray(), s_.policy());
  number.type = m->getReturnType();
  return from;
}

/// A call of an operation on handles that is not imported; false where it is.
bool Body::handle_call(const clang::CallExpr *e, const clang::FunctionDecl *f, const Place *into, bool unused,
                       std::optional<Ex> &result) {
  ReadNumber number;
  if (const clang::CallExpr *from = number_source(e, number)) {
    e = from;
    f = from->getDirectCallee();
  }
  auto *stream = f->getReturnType().getNonReferenceType()->getAsCXXRecordDecl();
  if (!is_operation(f) || (stream && stream->isInStdNamespace() && stream->getName() == "basic_ostream"))
    return false;
  auto kind = operation_kind(e, f);
  if (!kind)
    return false;
  std::vector<const clang::Expr *> exprs;
  Written w;
  if (auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e)) {
    const clang::Expr *object = mc->getImplicitObjectArgument();
    if (object->getType()->isPointerType()) { // p->f()
      Ex v = read(deref(value(object), {}));
      add_written(w, v, v.type(), true);
    } else {
      write_argument(object, true, false, w);
    }
  }
  exprs.insert(exprs.end(), e->arg_begin(), e->arg_end());
  std::vector<clang::QualType> params = operation_parameters(f);
  std::size_t shift = params.size() - exprs.size();
  for (std::size_t i = 0; i < exprs.size(); ++i) {
    w.is_default = isa<clang::CXXDefaultArgExpr>(exprs[i]);
    write_argument(exprs[i], has_handle_adjoint(params.at(i + shift)), false, w);
  }
  if (*kind == Callee::Passive && !s_.marks.is_inactive(f) &&
      is_handle(unqualified_value(f->getReturnType())))
    for (const Ex &a : w.args)
      if (a.type().is(ir::Type::Real) && !a.type().is_handle() && !std::holds_alternative<Const>(a->node))
        s_.refuse(Diag::HandleNoRule, e->getExprLoc(), {s_.qualified(f)});
  CalleeRef c = operation_callee(f, *kind, w, number);
  if (c->result.is(ir::Type::Void) || unused) {
    emit(Call{c, std::move(w.args), std::nullopt});
    return true;
  }
  bool fits = into && into->root->kind == Variable::Local && into->path.empty() &&
              !escaped_.count(into->root.get()) && into->type().without_const() == c->result.without_const();
  Place to = fits ? *into : Place{empty_temp(result_name(f), c->result), {}};
  if (!fits)
    stable_.insert(to.root.get());
  emit(Call{c, std::move(w.args), to});
  result = read(to);
  return true;
}

} // namespace nabla::front
