// SPDX-License-Identifier: Apache-2.0
// What a star may become: named dimensions, each a choice, a whole number or a real one; a dimension may
// exist only while an earlier choice holds one of some options.
//
//   Space space;
//   const std::size_t optimizer = space.add({.name = "optimizer", .domain = Choices{{"sgd", "adam"}}});
//   space.add({.name = "momentum", .domain = RealRange{.low = 0, .high = 0.99},
//              .when = Condition{.dimension = optimizer, .options = {0}}});
//   const Point point = random_point(space, key);      // {1, NaN}: adam, and no momentum
//   point_text(space, point)                           // {"optimizer":"adam"}
//
// Knows nothing of learners. A Space is immutable once made; everything here is pure and thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "astrolabe/base/random.h"

namespace astrolabe {

struct Choices {
  std::vector<std::string> options;  // each once
};
struct WholeRange {
  std::int64_t low = 0, high = 0;  // inclusive
  bool log_scale = false;          // drawn and changed by factors; low > 0
};
struct RealRange {
  double low = 0, high = 0;  // inclusive
  bool log_scale = false;
};
using Domain = std::variant<Choices, WholeRange, RealRange>;

// The dimension exists while the choice `dimension`, which comes before it, exists and holds one of
// `options`.
struct Condition {
  std::size_t dimension = 0;
  std::vector<std::size_t> options;
};

struct Dimension {
  std::string name;  // unique: "activation.u1"
  Domain domain;
  std::optional<Condition> when = {};
};

// A number per dimension: an option's index, or the value; NaN where the dimension does not exist.
struct Point {
  std::vector<double> values;

  // NaN equals NaN.
  friend bool operator==(const Point& a, const Point& b);
};

class Space {
 public:
  // Returns its index. Throws usage_error: no option, an option twice, low above high, numbers that are not
  // finite, a logarithm of numbers that are not positive, a name twice, a condition on what is not an earlier
  // choice.
  std::size_t add(Dimension dimension);

  [[nodiscard]] std::span<const Dimension> dimensions() const { return dimensions_; }
  [[nodiscard]] std::size_t size() const { return dimensions_.size(); }
  // Index by name; nothing when there is none.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  // Whether dimension `d` exists, by the values before it.
  [[nodiscard]] bool is_active(std::size_t d, std::span<const double> values) const;
  // How many points there are; infinity with a real dimension of more than one value.
  [[nodiscard]] double count() const;

 private:
  std::vector<Dimension> dimensions_;
};

// ---- One dimension.
[[nodiscard]] bool is_choice(const Dimension& dimension);
// Values of a choice or whole range; 0: uncountable.
[[nodiscard]] std::size_t value_count(const Dimension& dimension);
// From a uniform number in [0, 1) to a value, along the dimension's scale, and back (to a value that gives
// it). Choices: equal shares.
[[nodiscard]] double value_at(const Dimension& dimension, double unit);
[[nodiscard]] double unit_of(const Dimension& dimension, double value);

// ---- Points.
// Every dimension drawn independently, those that do not exist left out. Draws number d of the key belongs to
// dimension d, so that a change of one leaves the others.
[[nodiscard]] Point random_point(const Space& space, Key key);
// Values clamped into their domains, NaN where nothing exists, and drawn where something exists but has no
// value: makes any change of a point a point again.
[[nodiscard]] Point repaired(const Space& space, Point point, Key key);
// Enumeration of countable spaces in lexicographic order, the last dimension fastest.
[[nodiscard]] Point first_point(const Space& space);
[[nodiscard]] std::optional<Point> next_point(const Space& space, const Point& point);

// {"optimizer":"sgd","momentum":0.9}: JSON, dimensions in order, shortest numbers that read back alike.
[[nodiscard]] std::string point_text(const Space& space, const Point& point);
// Throws bad_input for what is not a point of this space.
[[nodiscard]] Point parse_point(const Space& space, std::string_view text);
// The value for people: "adam", "0.9".
[[nodiscard]] std::string value_text(const Dimension& dimension, double value);

}  // namespace astrolabe
