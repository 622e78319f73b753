// Options of plugin, tool and driver: one spelling for all three (API.md, section 4).
#pragma once
#include "pipeline.h"

namespace nabla::tool {

struct ToolOptions : Options {
  std::string save; ///< save=DIR: write every text to DIR; "" keeps them in memory
  /// Where the text will stand. The functions are the same, their linkage words differ.
  enum Where {
    SameFile,  ///< the plugin: below the user's code
    OtherFile, ///< the tool: a file beside the user's
    Including  ///< the tool with --whole: after #include "user.cpp"
  } where = SameFile;
};

/// Takes "save=DIR", "dump=PASS", "remarks", "report", "no-PASS", "check-alias", "self-check".
/// Returns what is wrong, or "".
std::string parse_option(const std::string &option, ToolOptions &into);

} // namespace nabla::tool
