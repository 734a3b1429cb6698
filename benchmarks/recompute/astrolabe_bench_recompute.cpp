// SPDX-License-Identifier: Apache-2.0
// What training under a memory limit costs: a deep chain of residual dense blocks x + act(x W0 + b0) W1 + b1,
// trained by gradient descent, with all of its memory and with a share of it. Interleaved, by processor time;
// the weights of both must be equal to the byte.
//
//   astrolabe_bench_recompute [BLOCKS [SLOTS [ROWS [WIDTH [ROUNDS [ACTIVATION]]]]]]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "benchmarks/bench_measures.h"

#include "astrolabe/base/random.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/lower/chain_schedule.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/runtime/compile.h"

namespace astrolabe {
namespace {

struct Shape4 {
  std::size_t blocks = 1024, slots = 64, rows = 64, width = 64;
  int rounds = 9;
  std::string activation = "relu";
};

double seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

Program deep_step(const Shape4& shape) {
  Program program;
  Graph& graph = program.graph;
  const Expression activation = resolve_part(Vocabulary::activation, shape.activation).expression;
  std::unordered_map<std::string, NodeId> leaves;
  for (std::size_t i = 0; i < activation.constants.size(); ++i)
    leaves["c" + std::to_string(i)] = graph.constant(activation.constants[i]);
  std::vector<NodeId> weights;
  const auto dense = [&](NodeId x) {
    const std::string number = std::to_string(weights.size() / 2);
    weights.push_back(graph.state("w" + number, ElementType::f32, Shape{shape.width, shape.width}));
    weights.push_back(graph.state("b" + number, ElementType::f32, Shape{shape.width}));
    return graph.add(graph.dot(x, weights.end()[-2]), graph.broadcast_rows(weights.back(), shape.rows));
  };
  NodeId x = graph.input("x", ElementType::f32, Shape{shape.rows, shape.width});
  for (std::size_t block = 0; block < shape.blocks; ++block) {
    leaves["x"] = dense(x);
    const NodeId inner = place(activation, graph, leaves).value;
    x = graph.add(x, dense(inner));
  }
  const NodeId share = graph.constant(1.0 / static_cast<double>(shape.rows * shape.width));
  const NodeId loss = graph.multiply(graph.sum_all(graph.multiply(x, x)), share);
  const std::vector<NodeId> slopes = gradient(graph, loss, weights);
  for (std::size_t i = 0; i < weights.size(); ++i)
    program.updates.push_back(
        {weights[i], graph.subtract(weights[i], graph.multiply(graph.constant(1e-3), slopes[i]))});
  program.outputs = {loss};
  return program;
}

class Training {
 public:
  Training(const Shape4& shape, const CompileOptions& options, const char* name) : name_(name) {
    const double begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
    double lowering = 0;
    CompileOptions reporting = options;
    reporting.on_pass = [&](const PassReport& pass) { lowering = pass.seconds; };
    executable_ = compile(deep_step(shape), reporting);
    const double all = seconds(CLOCK_PROCESS_CPUTIME_ID) - begin;
    const Recomputation& again = executable_->recomputation();
    std::printf(
        "%-12s arena %10zu bytes, compiled in %.2f s (lowering %.2f), %zu steps run again, "
        "estimated %.3f of the work\n",
        name, executable_->arena_bytes(), all, lowering, again.steps_again, 1 + again.extra_work);
    run_ = std::make_unique<Execution>(executable_);
    RandomStream random(Key::from_seed(1));
    const double scale = 0.1 / static_cast<double>(shape.width);
    for (const Slot& slot : executable_->states())
      for (float& weight : run_->state<float>(slot.name))
        weight = static_cast<float>(slot.shape.rank() == 2 ? scale * random.normal() : 0.0);
    for (std::size_t i = 0; i < shape.rows * shape.width; ++i)
      x_.push_back(static_cast<float>(random.normal()));
    run_->bind_input("x", x_.data());
  }

  // Processor seconds of a step.
  double step() {
    const double begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
    run_->run();
    return seconds(CLOCK_PROCESS_CPUTIME_ID) - begin;
  }
  [[nodiscard]] float loss() const { return run_->output<float>(0)[0]; }
  [[nodiscard]] std::size_t arena() const { return executable_->arena_bytes(); }
  [[nodiscard]] const char* name() const { return name_; }

  [[nodiscard]] bool equals(Training& other) {
    return std::ranges::all_of(executable_->states(), [&](const Slot& slot) {
      const std::span<const float> a = run_->state<float>(slot.name), b = other.run_->state<float>(slot.name);
      return std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
    });
  }

 private:
  const char* name_;
  std::shared_ptr<const Executable> executable_;
  std::unique_ptr<Execution> run_;
  std::vector<float> x_;
};

int compare(const Shape4& shape) {
  std::printf("%zu blocks of %zu rows by %zu, %s\n", shape.blocks, shape.rows, shape.width,
              shape.activation.c_str());
  Training plain(shape, {.tier = Tier::compiled}, "plain");
  const auto limit =
      static_cast<std::size_t>(static_cast<double>(plain.arena()) * static_cast<double>(shape.slots) /
                               static_cast<double>(shape.blocks));
  Training limited(shape, {.tier = Tier::compiled, .memory_limit = limit}, "limited");
  std::vector<double> plain_times, ratios;
  bool is_equal = true;
  for (int round = 0; round < shape.rounds; ++round) {
    const double a = plain.step(), b = limited.step();
    is_equal = is_equal && plain.loss() == limited.loss() && plain.equals(limited);
    if (round == 0) continue;  // warms up
    plain_times.push_back(a);
    ratios.push_back(b / a);
  }
  const auto forwards =
      plan_chain(std::vector<ChainBlock>(shape.blocks), static_cast<std::uint32_t>(shape.slots))->cost;
  const auto blocks = static_cast<double>(shape.blocks);
  std::printf("limit %zu bytes: %zu of %zu slots\n", limit, shape.slots, shape.blocks);
  std::printf("plain %.1f ms a step, limited %.3f of that (from %.3f to %.3f)\n", 1e3 * median(plain_times),
              median(ratios), *std::ranges::min_element(ratios), *std::ranges::max_element(ratios));
  std::printf("Revolve's bound where the way back costs twice the way there: %.3f\n",
              (forwards + 2 * blocks) / (3 * blocks));
  std::printf("weights after %d steps: %s\n", shape.rounds, is_equal ? "equal to the byte" : "DIFFERENT");
  return is_equal ? 0 : 1;
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  astrolabe::Shape4 shape;
  const auto number = [&](int i, std::size_t otherwise) {
    return count > i ? static_cast<std::size_t>(std::atoll(arguments[i])) : otherwise;
  };
  shape.blocks = number(1, shape.blocks);
  shape.slots = number(2, shape.slots);
  shape.rows = number(3, shape.rows);
  shape.width = number(4, shape.width);
  shape.rounds = static_cast<int>(number(5, static_cast<std::size_t>(shape.rounds)));
  if (count > 6) shape.activation = arguments[6];
  return astrolabe::compare(shape);
}
