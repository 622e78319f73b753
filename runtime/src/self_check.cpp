// The self-check's memory and processes. An endless array is address space: the first touch of a page is a fault, whose handler
// fills the page.
#include <nabla/nabla.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace nabla::detail {
namespace {

constexpr std::size_t page = 4096;
constexpr long long half = 1LL << 28; // indices to either side

struct Region {
  char *begin, *end;
  std::size_t real;
  unsigned key;
  std::vector<unsigned> touched; ///< pages, in a vector with room: a handler does not allocate
};
std::vector<Region *> regions;
constexpr std::size_t most_pages = 1u << 20;

template <class Real> void fill(char *at, unsigned key, long long first) {
  Real *reals = reinterpret_cast<Real *>(at);
  for (std::size_t i = 0; i < page / sizeof(Real); ++i)
    reals[i] = static_cast<Real>(random_of(key, first + static_cast<long long>(i)));
}

void on_fault(int signal, siginfo_t *info, void *) {
  char *address = static_cast<char *>(info->si_addr);
  for (Region *r : regions) {
    if (address < r->begin || address >= r->end || r->touched.size() == r->touched.capacity())
      continue;
    const std::size_t number = std::size_t(address - r->begin) / page;
    char *at = r->begin + number * page;
    if (::mprotect(at, page, PROT_READ | PROT_WRITE) != 0)
      break;
    r->touched.push_back(unsigned(number));
    const long long first = static_cast<long long>(number * (page / r->real)) - half;
    if (r->key != 0 && r->real == sizeof(float))
      fill<float>(at, r->key, first);
    else if (r->key != 0 && r->real == sizeof(double))
      fill<double>(at, r->key, first);
    else if (r->key != 0)
      fill<long double>(at, r->key, first);
    return;
  }
  std::signal(signal, SIG_DFL); // not ours: the instruction is run again, and ends the child
}

Region *region_of(const void *middle) {
  for (Region *r : regions)
    if (r->begin <= middle && middle < r->end)
      return r;
  return nullptr;
}

template <class Real> void products(const Region &r, unsigned other, double *sum, double *scale) {
  for (unsigned number : r.touched) {
    const Real *reals = reinterpret_cast<const Real *>(r.begin + number * page);
    const long long first = static_cast<long long>(number * (page / sizeof(Real))) - half;
    for (std::size_t i = 0; i < page / sizeof(Real); ++i) {
      const long long index = first + static_cast<long long>(i);
      const Real start = r.key ? static_cast<Real>(random_of(r.key, index)) : 0;
      if (reals[i] == start)
        continue;
      const double product = double(reals[i] - start) * random_of(other, index);
      *sum += product;
      *scale += std::fabs(product);
    }
  }
}

/// The name with that number in "a,b,c".
std::string name_at(const char *names, int number) {
  for (; number > 0 && *names; --number) {
    names += std::strcspn(names, ",");
    names += *names == ',';
  }
  return std::string(names, std::strcspn(names, ","));
}

} // namespace

double random_of(unsigned key, long long index) {
  unsigned long long x =
      (static_cast<unsigned long long>(index) + 1) * 0x9E3779B97F4A7C15ULL + key * 0xD1B54A32D192ED03ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return static_cast<float>((x >> 40) / 8388608.0 - 1); // the same in every real type
}

endless_array::endless_array(std::size_t real, unsigned key) : real_(real), middle_(nullptr) {
  const std::size_t bytes = 2 * std::size_t(half) * real;
  void *memory = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    throw std::bad_alloc();
  auto *r = new Region{static_cast<char *>(memory), static_cast<char *>(memory) + bytes, real, key, {}};
  r->touched.reserve(most_pages);
  regions.push_back(r);
  middle_ = r->begin + std::size_t(half) * real;
}

endless_array::~endless_array() {} // its process ends

void endless_array::add_products(unsigned other, double *sum, double *scale) const {
  const Region &r = *region_of(middle_);
  if (real_ == sizeof(float))
    products<float>(r, other, sum, scale);
  else if (real_ == sizeof(double))
    products<double>(r, other, sum, scale);
  else
    products<long double>(r, other, sum, scale);
}

bool run_in_child(void (*fn)(void *context, double *results), void *context, double *results, int count) {
  const std::size_t bytes = std::size_t(count) * sizeof(double);
  void *shared = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    return false;
  const pid_t child = ::fork();
  if (child == 0) {
    struct sigaction action = {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    ::sigaction(SIGSEGV, &action, nullptr);
    ::sigaction(SIGBUS, &action, nullptr);
    try {
      fn(context, static_cast<double *>(shared));
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 1;
  const bool is_well = child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
  std::memcpy(results, shared, bytes);
  ::munmap(shared, bytes);
  return is_well;
}

void report_self_check(const char *function, const char *names, const int *numbers, const double *results,
                       int count, bool is_single) {
  // "... [F = &ns::f, W = ...]" (clang++) or "... [with auto F = ns::f; W = ..." (g++)
  std::string name = function;
  if (std::size_t at = name.find("F = "); at != std::string::npos)
    name = name.substr(at + 4, name.find_first_of(",;]", at) - at - 4);
  if (!name.empty() && name[0] == '&')
    name.erase(0, 1);
  if (!results) {
    std::fprintf(stderr, "nabla: self-check of '%s': not done, a run did not end well\n", name.c_str());
    return;
  }
  int worst = 0;
  double most = -1;
  for (int k = 0; k < count; ++k) {
    const double adjoint = results[2 * k], tangent = results[2 * count + 2 * k];
    const double scale = std::fmax(results[2 * k + 1], results[2 * count + 2 * k + 1]);
    double mismatch = std::fabs(adjoint - tangent) / std::fmax(scale, 1e-300);
    if (adjoint == tangent || (std::isnan(adjoint) && std::isnan(tangent)))
      mismatch = 0;
    if (!(mismatch <= most)) {
      most = mismatch;
      worst = k;
    }
  }
  const bool is_right = most <= (is_single ? 1e-3 : 1e-8);
  std::fprintf(stderr,
               "nabla: self-check of '%s' %s: worst parameter '%s', by tangent %.10g, by adjoint %.10g\n",
               name.c_str(), is_right ? "passed" : "FAILED", name_at(names, numbers[worst]).c_str(),
               results[2 * count + 2 * worst], results[2 * worst]);
}

} // namespace nabla::detail
