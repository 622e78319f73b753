// Printing as Python's PyTorch does: the rules of torch/_tensor_str.py.
#include "impl.h"

#include <cmath>
#include <cstdio>
#include <ostream>

namespace nabla {

using namespace detail;

namespace {

struct Options {
  int precision = 4;
  std::int64_t threshold = 1000, edgeitems = 3;
  int linewidth = 80;
};
Options &options() {
  static Options one;
  return one;
}

double number_at(const TensorImpl *p, std::int64_t at) {
  switch (p->dtype) {
  case ScalarType::Bool: return static_cast<bool *>(p->data)[at];
  case ScalarType::Int: return static_cast<std::int32_t *>(p->data)[at];
  case ScalarType::Long: return static_cast<double>(static_cast<std::int64_t *>(p->data)[at]);
  case ScalarType::Float: return static_cast<double>(static_cast<float *>(p->data)[at]);
  case ScalarType::Double: return static_cast<double *>(p->data)[at];
  }
  return 0;
}

std::string with_format(const char *format, int precision, double value) {
  char text[400];
  std::snprintf(text, sizeof text, format, precision, value);
  return text;
}

/// Python says nan, inf, -inf.
std::string special(double v) { return std::isnan(v) ? "nan" : v > 0 ? "inf" : "-inf"; }

class Printer {
  const TensorImpl *const p_;
  const Options how_ = options();
  const bool summarize_;
  bool integral_ = true, scientific_ = false;
  std::size_t width_ = 1;

  std::string plain(double v, std::int64_t at) const {
    if (p_->dtype == ScalarType::Bool)
      return v != 0 ? "True" : "False";
    if (p_->dtype == ScalarType::Long)
      return std::to_string(static_cast<std::int64_t *>(p_->data)[at]);
    return std::to_string(static_cast<std::int64_t>(v));
  }
  std::string text(double v, std::int64_t at) const {
    if (!is_floating(p_->dtype))
      return plain(v, at);
    if (!std::isfinite(v))
      return special(v);
    if (scientific_)
      return with_format("%.*e", how_.precision, v);
    return integral_ ? with_format("%.*f", 0, v) + "." : with_format("%.*f", how_.precision, v);
  }
  std::string element(std::int64_t at) const {
    const std::string s = text(number_at(p_, at), at);
    return s.size() < width_ ? std::string(width_ - s.size(), ' ') + s : s;
  }

  bool cut(int dim) const { return summarize_ && p_->sizes[dim] > 2 * how_.edgeitems; }
  /// Calls f(offset) for every element that is shown.
  template <class F> void shown(int dim, std::int64_t at, F f) const {
    if (dim == p_->dims)
      return f(at);
    for (std::int64_t i = 0; i < p_->sizes[dim]; ++i) {
      if (cut(dim) && i == how_.edgeitems)
        i = p_->sizes[dim] - how_.edgeitems;
      shown(dim + 1, at + i * p_->strides[dim], f);
    }
  }

  void choose_format() {
    if (!is_floating(p_->dtype)) {
      shown(0, 0, [&](std::int64_t at) { widen(plain(number_at(p_, at), at).size()); });
      return;
    }
    double least = HUGE_VAL, largest = 0;
    shown(0, 0, [&](std::int64_t at) {
      const double v = number_at(p_, at);
      if (!std::isfinite(v) || v == 0)
        return;
      least = std::fmin(least, std::fabs(v)), largest = std::fmax(largest, std::fabs(v));
      integral_ = integral_ && v == std::ceil(v);
    });
    if (largest == 0)
      return;
    scientific_ = largest / least > 1000 || largest > 1e8 || (!integral_ && least < 1e-4);
    shown(0, 0, [&](std::int64_t at) {
      const double v = number_at(p_, at);
      if (std::isfinite(v) && v != 0)
        widen(text(v, at).size());
    });
  }
  void widen(std::size_t n) { width_ = n > width_ ? n : width_; }

