// SPDX-License-Identifier: Apache-2.0
// From settings and labels to what `train` needs: texts resolved, the target on a scale that training likes.
//
//   const NetTexts texts{...};            // of the settings, or of a model file
//   const NetSpec net = make_net(texts, plan, outputs);
//   const Target target = make_target(settings, labels, weights);
#pragma once

#include <string>
#include <vector>

#include "astrolabe/data/pixels.h"
#include "astrolabe/learners/neural/input_plan.h"
#include "astrolabe/learners/neural/mlp_settings.h"
#include "astrolabe/model/task.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/initialize.h"
#include "astrolabe/train/programs.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe::neural {

// What of the settings a fitted net must remember.
struct NetTexts {
  std::string architecture;
  std::string activation;
  std::string normalization;
  std::string numeric_embedding;
};

// The pictures that a net reads, and how their bytes become numbers: (byte - centre) scale.
struct PictureInput {
  PictureSize size = {};  // none: a net of tables
  float centre = 0;
  float scale = 1;
  bool mirrors = false;  // answers are the mean of those for a picture and for its mirror

  [[nodiscard]] bool is_there() const { return size.count() > 0; }
  // Centred at the mean byte and divided by the deviation, by a weight per row; nothing without pictures.
  [[nodiscard]] static PictureInput fit(const Pixels& pixels, std::span<const double> weights);
  // Of pictures of that size; they must outlive it. Throws bad_input for others.
  [[nodiscard]] PictureRows read(const Pixels& pixels) const;
};

// Throws usage_error for texts that mean nothing. Equal arguments give equal nets. With pictures the
// architecture is one of picture_architecture.h, and its normalization also that of the dense layers, where
// one over groups of channels is one over all units.
[[nodiscard]] NetSpec make_net(const NetTexts& texts, const InputPlan& plan, std::size_t outputs,
                               const PictureInput& picture = {});

// How raw outputs become answers: centre + scale z, or scale exp(z) when logarithmic.
struct Answer {
  Head head = Head::number;
  bool is_logarithmic = false;
  double centre = 0;
  double scale = 1;
  double highest = 0;  // beyond which no logarithmic answer is believed
};

struct Target {
  Answer answer;
  Expression loss;
  std::vector<float> y;     // [rows]: the index of the class, or the number on the answer's scale
  std::vector<float> bias;  // of the outputs, so that the first answer is the best constant
};

// Throws usage_error for a loss that does not fit the task.
[[nodiscard]] Target make_target(const MlpSettings& settings, const Labels& labels,
                                 std::span<const double> weights);

// The loss of a private fit, which knows its target by declared bounds alone. Throws usage_error for one that
// does not fit the task, or whose answers are exponentials.
[[nodiscard]] Expression private_loss(const MlpSettings& settings, TaskKind kind);

// Between tensors an optimizer may leave anything, 0/0 say; nobody reads it, and a file should not hold it.
void close_gaps(const ParameterLayout& layout, std::vector<float>& w);

// The training step that the settings ask for.
[[nodiscard]] StepSpec make_step(const MlpSettings& settings, const NetSpec& net, const Target& target,
                                 const Expression& optimizer, const TrainingRows& rows);
// The settings' own, or that of the named optimizer; 0 where a race has to find one.
[[nodiscard]] double learning_rate_of(const MlpSettings& settings, const ResolvedPart& optimizer);
[[nodiscard]] Initialization initialization_of(std::string_view text);

// y of other labels, on the same scale.
[[nodiscard]] std::vector<float> scaled_labels(const Answer& answer, const Labels& labels);

// Rows per step and epochs where the settings leave them open.
[[nodiscard]] std::size_t choose_batch(const MlpSettings& settings, std::size_t rows);
[[nodiscard]] std::size_t choose_epochs(const MlpSettings& settings, std::size_t rows, std::size_t batch);

}  // namespace astrolabe::neural
