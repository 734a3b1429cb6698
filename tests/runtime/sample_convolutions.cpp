// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <unordered_map>

#include "tests/runtime/sample_programs.h"

#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/vmap.h"

namespace astrolabe {
namespace {

constexpr ElementType kF32 = ElementType::f32;
constexpr ConvolveShape kSame{.stride = {1, 1}, .before = {1, 1}, .after = {1, 1}};

// The largest of every block of 2 x 2 pixels, channels last.
NodeId pool(Graph& g, NodeId x) {
  const Shape s = g.shape(x);
  const NodeId blocks = g.reshape(x, Shape{s[0], s[1] / 2, 2, s[2] / 2, 2, s[3]});
  return g.reduce(ReduceKind::maximum, blocks, std::array<std::size_t, 2>{2, 4});
}

// Steps, zeros on one side, pictures and filters seen through movement, gradients of gradients.
void windows(Program& p) {
  Graph& g = p.graph;
  const ConvolveShape aside{.stride = {2, 3}, .before = {0, 2}, .after = {1, 0}};
  const NodeId x = g.input("x", kF32, Shape{3, 9, 8, 4}), w = g.input("w", kF32, Shape{3, 2, 4, 5});
  const NodeId flipped = g.input("flipped", kF32, Shape{8, 9, 3, 4});
  const NodeId turned = g.permute(flipped, std::array<std::size_t, 4>{2, 1, 0, 3});
  const NodeId y = g.convolve(g.math("tanh", x), w, aside);
  const NodeId loss = g.sum_all(g.multiply(y, g.add(y, g.convolve(turned, w, aside))));
  const std::vector<NodeId> slopes = gradient(g, loss, std::array{x, w, flipped});
  p.outputs = {y,
               loss,
               slopes[0],
               slopes[1],
               slopes[2],
               gradient(g, g.sum_all(g.multiply(slopes[1], slopes[1])), std::array{w})[0],
               g.convolve(g.slice(x, std::array<std::size_t, 4>{0, 1, 1, 0}, Shape{3, 7, 7, 4}), w, kSame)};
}

// Members of a batch with pictures and filters of their own, or with shared ones.
void batches_of_windows(Program& p) {
  Graph& g = p.graph;
  const NodeId x = g.input("x", kF32, Shape{1, 6, 5, 3}), w = g.input("w", kF32, Shape{3, 3, 3, 4});
  const NodeId many_x = g.input("many_x", kF32, Shape{5, 1, 6, 5, 3});
  const NodeId many_w = g.input("many_w", kF32, Shape{5, 3, 3, 3, 4});
  const NodeId y = g.math("tanh", g.convolve(x, w, kSame));
  const std::vector<NodeId> slopes = gradient(g, g.sum_all(g.multiply(y, y)), std::array{x, w});
  for (const auto& batched :
       {std::unordered_map<NodeId, NodeId>{{x, many_x}}, {{w, many_w}}, {{x, many_x}, {w, many_w}}})
    for (const NodeId each : vmap(g, std::array{y, slopes[0], slopes[1]}, 5, batched))
      p.outputs.push_back(each);
}

// Pools of every kind behind biases and activations, of windows that leave something over, and what they pull
// back to pictures, filters and biases.
void pools(Program& p) {
  Graph& g = p.graph;
  const NodeId x = g.input("x", kF32, Shape{3, 7, 9, 2}), w = g.input("w", kF32, Shape{3, 3, 2, 5});
  const NodeId b = g.input("b", kF32, Shape{5});
  const NodeId z = g.reshape(g.convolve(x, w, kSame), Shape{3 * 7 * 9, 5});
  const NodeId shifted = g.add(z, g.broadcast_rows(b, 3 * 7 * 9));
  const std::array<NodeId, 3> values = {g.maximum(shifted, g.constant(0)), g.math("tanh", shifted), z};
  NodeId loss = g.constant(0);
  for (const NodeId value : values) {
    for (const ReduceKind kind : {ReduceKind::maximum, ReduceKind::minimum, ReduceKind::add}) {
      const std::size_t high = kind == ReduceKind::minimum ? 3 : 2, wide = kind == ReduceKind::add ? 4 : 2;
      const NodeId pictures = g.reshape(value, Shape{3, 7, 9, 5});
      const NodeId whole =
          g.slice(pictures, std::array<std::size_t, 4>{}, Shape{3, 7 / high * high, 9 / wide * wide, 5});
      const NodeId windows = g.reshape(whole, Shape{3, 7 / high, high, 9 / wide, wide, 5});
      const NodeId top = g.reduce(kind, windows, std::array<std::size_t, 2>{2, 4});
      p.outputs.push_back(top);
      loss = g.add(loss, g.sum_all(g.math("softplus", top)));
    }
  }
  for (const NodeId slope : gradient(g, loss, std::array{x, w, b})) p.outputs.push_back(slope);
}

}  // namespace

Program small_convolution_step(std::size_t batch, std::size_t filters) {
  Program p;
  Graph& g = p.graph;
  const std::size_t last = 3 * filters + 2, flat = 6 * last;
  const NodeId x = g.input("x", kF32, Shape{batch, 12, 8, 1}), y = g.input("y", kF32, Shape{batch, 3});
  const NodeId a = g.state("a", kF32, Shape{3, 3, 1, filters}), b = g.state("b", kF32, Shape{filters});
  const NodeId c = g.state("c", kF32, Shape{3, 3, filters, last}), d = g.state("d", kF32, Shape{flat, 3});
  const NodeId first = g.convolve(x, a, kSame);
  const NodeId bias = g.expand(g.reshape(b, Shape{1, 1, 1, filters}), g.shape(first));
  const NodeId h = pool(g, g.maximum(g.add(first, bias), g.constant(0)));
  const NodeId top = pool(g, g.math("tanh", g.convolve(h, c, kSame)));
  const NodeId error = g.subtract(g.dot(g.reshape(top, Shape{batch, flat}), d), y);
  const NodeId loss = g.sum_all(g.multiply(error, error));
  const std::array states = {a, b, c, d};
  const std::vector<NodeId> slopes = gradient(g, loss, states);
  p.outputs = {loss};
  for (std::size_t i = 0; i < states.size(); ++i)
    p.updates.push_back({states[i], g.subtract(states[i], g.multiply(g.scalar("lr"), slopes[i]))});
  return p;
}

std::vector<SampleProgram> sample_convolutions() {
  std::vector<SampleProgram> samples;
  samples.push_back({"windows", {}});
  windows(samples.back().program);
  samples.push_back({"batches_of_windows", {}});
  batches_of_windows(samples.back().program);
  samples.push_back({"pools", {}});
  pools(samples.back().program);
  samples.push_back({"convolution_step", small_convolution_step()});
  return samples;
}

}  // namespace astrolabe
