// SPDX-License-Identifier: Apache-2.0
// Children of other inputs and outputs than their parent's: they say what it says of what it knows.
#include "astrolabe/train/net_ends.h"

#include <algorithm>
#include <cmath>

#include "tests/train/small_training.h"
#include <gtest/gtest.h>

#include "astrolabe/train/grow.h"
#include "astrolabe/train/net_graph.h"

namespace astrolabe {
namespace {

using testing::SmallShape;
using testing::SmallTraining;

// Raw outputs [outputs] of one row, by the graph.
std::vector<float> outputs_of(const NetSpec& net, std::vector<float> w, const NetBins& bins,
                              std::vector<float> x, std::vector<std::int32_t> codes) {
  const ParameterLayout layout = layout_of(net);
  Program program;
  Graph& graph = program.graph;
  NetInputs inputs{.rows = 1};
  if (net.numbers > 0) inputs.x = graph.input("x", ElementType::f32, Shape{1, net.numbers});
  for (std::size_t i = 0; i < net.categories.size(); ++i)
    inputs.codes.push_back(graph.input("codes" + std::to_string(i), ElementType::i32, Shape{1}));
  program.outputs = {place_net(graph, net, layout, inputs).z};
  Execution run(compile(program, {.tier = Tier::tiles}));
  run.bind_input("x", x.data());
  for (std::size_t i = 0; i < codes.size(); ++i) run.bind_input("codes" + std::to_string(i), &codes[i]);
  run.bind_input("bin_low", bins.low.data());
  run.bind_input("bin_scale", bins.scale.data());
  run.bind_state("w", w.data());
  std::vector<float> running(layout.running_size, 0.5F);
  run.bind_state("running", running.data());
  set_constants(run, net.activation, "activation");
  run.run();
  const std::span<const float> z = run.output<float>(0);
  return {z.begin(), z.end()};
}

struct Ends {
  SmallTraining parent;
  std::vector<float> w;
  NetSpec child;
  NetEnds ends;
  NetBins bins;

  // Five numbers of the parent stand at 0, 2, 3, 5, 6 of eight; its category is the second of two.
  Ends(const SmallShape& shape, std::size_t outputs)
      : parent(shape), w(parent.weights()), child(parent.spec.net) {
    child.numbers = 8;
    child.outputs = outputs;
    ends.numbers = {0, kNewBlock, 1, 2, kNewBlock, 3, 4, kNewBlock};
    if (child.embedded > 0) child.embedded = 8;
    if (!child.categories.empty()) {
      child.categories.insert(child.categories.begin(), {.codes = 4, .width = 3});
      ends.categories = {kNewBlock, 0};
    }
    for (std::size_t k = 0; k < outputs; ++k)
      ends.outputs.push_back(k < parent.spec.net.outputs ? k : kNewBlock);
    ends.bias.assign(outputs, -1.5F);
    bins.low.assign(8 * child.bins, 0.25F);
    bins.scale.assign(8 * child.bins, 2.0F);
    for (std::size_t i = 0; i < 8; ++i)
      for (std::size_t k = 0; k < child.bins && ends.numbers[i] < parent.spec.net.embedded; ++k) {
        bins.low[i * child.bins + k] = parent.bins.low[ends.numbers[i] * child.bins + k];
        bins.scale[i * child.bins + k] = parent.bins.scale[ends.numbers[i] * child.bins + k];
      }
  }

