#include "inject.h"
#include "clang/AST/ASTConsumer.h"
#include "clang/AST/ASTContext.h"
#include "clang/Basic/FileManager.h"
#include "clang/Lex/Lexer.h"
#include "clang/Lex/Preprocessor.h"
#include "clang/Parse/Parser.h"
#include "clang/Sema/EnterExpressionEvaluationContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

using namespace clang;

namespace nabla::tool {
namespace {

/// Keeps the first error and lets nothing through: a mistake in generated text is ours, not the user's.
struct FirstError : DiagnosticConsumer {
  std::string text;
  void HandleDiagnostic(DiagnosticsEngine::Level level, const Diagnostic &info) override {
    DiagnosticConsumer::HandleDiagnostic(level, info);
    if (level < DiagnosticsEngine::Error || !text.empty())
      return;
    llvm::SmallString<128> message;
    info.FormatDiagnostic(message);
    text = message.str().str();
    if (!info.hasSourceManager() || !info.getLocation().isValid())
      return;
    const SourceManager &sources = info.getSourceManager();
    PresumedLoc at = sources.getPresumedLoc(info.getLocation());
    if (at.isValid())
      text += std::string(" at ") + at.getFilename() + ":" + std::to_string(at.getLine());
    bool bad = false;
    auto [file, offset] = sources.getDecomposedLoc(sources.getFileLoc(info.getLocation()));
    StringRef buffer = sources.getBufferData(file, &bad);
    if (bad || offset > buffer.size())
      return;
    StringRef before = buffer.substr(0, offset);
    StringRef line = buffer.substr(before.rfind('\n') + 1).split('\n').first;
    text += ": `" + line.trim().str() + "`";
  }
};

class SilentDiagnostics {
public:
  SilentDiagnostics(DiagnosticsEngine &engine, FirstError &to)
      : engine_(engine), owned_(engine.ownsClient()), old_(engine.getClient()), keep_(engine.takeClient()) {
    engine_.setClient(&to, /*ShouldOwnClient=*/false);
  }
  ~SilentDiagnostics() {
    DiagnosticConsumer *kept = keep_.release(); // old_ if the engine owned it
    engine_.setClient(kept ? kept : old_, owned_);
  }

private:
  DiagnosticsEngine &engine_;
  bool owned_;
  DiagnosticConsumer *old_;
  std::unique_ptr<DiagnosticConsumer> keep_;
};

/// Generated text may use whatever the user's function uses, private members too.
class NoAccessControl {
public:
  explicit NoAccessControl(Sema &sema)
      : options_(const_cast<LangOptions &>(sema.getLangOpts())), old_(options_.AccessControl) {
    options_.AccessControl = false;
  }
  ~NoAccessControl() { options_.AccessControl = old_; }

private:
  LangOptions &options_;
  bool old_;
};

std::string file_name(std::string name) {
  for (char &c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-')
      c = '_';
  return name.substr(0, 120);
}

} // namespace

std::string Injector::unique_name(const std::string &name) {
  std::string unique = name;
  for (unsigned n = 2; std::find(used_names_.begin(), used_names_.end(), unique) != used_names_.end(); ++n)
    unique = name + "." + std::to_string(n);
  used_names_.push_back(unique);
  return unique;
}

FileID Injector::enter(const std::string &name, const std::string &text, SourceLocation at) {
  SourceManager &sources = sema_.getSourceManager();
  std::string unique = unique_name(save_.empty() ? name : file_name(name));
  if (!save_.empty()) {
    StringRef main = "text";
    if (auto entry = sources.getFileEntryRefForID(sources.getMainFileID()))
      main = llvm::sys::path::filename(entry->getName());
    std::string path = save_ + "/" + main.str() + "." + unique + ".cpp";
    std::error_code error = llvm::sys::fs::create_directories(save_);
    if (!error)
      llvm::raw_fd_ostream(path, error) << text;
    FileManager &files = sources.getFileManager();
    if (auto saved = files.getOptionalFileRef(path, /*OpenFile=*/false, /*CacheFailure=*/false);
        saved && !error)
      return sources.createFileID(*saved, at, SrcMgr::C_System);
    sema_.getDiagnostics().Report(at, sema_.getDiagnostics().getCustomDiagID(
                                          DiagnosticsEngine::Error, "cannot write '%0' (option save)"))
        << path;
  }
  // A system file: its warnings are not the user's to mend.
  auto buffer = llvm::MemoryBuffer::getMemBufferCopy(text, "<nabla:" + unique + ">");
  return sources.createFileID(std::move(buffer), SrcMgr::C_System, 0, 0, at);
}

void Injector::push_tokens(FileID file) {
  Preprocessor &preprocessor = sema_.getPreprocessor();
  SourceManager &sources = sema_.getSourceManager();
  std::vector<Token> tokens;
  Lexer lexer(file, sources.getBufferOrFake(file), sources, sema_.getLangOpts());
  Token token;
  do {
    lexer.LexFromRawLexer(token);
    if (token.is(tok::raw_identifier))
      preprocessor.LookUpIdentifierInfo(token);
    tokens.push_back(token);
  } while (token.isNot(tok::eof));
  tokens.insert(tokens.end(), 3, token); // the parser looks ahead
  auto owned = std::make_unique<Token[]>(tokens.size());
  std::copy(tokens.begin(), tokens.end(), owned.get());
  preprocessor.EnterTokenStream(std::move(owned), tokens.size(), /*DisableMacroExpansion=*/true,
                                /*IsReinject=*/false);
}

void Injector::parse_declarations(std::vector<Decl *> *declared) {
  auto *parser = static_cast<Parser *>(sema_.OpaqueParser);
  sema_.TUScope = parser->getCurScope();
  parser->ConsumeAnyToken(); // from the user's end of file to our first token
  EnterExpressionEvaluationContext context(sema_, Sema::ExpressionEvaluationContext::PotentiallyEvaluated);
  auto import_state = Sema::ModuleImportState::NotACXX20Module;
  while (parser->getCurToken().isNot(tok::eof)) {
    Parser::DeclGroupPtrTy group;
    parser->ParseTopLevelDecl(group, import_state);
    if (!group)
      continue;
    sema_.getASTConsumer().HandleTopLevelDecl(group.get());
    if (declared)
      for (Decl *decl : group.get())
        declared->push_back(decl);
  }
  sema_.DefineUsedVTables();
  sema_.PerformPendingInstantiations();
}

std::string Injector::parse(const std::string &name, const std::string &text, SourceLocation at,
                            std::vector<Decl *> *declared) {
  FirstError errors;
  FileID file = enter(name, text, at);
  {
    SilentDiagnostics silent(sema_.getDiagnostics(), errors);
    NoAccessControl open(sema_);
    push_tokens(file);
    parse_declarations(declared);
  }
  if (!errors.text
           .empty()) // after a fatal one the engine would keep ours to itself: exit code 0, and no object file
    sema_.getDiagnostics().Reset(/*soft=*/true);
  return errors.text;
}

} // namespace nabla::tool
