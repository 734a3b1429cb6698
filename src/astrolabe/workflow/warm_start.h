// SPDX-License-Identifier: Apache-2.0
// Warm starts: a trial that differs from an earlier one by a larger architecture begins with the nets of that
// one, fold by fold, and trains for a fraction of their epochs instead of from nothing.
//
//   if (std::optional<TrialRecord> parent = find_parent({trial.id(), system, space, store}))
//     if (const auto growth = plan_growth(runner.fitted(*parent)))
//       cross_validate(candidate, {..., .starts = growth->starts});
//
// Which trial is the parent follows from the study's records alone, so that whoever goes on with a run grows
// the same nets again. A fold grows from the net of the same fold, which saw the rows that the fold trains on
// and no others; how long it trains is fixed beforehand by what that net needed, so nothing is stopped by, or
// chosen on, rows that judge.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/evaluate/cross_validation.h"
#include "astrolabe/search/study_store.h"
#include "astrolabe/system/system_space.h"

namespace astrolabe {

// A child trains for this share of the epochs after which the first of its line stopped, but for so many at
// least, unless that one stopped earlier; at this share of its learning rate, because what is known should
// not be shaken. Measured: docs/search.md.
inline constexpr double kGrowthEpochs = 0.25;
inline constexpr std::int64_t kLeastGrowthEpochs = 5;
inline constexpr double kGrowthRate = 0.3;
// A layer becomes so many times as wide at most: what grew more stays as bad as the narrow net was.
inline constexpr std::size_t kMostWidening = 2;
// Children of children of children, and no further: what was refined so often is no fair judge of an
// architecture, and a run that goes on has to fit the whole line again.
inline constexpr std::size_t kMostGenerations = 3;
// Parents are looked for among so many of the best: those that a run has at hand.
inline constexpr std::size_t kParents = 12;

// Whether trials of this space can differ by their architecture at all.
[[nodiscard]] bool has_growing_nets(const SystemSpace& space);

// Whether a child begins with exactly what the parent computes: every setting but the architecture is equal,
// and the child's net contains the parent's, is larger, and not much wider (train/containment.h). Throws
// usage_error for architectures that cannot be read. Cost: microseconds.
[[nodiscard]] bool grows_from(const FilledSystem& child, const FilledSystem& parent);

struct ParentRequest {
  std::uint64_t trial = 0;  // the child
  const FilledSystem& system;
  const SystemSpace& space;
  StudyStore& store;
};
// The best complete trial before this one that it can grow from; nothing when there is none. Cost: some
// milliseconds.
[[nodiscard]] std::optional<TrialRecord> find_parent(const ParentRequest& request);

// How a trial that grew says from which one, in its outcome.
[[nodiscard]] std::optional<std::uint64_t> parent_in(const std::string& outcome);

struct GrowthPlan {
  std::shared_ptr<const CrossValidation> parent;
  std::vector<FoldStart> starts;
  double effort = 1;  // so many times the epochs would be trained from nothing, were as many needed
};
// Nothing where the parent is no place to begin: a fold is missing, or its training had diverged.
[[nodiscard]] std::optional<GrowthPlan> plan_growth(const std::shared_ptr<const CrossValidation>& parent);

}  // namespace astrolabe
