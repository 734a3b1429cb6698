// SPDX-License-Identifier: Apache-2.0
// The slope and the curvature of a loss, at any weights: g, and H v without ever building H.
//
//   LossSurface surface({.spec = spec, .layout = layout, .rows = rows, .bins = bins});
//   const std::vector<std::int32_t> all = every_row(spec);
//   const double loss = surface.gradient(w, all, g);    // g [layout.size]
//   surface.hessian_times(w, all, v, hv);               // hv = H(w) v
//
// H v is the gradient of <g, v> by the weights, v held fixed (Pearlmutter, "Fast exact multiplication by the
// Hessian", Neural Computation 1994; here reverse over reverse, since gradients are nodes and can be asked
// for theirs). The loss is the mean over a batch as a step has it, batch normalization by the batch's own
// statistics, without dropout, smoothing, weight decay and changes of pictures. Where an activation has a
// corner its second derivative counts as 0 there: of relu nets H is that of the straight pieces.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "astrolabe/runtime/executable.h"
#include "astrolabe/runtime/program.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe {

// Inputs of a step (programs.h), state "w" read only. Outputs: the mean loss, and its gradient f32
// [layout.size], zero in the gaps.
[[nodiscard]] Program gradient_program(const StepSpec& spec, const ParameterLayout& layout);
// The same with an input "v" f32 [layout.size], and a third output H v f32 [layout.size].
[[nodiscard]] Program hessian_program(const StepSpec& spec, const ParameterLayout& layout);

// 0, 1, ..., spec.rows - 1: the batch that is all rows.
[[nodiscard]] std::vector<std::int32_t> every_row(const StepSpec& spec);

// Of the setup numbers, steps and key do not matter. `batch` below is spec.batch rows, repeats are fine;
// spans of weights are [layout.size]. The same bytes for any pool, tier and instruction set. Not thread-safe.
// Cost: of gradient() about that of a training step, of hessian_times() two to three; the latter's program is
// built by its first call.
class LossSurface {
 public:
  explicit LossSurface(const TrainerSetup& setup);

  // Returns the mean loss.
  double gradient(std::span<const float> w, std::span<const std::int32_t> batch, std::span<float> g);
  double hessian_times(std::span<const float> w, std::span<const std::int32_t> batch,
                       std::span<const float> v, std::span<float> product);

 private:
  [[nodiscard]] std::unique_ptr<Execution> bound(const Program& program) const;
  void feed(Execution& run, std::span<const float> w, std::span<const std::int32_t> batch);

  StepSpec spec_;
  ParameterLayout layout_;
  TrainingRows rows_;
  NetBins bins_;
  CompileOptions options_;
  ThreadPool* pool_;
  std::vector<float> pictures_;  // of a batch
  std::unique_ptr<Execution> gradient_, hessian_;
};

}  // namespace astrolabe
