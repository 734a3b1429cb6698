// SPDX-License-Identifier: Apache-2.0
// The loss of a family and its second-order picture around the present scores (eta = b0 + x b).
//
//   Likelihood likelihood(response, weights);
//   likelihood.linearize(block, slope, curvature);          // of the loss of each row, by its score
//   if (likelihood.loss_with(block, candidate) < before) likelihood.accept(block, candidate);
//
// A block is one column of scores: the only one, or one class of a multinomial model, whose other classes
// stand still meanwhile.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/learners/linear/linear_settings.h"
#include "astrolabe/model/task.h"

namespace astrolabe::linear {

// Labels in the unit that penalties are measured in: fitted = (label - center) / scale.
struct Response {
  Family family = Family::gaussian;
  std::vector<double> values;  // [rows] in that unit, or class indices
  std::size_t classes = 1;     // blocks: the classes of a multinomial model, else 1
  double center = 0;
  double scale = 1;
  double highest = 0;  // poisson: the largest label, in that unit
};

// Weighted moments of the labels decide centre and scale; `weights` has a sum above 0.
[[nodiscard]] Response make_response(Family family, const Labels& labels, std::span<const double> weights);

// Mean loss of rows whose scores are known: [blocks][rows]. Infinite scores give an infinite loss, not NaN.
[[nodiscard]] double mean_loss(const Response& response, std::span<const double> weights,
                               const std::vector<std::vector<double>>& scores);

class Likelihood {
 public:
  // Starts at the best intercepts without features. The weights have a sum above 0; both must outlive this.
  Likelihood(const Response& response, std::span<const double> weights);

  [[nodiscard]] std::size_t blocks() const { return scores_.size(); }
  // False for a class that no row has: its score stays where it is.
  [[nodiscard]] bool is_present(std::size_t block) const { return is_present_[block]; }
  [[nodiscard]] double starting_intercept(std::size_t block) const { return starts_[block]; }
  [[nodiscard]] const std::vector<std::vector<double>>& scores() const { return scores_; }
  [[nodiscard]] bool has_constant_curvature() const { return response_.family == Family::gaussian; }

  [[nodiscard]] double loss() const;  // weighted mean
  // Slope and curvature (above 0) of each row's loss by its score in this block.
  void linearize(std::size_t block, std::span<double> slope, std::span<double> curvature) const;
  [[nodiscard]] double loss_with(std::size_t block, std::span<const double> candidate) const;
  void accept(std::size_t block, std::span<const double> candidate);
  // The same for all blocks at once. Blocks that are not present keep their scores.
  [[nodiscard]] double loss_with_all(const std::vector<std::vector<double>>& candidate) const;
  void accept_all(std::vector<std::vector<double>> candidate);
  // The intercept that gives an absent class its small share: what it is at the end of a fit.
  [[nodiscard]] double absent_intercept() const;

 private:
  void exponentiate_all();
  // Sum over the present classes but this one of exp(score - shift).
  [[nodiscard]] double rest_of(std::size_t row, std::size_t block) const;

  const Response& response_;
  std::span<const double> weights_;
  double total_ = 0;                            // of the weights
  double small_share_ = 0;                      // for what was never seen: half a row
  std::vector<std::vector<double>> scores_;     // [blocks][rows]
  std::vector<std::vector<double>> exponents_;  // multinomial: exp(score - shift)
  std::vector<double> shifts_;                  // multinomial: [rows] a score near the largest
  std::vector<double> sums_;                    // multinomial: [rows] of the exponents
  std::vector<double> starts_;
  std::vector<bool> is_present_;
};

}  // namespace astrolabe::linear
