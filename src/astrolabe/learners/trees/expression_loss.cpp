// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/expression_loss.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/exponential.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe::trees {
namespace {

constexpr double kLeastOfNumbers = 0.1;  // of the mean curvature
constexpr double kLeastOfClasses = 0.01;
constexpr double kStraight = 1e-6;  // curvature, of the mean slope, below which a row is straight
constexpr double kMostLogProbability = -0x1p-50;
constexpr int kBisections = 50;

double weight_at(std::span<const double> weights, std::size_t row) {
  return weights.empty() ? 1.0 : weights[row];
}

Expression resolve(std::string_view text, TaskKind kind) {
  ResolvedPart part = resolve_part(Vocabulary::loss, text);
  const bool is_number = kind == TaskKind::regression;
  if (is_number ? suits_numbers(part) : suits_classes(part)) return std::move(part.expression);
  throw usage_error({.attempted = fmt::format("fitting trees with the loss {}", text),
                     .expected = is_number ? "a loss of numbers, in y and z" : "a loss of classes",
                     .found = fmt::format("a {} task", task_kind_name(kind)),
                     .remedy = "Leave the loss at auto, choose another, or name the task with --task."});
}

Loss link_of(TaskKind kind) {
  if (kind == TaskKind::regression) return Loss::squared;
  return kind == TaskKind::binary ? Loss::logistic : Loss::softmax;
}

// Sums by block, added in the order of blocks.
template <std::size_t kSums>
std::array<double, kSums> total_of(const std::vector<std::array<double, kSums>>& sums) {
  std::array<double, kSums> total{};
  for (const auto& sum : sums)
    for (std::size_t i = 0; i < kSums; ++i) total[i] += sum[i];
  return total;
}

// Probabilities of the rows of a block, class by class: d = log p, at most a hair below 0, and p from it.
void log_probabilities(std::span<const double> z, std::size_t classes, std::size_t count,
                       std::span<double> d) {
  for (std::size_t i = 0; i < count; ++i) {
    double largest = z[i];
    for (std::size_t k = 1; k < classes; ++k) largest = std::max(largest, z[k * count + i]);
    double sum = 0;
    for (std::size_t k = 0; k < classes; ++k) sum += exponential(z[k * count + i] - largest);
    const double log_sum = largest + logarithm(sum);
    for (std::size_t k = 0; k < classes; ++k)
      d[k * count + i] = std::min(z[k * count + i] - log_sum, kMostLogProbability);
  }
}

// Where a slope that is below 0 at `low` and above at `high` changes its sign, by bisection; of another one,
// some place between them.
template <class Slope>
double zero_of_slope(double low, double high, const Slope& slope) {
  for (int step = 0; step < kBisections; ++step) {
    const double middle = low + (high - low) / 2;
    (slope(middle) < 0 ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

}  // namespace

ExpressionLoss::ExpressionLoss(std::string_view text, const Labels& train, ThreadPool& pool)
    : kind_(train.kind), classes_(train.classes), outputs_(train.outputs()), link_(link_of(train.kind)) {
  const Expression loss = resolve(text, kind_);
  using enum LossProgram::Wanted;
  value_ = std::make_unique<LossProgram>(loss, kind_, classes_, value);
  pairs_ = std::make_unique<LossProgram>(loss, kind_, classes_, pairs);
  if (kind_ == TaskKind::regression) {
    standardise(train);
    find_best_constant(train, pool);
  } else {
    initial_ = astrolabe::trees::initial_scores(link_, train);
  }
  find_scale(train, pool);
  if (kind_ == TaskKind::regression || (kind_ == TaskKind::binary && is_straight_))
    slope_ = std::make_unique<LossProgram>(loss, kind_, classes_, slope);
}

void ExpressionLoss::standardise(const Labels& train) {
  const std::vector<double> weights = train.usable_weights();
  const auto rows = static_cast<double>(train.rows());
  double total = 0;
  for (std::size_t row = 0; row < train.rows(); ++row) total += weight_at(weights, row) / rows;
  const auto mean_of = [&](const auto& value) {
    double sum = 0;
    for (std::size_t row = 0; row < train.rows(); ++row)
      sum += weight_at(weights, row) / rows * (value(train.values[row]) / total);
    return sum;
  };
  const double mean = mean_of([](double y) { return y; });
  const double deviation = std::sqrt(mean_of([&](double y) { return (y - mean) * (y - mean); }));
  if (std::isfinite(mean)) centre_ = mean;
  if (std::isfinite(deviation) && deviation > 0) deviation_ = deviation;
}

std::vector<double> ExpressionLoss::targets(const Labels& labels) const {
  std::vector<double> values = labels.values;
  if (kind_ == TaskKind::regression)
    for (double& value : values) value = (value - centre_) / deviation_;
  return values;
}

// The best of some quantiles of the targets and of points around them, then a golden section between its
// neighbours.
void ExpressionLoss::find_best_constant(const Labels& train, ThreadPool& pool) {
  const std::vector<double> y = targets(train);
  const std::vector<double> weights = train.usable_weights();
  std::vector<double> scores(y.size());
  const auto loss_at = [&](double z) {
    std::ranges::fill(scores, z);
    const double loss = mean_loss(y, weights, scores, pool);
    return std::isfinite(loss) ? loss : std::numeric_limits<double>::infinity();
  };
  std::vector<double> sorted = y;
  std::ranges::sort(sorted);
  std::vector<double> points{0};
  for (std::size_t i = 0; i <= 16; ++i) points.push_back(sorted[(sorted.size() - 1) * i / 16]);
  for (const double beyond : {1.0, 4.0, 16.0}) {
    points.push_back(sorted.front() - beyond);
    points.push_back(sorted.back() + beyond);
  }
  std::ranges::sort(points);
  std::vector<double> losses;
  for (const double point : points) losses.push_back(loss_at(point));
  const auto best = static_cast<std::size_t>(std::ranges::min_element(losses) - losses.begin());
  const double low = points[best == 0 ? 0 : best - 1];
  const double high = points[std::min(best + 1, points.size() - 1)];
  const double found = zero_of_slope(low, high, [&](double z) {
    std::ranges::fill(scores, z);
    std::vector<GradientPair> pairs(y.size());
    find_pairs(y, weights, scores, pairs, pool);
    return std::accumulate(pairs.begin(), pairs.end(), 0.0,
                           [](double sum, const GradientPair& pair) { return sum + pair.gradient; });
  });
  initial_ = {loss_at(found) <= losses[best] ? found : points[best]};
}

// What the curvatures and slopes are at the beginning decides the scale.
void ExpressionLoss::find_scale(const Labels& train, ThreadPool& pool) {
  const std::vector<double> y = targets(train);
  const std::vector<double> weights = train.usable_weights();
  std::vector<double> scores;
  for (const double score : initial_) scores.insert(scores.end(), y.size(), score);
  std::vector<GradientPair> pairs(scores.size());
  find_pairs(y, weights, scores, pairs, pool);  // as they are: the scale is still 1, nothing is straight
  double slopes = 0, curvatures = 0, total = 0, native = 0;
  const auto each = [&](const auto& look) {
    for (std::size_t i = 0; i < pairs.size(); ++i)
      if (const double weight = weight_at(weights, i % y.size()); weight > 0) look(pairs[i], weight);
  };
  each([&](const GradientPair& pair, double weight) {
    slopes += std::abs(pair.gradient);
    curvatures += pair.hessian;
    total += weight;
  });
  double straight = 0;
  each([&](const GradientPair& pair, double weight) {
    if (pair.hessian * total <= kStraight * weight * slopes) straight += weight;
  });
  is_straight_ = 2 * straight > total;
  double size = curvatures;
  if (kind_ == TaskKind::regression || is_straight_) size = std::max(size, slopes);
  if (kind_ != TaskKind::regression) {
    std::vector<double> predictions(scores.size());
    apply_link(link_, y.size(), scores, predictions);
    for (std::size_t output = 0; output < outputs_; ++output) {
      const double p = predictions[output * y.size()];
      const auto classes = static_cast<double>(classes_);
      native += p * (1 - p) * (kind_ == TaskKind::binary ? 1 : classes / std::max(classes - 1, 1.0));
    }
    mean_curvature_ = std::max(native / static_cast<double>(outputs_), 1e-6);
  }
  if (size > 0 && std::isfinite(size)) scale_ = mean_curvature_ * total / size;
  if (!std::isfinite(scale_)) scale_ = 1;
  least_curvature_ = mean_curvature_ * (kind_ == TaskKind::regression ? kLeastOfNumbers : kLeastOfClasses);
}

GradientPair ExpressionLoss::finished(double gradient, double hessian, double weight) const {
  if (!std::isfinite(gradient)) gradient = 0;
  const double curvature = std::isfinite(hessian) ? std::abs(hessian) * scale_ : 0;
  return {weight * gradient * scale_,
          weight * (is_straight_ ? mean_curvature_ : std::max(curvature, least_curvature_))};
}

void ExpressionLoss::find_pairs(std::span<const double> targets, std::span<const double> weights,
                                std::span<const double> scores, std::span<GradientPair> pairs,
                                ThreadPool& pool) const {
  if (outputs_ > 1) {
    find_pairs_of_classes(targets, weights, scores, pairs, pool);
    return;
  }
  pool.for_ranges(targets.size(), pairs_->block(), [&](std::size_t begin, std::size_t end, std::size_t) {
    LossProgram::Lease block = pairs_->lease();
    std::copy(targets.begin() + begin, targets.begin() + end, block.y().begin());
    std::copy(scores.begin() + begin, scores.begin() + end, block.z().begin());
    block.run();
    const std::span<const double> gradients = block.output(0), hessians = block.output(1);
    for (std::size_t i = begin; i < end; ++i)
      pairs[i] = finished(gradients[i - begin], hessians[i - begin], weight_at(weights, i));
  });
}

void ExpressionLoss::find_pairs_of_classes(std::span<const double> targets, std::span<const double> weights,
                                           std::span<const double> scores, std::span<GradientPair> pairs,
                                           ThreadPool& pool) const {
  const std::size_t rows = targets.size();
  pool.for_ranges(rows, pairs_->block() / classes_, [&](std::size_t begin, std::size_t end, std::size_t) {
    const std::size_t count = end - begin;
    LossProgram::Lease block = pairs_->lease();
    const std::span<double> y = block.y(), z = block.z(), d = block.d();
    for (std::size_t k = 0; k < classes_; ++k) {
      for (std::size_t i = 0; i < count; ++i) {
        z[k * count + i] = scores[k * rows + begin + i];
        y[k * count + i] = targets[begin + i] == static_cast<double>(k) ? 1 : 0;
      }
    }
    log_probabilities(z, classes_, count, d);
    block.run();
    const auto by_z = block.output(0), by_d = block.output(1), by_zz = block.output(2),
               by_zd = block.output(3), by_dd = block.output(4);
    for (std::size_t i = 0; i < count; ++i) {
      double sum_d = 0, sum_dd = 0;
      for (std::size_t k = 0; k < classes_; ++k) {
        sum_d += by_d[k * count + i];
        sum_dd += by_dd[k * count + i];
      }
      for (std::size_t k = 0; k < classes_; ++k) {
        const std::size_t at = k * count + i;
        const double p = exponential(d[at]), q = 1 - p;
        const double gradient = by_z[at] + by_d[at] - p * sum_d;
        const double hessian =
            by_zz[at] + 2 * q * by_zd[at] + q * q * by_dd[at] + p * p * (sum_dd - by_dd[at]) - p * q * sum_d;
        pairs[k * rows + begin + i] = finished(gradient, hessian, weight_at(weights, begin + i));
      }
    }
  });
}

double ExpressionLoss::mean_loss(std::span<const double> targets, std::span<const double> weights,
                                 std::span<const double> scores, ThreadPool& pool) const {
  const std::size_t rows = targets.size();
  const std::size_t chunk = value_->block() / outputs_;
  std::vector<std::array<double, 2>> sums((rows + chunk - 1) / chunk);
  pool.for_ranges(rows, chunk, [&](std::size_t begin, std::size_t end, std::size_t index) {
    const std::size_t count = end - begin;
    LossProgram::Lease block = value_->lease();
    for (std::size_t k = 0; k < outputs_; ++k) {
      for (std::size_t i = 0; i < count; ++i) {
        const double target = targets[begin + i];
        block.z()[k * count + i] = scores[k * rows + begin + i];
        block.y()[k * count + i] = outputs_ == 1 ? target : target == static_cast<double>(k) ? 1 : 0;
      }
    }
    if (outputs_ > 1) log_probabilities(block.z(), classes_, count, block.d());
    block.run();
    const std::span<const double> values = block.output(0);
    for (std::size_t i = 0; i < count; ++i) {
      const double weight = weight_at(weights, begin + i);
      if (weight == 0) continue;
      for (std::size_t k = 0; k < outputs_; ++k) sums[index][0] += weight * values[k * count + i];
      sums[index][1] += weight;
    }
  });
  const auto [loss, weight] = total_of(sums);
  return weight > 0 ? loss / weight : 0;
}

void ExpressionLoss::to_standard(std::span<double> scores) const {
  if (kind_ != TaskKind::regression) return;
  for (double& score : scores) score = (score - centre_) / deviation_;
}

void ExpressionLoss::to_units(Forest& forest) const {
  if (kind_ != TaskKind::regression) return;
  for (double& score : forest.initial) score = centre_ + deviation_ * score;
  for (Tree& tree : forest.trees)
    for (double& leaf : tree.leaves) leaf *= deviation_;
}

}  // namespace astrolabe::trees
