#include "hook.h"
#include "attributes.h"
#include "clang/Sema/ExternalSemaSource.h"
#include "clang/Sema/Lookup.h"

using namespace clang;

namespace nabla::tool {
namespace {

using Then = std::function<void(Sema &, Session &)>;

class EndHook final : public ExternalSemaSource {
public:
  EndHook(Sema &sema, ToolOptions options, Then then)
      : sema_(sema), options_(std::move(options)), then_(std::move(then)) {}

  /// Sema asks for this inside ActOnEndOfTranslationUnit; our own parsing may make it ask again.
  void ReadPendingInstantiations(SmallVectorImpl<std::pair<ValueDecl *, SourceLocation>> &) override {
    if (done_ || sema_.TUKind != TU_Complete || !sema_.getLangOpts().CPlusPlus)
      return;
    done_ = true;
    Session session(sema_, options_);
    session.finish();
    if (then_)
      then_(sema_, session);
  }

  /// [[nabla::gradient(order = 2)]]: the parser takes the argument for an expression, so `order` needs a declaration.
  bool LookupUnqualified(LookupResult &found, Scope *) override {
    const IdentifierInfo *name = found.getLookupName().getAsIdentifierInfo();
    if (!name || !name->isStr("order") || !is_in_mark(found.getNameLoc()))
      return false;
    if (!order_) {
      ASTContext &context = sema_.Context;
      order_ = VarDecl::Create(context, context.getTranslationUnitDecl(), SourceLocation(), SourceLocation(),
                               name, context.UnsignedIntTy, nullptr, SC_None);
      order_->setImplicit();
    }
    found.addDecl(order_);
    return true;
  }

private:
  bool is_in_mark(SourceLocation at) const {
    SourceManager &sources = sema_.getSourceManager();
    auto [file, offset] = sources.getDecomposedSpellingLoc(at);
    StringRef before = sources.getBufferData(file).substr(0, offset);
    return before.substr(before.rfind("[[")).contains("nabla::") &&
           !before.substr(before.rfind("[[")).contains("]]");
  }

  Sema &sema_;
  ToolOptions options_;
  Then then_;
  VarDecl *order_ = nullptr;
  bool done_ = false;
};

class Consumer final : public SemaConsumer {
public:
  Consumer(ToolOptions options, Then then) : options_(std::move(options)), then_(std::move(then)) {}
  void InitializeSema(Sema &sema) override {
    sema_ = &sema;
    hook_ = new EndHook(sema, options_, then_);
    sema.addExternalSource(hook_.get());
  }
  void ForgetSema() override {
    if (sema_)
      forget(*sema_);
    sema_ = nullptr;
  }

private:
  ToolOptions options_;
  Then then_;
  Sema *sema_ = nullptr;
  IntrusiveRefCntPtr<EndHook> hook_;
};

} // namespace

std::unique_ptr<SemaConsumer> make_consumer(ToolOptions options, Then then) {
  return std::make_unique<Consumer>(std::move(options), std::move(then));
}

} // namespace nabla::tool
