// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/bench_suites.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/system/star.h"
#include "astrolabe/workflow/bench_tables.h"

namespace astrolabe {
namespace {

constexpr std::uint64_t kMaxBytes = 1 << 20;
constexpr std::size_t kMostSeeds = 1000, kMostTries = 5;
constexpr std::array<std::string_view, 3> kModes = {"drop-in", "tuned", "interaction"};

std::vector<BenchTaskRequest> drawn(std::initializer_list<std::string_view> names) {
  std::vector<BenchTaskRequest> tasks;
  for (const std::string_view name : names)
    tasks.push_back({.name = std::string(name), .table = std::string(name)});
  return tasks;
}

const std::vector<BenchSuite>& suites() {
  static const std::vector<BenchSuite> all = {
      {.name = "smoke",
       .doc = "Three small tasks and a small net: whether all of it works, in seconds.",
       .question = {.slots = {{"activation", {"relu", "silu"}}},
                    .tasks = drawn({"moons", "linear", "blobs"}),
                    .hosts = {"mlp(architecture=32-32, epochs=30)"},
                    .seeds = 5}},
      {.name = "small",
       .doc = "Six tasks, a net of two layers: what a difference of some percent needs, in minutes.",
       .question = {.slots = {{"activation", {"relu", "gelu", "silu"}}},
                    .tasks = drawn({"moons", "linear", "friedman1", "categories", "blobs", "waves"}),
                    .hosts = {"mlp(architecture=64-64)"},
                    .seeds = 8}},
      {.name = "core",
       .doc = "All tasks that can be learned, in a plain, a deep and a residual net: in hours.",
       .question = {.slots = {{"activation", {"relu", "gelu", "silu"}}},
                    .tasks = drawn({"moons", "rings", "linear", "friedman1", "categories", "parity",
                                    "imbalanced", "blobs", "noisy_labels", "waves"}),
                    .hosts = {"mlp", "mlp(architecture=64-64-64-64)", "mlp(architecture=64-res-64-res)"},
                    .seeds = 10}},
  };
  return all;
}

// A suite in TOML; every complaint names its line.
class SuiteFile {
 public:
  explicit SuiteFile(const std::filesystem::path& path) : path_(path) {}

  BenchQuestion read() {
    const toml::table file = parse();
    for (const auto& [key, node] : file) take(key.str(), node);
    if (question_.tasks.empty()) refuse({}, "tasks = [\"moons\"] or a [[task]]", "none", "Name a task.");
    if (question_.hosts.empty()) question_.hosts = {"mlp"};
    return std::move(question_);
  }

 private:
  [[noreturn]] void refuse(const toml::source_region& where, const std::string& expected,
                           const std::string& found, const std::string& remedy) const {
    const std::string line = where.begin.line > 0 ? fmt::format(", line {}", where.begin.line) : "";
    throw bad_input({.attempted = fmt::format("reading the suite {}{}", path_.string(), line),
                     .expected = expected,
                     .found = found,
                     .remedy = remedy});
  }

  toml::table parse() const {
    const std::string text = read_file(path_, "suite", kMaxBytes);
    try {
      return toml::parse(text);
    } catch (const toml::parse_error& error) {
      refuse(error.source(), "TOML", std::string(error.description()), "Mend the line.");
    }
  }

