#include <cstdio>
#include <cstdlib>
#include <nabla/record.h>

void nabla::report_overlap_in_libnabla(const char *first, const char *second) {
  std::fprintf(stderr,
               "nabla: '%s' and '%s' are the same memory and one of them is written; pass separate arrays, "
               "or mark the "
               "function [[nabla::may_alias]]\n",
               first, second);
  std::abort();
}
