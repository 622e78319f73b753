// What all imported functions of one translation unit share: types, names, callees, places in the text.
#pragma once
#include "import/chain.h"
#include "import/clang.h"
#include "import/importer.h"
#include <map>
#include <set>

namespace nabla::front {

using namespace ir;
using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;

struct Targets;

/// Does the rule come with Nabla? Then it speaks of all that its function changes.
bool is_library_rule(const clang::FunctionDecl *rule);

/// Variables of the file that a call uses, and those of them that it writes.
struct GlobalUse {
  std::set<const clang::VarDecl *> touched, written;
};

struct Shared {
  Shared(clang::ASTContext &context, const Marks &marks);

  clang::ASTContext &context;
  const Marks &marks;

  /// The expansion location as the user reads it; shared per location.
  Loc loc(clang::SourceLocation at);
  [[noreturn]] void refuse(Diag id, clang::SourceLocation at, std::vector<std::string> args) {
    nabla::refuse(id, loc(at), std::move(args));
  }

  /// While text of the library's is imported in the place of a call: what is said of it is said at the user's token.
  class Inside {
  public:
    Inside(Shared &s, const clang::FunctionDecl *f, const clang::Expr *call) : s_(s), outer_(s.site_) {
      if (s.site_.isInvalid() && s.context.getSourceManager().isInSystemHeader(f->getLocation()))
        s.site_ = call->getExprLoc();
    }
    Inside(const Inside &) = delete;
    ~Inside() { s_.site_ = outer_; }

  private:
    Shared &s_;
    clang::SourceLocation outer_;
  };

  // -- types
  ir::Type type(clang::QualType t, clang::SourceLocation at);
  ir::Type carried_type(clang::QualType t, clang::SourceLocation at);
  /// True where a value of this type holds or leads to reals, template arguments of unknown classes included.
  bool mentions_reals(clang::QualType t);
  /// The same, or may an object be of a derived class that does?
  bool holds_function_of_reals(clang::QualType t);
  bool touches_reals(clang::QualType t);
  /// Is an object of it a struct of its members with a number that says of which class it is? So are those of classes
  /// with virtual functions if one of their hierarchy holds what generated code keeps as something else.
  bool is_tagged(const clang::CXXRecordDecl *cls);
  long class_number(const clang::CXXRecordDecl *cls);
  /// The members of a C-like struct, or null where `rd` is another kind of class.
  std::shared_ptr<const Struct> structure(const clang::RecordDecl *rd, clang::SourceLocation at);
  /// What stands for a std::function of this class that the function itself makes: which of its targets it holds, and
  /// for each closure among them a pointer to what that captured (held.cpp).
  ir::Type held_function(clang::QualType function, clang::SourceLocation at);
  /// Those captures: references are pointers.
  std::shared_ptr<const Struct> captured(const clang::CXXRecordDecl *closure, clang::SourceLocation at);
  /// Closures that callers pass to a requested function: objects of their own classes. Others are members of `captured`.
  std::set<const clang::CXXRecordDecl *> callers_closures;
  /// What stands for a std::vector and its like (container.h), or null: its elements are only carried about.
  std::shared_ptr<const Struct> container(const clang::RecordDecl *rd, clang::QualType t,
                                          clang::SourceLocation at);

  /// The same for a std::deque, list, map ... (chain.h), their nodes and iterators.
  std::shared_ptr<const Struct> chain(const clang::RecordDecl *rd, const ChainClass &c,
                                      clang::SourceLocation at);
  std::shared_ptr<const Struct> node(const ir::Type &value);
  ir::Type chain_iterator(const ChainClass &c, clang::SourceLocation at);
  /// Which one this type stands for, or null.
  const ChainClass *chain_class(const ir::Type &t) const;

  // -- names
  std::string spelling(clang::QualType t);
  std::string qualified(const clang::NamedDecl *d);
  std::string address(const clang::FunctionDecl *f); ///< "&f", with a cast where the name has overloads
  std::string address(const clang::CXXRecordDecl *closure, clang::QualType function); ///< what it converts to
  std::string mangled(const clang::FunctionDecl *f);
  clang::PrintingPolicy policy() const;

  // -- functions and globals
  CalleeRef callee(const clang::FunctionDecl *f);
  /// The same for a function that is differentiated by name: a virtual one is what the object's class has.
  CalleeRef named(const clang::FunctionDecl *f);
  /// Is it a virtual function whose body is the choice among all that override it?
  bool is_choice(const CalleeRef &c) const;
  const clang::FunctionDecl *declaration(const CalleeRef &c) const;
  /// Refuses functions with parameters that generated functions cannot take.
  void check_request(const clang::FunctionDecl *f);
  /// A library function whose whole body is of the accepted language: tried once, so that its user sees his
  /// own token.
  bool can_import(const CalleeRef &c);
  Var global(const clang::VarDecl *v);
  /// Globals that this one takes as references (globals.cpp).
  const std::vector<const clang::VarDecl *> &globals_taken(const CalleeRef &c) const;
  std::string adjoint_of_global(const std::string &name);
  /// While a body is imported: what its own function takes is what those that it calls may take.
  class InScope {
  public:
    InScope(Shared &s, std::optional<std::vector<const clang::VarDecl *>> globals)
        : s_(s), outer_(std::exchange(s.in_scope_, std::move(globals))) {}
    InScope(const InScope &) = delete;
    ~InScope() { s_.in_scope_ = std::move(outer_); }

