// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/net_probe.h"

#include <cmath>

#include "tests/learners/neural/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

const Key kKey = Key::from_seed(5);

// The class, or the number, follows the product of two numbers.
TrainingData made_rows(std::size_t rows, TaskKind kind) {
  return testing::make_numbers(kind, rows, 2, [kind](std::span<const double> x) {
    const double y = x[0] * x[1];
    if (kind == TaskKind::regression) return y;
    if (kind == TaskKind::binary) return y > 0 ? 1.0 : 0.0;
    return y > 0.5 ? 2.0 : y > -0.5 ? 1.0 : 0.0;
  });
}

SettingValues small_net() {
  return {{"architecture", std::string("5-4")}, {"activation", std::string("tanh")}};
}

// The gradient of the loss by the Jacobian is that of small steps.
void expect_gradient(TaskKind kind) {
  ThreadPool pool(1);
  const NetProbe probe(made_rows(12, kind), small_net(), kKey, pool);
  std::vector<float> w = probe.trained(probe.start(), 30, 0.01);
  const NetLinear linear = probe.linearize(w);
  ASSERT_EQ(linear.units, probe.rows() * probe.outputs());
  std::size_t moving = 0;
  for (std::size_t p = 0; p < w.size(); p += 7) {
    double slope = 0;
    for (std::size_t i = 0; i < linear.units; ++i)
      slope += linear.slope[i] * static_cast<double>(linear.jacobian[i * linear.parameters + p]);
    const float kept = w[p];
    w[p] = kept + 1e-2F;
    const double above = probe.loss(w);
    w[p] = kept - 1e-2F;
    const double below = probe.loss(w);
    w[p] = kept;
    EXPECT_NEAR(slope, (above - below) / 2e-2, 2e-3) << p;
    moving += std::abs(slope) > 1e-4 ? 1 : 0;
  }
  EXPECT_GT(moving, 3U);
}

TEST(NetProbe, gives_the_gradient_of_small_steps) {
  expect_gradient(TaskKind::regression);
  expect_gradient(TaskKind::binary);
  expect_gradient(TaskKind::multiclass);
}

TEST(NetProbe, sees_units_that_are_dead) {
  ThreadPool pool(1);
  SettingValues settings = small_net();
  settings["activation"] = std::string("relu(x-50)");
  const NetProbe dead(made_rows(30, TaskKind::binary), settings, kKey, pool);
  EXPECT_EQ(dead.signal(dead.start()).most_dead(), 1);
  const NetProbe alive(made_rows(30, TaskKind::binary), small_net(), kKey, pool);
  EXPECT_EQ(alive.signal(alive.start()).most_dead(), 0);
}

TEST(NetProbe, sees_a_gradient_vanish_over_many_layers) {
  ThreadPool pool(1);
  SettingValues settings = small_net();
  settings["architecture"] = std::string("6-6-6-6-6-6-6-6-6-6-6-6-6-6-6-6");
  settings["activation"] = std::string("sigmoid");
  const NetProbe probe(made_rows(30, TaskKind::binary), settings, kKey, pool);
  EXPECT_LT(probe.signal(probe.start()).ratio(), 1e-4);
}

TEST(NetProbe, sees_steps_that_rounding_takes) {
  ThreadPool pool(1);
  const NetProbe probe(made_rows(30, TaskKind::binary), small_net(), kKey, pool);
  const std::vector<float> w = probe.trained(probe.start(), 20, 0.01);
  EXPECT_GT(probe.unmoved_share(w, 1e-12), 0.9);
  EXPECT_LT(probe.unmoved_share(w, 1e-3), 0.1);
}

TEST(NetProbe, refuses_rows_that_depend_on_each_other) {
  ThreadPool pool(1);
  SettingValues settings = small_net();
  settings["normalization"] = std::string("batch");
  EXPECT_THROW(NetProbe(made_rows(30, TaskKind::binary), settings, kKey, pool), Error);
}

}  // namespace
}  // namespace astrolabe
