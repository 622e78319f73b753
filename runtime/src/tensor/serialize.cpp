#include "impl.h"

#include <nabla/tensor/serialize.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <set>

namespace nabla {

using namespace detail;

namespace {

constexpr std::uint64_t most_header = 100u << 20; ///< as the reference implementation

struct TypeName {
  ScalarType type;
  const char *name;
};
constexpr TypeName type_names[] = {{ScalarType::Bool, "BOOL"},
                                   {ScalarType::Int, "I32"},
                                   {ScalarType::Long, "I64"},
                                   {ScalarType::Float, "F32"},
                                   {ScalarType::Double, "F64"}};

std::string quoted(const std::string &s) {
  static const char hex[] = "0123456789abcdef";
  std::string r = "\"";
  for (char c : s) {
    const unsigned char u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      r += '\\';
    if (u < 0x20)
      r += std::string("\\u00") + hex[u >> 4] + hex[u & 15];
    else
      r += c;
  }
  return r + "\"";
}

[[noreturn]] void malformed(const std::string &what) { throw ValueError("not a safetensors file: " + what); }

/// Just enough JSON for the header.
class Reader {
  const std::string &text_;
  std::size_t at_ = 0;

  void skip() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
      ++at_;
  }
  static void append(std::string &s, unsigned code) { // UTF-8
    if (code < 0x80)
      s += static_cast<char>(code);
    else if (code < 0x800)
      (s += static_cast<char>(0xc0 | code >> 6)) += static_cast<char>(0x80 | (code & 63));
    else
      ((s += static_cast<char>(0xe0 | code >> 12)) += static_cast<char>(0x80 | (code >> 6 & 63))) +=
          static_cast<char>(0x80 | (code & 63));
  }

public:
  explicit Reader(const std::string &text) : text_(text) {}
  char peek() {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    const bool there = peek() == c;
    at_ += there;
    return there;
  }
  void expect(char c) {
    if (!take(c))
      malformed(std::string("'") + c + "' expected at byte " + std::to_string(at_) + " of the header");
  }
  std::string string() {
    expect('"');
    std::string s;
    while (at_ < text_.size() && text_[at_] != '"') {
      char c = text_[at_++];
      if (c == '\\' && at_ < text_.size()) {
        c = text_[at_++];
        if (c == 'u') {
          if (at_ + 4 > text_.size() || text_.find_first_not_of("0123456789abcdefABCDEF", at_) < at_ + 4)
            malformed("a bad escape in a name");
          append(s, static_cast<unsigned>(std::stoul(text_.substr(at_, 4), nullptr, 16)));
          at_ += 4;
          continue;
        }
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c;
      }
      s += c;
    }
    expect('"');
    return s;
  }
  std::int64_t number() {
    skip();
    std::int64_t n = 0;
    const std::size_t first = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (n > (std::numeric_limits<std::int64_t>::max() - 9) / 10)
        malformed("a number is too large");
      n = n * 10 + (text_[at_] - '0');
    }
    if (at_ == first)
      malformed("a number expected at byte " + std::to_string(at_) + " of the header");
    return n;
  }
  std::vector<std::int64_t> numbers() {
    std::vector<std::int64_t> v;
    expect('[');
    if (take(']'))
      return v;
    do
      v.push_back(number());
    while (take(','));
    expect(']');
    return v;
  }
};

struct Entry {
  std::string name, type;
  std::vector<std::int64_t> shape, offsets;
};

