// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/class_weights.h"

#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe::trees {
namespace {

Error refusal(std::string_view setting, std::string expected, std::string found) {
  return bad_input({.attempted = fmt::format("setting class_weights to {}", setting),
                    .expected = std::move(expected),
                    .found = std::move(found),
                    .remedy = "Write none, balanced, or one number for each class, as in 1,4."});
}

std::vector<double> balanced(const Labels& labels) {
  std::vector<double> totals(labels.classes, 0.0);
  double total = 0, present = 0;
  for (std::size_t row = 0; row < labels.rows(); ++row) {
    totals[static_cast<std::size_t>(labels.values[row])] += labels.weight(row);
    total += labels.weight(row);
  }
  for (const double of_class : totals) present += of_class > 0 ? 1 : 0;
  std::vector<double> weights;
  for (const double of_class : totals) weights.push_back(of_class > 0 ? total / (present * of_class) : 1.0);
  return weights;
}

std::vector<double> listed(std::string_view setting, std::size_t classes) {
  std::vector<double> weights;
  for (const std::string& piece : split(setting, ',')) {
    const std::optional<double> weight = parse_number(trim(piece));
    if (!weight || !std::isfinite(*weight) || *weight < 0)
      throw refusal(setting, "a number of 0 or more for each class", fmt::format("\"{}\"", trim(piece)));
    weights.push_back(*weight);
  }
  if (weights.size() != classes)
    throw refusal(setting, fmt::format("{} weights, one for each class", classes),
                  fmt::format("{}", weights.size()));
  if (std::ranges::none_of(weights, [](double weight) { return weight > 0; }))
    throw refusal(setting, "a class that weighs more than 0", "none");
  return weights;
}

}  // namespace

void require_weights(const Labels& labels) {
  for (const double weight : labels.weights) {
    if (weight >= 0 && std::isfinite(weight)) continue;
    throw bad_input({.attempted = "fitting trees",
                     .expected = "weights of rows that are numbers of 0 or more",
                     .found = fmt::format("{}", weight),
                     .remedy = "Mend the weights, or drop these rows."});
  }
}

std::vector<double> class_weights(std::string_view setting, const Labels& labels) {
  setting = trim(setting);
  if (setting == "none" || setting.empty()) return {};
  if (labels.kind == TaskKind::regression) throw refusal(setting, "a task of classes", "a regression task");
  return setting == "balanced" ? balanced(labels) : listed(setting, labels.classes);
}

Labels with_class_weights(const Labels& labels, std::span<const double> weights) {
  Labels weighed = labels;
  if (weights.empty()) return weighed;
  weighed.weights.resize(labels.rows());
  for (std::size_t row = 0; row < labels.rows(); ++row)
    weighed.weights[row] = labels.weight(row) * weights[static_cast<std::size_t>(labels.values[row])];
  return weighed;
}

}  // namespace astrolabe::trees
