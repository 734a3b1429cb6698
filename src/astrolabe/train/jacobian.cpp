// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/jacobian.h"

#include <array>

#include <fmt/format.h>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/vmap.h"
#include "astrolabe/train/net_graph.h"

namespace astrolabe {

Program jacobian_program(const NetSpec& net, const ParameterLayout& layout, std::size_t rows) {
  Program program;
  Graph& graph = program.graph;
  NetInputs one{.rows = 1};
  std::unordered_map<NodeId, NodeId> batched;
  if (net.numbers > 0) {
    one.x = graph.input("x of one", ElementType::f32, Shape{1, net.numbers});
    const NodeId all = graph.input("x", ElementType::f32, Shape{rows, net.numbers});
    batched[one.x] = graph.reshape(all, Shape{rows, 1, net.numbers});
  }
  for (std::size_t i = 0; i < net.categories.size(); ++i) {
    one.codes.push_back(graph.input(fmt::format("code{} of one", i), ElementType::i32, Shape{1}));
    const NodeId all = graph.input(fmt::format("codes{}", i), ElementType::i32, Shape{rows});
    batched[one.codes.back()] = graph.reshape(all, Shape{rows, 1});
  }
  const NetNodes nodes = place_net(graph, net, layout, one);
  std::vector<NodeId> roots = {graph.reshape(nodes.z, Shape{net.outputs})};
  for (std::size_t output = 0; output < net.outputs; ++output) {
    const std::array<std::size_t, 2> begin = {0, output};
    const NodeId z = graph.reshape(graph.slice(nodes.z, begin, Shape{1, 1}), Shape{});
    roots.push_back(join_aligned(graph, gradient(graph, z, nodes.parameters)));
  }
  program.outputs = vmap(graph, roots, rows, batched);
  return program;
}

}  // namespace astrolabe
