// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/bayes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "astrolabe/search/mutation.h"
#include "astrolabe/search/parzen.h"
#include "astrolabe/search/seen_points.h"
#include "astrolabe/search/trial_memory.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMemory = 1024;

using S = BayesSettings;
const std::vector<Field<S>> kTable = {
    {{.name = "random_first",
      .doc = "Random trials before the estimator is asked.",
      .unit = "trials",
      .low = 2,
      .high = 200},
     &S::random_first},
    {{.name = "candidates",
      .doc = "Points that are drawn for one proposal.",
      .unit = "points",
      .low = 1,
      .high = 10000,
      .log_scale = true},
     &S::candidates},
    {{.name = "good",
      .doc = "How many trials count as good: so many times the square root of their number.",
      .low = 0.01,
      .high = 10},
     &S::good},
};

// A product of many factors that cannot overflow.
struct Product {
  double mantissa = 1;
  std::int64_t exponent = 0;

  void multiply(double factor) {
    int shift = 0;
    mantissa = std::frexp(mantissa * factor, &shift);
    exponent += shift;
  }
  [[nodiscard]] bool is_above(const Product& other) const {
    return exponent != other.exponent ? exponent > other.exponent : mantissa > other.mantissa;
  }
};

class Bayes final : public Proposer {
 public:
  Bayes(const Space& space, const S& settings) : space_(space), settings_(settings) {}

  [[nodiscard]] std::optional<Proposal> propose(Key key) override {
    Point point = observed_ < static_cast<std::size_t>(settings_.random_first)
                      ? unseen_random(space_, seen_, key)
                      : likeliest(key);
    seen_.insert(point);
    return Proposal{.point = std::move(point), .by = "bayes"};
  }

  void observe(const Observation& seen) override {
    seen_.insert(seen.point);
    memory_.add(seen);
    ++observed_;
    is_stale_ = true;
  }

 private:
  void refresh();
  // A point as the good ones are, and how much likelier it is among them.
  [[nodiscard]] Point drawn(Key key, Product& ratio) const;
  [[nodiscard]] Point likeliest(Key key);

  Space space_;
  S settings_;
  SeenPoints seen_;
  TrialMemory memory_{kMemory};
  std::size_t observed_ = 0;
  bool is_stale_ = false;
  std::vector<Parzen> good_, others_;  // [dimensions]
};

void Bayes::refresh() {
  if (!is_stale_) return;
  const std::vector<std::size_t> order = memory_.ranked();
  const double wanted = std::ceil(settings_.good * std::sqrt(static_cast<double>(order.size())));
  const std::size_t good = std::clamp(static_cast<std::size_t>(wanted), std::size_t{1}, order.size());
  good_ = std::vector<Parzen>(space_.dimensions().begin(), space_.dimensions().end());
  others_ = good_;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const Observation& trial = memory_.trials()[order[rank]];
    const bool is_good = rank < good && trial.state != TrialState::failed;
    for (std::size_t d = 0; d < space_.size(); ++d)
      if (!std::isnan(trial.point.values[d])) (is_good ? good_ : others_)[d].add(trial.point.values[d]);
  }
  for (std::size_t d = 0; d < space_.size(); ++d) {
    good_[d].smooth();
    others_[d].smooth();
  }
  is_stale_ = false;
}

Point Bayes::drawn(Key key, Product& ratio) const {
  RandomStream random(key);
  Point point{std::vector<double>(space_.size(), std::numeric_limits<double>::quiet_NaN())};
  for (std::size_t d = 0; d < space_.size(); ++d) {
    if (!space_.is_active(d, point.values)) continue;
    point.values[d] = good_[d].draw(random);
    ratio.multiply(good_[d].share_of(point.values[d]) / others_[d].share_of(point.values[d]));
  }
  return point;
}

Point Bayes::likeliest(Key key) {
  refresh();
  std::optional<Point> best;
  Product best_ratio;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(settings_.candidates); ++i) {
    Product ratio;
    Point point = drawn(key.split(i), ratio);
    if (seen_.contains(point) || (best && !ratio.is_above(best_ratio))) continue;
    best = std::move(point);
    best_ratio = ratio;
  }
  if (best) return *std::move(best);
  // All of them are known: a neighbour of one.
  Product ratio;
  return unseen_mutation(space_, drawn(key.split("known"), ratio), seen_, key.split("neighbour"));
}

}  // namespace

std::span<const Field<BayesSettings>> bayes_settings_table() {
  return kTable;
}

std::unique_ptr<Proposer> make_bayes(const Space& space, const BayesSettings& settings) {
  return std::make_unique<Bayes>(space, settings);
}

}  // namespace astrolabe
