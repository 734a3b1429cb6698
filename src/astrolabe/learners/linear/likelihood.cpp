// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/linear/likelihood.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace astrolabe::linear {

namespace {

// Rows that are surely right still get this much say (glmnet does the same), so that steps stay finite.
constexpr double kLeastCurvature = 1e-5;
constexpr double kMostLogRate = 200;

double sum_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

double row_loss(Family family, double label, double score) {
  switch (family) {
    case Family::gaussian:
      return (label - score) * (label - score) / 2;
    case Family::logistic:
      return std::max(score, 0.0) + std::log1p(std::exp(-std::abs(score))) - label * score;
    case Family::poisson:
      return std::exp(score) - label * score;
    case Family::multinomial:
      break;
  }
  return 0;
}

double finite_or_infinite(double loss) {
  return std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss;
}

}  // namespace

Response make_response(Family family, const Labels& labels, std::span<const double> weights) {
  Response response{.family = family, .values = labels.values};
  if (family == Family::multinomial) response.classes = labels.classes;
  if (family == Family::logistic || family == Family::multinomial) return response;

  // Moments of halved, scaled labels: those of the largest numbers stay finite.
  double size = 0;
  for (const double value : labels.values) size = std::max(size, std::abs(value));
  if (size == 0) size = 1;
  const double total = sum_of(weights);
  double mean = 0;
  for (std::size_t row = 0; row < labels.rows(); ++row)
    mean += weights[row] / total * (labels.values[row] / size);
  double variance = 0;
  for (std::size_t row = 0; row < labels.rows(); ++row)
    variance += weights[row] / total * std::pow(labels.values[row] / size - mean, 2);
  if (family == Family::poisson) {
    response.scale = mean > 0 ? mean * size : 1;
    for (double& value : response.values) value /= response.scale;
    response.highest = size / response.scale;
    return response;
  }
  // Labels that differ by rounding alone are one number.
  const bool varies = std::sqrt(variance) > 1e-14;
  response.center = mean * size;
  response.scale = varies ? std::sqrt(variance) * size : size;
  for (double& value : response.values) value = varies ? (value / size - mean) / std::sqrt(variance) : 0;
  return response;
}

double mean_loss(const Response& response, std::span<const double> weights,
                 const std::vector<std::vector<double>>& scores) {
  double loss = 0;
  double total = 0;
  for (std::size_t row = 0; row < weights.size(); ++row) {
    if (weights[row] == 0) continue;
    total += weights[row];
    const double label = response.values[row];
    if (response.family != Family::multinomial) {
      loss += weights[row] * row_loss(response.family, label, scores[0][row]);
      continue;
    }
    double largest = -std::numeric_limits<double>::infinity();
    for (const auto& block : scores) largest = std::max(largest, block[row]);
    double sum = 0;
    for (const auto& block : scores) sum += std::exp(block[row] - largest);
    loss += weights[row] * (largest + std::log(sum) - scores[static_cast<std::size_t>(label)][row]);
  }
  return finite_or_infinite(loss / total);
}

Likelihood::Likelihood(const Response& response, std::span<const double> weights)
    : response_(response), weights_(weights), total_(sum_of(weights)) {
  const std::size_t rows = weights.size();
  const auto counted = static_cast<double>(
      std::count_if(weights.begin(), weights.end(), [](double weight) { return weight > 0; }));
  small_share_ = 0.5 / (counted + 1);
  std::vector<double> sums(std::max<std::size_t>(2, response.classes), 0.0);
  double mean = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    mean += weights[row] * response.values[row] / total_;
    if (response.family == Family::multinomial)
      sums[static_cast<std::size_t>(response.values[row])] += weights[row];
  }
  is_present_.assign(response.classes, true);
  starts_.assign(response.classes, 0.0);
  if (response.family == Family::gaussian) starts_[0] = mean;
  if (response.family == Family::poisson) starts_[0] = std::log(std::max(mean, small_share_));
  if (response.family == Family::logistic) {
    const double share = std::clamp(mean, small_share_, 1 - small_share_);
    starts_[0] = std::log(share / (1 - share));
    is_present_[0] = mean > 0 && mean < 1;
  }
  if (response.family == Family::poisson) is_present_[0] = mean > 0;
  if (response.family == Family::multinomial) {
    for (std::size_t block = 0; block < response.classes; ++block) {
      is_present_[block] = sums[block] > 0;
      starts_[block] = std::log(is_present_[block] ? sums[block] / total_ : small_share_);
    }
  }
  scores_.resize(response.classes);
  for (std::size_t block = 0; block < response.classes; ++block) scores_[block].assign(rows, starts_[block]);
  if (response.family == Family::multinomial) {
    shifts_.assign(rows, 0.0);
    sums_.assign(rows, 0.0);
    exponents_.assign(response.classes, std::vector<double>(rows, 0.0));
    exponentiate_all();
  }
}

