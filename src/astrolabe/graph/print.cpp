// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/print.h"

#include <array>
#include <unordered_map>

#include <fmt/format.h>

#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/op.h"
#include "astrolabe/graph/refusal.h"

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, 3> kReduceNames = {"add", "maximum", "minimum"};

std::string numbers(std::span<const std::int32_t> list) {
  return fmt::format("[{}]", fmt::join(list, ", "));
}

std::string reduced_axes(const Node& node) {
  std::vector<std::size_t> axes;
  for (std::size_t i = 0; i < kMaxRank; ++i)
    if (node.attributes.first[i] != 0) axes.push_back(i);
  return fmt::format("[{}]", fmt::join(axes, ", "));
}

// What stands between the operation and what it reads: which function, which reduction.
std::string selector(const Graph& graph, NodeId id) {
  const Node& node = graph[id];
  switch (node.op) {
    case Op::input:
    case Op::state:
    case Op::scalar:
      return fmt::format(" \"{}\"", graph.slot_of(id).name);
    case Op::constant:
      return is_floating(node.type) ? fmt::format(" {}", node.constant_value())
                                    : fmt::format(" {}", node.attributes.value);
    case Op::math:
      return fmt::format(" {}", math_rows()[static_cast<std::size_t>(node.attributes.value)].name);
    case Op::reduce:
      return fmt::format(" {}", kReduceNames[static_cast<std::size_t>(node.attributes.value)]);
    default:
      return "";
  }
}

// What stands behind the inputs.
std::string details(const Node& node) {
  const std::span first(node.attributes.first.data(), node.shape.rank());
  const std::span second(node.attributes.second.data(), node.shape.rank());
  switch (node.op) {
    case Op::iota:
    case Op::concat:
      return fmt::format(" axis {}", node.attributes.value);
    case Op::bits:
      return fmt::format(" stream {}", node.attributes.value);
    case Op::permute:
      return " axes " + numbers(first);
    case Op::pad:
      return " before " + numbers(first) + " behind " + numbers(second);
    case Op::slice:
      return " begin " + numbers(first) + " step " + numbers(second);
    case Op::reduce:
      return " over " + reduced_axes(node);
    case Op::dot:
      return std::string(node.attributes.first[0] != 0 ? " first swapped" : "") +
             (node.attributes.first[1] != 0 ? " second swapped" : "");
    case Op::convolve:
    case Op::convolve_input:
    case Op::convolve_filters: {
      const ConvolveShape how = convolve_shape(node.attributes);
      return " step " + numbers(how.stride) + " before " + numbers(how.before) + " behind " +
             numbers(how.after);
    }
    default:
      return "";
  }
}

}  // namespace

std::string print_graph(const Graph& graph, std::span<const NodeId> roots) {
  std::unordered_map<NodeId, std::size_t> number;
  std::string text;
  const auto list = [&](std::span<const NodeId> ids) {
    std::string joined;
    for (const NodeId id : ids) joined += fmt::format("{}%{}", joined.empty() ? " " : ", ", number.at(id));
    return joined;
  };
  for (const NodeId id : reachable(graph, roots)) {
    const Node& node = graph[id];
    text += fmt::format("%{} = {}{}{}{} : {}\n", number.size(), op_rule(node.op).name, selector(graph, id),
                        list(graph.inputs(id)), details(node), typed_shape_text(node.type, node.shape));
    number.emplace(id, number.size());
  }
  return text + "roots" + list(roots) + "\n";
}

}  // namespace astrolabe
