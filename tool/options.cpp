#include "options.h"

namespace nabla::tool {

namespace {

// clang-format off
const std::set<std::string> shown_passes{
    "import", "structure", "inline", "boundary", "merge", "scalars", "share", "adjoint", "adjoint-forward", "adjoint-reverse", "tangent",
    "simplify", "sums", "postpone", "gather", "fission", "branches", "zeros", "blocks", "checkpoint", "checkpoint-forward", "checkpoint-reverse"};
const std::set<std::string> optional_passes{
    "alias", "activity", "values", "fusion", "order", "restrict", "windows", "cut", "ranges", "copies", "share", "inline", "simplify", "sums",
    "postpone", "gather", "fission", "branches", "zeros", "blocks",
    "checkpoint"};
// clang-format on

/// "" if the name is in the set, else what to write.
std::string unless_known(const std::string &name, const std::set<std::string> &known,
                         const std::string &option) {
  if (known.count(name))
    return "";
  std::string names;
  for (const std::string &k : known)
    names += (names.empty() ? "" : ", ") + k;
  return "unknown name in '" + option + "'; there are " + names;
}

} // namespace

std::string parse_option(const std::string &option, ToolOptions &into) {
  auto value_of = [&](const char *name) -> std::optional<std::string> {
    std::string prefix = std::string(name) + "=";
    if (option.compare(0, prefix.size(), prefix) != 0)
      return std::nullopt;
    return option.substr(prefix.size());
  };
  if (auto dir = value_of("save")) {
    into.save = *dir;
    return dir->empty() ? "save=DIR needs a directory" : "";
  }
  if (auto pass = value_of("dump")) {
    into.dump.insert(*pass);
    return pass->empty() ? "dump=PASS needs the name of a pass, for example dump=import"
                         : unless_known(*pass, shown_passes, option);
  }
  if (option == "remarks")
    into.remarks = true;
  else if (option == "report")
    into.report = true;
  else if (option == "check-alias")
    into.check_alias = true;
  else if (option == "self-check")
    into.self_check = true;
  else if (option.size() > 3 && option.compare(0, 3, "no-") == 0) {
    into.disabled.insert(option.substr(3));
    return unless_known(option.substr(3), optional_passes, option);
  } else
    return "unknown option '" + option +
           "'; there are save=DIR, dump=PASS, remarks, report, no-PASS, check-alias and self-check";
  return "";
}

} // namespace nabla::tool
