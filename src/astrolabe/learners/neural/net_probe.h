// SPDX-License-Identifier: Apache-2.0
// A net of the mlp family opened for a look: on few rows, in whole batches, without anything that makes a
// training random (no dropout, decay, smoothing; a constant schedule).
//
//   const NetProbe probe(data, settings, key, pool);
//   std::vector<float> w = probe.start();
//   w = probe.trained(w, 200, 1e-3);                   // 200 steps of the settings' own optimizer
//   const NetSignal signal = probe.signal(w);          // dead units, gradients by layer
//   const NetLinear linear = probe.linearize(w);       // for a Gauss-Newton step
//
// Loss here is the plain one: half the squared error on the target's scale, or the cross entropy, mean over
// rows; whatever the settings train on. Not thread-safe. Cost: programs compiled as they are needed.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/model/learner.h"

namespace astrolabe {

// Of one hidden layer, from the first.
struct LayerSignal {
  double gradient = 0;  // root mean square over rows, outputs and units of d z / d bias
  double dead = 0;      // share of units that move no output in any row
};
struct NetSignal {
  std::vector<LayerSignal> layers;
  // Gradient of the first layer over that of the last; below 1 it vanishes on its way, above 1 it explodes.
  [[nodiscard]] double ratio() const;
  [[nodiscard]] double most_dead() const;  // of all layers
};

// The outputs as a straight function of the weights, and the loss as a parabola of the outputs. The unit is a
// row and output.
struct NetLinear {
  std::size_t units = 0, parameters = 0;
  std::vector<float> jacobian;  // [units, parameters]
  std::vector<double> slope;    // [units] d loss / d z, of the mean loss
  std::vector<double> bend;     // [units] the second derivative, above 0
};

class NetProbe {
 public:
  // Throws usage_error for settings that are none, and for batch normalization, whose rows depend on each
  // other. Looks at `data` only here.
  NetProbe(const TrainingData& data, const SettingValues& settings, Key key, ThreadPool& pool);
  ~NetProbe();

  [[nodiscard]] std::size_t rows() const;
  [[nodiscard]] std::size_t outputs() const;
  [[nodiscard]] std::size_t parameters() const;  // with the gaps between tensors
  [[nodiscard]] double learning_rate() const;    // of the settings, or their optimizer; 0: raced
  [[nodiscard]] std::vector<float> start() const;
  // Where the settings' optimizer gets in so many steps; what it reached before leaving the finite numbers.
  [[nodiscard]] std::vector<float> trained(std::span<const float> from, std::size_t steps, double rate) const;
  [[nodiscard]] double loss(std::span<const float> w) const;  // infinite where it is no number
  [[nodiscard]] NetLinear linearize(std::span<const float> w) const;
  // Matrices of outputs, which begin at zero, are drawn anew before the look: at zero nothing behind them
  // moves.
  [[nodiscard]] NetSignal signal(std::span<const float> w) const;
  // Of the weights that have a gradient, the share that one step of this rate leaves as they are, bit by bit:
  // what rounding takes.
  [[nodiscard]] double unmoved_share(std::span<const float> w, double rate) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace astrolabe
