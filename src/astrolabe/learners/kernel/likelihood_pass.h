// SPDX-License-Identifier: Apache-2.0
// Passes over the rows for a likelihood: the loss and its slope by the coefficients, or its curvature along a
// direction. Features are made anew in each pass; those of few rows are kept.
//
//   LikelihoodPass pass(request, RowShare{.held = &held, .fold = 0});
//   const std::optional<Slope> slope = pass.slope(coefficients);     // nothing: the budget ended
//   const auto curved = pass.curve(coefficients, direction);         // H direction
//
// Scores and sums of a chunk of rows are f32 chains, chunks are added in order and in double: the same bytes
// on any number of threads.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "astrolabe/learners/kernel/head.h"
#include "astrolabe/learners/kernel/row_loss.h"

namespace astrolabe::kernel {

// Mean loss of the rows fitted on, its slope [width, outputs], and the summed loss of the rows held out.
struct Slope {
  double loss = 0;
  std::vector<double> slope;
  double held_loss = 0;
};

// Which rows are held out: those of one fold, or none.
struct RowShare {
  const HeldOut* held = nullptr;
  std::size_t fold = 0;
};

class LikelihoodPass {
 public:
  // What is handed in must outlive this. `rows` are those of the request, or the watched ones.
  LikelihoodPass(const HeadRequest& request, const FitRows& rows, RowShare share);

  // coefficients, direction: [width, outputs].
  [[nodiscard]] std::optional<Slope> slope(const std::vector<double>& coefficients);
  [[nodiscard]] std::optional<std::vector<double>> curve(const std::vector<double>& coefficients,
                                                         const std::vector<double>& direction);
  // Of the rows fitted on; known after the first pass.
  [[nodiscard]] double weight() const { return weight_; }

 private:
  enum class Kind { slope, curve };
  struct Sums;
  struct ChunkSums;
  [[nodiscard]] std::optional<Sums> run(Kind kind, const std::vector<float>& columns, std::size_t count);
  void take_chunk(Kind kind, const RowBlock& block, std::size_t begin, std::size_t end, const float* z,
                  const std::vector<float>& columns, std::size_t count, ChunkSums& sums) const;

  const HeadRequest& request_;
  const FitRows& rows_;
  RowShare share_;
  RowLoss loss_;
  bool keeps_ = false;  // features of all rows
  bool is_kept_ = false;
  std::vector<float> kept_;   // [rows, width]
  std::vector<float> x_, z_;  // of a block
  double weight_ = 0;
};

}  // namespace astrolabe::kernel
