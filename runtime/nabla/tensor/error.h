// What tensors throw. Texts are libtorch's wherever it has the same error, so that programs and searches keep working.
#ifndef NABLA_TENSOR_ERROR_H
#define NABLA_TENSOR_ERROR_H

#include <exception>
#include <stdexcept>
#include <string>

namespace nabla {

/// Base of the errors that a wrong use of tensors raises.
class Error : public std::exception {
  std::string message_;

public:
  explicit Error(std::string message) : message_(std::move(message)) {}
  const char *what() const noexcept override { return message_.c_str(); }
  /// libtorch's name; there is no backtrace here, so it is what().
  const char *what_without_backtrace() const noexcept { return message_.c_str(); }
};

/// An index or a dimension out of range.
class IndexError : public Error {
  using Error::Error;
};
/// Shapes that do not fit each other.
class ShapeError : public Error {
  using Error::Error;
};
/// Element types that do not fit.
class TypeError : public Error {
  using Error::Error;
};
/// A value outside what an option allows.
class ValueError : public Error {
  using Error::Error;
};
/// The graph, its saved tensors or in-place rules: what backward and grad raise.
class AutogradError : public Error {
  using Error::Error;
};
/// A matrix that linear algebra cannot factor.
class LinAlgError : public Error {
  using Error::Error;
};
/// Valid in libtorch, not available here: the text says what to write instead.
class NotImplementedError : public Error {
  using Error::Error;
};
/// The few that libtorch raises as std::runtime_error: a view of a wrong size, flags of inner nodes, NaN in anomaly mode.
class RuntimeError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace nabla

#endif