  std::string vector(int dim, std::int64_t at, std::size_t indent) const {
    const std::size_t room = static_cast<std::size_t>(how_.linewidth) > indent ? static_cast<std::size_t>(how_.linewidth) - indent : 0;
    const std::size_t fit = room / (width_ + 2), per_line = fit > 0 ? fit : 1;
    std::string out = "[";
    std::size_t n = 0;
    const auto put = [&](const std::string &s) {
      if (n > 0)
        out += n % per_line == 0 ? ",\n" + std::string(indent + 1, ' ') : ", ";
      out += s;
      ++n;
    };
    for (std::int64_t i = 0; i < p_->sizes[dim]; ++i) {
      if (cut(dim) && i == how_.edgeitems) {
        put(" ...");
        i = p_->sizes[dim] - how_.edgeitems;
      }
      put(element(at + i * p_->strides[dim]));
    }
    return out + "]";
  }

  std::string nested(int dim, std::int64_t at, std::size_t indent) const {
    if (dim + 1 == p_->dims)
      return vector(dim, at, indent);
    const std::string between = "," + std::string(static_cast<std::size_t>(p_->dims - dim - 1), '\n') + std::string(indent + 1, ' ');
    std::string out = "[";
    for (std::int64_t i = 0; i < p_->sizes[dim]; ++i) {
      if (i > 0)
        out += between;
      if (cut(dim) && i == how_.edgeitems) {
        out += "..." + between;
        i = p_->sizes[dim] - how_.edgeitems;
      }
      out += nested(dim + 1, at + i * p_->strides[dim], indent + 1);
    }
    return out + "]";
  }

public:
  explicit Printer(const TensorImpl *p) : p_(p), summarize_(p->numel > options().threshold) {
    settle(p->storage);}
  std::string print(std::size_t indent) {
    if (p_->numel == 0)
      return "[]";
    choose_format();
    return p_->dims == 0 ? element(0) : nested(0, 0, indent);
  }
};

std::string python_type(ScalarType t) {
  switch (t) {
  case ScalarType::Bool: return "torch.bool";
  case ScalarType::Int: return "torch.int32";
  case ScalarType::Long: return "torch.int64";
  case ScalarType::Float: return "torch.float32";
  case ScalarType::Double: return "torch.float64";
  }
  return "";
}

std::vector<std::string> suffixes(TensorImpl *p) {
  std::vector<std::string> all;
  const ScalarType usual = get_default_dtype();
  if (p->numel == 0) {
    if (p->dims != 1) {
      std::string size = "size=(";
      for (int i = 0; i < p->dims; ++i)
        size += (i ? ", " : "") + std::to_string(p->sizes[i]);
      all.push_back(size + ")");
    }
    if (p->dtype != usual)
      all.push_back("dtype=" + python_type(p->dtype));
  } else if (p->dtype != usual && p->dtype != ScalarType::Long && p->dtype != ScalarType::Bool)
    all.push_back("dtype=" + python_type(p->dtype));
  if (autograd::Node *const n = grad_fn_of(p)) {
    const std::string name = n->name();
    const std::size_t colons = name.rfind("::");
    all.push_back("grad_fn=<" + (colons == std::string::npos ? name : name.substr(colons + 2)) + ">");
  } else if (p->requires_grad)
    all.push_back("requires_grad=True");
  return all;
}

} // namespace

std::string to_string(const Tensor &t) {
  if (!t.defined())
    return "None";
  TensorImpl *const p = impl(t);
  const std::string prefix = "tensor(";
  std::string out = Printer(p).print(prefix.size());
  const std::size_t newline = out.rfind('\n');
  std::size_t line = newline == std::string::npos ? out.size() + 2 : out.size() - newline + 1; // as Python counts it
  for (const std::string &s : suffixes(p)) {
    if (line + s.size() + 2 > static_cast<std::size_t>(options().linewidth)) {
      out += ",\n" + std::string(prefix.size(), ' ') + s;
      line = prefix.size() + s.size();
    } else {
      out += ", " + s;
      line += s.size() + 2;
    }
  }
  return prefix + out + ")";
}

std::ostream &operator<<(std::ostream &out, const Tensor &t) { return out << to_string(t); }

void set_printoptions(int precision, std::int64_t threshold, std::int64_t edgeitems, int linewidth) {
  if (precision < 0 || precision > 300 || threshold < 0 || edgeitems < 1 || linewidth < 1)
    throw ValueError("set_printoptions: precision 0..300, threshold >= 0, edgeitems >= 1, linewidth >= 1");
  options() = {precision, threshold, edgeitems, linewidth};
}

void Tensor::print() const {
  const std::string text = nabla::to_string(*this);
  std::printf("%s\n", text.c_str());
}

} // namespace nabla
