// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/lambdarank.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/exponential.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kChunkGroups = 32;
constexpr double kLeastDistance = 0.01;  // of two scores
constexpr double kInverseLog2 = 1.4426950408889634;

}  // namespace

// The rows of one group, by descending score.
struct LambdaRank::Place {
  explicit Place(std::size_t rows)
      : order(rows), scores(rows), gains(rows), gradients(rows), hessians(rows), pulls(rows), bends(rows) {}

  std::vector<std::uint32_t> order;
  std::vector<double> scores, gains, gradients, hessians;
  std::vector<double> pulls, bends;  // of one row's pairs with those below it
};

bool is_lambdarank(std::string_view loss, const Labels& labels) {
  const bool is_named = loss == "lambdarank";
  if (is_named && labels.groups.empty()) {
    throw usage_error({.attempted = "fitting trees with the loss \"lambdarank\"",
                       .expected = "a ranking task, whose rows come in groups",
                       .found = "no groups",
                       .remedy = "Name the column that says which rows belong together: --group COLUMN."});
  }
  return is_named || (loss == "auto" && !labels.groups.empty());
}

LambdaRank::LambdaRank(const Labels& labels, const LambdaRankRules& rules)
    : labels_(labels), rules_(rules), groups_(group_rows(labels.groups, labels.weights)) {
  for (const double relevance : labels.values) gains_.push_back(relevance_gain(relevance));
  discounts_ = position_discounts(groups_.largest());
  const auto counted = std::span(discounts_).first(std::min(rules.truncation, discounts_.size()));
  for (std::size_t group = 0; group < groups_.size(); ++group)
    best_.push_back(ideal_dcg(groups_.of(group), labels.values, counted));
  find_scale();
}

// Rows of equal scores, with which a fit begins, have a mean hessian of 1.
void LambdaRank::find_scale() {
  const std::vector<double> scores(labels_.rows(), 0.0);
  std::vector<GradientPair> pairs(labels_.rows());
  Place place(discounts_.size());
  double hessians = 0, weights = 0;
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    if (best_[group] > 0) find_pairs_of(group, scores, pairs, place);
    for (const std::uint32_t row : groups_.of(group)) {
      hessians += pairs[row].hessian;
      weights += labels_.weight(row);
    }
  }
  if (hessians > 0) scale_ = weights / hessians;
}

void LambdaRank::find_pairs(std::span<const double> scores, std::span<GradientPair> pairs,
                            ThreadPool& pool) const {
  std::ranges::fill(pairs, GradientPair{});
  pool.for_ranges(groups_.size(), kChunkGroups, [&](std::size_t begin, std::size_t end, std::size_t) {
    Place place(discounts_.size());
    for (std::size_t group = begin; group < end; ++group)
      if (best_[group] > 0) find_pairs_of(group, scores, pairs, place);
  });
}

void LambdaRank::find_pairs_of(std::size_t group, std::span<const double> scores,
                               std::span<GradientPair> pairs, Place& place) const {
  const auto rows = groups_.of(group);
  const std::size_t count = rows.size();
  std::ranges::copy(rows, place.order.begin());
  std::stable_sort(place.order.begin(), place.order.begin() + static_cast<std::ptrdiff_t>(count),
                   [&](std::uint32_t a, std::uint32_t b) { return scores[a] > scores[b]; });
  for (std::size_t i = 0; i < count; ++i) {
    place.scores[i] = scores[place.order[i]];
    place.gains[i] = gains_[place.order[i]];
    place.gradients[i] = place.hessians[i] = 0;
  }
  // Distances count where there are any: weight / (near + far distance).
  const bool has_spread = place.scores[0] != place.scores[count - 1];
  const double near = has_spread ? kLeastDistance : 1.0, far = has_spread ? 1.0 : 0.0;
  const double sigma = rules_.sigma;
  double total = 0;
  for (std::size_t i = 0; i + 1 < count && i < rules_.truncation; ++i) {
    const double score = place.scores[i], gain = place.gains[i], discount = discounts_[i];
    for (std::size_t j = i + 1; j < count; ++j) {
      const double gap = gain - place.gains[j], distance = score - place.scores[j];
      const double above = gap > 0 ? distance : -distance;  // the more relevant row's score over the other's
      const double p = 1 / (1 + exponential(sigma * above));
      const double weight = gap * (discount - discounts_[j]) / (near + far * distance);
      place.pulls[j] = weight * p;  // signed as the gap is
      place.bends[j] = std::abs(weight) * p * (1 - p);
    }
    double pull = 0, bend = 0;
    for (std::size_t j = i + 1; j < count; ++j) {
      pull += place.pulls[j];
      bend += place.bends[j];
      total += std::abs(place.pulls[j]);
      place.gradients[j] += place.pulls[j];
      place.hessians[j] += place.bends[j];
    }
    place.gradients[i] -= pull;
    place.hessians[i] += bend;
  }
  const double per_lambda = sigma / best_[group];
  const double sum = 2 * total * per_lambda;
  const double factor = sum > 0 ? scale_ * kInverseLog2 * logarithm(1 + sum) / sum * per_lambda : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t row = place.order[i];
    const double weight = labels_.weight(row) * factor;
    pairs[row] = {place.gradients[i] * weight, place.hessians[i] * weight * sigma};
  }
}

double LambdaRank::loss(std::span<const double> scores) const {
  const Scored scored{.truth = labels_.values, .prediction = scores, .weight = labels_.weights};
  return 1 - mean_of_groups(group_ndcg(scored, groups_, rules_.truncation));
}

}  // namespace astrolabe::trees
