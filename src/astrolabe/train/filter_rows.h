// SPDX-License-Identifier: Apache-2.0
// Gradients of single pictures by the filters of a convolution, without training one picture at a time: their
// squared norms, and their sum with each picture scaled by a factor of its own.
//
//   const FilterUse use{.x = x, .slopes = slopes, .filters = Shape{3, 3, 16, 32}, .how = how};
//   const NodeId squares = filter_square_norms(graph, use);     // f32 [n]
//   const NodeId sum = scaled_filter_sum(graph, use, factors);  // of the filters' shape
//
// With T windows of d = kh kw c numbers in a picture's matrix U [T, d], and its slopes B [T, f], a picture's
// gradient is U' B [d, f]. Its squared norm is the sum of (U U') * (B B'), element by element, 2 T^2 numbers
// a picture, without the gradient; or the gradient is formed, d f numbers a picture. Few windows of many
// numbers (late layers) take the former, many windows of few (early ones) the latter (Bu, Mao, Xu, "Scalable
// and efficient training of large convolutional neural networks with differential privacy", NeurIPS 2022:
// mixed ghost clipping). The clipped sum is one gradient of the whole batch whose slopes are scaled picture
// by picture (Bu et al., ICML 2023: book-keeping), as private_step.h has it for dense layers; of gradients
// that are there it is their sum.
#pragma once

#include <cmath>
#include <limits>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

// A convolution as its gradient sees it: what it read, the loss's slopes by its raw results.
struct FilterUse {
  NodeId x = kNoNode;       // f32 [n, h, w, c]
  NodeId slopes = kNoNode;  // f32 [n, oh, ow, f], of a loss that is a sum over pictures
  Shape filters;            // [kh, kw, c, f]
  ConvolveShape how;
  // Where gradients are formed they are brought within it, NaN to its lower end; infinite: as they are.
  double most = std::numeric_limits<double>::infinity();
};

enum class NormRoad : std::uint8_t { products_of_windows, gradients };

// By the numbers that it keeps. Pure.
[[nodiscard]] NormRoad cheaper_road(const Graph& graph, const FilterUse& use);

// f32 [n]: of each picture's gradient by the filters. Both roads give the same numbers but for rounding.
[[nodiscard]] NodeId filter_square_norms(Graph& graph, const FilterUse& use, NormRoad road);
[[nodiscard]] NodeId filter_square_norms(Graph& graph, const FilterUse& use);
// f32 [n]: of each picture's gradient by a bias [f] that is added at every place.
[[nodiscard]] NodeId channel_square_norms(Graph& graph, const FilterUse& use);

// The sum over pictures of factor times gradient: by the filters, and by the bias [f]. factors f32 [n].
[[nodiscard]] NodeId scaled_filter_sum(Graph& graph, const FilterUse& use, NodeId factors, NormRoad road);
[[nodiscard]] NodeId scaled_filter_sum(Graph& graph, const FilterUse& use, NodeId factors);
[[nodiscard]] NodeId scaled_channel_sum(Graph& graph, const FilterUse& use, NodeId factors);

}  // namespace astrolabe
