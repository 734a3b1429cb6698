// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/interval.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/bootstrap.h"
#include "astrolabe/stats/ranking.h"
#include "astrolabe/stats/row_mean.h"
#include "astrolabe/stats/scored.h"

namespace astrolabe {
namespace {

// Differences of rows that are equal up to rounding have no variance, whatever the rounding left.
constexpr double kRounding = 1e-12;

bool weights_are_equal(std::span<const double> weight) {
  return std::ranges::adjacent_find(weight, std::not_equal_to{}) == weight.end();
}

Difference undefined_difference(double value) {
  return {Estimate::undefined(value), kUndefined};
}

// `rows` decides only what a difference without any variance is worth: all signs agree by chance with 2^(1 -
// rows).
Difference student_difference(double value, double error, double degrees_of_freedom, double rows,
                              std::string method, double confidence) {
  if (!std::isfinite(error)) return undefined_difference(value);
  const double reach = student_t_quantile((1 + confidence) / 2, degrees_of_freedom) * error;
  Difference result{{value, value - reach, value + reach, std::move(method)}, 1};
  if (error > kRounding * std::abs(value)) {
    result.p_value = student_t_two_sided_p(value / error, degrees_of_freedom);
  } else if (value != 0) {
    result.p_value = std::exp2(1 - rows);
  }
  return result;
}

// ---- AUC

struct ClassRows {
  double negative = 0, positive = 0;
};

// Rows of each class, worth their weights.
ClassRows effective_class_rows(const Scored& binary) {
  std::array<double, 2> total{}, squares{};
  for (std::size_t row = 0; row < binary.rows(); ++row) {
    const std::size_t side = binary.truth[row] > 0.5;
    const double weight = weight_of(binary, row);
    total[side] += weight;
    squares[side] += weight * weight;
  }
  return {total[0] * total[0] / squares[0], total[1] * total[1] / squares[1]};
}

// The bound on one side of `area`: the AUC whose own standard error reaches exactly back to `area`.
double newcombe_bound(double area, double end, const ClassRows& rows, double z) {
  const double excess = std::max(0.0, (rows.negative + rows.positive) / 2 - 1);
  double inside = area, outside = end;
  for (int halving = 0; halving < 60; ++halving) {
    const double theta = (inside + outside) / 2;
    const double shape = 1 + excess * ((1 - theta) / (2 - theta) + theta / (1 + theta));
    const double error = std::sqrt(theta * (1 - theta) * shape / (rows.negative * rows.positive));
    (std::abs(theta - area) <= z * error ? inside : outside) = theta;
  }
  return outside;
}

Estimate newcombe_interval(double area, const ClassRows& rows, double z) {
  return {.value = area,
          .low = area > 0 ? newcombe_bound(area, 0, rows, z) : 0,
          .high = area < 1 ? newcombe_bound(area, 1, rows, z) : 1,
          .method = "Newcombe"};
}

// ---- Means of row values

std::vector<double> row_values(const Metric& metric, const Scored& scored) {
  std::vector<double> values(scored.rows());
  for (std::size_t row = 0; row < values.size(); ++row) {
    values[row] = metric.row_loss(scored.truth[row], prediction_of(scored, row));
  }
  return values;
}

// How fast the metric grows with the mean of its row values.
double slope(const Metric& metric, double value) {
  if (metric.interval != IntervalMethod::root_of_mean) return 1;
  return value > 0 ? 0.5 / value : 0;
}

Estimate mean_estimate(const Metric& metric, const Scored& scored, double value, double confidence) {
  const MeanWithError mean = mean_with_error(row_values(metric, scored), scored.weight);
  const double error = slope(metric, value) * mean.error;
  if (!std::isfinite(error)) return Estimate::undefined(value);
  const double reach = student_t_quantile((1 + confidence) / 2, mean.effective_rows - 1) * error;
  return {.value = value, .low = std::max(0.0, value - reach), .high = value + reach, .method = "Student t"};
}

Difference mean_difference(const Metric& metric, const Scored& a, const Scored& b, double value_a,
                           double value_b, double confidence) {
  std::vector<double> values = row_values(metric, a);
  const std::vector<double> others = row_values(metric, b);
  const double slope_a = slope(metric, value_a), slope_b = slope(metric, value_b);
  for (std::size_t row = 0; row < values.size(); ++row) {
    values[row] = slope_a * values[row] - slope_b * others[row];
  }
  const MeanWithError mean = mean_with_error(values, a.weight);
  return student_difference(value_a - value_b, mean.error, mean.effective_rows - 1, mean.effective_rows,
                            "Student t", confidence);
}

// ---- Everything else

std::size_t rows_with_weight(const Scored& scored) {
  if (scored.weight.empty()) return scored.rows();
  return static_cast<std::size_t>(std::ranges::count_if(scored.weight, [](double w) { return w > 0; }));
}

// Undefined values are left out, as long as they are the smaller part.
Estimate percentile_estimate(double value, std::vector<double>& values, double confidence) {
  const std::size_t drawn = values.size();
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (2 * values.size() < drawn) return Estimate::undefined(value);
  std::ranges::sort(values);
  return {.value = value,
          .low = std::min(value, percentile(values, (1 - confidence) / 2)),
          .high = std::max(value, percentile(values, (1 + confidence) / 2)),
          .method = "bootstrap"};
}

Estimate bootstrap_estimate(const Metric& metric, const Scored& scored, double value, Key key,
                            double confidence) {
  if (rows_with_weight(scored) < 2) return Estimate::undefined(value);
  std::vector<double> values = bootstrap_values(metric, scored, key);
  return percentile_estimate(value, values, confidence);
}

Difference bootstrap_difference(const Metric& metric, const Scored& a, const Scored& b, double value, Key key,
                                double confidence) {
  if (rows_with_weight(a) < 2) return undefined_difference(value);
  std::vector<double> values = bootstrap_differences(metric, a, b, key);
  Difference result{percentile_estimate(value, values, confidence), kUndefined};
  if (std::isnan(result.effect.low)) return result;
  const auto not_above = static_cast<double>(std::ranges::count_if(values, [](double v) { return v <= 0; }));
  const auto not_below = static_cast<double>(std::ranges::count_if(values, [](double v) { return v >= 0; }));
  const double tail = (1 + std::min(not_above, not_below)) / (1 + static_cast<double>(values.size()));
  result.p_value = std::min(1.0, 2 * tail);
  return result;
}

// The groups of a ranking as rows whose value is known: what is drawn are groups.
constexpr Metric kMeanOfGroups{.name = "mean of groups",
                               .title = "",
                               .doc = "",
                               .higher_is_better = true,
                               .binary = false,
                               .multiclass = false,
                               .regression = true,
                               .compute =
                                   [](const Scored& groups) {
                                     return weighted_mean(
                                         groups, [&](std::size_t group) { return groups.truth[group]; });
                                   },
                               .row_loss = nullptr,
                               .interval = IntervalMethod::bootstrap};

Scored as_rows(const GroupScores& groups) {
  return {.truth = groups.values, .prediction = groups.values, .weight = groups.weights};
}

Estimate groups_estimate(const Metric& metric, const Scored& scored, double value, Key key,
                         double confidence) {
  const GroupScores groups = metric.of_groups(scored);
  return bootstrap_estimate(kMeanOfGroups, as_rows(groups), value, key, confidence);
}

Difference groups_difference(const Metric& metric, const Scored& a, const Scored& b, double value, Key key,
                             double confidence) {
  const GroupScores groups_a = metric.of_groups(a), groups_b = metric.of_groups(b);
  return bootstrap_difference(kMeanOfGroups, as_rows(groups_a), as_rows(groups_b), value, key, confidence);
}

Estimate auc_estimate(const Metric& metric, const Scored& binary, double area, Key key, double confidence) {
  const ClassRows rows = effective_class_rows(binary);
  const double z = normal_quantile((1 + confidence) / 2);
  if (area <= 0 || area >= 1 || std::min(rows.negative, rows.positive) < 2) {
    return newcombe_interval(area, rows, z);
  }
  if (!weights_are_equal(binary.weight)) return bootstrap_estimate(metric, binary, area, key, confidence);
  const double reach = z * delong_error(binary, placements(rank(binary)), {});
  return {.value = area,
          .low = std::max(0.0, area - reach),
          .high = std::min(1.0, area + reach),
          .method = "DeLong"};
}

Difference auc_difference(const Metric& metric, const Scored& a, const Scored& b, double value, Key key,
                          double confidence) {
  const ClassRows rows = effective_class_rows(a);
  const double fewest = std::min(rows.negative, rows.positive);
  if (fewest < 2) return undefined_difference(value);
  if (!weights_are_equal(a.weight)) return bootstrap_difference(metric, a, b, value, key, confidence);
  const double error = delong_error(a, placements(rank(a)), placements(rank(b)));
  constexpr double kNormal = std::numeric_limits<double>::infinity();
  return student_difference(value, error, kNormal, fewest, "DeLong", confidence);
}

}  // namespace

Estimate Estimate::undefined(double value) {
  return {.value = value, .low = kUndefined, .high = kUndefined, .method = "undefined"};
}

Estimate estimate(const Metric& metric, const Scored& scored, Key key, double confidence) {
  ASTROLABE_CHECK(confidence > 0 && confidence < 1, "a confidence is between 0 and 1");
  const double value = metric.compute(scored);
  if (std::isnan(value)) return Estimate::undefined(value);
  switch (metric.interval) {
    case IntervalMethod::delong:
      return auc_estimate(metric, scored, value, key, confidence);
    case IntervalMethod::mean:
    case IntervalMethod::root_of_mean:
      return mean_estimate(metric, scored, value, confidence);
    case IntervalMethod::share: {
      const double rows = effective_rows(scored.rows(), scored.weight);
      Estimate wilson = wilson_interval(value * rows, rows, confidence);
      wilson.value = value;
      return wilson;
    }
    case IntervalMethod::groups:
      return groups_estimate(metric, scored, value, key, confidence);
    case IntervalMethod::bootstrap:
      return bootstrap_estimate(metric, scored, value, key, confidence);
  }
  ASTROLABE_CHECK(false, "every interval method is handled");
}

Difference paired_difference(const Metric& metric, const Scored& a, const Scored& b, Key key,
                             double confidence) {
  ASTROLABE_CHECK(confidence > 0 && confidence < 1, "a confidence is between 0 and 1");
  const double value_a = metric.compute(a), value_b = metric.compute(b);
  if (std::isnan(value_a) || std::isnan(value_b)) return undefined_difference(kUndefined);
  ASTROLABE_CHECK(std::ranges::equal(a.truth, b.truth), "paired predictions share their truth");
  ASTROLABE_CHECK(std::ranges::equal(a.weight, b.weight), "paired predictions share their weights");
  ASTROLABE_CHECK(std::ranges::equal(a.groups, b.groups), "paired predictions share their groups");
  switch (metric.interval) {
    case IntervalMethod::delong:
      return auc_difference(metric, a, b, value_a - value_b, key, confidence);
    case IntervalMethod::mean:
    case IntervalMethod::root_of_mean:
    case IntervalMethod::share:
      return mean_difference(metric, a, b, value_a, value_b, confidence);
    case IntervalMethod::groups:
      return groups_difference(metric, a, b, value_a - value_b, key, confidence);
    case IntervalMethod::bootstrap:
      return bootstrap_difference(metric, a, b, value_a - value_b, key, confidence);
  }
  ASTROLABE_CHECK(false, "every interval method is handled");
}

}  // namespace astrolabe
