// SPDX-License-Identifier: Apache-2.0
// What a star says: what may be written in a slot instead of one value.
//
//   *                      whatever belongs there
//   relu,gelu,silu         one of a list; commas inside parentheses are their own
//   relu,gelu,*            a list, and whatever else belongs there
//   1e-4..1e-1, *1..8      a range; by factors when its ends are at least 100-fold apart and above 0
//   *ramachandran(2)       a named space, of the literature or of the user
//   x*sigmoid(*)           a hole: a * where an operand is expected
//   leaky_relu(*), focal(1..5)    a setting of a part
//
//   has_star("x*sigmoid(x)")                         // false: those are products
//   parse_star("activation", "relu,x*sigmoid(*)").items[1].kind   // StarItem::Kind::pattern
//
// A star in front of a list, a range or a pattern, as in *relu,gelu, changes nothing: programs need it to
// tell stars from their own options. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/search/space.h"

namespace astrolabe {

// The ends of a range as written.
struct StarRange {
  double low = 0, high = 0;
  bool is_whole = false;  // both ends
  [[nodiscard]] bool is_log_scale() const { return low > 0 && high >= 100 * low; }
  // Whole numbers when `takes_whole` and both ends are whole.
  [[nodiscard]] Domain domain(bool takes_whole) const;
};

struct StarItem {
  enum class Kind : std::uint8_t { value, open, space, range, pattern };
  Kind kind = Kind::value;
  std::string text;    // as written, without blanks around it and without a star in front
  std::size_t at = 0;  // where it begins in the star's text
  std::optional<StarRange> range = {};
  std::string space = {};               // its name
  std::optional<int> setting = {};      // in its parentheses
  std::vector<std::size_t> holes = {};  // places of holes in `text`
};

struct Star {
  std::string slot;
  std::string text;
  std::vector<StarItem> items;  // at least one
};

// Whether a text is a star. What is no star is a value, sound or not.
[[nodiscard]] bool has_star(std::string_view text);

// Throws usage_error that points at the character: an empty item, an item twice, "*" twice, a range from high
// to low, a range that does not end, what stands behind a star. Names of spaces are not looked up here.
[[nodiscard]] Star parse_star(std::string_view slot, std::string_view text);

// A star of a program's option, whose values we know nothing about: a list or a range. Throws usage_error for
// all other stars too: nobody knows what belongs there.
[[nodiscard]] Domain read_plain_star(std::string_view option, std::string_view text);

// Numbers "low..high" anywhere in an expression's parentheses, "1e-4..1e-1"; nothing when it is no range.
[[nodiscard]] std::optional<StarRange> find_range(std::string_view text);

struct Complaint;
// Throws the usage_error with the text and a caret under the character.
[[noreturn]] void refuse_star(const Star& star, std::size_t at, Complaint complaint);

}  // namespace astrolabe
