// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/length_program.h"

#include <algorithm>
#include <utility>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/runtime/compile.h"

namespace astrolabe::kernel {
namespace {

std::shared_ptr<const Executable> compiled(std::size_t rows, std::size_t inputs, std::size_t count) {
  Program program;
  Graph& graph = program.graph;
  const NodeId x = graph.input("x", ElementType::f32, Shape{rows, inputs});
  const NodeId directions = graph.input("directions", ElementType::f32, Shape{inputs, count});
  const NodeId stretch = graph.input("stretch", ElementType::f32, Shape{inputs});
  const NodeId by_cosines = graph.input("by_cosines", ElementType::f32, Shape{rows, count});
  const NodeId by_sines = graph.input("by_sines", ElementType::f32, Shape{rows, count});
  const NodeId stretched = graph.multiply(x, graph.broadcast_rows(graph.math("exp", stretch), rows));
  const NodeId angles = graph.dot(stretched, directions);
  const NodeId cosines = graph.math("cos", angles), sines = graph.math("sin", angles);
  const NodeId value =
      graph.sum_all(graph.add(graph.multiply(by_cosines, cosines), graph.multiply(by_sines, sines)));
  program.outputs = {cosines, sines, gradient(graph, value, std::vector<NodeId>{stretch})[0]};
  return compile(program);
}

}  // namespace

LengthProgram::LengthProgram(std::vector<float> x, std::size_t rows, std::size_t inputs,
                             std::vector<float> directions, std::size_t count)
    : x_(std::move(x)),
      directions_(std::move(directions)),
      stretch_(inputs, 0.0F),
      by_cosines_(rows * count, 0.0F),
      by_sines_(rows * count, 0.0F),
      run_(compiled(rows, inputs, count)) {
  run_.bind_input("x", x_.data());
  run_.bind_input("directions", directions_.data());
  run_.bind_input("stretch", stretch_.data());
  run_.bind_input("by_cosines", by_cosines_.data());
  run_.bind_input("by_sines", by_sines_.data());
}

void LengthProgram::run(std::span<const float> stretch, std::span<const float> by_cosines,
                        std::span<const float> by_sines, ThreadPool& pool) {
  std::ranges::copy(stretch, stretch_.begin());
  std::ranges::copy(by_cosines, by_cosines_.begin());
  std::ranges::copy(by_sines, by_sines_.begin());
  run_.run(&pool);
}

}  // namespace astrolabe::kernel
