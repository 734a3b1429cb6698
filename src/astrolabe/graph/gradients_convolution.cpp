// SPDX-License-Identifier: Apache-2.0
// The three operations are the three derivatives of one form that is linear in each of pictures x, filters w
// and answers y: sum of y * convolve(x, w). So each one's gradients are the other two.
#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/op_families.h"

namespace astrolabe::ops {

std::vector<NodeId> convolve_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const ConvolveShape how = convolve_shape(graph[request.node].attributes);
  const NodeId x = graph.input_of(request.node, 0), filters = graph.input_of(request.node, 1);
  const Shape x_shape = graph.shape(x), filters_shape = graph.shape(filters);
  return {graph.convolve_input(request.gradient, filters, x_shape, how),
          graph.convolve_filters(x, request.gradient, filters_shape, how)};
}

std::vector<NodeId> convolve_input_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const ConvolveShape how = convolve_shape(graph[request.node].attributes);
  const NodeId slopes = graph.input_of(request.node, 0), filters = graph.input_of(request.node, 1);
  const Shape filters_shape = graph.shape(filters);
  return {graph.convolve(request.gradient, filters, how),
          graph.convolve_filters(request.gradient, slopes, filters_shape, how)};
}

std::vector<NodeId> convolve_filters_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const ConvolveShape how = convolve_shape(graph[request.node].attributes);
  const NodeId x = graph.input_of(request.node, 0), slopes = graph.input_of(request.node, 1);
  const Shape x_shape = graph.shape(x);
  return {graph.convolve_input(slopes, request.gradient, x_shape, how),
          graph.convolve(x, request.gradient, how)};
}

}  // namespace astrolabe::ops
