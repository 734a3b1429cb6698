// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>

#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/op_families.h"
#include "astrolabe/graph/refusal.h"

namespace astrolabe::ops {
namespace {

using Strides = std::array<std::ptrdiff_t, kMaxRank>;

// One side of a copy: where the first element is and how far neighbours are apart, in elements.
struct Lattice {
  std::ptrdiff_t base = 0;
  Strides strides{};
};

// Copies the elements of `shape` from one lattice of a byte array to one of another.
void copy_elements(const Shape& shape, std::size_t width, const std::byte* source, const Lattice& from,
                   std::byte* destination, const Lattice& to) {
  std::array<std::size_t, kMaxRank> index{};
  std::ptrdiff_t source_at = from.base;
  std::ptrdiff_t destination_at = to.base;
  const auto bytes = static_cast<std::ptrdiff_t>(width);
  for (std::size_t count = shape.element_count(); count > 0; --count) {
    std::memcpy(destination + destination_at * bytes, source + source_at * bytes, width);
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
      source_at += from.strides[axis];
      destination_at += to.strides[axis];
      if (++index[axis] < shape[axis]) break;
      source_at -= from.strides[axis] * static_cast<std::ptrdiff_t>(shape[axis]);
      destination_at -= to.strides[axis] * static_cast<std::ptrdiff_t>(shape[axis]);
      index[axis] = 0;
    }
  }
}

void copy_elements(const Shape& shape, const Array& source, const Lattice& from, Array& destination,
                   const Lattice& to) {
  copy_elements(shape, element_bytes(source.type()), source.bytes().data(), from, destination.bytes().data(),
                to);
}

std::size_t at(const std::array<std::int32_t, kMaxRank>& list, std::size_t i) {
  return static_cast<std::size_t>(list[i]);
}

}  // namespace

TypedShape infer_reshape(const Graph& graph, const NodeDraft& draft) {
  const Node& a = graph[draft.inputs[0]];
  if (a.shape.element_count() != draft.wanted.shape.element_count())
    throw refusal(graph, draft, "as many elements as before");
  return {a.type, draft.wanted.shape};
}

TypedShape infer_permute(const Graph& graph, const NodeDraft& draft) {
  const Node& a = graph[draft.inputs[0]];
  std::array<std::size_t, kMaxRank> dimensions{};
  std::array<bool, kMaxRank> is_used{};
  for (std::size_t i = 0; i < a.shape.rank(); ++i) {
    const std::size_t axis = at(draft.attributes.first, i);
    if (axis >= a.shape.rank() || is_used[axis]) throw refusal(graph, draft, "every axis once");
    is_used[axis] = true;
    dimensions[i] = a.shape[axis];
  }
  return {a.type, Shape(std::span(dimensions.data(), a.shape.rank()))};
}

TypedShape infer_expand(const Graph& graph, const NodeDraft& draft) {
  const Node& a = graph[draft.inputs[0]];
  const Shape& wanted = draft.wanted.shape;
  bool is_fit = wanted.rank() == a.shape.rank();
  for (std::size_t i = 0; is_fit && i < wanted.rank(); ++i)
    is_fit = a.shape[i] == wanted[i] || a.shape[i] == 1;
  if (!is_fit) throw refusal(graph, draft, "the same rank, and other sizes only where the axis has size 1");
  return {a.type, wanted};
}

TypedShape infer_pad(const Graph& graph, const NodeDraft& draft) {
  const Node& a = graph[draft.inputs[0]];
  std::array<std::size_t, kMaxRank> dimensions{};
  for (std::size_t i = 0; i < a.shape.rank(); ++i) {
    if (draft.attributes.first[i] < 0 || draft.attributes.second[i] < 0)
      throw refusal(graph, draft, "padding of 0 or more");
    dimensions[i] = at(draft.attributes.first, i) + a.shape[i] + at(draft.attributes.second, i);
  }
  const auto shape = Shape::from_untrusted(std::span(dimensions.data(), a.shape.rank()));
  if (!shape) throw refusal(graph, draft, "a padded shape whose elements can be counted");
  return {a.type, *shape};
}

