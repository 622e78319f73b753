// A string as a key: what generated code keeps of the keys of a std::map<std::string, T>. Copied like a number, compared
// like the string. Equal strings are one, kept until the program ends.
#pragma once
#include <cstddef>

namespace nabla {

class text {
public:
  text() = default;
  constexpr text(int) {} // none
  text(const char *chars);
  template <class S, class = typename S::traits_type>
  text(const S &string) : text(string.data(), string.size()) {}
  text(const char *chars, std::size_t size);

  const char *data() const;
  std::size_t size() const;
  friend bool operator==(text a, text b) { return a.kept_ == b.kept_; }
  friend bool operator!=(text a, text b) { return a.kept_ != b.kept_; }
  friend bool operator<(text a, text b);

private:
  const void *kept_ = nullptr;
};

/// The string itself, of whatever class.
template <class S> S string_of(text t) { return S(t.data(), t.size()); }

/// A character of a string, which may be another string later.
template <class S> typename S::value_type character(const S &string, std::size_t at) { return string[at]; }

} // namespace nabla
