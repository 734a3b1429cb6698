// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_file.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/system/slots.h"

namespace astrolabe {
namespace {

constexpr std::uint64_t kMaxBytes = 1 << 20;
constexpr std::array<std::string_view, 4> kTables = {"task", "system", "budget", "search"};

class RunFile {
 public:
  explicit RunFile(const std::filesystem::path& path) : path_(path) {}

  std::vector<std::string> words() {
    const toml::table file = parse();
    for (const auto& [name, node] : file) {
      const std::string_view table = name.str();
      if (table == "grammar") {
        words_.insert(words_.end(), {"--grammar", path_.string()});
      } else if (table != "slot") {
        add_table(table, node);
      }
    }
    if (data_.empty())
      refuse({}, "data = \"...\" in the table [task]", "none", "Say which table it is about.");
    words_.insert(words_.begin(), data_);
    return std::move(words_);
  }

 private:
  [[noreturn]] void refuse(const toml::source_region& where, const std::string& expected,
                           const std::string& found, const std::string& remedy) const {
    const std::string line = where.begin.line > 0 ? fmt::format(", line {}", where.begin.line) : "";
    throw bad_input({.attempted = fmt::format("reading {}{}", path_.string(), line),
                     .expected = expected,
                     .found = found,
                     .remedy = remedy});
  }

  toml::table parse() const {
    const std::string text = read_file(path_, "run file", kMaxBytes);
    try {
      return toml::parse(text);
    } catch (const toml::parse_error& error) {
      refuse(error.source(), "TOML", std::string(error.description()), "Mend the line.");
    }
  }

  void add_table(std::string_view table, const toml::node& node) {
    if (std::ranges::find(kTables, table) == kTables.end()) {
      refuse(node.source(), "one of the tables [task], [system], [budget], [search], [grammar.NAME]",
             "[" + std::string(table) + "]", "Check its name.");
    }
    const toml::table* values = node.as_table();
    if (values == nullptr)
      refuse(node.source(), "a table", "a value", fmt::format("Write it as [{}].", table));
    for (const auto& [name, value] : *values) add_option(name.str(), value);
  }

  void add_option(std::string_view key, const toml::node& value) {
    const std::string name = dashed(key);
    if (const toml::table* settings = value.as_table()) {
      for (const auto& [setting, inner] : *settings)
        add_option(fmt::format("{}-{}", name, setting.str()), inner);
    } else if (const auto* flag = value.as_boolean()) {
      if (flag->get()) words_.push_back("--" + name);
      if (!flag->get() && name == "header") words_.emplace_back("--no-header");
    } else if (name == "data") {
      data_ = beside(text_of(name, value));
    } else {
      words_.push_back(
          fmt::format("--{}={}", name, name == "test" ? beside(text_of(name, value)) : text_of(name, value)));
    }
  }

  // A list is written with commas on the command line.
  std::string text_of(const std::string& name, const toml::node& value) const {
    if (const auto* text = value.as_string()) return text->get();
    if (const auto* whole = value.as_integer()) return fmt::format("{}", whole->get());
    if (const auto* real = value.as_floating_point()) return fmt::format("{}", real->get());
    const toml::array* list = value.as_array();
    if (list == nullptr)
      refuse(value.source(), "a text, a number or a list for " + name, "something else", "Put it in quotes.");
    std::vector<std::string> items;
    for (const toml::node& item : *list) items.push_back(text_of(name, item));
    return join(items, ",");
  }

  std::string beside(const std::string& file) const {
    const std::filesystem::path path(file);
    return path.is_absolute() ? file : (path_.parent_path() / path).string();
  }

  const std::filesystem::path& path_;
  std::vector<std::string> words_;
  std::string data_;
};

}  // namespace

std::vector<std::string> words_of_run_file(const std::filesystem::path& path) {
  return RunFile(path).words();
}

}  // namespace astrolabe
