// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/space.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

// Six significant digits: what people read, and the last bits of a logarithm never reach a point.
double rounded(double value) {
  return parse_number(fmt::format("{:.6g}", value)).value_or(value);
}

[[noreturn]] void refuse(const Dimension& dimension, const std::string& expected, const std::string& found) {
  throw usage_error({.attempted = "making a space of " + dimension.name,
                     .expected = expected,
                     .found = found,
                     .remedy = "Write a list such as a,b,c, or a range such as 1e-4..1e-1."});
}

template <class Range>
void require_range(const Dimension& dimension, const Range& range) {
  const auto low = static_cast<double>(range.low);
  const auto high = static_cast<double>(range.high);
  if (!std::isfinite(low) || !std::isfinite(high)) refuse(dimension, "finite numbers", "others");
  if (low > high) refuse(dimension, "a range from low to high", fmt::format("{}..{}", low, high));
  if (range.log_scale && low <= 0)
    refuse(dimension, "a range above 0 for a logarithmic scale", fmt::format("{}..{}", low, high));
}

void require_choices(const Dimension& dimension, const Choices& choices) {
  if (choices.options.empty()) refuse(dimension, "at least one option", "none");
  std::vector<std::string> sorted = choices.options;
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice != sorted.end()) refuse(dimension, "every option once", *twice + " twice");
}

// Number of values of a dimension and of all that exists under it.
double count_under(std::span<const Dimension> dimensions, std::size_t d) {
  const Dimension& dimension = dimensions[d];
  if (!is_choice(dimension)) {
    const std::size_t values = value_count(dimension);
    return values == 0 ? std::numeric_limits<double>::infinity() : static_cast<double>(values);
  }
  double total = 0;
  for (std::size_t option = 0; option < value_count(dimension); ++option) {
    double product = 1;
    for (std::size_t child = d + 1; child < dimensions.size(); ++child) {
      const auto& when = dimensions[child].when;
      if (when && when->dimension == d && std::ranges::find(when->options, option) != when->options.end())
        product *= count_under(dimensions, child);
    }
    total += product;
  }
  return total;
}

double log_unit(double low, double high, double value) {
  return (std::log(value) - std::log(low)) / (std::log(high) - std::log(low));
}

double clamped(const Dimension& dimension, double value) {
  if (const auto* choices = std::get_if<Choices>(&dimension.domain))
    return std::clamp(std::round(value), 0.0, static_cast<double>(choices->options.size() - 1));
  if (const auto* whole = std::get_if<WholeRange>(&dimension.domain))
    return std::clamp(std::round(value), static_cast<double>(whole->low), static_cast<double>(whole->high));
  const auto& real = std::get<RealRange>(dimension.domain);
  return std::clamp(value, real.low, real.high);
}

double lowest(const Dimension& dimension) {
  if (is_choice(dimension)) return 0;
  const auto* whole = std::get_if<WholeRange>(&dimension.domain);
  return whole != nullptr ? static_cast<double>(whole->low) : std::get<RealRange>(dimension.domain).low;
}

// Fills everything from `first` on with the lowest values.
void reset_from(const Space& space, std::vector<double>& values, std::size_t first) {
  for (std::size_t d = first; d < space.size(); ++d)
    values[d] = space.is_active(d, values) ? lowest(space.dimensions()[d]) : kNothing;
}

}  // namespace

