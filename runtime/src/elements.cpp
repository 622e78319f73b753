#include "nabla/elements.h"
#include <stdexcept>
#include <string>

void nabla::out_of_range_in_libnabla(std::size_t at, std::size_t size) {
  throw std::out_of_range("vector::_M_range_check: __n (which is " + std::to_string(at) +
                          ") >= this->size() (which is " + std::to_string(size) + ")");
}
