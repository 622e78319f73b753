// Constants: literals, what Clang evaluates, and their spelling. `0.1f * K` -> 0.1f * 3
#include "import/body.h"
#include <charconv>

namespace nabla::front {

// ---- Constants ------------------------------------------------------------------------------------------

namespace {

std::string with_point(std::string text) {
  if (text.find_first_of(".en") == std::string::npos)
    text += ".0";
  return text;
}

/// Shortest text that reads back as the same value of this type.
std::string spell_real(const llvm::APFloat &v, const std::string &type) {
  bool is_float = type == "float", is_long = type == "long double";
  std::string suffix = is_float ? "f" : is_long ? "L" : "";
  if (v.isNaN())
    return std::string("__builtin_nan") + (is_float ? "f" : is_long ? "l" : "") + "(\"\")";
  if (v.isInfinity())
    return std::string(v.isNegative() ? "-" : "") + "__builtin_inf" +
           (is_float  ? "f"
            : is_long ? "l"
                      : "") +
           "()";
  char buffer[64];
  if (is_float) {
    auto end = std::to_chars(buffer, buffer + sizeof buffer, v.convertToFloat());
    return with_point({buffer, end.ptr}) + suffix;
  }
  if (&v.getSemantics() == &llvm::APFloat::IEEEdouble()) {
    auto end = std::to_chars(buffer, buffer + sizeof buffer, v.convertToDouble());
    return with_point({buffer, end.ptr}) + suffix;
  }
  for (unsigned digits = 17;; ++digits) {
    llvm::SmallString<64> text;
    v.toString(text, digits, 3);
    llvm::APFloat back(v.getSemantics());
    auto parsed = back.convertFromString(text, llvm::APFloat::rmNearestTiesToEven);
    bool same = !llvm::errorToBool(parsed.takeError()) && back.bitwiseIsEqual(v);
    if (!same && digits < 40)
      continue;
    std::string plain(text.str());
    for (char &c : plain)
      c = c == 'E' ? 'e' : c;
    return with_point(plain) + suffix;
  }
}

std::string integer_suffix(const std::string &type) {
  return type == "unsigned int"         ? "u"
         : type == "long"               ? "l"
         : type == "unsigned long"      ? "ul"
         : type == "long long"          ? "ll"
         : type == "unsigned long long" ? "ull"
                                        : "";
}

} // namespace

Ex Body::constant(const clang::APValue &v, clang::QualType q, clang::SourceLocation at) {
  ir::Type t = type(q, at).with_const(false);
  if (v.isFloat() && t.is(ir::Type::Real))
    return make(Const{spell_real(v.getFloat(), t.spelling())}, t);
  if (v.isInt() && t.is(ir::Type::Bool))
    return boolean(v.getInt().getBoolValue());
  if (v.isInt() && t.is(ir::Type::Int)) {
    llvm::SmallString<32> text;
    v.getInt().toString(text, 10);
    std::string plain(text.str());
    if (q->isEnumeralType() &&
        t != type(q->castAs<clang::EnumType>()->getDecl()->getIntegerType(), at).with_const(false))
      return make(Cast{make(Const{plain}, ir::Type::integer("int"))}, t);
    if (plain == "-9223372036854775808")
      return make(Const{"(-9223372036854775807l - 1)"}, t);
    if (plain == "-2147483648" && t.spelling() == "int")
      return make(Const{"(-2147483647 - 1)"}, t);
    bool large = v.getInt().getSignificantBits() > 31;
    return make(Const{plain + (large ? integer_suffix(t.spelling()) : "")}, t);
  }
  if (v.isLValue() && v.isNullPointer())
    return make(Const{"nullptr"}, t);
  const clang::ValueDecl *named = v.isLValue() && v.getLValueBase()
                                      ? v.getLValueBase().dyn_cast<const clang::ValueDecl *>()
                                  : v.isMemberPointer() ? v.getMemberPointerDecl()
                                                        : nullptr;
  if (auto *f = dyn_cast_or_null<clang::FunctionDecl>(named))
    return make(Const{s_.address(f)}, t);
  s_.refuse(Diag::UnsupportedExpression, at, {"this constant", "compute it in an ordinary variable"});
}

/// The value of an expression that Clang can evaluate; for those whose text means nothing here (sizeof,
/// constexpr calls).
std::optional<Ex> Body::evaluated(const clang::Expr *e) {
  clang::Expr::EvalResult result;
  if (e->isValueDependent() || !e->EvaluateAsRValue(result, s_.context) || result.HasSideEffects)
    return std::nullopt;
  if (!result.Val.isInt() && !result.Val.isFloat())
    return std::nullopt;
  return constant(result.Val, e->getType(), e->getExprLoc());
}

/// sizeof of a variable-length array.
std::optional<Ex> Body::variable_length_size(const clang::Expr *e) {
  auto *trait = dyn_cast<clang::UnaryExprOrTypeTraitExpr>(e);
  if (!trait || trait->isArgumentType() || trait->getKind() != clang::UETT_SizeOf)
    return std::nullopt;
  const clang::VarDecl *v = named_variable(trait->getArgumentExpr());
  auto known = v ? vla_extents_.find(v) : vla_extents_.end();
  if (known == vla_extents_.end())
    return std::nullopt;
  ir::Type t = ir::Type::integer("unsigned long");
  clang::QualType element = s_.context.getBaseElementType(v->getType());
  Ex size = integer(s_.context.getTypeSizeInChars(element).getQuantity(), t);
  for (const Ex &extent : known->second)
    size = native("*", {convert(extent, t), size}, t);
  return size;
}

std::optional<Ex> Body::literal(const clang::Expr *e) {
  ir::Type none;
  switch (e->getStmtClass()) {
  case clang::Stmt::IntegerLiteralClass: {
    ir::Type t = type(e->getType(), e->getExprLoc());
    llvm::SmallString<32> text;
    cast<clang::IntegerLiteral>(e)->getValue().toString(text, 10, e->getType()->isSignedIntegerType());
    return make(Const{std::string(text.str()) + integer_suffix(t.spelling())}, t);
  }
  case clang::Stmt::FloatingLiteralClass: {
    ir::Type t = type(e->getType(), e->getExprLoc());
    return make(Const{spell_real(cast<clang::FloatingLiteral>(e)->getValue(), t.spelling())}, t);
  }
  case clang::Stmt::CXXBoolLiteralExprClass:
    return boolean(cast<clang::CXXBoolLiteralExpr>(e)->getValue());
  case clang::Stmt::CharacterLiteralClass: {
    unsigned v = cast<clang::CharacterLiteral>(e)->getValue();
    bool plain = e->getType()->isCharType() && v >= 32 && v < 127 && v != '\'' && v != '\\';
    ir::Type t = type(e->getType(), e->getExprLoc());
    return plain ? make(Const{std::string("'") + static_cast<char>(v) + "'"}, t) : make(Cast{integer(v)}, t);
  }
  case clang::Stmt::CXXNullPtrLiteralExprClass:
  case clang::Stmt::GNUNullExprClass:
    return make(Const{"nullptr"}, type(e->getType(), e->getExprLoc()));
  case clang::Stmt::UnaryExprOrTypeTraitExprClass:
  case clang::Stmt::TypeTraitExprClass:
  case clang::Stmt::ArrayTypeTraitExprClass:
  case clang::Stmt::ExpressionTraitExprClass:
  case clang::Stmt::SizeOfPackExprClass:
  case clang::Stmt::CXXNoexceptExprClass:
  case clang::Stmt::OffsetOfExprClass:
  case clang::Stmt::RequiresExprClass:
  case clang::Stmt::ConceptSpecializationExprClass:
    if (auto known = evaluated(e))
      return known;
    if (auto size = variable_length_size(e))
      return size;
    refuse_expr(e, "an operand without a constant value", "write the size out");
  case clang::Stmt::ImplicitValueInitExprClass:
  case clang::Stmt::CXXScalarValueInitExprClass: {
    ir::Type t = type(e->getType(), e->getExprLoc());
    if (t.is_discrete() || t.is(ir::Type::Real) || t.is(ir::Type::Pointer))
      return zero_of(t);
    return std::nullopt;
  }
  case clang::Stmt::StringLiteralClass:
  case clang::Stmt::PredefinedExprClass: {
    auto *text = isa<clang::PredefinedExpr>(e) ? cast<clang::PredefinedExpr>(e)->getFunctionName()
                                               : cast<clang::StringLiteral>(e);
    std::string out;
    llvm::raw_string_ostream os(out);
    text->outputString(os);
    return make(Const{out}, ir::Type::pointer(
                                type(e->getType()->getPointeeOrArrayElementType()->getCanonicalTypeInternal(),
                                     e->getExprLoc())
                                    .with_const()));
  }
  default:
    return std::nullopt;
  }
}

/// `v` as a value of another arithmetic type; literals change their spelling instead.
Ex Body::convert(Ex v, const ir::Type &target) {
  ir::Type to = target.with_const(false);
  if (v.type() == to || to.is(ir::Type::Pointer) || to.is(ir::Type::Record))
    return v;
  if (to.is(ir::Type::Bool))
    return truth(v);
  const std::string *text = const_spelling(v);
  if (!text)
    return make(Cast{v}, to);
  bool digits = text->find_first_not_of("0123456789") == std::string::npos && text->size() < 10;
  if (v.type().is(ir::Type::Int) && to.is(ir::Type::Real) && digits)
    return make(Const{*text + (to.spelling() == "float"         ? ".0f"
                               : to.spelling() == "long double" ? ".0L"
                                                                : ".0")},
                to);
  if (v.type().is(ir::Type::Int) && to.is(ir::Type::Int) && digits && text->size() < 3)
    return make(Const{*text}, to);
  double d = 0;
  auto parsed = std::from_chars(text->data(), text->data() + text->size(), d);
  bool whole = parsed.ec == std::errc() && parsed.ptr == text->data() + text->size();
  if (v.type().is(ir::Type::Real) && v.type().spelling() == "double" && to.is(ir::Type::Real) && whole) {
    llvm::APFloat f(d);
    bool loses = false;
    if (to.spelling() == "float") {
      f.convert(llvm::APFloat::IEEEsingle(), llvm::APFloat::rmNearestTiesToEven, &loses);
      if (f.isFinite())
        return make(Const{spell_real(f, "float")}, to);
    }
  }
  return make(Cast{v}, to);
}

bool all_zero(const std::vector<Ex> &elements) {
  return std::all_of(elements.begin(), elements.end(), [](const Ex &x) {
    const std::string *text = const_spelling(x);
    return text && (*text == "0" || *text == "0.0" || *text == "0.0f" || *text == "0.0L" ||
                    *text == "false" || *text == "nullptr");
  });
}

// ---- Constant elements ----------------------------------------------------------------------------------

bool Body::constant_elements(const clang::Expr *e, const ir::Type &t, std::vector<Ex> &out) {
  clang::Expr::EvalResult result;
  if (t.has_constructor())
    return false; // a list of members would be a list of arguments
  if (t.contains_real_pointers() || e->HasSideEffects(s_.context) || e->isValueDependent() ||
      !e->EvaluateAsRValue(result, s_.context, /*InConstantContext=*/false))
    if (e->isValueDependent() || t.contains_real_pointers() || !e->EvaluateAsLValue(result, s_.context))
      return false;
  if (!result.Val.isArray() && !result.Val.isStruct())
    return false;
  try {
    flatten(result.Val, e->getType(), e->getExprLoc(), out);
  } catch (Refusal &) {
    out.clear();
    return false;
  }
  return out.size() <= 4096 || all_zero(out);
}

void Body::flatten(const clang::APValue &v, clang::QualType t, clang::SourceLocation at,
                   std::vector<Ex> &out) {
  if (v.isArray()) {
    auto *a = cast<clang::ConstantArrayType>(s_.context.getAsConstantArrayType(t));
    for (unsigned i = 0; i < v.getArraySize(); ++i)
      flatten(i < v.getArrayInitializedElts() ? v.getArrayInitializedElt(i) : v.getArrayFiller(),
              a->getElementType(), at, out);
    return;
  }
  if (v.isStruct()) {
    unsigned i = 0, base = 0;
    if (auto *cls = t->getAsCXXRecordDecl())
      for (const clang::CXXBaseSpecifier &b : cls->bases())
        flatten(v.getStructBase(base++), b.getType(), at, out);
    for (auto *field : t->getAsRecordDecl()->fields())
      flatten(v.getStructField(i++), field->getType(), at, out);
    return;
  }
  out.push_back(constant(v, t, at));
}

} // namespace nabla::front