/// The header's entries, and the names whose tensors required gradients.
std::vector<Entry> parse(const std::string &header, std::set<std::string> &requires_grad) {
  Reader r(header);
  std::vector<Entry> entries;
  r.expect('{');
  if (r.take('}'))
    return entries;
  do {
    Entry e;
    e.name = r.string();
    r.expect(':');
    r.expect('{');
    const bool metadata = e.name == "__metadata__";
    if (!r.take('}')) {
      do {
        const std::string key = r.string();
        r.expect(':');
        if (metadata) {
          const std::string value = r.string();
          if (key.compare(0, 14, "requires_grad:") == 0 && value == "true")
            requires_grad.insert(key.substr(14));
        } else if (key == "dtype")
          e.type = r.string();
        else if (key == "shape")
          e.shape = r.numbers();
        else if (key == "data_offsets")
          e.offsets = r.numbers();
        else
          malformed("unknown key " + quoted(key));
      } while (r.take(','));
      r.expect('}');
    }
    if (!metadata)
      entries.push_back(std::move(e));
  } while (r.take(','));
  r.expect('}');
  return entries;
}

Tensor read(const Entry &e, const std::string &data) {
  for (const TypeName &t : type_names) {
    if (e.type != t.name)
      continue;
    std::int64_t elements = 1;
    for (std::int64_t n : e.shape)
      if (n && elements > static_cast<std::int64_t>(data.size()) / n && elements)
        malformed(quoted(e.name) + " is larger than the file");
      else
        elements *= n;
    const std::size_t bytes = static_cast<std::size_t>(elements) * element_size(t.type);
    if (e.offsets.size() != 2 || e.offsets[0] > e.offsets[1] ||
        static_cast<std::size_t>(e.offsets[1]) > data.size() ||
        static_cast<std::size_t>(e.offsets[1] - e.offsets[0]) != bytes)
      malformed("the offsets of " + quoted(e.name) + " do not fit its shape or the file");
    Tensor r = empty(e.shape, t.type);
    if (bytes)
      std::memcpy(r.data_ptr(), data.data() + e.offsets[0], bytes);
    if (t.type == ScalarType::Bool) // a bool of another value than 0 and 1 is undefined behaviour
      for (std::size_t i = 0; i < bytes; ++i) {
        unsigned char *byte = static_cast<unsigned char *>(r.data_ptr()) + i;
        *byte = *byte != 0;
      }
    return r;
  }
  throw TypeError("the element type " + e.type + " of " + quoted(e.name) +
                  " is not one of F32, F64, I32, I64, BOOL: convert it before saving");
}

std::map<std::string, Tensor> numbered(const std::vector<Tensor> &tensors) {
  std::map<std::string, Tensor> named;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    named[std::to_string(i)] = tensors[i];
  return named;
}

std::ofstream output(const std::string &path) {
  std::ofstream file(path, std::ios::binary);
  if (!file)
    throw ValueError("cannot write " + path);
  return file;
}
std::ifstream input(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw ValueError("cannot read " + path);
  return file;
}

} // namespace

void save_safetensors(const std::map<std::string, Tensor> &tensors, std::ostream &out) {
  std::string header = "{", metadata;
  std::vector<Tensor> dense_ones;
  std::int64_t offset = 0;
  for (const auto &[name, t] : tensors) {
    if (name == "__metadata__")
      throw ValueError("a tensor cannot be named __metadata__");
    need(t);
    dense_ones.push_back(dense(t));
    const std::int64_t bytes = t.numel() * t.element_size();
    std::string shape, type;
    for (std::int64_t n : t.sizes())
      shape += (shape.empty() ? "" : ",") + std::to_string(n);
    for (const TypeName &n : type_names)
      if (n.type == t.scalar_type())
        type = n.name;
    header += (header.size() > 1 ? "," : "") + quoted(name) + ":{\"dtype\":\"" + type + "\",\"shape\":[" +
              shape + "],\"data_offsets\":[" + std::to_string(offset) + "," + std::to_string(offset + bytes) +
              "]}";
    offset += bytes;
    if (t.requires_grad())
      metadata += (metadata.empty() ? "" : ",") + quoted("requires_grad:" + name) + ":\"true\"";
  }
  if (!metadata.empty())
    header += std::string(header.size() > 1 ? "," : "") + "\"__metadata__\":{" + metadata + "}";
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' '); // elements start aligned
  unsigned char length[8];
  for (int i = 0; i < 8; ++i)
    length[i] = static_cast<unsigned char>(header.size() >> (8 * i));
  out.write(reinterpret_cast<const char *>(length), 8);
  out.write(header.data(), static_cast<std::streamsize>(header.size()));
  for (const Tensor &t : dense_ones)
    out.write(static_cast<const char *>(t.data_ptr()), static_cast<std::streamsize>(t.nbytes()));
  if (!out)
    throw ValueError("writing tensors failed");
}