  [[nodiscard]] Grown grow() const {
    const std::vector<float> running(parent.layout.running_size, 0.5F);
    return grow_weights(child, {.net = parent.spec.net, .w = w, .running = running}, Initialization::he,
                        Key::from_seed(1), &ends);
  }
};

const std::vector<float> kRow{0.3F, -1.1F, 0.7F, 2.2F, -0.4F};
const std::vector<float> kWideRow{0.3F, 9.0F, -1.1F, 0.7F, -9.0F, 2.2F, -0.4F, 3.0F};

TEST(NetEnds, a_child_with_new_inputs_says_what_its_parent_says_to_the_bit) {
  for (const NumericEmbedding embedding :
       {NumericEmbedding::none, NumericEmbedding::periodic, NumericEmbedding::piecewise_linear})
    for (const char* architecture : {"none", "6", "7-res-5"}) {
      SmallShape shape{.head = Head::classes, .architecture = architecture};
      shape.embedding = embedding;
      shape.categories = true;
      const Ends test(shape, testing::kSmallClasses);
      const Grown grown = test.grow();
      ASSERT_EQ(grown.growth, Growth::exact) << grown.why;
      EXPECT_EQ(outputs_of(test.child, grown.w, test.bins, kWideRow, {3, 2}),
                outputs_of(test.parent.spec.net, test.w, test.parent.bins, kRow, {2}));
    }
}

TEST(NetEnds, new_outputs_are_their_bias_and_the_others_stay) {
  const Ends test({.head = Head::classes, .architecture = "6"}, testing::kSmallClasses + 2);
  const Grown grown = test.grow();
  std::vector<float> found = outputs_of(test.child, grown.w, test.bins, kWideRow, {});
  EXPECT_EQ(found[3], -1.5F);
  EXPECT_EQ(found[4], -1.5F);
  found.resize(testing::kSmallClasses);
  EXPECT_EQ(found, outputs_of(test.parent.spec.net, test.w, test.parent.bins, kRow, {}));
}

TEST(NetEnds, what_is_gone_becomes_a_constant_of_the_first_layer) {
  for (const char* architecture : {"none", "6-4"}) {
    SmallShape shape{.head = Head::number, .architecture = architecture};
    shape.embedding = NumericEmbedding::piecewise_linear;
    shape.categories = true;
    Ends test(shape, 1);
    // Numbers 1 and 3 and the category go; their rows read 0.7, -0.2 and code 0.
    test.child.numbers = test.child.embedded = 3;
    test.child.categories.clear();
    test.ends.numbers = {0, 2, 4};
    test.ends.categories.clear();
    const std::size_t bins = test.child.bins;
    NetBins kept;
    for (const std::size_t from : test.ends.numbers)
      for (std::size_t k = 0; k < bins; ++k) {
        const bool is_old = from < test.parent.spec.net.embedded;
        kept.low.push_back(is_old ? test.parent.bins.low[from * bins + k] : 0.25F);
        kept.scale.push_back(is_old ? test.parent.bins.scale[from * bins + k] : 2.0F);
      }
    const std::vector<float> missing{0.0F, 0.7F, 0.0F, -0.2F, 0.0F};
    const std::vector<std::int32_t> code{0};
    test.ends.gone = input_of_row(test.parent.spec.net, test.w, test.parent.bins, missing, code);
    const Grown grown = test.grow();
    ASSERT_EQ(grown.growth, Growth::exact) << grown.why;
    const float expected =
        outputs_of(test.parent.spec.net, test.w, test.parent.bins, {0.3F, 0.7F, 0.9F, -0.2F, -0.4F}, {0})[0];
    const float found = outputs_of(test.child, grown.w, kept, {0.3F, 0.9F, -0.4F}, {})[0];
    EXPECT_NEAR(found, expected, 1e-5F * std::max(1.0F, std::abs(expected)));
    test.ends.gone.clear();
    EXPECT_GT(std::abs(outputs_of(test.child, test.grow().w, kept, {0.3F, 0.9F, -0.4F}, {})[0] - expected),
              1e-3F);
  }
}

TEST(NetEnds, answers_can_move_to_another_scale) {
  Ends test({.head = Head::number, .architecture = "6"}, 1);
  test.ends.slope = 4;
  test.ends.shift = -2;
  const float before = outputs_of(test.parent.spec.net, test.w, test.parent.bins, kRow, {})[0];
  EXPECT_NEAR(outputs_of(test.child, test.grow().w, test.bins, kWideRow, {})[0], 4 * before - 2, 1e-5);
}

TEST(NetEnds, input_of_row_is_what_the_graph_reads) {
  // A net without a hidden part whose output copies one input unit after the other.
  for (const NumericEmbedding embedding :
       {NumericEmbedding::none, NumericEmbedding::periodic, NumericEmbedding::piecewise_linear}) {
    SmallShape shape{.head = Head::number, .architecture = "none"};
    shape.embedding = embedding;
    shape.categories = true;
    const SmallTraining training(shape);
    std::vector<float> w = training.weights();
    const NetSpec& net = training.spec.net;
    const Parameter& out = training.layout.find("out.w");
    const std::vector<float> units = input_of_row(net, w, training.bins, kRow, std::vector<std::int32_t>{2});
    ASSERT_EQ(units.size(), net.input_width());
    w[training.layout.find("out.b").offset] = 0;
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
      std::fill_n(w.begin() + static_cast<std::ptrdiff_t>(out.offset), units.size(), 0.0F);
      w[out.offset + unit] = 1;
      EXPECT_NEAR(outputs_of(net, w, training.bins, kRow, {2})[0], units[unit], 1e-5) << unit;
    }
  }
}

TEST(NetEnds, refuse_what_cannot_stay_as_it_was) {
  SmallShape shape{.head = Head::number, .architecture = "6"};
  shape.embedding = NumericEmbedding::piecewise_linear;
  Ends test(shape, 1);
  test.child.embedded = 0;
  test.child.embedding = NumericEmbedding::none;
  EXPECT_EQ(test.grow().why, "numbers are not embedded any more");
  Ends other(shape, 1);
  other.child.normalization = Normalization::layer;
  EXPECT_EQ(other.grow().why, "another normalization");
}

}  // namespace
}  // namespace astrolabe
