// SPDX-License-Identifier: Apache-2.0
// Fitted trees as a Model: a booster, or a forest, which is the mean of its trees.
#pragma once

#include <memory>

#include "astrolabe/learners/trees/booster.h"

namespace astrolabe::trees {

[[nodiscard]] std::unique_ptr<const Model> make_trees_model(Boosted boosted);
// What a booster's model holds; null for another one. Lives as long as the model.
[[nodiscard]] const Boosted* find_boosted(const Model& model);
// Throws bad_input unless the bytes are a sound model of `features` features and `outputs` outputs, a booster
// or, where `is_mean`, a forest.
[[nodiscard]] std::unique_ptr<const Model> load_trees_model(ArchiveReader& archive, std::size_t features,
                                                            std::size_t outputs, bool is_mean = false);

}  // namespace astrolabe::trees
