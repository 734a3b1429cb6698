// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/sample_programs.h"

#include <array>

#include "astrolabe/graph/gradient.h"

namespace astrolabe {
namespace {

constexpr ElementType kF32 = ElementType::f32;

using Build = void (*)(Program&);

void elementwise(Program& p) {
  Graph& g = p.graph;
  const NodeId x = g.input("x", kF32, Shape{7, 33});
  const NodeId b = g.input("b", kF32, Shape{33});
  const NodeId z = g.add(x, g.broadcast_rows(b, 7));
  p.outputs = {g.multiply(g.math("tanh", z), g.scalar("s")), g.maximum(z, g.constant(0))};
}

void reductions(Program& p) {
  Graph& g = p.graph;
  const NodeId x = g.input("x", kF32, Shape{5, 6, 41});
  const NodeId y = g.multiply(x, x);
  p.outputs = {g.sum(y, {2}),
               g.sum(y, {0}),
               g.sum(y, {1}),
               g.sum(y, {0, 2}),
               g.sum(y, {1, 2}),
               g.sum_all(y),
               g.sum(g.input("column", kF32, Shape{70, 1}), {0}),
               g.sum(g.input("row", kF32, Shape{1, 70}), {0}),
               g.sum(g.input("thin", kF32, Shape{4, 33, 1}), {0, 1}),
               g.sum(g.input("slab", kF32, Shape{33, 1, 3}), {0, 1}),
               g.reduce(ReduceKind::maximum, x, std::array<std::size_t, 1>{1}),
               g.reduce(ReduceKind::minimum, x, std::array<std::size_t, 2>{0, 2})};
}

void softmax(Program& p) {
  Graph& g = p.graph;
  const NodeId z = g.input("z", kF32, Shape{9, 5});
  const std::array<std::size_t, 2> swap = {1, 0};
  const NodeId t = g.permute(z, swap);  // [5, 9]
  const NodeId top = g.expand(
      g.reshape(g.reduce(ReduceKind::maximum, t, std::array<std::size_t, 1>{0}), Shape{1, 9}), Shape{5, 9});
  const NodeId e = g.math("exp", g.subtract(t, top));
  const NodeId total = g.expand(g.reshape(g.sum(e, {0}), Shape{1, 9}), Shape{5, 9});
  const NodeId share = g.divide(e, total);
  p.outputs = {g.permute(share, swap), g.sum_all(g.math("log", share))};
}

void movement(Program& p) {
  Graph& g = p.graph;
  const NodeId x = g.input("x", kF32, Shape{6, 8});
  const std::array<std::size_t, 2> begin = {1, 2}, step = {2, 3}, before = {1, 0}, behind = {2, 3},
                                   swap = {1, 0};
  const NodeId cut = g.slice(x, begin, Shape{3, 2}, step);
  const NodeId padded = g.pad(cut, before, behind);
  const NodeId flat = g.reshape(g.permute(x, swap), Shape{48});  // needs a copy
  const std::array<NodeId, 2> parts = {x, g.negate(x)};
  const std::array<NodeId, 2> flats = {g.reshape(g.multiply(x, x), Shape{48}), flat};
  p.outputs = {cut,
               padded,
               flat,
               g.concat(parts, 0),
               g.concat(parts, 1),
               g.concat(flats, 0),
               g.expand(g.constant(2.5), Shape{}),
               g.iota(ElementType::i32, Shape{3, 4}, 0),
               g.add(g.iota(kF32, Shape{6, 8}, 1), x)};
}

void products(Program& p) {
  Graph& g = p.graph;
  const NodeId a = g.input("a", kF32, Shape{13, 7});
  const NodeId b = g.input("b", kF32, Shape{7, 19});
  const NodeId c = g.input("c", kF32, Shape{3, 13, 7});
  const NodeId d = g.input("d", kF32, Shape{3, 19, 7});
  const NodeId ab = g.dot(a, b);
  p.outputs = {ab,
               g.dot(g.swap_last(b), a, false, true),
               g.dot(a, ab, true, false),
               g.dot(c, d, false, true),
               g.dot(g.expand(g.reshape(g.constant(1), Shape{1, 1}), Shape{2, 13}), a),
               g.math("tanh", g.dot(g.math("exp", a), b))};
}

void tables(Program& p) {
  Graph& g = p.graph;
  const NodeId table = g.state("table", kF32, Shape{5, 3});
  const NodeId index = g.input("index", ElementType::i32, Shape{8});
  const NodeId rows = g.take(table, index);
  const NodeId loss = g.sum_all(g.multiply(rows, rows));
  const NodeId slope = gradient(g, loss, std::array<NodeId, 1>{table})[0];
  p.outputs = {rows, loss};
  p.updates = {{table, g.subtract(table, g.multiply(g.scalar("lr"), slope))}};
}

void random_bits(Program& p) {
  Graph& g = p.graph;
  const NodeId key = g.input("key", ElementType::u32, Shape{2});
  const NodeId keys = g.input("keys", ElementType::u32, Shape{3, 2});
  const NodeId bits = g.bits(key, Shape{4, 37}, 7);
  const NodeId x = g.input("x", kF32, Shape{4, 37});
  p.outputs = {bits, g.select(g.less(bits, g.constant(2147483648.0, ElementType::u32)), x, g.constant(0)),
               g.bits(keys, Shape{3, 11}, 1)};
}

void states_that_trade_places(Program& p) {
  Graph& g = p.graph;
  const NodeId a = g.state("a", kF32, Shape{10});
  const NodeId b = g.state("b", kF32, Shape{10});
  const NodeId c = g.state("c", kF32, Shape{10});
  p.outputs = {a, g.add(a, b)};
  p.updates = {{a, b}, {b, a}, {c, g.add(c, a)}};
}

void states_read_after_they_change(Program& p) {
  Graph& g = p.graph;
  const NodeId w = g.state("w", kF32, Shape{6, 6});
  const NodeId m = g.state("m", kF32, Shape{6, 6});
  const NodeId next = g.add(w, g.multiply(m, g.scalar("lr")));
  p.outputs = {g.dot(next, w), w};
  p.updates = {{w, next}, {m, g.swap_last(w)}};
}

void whole_numbers(Program& p) {
  Graph& g = p.graph;
  const NodeId i = g.input("i", ElementType::i32, Shape{35});
  const NodeId x = g.input("x", kF32, Shape{35});
  const NodeId u = g.bitcast(x, ElementType::u32);
  const NodeId sign = g.binary(Op::logical_and, u, g.constant(2147483648.0, ElementType::u32));
  p.outputs = {g.cast(i, kF32),
               g.cast(x, ElementType::i32),
               sign,
               g.less(i, g.constant(0, ElementType::i32)),
               g.sum_all(i),
               g.binary(Op::shift_right, i, g.constant(1, ElementType::i32)),
               g.cast(g.equal(i, i), kF32)};
}

void doubles(Program& p) {
  Graph& g = p.graph;
  const NodeId x = g.input("x64", ElementType::f64, Shape{3, 40});
  p.outputs = {g.math("exp", x), g.sum(x, {1}), g.sum(x, {0}), g.cast(x, kF32)};
}

void second_order(Program& p) {
  Graph& g = p.graph;
  const NodeId x = g.input("x", kF32, Shape{4, 9});
  const NodeId w = g.input("w", kF32, Shape{9, 2});
  const NodeId loss = g.sum_all(g.math("sigmoid", g.dot(x, w)));
  const NodeId slope = gradient(g, loss, std::array<NodeId, 1>{w})[0];
  p.outputs = {slope, gradient(g, g.sum_all(g.multiply(slope, slope)), std::array<NodeId, 1>{w})[0]};
}

// A trained constant of an activation: its gradient sums over rows and columns of what is computed from a
// broadcast bias.
void trained_constant(Program& p) {
  Graph& g = p.graph;
  const NodeId x = g.input("x", kF32, Shape{8, 6}), w = g.input("w", kF32, Shape{6, 9});
  const NodeId b = g.input("b", kF32, Shape{9}), beta = g.input("beta", kF32, Shape{});
  const NodeId z = g.add(g.dot(x, w), g.broadcast_rows(b, 8));
  const NodeId h = g.multiply(z, g.math("sigmoid", g.multiply(beta, z)));
  const NodeId loss = g.sum_all(g.math("tanh", g.dot(h, g.swap_last(w))));
  const std::vector<NodeId> slopes = gradient(g, loss, std::array{w, b, beta});
  p.outputs = {loss, slopes[0], slopes[1], slopes[2]};
}

// Gathers of rows and indices that are seen through movement.
void tables_through_movement(Program& p) {
  Graph& g = p.graph;
  const NodeId table = g.input("table", kF32, Shape{3, 6});
  const NodeId index = g.input("index", ElementType::i32, Shape{4, 3});
  const std::array<std::size_t, 2> begin = {0, 1};
  const NodeId picked = g.reshape(g.swap_last(g.slice(index, begin, Shape{4, 2})), Shape{8});
  const NodeId rows = g.take(g.swap_last(table), picked);  // [8, 3]
  p.outputs = {rows, g.add_at(g.swap_last(g.expand(g.reshape(g.sum(rows, {1}), Shape{1, 8}), Shape{3, 8})),
                              picked, 6)};
}

NodeId pick(const std::vector<NodeId>& from, RandomStream& random) {
  return from[random.below(from.size())];
}

// One more node over the values so far, which have a few shapes.
NodeId grow(Graph& g, std::vector<NodeId>& values, RandomStream& random) {
  static constexpr std::array<const char*, 6> kRows = {"exp", "tanh", "sigmoid", "sin", "softplus", "sqrt"};
  const NodeId a = pick(values, random);
  const Shape& shape = g.shape(a);
  std::vector<NodeId> alike;
  for (const NodeId other : values)
    if (g.shape(other) == shape || g.shape(other).rank() == 0) alike.push_back(other);
  const NodeId b = pick(alike, random);
  switch (random.below(14)) {
    case 0:
      return g.add(a, b);
    case 1:
      return g.multiply(a, b);
    case 2:
      return g.subtract(b, a);
    case 3:
      return g.maximum(a, b);
    case 4:
      return g.select(g.less(a, b), a, g.negate(a));
    case 5:
    case 6:
      return g.math(kRows[random.below(kRows.size())], g.minimum(a, g.constant(2)));
    case 7:
      if (shape.rank() == 2) return g.swap_last(a);
      return g.negate(a);
    case 8:
      if (shape.rank() == 2) return g.sum(a, {random.below(2)});
      return g.sum_all(a);
    case 9:
      if (shape.rank() == 1) return g.broadcast_rows(a, 3);
      return g.add(a, g.constant(0.5));
    case 10:
      if (shape.rank() == 2) {
        const bool is_first = random.below(2) == 0;
        return g.dot(a, a, is_first, !is_first);
      }
      return g.multiply(a, a);
    case 11:
      if (shape.rank() == 2) return g.reshape(a, Shape{shape[0] * shape[1]});
      return a;
    case 12:
      if (shape.rank() == 1 && shape[0] > 2) {
        const std::array<std::size_t, 1> begin = {1};
        return g.slice(a, begin, Shape{shape[0] - 1});
      }
      return a;
    default: {
      const std::array<NodeId, 2> parts = {a, a};
      if (shape.rank() > 0 && shape.element_count() < 200) return g.concat(parts, random.below(shape.rank()));
      return g.add(a, b);
    }
  }
}

}  // namespace

Program small_training_step(std::size_t batch, std::size_t hidden) {
  constexpr std::size_t kIn = 7, kClasses = 3;
  Program p;
  Graph& g = p.graph;
  const std::size_t sizes[] = {kIn * hidden, hidden, kClasses * hidden, kClasses};
  const std::size_t count = sizes[0] + sizes[1] + sizes[2] + sizes[3];
  const NodeId w = g.state("w", kF32, Shape{count});
  const NodeId m = g.state("m", kF32, Shape{count}), v = g.state("v", kF32, Shape{count});
  std::size_t offset = 0;
  std::vector<NodeId> parts;
  for (const std::size_t size : sizes) {
    const std::array<std::size_t, 1> begin = {offset};
    parts.push_back(g.slice(w, begin, Shape{size}));
    offset += size;
  }
  const NodeId x = g.input("x", kF32, Shape{batch, kIn});
  const NodeId y = g.input("y", kF32, Shape{kClasses, batch});  // one-hot, class-major
  const NodeId h = g.math(
      "tanh", g.add(g.dot(x, g.reshape(parts[0], Shape{kIn, hidden})), g.broadcast_rows(parts[1], batch)));
  const NodeId z = g.swap_last(g.add(g.dot(h, g.reshape(parts[2], Shape{kClasses, hidden}), false, true),
                                     g.broadcast_rows(parts[3], batch)));
  const auto spread = [&](NodeId row) {
    return g.expand(g.reshape(row, Shape{1, batch}), Shape{kClasses, batch});
  };
  const NodeId top = g.reduce(ReduceKind::maximum, z, std::array<std::size_t, 1>{0});
  const NodeId shifted = g.subtract(z, spread(top));
  const NodeId log_p = g.subtract(shifted, spread(g.math("log", g.sum(g.math("exp", shifted), {0}))));
  const NodeId loss =
      g.multiply(g.sum_all(g.multiply(g.negate(y), log_p)), g.constant(1.0 / static_cast<double>(batch)));
  std::vector<NodeId> slopes = gradient(g, loss, parts);
  const NodeId slope = g.concat(slopes, 0);
  const NodeId next_m =
      g.add(g.multiply(m, g.scalar("b1")), g.multiply(slope, g.subtract(g.constant(1), g.scalar("b1"))));
  const NodeId next_v =
      g.add(g.multiply(v, g.scalar("b2")),
            g.multiply(g.multiply(slope, slope), g.subtract(g.constant(1), g.scalar("b2"))));
  const NodeId move =
      g.divide(g.multiply(g.scalar("lr"), next_m), g.add(g.math("sqrt", next_v), g.scalar("eps")));
  p.outputs = {loss};
  p.updates = {{w, g.subtract(w, move)}, {m, next_m}, {v, next_v}};
  return p;
}

std::vector<SampleProgram> sample_programs() {
  static constexpr std::array<std::pair<const char*, Build>, 14> kBuilds = {{
      {"elementwise", elementwise},
      {"reductions", reductions},
      {"softmax", softmax},
      {"movement", movement},
      {"products", products},
      {"tables", tables},
      {"random_bits", random_bits},
      {"states_that_trade_places", states_that_trade_places},
      {"states_read_after_they_change", states_read_after_they_change},
      {"whole_numbers", whole_numbers},
      {"doubles", doubles},
      {"second_order", second_order},
      {"trained_constant", trained_constant},
      {"tables_through_movement", tables_through_movement},
  }};
  std::vector<SampleProgram> samples;
  for (const auto& [name, build] : kBuilds) {
    samples.push_back({name, {}});
    build(samples.back().program);
  }
  samples.push_back({"training_step", small_training_step()});
  for (SampleProgram& sample : sample_convolutions()) samples.push_back(std::move(sample));
  return samples;
}

Program random_program(Key key) {
  RandomStream random(key);
  Program p;
  Graph& g = p.graph;
  std::vector<NodeId> values = {g.input("a", kF32, Shape{3, 5}), g.input("b", kF32, Shape{5}),
                                g.input("c", kF32, Shape{3, 37}), g.scalar("s"),
                                g.state("w", kF32, Shape{37})};
  const NodeId w = values.back();
  for (int i = 0; i < 25; ++i) {
    const NodeId value = grow(g, values, random);
    if (g.shape(value).element_count() <= 4000) values.push_back(value);
  }
  for (int i = 0; i < 3; ++i) p.outputs.push_back(values[values.size() - 1 - random.below(8)]);
  for (const NodeId value : values)
    if (g.shape(value) == g.shape(w) && value != w) p.updates = {{w, value}};
  // And a gradient through whatever came out.
  NodeId loss = p.outputs[0];
  if (g.shape(loss).rank() > 0) loss = g.sum_all(loss);
  p.outputs.push_back(gradient(g, loss, std::array<NodeId, 1>{values[0]})[0]);
  return p;
}

Array sample_numbers(const Slot& slot) {
  Array array(slot.type, slot.shape);
  RandomStream random(Key::from_seed(5).split(slot.name));
  for (std::size_t i = 0; i < array.size(); ++i) {
    const double number = random.normal();
    if (slot.type == ElementType::f32) array.as<float>()[i] = static_cast<float>(number);
    if (slot.type == ElementType::f64) array.as<double>()[i] = number;
    if (slot.type == ElementType::i32) array.as<std::int32_t>()[i] = static_cast<std::int32_t>(3 * number);
    if (slot.type == ElementType::u32)
      array.as<std::uint32_t>()[i] = static_cast<std::uint32_t>(random.bits());
  }
  return array;
}

}  // namespace astrolabe
