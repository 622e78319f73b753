#include "ir/diagnostic.h"

namespace nabla {
namespace {

struct Row {
  unsigned number;
  const char *message, *advice;
};

constexpr Row rows[] = {
#define NABLA_DIAG(ID, NUMBER, MESSAGE, ADVICE) {NUMBER, MESSAGE, ADVICE},
#include "ir/diagnostics.def"
#undef NABLA_DIAG
};

/// Users know their names without the :: that generated text may need.
std::string plain(const std::string &text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char before = out.empty() ? ' ' : out.back();
    const bool is_alone = before == ' ' || before == '\'' || before == '<' || before == '(' || before == '&';
    if (is_alone && text.compare(i, 2, "::") == 0)
      ++i;
    else
      out += text[i];
  }
  return out;
}

/// `{0}` becomes args[0], and so on; an argument that was not given leaves nothing.
std::string fill(const std::string &pattern, const std::vector<std::string> &args) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    bool is_hole = pattern[i] == '{' && i + 2 < pattern.size() && pattern[i + 2] == '}' &&
                   pattern[i + 1] >= '0' && pattern[i + 1] <= '9';
    if (!is_hole) {
      out += pattern[i];
      continue;
    }
    std::size_t number = pattern[i + 1] - '0';
    if (number < args.size())
      out += plain(args[number]);
    i += 2;
  }
  return out;
}

} // namespace

std::string Refusal::text() const {
  for (const Row &row : rows)
    if (row.number == static_cast<unsigned>(id)) {
      std::string advice = fill(row.advice, args);
      return fill(row.message, args) + (advice.empty() ? "" : "; " + advice) + " [nabla N" +
             std::to_string(row.number) + "]";
    }
  return "internal error: diagnostic without a row [nabla N" + std::to_string(static_cast<unsigned>(id)) +
         "]";
}

} // namespace nabla
