// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/linear/path.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace astrolabe::linear {

namespace {

constexpr int kMostRounds = 200;
constexpr int kMostHalvings = 30;
constexpr double kLeastPenalty = 1e-10;  // keeps separable classes and collinear features finite
constexpr double kMostPenalty = 1e6;     // what the setting allows
constexpr double kRidgeStart = 0.1;      // stands for the l1_ratio of a ridge in its strongest penalty

}  // namespace

std::vector<double> path_penalties(double strongest, std::size_t length, double end) {
  std::vector<double> penalties(length);
  for (std::size_t at = 0; at < length; ++at)
    penalties[at] = strongest * std::pow(end, static_cast<double>(at) / static_cast<double>(length - 1));
  return penalties;
}

Path::Path(const PathInput& input)
    : input_(input),
      likelihood_(input.response, input.weights),
      solver_(make_solver(input.design, input.pool)),
      shares_(input.weights.begin(), input.weights.end()),
      eligible_(likelihood_.blocks()) {
  const double total = std::accumulate(shares_.begin(), shares_.end(), 0.0);
  for (double& share : shares_) share /= total;
  for (std::size_t block = 0; block < likelihood_.blocks(); ++block) {
    coefficients_.intercepts.push_back(likelihood_.starting_intercept(block));
    coefficients_.slopes.emplace_back(input.design.features(), 0.0);
  }
  penalty_ = {.strength = std::numeric_limits<double>::infinity(), .l1_ratio = input.l1_ratio};
  null_loss_ = loss_ = likelihood_.loss();
}

std::vector<double> Path::gradient(std::size_t block) const {
  std::vector<double> slope(shares_.size()), curvature(shares_.size());
  likelihood_.linearize(block, slope, curvature);
  for (std::size_t row = 0; row < slope.size(); ++row) slope[row] *= shares_[row];
  std::vector<double> gradient(input_.design.features(), 0.0);
  input_.pool.for_each(gradient.size(), [&](std::size_t feature) {
    double along = 0;
    input_.design.visit(feature, [&](std::size_t row, double x) { along += slope[row] * x; });
    gradient[feature] = along;
  });
  return gradient;
}

double Path::largest_penalty() const {
  double largest = 0;
  for (std::size_t block = 0; block < likelihood_.blocks(); ++block) {
    if (!likelihood_.is_present(block)) continue;
    for (const double along : gradient(block)) largest = std::max(largest, std::abs(along));
  }
  // A penalty of 1 stands in where nothing pulls.
  return largest > 0 ? std::min(largest / std::max(input_.l1_ratio, kRidgeStart), kMostPenalty) : 1;
}

double Path::explained() const {
  return null_loss_ > 0 ? 1 - loss_ / null_loss_ : 1;
}

Coefficients Path::finished() const {
  Coefficients finished = coefficients_;
  if (input_.response.family != Family::multinomial) return finished;
  for (std::size_t block = 0; block < likelihood_.blocks(); ++block)
    if (!likelihood_.is_present(block)) finished.intercepts[block] = likelihood_.absent_intercept();
  return finished;
}

bool Path::move_to(double penalty, double tolerance) {
  const double previous = penalty_.strength;
  penalty_.strength = std::max(penalty, kLeastPenalty);
  screen(penalty_.strength, previous);
  do {
    if (minimise(penalty_, tolerance) < 0) return false;
  } while (admit_violators(penalty_.strength));
  return true;
}

// The sequential strong rule: a feature that pulled clearly less than the penalty will most likely not enter.
void Path::screen(double penalty, double previous) {
  const bool screens = solver_->wants_screening() && input_.l1_ratio > 0;
  if (!screens && !eligible_[0].empty()) return;
  const double limit = std::isfinite(previous) ? input_.l1_ratio * (2 * penalty - previous) : 0;
  for (std::size_t block = 0; block < eligible_.size(); ++block) {
    const std::vector<double> pulls = screens ? gradient(block) : std::vector<double>{};
    eligible_[block].clear();
    for (std::uint32_t feature = 0; feature < input_.design.features(); ++feature) {
      if (input_.design.spread(feature) == 0) continue;
      if (!screens || std::abs(pulls[feature]) >= limit || coefficients_.slopes[block][feature] != 0)
        eligible_[block].push_back(feature);
    }
  }
}

// Looks after the features that were screened out. True when some must come in after all.
bool Path::admit_violators(double penalty) {
  if (!solver_->wants_screening() || input_.l1_ratio == 0) return false;
  bool admitted = false;
  for (std::size_t block = 0; block < eligible_.size(); ++block) {
    if (!likelihood_.is_present(block)) continue;
    const std::vector<double> pulls = gradient(block);
    std::vector<std::uint32_t> violators;
    for (std::uint32_t feature = 0; feature < pulls.size(); ++feature)
      if (std::abs(pulls[feature]) > penalty * input_.l1_ratio * (1 + 1e-6) &&
          input_.design.spread(feature) > 0 &&
          !std::binary_search(eligible_[block].begin(), eligible_[block].end(), feature))
        violators.push_back(feature);
    if (violators.empty()) continue;
    admitted = true;
    std::vector<std::uint32_t> merged;
    std::merge(eligible_[block].begin(), eligible_[block].end(), violators.begin(), violators.end(),
               std::back_inserter(merged));
    eligible_[block] = std::move(merged);
  }
  return admitted;
}

