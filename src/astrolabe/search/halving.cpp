// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/halving.h"

#include <algorithm>
#include <vector>

namespace astrolabe {
namespace {

using S = HalvingSettings;
const std::vector<Field<S>> kTable = {
    {{.name = "eta", .doc = "One in so many goes on at each rung.", .low = 1.1, .high = 100}, &S::eta},
    {{.name = "min_peers",
      .doc = "The first so many trials at a rung all go on.",
      .unit = "trials",
      .low = 1,
      .high = 100000},
     &S::min_peers},
    {{.name = "rungs",
      .doc = "Where trials are judged: at every step, or at each eta-fold of the one before, for trials that "
             "report often.",
      .choices = {"every_step", "geometric"}},
     &S::rungs},
};

// Steps 0, eta - 1, eta^2 - 1, ...: after 1, eta, eta^2 reports, rounded up.
bool is_rung(std::size_t step, const S& settings) {
  if (settings.rungs == "every_step") return true;
  const auto reports = static_cast<double>(step) + 1;
  double rung = 1;
  while (rung < reports) rung *= settings.eta;
  return rung < reports + 1;
}

class Halving final : public Pruner {
 public:
  explicit Halving(const S& settings) : settings_(settings) {}

  [[nodiscard]] bool should_stop(std::span<const StepCost> own,
                                 std::span<const StepCost> peers) const override {
    return is_outside_best(own.back(), peers, settings_);
  }

 private:
  S settings_;
};

}  // namespace

std::span<const Field<HalvingSettings>> halving_settings_table() {
  return kTable;
}

bool is_outside_best(const StepCost& own, std::span<const StepCost> peers, const HalvingSettings& settings) {
  if (peers.size() < static_cast<std::size_t>(settings.min_peers) || !is_rung(own.step, settings))
    return false;
  const auto better =
      std::ranges::count_if(peers, [&](const StepCost& peer) { return peer.cost < own.cost; });
  const double places = std::max(1.0, static_cast<double>(peers.size() + 1) / settings.eta);
  return static_cast<double>(better + 1) > places;
}

std::unique_ptr<const Pruner> make_halving(const HalvingSettings& settings) {
  return std::make_unique<Halving>(settings);
}

}  // namespace astrolabe
