// Inside of the adjoint generator, shared by adjoint_*.cpp.
#pragma once
#include "analysis/domain.h"
#include "diff/adjoint.h"
#include "diff/fusion.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/rules.h"
#include "ir/walk.h"

namespace nabla::diff {

using analysis::Address;
using analysis::Alias;
using analysis::no_value;
using analysis::Region;
using analysis::Value;
using analysis::ValueId;
using ir::Block;
using ir::Ex;
using ir::Loc;
using ir::Place;
using ir::Stmt;
using ir::Type;
using ir::Var;

/// Where the forward sweep keeps something for the reverse sweep.
/// Frame function body: a local. Frame counted loop: an array sized by trip counts. Other loops: the record's stack.
struct Slot {
  std::string name;
  Type type;
  const Region *home = nullptr, *frame = nullptr;
  Var local; ///< body and stack frames: holds it in the forward sweep
  Var array; ///< counted frames
  std::vector<const Region *>
      loops;                  ///< counted frames: loops whose iterations index the array, outermost first
  long padding = 0;           ///< of a window: elements beside the innermost loop's iterations
  Slot *array_slot = nullptr; ///< the array's own address must be kept by a frame further out
  bool temporary = false;     ///< the name is ours, not the user's
  bool is_shadow = false;     ///< a pointer to adjoints, see Variable
  const char *reason = "";    ///< why it is stored, for remarks
  Var recalled;               ///< of a window: the array in the reverse sweep, if array_slot keeps it
  Var popped;                 ///< stack frames: holds it in the reverse sweep
};

/// The reverse sweep of one region while it is being built: adjoints, then pops, then values, then statements.
struct Mirror {
  Block adjoints, pops, values, statements;
  Var index; ///< of the reverse loop: the primal's index, or the iteration's number
  Block take() {
    Block all = std::move(adjoints);
    for (Block *b : {&pops, &values, &statements})
      all.insert(all.end(), b->begin(), b->end());
    return all;
  }
};

class AdjointBuilder {
public:
  AdjointBuilder(const ir::Function &primal, const std::vector<bool> &wrt, const AdjointOptions &options,
                 const SplitOf &split_of);
  Adjoint run();

private:
  // adjoint.cpp: the whole
  void reverse_body();
  void forget();
  bool stores_per_iteration() const;
  void restrict_parameters(ir::Function &f) const;
  Block forward_body();
  Adjoint assemble_joined(Block forward);

  // adjoint_split.cpp: two functions instead of one
  Adjoint assemble_split(Block forward);
  void cross(const Var &v, Block &pushes, Block &pops);
  void copy_parameter(const Var &v, const Var &pointer, Block &out) const;
  void finish_split(ir::Function &f, ir::Function &r, std::vector<Var> params);

  // adjoint.cpp
  void add_sums(Block &out);
  void keep_result(const Stmt &s, const ir::Return &n, Block &out);
  void put_off(const Stmt &s, Block &out);
  std::vector<std::pair<const void *, Place>> extra_places(const Stmt &s) const;

  // adjoint_value.cpp: values in the reverse sweep
  Ex value(ValueId v);
  Ex value_of(const Stmt &s, const Ex &e) { return value(values_->of(s, e)); }
  Ex rebuild(ValueId v);
  static Ex operation(const Value &x, const std::vector<Ex> &args);
  Ex bind(ValueId v, Ex e);
  bool wants_name(ValueId v, const Decision &d) const;
  void report_recomputed(ValueId v, const Decision &d);
  std::string name_for(ValueId v) const;
  bool is_shadow(ValueId v) const;
  Ex induction(ValueId v);
  Ex index_in_reverse(const Region *loop);
  Ex iteration(const Region *loop); ///< number of the iteration, from 0, in the reverse sweep
  Place place_of(const Address &a);
  Place pointer_place(ValueId pointer, const Ex &offset);
  Place offset_place(Place p, const Ex &offset, ValueId pointer);

