// SPDX-License-Identifier: Apache-2.0
// The same rows with true labels, and with a share of them drawn anew: how long a net takes to know them all,
// and what it then says of other rows. That it can learn labels without any sense shows that the size of a
// net says nothing about whether it generalises.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/evidence/experiments.h"
#include "astrolabe/evidence/small_net.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 400, kTestRows = 2000, kBatch = 50, kClasses = 5;
constexpr double kChance = 1 - 1.0 / kClasses;

SmallTask with_random_labels(SmallTask task, double share, Key key) {
  RandomStream random(key);
  for (float& label : task.training.y)
    if (random.uniform() < share) label = static_cast<float>(random.below(kClasses));
  return task;
}

struct Memory {
  double steps = std::numeric_limits<double>::infinity();  // until every row was right
  double training_error = 0, test_error = 0;
  ExperimentCurve errors;
};

Memory memorise(const SmallTask& task, const SmallPlan& plan, double rate, std::size_t epochs, Key key) {
  SmallNet net(task, plan);
  const std::uint64_t per_epoch = kRows / kBatch;
  Trainer trainer(net.setup({.learning_rate = rate}, epochs * per_epoch, key.split("order")));
  trainer.start(net.first_weights(Initialization::he, key.split("weights")));
  Memory memory;
  for (std::size_t epoch = 0; epoch <= epochs; ++epoch) {
    memory.training_error = net.error(trainer.w(), task.training);
    memory.errors.x.push_back(static_cast<double>(trainer.steps_done()));
    memory.errors.y.push_back(memory.training_error);
    if (memory.training_error == 0) memory.steps = static_cast<double>(trainer.steps_done());
    if (memory.training_error == 0 || !std::isfinite(memory.training_error) || epoch == epochs) break;
    for (std::uint64_t step = 0; step < per_epoch; ++step) trainer.step();
  }
  memory.test_error = net.error(trainer.w(), task.test);
  return memory;
}

}  // namespace

ExperimentResult run_random_labels(const ExperimentRequest& request) {
  const std::size_t epochs = request.count("epochs", 1, 10'000);
  const double rate = request.number("rate", 1e-6, 10);
  const SmallPlan plan{.architecture = request.text("architecture"),
                       .activation = request.text("activation"),
                       .loss = "cross_entropy",
                       .optimizer = request.text("optimizer"),
                       .batch = kBatch};
  const SmallTask truth =
      draw_classes({.rows = kRows, .test_rows = kTestRows, .classes = kClasses}, request.key.split("task"));
  ExperimentResult result{.key = "random",
                          .rows = {},
                          .plot = {"step", "error on the rows that are learned", false, {}},
                          .prediction = {},
                          .words = {}};
  result.prediction = fmt::format(
      "labels of any sense are learned to the last row, wholly random ones too, within 30 times the steps of "
      "true ones; on other rows the error is below {:.2f} after true labels and above {:.2f}, near chance, "
      "after random ones",
      kChance / 2, 0.9 * kChance);
  double true_steps = 0, random_steps = 0, true_error = -1, random_error = -1, forgotten = 0;
  for (const double share : request.numbers("random", 0, 1)) {
    const SmallTask task = with_random_labels(truth, share, request.key.split("labels"));
    Memory memory = memorise(task, plan, rate, epochs, request.key);
    const std::string name = fmt::format("{:g}", share);
    memory.errors.name = name + " of the labels random";
    result.rows.push_back({name,
                           {{"steps", memory.steps},
                            {"training_error", memory.training_error},
                            {"test_error", memory.test_error}}});
    result.plot.curves.push_back(std::move(memory.errors));
    forgotten = std::max(forgotten, memory.training_error);
    if (share == 0) true_steps = memory.steps, true_error = memory.test_error;
    if (share == 1) random_steps = memory.steps, random_error = memory.test_error;
  }
  if (true_error < 0 || random_error < 0) {
    result.words = "shares 0 and 1 of random labels were not both asked for";
    return result;
  }
  const bool is_true = forgotten == 0 && random_steps <= 30 * true_steps && true_error < kChance / 2 &&
                       random_error > 0.9 * kChance;
  result.verdict = is_true ? ExperimentVerdict::confirmed : ExperimentVerdict::refuted;
  result.words = forgotten > 0
                     ? fmt::format("after {} epochs a share of {:.3g} of the labels was still not learned",
                                   epochs, forgotten)
                     : fmt::format("{:g} steps against {:g}; error on other rows {:.3f} against {:.3f}",
                                   true_steps, random_steps, true_error, random_error);
  return result;
}

}  // namespace astrolabe
