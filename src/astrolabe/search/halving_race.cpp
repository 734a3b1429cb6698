// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/halving_race.h"

#include <vector>

#include "astrolabe/search/halving.h"
#include "astrolabe/search/race.h"

namespace astrolabe {
namespace {

using S = HalvingRaceSettings;

// The fields of both, said once: in their own tables.
std::vector<Field<S>> joined_table() {
  const std::span<const Field<HalvingSettings>> halving = halving_settings_table();
  return {{halving[0].about, &S::eta},
          {halving[1].about, &S::min_peers},
          {halving[2].about, &S::rungs},
          {race_settings_table()[0].about, &S::width}};
}

class HalvingRace final : public Pruner {
 public:
  explicit HalvingRace(const S& settings)
      : halving_{.eta = settings.eta, .min_peers = settings.min_peers, .rungs = settings.rungs},
        race_{.width = settings.width} {}

  [[nodiscard]] bool should_stop(std::span<const StepCost> own,
                                 std::span<const StepCost> peers) const override {
    return is_surely_worse(own.back(), peers, race_) || is_outside_best(own.back(), peers, halving_);
  }

 private:
  HalvingSettings halving_;
  RaceSettings race_;
};

}  // namespace

std::span<const Field<HalvingRaceSettings>> halving_race_settings_table() {
  static const std::vector<Field<S>> kTable = joined_table();
  return kTable;
}

std::unique_ptr<const Pruner> make_halving_race(const HalvingRaceSettings& settings) {
  return std::make_unique<HalvingRace>(settings);
}

}  // namespace astrolabe
