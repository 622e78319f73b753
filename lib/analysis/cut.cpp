#include "analysis/cut.h"
#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>

namespace nabla::analysis {

namespace {

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using Edge = Traits::edge_descriptor;
using Network = boost::adjacency_list<
    boost::vecS, boost::vecS, boost::directedS,
    boost::property<
        boost::vertex_color_t, boost::default_color_type,
        boost::property<boost::vertex_distance_t, long, boost::property<boost::vertex_predecessor_t, Edge>>>,
    boost::property<boost::edge_capacity_t, long,
                    boost::property<boost::edge_residual_capacity_t, long,
                                    boost::property<boost::edge_reverse_t, Edge>>>>;

class Cut {
public:
  explicit Cut(const std::vector<Candidate> &candidates)
      : network_(2 * candidates.size() + 2), source_(2 * candidates.size()), sink_(source_ + 1) {
    for (unsigned v = 0; v < candidates.size(); ++v) {
      const Candidate &c = candidates[v];
      if (c.asked)
        connect(source_, asked(v), endless);
      connect(asked(v), again(v), whole(c.keep) + 1); // dearer by a thousandth: a tie saves memory
      connect(again(v), sink_, whole(c.again));
      for (unsigned o : c.operands)
        connect(again(v), asked(o), endless);
    }
    boost::boykov_kolmogorov_max_flow(network_, source_, sink_);
  }
  Have choice(unsigned v) const {
    return !reached(asked(v)) ? Have::NotAsked : reached(again(v)) ? Have::Again : Have::Keep;
  }

private:
  static constexpr long endless = 1L << 60;

  static unsigned asked(unsigned v) { return 2 * v; }
  static unsigned again(unsigned v) { return 2 * v + 1; }
  static long whole(double cost) { return long(std::min(cost, never) * 1000); }
  bool reached(unsigned node) const {
    return boost::get(boost::vertex_color, network_, node) ==
           boost::get(boost::vertex_color, network_, source_);
  }
  void connect(unsigned from, unsigned to, long capacity) {
    Edge there = boost::add_edge(from, to, network_).first, back = boost::add_edge(to, from, network_).first;
    boost::put(boost::edge_capacity, network_, there, capacity);
    boost::put(boost::edge_reverse, network_, there, back);
    boost::put(boost::edge_reverse, network_, back, there);
  }

  Network network_;
  unsigned source_, sink_;
};

} // namespace

std::vector<Have> cheapest(const std::vector<Candidate> &candidates) {
  Cut cut(candidates);
  std::vector<Have> out;
  for (unsigned v = 0; v < candidates.size(); ++v)
    out.push_back(cut.choice(v));
  return out;
}

} // namespace nabla::analysis
