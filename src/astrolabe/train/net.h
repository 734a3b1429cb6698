// SPDX-License-Identifier: Apache-2.0
// What a net is: its inputs, its hidden part and its outputs; and where each of its parameters lies in the
// one vector "w".
//
//   NetSpec net{.numbers = 16, .outputs = 2, .architecture = parse_architecture("64-64"), .activation =
//   relu}; const ParameterLayout layout = layout_of(net); layout.size                       // floats in w,
//   gaps included layout.find("b0.w").offset        // where the first layer's matrix [16, 64] begins
//
// All parameters are one state f32 [size], so that the optimizer is placed once. Every tensor begins at a
// multiple of 16 floats (64 bytes); the floats between are zero and stay zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/graph/expression.h"
#include "astrolabe/tensor/shape.h"
#include "astrolabe/train/architecture.h"
#include "astrolabe/train/picture_trunk.h"

namespace astrolabe {

enum class Normalization : std::uint8_t { none, layer, batch };

// How the first `embedded` numbers enter: as they are; beside cosines of learned frequency (PBLD: Holzmueller
// et al., "Better by default", NeurIPS 2024); beside their places in bins (piecewise linear: Gorishniy et
// al., "On embeddings for numerical features", NeurIPS 2022).
enum class NumericEmbedding : std::uint8_t { none, periodic, piecewise_linear };

struct NetSpec {
  struct Category {
    std::size_t codes = 1;  // an index is in [0, codes); 0 stands for what is not known
    std::size_t width = 1;  // of its vector
  };

  std::size_t numbers = 0;  // columns of x
  std::vector<Category> categories = {};
  std::size_t outputs = 1;
  Architecture architecture = {};
  Expression activation = {};
  Normalization normalization = Normalization::none;
  NumericEmbedding embedding = NumericEmbedding::none;
  std::size_t embedded = 0;  // numbers that are embedded, the first columns of x
  std::size_t bins = 0;      // of each, when piecewise linear
  bool drops = false;       // dropout behind every dense activation, and of a picture's features, in training
  PictureTrunk trunk = {};  // what reads a picture, if any; its features stand behind all other inputs

  // Width of what the first layer reads.
  [[nodiscard]] std::size_t input_width() const;
  // A net without inputs has no hidden part either: it is its output's bias.
  [[nodiscard]] std::size_t hidden_blocks() const {
    return input_width() == 0 ? 0 : architecture.blocks.size();
  }
};

inline constexpr std::size_t kFrequencies = 16;     // cosines per embedded number
inline constexpr std::size_t kPeriodicOutputs = 3;  // what they are mixed down to

struct Parameter {
  // How it begins, and whether weight decay pulls at it.
  enum class Role : std::uint8_t {
    weight,     // a matrix [in, out], or filters [height, width, in, out]
    closing,    // the same, but begins at zero: of outputs, and the second of a residual block
    bias,       // begins at zero
    scale,      // of a normalization: begins at one
    trainable,  // a constant of an activation: begins at `initial`
    embedding,  // a table [codes, width]
    frequency,  // of a periodic embedding
    phase,
    mix,  // [embedded, kFrequencies, kPeriodicOutputs]
  };
  std::string name;
  Role role = Role::weight;
  std::size_t offset = 0;
  Shape shape;
  double initial = 0;

  [[nodiscard]] bool decays() const {
    return role == Role::weight || role == Role::closing || role == Role::mix;
  }
};

struct ParameterLayout {
  std::vector<Parameter> parameters;  // ascending offsets
  std::size_t size = 0;               // floats of w; a multiple of 16
  std::vector<std::size_t> norms;     // width of each batch normalization, in order
  std::size_t running_size = 0;       // floats of "running": mean and variance of each, aligned as in w

  [[nodiscard]] const Parameter& find(std::string_view name) const;  // must be there
  [[nodiscard]] std::size_t count() const;                           // without the gaps
};

[[nodiscard]] std::size_t aligned_floats(std::size_t count);  // the next multiple of 16

// Throws usage_error when the net has more parameters than kMaxParameters.
[[nodiscard]] ParameterLayout layout_of(const NetSpec& net);
inline constexpr std::size_t kMaxParameters = std::size_t{1} << 28;

}  // namespace astrolabe
