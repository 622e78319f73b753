#include "digits.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

namespace {

constexpr double left = 70, top = 40, width = 560, height = 300;

struct Axes {
  double epochs, low, high; // of log10(loss)
  double x(double epoch) const { return left + width * (epoch - 1) / std::max(epochs - 1, 1.0); }
  double y(double loss) const { return top + height * (high - std::log10(loss)) / (high - low); }
};

std::string number(double v, const char *format = "%.1f") {
  char text[32];
  std::snprintf(text, sizeof text, format, v);
  return text;
}

void curve(std::ostream &out, const Axes &axes, const std::vector<double> &losses, const char *colour,
           const char *name) {
  out << "<polyline fill='none' stroke='" << colour << "' stroke-width='2' stroke-linejoin='round' points='";
  for (std::size_t i = 0; i < losses.size(); ++i)
    out << number(axes.x(static_cast<double>(i + 1))) << ',' << number(axes.y(losses[i])) << ' ';
  out << "'/>\n<text x='" << left + width + 8 << "' y='" << number(axes.y(losses.back()) + 4) << "' fill='"
      << colour << "'>" << name << "</text>\n";
}

} // namespace

void draw(const Curves &curves, double accuracy, const std::string &path) {
  const auto [low, high] = std::minmax_element(curves.train.begin(), curves.train.end());
  const double least = std::min(*low, *std::min_element(curves.test.begin(), curves.test.end()));
  const Axes axes{static_cast<double>(curves.train.size()), std::floor(std::log10(least)),
                  std::ceil(std::log10(*high))};
  std::ofstream out(path);
  out << "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 700 400' font-family='sans-serif' "
         "font-size='13'>\n"
      << "<rect width='700' height='400' fill='#ffffff'/>\n"
      << "<text x='" << left
      << "' y='24' font-size='15' fill='#222222'>Cross entropy per epoch; accuracy on the test digits "
      << number(100 * accuracy) << " %</text>\n";
  for (double decade = axes.low; decade <= axes.high; ++decade) {
    const double y = axes.y(std::pow(10, decade));
    out << "<line x1='" << left << "' x2='" << left + width << "' y1='" << number(y) << "' y2='" << number(y)
        << "' stroke='#dddddd'/>\n<text x='" << left - 10 << "' y='" << number(y + 4)
        << "' text-anchor='end' fill='#666666'>" << number(std::pow(10, decade), "%g") << "</text>\n";
  }
  const std::size_t step = std::max<std::size_t>(curves.train.size() / 6 / 5 * 5, 1);
  for (std::size_t epoch = step; epoch <= curves.train.size(); epoch += step)
    out << "<text x='" << number(axes.x(static_cast<double>(epoch))) << "' y='" << top + height + 20
        << "' text-anchor='middle' fill='#666666'>" << epoch << "</text>\n";
  out << "<text x='" << left + width / 2 << "' y='" << top + height + 42
      << "' text-anchor='middle' fill='#666666'>epoch</text>\n";
  curve(out, axes, curves.train, "#1f77b4", "train");
  curve(out, axes, curves.test, "#d62728", "test");
  out << "</svg>\n";
}
