// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/signed_rank.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/average_ranks.h"
#include "astrolabe/stats/distribution.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostExactPairs = 50;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// P(sum of ranks <= at most), each of the ranks 1..n in the sum with probability 1/2. The number of subsets
// with each sum, as shares, so that nothing overflows.
double exact_lower_p(std::size_t pairs, std::size_t at_most) {
  std::vector<double> share(pairs * (pairs + 1) / 2 + 1, 0.0);
  share[0] = 1;
  std::size_t largest = 0;
  for (std::size_t rank = 1; rank <= pairs; ++rank) {
    largest += rank;
    for (std::size_t sum = largest + 1; sum-- > 0;)
      share[sum] = (share[sum] + (sum >= rank ? share[sum - rank] : 0)) / 2;
  }
  double total = 0;
  for (std::size_t sum = 0; sum <= std::min(at_most, largest); ++sum) total += share[sum];
  return total;
}

double normal_p(double positive_ranks, std::size_t pairs, double tie_correction) {
  const auto n = static_cast<double>(pairs);
  const double mean = n * (n + 1) / 4;
  const double variance = n * (n + 1) * (2 * n + 1) / 24 - tie_correction / 48;
  if (variance <= 0) return 1;
  return normal_two_sided_p((positive_ranks - mean) / std::sqrt(variance));
}

// Which region holds most of the weight of the pairwise means, for one draw of weights. Values ascend.
// Means on the border of the rope count half for either side.
class PairwiseMeans {
 public:
  PairwiseMeans(std::span<const double> values, double rope) : values_(values), rope_(rope) {}

  [[nodiscard]] RopePosterior shares(std::span<const double> weights) {
    prefix_.assign(1, 0.0);
    for (const double weight : weights) prefix_.push_back(prefix_.back() + weight);
    RopePosterior shares;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      shares.left += weights[i] * half_below(-2 * rope_ - values_[i]);
      shares.right += weights[i] * (prefix_.back() - half_below(2 * rope_ - values_[i]));
    }
    shares.rope = std::max(0.0, 1 - shares.left - shares.right);
    return shares;
  }

 private:
  // The weight of the values below `border`, and half of that at it.
  [[nodiscard]] double half_below(double border) const {
    const auto [first, last] = std::ranges::equal_range(values_, border);
    return (prefix_[static_cast<std::size_t>(first - values_.begin())] +
            prefix_[static_cast<std::size_t>(last - values_.begin())]) /
           2;
  }

  std::span<const double> values_;
  double rope_;
  std::vector<double> prefix_;  // [values + 1]
};

// Dirichlet(1, ..., 1, 1/2): gamma variates over their sum, the last that of the prior.
void draw_weights(RandomStream& random, std::size_t prior, std::span<double> weights) {
  double total = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double normal = random.normal();
    weights[i] = i == prior ? normal * normal / 2 : -std::log(1 - random.uniform());
    total += weights[i];
  }
  for (double& weight : weights) weight /= total;
}

}  // namespace

SignedRank wilcoxon_signed_rank(std::span<const double> differences) {
  std::vector<double> sizes;
  std::vector<bool> positive;
  for (const double difference : differences) {
    if (std::isnan(difference)) return {.positive_ranks = kNan, .p_value = kNan, .pairs = 0};
    if (difference == 0) continue;
    sizes.push_back(std::abs(difference));
    positive.push_back(difference > 0);
  }
  SignedRank test{.pairs = sizes.size()};
  if (sizes.empty()) return test;
  const AverageRanks ranks = average_ranks(sizes);
  for (std::size_t i = 0; i < sizes.size(); ++i)
    if (positive[i]) test.positive_ranks += ranks.ranks[i];
  if (ranks.tie_correction > 0 || sizes.size() > kMostExactPairs) {
    test.p_value = normal_p(test.positive_ranks, test.pairs, ranks.tie_correction);
  } else {
    const std::size_t all = test.pairs * (test.pairs + 1) / 2;
    const auto positive_ranks = static_cast<std::size_t>(test.positive_ranks);
    test.p_value =
        std::min(1.0, 2 * exact_lower_p(test.pairs, std::min(positive_ranks, all - positive_ranks)));
  }
  return test;
}

RopePosterior bayesian_signed_rank(std::span<const double> differences, double rope, Key key,
                                   std::size_t draws) {
  ASTROLABE_CHECK(rope >= 0 && draws > 0, "a region of equivalence has a width, and something is drawn");
  std::vector<double> values(differences.begin(), differences.end());
  if (std::ranges::any_of(values, [](double value) { return std::isnan(value); })) return {kNan, kNan, kNan};
  std::ranges::sort(values);
  const auto prior = static_cast<std::size_t>(std::ranges::lower_bound(values, 0.0) - values.begin());
  values.insert(values.begin() + static_cast<std::ptrdiff_t>(prior), 0.0);  // the prior observation
  PairwiseMeans means(values, rope);
  std::vector<double> weights(values.size());
  RandomStream random(key);
  RopePosterior posterior;
  for (std::size_t draw = 0; draw < draws; ++draw) {
    draw_weights(random, prior, weights);
    const RopePosterior shares = means.shares(weights);
    if (shares.left > shares.rope && shares.left > shares.right) {
      ++posterior.left;
    } else if (shares.right > shares.rope) {
      ++posterior.right;
    } else {
      ++posterior.rope;
    }
  }
  const auto total = static_cast<double>(draws);
  return {posterior.left / total, posterior.rope / total, posterior.right / total};
}

}  // namespace astrolabe
