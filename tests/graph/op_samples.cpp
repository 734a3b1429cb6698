// SPDX-License-Identifier: Apache-2.0
#include "tests/graph/op_samples.h"

#include "astrolabe/graph/op.h"

namespace astrolabe::testing {
namespace {

using enum ElementType;
using Nodes = std::vector<NodeId>;
using Samples = std::vector<OpSample>;

SampleLeaf f32s(const Shape& shape, const std::vector<double>& values) {
  return {.type = {f32, shape}, .values = values};
}
SampleLeaf i32s(const std::vector<double>& values) {
  return {.type = {i32, Shape{values.size()}}, .values = values};
}
SampleLeaf u32s(const std::vector<double>& values) {
  return {.type = {u32, Shape{values.size()}}, .values = values};
}
SampleLeaf bools(const std::vector<double>& values) {
  return {.type = {boolean, Shape{values.size()}}, .values = values};
}
SampleLeaf number(double value) {
  return f32s(Shape{}, {value});
}

OpSample one(Op op, const SampleLeaf& a, const std::vector<double>& expected) {
  return {std::string(op_rule(op).name),
          op,
          {a},
          [op](Graph& g, const Nodes& n) { return g.unary(op, n[0]); },
          expected};
}

OpSample two(const std::string& name, Op op, const SampleLeaf& a, const SampleLeaf& b,
             const std::vector<double>& expected) {
  return {name, op, {a, b}, [op](Graph& g, const Nodes& n) { return g.binary(op, n[0], n[1]); }, expected};
}

OpSample cast_to(const std::string& name, ElementType type, const SampleLeaf& a,
                 const std::vector<double>& expected) {
  return {name, Op::cast, {a}, [type](Graph& g, const Nodes& n) { return g.cast(n[0], type); }, expected};
}

Samples leaf_samples() {
  const auto itself = [](Graph&, const Nodes& n) { return n[0]; };
  SampleLeaf kept = f32s(Shape{2}, {3, 4});
  kept.kind = Op::state;
  SampleLeaf knob = number(0.5);
  knob.kind = Op::scalar;
  return {
      {"input", Op::input, {f32s(Shape{2, 2}, {1, 2, 3, 4})}, itself, {1, 2, 3, 4}},
      {"state", Op::state, {kept}, itself, {3, 4}},
      {"scalar", Op::scalar, {knob}, itself, {0.5}},
      {"constant", Op::constant, {}, [](Graph& g, const Nodes&) { return g.constant(2.5); }, {2.5}},
      {"whole_constant", Op::constant, {}, [](Graph& g, const Nodes&) { return g.constant(-7, i64); }, {-7}},
      {"iota",
       Op::iota,
       {},
       [](Graph& g, const Nodes&) { return g.iota(i32, Shape{2, 3}, 1); },
       {0, 1, 2, 0, 1, 2}},
      // Random123's first known answer.
      {"bits",
       Op::bits,
       {u32s({0, 0})},
       [](Graph& g, const Nodes& n) { return g.bits(n[0], Shape{1}, 0); },
       {0x6b200159}},
  };
}

Samples arithmetic_samples() {
  const SampleLeaf a = f32s(Shape{3}, {1, -2, 3});
  const SampleLeaf b = f32s(Shape{3}, {4, 2, -8});
  return {
      cast_to("cast_to_whole", i32, f32s(Shape{4}, {2.75, -2.75, 1e20, -1e20}),
              {2, -2, 2147483647, -2147483648.0}),
      cast_to("cast_to_wide", f64, f32s(Shape{2}, {0.5, -3}), {0.5, -3}),
      cast_to("cast_to_float", f32, i32s({-3, 16777217}), {-3, 16777216}),
      cast_to("cast_to_bool", boolean, f32s(Shape{3}, {0, 0.25, -1}), {0, 1, 1}),
      cast_to("cast_of_bool", f32, bools({0, 1}), {0, 1}),
      cast_to("cast_to_narrow", bf16, f32s(Shape{2}, {0.1, 1}), {0.10009765625, 1}),
      {"bitcast",
       Op::bitcast,
       {f32s(Shape{2}, {1, -2})},
       [](Graph& g, const Nodes& n) { return g.bitcast(n[0], u32); },
       {0x3f800000, 0xc0000000}},
      one(Op::negate, a, {-1, 2, -3}),
      {"math",
       Op::math,
       {f32s(Shape{3}, {1, 4, 2.25})},
       [](Graph& g, const Nodes& n) { return g.math("sqrt", n[0]); },
       {1, 2, 1.5}},
      two("add", Op::add, a, b, {5, 0, -5}),
      two("add_of_number", Op::add, a, number(10), {11, 8, 13}),
      two("add_wraps", Op::add, i32s({2147483647, 1}), i32s({1, 2}), {-2147483648.0, 3}),
      two("subtract", Op::subtract, a, b, {-3, -4, 11}),
      two("subtract_from_number", Op::subtract, number(1), a, {0, 3, -2}),
      two("multiply", Op::multiply, a, b, {4, -4, -24}),
      two("multiply_by_number", Op::multiply, number(3), a, {3, -6, 9}),
      two("divide", Op::divide, a, b, {0.25, -1, -0.375}),
      two("divide_by_number", Op::divide, a, number(2), {0.5, -1, 1.5}),
      two("divide_number", Op::divide, number(8), b, {2, 4, -1}),
      two("minimum", Op::minimum, a, b, {1, -2, -8}),
      two("maximum", Op::maximum, a, b, {4, 2, 3}),
      two("maximum_with_number", Op::maximum, a, number(0.5), {1, 0.5, 3}),
      {"fma",
       Op::fused_multiply_add,
       {a, b, number(0.5)},
       [](Graph& g, const Nodes& n) { return g.fused_multiply_add(n[0], n[1], n[2]); },
       {4.5, -3.5, -23.5}},
  };
}

Samples logic_samples() {
  const SampleLeaf a = f32s(Shape{3}, {1, 2, 3});
  const SampleLeaf b = f32s(Shape{3}, {2, 2, 1});
  const SampleLeaf p = bools({0, 0, 1, 1});
  const SampleLeaf q = bools({0, 1, 0, 1});
  return {
      two("less", Op::less, a, b, {1, 0, 0}),
      two("less_than_number", Op::less, a, number(2.5), {1, 1, 0}),
      two("equal", Op::equal, a, b, {0, 1, 0}),
      two("equal_bools", Op::equal, p, q, {1, 0, 0, 1}),
      two("and", Op::logical_and, p, q, {0, 0, 0, 1}),
      two("and_of_bits", Op::logical_and, u32s({12}), u32s({10}), {8}),
      two("or", Op::logical_or, p, q, {0, 1, 1, 1}),
      two("or_of_bits", Op::logical_or, u32s({12}), u32s({10}), {14}),
      two("xor", Op::exclusive_or, p, q, {0, 1, 1, 0}),
      two("xor_of_bits", Op::exclusive_or, i32s({12, -1}), i32s({10, 1}), {6, -2}),
      two("shift_left", Op::shift_left, u32s({1, 0x80000001}), u32s({4, 1}), {16, 2}),
      two("shift_right", Op::shift_right, u32s({256, 0x80000000}), u32s({4, 31}), {16, 1}),
      two("shift_right_keeps_signs", Op::shift_right, i32s({-8}), i32s({1}), {-4}),
      {"select",
       Op::select,
       {bools({1, 0, 1}), a, b},
       [](Graph& g, const Nodes& n) { return g.select(n[0], n[1], n[2]); },
       {1, 2, 3}},
      {"select_numbers",
       Op::select,
       {bools({1, 0, 1}), number(5), number(7)},
       [](Graph& g, const Nodes& n) { return g.select(n[0], n[1], n[2]); },
       {5, 7, 5}},
  };
}

OpSample sliced(const std::string& name, const SampleLeaf& a, const std::vector<std::size_t>& begin,
                const std::vector<std::size_t>& step, const Shape& shape,
                const std::vector<double>& expected) {
  return {name,
          Op::slice,
          {a},
          [=](Graph& g, const Nodes& n) { return g.slice(n[0], begin, shape, step); },
          expected};
}

OpSample permuted(const std::string& name, const SampleLeaf& a, const std::vector<std::size_t>& axes,
                  const std::vector<double>& expected) {
  return {name, Op::permute, {a}, [=](Graph& g, const Nodes& n) { return g.permute(n[0], axes); }, expected};
}

std::vector<double> counted(std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<double>(i);
  return values;
}

Samples movement_samples() {
  const SampleLeaf table = f32s(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  return {
      {"reshape",
       Op::reshape,
       {table},
       [](Graph& g, const Nodes& n) { return g.reshape(n[0], Shape{3, 2}); },
       {1, 2, 3, 4, 5, 6}},
      permuted("permute", table, {1, 0}, {1, 4, 2, 5, 3, 6}),
      permuted("permute_three", f32s(Shape{2, 2, 3}, counted(12)), {2, 0, 1},
               {0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}),
      {"expand",
       Op::expand,
       {f32s(Shape{2, 1}, {1, 2})},
       [](Graph& g, const Nodes& n) { return g.expand(n[0], Shape{2, 3}); },
       {1, 1, 1, 2, 2, 2}},
      {"pad",
       Op::pad,
       {f32s(Shape{2, 2}, {1, 2, 3, 4})},
       [](Graph& g, const Nodes& n) {
         return g.pad(n[0], std::vector<std::size_t>{0, 1}, std::vector<std::size_t>{1, 0});
       },
       {0, 1, 2, 0, 3, 4, 0, 0, 0}},
      sliced("slice", f32s(Shape{2, 5}, counted(10)), {0, 1}, {1, 3}, Shape{2, 2}, {1, 4, 6, 9}),
      sliced("slice_of_both_axes", f32s(Shape{5, 4}, counted(20)), {1, 0}, {2, 2}, Shape{2, 2},
             {4, 6, 12, 14}),
      sliced("slice_in_one_piece", f32s(Shape{4}, counted(4)), {1}, {1}, Shape{2}, {1, 2}),
      sliced("slice_of_one", f32s(Shape{4}, counted(4)), {2}, {3}, Shape{1}, {2}),
      {"concat",
       Op::concat,
       {f32s(Shape{2, 1}, {1, 2}), f32s(Shape{2, 2}, {3, 4, 5, 6})},
       [](Graph& g, const Nodes& n) { return g.concat(n, 1); },
       {1, 3, 4, 2, 5, 6}},
      {"concat_three",
       Op::concat,
       {f32s(Shape{1}, {1}), f32s(Shape{2}, {2, 3}), f32s(Shape{1}, {4})},
       [](Graph& g, const Nodes& n) { return g.concat(n, 0); },
       {1, 2, 3, 4}},
  };
}

OpSample reduced(const std::string& name, ReduceKind kind, const std::vector<std::size_t>& axes,
                 const std::vector<double>& expected) {
  return {name,
          Op::reduce,
          {f32s(Shape{2, 3}, {1, 5, 3, -4, 6, 2})},
          [=](Graph& g, const Nodes& n) { return g.reduce(kind, n[0], axes); },
          expected};
}

OpSample product(const std::string& name, const SampleLeaf& a, const SampleLeaf& b, bool swap_a, bool swap_b,
                 const std::vector<double>& expected) {
  return {name,
          Op::dot,
          {a, b},
          [=](Graph& g, const Nodes& n) { return g.dot(n[0], n[1], swap_a, swap_b); },
          expected};
}

Samples contraction_samples() {
  const SampleLeaf a = f32s(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  const SampleLeaf b = f32s(Shape{3, 2}, {7, 8, 9, 10, 11, 12});
  const SampleLeaf a_swapped = f32s(Shape{3, 2}, {1, 4, 2, 5, 3, 6});
  const SampleLeaf b_swapped = f32s(Shape{2, 3}, {7, 9, 11, 8, 10, 12});
  const std::vector<double> ab = {58, 64, 139, 154};
  const SampleLeaf many_a = f32s(Shape{2, 1, 2}, {1, 2, 3, 4});
  const SampleLeaf many_b = f32s(Shape{2, 2, 2}, {5, 0, 6, 1, 7, 0, 8, 1});
  return {
      reduced("reduce_last_axis", ReduceKind::add, {1}, {9, 4}),
      reduced("reduce_first_axis", ReduceKind::add, {0}, {-3, 11, 5}),
      reduced("reduce_all", ReduceKind::add, {0, 1}, {13}),
      reduced("reduce_to_maximum", ReduceKind::maximum, {1}, {5, 6}),
      reduced("reduce_to_minimum", ReduceKind::minimum, {0}, {-4, 5, 2}),
      {"reduce_of_whole_numbers",
       Op::reduce,
       {i32s({3, 9, -5})},
       [](Graph& g, const Nodes& n) {
         return g.reduce(ReduceKind::maximum, n[0], std::vector<std::size_t>{0});
       },
       {9}},
      product("dot", a, b, false, false, ab),
      product("dot_first_swapped", a_swapped, b, true, false, ab),
      product("dot_second_swapped", a, b_swapped, false, true, ab),
      product("dot_both_swapped", a_swapped, b_swapped, true, true, ab),
      product("dot_of_batches", many_a, many_b, false, false, {17, 2, 53, 4}),
      product("dot_of_batches_swapped", many_a, many_a, true, false, {1, 2, 2, 4, 9, 12, 12, 16}),
      {"take",
       Op::take,
       {f32s(Shape{3, 2}, {1, 2, 3, 4, 5, 6}), i32s({2, 0, 5, -1})},
       [](Graph& g, const Nodes& n) { return g.take(n[0], n[1]); },
       {5, 6, 1, 2, 5, 6, 1, 2}},
      {"add_at",
       Op::add_at,
       {f32s(Shape{3, 2}, {1, 2, 3, 4, 5, 6}), i32s({1, 1, 9})},
       [](Graph& g, const Nodes& n) { return g.add_at(n[0], n[1], 3); },
       {0, 0, 4, 6, 5, 6}},
  };
}

OpSample windowed(const std::string& name, Op op, const SampleLeaf& a, const SampleLeaf& b,
                  const Shape& wanted, const ConvolveShape& how, const std::vector<double>& expected) {
  return {name,
          op,
          {a, b},
          [=](Graph& g, const Nodes& n) {
            if (op == Op::convolve) return g.convolve(n[0], n[1], how);
            return op == Op::convolve_input ? g.convolve_input(n[0], n[1], wanted, how)
                                            : g.convolve_filters(n[0], n[1], wanted, how);
          },
          expected};
}

Samples window_samples() {
  const Shape picture{1, 3, 3, 1}, window{1, 2, 3, 2}, filter{2, 2, 1, 1}, wide{1, 2, 2, 2};
  const SampleLeaf x = f32s(picture, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const SampleLeaf w = f32s(filter, {1, 0, -1, 2});
  const SampleLeaf y = f32s(Shape{1, 2, 2, 1}, {1, -1, 2, 3});
  // Steps of two across, zeros on the left and below.
  const ConvolveShape aside{.stride = {1, 2}, .before = {0, 1}, .after = {1, 0}};
  const SampleLeaf many_x = f32s(window, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const SampleLeaf many_w = f32s(wide, {1, 2, -1, 0, 3, -2, 0, 1});
  const SampleLeaf many_y = f32s(Shape{1, 3, 2, 2}, {1, 2, -1, 3, 0, 1, 2, -2, 1, 1, 1, 1});
  const SampleLeaf batch_x = f32s(Shape{2, 1, 1, 2, 1}, {1, 2, 3, 4});
  const SampleLeaf batch_w = f32s(Shape{2, 1, 1, 1, 1}, {5, -2});
  return {
      windowed("convolve", Op::convolve, x, w, {}, {}, {7, 9, 13, 15}),
      windowed("convolve_aside", Op::convolve, many_x, many_w, {}, aside,
               {3, 0, 14, 2, 21, -6, 32, 8, 0, 0, 0, 0}),
      windowed("convolve_of_batches", Op::convolve, batch_x, batch_w, {}, {}, {5, 10, -6, -8}),
      windowed("convolve_input", Op::convolve_input, y, w, picture, {}, {1, -1, 0, 1, 6, -2, -2, 1, 6}),
      windowed("convolve_input_aside", Op::convolve_input, many_y, many_w, window, aside,
               {-1, 2, 5, 1, -9, 3, -2, 1, -2, -2, 10, -2}),
      windowed("convolve_filters", Op::convolve_filters, x, y, filter, {}, {22, 27, 37, 42}),
      windowed("convolve_filters_aside", Op::convolve_filters, many_x, many_y, wide, aside,
               {15, -9, 16, -8, 18, 2, 20, 6}),
  };
}

}  // namespace

const std::vector<OpSample>& op_samples() {
  static const Samples all = [] {
    Samples samples;
    for (const auto& family : {leaf_samples(), arithmetic_samples(), logic_samples(), movement_samples(),
                               contraction_samples(), window_samples()})
      samples.insert(samples.end(), family.begin(), family.end());
    return samples;
  }();
  return all;
}

NodeId add_leaf(Graph& graph, const SampleLeaf& leaf, const std::string& name) {
  if (leaf.kind == Op::state) return graph.state(name, leaf.type.type, leaf.type.shape);
  if (leaf.kind == Op::scalar) return graph.scalar(name, leaf.type.type);
  return graph.input(name, leaf.type.type, leaf.type.shape);
}

BuiltSample build(const OpSample& sample) {
  BuiltSample built;
  for (std::size_t i = 0; i < sample.leaves.size(); ++i) {
    const SampleLeaf& leaf = sample.leaves[i];
    built.leaves.push_back(add_leaf(built.graph, leaf, "leaf" + std::to_string(i)));
    std::vector<Array>& arrays = leaf.kind == Op::state    ? built.feed.states
                                 : leaf.kind == Op::scalar ? built.feed.scalars
                                                           : built.feed.inputs;
    arrays.push_back(array_of(leaf.type, leaf.values));
  }
  built.node = sample.build(built.graph, built.leaves);
  return built;
}

}  // namespace astrolabe::testing
