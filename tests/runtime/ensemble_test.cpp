// SPDX-License-Identifier: Apache-2.0
// Several children in one routine: vmap of a whole training step, each child with its own weights and
// learning rate, gives what each would have had alone. And gradients per example.
#include <array>

#include "tests/runtime/sample_programs.h"
#include <gtest/gtest.h>

#include "astrolabe/base/random.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/vmap.h"
#include "astrolabe/runtime/compile.h"

namespace astrolabe {
namespace {

constexpr std::size_t kChildren = 4, kSteps = 20, kBatch = 12;
constexpr ElementType kF32 = ElementType::f32;

// The training step for all children at once: states and learning rates have a child axis, data are shared.
Program ensemble_step() {
  Program many = small_training_step(kBatch);
  Graph& g = many.graph;
  std::unordered_map<NodeId, NodeId> batched;
  std::vector<NodeId> roots = many.outputs;
  for (Program::Update& update : many.updates) {
    const std::size_t size = g.shape(update.state)[0];
    batched[update.state] = g.state(g.slot_of(update.state).name + " of all", kF32, Shape{kChildren, size});
    roots.push_back(update.next);
  }
  batched[g.scalar("lr")] = g.input("rates", kF32, Shape{kChildren});
  const std::vector<NodeId> values = vmap(g, roots, kChildren, batched);
  many.outputs = {values[0]};
  for (std::size_t i = 0; i < many.updates.size(); ++i)
    many.updates[i] = {batched.at(many.updates[i].state), values[1 + i]};
  return many;
}

struct Data {
  std::vector<float> x = std::vector<float>(kBatch * 7), y = std::vector<float>(3 * kBatch);
  Data() {
    RandomStream random(Key::from_seed(3));
    for (float& value : x) value = static_cast<float>(random.normal());
    for (std::size_t row = 0; row < kBatch; ++row) y[random.below(3) * kBatch + row] = 1;
  }
};

void bind(Execution& run, const Data& data) {
  run.bind_input("x", data.x.data());
  run.bind_input("y", data.y.data());
  for (const auto& [name, value] : {std::pair("b1", 0.9), {"b2", 0.99}, {"eps", 1e-8}})
    run.set_scalar(name, value);
}

std::vector<float> first_weights(std::size_t child, std::size_t size) {
  RandomStream random(Key::from_seed(9).split(child));
  std::vector<float> w(size);
  for (float& value : w) value = static_cast<float>(0.2 * random.normal());
  return w;
}

TEST(Ensemble, of_children_in_one_routine_trains_each_as_if_it_were_alone) {
  const Data data;
  const std::array<float, kChildren> rates = {0.001F, 0.01F, 0.1F, 0.3F};
  for (const Tier tier : {Tier::reference, Tier::tiles, Tier::compiled}) {
    Execution all(compile(ensemble_step(), {.tier = tier}));
    bind(all, data);
    all.bind_input("rates", rates.data());
    const std::size_t size = all.state<float>("w of all").size() / kChildren;
    for (std::size_t child = 0; child < kChildren; ++child)
      std::ranges::copy(first_weights(child, size), all.state<float>("w of all").begin() + child * size);
    for (std::size_t step = 0; step < kSteps; ++step) all.run();
    for (std::size_t child = 0; child < kChildren; ++child) {
      Execution alone(compile(small_training_step(kBatch), {.tier = tier}));
      bind(alone, data);
      alone.set_scalar("lr", rates[child]);
      std::ranges::copy(first_weights(child, size), alone.state<float>("w").begin());
      for (std::size_t step = 0; step < kSteps; ++step) alone.run();
      EXPECT_EQ(all.output<float>(0)[child], alone.output<float>(0)[0]);
      EXPECT_TRUE(std::ranges::equal(all.state<float>("w of all").subspan(child * size, size),
                                     alone.state<float>("w")))
          << "child " << child;
    }
  }
}

TEST(PerExampleGradients, sum_to_the_gradient_of_the_sum) {
  // One example's loss, mapped over the examples with the weights shared.
  Program p;
  Graph& g = p.graph;
  const NodeId w = g.input("w", kF32, Shape{5, 2});
  const NodeId row = g.input("row", kF32, Shape{1, 5}), rows = g.input("rows", kF32, Shape{30, 5});
  const NodeId loss = g.sum_all(g.math("softplus", g.dot(row, w)));
  const NodeId slope = gradient(g, loss, std::array{w})[0];
  const std::vector<NodeId> each = vmap(g, std::array{slope}, 30, {{row, g.reshape(rows, Shape{30, 1, 5})}});
  const NodeId whole = gradient(g, g.sum_all(g.math("softplus", g.dot(rows, w))), std::array{w})[0];
  p.outputs = {each[0], whole};
  std::vector<float> weights(10), data(150);
  RandomStream random(Key::from_seed(4));
  for (float& value : weights) value = static_cast<float>(random.normal());
  for (float& value : data) value = static_cast<float>(random.normal());
  Execution run(compile(p, {.tier = Tier::compiled}));
  run.bind_input("w", weights.data());
  run.bind_input("rows", data.data());
  run.run();
  ASSERT_EQ(run.output<float>(0).size(), 300U);
  for (std::size_t i = 0; i < 10; ++i) {
    double sum = 0;
    for (std::size_t example = 0; example < 30; ++example) sum += run.output<float>(0)[example * 10 + i];
    EXPECT_NEAR(sum, run.output<float>(1)[i], 1e-4);
  }
}

}  // namespace
}  // namespace astrolabe
