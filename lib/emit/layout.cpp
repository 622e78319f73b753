#include "emit/layout.h"
#include <algorithm>

namespace nabla::emit {
namespace {

std::size_t skip_literal(const std::string &text, std::size_t i) {
  char quote = text[i++];
  while (i < text.size() && text[i] != quote)
    i += text[i] == '\\' ? 2 : 1;
  return i;
}

/// How unwelcome a break at this space is; negative: none.
int penalty(const std::string &text, std::size_t space) {
  auto ends = [&](const std::string &with) {
    return space >= with.size() && text.compare(space - with.size(), with.size(), with) == 0;
  };
  auto begins = [&](const std::string &with) { return text.compare(space, with.size(), with) == 0; };
  if (ends(";") || ends(","))
    return 0;
  if (begins(" ? ") || begins(" : "))
    return 1;
  if (ends(" ||"))
    return 1;
  if (ends(" &&"))
    return 2;
  if (ends(" ==") || ends(" !=") || ends(" <") || ends(" <=") || ends(" >") || ends(" >="))
    return 3;
  if (ends(" +") || ends(" -"))
    return 4;
  if (ends(" *") || ends(" /") || ends(" %"))
    return 5;
  if (ends(" =") || ends(" +=") || ends(" -="))
    return 6;
  return ends("return") || begins(" {") ? -1 : 9;
}

struct Break {
  std::size_t at;
  int cost;
};

std::vector<Break> breaks_of(const std::string &text) {
  std::vector<Break> out;
  int depth = 0;
  bool is_declarator = true; // "const double *p" stays together
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"' || c == '\'')
      i = skip_literal(text, i);
    else if (c == '(' || c == '[' || c == '{')
      ++depth;
    else if (c == ')' || c == ']' || c == '}')
      --depth;
    else if (c == ' ')
      if (int p = penalty(text, i); p >= 0 && !(p == 9 && is_declarator)) {
        out.push_back({i, 10 * depth + p});
        is_declarator = is_declarator && p != 6;
      }
  }
  return out;
}

} // namespace

std::vector<std::string> wrap(const std::string &text, unsigned indent, unsigned width) {
  std::vector<std::string> out;
  std::vector<Break> breaks = breaks_of(text);
  std::size_t begin = 0, room = width > indent + 40 ? width - indent : 40;
  while (text.size() - begin > room) {
    const Break *best = nullptr;
    for (const Break &b : breaks)
      if (b.at > begin + room / 4 && b.at <= begin + room && (!best || b.cost <= best->cost))
        best = &b;
    if (!best)
      for (const Break &b : breaks)
        if (b.at > begin && (!best || best->at <= begin + room / 4))
          best = &b;
    if (!best)
      break;
    out.push_back(text.substr(begin, best->at - begin));
    begin = best->at + 1;
    room = width > indent + 44 ? width - indent - 4 : 36;
  }
  out.push_back(text.substr(begin));
  return out;
}

namespace {

/// Bytes of the UTF-8 character at `i`, 0 if there is none or it changes the direction of writing.
std::size_t character(const std::string &s, std::size_t i) {
  unsigned char c = s[i];
  std::size_t n = c < 0x80                ? 1
                  : c >= 0xc2 && c < 0xe0 ? 2
                  : c >= 0xe0 && c < 0xf0 ? 3
                  : c >= 0xf0 && c < 0xf5 ? 4
                                          : 0;
  if (n == 0 || i + n > s.size())
    return 0;
  unsigned long code = n == 1 ? c : c & (0x7f >> n);
  for (std::size_t k = 1; k < n; ++k) {
    if ((s[i + k] & 0xc0) != 0x80)
      return 0;
    code = code << 6 | (s[i + k] & 0x3f);
  }
  bool is_bad = (n == 3 && code < 0x800) || (n == 4 && (code < 0x10000 || code > 0x10ffff)) ||
                (code >= 0xd800 && code < 0xe000);
  bool turns = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0x2028 ||
               code == 0x2029 || code == 0x85;
  return is_bad || turns ? 0 : n;
}

void strip_continuation(std::string &s) {
  for (;;) {
    if (!s.empty() && (s.back() == ' ' || s.back() == '\\'))
      s.pop_back();
    else if (s.size() >= 3 && s.compare(s.size() - 3, 3, "?\?/") == 0)
      s.resize(s.size() - 3);
    else
      return;
  }
}

} // namespace

std::string comment_text(const std::string &line, std::size_t limit) {
  std::string out;
  std::size_t count = 0;
  for (std::size_t i = 0; i < line.size();) {
    unsigned char c = line[i];
    std::size_t n = character(line, i);
    if (c <= ' ' || c == 0x7f) {
      if (!out.empty() && out.back() != ' ')
        out += ' ', ++count;
      ++i;
    } else {
      out += n ? line.substr(i, n) : "?";
      i += n ? n : 1;
      while (n == 0 && i < line.size() && (line[i] & 0xc0) == 0x80)
        ++i; // the rest of what is no character
      ++count;
    }
    if (count >= limit && i < line.size()) {
      strip_continuation(out);
      return out + " ...";
    }
  }
  strip_continuation(out);
  return out;
}

void Layout::line(unsigned depth, const std::string &text, const std::string &comment) {
  unsigned indent = 2 * depth;
  bool is_comment = text.compare(0, 2, "//") == 0;
  std::vector<std::string> parts = is_comment ? std::vector<std::string>{text} : wrap(text, indent, width_);
  if (parts.size() > 1 && !comment.empty())
    lines_.push_back({indent, "// " + comment, ""});
  lines_.push_back({indent, parts[0], parts.size() == 1 ? comment : ""});
  for (std::size_t i = 1; i < parts.size(); ++i)
    lines_.push_back({indent + 4, parts[i], ""});
}

/// Where trailing comments begin: behind the longest commented line that is not too long.
std::size_t Layout::column() const {
  std::size_t longest = 0;
  for (const Line &l : lines_)
    if (!l.comment.empty() && l.indent + l.text.size() <= 50)
      longest = std::max(longest, l.indent + l.text.size());
  return longest + 2;
}

std::string Layout::text() const {
  std::string out;
  std::size_t at = column();
  for (const Line &l : lines_) {
    std::string text = l.text.empty() ? "" : std::string(l.indent, ' ') + l.text;
    if (!l.comment.empty()) {
      std::size_t start = std::max(at, text.size() + 2);
      if (start + l.comment.size() > width_ + 30u)
        out += std::string(l.indent, ' ') + "// " + l.comment + "\n";
      else
        text += std::string(start - text.size(), ' ') + "// " + l.comment;
    }
    out += text + "\n";
  }
  return out;
}

} // namespace nabla::emit
