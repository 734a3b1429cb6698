// SPDX-License-Identifier: Apache-2.0
// Two mixtures of Gaussians: the loss is inverted by Newton steps that a bracket holds.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "astrolabe/base/error.h"
#include "astrolabe/privacy/loss_pair.h"
#include "astrolabe/privacy/normal_tail.h"

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kFarOut = 9.75;
constexpr int kMostSteps = 200;
constexpr double kPrecision = 1e-15;
constexpr double kMeanStep = 1.0 / 16;

struct LogDensity {
  double value = 0, slope = 0;  // against N(0, s^2); d/dx
};

// log(mixture / N(0, s^2)) is the logarithm of a sum of exp(lift + pull * x).
struct Term {
  double lift = 0, pull = 0;
};

std::vector<Term> terms_of(const GaussianMixture& mixture, double sigma) {
  std::vector<Term> terms;
  for (std::size_t i = 0; i < mixture.centres.size(); ++i) {
    const double pull = mixture.centres[i] / (sigma * sigma);
    terms.push_back({.lift = std::log(mixture.chances[i]) - pull * mixture.centres[i] / 2, .pull = pull});
  }
  return terms;
}

LogDensity log_density(const std::vector<Term>& terms, double x) {
  double peak = -kInfinity;
  for (const Term& term : terms) peak = std::max(peak, term.lift + term.pull * x);
  double sum = 0, pull = 0;
  for (const Term& term : terms) {
    const double weight = std::exp(term.lift + term.pull * x - peak);
    sum += weight;
    pull += weight * term.pull;
  }
  return {.value = peak + std::log(sum), .slope = pull / sum};
}

class MixturePair final : public LossPair {
 public:
  MixturePair(GaussianMixture first, GaussianMixture second, double sigma)
      : first_(std::move(first)),
        second_(std::move(second)),
        sigma_(sigma),
        first_terms_(terms_of(first_, sigma)),
        second_terms_(terms_of(second_, sigma)),
        far_(40 * sigma + reach()),
        low_end_(loss_at(-far_).value),
        high_end_(loss_at(far_).value) {}

  [[nodiscard]] LossTails tails(double loss) const override { return tails_right_of(place_of(loss, 0)); }
  [[nodiscard]] std::vector<LossTails> tails_along(double from, double step,
                                                   std::size_t count) const override {
    std::vector<LossTails> all(count);
    double x = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double place = place_of(from + static_cast<double>(i) * step, x);
      all[i] = tails_right_of(place);
      if (std::isfinite(place)) x = place + step / loss_at(place).slope;
    }
    return all;
  }
  [[nodiscard]] double lowest() const override {
    return loss_at(*std::min_element(first_.centres.begin(), first_.centres.end()) - kFarOut * sigma_).value;
  }
  [[nodiscard]] double highest() const override {
    return loss_at(*std::max_element(first_.centres.begin(), first_.centres.end()) + kFarOut * sigma_).value;
  }
  [[nodiscard]] double mean() const override {
    double sum = 0;
    const double scale = kMeanStep / std::sqrt(2 * std::numbers::pi);
    for (double z = -12; z <= 12; z += kMeanStep)
      for (std::size_t i = 0; i < first_.centres.size(); ++i)
        sum +=
            scale * std::exp(-z * z / 2) * first_.chances[i] * loss_at(first_.centres[i] + sigma_ * z).value;
    return sum;
  }

 private:
  [[nodiscard]] LogDensity loss_at(double x) const {
    const LogDensity above = log_density(first_terms_, x), below = log_density(second_terms_, x);
    return {.value = above.value - below.value, .slope = above.slope - below.slope};
  }

  [[nodiscard]] double upper_tail(const GaussianMixture& mixture, double x) const {
    double sum = 0;
    for (std::size_t i = 0; i < mixture.centres.size(); ++i)
      sum += mixture.chances[i] * std::erfc((x - mixture.centres[i]) / sigma_ / std::numbers::sqrt2) / 2;
    return sum;
  }

  [[nodiscard]] LossTails tails_right_of(double x) const {
    return {.first = upper_tail(first_, x), .second = upper_tail(second_, x)};
  }

  // Where the loss is `loss`, sought from `x` on; the infinities where it is so nowhere.
  [[nodiscard]] double place_of(double loss, double x) const {
    if (low_end_ >= loss) return -kInfinity;
    if (high_end_ <= loss) return kInfinity;
    double low = -far_, high = far_;
    if (!(x > low && x < high)) x = 0;
    for (int i = 0; i < kMostSteps && high - low > kPrecision * far_; ++i) {
      const LogDensity here = loss_at(x);
      (here.value > loss ? high : low) = x;
      double next = x - (here.value - loss) / here.slope;
      if (!(next > low && next < high)) next = (low + high) / 2;
      const bool is_there = std::abs(next - x) < kPrecision * far_;
      x = next;
      if (is_there) break;
    }
    return x;
  }

  [[nodiscard]] double reach() const {
    double far = 0;
    for (const double centre : first_.centres) far = std::max(far, centre);
    for (const double centre : second_.centres) far = std::max(far, -centre);
    return far;
  }

  GaussianMixture first_, second_;
  double sigma_;
  std::vector<Term> first_terms_, second_terms_;
  double far_, low_end_, high_end_;  // the place beyond which nothing is, and the losses there
};

}  // namespace

std::unique_ptr<LossPair> mixture_pair(GaussianMixture first, GaussianMixture second, double sigma) {
  ASTROLABE_CHECK(sigma > 0, "noise has a deviation");
  ASTROLABE_CHECK(first.centres.size() == first.chances.size() && !first.centres.empty() &&
                      second.centres.size() == second.chances.size() && !second.centres.empty(),
                  "each centre has its chance");
  for (const double centre : first.centres) ASTROLABE_CHECK(centre >= 0, "P pulls up");
  for (const double centre : second.centres) ASTROLABE_CHECK(centre <= 0, "Q pulls down");
  return std::make_unique<MixturePair>(std::move(first), std::move(second), sigma);
}

}  // namespace astrolabe
