// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/filter_rows.h"

#include <array>
#include <vector>

namespace astrolabe {
namespace {

struct Sizes {
  std::size_t pictures, places, window, filters;  // n, T, d, f
};

Sizes sizes_of(const Graph& graph, const FilterUse& use) {
  const Shape& slopes = graph.shape(use.slopes);
  return {.pictures = slopes[0],
          .places = slopes[1] * slopes[2],
          .window = use.filters[0] * use.filters[1] * use.filters[2],
          .filters = use.filters[3]};
}

NodeId squares_per_picture(Graph& graph, NodeId values) {
  const Shape& shape = graph.shape(values);
  const NodeId flat = graph.reshape(values, Shape{shape[0], shape.element_count() / shape[0]});
  return graph.sum(graph.multiply(flat, flat), {1});
}

// f32 [n, T, d]: the numbers of every window of every picture, in the filters' order.
NodeId windows(Graph& graph, const FilterUse& use) {
  const Sizes sizes = sizes_of(graph, use);
  const auto size = [](std::int32_t value) { return static_cast<std::size_t>(value); };
  const std::array<std::size_t, 4> before{0, size(use.how.before[0]), size(use.how.before[1]), 0};
  const std::array<std::size_t, 4> behind{0, size(use.how.after[0]), size(use.how.after[1]), 0};
  const NodeId padded = graph.pad(use.x, before, behind);
  const Shape slopes = graph.shape(use.slopes);
  const std::array<std::size_t, 4> steps{1, size(use.how.stride[0]), size(use.how.stride[1]), 1};
  std::vector<NodeId> parts;
  for (std::size_t down = 0; down < use.filters[0]; ++down) {
    for (std::size_t across = 0; across < use.filters[1]; ++across) {
      const std::array<std::size_t, 4> begin{0, down, across, 0};
      const Shape shape{sizes.pictures, slopes[1], slopes[2], use.filters[2]};
      parts.push_back(graph.slice(padded, begin, shape, steps));
    }
  }
  return graph.reshape(graph.concat(parts, 3), Shape{sizes.pictures, sizes.places, sizes.window});
}

// f32 [n, kh, kw, c, f]: a batch of convolutions with one picture each.
NodeId gradients(Graph& graph, const FilterUse& use) {
  const auto alone = [&](NodeId node) {
    const Shape shape = graph.shape(node);
    return graph.reshape(node, Shape{shape[0], 1, shape[1], shape[2], shape[3]});
  };
  const Shape filters{graph.shape(use.x)[0], use.filters[0], use.filters[1], use.filters[2], use.filters[3]};
  const NodeId formed = graph.convolve_filters(alone(use.x), alone(use.slopes), filters, use.how);
  if (std::isinf(use.most)) return formed;
  return graph.minimum(graph.maximum(formed, graph.constant(-use.most)), graph.constant(use.most));
}

NodeId scaled_slopes(Graph& graph, const FilterUse& use, NodeId factors) {
  const Shape shape = graph.shape(use.slopes);
  return graph.multiply(use.slopes, graph.expand(graph.reshape(factors, Shape{shape[0], 1, 1, 1}), shape));
}

}  // namespace

NormRoad cheaper_road(const Graph& graph, const FilterUse& use) {
  const Sizes sizes = sizes_of(graph, use);
  const bool is_small = 2 * sizes.places * sizes.places < sizes.window * sizes.filters;
  return is_small ? NormRoad::products_of_windows : NormRoad::gradients;
}

NodeId filter_square_norms(Graph& graph, const FilterUse& use, NormRoad road) {
  const Sizes sizes = sizes_of(graph, use);
  if (road == NormRoad::products_of_windows) {
    const NodeId inputs = windows(graph, use);
    const NodeId slopes = graph.reshape(use.slopes, Shape{sizes.pictures, sizes.places, sizes.filters});
    const NodeId both =
        graph.multiply(graph.dot(inputs, inputs, false, true), graph.dot(slopes, slopes, false, true));
    return graph.sum(both, {1, 2});
  }
  return squares_per_picture(graph, gradients(graph, use));
}

NodeId filter_square_norms(Graph& graph, const FilterUse& use) {
  return filter_square_norms(graph, use, cheaper_road(graph, use));
}

NodeId channel_square_norms(Graph& graph, const FilterUse& use) {
  return squares_per_picture(graph, graph.sum(use.slopes, {1, 2}));
}

NodeId scaled_filter_sum(Graph& graph, const FilterUse& use, NodeId factors, NormRoad road) {
  if (road == NormRoad::products_of_windows)
    return graph.convolve_filters(use.x, scaled_slopes(graph, use, factors), use.filters, use.how);
  const std::size_t pictures = graph.shape(factors)[0];
  const NodeId rows = graph.reshape(gradients(graph, use), Shape{pictures, use.filters.element_count()});
  return graph.reshape(graph.dot(graph.reshape(factors, Shape{1, pictures}), rows), use.filters);
}

NodeId scaled_filter_sum(Graph& graph, const FilterUse& use, NodeId factors) {
  return scaled_filter_sum(graph, use, factors, cheaper_road(graph, use));
}

NodeId scaled_channel_sum(Graph& graph, const FilterUse& use, NodeId factors) {
  return graph.sum(scaled_slopes(graph, use, factors), {0, 1, 2});
}

}  // namespace astrolabe
