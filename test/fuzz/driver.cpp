// Marks of the function under test, and the two drivers that feed it from flat arrays (harness.h).
#include "gen.h"
#include "harness.h"
#include <cstring>

namespace fuzz {

namespace {
struct Leaf {
  std::string access;
  Ty ty;
  int lo = 0, hi = 0;
};

void record_leaves(const Struct &s, const std::string &base, std::vector<Leaf> &out) {
  for (const auto &f : s.fields) {
    std::string at = base + "." + f.name;
    if (f.sub)
      record_leaves(*f.sub, at, out);
    else if (!is_real(f.ty))
      out.push_back({at, Ty::Int, 1, 1});
    else if (f.n == 0)
      out.push_back({at, f.ty});
    else
      for (int i = 0; i < f.n; ++i)
        out.push_back({at + "[" + std::to_string(i) + "]", f.ty});
  }
}

std::vector<Leaf> leaves(const Var &v, const std::string &name) {
  std::vector<Leaf> out;
  auto at = [](int i) { return "[" + std::to_string(i) + "]"; };
  switch (v.shape) {
  case Var::Scalar:
    out.push_back({name, v.ty, v.lo, v.hi});
    break;
  case Var::Array:
    for (int i = 0; i < v.n; ++i)
      out.push_back({name + at(i), v.ty, v.lo, v.hi});
    break;
  case Var::Matrix:
  case Var::Rows:
    for (int i = 0; i < v.n; ++i)
      for (int j = 0; j < v.m; ++j)
        out.push_back({name + at(i) + at(j), v.ty});
    break;
  case Var::Record:
  case Var::RecordPointer:
    record_leaves(*v.s, name, out);
    break;
  case Var::RecordArray:
    for (int i = 0; i < v.n; ++i)
      record_leaves(*v.s, name + at(i), out);
    break;
  case Var::Carried:
    for (int i = 0; i < v.n; ++i)
      if (std::string e = carried_element(v, name, std::to_string(i)); v.s)
        record_leaves(*v.s, e, out);
      else
        out.push_back({e, v.ty});
    break;
  }
  return out;
}

bool holds_reals(const Param &p) { return p.pass != Param::IntValue && p.pass != Param::IntTable; }

/// "double a[3];" without initialiser.
std::string object(const Var &v, const std::string &name) {
  std::string type = v.s ? v.s->name : spell(v.ty);
  switch (v.shape) {
  case Var::Array:
  case Var::RecordArray:
    return type + " " + name + "[" + std::to_string(v.n) + "];\n";
  case Var::Matrix:
    return type + " " + name + "[" + std::to_string(v.n) + "][" + std::to_string(v.m) + "];\n";
  case Var::Carried:
    return carried_object(v, name, type);
  default:
    return type + " " + name + (v.s ? "{}" : "") + ";\n";
  }
}

bool is_raw_pointer(const Param &p) {
  return p.pass == Param::Pointer || p.pass == Param::ConstPointer || p.pass == Param::Square ||
         p.pass == Param::RecordPointer || p.pass == Param::RecordArray;
}

bool value_like(const Param &p) {
  return p.pass == Param::Value || p.pass == Param::RecordValue || p.pass == Param::RecordPointer ||
         (p.pass == Param::Carrier && !std::strcmp(p.var->carrier->pass, " "));
}
} // namespace

/// Chooses what is differentiated and how it is asked for.
void Gen::marks(const Function &f) {
  auto &params = functions_.back().params;
  std::vector<std::size_t> reals, may_leave;
  for (std::size_t i = 0; i < params.size(); ++i)
    if (holds_reals(params[i])) {
      reals.push_back(i);
      Param::Pass p = params[i].pass;
      if (p == Param::Value || p == Param::ConstRef || p == Param::ConstPointer ||
          p == Param::RecordConstRef || p == Param::RecordValue)
        may_leave.push_back(i);
    }
  if ((form_ == Listed || form_ == CallSiteWrt) && reals.size() > 1)
    for (std::size_t i : may_leave)
      if (r_.chance(50)) {
        std::size_t kept = 0;
        for (std::size_t k : reals)
          kept += !params[k].left_out;
        if (kept > 1)
          params[i].left_out = true;
      }
  if (form_ == Attribute && may_leave.size() > 0 && reals.size() > 1 && r_.chance(12)) {
    Param &p = params[r_.pick(may_leave)];
    if (p.pass != Param::RecordValue)
      p.inactive = p.left_out = true, p.var->writable = false, row("mark.inactive_parameter");
  }
  if ((form_ == ValueForm || form_ == ValueAndGradient) && params.size() != reals.size())
    form_ = CallSite;
  std::string mode = pullback_ ? "pullback" : "gradient", list;
  for (std::size_t i : reals)
    if (!params[i].left_out)
      list += (list.empty() ? "" : ", ") + params[i].var->name;
  if (form_ == Attribute)
    mark_ = "[[nabla::" + mode + "]] ", row(pullback_ ? "mark.pullback" : "mark.gradient");
  else if (form_ == Listed)
    mark_ = "[[nabla::" + mode + "(\"" + list + "\")]] ", row("mark.names");
  else
    row(form_ == CallSite      ? "mark.call_site"
        : form_ == CallSiteWrt ? "mark.call_site_wrt"
        : form_ == ValueForm   ? "mark.value_form"
                               : "mark.value_and_gradient");
  (void)f;
}

/// The companion's declaration, for compilers without the plugin (and for the plugin to adopt).
std::string Gen::companion(const Function &f, const std::string &linkage) {
  std::string result = f.result == Function::None ? "void" : spell(f.ty), args, bars;
  for (const Param &p : f.params) {
    const Var &v = *p.var;
    args += (args.empty() ? "" : ", ") + p.declarator;
    if (!holds_reals(p) || p.left_out)
      continue;
    std::string type = v.carrier ? carried_type(v) : v.s ? v.s->name : spell(v.ty);
    bool reference = p.pass == Param::Ref || p.pass == Param::ConstRef || p.pass == Param::RecordRef ||
                     p.pass == Param::RecordConstRef || (v.carrier && !value_like(p));
    bars += ", " + type +
            (p.pass == Param::Square ? " (*"
             : reference             ? " &"
                                     : " *") +
            v.name + "_bar" + (p.pass == Param::Square ? ")[2]" : "");
  }
  if (pullback_ && f.result != Function::None)
    args += ", " + result + " seed";
  return "#ifdef FUZZ_DECLARED\n" + linkage + result + " " + f.name + (pullback_ ? "_pullback(" : "_grad(") +
         args + bars + ");\n#endif\n";
}

namespace {
/// The request's text: f_grad(args, adjoints) and what receives the results.
struct Request {
  std::string mode, wrt, args, seed, bars, tangents, extents;
  std::vector<std::string> bar_names;
  bool owns_array = false; ///< hvp cannot make its adjoint
};

std::string reverse_call(const Function &f, int form, const Request &q, const std::string &result) {
  std::string all = q.args;
  for (const std::string &more : {q.seed, q.bars})
    all += (all.empty() || more.empty() ? "" : ", ") + more;
  std::string keep = f.result == Function::None ? "" : result + " = ";
  std::string add;
  auto name = [&](std::size_t i) { return q.bar_names.size() == 1 ? "g" : "g" + std::to_string(i); };
  std::string binding;
  for (std::size_t i = 0; i < q.bar_names.size(); ++i) {
    binding += (i ? ", " : "") + name(i);
    add += q.bar_names[i] + " += " + name(i) + ";\n";
  }
  if (form <= 1)
    return keep + f.name + (q.mode == "gradient" ? "_grad(" : "_pullback(") + all + ");\n";
  if (form <= 3)
    return keep + "nabla::" + q.mode + "<" + f.name + q.wrt + ">(" + all + ");\n";
  bool one = q.bar_names.size() == 1;
  if (form == 4)
    return (one ? "auto g" : "auto [" + binding + "]") + " = nabla::gradient<" + f.name + ">(" + q.args +
           ");\n" + add + result + " = " + f.name + "(" + q.args + ");\n";
  std::string unpack = one ? "auto g = gs;\n" : "auto [" + binding + "] = gs;\n";
  return "auto [value, gs] = nabla::value_and_gradient<" + f.name + ">(" + q.args + ");\n" + unpack + add +
         result + " = value;\n";
}
/// nabla::pushforward<f, wrt<...>>(args, tangents), all differentiated parameters named.
std::string forward_call(const Function &f, const Request &q, const std::string &at) {
  std::string call =
      "nabla::pushforward<" + f.name + ", nabla::wrt<" + q.wrt + ">>(" + q.args + ", " + q.tangents + ")";
  if (f.result == Function::None)
    return call + ";\n";
  return "auto both = " + call + ";\nv" + at + " = both.value, b" + at + " = both.dot;\n";
}
/// The names in a list "a_B, &b_B" with another ending.
std::string renamed(std::string list, const std::string &ending) {
  for (std::size_t i = 0; (i = list.find("_B", i)) != std::string::npos; i += ending.size())
    list.replace(i, 2, ending);
  return list;
}
/// The same with two directions at once.
std::string lanes_call(const Function &f, const Request &q, const std::string &at) {
  std::string call = "nabla::pushforward<" + f.name + ", nabla::wrt<" + q.wrt + ">, nabla::batch<2>>(" +
                     q.args + ", " + renamed(q.tangents, "_L") + ")";
  if (f.result == Function::None)
    return call + ";\n";
  return "auto both = " + call + ";\nv" + at + " = both.value, b" + at +
         " = both.dot[1] == -2 * both.dot[0] ? both.dot[0] : NAN;\n";
}
/// nabla::pullback with two seeds at once: the seed, or 1, and -2 times it.
std::string reverse_lanes_call(const Function &f, const Request &q, const std::string &at,
                               const std::string &type) {
  bool is_void = f.result == Function::None;
  std::string seed = q.seed.empty() ? "1" : q.seed;
  return (is_void ? "" : "v" + at + " = ") + "nabla::pullback<" + f.name + ", nabla::wrt<" + q.wrt +
         ">, nabla::batch<2>>(" + q.args + ", " +
         (is_void ? "" : "nabla::lanes<" + type + ", 2>{" + seed + ", -2 * (" + seed + ")}, ") +
         renamed(q.bars, "_L") + ");\n";
}
/// nabla::gradient_and_hvp<f, wrt<...>>(args, adjoints, directions, products), or hvp without adjoints.
std::string hvp_call(const std::string &f, const Request &q, const std::string &at) {
  auto call = [&](const char *name, const std::string &bars) {
    return "v" + at + " = nabla::" + name + "<" + f + ", nabla::wrt<" + q.wrt + ">>(" + bars +
           renamed(q.tangents, "_D") + ", " + renamed(q.bars, "_R") + ");\n";
  };
  const std::string extents = q.extents.empty() ? "" : "nabla::extents{" + q.extents + "}, ",
                    with = call("gradient_and_hvp", q.args + ", " + q.bars + ", ");
  if (q.owns_array && !q.extents.empty())
    return with;
  return "if (reverse == 1)\n" + with + "else\n" + call("hvp", extents + q.args + ", ");
}

/// The program's pushforward along fuzz_fixed, as a function of the same parameters.
std::string along(const Function &f, const Request &q) {
  if (f.result == Function::None)
    return "";
  std::string params, args, tangents;
  int slot = 0;
  for (const Param &p : f.params) {
    const Var &v = *p.var;
    params += (params.empty() ? "" : ", ") + p.declarator, args += (args.empty() ? "" : ", ") + v.name;
    const bool active = holds_reals(p) && !p.left_out;
    tangents += active ? object(v, v.name + "_T") : "";
    for (const Leaf &l : leaves(v, v.name + "_T"))
      if (int at = slot++; active && is_real(l.ty))
        tangents += l.access + " = " + std::to_string(fuzz_fixed(at)) + ";\n";
  }
  return std::string("#ifdef FUZZ_THIRD\n") + spell(f.ty) + " " + f.name + "_along(" + params + ") {\n" +
         tangents + "return nabla::pushforward<" + f.name + ", nabla::wrt<" + q.wrt + ">>(" + args + ", " +
         renamed(q.tangents, "_T") + ").dot;\n}\n#endif\n";
}

/// A function with the program's parameters that asks for its derivatives and adds them up by fixed weights.
struct Inner {
  std::string params, args;          ///< of the program
  std::string copies;                ///< of its arguments, leaf by leaf
  std::string objects;               ///< directions _T and, all zero, adjoints _B and products _R
  std::string slope, curvature, sum; ///< of _B by fuzz_weight, of _R by fuzz_weight, of _B by fuzz_fixed
};

enum Copied { Nothing, Arrays, Everything };

Inner inner_text(const Function &f, Copied copied) {
  Inner t;
  int slot = 0;
  for (const Param &p : f.params) {
    const Var &v = *p.var;
    const bool is_value = v.shape == Var::Scalar && p.pass == Param::Value,
               is_pointer = p.pass == Param::RecordPointer;
    const bool active = holds_reals(p) && !p.left_out,
               copy = holds_reals(p) && (copied == Arrays ? is_raw_pointer(p) : copied && !is_value);
    t.params += (t.params.empty() ? "" : ", ") + p.declarator;
    t.args += (t.args.empty() ? "" : ", ") + std::string(copy && is_pointer ? "&" : "") + v.name +
              (copy ? "_C" : "");
    t.copies += copy ? object(v, v.name + "_C") : "";
    for (const char *ending : {"_T", "_B", "_R"})
      t.objects += active ? object(v, v.name + ending) : "";
    std::size_t k = 0;
    for (const Leaf &l : leaves(v, v.name)) {
      auto leaf = [&](const char *ending) { return leaves(v, v.name + ending)[k].access; };
      const std::string at = "(" + std::to_string(slot++) + ")";
      if (copy)
        t.copies += leaf("_C") + " = " +
                    (is_pointer ? v.name + "->" + l.access.substr(v.name.size() + 1) : l.access) + ";\n";
      if (active && is_real(l.ty)) {
        t.objects += leaf("_T") + " = fuzz_fixed" + at + ";\n" + leaf("_B") + " = " + leaf("_R") + " = 0;\n";
        t.slope += " + fuzz_weight" + at + " * " + leaf("_B");
        t.curvature += " + fuzz_weight" + at + " * " + leaf("_R");
        t.sum += " + fuzz_fixed" + at + " * " + leaf("_B");
      }
      ++k;
    }
  }
  return t;
}

/// "a, b" -> {"a", "b"}
std::vector<std::string> items(const std::string &list) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from < list.size();) {
    const std::size_t to = std::min(list.find(", ", from), list.size());
    out.push_back(list.substr(from, to - from));
    from = to + 2;
  }
  return out;
}

