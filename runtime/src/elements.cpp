#include "nabla/elements.h"
#include "nabla/owners.h"
#include <stdexcept>
#include <string>

void nabla::detail::wrong_shape_in_libnabla(std::size_t has, std::size_t needs) {
  throw std::length_error("nabla: an adjoint has " + std::to_string(has) + " elements where its primal has " +
                          std::to_string(needs));
}
void nabla::detail::wrong_structure_in_libnabla(const char *what) {
  throw std::logic_error(std::string("nabla: ") + what);
}
void nabla::out_of_range_in_libnabla(std::size_t at, std::size_t size) {
  throw std::out_of_range("vector::_M_range_check: __n (which is " + std::to_string(at) +
                          ") >= this->size() (which is " + std::to_string(size) + ")");
}
