#include "diff/report.h"
#include "diff/offset.h"
#include "ir/build.h"
#include "ir/print.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;

namespace {

std::string line_of(const Loc &loc) { return loc ? std::to_string(loc->line) : "-"; }

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

} // namespace

std::string trips_formula(const For &loop, long more) {
  bool up = loop.step > 0;
  const Ex &low = up ? loop.first : loop.bound, &high = up ? loop.bound : loop.first;
  if (loop.cmp == For::LE || loop.cmp == For::GE)
    ++more;
  long step = std::abs(loop.step);
  auto from = plain_integer(low);
  std::string trips = from && step == 1 ? print(moved(high, more - *from)) : print(high) + " - " + print(low);
  if (step != 1)
    trips = "(" + trips + ") / " + std::to_string(step);
  if (more != 0 && !(from && step == 1))
    trips += " + " + std::to_string(more);
  bool is_name = std::all_of(trips.begin(), trips.end(),
                             [](unsigned char c) { return std::isalnum(c) || c == '_' || c == ':'; });
  return is_name ? trips : "(" + trips + ")";
}

std::string table(const Report &report, const std::string &head) {
  std::string out = head + "\n";
  std::size_t name = 5, bytes = 5;
  for (const Report::Row &r : report.rows) {
    name = std::max(name, r.name.size());
    bytes = std::max(bytes, r.bytes.size());
  }
  auto line = [&](const std::string &at, const std::string &what, const std::string &how,
                  const std::string &size, const std::string &why) {
    out += "  " + padded(at, 6) + padded(what, name + 2) + padded(how, 12) + padded(size, bytes + 2) + why +
           "\n";
  };
  line("line", "value", "", "bytes", "why");
  for (const char *how : {"stored", "copied", "recomputed"})
    for (const Report::Row &r : report.rows)
      if (r.how == how)
        line(line_of(r.loc), r.name, r.how, r.bytes, r.reason);
  out += "  " + std::to_string(report.still_there) + " values are still there, " +
         std::to_string(report.reread) + " are read from memory again\n";
  out += "  " + std::to_string(report.fused.size()) + " of " + std::to_string(report.loops) + " loops fused";
  for (std::size_t i = 0; i < report.fused.size(); ++i)
    out += (i ? ", " : ": line ") + line_of(report.fused[i]);
  return out + "\n";
}

std::string line_of_blocks(const Loc &loop) {
  return "  line " + line_of(loop) +
         ": recorded in blocks of half a MiB (NABLA_BLOCK_BYTES) where all is more than a quarter of the "
         "last-level cache\n";
}

} // namespace nabla::diff
