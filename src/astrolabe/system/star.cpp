// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/star.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/system/slots.h"

namespace astrolabe {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Of a space: zoph-cnn has a dash.
bool is_name(std::string_view text) {
  return !text.empty() && is_word(text[0]) && !(text[0] >= '0' && text[0] <= '9') &&
         std::ranges::all_of(text, [](char c) { return is_word(c) || c == '-'; });
}

struct Piece {
  std::string_view text;  // without blanks around it
  std::size_t at;
};

// Between the commas that stand in no parentheses.
std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  for (const std::string_view piece : split_outside_parentheses(text, ',')) {
    const std::string_view trimmed = trim(piece);
    const char* const begin = trimmed.empty() ? piece.data() : trimmed.data();
    pieces.push_back({trimmed, static_cast<std::size_t>(begin - text.data())});
  }
  return pieces;
}

// Where a * stands for an operand: one is expected, and what follows could follow one.
std::vector<std::size_t> holes_of(std::string_view text) {
  std::vector<std::size_t> holes;
  bool expects_operand = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ' || c == '\t') continue;
    if (c != '*') {
      expects_operand = std::string_view("(,+-/^<>=").find(c) != std::string_view::npos;
      continue;
    }
    if (!expects_operand) {
      expects_operand = true;  // a product
      continue;
    }
    const std::size_t next = text.find_first_not_of(" \t", i + 1);
    const bool ends = next == std::string_view::npos ||
                      std::string_view("),+-*/^<>=").find(text[next]) != std::string_view::npos;
    if (!ends) return {};  // a**2, or a star in front of something
    holes.push_back(i);
    expects_operand = false;
  }
  return holes;
}

// "ramachandran" or "ramachandran(2)".
bool read_space(std::string_view text, StarItem& item) {
  const std::size_t open = text.find('(');
  const std::string_view name = trim(text.substr(0, open));
  if (!is_name(name)) return false;
  if (open != std::string_view::npos) {
    if (!text.ends_with(')')) return false;
    const auto setting = parse_number(trim(text.substr(open + 1, text.size() - open - 2)));
    if (!setting || *setting != std::floor(*setting) || std::abs(*setting) > 1e6) return false;
    item.setting = static_cast<int>(*setting);
  }
  item.space = name;
  return true;
}

// An item behind its star, if it has one in front.
void read_behind_star(const Star& star, bool is_list, StarItem& item) {
  const std::string_view text = trim(std::string_view(item.text).substr(1));
  item.range = find_range(text);
  if (item.range) {
    item.kind = StarItem::Kind::range;
  } else if (const auto holes = holes_of(text); !holes.empty()) {
    item.kind = StarItem::Kind::pattern;
    item.holes = holes;
  } else if (read_space(text, item)) {
    item.kind = StarItem::Kind::space;  // or a value: who knows the names decides (star_dimensions.cpp)
  } else if (is_list) {
    item.kind = StarItem::Kind::value;
  } else {
    refuse_star(
        star, item.at + 1,
        {.attempted = {},
         .expected = "the name of a space, a range or a list behind a star",
         .found = fmt::format("'{}'", text),
         .remedy = "Alone, * is whatever belongs there; inside a formula it is a hole: x*sigmoid(*)."});
  }
  item.text = std::string(text);  // a copy: the view looks into what it replaces
}

StarItem item_of(const Star& star, const Piece& piece, bool is_list) {
  StarItem item{.text = std::string(piece.text), .at = piece.at};
  if (piece.text == "*") {
    item.kind = StarItem::Kind::open;
  } else if (holes_of(piece.text).empty() && piece.text.starts_with('*')) {
    read_behind_star(star, is_list, item);
  } else if (const auto range = find_range(piece.text)) {
    item.kind = StarItem::Kind::range;
    item.range = range;
  } else {
    item.holes = holes_of(piece.text);
    const bool has_range = piece.text.find("..") != std::string_view::npos;
    if (!item.holes.empty() || has_range) item.kind = StarItem::Kind::pattern;
  }
  return item;
}

