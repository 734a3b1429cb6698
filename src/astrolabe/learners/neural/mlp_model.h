// SPDX-License-Identifier: Apache-2.0
// A fitted net as a Model.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "astrolabe/learners/neural/input_plan.h"
#include "astrolabe/learners/neural/mlp_design.h"
#include "astrolabe/model/fit_curve.h"
#include "astrolabe/model/learner.h"
#include "astrolabe/model/start_map.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe::neural {

// What a model is made of; all of it but the curve, the words on memory and how it started is in its file.
struct MlpParts {
  NetTexts texts;
  InputPlan plan;
  NetBins bins;               // of piecewise linear embeddings
  PictureInput picture = {};  // of nets of pictures (the learner `cnn`)
  Answer answer;
  std::size_t outputs = 1;
  std::vector<float> w;
  std::vector<float> running;
  std::vector<double> importance;  // [features], summing to 1 or all 0
  // How the fit went.
  std::uint64_t epochs = 0;
  std::uint64_t best_epoch = 0;
  double learning_rate = 0;  // that a race found; 0 without one
  double loss = 0;           // on watched rows, else of training
  bool watched = false;
  bool cut_short = false;
  bool diverged = false;
  FitCurve curve = {};
  std::string memory = {};  // what a memory limit asked of the fit
  StartFacts started = {};  // of a fit that went on from another net
};

// Rows that are answered at a time: few, and many.
inline constexpr std::array<std::size_t, 2> kAnswerBlocks{8, 256};

[[nodiscard]] std::unique_ptr<const Model> make_mlp_model(MlpParts parts);
// What a model was made of; null for one of another family. Lives as long as the model.
[[nodiscard]] const MlpParts* parts_of(const Model& model);
// Throws bad_input unless the bytes are a sound model of `features` features and `outputs` outputs, of
// pictures or not.
[[nodiscard]] std::unique_ptr<const Model> load_mlp_model(ArchiveReader& archive, std::size_t features,
                                                          std::size_t outputs, bool reads_pictures = false);

}  // namespace astrolabe::neural