  private:
    Shared &s_;
    std::optional<std::vector<const clang::VarDecl *>> outer_;
  };
  /// What calls through objects and pointers may lead to in this file (targets.h).
  const Targets &targets();
  bool stores_pointers(const clang::FunctionDecl *f);
  bool passes_pointers(const clang::FunctionDecl *f); ///< stores or returns some of those that it is given
  /// Callee::reach and changes_constants.
  void fill_effects(ir::Callee &c, const clang::FunctionDecl *f);
  bool may_throw(const clang::FunctionDecl *f);
  /// Does an object of this class, or of one derived from it in this file, hold or lead to reals?
  bool object_reals(const clang::CXXRecordDecl *cls);
  std::string local_type_alias(const clang::TagDecl *d);

  std::vector<std::pair<std::string, const clang::TagDecl *>>
      local_types; ///< alias -> local class or closure

private:
  clang::SourceLocation site_; ///< the user's token that led into the library
  const GlobalUse &uses_of_globals(const clang::FunctionDecl *f);
  bool can_be_handed_on(const clang::VarDecl *v);
  std::vector<const clang::VarDecl *> globals_of(const clang::FunctionDecl *f);
  void add_globals(Callee &c, const std::vector<const clang::VarDecl *> &globals,
                   const std::set<const clang::VarDecl *> &written);
  void check_derivative_of(const CalleeRef &primal);
  void fill_rule(Callee &c, const clang::FunctionDecl *rule);
  void fill(Callee &c, const clang::FunctionDecl *f);
  void stand_in(Struct &made);
  std::string bundle_spelling(const clang::ClassTemplateSpecializationDecl *cls);
  ir::Type record_type(const clang::RecordDecl *rd, clang::QualType t, clang::SourceLocation at);
  ir::Type eigen_type(const clang::ClassTemplateSpecializationDecl *cls, clang::QualType t,
                      clang::SourceLocation at);
  ir::Type builtin_type(const clang::BuiltinType *b, clang::SourceLocation at);
  bool mentions_reals(clang::QualType t, std::set<const clang::RecordDecl *> &seen);

  std::shared_ptr<const Struct> owner_struct(const clang::RecordDecl *rd, clang::SourceLocation at);
  ir::Type chain_value(const ChainClass &c, clang::SourceLocation at);
  std::shared_ptr<const Struct> variant(const clang::RecordDecl *rd, clang::SourceLocation at);
  void fill_held(Struct &made, clang::QualType function, clang::SourceLocation at);
  void add_members(Struct &made, const clang::RecordDecl *rd, clang::SourceLocation at);
  void note_derived(Struct &made, const clang::CXXRecordDecl *cls);

  std::unique_ptr<clang::MangleContext> mangler_;
  std::shared_ptr<const Targets> targets_;
  std::map<CalleeRef, CalleeRef> choices_; ///< of a virtual function: the choice among those that override it
  std::map<std::pair<const clang::FunctionDecl *, std::vector<const clang::VarDecl *>>, CalleeRef> callees_;
  std::map<const clang::FunctionDecl *, GlobalUse> global_uses_;
  std::map<const Callee *, std::vector<const clang::VarDecl *>> globals_of_;
  std::optional<std::vector<const clang::VarDecl *>> in_scope_;
  std::map<const Callee *, const clang::FunctionDecl *> declarations_;
  std::map<const clang::RecordDecl *, std::shared_ptr<Struct>> structs_;
  std::map<const clang::CXXRecordDecl *, std::shared_ptr<const Struct>> captured_, captured_outside_, held_;
  std::map<const clang::FunctionDecl *, bool> may_throw_;
  std::map<const clang::CXXRecordDecl *, bool> tagged_; ///< per root of a hierarchy
  std::map<const Struct *, ChainClass> chains_;
  std::vector<std::shared_ptr<const Struct>> nodes_;
  std::set<const Struct *> unfinished_; ///< their members are being looked at
  std::map<const clang::VarDecl *, Var> globals_;
  std::map<unsigned, Loc> locs_;
  std::map<const Callee *, bool> importable_;
  std::map<const clang::TagDecl *, std::string> aliases_;
};

/// What a user calls it: "goto", "a conversion from 'A' to 'B'".
std::string kind_of(const clang::Stmt *s);
/// A class whose value is its members and nothing else, whatever makes it: no virtuals, own copying or destruction.
bool is_plain(const clang::RecordDecl *rd);
/// A class that is copied member by member, some of which are containers.
bool is_memberwise(const clang::RecordDecl *rd);
/// Number of a member in Struct::fields: base classes come first.
unsigned field_number(const clang::FieldDecl *field);
/// The base class subobject that a conversion of the object, or of a pointer to it, leads to.
Place base_place(Place object, const clang::CastExpr *to_base);
/// The object parameter comes first: a non-static method.
inline bool has_object(const clang::FunctionDecl *f) {
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  return m && !m->isStatic() && !isa<clang::CXXConstructorDecl>(m);
}
/// Its first parameter is an object: the method's, or the one that a constructor makes.
inline bool takes_object(const clang::FunctionDecl *f) {
  return has_object(f) || isa<clang::CXXConstructorDecl, clang::CXXDestructorDecl>(f);
}

/// A function of nabla/eigen.h, whose one template parameter is no part of it: all its instances are one function. Or null.
const clang::FunctionDecl *own_pattern(const clang::FunctionDecl *f);

} // namespace nabla::front
