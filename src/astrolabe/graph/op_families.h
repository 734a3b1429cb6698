// SPDX-License-Identifier: Apache-2.0
// The functions that rows of the op table point to, one file per family: ops_leaf.cpp, ops_elementwise.cpp,
// ops_movement.cpp, ops_contraction.cpp, ops_convolution.cpp for types, shapes and values; gradients_*.cpp
// for gradients.
#pragma once

#include "astrolabe/graph/op.h"

namespace astrolabe::ops {

// Types and shapes.
TypedShape infer_bits(const Graph& graph, const NodeDraft& draft);
TypedShape infer_cast(const Graph& graph, const NodeDraft& draft);
TypedShape infer_bitcast(const Graph& graph, const NodeDraft& draft);
TypedShape infer_arithmetic(const Graph& graph, const NodeDraft& draft);  // numbers of one type
TypedShape infer_math(const Graph& graph, const NodeDraft& draft);        // floating
TypedShape infer_comparison(const Graph& graph, const NodeDraft& draft);  // to bool
TypedShape infer_logic(const Graph& graph, const NodeDraft& draft);       // bool or whole numbers
TypedShape infer_shift(const Graph& graph, const NodeDraft& draft);       // whole numbers
TypedShape infer_select(const Graph& graph, const NodeDraft& draft);
TypedShape infer_reshape(const Graph& graph, const NodeDraft& draft);
TypedShape infer_permute(const Graph& graph, const NodeDraft& draft);
TypedShape infer_expand(const Graph& graph, const NodeDraft& draft);
TypedShape infer_pad(const Graph& graph, const NodeDraft& draft);
TypedShape infer_slice(const Graph& graph, const NodeDraft& draft);
TypedShape infer_concat(const Graph& graph, const NodeDraft& draft);
TypedShape infer_reduce(const Graph& graph, const NodeDraft& draft);
TypedShape infer_dot(const Graph& graph, const NodeDraft& draft);
TypedShape infer_take(const Graph& graph, const NodeDraft& draft);
TypedShape infer_add_at(const Graph& graph, const NodeDraft& draft);
TypedShape infer_convolve(const Graph& graph, const NodeDraft& draft);
TypedShape infer_convolve_input(const Graph& graph, const NodeDraft& draft);
TypedShape infer_convolve_filters(const Graph& graph, const NodeDraft& draft);

// Values.
Array evaluate_constant(const Evaluation& evaluation);
Array evaluate_iota(const Evaluation& evaluation);
Array evaluate_bits(const Evaluation& evaluation);
Array evaluate_elementwise(const Evaluation& evaluation);
Array evaluate_math(const Evaluation& evaluation);
Array evaluate_movement(const Evaluation& evaluation);  // reshape, permute, expand, pad, slice
Array evaluate_concat(const Evaluation& evaluation);
Array evaluate_reduce(const Evaluation& evaluation);
Array evaluate_dot(const Evaluation& evaluation);
Array evaluate_take(const Evaluation& evaluation);
Array evaluate_add_at(const Evaluation& evaluation);
Array evaluate_convolve(const Evaluation& evaluation);
Array evaluate_convolve_input(const Evaluation& evaluation);
Array evaluate_convolve_filters(const Evaluation& evaluation);

// Gradients.
std::vector<NodeId> cast_gradient(const GradientRequest& request);
std::vector<NodeId> negate_gradient(const GradientRequest& request);
std::vector<NodeId> math_gradient(const GradientRequest& request);
std::vector<NodeId> add_gradient(const GradientRequest& request);
std::vector<NodeId> subtract_gradient(const GradientRequest& request);
std::vector<NodeId> multiply_gradient(const GradientRequest& request);
std::vector<NodeId> divide_gradient(const GradientRequest& request);
std::vector<NodeId> minimum_gradient(const GradientRequest& request);
std::vector<NodeId> maximum_gradient(const GradientRequest& request);
std::vector<NodeId> select_gradient(const GradientRequest& request);
std::vector<NodeId> fused_multiply_add_gradient(const GradientRequest& request);
std::vector<NodeId> reshape_gradient(const GradientRequest& request);
std::vector<NodeId> permute_gradient(const GradientRequest& request);
std::vector<NodeId> expand_gradient(const GradientRequest& request);
std::vector<NodeId> pad_gradient(const GradientRequest& request);
std::vector<NodeId> slice_gradient(const GradientRequest& request);
std::vector<NodeId> concat_gradient(const GradientRequest& request);
std::vector<NodeId> reduce_gradient(const GradientRequest& request);
std::vector<NodeId> dot_gradient(const GradientRequest& request);
std::vector<NodeId> take_gradient(const GradientRequest& request);
std::vector<NodeId> add_at_gradient(const GradientRequest& request);
std::vector<NodeId> convolve_gradient(const GradientRequest& request);
std::vector<NodeId> convolve_input_gradient(const GradientRequest& request);
std::vector<NodeId> convolve_filters_gradient(const GradientRequest& request);

}  // namespace astrolabe::ops
