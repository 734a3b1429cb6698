// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/evolution.h"

#include <deque>
#include <vector>

#include "astrolabe/search/mutation.h"
#include "astrolabe/search/seen_points.h"

namespace astrolabe {
namespace {

using S = EvolutionSettings;
const std::vector<Field<S>> kTable = {
    {{.name = "population",
      .doc = "How many of the newest trials can have children.",
      .unit = "trials",
      .low = 1,
      .high = 10000,
      .log_scale = true},
     &S::population},
    {{.name = "sample",
      .doc = "How many of them are drawn, with replacement; the best has the child.",
      .unit = "trials",
      .low = 1,
      .high = 10000,
      .log_scale = true},
     &S::sample},
};

class Evolution final : public Proposer {
 public:
  Evolution(const Space& space, const S& settings) : space_(space), settings_(settings) {}

  [[nodiscard]] std::optional<Proposal> propose(Key key) override {
    if (population_.size() < static_cast<std::size_t>(settings_.population))
      return Proposal{.point = unseen_random(space_, seen_, key), .by = "evolution"};
    RandomStream random(key.split("sample"));
    const Observation* parent = nullptr;
    for (std::int64_t draw = 0; draw < settings_.sample; ++draw) {
      const Observation& drawn = population_[random.below(population_.size())];
      if (parent == nullptr || is_better(drawn, *parent)) parent = &drawn;
    }
    return Proposal{.point = unseen_mutation(space_, parent->point, seen_, key.split("child")),
                    .by = "evolution"};
  }

  void observe(const Observation& seen) override {
    seen_.insert(seen.point);
    population_.push_back(seen);
    if (population_.size() > static_cast<std::size_t>(settings_.population)) population_.pop_front();
  }

 private:
  Space space_;
  S settings_;
  std::deque<Observation> population_;  // the oldest first
  SeenPoints seen_;
};

}  // namespace

std::span<const Field<EvolutionSettings>> evolution_settings_table() {
  return kTable;
}

std::unique_ptr<Proposer> make_evolution(const Space& space, const EvolutionSettings& settings) {
  return std::make_unique<Evolution>(space, settings);
}

}  // namespace astrolabe
