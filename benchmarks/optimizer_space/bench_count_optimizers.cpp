// SPDX-License-Identifier: Apache-2.0
// bench_count_optimizers: how many functions the 249,696 texts of `bello` hold, what is refused of them and
// why, and how many a run on classes is left to train. One thread; some minutes.
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/system/equivalence.h"
#include "astrolabe/system/space_catalog.h"
#include "astrolabe/system/toy_check.h"

namespace {

using namespace astrolabe;  // NOLINT(google-build-using-namespace): a program of one file
using Clock = std::chrono::steady_clock;

struct Counts {
  std::size_t texts = 0, functions = 0;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<std::string> all_texts() {
  SpaceDraft draft;
  const WrittenSpace written =
      find_space("optimizer", "bello")->write(SpaceWriter(draft).under("optimizer"), {}, 1);
  std::vector<std::string> texts;
  for (std::optional<Point> point = first_point(draft.space); point; point = next_point(draft.space, *point))
    texts.push_back(written.text(*point));
  return texts;
}

// The message without its numbers, so that what is alike is counted together.
std::string kind_of(std::string_view fault) {
  constexpr std::array<std::string_view, 2> kWithNumbers{"its step is not finite",
                                                         "a tiny net learns nothing"};
  for (const std::string_view start : kWithNumbers)
    if (fault.starts_with(start)) return std::string(start);
  return std::string(fault);
}

// What the toy says of the first text, unless it likes another one of the same function: texts that differ by
// a factor are tried at other learning rates.
std::optional<std::string> fault_of_all(const std::vector<std::string>& texts,
                                        const std::vector<std::size_t>& places) {
  std::optional<std::string> first;
  for (const std::size_t place : places) {
    const ResolvedPart part = resolve_part(Vocabulary::optimizer, texts[place]);
    std::optional<std::string> fault = toy_fault(part.expression, TaskKind::multiclass);
    if (!fault) return std::nullopt;
    if (!first) first = std::move(fault);
  }
  return first;
}

void print_row(std::string_view what, const Counts& counts, double seconds = 0) {
  fmt::print("| {} | {} | {} | {} |\n", what, format_count(counts.texts), format_count(counts.functions),
             seconds > 0 ? fmt::format("{:.0f}", seconds) : "");
}

}  // namespace

int main() {
  const std::vector<std::string> texts = all_texts();
  auto start = Clock::now();
  const std::vector<FunctionKey> keys = function_keys(Vocabulary::optimizer, texts);
  const double key_seconds = seconds_since(start);

  std::set<std::string> seen;
  std::map<std::string, Counts> by_probes;
  std::map<std::string, std::vector<std::size_t>> sound;  // texts by key
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const bool is_new = seen.insert(keys[i].key).second;
    if (!keys[i].fault) {
      sound[keys[i].key].push_back(i);
      continue;
    }
    Counts& counts = by_probes[kind_of(*keys[i].fault)];
    ++counts.texts;
    counts.functions += is_new ? 1 : 0;
  }

  start = Clock::now();
  std::map<std::string, Counts> by_toys;
  Counts worth, left;
  for (const auto& [key, places] : sound) {
    worth.texts += places.size();
    ++worth.functions;
    const std::optional<std::string> fault = fault_of_all(texts, places);
    Counts& counts = fault ? by_toys[kind_of(*fault)] : left;
    counts.texts += places.size();
    ++counts.functions;
  }

  fmt::print("| | texts | functions | s |\n|---|---|---|---|\n");
  print_row("`bello`, one group", {texts.size(), seen.size()}, key_seconds);
  for (const auto& [fault, counts] : by_probes) print_row("probes: " + fault, counts);
  print_row("worth training", worth);
  for (const auto& [fault, counts] : by_toys) print_row("toys: " + fault, counts);
  print_row("left to train", left, seconds_since(start));
}
