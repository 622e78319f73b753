#include "attributes.h"
#include "companions.h"
#include "report.h"
#include "clang/AST/Attr.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Sema/ParsedAttr.h"
#include "clang/Sema/SemaDiagnostic.h"
#include <algorithm>
#include <map>

using namespace clang;

namespace nabla::tool {
namespace {

std::map<Sema *, std::vector<FunctionDecl *>> &tables() {
  static std::map<Sema *, std::vector<FunctionDecl *>> all;
  return all;
}

void remember(Sema &sema, FunctionDecl *function) {
  auto &all = marked_functions(sema);
  if (std::find(all.begin(), all.end(), function) == all.end())
    all.push_back(function);
}

std::vector<std::string> split_names(StringRef list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    auto [head, tail] = list.split(',');
    if (!head.trim().empty())
      names.push_back(head.trim().str());
    list = tail;
  }
  return names;
}

/// "order = 2" or "order=2"
std::optional<unsigned> read_order(StringRef text) {
  unsigned order = 0;
  auto [name, number] = text.split('=');
  if (name.trim() != "order" || number.trim().getAsInteger(10, order))
    return std::nullopt;
  return order;
}

/// The text of an attribute's argument: a string, an identifier, a qualified name or `&C::m`. "" if none of
/// these.
std::string argument_text(const ParsedAttr &attr, unsigned index) {
  if (attr.isArgIdent(index))
    return attr.getArgAsIdent(index)->Ident->getName().str();
  if (!attr.isArgExpr(index))
    return "";
  const Expr *e = attr.getArgAsExpr(index)->IgnoreParenImpCasts();
  if (const auto *address = dyn_cast<UnaryOperator>(e); address && address->getOpcode() == UO_AddrOf)
    e = address->getSubExpr()->IgnoreParenImpCasts();
  if (const auto *text = dyn_cast<StringLiteral>(e))
    return text->getString().str();
  if (const auto *reference = dyn_cast<DeclRefExpr>(e))
    return reference->getDecl()->getQualifiedNameAsString();
  if (const auto *overloads = dyn_cast<OverloadExpr>(e); overloads && overloads->getNumDecls())
    return (*overloads->decls_begin())->getUnderlyingDecl()->getQualifiedNameAsString();
  return "";
}

/// `order = 2`, as an expression or in a string: the number.
std::optional<unsigned> order_of(const ParsedAttr &attr, unsigned index, ASTContext &context) {
  const auto *assign =
      attr.isArgExpr(index) ? dyn_cast<BinaryOperator>(attr.getArgAsExpr(index)->IgnoreParens()) : nullptr;
  if (!assign || assign->getOpcode() != BO_Assign)
    return read_order(argument_text(attr, index));
  const auto *name = dyn_cast<DeclRefExpr>(assign->getLHS());
  Expr::EvalResult value;
  if (!name || name->getDecl()->getName() != "order" || !assign->getRHS()->EvaluateAsInt(value, context))
    return std::nullopt;
  return static_cast<unsigned>(value.Val.getInt().getExtValue());
}

struct NablaAttr : ParsedAttrInfo {
  std::string kind, full;
  std::vector<Spelling> spellings;
  enum Place { Function, FunctionOrParameter } place;
  enum Argument { None, Names, OneFunction } argument;
  bool available;

  NablaAttr(const char *name, Place place, Argument argument, bool available = true)
      : kind(name), full("nabla::" + kind), place(place), argument(argument), available(available) {
    // LLVM 19 asks plugins for the unscoped name when it decides whether to keep the arguments.
    spellings = {{ParsedAttr::AS_CXX11, full.c_str()}, {ParsedAttr::AS_CXX11, kind.c_str()}};
    Spellings = spellings;
    OptArgs = 15;
  }

  bool diagAppertainsToDecl(Sema &sema, const ParsedAttr &attr, const Decl *decl) const override {
    if (attr.isCXX11Attribute() && !attr.hasScope())
      return true; // not ours: handleDeclAttribute says what Clang would
    if (isa<FunctionDecl>(decl) || (place == FunctionOrParameter && isa<ParmVarDecl>(decl)))
      return true;
    report(sema.getDiagnostics(), Diag::MisplacedMark, attr.getLoc(),
           {kind, place == Function ? "a function" : "a function or a parameter"});
    return false;
  }

  AttrHandling handleDeclAttribute(Sema &sema, Decl *decl, const ParsedAttr &attr) const override {
    if (attr.isCXX11Attribute() && !attr.hasScope()) {
      sema.Diag(attr.getLoc(), diag::warn_unknown_attribute_ignored) << attr << attr.getRange();
      return AttributeNotApplied;
    }
    if (!available) {
      report(sema.getDiagnostics(), Diag::ModeNotAvailable, attr.getLoc(), {kind});
      return AttributeNotApplied;
    }
    Mark mark{kind, {}, attr.getLoc(), dyn_cast<FunctionDecl>(decl)};
    if (!read_arguments(sema, attr, mark))
      return AttributeNotApplied;
    keep(sema.Context, decl, mark, attr.getRange());
    if (auto *function = dyn_cast<FunctionDecl>(decl)) {
      remember(sema, function);
      if (is_derivable(kind)) {
        for (const ParmVarDecl *p : function->parameters())
          complete(sema, p->getType(), p->getLocation());
        declare_companions(sema, function, mark);
        // Its companion may be all that is called: no -Wunused-function.
        function->addAttr(UnusedAttr::CreateImplicit(sema.Context));
      }
    }
    return AttributeApplied;
  }

