// A derivative that user code calls gives the adjoints that it adds into the sizes of the containers they belong to.
#pragma once
#include "import/body.h"

namespace nabla::front {

class AdjointShapes {
public:
  AdjointShapes(Body &body, const clang::Expr *call) : b_(body), call_(call) {}
  /// Before a call of a generated function: `args` are its arguments.
  void match(const Callee &c, const std::vector<Ex> &args);

private:
  void match(const Place &bar, const Place &of);
  void match_elements(const Place &bar, const Place &of);

  Body &b_;
  const clang::Expr *call_;
};

} // namespace nabla::front
