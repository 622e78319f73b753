// The vectorised functions' errors in units in the last place, against long double; and what they do at special values.
// RUN: %tensor %s -o %t && %t && env NABLA_ISA=avx2 %t && env NABLA_ISA=generic %t
#include "../../runtime/src/tensor/kernels/kernels.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <vector>

using namespace nabla;
using namespace nabla::kernels;

static int failures = 0;

struct Case {
  const char *name;
  Unary op;
  long double (*exact)(long double);
  double low, high;
  double ulp_float, ulp_double;
};

static long double sigmoid(long double x) { return 1 / (1 + std::exp(-x)); }
static long double softplus(long double x) { return std::log1p(std::exp(x)); }

template <class T> double worst_ulp(const Case &c, double &where) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> within(c.low, c.high), exponent(-30, 0);
  std::vector<T> x(200000), y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) // half of them small, where relative errors show
    x[i] = static_cast<T>(i % 2 ? within(random) : within(random) * std::exp2(exponent(random)));
  for (T &v : x)
    if (v < static_cast<T>(c.low) || v > static_cast<T>(c.high))
      v = static_cast<T>((c.low + c.high) / 2);
  std::int64_t size = static_cast<std::int64_t>(x.size()), one = 1;
  ScalarType type = sizeof(T) == 4 ? ScalarType::Float : ScalarType::Double;
  unary(c.op, {y.data(), type, 1, &size, &one}, {x.data(), type, 1, &size, &one});
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    long double r = c.exact(x[i]);
    T near = std::fabs(static_cast<T>(r));
    if (near < std::numeric_limits<T>::min())
      near = std::numeric_limits<T>::min();
    long double unit = std::nextafter(near, std::numeric_limits<T>::infinity()) - near;
    double error = static_cast<double>(std::fabs((y[i] - r) / unit));
    if (!(error <= worst)) {
      worst = error;
      where = x[i];
    }
  }
  return worst;
}

template <class T> void special(const char *name, Unary op, T x, T expected) {
  T y = unary(op, x);
  bool same = expected != expected ? y != y : y == expected && std::signbit(y) == std::signbit(expected);
  if (!same) {
    std::printf("%s<%d bytes>(%g) = %g, expected %g\n", name, static_cast<int>(sizeof(T)),
                static_cast<double>(x), static_cast<double>(y), static_cast<double>(expected));
    ++failures;
  }
}

template <class T> void specials() {
  const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  special<T>("exp", Unary::Exp, inf, inf), special<T>("exp", Unary::Exp, -inf, 0),
      special<T>("exp", Unary::Exp, nan, nan);
  special<T>("exp", Unary::Exp, 0, 1), special<T>("exp", Unary::Exp, 1000, inf),
      special<T>("exp", Unary::Exp, -1000, 0);
  special<T>("expm1", Unary::Expm1, -inf, -1), special<T>("expm1", Unary::Expm1, inf, inf);
  special<T>("expm1", Unary::Expm1, T(-0.0), T(-0.0)), special<T>("expm1", Unary::Expm1, nan, nan);
  special<T>("log", Unary::Log, 0, -inf), special<T>("log", Unary::Log, -1, nan),
      special<T>("log", Unary::Log, inf, inf);
  special<T>("log", Unary::Log, 1, 0), special<T>("log", Unary::Log, nan, nan);
  special<T>("log1p", Unary::Log1p, -1, -inf), special<T>("log1p", Unary::Log1p, inf, inf);
  special<T>("log1p", Unary::Log1p, -2, nan), special<T>("log1p", Unary::Log1p, nan, nan);
  special<T>("tanh", Unary::Tanh, inf, 1), special<T>("tanh", Unary::Tanh, -inf, -1),
      special<T>("tanh", Unary::Tanh, nan, nan);
  special<T>("tanh", Unary::Tanh, T(-0.0), T(-0.0));
  special<T>("sin", Unary::Sin, inf, nan), special<T>("cos", Unary::Cos, nan, nan),
      special<T>("cos", Unary::Cos, 0, 1);
  special<T>("sigmoid", Unary::Sigmoid, inf, 1), special<T>("sigmoid", Unary::Sigmoid, -inf, 0);
  special<T>("softplus", Unary::Softplus, inf, inf), special<T>("softplus", Unary::Softplus, -inf, 0);
  special<T>("logsigmoid", Unary::LogSigmoid, -inf, -inf), special<T>("erf", Unary::Erf, inf, 1);
  special<T>("erf", Unary::Erf, nan, nan), special<T>("erf", Unary::Erf, T(-0.0), T(-0.0));
  special<T>("round", Unary::Round, T(2.5), 2), special<T>("relu", Unary::Relu, nan, nan);
  special<T>("sign", Unary::Sign, -3, -1), special<T>("gelu", Unary::Gelu, nan, nan);
  special<T>("exp(least)", Unary::Log, std::numeric_limits<T>::denorm_min(),
             static_cast<T>(std::log(static_cast<long double>(std::numeric_limits<T>::denorm_min()))));
}

static float power(float a, float b) { return binary(Binary::Pow, a, b); }
static void powers() {
  const float values[] = {0.0f,  -0.0f,  1.0f,   -1.0f,    2.0f,      -2.0f, 0.5f, -0.5f, 3.0f,      -3.0f,
                          1e20f, -1e20f, 1e-20f, INFINITY, -INFINITY, NAN,   2.5f, -2.5f, 100001.0f, 1e10f};
  for (float a : values)
    for (float b : values) {
      float r = power(a, b), e = b == 0.5f ? std::sqrt(a)
                                 : b == -2 ? 1 / (a * a)
                                           : std::pow(a, b); // as libtorch
      bool same = e != e   ? r != r
                  : r == e ? std::signbit(r) == std::signbit(e)
                           : std::fabs(r - e) <= 2e-7f * std::fabs(e);
      if (!same && ++failures < 20)
        std::printf("pow(%g, %g) = %g, expected %g\n", a, b, r, e);
    }
}

int main() {
  const Case cases[] = {
      {"exp", Unary::Exp, std::exp, -100, 88, 2, 2},
      {"expm1", Unary::Expm1, std::expm1, -60, 80, 2, 3},
      {"log", Unary::Log, std::log, 1e-30, 1e6, 2, 2},
      {"log1p", Unary::Log1p, std::log1p, -0.9, 1e4, 2.5, 2.5},
      {"sin", Unary::Sin, std::sin, -2000, 2000, 2, 2},
      {"cos", Unary::Cos, std::cos, -2000, 2000, 2, 2},
      {"sin far", Unary::Sin, std::sin, -1e7, 1e7, 2, 2},
      {"tanh", Unary::Tanh, std::tanh, -12, 12, 4, 3},
      {"sigmoid", Unary::Sigmoid, sigmoid, -80, 80, 3, 3},
      {"erf", Unary::Erf, std::erf, -5, 5, 2, 2},
      {"softplus", Unary::Softplus, softplus, -40, 40, 4, 4},
      {"sqrt", Unary::Sqrt, std::sqrt, 0, 1e6, 0.51, 0.51},
  };
  for (const Case &c : cases) {
    double at_float = 0, at_double = 0;
    double f = worst_ulp<float>(c, at_float), d = worst_ulp<double>(c, at_double);
    bool good = f <= c.ulp_float && d <= c.ulp_double;
    std::printf("%-10s float %.2f ulp at %.9g, double %.2f ulp at %.17g%s\n", c.name, f, at_float, d,
                at_double, good ? "" : "  TOO MUCH");
    failures += !good;
  }
  specials<float>();
  specials<double>();
  powers();
  return failures != 0;
}
