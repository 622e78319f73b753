// Reductions along any set of dimensions.
//
// All go through one scheme: an accumulator per output element in scratch memory (wider than the element where many terms meet),
// one walk over x in the order of its memory, and a cast into the output.
#include "loops.h"
#include "strides.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

namespace nabla::kernels {

namespace {

template <class T> constexpr ScalarType type_of() {
  if constexpr (std::is_same_v<T, float>)
    return ScalarType::Float;
  else if constexpr (std::is_same_v<T, double>)
    return ScalarType::Double;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return ScalarType::Int;
  else if constexpr (std::is_same_v<T, bool>)
    return ScalarType::Bool;
  else
    return ScalarType::Long;
}

/// Contiguous memory of out's shape: on the stack when small.
template <class A> class Scratch {
  A few_[32];
  std::unique_ptr<A[]> many_;
  std::int64_t strides_[max_dims];

public:
  View view;
  Scratch(const View &like, A neutral) {
    std::int64_t n = count(like), step = 1;
    for (int d = like.dims - 1; d >= 0; --d) {
      strides_[d] = step;
      step *= like.sizes[d];
    }
    if (n > 32)
      many_.reset(new A[static_cast<std::size_t>(n)]);
    A *data = many_ ? many_.get() : few_;
    for (std::int64_t i = 0; i < n; ++i)
      data[i] = neutral;
    view = {data, type_of<A>(), like.dims, like.sizes, strides_};
  }
  A *data() { return static_cast<A *>(view.data); }
};

// ---- What one reduction does: start value, step, and a faster way for contiguous blocks of floats ----------------------

struct SumOp {
  template <class A, class T> static A step(A a, T x) { return wrapping_add(a, static_cast<A>(x)); }
  template <class T> static T block(const T *x, std::int64_t n) { return reduce_loops<T>().sum(x, n); }
};
struct SumSquaresOp {
  template <class A, class T> static A step(A a, T x) { return a + static_cast<A>(x) * static_cast<A>(x); }
  template <class T> static T block(const T *x, std::int64_t n) {
    return reduce_loops<T>().sum_squares(x, n);
  }
};
struct SumAbsOp {
  template <class A, class T> static A step(A a, T x) { return a + std::abs(static_cast<A>(x)); }
  template <class T> static T block(const T *x, std::int64_t n) { return reduce_loops<T>().sum_abs(x, n); }
};
struct ProdOp {
  template <class A, class T> static A step(A a, T x) { return wrapping_mul(a, static_cast<A>(x)); }
};
struct MaxOp {
  template <class A, class T> static A step(A a, T x) {
    return a != a ? a : x > a || x != x ? static_cast<A>(x) : a;
  }
  template <class T> static T block(const T *x, std::int64_t n) { return reduce_loops<T>().max(x, n); }
};
struct MinOp {
  template <class A, class T> static A step(A a, T x) {
    return a != a ? a : x < a || x != x ? static_cast<A>(x) : a;
  }
  template <class T> static T block(const T *x, std::int64_t n) { return reduce_loops<T>().min(x, n); }
};
struct MaxAbsOp {
  template <class A, class T> static A step(A a, T x) {
    return MaxOp::step(a, x < 0 ? static_cast<T>(-x) : x);
  }
};
struct AnyOp {
  template <class T> static bool step(bool a, T x) { return a || x != 0; }
};
struct AllOp {
  template <class T> static bool step(bool a, T x) { return a && x != 0; }
};
struct CountOp {
  template <class T> static std::int64_t step(std::int64_t a, T x) { return a + (x != 0); }
};

template <class Op, class T, class = void> struct HasBlock : std::false_type {};
template <class Op, class T>
struct HasBlock<Op, T, std::void_t<decltype(Op::template block<T>(nullptr, 0))>> : std::is_floating_point<T> {
};

template <class Op, class T, class A>
void reduce_run(A *to, std::int64_t to_step, const T *x, std::int64_t step, std::int64_t n) {
  if (to_step == 0) {
    if constexpr (HasBlock<Op, T>::value) {
      if (step == 1 && n >= 8) {
        // a block's own result is one more term; squares and magnitudes are taken already
        T whole = Op::template block<T>(x, n);
        if constexpr (std::is_same_v<Op, SumSquaresOp> || std::is_same_v<Op, SumAbsOp>)
          *to += static_cast<A>(whole);
        else
          *to = Op::step(*to, whole);
        return;
      }
    }
    A a = *to;
    for (std::int64_t i = 0; i < n; ++i)
      a = Op::step(a, x[i * step]);
    *to = a;
    return;
  }
  if constexpr (std::is_same_v<Op, SumOp> && std::is_same_v<A, T> && std::is_floating_point_v<T>) {
    if (step == 1 && to_step == 1)
      return reduce_loops<T>().add(to, x, n);
  }
  if (step == 1 && to_step == 1)
    for (std::int64_t i = 0; i < n; ++i)
      to[i] = Op::step(to[i], x[i]);
  else
    for (std::int64_t i = 0; i < n; ++i)
      to[i * to_step] = Op::step(to[i * to_step], x[i * step]);
}

/// Accumulates x into scratch, whose shape has size 1 in the reduced dimensions.
template <class Op, class T, class A> void accumulate(Scratch<A> &scratch, const View &x) {
  const View *views[] = {&x, &scratch.view};
  Space s;
  Operand o[2];
  make_space(s, o, views, 2, x.dims, x.sizes);
  if (s.total == 0)
    return;
  const int inner = s.dims - 1;
  for_each_run(s, o, 2, [&](const std::int64_t *at, std::int64_t n) {
    reduce_run<Op, T, A>(scratch.data() + at[1], o[1].stride[inner], static_cast<const T *>(x.data) + at[0],
                         o[0].stride[inner], n);
  });
}

template <class Op, class T, class A>
void reduce_with(const View &out, const View &x, A neutral, double factor = 1) {
  Scratch<A> scratch(out, neutral);
  accumulate<Op, T, A>(scratch, x);
  if constexpr (std::is_floating_point_v<A>) {
    if (factor != 1)
      for (std::int64_t i = 0, n = count(out); i < n; ++i)
        scratch.data()[i] = static_cast<A>(scratch.data()[i] * factor);
  }
  copy(out, scratch.view);
}

/// Sums of float: in float while few terms meet outside of blocked sums, in double beyond. Integers in int64.
template <class Op, class T> void reduce_sum(const View &out, const View &x, double factor) {
  if constexpr (!std::is_floating_point_v<T>)
    reduce_with<Op, T, std::int64_t>(out, x, 0);
  else {
    std::int64_t to = count(out), terms = to ? count(x) / to : 0;
    if (terms <= 256 || to == 1)
      reduce_with<Op, T, T>(out, x, T(0), factor);
    else
      reduce_with<Op, T, double>(out, x, 0.0, factor);
  }
}

template <class T> void log_sum_exp(const View &out, const View &x) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  Scratch<T> most(out, -infinity), sum(out, T(0));
  accumulate<MaxOp, T, T>(most, x);
  for (std::int64_t i = 0, n = count(out); i < n; ++i)
    if (std::isinf(most.data()[i])) // exp(inf - inf) would be NaN; log below gives the infinity back
      most.data()[i] = 0;
  std::vector<std::int64_t> strides(static_cast<std::size_t>(x.dims) + 1);
  std::int64_t total = 1;
  for (int d = x.dims - 1; d >= 0; --d) {
    strides[static_cast<std::size_t>(d)] = total;
    total *= x.sizes[d];
  }
  std::unique_ptr<T[]> powers(new T[static_cast<std::size_t>(total)]);
  View p{powers.get(), x.dtype, x.dims, x.sizes, strides.data()};
  binary(Binary::Sub, p, x, most.view);
  unary(Unary::Exp, p, p);
  accumulate<SumOp, T, T>(sum, p);
  unary(Unary::Log, sum.view, sum.view);
  binary(Binary::Add, out, sum.view, most.view);
}

template <class T> T lowest() {
  if constexpr (std::is_floating_point_v<T>)
    return -std::numeric_limits<T>::infinity();
  else
    return std::numeric_limits<T>::lowest();
}
template <class T> T highest() {
  if constexpr (std::is_floating_point_v<T>)
    return std::numeric_limits<T>::infinity();
  else
    return std::numeric_limits<T>::max();
}

template <class T> void reduce_type(Reduce op, const View &out, const View &x) {
  using Wide = std::conditional_t<std::is_floating_point_v<T>, T, std::int64_t>;
  switch (op) {
  case Reduce::Sum:
    return reduce_sum<SumOp, T>(out, x, 1);
  case Reduce::Mean: {
    std::int64_t n = count(out);
    return reduce_sum<SumOp, T>(out, x,
                                1.0 / (n ? static_cast<double>(count(x)) / static_cast<double>(n) : 1));
  }
  case Reduce::Prod:
    return reduce_with<ProdOp, T, Wide>(out, x, 1);
  case Reduce::Max:
    return reduce_with<MaxOp, T, T>(out, x, lowest<T>());
  case Reduce::Min:
    return reduce_with<MinOp, T, T>(out, x, highest<T>());
  case Reduce::Any:
    return reduce_with<AnyOp, T, bool>(out, x, false);
  case Reduce::All:
    return reduce_with<AllOp, T, bool>(out, x, true);
  case Reduce::CountNonZero:
    return reduce_with<CountOp, T, std::int64_t>(out, x, 0);
  case Reduce::LogSumExp:
    if constexpr (std::is_floating_point_v<T>)
      return log_sum_exp<T>(out, x);
    return;
  case Reduce::SumSquares:
    if constexpr (std::is_floating_point_v<T>)
      return reduce_sum<SumSquaresOp, T>(out, x, 1);
    return;
  case Reduce::SumAbs:
    if constexpr (std::is_floating_point_v<T>)
      return reduce_sum<SumAbsOp, T>(out, x, 1);
    return;
  case Reduce::MaxAbs:
    if constexpr (std::is_floating_point_v<T>)
      return reduce_with<MaxAbsOp, T, T>(out, x, T(0));
    return;
  }
}

template <class T> void variance_of(const View &out, const View &mean_out, const View &x, double correction) {
  const std::int64_t to = count(out), terms = to ? count(x) / to : 0;
  // The mean in double where T is float: its rounding would be squared n times.
  Scratch<double> mean(out, 0.0), sum(out, 0.0);
  accumulate<SumOp, T, double>(mean, x);
  for (std::int64_t i = 0; i < to; ++i)
    mean.data()[i] /= static_cast<double>(terms);
  const View *views[] = {&x, &mean.view, &sum.view};
  Space s;
  Operand o[3];
  make_space(s, o, views, 3, x.dims, x.sizes);
  const int inner = s.dims - 1;
  if (s.total != 0)
    for_each_run(s, o, 3, [&](const std::int64_t *at, std::int64_t n) {
      const T *from = static_cast<const T *>(x.data) + at[0];
      const std::int64_t step = o[0].stride[inner], to_step = o[2].stride[inner];
      double *square = sum.data() + at[2];
      const double *centre = mean.data() + at[1];
      if (to_step == 0 && step == 1)
        *square += static_cast<double>(reduce_loops<T>().squares_around(from, static_cast<T>(*centre), n));
      else
        for (std::int64_t i = 0; i < n; ++i) {
          double d = static_cast<double>(from[i * step]) - centre[i * to_step];
          square[i * to_step] += d * d;
        }
    });
  double divisor = static_cast<double>(terms) - correction;
  for (std::int64_t i = 0; i < to; ++i)
    sum.data()[i] /= divisor > 0 ? divisor : 0.0; // 0 / 0: NaN, as libtorch for too few elements
  copy(out, sum.view);
  if (mean_out.data)
    copy(mean_out, mean.view);
}

} // namespace

void reduce(Reduce op, const View &out, const View &x) {
  dispatch(x.dtype, [&](auto zero) { reduce_type<decltype(zero)>(op, out, x); });
}

void variance(const View &out, const View &mean, const View &x, double correction) {
  dispatch_floating(x.dtype, [&](auto zero) { variance_of<decltype(zero)>(out, mean, x, correction); });
}

} // namespace nabla::kernels
