// A European call: its price in closed form, and one path of a Monte-Carlo estimate. Plain C++ templates; V is double
// for the static gradient, a variable for the tape.
#pragma once
#include <cmath>

namespace model {

using std::erf, std::exp, std::log, std::sqrt;

/// Black and Scholes: spot, strike, volatility, interest rate, time to maturity in years.
template <class V> V call(V spot, V strike, V vol, V rate, V time) {
  V deviation = vol * sqrt(time);
  V d1 = (log(spot / strike) + rate * time) / deviation + 0.5 * deviation, d2 = d1 - deviation;
  const double root_half = 0.70710678118654752440;
  return 0.5 * spot * (1 + erf(root_half * d1)) -
         0.5 * strike * exp(-rate * time) * (1 + erf(root_half * d2));
}

/// The discounted payoff of one path, `steps` (at least 1) equal steps long: it walks along the normal deviates z as far as
/// the last step, and takes the expectation over that one in closed form. So it is smooth, and has a gamma.
template <class V> V path(const double *z, int steps, V spot, V strike, V vol, V rate, V time) {
  V step = time / double(steps), drift = (rate - 0.5 * vol * vol) * step, deviation = vol * sqrt(step);
  V logarithm = 0.0;
  for (int i = 0; i + 1 < steps; ++i)
    logarithm += drift + deviation * z[i];
  V reached = spot * exp(logarithm);
  return exp(-rate * (time - step)) * call<V>(reached, strike, vol, rate, step);
}

} // namespace model
