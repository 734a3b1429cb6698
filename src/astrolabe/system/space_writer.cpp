// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/space_writer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {

SpaceWriter SpaceWriter::under(std::string_view name) const {
  SpaceWriter inner = *this;
  inner.prefix_ = full_name(name);
  return inner;
}

SpaceWriter SpaceWriter::while_option(std::size_t dimension, std::vector<std::size_t> options) const {
  SpaceWriter inner = *this;
  inner.when_ = Condition{.dimension = dimension, .options = std::move(options)};
  return inner;
}

std::string SpaceWriter::full_name(std::string_view name) const {
  if (name.empty()) return prefix_;
  return prefix_.empty() ? std::string(name) : prefix_ + "." + std::string(name);
}

std::size_t SpaceWriter::add(std::string_view name, Domain domain, double preferred) const {
  const std::size_t d =
      draft_->space.add({.name = full_name(name), .domain = std::move(domain), .when = when_});
  draft_->defaults.push_back(preferred);
  return d;
}

WrittenChoice SpaceWriter::choice(std::string_view name, std::vector<std::string> options,
                                  std::size_t preferred) const {
  const std::size_t d = add(name, Choices{options}, static_cast<double>(preferred));
  return {d, [d, options = std::move(options)](const Point& point) {
            return options[static_cast<std::size_t>(point.values[d])];
          }};
}

PointText SpaceWriter::real(std::string_view name, const RealRange& range, double preferred) const {
  const std::size_t d = add(name, range, std::clamp(preferred, range.low, range.high));
  return [d](const Point& point) { return fmt::format("{}", point.values[d]); };
}

PointText SpaceWriter::whole(std::string_view name, const WholeRange& range, double preferred) const {
  const double value = std::clamp(preferred, static_cast<double>(range.low), static_cast<double>(range.high));
  const std::size_t d = add(name, range, value);
  return [d](const Point& point) { return fmt::format("{}", static_cast<std::int64_t>(point.values[d])); };
}

Assignment SpaceWriter::assignment(
    const std::vector<std::pair<std::string_view, std::string_view>>& named) const {
  Assignment found;
  for (const auto& [name, option] : named) {
    const auto d = space().find(full_name(name));
    ASTROLABE_CHECK(d.has_value(), "a dimension that was written: " + full_name(name));
    const auto& options = std::get<Choices>(space().dimensions()[*d].domain).options;
    const auto place = std::ranges::find(options, option);
    ASTROLABE_CHECK(place != options.end(), "an option that was written: " + std::string(option));
    found.emplace_back(*d, static_cast<double>(place - options.begin()));
  }
  return found;
}

Point completed(const SpaceDraft& draft, const Assignment& assignment) {
  Point point{std::vector<double>(draft.space.size(), std::numeric_limits<double>::quiet_NaN())};
  for (const auto& [d, value] : assignment) point.values[d] = value;
  for (std::size_t d = 0; d < draft.space.size(); ++d) {
    double& value = point.values[d];
    if (!draft.space.is_active(d, point.values)) {
      value = std::numeric_limits<double>::quiet_NaN();
    } else if (std::isnan(value)) {
      value = draft.defaults[d];
    }
  }
  return point;
}

}  // namespace astrolabe
