// ColPack behind two plain functions: its headers open namespace std, so no other file includes them. Compiled to nothing
// where ColPack was not found.
#include <nabla/colouring.h>

#if __has_include(<ColPack/ColPackHeaders.h>)
#include <algorithm>
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

extern "C" int omp_get_max_threads();
extern "C" void omp_set_num_threads(int);

/// On several threads ColPack's colours differ from run to run.
struct OneThread {
  int before = omp_get_max_threads();
  OneThread() { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before); }
};

int count(const std::vector<int> &colour) {
  return colour.empty() ? 0 : 1 + *std::max_element(colour.begin(), colour.end());
}

} // namespace

namespace nabla::detail {

int colpack_columns(const std::vector<int> &rows, const std::vector<int> &cols, int width,
                    std::vector<int> &colour) {
  OneThread only;
  Rows pattern(rows, cols);
  ColPack::BipartiteGraphPartialColoringInterface graph(SRC_MEM_ADOLC, pattern.of.data(),
                                                        int(rows.size()) - 1, width);
  graph.PartialDistanceTwoColoring("SMALLEST_LAST", "COLUMN_PARTIAL_DISTANCE_TWO");
  graph.GetRightVertexColors(colour);
  return count(colour);
}

int colpack_symmetric(const std::vector<int> &rows, const std::vector<int> &cols, std::vector<int> &colour) {
  OneThread only;
  Rows pattern(rows, cols);
  ColPack::GraphColoringInterface graph(SRC_MEM_ADOLC, pattern.of.data(), int(rows.size()) - 1);
  graph.Coloring("LARGEST_FIRST", "STAR");
  graph.GetVertexColors(colour);
  return count(colour);
}

} // namespace nabla::detail
#endif
