// fuzzgen emit --seed S --first I --count N --out DIR [--drop I,J,...]: writes DIR/p.cpp (the marked programs
// with their drivers), DIR/o.cpp (the oracle's copy) and DIR/rows (the language rows of each function).
// fuzzgen shrink --seed S --index I --out DIR --check COMMAND: the smallest program for which COMMAND DIR
// still succeeds. fuzzgen rows: the ids of all language rows.
#include "gen.h"
#include "shrink.h"
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

namespace fuzz {

static std::map<std::string, std::string> options(int argc, char **argv) {
  std::map<std::string, std::string> o;
  for (int i = 2; i + 1 < argc; i += 2)
    o[argv[i] + 2] = argv[i + 1];
  return o;
}

static int emit(std::map<std::string, std::string> &o) {
  std::uint64_t seed = std::stoull(o["seed"]);
  int first = std::stoi(o["first"]), count = std::stoi(o["count"]);
  std::set<int> drop;
  std::stringstream list(o["drop"]);
  for (std::string item; std::getline(list, item, ',');)
    drop.insert(std::stoi(item));
  std::vector<Unit> units;
  std::ofstream rows(o["out"] + "/rows");
  for (int i = first; i < first + count; ++i) {
    if (drop.count(i))
      continue;
    units.push_back(Gen(seed, i).unit());
    rows << i;
    for (const std::string &id : units.back().rows)
      rows << ' ' << id;
    rows << '\n';
  }
  write_programs(units, o["out"]);
  return 0;
}

} // namespace fuzz

int main(int argc, char **argv) {
  if (argc < 2)
    return std::cerr << "usage: fuzzgen emit|shrink|rows --option value ...\n", 2;
  auto o = fuzz::options(argc, argv);
  if (!std::strcmp(argv[1], "emit"))
    return fuzz::emit(o);
  if (!std::strcmp(argv[1], "shrink")) {
    fuzz::Unit u = fuzz::Gen(std::stoull(o["seed"]), std::stoi(o["index"])).unit();
    return fuzz::shrink(u, o["out"], o["check"]);
  }
  for (auto &[id, text] : fuzz::language_rows())
    std::cout << id << '\t' << text << '\n';
}
