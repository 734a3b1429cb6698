// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <functional>
#include <type_traits>

#include "astrolabe/graph/element_visit.h"
#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/op_families.h"
#include "astrolabe/graph/ops_cast.h"
#include "astrolabe/graph/refusal.h"

namespace astrolabe::ops {
namespace {

// ---- Types and shapes.

// The shape of the inputs that have one; rank 0 goes with any.
Shape joint_shape(const Graph& graph, const NodeDraft& draft) {
  Shape shape;
  for (const NodeId input : draft.inputs) {
    const Shape& other = graph.shape(input);
    if (other.rank() == 0 || other == shape) continue;
    if (shape.rank() != 0) throw refusal(graph, draft, "equal shapes, or rank 0");
    shape = other;
  }
  return shape;
}

// The one type of the inputs from `first` on.
ElementType joint_type(const Graph& graph, const NodeDraft& draft, std::size_t first = 0) {
  const ElementType type = graph.type(draft.inputs[first]);
  for (std::size_t i = first; i < draft.inputs.size(); ++i)
    if (graph.type(draft.inputs[i]) != type) throw refusal(graph, draft, "inputs of one type");
  return type;
}

TypedShape infer_same(const Graph& graph, const NodeDraft& draft, bool (*is_allowed)(ElementType),
                      const char* expected) {
  const ElementType type = joint_type(graph, draft);
  if (!is_allowed(type)) throw refusal(graph, draft, expected);
  return {type, joint_shape(graph, draft)};
}

// ---- Values.

// An input whose element repeats when it has rank 0.
template <class T>
struct Operand {
  const T* data;
  std::size_t step;

