// std::reverse_iterator over containers and pointers: imported from the library's own text, but for what is written here.
#pragma once
#include "import/body.h"
#include "import/chain.h"

namespace nabla::front {

bool is_reverse_iterator(clang::QualType t);

class Backwards {
public:
  explicit Backwards(Body &b) : b_(b) {}
  /// One that ends before `current`: rbegin() and rend() of a std::deque and its kin.
  Ex made(const clang::CallExpr *e, const Ex &current);
  /// next, prev, advance; sort and stable_sort of what has subscripts.
  bool algorithm(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result);
  /// The elements from one to another, as those of a new array.
  void elements(const Place &to, const clang::Expr *first, const clang::Expr *last);
  /// All of them in their order.
  void each(const clang::Expr *first, const clang::Expr *last,
            const std::function<void(const Place &)> &body);

private:
  struct Range {
    Ex from, to; ///< iterators that go forwards; the first element lies before `from`
    std::optional<ChainClass> chain;
  };
  Range range(const clang::Expr *first, const clang::Expr *last);
  void each(const Range &r, const std::function<void(const Place &)> &body);
  bool sort(const clang::CallExpr *e);

  Body &b_;
};

} // namespace nabla::front
