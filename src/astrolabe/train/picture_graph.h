// SPDX-License-Identifier: Apache-2.0
// The convolutional part of a net as nodes of a graph.
//
//   const NodeId features = place_trunk(graph, net.trunk, pictures, tools);   // f32 [rows,
//   net.trunk.features()]
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "astrolabe/graph/graph.h"
#include "astrolabe/train/picture_trunk.h"

namespace astrolabe {

// What the rest of the net (net_graph.cpp) does for the trunk, on f32 [places, channels].
struct TrunkTools {
  std::function<NodeId(std::string_view name)> parameter;
  std::function<NodeId(std::string_view name, std::size_t places)> spread;  // a row of numbers, everywhere
  std::function<NodeId(NodeId h)> over_rows;  // batch normalization without scale and shift; asked in order
  std::function<NodeId(NodeId h, const std::string& block)> activate;  // with the block's trained constants
  // Hears of every convolution; may be empty.
  std::function<void(std::string_view filters, NodeId reads, NodeId answers, const ConvolveShape& how)>
      filtered = {};
};

// `pictures` is f32 [rows, height, width, channels].
[[nodiscard]] NodeId place_trunk(Graph& graph, const PictureTrunk& trunk, NodeId pictures,
                                 const TrunkTools& tools);

}  // namespace astrolabe
