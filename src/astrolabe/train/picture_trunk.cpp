// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/picture_trunk.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

using Kind = PictureBlock::Kind;
using Role = TrunkParameter::Role;

class ParameterList {
 public:
  ParameterList(const PictureTrunk& trunk, const Expression& activation)
      : trunk_(trunk), activation_(activation), shapes_(shapes_of(trunk)) {}

  std::vector<TrunkParameter> list() {
    for (std::size_t i = 0; i < trunk_.blocks.size(); ++i) {
      const PictureBlock& block = trunk_.blocks[i];
      const std::string name = fmt::format("p{}", i);
      const std::size_t channels = shapes_[i].channels, filters = shapes_[i + 1].channels;
      switch (block.kind) {
        case Kind::convolution:
          convolution(name, Shape{block.height, block.width, input_of(trunk_, shapes_, i).channels, filters});
          break;
        case Kind::residual:
          convolution(name, Shape{3, 3, channels, filters});
          add(name + ".w1", Role::closing_filters, Shape{3, 3, filters, filters});
          add(name + ".b1", Role::bias, Shape{filters});
          if (block.filters > 0) add(name + ".w2", Role::filters, Shape{1, 1, channels, filters});
          break;
        case Kind::cell:
          cell(block, name, channels);
          break;
        case Kind::max_pool:
        case Kind::average_pool:
        case Kind::global_pool:
          continue;
      }
      for (const Expression::Trainable& constant : activation_.trainables)
        add(name + "." + constant.name, Role::trainable, Shape{1}, constant.initial);
    }
    return std::move(parameters_);
  }

 private:
  void add(std::string name, Role role, const Shape& shape, double initial = 0) {
    parameters_.push_back({.name = std::move(name), .role = role, .shape = shape, .initial = initial});
  }

  // Filters and what follows them: a normalization, which has a shift of its own, or a bias.
  void convolution(const std::string& name, const Shape& shape) {
    add(name + ".w", Role::filters, shape);
    if (trunk_.normalization == PictureNormalization::none)
      return add(name + ".b", Role::bias, Shape{shape[3]});
    add(name + ".norm.scale", Role::scale, Shape{shape[3]}, 1);
    parameters_.back().is_normalised = trunk_.normalization == PictureNormalization::batch;
    add(name + ".norm.shift", Role::bias, Shape{shape[3]});
  }

  void cell(const PictureBlock& block, const std::string& name, std::size_t channels) {
    for (std::size_t edge = 0; edge < kCellEdges; ++edge) {
      const CellOperation operation = block.edges[edge];
      if (operation != CellOperation::convolve1 && operation != CellOperation::convolve3) continue;
      const std::size_t size = operation == CellOperation::convolve3 ? 3 : 1;
      convolution(fmt::format("{}.e{}", name, edge), Shape{size, size, channels, channels});
    }
  }

  const PictureTrunk& trunk_;
  const Expression& activation_;
  std::vector<PictureSize> shapes_;
  std::vector<TrunkParameter> parameters_;
};

}  // namespace

std::size_t PictureTrunk::features() const {
  return is_there() ? shapes_of(*this).back().count() : 0;
}

std::vector<std::size_t> sources_of(const PictureTrunk& trunk, std::size_t block) {
  std::vector<std::size_t> sources;
  if (trunk.blocks[block].reads_front) sources.push_back(block);
  sources.insert(sources.end(), trunk.blocks[block].also.begin(), trunk.blocks[block].also.end());
  return sources;
}

PictureSize input_of(const PictureTrunk& trunk, std::span<const PictureSize> shapes, std::size_t block) {
  PictureSize input;
  for (const std::size_t source : sources_of(trunk, block)) {
    input.height = std::max(input.height, shapes[source].height);
    input.width = std::max(input.width, shapes[source].width);
    input.channels += shapes[source].channels;
  }
  return input;
}

std::vector<PictureSize> shapes_of(const PictureTrunk& trunk) {
  std::vector<PictureSize> shapes{trunk.picture};
  const auto parts = [](std::size_t size, std::size_t stride) { return (size + stride - 1) / stride; };
  for (std::size_t i = 0; i < trunk.blocks.size(); ++i) {
    const PictureBlock& block = trunk.blocks[i];
    PictureSize size = shapes.back();
    if (block.kind == Kind::convolution) {
      size = input_of(trunk, shapes, i);
      size = {parts(size.height, block.stride), parts(size.width, block.stride), block.filters};
    } else if (block.kind == Kind::max_pool || block.kind == Kind::average_pool) {
      if (size.height < block.stride || size.width < block.stride)
        throw usage_error(
            {.attempted = "building a net of pictures",
             .expected = fmt::format("at least {} x {} places to pool", block.stride, block.stride),
             .found = fmt::format("{} x {} behind {} blocks, of pictures of {} x {}", size.height, size.width,
                                  i, trunk.picture.height, trunk.picture.width),
             .remedy = "Pool less, or leave strides out."});
      size.height /= block.stride;
      size.width /= block.stride;
    } else if (block.kind == Kind::residual && block.filters > 0) {
      size = {parts(size.height, block.stride), parts(size.width, block.stride), block.filters};
    } else if (block.kind == Kind::global_pool) {
      size = {1, 1, input_of(trunk, shapes, i).channels};
    }
    shapes.push_back(size);
  }
  return shapes;
}

std::size_t norm_groups(PictureNormalization normalization, std::size_t channels) {
  return normalization == PictureNormalization::group ? std::gcd(channels, kNormGroups) : 1;
}

std::vector<TrunkParameter> parameters_of(const PictureTrunk& trunk, const Expression& activation) {
  if (!trunk.is_there()) return {};
  return ParameterList(trunk, activation).list();
}

}  // namespace astrolabe
