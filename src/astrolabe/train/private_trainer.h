// SPDX-License-Identifier: Apache-2.0
// Training with a guarantee for every row: Poisson batches, gradients clipped row by row, Gaussian noise
// (DP-SGD: Abadi et al., "Deep learning with differential privacy", CCS 2016; with any optimizer).
//
//   const PrivatePlan plan{.sampling_rate = 0.034, .noise_multiplier = 1.4, .steps = 1200, .secret = secret};
//   PrivateTrainer trainer(setup, plan);
//   trainer.start(initial_weights(layout, Initialization::he, {}, key));
//   while (trainer.steps_done() < plan.steps) trainer.step();
//
// A step adds what the rows of its batch ask for, each clipped by itself to the length R, and noise of
// standard deviation noise_multiplier * R; the sum is divided by the expected number of rows. Dividing by the
// real one would tell how many there were. A batch may be of any size: what the program has no room for goes
// through in further parts, so that no row is ever left out.
//
// Same bytes for any pool, tier and instruction set. Whoever knows `secret` can take the noise off again: it
// must be unpredictable and kept nowhere. The generators are counter-based with keys of 64 bits and not
// cryptographic, and noise is rounded to f32: see docs/privacy.md.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "astrolabe/train/poisson_rows.h"
#include "astrolabe/train/private_step.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe {

struct PrivatePlan {
  double sampling_rate = 1;     // the probability with which a step takes a row
  double noise_multiplier = 0;  // standard deviation of the noise, in units of the clip
  RowClipping clipping = RowClipping::automatic;
  double clip = 1;  // of fixed clipping; automatic: 1, whatever stands here
  std::uint64_t steps = 1;
  Key secret;  // of batches, noise and dropout
};

class PrivateTrainer {
 public:
  // Of the setup, spec.batch, key and total_steps do not matter; spec.weighted, spec.clips and spec.mixes are
  // false. How a picture is shifted, mirrored or hidden in part is drawn for each by itself, so that what a
  // row adds is still its own.
  PrivateTrainer(const TrainerSetup& setup, const PrivatePlan& plan);
  PrivateTrainer(const PrivateTrainer&) = delete;
  PrivateTrainer& operator=(const PrivateTrainer&) = delete;

  // Step 0 with these weights, memories zero.
  void start(std::span<const float> w);
  void step();

  [[nodiscard]] std::uint64_t steps_done() const { return steps_; }
  // As rows are drawn: what the ledger records.
  [[nodiscard]] double sampling_rate() const { return rows_.rate(); }
  [[nodiscard]] std::size_t capacity() const { return spec_.batch; }
  [[nodiscard]] std::span<float> w() { return whole_.state<float>("w"); }

 private:
  [[nodiscard]] Execution& whole_for(std::size_t rows);
  void feed(Execution& run, std::size_t part);
  void bind_step(Execution& run);
  void bind_memories(Execution& run);
  void make_parts();

  TrainerSetup setup_;
  PrivatePlan plan_;
  PoissonRows rows_;
  StepSpec spec_;  // with room for most batches
  std::vector<float> noise_scale_, decay_;
  std::vector<std::int32_t> batch_;  // of this step, filled up
  std::vector<float> present_;
  std::optional<PictureFeed> pictures_;
  std::uint32_t noise_key_[2] = {}, dropout_key_[2] = {};
  std::uint64_t steps_ = 0;
  Execution whole_;  // a batch at once, as nearly all are; its states are the trainer's
  std::map<std::size_t, Execution> smaller_;  // the same with room for fewer rows
  std::optional<Execution> more_, last_;      // of others: the parts before the last one, and that
};

}  // namespace astrolabe
