// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "astrolabe/graph/element_visit.h"
#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/op_families.h"
#include "astrolabe/graph/refusal.h"

namespace astrolabe::ops {
namespace {

// ---- Reduce.

template <class T>
T identity_of(ReduceKind kind) {
  using Limits = std::numeric_limits<T>;
  if (kind == ReduceKind::add) return T{0};
  if (kind == ReduceKind::maximum) return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  return Limits::has_infinity ? Limits::infinity() : Limits::max();
}

template <class T>
T join(ReduceKind kind, T a, T b) {
  if (kind == ReduceKind::maximum) return a > b ? a : b;
  if (kind == ReduceKind::minimum) return a < b ? a : b;
  if constexpr (std::is_floating_point_v<T>) {
    return a + b;
  } else {
    using Unsigned = std::make_unsigned_t<T>;  // whole numbers wrap
    return static_cast<T>(static_cast<Unsigned>(a) + static_cast<Unsigned>(b));
  }
}

// The block of reduced axes at the end: one value, by lanes and a tree.
template <class T>
T reduce_run(ReduceKind kind, std::span<const T> run) {
  std::array<T, kReductionLanes> lanes;
  lanes.fill(identity_of<T>(kind));
  for (std::size_t i = 0; i < run.size(); ++i) {
    T& lane = lanes[i % kReductionLanes];
    lane = join(kind, lane, run[i]);
  }
  for (std::size_t half = kReductionLanes / 2; half > 0; half /= 2)
    for (std::size_t j = 0; j < half; ++j) lanes[j] = join(kind, lanes[j], lanes[j + half]);
  return lanes[0];
}

// ---- Dot.

struct DotSizes {
  std::size_t batch = 1, m = 0, k = 0, n = 0;
};

DotSizes dot_sizes(const Shape& a, const Shape& b, const Attributes& attributes) {
  DotSizes sizes;
  const std::size_t rank = a.rank();
  for (std::size_t i = 0; i + 2 < rank; ++i) sizes.batch *= a[i];
  const std::size_t swap_a = attributes.first[0] != 0 ? 1 : 0;
  const std::size_t swap_b = attributes.first[1] != 0 ? 1 : 0;
  sizes.m = a[rank - 2 + swap_a];
  sizes.k = a[rank - 1 - swap_a];
  sizes.n = b[rank - 1 - swap_b];
  return sizes;
}

template <class T>
void multiply_matrices(const DotSizes& sizes, const Attributes& attributes, const T* a, const T* b,
                       T* result) {
  const bool swap_a = attributes.first[0] != 0;
  const bool swap_b = attributes.first[1] != 0;
  for (std::size_t i = 0; i < sizes.m; ++i) {
    for (std::size_t j = 0; j < sizes.n; ++j) {
      T sum{0};
      for (std::size_t k = 0; k < sizes.k; ++k) {
        const T left = swap_a ? a[k * sizes.m + i] : a[i * sizes.k + k];
        const T right = swap_b ? b[j * sizes.k + k] : b[k * sizes.n + j];
        sum = std::fma(left, right, sum);
      }
      result[i * sizes.n + j] = sum;
    }
  }
}

// ---- Rows by an index.

std::size_t clamped(std::int32_t index, std::size_t rows) {
  return index < 0 ? 0 : std::min(static_cast<std::size_t>(index), rows - 1);
}

// `shape` with another first size.
std::optional<Shape> with_rows(const Shape& shape, std::size_t rows) {
  std::array<std::size_t, kMaxRank> dimensions{};
  std::ranges::copy(shape.dimensions(), dimensions.begin());
  dimensions[0] = rows;
  return Shape::from_untrusted(std::span(dimensions.data(), shape.rank()));
}

bool is_index(const Node& node) {
  return node.type == ElementType::i32 && node.shape.rank() == 1;
}

}  // namespace

TypedShape infer_reduce(const Graph& graph, const NodeDraft& draft) {
  const Node& a = graph[draft.inputs[0]];
  if (!is_number(a.type)) throw refusal(graph, draft, "numbers");
  if (draft.attributes.value < 0 || draft.attributes.value > static_cast<int>(ReduceKind::minimum))
    throw refusal(graph, draft, "a sum, a maximum or a minimum");
  std::array<std::size_t, kMaxRank> kept{};
  std::size_t rank = 0;
  for (std::size_t i = 0; i < kMaxRank; ++i) {
    const std::int32_t flag = draft.attributes.first[i];
    if (flag != 0 && (flag != 1 || i >= a.shape.rank())) throw refusal(graph, draft, "axes that are there");
    if (flag == 0 && i < a.shape.rank()) kept[rank++] = a.shape[i];
  }
  return {a.type, Shape(std::span(kept.data(), rank))};
}

TypedShape infer_dot(const Graph& graph, const NodeDraft& draft) {
  const Node& a = graph[draft.inputs[0]];
  const Node& b = graph[draft.inputs[1]];
  if (a.type != b.type || (a.type != ElementType::f32 && a.type != ElementType::f64))
    throw refusal(graph, draft, "two matrices of f32, or two of f64");
  const std::size_t rank = a.shape.rank();
  bool is_fit = rank >= 2 && b.shape.rank() == rank;
  for (std::size_t i = 0; is_fit && i + 2 < rank; ++i) is_fit = a.shape[i] == b.shape[i];
  if (!is_fit) throw refusal(graph, draft, "[.., m, k] by [.., k, n] with equal axes in front");
  const std::int32_t swap_a = draft.attributes.first[0];
  const std::int32_t swap_b = draft.attributes.first[1];
  if ((swap_a | swap_b) < 0 || (swap_a | swap_b) > 1) throw refusal(graph, draft, "flags of 0 or 1");
  const DotSizes sizes = dot_sizes(a.shape, b.shape, draft.attributes);
  if (b.shape[swap_b != 0 ? rank - 1 : rank - 2] != sizes.k)
    throw refusal(graph, draft,
                  std::string("equal inner sizes") + (swap_a != 0 ? ", the first one's axes swapped" : "") +
                      (swap_b != 0 ? ", the second one's axes swapped" : ""));
  std::array<std::size_t, kMaxRank> dimensions{};
  std::ranges::copy(a.shape.dimensions(), dimensions.begin());
  dimensions[rank - 2] = sizes.m;
  dimensions[rank - 1] = sizes.n;
  const auto shape = Shape::from_untrusted(std::span(dimensions.data(), rank));
  if (!shape) throw refusal(graph, draft, "a product whose elements can be counted");
  return {a.type, *shape};
}

TypedShape infer_take(const Graph& graph, const NodeDraft& draft) {
  const Node& table = graph[draft.inputs[0]];
  const Node& index = graph[draft.inputs[1]];
  if (!is_index(index)) throw refusal(graph, draft, "an index i32 [n]");
  if (table.shape.rank() == 0 || table.shape[0] == 0)
    throw refusal(graph, draft, "a table [v, ..] of one row or more");
  const auto shape = with_rows(table.shape, index.shape[0]);
  if (!shape) throw refusal(graph, draft, "rows whose elements can be counted");
  return {table.type, *shape};
}

TypedShape infer_add_at(const Graph& graph, const NodeDraft& draft) {
  const Node& rows = graph[draft.inputs[0]];
  const Node& index = graph[draft.inputs[1]];
  if (!is_number(rows.type)) throw refusal(graph, draft, "rows of numbers");
  if (!is_index(index) || rows.shape.rank() == 0 || rows.shape[0] != index.shape[0])
    throw refusal(graph, draft, "rows [n, ..] and an index i32 [n]");
  if (draft.attributes.value < 1) throw refusal(graph, draft, "a table of one row or more");
  const auto shape = with_rows(rows.shape, static_cast<std::size_t>(draft.attributes.value));
  if (!shape) throw refusal(graph, draft, "a table whose elements can be counted");
  return {rows.type, *shape};
}

Array evaluate_reduce(const Evaluation& evaluation) {
  const Node& node = evaluation.node;
  const Array& a = *evaluation.inputs[0];
  const Shape& shape = a.shape();
  const auto& is_reduced = node.attributes.first;
  std::size_t outer_rank = shape.rank();
  std::size_t run = 1;
  bool has_run = false;
  while (outer_rank > 0 && (is_reduced[outer_rank - 1] != 0 || shape[outer_rank - 1] == 1)) {
    --outer_rank;
    run *= shape[outer_rank];
    has_run = has_run || is_reduced[outer_rank] != 0;
  }
  // Where the result of each outer position goes: strides of the result, 0 along reduced axes.
  const auto result_strides = node.shape.row_major_strides();
  std::array<std::size_t, kMaxRank> strides{};
  for (std::size_t i = 0, kept = 0; i < outer_rank; ++i)
    if (is_reduced[i] == 0) strides[i] = static_cast<std::size_t>(result_strides[kept++]);
  std::size_t positions = 1;
  for (std::size_t i = 0; i < outer_rank; ++i) positions *= shape[i];

  Array result(node.type, node.shape);
  visit_number(node.type, [&]<class T>() {
    const ReduceKind kind = node.reduce_kind();
    const std::span<const T> elements = a.as<T>();
    const std::span<T> results = result.as<T>();
    std::ranges::fill(results, identity_of<T>(kind));
    for (std::size_t position = 0; position < positions; ++position) {
      std::size_t destination = 0;
      for (std::size_t i = outer_rank, rest = position; i-- > 0; rest /= shape[i])
        destination += rest % shape[i] * strides[i];
      const T value = has_run ? reduce_run(kind, elements.subspan(position * run, run)) : elements[position];
      results[destination] = join(kind, results[destination], value);
    }
  });
  return result;
}

Array evaluate_dot(const Evaluation& evaluation) {
  const Node& node = evaluation.node;
  const Array& a = *evaluation.inputs[0];
  const Array& b = *evaluation.inputs[1];
  const DotSizes sizes = dot_sizes(a.shape(), b.shape(), node.attributes);
  Array result(node.type, node.shape);
  visit_floating(node.type, [&]<class T>() {
    for (std::size_t i = 0; i < sizes.batch; ++i) {
      multiply_matrices<T>(sizes, node.attributes, a.as<T>().data() + i * sizes.m * sizes.k,
                           b.as<T>().data() + i * sizes.k * sizes.n,
                           result.as<T>().data() + i * sizes.m * sizes.n);
    }
  });
  return result;
}

Array evaluate_take(const Evaluation& evaluation) {
  const Array& table = *evaluation.inputs[0];
  const std::span<const std::int32_t> index = evaluation.inputs[1]->as<std::int32_t>();
  Array result(evaluation.node.type, evaluation.node.shape);
  if (result.size() == 0) return result;
  const std::size_t rows = table.shape()[0];
  const std::size_t row_bytes = table.bytes().size() / rows;
  for (std::size_t i = 0; i < index.size(); ++i)
    std::memcpy(result.bytes().data() + i * row_bytes,
                table.bytes().data() + clamped(index[i], rows) * row_bytes, row_bytes);
  return result;
}

Array evaluate_add_at(const Evaluation& evaluation) {
  const Array& values = *evaluation.inputs[0];
  const std::span<const std::int32_t> index = evaluation.inputs[1]->as<std::int32_t>();
  Array result(evaluation.node.type, evaluation.node.shape);
  const std::size_t rows = result.shape()[0];
  const std::size_t width = result.size() / rows;
  visit_number(result.type(), [&]<class T>() {
    const std::span<const T> from = values.as<T>();
    const std::span<T> to = result.as<T>();
    for (std::size_t i = 0; i < index.size(); ++i) {
      const std::size_t row = clamped(index[i], rows);
      for (std::size_t j = 0; j < width; ++j)
        to[row * width + j] = join(ReduceKind::add, to[row * width + j], from[i * width + j]);
    }
  });
  return result;
}

}  // namespace astrolabe::ops
