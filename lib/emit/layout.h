// Lines of text: indentation, breaking of long ones, user lines as trailing comments in a column.
#pragma once
#include <string>
#include <vector>

namespace nabla::emit {

class Layout {
public:
  explicit Layout(unsigned width) : width_(width) {}
  void line(unsigned depth, const std::string &text, const std::string &comment = "");
  void blank() { lines_.push_back({}); }
  std::string text() const;

private:
  struct Line {
    unsigned indent = 0;
    std::string text, comment;
  };
  std::size_t column() const;
  std::vector<Line> lines_;
  unsigned width_;
};

/// Breaks before `width` at the outermost places: after commas and operators. Continuations are indented by 4
/// more.
std::vector<std::string> wrap(const std::string &text, unsigned indent, unsigned width);

/// A user's line as one that may stand behind `//`: one line, valid UTF-8, nothing that continues it on the
/// next.
std::string comment_text(const std::string &line, std::size_t limit = 72);

} // namespace nabla::emit
