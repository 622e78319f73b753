#include "nabla/elements.h"
#include "nabla/owners.h"
#include "nabla/reals.h"
#include <stdexcept>
#include <string>
#include <unordered_map>

void nabla::detail::wrong_shape_in_libnabla(std::size_t has, std::size_t needs) {
  throw std::length_error("nabla: an adjoint has " + std::to_string(has) + " elements where its primal has " +
                          std::to_string(needs));
}
void nabla::detail::wrong_structure_in_libnabla(const char *what) {
  throw std::logic_error(std::string("nabla: ") + what);
}
void nabla::detail::resized_in_libnabla(std::size_t from, std::size_t to) {
  throw std::length_error("nabla: a jacobian is asked for of a function that resizes a container from " +
                          std::to_string(from) + " to " + std::to_string(to) +
                          " elements: pass it with its final size");
}

struct nabla::sharing::table {
  std::unordered_map<const void *, known> of;
};
nabla::sharing::~sharing() { delete table_; }
nabla::sharing::known *nabla::sharing::find_in_libnabla(const void *object) {
  if (!table_)
    return nullptr;
  auto found = table_->of.find(object);
  return found == table_->of.end() ? nullptr : &found->second;
}
void nabla::sharing::keep_in_libnabla(const void *object, known k) {
  if (!table_)
    table_ = new table;
  table_->of.emplace(object, k);
}

void nabla::out_of_range_in_libnabla(std::size_t at, std::size_t size) {
  throw std::out_of_range("vector::_M_range_check: __n (which is " + std::to_string(at) +
                          ") >= this->size() (which is " + std::to_string(size) + ")");
}