/// `form`: 0 a product of the Hessian, 1 the gradient, 2 both, 3 the gradient of a function of form 1, 4 that one's pushforward. Mostly
/// they are asked of a function that changes copies of its arguments: what changes its own is refused.
std::string nested(const Function &f, const Request &q, int form, bool pure, bool copied, bool looped,
                   bool parted) {
  if (f.result == Function::None)
    return "";
  const std::string type = spell(f.ty), directions = renamed(q.tangents, "_T"),
                    products = renamed(q.bars, "_R");
  auto function = [&](const std::string &name, Copied how, const std::string &rest) {
    const Inner t = inner_text(f, how);
    return type + " " + name + "(" + t.params + ") {\n" + t.copies + rest + "}\n";
  };
  const bool of_slope = form >= 3;
  const Copied how = copied || of_slope ? Arrays : Nothing;
  const Inner t = inner_text(f, how);
  auto call_by = [&](const std::string &wrt, const char *request, const std::string &name,
                     const std::string &after) {
    return std::string("nabla::") + request + "<" + name + ", nabla::wrt<" + wrt + ">>(" + t.args + ", " +
           after + ");\n";
  };
  auto call = [&](const char *request, const std::string &name, const std::string &after) {
    return call_by(q.wrt, request, name, after);
  };
  auto gradients = [&](const std::string &name) { // parted: one call for each parameter
    const std::vector<std::string> wrt = items(q.wrt), bars = items(q.bars);
    std::string text;
    for (std::size_t i = 0; i < wrt.size() && parted; ++i)
      text += call_by(wrt[i], "gradient", name, bars.at(i));
    return parted ? text : call("gradient", name, q.bars);
  };
  std::string text, asked = f.name;
  if (pure) {
    asked = f.name + "_pure";
    text = function(asked, Everything, "return " + f.name + "(" + inner_text(f, Everything).args + ");\n");
  }
  if (of_slope) {
    text += function(f.name + "_slope", how,
                     t.objects + call("gradient", asked, q.bars) + "return 0" +
                         (form == 3 ? t.sum : t.slope) + ";\n");
    asked = f.name + "_slope";
  }
  std::string body = t.objects, sum = "0";
  if (form == 4) {
    const std::string both = call("pushforward", asked, directions);
    sum = both.substr(0, both.size() - 2) + ".dot";
  } else if (form != 0)
    body += gradients(asked), sum += t.slope;
  if (form == 0 || form == 2) {
    body += call("hvp", asked, directions + ", " + products);
    sum += t.curvature;
  }
  text += type + " " + f.name + "_nested(" + t.params + ") {\n";
  if (looped) // 1 + 2 times the same, of arguments that end with the block
    text += "double zq_sum = 0;\nfor (int zq_n = 1; zq_n < 3; ++zq_n)\nif (zq_n > 0) {\n" + t.copies + body +
            "zq_sum += zq_n * (" + sum + ");\n}\nreturn zq_sum;\n}\n";
  else
    text += t.copies + body + "return " + sum + ";\n}\n";
  return "#ifdef FUZZ_NESTED\n" + text + "#endif\n";
}

