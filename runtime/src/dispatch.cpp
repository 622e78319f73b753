#include "nabla/dispatch.h"
#include <cstdlib>
#include <cxxabi.h>
#include <stdexcept>
#include <string>

void nabla::detail::unknown_target_in_libnabla(const char *what, const char *name) {
  int status = 0;
  char *readable = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string text = std::string("nabla: ") + what + (*name ? ": " : "") + (status == 0 ? readable : name);
  std::free(readable);
  throw std::logic_error(text);
}
