// SPDX-License-Identifier: Apache-2.0
// The loss of a student against the sums that the paper writes down.
#include "astrolabe/train/taught_loss.h"

#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/runtime/compile.h"
#include "astrolabe/runtime/executable.h"
#include "astrolabe/runtime/program.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 3;

std::vector<float> losses(Head head, std::size_t outputs, std::vector<float> z, std::vector<float> taught,
                          std::vector<float> labels, double temperature, double share) {
  Program program;
  Graph& graph = program.graph;
  program.outputs = {
      place_taught_loss(graph, {.head = head,
                                .z = graph.input("z", ElementType::f32, Shape{kRows, outputs}),
                                .taught = graph.input("taught", ElementType::f32, Shape{kRows, outputs}),
                                .labels = graph.input("labels", ElementType::f32, Shape{kRows})})};
  Execution run(compile(program, {.tier = Tier::tiles}));
  run.bind_input("z", z.data());
  run.bind_input("taught", taught.data());
  run.bind_input("labels", labels.data());
  run.set_scalar("temperature", temperature);
  run.set_scalar("taught_share", share);
  run.run();
  const std::span<const float> found = run.output<float>(0);
  return {found.begin(), found.end()};
}

std::vector<double> softmax(std::span<const double> z) {
  std::vector<double> p;
  double total = 0;
  for (const double value : z) total += std::exp(value);
  for (const double value : z) p.push_back(std::exp(value) / total);
  return p;
}

TEST(TaughtLoss, of_classes_is_the_papers_sum) {
  const std::vector<double> teacher{0.7, 0.2, 0.1, 0.05, 0.9, 0.05, 0.3, 0.3, 0.4};
  const std::vector<float> z{1, -2, 0.5F, 3, 2, 1, -1, 0, 1}, labels{0.3F, 1.2F, 2.0F};
  const double temperature = 2.5, share = 0.7;
  const std::vector<float> found =
      losses(Head::classes, 3, z, soft_targets(teacher, 3, temperature), labels, temperature, share);
  for (std::size_t row = 0; row < kRows; ++row) {
    std::vector<double> z_t, z_s;
    for (std::size_t k = 0; k < 3; ++k) {
      z_t.push_back(std::log(teacher[row * 3 + k]) / temperature);
      z_s.push_back(static_cast<double>(z[row * 3 + k]) / temperature);
    }
    const std::vector<double> q = softmax(z_t), p = softmax(z_s);
    double cross_entropy = 0;
    for (std::size_t k = 0; k < 3; ++k) cross_entropy -= q[k] * std::log(p[k]);
    EXPECT_NEAR(
        found[row],
        share * temperature * temperature * cross_entropy + (1 - share) * static_cast<double>(labels[row]),
        1e-5);
  }
}

TEST(TaughtLoss, of_two_classes_by_one_output_is_that_of_two_outputs) {
  const std::vector<double> one{0.8, 0.1, 0.5};
  std::vector<double> two;
  for (const double p : one) {
    two.push_back(1 - p);
    two.push_back(p);
  }
  const std::vector<float> labels{1, 2, 3}, z{0.4F, -1, 2}, both{0, 0.4F, 0, -1, 0, 2};
  const std::vector<float> a = losses(Head::binary, 1, z, soft_targets(one, 1, 3), labels, 3, 0.5);
  const std::vector<float> b = losses(Head::classes, 2, both, soft_targets(two, 2, 3), labels, 3, 0.5);
  for (std::size_t row = 0; row < kRows; ++row) EXPECT_NEAR(a[row], b[row], 1e-5);
}

TEST(TaughtLoss, of_numbers_is_the_squared_distance_to_what_the_teacher_says) {
  const std::vector<float> found = losses(Head::number, 1, {1, 2, 3}, {1.5F, 2, 1}, {4, 4, 4}, 1, 0.25);
  EXPECT_NEAR(found[0], 0.25 * 0.25 + 3, 1e-6);
  EXPECT_NEAR(found[1], 3, 1e-6);
  EXPECT_NEAR(found[2], 0.25 * 4 + 3, 1e-6);
}

TEST(TaughtLoss, a_teacher_that_is_sure_gives_finite_targets) {
  const std::vector<float> soft = soft_targets(std::vector<double>{1, 0, 0}, 3, 4);
  EXPECT_NEAR(soft[0] + soft[1] + soft[2], 1, 1e-6);
  EXPECT_GT(soft[1], 0);
}

}  // namespace
}  // namespace astrolabe