  /// An instance of a class template is made now: whether it holds reals is seen by its members.
  static void complete(Sema &sema, QualType type, SourceLocation at) {
    while (type->isAnyPointerType() || type->isReferenceType() || type->isArrayType())
      type = type->isArrayType() ? QualType(type->getPointeeOrArrayElementType(), 0) : type->getPointeeType();
    if (!type->isDependentType() && isa_and_nonnull<ClassTemplateSpecializationDecl>(type->getAsRecordDecl()))
      (void)sema.isCompleteType(at, type);
  }

  bool read_arguments(Sema &sema, const ParsedAttr &attr, Mark &mark) const {
    auto refuse_argument = [&](const char *advice) {
      report(sema.getDiagnostics(), Diag::BadMarkArgument, attr.getLoc(), {kind, advice});
      return false;
    };
    unsigned count = attr.getNumArgs();
    if (argument == None && count != 0)
      return refuse_argument("this mark takes no argument");
    if (argument == OneFunction && count != 1)
      return refuse_argument("write the function that the rule belongs to: f, ns::f, &C::m or a string");
    for (unsigned i = 0; i < count; ++i) {
      if (std::optional<unsigned> order =
              argument == Names ? order_of(attr, i, sema.Context) : std::nullopt) {
        if (*order < 1 || *order > 2)
          return refuse_argument("the order is 1 or 2");
        mark.order = *order;
        continue;
      }
      std::string text = argument_text(attr, i);
      if (text.empty())
        return refuse_argument(argument == Names ? "write the names of parameters in a string: \"x, y\""
                                                 : "write f, ns::f, &C::m or a string");
      if (argument == Names)
        for (std::string &name : split_names(text))
          mark.argument.push_back(std::move(name));
      else
        mark.argument.push_back(text);
    }
    return true;
  }

  static void keep(ASTContext &context, Decl *decl, const Mark &mark, SourceRange range) {
    std::vector<StringRef> parts;
    auto add = [&](StringRef text) { parts.push_back(text.copy(context.getAllocator())); };
    add("nabla");
    add(mark.kind);
    for (const std::string &part : mark.argument)
      add(part);
    if (mark.order > 1)
      add("order=" + std::to_string(mark.order));
    decl->addAttr(SuppressAttr::CreateImplicit(context, parts.data(), parts.size(), range));
  }
};

template <int Row> struct Registered;
#define NABLA_MARK(ROW, NAME, ...)                                                                           \
  template <> struct Registered<ROW> : NablaAttr {                                                           \
    Registered() : NablaAttr(NAME, __VA_ARGS__) {}                                                           \
  };                                                                                                         \
  const ParsedAttrInfoRegistry::Add<Registered<ROW>> register_##ROW("nabla::" NAME, "")
NABLA_MARK(0, "gradient", Function, Names);
NABLA_MARK(1, "pullback", Function, Names);
NABLA_MARK(2, "inactive", FunctionOrParameter, None);
NABLA_MARK(3, "pullback_of", Function, OneFunction);
NABLA_MARK(4, "pushforward_of", Function, OneFunction);
NABLA_MARK(5, "may_alias", Function, None);
NABLA_MARK(6, "pushforward", Function, Names);
NABLA_MARK(7, "derivative", Function, Names, false);
NABLA_MARK(8, "hvp", Function, Names);
NABLA_MARK(9, "hessian", Function, Names, false);
NABLA_MARK(10, "hessian_diagonal", Function, Names, false);
NABLA_MARK(11, "jacobian", Function, Names, false);
NABLA_MARK(12, "sparse_jacobian", Function, Names, false);
NABLA_MARK(13, "sparse_hessian", Function, Names, false);
#undef NABLA_MARK

struct FindMarks : RecursiveASTVisitor<FindMarks> {
  Sema &sema;
  explicit FindMarks(Sema &sema) : sema(sema) {}
  bool VisitFunctionDecl(FunctionDecl *function) {
    if (!marks_on(function).empty())
      remember(sema, function);
    return true;
  }
};

} // namespace

std::vector<Mark> marks_on(const Decl *decl) {
  std::vector<Mark> marks;
  for (const auto *attr : decl->specific_attrs<SuppressAttr>()) {
    if (attr->isInherited() || attr->diagnosticIdentifiers_size() < 2)
      continue;
    auto part = attr->diagnosticIdentifiers_begin();
    if (*part++ != "nabla")
      continue;
    Mark mark{part++->str(), {}, attr->getLocation(), dyn_cast<FunctionDecl>(decl)};
    for (; part != attr->diagnosticIdentifiers_end(); ++part)
      if (std::optional<unsigned> order = read_order(*part))
        mark.order = *order;
      else
        mark.argument.push_back(part->str());
    marks.push_back(std::move(mark));
  }
  return marks;
}

std::vector<Mark> marks_of(const FunctionDecl *function) {
  std::vector<Mark> marks;
  auto take = [&](const FunctionDecl *f) {
    for (const FunctionDecl *each : f->redecls())
      for (Mark &mark : marks_on(each))
        marks.push_back(std::move(mark));
  };
  take(function);
  if (const FunctionDecl *pattern = function->getTemplateInstantiationPattern(); pattern && marks.empty())
    take(pattern);
  return marks;
}

bool has_mark(const FunctionDecl *function, const std::string &kind) {
  for (const Mark &mark : marks_of(function))
    if (mark.kind == kind)
      return true;
  return false;
}

std::vector<FunctionDecl *> &marked_functions(Sema &sema) { return tables()[&sema]; }
void forget(Sema &sema) { tables().erase(&sema); }

void find_imported_marks(Sema &sema) {
  if (sema.Context.getExternalSource())
    FindMarks(sema).TraverseAST(sema.Context);
}

} // namespace nabla::tool
