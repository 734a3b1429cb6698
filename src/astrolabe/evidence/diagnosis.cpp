// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/diagnosis.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace astrolabe {
namespace {

constexpr double kRose = 1.2;        // times the loss at the start
constexpr double kMost = 0.5;        // of units or weights
constexpr double kFaint = 1e-4;      // of a gradient, from the last layer to the first
constexpr double kStalled = 0.02;    // of the loss at the start, that a stalled training has left
constexpr double kFar = 0.3;         // of the loss that another method reaches
constexpr double kNudged = 0.7;      // of the loss of who stands still
constexpr double kWorthwhile = 0.1;  // of the gain over a constant

bool helps(const Estimate& gain) {
  return gain.value > 0 && gain.low > 0;
}

std::string gain_text(const Estimate& gain) {
  return fmt::format("{:+.4g} [{:+.4g}, {:+.4g}]", gain.value, gain.low, gain.high);
}

// The fix that helped most, against one cause or any.
std::optional<std::size_t> best_fix(const Symptoms& symptoms, std::optional<Cause> against) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < symptoms.fixes.size(); ++i) {
    const TriedFix& fix = symptoms.fixes[i];
    if (!helps(fix.gain) || (against && fix.against != *against)) continue;
    if (!best || fix.gain.value > symptoms.fixes[*best].gain.value) best = i;
  }
  return best;
}

bool is_healthy(const Symptoms& symptoms) {
  if (symptoms.diverged || !helps(symptoms.over_constant)) return false;
  const double least = kWorthwhile * symptoms.over_constant.value;
  return std::ranges::none_of(symptoms.fixes,
                              [&](const TriedFix& fix) { return helps(fix.gain) && fix.gain.value > least; });
}

// The first rule that a look inside a net satisfies.
std::optional<Diagnosis> by_net(const NetLook& net) {
  const auto because = [](Cause cause, std::string words) {
    return Diagnosis{.cause = cause, .words = std::move(words), .fix = {}};
  };
  if (net.unmoved > kMost)
    return because(
        Cause::rounding,
        fmt::format("a step of rate {:.2g} leaves {:.0f} % of the weights as they were, bit by bit",
                    net.own_rate, 100 * net.unmoved));
  if (net.layers >= 4 && net.signal_ratio < kFaint)
    return because(Cause::vanishing_signal,
                   fmt::format("over {} layers the gradient shrinks to {:.2g} of what it is in the last",
                               net.layers, net.signal_ratio));
  if (net.layers >= 4 && net.signal_ratio > 1 / kFaint)
    return because(Cause::exploding_signal, fmt::format("over {} layers the gradient grows {:.2g} times",
                                                        net.layers, net.signal_ratio));
  if (net.dead_at_start > kMost)
    return because(Cause::dead_units, fmt::format("{:.0f} % of the units of a layer move no output in any of "
                                                  "{} rows, before the first step",
                                                  100 * net.dead_at_start, net.rows));
  if (!(net.own_loss < kRose * net.start_loss))
    return because(Cause::exploding,
                   fmt::format("{} steps of rate {:.2g} take the loss from {:.4g} to {:.4g}", net.steps,
                               net.own_rate, net.start_loss, net.own_loss));
  if (net.dead_after > kMost)
    return because(
        Cause::dead_units,
        fmt::format("after {} steps of rate {:.2g} {:.0f} % of the units of a layer move no output "
                    "in any of {} rows",
                    net.steps, net.own_rate, 100 * net.dead_after, net.rows));
  return std::nullopt;
}

std::optional<Diagnosis> by_curvature(const NetLook& net) {
  if (!(net.best_loss > kStalled * net.start_loss)) return std::nullopt;
  if (net.nudged_loss < kNudged * net.standing_loss && net.standing_loss > 0.95 * net.best_loss)
    return Diagnosis{
        .cause = Cause::saddle,
        .words = fmt::format("after a small nudge the loss falls to {:.4g}, without it it stands at {:.4g}",
                             net.nudged_loss, net.standing_loss),
        .fix = {}};
  if (net.newton_loss < kFar * net.best_loss)
    return Diagnosis{.cause = Cause::conditioning,
                     .words = fmt::format(
                         "Gauss-Newton reaches a loss of {:.3g} in {} steps where the own optimizer, at the "
                         "best of its rates, stalls at {:.3g} after {}",
                         net.newton_loss, net.newton_steps, net.best_loss, net.steps),
                     .fix = {}};
  return std::nullopt;
}

std::optional<Diagnosis> by_fix(const Symptoms& symptoms, Cause cause, std::string_view what) {
  const std::optional<std::size_t> fix = best_fix(symptoms, cause);
  if (!fix) return std::nullopt;
  return Diagnosis{.cause = cause,
                   .words = fmt::format("{}: {} gains {}", what, symptoms.fixes[*fix].what,
                                        gain_text(symptoms.fixes[*fix].gain)),
                   .fix = fix};
}

Diagnosis first_rule(const Symptoms& symptoms) {
  const bool learns = helps(symptoms.over_constant) || std::ranges::any_of(symptoms.others, helps) ||
                      best_fix(symptoms, std::nullopt).has_value();
  if (!learns)
    return {.cause = Cause::data_fault,
            .words =
                fmt::format("nothing that was tried beats a constant: the system gains {} on it, {} other "
                            "learners and {} fixes no more",
                            gain_text(symptoms.over_constant), symptoms.others.size(), symptoms.fixes.size()),
            .fix = {}};
  if (is_healthy(symptoms))
    return {.cause = Cause::none,
            .words = fmt::format("it gains {} on a constant, and none of {} changes gains a tenth of that",
                                 gain_text(symptoms.over_constant), symptoms.fixes.size()),
            .fix = {}};
  if (symptoms.net)
    if (std::optional<Diagnosis> found = by_net(*symptoms.net)) return *found;
  if (symptoms.diverged)
    return {
        .cause = Cause::exploding, .words = "the training left the finite numbers or ran away", .fix = {}};
  if (auto slow = by_fix(symptoms, Cause::too_slow, "steps are too small")) return *slow;
  if (symptoms.net)
    if (std::optional<Diagnosis> found = by_curvature(*symptoms.net)) return *found;
  if (auto early = by_fix(symptoms, Cause::too_little_time, "it ended too early")) return *early;
  if (auto weak = by_fix(symptoms, Cause::weak_model, "another learner does better")) return *weak;
  return {.cause = Cause::none, .words = "no rule fits what was measured", .fix = {}};
}

}  // namespace

std::string_view cause_name(Cause cause) {
  constexpr std::array<std::string_view, 12> kNames = {
      "nothing wrong",    "data fault", "exploding",       "rounding",     "dead units", "vanishing signal",
      "exploding signal", "too slow",   "too little time", "conditioning", "saddle",     "weak model"};
  return kNames.at(static_cast<std::size_t>(cause));
}

Diagnosis diagnose(const Symptoms& symptoms) {
  Diagnosis diagnosis = first_rule(symptoms);
  // What keeps a gradient from vanishing keeps it from exploding.
  const Cause against =
      diagnosis.cause == Cause::exploding_signal ? Cause::vanishing_signal : diagnosis.cause;
  const bool is_sick = diagnosis.cause != Cause::none && diagnosis.cause != Cause::data_fault;
  if (is_sick && !diagnosis.fix) diagnosis.fix = best_fix(symptoms, against);
  // What helps against another cause is still worth saying.
  if (is_sick && !diagnosis.fix) diagnosis.fix = best_fix(symptoms, std::nullopt);
  return diagnosis;
}

}  // namespace astrolabe
