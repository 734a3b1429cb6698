// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/gemm/schedule.h"

#include <array>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/gemm/gemm.h"
#include "astrolabe/gemm/schedule_words.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostSize = std::size_t{1} << 20;
constexpr std::array<std::string_view, 4> kCopies{"", "inplace", "copied", "turned"};
constexpr std::array<std::string_view, 3> kTurns{"", "straight", "turned"};
constexpr std::array<std::string_view, 3> kOrders{"", "columns", "rows"};
constexpr std::array<std::string_view, 3> kSplits{"", "rows", "columns"};

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
  ScheduleWords words;
  words.pair("tile", schedule.tile_rows, schedule.tile_columns);
  words.choice("order", schedule.order, kOrders);
  words.choice("product", schedule.turn, kTurns);
  words.choice("a", schedule.copy_a, kCopies);
  words.choice("b", schedule.copy_b, kCopies);
  words.number("mc", schedule.block_rows);
  words.number("nc", schedule.block_columns);
  words.number("kc", schedule.block_steps);
  words.number("fetch", schedule.fetch);
  words.choice("split", schedule.split, kSplits);
  return words.text();
}

std::optional<GemmSchedule> parse_schedule(std::string_view text) {
  GemmSchedule schedule;
  const bool is_read = read_schedule_words(
      text, [&](std::string_view name, std::string_view value) { return read_word(name, value, schedule); });
  return is_read ? std::optional(schedule) : std::nullopt;
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
