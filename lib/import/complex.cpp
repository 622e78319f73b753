// std::complex: a pair of reals, whose operators and functions are written in <cmath>'s. z * w -> re = z.re * w.re - ...
#include "import/complex.h"
#include "import/body.h"
#include "import/container.h"

namespace nabla::front {

bool is_complex(clang::QualType t) {
  auto *cls = t.getNonReferenceType()->getAsCXXRecordDecl();
  auto *d = dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(cls);
  return d && d->isInStdNamespace() && d->getName() == "complex" &&
         d->getTemplateArgs()[0].getAsType()->isRealFloatingType();
}

std::shared_ptr<Struct> complex_struct(std::string spelling, const ir::Type &part) {
  auto made = std::make_shared<Struct>();
  made->spelling = std::move(spelling);
  made->fields = {{"nabla::re", part}, {"nabla::im", part}};
  return made;
}

namespace {

Ex operator+(const Ex &a, const Ex &b) { return apply(Rule::add, {a, b}, a.type()); }
Ex operator-(const Ex &a, const Ex &b) { return apply(Rule::sub, {a, b}, a.type()); }
Ex operator*(const Ex &a, const Ex &b) { return apply(Rule::mul, {a, b}, a.type()); }
Ex operator/(const Ex &a, const Ex &b) { return apply(Rule::div, {a, b}, a.type()); }
Ex operator-(const Ex &a) { return apply(Rule::neg, {a}, a.type()); }
Ex of(Rule rule, const Ex &a) { return apply(rule, {a}, a.type()); }
Ex is(const char *op, const Ex &a, const Ex &b) { return native(op, {a, b}, ir::Type::boolean()); }
Ex choice(const Ex &cond, const Ex &yes, const Ex &no) { return make(Select{cond, yes, no}, yes.type()); }
Ex number(const char *text, const ir::Type &t) { return make(Cast{make(Const{text}, ir::Type::real())}, t); }

using Complex = Body::Complex;

Complex times(const Complex &a, const Complex &b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
Ex absolute(const Complex &z) { return apply(Rule::hypot, {z.re, z.im}, z.re.type()); }
Ex argument_of(const Complex &z) { return apply(Rule::atan2, {z.im, z.re}, z.re.type()); }
Complex logarithm(const Complex &z) { return {of(Rule::log, absolute(z)), argument_of(z)}; }
Complex sine(const Complex &z) {
  return {of(Rule::sin, z.re) * of(Rule::cosh, z.im), of(Rule::cos, z.re) * of(Rule::sinh, z.im)};
}
Complex cosine(const Complex &z) {
  return {of(Rule::cos, z.re) * of(Rule::cosh, z.im), -(of(Rule::sin, z.re) * of(Rule::sinh, z.im))};
}
Complex hyperbolic_sine(const Complex &z) {
  return {of(Rule::sinh, z.re) * of(Rule::cos, z.im), of(Rule::cosh, z.re) * of(Rule::sin, z.im)};
}
Complex hyperbolic_cosine(const Complex &z) {
  return {of(Rule::cosh, z.re) * of(Rule::cos, z.im), of(Rule::sinh, z.re) * of(Rule::sin, z.im)};
}

} // namespace

/// Both parts under names of their own.
Complex Body::named(const Complex &z) {
  auto name = [&](const Ex &e, const char *what) { return is_simple(e) ? e : read(temp(what, e)); };
  return {name(z.re, "re"), name(z.im, "im")};
}

Complex Body::quotient(const Complex &a, const Complex &b) {
  Ex d = read(temp("d", b.re * b.re + b.im * b.im));
  return {(a.re * b.re + a.im * b.im) / d, (a.im * b.re - a.re * b.im) / d};
}

Complex Body::exponential(const Complex &z) {
  Ex r = read(temp("r", of(Rule::exp, z.re)));
  return {r * of(Rule::cos, z.im), r * of(Rule::sin, z.im)};
}

/// The root with a real part that is not negative, as the library finds it.
Complex Body::square_root(const Complex &z) {
  ir::Type t = z.re.type();
  Ex zero = zero_of(t), two = number("2.0", t);
  Ex s = read(temp("s", of(Rule::sqrt, two * (absolute(z) + of(Rule::fabs, z.re)))));
  Ex u = s / two, is_zero = is("==", s, zero);
  Ex re = choice(is(">", z.re, zero), u, choice(is_zero, zero, of(Rule::fabs, z.im) / s));
  Ex side = apply(Rule::copysign, {number("1.0", t), z.im}, t); // -0.0 is below the axis
  Ex below = choice(is("<", side, zero), -u, u);
  return {re, choice(is(">", z.re, zero), z.im / s, below)};
}

/// x^y = exp(y log x), and 0 for x = 0.
Complex Body::power(const Complex &x, const Complex &y) {
  Ex zero = zero_of(x.re.type());
  Var re = empty_temp("re", x.re.type()), im = empty_temp("im", x.re.type());
  Block none = capture([&] {
    emit(Assign{Place{re, {}}, zero});
    emit(Assign{Place{im, {}}, zero});
  });
  Block some = capture([&] {
    Complex z = exponential(named(times(y, named(logarithm(x)))));
    emit(Assign{Place{re, {}}, z.re});
    emit(Assign{Place{im, {}}, z.im});
  });
  Ex is_zero = native("&&", {is("==", x.re, zero), is("==", x.im, zero)}, ir::Type::boolean());
  emit(If{is_zero, std::move(none), std::move(some)});
  return {read(re), read(im)};
}

ir::Type Body::part_type(clang::QualType complex, clang::SourceLocation at) {
  auto *d = cast<clang::ClassTemplateSpecializationDecl>(complex.getNonReferenceType()->getAsCXXRecordDecl());
  return type(d->getTemplateArgs()[0].getAsType(), at).with_const(false);
}

Complex Body::parts_of(const Place &z) {
  return {read(with_step(z, Field{0})), read(with_step(z, Field{1}))};
}

/// The parts of a complex number, or of a real as one.
Complex Body::complex_value(const clang::Expr *e, const ir::Type &part) {
  e = bare(e);
  if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e))
    return complex_value(m->getSubExpr(), part);
  if (!is_complex(e->getType()))
    return {convert(operand(e), part), zero_of(part)};
  if (auto *c = dyn_cast<clang::ImplicitCastExpr>(e))
    return complex_value(c->getSubExpr(), part);
  if (auto *c = dyn_cast<clang::CXXFunctionalCastExpr>(e))
    return complex_value(c->getSubExpr(), part);
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(e)) {
    if (c->getNumArgs() == 0)
      return {zero_of(part), zero_of(part)};
    if (is_complex(c->getArg(0)->getType())) {
      Complex z = complex_value(c->getArg(0), part_type(c->getArg(0)->getType(), e->getExprLoc()));
      return {convert(z.re, part), convert(z.im, part)};
    }
    Ex re = convert(operand(c->getArg(0)), part);
    std::size_t mark = out_->size();
    Ex im = c->getNumArgs() > 1 ? convert(operand(c->getArg(1)), part) : zero_of(part);
    protect(re, mark);
    return {re, im};
  }
  if (auto *c = dyn_cast<clang::CallExpr>(e); c && c->getDirectCallee())
    if (auto z = complex_result(c, c->getDirectCallee()))
      return *z;
  Ex v = operand(e);
  if (auto *r = std::get_if<Read>(&v->node))
    return parts_of(r->place);
  refuse_expr(e, "this complex number", "give it a name");
}