bool operator==(const Point& a, const Point& b) {
  return std::ranges::equal(a.values, b.values,
                            [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

std::size_t Space::add(Dimension dimension) {
  if (find(dimension.name)) refuse(dimension, "a name of its own", "another dimension of that name");
  if (const auto* choices = std::get_if<Choices>(&dimension.domain)) require_choices(dimension, *choices);
  if (const auto* whole = std::get_if<WholeRange>(&dimension.domain)) require_range(dimension, *whole);
  if (const auto* real = std::get_if<RealRange>(&dimension.domain)) require_range(dimension, *real);
  if (dimension.when) {
    const Condition& when = *dimension.when;
    if (when.dimension >= size() || !is_choice(dimensions_[when.dimension]))
      refuse(dimension, "a condition on an earlier choice", fmt::format("dimension {}", when.dimension));
    for (const std::size_t option : when.options)
      if (option >= value_count(dimensions_[when.dimension]))
        refuse(dimension, "a condition on an option that exists", fmt::format("option {}", option));
  }
  dimensions_.push_back(std::move(dimension));
  return dimensions_.size() - 1;
}

std::optional<std::size_t> Space::find(std::string_view name) const {
  const auto found = std::ranges::find(dimensions_, name, &Dimension::name);
  if (found == dimensions_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - dimensions_.begin());
}

bool Space::is_active(std::size_t d, std::span<const double> values) const {
  const auto& when = dimensions_[d].when;
  if (!when) return true;
  const double parent = values[when->dimension];
  return !std::isnan(parent) && std::ranges::any_of(when->options, [&](std::size_t option) {
    return static_cast<double>(option) == parent;
  });
}

double Space::count() const {
  double product = 1;
  for (std::size_t d = 0; d < size(); ++d)
    if (!dimensions_[d].when) product *= count_under(dimensions_, d);
  return product;
}

bool is_choice(const Dimension& dimension) {
  return std::holds_alternative<Choices>(dimension.domain);
}

std::size_t value_count(const Dimension& dimension) {
  if (const auto* choices = std::get_if<Choices>(&dimension.domain)) return choices->options.size();
  if (const auto* whole = std::get_if<WholeRange>(&dimension.domain))
    return static_cast<std::size_t>(whole->high - whole->low) + 1;
  const auto& real = std::get<RealRange>(dimension.domain);
  return real.low == real.high ? 1 : 0;
}

double value_at(const Dimension& dimension, double unit) {
  const double u = std::clamp(unit, 0.0, std::nextafter(1.0, 0.0));
  if (const auto* choices = std::get_if<Choices>(&dimension.domain))
    return std::floor(u * static_cast<double>(choices->options.size()));
  if (const auto* whole = std::get_if<WholeRange>(&dimension.domain)) {
    const auto low = static_cast<double>(whole->low);
    const auto high = static_cast<double>(whole->high);
    const double value = whole->log_scale ? low * std::pow((high + 1) / low, u) : low + u * (high - low + 1);
    return std::clamp(std::floor(rounded(value)), low, high);
  }
  const auto& real = std::get<RealRange>(dimension.domain);
  const double value =
      real.log_scale ? real.low * std::pow(real.high / real.low, u) : real.low + u * (real.high - real.low);
  return std::clamp(rounded(value), real.low, real.high);
}

double unit_of(const Dimension& dimension, double value) {
  if (const auto* choices = std::get_if<Choices>(&dimension.domain))
    return (value + 0.5) / static_cast<double>(choices->options.size());
  if (const auto* whole = std::get_if<WholeRange>(&dimension.domain)) {
    const auto low = static_cast<double>(whole->low);
    const auto high = static_cast<double>(whole->high);
    if (whole->log_scale) return log_unit(low, high + 1, value + 0.5);
    return (value - low + 0.5) / (high - low + 1);
  }
  const auto& real = std::get<RealRange>(dimension.domain);
  if (real.low == real.high) return 0.5;
  return real.log_scale ? log_unit(real.low, real.high, value) : (value - real.low) / (real.high - real.low);
}

Point random_point(const Space& space, Key key) {
  return repaired(space, {std::vector<double>(space.size(), kNothing)}, key);
}

Point repaired(const Space& space, Point point, Key key) {
  point.values.resize(space.size(), kNothing);
  for (std::size_t d = 0; d < space.size(); ++d) {
    const Dimension& dimension = space.dimensions()[d];
    double& value = point.values[d];
    if (!space.is_active(d, point.values)) {
      value = kNothing;
    } else if (std::isnan(value)) {
      value = value_at(dimension, random_uniform(key, d));
    } else {
      value = clamped(dimension, value);
    }
  }
  return point;
}

Point first_point(const Space& space) {
  Point point{std::vector<double>(space.size(), kNothing)};
  reset_from(space, point.values, 0);
  return point;
}

std::optional<Point> next_point(const Space& space, const Point& point) {
  ASTROLABE_CHECK(std::isfinite(space.count()), "only countable spaces are enumerated");
  Point next = point;
  for (std::size_t d = space.size(); d-- > 0;) {
    if (std::isnan(next.values[d])) continue;
    const Dimension& dimension = space.dimensions()[d];
    const double last = lowest(dimension) + static_cast<double>(value_count(dimension)) - 1;
    if (next.values[d] >= last) continue;
    next.values[d] += 1;
    reset_from(space, next.values, d + 1);
    return next;
  }
  return std::nullopt;
}

std::string value_text(const Dimension& dimension, double value) {
  if (const auto* choices = std::get_if<Choices>(&dimension.domain))
    return choices->options[static_cast<std::size_t>(value)];
  if (std::holds_alternative<WholeRange>(dimension.domain))
    return fmt::format("{}", static_cast<std::int64_t>(value));
  return fmt::format("{}", value);
}

}  // namespace astrolabe
