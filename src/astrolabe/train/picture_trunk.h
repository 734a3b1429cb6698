// SPDX-License-Identifier: Apache-2.0
// The convolutional part of a net, for pictures of one size: what it is, how large what flows through it is,
// and which parameters it has.
//
//   const PictureTrunk trunk{.picture = {28, 28, 1}, .blocks =
//   parse_picture_architecture("conv3x32-gap").blocks}; trunk.features()               // 32 numbers per
//   picture shapes_of(trunk)[1]            // {28, 28, 32}: behind the first block parameters_of(trunk, relu)
//   // "p0.w" [3, 3, 1, 32], "p0.b" [32]
//
// To the rest of a net it is one more input: its features stand beside the numbers and vectors that the first
// dense layer reads (net.h).
#pragma once

#include <vector>

#include "astrolabe/graph/expression.h"
#include "astrolabe/tensor/shape.h"
#include "astrolabe/train/picture_architecture.h"

namespace astrolabe {

// Over a batch and all places (Ioffe and Szegedy, ICML 2015), over a picture (Ba et al., 2016), over groups
// of channels of a picture (Wu and He, "Group normalization", ECCV 2018).
enum class PictureNormalization : std::uint8_t { none, batch, layer, group };

// At most so many groups, as many as divide the channels evenly.
inline constexpr std::size_t kNormGroups = 8;

// Of what flows between blocks: [rows, height, width, channels].
struct PictureSize {
  std::size_t height = 0, width = 0, channels = 0;

  [[nodiscard]] std::size_t count() const { return height * width * channels; }
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

struct PictureTrunk {
  PictureSize picture = {};  // none: the net reads no picture
  std::vector<PictureBlock> blocks = {};
  PictureNormalization normalization = PictureNormalization::none;

  [[nodiscard]] bool is_there() const { return picture.count() > 0; }
  // Numbers that the rest of the net reads of a picture; 0 without one.
  [[nodiscard]] std::size_t features() const;
};

// [blocks + 1]: the picture, then what comes out of each block. Throws usage_error when pooling leaves
// nothing.
[[nodiscard]] std::vector<PictureSize> shapes_of(const PictureTrunk& trunk);
// Which of those a block reads: the one in front first, if it reads that, then the others.
[[nodiscard]] std::vector<std::size_t> sources_of(const PictureTrunk& trunk, std::size_t block);
// What a convolution reads: its sources side by side.
[[nodiscard]] PictureSize input_of(const PictureTrunk& trunk, std::span<const PictureSize> shapes,
                                   std::size_t block);
[[nodiscard]] std::size_t norm_groups(PictureNormalization normalization, std::size_t channels);

// Like a parameter of net.h, before it has a place.
struct TrunkParameter {
  enum class Role : std::uint8_t { filters, closing_filters, bias, scale, trainable };
  std::string name;  // of block i: "pI.w", "pI.b" or "pI.norm.scale" and "pI.norm.shift", "pI.alpha"; of the
                     // second convolution of a residual block "pI.w1", "pI.b1", of its way past them "pI.w2";
                     // of edge e of a cell "pI.eE.w"
  Role role = Role::filters;
  Shape shape;
  double initial = 0;
  bool is_normalised = false;  // a scale over a batch, which has running statistics
};
// In the order in which the net meets them.
[[nodiscard]] std::vector<TrunkParameter> parameters_of(const PictureTrunk& trunk,
                                                        const Expression& activation);

}  // namespace astrolabe
