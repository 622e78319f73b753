// ColPack behind two plain functions: its headers open namespace std, so no other file includes them. Compiled to nothing
// where ColPack was not found.
#include <nabla/colouring.h>

#if __has_include(<ColPack/ColPackHeaders.h>)
#include <cstring>

#include <ColPack/ColPackHeaders.h>

namespace {

/// ColPack's "row compressed" format: per row the number of its entries, then their columns.
struct Rows {
  std::vector<unsigned> numbers;
  std::vector<unsigned *> of;

  Rows(const std::vector<int> &rows, const std::vector<int> &cols) {
    const std::size_t height = rows.size() - 1;
    numbers.reserve(cols.size() + height);
    of.reserve(height);
    for (std::size_t i = 0; i < height; ++i) {
      of.push_back(numbers.data() + numbers.size());
      numbers.push_back(unsigned(rows[i + 1] - rows[i]));
      for (int e = rows[i]; e < rows[i + 1]; ++e)
        numbers.push_back(unsigned(cols[e]));
    }
  }
};

} // namespace

namespace nabla::detail {

int colpack_columns(const std::vector<int> &rows, const std::vector<int> &cols, int width,
                    std::vector<int> &colour) {
  Rows pattern(rows, cols);
  ColPack::BipartiteGraphPartialColoringInterface graph(SRC_MEM_ADOLC, pattern.of.data(),
                                                        int(rows.size()) - 1, width);
  graph.PartialDistanceTwoColoring("SMALLEST_LAST", "COLUMN_PARTIAL_DISTANCE_TWO");
  graph.GetRightVertexColors(colour);
  return graph.GetRightVertexColorCount();
}

int colpack_symmetric(const std::vector<int> &rows, const std::vector<int> &cols, std::vector<int> &colour) {
  Rows pattern(rows, cols);
  ColPack::GraphColoringInterface graph(SRC_MEM_ADOLC, pattern.of.data(), int(rows.size()) - 1);
  graph.Coloring("LARGEST_FIRST", "STAR");
  graph.GetVertexColors(colour);
  return graph.GetVertexColorCount();
}

} // namespace nabla::detail
#endif
