// SPDX-License-Identifier: Apache-2.0
// Ours in the race of a whole training step of a convolutional net; speaks the protocol of
// benchmarks/engine:
//
//   bench_convolution_step            a line "compile_ms T", then for each number of steps on stdin a line
//                                     "wall cpu", microseconds a step
//   bench_convolution_step --check    the losses of the first five steps, from the state in $CNN_STEP_STATE
//   bench_convolution_step --plan     what is run
//   .. --usual-order                  with any of them: bias and relu in front of the pools, as nets are
//   written
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/runtime/compile.h"

namespace astrolabe {
namespace {

constexpr std::size_t kBatch = 64, kBatches = 8, kClasses = 10, kSize = 28, kFlat = 7 * 7 * 32;
constexpr int kCheckSteps = 5;
constexpr ConvolveShape kSame{.stride = {1, 1}, .before = {1, 1}, .after = {1, 1}};

std::vector<Shape> weight_shapes() {
  return {{3, 3, 1, 16}, {16}, {3, 3, 16, 32}, {32}, {kFlat, kClasses}, {kClasses}};
}

std::size_t weight_count() {
  std::size_t count = 0;
  for (const Shape& shape : weight_shapes()) count += shape.element_count();
  return count;
}

// Convolution, the largest of 2 x 2, bias, relu: what convolution, bias, relu, the largest of 2 x 2 gives to
// the last bit, since adding a number and relu keep the order; with a quarter of the work.
NodeId block(Graph& g, NodeId x, NodeId filters, NodeId bias, bool is_usual_order) {
  NodeId z = g.convolve(x, filters, kSame);
  const Shape s = g.shape(z);
  const auto biased = [&](NodeId h) {
    const Shape whole = g.shape(h), places{whole.element_count() / whole[3], whole[3]};
    const NodeId sum = g.add(g.reshape(h, places), g.broadcast_rows(bias, places[0]));
    return g.reshape(g.maximum(sum, g.constant(0)), whole);
  };
  if (is_usual_order) z = biased(z);
  const NodeId blocks = g.reshape(z, Shape{s[0], s[1] / 2, 2, s[2] / 2, 2, s[3]});
  const NodeId top = g.reduce(ReduceKind::maximum, blocks, std::array<std::size_t, 2>{2, 4});
  return is_usual_order ? top : biased(top);
}

// The mean of the cross-entropy of z [batch, classes] with the classes y.
NodeId mean_loss(Graph& g, NodeId z, NodeId y) {
  const Shape s = g.shape(z);
  const auto wide = [&](NodeId column) { return g.expand(g.reshape(column, Shape{s[0], 1}), s); };
  const NodeId top = g.reduce(ReduceKind::maximum, z, std::array<std::size_t, 1>{1});
  const NodeId shifted = g.subtract(z, wide(top));
  const NodeId log_p = g.subtract(shifted, wide(g.math("log", g.sum(g.math("exp", shifted), {1}))));
  const NodeId is_class = g.equal(g.iota(ElementType::i32, s, 1), wide(y));
  const NodeId sum = g.sum_all(g.select(is_class, log_p, g.constant(0)));
  return g.multiply(sum, g.constant(-1.0 / static_cast<double>(kBatch)));
}

Program step_program(bool is_usual_order) {
  Program p;
  Graph& g = p.graph;
  const Shape flat{weight_count()};
  const NodeId w = g.state("w", ElementType::f32, flat), m = g.state("m", ElementType::f32, flat),
               v = g.state("v", ElementType::f32, flat);
  std::vector<NodeId> parts;
  std::size_t offset = 0;
  for (const Shape& shape : weight_shapes()) {
    const std::array<std::size_t, 1> begin = {offset};
    parts.push_back(g.reshape(g.slice(w, begin, Shape{shape.element_count()}), shape));
    offset += shape.element_count();
  }
  const NodeId x = g.input("x", ElementType::f32, Shape{kBatch, kSize, kSize, 1});
  const NodeId y = g.input("y", ElementType::i32, Shape{kBatch});
  const NodeId h =
      block(g, block(g, x, parts[0], parts[1], is_usual_order), parts[2], parts[3], is_usual_order);
  const NodeId z =
      g.add(g.dot(g.reshape(h, Shape{kBatch, kFlat}), parts[4]), g.broadcast_rows(parts[5], kBatch));
  const NodeId loss = mean_loss(g, z, y);
  std::vector<NodeId> slopes = gradient(g, loss, parts);
  for (NodeId& slope : slopes) slope = g.reshape(slope, Shape{g.shape(slope).element_count()});
  const NodeId slope = g.concat(slopes, 0);
  // Adam, betas 0.9 and 0.999; the corrections come as numbers.
  const NodeId next_m = g.add(g.multiply(m, g.constant(0.9)), g.multiply(slope, g.constant(0.1)));
  const NodeId next_v =
      g.add(g.multiply(v, g.constant(0.999)), g.multiply(g.multiply(slope, slope), g.constant(0.001)));
  const NodeId root = g.math("sqrt", g.multiply(next_v, g.scalar("v_correction")));
  const NodeId move = g.divide(g.multiply(next_m, g.scalar("m_step")), g.add(root, g.constant(1e-8)));
  p.outputs = {loss};
  p.updates = {{w, g.subtract(w, move)}, {m, next_m}, {v, next_v}};
  return p;
}

// Weights, then x and y of every batch.
struct State {
  std::vector<float> weights = std::vector<float>(weight_count());
  std::vector<float> x = std::vector<float>(kBatches * kBatch * kSize * kSize);
  std::vector<std::int32_t> y = std::vector<std::int32_t>(kBatches * kBatch);
};

State read_state(const char* path) {
  State state;
  std::ifstream file(path, std::ios::binary);
  const auto read = [&](auto& to) {
    file.read(reinterpret_cast<char*>(to.data()), static_cast<std::streamsize>(to.size() * 4));
  };
  read(state.weights);
  read(state.x);
  read(state.y);
  if (file) return state;
  std::fprintf(stderr, "bench_convolution_step: cannot read %s\n", path);
  std::exit(1);
}

State make_state() {
  State state;
  RandomStream random(Key::from_seed(1));
  for (float& weight : state.weights) weight = static_cast<float>(0.1 * random.normal());
  for (float& pixel : state.x) pixel = static_cast<float>(random.normal());
  for (std::int32_t& one : state.y) one = static_cast<std::int32_t>(random.below(kClasses));
  return state;
}

class Training {
 public:
  Training(State state, std::shared_ptr<const Executable> executable)
      : state_(std::move(state)), run_(std::move(executable)) {
    std::copy(state_.weights.begin(), state_.weights.end(), run_.state<float>("w").begin());
  }