  void take(std::string_view key, const toml::node& node) {
    if (key == "name" || key == "doc") {
      static_cast<void>(text_of(node));
    } else if (key == "mode") {
      question_.mode = mode_of(node);
    } else if (key == "seeds") {
      question_.seeds = count_of(node, kMostSeeds);
    } else if (key == "tuning") {
      question_.tries = count_of(node, kMostTries);
    } else if (key == "own_draws") {
      const auto* flag = node.as_boolean();
      if (flag == nullptr) refuse(node.source(), "true or false", "something else", "Mend the line.");
      question_.own_draws = flag->get();
    } else if (key == "rope" || key == "alpha") {
      const std::optional<double> value = node.value<double>();
      if (!value || *value < 0 || *value > 0.5)
        refuse(node.source(), "a number from 0 to 0.5", "another value", "Mend the line.");
      (key == "rope" ? question_.rope : question_.alpha) = *value;
    } else if (key == "hosts") {
      question_.hosts = texts_of(node);
    } else if (key == "tasks") {
      for (const std::string& name : texts_of(node)) question_.tasks.push_back({.name = name, .table = name});
    } else if (key == "claim") {
      take_claim(table_of(node));
    } else if (key == "slots") {
      for (const auto& [slot, parts] : table_of(node))
        question_.slots.push_back({.slot = std::string(slot.str()), .parts = texts_of(parts)});
    } else if (key == "task") {
      take_tasks(node);
    } else {
      refuse(node.source(),
             "claim, mode, seeds, tuning, own_draws, rope, alpha, hosts, tasks, [slots] or [[task]]",
             std::string(key), "Check its name.");
    }
  }

  BenchMode mode_of(const toml::node& node) const {
    const std::string name = text_of(node);
    const auto* found = std::ranges::find(kModes, name);
    if (found == kModes.end()) refuse(node.source(), "drop-in, tuned or interaction", name, "Mend the line.");
    return static_cast<BenchMode>(found - kModes.begin());
  }
  std::size_t count_of(const toml::node& node, std::size_t most) const {
    const std::optional<std::int64_t> value = node.value<std::int64_t>();
    if (!value || *value < 1 || *value > static_cast<std::int64_t>(most))
      refuse(node.source(), fmt::format("a whole number from 1 to {}", most), "another value",
             "Mend the line.");
    return static_cast<std::size_t>(*value);
  }
  const toml::table& table_of(const toml::node& node) const {
    const toml::table* table = node.as_table();
    if (table == nullptr) refuse(node.source(), "a table", "a value", "Write it as [name].");
    return *table;
  }
  // Numbers as people write them: parts of a slot may be numbers.
  std::string text_of(const toml::node& node) const {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
    if (const auto* real = node.as_floating_point()) return fmt::format("{}", real->get());
    refuse(node.source(), "a text or a number", "something else", "Put it in quotes.");
  }
  std::vector<std::string> texts_of(const toml::node& node) const {
    const toml::array* list = node.as_array();
    if (list == nullptr) return {text_of(node)};
    std::vector<std::string> texts;
    for (const toml::node& item : *list) texts.push_back(text_of(item));
    if (texts.empty()) refuse(node.source(), "a list of one or more", "an empty one", "Mend the line.");
    return texts;
  }

  void take_claim(const toml::table& table) {
    BenchClaim& claim = question_.claim;
    for (const auto& [key, node] : table) {
      const std::string_view name = key.str();
      if (name == "text") {
        claim.text = text_of(node);
      } else if (name == "slot") {
        claim.slot = text_of(node);
      } else if (name == "a") {
        claim.a = text_of(node);
      } else if (name == "b") {
        claim.b = text_of(node);
      } else if (name == "expects") {
        claim.expects = texts_of(node);
      } else {
        refuse(node.source(), "text, slot, a, b or expects", std::string(name), "Check its name.");
      }
    }
    constexpr std::array<std::string_view, 3> kVerdicts = {"better", "worse", "tie"};
    for (const std::string& verdict : claim.expects)
      if (std::ranges::find(kVerdicts, verdict) == kVerdicts.end())
        refuse(table.source(), "expects = better, worse or tie", verdict, "Mend the claim.");
    if (claim.text.empty() || claim.expects.empty())
      refuse(table.source(), "a claim with text and expects", "less", "Say what it expects.");
  }

  void take_tasks(const toml::node& node) {
    const toml::array* list = node.as_array();
    if (list == nullptr) refuse(node.source(), "[[task]]", "something else", "Write it with two brackets.");
    for (const toml::node& item : *list) take_task(table_of(item));
  }

