#include "nabla/text.h"
#include <cstring>
#include <mutex>
#include <string>
#include <unordered_set>

namespace nabla {
namespace {

const std::string &string_at(const void *kept) {
  static const std::string none;
  return kept ? *static_cast<const std::string *>(kept) : none;
}

const void *keep(std::string string) {
  static std::mutex one_at_a_time;
  static auto *all =
      new std::unordered_set<std::string>; // destructors at the end of the program may still look
  const std::lock_guard<std::mutex> lock(one_at_a_time);
  return &*all->insert(std::move(string)).first;
}

} // namespace

text::text(const char *chars, std::size_t size) : kept_(keep(std::string(chars, size))) {}
text::text(const char *chars) : text(chars, std::strlen(chars)) {}

const char *text::data() const { return string_at(kept_).data(); }
std::size_t text::size() const { return string_at(kept_).size(); }

bool operator<(text a, text b) { return a.kept_ != b.kept_ && string_at(a.kept_) < string_at(b.kept_); }

} // namespace nabla
