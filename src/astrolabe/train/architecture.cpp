// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/architecture.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMaxShown = 200;

constexpr std::string_view kAdvice =
    "Write widths and \"res\" with dashes between them, as in 128-res-64, or none.";

Error refuse(std::string_view text, std::size_t at, std::string expected) {
  return refuse_architecture(text, at, std::move(expected), kAdvice);
}

}  // namespace

Error refuse_architecture(std::string_view text, std::size_t at, std::string expected,
                          std::string_view advice) {
  std::string shown(text.substr(0, kMaxShown));
  std::ranges::replace_if(shown, [](unsigned char c) { return c < ' ' || c == 127; }, '?');
  return usage_error(
      {.attempted = "reading an architecture",
       .expected = std::move(expected),
       .found = fmt::format("something else at character {}", at + 1),
       .remedy = fmt::format("{}\n  {}\n  {:>{}}", advice, shown, "^", std::min(at, kMaxShown) + 1)});
}

Architecture::Block parse_dense_block(std::string_view text, std::size_t at, std::string_view word,
                                      const std::vector<Architecture::Block>& before) {
  if (word == "res") {
    if (before.empty()) throw refuse(text, at, "a layer with a width before the first \"res\"");
    return {.width = before.back().width, .is_residual = true};
  }
  std::size_t width = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), width);
  const bool is_number = error == std::errc() && end == word.data() + word.size();
  if (!is_number && error != std::errc::result_out_of_range)
    throw refuse(text, at, "the width of a layer, or \"res\"");
  if (!is_number || width < 1 || width > kMaxWidth)
    throw refuse(text, at, fmt::format("a width from 1 to {}", format_count(kMaxWidth)));
  return {.width = width, .is_residual = false};
}

Architecture parse_architecture(std::string_view text) {
  Architecture architecture;
  if (trim(text).empty() || trim(text) == "none") return architecture;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('-', begin), text.size());
    const std::string_view word = trim(text.substr(begin, end - begin));
    const std::size_t at = word.empty() ? begin : static_cast<std::size_t>(word.data() - text.data());
    if (architecture.blocks.size() == kMaxBlocks)
      throw refuse(text, at, fmt::format("at most {} layers and blocks", kMaxBlocks));
    architecture.blocks.push_back(parse_dense_block(text, at, word, architecture.blocks));
    begin = end + 1;
  }
  return architecture;
}

std::string architecture_text(const Architecture& architecture) {
  if (architecture.blocks.empty()) return "none";
  std::string text;
  for (const Architecture::Block& block : architecture.blocks) {
    if (!text.empty()) text += '-';
    text += block.is_residual ? "res" : std::to_string(block.width);
  }
  return text;
}

}  // namespace astrolabe
