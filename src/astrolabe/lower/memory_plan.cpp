// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/memory_plan.h"

#include <algorithm>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/lower/exact_fit.h"
#include "astrolabe/lower/first_fit.h"
#include "astrolabe/lower/live_sections.h"

namespace astrolabe {
namespace {

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

// What takes up room, in whole units of the alignment.
class Planner {
 public:
  Planner(std::span<const Lifetime> buffers, const PlanningEffort& effort) : effort_(effort) {
    for (std::size_t at = 0; at < buffers.size(); ++at) {
      ASTROLABE_CHECK(buffers[at].lower < buffers[at].upper, "a buffer that never lives");
      if (buffers[at].bytes == 0) continue;
      Lifetime padded = buffers[at];
      padded.bytes = round_up(padded.bytes, effort.alignment);
      unit_ = std::gcd(unit_, padded.bytes);
      buffers_.push_back(padded);
      which_.push_back(at);
    }
    plan_.offsets.resize(buffers.size(), 0);
  }

  MemoryPlan plan() {
    if (buffers_.empty()) return std::move(plan_);
    plan_.most_live = std::ranges::max(find_live_sections(buffers_).bytes);
    plan_.lower_bound = plan_.most_live;
    plan_.bytes = SIZE_MAX;
    keep_if_smaller(first_fit(buffers_, by_size(buffers_)));
    keep_if_smaller(first_fit(buffers_, by_birth(buffers_)));
    plan_.greedy_bytes = plan_.bytes;
    if (is_worth_a_search()) search();
    return std::move(plan_);
  }

 private:
  void keep_if_smaller(const std::vector<std::size_t>& offsets) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < offsets.size(); ++i) bytes = std::max(bytes, offsets[i] + buffers_[i].bytes);
    if (bytes >= plan_.bytes) return;
    plan_.bytes = bytes;
    for (std::size_t i = 0; i < offsets.size(); ++i) plan_.offsets[which_[i]] = offsets[i];
  }

  [[nodiscard]] std::size_t wanted() const {
    return std::max(effort_.capacity.value_or(plan_.lower_bound), plan_.lower_bound) / unit_ * unit_;
  }

  [[nodiscard]] bool is_worth_a_search() const {
    if (effort_.capacity && *effort_.capacity < plan_.most_live) return false;  // nothing fits
    const auto gain = static_cast<double>(plan_.bytes - plan_.lower_bound);
    return plan_.bytes > wanted() && buffers_.size() <= kMostSearchedBuffers &&
           gain > effort_.least_gain * static_cast<double>(plan_.lower_bound);
  }

  // Half of the steps for what is wanted, the others for what lies between that and the plan at hand.
  void search() {
    std::size_t low =
        wanted();  // nothing smaller is tried; in units, as every plan that stands on the ground
    std::size_t steps_left = effort_.most_steps;
    for (std::size_t target = low; low < plan_.bytes && steps_left > 0;
         target = low + (plan_.bytes - low) / 2 / unit_ * unit_) {
      const bool is_first = plan_.steps == 0;
      const std::size_t share = is_first ? (steps_left + 1) / 2 : (steps_left + 3) / 4;
      const FitSearch found = search_fit(buffers_, target, {.most_steps = share});
      plan_.steps += found.steps;
      steps_left -= std::min(steps_left, std::max<std::size_t>(found.steps, 1));
      if (found.offsets) {
        keep_if_smaller(*found.offsets);
        if (is_first) return;
        continue;
      }
      low = target + unit_;
      if (found.is_impossible) plan_.lower_bound = std::max(plan_.lower_bound, low);
    }
  }

  const PlanningEffort& effort_;
  std::vector<Lifetime> buffers_;
  std::vector<std::size_t> which_;  // the caller's index
  std::size_t unit_ = 0;            // every size, so every offset of a plan on the ground, is a multiple
  MemoryPlan plan_;
};

}  // namespace

MemoryPlan plan_memory(std::span<const Lifetime> buffers, const PlanningEffort& effort) {
  return Planner(buffers, effort).plan();
}

}  // namespace astrolabe
