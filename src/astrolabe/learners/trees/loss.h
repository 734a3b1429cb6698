// SPDX-License-Identifier: Apache-2.0
// What training minimises. A loss is known by its link (raw score -> prediction) and by its first and second
// derivative in the raw score:
//
//   loss      prediction p         gradient    hessian
//   squared   score                p - y       1
//   logistic  1 / (1 + e^-score)   p - y       p (1 - p)
//   softmax   e^s_k / sum e^s_j    p_k - y_k   K / (K - 1) p_k (1 - p_k)
//   poisson   e^score              p - y       e^0.7 p, so that no leaf overshoots
//
// each times the row's weight. Scores, predictions and pairs of several classes lie class by class:
// [outputs, rows].
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/model/task.h"

namespace astrolabe::trees {

enum class Loss : std::uint8_t { squared, logistic, softmax, poisson };
inline constexpr std::uint8_t kLosses = 4;

// Whether a setting names one of these, rather than a part or an expression: by its own name, auto, or as the
// part that is the same (mse, cross_entropy).
[[nodiscard]] bool is_native_loss(std::string_view setting);

// The setting's loss for these labels. Throws usage_error when the loss does not fit the kind of task,
// bad_input when poisson meets a negative target.
[[nodiscard]] Loss choose_loss(std::string_view setting, const Labels& labels);

// [outputs] The constant scores that fit best: weighted mean, log-odds, log-shares, log-mean.
[[nodiscard]] std::vector<double> initial_scores(Loss loss, const Labels& labels);

// Scores to predictions, [outputs, rows] both; may be the same memory.
void apply_link(Loss loss, std::size_t rows, std::span<const double> scores, std::span<double> predictions,
                ThreadPool& pool);
// The same for a few rows on the calling thread.
void apply_link(Loss loss, std::size_t rows, std::span<const double> scores, std::span<double> predictions);

// The pairs of one output from its predictions, [rows] both.
void find_gradients(Loss loss, const Labels& labels, std::size_t output, std::span<const double> predictions,
                    std::span<GradientPair> pairs, ThreadPool& pool);

// Weighted mean loss of the predictions: squared error, log loss, poisson deviance / 2.
[[nodiscard]] double mean_loss(Loss loss, const Labels& labels, std::span<const double> predictions,
                               ThreadPool& pool);

}  // namespace astrolabe::trees
