// SPDX-License-Identifier: Apache-2.0
// Steps of runs that go on, grow and are taught: what needs no run to be looked at.
#include <cmath>

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

std::vector<std::string> grown_picture_nets(const char* net, std::uint64_t rows, bool may_widen = true) {
  std::vector<std::string> texts;
  for (const PictureArchitecture& larger :
       grown_architectures(parse_picture_architecture(net), rows, may_widen))
    texts.push_back(picture_architecture_text(larger));
  return texts;
}

TEST(GrowNets, nets_of_pictures_follow_the_rows_too) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(grown_picture_nets("conv3x16-pool2-conv3x32-gap-24", 500), Texts{});
  EXPECT_EQ(grown_picture_nets("conv3x16-pool2-conv3x32-gap-24", 1'024),
            Texts{"conv3x32-pool2-conv3x64-gap-48"});
  EXPECT_EQ(grown_picture_nets("conv3x16-pool2-conv3x32-gap-24", 2'001),
            (Texts{"conv3x32-pool2-conv3x64-gap-48", "conv3x16-pool2-conv3x32-res-gap-24"}));
  EXPECT_EQ(grown_picture_nets("conv3x16-pool2-conv3x32-gap-24", 2'001, false),
            Texts{"conv3x16-pool2-conv3x32-res-gap-24"});
  // Dense layers have the same measure, and blocks that stand there count.
  EXPECT_EQ(grown_picture_nets("conv3x16-res-gap-200", 2'000), Texts{});
  EXPECT_EQ(grown_picture_nets("conv3x8-conv3x8@0-gap", 2'001),
            (Texts{"conv3x16-conv3x16@0-gap", "conv3x8-conv3x8@0-res-gap"}));
  EXPECT_EQ(grown_picture_nets("none", 1'000'000), Texts{});
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
  // 0.45 + 0.5 after one epoch, 0.44 + 0.4 after two: the goal is 0.5 + 0.4.
  const CrossValidation warm = with_curves({{0.45, 0.44}, {0.5, 0.4, 0.3}});
  ASSERT_TRUE(share_of_epochs(warm, scratch));
  EXPECT_DOUBLE_EQ(*share_of_epochs(warm, scratch), (2.0 + 2.0) / (3.0 + 4.0));
  // A fold that ended costs no more.
  const CrossValidation late = with_curves({{0.46}, {0.5, 0.5, 0.43}});
  EXPECT_DOUBLE_EQ(*share_of_epochs(late, scratch), (1.0 + 3.0) / (3.0 + 4.0));
  EXPECT_FALSE(share_of_epochs(with_curves({{0.6}, {0.35}}), scratch));
  EXPECT_FALSE(share_of_epochs(warm, with_curves({{std::nan("")}, {0.2}})));
}

class Recorded : public Model, public RecordedFit {
 public:
  explicit Recorded(FitCurve curve) : curve_(std::move(curve)) {}
  void predict(const FeatureMatrix& /*features*/, std::span<double> /*out*/) const override {}
  [[nodiscard]] std::size_t outputs() const override { return 1; }
  [[nodiscard]] std::vector<double> importance() const override { return {}; }
  [[nodiscard]] SettingValues settings_found() const override { return {}; }
  void save(ArchiveWriter& /*archive*/) const override {}
  [[nodiscard]] std::string summary() const override { return {}; }
  [[nodiscard]] const FitCurve& curve() const override { return curve_; }

 private:
  FitCurve curve_;
};

std::shared_ptr<const Model> fit_of(std::vector<FitStep> steps) {
  return std::make_shared<Recorded>(FitCurve{.unit = "epoch", .steps = std::move(steps)});
}

TEST(StartGain, epochs_are_those_of_the_fits_that_watch_and_of_those_behind_them) {
  CrossValidation tried = with_curves({{0.9, 0.8, 0.7}, {0.9, 0.8}});
  tried.fitted.resize(2);
  tried.fitted[0].model = fit_of({{1, 0.5, std::nan("")}, {2, 0.4, std::nan("")}});  // fitted again
  tried.fitted[1].model = fit_of({{1, 0.5, 0.9}, {2, 0.4, 0.8}});                    // the watched fit stood
  EXPECT_EQ(epochs_of(tried), 3U + 2U + 2U);
  CrossValidation once;
  once.curves.push_back({.unit = "epoch", .steps = {{1, 0.5}, {7, 0.2}}});
  once.fitted.push_back({.encoder = nullptr, .model = fit_of({{1, 0.5}, {7, 0.2}})});
  EXPECT_EQ(epochs_of(once), 7U);
  once.curves[0].unit = "round";
  EXPECT_EQ(epochs_of(once), 0U);
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

TEST(Teaching, temperature_share_and_loss_may_be_stars) {
  RunOptions options;
  SlotTexts slots = {{"loss", "distill(a.astro, *, 0.2..0.8, focal(*))"}};
  take_teacher(slots, options);
  const LearnerChoice& choice = options.learners[0];
  EXPECT_EQ(choice.stars.at("distill_temperature"), "*");
  EXPECT_EQ(choice.stars.at("distill_share"), "0.2..0.8");
  EXPECT_EQ(choice.stars.at("loss"), "focal(*)");
  EXPECT_FALSE(choice.settings.contains("distill_share"));
  RunOptions named;
  named.learners = {{.name = "mlp", .settings = {}, .stars = {{"loss", "distill(a.astro, *)"}}}};
  SlotTexts none;
  take_teacher(none, named);
  EXPECT_EQ(named.teacher, "a.astro");
  EXPECT_EQ(named.learners[0].stars, (std::map<std::string, std::string>{{"distill_temperature", "*"}}));
  for (const char* const wrong :
       {"distill(a, 0..3)", "distill(a, 3..2)", "distill(a, 4, 0.5..1.5)", "distill(a, *x)"}) {
    RunOptions refused;
    SlotTexts text = {{"loss", wrong}};
    EXPECT_THROW(take_teacher(text, refused), Error) << wrong;
  }
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

TEST(GoingOn, a_net_of_pictures_must_contain_the_old_one) {
  const GoingOn* how = find_going_on("cnn");
  ASSERT_NE(how, nullptr);
  const Learner& cnn = *find_learner("cnn");
  const auto refusal = [&](const char* now, const char* before, SettingValues settings = {}) {
    settings["architecture"] = std::string(now);
    SettingValues old = {{"architecture", std::string(before)}};
    if (settings.contains("normalization")) old["normalization"] = settings["normalization"];
    return how->refusal(cnn, settings, old);
  };
  EXPECT_EQ(refusal("conv5x6-res-pool2-16", "conv3x4-pool2-8"), "");
  EXPECT_EQ(refusal("conv1x6-pool2-16", "conv3x4-pool2-8"),
            "conv1x6-pool2-16 does not contain conv3x4-pool2-8");
  EXPECT_EQ(refusal("conv3x4-gap-4", "conv3x4-gap-8"), "conv3x4-gap-4 does not contain conv3x4-gap-8");
  EXPECT_NE(refusal("conv3x4-conv3x4-gap", "conv3x4-gap"), "");
  EXPECT_EQ(refusal("conv3x4-conv3x4-gap", "conv3x4-gap", {{"normalization", std::string("none")}}), "");
  EXPECT_EQ(how->refusal(cnn, {{"normalization", std::string("group")}}, {}),
            "normalization group instead of batch");
}

}  // namespace
}  // namespace astrolabe
