// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/pipeline/catalog.h"

#include <array>

#include "astrolabe/learners/baseline/baseline.h"
#include "astrolabe/learners/kernel/kernel.h"
#include "astrolabe/learners/linear/linear.h"
#include "astrolabe/learners/neural/cnn.h"
#include "astrolabe/learners/neural/mlp.h"
#include "astrolabe/learners/trees/forest_learner.h"
#include "astrolabe/learners/trees/trees.h"
#include "astrolabe/pipeline/going_on.h"

namespace astrolabe {

std::span<const Learner* const> learners() {
  static const std::array<const Learner*, 7> all = {
      &baseline_learner(), &linear_learner(), &trees_learner(), &forest_learner(),
      &mlp_learner(),      &kernel_learner(), &cnn_learner(),
  };
  return all;
}

std::span<const Learner* const> learners_of_open_run() {
  // Without the baseline, which stands outside, and kernel: trees are better on the tables on which both were
  // measured (benchmarks/kernel). cnn is for pictures.
  return learners().subspan(1, 4);
}

const Learner* find_learner(std::string_view name) {
  for (const Learner* learner : learners()) {
    if (learner->name() == name) return learner;
  }
  return nullptr;
}

std::vector<std::string> learner_names() {
  std::vector<std::string> names;
  for (const Learner* learner : learners()) names.emplace_back(learner->name());
  return names;
}

std::vector<Variant> variants_of(const Learner& learner) {
  // Few and far apart: each must be able to win somewhere that the default does not.
  if (learner.name() == "trees") {
    return {
        {{{"learning_rate", 0.03}}},
        {{{"max_leaves", std::int64_t{8}}}},
        {{{"max_leaves", std::int64_t{127}}, {"learning_rate", 0.05}}},
    };
  }
  return {};
}

bool goes_on_from_models(const Learner& learner) {
  return find_going_on(learner.name()) != nullptr;
}

SettingValues settings_for_metric(const Learner& learner, std::string_view metric) {
  const bool is_gamma = metric == "gamma_deviance";
  if (metric != "poisson_deviance" && !is_gamma) return {};
  SettingValues loss = {{"loss", std::string(is_gamma ? "gamma" : "poisson")}};
  if (learner.name() == "trees" || learner.name() == "mlp" || learner.name() == "cnn") return loss;
  if (learner.name() == "linear" || learner.name() == "kernel") return {{"family", std::string("poisson")}};
  return {};
}

}  // namespace astrolabe
