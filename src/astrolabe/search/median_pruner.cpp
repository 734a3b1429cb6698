// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/median_pruner.h"

#include <algorithm>
#include <vector>

namespace astrolabe {
namespace {

using S = MedianSettings;
const std::vector<Field<S>> kTable = {
    {{.name = "min_peers",
      .doc = "With fewer others at a step, all go on.",
      .unit = "trials",
      .low = 1,
      .high = 100000},
     &S::min_peers},
    {{.name = "first_step",
      .doc = "Nobody is stopped before this step, counted from 0.",
      .unit = "steps",
      .low = 0,
      .high = 1e9},
     &S::first_step},
};

class MedianPruner final : public Pruner {
 public:
  explicit MedianPruner(const S& settings) : settings_(settings) {}

  // Above the median: more than half of the others are better.
  [[nodiscard]] bool should_stop(std::span<const StepCost> own,
                                 std::span<const StepCost> peers) const override {
    if (peers.size() < static_cast<std::size_t>(settings_.min_peers)) return false;
    if (own.back().step < static_cast<std::size_t>(settings_.first_step)) return false;
    const auto better =
        std::ranges::count_if(peers, [&](const StepCost& peer) { return peer.cost < own.back().cost; });
    return 2 * static_cast<std::size_t>(better) > peers.size();
  }

 private:
  S settings_;
};

}  // namespace

std::span<const Field<MedianSettings>> median_settings_table() {
  return kTable;
}

std::unique_ptr<const Pruner> make_median_pruner(const MedianSettings& settings) {
  return std::make_unique<MedianPruner>(settings);
}

}  // namespace astrolabe