double Path::penalty_of(std::size_t block) const {
  return penalty_.of(coefficients_.slopes[block]);
}

// Rounds over the blocks until one lowers the objective by next to nothing. Returns the last gain; -1 when
// the budget ended it.
double Path::minimise(const Penalty& penalty, double tolerance) {
  const double unit = std::max(null_loss_, 1e-300);
  const bool leaps = likelihood_.blocks() > 1;
  Anderson memory;
  double gain = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    gain = 0;
    const std::vector<double> before = leaps ? to_point() : std::vector<double>{};
    for (std::size_t block = 0; block < likelihood_.blocks(); ++block) {
      if (!likelihood_.is_present(block)) continue;
      if (input_.budget.should_stop()) return -1;
      gain += step(block, penalty, tolerance * unit);
    }
    if (gain <= tolerance * unit) break;
    if (!leaps) continue;
    memory.record(before, to_point());
    const std::vector<double> guess = memory.propose();
    if (!guess.empty() && leap(penalty, guess) == 0) memory.forget();
  }
  return gain;
}

std::vector<double> Path::to_point() const {
  std::vector<double> point;
  for (std::size_t block = 0; block < likelihood_.blocks(); ++block) {
    point.push_back(coefficients_.intercepts[block]);
    for (std::size_t feature = 0; feature < input_.design.features(); ++feature)
      point.push_back(coefficients_.slopes[block][feature] * input_.design.spread(feature));
  }
  return point;
}

Coefficients Path::from_point(const std::vector<double>& point) const {
  Coefficients coefficients = coefficients_;
  std::size_t at = 0;
  for (std::size_t block = 0; block < likelihood_.blocks(); ++block) {
    coefficients.intercepts[block] = point[at++];
    for (std::size_t feature = 0; feature < input_.design.features(); ++feature, ++at) {
      const double spread = input_.design.spread(feature);
      coefficients.slopes[block][feature] = spread > 0 ? point[at] / spread : 0.0;
    }
  }
  return coefficients;
}

// Goes to the point if the objective is lower there. Returns by how much it is, or 0 when it stays.
double Path::leap(const Penalty& penalty, const std::vector<double>& point) {
  Coefficients there = from_point(point);
  auto scores = likelihood_.scores();
  double before = loss_;
  double penalties = 0;
  for (std::size_t block = 0; block < scores.size(); ++block) {
    before += penalty_of(block);
    if (likelihood_.is_present(block)) {
      // A lasso's zeros stay zeros: mixing rounds could only make them small.
      for (std::size_t feature = 0; feature < there.slopes[block].size(); ++feature)
        if (penalty.absolute() > 0 && coefficients_.slopes[block][feature] == 0)
          there.slopes[block][feature] = 0;
      std::fill(scores[block].begin(), scores[block].end(), there.intercepts[block]);
      for (std::size_t feature = 0; feature < there.slopes[block].size(); ++feature) {
        const double slope = there.slopes[block][feature];
        if (slope != 0)
          input_.design.visit(feature, [&](std::size_t row, double x) { scores[block][row] += slope * x; });
      }
    }
    penalties += penalty.of(there.slopes[block]);
  }
  const double loss = likelihood_.loss_with_all(scores);
  if (!(loss + penalties < before)) return 0;
  coefficients_ = std::move(there);
  likelihood_.accept_all(std::move(scores));
  loss_ = loss;
  return before - loss - penalties;
}

// One Newton step on one block, shortened until it lowers the objective. Returns by how much it did.
double Path::step(std::size_t block, const Penalty& penalty, double tolerance) {
  const std::size_t rows = shares_.size();
  std::vector<double> residual(rows), weights(rows);
  likelihood_.linearize(block, residual, weights);
  for (std::size_t row = 0; row < rows; ++row) {
    residual[row] = -residual[row] / weights[row];
    weights[row] *= shares_[row];
  }
  std::vector<double>& slopes = coefficients_.slopes[block];
  const Step step = solver_->solve({.weights = weights,
                                    .residual = residual,
                                    .coefficients = slopes,
                                    .penalty = penalty,
                                    .same_weights = has_gram_ && likelihood_.has_constant_curvature(),
                                    .eligible = eligible_[block],
                                    .tolerance = tolerance * 1e-3},
                                   input_.budget);
  has_gram_ = true;

  std::vector<double> change(rows, step.intercept);
  for (std::size_t feature = 0; feature < slopes.size(); ++feature) {
    const double by = step.coefficients[feature];
    if (by != 0) input_.design.visit(feature, [&](std::size_t row, double x) { change[row] += by * x; });
  }
  const double before = loss_ + penalty_of(block);
  const std::vector<double>& scores = likelihood_.scores()[block];
  std::vector<double> candidate(rows), moved(slopes.size());
  double length = 1;
  for (int halving = 0; halving < kMostHalvings; ++halving, length /= 2) {
    for (std::size_t row = 0; row < rows; ++row) candidate[row] = scores[row] + length * change[row];
    for (std::size_t j = 0; j < moved.size(); ++j) moved[j] = slopes[j] + length * step.coefficients[j];
    const double loss = likelihood_.loss_with(block, candidate);
    const double after = loss + penalty.of(moved);
    if (!(after <= before)) continue;
    likelihood_.accept(block, candidate);
    slopes = moved;
    coefficients_.intercepts[block] += length * step.intercept;
    loss_ = loss;
    return before - after;
  }
  return 0;
}

}  // namespace astrolabe::linear
