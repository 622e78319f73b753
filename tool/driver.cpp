// nabla++: clang++-19 with Nabla's plugin, headers and runtime, found relative to this program.
// In: a command line for clang++ (and --save=DIR, --dump=PASS, --remarks, --report, -Rnabla, --no-PASS, --check-alias).
// Out: the same command line for clang++-19, which takes over this process.
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace {

[[noreturn]] void fail(const std::string &what) {
  std::fprintf(stderr, "nabla++: error: %s\n", what.c_str());
  std::exit(1);
}

constexpr const char *usage =
    "usage: nabla++ [--OPTION...] COMPILER-FLAGS... FILES...\n"
    "clang++-19 with Nabla: compiles C++ and makes the gradients that it asks for. Nabla's own options:\n"
    "  --save=DIR       writes each generated function into DIR\n"
    "  --remarks        (or -Rnabla) says at the user's tokens what is stored and what is recomputed\n"
    "  --report         prints a table for each gradient: bytes stored, values recomputed, loops fused\n"
    "  --dump=PASS      prints the intermediate form after PASS (import ... simplify)\n"
    "  --no-PASS        leaves out one analysis or transformation (alias, activity, values, fusion ...)\n"
    "  --check-alias    checks at run time that arguments do not overlap\n"
    "  --self-check     each gradient compares itself with the pushforward on its first call\n"
    "  --version        which Nabla, which clang\n"
    "All other options are clang's: clang++-19 --help lists them.\n";

bool exists(const std::string &path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0;
}

/// The directory above the one that holds this program: <prefix> of <prefix>/bin/nabla++.
std::string own_prefix() {
  char path[PATH_MAX];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof path - 1);
  if (length < 0)
    fail("cannot read /proc/self/exe");
  std::string self(path, length);
  std::string bin = self.substr(0, self.rfind('/'));
  return bin.substr(0, bin.rfind('/'));
}

std::string in_path(const std::string &program) {
  const char *path = std::getenv("PATH");
  std::string rest = path ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    std::string::size_type colon = rest.find(':');
    std::string candidate = rest.substr(0, colon) + "/" + program;
    if (::access(candidate.c_str(), X_OK) == 0)
      return candidate;
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
  }
  return "";
}

std::string find_clang() {
  if (const char *chosen = std::getenv("NABLA_CLANGXX"))
    return chosen;
  std::string clang = in_path("clang++-19");
  if (clang.empty() && exists(NABLA_LLVM_PREFIX "/bin/clang++"))
    clang = NABLA_LLVM_PREFIX "/bin/clang++";
  if (clang.empty())
    fail(
        "clang++-19 is not installed; sudo apt-get install clang-19, or set NABLA_CLANGXX to a clang++ 19.1");
  return clang;
}

/// The plugin's name for one of our own options, or "".
std::string own_option(const char *argument) {
  if (std::strcmp(argument, "-Rnabla") == 0)
    return "remarks";
  for (const char *prefix : {"--save=", "--dump=", "--no-"})
    if (std::strncmp(argument, prefix, std::strlen(prefix)) == 0) {
      // Clang has a few long options of its own that begin alike.
      for (const char *clangs :
           {"--no-gpu-bundle-output", "--no-offload", "--no-cuda", "--no-default-config",
            "--no-system-header-prefix", "--no-standard-includes", "--no-standard-libraries",
            "--no-line-commands", "--no-integrated-cpp", "--no-undefined", "--no-wasm-opt"})
        if (std::strncmp(argument, clangs, std::strlen(clangs)) == 0)
          return "";
      return argument + 2;
    }
  for (const char *word : {"--remarks", "--report", "--check-alias", "--self-check"})
    if (std::strcmp(argument, word) == 0)
      return argument + 2;
  return "";
}

bool takes_value(const std::string &flag) {
  for (const char *each : {"-o",
                           "-I",
                           "-isystem",
                           "-iquote",
                           "-idirafter",
                           "-include",
                           "-include-pch",
                           "-imacros",
                           "-D",
                           "-U",
                           "-L",
                           "-l",
                           "-x",
                           "-Xclang",
                           "-Xlinker",
                           "-Xassembler",
                           "-Xpreprocessor",
                           "-MF",
                           "-MT",
                           "-MQ",
                           "-target",
                           "-isysroot",
                           "--sysroot",
                           "-u",
                           "-T",
                           "-z",
                           "-mllvm",
                           "-arch"})
    if (flag == each)
      return true;
  return false;
}

struct CommandLine {
  std::vector<std::string> to_clang, to_plugin;
  bool has_input = false, links = true, is_shared = false;
};

CommandLine read(int argc, char **argv) {
  CommandLine line;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (std::string option = own_option(argv[i]); !option.empty()) {
      line.to_plugin.push_back(option);
      continue;
    }
    line.to_clang.push_back(argument);
    if (takes_value(argument)) {
      if (i + 1 < argc)
        line.to_clang.push_back(argv[++i]);
      if (argument == "-x" && line.to_clang.back().find("-header") != std::string::npos)
        line.links = false;
      continue;
    }
    for (const char *only : {"-c", "-S", "-E", "-M", "-MM", "-fsyntax-only", "--precompile", "-emit-ast",
                             "--analyze", "-r", "--version", "-dumpversion", "-dumpmachine"})
      if (argument == only)
        line.links = false;
    if (argument.rfind("-print-", 0) == 0 || argument.rfind("--print-", 0) == 0 ||
        argument.rfind("--help", 0) == 0)
      line.links = false;
    if (argument[0] != '-' || argument == "-" || argument[0] == '@')
      line.has_input = true;
  }
  return line;
}

} // namespace

int main(int argc, char **argv) {
  if (argc == 2 && (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0)) {
    std::fputs(usage, stdout);
    return 0;
  }
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::puts("nabla " NABLA_VERSION);
    std::fflush(stdout); // clang's own follows
  }
  std::string prefix = own_prefix();
  std::string plugin = prefix + "/lib/nabla.so";
  if (!exists(plugin))
    fail("cannot find " + plugin +
         "; the program, lib/ and include/ belong together: build or install Nabla again");
  CommandLine line = read(argc, argv);
  std::vector<std::string> command{find_clang(), "--start-no-unused-arguments", "-fplugin=" + plugin};
  for (const std::string &option : line.to_plugin)
    command.push_back("-fplugin-arg-nabla-" + option);
  command.push_back("-I" + prefix + "/include");
  bool has_colpack = exists(NABLA_COLPACK_LIB); // nabla/colouring.h
  if (has_colpack)
    command.push_back("-DNABLA_COLPACK");
  command.push_back("--end-no-unused-arguments");
  command.insert(command.end(), line.to_clang.begin(), line.to_clang.end());
  if (line.has_input && line.links) {
    command.push_back("-L" + prefix + "/lib");
    command.push_back("-lnabla");
    if (has_colpack)
      for (const char *word :
           {NABLA_COLPACK_LIB, "-Wl,--push-state", "-Wl,--as-needed", "-lgomp", "-Wl,--pop-state"})
        command.push_back(word);
  }
  std::vector<char *> arguments;
  for (std::string &word : command)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  fail("cannot run " + command[0] + ": " + std::strerror(errno));
}
