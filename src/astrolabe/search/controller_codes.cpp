// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/controller_codes.h"

#include <algorithm>
#include <cmath>

namespace astrolabe {
namespace {

double lowest_value(const Dimension& dimension) {
  const auto* whole = std::get_if<WholeRange>(&dimension.domain);
  if (whole != nullptr) return static_cast<double>(whole->low);
  return is_choice(dimension) ? 0 : std::get<RealRange>(dimension.domain).low;
}

}  // namespace

ControllerCodes::ControllerCodes(const Space& space, std::size_t bins) {
  for (const Dimension& dimension : space.dimensions()) {
    const std::size_t values = value_count(dimension);
    is_exact_.push_back(is_choice(dimension) || (values != 0 && values <= bins));
    options_.push_back(is_exact_.back() ? values : bins);
  }
  if (options_.empty()) options_.push_back(1);  // a policy decides something, if it is never asked for
}

double ControllerCodes::value(const Space& space, std::size_t d, std::int32_t option, double within) const {
  const Dimension& dimension = space.dimensions()[d];
  if (is_exact_[d]) return lowest_value(dimension) + option;
  return value_at(dimension, (option + within) / static_cast<double>(options_[d]));
}

double ControllerCodes::within(const Space& space, std::size_t d, double value) const {
  if (is_exact_[d] || std::isnan(value)) return 0.5;
  const auto shares = static_cast<double>(options_[d]);
  const double place = std::clamp(unit_of(space.dimensions()[d], value) * shares, 0.0, shares);
  return place - std::min(std::floor(place), shares - 1);
}

std::vector<std::int32_t> ControllerCodes::encode(const Space& space, const Point& point) const {
  std::vector<std::int32_t> choices(options_.size(), kNotDecided);
  for (std::size_t d = 0; d < space.size(); ++d) {
    if (std::isnan(point.values[d])) continue;
    const Dimension& dimension = space.dimensions()[d];
    const double option = is_exact_[d]
                              ? point.values[d] - lowest_value(dimension)
                              : unit_of(dimension, point.values[d]) * static_cast<double>(options_[d]);
    choices[d] =
        static_cast<std::int32_t>(std::clamp(std::floor(option), 0.0, static_cast<double>(options_[d] - 1)));
  }
  return choices;
}

}  // namespace astrolabe
