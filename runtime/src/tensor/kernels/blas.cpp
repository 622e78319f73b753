#include "blas.h"

#include "kernels.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <string>
#include <thread>

namespace nabla::kernels {

namespace {

std::atomic<int> threads{0};
std::atomic<const Blas *> loaded{nullptr};

int default_threads() {
  if (const char *asked = std::getenv("NABLA_NUM_THREADS"))
    if (int n = std::atoi(asked); n > 0)
      return n;
  unsigned cores = std::thread::hardware_concurrency();
  return cores ? static_cast<int>(cores) : 1;
}

template <class F> void find(void *library, const char *name, F &entry) {
  void *symbol = dlsym(library, name);
  static_assert(sizeof symbol == sizeof entry, "function addresses are data addresses on this system");
  std::memcpy(&entry, &symbol, sizeof entry);
}

Blas load() {
  Blas b;
  const char *asked = std::getenv("NABLA_BLAS");
  if (asked && !std::strcmp(asked, "builtin"))
    return b;
  void *library = nullptr;
  for (const char *name : {asked, "libopenblas.so.0", "libopenblas.so", "libopenblas.dylib"})
    if (name && !library)
      library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
  if (!library)
    return b;
  find(library, "cblas_sgemm", b.sgemm);
  find(library, "cblas_dgemm", b.dgemm);
  find(library, "openblas_set_num_threads", b.set_threads);
  find(library, "openblas_get_config", b.config);
  find(library, "openblas_get_corename", b.core);
  find(library, "dgetrf_", b.dgetrf);
  find(library, "dsyevd_", b.dsyevd);
  find(library, "dgesdd_", b.dgesdd);
  if (b.set_threads)
    b.set_threads(num_threads());
  return b;
}

} // namespace

const Blas &blas() {
  static const Blas library = load();
  loaded.store(&library, std::memory_order_release);
  return library;
}

const char *blas_name() {
  static const std::string name = [] {
    const Blas &b = blas();
    if (!b.sgemm)
      return std::string("built-in");
    std::string text = b.config ? b.config() : "OpenBLAS"; // "OpenBLAS 0.3.21 NO_LAPACK ... core threads"
    std::size_t end = text.find(' ', text.find(' ') + 1);
    text = text.substr(0, end);
    return b.core ? text + " " + b.core() : text;
  }();
  return name.c_str();
}

int num_threads() {
  int n = threads.load(std::memory_order_relaxed);
  if (n == 0)
    threads.store(n = default_threads(), std::memory_order_relaxed);
  return n;
}

void set_num_threads(int n) {
  threads.store(n > 0 ? n : 1, std::memory_order_relaxed);
  if (const Blas *b = loaded.load(std::memory_order_acquire); b && b->set_threads)
    b->set_threads(num_threads());
}

} // namespace nabla::kernels