TypedShape infer_slice(const Graph& graph, const NodeDraft& draft) {
  const Node& a = graph[draft.inputs[0]];
  const Shape& wanted = draft.wanted.shape;
  bool is_fit = wanted.rank() == a.shape.rank();
  for (std::size_t i = 0; is_fit && i < wanted.rank(); ++i) {
    const std::size_t begin = at(draft.attributes.first, i);
    is_fit = draft.attributes.first[i] >= 0 && draft.attributes.second[i] >= 1;
    if (is_fit && wanted[i] > 0)
      is_fit =
          begin < a.shape[i] && wanted[i] - 1 <= (a.shape[i] - 1 - begin) / at(draft.attributes.second, i);
  }
  if (!is_fit)
    throw refusal(graph, draft, "a slice of the same rank inside its input, with steps of 1 or more");
  return {a.type, wanted};
}

TypedShape infer_concat(const Graph& graph, const NodeDraft& draft) {
  const Node& first = graph[draft.inputs[0]];
  const std::size_t rank = first.shape.rank();
  const auto axis = static_cast<std::size_t>(draft.attributes.value);
  if (axis >= rank) throw refusal(graph, draft, "an axis that the parts have");
  std::array<std::size_t, kMaxRank> dimensions{};
  for (std::size_t i = 0; i < rank; ++i) dimensions[i] = i == axis ? 0 : first.shape[i];
  for (const NodeId input : draft.inputs) {
    const Node& part = graph[input];
    bool is_fit = part.type == first.type && part.shape.rank() == rank;
    for (std::size_t i = 0; is_fit && i < rank; ++i) is_fit = i == axis || part.shape[i] == dimensions[i];
    if (!is_fit) throw refusal(graph, draft, "parts of one type whose other axes are equal");
    dimensions[axis] += part.shape[axis];
  }
  const auto shape = Shape::from_untrusted(std::span(dimensions.data(), rank));
  if (!shape) throw refusal(graph, draft, "a shape whose elements can be counted");
  return {first.type, *shape};
}

Array evaluate_movement(const Evaluation& evaluation) {
  const Node& node = evaluation.node;
  const Array& a = *evaluation.inputs[0];
  if (node.op == Op::reshape) return a.with(node.type, node.shape);
  const Strides strides = a.shape().row_major_strides();
  Array result(node.type, node.shape);
  Lattice from{.base = 0, .strides = strides};
  Lattice to{.base = 0, .strides = node.shape.row_major_strides()};
  const auto& first = node.attributes.first;
  const auto& second = node.attributes.second;
  for (std::size_t i = 0; i < node.shape.rank(); ++i) {
    if (node.op == Op::permute) {
      from.strides[i] = strides[at(first, i)];
    } else if (node.op == Op::expand) {
      if (a.shape()[i] != node.shape[i]) from.strides[i] = 0;
    } else if (node.op == Op::slice) {
      from.base += first[i] * strides[i];
      from.strides[i] = second[i] * strides[i];
    } else {
      to.base += first[i] * to.strides[i];
    }
  }
  copy_elements(node.op == Op::pad ? a.shape() : node.shape, a, from, result, to);
  return result;
}

Array evaluate_concat(const Evaluation& evaluation) {
  const Node& node = evaluation.node;
  const auto axis = static_cast<std::size_t>(node.attributes.value);
  Array result(node.type, node.shape);
  Lattice to{.base = 0, .strides = node.shape.row_major_strides()};
  for (const Array* part : evaluation.inputs) {
    copy_elements(part->shape(), *part, {.base = 0, .strides = part->shape().row_major_strides()}, result,
                  to);
    to.base += static_cast<std::ptrdiff_t>(part->shape()[axis]) * to.strides[axis];
  }
  return result;
}

}  // namespace astrolabe::ops
