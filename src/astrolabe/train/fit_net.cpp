// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/fit_net.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/train/divergence.h"

namespace astrolabe {
namespace {

constexpr std::size_t kTimedSteps = 24;  // at most, before the clock decides about the horizon
constexpr double kTimedShare = 0.04;     // of the time left
constexpr std::uint64_t kLooks = 100;    // at the clock, over a training that follows it
constexpr double kNoticed = 0.005;       // a horizon this much nearer or farther is another one
constexpr std::size_t kRaceSteps = 50;
constexpr std::size_t kLeastRaceSteps = 8;

class Loop {
 public:
  Loop(Trainer& trainer, LossMeter* watched, const FitPlan& plan, std::span<const float> start,
       const Budget& budget, const FitListener& listener)
      : trainer_(trainer),
        watched_(watched),
        plan_(plan),
        start_(start),
        budget_(budget),
        listener_(listener),
        per_epoch_(trainer.steps_per_epoch()) {}

  FittedNet run() {
    trainer_.set_total_steps(plan_.epochs * per_epoch_);
    trainer_.start(start_);
    fitted_.epochs = plan_.epochs;
    keep(0);
    if (budget_.should_stop()) return cut();
    check_start();
    trainer_.start(start_);
    if (budget_.has_deadline()) fit_horizon_to_clock();
    if (plan_.races) race();
    watch_start();
    DivergenceWatch divergence;
    began_ = budget_.seconds_used();
    while (trainer_.steps_done() < last_step()) {
      if (budget_.should_stop()) return cut();
      const auto loss = static_cast<double>(trainer_.step());
      if (divergence.is_divergent(loss)) return diverge();
      epoch_loss_ += loss;
      ++epoch_steps_;
      if (trainer_.steps_done() % per_epoch_ == 0 && !end_epoch()) return finish();
      if (follows_) follow_clock();
      tell();
    }
    if (epoch_steps_ > 0) (void)end_epoch();  // a horizon shorter than an epoch ends inside it
    return finish();
  }

 private:
  // Where nothing is finite, nothing can be learned: a loss or an activation that is no use here.
  void check_start() {
    first_loss_ = static_cast<double>(trainer_.step());
    if (std::isfinite(first_loss_)) return;
    throw usage_error(
        {.attempted = "training a net",
         .expected = "a finite loss of the first batch",
         .found = fmt::format("{}", first_loss_),
         .remedy = "Choose another activation or loss: one of them is not finite on these rows."});
  }

  // What no epoch betters is not learned: then the weights of the start stand.
  void watch_start() {
    if (watched_ == nullptr) return;
    const double loss = watched_->measure(trainer_.w(), trainer_.running());
    if (std::isfinite(loss)) fitted_.start_loss = fitted_.watched_loss = loss;
  }

  [[nodiscard]] std::uint64_t last_step() const {
    const std::uint64_t stop = plan_.stop_after > 0 ? plan_.stop_after * per_epoch_ : UINT64_MAX;
    return std::min(trainer_.total_steps(), stop);
  }

  // Steps before a share of the time is gone; then those of another share are timed. They are not kept.
  void fit_horizon_to_clock() {
    const double enough = kTimedShare * budget_.seconds_left();
    const auto take_steps = [&](std::size_t most) {
      const double begin = budget_.seconds_used();
      std::size_t taken = 0;
      while (taken < most && !budget_.should_stop() &&
             (taken == 0 || budget_.seconds_used() - begin < enough / 2)) {
        (void)trainer_.step();
        ++taken;
      }
      return (budget_.seconds_used() - begin) / static_cast<double>(std::max<std::size_t>(taken, 1));
    };
    (void)take_steps(kTimedSteps / 2);
    const double per_step = take_steps(kTimedSteps);
    trainer_.start(start_);
    double per_watch = 0;
    if (watched_ != nullptr && !budget_.should_stop()) {
      const double begin = budget_.seconds_used();
      (void)watched_->measure(trainer_.w(), trainer_.running());
      per_watch = budget_.seconds_used() - begin;
    }
    const double per_epoch = static_cast<double>(per_epoch_) * per_step + per_watch;
    const double left = plan_.trusted_share * budget_.seconds_left();
    const double epochs = left / std::max(per_epoch, 1e-9);
    if (plan_.follows_clock) {
      follows_ = true;
      end_at_ = budget_.seconds_used() + left;
      return set_horizon(epochs * static_cast<double>(per_epoch_) - plan_.reserved_steps);
    }
    if (epochs >= static_cast<double>(plan_.stop_after > 0 ? plan_.stop_after : plan_.epochs)) return;
    fitted_.epochs = std::max<std::size_t>(1, static_cast<std::size_t>(epochs));
    if (epochs >= 1) {
      trainer_.set_total_steps(fitted_.epochs * per_epoch_);
    } else {
      fitted_.cut_short = true;
      const double steps = (left - per_watch) / std::max(per_step, 1e-9);
      trainer_.set_total_steps(std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::max(steps, 1.0))));
    }
  }

