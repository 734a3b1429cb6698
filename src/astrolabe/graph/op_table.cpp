// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "astrolabe/graph/op_families.h"

namespace astrolabe {
namespace {

using enum Batching;
namespace o = ops;

// One row per operation, in the order of the enum.
constexpr std::array<OpRule, kOps> kTable = {{
    // op, name, inputs, batching, type and shape, gradient, value, doc
    {Op::input, "input", 0, leaf, nullptr, nullptr, nullptr, "What a run is given."},
    {Op::state, "state", 0, leaf, nullptr, nullptr, nullptr, "What is kept between runs."},
    {Op::scalar, "scalar", 0, leaf, nullptr, nullptr, nullptr, "A run-time number."},
    {Op::constant, "constant", 0, leaf, nullptr, nullptr, o::evaluate_constant, "A number."},
    {Op::iota, "iota", 0, leaf, nullptr, nullptr, o::evaluate_iota, "The index along an axis."},
    {Op::bits, "bits", 1, index, o::infer_bits, nullptr, o::evaluate_bits, "Random bits of a key."},

    {Op::cast, "cast", 1, elementwise, o::infer_cast, o::cast_gradient, o::evaluate_elementwise,
     "The number as another type; fractions are cut off."},
    {Op::bitcast, "bitcast", 1, elementwise, o::infer_bitcast, nullptr, o::evaluate_elementwise,
     "The bits as another type of the same width."},
    {Op::negate, "negate", 1, elementwise, o::infer_arithmetic, o::negate_gradient, o::evaluate_elementwise,
     "-a."},
    {Op::math, "math", 1, elementwise, o::infer_math, o::math_gradient, o::evaluate_math,
     "A function of the MATH table."},
    {Op::add, "add", 2, elementwise, o::infer_arithmetic, o::add_gradient, o::evaluate_elementwise, "a + b."},
    {Op::subtract, "subtract", 2, elementwise, o::infer_arithmetic, o::subtract_gradient,
     o::evaluate_elementwise, "a - b."},
    {Op::multiply, "multiply", 2, elementwise, o::infer_arithmetic, o::multiply_gradient,
     o::evaluate_elementwise, "a * b."},
    {Op::divide, "divide", 2, elementwise, o::infer_math, o::divide_gradient, o::evaluate_elementwise,
     "a / b."},
    {Op::minimum, "minimum", 2, elementwise, o::infer_arithmetic, o::minimum_gradient,
     o::evaluate_elementwise, "a < b ? a : b."},
    {Op::maximum, "maximum", 2, elementwise, o::infer_arithmetic, o::maximum_gradient,
     o::evaluate_elementwise, "a > b ? a : b."},
    {Op::less, "less", 2, elementwise, o::infer_comparison, nullptr, o::evaluate_elementwise, "a < b."},
    {Op::equal, "equal", 2, elementwise, o::infer_comparison, nullptr, o::evaluate_elementwise, "a = b."},
    {Op::logical_and, "and", 2, elementwise, o::infer_logic, nullptr, o::evaluate_elementwise,
     "a and b, bit by bit."},
    {Op::logical_or, "or", 2, elementwise, o::infer_logic, nullptr, o::evaluate_elementwise,
     "a or b, bit by bit."},
    {Op::exclusive_or, "xor", 2, elementwise, o::infer_logic, nullptr, o::evaluate_elementwise,
     "Either a or b, bit by bit."},
    {Op::shift_left, "shift_left", 2, elementwise, o::infer_shift, nullptr, o::evaluate_elementwise,
     "The bits of a, b places up; b is less than the width."},
    {Op::shift_right, "shift_right", 2, elementwise, o::infer_shift, nullptr, o::evaluate_elementwise,
     "The bits of a, b places down; b is less than the width."},
    {Op::select, "select", 3, elementwise, o::infer_select, o::select_gradient, o::evaluate_elementwise,
     "a ? b : c."},
    {Op::fused_multiply_add, "fma", 3, elementwise, o::infer_math, o::fused_multiply_add_gradient,
     o::evaluate_elementwise, "a * b + c, rounded once."},

    {Op::reshape, "reshape", 1, movement, o::infer_reshape, o::reshape_gradient, o::evaluate_movement,
     "The same elements in another shape."},
    {Op::permute, "permute", 1, movement, o::infer_permute, o::permute_gradient, o::evaluate_movement,
     "The axes in another order."},
    {Op::expand, "expand", 1, movement, o::infer_expand, o::expand_gradient, o::evaluate_movement,
     "Axes of size 1, repeated."},
    {Op::pad, "pad", 1, movement, o::infer_pad, o::pad_gradient, o::evaluate_movement, "Zeros around."},
    {Op::slice, "slice", 1, movement, o::infer_slice, o::slice_gradient, o::evaluate_movement,
     "Every so-manieth element from some beginning."},
    {Op::concat, "concat", -1, movement, o::infer_concat, o::concat_gradient, o::evaluate_concat,
     "One behind the other along an axis."},

    {Op::reduce, "reduce", 1, reduction, o::infer_reduce, o::reduce_gradient, o::evaluate_reduce,
     "The sum, maximum or minimum over some axes."},
    {Op::dot, "dot", 2, dot, o::infer_dot, o::dot_gradient, o::evaluate_dot, "The matrix product."},
    {Op::take, "take", 2, index, o::infer_take, o::take_gradient, o::evaluate_take, "Rows of a table."},
    {Op::add_at, "add_at", 2, index, o::infer_add_at, o::add_at_gradient, o::evaluate_add_at,
     "Rows added into a table of zeros."},

    {Op::convolve, "convolve", 2, windows, o::infer_convolve, o::convolve_gradient, o::evaluate_convolve,
     "Every window of the pictures by the filters."},
    {Op::convolve_input, "convolve_input", 2, windows, o::infer_convolve_input, o::convolve_input_gradient,
     o::evaluate_convolve_input, "Of every pixel, the windows that it lies in by the filters."},
    {Op::convolve_filters, "convolve_filters", 2, windows, o::infer_convolve_filters,
     o::convolve_filters_gradient, o::evaluate_convolve_filters,
     "Of every tap, the pixels that it meets by the answers there."},
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kOps; ++i)
    if (kTable[i].op != static_cast<Op>(i)) return false;
  return true;
}
static_assert(is_in_order(), "the rows of the op table are in the order of the enum");

}  // namespace

const OpRule& op_rule(Op op) {
  return kTable[static_cast<std::size_t>(op)];
}

std::span<const OpRule> op_rules() {
  return kTable;
}

}  // namespace astrolabe
