#include "requests.h"
#include "import/importer.h"
#include "report.h"
#include "spell.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/GlobalDecl.h"
#include "clang/AST/Mangle.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace clang;

namespace nabla::tool {
namespace {

NamespaceDecl *find_namespace(ASTContext &context, DeclContext *in, StringRef name) {
  for (NamedDecl *found : in->lookup(&context.Idents.get(name)))
    if (auto *space = dyn_cast<NamespaceDecl>(found))
      return space;
  return nullptr;
}

NamespaceDecl *find_detail(ASTContext &context) {
  NamespaceDecl *outer = find_namespace(context, context.getTranslationUnitDecl(), "nabla");
  return outer ? find_namespace(context, outer, "detail") : nullptr;
}

/// Referred to, and nobody has defined it yet.
bool is_wanted(const CXXMethodDecl *method) {
  return method->isStatic() && method->getIdentifier() && method->getName() == "call" &&
         method->isReferenced() && !method->isDefined();
}

ArrayRef<TemplateArgument> arguments_of(const CXXMethodDecl *call) {
  return cast<ClassTemplateSpecializationDecl>(call->getParent())->getTemplateArgs().asArray();
}

std::vector<long> chosen_indices(const TemplateArgument &wrt) {
  std::vector<long> indices;
  const auto *record =
      dyn_cast_or_null<ClassTemplateSpecializationDecl>(wrt.getAsType()->getAsCXXRecordDecl());
  if (!record)
    return indices;
  for (const TemplateArgument &pack : record->getTemplateArgs().asArray())
    for (const TemplateArgument &each : pack.pack_elements()) {
      bool is_self = each.getIntegralType()->isEnumeralType();
      indices.push_back(is_self ? -1 : static_cast<long>(each.getAsIntegral().getExtValue()));
    }
  return indices;
}

bool has_object(const FunctionDecl *function) {
  const auto *method = dyn_cast<CXXMethodDecl>(function);
  return method && !method->isStatic();
}

/// What the header made of nabla::holds_reals<type>, if it asked: it cannot look into classes, and users may specialise it.
std::optional<bool> holds_reals_in_header(ASTContext &context, QualType type) {
  NamespaceDecl *space = find_namespace(context, context.getTranslationUnitDecl(), "nabla");
  for (NamedDecl *found : space->lookup(&context.Idents.get("holds_reals")))
    if (auto *pattern = dyn_cast<VarTemplateDecl>(found))
      for (VarTemplateSpecializationDecl *instance : pattern->specializations()) {
        const TemplateArgument &given = instance->getTemplateArgs()[0];
        bool is_it =
            given.getKind() == TemplateArgument::Type && context.hasSameType(given.getAsType(), type);
        const APValue *value = is_it && instance->getAnyInitializer() ? instance->evaluateValue() : nullptr;
        if (value && value->isInt())
          return value->getInt().getBoolValue();
      }
  return std::nullopt;
}

bool fill_wrt(DiagnosticsEngine &engine, CallSite &site, const std::vector<long> &indices) {
  unsigned object = has_object(site.primal) ? 1 : 0, count = site.primal->getNumParams();
  auto is_real = [&](long i) {
    QualType type = site.primal->getParamDecl(static_cast<unsigned>(i))->getType();
    std::optional<bool> known = holds_reals_in_header(site.primal->getASTContext(), type);
    return known ? *known : holds_reals(type);
  };
  site.wrt.assign(object + count, false);
  if (indices.empty())
    for (unsigned i = 0; i < count; ++i)
      site.wrt[object + i] = is_real(i);
  for (long index : indices) {
    bool is_valid = index < 0 ? object == 1 : index < static_cast<long>(count) && is_real(index);
    if (!is_valid) {
      report(engine, Diag::WrtOutOfRange, site.at, {std::to_string(index), site.primal->getNameAsString()});
      return false;
    }
    site.wrt[index < 0 ? 0 : object + static_cast<unsigned>(index)] = true;
  }
  return true;
}

/// Where the user wrote nabla::gradient<f>: the instance of a public function of the header for the same f
/// (or the same object type) that was instantiated outside of the header.
SourceLocation users_call(Sema &sema, const CXXMethodDecl *call, const FunctionDecl *primal) {
  ASTContext &context = sema.Context;
  SourceManager &sources = sema.getSourceManager();
  FileID header = sources.getFileID(sources.getExpansionLoc(call->getLocation()));
  const auto *method = dyn_cast<CXXMethodDecl>(primal);
  const CXXRecordDecl *object =
      method ? method->getParent() : nullptr; // of a generic call: invocation<object, ...>
  if (const auto *instance = dyn_cast_or_null<ClassTemplateSpecializationDecl>(object))
    if (instance->getName() == "invocation" &&
        instance->getTemplateArgs()[0].getKind() == TemplateArgument::Type)
      object = instance->getTemplateArgs()[0].getAsType().getNonReferenceType()->getAsCXXRecordDecl();
  auto is_same = [&](const TemplateArgument &argument) {
    if (argument.getKind() == TemplateArgument::Declaration)
      return argument.getAsDecl()->getCanonicalDecl() == primal->getCanonicalDecl();
    return object && argument.getKind() == TemplateArgument::Type &&
           argument.getAsType().getNonReferenceType()->getAsCXXRecordDecl() == object;
  };
  NamespaceDecl *space = find_namespace(context, context.getTranslationUnitDecl(), "nabla");
  for (const char *name : {"gradient", "value_and_gradient", "pullback", "pushforward", "derivative", "hvp",
                           "gradient_and_hvp", "hessian", "hessian_diagonal", "jacobian", "sparse_jacobian",
                           "sparse_hessian", "implicit", "check_gradient"})
    for (NamedDecl *found : space->lookup(&context.Idents.get(name))) {
      auto *pattern = dyn_cast<FunctionTemplateDecl>(found);
      if (!pattern)
        continue;
      for (FunctionDecl *instance : pattern->specializations()) {
        SourceLocation at = instance->getPointOfInstantiation();
        if (at.isInvalid() || sources.getFileID(sources.getExpansionLoc(at)) == header)
          continue;
        for (const TemplateArgument &argument : instance->getTemplateSpecializationArgs()->asArray())
          if (is_same(argument))
            return at;
      }
    }
  return SourceLocation();
}

struct ModeName {
  Request::Mode mode;
  const char *name; ///< of the class in nabla.h without "_by_nabla_plugin_or_tool", and of the text's file
};
constexpr ModeName mode_names[] = {{Request::Gradient, "gradient"},
                                   {Request::Pullback, "pullback"},
                                   {Request::Pullback, "batch_pullback"},
                                   {Request::Pushforward, "pushforward"},
                                   {Request::Hvp, "hvp"},
                                   {Request::GradientHvp, "gradient_and_hvp"},
                                   {Request::Taylor, "derivative"},
                                   {Request::Names, "parameter_names"}};

/// pushforward_by_nabla_plugin_or_tool<4>: the mode, and directions or order.
void read_mode(CallSite &site, QualType type) {
  const auto *mode = type->getAsCXXRecordDecl();
  if (!mode)
    return;
  for (const ModeName &each : mode_names)
    if (mode->getName().starts_with(std::string(each.name) + "_by"))
      site.mode = each.mode;
  if (const auto *instance = dyn_cast<ClassTemplateSpecializationDecl>(mode)) {
    long number = static_cast<long>(instance->getTemplateArgs()[0].getAsIntegral().getExtValue());
    using Kind = ir::Directions::Kind;
    Kind kind = site.mode == Request::Taylor ? Kind::Series
                : number > 0                 ? Kind::Lanes
                : number < 0                 ? Kind::Bits
                                             : Kind::One;
    site.directions = {kind, static_cast<unsigned>(number < 0 ? -number : number)};
  }
}

std::optional<CallSite> read(Sema &sema, CXXMethodDecl *call) {
  ArrayRef<TemplateArgument> arguments = arguments_of(call);
  bool is_known = arguments.size() >= 3 && arguments[0].getKind() == TemplateArgument::Type &&
                  arguments[1].getKind() == TemplateArgument::Declaration &&
                  arguments[2].getKind() == TemplateArgument::Type;
  CallSite site;
  site.call = call;
  site.at = call->getPointOfInstantiation();
  if (site.at.isInvalid())
    site.at = cast<ClassTemplateSpecializationDecl>(call->getParent())->getPointOfInstantiation();
  site.primal = is_known ? dyn_cast<FunctionDecl>(arguments[1].getAsDecl()) : nullptr;
  SourceLocation users = site.primal ? users_call(sema, call, site.primal) : SourceLocation();
  if (users.isValid())
    site.at = users;
  if (!site.primal) {
    report(sema.getDiagnostics(), Diag::UnsupportedRequest, site.at,
           {"a derivative of something that is not a function",
            "name a function, a method or a function object"});
    return std::nullopt;
  }
  if (const auto *method = dyn_cast<CXXMethodDecl>(site.primal); method && method->isLambdaStaticInvoker()) {
    report(sema.getDiagnostics(), Diag::UnsupportedRequest, site.at,
           {"a derivative of a function pointer that a lambda was converted to",
            "pass the lambda itself: nabla::gradient(lambda, ...)"});
    return std::nullopt;
  }
  read_mode(site, arguments[0].getAsType());
  if (!fill_wrt(sema.getDiagnostics(), site, chosen_indices(arguments[2])))
    return std::nullopt;
  return site;
}

std::string function_argument(const CallSite &site, const std::function<std::string(QualType)> &name_of) {
  const auto *method = dyn_cast<CXXMethodDecl>(site.primal);
  if (!method)
    return spell_address(site.primal, std::nullopt);
  return spell_address(site.primal, name_of(method->getASTContext().getRecordType(method->getParent())));
}

} // namespace

bool has_header(Sema &sema) { return find_detail(sema.Context) != nullptr; }

bool is_in_our_headers(Sema &sema, SourceLocation at) {
  NamespaceDecl *detail = find_detail(sema.Context);
  const SourceManager &sources = sema.getSourceManager();
  auto directory = [&](SourceLocation l) {
    return llvm::sys::path::parent_path(sources.getFilename(sources.getExpansionLoc(l)));
  };
  if (detail)
    for (NamedDecl *request : detail->lookup(&sema.Context.Idents.get("request")))
      return directory(at) == directory(request->getLocation());
  return false;
}

std::string symbol_of(const FunctionDecl *function) {
  std::string out;
  llvm::raw_string_ostream stream(out);
  std::unique_ptr<MangleContext> mangler(function->getASTContext().createMangleContext());
  mangler->mangleName(GlobalDecl(function), stream);
  return out;
}

std::vector<CallSite> find_call_sites(Sema &sema, std::set<const Decl *> &done) {
  std::vector<CallSite> sites;
  NamespaceDecl *detail = find_detail(sema.Context);
  if (!detail)
    return sites;
  std::vector<CXXMethodDecl *> wanted;
  for (NamedDecl *found : detail->lookup(&sema.Context.Idents.get("request")))
    if (auto *pattern = dyn_cast<ClassTemplateDecl>(found))
      for (ClassTemplateSpecializationDecl *each : pattern->specializations())
        for (CXXMethodDecl *method : each->methods())
          if (is_wanted(method) && done.insert(method->getCanonicalDecl()).second)
            wanted.push_back(method);
  for (CXXMethodDecl *method : wanted)
    if (std::optional<CallSite> site = read(sema, method))
      sites.push_back(std::move(*site));
  return sites;
}

std::string mode_name(Request::Mode mode) {
  for (const ModeName &each : mode_names)
    if (each.mode == mode)
      return each.name;
  return "";
}

std::optional<CallSite> read_request(Sema &sema, const FunctionDecl *call) {
  const auto *method = dyn_cast<CXXMethodDecl>(call);
  const auto *instance = method ? dyn_cast<ClassTemplateSpecializationDecl>(method->getParent()) : nullptr;
  if (!instance || instance->getName() != "request" || !method->isStatic())
    return std::nullopt;
  const auto *space = dyn_cast<NamespaceDecl>(instance->getDeclContext());
  if (!space || space->getQualifiedNameAsString() != "nabla::detail")
    return std::nullopt;
  return read(sema, const_cast<CXXMethodDecl *>(method));
}

std::string request_name(const CallSite &site, const std::function<std::string(QualType)> &name_of) {
  ASTContext &context = site.call->getASTContext();
  std::string mode = (site.mode == Request::Names ? "names" : mode_name(site.mode)) + std::string("_mode");
  std::string number = std::to_string(site.directions.number);
  if (site.directions.kind == ir::Directions::Series)
    mode += "<" + number + ">";
  else if (site.directions.kind)
    mode = "batch_" + mode + "<" + (site.directions.kind == ir::Directions::Bits ? "-" : "") + number + ">";
  return "nabla::detail::request<nabla::detail::" + mode + ", " + function_argument(site, name_of) + ", " +
         spell(arguments_of(site.call)[2].getAsType(), context) + ">::call";
}

/// Reals, arrays of them, pointers and references to them: nabla::detail::is_checkable.
static bool is_made_of_reals(QualType type) {
  type = type.getNonReferenceType();
  while (type->isPointerType() || type->isArrayType())
    type =
        type->isPointerType() ? type->getPointeeType() : QualType(type->getArrayElementTypeNoTypeQual(), 0);
  return type->isRealFloatingType();
}

std::string why_not_checked(const FunctionDecl *primal, const std::vector<bool> &wrt) {
  if (isa<CXXMethodDecl>(primal))
    return "it is a method; write a function that takes the object's reals, or compare with the pushforward "
           "yourself";
  for (unsigned i = 0; i < primal->getNumParams() && i < wrt.size(); ++i)
    if (wrt[i] && !is_made_of_reals(primal->getParamDecl(i)->getType()))
      return "its parameter '" + primal->getParamDecl(i)->getNameAsString() +
             "' is an object; write a function that takes its reals, or compare with the pushforward "
             "yourself";
  return "";
}

std::string template_arguments(const FunctionDecl *primal, const std::vector<bool> &wrt) {
  CallSite site;
  site.primal = primal;
  std::string list;
  for (std::size_t i = 0; i < wrt.size(); ++i)
    if (wrt[i])
      list += (list.empty() ? "" : ", ") + std::to_string(i);
  return function_argument(site, [](QualType) { return std::string(); }) + ", nabla::wrt<" + list + ">";
}

void allow_definition(const CallSite &site) {
  if (MemberSpecializationInfo *info = site.call->getMemberSpecializationInfo())
    info->setPointOfInstantiation(SourceLocation());
}

} // namespace nabla::tool