  explicit Operand(const Array& array)
      : data(array.as<T>().data()), step(array.shape().rank() == 0 ? 0 : 1) {}
  T operator[](std::size_t i) const { return data[i * step]; }
};

template <class T, class Function>
Array map_one(const Evaluation& evaluation, Function function) {
  Array result(evaluation.node.type, evaluation.node.shape);
  const Operand<T> a(*evaluation.inputs[0]);
  const auto elements = result.as<std::invoke_result_t<Function, T>>();
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = function(a[i]);
  return result;
}

template <class T, class Function>
Array map_two(const Evaluation& evaluation, Function function) {
  Array result(evaluation.node.type, evaluation.node.shape);
  const Operand<T> a(*evaluation.inputs[0]);
  const Operand<T> b(*evaluation.inputs[1]);
  const auto elements = result.as<std::invoke_result_t<Function, T, T>>();
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = function(a[i], b[i]);
  return result;
}

// Whole numbers wrap: their arithmetic is that of unsigned numbers.
template <class T, class Function>
Array map_wrapping(const Evaluation& evaluation, Function function) {
  if constexpr (std::is_floating_point_v<T>) {
    return map_two<T>(evaluation, [=](T a, T b) -> T { return function(a, b); });
  } else {
    using Unsigned = std::make_unsigned_t<T>;
    return map_two<T>(evaluation, [=](T a, T b) -> T {
      return static_cast<T>(function(static_cast<Unsigned>(a), static_cast<Unsigned>(b)));
    });
  }
}

template <class T>
T negated(T a) {
  if constexpr (std::is_floating_point_v<T>) {
    return -a;
  } else {
    using Unsigned = std::make_unsigned_t<T>;
    return static_cast<T>(Unsigned{0} - static_cast<Unsigned>(a));
  }
}

Array evaluate_arithmetic(const Evaluation& evaluation) {
  return visit_number(evaluation.inputs[0]->type(), [&]<class T>() -> Array {
    switch (evaluation.node.op) {
      case Op::negate:
        return map_one<T>(evaluation, [](T a) -> T { return negated(a); });
      case Op::add:
        return map_wrapping<T>(evaluation, std::plus<>{});
      case Op::subtract:
        return map_wrapping<T>(evaluation, std::minus<>{});
      case Op::multiply:
        return map_wrapping<T>(evaluation, std::multiplies<>{});
      case Op::minimum:
        return map_two<T>(evaluation, [](T a, T b) -> T { return a < b ? a : b; });
      case Op::maximum:
        return map_two<T>(evaluation, [](T a, T b) -> T { return a > b ? a : b; });
      case Op::less:
        return map_two<T>(evaluation, [](T a, T b) -> bool { return a < b; });
      default:
        return map_two<T>(evaluation, [](T a, T b) -> bool { return a == b; });
    }
  });
}

Array evaluate_divide(const Evaluation& evaluation) {
  return visit_floating(evaluation.node.type, [&]<class T>() {
    return map_two<T>(evaluation, [](T a, T b) -> T { return a / b; });
  });
}

Array evaluate_bool_logic(const Evaluation& evaluation) {
  switch (evaluation.node.op) {
    case Op::logical_and:
      return map_two<bool>(evaluation, [](bool a, bool b) -> bool { return a && b; });
    case Op::logical_or:
      return map_two<bool>(evaluation, [](bool a, bool b) -> bool { return a || b; });
    case Op::exclusive_or:
      return map_two<bool>(evaluation, [](bool a, bool b) -> bool { return a != b; });
    default:
      return map_two<bool>(evaluation, [](bool a, bool b) -> bool { return a == b; });
  }
}

Array evaluate_bit_logic(const Evaluation& evaluation) {
  return visit_whole(evaluation.node.type, [&]<class T>() -> Array {
    using Unsigned = std::make_unsigned_t<T>;
    constexpr Unsigned kLast = sizeof(T) * 8 - 1;  // longer shifts have no meaning, but no surprise either
    switch (evaluation.node.op) {
      case Op::logical_and:
        return map_two<T>(evaluation, [](T a, T b) -> T { return a & b; });
      case Op::logical_or:
        return map_two<T>(evaluation, [](T a, T b) -> T { return a | b; });
      case Op::exclusive_or:
        return map_two<T>(evaluation, [](T a, T b) -> T { return a ^ b; });
      case Op::shift_left:
        return map_two<T>(evaluation, [](T a, T b) -> T {
          return static_cast<T>(static_cast<Unsigned>(a) << (static_cast<Unsigned>(b) & kLast));
        });
      default:
        return map_two<T>(evaluation, [](T a, T b) -> T {
          return static_cast<T>(a >> (static_cast<Unsigned>(b) & kLast));
        });
    }
  });
}

template <class T>
Array select_of(const Evaluation& evaluation) {
  Array result(evaluation.node.type, evaluation.node.shape);
  const Operand<bool> condition(*evaluation.inputs[0]);
  const Operand<T> a(*evaluation.inputs[1]);
  const Operand<T> b(*evaluation.inputs[2]);
  const std::span<T> elements = result.as<T>();
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = condition[i] ? a[i] : b[i];
  return result;
}

Array evaluate_select(const Evaluation& evaluation) {
  if (evaluation.node.type == ElementType::boolean) return select_of<bool>(evaluation);
  return visit_number(evaluation.node.type, [&]<class T>() { return select_of<T>(evaluation); });
}

Array evaluate_fused_multiply_add(const Evaluation& evaluation) {
  return visit_floating(evaluation.node.type, [&]<class T>() {
    Array result(evaluation.node.type, evaluation.node.shape);
    const Operand<T> a(*evaluation.inputs[0]);
    const Operand<T> b(*evaluation.inputs[1]);
    const Operand<T> c(*evaluation.inputs[2]);
    const std::span<T> elements = result.as<T>();
    for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = std::fma(a[i], b[i], c[i]);
    return result;
  });
}

}  // namespace

TypedShape infer_cast(const Graph& graph, const NodeDraft& draft) {
  const Node& a = graph[draft.inputs[0]];
  const ElementType to = draft.wanted.type;
  if ((is_storage_only(a.type) && to != ElementType::f32) ||
      (is_storage_only(to) && a.type != ElementType::f32))
    throw refusal(graph, draft, "bf16 and f16 only to and from f32");
  return {to, a.shape};
}

TypedShape infer_bitcast(const Graph& graph, const NodeDraft& draft) {
  const Node& a = graph[draft.inputs[0]];
  const ElementType to = draft.wanted.type;
  if (element_bytes(a.type) != element_bytes(to) || !is_number(a.type) || !is_number(to))
    throw refusal(graph, draft, "numbers of one width");
  return {to, a.shape};
}

TypedShape infer_arithmetic(const Graph& graph, const NodeDraft& draft) {
  return infer_same(graph, draft, is_number, "numbers of one type, not bool, bf16 or f16");
}

TypedShape infer_math(const Graph& graph, const NodeDraft& draft) {
  const auto is_computed = [](ElementType type) { return is_floating(type) && !is_storage_only(type); };
  const TypedShape result = infer_same(graph, draft, is_computed, "f32 or f64");
  if (draft.op == Op::math) check_math_row(graph, draft);
  return result;
}

TypedShape infer_comparison(const Graph& graph, const NodeDraft& draft) {
  const ElementType type = joint_type(graph, draft);
  const bool is_bool_equality = draft.op == Op::equal && type == ElementType::boolean;
  if (!is_number(type) && !is_bool_equality) throw refusal(graph, draft, "numbers (bool only for equal)");
  return {ElementType::boolean, joint_shape(graph, draft)};
}

TypedShape infer_logic(const Graph& graph, const NodeDraft& draft) {
  return infer_same(
      graph, draft, [](ElementType type) { return !is_floating(type); }, "bool or whole numbers");
}

TypedShape infer_shift(const Graph& graph, const NodeDraft& draft) {
  return infer_same(graph, draft, is_whole, "whole numbers");
}

TypedShape infer_select(const Graph& graph, const NodeDraft& draft) {
  if (graph.type(draft.inputs[0]) != ElementType::boolean)
    throw refusal(graph, draft, "a condition of type bool");
  const ElementType type = joint_type(graph, draft, 1);
  if (is_storage_only(type)) throw refusal(graph, draft, "values that are not bf16 or f16");
  return {type, joint_shape(graph, draft)};
}

Array evaluate_elementwise(const Evaluation& evaluation) {
  const ElementType type = evaluation.inputs[0]->type();
  switch (evaluation.node.op) {
    case Op::cast:
      return cast_elements(*evaluation.inputs[0], evaluation.node.type);
    case Op::bitcast:
      return evaluation.inputs[0]->with(evaluation.node.type, evaluation.node.shape);
    case Op::divide:
      return evaluate_divide(evaluation);
    case Op::select:
      return evaluate_select(evaluation);
    case Op::fused_multiply_add:
      return evaluate_fused_multiply_add(evaluation);
    case Op::logical_and:
    case Op::logical_or:
    case Op::exclusive_or:
    case Op::shift_left:
    case Op::shift_right:
      return type == ElementType::boolean ? evaluate_bool_logic(evaluation) : evaluate_bit_logic(evaluation);
    default:
      return type == ElementType::boolean ? evaluate_bool_logic(evaluation) : evaluate_arithmetic(evaluation);
  }
}

}  // namespace astrolabe::ops
