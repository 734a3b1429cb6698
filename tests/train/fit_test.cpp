// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <csignal>

#include "tests/support/patience.h"
#include "tests/train/small_training.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/train/divergence.h"

namespace astrolabe {
namespace {

using testing::SmallShape;
using testing::SmallTraining;

FittedNet fit(const SmallTraining& training, const FitPlan& plan, const SmallTraining* watched = nullptr,
              const Budget& budget = Budget(), const FitListener& listener = {}) {
  Trainer trainer(training.setup());
  std::optional<LossMeter> meter;
  if (watched != nullptr) meter.emplace(watched->setup());
  return fit_net(trainer, meter ? &*meter : nullptr, plan,
                 initial_weights(training.layout, Initialization::he, {}, Key::from_seed(1)), budget,
                 listener);
}

TEST(Trainer, learns) {
  for (const Head head : {Head::number, Head::binary, Head::classes}) {
    const SmallTraining training({.head = head});
    Trainer trainer(training.setup());
    trainer.start(training.weights());
    const auto mean_of_ten = [&] {
      double sum = 0;
      for (int i = 0; i < 10; ++i) sum += static_cast<double>(trainer.step());
      return sum / 10;
    };
    const double first = mean_of_ten();
    for (int i = 0; i < 200; ++i) (void)trainer.step();
    EXPECT_LT(mean_of_ten(), 0.5 * first);
  }
}

TEST(Trainer, goes_on_from_a_saved_state_bit_for_bit) {
  const SmallTraining training({.head = Head::classes,
                                .activation = "x*sigmoid(beta*x)",
                                .schedule = "cosine",
                                .normalization = Normalization::batch,
                                .numbers = {.learning_rate = 0.02, .dropout = 0.3}});
  Trainer whole(training.setup());
  whole.start(training.weights());
  for (int i = 0; i < 25; ++i) (void)whole.step();
  ArchiveWriter archive;
  whole.state().save(archive);
  for (int i = 0; i < 25; ++i) (void)whole.step();

  Trainer resumed(training.setup());
  ArchiveReader reader(archive.bytes());
  resumed.restore(TrainingState::load(reader, training.spec, training.layout));
  EXPECT_EQ(resumed.steps_done(), 25u);
  for (int i = 0; i < 25; ++i) (void)resumed.step();
  EXPECT_EQ(resumed.state(), whole.state());
}

TEST(TrainingState, of_another_net_is_refused) {
  const SmallTraining training({}), other({.architecture = "40"});
  Trainer trainer(training.setup());
  trainer.start(training.weights());
  ArchiveWriter archive;
  trainer.state().save(archive);
  ArchiveReader reader(archive.bytes());
  EXPECT_THROW((void)TrainingState::load(reader, other.spec, other.layout), Error);
}

TEST(Trainer, sees_every_row_once_an_epoch) {
  // The loss of a constant net is the mean of (y - z)^2 over the batch: over an epoch, over all rows.
  const SmallTraining training({.architecture = "none", .optimizer = "0*g", .rows = 48, .batch = 16});
  Trainer trainer(training.setup());
  trainer.start(std::vector<float>(training.layout.size, 0.0F));
  double expected = 0;
  for (const float y : training.y) expected += static_cast<double>(y) * static_cast<double>(y) / 48;
  for (int epoch = 0; epoch < 3; ++epoch) {
    double mean = 0;
    for (int i = 0; i < 3; ++i) mean += static_cast<double>(trainer.step()) / 3;
    EXPECT_NEAR(mean, expected, 1e-5);
  }
}

TEST(LossMeter, is_the_weighted_mean_of_rows) {
  const SmallTraining training({.architecture = "none", .weighted = true, .rows = 1500, .batch = 16});
  LossMeter meter(training.setup());
  std::vector<float> w(training.layout.size, 0.0F), running;
  double expected = 0, total = 0;
  for (std::size_t row = 0; row < 1500; ++row) {
    const auto weight = static_cast<double>(training.weight[row]), y = static_cast<double>(training.y[row]);
    expected += weight * y * y;
    total += weight;
  }
  EXPECT_NEAR(meter.measure(w, running), expected / total, 1e-5);
}

TEST(Step, pulls_at_matrices_and_spares_biases) {
  const SmallTraining training({.optimizer = "0*g", .numbers = {.learning_rate = 0.5, .weight_decay = 0.1}});
  Trainer trainer(training.setup());
  const std::vector<float> before = training.weights();
  trainer.start(before);
  (void)trainer.step();
  for (const Parameter& parameter : training.layout.parameters) {
    const double kept = parameter.name.ends_with(".w") ? 0.95 : 1;
    EXPECT_NEAR(static_cast<double>(trainer.w()[parameter.offset]),
                kept * static_cast<double>(before[parameter.offset]), 1e-6)
        << parameter.name;
  }
}

TEST(Step, cuts_a_gradient_to_its_norm) {
  const SmallTraining plain({.optimizer = "g+w"});  // w becomes -g
  const SmallTraining cut({.optimizer = "g+w", .numbers = {.learning_rate = 1, .clip = 0.25}});
  const auto norm_after_a_step = [](const SmallTraining& training) {
    Trainer trainer(training.setup());
    trainer.start(training.weights());
    (void)trainer.step();
    double square = 0;
    for (const float value : trainer.w()) square += static_cast<double>(value) * static_cast<double>(value);
    return std::sqrt(square);
  };
  EXPECT_GT(norm_after_a_step(plain), 0.3);
  EXPECT_NEAR(norm_after_a_step(cut), 0.25, 1e-6);
}

TEST(Fit, keeps_the_best_epoch_and_says_how_to_have_it_again) {
  const SmallTraining training(
      {.head = Head::binary, .schedule = "cosine", .numbers = {.learning_rate = 0.05}});
  SmallTraining watched({.head = Head::binary, .rows = 40});
  for (std::size_t i = 0; i < watched.y.size(); i += 3)
    watched.y[i] = 1 - watched.y[i];  // too much training hurts
  const FittedNet found = fit(training, {.epochs = 60, .patience = 8}, &watched);
  ASSERT_GT(found.best_epoch, 0u);
  ASSERT_LT(found.best_epoch, 52u);
  EXPECT_EQ(found.steps, 3 * (found.best_epoch + 8));
  const FittedNet again = fit(training, {.epochs = found.epochs, .stop_after = found.best_epoch});
  EXPECT_EQ(again.w, found.w);
}

TEST(Fit, that_diverges_stops_and_keeps_finite_weights) {
  const SmallTraining training({.optimizer = "-lr*g", .numbers = {.learning_rate = 5}});
  const FittedNet net = fit(training, {.epochs = 50});
  EXPECT_TRUE(net.diverged);
  EXPECT_LT(net.steps, 150u);
  EXPECT_TRUE(all_finite(net.w));
}

TEST(FitError, of_a_loss_that_is_never_finite_is_told) {
  const SmallTraining training({.loss = "log(0*z-1)+(y-z)^2"});
  EXPECT_THROW((void)fit(training, {.epochs = 2}), Error);
}

TEST(Fit, tells_progress_that_only_grows_to_one) {
  std::vector<double> told;
  (void)fit(SmallTraining({}), {.epochs = 20, .races = true}, nullptr, Budget(),
            {.fraction = [&](double fraction) { told.push_back(fraction); }});
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_EQ(told.back(), 1.0);
}

TEST(Fit, tells_every_epoch_with_its_loss) {
  const SmallTraining training({}), watched({.rows = 40});
  for (const SmallTraining* rows : {static_cast<const SmallTraining*>(nullptr), &watched}) {
    std::vector<std::pair<std::size_t, double>> told;
    const FittedNet net =
        fit(training, {.epochs = 12, .patience = 12}, rows, Budget(),
            {.epoch = [&](std::size_t epoch, double loss) { told.emplace_back(epoch, loss); }});
    ASSERT_EQ(told.size(), 12u);
    for (std::size_t i = 0; i < told.size(); ++i) {
      EXPECT_EQ(told[i].first, i + 1);
      EXPECT_TRUE(std::isfinite(told[i].second));
    }
    EXPECT_EQ(told[net.best_epoch - 1].second, net.watched_loss.value_or(net.training_loss));
    EXPECT_LT(told.back().second, told.front().second);
  }
}

TEST(Fit, that_only_gets_worse_has_diverged) {
  // Uphill in small steps: finite for long, and never better.
  const SmallTraining training({.optimizer = "-0.01*sign(g)"}), watched({.rows = 40});
  const FittedNet net = fit(training, {.epochs = 60, .patience = 10}, &watched);
  EXPECT_EQ(net.best_epoch, 0u);
  EXPECT_EQ(net.steps, 30u) << "patience ended it";
  EXPECT_TRUE(net.diverged);
}

TEST(Fit, that_learns_nothing_has_not_diverged) {
  const SmallTraining training({.optimizer = "1e-30*g"}), watched({.rows = 40});
  const FittedNet net = fit(training, {.epochs = 60, .patience = 10}, &watched);
  EXPECT_EQ(net.best_epoch, 0u);
  EXPECT_FALSE(net.diverged);
}

TEST(Fit, without_time_is_the_start_and_says_so) {
  const FittedNet net = fit(SmallTraining({}), {.epochs = 20}, nullptr, Budget({.seconds = 0}));
  EXPECT_TRUE(net.cut_short);
  EXPECT_EQ(net.best_epoch, 0u);
  EXPECT_FALSE(net.w.empty());
}

TEST(Fit, that_is_cancelled_ends_at_once) {
  request_cancel(SIGINT);
  const FittedNet net = fit(SmallTraining({}), {.epochs = 1000000});
  clear_cancel();
  EXPECT_TRUE(net.cut_short);
}

TEST(Fit, with_a_deadline_shortens_what_it_cannot_reach) {
  const FittedNet net = fit(SmallTraining({.schedule = "cosine"}), {.epochs = 100'000'000}, nullptr,
                            Budget({.seconds = 0.5 * kPatience}));
  EXPECT_LT(net.epochs, 100'000'000u);
  EXPECT_GT(net.best_epoch, 0u);
}

TEST(Fit, that_follows_the_clock_fills_its_share_and_ends_anywhere_in_an_epoch) {
  const Budget budget({.seconds = 1});
  const FittedNet net =
      fit(SmallTraining({.schedule = "cosine"}),
          {.epochs = 100'000'000, .trusted_share = 0.8, .follows_clock = true}, nullptr, budget);
  EXPECT_GT(budget.seconds_used(), 0.7);
  EXPECT_LT(budget.seconds_used(), 1);
  EXPECT_FALSE(net.cut_short);
  EXPECT_LT(net.steps, 100'000'000u);
  EXPECT_EQ(net.best_epoch, net.epochs);
  // Enough time changes nothing.
  const FittedNet whole =
      fit(SmallTraining({}), {.epochs = 5, .follows_clock = true}, nullptr, Budget({.seconds = 100}));
  EXPECT_EQ(whole.w, fit(SmallTraining({}), {.epochs = 5}).w);
}

TEST(Race, finds_a_rate_that_learns) {
  const SmallTraining training({.optimizer = "lr*sign(ema(g,0.9))"});
  const FittedNet net = fit(training, {.epochs = 40, .races = true});
  EXPECT_GT(net.learning_rate, 5e-4);
  EXPECT_LT(net.learning_rate, 0.5);
  EXPECT_FALSE(net.diverged);
}

TEST(Race, is_won_by_no_rate_that_diverges) {
  const SmallTraining training({.optimizer = "1000*lr*g"});
  const FittedNet net = fit(training, {.epochs = 40, .races = true});
  EXPECT_LE(net.learning_rate, 1e-3);
  EXPECT_LT(net.training_loss, 1.0);
}

TEST(Race, is_won_by_the_rate_that_wins_alone) {
  for (const char* optimizer : {"adam", "lr*g", "lr*sign(ema(g,0.9))"}) {
    const SmallTraining training({.head = Head::binary, .optimizer = optimizer});
    Trainer trainer(training.setup());
    const std::vector<float> w = training.weights();
    double best = INFINITY, winner = 0;
    for (const double rate : raced_rates()) {
      trainer.start(w);
      trainer.set_learning_rate(rate);
      double last = 0;
      for (int i = 0; i < 48; ++i) {
        const auto loss = static_cast<double>(trainer.step());
        if (i >= 36) last += loss;
      }
      if (last < best) {
        best = last;
        winner = rate;
      }
    }
    EXPECT_EQ(race_rates(trainer, w, 48, Budget()), winner) << optimizer;
    EXPECT_EQ(race_rates(trainer, w, 48, Budget()), winner) << "wherever the trainer was";
  }
}

TEST(Race, without_time_has_no_winner) {
  const SmallTraining training({});
  Trainer trainer(training.setup());
  request_cancel(SIGINT);
  EXPECT_EQ(race_rates(trainer, training.weights(), 20, Budget()), 0);
  clear_cancel();
}

TEST(InitialWeights, have_the_spread_that_their_names_say) {
  NetSpec net{.numbers = 200, .outputs = 1};
  net.architecture = parse_architecture("100");
  const ParameterLayout layout = layout_of(net);
  const auto spread = [&](Initialization initialization) {
    const std::vector<float> w = initial_weights(layout, initialization, {}, Key::from_seed(1));
    double square = 0;
    for (std::size_t i = 0; i < 20000; ++i) square += static_cast<double>(w[i]) * static_cast<double>(w[i]);
    return std::sqrt(square / 20000);
  };
  EXPECT_NEAR(spread(Initialization::he), std::sqrt(2.0 / 200), 2e-3);
  EXPECT_NEAR(spread(Initialization::glorot), std::sqrt(2.0 / 300), 2e-3);
  EXPECT_NEAR(spread(Initialization::lecun), std::sqrt(1.0 / 200), 2e-3);
}

TEST(InitialWeights, that_are_orthogonal_are_so) {
  NetSpec net{.numbers = 12, .outputs = 1};
  net.architecture = parse_architecture("7");
  const std::vector<float> w =
      initial_weights(layout_of(net), Initialization::orthogonal, {}, Key::from_seed(1));
  for (std::size_t a = 0; a < 7; ++a)
    for (std::size_t b = 0; b < 7; ++b) {
      double product = 0;
      for (std::size_t row = 0; row < 12; ++row)
        product += static_cast<double>(w[row * 7 + a]) * static_cast<double>(w[row * 7 + b]);
      EXPECT_NEAR(product, a == b ? 2 : 0, 1e-5);
    }
}

}  // namespace
}  // namespace astrolabe
