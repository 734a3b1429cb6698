// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "astrolabe/graph/element_visit.h"
#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/op_families.h"
#include "astrolabe/graph/refusal.h"
#include "astrolabe/graph/threefry.h"
#include "astrolabe/tensor/narrow_float.h"

namespace astrolabe::ops {

TypedShape infer_bits(const Graph& graph, const NodeDraft& draft) {
  const Node& key = graph[draft.inputs[0]];
  const Shape& wanted = draft.wanted.shape;
  const bool is_one_key = key.shape == Shape{2};
  const bool is_key_per_member =
      key.shape.rank() == 2 && key.shape[1] == 2 && wanted.rank() > 0 && wanted[0] == key.shape[0];
  if (key.type != ElementType::u32 || (!is_one_key && !is_key_per_member))
    throw refusal(graph, draft, "a key u32 [2], or [n, 2] for a result [n, ...]");
  if (draft.wanted.type != ElementType::u32) throw refusal(graph, draft, "a result of type u32");
  if (draft.attributes.value < 0 ||
      draft.attributes.value > static_cast<std::int64_t>(std::numeric_limits<std::uint32_t>::max()))
    throw refusal(graph, draft, "a stream of 32 bits");
  return draft.wanted;
}

Array evaluate_constant(const Evaluation& evaluation) {
  const Node& node = evaluation.node;
  Array result(node.type, node.shape);
  switch (node.type) {
    case ElementType::boolean:
      result.as<bool>()[0] = node.attributes.value != 0;
      break;
    case ElementType::bf16:
      result.as<Bf16>()[0] = to_bf16(static_cast<float>(node.constant_value()));
      break;
    case ElementType::f16:
      result.as<F16>()[0] = to_f16(static_cast<float>(node.constant_value()));
      break;
    default:
      visit_number(node.type, [&]<class T>() {
        if constexpr (std::is_floating_point_v<T>)
          result.as<T>()[0] = static_cast<T>(node.constant_value());
        else
          result.as<T>()[0] = static_cast<T>(node.attributes.value);
      });
  }
  return result;
}

Array evaluate_iota(const Evaluation& evaluation) {
  const Node& node = evaluation.node;
  const auto axis = static_cast<std::size_t>(node.attributes.value);
  const auto stride = static_cast<std::size_t>(node.shape.row_major_strides()[axis]);
  const std::size_t length = node.shape[axis];
  Array result(node.type, node.shape);
  visit_number(node.type, [&]<class T>() {
    const std::span<T> elements = result.as<T>();
    for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = static_cast<T>(i / stride % length);
  });
  return result;
}

Array evaluate_bits(const Evaluation& evaluation) {
  const Node& node = evaluation.node;
  const auto stream = static_cast<std::uint32_t>(node.attributes.value);
  const std::span<const std::uint32_t> keys = evaluation.inputs[0]->as<std::uint32_t>();
  Array result(node.type, node.shape);
  const std::span<std::uint32_t> elements = result.as<std::uint32_t>();
  if (elements.empty()) return result;
  const std::size_t members = keys.size() / 2;  // each has its own key and counts from 0
  const std::size_t each = elements.size() / members;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::size_t member = i / each;
    const auto index = static_cast<std::uint32_t>(i % each);
    elements[i] = threefry({keys[2 * member], keys[2 * member + 1]}, {index, stream})[0];
  }
  return result;
}

}  // namespace astrolabe::ops
