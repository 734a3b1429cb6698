// SPDX-License-Identifier: Apache-2.0
// What training minimises. A loss is known by its link (raw score -> prediction) and by its first and second
// derivative in the raw score:
//
//   loss      prediction p         gradient    hessian
//   squared   score                p - y       1
//   logistic  1 / (1 + e^-score)   p - y       p (1 - p)
//   softmax   e^s_k / sum e^s_j    p_k - y_k   K / (K - 1) p_k (1 - p_k)
//   poisson   e^score              p - y       e^0.7 p, so that no leaf overshoots
//   gamma     e^score              1 - r       (1 + r) / 2, r = y / p
//   tweedie   e^score              (1 - r) q   (1 + r) q / 2, q = p^(2 - power)
//
// each times the row's weight. Scores, predictions and pairs of several classes lie class by class:
// [outputs, rows]. Of gamma and tweedie a leaf of rows with one prediction moves by 2 (r - 1) / (r + 1),
// which is between 0 and the log(r) that would be best, however far the leaf is off; of the power 1.5 that
// hessian is the second derivative itself (Joergensen, "The theory of dispersion models", 1997, for the
// deviances).
//
//   const Objective objective = choose_loss("tweedie(1.7)", labels);
//   std::vector<double> scores = initial_scores(objective.loss, labels);   // log of the mean
//   apply_link(objective.loss, rows, scores, predictions, pool);
//   find_gradients(objective, labels, 0, predictions, pairs, pool);
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/model/task.h"

namespace astrolabe::trees {

// Numbers in model files: never renumbered.
enum class Loss : std::uint8_t { squared, logistic, softmax, poisson, gamma, tweedie };
inline constexpr std::uint8_t kLosses = 6;

// A loss with its setting.
struct Objective {
  Loss loss = Loss::squared;
  double power = 1.5;  // tweedie: the variance is proportional to the mean to this power; above 1, below 2

  Objective() = default;
  Objective(Loss chosen, double its_power = 1.5)  // NOLINT(google-explicit-constructor): most need no power
      : loss(chosen), power(its_power) {}
  friend bool operator==(const Objective&, const Objective&) = default;
};

// Whether a setting names one of these, rather than a part or an expression: by its own name, auto, or as the
// part that is the same (mse, cross_entropy). tweedie may have its power: "tweedie(1.7)".
[[nodiscard]] bool is_native_loss(std::string_view setting);

// The setting's loss for these labels. Throws usage_error when the loss does not fit the kind of task or a
// power is not between 1 and 2, and what require_targets throws.
[[nodiscard]] Objective choose_loss(std::string_view setting, const Labels& labels);
// Throws bad_input when poisson or tweedie meet a negative target, or gamma one that is not above 0.
void require_targets(const Objective& objective, const Labels& labels);

// [outputs] The constant scores that fit best: weighted mean, log-odds, log-shares, log-mean.
[[nodiscard]] std::vector<double> initial_scores(Loss loss, const Labels& labels);

// The same, row after row.
class InitialScores {
 public:
  InitialScores(Loss loss, std::size_t outputs);
  void add(double target, double weight);
  // Of at least one row with a weight.
  [[nodiscard]] std::vector<double> scores() const;

 private:
  Loss loss_;
  std::vector<double> sums_;  // [outputs]
  double total_ = 0;
};

// Scores to predictions, [outputs, rows] both; may be the same memory.
void apply_link(Loss loss, std::size_t rows, std::span<const double> scores, std::span<double> predictions,
                ThreadPool& pool);
// The same for a few rows on the calling thread.
void apply_link(Loss loss, std::size_t rows, std::span<const double> scores, std::span<double> predictions);

// The pairs of one output from its predictions, [rows] both.
void find_gradients(const Objective& objective, const Labels& labels, std::size_t output,
                    std::span<const double> predictions, std::span<GradientPair> pairs, ThreadPool& pool);

// Weighted mean loss of the predictions, which is what early stopping watches: squared error, log loss, half
// the deviance of poisson, gamma and tweedie.
[[nodiscard]] double mean_loss(const Objective& objective, const Labels& labels,
                               std::span<const double> predictions, ThreadPool& pool);

}  // namespace astrolabe::trees
