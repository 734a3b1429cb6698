// SPDX-License-Identifier: Apache-2.0
// Children of nets of pictures that begin with their parent's function.
#include "astrolabe/train/picture_grow.h"

#include <algorithm>
#include <cmath>

#include "tests/train/small_pictures.h"
#include <gtest/gtest.h>

#include "astrolabe/train/grow.h"

namespace astrolabe {
namespace {

using testing::PictureCase;
using testing::SmallPictures;

constexpr std::size_t kCount = 6;

// A parent whose every number is its own, after some steps: outputs and statistics have moved.
struct Parent {
  SmallPictures training;
  std::vector<float> w, running;

  explicit Parent(const PictureCase& shape) : training(shape) {
    Trainer trainer(training.setup({.tier = Tier::tiles}));
    trainer.start(training.weights());
    for (int i = 0; i < 3; ++i) (void)trainer.step();
    TrainingState state = trainer.state();
    w = std::move(state.w);
    running = std::move(state.running);
  }
  [[nodiscard]] Grown grow(const SmallPictures& child) const {
    return grow_weights(child.spec.net, {.net = training.spec.net, .w = w, .running = running},
                        Initialization::he, Key::from_seed(1));
  }
};

// The largest difference of raw outputs over their largest size, and the growth that it had.
std::pair<double, Grown> grown_difference(PictureCase shape, const std::string& parent_text,
                                          const std::string& child_text) {
  shape.architecture = parent_text;
  const Parent parent(shape);
  shape.architecture = child_text;
  const SmallPictures child(shape);
  Grown grown = parent.grow(child);
  if (grown.growth == Growth::none) return {INFINITY, grown};
  const std::vector<float> expected = parent.training.outputs(parent.w, parent.running, kCount);
  const std::vector<float> found = child.outputs(grown.w, grown.running, kCount);
  double most = 0, size = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    most = std::max(most, std::abs(static_cast<double>(found[i]) - static_cast<double>(expected[i])));
    size = std::max(size, std::abs(static_cast<double>(expected[i])));
  }
  return {most / size, grown};
}

struct Family {
  std::string parent, child;
};
const std::vector<Family>& families() {
  const auto cell = [](const std::string& a, const std::string& b, const std::string& c) {
    return "|" + a + "~0|+|none~0|skip_connect~1|+|" + b + "~0|none~1|" + c + "~2|";
  };
  static const std::vector<Family> all{
      {"conv1x4-gap", "conv3x4-gap"},                              // larger filters
      {"conv3x4/2-8", "conv5x4/2-8"},                              // with strides, and dense layers behind
      {"conv1x3x4-pool2", "conv3x5x4-pool2"},                      // not square
      {"conv3x4-conv3x4-gap", "conv3x7-conv3x4-gap"},              // wider
      {"conv3x4-pool2-6", "conv3x9-pool2-11"},                     // wider in front of dense layers
      {"conv3x4-res-gap", "conv3x6-res-gap"},                      // wider through a residual block
      {"conv3x4-gap", "conv3x4-res-gap"},                          // deeper
      {"conv3x4-pool2-gap-5", "conv3x4-res-pool2-res-gap-5-res"},  // in both parts
      {"conv3x4-conv3x5-gap", "conv3x4-conv3x5@0-gap"},            // reads the picture too
      {"conv3x4-conv3x3-conv3x5-gap", "conv3x4-conv3x3-conv5x6@1-gap"},
      {"conv3x4-conv3x3-conv3x5@0-gap", "conv3x6-res-conv3x4-conv3x5@0@1-gap"},
      {"conv3x4-" + cell("nor_conv_1x1", "none", "skip_connect") + "-gap",
       "conv3x4-" + cell("nor_conv_3x3", "nor_conv_1x1", "skip_connect") + "-gap"},
      {"conv3x4-" + cell("avg_pool_3x3", "nor_conv_3x3", "nor_conv_1x1") + "-gap",
       "conv3x7-" + cell("avg_pool_3x3", "nor_conv_3x3", "nor_conv_3x3") + "-gap"},
      {"conv3x4-res5/2-gap", "conv3x6-res-res8/2-res-gap"},  // wider where a block changes the width
      {"conv3x4-res5/2-7", "conv3x4-res5/2-res-9"},
      {"conv3x4-conv3x3:0-gap", "conv3x4-conv5x4@0-gap"},  // reads the block in front, which it did not
      {"conv3x4-conv3x3:0-conv3x5@1-gap", "conv3x5-res-conv3x3:0-conv3x5@1-gap"},
      {"conv3x4-conv3x3-gap", "conv3x5-conv3x4-gap@1"},  // the end reads more
      {"conv3x4-conv3x3/2-gap@1-8", "conv3x6-res-conv3x4/2-gap@0@2-8-res"},
      {"conv3x4-" + cell("nor_conv_1x1", "none", "skip_connect") + "x2-res6/2-gap",
       "conv3x4-" + cell("nor_conv_3x3", "none", "skip_connect") + "-" +
           cell("nor_conv_1x1", "nor_conv_3x3", "skip_connect") + "-res-res7/2-gap"},
  };
  return all;
}

TEST(PictureGrow, gives_children_the_function_of_their_parents) {
  for (const PictureNormalization normalization : {PictureNormalization::none, PictureNormalization::batch})
    for (const Family& family : families()) {
      const auto [difference, grown] =
          grown_difference({.normalization = normalization}, family.parent, family.child);
      EXPECT_EQ(grown.growth, Growth::exact) << family.parent << " to " << family.child << ": " << grown.why;
      EXPECT_LT(difference, 2e-6) << family.parent << " to " << family.child;
    }
}

TEST(PictureGrow, without_other_widths_is_exact_under_every_normalization) {
  for (const PictureNormalization normalization : {PictureNormalization::layer, PictureNormalization::group})
    for (const Family& family : {families()[0], families()[6], families()[8], families()[11]}) {
      const auto [difference, grown] =
          grown_difference({.normalization = normalization}, family.parent, family.child);
      EXPECT_EQ(grown.growth, Growth::exact) << family.parent << " to " << family.child << ": " << grown.why;
      EXPECT_LT(difference, 5e-6) << family.parent << " to " << family.child;
    }
}

TEST(PictureGrow, in_width_under_a_normalization_of_pictures_is_near) {
  const auto [difference, grown] =
      grown_difference({.normalization = PictureNormalization::layer}, "conv3x4-gap", "conv3x6-gap");
  EXPECT_EQ(grown.growth, Growth::warm);
  EXPECT_EQ(grown.why, "more channels in a normalization of single pictures");
  EXPECT_GT(difference, 1e-4);
}

TEST(PictureGrow, puts_new_convolutions_where_values_stay_as_they_are) {
  const PictureCase relu{.activation = "relu"};
  for (const Family& family : {Family{"conv3x4-gap", "conv3x4-conv3x4-gap"},
                               {"conv3x4-pool2-6", "conv3x5-conv1x4-pool2-conv5x8-6-7"},
                               {"conv3x4-conv3x3/2-gap", "conv3x4-conv1x6-conv3x3/2-gap"}}) {
    const auto [difference, grown] = grown_difference(relu, family.parent, family.child);
    EXPECT_EQ(grown.growth, Growth::exact) << family.parent << " to " << family.child << ": " << grown.why;
    EXPECT_LT(difference, 2e-6) << family.parent << " to " << family.child;
  }
  EXPECT_EQ(grown_difference({.activation = "silu"}, "conv3x4-gap", "conv3x4-conv3x4-gap").second.growth,
            Growth::none);
  EXPECT_EQ(grown_difference({.activation = "relu", .normalization = PictureNormalization::batch},
                             "conv3x4-gap", "conv3x4-conv3x4-gap")
                .second.growth,
            Growth::none);
  EXPECT_EQ(grown_difference(relu, "conv3x4-res-gap", "conv3x4-res-conv3x4-gap").second.growth, Growth::none)
      << "sums are no values of an activation";
}

TEST(PictureGrow, does_not_take_less_or_other_for_more) {
  for (const Family& family : {Family{"conv3x4-gap", "conv1x4-gap"},
                               {"conv3x4-gap", "conv3x3-gap"},
                               {"conv3x4-gap", "conv3x4/2-gap"},
                               {"conv3x4-pool2-gap", "conv3x4-avgpool2-gap"},
                               {"conv3x4-res-gap", "conv3x4-gap"},
                               {"conv3x4-gap", "conv3x4-8"},
                               {"conv3x4-conv3x4@0-gap", "conv3x4-conv3x4-gap"},
                               {"conv3x4-conv3x4-gap", "conv3x4-conv3x4:0-gap"},
                               {"conv3x4-gap@0", "conv3x4-gap"},
                               {"conv3x4-res-gap", "conv3x4-res4-gap"},
                               {"conv3x4-res5-gap", "conv3x4-res-gap"},
                               {"conv3x4-gap", "conv3x4-res4-gap"},
                               // What it reads too would make what it reads larger.
                               {"conv3x4/2-conv3x4-gap", "conv3x4/2-conv3x4@0-gap"}})
    EXPECT_EQ(grown_difference({}, family.parent, family.child).second.growth, Growth::none)
        << family.parent << " to " << family.child;
}

TEST(PictureGrow, says_what_does_not_contain_what) {
  EXPECT_EQ(grown_difference({}, "conv3x4-gap-8", "conv1x4-gap-8").second.why,
            "conv1x4-gap-8 does not contain conv3x4-gap-8");
}

}  // namespace
}  // namespace astrolabe
