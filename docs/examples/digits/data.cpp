#include "digits.hpp"

#include <cstdio>
#include <stdexcept>

Digits read_digits(const std::string &path) {
  FILE *const file = popen(("gzip -dc '" + path + "'").c_str(), "r");
  if (!file)
    throw std::runtime_error("cannot run gzip");
  std::vector<float> pixels;
  std::vector<std::int64_t> labels;
  for (int value, column = 0; std::fscanf(file, "%d%*[,\r\n]", &value) == 1; column = (column + 1) % 65)
    if (column < 64)
      pixels.push_back(static_cast<float>(value) / 16);
    else
      labels.push_back(value);
  if (pclose(file) != 0 || labels.empty() || pixels.size() != 64 * labels.size())
    throw std::runtime_error("cannot read " + path);
  const std::int64_t n = static_cast<std::int64_t>(labels.size());
  const nabla::Tensor order = nabla::randperm(n);
  return {nabla::tensor(pixels).view({n, 64}).index_select(0, order),
          nabla::tensor(labels).index_select(0, order)};
}
