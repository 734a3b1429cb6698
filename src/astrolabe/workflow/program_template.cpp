// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/program_template.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/system/star.h"

namespace astrolabe {
namespace {

constexpr std::string_view kForms = "a range such as *1e-4..1e-1 or *1..8, or a list such as *relu,gelu";

// What stands behind the star of `word`.
Domain domain_of(std::string_view text, const std::string& name, std::string_view word) {
  Domain domain = text.empty() ? Domain(Choices{}) : read_plain_star(name, text);
  const auto* choices = std::get_if<Choices>(&domain);
  if (choices == nullptr || choices->options.size() >= 2) return domain;
  throw usage_error({.attempted = fmt::format("reading the star in {}", shell_text({{std::string(word)}})),
                     .expected = std::string(kForms),
                     .found = text.empty() ? "nothing after the star" : fmt::format("'{}' alone", text),
                     .remedy = "A star that is meant literally is written ** or \\*."});
}

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

// A word that asks for a value: "--lr", "-l"; not "-", "--", "-3" or "--lr=3".
bool looks_like_flag(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && word != "--" && !parse_number(word) &&
         word.find('=') == std::string_view::npos;
}

std::string without_dashes(std::string_view flag) {
  return std::string(flag.substr(std::min(flag.find_first_not_of('-'), flag.size())));
}

}  // namespace

std::string shell_text(std::span<const std::string> words) {
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-./,=:@%+").find(c) != std::string_view::npos;
  };
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    if (!word.empty() && std::ranges::all_of(word, is_plain)) {
      text += word;
      continue;
    }
    text += '\'';
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += '\'';
  }
  return text;
}

ProgramTemplate::ProgramTemplate(std::span<const std::string> words, std::span<const Dimension> slots) {
  for (const Dimension& slot : slots) space_.add(slot);
  for (const std::string& word : words) {
    if (find_invalid_utf8(word)) {
      throw usage_error({.attempted = "reading the command",
                         .expected = "words in UTF-8",
                         .found = fmt::format("bytes that are not, in word {}", typed_.size() + 1)});
    }
    typed_.push_back(word);
    add_word(word);
  }
  if (typed_.empty() || typed_[0].empty()) {
    throw usage_error({.attempted = "reading the command",
                       .expected = "a program and its words after --",
                       .found = "nothing",
                       .remedy = "Write it as: astrolabe search --minimise loss -- python3 train.py --lr "
                                 "'*1e-4..1e-1'"});
  }
  require_used_slots(slots);
  if (space_.size() == 0) {
    throw usage_error({.attempted = "reading the command",
                       .expected = "a star in at least one word",
                       .found = text(),
                       .remedy = "Write " + std::string(kForms) + ", in quotes that keep the shell away."});
  }
}

void ProgramTemplate::add_word(std::string_view text) {
  if (add_star(text)) return;
  const std::size_t equals = text.find('=');
  const std::size_t value = equals == std::string_view::npos ? 0 : equals + 1;
  for (const std::size_t at : {std::size_t{0}, value}) {
    const std::string_view rest = text.substr(at);
    if (!rest.starts_with("**") && !rest.starts_with("\\*")) continue;
    words_.push_back(pieces_of(std::string(text.substr(0, at)) + std::string(rest.substr(1))));
    return;
  }
  words_.push_back(pieces_of(text));
}

// False: no star in it.
bool ProgramTemplate::add_star(std::string_view text) {
  std::size_t star = 0;
  std::string name;
  if (!text.starts_with('*')) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || !text.substr(equals + 1).starts_with('*')) return false;
    const std::string_view before = text.substr(0, equals);
    if (before.empty() || !std::ranges::all_of(before, is_name_character)) return false;
    name = without_dashes(before);
    star = equals + 1;
  } else if (!words_.empty() && is_flag(words_.size() - 1)) {
    name = without_dashes(typed_[words_.size() - 1]);
  }
  const std::string_view behind = text.substr(star + 1);
  if (behind.starts_with('*')) return false;
  if (name.empty()) name = name_by_place();
  Domain domain = domain_of(behind, name, text);
  Word word;
  if (star > 0) word.push_back({.literal = std::string(text.substr(0, star))});
  word.push_back({.dimension = space_.add({.name = free_name(name), .domain = std::move(domain)})});
  words_.push_back(std::move(word));
  return true;
}

// Literal text and the declared slots in braces; other braces are the program's own.
ProgramTemplate::Word ProgramTemplate::pieces_of(std::string_view text) const {
  Word word(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t close = text[i] == '{' ? text.find('}', i) : std::string_view::npos;
    const auto slot =
        close == std::string_view::npos ? std::nullopt : space_.find(text.substr(i + 1, close - i - 1));
    if (!slot) {
      word.back().literal += text[i];
      continue;
    }
    word.push_back({.dimension = *slot});
    word.emplace_back();
    i = close;
  }
  std::erase_if(word, [](const Piece& p) { return p.dimension == kLiteral && p.literal.empty(); });
  return word;
}

std::string ProgramTemplate::name_by_place() const {
  return words_.empty() ? "program" : fmt::format("word{}", words_.size() + 1);
}

// A flag may come more than once.
std::string ProgramTemplate::free_name(const std::string& wanted) const {
  std::string name = wanted;
  for (int n = 2; space_.find(name); ++n) name = fmt::format("{}.{}", wanted, n);
  return name;
}

void ProgramTemplate::require_used_slots(std::span<const Dimension> slots) const {
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    const bool is_used = std::ranges::any_of(words_, [&](const Word& word) {
      return std::ranges::any_of(word, [&](const Piece& piece) { return piece.dimension == slot; });
    });
    const bool is_condition = std::ranges::any_of(
        slots, [&](const Dimension& other) { return other.when && other.when->dimension == slot; });
    if (is_used || is_condition) continue;
    throw usage_error(
        {.attempted = "reading the command",
         .expected = fmt::format("{{{}}} in a word, as a slot of that name is declared", slots[slot].name),
         .found = text(),
         .remedy = "Write it where its value belongs, or leave the slot out of --slots."});
  }
}

bool ProgramTemplate::is_flag(std::size_t word) const {
  const bool is_literal =
      std::ranges::all_of(words_[word], [](const Piece& piece) { return piece.dimension == kLiteral; });
  return is_literal && word > 0 && looks_like_flag(typed_[word]);
}

std::vector<std::string> ProgramTemplate::fill(const Point& point) const {
  std::vector<std::string> filled;
  for (std::size_t w = 0; w < words_.size(); ++w) {
    std::string text;
    bool exists = true;
    for (const Piece& piece : words_[w]) {
      if (piece.dimension == kLiteral) {
        text += piece.literal;
      } else if (std::isnan(point.values[piece.dimension])) {
        exists = false;
      } else {
        text += value_text(space_.dimensions()[piece.dimension], point.values[piece.dimension]);
      }
    }
    if (exists) {
      filled.push_back(std::move(text));
    } else if (w > 0 && is_flag(w - 1) && !typed_[w].starts_with('-')) {
      filled.pop_back();
    }
  }
  return filled;
}

std::string ProgramTemplate::text() const {
  return shell_text(typed_);
}

std::string ProgramTemplate::program() const {
  const bool is_fixed = words_[0].size() == 1 && words_[0][0].dimension == kLiteral;
  return is_fixed ? words_[0][0].literal : "";
}

}  // namespace astrolabe
