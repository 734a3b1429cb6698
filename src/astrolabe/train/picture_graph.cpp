// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/picture_graph.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

using Kind = PictureBlock::Kind;

constexpr double kNormEpsilon = 1e-5;

class TrunkPlacer {
 public:
  TrunkPlacer(Graph& graph, const PictureTrunk& trunk, NodeId pictures, const TrunkTools& tools)
      : graph_(graph), trunk_(trunk), tools_(tools), values_{pictures} {}

  NodeId place() {
    for (std::size_t i = 0; i < trunk_.blocks.size(); ++i) values_.push_back(block(i));
    const Shape& shape = graph_.shape(values_.back());
    return graph_.reshape(values_.back(), Shape{shape[0], shape[1] * shape[2] * shape[3]});
  }

 private:
  NodeId block(std::size_t i) {
    const PictureBlock& block = trunk_.blocks[i];
    const std::string name = fmt::format("p{}", i);
    const NodeId h = values_[i];
    switch (block.kind) {
      case Kind::convolution:
        return activate(convolve(inputs_of(i), name, block.stride), name);
      case Kind::residual: {
        const NodeId inner = activate(convolve(h, name, block.stride), name);
        return graph_.add(past(block, h, name), biased(filter(inner, name + ".w1", 1), name + ".b1"));
      }
      case Kind::cell:
        return cell(block, h, name);
      case Kind::max_pool:
        return pool(h, block.stride, ReduceKind::maximum);
      case Kind::average_pool:
        return mean_pool(h, block.stride);
      case Kind::global_pool: {
        std::vector<NodeId> means;
        for (const std::size_t source : sources_of(trunk_, i)) means.push_back(whole_mean(values_[source]));
        return means.size() == 1 ? means[0] : graph_.concat(means, 3);
      }
    }
    return h;
  }

  NodeId whole_mean(NodeId h) {
    const Shape shape = graph_.shape(h);
    const auto places = static_cast<double>(shape[1] * shape[2]);
    const NodeId mean = graph_.multiply(graph_.sum(h, {1, 2}), graph_.constant(1 / places));
    return graph_.reshape(mean, Shape{shape[0], 1, 1, shape[3]});
  }

  NodeId mean_pool(NodeId h, std::size_t size) {
    const auto places = static_cast<double>(size * size);
    return graph_.multiply(pool(h, size, ReduceKind::add), graph_.constant(1 / places));
  }

  // What a residual block adds to: what comes in, or what it is behind a stride or in another width. Zeros
  // fill up what is no whole number of strides.
  NodeId past(const PictureBlock& block, NodeId h, const std::string& name) {
    if (block.filters == 0) return h;
    if (block.stride > 1) {
      const Shape shape = graph_.shape(h);
      const auto missing = [&](std::size_t size) {
        return (block.stride - size % block.stride) % block.stride;
      };
      constexpr std::array<std::size_t, 4> kNone{};
      const std::array<std::size_t, 4> behind{0, missing(shape[1]), missing(shape[2]), 0};
      if (behind != kNone) h = graph_.pad(h, kNone, behind);
      h = mean_pool(h, block.stride);
    }
    return filter(h, name + ".w2", 1);
  }

  // What a convolution reads: its sources side by side.
  NodeId inputs_of(std::size_t i) {
    std::vector<NodeId> parts;
    for (const std::size_t source : sources_of(trunk_, i)) parts.push_back(values_[source]);
    if (parts.size() == 1) return parts[0];
    std::size_t height = 0, width = 0;
    for (const NodeId part : parts) {
      height = std::max(height, graph_.shape(part)[1]);
      width = std::max(width, graph_.shape(part)[2]);
    }
    for (NodeId& part : parts) {
      const Shape shape = graph_.shape(part);
      if (shape[1] == height && shape[2] == width) continue;
      constexpr std::array<std::size_t, 4> kNone{};
      const std::array<std::size_t, 4> behind{0, height - shape[1], width - shape[2], 0};
      part = graph_.pad(part, kNone, behind);
    }
    return graph_.concat(parts, 3);
  }

  NodeId filter(NodeId h, std::string_view filters, std::size_t stride) {
    const NodeId w = tools_.parameter(filters);
    const auto step = static_cast<std::int32_t>(stride);
    const auto high = static_cast<std::int32_t>(graph_.shape(w)[0] / 2),
               wide = static_cast<std::int32_t>(graph_.shape(w)[1] / 2);
    const ConvolveShape how{.stride = {step, step}, .before = {high, wide}, .after = {high, wide}};
    const NodeId answers = graph_.convolve(h, w, how);
    if (tools_.filtered) tools_.filtered(filters, h, answers, how);
    return answers;
  }

  // Filters, then the normalization or the bias that belongs to them.
  NodeId convolve(NodeId h, const std::string& name, std::size_t stride) {
    const NodeId filtered = filter(h, name + ".w", stride);
    if (trunk_.normalization == PictureNormalization::none) return biased(filtered, name + ".b");
    const Shape shape = graph_.shape(filtered);
    const NodeId plain = trunk_.normalization == PictureNormalization::batch
                             ? tools_.over_rows(places_of(filtered))
                             : places_of(over_groups(filtered));
    const NodeId scaled = graph_.multiply(plain, at_places(name + ".norm.scale", plain));
    return graph_.reshape(graph_.add(scaled, at_places(name + ".norm.shift", plain)), shape);
  }

  // [places, channels] of [rows, height, width, channels]
  NodeId places_of(NodeId h) {
    const Shape& shape = graph_.shape(h);
    return graph_.reshape(h, Shape{shape[0] * shape[1] * shape[2], shape[3]});
  }

  NodeId at_places(std::string_view name, NodeId like) { return tools_.spread(name, graph_.shape(like)[0]); }

