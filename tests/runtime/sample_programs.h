// SPDX-License-Identifier: Apache-2.0
// Programs for the tests of passes, lowering and the runtime: small ones by hand, and random ones by key.
#pragma once

#include <string>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/graph/array.h"
#include "astrolabe/runtime/program.h"

namespace astrolabe {

struct SampleProgram {
  std::string name;
  Program program;
};

// Every operation, every kind of nest, every way of placing memory.
[[nodiscard]] std::vector<SampleProgram> sample_programs();
// Those of them that convolve.
[[nodiscard]] std::vector<SampleProgram> sample_convolutions();
// A training step of a net of two layers with softmax, weights in one state, Adam.
[[nodiscard]] Program small_training_step(std::size_t batch = 12, std::size_t hidden = 20);
// A step of a small convolutional net: two convolutions with pooling, a dense layer, the square of the error.
[[nodiscard]] Program small_convolution_step(std::size_t batch = 5, std::size_t filters = 6);
// Random numbers for a leaf of a program: the same name has the same ones.
[[nodiscard]] Array sample_numbers(const Slot& slot);
// A random program over some shapes; the same key gives the same program.
[[nodiscard]] Program random_program(Key key);

}  // namespace astrolabe
