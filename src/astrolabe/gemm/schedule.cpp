// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/gemm/schedule.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/gemm/gemm.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostSize = std::size_t{1} << 20;
constexpr std::array<std::string_view, 4> kCopies{"", "inplace", "copied", "turned"};
constexpr std::array<std::string_view, 3> kTurns{"", "straight", "turned"};
constexpr std::array<std::string_view, 3> kOrders{"", "columns", "rows"};
constexpr std::array<std::string_view, 3> kSplits{"", "rows", "columns"};

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0;
}

template <class Enum, std::size_t N>
bool read_name(std::string_view text, const std::array<std::string_view, N>& names, Enum& value) {
  for (std::size_t i = 1; i < N; ++i) {
    if (names[i] != text) continue;
    value = static_cast<Enum>(i);
    return true;
  }
  return false;
}

// "8x48"
template <class Number>
bool read_pair(std::string_view text, Number& first, Number& second) {
  const std::size_t x = text.find('x');
  return x != std::string_view::npos && read_number(text.substr(0, x), first) &&
         read_number(text.substr(x + 1), second);
}

bool read_word(std::string_view name, std::string_view value, GemmSchedule& schedule) {
  if (name == "tile") return read_pair(value, schedule.tile_rows, schedule.tile_columns);
  if (name == "fetch") return read_number(value, schedule.fetch);
  if (name == "a") return read_name(value, kCopies, schedule.copy_a);
  if (name == "b") return read_name(value, kCopies, schedule.copy_b) && schedule.copy_b != Copy::turned;
  if (name == "product") return read_name(value, kTurns, schedule.turn);
  if (name == "order") return read_name(value, kOrders, schedule.order);
  if (name == "split") return read_name(value, kSplits, schedule.split);
  if (name == "mc") return read_number(value, schedule.block_rows);
  if (name == "nc") return read_number(value, schedule.block_columns);
  if (name == "kc") return read_number(value, schedule.block_steps);
  return false;
}

GemmShape::Form form_of(std::ptrdiff_t along_row, std::ptrdiff_t along_column) {
  if (along_row == 1) return GemmShape::Form::rows;
  return along_column == 1 ? GemmShape::Form::columns : GemmShape::Form::other;
}

char letter_of(GemmShape::Form form) {
  if (form == GemmShape::Form::other) return 'X';
  return form == GemmShape::Form::rows ? 'N' : 'T';
}

}  // namespace

GemmShape shape_of(const Gemm& product) {
  return {.m = product.m,
          .n = product.n,
          .k = product.k,
          .a = form_of(product.a_column, product.a_row),
          .b = form_of(product.b_column, product.b_row)};
}

std::string shape_text(const GemmShape& shape) {
  return fmt::format("{}x{}x{} {}{}", shape.m, shape.k, shape.n, letter_of(shape.a), letter_of(shape.b));
}

std::optional<GemmShape> parse_shape(std::string_view text) {
  GemmShape shape;
  const std::string_view trimmed = trim(text);
  const std::size_t space = trimmed.find(' ');
  const std::string_view sizes = trimmed.substr(0, space);
  const std::size_t first = sizes.find('x');
  if (first == std::string_view::npos || !read_number(sizes.substr(0, first), shape.m) ||
      !read_pair(sizes.substr(first + 1), shape.k, shape.n))
    return std::nullopt;
  if (shape.m > kMostSize || shape.n > kMostSize || shape.k > kMostSize) return std::nullopt;
  if (space == std::string_view::npos) return shape;
  const std::string_view form = trim(trimmed.substr(space));
  if (form != "NN" && form != "NT" && form != "TN" && form != "TT") return std::nullopt;
  if (form[0] == 'T') shape.a = GemmShape::Form::columns;
  if (form[1] == 'T') shape.b = GemmShape::Form::columns;
  return shape;
}

std::string schedule_text(const GemmSchedule& schedule) {
  std::vector<std::string> words;
  const auto add = [&](std::string_view name, const auto& value) {
    words.push_back(fmt::format("{}={}", name, value));
  };
  if (schedule.tile_rows != 0) add("tile", fmt::format("{}x{}", schedule.tile_rows, schedule.tile_columns));
  if (schedule.order != TileOrder::automatic) add("order", kOrders[static_cast<std::size_t>(schedule.order)]);
  if (schedule.turn != Turn::automatic) add("product", kTurns[static_cast<std::size_t>(schedule.turn)]);
  if (schedule.copy_a != Copy::automatic) add("a", kCopies[static_cast<std::size_t>(schedule.copy_a)]);
  if (schedule.copy_b != Copy::automatic) add("b", kCopies[static_cast<std::size_t>(schedule.copy_b)]);
  if (schedule.block_rows != 0) add("mc", schedule.block_rows);
  if (schedule.block_columns != 0) add("nc", schedule.block_columns);
  if (schedule.block_steps != 0) add("kc", schedule.block_steps);
  if (schedule.fetch != 0) add("fetch", schedule.fetch);
  if (schedule.split != Split::automatic) add("split", kSplits[static_cast<std::size_t>(schedule.split)]);
  return join(words, " ");
}

std::optional<GemmSchedule> parse_schedule(std::string_view text) {
  GemmSchedule schedule;
  for (const std::string& word : split(std::string(text), ' ')) {
    if (word.empty()) continue;
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return std::nullopt;
    const std::string_view view = word;
    if (!read_word(view.substr(0, equals), view.substr(equals + 1), schedule)) return std::nullopt;
  }
  return schedule;
}

std::string schedule_in_words(const GemmSchedule& schedule) {
  std::vector<std::string> words;
  if (schedule.tile_rows != 0)
    words.push_back(fmt::format("tiles of {} x {}", schedule.tile_rows, schedule.tile_columns));
  if (schedule.order == TileOrder::rows) words.emplace_back("rows first");
  if (schedule.turn == Turn::yes) words.emplace_back("computed transposed");
  if (schedule.turn == Turn::no) words.emplace_back("not transposed");
  if (schedule.copy_a == Copy::no) words.emplace_back("A in place");
  if (schedule.copy_a == Copy::yes) words.emplace_back("A copied");
  if (schedule.copy_a == Copy::turned) words.emplace_back("A copied by columns");
  if (schedule.copy_b == Copy::no) words.emplace_back("B in place");
  if (schedule.copy_b == Copy::yes) words.emplace_back("B copied");
  std::vector<std::string> blocks;
  if (schedule.block_rows != 0) blocks.push_back(fmt::format("{} rows", schedule.block_rows));
  if (schedule.block_columns != 0) blocks.push_back(fmt::format("{} columns", schedule.block_columns));
  if (schedule.block_steps != 0) blocks.push_back(fmt::format("{} steps", schedule.block_steps));
  if (!blocks.empty()) words.push_back("blocks of " + join(blocks, ", "));
  if (schedule.fetch != 0) words.push_back(fmt::format("B fetched {} steps ahead", schedule.fetch));
  if (schedule.split == Split::rows) words.emplace_back("threads share rows");
  if (schedule.split == Split::columns) words.emplace_back("threads share columns");
  return words.empty() ? "the default" : join(words, ", ");
}

}  // namespace astrolabe
