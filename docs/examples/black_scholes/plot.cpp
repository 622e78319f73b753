#include "plot.hpp"
#include <cstdio>

namespace {

/// Where data coordinates land on the page: delta on the left axis, gamma on the right one.
struct Frame {
  double width = 760, height = 500, left = 72, right = 80, top = 56, bottom = 64;
  double low = 60, high = 140, most_delta = 1.0, most_gamma = 0.025;
  double x(double v) const { return left + (v - low) / (high - low) * (width - left - right); }
  double y(double part) const { return height - bottom - part * (height - top - bottom); }
};

const char *const blue = "#1f6fb4", *const red = "#d1495b";

void draw_axes(std::FILE *out, const Frame &f) {
  std::fprintf(out, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='#fafafa'/>\n", f.x(f.low),
               f.y(1), f.x(f.high) - f.x(f.low), f.y(0) - f.y(1));
  for (double v = f.low; v <= f.high; v += 10) {
    std::fprintf(out, "<path d='M%.1f %.1fV%.1f' stroke='#e3e3e3'/>\n", f.x(v), f.y(0), f.y(1));
    std::fprintf(out, "<text x='%.1f' y='%.1f' text-anchor='middle'>%.0f</text>\n", f.x(v), f.y(0) + 22, v);
  }
  for (int i = 0; i <= 5; ++i) {
    const double y = f.y(0.2 * i);
    std::fprintf(out, "<path d='M%.1f %.1fH%.1f' stroke='#e3e3e3'/>\n", f.x(f.low), y, f.x(f.high));
    std::fprintf(out, "<text x='%.1f' y='%.1f' text-anchor='end' fill='%s'>%.1f</text>\n", f.x(f.low) - 10,
                 y + 5, blue, 0.2 * i * f.most_delta);
    std::fprintf(out, "<text x='%.1f' y='%.1f' fill='%s'>%.3f</text>\n", f.x(f.high) + 10, y + 5, red,
                 0.2 * i * f.most_gamma);
  }
  std::fprintf(out, "<text x='%.1f' y='%.1f' text-anchor='middle'>spot price</text>\n",
               (f.x(f.low) + f.x(f.high)) / 2, f.height - 18);
  std::fprintf(
      out, "<text transform='translate(22 %.1f) rotate(-90)' text-anchor='middle' fill='%s'>delta</text>\n",
      f.y(0.5), blue);
  std::fprintf(
      out, "<text transform='translate(%.1f %.1f) rotate(-90)' text-anchor='middle' fill='%s'>gamma</text>\n",
      f.width - 12, f.y(0.5), red);
  std::fprintf(
      out,
      "<text x='%.1f' y='30' text-anchor='middle' font-size='18' font-weight='600'>A call, strike 100: "
      "closed form and Monte Carlo</text>\n",
      (f.x(f.low) + f.x(f.high)) / 2);
}

template <class Y>
void draw_curve(std::FILE *out, const Frame &f, const std::vector<Point> &curve, const char *colour, Y y) {
  for (std::size_t i = 0; i < curve.size(); ++i)
    std::fprintf(out, "%s%.2f %.2f", i ? "L" : "<path d='M", f.x(curve[i].spot), f.y(y(curve[i])));
  std::fprintf(out, "' fill='none' stroke='%s' stroke-width='2'/>\n", colour);
}

void draw_estimate(std::FILE *out, const Frame &f, double x, double y, double error, const char *colour) {
  std::fprintf(out, "<path d='M%.2f %.2fV%.2f' stroke='%s' stroke-width='1.2'/>\n", f.x(x),
               f.y(y - 2 * error), f.y(y + 2 * error), colour);
  std::fprintf(out, "<circle cx='%.2f' cy='%.2f' r='3.5' fill='%s'/>\n", f.x(x), f.y(y), colour);
}

} // namespace

bool write_plot(const std::string &file, const std::vector<Point> &curve,
                const std::vector<Point> &estimates) {
  std::FILE *out = std::fopen(file.c_str(), "w");
  if (!out)
    return false;
  Frame f;
  std::fprintf(out,
               "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %g %g' font-family='sans-serif' "
               "font-size='14' fill='#222'>\n<rect width='100%%' height='100%%' fill='white'/>\n",
               f.width, f.height);
  draw_axes(out, f);
  draw_curve(out, f, curve, blue, [&](const Point &p) { return p.delta / f.most_delta; });
  draw_curve(out, f, curve, red, [&](const Point &p) { return p.gamma / f.most_gamma; });
  for (const Point &p : estimates) {
    draw_estimate(out, f, p.spot, p.delta / f.most_delta, p.delta_error / f.most_delta, blue);
    draw_estimate(out, f, p.spot, p.gamma / f.most_gamma, p.gamma_error / f.most_gamma, red);
  }
  std::fprintf(out, "</svg>\n");
  return std::fclose(out) == 0;
}
