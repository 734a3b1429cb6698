// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/scored.h"

namespace astrolabe {
namespace {

constexpr double kLeast = 1e-15;  // as the log loss clips
constexpr double kMostPower = 20;
constexpr std::size_t kMostNumbers = 100'000;  // probabilities that look for a power

double log_of(double probability) {
  return std::log(std::clamp(probability, kLeast, 1 - kLeast));
}

// Log probabilities of the classes of every row, two for a binary task: [rows, classes].
std::vector<double> class_logs(const Scored& scored, std::span<const std::size_t> rows) {
  std::vector<double> logs;
  for (const std::size_t row : rows) {
    for (const double p : prediction_of(scored, row)) logs.push_back(log_of(p));
    if (scored.outputs == 1) logs.push_back(log_of(1 - scored.prediction[row]));
  }
  return logs;
}

// The derivative of the mean log loss by the power: it rises with the power, as the loss is convex.
double slope_at(double power, std::span<const double> logs, std::size_t classes,
                std::span<const std::size_t> truths, std::span<const double> weights) {
  double slope = 0;
  for (std::size_t row = 0; row < truths.size(); ++row) {
    const std::span<const double> own = logs.subspan(row * classes, classes);
    const double most = power * *std::ranges::max_element(own);
    double sum = 0, mean = 0;
    for (const double log : own) {
      const double share = std::exp(power * log - most);
      sum += share;
      mean += share * log;
    }
    slope += weights[row] * (mean / sum - own[truths[row]]);
  }
  return slope;
}

struct Pool {
  double x = 0, y = 0, weight = 0;  // sums of x and y, weighted
  [[nodiscard]] double mean_x() const { return x / weight; }
  [[nodiscard]] double mean_y() const { return y / weight; }
};

Pool operator+(const Pool& a, const Pool& b) {
  return {.x = a.x + b.x, .y = a.y + b.y, .weight = a.weight + b.weight};
}

// Rows of equal scores as one, by ascending score; those without weight left out.
std::vector<Pool> points_of(std::span<const double> x, std::span<const double> y,
                            std::span<const double> weight) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return x[a] < x[b]; });
  std::vector<Pool> points;
  double last = 0;
  for (const std::size_t row : order) {
    if (!(weight[row] > 0)) continue;
    if (points.empty() || x[row] != last) points.push_back({});
    last = x[row];
    points.back() = points.back() + Pool{weight[row] * x[row], weight[row] * y[row], weight[row]};
  }
  return points;
}

RisingCurve rising_curve(std::span<const double> x, std::span<const double> y,
                         std::span<const double> weight) {
  std::vector<Pool> pools;
  double total = 0;
  for (const Pool& point : points_of(x, y, weight)) {
    total += point.weight;
    pools.push_back(point);
    while (pools.size() > 1 && pools[pools.size() - 2].mean_y() >= pools.back().mean_y()) {
      pools[pools.size() - 2] = pools[pools.size() - 2] + pools.back();
      pools.pop_back();
    }
  }
  RisingCurve curve;
  const double edge = 1 / (total + 2);
  for (const Pool& pool : pools) {
    // Rounding may move two means together.
    if (!curve.x.empty() && pool.mean_x() <= curve.x.back()) continue;
    curve.x.push_back(pool.mean_x());
    curve.y.push_back(std::clamp(pool.mean_y(), edge, 1 - edge));
  }
  return curve;
}

void make_sum_to_one(std::span<double> row) {
  const double sum = std::accumulate(row.begin(), row.end(), 0.0);
  for (double& p : row) p /= sum;
}

void raise(std::span<double> row, double power) {
  if (row.size() == 1) {
    const double score = power * (log_of(row[0]) - log_of(1 - row[0]));
    row[0] = 1 / (1 + std::exp(-score));
    return;
  }
  double most = kLeast;
  for (const double p : row) most = std::max(most, p);
  for (double& p : row) p = std::exp(power * (log_of(p) - log_of(most)));
  make_sum_to_one(row);
}

}  // namespace

std::string_view calibration_kind_name(CalibrationKind kind) {
  switch (kind) {
    case CalibrationKind::temperature:
      return "temperature";
    case CalibrationKind::isotonic:
      return "isotonic";
    case CalibrationKind::none:
      break;
  }
  return "none";
}

double RisingCurve::at(double probability) const {
  const auto above = std::ranges::upper_bound(x, probability);
  if (above == x.begin()) return y.front();
  if (above == x.end()) return y.back();
  const auto i = static_cast<std::size_t>(above - x.begin());
  return y[i - 1] + (y[i] - y[i - 1]) * ((probability - x[i - 1]) / (x[i] - x[i - 1]));
}

void Calibration::apply(std::span<double> predictions, std::size_t outputs) const {
  if (kind == CalibrationKind::none) return;
  ASTROLABE_CHECK(kind == CalibrationKind::temperature || curves.size() == outputs,
                  "an isotonic calibration has a curve for every output");
  for (std::size_t begin = 0; begin < predictions.size(); begin += outputs) {
    const std::span<double> row = predictions.subspan(begin, outputs);
    if (kind == CalibrationKind::temperature) {
      raise(row, power);
      continue;
    }
    for (std::size_t k = 0; k < outputs; ++k) row[k] = curves[k].at(row[k]);
    if (outputs > 1) make_sum_to_one(row);
  }
}

Calibration fit_temperature(const Scored& scored) {
  const std::size_t step = (scored.rows() * scored.outputs + kMostNumbers - 1) / kMostNumbers;
  std::vector<std::size_t> rows, truths;
  std::vector<double> weights;
  for (std::size_t row = 0; row < scored.rows(); row += std::max<std::size_t>(1, step)) {
    rows.push_back(row);
    weights.push_back(weight_of(scored, row));
    const auto label = static_cast<std::size_t>(scored.truth[row]);
    truths.push_back(scored.outputs == 1 ? 1 - label : label);
  }
  const std::size_t classes = class_count(scored);
  const std::vector<double> logs = class_logs(scored, rows);
  double low = 1 / kMostPower, high = kMostPower;
  for (int i = 0; i < 45; ++i) {
    const double middle = std::sqrt(low * high);
    (slope_at(middle, logs, classes, truths, weights) < 0 ? low : high) = middle;
  }
  return {.kind = CalibrationKind::temperature, .power = std::sqrt(low * high), .curves = {}};
}

Calibration fit_isotonic(const Scored& scored) {
  Calibration calibration{.kind = CalibrationKind::isotonic, .power = 1, .curves = {}};
  for (std::size_t k = 0; k < scored.outputs; ++k) {
    std::vector<double> x, y, weights;
    for (std::size_t row = 0; row < scored.rows(); ++row) {
      x.push_back(prediction_of(scored, row)[k]);
      weights.push_back(weight_of(scored, row));
      const double own = scored.outputs == 1 ? 1.0 : static_cast<double>(k);
      y.push_back(scored.truth[row] == own ? 1.0 : 0.0);
    }
    calibration.curves.push_back(rising_curve(x, y, weights));
  }
  return calibration;
}

}  // namespace astrolabe
