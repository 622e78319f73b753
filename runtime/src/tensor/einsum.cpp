// Einstein summation: "ij,jk->ik". Operands are contracted from left to right; each contraction is one batched matrix product of
// [shared and kept][first only][summed] with [shared and kept][summed][second only].
#include "ops_matmul.h"

#include <algorithm>

namespace nabla {

using namespace detail;

namespace {

/// A tensor whose dimensions have names: letters, or 256 + i for the i-th dimension from the right of an ellipsis.
struct Named {
  Tensor tensor;
  std::vector<int> names;
};
constexpr int ellipsis = 256;

bool has(const std::vector<int> &names, int name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}
std::int64_t place(const std::vector<int> &names, int name) {
  return std::find(names.begin(), names.end(), name) - names.begin();
}

/// The names of one subscript list for a tensor of `dims` dimensions.
std::vector<int> parse(const std::string &text, std::int64_t dims, const std::string &equation) {
  std::int64_t letters = 0;
  for (char c : text)
    letters += c != '.' && c != ' ';
  const bool dots = text.find("...") != std::string::npos;
  if (dots ? letters > dims : letters != dims)
    throw ShapeError(
        "einsum(): the number of subscripts in the equation (" + std::to_string(letters) +
        (dots ? ") is more than the number of dimensions (" : ") does not match the number of dimensions (") +
        std::to_string(dims) + ") for an operand" + (dots ? "" : " and no ellipsis was given"));
  std::vector<int> names;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ')
      continue;
    if (text[i] == '.') {
      if (text.compare(i, 3, "...") != 0)
        throw ValueError("einsum(): found '.' that is not part of an ellipsis in \"" + equation + "\"");
      for (std::int64_t d = dims - letters; d > 0; --d)
        names.push_back(ellipsis + static_cast<int>(d - 1));
      i += 2;
    } else if ((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z'))
      names.push_back(text[i]);
    else
      throw ValueError(std::string("einsum(): invalid subscript '") + text[i] +
                       "', subscripts must be in [a-zA-Z]");
  }
  return names;
}

/// Repeated names become their diagonal.
void join_repeated(Named &x) {
  for (std::size_t i = 0; i < x.names.size(); ++i)
    for (std::size_t j = i + 1; j < x.names.size(); ++j)
      if (x.names[i] == x.names[j]) {
        const int name = x.names[i];
        if (x.tensor.size(static_cast<std::int64_t>(i)) != x.tensor.size(static_cast<std::int64_t>(j)))
          throw ShapeError(std::string("einsum(): subscript ") + static_cast<char>(name) +
                           " is repeated for operand but the sizes don't match, " +
                           shape_text(x.tensor.sizes()));
        x.tensor = x.tensor.diagonal(0, static_cast<std::int64_t>(i), static_cast<std::int64_t>(j));
        x.names.erase(x.names.begin() + static_cast<std::ptrdiff_t>(j));
        x.names.erase(x.names.begin() + static_cast<std::ptrdiff_t>(i));
        x.names.push_back(name);
        return join_repeated(x);
      }
}

/// Dimensions in the order of `names`; those that x lacks get size 1.
Tensor arranged(const Named &x, const std::vector<int> &names) {
  std::vector<std::int64_t> order;
  for (int name : names)
    if (has(x.names, name))
      order.push_back(place(x.names, name));
  Tensor t = order.empty() ? x.tensor : x.tensor.permute(order);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!has(x.names, names[i]))
      t = t.unsqueeze(static_cast<std::int64_t>(i));
  return t;
}

/// Sums over the names that nobody needs any more.
void sum_unneeded(Named &x, const std::vector<int> &needed) {
  std::vector<std::int64_t> dims;
  std::vector<int> kept;
  for (std::size_t i = 0; i < x.names.size(); ++i)
    if (has(needed, x.names[i]))
      kept.push_back(x.names[i]);
    else
      dims.push_back(static_cast<std::int64_t>(i));
  if (!dims.empty())
    x = {x.tensor.sum(dims), kept};
}

std::int64_t size_of(const Named &x, int name) {
  return has(x.names, name) ? x.tensor.size(place(x.names, name)) : 1;
}
std::int64_t size_of(const Named &a, const Named &b, int name) {
  const std::int64_t m = size_of(a, name), n = size_of(b, name);
  if (m != n && m != 1 && n != 1)
    throw ShapeError("einsum(): operands do not broadcast with remapped shapes [original->remapped]: " +
                     shape_text(a.tensor.sizes()) + " and " + shape_text(b.tensor.sizes()) +
                     " differ in one subscript: " + std::to_string(m) + " and " + std::to_string(n));
  return m == 1 ? n : m;
}

Named contract(Named a, Named b, const std::vector<int> &needed) {
  std::vector<int> shared, only_a, only_b, summed;
  for (int name : a.names) {
    const bool both = has(b.names, name);
    // a size of 1 broadcasts: the product must not sum it against a longer one
    const bool sums = both && !has(needed, name);
    (sums ? summed : both ? shared : only_a).push_back(name);
  }
  for (int name : b.names)
    if (!has(a.names, name))
      only_b.push_back(name);
  std::vector<std::int64_t> batch;
  std::int64_t sum = 1, rows = 1, columns = 1;
  std::vector<std::int64_t> sizes, wide_a, wide_b;
  for (int name : shared)
    batch.push_back(size_of(a, b, name));
  for (int name : only_a)
    rows *= size_of(a, name);
  for (int name : only_b)
    columns *= size_of(b, name);
  std::vector<std::int64_t> sum_sizes;
  for (int name : summed) {
    sum_sizes.push_back(size_of(a, b, name));
    sum *= sum_sizes.back();
  }
  std::vector<int> order_a = shared, order_b = shared, names = shared;
  order_a.insert(order_a.end(), only_a.begin(), only_a.end());
  order_a.insert(order_a.end(), summed.begin(), summed.end());
  order_b.insert(order_b.end(), summed.begin(), summed.end());
  order_b.insert(order_b.end(), only_b.begin(), only_b.end());
  names.insert(names.end(), only_a.begin(), only_a.end());
  names.insert(names.end(), only_b.begin(), only_b.end());
  auto expanded = [&](const Named &x, const std::vector<int> &order) {
    std::vector<std::int64_t> to;
    for (int name : order)
      to.push_back(has(shared, name) || has(summed, name) ? size_of(a, b, name) : size_of(x, name));
    return arranged(x, order).expand(to);
  };
  std::int64_t entries = 1;
  for (std::int64_t n : batch)
    entries *= n;
  Tensor left = expanded(a, order_a).reshape({entries, rows, sum}),
         right = expanded(b, order_b).reshape({entries, sum, columns});
  Tensor product = entries == 1 ? left.squeeze(0).mm(right.squeeze(0)) : left.bmm(right);
  sizes = batch;
  for (int name : only_a)
    sizes.push_back(size_of(a, name));
  for (int name : only_b)
    sizes.push_back(size_of(b, name));
  return {product.view(sizes), names};
}

/// Letters that occur once, sorted, after the dimensions of an ellipsis.
std::vector<int> implicit_output(const std::vector<Named> &operands) {
  std::vector<int> all, result;
  for (const Named &x : operands)
    for (std::size_t i = 0; i < x.names.size(); ++i)
      all.push_back(x.names[i]);
  for (int name : all)
    if (name >= ellipsis && !has(result, name))
      result.push_back(name);
  std::sort(result.rbegin(), result.rend());
  std::vector<int> letters;
  for (int name : all)
    if (name < ellipsis && std::count(all.begin(), all.end(), name) == 1)
      letters.push_back(name);
  std::sort(letters.begin(), letters.end());
  result.insert(result.end(), letters.begin(), letters.end());
  return result;
}

std::vector<std::string> split_commas(const std::string &text) {
  std::vector<std::string> parts{""};
  for (char c : text)
    if (c == ',')
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

} // namespace

Tensor einsum(const std::string &equation, TensorList tensors) {
  const std::size_t arrow = equation.find("->");
  const std::vector<std::string> parts = split_commas(equation.substr(0, arrow));
  if (parts.size() != tensors.size())
    throw ShapeError("einsum(): " + std::string(parts.size() < tensors.size() ? "more" : "fewer") +
                     " operands were provided than specified in the equation");
  std::vector<Named> operands;
  int dots = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    operands.push_back({tensors[i], parse(parts[i], tensors[i].dim(), equation)});
    for (int name : operands.back().names)
      dots = std::max(dots, name >= ellipsis ? name - ellipsis + 1 : 0);
  }
  std::vector<int> output = implicit_output(operands);
  if (arrow != std::string::npos) {
    const std::string text = equation.substr(arrow + 2);
    std::int64_t letters = 0;
    for (char c : text)
      letters += c != '.' && c != ' ';
    output = parse(text, letters + (text.find("...") != std::string::npos ? dots : 0), equation);
    for (int name : output) {
      if (std::count(output.begin(), output.end(), name) > 1)
        throw ValueError(std::string("einsum(): output subscript ") + static_cast<char>(name) +
                         " appears more than once in the output");
      if (std::none_of(operands.begin(), operands.end(), [&](const Named &x) { return has(x.names, name); }))
        throw ValueError(std::string("einsum(): output subscript ") + static_cast<char>(name) +
                         " does not appear in the equation for any input operand");
    }
  }
  for (Named &x : operands)
    join_repeated(x);
  Named result = operands[0];
  for (std::size_t i = 0; i < operands.size(); ++i) {
    std::vector<int> later = output;
    for (std::size_t j = i + 1; j < operands.size(); ++j)
      later.insert(later.end(), operands[j].names.begin(), operands[j].names.end());
    if (i == 0) {
      sum_unneeded(result, later);
      continue;
    }
    std::vector<int> needed = later;
    needed.insert(needed.end(), result.names.begin(), result.names.end());
    sum_unneeded(operands[i], needed);
    result = contract(result, operands[i], later);
    sum_unneeded(result, later);
  }
  const std::vector<int> &names = result.names;
  if (names == output)
    return result.tensor;
  return arranged(result, output);
}

} // namespace nabla
