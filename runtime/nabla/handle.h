// Handles: classes whose values have operations of their own, each with a [[nabla::pullback_of]] rule. nabla::Tensor is one.
// Included by nabla.h; knows no class.
//
//   struct MatrixHandle {                                       // what generated code needs to know
//     using guard = NoHistory;                                  // optional: it holds one while it works
//     static void accumulate(Matrix &bar, const Matrix &more);  // bar += more; a Matrix() is zero
//     static Matrix seed(const Matrix &result);                 // the adjoint of a gradient's result: one
//   };
//   class Matrix { public: using nabla_handle = MatrixHandle; ... };
//   class Number { public: using nabla_number = double; ... };  // what operations take where any number will do
#pragma once
#include <type_traits>

namespace nabla {

namespace detail {
template <class T, class = void> struct declares_handle : std::false_type {};
template <class T> struct declares_handle<T, std::void_t<typename T::nabla_handle>> : std::true_type {};
} // namespace detail
template <class T> inline constexpr bool is_handle = detail::declares_handle<T>::value;

/// bar += more.
template <class T> void accumulate(T &bar, const T &more) { T::nabla_handle::accumulate(bar, more); }
/// What a gradient begins with: one, in the shape of the result.
template <class T> T unit_seed(const T &result) { return T::nabla_handle::seed(result); }

} // namespace nabla