  float step() {
    const std::size_t batch = steps_ % kBatches * kBatch;
    run_.bind_input("x", state_.x.data() + batch * kSize * kSize);
    run_.bind_input("y", state_.y.data() + batch);
    const auto k = static_cast<double>(++steps_);
    run_.set_scalar("m_step", 1e-3 / (1 - std::pow(0.9, k)));
    run_.set_scalar("v_correction", 1 / (1 - std::pow(0.999, k)));
    run_.run();
    return run_.output<float>(0)[0];
  }

 private:
  State state_;
  std::size_t steps_ = 0;
  Execution run_;
};

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void serve(Training& training, double compile_ms) {
  for (int i = 0; i < 20; ++i) (void)training.step();
  std::printf("compile_ms %.1f\n", compile_ms);
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    const long steps = std::atol(line.c_str());
    const double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (long i = 0; i < steps; ++i) (void)training.step();
    const double each = 1e6 / static_cast<double>(steps);
    std::printf("%.3f %.3f\n", each * (seconds(CLOCK_MONOTONIC) - wall),
                each * (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu));
    std::fflush(stdout);
  }
}

int run(const std::string& word, bool is_usual_order) {
  const char* path = std::getenv("CNN_STEP_STATE");
  CompileOptions options{.tier = Tier::compiled};
  if (word == "--plan")
    options.on_pass = [](const PassReport& pass) {
      if (pass.name == "lower") std::printf("%s", pass.text().c_str());
    };
  const double begin = seconds(CLOCK_MONOTONIC);
  auto executable = compile(step_program(is_usual_order), options);
  const double compile_ms = 1e3 * (seconds(CLOCK_MONOTONIC) - begin);
  if (word == "--plan") return 0;
  Training training(word == "--check" && path != nullptr ? read_state(path) : make_state(),
                    std::move(executable));
  if (word == "--check")
    for (int i = 0; i < kCheckSteps; ++i) std::printf("loss %.7g\n", static_cast<double>(training.step()));
  else
    serve(training, compile_ms);
  return 0;
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  std::string word;
  bool is_usual_order = false;
  for (const std::string& given : std::vector<std::string>(arguments + 1, arguments + count)) {
    if (given == "--usual-order")
      is_usual_order = true;
    else
      word = given;
  }
  return astrolabe::run(word, is_usual_order);
}
