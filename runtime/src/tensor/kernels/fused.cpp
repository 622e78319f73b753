// Elementwise programs: every instruction runs over one block of elements before the next block is touched, so values in between
// never leave the first-level cache.
#include "loops.h"
#include "strides.h"

#include <cstring>
#include <memory>

namespace nabla::kernels {

namespace {

constexpr std::int64_t block = 512;

/// Asks for the next block while this one is computed: the processor's own prefetching stops at page boundaries.
inline void prefetch(const Operand &o, std::int64_t at, std::int64_t n) {
  const char *const next = o.data + (at + n) * o.bytes;
  for (std::int64_t byte = 0; byte < block * o.bytes; byte += 64)
    __builtin_prefetch(next + byte, 0, 2);
}

template <class T> class Evaluator {
  struct Value {
    const void *at = nullptr; ///< this block's elements, or the one element
    bool constant = false;
    std::int16_t buffer = -1;
    std::int16_t last_use = -1;
    std::int16_t store = -1; ///< the operand that this value is written to directly
  };
  const Program &p_;
  Space space_;
  std::unique_ptr<Operand[]> operands_; ///< inputs, then stored results
  Value values_[max_program_values];
  Cursor cursors_[max_program_values], result_cursors_[max_program_values];
  T constants_[max_program_values];
  Operand *stored_[max_program_values] = {}; ///< per result
  double sums_[max_program_values] = {};
  std::unique_ptr<T[]> memory_;
  std::int16_t free_[max_program_values];
  int n_free_ = 0, n_buffers_ = 0, n_stored_ = 0;

  std::int16_t take() { return n_free_ ? free_[--n_free_] : static_cast<std::int16_t>(n_buffers_++); }
  void give_back(const Value &v, int instruction) {
    if (v.buffer >= 0 && v.last_use == instruction)
      free_[n_free_++] = v.buffer;
  }

  static Loop loop_of(const Instruction &i) {
    const ElementLoops &loops = element_loops(sizeof(T) == 4 ? ScalarType::Float : ScalarType::Double);
    return i.kind == Instruction::kUnary    ? loops.unary[i.op]
           : i.kind == Instruction::kBinary ? loops.binary[i.op]
                                            : loops.ternary[i.op];
  }
  static int arity(const Instruction &i) { return static_cast<int>(i.kind) + 1; }

  const Operand &input(int i) const { return operands_[static_cast<std::size_t>(n_stored_ + i)]; }
  void make_operands();
  void fold_constants();
  void plan();
  void run_block(std::int64_t at, std::int64_t n);
  void read_inputs(std::int64_t at, std::int64_t n);
  void write_result(int r, const Value &v, std::int64_t at, std::int64_t n);

public:
  explicit Evaluator(const Program &p) : p_(p) {}
  void run();
};

template <class T> void Evaluator<T>::make_operands() {
  const View *views[2 * max_program_values];
  int n = 0;
  for (int r = 0; r < p_.n_results; ++r)
    if (!p_.results[r].sum)
      views[n++] = &p_.results[r].out;
  n_stored_ = n;
  for (int i = 0; i < p_.n_inputs; ++i)
    views[n++] = &p_.inputs[i];
  operands_.reset(new Operand[static_cast<std::size_t>(n)]);
  make_space(space_, operands_.get(), views, n, p_.dims, p_.sizes);
  n = 0;
  for (int r = 0; r < p_.n_results; ++r)
    if (!p_.results[r].sum) {
      stored_[r] = &operands_[static_cast<std::size_t>(n++)];
      result_cursors_[r] = Cursor(space_, *stored_[r]);
    }
  for (int i = 0; i < p_.n_inputs; ++i) {
    const Operand &o = input(i);
    values_[i].constant = o.kind == Operand::constant;
    values_[i].at = o.data;
    cursors_[i] = Cursor(space_, o);
  }
}

template <class T> void Evaluator<T>::fold_constants() {
  const int first = p_.n_inputs;
  for (int k = 0; k < p_.n_code; ++k) {
    const Instruction &i = p_.code[k];
    const std::uint16_t args[3] = {i.a, i.b, i.c};
    bool constant = true;
    for (int j = 0; j < arity(i); ++j) {
      values_[args[j]].last_use = static_cast<std::int16_t>(k);
      constant &= values_[args[j]].constant;
    }
    Value &to = values_[first + k];
    to.constant = constant;
    if (constant) {
      const void *in[3];
      for (int j = 0; j < arity(i); ++j)
        in[j] = values_[args[j]].at;
      loop_of(i)(&constants_[first + k], in, 7, 1);
      to.at = &constants_[first + k];
    }
  }
}

/// Buffers by last use; values that are stored in linear memory are computed there.
template <class T> void Evaluator<T>::plan() {
  const int first = p_.n_inputs;
  for (int r = 0; r < p_.n_results; ++r) {
    Value &v = values_[p_.results[r].value];
    v.last_use = static_cast<std::int16_t>(p_.n_code); // read after the last instruction
    if (stored_[r] && stored_[r]->kind == Operand::linear && v.store < 0 && p_.results[r].value >= first &&
        !v.constant)
      v.store = static_cast<std::int16_t>(r);
  }
  for (int i = 0; i < first; ++i)
    if (input(i).kind == Operand::strided)
      values_[i].buffer = take();
  for (int k = 0; k < p_.n_code; ++k) {
    const Instruction &i = p_.code[k];
    Value &to = values_[first + k];
    if (!to.constant && to.store < 0)
      to.buffer = take(); // before arguments are given back: a loop's output is then never partly its input
    const std::uint16_t args[3] = {i.a, i.b, i.c};
    for (int j = 0; j < arity(i); ++j) {
      bool again = false;
      for (int l = 0; l < j; ++l)
        again |= args[l] == args[j];
      if (!again)
        give_back(values_[args[j]], k);
    }
  }
  memory_.reset(new T[static_cast<std::size_t>(n_buffers_ ? n_buffers_ : 1) * block]);
}

template <class T> void Evaluator<T>::read_inputs(std::int64_t at, std::int64_t n) {
  for (int i = 0; i < p_.n_inputs; ++i) {
    const Operand &o = input(i);
    if (o.kind == Operand::linear) {
      values_[i].at = o.data + at * o.bytes;
      prefetch(o, at, n);
    } else if (o.kind == Operand::strided) {
      T *buffer = memory_.get() + values_[i].buffer * block;
      cursors_[i].gather(buffer, n);
      values_[i].at = buffer;
    }
  }
}

/// A result that was not computed in its own place: a copy, an input, a constant, or strided memory.
template <class T> void Evaluator<T>::write_result(int r, const Value &v, std::int64_t at, std::int64_t n) {
  T copy[block];
  const T *from = static_cast<const T *>(v.at);
  if (v.constant) {
    for (std::int64_t i = 0; i < n; ++i)
      copy[i] = *from;
    from = copy;
  }
  if (stored_[r]->kind == Operand::linear)
    std::memcpy(stored_[r]->data + at * stored_[r]->bytes, from, static_cast<std::size_t>(n) * sizeof(T));
  else
    result_cursors_[r].scatter(from, n);
}

template <class T> void Evaluator<T>::run_block(std::int64_t at, std::int64_t n) {
  const int first = p_.n_inputs;
  read_inputs(at, n);
  for (int k = 0; k < p_.n_code; ++k) {
    Value &to = values_[first + k];
    if (to.constant)
      continue;
    const Instruction &i = p_.code[k];
    T *out = to.store >= 0 ? reinterpret_cast<T *>(stored_[to.store]->data) + at
                           : memory_.get() + to.buffer * block;
    const std::uint16_t args[3] = {i.a, i.b, i.c};
    const void *in[3];
    unsigned constant = 0;
    for (int j = 0; j < arity(i); ++j) {
      in[j] = values_[args[j]].at;
      constant |= values_[args[j]].constant ? 1u << j : 0u;
    }
    loop_of(i)(out, in, constant, n);
    to.at = out;
  }
  for (int r = 0; r < p_.n_results; ++r) {
    const Value &v = values_[p_.results[r].value];
    if (p_.results[r].sum)
      sums_[r] += v.constant ? static_cast<double>(*static_cast<const T *>(v.at)) * static_cast<double>(n)
                             : static_cast<double>(reduce_loops<T>().sum(static_cast<const T *>(v.at), n));
    else if (v.store != r)
      write_result(r, v, at, n);
  }
}

template <class T> void Evaluator<T>::run() {
  make_operands();
  fold_constants();
  plan();
  for (std::int64_t at = 0; at < space_.total; at += block)
    run_block(at, space_.total - at < block ? space_.total - at : block);
  for (int r = 0; r < p_.n_results; ++r)
    if (p_.results[r].sum)
      *static_cast<T *>(p_.results[r].out.data) = static_cast<T>(sums_[r]);
}

} // namespace

void run(const Program &program) {
  if (program.n_results == 0)
    return;
  ScalarType type = program.results[0].out.dtype;
  dispatch_floating(type, [&](auto zero) { Evaluator<decltype(zero)>(program).run(); });
}

} // namespace nabla::kernels
