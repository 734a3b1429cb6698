// SPDX-License-Identifier: Apache-2.0
#include "tests/contracts/learner_contract.h"

#include "astrolabe/learners/baseline/baseline.h"
#include "astrolabe/learners/kernel/kernel.h"
#include "astrolabe/learners/linear/linear.h"
#include "astrolabe/learners/neural/cnn.h"
#include "astrolabe/learners/neural/mlp.h"
#include "astrolabe/learners/trees/forest_learner.h"
#include "astrolabe/learners/trees/trees.h"

namespace astrolabe {
namespace {

void add_kernel_machines(std::vector<ContractEntry>& entries) {
  // Lengths by gradient, penalty and landmarks are chosen on rows drawn from those that there are, so weights
  // move them; with all of it given, products in f32 leave the last digits open.
  entries.push_back({.learner = &kernel_learner(),
                     .settings = {{"bandwidth", 1.0}, {"components", std::int64_t{100}}, {"penalty", 1e-3}},
                     .weight_tolerance = 1e-3});
  entries.push_back(
      {.learner = &kernel_learner(), .settings = {{"components", std::int64_t{60}}}, .weight_tolerance = 1});
  entries.push_back({.learner = &kernel_learner(),
                     .settings = {{"components", std::int64_t{30}},
                                  {"degree", std::int64_t{2}},
                                  {"features", std::string("nystroem")},
                                  {"kernel", std::string("polynomial")}},
                     .weight_tolerance = 1});
  entries.push_back({.learner = &kernel_learner(),
                     .settings = {{"components", std::int64_t{100}},
                                  {"features", std::string("structured")},
                                  {"kernel", std::string("arc_cosine1")},
                                  {"penalty", 1e-3}},
                     .weight_tolerance = 1e-3});
}

void add_nets_of_pictures(std::vector<ContractEntry>& entries) {
  // All rows at once, as of mlp; nothing is drawn but the first weights.
  entries.push_back({.learner = &cnn_learner(),
                     .settings = {{"architecture", std::string("conv3x4-pool2-8")},
                                  {"augmentation", std::string("none")},
                                  {"batch_size", std::int64_t{1000}},
                                  {"dropout", 0.0},
                                  {"epochs", std::int64_t{40}},
                                  {"label_smoothing", 0.0},
                                  {"learning_rate", 0.03},
                                  {"normalization", std::string("none")}},
                     .weight_tolerance = 0.05});
  entries.push_back({.learner = &cnn_learner(),
                     .settings = {{"architecture", std::string("conv3x4-res6/2-gap@1-8")},
                                  {"augmentation", std::string("shift+flip+cutout+mixup")},
                                  {"epochs", std::int64_t{15}},
                                  {"learning_rate", 0.02}},
                     .weight_tolerance = 1});
}

}  // namespace

std::vector<ContractEntry> contract_catalog() {
  std::vector<ContractEntry> entries;
  entries.push_back({.learner = &baseline_learner(), .learns = false});
  // A penalty that is chosen on rows held out depends on which rows those are, so weights move it.
  entries.push_back({.learner = &linear_learner(), .weight_tolerance = 0.2});
  entries.push_back({.learner = &linear_learner(), .settings = {{"penalty", 0.01}}});
  entries.push_back({.learner = &linear_learner(), .settings = {{"penalty", 0.01}, {"l1_ratio", 0.7}}});
  add_kernel_machines(entries);
  // Where a leaf counts rows, a row of weight two is not two rows; so the suite lets it count weight only.
  entries.push_back({.learner = &trees_learner(),
                     .settings = {{"rounds", std::int64_t{30}},
                                  {"min_rows", std::int64_t{1}},
                                  {"min_hessian", 2.0},
                                  {"cat_smooth", 0.0}}});
  // Any expression is a loss.
  SettingValues expression = entries.back().settings;
  expression["loss"] = std::string("log(cosh(y-z))");
  entries.push_back({.learner = &trees_learner(), .settings = expression, .kinds = {TaskKind::regression}});
  expression["loss"] = std::string("focal(2)");
  expression["rounds"] = std::int64_t{60};  // it is slow to be sure
  expression["learning_rate"] = 0.08;
  entries.push_back({.learner = &trees_learner(),
                     .settings = expression,
                     .kinds = {TaskKind::binary, TaskKind::multiclass}});
  entries.push_back({.learner = &forest_learner(), .settings = {{"trees", std::int64_t{40}}}});
  // Other rows are drawn where rows are weighed: another forest, about as good.
  entries.push_back(
      {.learner = &forest_learner(),
       .settings = {{"trees", std::int64_t{40}}, {"splits", std::string("best")}, {"bootstrap", true}},
       .weight_tolerance = 1});
  // All rows at once: weights and repeated rows are then the same steps, up to rounding.
  entries.push_back({.learner = &mlp_learner(),
                     .settings = {{"architecture", std::string("16")},
                                  {"batch_size", std::int64_t{1000}},
                                  {"dropout", 0.0},
                                  {"epochs", std::int64_t{60}},
                                  {"learning_rate", 0.03}},
                     .weight_tolerance = 0.02});
  // Batches see repeated rows in another order, so the fit is another one, about as good.
  entries.push_back(
      {.learner = &mlp_learner(), .settings = {{"epochs", std::int64_t{12}}}, .weight_tolerance = 1});
  entries.push_back({.learner = &mlp_learner(),
                     .settings = {{"architecture", std::string("16-res")},
                                  {"epochs", std::int64_t{15}},
                                  {"normalization", std::string("batch")},
                                  {"numeric_embedding", std::string("periodic")},
                                  {"optimizer", std::string("lr*sign(ema(g,0.9))")}},
                     .weight_tolerance = 1});
  add_nets_of_pictures(entries);
  return entries;
}

}  // namespace astrolabe
