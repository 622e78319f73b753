// Colouring for sparse matrices. With NABLA_WITH_COLPACK defined (and -lColPack) by ColPack, which finds fewer colours on
// irregular patterns; otherwise greedily, which is enough for grids and bands.
//
//   int colours = nabla::detail::colour_columns(rows, cols, width, colour);   // no two columns of a colour share a row
#pragma once
#include <vector>
#ifdef NABLA_WITH_COLPACK
#include <ColPack/ColPackHeaders.h>
#endif

namespace nabla::detail {

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

#ifdef NABLA_WITH_COLPACK

/// Rows as ColPack takes them: the number of entries, then the columns.
class colpack_rows {
public:
  colpack_rows(const std::vector<int> &rows, const std::vector<int> &cols) {
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
      all_.emplace_back(1, unsigned(rows[i + 1] - rows[i]));
      all_.back().insert(all_.back().end(), cols.begin() + rows[i], cols.begin() + rows[i + 1]);
    }
    for (std::vector<unsigned> &row : all_)
      pointers_.push_back(row.data());
  }
  unsigned **data() { return pointers_.data(); }

private:
  std::vector<std::vector<unsigned>> all_;
  std::vector<unsigned *> pointers_;
};

inline int colour_columns(const std::vector<int> &rows, const std::vector<int> &cols, int width,
                          std::vector<int> &colour) {
  colpack_rows pattern(rows, cols);
  ColPack::BipartiteGraphPartialColoringInterface graph(SRC_MEM_ADOLC, pattern.data(), int(rows.size()) - 1,
                                                        width);
  graph.PartialDistanceTwoColoring("SMALLEST_LAST", "COLUMN_PARTIAL_DISTANCE_TWO");
  graph.GetRightVertexColors(colour);
  return graph.GetRightVertexColorCount();
}

inline int colour_symmetric(const std::vector<int> &rows, const std::vector<int> &cols,
                            std::vector<int> &colour) {
  colpack_rows pattern(rows, cols);
  ColPack::GraphColoringInterface graph(SRC_MEM_ADOLC, pattern.data(), int(rows.size()) - 1);
  graph.Coloring("SMALLEST_LAST", "STAR");
  graph.GetVertexColors(colour);
  return graph.GetVertexColorCount();
}

#else

/// Colours columns so that no two of a colour have entries in one row; returns how many colours there are.
inline int colour_columns(const std::vector<int> &rows, const std::vector<int> &cols, int width,
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
inline int colour_symmetric(const std::vector<int> &rows, const std::vector<int> &cols,
                            std::vector<int> &colour) {
  const int n = int(rows.size()) - 1;
  colour.assign(n, -1);
  palette colours;
  auto each_neighbour = [&](int v, const auto &fn) {
    for (int e = rows[v]; e < rows[v + 1]; ++e)
      if (cols[e] != v)
        fn(cols[e]);
  };
  for (int v = 0; v < n; ++v) {
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

#endif

} // namespace nabla::detail
