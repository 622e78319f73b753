// Types of the IR: what the differentiator must know of a C++ type, and its spelling for the emitted text.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nabla::ir {

struct Struct;

/// An immutable C++ type. Copies share; `==` is structural (a Struct equals itself alone).
class Type {
public:
  enum Kind {
    Void,
    Bool,
    Int,     ///< integers, characters, enums: no derivative
    Real,    ///< float, double, long double; a handle
    Pointer, ///< `T *`, or `T &` when is_reference(): a reference is a pointer that is never reseated
    Array,   ///< `T[extent]`, extent a constant (a variable-length array is imported as an Allocate)
    Record,  ///< a struct whose members are known, see Struct
    Opaque   ///< anything else that is only carried about: never active
  };

  Type() : Type(Void, "void") {}
  static Type void_type() { return Type(); }
  static Type boolean() { return Type(Bool, "bool"); }
  static Type integer(std::string spelling = "int") { return Type(Int, std::move(spelling)); }
  static Type real(std::string spelling = "double") { return Type(Real, std::move(spelling)); }
  /// A class of values with operations of their own (import/handle.h): to the IR a real that only calls compute.
  /// `guard`: a class of which generated functions hold an object, or empty.
  static Type handle(std::string spelling, std::string guard) {
    Type t(Real, std::move(spelling));
    t.node_->is_handle = true;
    t.node_->guard = std::move(guard);
    return t;
  }
  static Type opaque(std::string spelling) { return Type(Opaque, std::move(spelling)); }
  static Type pointer(Type pointee) { return Type(Pointer, std::move(pointee), 0); }
  static Type reference(Type pointee) {
    Type t(Pointer, std::move(pointee), 0);
    t.node_->reference = true;
    return t;
  }
  /// A smart pointer: inside of generated code a pointer, to callers an object of this class with a member `get()`.
  static Type owner(Type pointee, std::shared_ptr<const Struct> outside);
  static Type array(Type element, std::uint64_t extent) { return Type(Array, std::move(element), extent); }
  static Type record(std::shared_ptr<const Struct> s);

  Kind kind() const { return node_->kind; }
  bool is(Kind k) const { return node_->kind == k; }
  bool is_reference() const { return node_->reference; }
  bool is_owner() const { return is(Pointer) && node_->record; }
  /// An array of const elements is const as well.
  bool is_const() const { return is_const_ || (is(Array) && element().is_const()); }
  bool is_handle() const { return node_->is_handle; }
  const std::string &guard() const { return node_->guard; }
  /// Integral or boolean: may index, count or branch.
  bool is_discrete() const { return is(Int) || is(Bool); }
  /// C++ spelling of a leaf type without const ("double", "unsigned long", "ns::S"); empty for pointer and array.
  const std::string &spelling() const { return node_->spelling; }
  /// Pointee of a pointer or reference, element of an array.
  const Type &element() const { return *node_->element; }
  std::uint64_t extent() const { return node_->extent; }
  const Struct &members() const { return *node_->record; }

  Type with_const(bool on = true) const {
    Type t = *this;
    t.is_const_ = on;
    return t;
  }
  /// The same type without const at any level: what an adjoint is stored in.
  Type without_const() const;
  /// Does a value of this type hold, or lead through pointers to, reals?
  bool holds_reals() const;
  /// Does a value of this type itself contain a real (not through a pointer)?
  bool contains_reals() const;
  /// Is a value of this type a handle, does it contain one, or lead to one?
  bool holds_handles() const;
  /// Would `T x = {}` run initialisers of members?
  bool has_initialisers() const;
  /// An object of it cannot be declared without running a constructor (Struct::has_constructor, of any member).
  bool has_constructor() const;
  /// Does a value of this type itself contain a pointer or reference that leads to reals?
  bool contains_real_pointers() const;
  /// Is it, or does it contain or lead to, something that callers know as another class (Struct::outside, a smart
  /// pointer)?
  bool has_outside() const;
  /// The type that callers know it as.
  Type outside() const;

  friend bool operator==(const Type &a, const Type &b);
  friend bool operator!=(const Type &a, const Type &b) { return !(a == b); }

private:
  struct Node {
    Kind kind;
    std::string spelling;
    std::shared_ptr<const Type> element;
    std::uint64_t extent = 0;
    bool reference = false;
    bool is_handle = false;
    std::string guard{};
    std::shared_ptr<const Struct> record; ///< a pointer's: what callers know the smart pointer as
  };
  Type(Kind k, std::string spelling)
      : node_(std::make_shared<Node>(Node{k, std::move(spelling), {}, 0, false, false, {}, {}})) {}
  Type(Kind k, Type element, std::uint64_t extent);
  std::shared_ptr<Node> node_;
  bool is_const_ = false;
};

/// A struct's members in declaration order. Its identity is its address: import makes one per C++ type.
struct Struct {
  struct Field {
    std::string name;
    Type type;
    bool is_bits = false; ///< a bit-field: what is stored may not be what is read
    bool is_base =
        false; ///< a base class subobject: `name` is the class's, and is not written on the way to a member
  };
  std::string spelling; ///< qualified C++ name
  std::vector<Field> fields;
  /// False where generated text cannot build a zeroed one with `S{}` or copy it.
  bool is_aggregate = true;
  /// `S{}` would run initialisers of members: a zeroed one needs its bytes cleared.
  bool has_initialisers = false;
  /// `S s;` would run a constructor, or does not compile: an unset one is made by nabla::zeroed<S>().
  bool has_constructor = false;
  /// Two members of one name, here and in a base: the way to a base's member names the base.
  bool hides_members = false;
  /// Objects have a class of their own at run time, which may be one derived from this.
  bool is_polymorphic = false;
  /// An object of this type may be part of one of a derived class, to which some code converts it.
  bool may_be_derived = false;
  /// What a class derived from it, somewhere in the user's file, holds: an object may be one of that class.
  bool derived_reals = false, derived_pointers = false;
  /// std::vector and its like: a pointer to the elements, their number, and room for how many. Fields in this order.
  /// Chain: std::deque, list, map ...: the elements are pointers to what has memory of its own, made with the container.
  enum Container { None, Vector, View, Chain } container = None;
  /// A matrix whose shape is known at run time alone has rows and columns as well.
  enum Part : unsigned { Data, Size, Capacity, Rows, Columns };
  /// std::optional, std::variant: the first member says which of the others the caller's object has.
  bool is_choice = false;
  /// std::function: a number that says what it holds, which of the caller's it was, and for each function object that it
  /// may hold a pointer to its members. The fields of `outside` are how a caller's is asked for the same.
  bool is_function = false;
  bool has_shape() const { return container != None && fields.size() > Columns; }
  /// Generated code keeps a container's elements in the record; this is the class that a caller passes. Its fields are
  /// `data()`, `size()`, ... Set for classes with containers as members, too. A Chain's is what leads to its elements
  /// (nabla::addresses), and that one's the class that a caller passes.
  std::shared_ptr<const Struct> outside;
  /// What its adjoint is kept in, where that is another class: std::span<double> of std::span<const double>.
  std::shared_ptr<const Struct> adjoint;
};

} // namespace nabla::ir
