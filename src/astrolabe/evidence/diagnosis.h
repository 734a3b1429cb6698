// SPDX-License-Identifier: Apache-2.0
// Why a training does not move: causes told apart by what was measured of it and by which fix, when tried,
// helped.
//
//   const Diagnosis diagnosis = diagnose({.over_constant = estimate, .net = look, .fixes = tried});
//   diagnosis.cause                     // Cause::dead_units
//   diagnosis.fix                       // index of the fix that helped most against it; absent: none did
//
// Rules, first one first, each with its numbers in `words`: nothing beats a constant (data fault); the loss
// left the finite numbers or rose (exploding); steps are rounded away; units move no output (dead); gradients
// vanish or explode from layer to layer; a larger rate helps (too slow) or more epochs do (too little time);
// Gauss-Newton gets far where every rate of the own optimizer stalls (conditioning); a nudge lets a standing
// training fall (saddle); another learner is better (weak model); none. Pure.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/stats/interval.h"

namespace astrolabe {

enum class Cause : std::uint8_t {
  none,
  data_fault,
  exploding,
  rounding,
  dead_units,
  vanishing_signal,
  exploding_signal,
  too_slow,
  too_little_time,
  conditioning,
  saddle,
  weak_model,
};
[[nodiscard]] std::string_view cause_name(Cause cause);  // "dead units"

// What was seen inside a net, on few rows; losses are plain ones, means over those rows.
struct NetLook {
  std::size_t rows = 0, parameters = 0, steps = 0;
  double start_loss = 0;
  double own_rate = 0, own_loss = 0;    // after `steps` of the own optimizer at its own rate
  double best_rate = 0, best_loss = 0;  // the best of several rates
  std::size_t newton_steps = 0;
  double newton_loss = 0;
  double nudged_loss = 0, standing_loss = 0;  // half of the steps more, with and without a nudge before
  double unmoved = 0;                         // share of weights that a step leaves as they are
  double dead_at_start = 0, dead_after = 0;   // share of units, in the worst layer
  double signal_ratio = 1;                    // gradient of the first layer over that of the last
  std::size_t layers = 0;
};

struct TriedFix {
  Cause against = Cause::none;
  std::string what;  // "activation=silu"
  Estimate gain;     // over the system as it is; above 0: better
};

struct Symptoms {
  Estimate over_constant;             // gain of the system over a constant prediction
  std::vector<Estimate> others = {};  // gains of other learners over it
  bool diverged = false, cut_short = false;
  std::optional<NetLook> net = {};
  std::vector<TriedFix> fixes = {};
};

struct Diagnosis {
  Cause cause = Cause::none;
  std::string words;               // why, with its numbers
  std::optional<std::size_t> fix;  // of Symptoms::fixes
};

[[nodiscard]] Diagnosis diagnose(const Symptoms& symptoms);

}  // namespace astrolabe
