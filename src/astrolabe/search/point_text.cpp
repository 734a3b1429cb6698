// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/search/space.h"

namespace astrolabe {
namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& found) {
  throw bad_input({.attempted = "reading the point " + std::string(text.substr(0, 200)),
                   .expected = "a point of this study's space",
                   .found = found,
                   .remedy = "The study was made for another space: start a new one."});
}

double parse_value(const Dimension& dimension, const nlohmann::ordered_json& json, std::string_view text) {
  if (const auto* choices = std::get_if<Choices>(&dimension.domain)) {
    const auto option = json.is_string()
                            ? std::ranges::find(choices->options, json.get_ref<const std::string&>())
                            : choices->options.end();
    if (option == choices->options.end()) refuse(text, "no such option of " + dimension.name);
    return static_cast<double>(option - choices->options.begin());
  }
  if (!json.is_number()) refuse(text, "no number for " + dimension.name);
  const double value = json.get<double>();
  if (const auto* whole = std::get_if<WholeRange>(&dimension.domain)) {
    if (value != std::floor(value) || value < static_cast<double>(whole->low) ||
        value > static_cast<double>(whole->high))
      refuse(text, dimension.name + " out of its range");
    return value;
  }
  const auto& real = std::get<RealRange>(dimension.domain);
  if (!(value >= real.low && value <= real.high)) refuse(text, dimension.name + " out of its range");
  return value;
}

}  // namespace

std::string point_text(const Space& space, const Point& point) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (std::size_t d = 0; d < space.size(); ++d) {
    if (std::isnan(point.values[d])) continue;
    const Dimension& dimension = space.dimensions()[d];
    if (is_choice(dimension)) {
      json[dimension.name] = value_text(dimension, point.values[d]);
    } else if (std::holds_alternative<WholeRange>(dimension.domain)) {
      json[dimension.name] = static_cast<std::int64_t>(point.values[d]);
    } else {
      json[dimension.name] = point.values[d];
    }
  }
  return json.dump();
}

Point parse_point(const Space& space, std::string_view text) {
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!json.is_object()) refuse(text, "no JSON object");
  Point point{std::vector<double>(space.size(), std::numeric_limits<double>::quiet_NaN())};
  std::size_t used = 0;
  for (std::size_t d = 0; d < space.size(); ++d) {
    const Dimension& dimension = space.dimensions()[d];
    const auto found = json.find(dimension.name);
    if ((found != json.end()) != space.is_active(d, point.values))
      refuse(text, found == json.end() ? dimension.name + " is missing"
                                       : dimension.name + ", which does not exist here");
    if (found == json.end()) continue;
    point.values[d] = parse_value(dimension, *found, text);
    ++used;
  }
  if (used != json.size()) refuse(text, "names of another space");
  return point;
}

}  // namespace astrolabe