/// "nabla::lanes<double, 2> a[3];": two directions for a variable of reals.
std::string two_lanes(const Var &v, const std::string &name) {
  std::string text = object(v, name), type = spell(v.ty);
  return "nabla::lanes<" + type + ", 2>" + text.substr(type.size());
}
} // namespace

/// Text that fills one argument from its slots, and empties it again.
struct Gen::Traffic {
  std::string decl, bars, bars_back, back, spec;
  std::string lanes, lanes_back;       ///< the same tangent, and -2 times it
  std::string products, products_back; ///< direction and result of a product of the Hessian
  int slot = 0;
};

void Gen::argument_traffic(const Param &p, bool oracle, bool active, Traffic &t) {
  const Var &v = *p.var;
  std::string bar = v.name + "_B";
  t.decl += object(v, v.name);
  if (active)
    t.bars += object(v, bar), t.products += object(v, v.name + "_D") + object(v, v.name + "_R");
  if (active && !v.s && !v.carrier)
    t.lanes += two_lanes(v, v.name + "_L");
  auto of_bar = leaves(v, bar);
  std::size_t k = 0;
  for (const Leaf &l : leaves(v, v.name)) {
    std::string at = "[" + std::to_string(t.slot++) + "]", type = spell(l.ty), bar_leaf = of_bar[k++].access;
    if (!is_real(l.ty)) {
      t.decl += l.access + " = (int)v" + at + ";\n";
      t.spec += "i" + std::to_string(l.lo) + ":" + std::to_string(l.hi) + " ";
      continue;
    }
    char code = l.ty == Ty::D ? 'd' : l.ty == Ty::F ? 'f' : 'l';
    t.spec += std::string(1, active ? code : char(code - 32)) + " ";
    if (oracle) {
      std::string slot = at.substr(1, at.size() - 2);
      t.decl += l.access + " = fz::" + (active ? "load<" : "constant<") + type + ">(v, " +
                (active ? "d, m, " : "") + slot + ");\n";
      t.back += "fz::save(" + l.access + ", v, d, m, " + slot + ");\n";
      continue;
    }
    t.decl += l.access + " = (" + type + ")v" + at + ";\n";
    t.back += "v" + at + " = " + l.access + ";\n";
    if (active) {
      t.bars += bar_leaf + " = (" + type + ")b" + at + ";\n";
      t.bars_back += "b" + at + " = " + bar_leaf + ";\n";
      auto leaf_of = [&](const char *ending) { return leaves(v, v.name + ending)[k - 1].access; };
      std::string lane = leaf_of("_L");
      if (!v.s && !v.carrier) {
        t.lanes += lane + " = {" + bar_leaf + ", -2 * " + bar_leaf + "};\n";
        t.lanes_back += "b" + at + " = " + lane + "[1] == -2 * " + lane + "[0] ? " + lane + "[0] : NAN;\n";
      }
      t.products +=
          leaf_of("_D") + " = (" + type + ")fuzz_direction" + at + ";\n" + leaf_of("_R") + " = 0;\n";
      t.products_back += "fuzz_product" + at + " = " + leaf_of("_R") + ";\n";
    }
  }
}

