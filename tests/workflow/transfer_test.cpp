// SPDX-License-Identifier: Apache-2.0
// Steps of runs that go on, grow and are taught: what needs no run to be looked at.
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/pipeline/going_on.h"
#include "astrolabe/workflow/grow_nets.h"
#include "astrolabe/workflow/start_gain.h"
#include "astrolabe/workflow/teaching.h"

namespace astrolabe {
namespace {

std::vector<std::string> grown(const char* net, std::uint64_t rows) {
  std::vector<std::string> texts;
  for (const Architecture& larger : grown_architectures(parse_architecture(net), rows))
    texts.push_back(architecture_text(larger));
  return texts;
}

TEST(GrowNets, capacity_follows_the_rows) {
  EXPECT_EQ(grown("64-64", 500), std::vector<std::string>{});
  EXPECT_EQ(grown("16-16", 1'000), std::vector<std::string>{"32-32"});
  EXPECT_EQ(grown("64-64", 4'096), (std::vector<std::string>{"128-128", "64-64-res"}));
  EXPECT_EQ(grown("128-128", 4'000), std::vector<std::string>{"128-128-res"});
  EXPECT_EQ(grown("64-64-res", 3'000), std::vector<std::string>{});
  EXPECT_EQ(grown("none", 1'000'000), std::vector<std::string>{});
}

CrossValidation with_curves(const std::vector<std::vector<double>>& folds) {
  CrossValidation tried;
  for (const std::vector<double>& losses : folds) {
    FitCurve curve{.unit = "epoch", .steps = {}};
    for (std::size_t i = 0; i < losses.size(); ++i) curve.steps.push_back({i + 1, 0.1, losses[i]});
    tried.curves.push_back(std::move(curve));
  }
  return tried;
}

TEST(StartGain, share_of_epochs_is_until_as_good_as_the_best_from_nothing) {
  const CrossValidation scratch = with_curves({{0.9, 0.8, 0.5, 0.6}, {0.9, 0.7, 0.6, 0.4}});
  const CrossValidation warm = with_curves({{0.45, 0.44}, {0.5, 0.4, 0.3}});
  ASSERT_TRUE(share_of_epochs(warm, scratch));
  EXPECT_DOUBLE_EQ(*share_of_epochs(warm, scratch), (1.0 + 2.0) / (3.0 + 4.0));
  EXPECT_FALSE(share_of_epochs(with_curves({{0.6}, {0.1}}), scratch));
  EXPECT_FALSE(share_of_epochs(warm, with_curves({{std::nan("")}, {0.2}})));
}

TEST(Teaching, distill_is_taken_out_of_the_loss) {
  RunOptions options;
  SlotTexts slots = {{"loss", "distill(runs/big/model.astro, 3, 0.25, focal(2))"}, {"activation", "relu"}};
  take_teacher(slots, options);
  EXPECT_EQ(options.teacher, "runs/big/model.astro");
  ASSERT_EQ(options.learners.size(), 1U);
  EXPECT_EQ(options.learners[0].name, "mlp");
  EXPECT_EQ(std::get<double>(options.learners[0].settings.at("distill_temperature")), 3);
  EXPECT_EQ(std::get<double>(options.learners[0].settings.at("distill_share")), 0.25);
  EXPECT_EQ(std::get<std::string>(options.learners[0].settings.at("loss")), "focal(2)");
  EXPECT_FALSE(slots.contains("loss"));
  EXPECT_TRUE(slots.contains("activation"));
}

TEST(Teaching, a_loss_of_another_kind_stays_and_a_second_teacher_is_refused) {
  RunOptions options;
  SlotTexts slots = {{"loss", "focal(2)"}};
  take_teacher(slots, options);
  EXPECT_TRUE(options.teacher.empty());
  EXPECT_TRUE(slots.contains("loss"));
  RunOptions two;
  two.learners = {{.name = "mlp", .settings = {{"loss", std::string("distill(a.astro)")}}},
                  {.name = "mlp", .settings = {{"loss", std::string("distill(b.astro)")}}}};
  SlotTexts none;
  EXPECT_THROW(take_teacher(none, two), Error);
}

TEST(GoingOn, a_net_must_contain_the_old_one) {
  const GoingOn* how = find_going_on("mlp");
  ASSERT_NE(how, nullptr);
  const Learner& mlp = *find_learner("mlp");
  const SettingValues old = {{"architecture", std::string("32-16")}};
  EXPECT_EQ(how->refusal(mlp, {{"architecture", std::string("64-16-res")}}, old), "");
  EXPECT_EQ(how->refusal(mlp, {{"architecture", std::string("64-8")}}, old), "64-8 does not contain 32-16");
  EXPECT_EQ(how->refusal(
                mlp, {{"architecture", std::string("32-16")}, {"normalization", std::string("layer")}}, old),
            "normalization layer instead of none");
  EXPECT_EQ(find_going_on("linear"), nullptr);
}

}  // namespace
}  // namespace astrolabe
