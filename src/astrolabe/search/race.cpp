// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/race.h"

#include <algorithm>
#include <vector>

namespace astrolabe {
namespace {

using S = RaceSettings;
const std::vector<Field<S>> kTable = {
    {{.name = "width",
      .doc = "Stretches every interval about its cost: above 1 stops fewer, below 1 stops more.",
      .low = 0.01,
      .high = 100,
      .log_scale = true},
     &S::width},
};

bool has_interval(const StepCost& cost) {
  return cost.low < cost.high;
}

class Race final : public Pruner {
 public:
  explicit Race(const S& settings) : settings_(settings) {}

  [[nodiscard]] bool should_stop(std::span<const StepCost> own,
                                 std::span<const StepCost> peers) const override {
    return is_surely_worse(own.back(), peers, settings_);
  }

 private:
  S settings_;
};

}  // namespace

std::span<const Field<RaceSettings>> race_settings_table() {
  return kTable;
}

bool is_surely_worse(const StepCost& own, std::span<const StepCost> peers, const RaceSettings& settings) {
  if (!has_interval(own)) return false;
  const double low = own.cost - settings.width * (own.cost - own.low);
  return std::ranges::any_of(peers, [&](const StepCost& peer) {
    return has_interval(peer) && peer.cost < own.cost &&
           peer.cost + settings.width * (peer.high - peer.cost) < low;
  });
}

std::unique_ptr<const Pruner> make_race(const RaceSettings& settings) {
  return std::make_unique<Race>(settings);
}

}  // namespace astrolabe
