// Windows: a loop that reads neighbours of one array, which is overwritten later, needs them all in its reverse sweep. One
// copy of the elements that it reads, taken before the loop, serves for all of them.
//
//   primal:    for (i...) w[i] = f(u[i - 1], u[i], u[i + 1]);  ...  u[i] = w[i];
//   forward:   for (j...) u_kept[t * m + j] = u[first - 1 + j];  for (i...) w[i] = ...
//
// Where a loop over the same range overwrites them one by one, each is copied there, while it is at hand anyway:
//
//   forward:   for (i...) w[i] = ...;  ...  for (i...) { u_kept[t * m + i - first + 1] = u[i]; u[i] = w[i]; }
#pragma once
#include "analysis/values.h"

namespace nabla::diff {

struct Window {
  const analysis::Region *loop =
      nullptr; ///< its body reads element index + offset, offset from `low` to `high`
  analysis::ValueId first_read = analysis::no_value;
  long low = 0, high = 0;
  const ir::Stmt *overwriting = nullptr; ///< the loop that overwrites a[index], may be none
};

/// The windows of a function, and which loads read through them: those with two or more different offsets.
class Windows {
public:
  Windows(const analysis::Values &values, bool enabled);
  /// Null if the load is read through none.
  const Window *of(analysis::ValueId load) const;
  long offset(analysis::ValueId load) const { return reads_.at(load).offset; }

private:
  struct Reading {
    std::size_t window;
    long offset;
  };
  bool add(analysis::ValueId load);
  bool is_visible_before(const analysis::Value &load, const analysis::Region *loop) const;
  bool names(const analysis::Value &load, const analysis::Region *loop) const;
  const ir::Stmt *overwriting(const Window &w) const;
  bool count_alike(const ir::Stmt &reading, const ir::Stmt &writing) const;
  bool overwrites_own_element(const analysis::Value &load, const ir::Stmt &loop) const;

  const analysis::Values &values_;
  std::vector<Window> windows_;
  std::map<std::tuple<const analysis::Region *, analysis::ValueId, ir::Var, unsigned>, std::size_t> known_;
  std::map<analysis::ValueId, Reading> reads_;
};

} // namespace nabla::diff
