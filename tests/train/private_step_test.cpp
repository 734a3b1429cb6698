// SPDX-License-Identifier: Apache-2.0
// Gradients of single rows by their norms and one product, against those that vmap makes one by one.
#include "astrolabe/train/private_step.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <ostream>

#include "tests/train/clipped_sums.h"
#include "tests/train/small_training.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/math_parts.h"
#include "astrolabe/graph/threefry.h"
#include "astrolabe/graph/vmap.h"
#include "astrolabe/train/net_graph.h"
#include "astrolabe/train/normal_noise.h"

namespace astrolabe {
namespace {

using testing::Clipped;
using testing::SmallShape;
using testing::SmallTraining;

constexpr std::size_t kRows = 16;

// [kRows, layout.size]: the gradient of each of the first rows, by the loss of a net of one row.
std::vector<float> slow_gradients(const SmallTraining& training) {
  Program program;
  Graph& graph = program.graph;
  const auto input = [&](const char* name, ElementType type, const Shape& shape) {
    return graph.input(name, type, shape);
  };
  NetInputs one{.rows = 1, .is_training = true};
  one.x = input("x1", ElementType::f32, Shape{1, testing::kSmallNumbers});
  const NodeId y = input("y1", ElementType::f32, Shape{1});
  std::unordered_map<NodeId, NodeId> many{
      {one.x, input("x", ElementType::f32, Shape{kRows, 1, testing::kSmallNumbers})},
      {y, input("y", ElementType::f32, Shape{kRows, 1})}};
  if (training.shape.categories) {
    one.codes = {input("codes1", ElementType::i32, Shape{1})};
    many[one.codes[0]] = input("codes0", ElementType::i32, Shape{kRows, 1});
  }
  const NetNodes net = place_net(graph, training.spec.net, training.layout, one);
  const NodeId losses =
      place_loss(graph, training.spec.loss, {.head = training.shape.head, .z = net.z, .y = y});
  const NodeId g = join_aligned(graph, gradient(graph, graph.sum_all(losses), net.parameters));
  program.outputs = vmap(graph, std::vector<NodeId>{g}, kRows, many);
  Execution run(compile(program));
  run.bind_input("x", training.x.data());
  run.bind_input("y", training.y.data());
  run.bind_input("codes0", training.codes.data());
  run.bind_input("bin_low", training.bins.low.data());
  run.bind_input("bin_scale", training.bins.scale.data());
  set_constants(run, training.spec.net.activation, "activation");
  set_constants(run, training.spec.loss, "loss");
  std::ranges::copy(training.weights(), run.state<float>("w").begin());
  run.run();
  const std::span<const float> out = run.output<float>(0);
  return {out.begin(), out.end()};
}

struct RowCase {
  std::string name;
  SmallShape shape;
};

// So that tests are listed by name.
void PrintTo(const RowCase& one, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << one.name;
}

class RowGradients : public ::testing::TestWithParam<RowCase> {};

TEST_P(RowGradients, have_the_norms_and_the_clipped_sum_of_those_made_one_by_one) {
  const SmallTraining training(GetParam().shape);
  const std::vector<float> slow = slow_gradients(training);
  expect_clipped_sums(training, slow, {}, {.norm = 1e-5, .sum = 2e-5});
}

INSTANTIATE_TEST_SUITE_P(
    Nets, RowGradients,
    ::testing::Values(
        RowCase{"numbers", {.head = Head::number}}, RowCase{"binary", {.head = Head::binary}},
        RowCase{"classes_and_categories", {.head = Head::classes, .categories = true}},
        RowCase{"residual_with_layer_normalization",
                {.head = Head::classes,
                 .architecture = "8-res-res",
                 .normalization = Normalization::layer,
                 .categories = true}},
        RowCase{"trainable_activation", {.head = Head::binary, .activation = "x*sigmoid(beta*x)"}},
        RowCase{"piecewise_linear", {.head = Head::number, .embedding = NumericEmbedding::piecewise_linear}},
        RowCase{"linear", {.head = Head::classes, .architecture = "none"}}),
    [](const auto& one) { return one.param.name; });

TEST(RowGradient, that_is_no_number_counts_for_nothing) {
  SmallTraining training({.head = Head::number, .activation = "exp(exp(x))"});
  const Clipped before = clipped_sum(training, RowClipping::automatic, 1, std::vector<float>(kRows, 1.0F));
  for (const float value : before.sum) ASSERT_TRUE(std::isfinite(value));
  // As if the row were not there: its inputs overflow the activation.
  for (std::size_t i = 0; i < testing::kSmallNumbers; ++i) training.x[i] = 1e6F;
  const Clipped after = clipped_sum(training, RowClipping::automatic, 1, std::vector<float>(kRows, 1.0F));
  std::vector<float> without(kRows, 1.0F);
  without[0] = 0;
  const Clipped expected = clipped_sum(training, RowClipping::automatic, 1, without);
  EXPECT_FALSE(after.squares[0] < 1e37F);
  EXPECT_EQ(after.sum, expected.sum);
  for (const float value : after.sum) EXPECT_TRUE(std::isfinite(value));
}

TEST(RowGradients, are_refused_where_rows_meet) {
  EXPECT_FALSE(has_row_gradients({.normalization = Normalization::batch}));
  EXPECT_FALSE(has_row_gradients({.embedding = NumericEmbedding::periodic}));
  EXPECT_TRUE(has_row_gradients({.normalization = Normalization::layer}));
}

std::vector<float> normal_numbers(std::array<std::uint32_t, 2> key, std::size_t count) {
  Program program;
  program.outputs = {
      place_normal(program.graph, program.graph.input("key", ElementType::u32, Shape{2}), count)};
  Execution run(compile(program));
  run.bind_input("key", key.data());
  run.run();
  const std::span<const float> drawn = run.output<float>(0);
  return {drawn.begin(), drawn.end()};
}

TEST(Noise, is_standard_normal) {
  constexpr std::size_t kCount = 400'000;
  double mean = 0, square = 0, fourth = 0, beyond_three = 0, lag = 0;
  const std::vector<float> drawn = normal_numbers({17, 4}, kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    const auto x = static_cast<double>(drawn[i]);
    mean += x / kCount;
    square += x * x / kCount;
    fourth += x * x * x * x / kCount;
    beyond_three += std::abs(x) > 3 ? 1.0 / kCount : 0;
    lag += x * static_cast<double>(drawn[(i + kCount / 2) % kCount]) / kCount;
  }
  const double root = std::sqrt(static_cast<double>(kCount));
  EXPECT_NEAR(mean, 0, 4 / root);
  EXPECT_NEAR(square, 1, 4 * std::sqrt(2.0) / root);
  EXPECT_NEAR(fourth, 3, 4 * std::sqrt(96.0) / root);
  EXPECT_NEAR(beyond_three, 0.0026998, 4 * std::sqrt(0.0027) / root);
  EXPECT_NEAR(lag, 0, 6 / root);
}

TEST(Noise, is_that_of_box_and_muller_by_the_same_bits) {
  constexpr std::size_t kCount = 4096;
  const std::uint32_t key[2] = {5, 81};
  const std::vector<float> drawn = normal_numbers({key[0], key[1]}, kCount);
  for (std::uint32_t i = 0; i < kCount / 2; ++i) {
    const ThreefryWords words = threefry({key[0], key[1]}, {i, 0});
    const std::uint32_t fine = (words[0] & 0xFF) << 16 | (words[1] & 0xFF) << 8 | (words[1] >> 8 & 0xFF);
    const double u = (words[0] >> 8) * 0x1p-24 + (fine + 0.5) * 0x1p-48;
    const double radius = std::sqrt(-2 * std::log(u));
    const double angle = std::numbers::pi / 2 * ((words[1] >> 8 & 0x3FFFFF) + 0.5) * 0x1p-22;
    const double first = (words[1] >> 30 & 1) != 0 ? -1 : 1, second = words[1] >> 31 != 0 ? -1 : 1;
    EXPECT_NEAR(drawn[i], first * radius * std::cos(angle), 2e-6 * (1 + radius)) << i;
    EXPECT_NEAR(drawn[i + kCount / 2], second * radius * std::sin(angle), 2e-6 * (1 + radius)) << i;
  }
}

// The ends of u, which no test would draw: as graphs compute them from constants.
TEST(Noise, reaches_as_far_as_48_bits_do) {
  for (const double u : {0x1p-49, 0x1p-48, 0x1p-24, 0.5, 1 - 0x1p-24, 1.0}) {
    Program program;
    const NodeId x = program.graph.input("u", ElementType::f32, Shape{16});
    program.outputs = {math::log_of_normal(math::Term(program.graph, x)).id()};
    Execution run(compile(program));
    const std::vector<float> values(16, static_cast<float>(u));
    run.bind_input("u", values.data());
    run.run();
    EXPECT_NEAR(run.output<float>(0)[0], std::log(u), 1e-6 * (1e-6 - std::log(u))) << u;
  }
}

}  // namespace
}  // namespace astrolabe
