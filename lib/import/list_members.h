// Members that std::list alone has (chain_list.cpp).
#pragma once
#include "import/body.h"

namespace nabla::front {

class ListMembers {
  using Args = Body::Args;
  using Less = Body::Less;

public:
  explicit ListMembers(Body &b) : b_(b) {}
  bool change(const clang::CallExpr *e, const std::string &name, const Place &v, const Args &args,
              std::optional<Ex> &result);

private:
  void each_node(const Place &v, const std::function<void(const Ex &)> &body);
  void sort_list(const Place &v, const Less &less);
  void reverse_list(const Place &v);
  void take_over(const Ex &at, const Place &from);
  Ex remove_nodes(const Place &v, const std::function<Ex(const Place &)> &wanted);
  Ex remove_repeated(const Place &v, const std::function<Ex(const Place &, const Place &)> &same);
  bool splice(const Place &v, const Args &args);

  Body &b_;
};

} // namespace nabla::front