  NodeId biased(NodeId h, std::string_view name) {
    const Shape shape = graph_.shape(h);
    const NodeId plain = places_of(h);
    return graph_.reshape(graph_.add(plain, at_places(name, plain)), shape);
  }

  NodeId activate(NodeId h, const std::string& name) {
    const Shape shape = graph_.shape(h);
    return graph_.reshape(tools_.activate(places_of(h), name), shape);
  }

  // Each picture by itself, over all its places, groups of channels apart.
  NodeId over_groups(NodeId h) {
    const Shape shape = graph_.shape(h);
    const std::size_t groups = norm_groups(trunk_.normalization, shape[3]);
    const std::size_t each = shape[3] / groups, places = shape[1] * shape[2];
    const Shape grouped{shape[0], places, groups, each};
    const auto mean_of = [&](NodeId values) {
      const NodeId share = graph_.constant(1.0 / static_cast<double>(places * each));
      const NodeId mean = graph_.multiply(graph_.sum(values, {1, 3}), share);
      return graph_.reshape(mean, Shape{shape[0], 1, groups, 1});
    };
    const NodeId values = graph_.reshape(h, grouped);
    const NodeId centred = graph_.subtract(values, graph_.expand(mean_of(values), grouped));
    const NodeId variance = mean_of(graph_.multiply(centred, centred));
    const NodeId deviation = graph_.math("sqrt", graph_.add(variance, graph_.constant(kNormEpsilon)));
    return graph_.reshape(graph_.divide(centred, graph_.expand(deviation, grouped)), shape);
  }

  // The largest, or the sum, of every `size` x `size` places; what is left over at the edges is dropped.
  NodeId pool(NodeId h, std::size_t size, ReduceKind kind) {
    const Shape shape = graph_.shape(h);
    const std::size_t high = shape[1] / size, wide = shape[2] / size;
    constexpr std::array<std::size_t, 4> kNone{};
    const NodeId whole = graph_.slice(h, kNone, Shape{shape[0], high * size, wide * size, shape[3]});
    const NodeId windows = graph_.reshape(whole, Shape{shape[0], high, size, wide, size, shape[3]});
    return graph_.reduce(kind, windows, std::array<std::size_t, 2>{2, 4});
  }

  // The mean of the 3 x 3 places around each one that are inside the picture.
  NodeId average3(NodeId h) {
    NodeId sum = h;
    for (const std::size_t axis : {1UL, 2UL}) {
      const Shape shape = graph_.shape(sum);
      std::array<std::size_t, 4> one{};
      one[axis] = 1;
      const NodeId padded = graph_.pad(sum, one, one);
      std::array<std::size_t, 4> begin{};
      const NodeId before = graph_.slice(padded, begin, shape);
      begin[axis] = 2;
      sum = graph_.add(graph_.add(before, sum), graph_.slice(padded, begin, shape));
    }
    const Shape shape = graph_.shape(h);
    return graph_.multiply(sum,
                           graph_.multiply(one_over_neighbours(shape, 1), one_over_neighbours(shape, 2)));
  }

  // 1 over how many of three neighbours along an axis are inside.
  NodeId one_over_neighbours(const Shape& shape, std::size_t axis) {
    const auto size = static_cast<double>(shape[axis]);
    if (size == 1) return graph_.constant(1);
    const NodeId place = graph_.iota(ElementType::f32, shape, axis);
    const NodeId from_edge = graph_.minimum(place, graph_.subtract(graph_.constant(size - 1), place));
    return graph_.select(graph_.less(from_edge, graph_.constant(0.5)), graph_.constant(1.0 / 2),
                         graph_.constant(1.0 / 3));
  }

  NodeId cell(const PictureBlock& block, NodeId h, const std::string& name) {
    std::array<NodeId, kCellNodes> nodes{h, kNoNode, kNoNode, kNoNode};
    std::size_t edge = 0;
    for (std::size_t to = 1; to < kCellNodes; ++to)
      for (std::size_t from = 0; from < to; ++from, ++edge) {
        const NodeId value = along(block.edges[edge], nodes[from], name, edge);
        if (value == kNoNode) continue;
        nodes[to] = nodes[to] == kNoNode ? value : graph_.add(nodes[to], value);
      }
    if (nodes.back() != kNoNode) return nodes.back();
    const Shape shape = graph_.shape(h);  // nothing leads out of the cell
    return graph_.expand(graph_.reshape(graph_.constant(0), Shape{1, 1, 1, 1}), shape);
  }

  // A node that nothing leads to counts as zeros, which convolutions still shift.
  NodeId along(CellOperation operation, NodeId from, const std::string& name, std::size_t edge) {
    if (operation == CellOperation::none) return kNoNode;
    if (from == kNoNode && operation != CellOperation::convolve1 && operation != CellOperation::convolve3)
      return kNoNode;
    if (from == kNoNode) {
      const Shape shape = graph_.shape(values_.back());
      from = graph_.expand(graph_.reshape(graph_.constant(0), Shape{1, 1, 1, 1}), shape);
    }
    if (operation == CellOperation::skip) return from;
    if (operation == CellOperation::average3) return average3(from);
    return convolve(activate(from, name), fmt::format("{}.e{}", name, edge), 1);
  }

  Graph& graph_;
  const PictureTrunk& trunk_;
  const TrunkTools& tools_;
  std::vector<NodeId> values_;  // the picture, then what comes out of each block
};

}  // namespace

NodeId place_trunk(Graph& graph, const PictureTrunk& trunk, NodeId pictures, const TrunkTools& tools) {
  return TrunkPlacer(graph, trunk, pictures, tools).place();
}

}  // namespace astrolabe