  // In steps, at most what was planned.
  void set_horizon(double steps) {
    const std::uint64_t planned = plan_.epochs * per_epoch_;
    const auto most = static_cast<double>(planned);
    const auto horizon = static_cast<std::uint64_t>(std::clamp(steps, 1.0, most));
    trainer_.set_total_steps(std::max(horizon, trainer_.steps_done()));
    fitted_.epochs = (trainer_.total_steps() + per_epoch_ - 1) / per_epoch_;
    fitted_.cut_short = trainer_.total_steps() < per_epoch_;
  }

  // What the steps so far took is what those ahead will take. Schedules hardly notice: near the end, where
  // they are steep, there is little left to be wrong about.
  void follow_clock() {
    const std::uint64_t done = trainer_.steps_done();
    if (done < kTimedSteps || done % std::max<std::uint64_t>(trainer_.total_steps() / kLooks, 1) != 0) return;
    const double now = budget_.seconds_used();
    const double per_step = std::max((now - began_) / static_cast<double>(done), 1e-9);
    const double left = (end_at_ - now) / per_step - plan_.reserved_steps;
    const double horizon = static_cast<double>(done) + std::max(left, 0.0);
    const auto old = static_cast<double>(trainer_.total_steps());
    if (std::abs(horizon - old) > kNoticed * old) set_horizon(horizon);
  }

  void race() {
    const std::size_t steps = std::clamp<std::size_t>(
        last_step() / 10, std::min<std::size_t>(kLeastRaceSteps, last_step()), kRaceSteps);
    fitted_.learning_rate = race_rates(trainer_, start_, steps, budget_);
    if (fitted_.learning_rate == 0) fitted_.learning_rate = raced_rates().front();
    trainer_.set_learning_rate(fitted_.learning_rate);
    trainer_.start(start_);
  }

  void tell() const {
    if (!listener_.fraction) return;
    const std::uint64_t done = trainer_.steps_done();
    if (done % kToldSteps == 0 || done == last_step())
      listener_.fraction(std::min(1.0, static_cast<double>(done) / static_cast<double>(last_step())));
  }

  void keep(std::size_t epoch) {
    fitted_.w.assign(trainer_.w().begin(), trainer_.w().end());
    fitted_.running.assign(trainer_.running().begin(), trainer_.running().end());
    fitted_.best_epoch = epoch;
  }

  // False when watching says that it is time to stop.
  bool end_epoch() {
    ++epoch_;
    const double training_loss = epoch_loss_ / static_cast<double>(epoch_steps_);
    epoch_loss_ = 0;
    epoch_steps_ = 0;
    if (!all_finite(trainer_.w())) {
      fitted_.diverged = true;
      return false;
    }
    if (watched_ == nullptr) {
      fitted_.training_loss = training_loss;
      keep(epoch_);
      fitted_.history.push_back({epoch_, training_loss});
      if (listener_.epoch) listener_.epoch(epoch_, training_loss);
      return true;
    }
    const double loss = watched_->measure(trainer_.w(), trainer_.running());
    fitted_.history.push_back({epoch_, training_loss, loss});
    if (listener_.epoch) listener_.epoch(epoch_, loss);
    if (std::isfinite(loss) &&
        !(loss >= fitted_.watched_loss.value_or(std::numeric_limits<double>::infinity()))) {
      fitted_.watched_loss = loss;
      fitted_.training_loss = training_loss;
      keep(epoch_);
    }
    last_loss_ = training_loss;
    return epoch_ - fitted_.best_epoch < plan_.patience;
  }

  FittedNet finish() {
    if (watched_ != nullptr && epoch_ > 0 && fitted_.best_epoch == 0 && ended_worse(first_loss_, last_loss_))
      fitted_.diverged = true;
    fitted_.steps = trainer_.steps_done();
    if (listener_.fraction) listener_.fraction(1.0);
    return std::move(fitted_);
  }

  FittedNet cut() {
    fitted_.cut_short = true;
    // What an unfinished epoch learned counts only where no epoch has ended yet.
    if (epoch_ == 0 && epoch_steps_ > 0 && all_finite(trainer_.w())) {
      fitted_.training_loss = epoch_loss_ / static_cast<double>(epoch_steps_);
      keep(1);
    }
    fitted_.steps = trainer_.steps_done();
    return std::move(fitted_);
  }

  FittedNet diverge() {
    fitted_.diverged = true;
    return finish();
  }

  static constexpr std::uint64_t kToldSteps = 16;

  bool follows_ = false;           // the clock
  double began_ = 0, end_at_ = 0;  // seconds used, when the first step began and when the last shall end
  Trainer& trainer_;
  LossMeter* watched_;
  const FitPlan& plan_;
  std::span<const float> start_;
  const Budget& budget_;
  const FitListener& listener_;
  std::uint64_t per_epoch_;
  FittedNet fitted_;
  double first_loss_ = 0;  // of the first batch, by the weights of the start
  double last_loss_ = 0;   // of training, in the last epoch whose weights were watched
  std::size_t epoch_ = 0;
  double epoch_loss_ = 0;
  std::size_t epoch_steps_ = 0;
};

}  // namespace

FittedNet fit_net(Trainer& trainer, LossMeter* watched, const FitPlan& plan, std::span<const float> start,
                  const Budget& budget, const FitListener& listener) {
  return Loop(trainer, watched, plan, start, budget, listener).run();
}

}  // namespace astrolabe