  // adjoint_record.cpp: slots, and the forward sweep that fills them
  Slot &slot_of(ValueId v);
  Slot *new_slot(std::string name, Type type, const Region *home, const Region *frame, long padding = 0);
  void array_for(Slot &slot);
  bool can_size_outside(const Region *inner, const Region *outer) const;
  Ex slot_index(const Slot &slot, bool in_reverse, long offset = 0);
  Ex row_length(const Slot &slot, const Region *loop, bool in_reverse);
  Ex recall_element(Slot &slot, const Region *home, const Ex &index);
  Ex trip_count(const Stmt &loop, bool in_reverse);
  Block keep(Slot &slot, const Ex &source, const Loc &loc);
  Slot &slot_of(const Window &w);
  void copy_window(const Window &w, const Slot &slot);
  Ex recall_through_window(ValueId v);
  Ex recall(Slot &slot); ///< read in the reverse sweep
  std::unique_ptr<Plan> make_plan() const;
  void plan_stores();
  void plan_store(ValueId v);
  void remark_store(ValueId v, const Slot &slot);
  static long bytes_of(const Type &type);
  static std::string bytes_formula(const Slot &slot);
  Block forward(const Block &block, const Region *region);
  Stmt forward_statement(const Stmt &s);
  Block forward_counted(const Stmt &s, const ir::For &loop, Block &before);
  Ex forward_trip_counter(const Stmt &loop);

  // adjoint_expr.cpp: adjoints of expressions
  void propagate(const Stmt &s, const Ex &e, Ex seed, Block &out);
  void propagate_quotient(const Stmt &s, const Ex &e, const ir::Apply &n, const Ex &seed, Block &out);
  void propagate_rule(const Stmt &s, const Ex &e, const ir::Apply &n, Ex seed, Block &out);
  bool needs_guard(const Stmt &s, const Ex &e, const ir::Apply &n, const ir::ReadSet &reads) const;
  void contribute(const Stmt &s, const Ex &read, const Ex &seed, Block &out);
  Ex argument_value(const Stmt &s, const Ex &arg, bool needed);
  Ex name_seed(const Ex &seed, Block &out);
  bool is_simple(const Ex &e) const;
  Place adjoint_of_read(const Stmt &s, const Ex &read);
  Place adjoint_of_target(const Stmt &s, const Place &to);
  std::optional<Ex> null_guard(const Place &primal, const Place &adjoint) const;

  // adjoint_stmt.cpp: adjoints of statements
  Block reverse(const Block &block, const Region *region, Mirror *prepared = nullptr);
  void reverse_statement(const Stmt &s, Block &out);
  void reverse_declare(const Stmt &s, const ir::Declare &n, Block &out);
  void reverse_assign(const Stmt &s, const Place &to, const Ex &value, bool fresh, Block &out);
  void reverse_copy(const Stmt &s, const Place &to, const Ex &value, bool fresh, Block &out);
  void reverse_returned_struct(const Stmt &s, const Ex &value, Block &out);
  void reverse_if(const Stmt &s, const ir::If &n, Block &out);
  void reverse_for(const Stmt &s, const ir::For &n, Block &out);
  void reverse_while(const Stmt &s, const ir::While &n, Block &out);
  void zero_reals(const Place &p, Block &out, const Loc &loc);
  bool reads_overlapping(const Stmt &s, const Ex &value, const Place &to) const;
  void for_each_real(const Place &p, Block &out, const Loc &loc,
                     const std::function<void(const Place &, Block &)> &fn, const Type &shape);

  // adjoint_fused.cpp: loops that are reversed iteration by iteration
  struct Stretch;
  using KnownAdjoints = std::map<Var, std::optional<Ex>>; ///< null: it is not known before the loop
  Stretch enter_fused(const Region *loop, Mirror &prelude);
  void leave_fused(Stretch outer);
  bool reverse_fused(const Block &block, std::size_t at);
  bool find_adjoints(const Block &block, std::size_t at, const std::set<Var> &sums, Mirror &prelude);
  void follow(const Stmt &s, const Stmt &loop, KnownAdjoints &adjoints, Block &out);
  void follow_assignment(const Stmt &s, const Stmt &loop, const Place &to, Ex value, bool is_add,
                         KnownAdjoints &adjoints, Block &out);
  void flow_back(const Stmt &s, const Stmt &loop, const Ex &e, std::optional<Ex> seed,
                 KnownAdjoints &adjoints, Block &out);
  std::optional<Ex> early_seed(const Stmt &s, const Stmt &loop, const Ex &e, unsigned which, const Ex &seed);
  std::optional<Ex> early_value(ValueId v, const Stmt &loop);
  void declare_early(const Block &block, const Region *region, Mirror &m);
  bool is_scope(const Region *r) const { return r->kind == Region::Body || fused_regions_.count(r); }
  void allocate_in_scope(const Slot &slot, const Ex &count);

