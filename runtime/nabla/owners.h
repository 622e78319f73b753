// What generated functions do with smart pointers, optional values, variants and containers of nodes that users pass.
// Needs no header of the library: they are known by their members.
#pragma once
#include "elements.h"
#include "text.h"
#include <cstddef>
#include <type_traits>
#include <utility>

namespace nabla {
namespace detail {

template <class P> struct owns_array : std::false_type {};
template <template <class...> class P, class T, class... Rest>
struct owns_array<P<T[], Rest...>> : std::true_type {};

/// The adjoint of an object does not have the object's structure, and cannot be given it.
[[noreturn, gnu::cold]] void wrong_structure_in_libnabla(const char *what);

} // namespace detail

/// Where the elements of a std::deque, list, map, set or of an unordered one are: in their order, those of an unordered
/// one in the order of their keys.
template <class C> struct addresses {
  using value_type = typename C::value_type;

  value_type **data = nullptr;
  std::size_t size = 0;
  C *of;
  C kept; ///< what put_key has moved to, or the container itself

  explicit addresses(const C &c) : of(const_cast<C *>(&c)) { find(); }
  struct own {};
  addresses(const C &like, own) : of(&kept) {
    match(kept, like);
    find();
  }
  addresses(const addresses &) = delete;
  addresses &operator=(const addresses &) = delete;
  ~addresses() { delete[] data; }

  void find() {
    delete[] data;
    data = of->size() ? new value_type *[of->size()] : nullptr;
    size = 0;
    for (auto &element : *of)
      data[size++] = const_cast<value_type *>(&element);
    if constexpr (has_hash<C>(0))
      sort();
  }

private:
  template <class D> static constexpr bool has_hash(int, typename D::hasher * = nullptr) { return true; }
  template <class D> static constexpr bool has_hash(long) { return false; }
  bool comes_before(std::size_t i, std::size_t j) const {
    return detail::key_of<C>(*data[i]) < detail::key_of<C>(*data[j]);
  }
  void sink(std::size_t i, std::size_t end) {
    for (std::size_t child; (child = 2 * i + 1) < end; i = child) {
      child += child + 1 < end && comes_before(child, child + 1);
      if (!comes_before(i, child))
        return;
      std::swap(data[i], data[child]);
    }
  }
  void sort() {
    for (std::size_t i = size / 2; i-- > 0;)
      sink(i, size);
    for (std::size_t end = size; end-- > 1;) {
      std::swap(data[0], data[end]);
      sink(0, end);
    }
  }
};

template <class C> addresses<C> addresses_of(const C &c) { return addresses<C>(c); }
/// Those of a container of the same shape that nobody else knows.
template <class C> addresses<C> zeros_like(const addresses<C> &a) {
  return addresses<C>(*a.of, typename addresses<C>::own());
}

/// The container behind it gets n elements.
template <class C> void resize(addresses<C> &a, std::size_t n) {
  resize(*a.of, n);
  a.find();
}

namespace detail {
template <class Key> Key key_as(const Key &key) { return key; }
template <class Key> Key key_as(text key) { return string_of<Key>(key); }
} // namespace detail

// put_key for all keys, then drop_keys: the container gets these keys. Elements that it has stay where they are.

template <class C, class K> void put_key(addresses<C> &a, const K &given) {
  typename C::key_type key = detail::key_as<typename C::key_type>(given);
  if (auto node = a.of->extract(key))
    a.kept.insert(std::move(node));
  else
    detail::put_zero(a.kept, key);
}
template <class C> void drop_keys(addresses<C> &a) {
  a.of->swap(a.kept);
  a.kept.clear();
  a.find();
}

/// A tangent has the keys, or the size, that its primal has.
template <class D, class C> void same_shape(const D &dot, const C &c) {
  bool same = dot.size() == c.size();
  if constexpr (detail::is_keyed<C>::value)
    for (const auto &element : c)
      same = same && dot.count(detail::key_of<C>(element));
  if (!same)
    detail::wrong_structure_in_libnabla("a tangent has other elements than its primal");
}

/// The std::optional gets a value, which is zero, or loses it.
template <class O> void choose(O &o, bool has) {
  if (!has)
    o.reset();
  else if (!o.has_value())
    o.emplace(detail::blank<typename O::value_type>());
}
namespace detail {
template <std::size_t I, class Alternative, class V> void choose_one(V &v, std::size_t number) {
  if (number == I)
    v.template emplace<I>(blank<Alternative>());
}
template <class... T, class V, std::size_t... I>
void choose_among(V &v, std::size_t number, std::index_sequence<I...>) {
  (choose_one<I, T>(v, number), ...);
}
} // namespace detail
/// The std::variant gets this alternative, with a value of zero, if it has another one.
template <template <class...> class V, class... T> void choose(V<T...> &v, unsigned long number) {
  if (v.index() != number)
    detail::choose_among<T...>(v, number, std::index_sequence_for<T...>());
}

template <std::size_t I, class V> auto &alternative(V &v) {
  using std::get;
  return get<I>(v);
}

/// Which adjoint belongs to which object: smart pointers that own one object have adjoints that own one.
class sharing {
public:
  sharing() = default;
  sharing(const sharing &) = delete;
  sharing &operator=(const sharing &) = delete;
  ~sharing();

  /// An adjoint that is null becomes the one that the object already has, if it has one.
  template <class P, class O> void find(P &bar, const O &of) {
    known *k = bar ? nullptr : find_in_libnabla(of.get());
    if (k && k->type != &type_of<P>)
      detail::wrong_structure_in_libnabla(
          "smart pointers of two types own one object, and the adjoint of one is null: "
          "let it own the other's object");
    if (k)
      bar = *static_cast<P *>(k->owner);
  }
  /// The object's adjoint is this one.
  template <class P, class O> void keep(P &bar, const O &of) {
    known *k = find_in_libnabla(of.get());
    if (!k)
      keep_in_libnabla(of.get(), {bar.get(), &bar, &type_of<P>});
    else if (k->bar != bar.get())
      detail::wrong_structure_in_libnabla(
          "two smart pointers own one object, and their adjoints two: let them own one, "
          "or pass null");
  }

private:
  template <class P> static constexpr char type_of = 0;
  struct known {
    const void *bar;
    void *owner;
    const void *type;
  };
  known *find_in_libnabla(const void *object);
  void keep_in_libnabla(const void *object, known k);
  struct table;
  table *table_ = nullptr;
};

/// The smart pointer gets an object of zeros.
template <class P> void make(P &owner) {
  using T = typename P::element_type;
  if constexpr (std::is_polymorphic_v<T>)
    detail::wrong_structure_in_libnabla(
        "the adjoint of an object with virtual functions is null: make it, of the "
        "same class");
  else if constexpr (detail::owns_array<P>::value)
    detail::wrong_structure_in_libnabla(
        "the adjoint of an array behind a smart pointer is null: make it, as long "
        "as the array");
  else
    owner.reset(new T(detail::blank<T>()));
}

} // namespace nabla
