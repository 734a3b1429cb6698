// SPDX-License-Identifier: Apache-2.0
// A fitted kernel machine: how rows become features, and the coefficients on them.
//
//   const std::unique_ptr<const Model> model = make_kernel_model(std::move(parts));
//   model->summary();   // "ridge regression on 1,000 orthogonal features of the gaussian kernel, ..."
#pragma once

#include <memory>
#include <vector>

#include "astrolabe/learners/kernel/approximation.h"
#include "astrolabe/learners/kernel/featurizer.h"
#include "astrolabe/learners/kernel/head.h"
#include "astrolabe/model/learner.h"

namespace astrolabe::kernel {

struct KernelParts {
  KernelChoice choice;
  Featurizer featurizer;
  double length = 1;     // the median length between rows, in units of the features
  double bandwidth = 1;  // of that length; 0: a length for each column
  ApproximationError error;
  Response response;
  double penalty = 0;
  bool cut_short = false;
  std::vector<float> coefficients;  // [width, outputs]
  std::vector<double> importance;   // [features]
};

[[nodiscard]] std::unique_ptr<const Model> make_kernel_model(KernelParts parts);
// Throws bad_input for anything that save would not have written.
[[nodiscard]] std::unique_ptr<const Model> load_kernel_model(ArchiveReader& archive, std::size_t features,
                                                             std::size_t outputs);

// scores [rows, outputs] of x [rows, inputs]. A row's do not depend on its neighbours.
void score_inputs(const Featurizer& featurizer, std::span<const float> coefficients, std::span<const float> x,
                  std::size_t rows, std::span<float> scores, MapWork& work);

}  // namespace astrolabe::kernel