std::vector<Complex> Body::complex_values(const std::vector<const clang::Expr *> &es, const ir::Type &part) {
  std::vector<Complex> out;
  for (const clang::Expr *e : es) {
    std::size_t mark = out_->size();
    Complex z = complex_value(e, part);
    for (Complex &earlier : out) {
      protect(earlier.re, mark);
      protect(earlier.im, mark);
    }
    out.push_back(z);
  }
  return out;
}

/// A function of the library that gives a complex number.
std::optional<Complex> Body::complex_result(const clang::CallExpr *e, const clang::FunctionDecl *f) {
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  if (m || !is_of_std(f) || !is_complex(e->getType()) || e->isGLValue())
    return std::nullopt;
  ir::Type part = part_type(e->getType(), e->getExprLoc());
  if (isa<clang::UserDefinedLiteral>(e)) {
    auto known = evaluated(e->getArg(0));
    return known ? std::optional(Complex{zero_of(part), convert(*known, part)}) : std::nullopt;
  }
  std::vector<Complex> given = complex_values({e->arg_begin(), e->arg_end()}, part);
  for (Complex &z : given)
    z = named(z);
  const Complex &a = given[0], &b = given.back();
  bool second_is_real = given.size() == 2 && !is_complex(e->getArg(1)->getType());
  bool first_is_real =
      !is_complex(e->getArg(0)->getType()); // whose part of zero is not added: -0.0 + 0.0 is 0.0
  if (auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e)) {
    switch (op->getOperator()) {
    case clang::OO_Plus:
      if (given.size() == 1)
        return a;
      return Complex{a.re + b.re, second_is_real ? a.im : first_is_real ? b.im : a.im + b.im};
    case clang::OO_Minus:
      if (given.size() == 1)
        return Complex{-a.re, -a.im};
      return Complex{a.re - b.re, second_is_real ? a.im : first_is_real ? -b.im : a.im - b.im};
    case clang::OO_Star:
      if (second_is_real)
        return Complex{a.re * b.re, a.im * b.re};
      return is_complex(e->getArg(0)->getType()) ? times(a, b) : Complex{a.re * b.re, a.re * b.im};
    case clang::OO_Slash:
      return second_is_real ? Complex{a.re / b.re, a.im / b.re} : quotient(a, b);
    default:
      return std::nullopt;
    }
  }
  std::string name = f->getNameAsString();
  if (name == "conj")
    return Complex{a.re, -a.im};
  if (name == "polar")
    return given.size() == 1 ? Complex{a.re, zero_of(part)}
                             : Complex{a.re * of(Rule::cos, b.re), a.re * of(Rule::sin, b.re)};
  if (name == "exp")
    return exponential(a);
  if (name == "log")
    return logarithm(a);
  if (name == "log10") {
    Complex z = logarithm(a);
    Ex ten = of(Rule::log, number("10.0", part));
    return Complex{z.re / ten, z.im / ten};
  }
  if (name == "sqrt")
    return square_root(a);
  if (name == "pow")
    return power(a, b);
  if (name == "sin" || name == "cos")
    return name == "sin" ? sine(a) : cosine(a);
  if (name == "sinh" || name == "cosh")
    return name == "sinh" ? hyperbolic_sine(a) : hyperbolic_cosine(a);
  if (name == "tan")
    return quotient(named(sine(a)), named(cosine(a)));
  if (name == "tanh")
    return quotient(named(hyperbolic_sine(a)), named(hyperbolic_cosine(a)));
  return std::nullopt;
}