std::map<std::string, Tensor> load_safetensors(std::istream &in) {
  unsigned char length[8];
  std::uint64_t size = 0;
  if (!in.read(reinterpret_cast<char *>(length), 8))
    malformed("it is shorter than 8 bytes");
  for (int i = 0; i < 8; ++i)
    size |= static_cast<std::uint64_t>(length[i]) << (8 * i);
  if (size > most_header)
    malformed("its header would have " + std::to_string(size) + " bytes");
  std::string header(static_cast<std::size_t>(size), '\0');
  if (!in.read(header.data(), static_cast<std::streamsize>(size)))
    malformed("it ends inside its header");
  std::set<std::string> requires_grad;
  const std::vector<Entry> entries = parse(header, requires_grad);
  std::int64_t end = 0;
  for (const Entry &e : entries)
    if (e.offsets.size() == 2 && e.offsets[1] > end)
      end = e.offsets[1];
  // only what belongs to it: a stream may hold more. Read in parts, so that a wrong length does not allocate everything.
  std::string data;
  while (static_cast<std::int64_t>(data.size()) < end) {
    const std::size_t before = data.size(), part = static_cast<std::size_t>(std::min<std::int64_t>(
                                                end - static_cast<std::int64_t>(before), 1 << 24));
    data.resize(before + part);
    if (!in.read(data.data() + before, static_cast<std::streamsize>(part)))
      malformed("it ends inside its elements");
  }
  std::map<std::string, Tensor> result;
  for (const Entry &e : entries) {
    const Tensor t = read(e, data);
    if (requires_grad.count(e.name) && is_floating(t.scalar_type()))
      t.requires_grad_();
    result[e.name] = t;
  }
  return result;
}

void save_safetensors(const std::map<std::string, Tensor> &tensors, const std::string &path) {
  std::ofstream file = output(path);
  save_safetensors(tensors, file);
}
std::map<std::string, Tensor> load_safetensors(const std::string &path) {
  std::ifstream file = input(path);
  return load_safetensors(file);
}

void save(const Tensor &tensor, std::ostream &out) { save_safetensors({{"0", tensor}}, out); }
void save(const Tensor &tensor, const std::string &path) { save_safetensors({{"0", tensor}}, path); }
void save(const std::vector<Tensor> &tensors, std::ostream &out) { save_safetensors(numbered(tensors), out); }
void save(const std::vector<Tensor> &tensors, const std::string &path) {
  save_safetensors(numbered(tensors), path);
}

void load(Tensor &tensor, std::istream &in) {
  const auto all = load_safetensors(in);
  if (all.size() != 1)
    throw ValueError("load into one tensor: the file holds " + std::to_string(all.size()) +
                     "; load a vector, or use load_safetensors");
  tensor = all.begin()->second;
}
void load(Tensor &tensor, const std::string &path) {
  std::ifstream file = input(path);
  load(tensor, file);
}
void load(std::vector<Tensor> &tensors, std::istream &in) {
  auto all = load_safetensors(in);
  std::vector<Tensor> list;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto found = all.find(std::to_string(i));
    if (found == all.end())
      throw ValueError("load into a list: the file's tensors have names of their own; use load_safetensors");
    list.push_back(found->second);
  }
  tensors = std::move(list);
}
void load(std::vector<Tensor> &tensors, const std::string &path) {
  std::ifstream file = input(path);
  load(tensors, file);
}

} // namespace nabla
