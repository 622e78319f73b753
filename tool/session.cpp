#include "session.h"
#include "companions.h"
#include "report.h"
#include "rules.h"
#include "spell.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/Lex/Preprocessor.h"
#include <algorithm>
#include <exception>

using namespace clang;

namespace nabla::tool {

Session::Session(Sema &sema, ToolOptions options)
    : sema_(sema), options_(std::move(options)), injector_(sema, options_.save),
      importer_(std::make_unique<front::Importer>(sema.Context, *this)),
      pipeline_(std::make_unique<Pipeline>(*this, options_)) {}

Session::~Session() = default;

bool Session::has_failed() const { return sema_.getDiagnostics().hasErrorOccurred(); }

void Session::finish() {
  DiagnosticsEngine &engine = sema_.getDiagnostics();
  // Clang's own errors end it here. A mark that was refused does not: others may have something to tell.
  if (engine.hasUncompilableErrorOccurred())
    return;
  // The user's templates first, with access control on; this also makes the last call-site requests appear.
  sema_.PerformPendingInstantiations();
  if (engine.hasUncompilableErrorOccurred())
    return;
  find_imported_marks(sema_);
  report_mismatches(sema_, marked_functions(sema_));
  if (!check_header())
    return;
  find_own_rules();
  bool more = true;
  while (more) {
    more = run_marks();
    more |= run_call_sites();
  }
  // No code is made after an error; one that nobody was told of must not pass for success.
  if (has_failed() && engine.getClient()->getNumErrors() == 0 &&
      !engine.getDiagnosticOptions().VerifyDiagnostics) {
    engine.Reset(/*soft=*/true);
    report(engine, InternalError{"an error that was not reported", "emit", nullptr}, SourceLocation());
  }
}

// ---- Marks ----

bool Session::is_promised(const FunctionDecl *f) const {
  for (const Mark &mark : marks_of(f))
    if (is_derivable(mark.kind))
      return true;
  return false;
}
unsigned Session::promised_order(const FunctionDecl *f) const {
  unsigned order = 1;
  for (const Mark &mark : marks_of(f))
    order = std::max(order, mark.order);
  return order;
}
bool Session::is_inactive(const FunctionDecl *f) const { return has_mark(f, "inactive"); }
bool Session::may_alias(const FunctionDecl *f) const { return has_mark(f, "may_alias"); }

bool Session::is_inactive_param(const FunctionDecl *f, unsigned index) const {
  for (const FunctionDecl *each : f->redecls())
    if (index < each->getNumParams())
      for (const Mark &mark : marks_on(each->getParamDecl(index)))
        if (mark.kind == "inactive")
          return true;
  return false;
}

const FunctionDecl *Session::own_pullback(const FunctionDecl *f) const {
  auto found = own_pullbacks_.find(f->getCanonicalDecl());
  return found == own_pullbacks_.end() ? nullptr : found->second;
}

const FunctionDecl *Session::own_pushforward(const FunctionDecl *f) const {
  auto found = own_pushforwards_.find(f->getCanonicalDecl());
  return found == own_pushforwards_.end() ? nullptr : found->second;
}

namespace {

Request::Mode mode_of(const std::string &kind) {
  return kind == "pullback"      ? Request::Pullback
         : kind == "pushforward" ? Request::Pushforward
         : kind == "hvp"         ? Request::Hvp
                                 : Request::Gradient;
}

} // namespace

/// A companion, or request<...>::call: what user code calls of ours.
std::optional<front::DerivativeOf> Session::derivative(const FunctionDecl *f) const {
  if (std::optional<CallSite> site = read_request(sema_, f)) {
    return front::DerivativeOf{site->primal, site->mode, site->wrt, site->directions, spell_request(*site)};
  }
  for (const FunctionDecl *primal : marked_functions(sema_))
    for (const Mark &written : marks_on(primal))
      for (const Mark &mark : companion_marks(primal, written)) {
        const FunctionDecl *companion = find_companion(sema_.Context, primal, mark);
        if (companion && companion->getCanonicalDecl() == f->getCanonicalDecl() &&
            !isa<CXXMethodDecl>(primal))
          return front::DerivativeOf{primal, mode_of(mark.kind), differentiated(primal, mark), {}, ""};
      }
  return std::nullopt;
}

void Session::find_own_rules() {
  for (const FunctionDecl *rule : marked_functions(sema_))
    for (const Mark &mark : marks_on(rule))
      if (mark.kind == "pullback_of" || mark.kind == "pushforward_of") {
        for (const FunctionDecl *target : find_rule_targets(sema_, rule, mark))
          (mark.kind == "pullback_of" ? own_pullbacks_ : own_pushforwards_)[target->getCanonicalDecl()] =
              rule->getCanonicalDecl();
      }
}

bool Session::check_header() {
  for (const FunctionDecl *f : marked_functions(sema_))
    if (is_promised(f) && f->isDefined() && !has_header(sema_)) {
      report(sema_.getDiagnostics(), Diag::HeaderMissing, marks_on(f).front().loc, {});
      return false;
    }
  return true;
}

// ---- Host ----

const ir::Function &Session::body(const ir::CalleeRef &callee) {
  auto &kept = bodies_[callee.get()];
  if (!kept)
    kept = std::make_unique<ir::Function>(importer_->import(callee));
  return *kept;
}

ir::CalleeRef Session::own_tangent(const ir::CalleeRef &callee) {
  const FunctionDecl *of = importer_->declaration(callee), *rule = of ? own_pushforward(of) : nullptr;
  try {
    return rule ? importer_->callee(rule) : nullptr;
  } catch (const Refusal &) { // matters where it is differentiated again, alone
    return nullptr;
  }
}

bool Session::is_macro(const std::string &name) const { return sema_.getPreprocessor().isMacroDefined(name); }
std::string Session::adjoint_of_global(const std::string &name) { return importer_->adjoint_of_global(name); }
void Session::remark(const ir::Loc &at, const std::string &text) {
  tool::remark(sema_.getDiagnostics(), location(at), text);
}

// ---- Requests ----

void Session::tell(const Refusal &refusal, SourceLocation at, const FunctionDecl *primal) {
  SourceManager &sources = sema_.getSourceManager();
  SourceLocation token = location(refusal.loc), in_library;
  const bool is_of_library =
      token.isValid() && (sources.isInSystemHeader(token) || is_in_our_headers(sema_, token));
  if (is_of_library) // where its reader can change nothing
    in_library = std::exchange(token, SourceLocation());
  if (token.isInvalid())
    token = at;
  if (!told_.insert({token.getRawEncoding(), refusal.text()}).second)
    return;
  report(sema_.getDiagnostics(),
         Refusal{refusal.id, in_library.isValid() ? nullptr : refusal.loc, refusal.args}, at);
  if (in_library.isValid())
    note(sema_.getDiagnostics(), in_library, "this is what the library does");
  const FunctionDecl *body = primal->getDefinition();
  bool inside = body && sources.isPointWithin(token, body->getBeginLoc(), body->getEndLoc());
  if (!inside && token != at)
    note(sema_.getDiagnostics(), at, "needed for the derivative of '" + primal->getNameAsString() + "'");
}

/// Runs our passes: nothing that they throw reaches Clang's frames.
template <class F> void Session::guarded(SourceLocation at, const FunctionDecl *primal, F &&work) {
  DiagnosticsEngine &engine = sema_.getDiagnostics();
  try {
    work();
  } catch (const Refusal &refusal) {
    tell(refusal, at, primal);
  } catch (const InternalError &error) {
    report(engine, error, at);
  } catch (const std::exception &error) {
    report(engine, InternalError{error.what(), "", nullptr}, at);
  }
}

/// Closures and local classes get a name at file scope, and captures one in their closure, for this compile
/// alone.
void Session::declare_local_types() {
  ASTContext &context = sema_.Context;
  const auto &types = importer_->local_types();
  for (; local_types_ < types.size(); ++local_types_) {
    const auto &[name, tag] = types[local_types_];
    auto *unit = context.getTranslationUnitDecl();
    QualType type = context.getTypeDeclType(tag);
    auto *alias = TypeAliasDecl::Create(context, unit, SourceLocation(), SourceLocation(),
                                        &context.Idents.get(name), context.getTrivialTypeSourceInfo(type));
    alias->setImplicit();
    unit->addDecl(alias);
    auto *closure = dyn_cast<CXXRecordDecl>(const_cast<TagDecl *>(tag));
    if (!closure || !closure->isLambda())
      continue;
    unsigned number = 0;
    for (FieldDecl *field : closure->fields()) {
      std::string capture = "__nabla_c" + std::to_string(number++);
      if (field->getDeclName())
        continue;
      field->setDeclName(&context.Idents.get(capture));
      closure->makeDeclVisibleInContext(field);
    }
  }
}

std::string Session::spell_request(const CallSite &site) const {
  return request_name(site, [&](QualType type) {
    ir::Type imported = importer_->type(type, site.at).outside(); // as the user's code knows it
    return imported.is(ir::Type::Record) ? imported.members().spelling : imported.spelling();
  });
}

void Session::parse(Generated &made, SourceLocation at) {
  for (const Text &text : made.texts)
    made.is_nameable &= text.code.find("__nabla_T") == std::string::npos;
  if (has_failed()) // one refusal is enough to stop, but the next request may have its own to tell
    return;
  declare_local_types();
  for (const Text &text : made.texts) {
    std::string wrong = injector_.parse(text.name, text.code, at, &made.declared);
    if (!wrong.empty())
      throw InternalError{"the text of '" + text.name + "' does not compile: " + wrong, "emit", nullptr};
  }
  if (made.companion && !made.companion->isDefined())
    throw InternalError{"the text of '" + made.request.name + "' does not define it as it was declared",
                        "emit", nullptr};
}

namespace {

std::string linkage_prefix(const FunctionDecl *f, ToolOptions::Where where) {
  std::string prefix = f->getStorageClass() == SC_Static && !isa<CXXMethodDecl>(f) ? "static " : "";
  if (!f->isInlined() && !f->isConstexpr())
    return prefix;
  return prefix + (where == ToolOptions::OtherFile ? "[[gnu::used]] inline " : "inline ");
}

} // namespace

/// Option self-check: how the text asks for the check, or a warning that there is none.
void Session::add_self_check(Generated &made, SourceLocation at) {
  if (!options_.self_check || made.request.mode != Request::Gradient)
    return;
  const std::string reason = why_not_checked(made.primal, made.request.wrt);
  if (reason.empty())
    made.request.checked = template_arguments(made.primal, made.request.wrt);
  else
    warn(sema_.getDiagnostics(), Diag::NotSelfChecked, at, {made.primal->getQualifiedNameAsString(), reason});
}

void Session::run_companion(const FunctionDecl *primal, const Mark &mark, const FunctionDecl *companion) {
  SourceLocation at = mark.loc;
  guarded(at, primal, [&] {
    Generated made;
    made.primal = primal;
    made.companion = companion;
    made.request.mode = mode_of(mark.kind);
    made.request.primal = importer_->requested(primal);
    made.request.wrt = differentiated(primal, mark);
    made.request.name = companion->getNameAsString();
    made.request.prefix = linkage_prefix(primal, options_.where);
    made.request.namespaces = namespaces_of(primal);
    if (companion->isTemplateInstantiation())
      specialise(made, companion, spell_local_name(companion));
    made.request.loc = importer_->loc(at);
    add_self_check(made, at);
    if (isa<CXXMethodDecl>(primal))
      member(made, mark, companion);
    made.texts = pipeline_->run(made.request);
    if (made.forwarding.target)
      add_forwarding(made);
    parse(made, at);
    generated_.push_back(std::move(made));
  });
}

/// The text is an explicit specialisation of `target`, which is called `name`.
void Session::specialise(Generated &made, const FunctionDecl *target, std::string name) {
  if (options_.where != ToolOptions::Including) {
    made.request.name = std::move(name);
    made.request.prefix = options_.where == ToolOptions::OtherFile ? "template <> [[gnu::used]] inline "
                                                                   : "template <> inline ";
    return;
  }
  // A specialisation may not follow its use, but a function with its symbol may.
  made.request.name = "nabla_" + made.request.primal->mangled + "_" + std::to_string(generated_.size());
  made.request.prefix = target->isExternallyVisible() ? "inline " : "static ";
  made.request.namespaces.clear();
  made.companion = nullptr;
  made.symbol = symbol_of(target);
}

/// The companion of a method is a member; a static one is defined as it is, another forwards to a plain
/// function.
void Session::member(Generated &made, const Mark &mark, const FunctionDecl *companion) {
  std::string name = spell_name(companion);
  made.request.namespaces.clear();
  made.request.name = name;
  if (cast<CXXMethodDecl>(companion)->isStatic())
    return;
  made.request.wrt.insert(made.request.wrt.begin(), mark.by_object);
  unsigned seeds = mark.kind == "pullback" && !made.primal->getReturnType()->isVoidType();
  forward_to_helper(made, companion, made.primal->getNumParams() + seeds, mark.by_object);
}

/// Lets the pipeline make a plain function, which the definition of `target` will call.
void Session::forward_to_helper(Generated &made, const FunctionDecl *target, unsigned before,
                                bool by_object) {
  made.forwarding = {target, made.request.prefix, made.request.name, "nabla_", before, by_object};
  made.forwarding.helper += mode_name(made.request.mode) + "_by_";
  for (bool on : made.request.wrt)
    made.forwarding.helper += on ? '1' : '0';
  made.forwarding.helper += "_" + made.request.primal->mangled;
  made.request.name = made.forwarding.helper;
  made.request.prefix = target->isExternallyVisible() ? "inline " : "static ";
}

void Session::add_forwarding(Generated &made) {
  for (Text &text : made.texts)
    text.is_helper = true;
  std::string code = forwarding_text(made.forwarding);
  std::string declaration = code.substr(0, code.rfind(" { return ")) + ";";
  made.texts.push_back({made.forwarding.name, declaration, code, false});
}

/// Callers in other files use the forward and reverse functions of a marked function that is defined here.
void Session::run_promised(const FunctionDecl *primal) {
  SourceLocation at = primal->getLocation();
  guarded(at, primal, [&] {
    Generated made;
    made.primal = primal;
    made.is_promised = true;
    made.request.primal = importer_->requested(primal);
    made.request.name = made.request.primal->mangled;
    made.texts = pipeline_->run_promised(made.request.primal);
    parse(made, at);
    generated_.push_back(std::move(made));
  });
}

/// f_grad<double> of a marked template f: a text for each instance that is used.
bool Session::run_instances(FunctionDecl *f) {
  bool any = false;
  for (const Mark &mark : marks_on(f)) {
    FunctionDecl *companion = is_derivable(mark.kind) ? find_companion(sema_.Context, f, mark) : nullptr;
    FunctionTemplateDecl *pattern = companion ? companion->getDescribedFunctionTemplate() : nullptr;
    if (!pattern)
      continue;
    std::vector<FunctionDecl *> instances(pattern->spec_begin(), pattern->spec_end());
    for (FunctionDecl *instance : instances) {
      bool is_wanted = instance->isReferenced() && !instance->isDefined();
      if (!is_wanted || !done_.insert(instance->getCanonicalDecl()).second)
        continue;
      any = true;
      if (FunctionDecl *primal = instantiate(f->getDescribedFunctionTemplate(), instance)) {
        Mark own = mark;
        own.on = nullptr;
        instance->getTemplateSpecializationInfo()->setPointOfInstantiation(SourceLocation());
        run_companion(primal, own, instance);
      }
    }
  }
  return any;
}

/// The instance of `pattern` with the template arguments of its companion's instance.
FunctionDecl *Session::instantiate(FunctionTemplateDecl *pattern, FunctionDecl *companion) {
  SourceLocation at = companion->getPointOfInstantiation();
  FunctionDecl *primal =
      sema_.InstantiateFunctionDeclaration(pattern, companion->getTemplateSpecializationArgs(), at);
  if (primal && !primal->isDefined())
    sema_.InstantiateFunctionDefinition(at, primal, /*Recursive=*/true);
  return primal && primal->isDefined() && !has_failed() ? primal : nullptr;
}

namespace {

std::vector<Mark> companion_marks_of(const FunctionDecl *f) {
  std::vector<Mark> all;
  for (const Mark &written : marks_on(f))
    for (Mark &mark : companion_marks(f, written))
      all.push_back(std::move(mark));
  return all;
}

} // namespace

bool Session::run_marks() {
  bool any = false;
  std::vector<FunctionDecl *> marked = marked_functions(sema_); // a copy: texts may carry marks themselves
  for (FunctionDecl *f : marked) {
    if (f->getDescribedFunctionTemplate()) {
      any |= run_instances(f);
      continue;
    }
    const FunctionDecl *body = f->getDefinition();
    if (!body || f->isDependentContext() || f->isInvalidDecl())
      continue;
    SourceManager &sources = sema_.getSourceManager();
    bool in_header = f->isInlined() && !sources.isInMainFile(sources.getExpansionLoc(body->getLocation()));
    bool has_companion = false;
    for (const Mark &mark : companion_marks_of(f)) {
      has_companion = true;
      FunctionDecl *companion = find_companion(sema_.Context, f, mark);
      bool unused = (in_header || mark.by_object) && companion && !companion->isReferenced();
      if (!companion || companion->isDefined() || unused ||
          !done_.insert(companion->getCanonicalDecl()).second)
        continue;
      any = true;
      run_companion(f, mark, companion);
    }
    // A declaration beside the definition is a promise to other files; a lone definition serves its own.
    bool is_declared = llvm::any_of(f->redecls(), [](auto *d) { return !d->isThisDeclarationADefinition(); });
    bool for_others = has_companion && is_declared && f->isExternallyVisible() && !f->isInlined();
    if (for_others && !has_failed() && done_.insert(f->getCanonicalDecl()).second)
      run_promised(f);
  }
  return any;
}

void Session::run_call_site(const CallSite &site) {
  guarded(site.at, site.primal, [&] {
    Generated made;
    made.primal = site.primal;
    made.companion = site.call;
    made.is_call_site = true;
    made.request.mode = site.mode;
    made.request.directions = site.directions;
    made.request.primal = importer_->requested(site.primal);
    made.request.wrt = site.wrt;
    for (unsigned i = 0; i < site.wrt.size(); ++i)
      if (site.wrt[i] && !made.request.primal->params.at(i).holds_reals())
        refuse(Diag::UnsupportedRequest, importer_->loc(site.at),
               {"a derivative by a parameter whose class holds no reals",
                "say which parameters are meant: nabla::wrt<...>"});
    specialise(made, site.call, spell_request(site));
    made.request.loc = importer_->loc(site.at);
    add_self_check(made, site.at);
    bool by_object = site.wrt.size() > site.primal->getNumParams() && site.wrt.front();
    long adjoints = std::count(site.wrt.begin(), site.wrt.end(), true);
    if (by_object && adjoints > 1 && site.mode != Request::Gradient && site.mode != Request::Pullback)
      refuse(Diag::UnsupportedRequest, made.request.loc,
             {"nabla::" + mode_name(site.mode) + " by an object and other parameters at once",
              "write a function that takes the object as its first parameter"});
    if (by_object && adjoints > 1)
      forward_to_helper(made, site.call, site.call->getNumParams() - static_cast<unsigned>(adjoints), true);
    made.texts = pipeline_->run(made.request);
    if (made.forwarding.target)
      add_forwarding(made);
    std::string file = site.primal->getIdentifier() ? site.primal->getNameAsString() : "object";
    for (Text &text : made.texts)
      if (!text.is_helper)
        text.name = file + "_" + mode_name(site.mode);
    allow_definition(site);
    parse(made, site.at);
    generated_.push_back(std::move(made));
  });
}

bool Session::run_call_sites() {
  bool any = false;
  for (const CallSite &site : find_call_sites(sema_, done_)) {
    any = true;
    run_call_site(site);
  }
  return any;
}

SourceLocation Session::place_of(const Generated &made) const {
  SourceLocation at = location(made.request.loc);
  return at.isValid() ? at : made.primal->getLocation();
}

} // namespace nabla::tool
