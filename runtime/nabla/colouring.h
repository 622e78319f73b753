// Colouring for sparse matrices: by ColPack where NABLA_COLPACK is defined (then link libnabla, ColPack and OpenMP), and greedily in
// the order of columns, which needs the fewest colours on bands. The one with fewer colours is taken.
//
//   int colours = nabla::detail::colour_columns(rows, cols, width, colour);   // no two columns of a colour share a row
#pragma once
#include <algorithm>
#include <vector>

namespace nabla::detail {

// In libnabla, if ColPack was there when it was built.
int colpack_columns(const std::vector<int> &rows, const std::vector<int> &cols, int width,
                    std::vector<int> &colour);
int colpack_symmetric(const std::vector<int> &rows, const std::vector<int> &cols, std::vector<int> &colour);

/// The least colour that no neighbour has forbidden for this vertex.
class palette {
public:
  void forbid(int colour, int vertex) {
    if (colour >= int(forbidden_by_.size()))
      forbidden_by_.resize(colour + 1, -1);
    forbidden_by_[colour] = vertex;
  }
  int free(int vertex) {
    int c = 0;
    while (c < int(forbidden_by_.size()) && forbidden_by_[c] == vertex)
      ++c;
    count_ = c + 1 > count_ ? c + 1 : count_;
    return c;
  }
  int count() const { return count_; }

private:
  std::vector<int> forbidden_by_;
  int count_ = 0;
};

/// Colours columns so that no two of a colour have entries in one row; returns how many colours there are.
inline int greedy_columns(const std::vector<int> &rows, const std::vector<int> &cols, int width,
                          std::vector<int> &colour) {
  const int height = int(rows.size()) - 1;
  std::vector<int> first(std::size_t(width) + 1), in(cols.size()); // rows of each column
  for (int j : cols)
    ++first[j + 1];
  for (int j = 0; j < width; ++j)
    first[j + 1] += first[j];
  std::vector<int> next(first.begin(), first.end() - 1);
  for (int i = 0; i < height; ++i)
    for (int e = rows[i]; e < rows[i + 1]; ++e)
      in[next[cols[e]]++] = i;
  colour.assign(width, -1);
  palette colours;
  for (int j = 0; j < width; ++j) {
    for (int k = first[j]; k < first[j + 1]; ++k)
      for (int e = rows[in[k]]; e < rows[in[k] + 1]; ++e)
        if (colour[cols[e]] >= 0)
          colours.forbid(colour[cols[e]], j);
    colour[j] = colours.free(j);
  }
  return colours.count();
}

/// A star colouring of a symmetric pattern: neighbours differ, and so do the ends of each path of four vertices or its middle.
/// Then every entry is alone in its colour in its row or in its column (Gebremedhin, Manne, Pothen 2005, algorithm 4.1).
inline int greedy_symmetric(const std::vector<int> &rows, const std::vector<int> &cols,
                            std::vector<int> &colour) {
  const int n = int(rows.size()) - 1;
  colour.assign(n, -1);
  palette colours;
  std::vector<int> order(
      n); // a vertex that neighbours most others comes first: uncoloured, it would keep them all apart
  for (int v = 0; v < n; ++v)
    order[v] = v;
  std::sort(order.begin(), order.end(), [&](int v, int w) {
    const int a = rows[v + 1] - rows[v], b = rows[w + 1] - rows[w];
    return a != b ? a > b : v < w;
  });
  auto each_neighbour = [&](int v, const auto &fn) {
    for (int e = rows[v]; e < rows[v + 1]; ++e)
      if (cols[e] != v)
        fn(cols[e]);
  };
  for (int v : order) {
    each_neighbour(v, [&](int w) {
      if (colour[w] >= 0)
        colours.forbid(colour[w], v);
      each_neighbour(w, [&](int x) {
        if (x == v || colour[x] < 0)
          return;
        if (colour[w] < 0)
          colours.forbid(colour[x], v);
        else
          each_neighbour(x, [&](int y) {
            if (y != w && colour[y] == colour[w])
              colours.forbid(colour[x], v);
          });
      });
    });
    colour[v] = colours.free(v);
  }
  return colours.count();
}

/// Which entries share their row with another one of their colour.
inline std::vector<char> shared_entries(const std::vector<int> &rows, const std::vector<int> &cols,
                                        const std::vector<int> &colour, int colours) {
  std::vector<int> seen(std::size_t(colours), -1), last(seen.size());
  std::vector<char> out(cols.size());
  for (int i = 0; i + 1 < int(rows.size()); ++i)
    for (int e = rows[i]; e < rows[i + 1]; ++e) {
      const int c = colour[cols[e]];
      if (seen[c] == i)
        out[e] = out[last[c]] = 1;
      seen[c] = i;
      last[c] = e;
    }
  return out;
}
/// Does no row have two entries of one colour?
inline bool separates_columns(const std::vector<int> &rows, const std::vector<int> &cols,
                              const std::vector<int> &colour, int colours) {
  const std::vector<char> shared = shared_entries(rows, cols, colour, colours);
  return std::find(shared.begin(), shared.end(), 1) == shared.end();
}
/// Is every entry, or its mirror image, alone in its colour in its row?
inline bool separates_entries(const std::vector<int> &rows, const std::vector<int> &cols,
                              const std::vector<int> &colour, int colours) {
  const std::vector<char> shared = shared_entries(rows, cols, colour, colours);
  for (int i = 0; i + 1 < int(rows.size()); ++i)
    for (int e = rows[i]; e < rows[i + 1]; ++e) {
      const auto row = cols.begin() + rows[cols[e]], end = cols.begin() + rows[cols[e] + 1];
      const auto mirrored = std::lower_bound(row, end, i);
      if (shared[e] && (mirrored == end || *mirrored != i || shared[mirrored - cols.begin()]))
        return false;
    }
  return true;
}

/// As greedy_columns, with fewer colours where ColPack finds such.
inline int colour_columns(const std::vector<int> &rows, const std::vector<int> &cols, int width,
                          std::vector<int> &colour) {
  int count = greedy_columns(rows, cols, width, colour);
#ifdef NABLA_COLPACK
  if (count < 3) // nothing to gain
    return count;
  std::vector<int> other;
  if (int fewer = colpack_columns(rows, cols, width, other);
      fewer < count && int(other.size()) == width && separates_columns(rows, cols, other, fewer)) {
    count = fewer;
    colour = other;
  }
#endif
  return count;
}

/// As greedy_symmetric, with fewer colours where ColPack finds such.
inline int colour_symmetric(const std::vector<int> &rows, const std::vector<int> &cols,
                            std::vector<int> &colour) {
  int count = greedy_symmetric(rows, cols, colour);
#ifdef NABLA_COLPACK
  if (count < 3)
    return count;
  std::vector<int> other;
  if (int fewer = colpack_symmetric(rows, cols, other);
      fewer < count && other.size() + 1 == rows.size() && separates_entries(rows, cols, other, fewer)) {
    count = fewer;
    colour = other;
  }
#endif
  return count;
}

} // namespace nabla::detail
