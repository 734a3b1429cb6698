// SPDX-License-Identifier: Apache-2.0
// What bench_engine is asked to do: the table of workloads.py, in C++, and the numbers to start from.
//
//   const Workload& workload = workloads().at("mid");
//   const StepSpec spec = make_spec(workload);
//   const State state = read_state(spec, layout_of(spec.net), path);
#pragma once

#include <map>
#include <string>
#include <vector>

#include "astrolabe/train/programs.h"

namespace astrolabe {

constexpr std::size_t kBatches = 8;

// step: train a step; clip: the clipped gradients of a batch, or with --plain its gradient; filters: the same
// by the filters of a convolution of pictures of `sizes` height, width, channels to so many filters; apply: a
// function of `sizes[0]` numbers.
enum class Work : std::uint8_t { step, clip, filters, apply };

struct Workload {
  std::vector<std::size_t> sizes;
  std::size_t batch = 1;
  Work work = Work::step;
  std::string loss = "cross_entropy";
  std::string activation = "relu";
  std::string optimizer = "adam(0.9,0.999,1e-8)";

  [[nodiscard]] std::size_t inputs() const;   // numbers in a row of x
  [[nodiscard]] std::size_t weights() const;  // that a file holds
};

[[nodiscard]] const std::map<std::string, Workload>& workloads();

// Of a net. Rows are those of all batches.
[[nodiscard]] StepSpec make_spec(const Workload& workload);

// Weights as in the file of workloads.py: w0, b0, w1, ...; then x and y of every batch.
struct State {
  std::vector<float> weights, x, y;
};
// What workloads.py wrote; ends the program when it cannot be read.
[[nodiscard]] State read_state(const Workload& workload, const std::string& path);
// Of the same kind, for those who only want times.
[[nodiscard]] State make_state(const Workload& workload);

}  // namespace astrolabe
