// lib/analysis/cut: the choice is the cheapest of all, by trying all of them on small random graphs.
#include "analysis/cut.h"
#include "check.h"
#include "random.h"

namespace {

using namespace nabla::analysis;

/// The cost of a choice, or -1 if something asked for is not there.
double cost(const std::vector<Candidate> &all, const std::vector<Have> &choice) {
  double sum = 0;
  for (std::size_t v = 0; v < all.size(); ++v) {
    if (all[v].asked && choice[v] == Have::NotAsked)
      return -1;
    if (choice[v] == Have::Keep)
      sum += all[v].keep;
    if (choice[v] != Have::Again)
      continue;
    sum += all[v].again;
    for (unsigned o : all[v].operands)
      if (choice[o] == Have::NotAsked)
        return -1;
  }
  return sum;
}

void random_graphs() {
  test::Random random(11);
  auto below = [&](int n) { return int(random.uniform(0, n)) % n; };
  for (int round = 0; round < 400; ++round) {
    const int n = 1 + below(7);
    std::vector<Candidate> all(n);
    for (int v = 0; v < n; ++v) {
      all[v].keep = below(6) ? 1 + below(30) : never;
      all[v].again = below(5) ? below(20) : never;
      all[v].asked = below(3) == 0;
      for (int o = 0; o < v; ++o)
        if (below(3) == 0)
          all[v].operands.push_back(o);
    }
    double best = -1;
    std::vector<Have> trial(n);
    int count = 1;
    for (int v = 0; v < n; ++v)
      count *= 3;
    for (int code = 0; code < count; ++code) {
      for (int v = 0, rest = code; v < n; ++v, rest /= 3)
        trial[v] = Have(rest % 3);
      double c = cost(all, trial);
      if (c >= 0 && (best < 0 || c < best))
        best = c;
    }
    double found = cost(all, cheapest(all));
    CHECK(found >= 0);
    CHECK(found == best);
  }
}

void ties_save_memory() {
  std::vector<Candidate> all(2);
  all[0].keep = 5, all[0].again = 0;
  all[1].keep = 5, all[1].again = 5, all[1].asked = true, all[1].operands = {0};
  CHECK(cheapest(all)[1] == Have::Again);
}

/// 20,000 values in a chain: no recursion, and at once.
void long_chain() {
  std::vector<Candidate> all(20000);
  for (unsigned v = 0; v < all.size(); ++v) {
    all[v].keep = 12;
    all[v].again = v ? 1 : never;
    all[v].asked = true;
    if (v)
      all[v].operands = {v - 1};
  }
  std::vector<Have> have = cheapest(all);
  CHECK(have[0] == Have::Keep);
  CHECK(have.back() == Have::Again);
}

} // namespace

int main() {
  random_graphs();
  ties_save_memory();
  long_chain();
  return check::report();
}