void require_range(const Star& star, const StarItem& item) {
  if (!item.range || item.range->low < item.range->high) return;
  refuse_star(
      star, item.at,
      {.attempted = {},
       .expected = "a range from low to high",
       .found = fmt::format("'{}'", item.text),
       .remedy = item.range->low == item.range->high ? "Write the number alone." : "Exchange its ends."});
}

}  // namespace

Domain StarRange::domain(bool takes_whole) const {
  if (is_whole && takes_whole)
    return WholeRange{static_cast<std::int64_t>(low), static_cast<std::int64_t>(high), is_log_scale()};
  return RealRange{low, high, is_log_scale()};
}

std::optional<StarRange> find_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const std::string_view low_text = trim(text.substr(0, dots)), high_text = trim(text.substr(dots + 2));
  const auto low = parse_number(low_text), high = parse_number(high_text);
  if (!low || !high || !std::isfinite(*low) || !std::isfinite(*high)) return std::nullopt;
  constexpr double kLargestWhole = 9e15;  // a double holds every whole number up to there
  const auto is_whole = [](std::string_view written, double value) {
    return written.find_first_of(".eE") == std::string_view::npos && std::abs(value) < kLargestWhole;
  };
  return StarRange{*low, *high, is_whole(low_text, *low) && is_whole(high_text, *high)};
}

bool has_star(std::string_view text) {
  const std::string_view trimmed = trim(text);
  if (trimmed.starts_with('*')) return true;
  const std::vector<Piece> pieces = pieces_of(trimmed);
  return pieces.size() > 1 || !holes_of(trimmed).empty() || trimmed.find("..") != std::string_view::npos;
}

Star parse_star(std::string_view slot, std::string_view text) {
  Star star{.slot = std::string(slot), .text = std::string(text), .items = {}};
  const std::vector<Piece> pieces = pieces_of(text);
  std::set<std::string> seen;
  for (const Piece& piece : pieces) {
    if (piece.text.empty()) {
      refuse_star(star, piece.at,
                  {.attempted = {},
                   .expected = "something between the commas",
                   .found = "nothing",
                   .remedy = "Take the comma out, or write what shall be tried."});
    }
    star.items.push_back(item_of(star, piece, pieces.size() > 1));
    require_range(star, star.items.back());
    if (!seen.insert(star.items.back().text).second) {
      refuse_star(star, piece.at,
                  {.attempted = {},
                   .expected = "everything once",
                   .found = fmt::format("'{}' again", star.items.back().text),
                   .remedy = "Take one of them out."});
    }
  }
  return star;
}

Domain read_plain_star(std::string_view option, std::string_view text) {
  const Star star = parse_star(option, text);
  if (star.items.size() == 1 && star.items[0].range) return star.items[0].range->domain(true);
  Choices choices;
  for (const StarItem& item : star.items) {
    const bool is_word_of_list = item.kind == StarItem::Kind::space && star.items.size() > 1;
    if (item.kind != StarItem::Kind::value && !is_word_of_list) {
      refuse_star(star, item.at,
                  {.attempted = {},
                   .expected = "a list such as a,b,c or a range such as 1e-4..1e-1",
                   .found = fmt::format("'{}'", item.text),
                   .remedy = "Nobody but you knows what belongs there: write what shall be tried."});
    }
    choices.options.push_back(item.text);
  }
  return choices;
}

void refuse_star(const Star& star, std::size_t at, Complaint complaint) {
  complaint.attempted = fmt::format("reading the star of {}", dashed(star.slot));
  std::string line = star.text;
  std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  complaint.remedy += fmt::format("\n  {}\n  {}^", line, std::string(std::min(at, line.size()), ' '));
  throw usage_error(complaint);
}

}  // namespace astrolabe
