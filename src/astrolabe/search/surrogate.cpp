// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/surrogate.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "astrolabe/search/gaussian_process.h"
#include "astrolabe/search/mutation.h"
#include "astrolabe/search/seen_points.h"
#include "astrolabe/search/trial_memory.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMemory = 256;  // trials that the model knows at most
constexpr std::size_t kElites = 10;

// Of how many trials the weights are learnt, so that it costs the same for few dimensions and for many.
std::size_t fit_limit(std::size_t dimensions) {
  constexpr std::size_t kMost = 96, kLeast = 16, kWork = std::size_t{1} << 23;
  std::size_t limit = kMost;
  while (limit > kLeast && limit * limit * limit * dimensions > kWork) limit -= 8;
  return limit;
}

using S = SurrogateSettings;
const std::vector<Field<S>> kTable = {
    {{.name = "random_first",
      .doc = "Random trials before the model is asked.",
      .unit = "trials",
      .low = 2,
      .high = 200},
     &S::random_first},
    {{.name = "candidates",
      .doc = "Points that the model ranks for one proposal.",
      .unit = "points",
      .low = 2,
      .high = 10000,
      .log_scale = true},
     &S::candidates},
    {{.name = "optimism",
      .doc = "How many standard deviations below its expected cost a point is valued; 0 explores nothing.",
      .low = 0,
      .high = 10},
     &S::optimism},
};

struct Candidate {
  Point point;
  double value = 0;
};

class Surrogate final : public Proposer {
 public:
  Surrogate(const Space& space, const S& settings) : space_(space), settings_(settings), process_(space) {}

  [[nodiscard]] std::optional<Proposal> propose(Key key) override {
    Point point = observed_ < static_cast<std::size_t>(settings_.random_first)
                      ? unseen_random(space_, seen_, key)
                      : most_promising(key);
    seen_.insert(point);
    return Proposal{.point = std::move(point), .by = "surrogate"};
  }

  void observe(const Observation& seen) override {
    seen_.insert(seen.point);
    process_.add(seen.point);
    if (const auto kept = memory_.add(seen)) process_.keep(*kept);
    ++observed_;
    is_stale_ = true;
  }

 private:
  // What the model learns: the roots of ranks, so that only the order of costs counts, however they are
  // scaled and whatever diverged, and differences among the best count most. The worst quarter is one: how
  // bad it is says nothing about the best.
  [[nodiscard]] std::vector<double> targets(const std::vector<std::size_t>& order) const;
  void refresh();
  [[nodiscard]] Point most_promising(Key key);
  void rank(std::vector<Candidate>& candidates, std::size_t first) const;

  Space space_;
  S settings_;
  SeenPoints seen_;
  TrialMemory memory_{kMemory};
  GaussianProcess process_;  // over the points of memory_
  std::vector<std::size_t> elites_;
  std::size_t observed_ = 0;
  std::size_t next_fit_ = 0;  // when so many were observed
  bool is_stale_ = false;
};

std::vector<double> Surrogate::targets(const std::vector<std::size_t>& order) const {
  constexpr double kCut = 0.75;
  const std::span<const Observation> known = memory_.trials();
  std::vector<double> costs(known.size());
  double share_before = 0;  // of the trials that are better
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0 && is_better(known[order[i - 1]], known[order[i]]))
      share_before = static_cast<double>(i) / static_cast<double>(order.size());
    costs[order[i]] = std::sqrt(std::min(share_before, kCut));
  }
  return costs;
}

void Surrogate::refresh() {
  if (!is_stale_) return;
  const std::vector<std::size_t> order = memory_.ranked();
  elites_.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(std::min(kElites, order.size())));
  process_.set_targets(targets(order));
  if (observed_ >= next_fit_) {
    process_.fit_weights(fit_limit(space_.size()));
    next_fit_ = observed_ + std::max<std::size_t>(observed_ / 3, 4);
  }
  is_stale_ = false;
}

void Surrogate::rank(std::vector<Candidate>& candidates, std::size_t first) const {
  for (std::size_t i = first; i < candidates.size(); ++i) {
    const Estimate estimate = process_.estimate(candidates[i].point);
    candidates[i].value = estimate.mean - settings_.optimism * std::sqrt(estimate.variance);
  }
}

Point Surrogate::most_promising(Key key) {
  refresh();
  RandomStream random(key.split("parents"));
  std::vector<Candidate> candidates;
  const auto wanted = static_cast<std::size_t>(settings_.candidates);
  for (std::size_t i = 0; i < wanted / 2; ++i) {
    // The better, the more children.
    const std::size_t parent = elites_[std::min(random.below(elites_.size()), random.below(elites_.size()))];
    Point child = i % 8 == 7 ? unseen_random(space_, seen_, key.split("random").split(i))
                             : unseen_mutation(space_, memory_.trials()[parent].point, seen_,
                                               key.split("child").split(i));
    candidates.push_back({std::move(child)});
  }
  rank(candidates, 0);
  const auto by_value = [](const Candidate& a, const Candidate& b) { return a.value < b.value; };
  constexpr std::size_t kRounds = 5;
  for (std::size_t round = 0; round < kRounds; ++round) {
    const Point start = std::ranges::min_element(candidates, by_value)->point;
    const std::size_t before = candidates.size();
    for (std::size_t i = 0; i < wanted / 2 / kRounds; ++i)
      candidates.push_back({unseen_mutation(space_, start, seen_, key.split("climb").split(round).split(i))});
    rank(candidates, before);
  }
  return std::ranges::min_element(candidates, by_value)->point;
}

}  // namespace

std::span<const Field<SurrogateSettings>> surrogate_settings_table() {
  return kTable;
}

std::unique_ptr<Proposer> make_surrogate(const Space& space, const SurrogateSettings& settings) {
  return std::make_unique<Surrogate>(space, settings);
}

}  // namespace astrolabe