void Body::set_parts(const Place &z, const Complex &to) {
  Complex held = named(to); // z may be read in it
  emit(Assign{with_step(z, Field{0}), held.re});
  emit(Assign{with_step(z, Field{1}), held.im});
}

/// std::real(z), z.imag(), abs, norm, comparisons: what gives no complex number.
bool Body::complex_reading(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : e->getNumArgs() ? e->getArg(0) : nullptr;
  if (!object)
    return false;
  bool is_pointer = mc && object->getType()->isPointerType(); // z->real()
  auto whole = [&] { return is_pointer ? deref(value(object), {}) : place(object); };
  bool sets = mc && mc->getNumArgs() == 1;
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  bool compares =
      op && (op->getOperator() == clang::OO_EqualEqual || op->getOperator() == clang::OO_ExclaimEqual);
  clang::QualType typed = is_pointer ? object->getType()->getPointeeType() : object->getType();
  if (compares && !is_complex(typed))
    typed = e->getArg(1)->getType();
  if (!is_complex(typed))
    return false;
  ir::Type part = part_type(typed, e->getExprLoc());
  if (compares) {
    std::vector<Complex> z = complex_values({e->getArg(0), e->getArg(1)}, part);
    Ex same = native("&&", {is("==", z[0].re, z[1].re), is("==", z[0].im, z[1].im)}, ir::Type::boolean());
    result = op->getOperator() == clang::OO_EqualEqual ? same : native("!", {same}, ir::Type::boolean());
    return true;
  }
  if (sets && (name == "real" || name == "imag")) {
    Ex v = convert(operand(mc->getArg(0)), part);
    emit(Assign{with_step(whole(), Field{name == "imag"}), v});
    return true;
  }
  if (!one_of(name, {"real", "imag", "abs", "arg", "norm"}))
    return false;
  Complex z = is_pointer ? parts_of(whole()) : complex_value(object, part);
  if (name == "real" || name == "imag") {
    result = name == "real" ? z.re : z.im;
    return true;
  }
  z = named(z);
  result = name == "abs" ? absolute(z) : name == "arg" ? argument_of(z) : z.re * z.re + z.im * z.im;
  return true;
}

