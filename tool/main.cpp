// nabla: writes the generated functions as text for any compiler.
//   nabla user.cpp -o user.nabla.cpp -- <flags>           text to compile beside user.cpp
//   nabla --whole user.cpp -o user.nabla.cpp -- <flags>   text to compile instead of user.cpp
//   nabla --declarations user.cpp -o user.nabla.h         declarations of the companions
#include "hook.h"
#include "output.h"
#include "clang/Basic/FileManager.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendActions.h"
#include "clang/Frontend/TextDiagnosticPrinter.h"
#include "clang/Lex/PPCallbacks.h"
#include "clang/Lex/Preprocessor.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace clang;
using namespace nabla::tool;
namespace fs = std::filesystem;

namespace {

enum class Kind { Beside, Whole, Declarations };

struct CommandLine {
  Kind kind = Kind::Beside;
  ToolOptions options;
  Output output;
  std::vector<std::string> flags;
};

[[noreturn]] void fail(const std::string &what) {
  llvm::errs() << "nabla: error: " << what << "\n";
  std::exit(1);
}

constexpr const char *usage =
    "usage: nabla [--whole | --declarations] [--OPTION...] SOURCE [-o FILE] [-- COMPILER-FLAGS...]\n"
    "Writes the gradients that SOURCE asks for as C++ text:\n"
    "  (default)        to compile beside SOURCE\n"
    "  --whole          begins with #include \"SOURCE\", to compile instead of it\n"
    "  --declarations   declarations of the companions, to include in SOURCE\n"
    "  --dump=PASS --save=DIR --remarks --report --no-PASS --check-alias   as for nabla++\n";

CommandLine read(int argc, char **argv) {
  CommandLine line;
  int i = 1;
  for (; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "--") {
      ++i;
      break;
    }
    if (word == "--help" || word == "-h") {
      llvm::outs() << usage;
      std::exit(0);
    }
    if (word == "--version") {
      llvm::outs() << "nabla " NABLA_VERSION "\n";
      std::exit(0);
    }
    if (word == "-o") {
      if (++i == argc)
        fail("-o needs a file");
      line.output.path = argv[i];
    } else if (word == "--whole")
      line.kind = Kind::Whole;
    else if (word == "--declarations")
      line.kind = Kind::Declarations;
    else if (word.rfind("--", 0) == 0) {
      if (std::string wrong = parse_option(word.substr(2), line.options); !wrong.empty())
        fail(wrong);
    } else if (word[0] == '-')
      fail("'" + word + "' is a compiler flag: put it after --");
    else if (!line.output.input.empty())
      fail("one source at a time: '" + line.output.input + "' or '" + word + "'?");
    else
      line.output.input = word;
  }
  for (; i < argc; ++i) {
    std::string flag = argv[i];
    if (flag == "-o")
      ++i;
    else if (flag != "-c" && flag != "-S" && flag != line.output.input)
      line.flags.push_back(flag);
  }
  if (line.output.input.empty()) {
    llvm::errs() << usage;
    std::exit(1);
  }
  line.options.where = line.kind == Kind::Whole ? ToolOptions::Including : ToolOptions::OtherFile;
  return line;
}

/// <prefix> of <prefix>/bin/nabla.
fs::path own_prefix() {
  std::error_code error;
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  return self.parent_path().parent_path();
}

/// Clang's own headers (stddef.h): next to the clang++-19 in PATH, or where it was when Nabla was built.
std::string resource_dir() {
  std::vector<fs::path> prefixes;
  const char *const variable = std::getenv("PATH");
  const std::string path = variable ? variable : "";
  for (llvm::StringRef rest = path; !rest.empty();) {
    auto [dir, tail] = rest.split(':');
    std::error_code error;
    fs::path clang = fs::canonical(fs::path(dir.str()) / "clang++-19", error);
    if (!error)
      prefixes.push_back(clang.parent_path().parent_path());
    rest = tail;
  }
  prefixes.push_back(NABLA_LLVM_PREFIX);
  for (const fs::path &prefix : prefixes)
    if (fs::path dir = prefix / "lib/clang/19"; fs::exists(dir / "include/stddef.h"))
      return dir.string();
  fail("Clang 19's own headers are missing; sudo apt-get install libclang-common-19-dev clang-19");
}

class RecordIncludes final : public PPCallbacks {
public:
  RecordIncludes(SourceManager &sources, Output &output) : sources_(sources), output_(output) {}
  void InclusionDirective(SourceLocation hash, const Token &, StringRef name, bool is_angled, CharSourceRange,
                          OptionalFileEntryRef file, StringRef, StringRef, const clang::Module *, bool,
                          SrcMgr::CharacteristicKind) override {
    if (!sources_.isInMainFile(hash) || !file)
      return;
    Include include;
    include.written = is_angled ? "<" + name.str() + ">" : "\"" + name.str() + "\"";
    std::error_code error;
    fs::path beside = fs::absolute(output_.input).parent_path() / name.str();
    bool is_beside = fs::equivalent(beside, file->getName().str(), error) && !error;
    if (!is_angled && is_beside)
      include.resolved = fs::absolute(file->getName().str()).lexically_normal().string();
    bool is_output = !include.resolved.empty() && !output_.path.empty() &&
                     include.resolved == fs::absolute(output_.path).lexically_normal();
    if (!is_output)
      output_.includes.push_back(std::move(include));
  }

private:
  SourceManager &sources_;
  Output &output_;
};

class Action final : public SyntaxOnlyAction {
public:
  Action(CommandLine &line, std::string &text) : line_(line), text_(text) {}

protected:
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &compiler, StringRef) override {
    compiler.getPreprocessor().addPPCallbacks(
        std::make_unique<RecordIncludes>(compiler.getSourceManager(), line_.output));
    return make_consumer(line_.options, [this](Sema &sema, Session &session) { write(sema, session); });
  }

private:
  void write(Sema &sema, Session &session) {
    if (sema.getDiagnostics().hasErrorOccurred())
      return;
    switch (line_.kind) {
    case Kind::Beside:
      text_ = text_beside(sema, session, line_.output);
      break;
    case Kind::Whole:
      text_ = text_whole(sema, session, line_.output);
      break;
    case Kind::Declarations:
      text_ = text_declarations(sema, line_.output);
      break;
    }
  }

  CommandLine &line_;
  std::string &text_;
};

bool run(CommandLine &line, std::string &text) {
  std::vector<std::string> arguments{"clang++",         "-fsyntax-only",
                                     "-Wno-everything", "-resource-dir",
                                     resource_dir(),    "-I" + (own_prefix() / "include").string()};
  arguments.insert(arguments.end(), line.flags.begin(), line.flags.end());
  arguments.push_back(line.output.input);
  llvm::IntrusiveRefCntPtr<FileManager> files(new FileManager(FileSystemOptions()));
  tooling::ToolInvocation invocation(arguments, std::make_unique<Action>(line, text), files.get(),
                                     std::make_shared<PCHContainerOperations>());
  return invocation.run();
}

} // namespace

int main(int argc, char **argv) {
  CommandLine line = read(argc, argv);
  const std::string &path = line.output.path;
  bool to_file = !path.empty() && path != "-";
  // The source may include the declarations that are being made.
  if (line.kind == Kind::Declarations && to_file)
    std::ofstream(path, std::ios::trunc);
  std::string text;
  if (!fs::exists(line.output.input))
    fail("cannot read '" + line.output.input + "'");
  if (!run(line, text))
    return 1;
  if (!to_file) {
    llvm::outs() << text;
    return 0;
  }
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  if (!file)
    fail("cannot write '" + path + "'");
  return 0;
}
