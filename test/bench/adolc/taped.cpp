// The objectives' own text with `double` defined as ADOL-C's type.
#include "cases.h"
#include <adolc/adolc.h>
#include <cmath>

// std::exp(x) on ADOL-C's type, whose own functions are found by its arguments alone.
#define FUNCTIONS(OF) OF(exp) OF(log) OF(tanh) OF(sin) OF(sqrt)
namespace found {
#define OF(NAME)                                                                                             \
  inline adouble own_##NAME(const badouble &x) { return NAME(x); }
FUNCTIONS(OF)
#undef OF
} // namespace found
namespace std {
#define OF(NAME)                                                                                             \
  inline adouble NAME(const badouble &x) { return found::own_##NAME(x); }
FUNCTIONS(OF)
#undef OF
inline adouble lgamma(const badouble &x) { return lgamma(x.value()); } // of constants only
} // namespace std

#define double adouble
#include "../../objectives/gmm.hpp"
#include "../../objectives/lstm.hpp"
#include "../primals.h"
#undef double

namespace cases {
namespace {

using actives = std::vector<adouble>;

adouble value(Case c, actives &x, const Data &data) {
  actives a(data.first.begin(), data.first.end()), b(data.second.begin(), data.second.end());
  int n = int(x.size());
  switch (c) {
  case Gmm:
    return obj::gmm_objective(gmm_d, gmm_k, gmm_n, &x[0], &x[gmm_k], &x[gmm_k + gmm_k * gmm_d], &a[0], 1.0,
                              0);
  case Lstm:
    return obj::lstm_objective(lstm_l, lstm_c, lstm_b, &x[0], &x[8 * lstm_l * lstm_b], &a[0], &b[0]);
  case Burgers:
    return primals::burgers(&x[0], steps);
  case Heat:
    return primals::heat(&x[0], &a[0], n, steps);
  case Energy:
    return primals::energy(&x[0], &a[0], bodies);
  case Sines:
    return primals::sines(&x[0], n - 1);
  case Rosenbrock:
    return primals::rosenbrock(&x[0], n);
  case count:
    break;
  }
  return 0;
}

} // namespace

double record(Case c, const reals &x, const Data &data) {
  const unsigned much = 1u << 24; // so that nothing goes to disk
  double result;
  trace_on(short(c), 1, much, much, much, much);
  actives in(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    in[i] <<= x[i];
  adouble out = value(c, in, data);
  out >>= result;
  trace_off();
  return result;
}
void replay(Case c, const reals &x, reals &bar) { gradient(short(c), int(x.size()), x.data(), bar.data()); }
void sweep(Case c, reals &bar) {
  double seed = 1;
  fos_reverse(short(c), 1, int(bar.size()), &seed, bar.data());
}

} // namespace cases
