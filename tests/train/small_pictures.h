// SPDX-License-Identifier: Apache-2.0
// Small trainings on pictures for tests: bytes with something to learn, and nets by a few words.
//
//   SmallPictures training({.architecture = "conv3x4-pool2-gap", .normalization =
//   PictureNormalization::batch}); Trainer trainer(training.setup()); trainer.start(training.weights());
#pragma once

#include <string>
#include <vector>

#include "tests/train/small_training.h"

#include "astrolabe/train/initialize.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe::testing {

struct PictureCase {
  std::string architecture = "conv3x4-gap";
  std::string activation = "silu";
  PictureNormalization normalization = PictureNormalization::none;
  PictureSize size = {7, 6, 2};
  std::size_t rows = 24;
  std::size_t batch = 8;
  std::string augmentation = "none";
  StepNumbers numbers = {.learning_rate = 0.01};
};

// Three classes: which corner is bright.
class SmallPictures {
 public:
  explicit SmallPictures(const PictureCase& wanted);
  SmallPictures(const SmallPictures&) = delete;
  SmallPictures& operator=(const SmallPictures&) = delete;

  [[nodiscard]] TrainerSetup setup(const CompileOptions& options = {}, ThreadPool* pool = nullptr) const {
    return {.spec = spec,
            .layout = layout,
            .rows = rows,
            .bins = bins,
            .numbers = shape.numbers,
            .total_steps = 100,
            .key = Key::from_seed(3),
            .options = options,
            .pool = pool,
            .augmentation = parse_augmentation(shape.augmentation)};
  }
  [[nodiscard]] std::vector<float> weights() const { return uncommon_weights(layout); }
  // Raw outputs of the first `count` pictures, [count, classes], as when predicting.
  [[nodiscard]] std::vector<float> outputs(std::vector<float> w, std::vector<float> running,
                                           std::size_t count) const;
  [[nodiscard]] std::vector<float> values(std::size_t count) const;  // of the first pictures

  PictureCase shape;
  StepSpec spec;
  ParameterLayout layout;
  NetBins bins;
  std::vector<std::uint8_t> bytes;
  std::vector<float> y;
  TrainingRows rows;
};

}  // namespace astrolabe::testing
