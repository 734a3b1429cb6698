// SPDX-License-Identifier: Apache-2.0
// Small trainings for tests: rows with something to learn, and nets by a few words.
//
//   SmallTraining training({.head = Head::classes, .architecture = "8-res", .optimizer = "adam"});
//   Trainer trainer(training.setup());
//   trainer.start(training.weights());
#pragma once

#include <string>
#include <vector>

#include "astrolabe/train/fit_net.h"
#include "astrolabe/train/initialize.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe::testing {

struct SmallShape {
  Head head = Head::number;
  std::string architecture = "8-8";
  std::string activation = "silu";
  std::string loss = "";  // by the head
  std::string optimizer = "adam";
  std::string schedule = "constant";
  Normalization normalization = Normalization::none;
  NumericEmbedding embedding = NumericEmbedding::none;
  bool categories = false;
  bool weighted = false;
  std::size_t rows = 48;
  std::size_t batch = 16;
  StepNumbers numbers = {.learning_rate = 0.01};
};

// Initial weights with every parameter away from its special values, so that nothing is zero by chance.
[[nodiscard]] std::vector<float> uncommon_weights(const ParameterLayout& layout);

inline constexpr std::size_t kSmallNumbers = 5;
inline constexpr std::size_t kSmallClasses = 3;

// Three classes when the head has classes; a category of seven codes when asked for.
class SmallTraining {
 public:
  explicit SmallTraining(const SmallShape& shape);
  SmallTraining(const SmallTraining&) = delete;
  SmallTraining& operator=(const SmallTraining&) = delete;

  [[nodiscard]] TrainerSetup setup(const CompileOptions& options = {}, ThreadPool* pool = nullptr) const {
    return {.spec = spec,
            .layout = layout,
            .rows = rows,
            .bins = bins,
            .numbers = shape.numbers,
            .total_steps = 100,
            .key = Key::from_seed(3),
            .options = options,
            .pool = pool};
  }
  [[nodiscard]] std::vector<float> weights() const { return uncommon_weights(layout); }

  SmallShape shape;
  StepSpec spec;
  ParameterLayout layout;
  NetBins bins;
  std::vector<float> x, y, weight;
  std::vector<std::int32_t> codes;
  TrainingRows rows;
};

// The whole state of a training after so many steps, as an archive has it.
[[nodiscard]] std::string bytes_after_training(const SmallTraining& training, const CompileOptions& options,
                                               std::size_t threads, int steps);

}  // namespace astrolabe::testing
