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
  // Every parameter away from its special values, so that nothing is zero by chance.
  [[nodiscard]] std::vector<float> weights() const;

  SmallShape shape;
  StepSpec spec;
  ParameterLayout layout;
  NetBins bins;
  std::vector<float> x, y, weight;
  std::vector<std::int32_t> codes;
  TrainingRows rows;
};

}  // namespace astrolabe::testing
