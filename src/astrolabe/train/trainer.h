// SPDX-License-Identifier: Apache-2.0
// Steps of one training, one after the other, and the loss of rows that are only watched.
//
//   Trainer trainer({.spec = spec, .layout = layout, .rows = rows, .numbers = {.learning_rate = 1e-3},
//                    .total_steps = 1000, .key = key});
//   trainer.start(initial_weights(layout, Initialization::he, {}, key.split("weights")));
//   while (trainer.steps_done() < 1000) trainer.step();
//   const TrainingState saved = trainer.state();     // later: trainer.restore(saved), and on, bit for bit
//   the same
//
// Same bytes for any pool, tier and instruction set: what a step does follows from (state, rows, numbers,
// key) alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/model/archive.h"
#include "astrolabe/runtime/compile.h"
#include "astrolabe/runtime/executable.h"
#include "astrolabe/train/augmentation.h"
#include "astrolabe/train/programs.h"
#include "astrolabe/train/step_feed.h"

namespace astrolabe {

// Encoded rows; they must outlive whoever trains on them.
struct TrainingRows {
  std::size_t rows = 0;
  std::span<const float> x = {};                          // [rows, numbers]
  std::vector<std::span<const std::int32_t>> codes = {};  // [rows] per category
  std::span<const float> y = {};                          // [rows]
  std::span<const float> weight = {};                     // [rows], of mean 1; empty: all 1
  PictureRows pictures = {};                              // [rows] of a net that reads them
  std::span<const float> taught = {};                     // [rows, outputs] of a step that is taught
};

// Bins of piecewise linear embeddings, [embedded, bins]: where each begins, and one over its width.
struct NetBins {
  std::vector<float> low = {};
  std::vector<float> scale = {};
};

struct StepNumbers {
  double learning_rate = 1e-3;
  double dropout = 0;
  double smoothing = 0;
  double clip = 0;
  double weight_decay = 0;
  double temperature = 1, taught_share = 0;  // of a step that is taught
};

// All that a training needs to go on where it was.
struct TrainingState {
  std::uint64_t steps = 0;
  std::vector<float> w;
  std::vector<float> running;
  std::vector<std::vector<float>> memories;  // of the optimizer, in order

  void save(ArchiveWriter& archive) const;
  // Throws bad_input unless the sizes are those of the spec and every number of w is finite.
  [[nodiscard]] static TrainingState load(ArchiveReader& archive, const StepSpec& spec,
                                          const ParameterLayout& layout);

  friend bool operator==(const TrainingState&, const TrainingState&) = default;
};

// Adopts spec.weighted and such as they are; spec.rows and spec.batch are checked against the rows.
struct TrainerSetup {
  const StepSpec& spec;
  const ParameterLayout& layout;
  const TrainingRows& rows;
  const NetBins& bins;
  StepNumbers numbers = {};
  std::uint64_t total_steps = 1;  // where t becomes 1
  Key key = {};
  CompileOptions options = {};
  ThreadPool* pool = nullptr;
  // Statistics that batch normalization begins with, [layout.running_size]; empty: means 0, variances 1.
  std::span<const float> running = {};
  Augmentation augmentation = {};  // of pictures; it mixes where the spec does
};

// What runs as often as a step is compiled at once.
[[nodiscard]] CompileOptions stepping(const TrainerSetup& setup);
// Rows, bins, and the numbers of the setup and of its expressions, all but the weight decay.
void bind_training(Execution& run, const TrainerSetup& setup);
// The input "decay" of a step.
[[nodiscard]] std::vector<float> decay_of_weights(const ParameterLayout& layout, double weight_decay);
// The statistics that batch normalization begins with.
[[nodiscard]] std::vector<float> first_statistics(const TrainerSetup& setup);

class Trainer {
 public:
  explicit Trainer(const TrainerSetup& setup);

  // Step 0 with these weights, memories zero.
  void start(std::span<const float> w);
  // One batch; returns its mean loss before the update. Batches are full; every epoch has its own order.
  float step();

  [[nodiscard]] std::uint64_t steps_done() const { return steps_; }
  [[nodiscard]] std::uint64_t steps_per_epoch() const { return feed_.steps_per_epoch(); }
  [[nodiscard]] std::uint64_t total_steps() const { return total_steps_; }
  void set_total_steps(std::uint64_t steps) { total_steps_ = steps; }
  void set_learning_rate(double rate) { run_.set_scalar("lr", rate); }

  [[nodiscard]] TrainingState state();
  void restore(const TrainingState& state);
  [[nodiscard]] std::span<float> w() { return run_.state<float>("w"); }
  [[nodiscard]] std::span<float> running();
  [[nodiscard]] const Executable& executable() const { return run_.executable(); }

 private:
  ThreadPool* pool_;
  std::uint64_t total_steps_, steps_ = 0;
  std::vector<float> first_running_;
  std::vector<float> decay_;
  StepFeed feed_;
  std::optional<PictureFeed> pictures_;
  std::vector<std::string> memories_;
  Execution run_;
};

// The mean loss of rows, weighted, as it is when predicting.
class LossMeter {
 public:
  // Like a Trainer's setup; numbers, steps and key do not matter. Rows are measured in blocks of 1,024, or of
  // fewer where a memory limit asks for that.
  explicit LossMeter(const TrainerSetup& setup);

  [[nodiscard]] double measure(std::span<float> w, std::span<float> running);

 private:
  ThreadPool* pool_;
  std::size_t rows_, block_;
  PictureSize size_;
  PictureRows pictures_;
  std::vector<float> values_;  // of a block's pictures
  double total_weight_ = 0;
  std::vector<float> weight_;
  std::vector<std::int32_t> index_;
  Execution run_;
};

}  // namespace astrolabe