  // adjoint_call.cpp: calls that stay calls
  void reverse_call(const Stmt &s, const ir::Call &n, Block &out);
  Stmt forward_call(const Stmt &s, const ir::Call &n) const;
  ir::Ex object_of_call(const ir::Stmt &s, const ir::Call &n, std::size_t argument, bool nested,
                        ir::Block &before);
  std::vector<bool> active_arguments(const ir::Call &n) const;
  std::vector<Ex> primal_arguments(const ir::Call &n) const;
  std::optional<Ex> take_seed(const Stmt &s, const ir::Call &n, Block &out);
  Ex adjoint_argument(const Stmt &s, const Ex &arg, Block &before, Block &after);
  void reverse_own(const Stmt &s, const ir::Call &n, Block &out, const SplitCallee *made = nullptr);

  // adjoint_handle.cpp: operations on handles
  void reverse_operation(const Stmt &s, const ir::Call &n, Block &out);
  Ex handle_adjoint(const Stmt &s, const Ex &arg, Block &before, Block &after);
  Ex handle_seed(const Stmt &s, const ir::Call &n, Block &before, Block &after);
  bool is_written_once(const Stmt &s, const Var &v) const;
  Ex unit_seed(const Stmt &s, const Ex &result);
  void hold_guards(Block &body) const;

  void emit(Block &out, decltype(Stmt::node) node, const Loc &loc = {}) const {
    out.push_back({std::move(node), loc, 0});
  }
  Mirror &mirror(const Region *r) { return *mirrors_.at(r); }
  bool has_shadow(Alias::Object o) const;
  bool reachable_shadow(const Place &p, const Loc &loc) const;

  std::vector<bool> wrt_;
  const AdjointOptions &options_;
  const SplitOf &split_of_;
  Shadows shadows_;
  std::unique_ptr<Alias> alias_;
  std::unique_ptr<analysis::Activity> activity_;
  std::unique_ptr<analysis::Values> values_;
  std::unique_ptr<analysis::Domain> domain_;
  std::unique_ptr<Fusion> fusion_;
  std::unique_ptr<Windows> windows_;
  std::unique_ptr<Plan> plan_;         ///< of the stretch of reverse code that is being built
  std::vector<const Region *> scopes_; ///< the function's body, then the fused loops that the stretch lies in

  Var seed_;
  std::map<const Region *, Mirror *> mirrors_;
  using Asked = std::map<const Region *, std::set<ValueId>>; ///< by the stretch whose innermost scope it is
  Asked asked_;                 ///< by statements of a first reverse sweep, which is thrown away
  Asked collected_;             ///< asked for by statements of this one
  unsigned rebuilding_ = 0;     ///< depth: values asked for by other values do not count
  std::map<ValueId, Ex> bound_; ///< values that have an expression in the reverse sweep already
  std::map<ValueId, Slot *> slots_;
  std::map<const Window *, Slot *> window_slots_;
  std::vector<std::unique_ptr<Slot>> all_slots_;
  std::map<unsigned, Block> before_, after_; ///< inserted around forward statements, by id
  std::map<const Region *, Block> at_start_, at_end_;
  Block top_;                             ///< declarations that both sweeps see
  std::map<unsigned, Block> allocations_; ///< record arrays, before the loop with this id
  std::map<ValueId, Var> temporaries_;    ///< subexpressions that the forward sweep computes into a name
  std::set<const Region *> fused_regions_;
  struct FusedLoop {
    Block before, reversed; ///< what precedes the loop; what ends each iteration
  };
  std::map<unsigned, FusedLoop> fused_; ///< by statement id
  std::set<unsigned> fused_record_;     ///< those whose iterations have a record of their own
  std::map<Var, Place> known_;          ///< adjoints of sums that were named before a fused loop
  std::map<unsigned, Var> counters_;    ///< trip counters of general loops
  struct ActiveCall {
    SplitCallee pair;
    std::vector<bool> active;
  };
  std::map<unsigned, ActiveCall> calls_; ///< split calls, by statement id
  Block reverse_;
  Block frees_;               ///< put off until the end
  std::vector<Var> crossing_; ///< named by the forward sweep for the end
  std::optional<Ex> result_;
  std::vector<std::pair<Loc, std::string>> remarks_;
  Report report_;
};

/// Is the address of the variable, or of a part of it, taken?
bool is_pointed_at(const Block &block, const Var &v);
/// seed * partial, with 1 / y folded into a division.
Ex times(const Ex &seed, const Ex &partial);

} // namespace nabla::diff
