// The functions that Nabla and ADOL-C differentiate, each of one list of numbers.
#pragma once
#include <vector>

namespace cases {

using reals = std::vector<double>;

enum Case { Gmm, Lstm, Burgers, Heat, Energy, Sines, Rosenbrock, count };
const int steps = 100, bodies = 100;
const int gmm_d = 10, gmm_k = 25, gmm_n = 100, lstm_l = 2, lstm_c = 256, lstm_b = 14;

/// What stays constant: points, sequences, masses, scratch space.
struct Data {
  reals first, second;
};

/// ADOL-C: records the function at x. Gives its value.
double record(Case c, const reals &x, const Data &data);
/// Evaluates what was recorded again, and its gradient.
void replay(Case c, const reals &x, reals &gradient);
/// The reverse sweep of what was recorded just now.
void sweep(Case c, reals &gradient);

} // namespace cases
