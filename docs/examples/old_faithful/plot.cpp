#include "plot.hpp"
#include <cmath>
#include <cstdio>

namespace {

const char *const colours[2] = {"#1f6fb4", "#d1495b"};
constexpr double pi = 3.14159265358979323846;

/// Where data coordinates land on the page.
struct Frame {
  double width = 760, height = 560, left = 72, right = 24, top = 56, bottom = 64;
  double x_low = 1.0, x_high = 5.5, y_low = 30, y_high = 100;
  double x(double v) const { return left + (v - x_low) / (x_high - x_low) * (width - left - right); }
  double y(double v) const {
    return height - bottom - (v - y_low) / (y_high - y_low) * (height - top - bottom);
  }
};

double density(const Component &c, double x, double y) {
  double det = c.xx * c.yy - c.xy * c.xy, dx = x - c.mean_x, dy = y - c.mean_y;
  double squared = (c.yy * dx * dx - 2 * c.xy * dx * dy + c.xx * dy * dy) / det;
  return c.weight * std::exp(-0.5 * squared) / (2 * pi * std::sqrt(det));
}

void draw_axes(std::FILE *out, const Frame &f) {
  double x0 = f.x(f.x_low), x1 = f.x(f.x_high), y0 = f.y(f.y_low), y1 = f.y(f.y_high);
  std::fprintf(out, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='#fafafa' stroke='none'/>\n", x0,
               y1, x1 - x0, y0 - y1);
  for (double v = f.x_low; v <= f.x_high + 1e-9; v += 0.5) {
    std::fprintf(out, "<path d='M%.1f %.1fV%.1f' stroke='#e3e3e3'/>\n", f.x(v), y0, y1);
    std::fprintf(out, "<path d='M%.1f %.1fv6' stroke='#444'/>\n", f.x(v), y0);
    std::fprintf(out, "<text x='%.1f' y='%.1f' text-anchor='middle'>%.1f</text>\n", f.x(v), y0 + 22, v);
  }
  for (double v = f.y_low; v <= f.y_high + 1e-9; v += 10) {
    std::fprintf(out, "<path d='M%.1f %.1fH%.1f' stroke='#e3e3e3'/>\n", x0, f.y(v), x1);
    std::fprintf(out, "<path d='M%.1f %.1fh-6' stroke='#444'/>\n", x0, f.y(v));
    std::fprintf(out, "<text x='%.1f' y='%.1f' text-anchor='end'>%.0f</text>\n", x0 - 11, f.y(v) + 5, v);
  }
  std::fprintf(out, "<path d='M%.1f %.1fV%.1fH%.1f' fill='none' stroke='#444'/>\n", x0, y1, y0, x1);
  std::fprintf(out, "<text x='%.1f' y='%.1f' text-anchor='middle'>duration of the eruption (min)</text>\n",
               (x0 + x1) / 2, f.height - 18);
  std::fprintf(out,
               "<text transform='translate(22 %.1f) rotate(-90)' text-anchor='middle'>wait for the next "
               "eruption (min)</text>\n",
               (y0 + y1) / 2);
  std::fprintf(out,
               "<text x='%.1f' y='30' text-anchor='middle' font-size='18' font-weight='600'>"
               "Old Faithful: 272 eruptions and a mixture of two Gaussians</text>\n",
               (x0 + x1) / 2);
}

/// The curve of points that are `radius` standard deviations away from the mean.
void draw_ellipse(std::FILE *out, const Frame &f, const Component &c, double radius, const char *style) {
  double l11 = std::sqrt(c.xx), l21 = c.xy / l11, l22 = std::sqrt(c.yy - l21 * l21);
  for (int i = 0; i <= 120; ++i) {
    double s = radius * std::cos(2 * pi * i / 120), t = radius * std::sin(2 * pi * i / 120);
    std::fprintf(out, "%s%.2f %.2f", i ? "L" : "<path d='M", f.x(c.mean_x + l11 * s),
                 f.y(c.mean_y + l21 * s + l22 * t));
  }
  std::fprintf(out, "Z' %s/>\n", style);
}

void draw_component(std::FILE *out, const Frame &f, const Component &c, const char *colour) {
  std::string fill =
      std::string("fill='") + colour + "' fill-opacity='0.10' stroke='" + colour + "' stroke-width='2'";
  std::string line =
      std::string("fill='none' stroke='") + colour + "' stroke-width='1.2' stroke-dasharray='5 4'";
  draw_ellipse(out, f, c, 2.447747, fill.c_str()); // holds 95 %
  draw_ellipse(out, f, c, 1.177410, line.c_str()); // holds 50 %
  std::fprintf(out, "<path d='M%.1f %.1fm-6 0h12m-6 -6v12' stroke='%s' stroke-width='2.5'/>\n", f.x(c.mean_x),
               f.y(c.mean_y), colour);
}

void draw_legend(std::FILE *out, const Frame &f, const Component (&components)[2]) {
  double x = f.x(f.x_low) + 18, y = f.y(f.y_high) + 26;
  std::fprintf(out,
               "<rect x='%.1f' y='%.1f' width='272' height='92' rx='4' fill='white' stroke='#cccccc'/>\n",
               x - 10, y - 18);
  for (int k = 0; k < 2; ++k, y += 22) {
    std::fprintf(out, "<circle cx='%.1f' cy='%.1f' r='4' fill='%s' fill-opacity='0.75'/>\n", x + 6, y - 5,
                 colours[k]);
    std::fprintf(out, "<text x='%.1f' y='%.1f'>weight %.3f, mean (%.2f, %.1f)</text>\n", x + 22, y,
                 components[k].weight, components[k].mean_x, components[k].mean_y);
  }
  std::fprintf(out, "<path d='M%.1f %.1fh16' stroke='#444' stroke-width='2'/>\n", x - 2, y - 5);
  std::fprintf(out, "<text x='%.1f' y='%.1f'>holds 95 %% of the component</text>\n", x + 22, y);
  y += 22;
  std::fprintf(out, "<path d='M%.1f %.1fh16' stroke='#444' stroke-dasharray='5 4'/>\n", x - 2, y - 5);
  std::fprintf(out, "<text x='%.1f' y='%.1f'>holds 50 %% of the component</text>\n", x + 22, y);
}

} // namespace

bool write_plot(const std::string &file, const std::vector<double> &points,
                const Component (&components)[2]) {
  std::FILE *out = std::fopen(file.c_str(), "w");
  if (!out)
    return false;
  Frame f;
  std::fprintf(out,
               "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %g %g' font-family='sans-serif' "
               "font-size='14' fill='#222'>\n<rect width='100%%' height='100%%' fill='white'/>\n",
               f.width, f.height);
  draw_axes(out, f);
  for (int k = 0; k < 2; ++k)
    draw_component(out, f, components[k], colours[k]);
  for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
    bool second =
        density(components[1], points[i], points[i + 1]) > density(components[0], points[i], points[i + 1]);
    std::fprintf(out, "<circle cx='%.2f' cy='%.2f' r='3' fill='%s' fill-opacity='0.75'/>\n", f.x(points[i]),
                 f.y(points[i + 1]), colours[second]);
  }
  draw_legend(out, f, components);
  std::fprintf(out, "</svg>\n");
  return std::fclose(out) == 0;
}
