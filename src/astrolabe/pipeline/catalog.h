// SPDX-License-Identifier: Apache-2.0
// The catalogue of learners: what is built in, in one screen, in the order in which a run tries them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/model/learner.h"

namespace astrolabe {

[[nodiscard]] std::span<const Learner* const> learners();
// Those that a run tries when nobody names any: the others are for whoever asks for them.
[[nodiscard]] std::span<const Learner* const> learners_of_open_run();
[[nodiscard]] const Learner* find_learner(std::string_view name);  // null when there is none
[[nodiscard]] std::vector<std::string> learner_names();

// Numbers worth trying early, beside a learner's defaults: where a search of its settings begins.
struct Variant {
  SettingValues settings;
};
[[nodiscard]] std::vector<Variant> variants_of(const Learner& learner);

// Whether a fit that is given a model to start from (FitRequest::start) keeps all of it and adds to it, from
// one run to the next: going_on.h says how.
[[nodiscard]] bool goes_on_from_models(const Learner& learner);

// What a learner should minimise when the task's metric asks for more than its default; else empty. Poisson
// and gamma deviance: the loss of that name, or another one that keeps predictions positive.
[[nodiscard]] SettingValues settings_for_metric(const Learner& learner, std::string_view metric);

}  // namespace astrolabe