// Every row's shift becomes its largest score.
void Likelihood::exponentiate_all() {
  std::fill(shifts_.begin(), shifts_.end(), -std::numeric_limits<double>::infinity());
  std::fill(sums_.begin(), sums_.end(), 0.0);
  for (std::size_t block = 0; block < scores_.size(); ++block)
    for (std::size_t row = 0; is_present_[block] && row < shifts_.size(); ++row)
      shifts_[row] = std::max(shifts_[row], scores_[block][row]);
  for (std::size_t block = 0; block < scores_.size(); ++block)
    for (std::size_t row = 0; is_present_[block] && row < shifts_.size(); ++row)
      sums_[row] += exponents_[block][row] = std::exp(scores_[block][row] - shifts_[row]);
}

double Likelihood::rest_of(std::size_t row, std::size_t block) const {
  const double rest = sums_[row] - exponents_[block][row];
  // Where this block is nearly all, the difference would be rounding.
  if (rest > 1e-2 * sums_[row]) return rest;
  double sum = 0;
  for (std::size_t other = 0; other < exponents_.size(); ++other)
    if (other != block) sum += exponents_[other][row];
  return sum;
}

double Likelihood::loss() const {
  return loss_with(0, scores_[0]);
}

void Likelihood::linearize(std::size_t block, std::span<double> slope, std::span<double> curvature) const {
  for (std::size_t row = 0; row < weights_.size(); ++row) {
    const double score = scores_[block][row];
    const double label = response_.values[row];
    switch (response_.family) {
      case Family::gaussian:
        slope[row] = score - label;
        curvature[row] = 1;
        break;
      case Family::logistic: {
        const double p = 1 / (1 + std::exp(-score));
        slope[row] = p - label;
        curvature[row] = std::max(p * (1 - p), kLeastCurvature);
        break;
      }
      case Family::poisson: {
        const double rate = std::exp(std::min(score, kMostLogRate));
        slope[row] = rate - label;
        curvature[row] = std::max(rate, kLeastCurvature);
        break;
      }
      case Family::multinomial: {
        const double own = exponents_[block][row];
        const double p = own / (own + rest_of(row, block));
        slope[row] = p - (static_cast<std::size_t>(label) == block ? 1.0 : 0.0);
        curvature[row] = std::max(p * (1 - p), kLeastCurvature);
        break;
      }
    }
  }
}

double Likelihood::loss_with(std::size_t block, std::span<const double> candidate) const {
  double loss = 0;
  for (std::size_t row = 0; row < weights_.size(); ++row) {
    if (weights_[row] == 0) continue;
    const double label = response_.values[row];
    if (response_.family != Family::multinomial) {
      loss += weights_[row] * row_loss(response_.family, label, candidate[row]);
      continue;
    }
    const auto own = static_cast<std::size_t>(label);
    const double sum =
        rest_of(row, block) + (is_present_[block] ? std::exp(candidate[row] - shifts_[row]) : 0.0);
    const double score = own == block ? candidate[row] : scores_[own][row];
    loss += weights_[row] * (shifts_[row] + std::log(std::max(sum, 1e-300)) - score);
  }
  return finite_or_infinite(loss / total_);
}

void Likelihood::accept(std::size_t block, std::span<const double> candidate) {
  scores_[block].assign(candidate.begin(), candidate.end());
  if (response_.family != Family::multinomial) return;
  bool is_stale = false;
  for (std::size_t row = 0; row < shifts_.size(); ++row) {
    const double rest = rest_of(row, block);
    exponents_[block][row] = std::exp(scores_[block][row] - shifts_[row]);
    sums_[row] = rest + exponents_[block][row];
    is_stale = is_stale || !(sums_[row] > 1e-3 && sums_[row] < 1e6);
  }
  // A shift that is no longer near the largest score.
  if (is_stale) exponentiate_all();
}

double Likelihood::loss_with_all(const std::vector<std::vector<double>>& candidate) const {
  std::vector<double> largest(weights_.size(), -std::numeric_limits<double>::infinity());
  std::vector<double> sums(weights_.size(), 0.0);
  for (std::size_t block = 0; block < candidate.size(); ++block)
    for (std::size_t row = 0; is_present_[block] && row < largest.size(); ++row)
      largest[row] = std::max(largest[row], candidate[block][row]);
  for (std::size_t block = 0; block < candidate.size(); ++block)
    for (std::size_t row = 0; is_present_[block] && row < largest.size(); ++row)
      sums[row] += std::exp(candidate[block][row] - largest[row]);
  double loss = 0;
  for (std::size_t row = 0; row < weights_.size(); ++row) {
    if (weights_[row] == 0) continue;
    const auto own = static_cast<std::size_t>(response_.values[row]);
    loss += weights_[row] * (largest[row] + std::log(sums[row]) - candidate[own][row]);
  }
  return finite_or_infinite(loss / total_);
}

void Likelihood::accept_all(std::vector<std::vector<double>> candidate) {
  scores_ = std::move(candidate);
  exponentiate_all();
}

double Likelihood::absent_intercept() const {
  double mean = 0;
  for (std::size_t row = 0; row < shifts_.size(); ++row) {
    if (weights_[row] == 0) continue;
    mean += weights_[row] / total_ * (shifts_[row] + std::log(sums_[row]));
  }
  return mean + std::log(small_share_ / (1 - small_share_));
}

}  // namespace astrolabe::linear
