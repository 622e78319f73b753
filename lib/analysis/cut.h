// Minimum cut: of the values that later code asks for, which are kept, and which are computed again?
//
// A value that is asked for is either kept, or computed again from its operands, which are then asked for in turn. Both
// cost something; the cheapest choice for all values together is a minimum cut of the network
//
//   source -> v.asked (asked for),   v.asked -> v.again (cost of keeping v),   v.again -> sink (cost of computing v),
//   v.again -> o.asked (for each operand o)
//
// in which a node on the source's side stands for "v is asked for" and "v is computed again". Boykov and Kolmogorov's
// algorithm finds it (Boost.Graph).
#pragma once
#include <vector>

namespace nabla::analysis {

/// A cost that nothing outweighs: the value cannot be kept, or cannot be computed again.
constexpr double never = 1e9;

struct Candidate {
  double keep = never;  ///< over the whole run; also of reading it again
  double again = never; ///< operands apart
  std::vector<unsigned> operands;
  bool asked = false;
};
enum class Have { NotAsked, Keep, Again };

/// One choice for each candidate. Where two cost the same, more is computed again.
std::vector<Have> cheapest(const std::vector<Candidate> &candidates);

} // namespace nabla::analysis
