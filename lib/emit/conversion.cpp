#include "emit/conversion.h"
#include "emit/expression.h"
#include "ir/print.h"
#include <cctype>

namespace nabla::emit {
using namespace ir;

std::optional<Integer> integer(const Type &t) {
  static const std::map<std::string, Integer> known = {
      {"bool", {0, false}},
      {"char", {1, true, true}},
      {"signed char", {1, true}},
      {"unsigned char", {1, false}},
      {"std::int8_t", {1, true}},
      {"int8_t", {1, true}},
      {"std::uint8_t", {1, false}},
      {"uint8_t", {1, false}},
      {"short", {2, true}},
      {"unsigned short", {2, false}},
      {"std::int16_t", {2, true}},
      {"int16_t", {2, true}},
      {"std::uint16_t", {2, false}},
      {"uint16_t", {2, false}},
      {"int", {3, true}},
      {"unsigned int", {3, false}},
      {"unsigned", {3, false}},
      {"std::int32_t", {3, true}},
      {"int32_t", {3, true}},
      {"std::uint32_t", {3, false}},
      {"uint32_t", {3, false}},
      {"long", {4, true}},
      {"unsigned long", {4, false}},
      {"long long", {4, true}},
      {"unsigned long long", {4, false}},
      {"std::int64_t", {4, true}},
      {"int64_t", {4, true}},
      {"std::uint64_t", {4, false}},
      {"uint64_t", {4, false}},
      {"std::size_t", {4, false}},
      {"size_t", {4, false}},
      {"std::ptrdiff_t", {4, true}},
      {"ptrdiff_t", {4, true}},
      {"ssize_t", {4, true}},
  };
  if (!t.is_discrete())
    return std::nullopt;
  auto found = known.find(t.spelling());
  return found == known.end() ? std::nullopt : std::optional<Integer>(found->second);
}

int real_rank(const Type &t) {
  if (!t.is(Type::Real))
    return 0;
  return t.spelling() == "float" ? 1 : t.spelling() == "double" ? 2 : t.spelling() == "long double" ? 3 : 0;
}

bool widens(const Type &from, const Type &to) {
  std::optional<Integer> a = integer(from), b = integer(to);
  if (to.is(Type::Real))
    return (a && !from.is(Type::Bool)) || (real_rank(from) && real_rank(from) <= real_rank(to));
  if (!a || !b || to.is(Type::Bool))
    return false;
  return a->is_signed == b->is_signed ? a->rank <= b->rank : !a->is_signed && a->rank < b->rank;
}

bool promotes(const Type &from, const Type &to) {
  std::optional<Integer> a = integer(from), b = integer(to);
  return a && b && a->rank < 3 && b->rank == 3 && b->is_signed;
}

bool yields_to(const Type &from, const Type &to) {
  std::optional<Integer> b = integer(to);
  return widens(from, to) && (to.is(Type::Real) || (b && b->rank >= 3));
}

bool is_plain_integer(const std::string &spelling) {
  if (spelling.empty() || (spelling.size() > 1 && spelling[0] == '0'))
    return false;
  for (char c : spelling)
    if (!std::isdigit(static_cast<unsigned char>(c)))
      return false;
  return true;
}

bool is_number(const std::string &spelling) {
  bool starts = !spelling.empty() && (std::isdigit(static_cast<unsigned char>(spelling[0])) ||
                                      (spelling[0] == '.' && spelling.size() > 1));
  if (!starts)
    return false;
  for (std::size_t i = 0; i < spelling.size(); ++i) {
    char c = spelling[i], before = i ? spelling[i - 1] : ' ';
    bool is_sign = (c == '+' || c == '-') && std::string("eEpP").find(before) != std::string::npos;
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '\'' && !is_sign)
      return false;
  }
  return true;
}

namespace {

bool is_hex(const std::string &s) { return s.size() > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'); }

bool is_floating(const std::string &s) {
  return s.find('.') != std::string::npos || s.find_first_of(is_hex(s) ? "pP" : "eE") != std::string::npos;
}

/// Where the suffix begins.
std::size_t end_of_digits(const std::string &s, bool floating) {
  std::size_t n = s.size();
  const char *letters = !floating                                                 ? "uUlLzZ"
                        : is_hex(s) && s.find_first_of("pP") == std::string::npos ? "lL"
                                                                                  : "fFlL";
  while (n > 1 && std::string(letters).find(s[n - 1]) != std::string::npos)
    --n;
  return n;
}

std::string typed_real(const std::string &s, const Type &type) {
  bool floating = is_floating(s);
  std::string digits = s.substr(0, end_of_digits(s, floating));
  if (!floating)
    digits += is_hex(s) ? "p0" : ".0";
  int rank = real_rank(type);
  return digits + (rank == 1 ? "f" : rank == 3 ? "L" : "");
}

std::string suffix_of(const Integer &i) {
  if (i.rank <= 3)
    return i.is_signed ? "" : "u";
  return i.is_signed ? "L" : "uL";
}

bool fits_int(const std::string &s) {
  return is_plain_integer(s) && (s.size() < 10 || (s.size() == 10 && s <= "2147483647"));
}

} // namespace

bool has_type(const std::string &s, const Type &type) {
  if (!is_number(s))
    return true; // a name or an expression: import gave it its type
  if (type.is(Type::Real))
    return is_floating(s) && typed_real(s, type) == s;
  std::optional<Integer> want = integer(type);
  if (!want)
    return false;
  if (is_floating(s))
    return false;
  if (is_plain_integer(s))
    return want->rank == 3 && want->is_signed && fits_int(s);
  return true;
}

std::string typed_literal(const std::string &s, const Type &type) {
  if (!is_number(s) || has_type(s, type))
    return s;
  if (type.is(Type::Real))
    return typed_real(s, type);
  std::optional<Integer> want = integer(type);
  if (!want || want->rank < 3 || is_floating(s))
    return cast_text(Type::integer(), type, s);
  return s.substr(0, end_of_digits(s, false)) + suffix_of(*want);
}

Type drop_const(const Type &t) {
  return t.is(Type::Array) ? Type::array(drop_const(t.element()), t.extent()) : t.with_const(false);
}

} // namespace nabla::emit