/// The driver's body; for the oracle on duals. Fills `spec` on the way.
std::string Gen::drivers(const Function &f, bool oracle) {
  Traffic t;
  Request q;
  q.mode = pullback_ ? "pullback" : "gradient";
  int number = 0;
  for (const Param &p : f.params) {
    const std::string &name = p.var->name;
    bool active = holds_reals(p) && !p.left_out;
    argument_traffic(p, oracle, active, t);
    q.args += (q.args.empty() ? "" : ", ") + std::string(p.pass == Param::RecordPointer ? "&" : "") + name;
    if (active) {
      q.bars += (q.bars.empty() ? "" : ", ") + std::string(value_like(p) ? "&" : "") + name + "_B";
      q.tangents += (q.tangents.empty() ? "" : ", ") +
                    std::string(p.pass == Param::RecordPointer ? "&" : "") + name + "_B";
      q.bar_names.push_back(name + "_B");
      q.owns_array |= p.pass == Param::Carrier && std::strstr(p.var->carrier->type, "[]");
      if (is_raw_pointer(p))
        q.extents += (q.extents.empty() ? "" : ", ") +
                     std::to_string(p.var->s ? std::size_t(p.var->n) : leaves(*p.var, name).size());
      q.wrt += (q.wrt.empty() ? "" : ", ") + std::to_string(number);
    }
    ++number;
  }
  std::string at = "[" + std::to_string(t.slot) + "]", type = spell(f.ty);
  std::string forward = forward_call(f, q, at), many = lanes_call(f, q, at), second = hvp_call(f.name, q, at),
              third = hvp_call(f.name + "_along", q, at);
  const int form = q.owns_array ? 1 : out_.number % 5; // a product would need the array's length
  const bool pure = out_.number % 7 != 6, looped = out_.number % 5 >= 3;
  if (!oracle)
    out_.along =
        along(f, q) + nested(f, q, form, pure, out_.number % 3 == 0, looped, pure && out_.number % 4 == 1);
  if (pullback_ && f.result != Function::None)
    q.seed = "(" + type + ")b" + at;
  std::string reverse_many = reverse_lanes_call(f, q, at, type);
  const std::string of_nested = "v" + at + " = nabla::gradient<" + f.name + "_nested, nabla::wrt<" + q.wrt +
                                ">>(" + q.args + ", " + q.bars + ");\n";
  q.wrt = form_ == CallSiteWrt ? ", nabla::wrt<" + q.wrt + ">" : "";
  out_.spec = t.spec + "=" +
              (f.result == Function::None ? 'v'
               : f.ty == Ty::D            ? 'd'
               : f.ty == Ty::F            ? 'f'
                                          : 'l') +
              (pullback_ ? " p" : " g") + " n" + std::to_string(form) + (pure ? "+" : "") +
              (looped ? "*" : "") +
              (out_.rows.count("scalar.float") || out_.rows.count("maths.suffixed") ? " ~" : "");
  std::string plain = f.name + "(" + q.args + ")";
  if (oracle) {
    std::string run =
        f.result == Function::None
            ? plain + ";\n"
            : type + " result = " + plain + ";\nfz::save(result, v, d, m, " + std::to_string(t.slot) + ");\n";
    return t.decl + run + t.back;
  }
  std::string run = (f.result == Function::None ? "" : "v" + at + " = ") + plain + ";\n";
  bool has_lanes = true, is_narrow = out_.spec.find('~') != std::string::npos;
  for (const std::string &name : out_.rows)
    has_lanes &= name.rfind("struct.", 0) != 0;
  for (const Param &p : f.params)
    has_lanes &= !p.var->carrier;
  std::string on_reals = has_lanes ? "1" : "0",
              on_values = f.result == Function::None || is_narrow ? "0" : "1";
  return t.decl + "if (!reverse) {\n" + run + "} else {\n#if defined(FUZZ_LANES) && " + on_reals + "\n" +
         t.bars + t.lanes + many + t.lanes_back + "#elif defined(FUZZ_HVP) && " + on_values + "\n" + t.bars +
         t.products + second + t.bars_back + t.products_back + "#elif defined(FUZZ_THIRD) && " + on_values +
         "\n" + t.bars + t.products + third + t.bars_back + t.products_back +
         "#elif defined(FUZZ_NESTED) && " + on_values + "\n" + t.bars + of_nested + t.bars_back +
         "#elif defined(FUZZ_REVERSE_LANES) && " + on_reals + "\n" + t.bars + t.lanes + reverse_many +
         t.lanes_back + "#elif defined(FUZZ_FORWARD)\n" + t.bars + forward + t.bars_back +
         "#elif !defined(FUZZ_PLAIN)\n" + t.bars + reverse_call(f, form_, q, "v" + at) + t.bars_back +
         "#endif\n}\n" + t.back;
}

} // namespace fuzz
