// Colourings against brute force: small random patterns by both algorithms (ColPack's, where libnabla has it), the fewest
// colours as a bound, and shapes with empty rows, columns and diagonals.
// MATRIX: plugin gxx sanitized
#include "check.h"
#include <nabla/colouring.h>
#include <nabla/nabla.h>
#include <set>

namespace {

struct Pattern {
  std::vector<int> rows{0}, cols;
  int width = 0;
};
unsigned long long state = 7;
unsigned random_below(unsigned n) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return unsigned(state >> 33) % n;
}
Pattern any(int height, int width, unsigned per_mille) {
  Pattern p;
  p.width = width;
  for (int i = 0; i < height; ++i) {
    for (int j = 0; j < width; ++j)
      if (random_below(1000) < per_mille)
        p.cols.push_back(j);
    p.rows.push_back(int(p.cols.size()));
  }
  return p;
}
Pattern symmetric(int n, unsigned per_mille) {
  std::vector<std::set<int>> rows(static_cast<unsigned>(n));
  for (int i = 0; i < n; ++i)
    for (int j = 0; j <= i; ++j)
      if (random_below(1000) < per_mille)
        rows[unsigned(i)].insert(j), rows[unsigned(j)].insert(i);
  Pattern p;
  p.width = n;
  for (auto &row : rows) {
    p.cols.insert(p.cols.end(), row.begin(), row.end());
    p.rows.push_back(int(p.cols.size()));
  }
  return p;
}

using Colours = std::vector<int>;

bool has_distinct_rows(const Pattern &p, const Colours &colour) {
  for (std::size_t i = 0; i + 1 < p.rows.size(); ++i)
    for (int a = p.rows[i]; a < p.rows[i + 1]; ++a)
      for (int b = p.rows[i]; b < a; ++b)
        if (colour[unsigned(p.cols[unsigned(a)])] == colour[unsigned(p.cols[unsigned(b)])])
          return false;
  return true;
}
/// Each entry is alone in its colour in its own row, or its mirror image is in the other.
bool determines_entries(const Pattern &p, const Colours &colour) {
  auto alone = [&](int i, int j) {
    int found = 0;
    for (int e = p.rows[unsigned(i)]; e < p.rows[unsigned(i) + 1]; ++e)
      found += colour[unsigned(p.cols[unsigned(e)])] == colour[unsigned(j)];
    return found == 1;
  };
  for (int i = 0; i < p.width; ++i)
    for (int e = p.rows[unsigned(i)]; e < p.rows[unsigned(i) + 1]; ++e)
      if (int j = p.cols[unsigned(e)]; !alone(i, j) && !alone(j, i))
        return false;
  return true;
}
/// The fewest colours, by trying all.
template <class Test> int fewest(const Pattern &p, const Test &test) {
  for (int count = 1;; ++count) {
    Colours c(unsigned(p.width), 0);
    for (;;) {
      if (test(p, c))
        return count;
      int k = 0;
      while (k < p.width && ++c[unsigned(k)] == count)
        c[unsigned(k++)] = 0;
      if (k == p.width)
        break;
    }
  }
}

/// All colours below the count that was returned, one for each column.
bool in_range(const Colours &c, int width, int count) {
  bool ok = int(c.size()) == width;
  for (int each : c)
    ok = ok && each >= 0 && each < count;
  return ok;
}
template <class Fn> void columns(const Pattern &p, const Fn &colour_by, int best) {
  Colours c;
  int count = colour_by(p.rows, p.cols, p.width, c);
  CHECK(in_range(c, p.width, count));
  CHECK(has_distinct_rows(p, c));
  CHECK(count >= best && (best == 0 || count <= best + 2));
}
template <class Fn> void stars(const Pattern &p, const Fn &colour_by, int best) {
  Colours c;
  int count = colour_by(p.rows, p.cols, c);
  CHECK(in_range(c, p.width, count));
  CHECK(determines_entries(p, c));
  CHECK(count >= best && (best == 0 || count <= best + 2));
}

void against_brute_force(unsigned per_mille) {
  using namespace nabla::detail;
  Pattern small = any(4, 5, per_mille), wide = any(30, 41, per_mille / 4), tall = any(41, 30, per_mille / 4);
  int best = fewest(small, has_distinct_rows);
  columns(small, greedy_columns, best);
  columns(small, colour_columns, best);
  for (const Pattern *p : {&wide, &tall}) {
    columns(*p, greedy_columns, 0);
    columns(*p, colour_columns, 0);
  }
  Pattern square = symmetric(5, per_mille), large = symmetric(40, per_mille / 4);
  best = fewest(square, determines_entries);
  stars(square, greedy_symmetric, best);
  stars(square, colour_symmetric, best);
  stars(large, greedy_symmetric, 0);
  stars(large, colour_symmetric, 0);
#ifdef NABLA_COLPACK
  for (const Pattern *p : {&small, &wide, &tall})
    if (!p->cols.empty())
      columns(*p, colpack_columns, 0);
  for (const Pattern *p : {&square, &large})
    if (!p->cols.empty())
      stars(*p, colpack_symmetric, 0);
#endif
}

} // namespace

int main() {
  for (unsigned per_mille : {0U, 80U, 200U, 400U, 700U, 1000U})
    for (int k = 0; k < 3; ++k)
      against_brute_force(per_mille);
  return check::report();
}