  void take_task(const toml::table& table) {
    BenchTaskRequest task;
    for (const auto& [key, node] : table) {
      const std::string_view name = key.str();
      if (name == "rows") {
        task.rows = count_of(node, 100'000'000);
      } else if (name == "drop") {
        task.drop = texts_of(node);
      } else if (std::string* text = text_field(task, name)) {
        *text = text_of(node);
      } else if (name == "data") {
        const std::filesystem::path data(text_of(node));
        task.data = data.is_absolute() ? data : path_.parent_path() / data;
      } else {
        refuse(node.source(), "name, data, table, target, metric, split, positive, drop or rows",
               std::string(name), "Check its name.");
      }
    }
    if (task.table.empty() == task.data.empty())
      refuse(table.source(), "either data or table in a [[task]]", task.table.empty() ? "neither" : "both",
             "Give the path of a table, or the name of one that is drawn.");
    if (!task.data.empty() && task.target.empty())
      refuse(table.source(), "target = \"COLUMN\" beside data", "none", "Say what is to be predicted.");
    if (task.name.empty()) task.name = task.table.empty() ? name_of_file(task.data) : task.table;
    question_.tasks.push_back(std::move(task));
  }

  static std::string* text_field(BenchTaskRequest& task, std::string_view name) {
    if (name == "name") return &task.name;
    if (name == "table") return &task.table;
    if (name == "target") return &task.target;
    if (name == "metric") return &task.metric;
    if (name == "split") return &task.split;
    return name == "positive" ? &task.positive : nullptr;
  }
  // "adult" of adult.csv.gz
  static std::string name_of_file(const std::filesystem::path& data) {
    const std::string name = data.filename().string();
    return name.substr(0, name.find('.', 1));
  }

  const std::filesystem::path path_;
  BenchQuestion question_;
};

}  // namespace

std::span<const BenchSuite> bench_suites() {
  return suites();
}

BenchQuestion read_bench_suite(const std::string& suite) {
  if (suite.ends_with(".toml")) return SuiteFile(suite).read();
  std::vector<std::string> names;
  for (const BenchSuite& row : suites()) {
    if (row.name == suite) return row.question;
    names.emplace_back(row.name);
  }
  const std::optional<std::string> nearest = nearest_name(suite, names);
  throw usage_error({.attempted = "reading the suite",
                     .expected = "one of " + join(names, ", ") + ", or the path of a TOML",
                     .found = "'" + suite + "'",
                     .remedy = nearest ? fmt::format("Did you mean {}?", *nearest)
                                       : "`astrolabe bench --list` shows them."});
}

std::string_view bench_mode_name(BenchMode mode) {
  return kModes.at(static_cast<std::size_t>(mode));
}

BenchMode parse_bench_mode(std::string_view name) {
  const auto* found = std::ranges::find(kModes, name);
  if (found != kModes.end()) return static_cast<BenchMode>(found - kModes.begin());
  throw usage_error({.attempted = "reading --mode",
                     .expected = "drop-in, tuned or interaction",
                     .found = std::string(name),
                     .remedy = ""});
}

std::vector<std::string> parse_bench_list(std::string_view what, std::string_view text) {
  std::vector<std::string> items;
  for (const std::string_view part : split_outside_parentheses(text, ',')) {
    const std::string item(trim(part));
    if (item.empty()) continue;
    if (has_star(item)) {
      throw usage_error({.attempted = fmt::format("reading {}", what),
                         .expected = "parts that are compared with one another",
                         .found = "a star",
                         .remedy = "A star is searched: astrolabe run. Name the parts here."});
    }
    items.push_back(item);
  }
  if (!items.empty()) return items;
  throw usage_error({.attempted = fmt::format("reading {}", what),
                     .expected = "one or more, with commas between them",
                     .found = "none",
                     .remedy = "Write it as relu,gelu."});
}

}  // namespace astrolabe