bool Body::complex_call(const clang::CallExpr *e, const clang::FunctionDecl *f, const Place *into,
                        std::optional<Ex> &result) {
  if (!is_of_std(f))
    return false;
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  if (m && op && is_complex(op->getArg(0)->getType())) { // z += w
    ir::Type part = part_type(op->getArg(0)->getType(), e->getExprLoc());
    Complex w = named(complex_value(op->getArg(1), part));
    std::size_t mark = out_->size();
    Place z = fixed(place(op->getArg(0)), op);
    protect(w.re, mark);
    protect(w.im, mark);
    Complex old = parts_of(z);
    bool is_real = !is_complex(op->getArg(1)->getType());
    switch (op->getOperator()) {
    case clang::OO_Equal:
      set_parts(z, w);
      break;
    case clang::OO_PlusEqual:
      set_parts(z, {old.re + w.re, is_real ? old.im : old.im + w.im});
      break;
    case clang::OO_MinusEqual:
      set_parts(z, {old.re - w.re, is_real ? old.im : old.im - w.im});
      break;
    case clang::OO_StarEqual:
      set_parts(z, is_real ? Complex{old.re * w.re, old.im * w.re} : times(named(old), w));
      break;
    case clang::OO_SlashEqual:
      set_parts(z, is_real ? Complex{old.re / w.re, old.im / w.re} : quotient(named(old), w));
      break;
    default:
      return false;
    }
    result = read(z);
    return true;
  }
  if (complex_reading(e, f->getNameAsString(), result))
    return true;
  if (!is_complex(e->getType()) || e->isGLValue())
    return false;
  auto z = complex_result(e, f);
  if (!z)
    return false;
  ir::Type whole = type(e->getType(), e->getExprLoc()).with_const(false);
  bool fits = into && into->type().without_const() == whole && into->root->kind != Variable::Global;
  Place to = fits ? *into : Place{empty_temp("value", whole), {}};
  set_parts(to, *z);
  result = read(to);
  return true;
}

bool Body::complex_construct(const Place &to, const clang::CXXConstructExpr *e) {
  if (!is_complex(e->getType()) || !to.type().is(ir::Type::Record))
    return false;
  set_parts(to, complex_value(e, part_type(e->getType(), e->getExprLoc())));
  return true;
}

} // namespace nabla::front
