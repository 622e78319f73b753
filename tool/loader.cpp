// nabla.so: opened by -fplugin. Checks that the program which opens it is Clang 19.1, then opens the plugin
// proper next to it. In: any compiler. Out: the plugin registered, or one line that says what is wrong and
// what to do.
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <string>

namespace {

[[noreturn]] void fail(const std::string &what) {
  std::fprintf(stderr, "error: nabla.so %s\n", what.c_str());
  std::_Exit(1);
}

/// "Debian clang version 19.1.7 (3~deb12u1)" from the running program, or "".
std::string running_clang() {
  using Version = std::string (*)();
  auto version = reinterpret_cast<Version>(dlsym(RTLD_DEFAULT, "_ZN5clang19getClangFullVersionB5cxx11Ev"));
  return version ? version() : "";
}

std::string own_directory() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void *>(&own_directory), &info) || !info.dli_fname)
    return ".";
  std::string path = info.dli_fname;
  std::string::size_type slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

__attribute__((constructor)) void load() {
  std::string version = running_clang();
  const char *advice =
      "; compile with clang++-19 or nabla++, or generate text for other compilers with the tool `nabla`";
  if (version.empty())
    fail(std::string("is a plugin of Clang 19, and this program is not Clang (or links Clang statically)") +
         advice);
  if (version.find("version 19.1.") == std::string::npos)
    fail("is a plugin of Clang 19.1, but was loaded into " + version + advice);
  std::string plugin = own_directory() + "/nabla-clang19.so";
  if (!dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    const char *reason = dlerror();
    fail(std::string("cannot open the plugin beside it: ") + (reason ? reason : plugin.c_str()));
  }
}

} // namespace
