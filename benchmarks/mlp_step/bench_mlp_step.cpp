// SPDX-License-Identifier: Apache-2.0
// Ours in the race of whole training steps; speaks the protocol of compare.py:
//
//   bench_mlp_step WORKLOAD [ROUNDS]     a line "compile_ms T", then for each number of steps on stdin a line
//                                        "wall cpu", microseconds a step
//   bench_mlp_step WORKLOAD --check      the losses of the first five steps, from the state in
//   $MLP_STEP_STATE
//
// Rows are gathered by an index inside the step, as when training on a table; rivals are handed their
// batches.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/runtime/compile.h"
#include "astrolabe/train/programs.h"

namespace astrolabe {
namespace {

constexpr std::size_t kBatches = 8;
constexpr int kCheckSteps = 5;

struct Workload {
  std::vector<std::size_t> sizes;
  std::size_t batch;
  bool is_number;
  std::string activation = "relu";
};

const std::map<std::string, Workload>& workloads() {
  static const std::map<std::string, Workload> all{
      {"tab", {{16, 64, 64, 2}, 64, false}},
      {"wide", {{32, 64, 64, 1}, 256, true}},
      {"mid", {{64, 128, 128, 10}, 128, false}},
      {"mid_searched",
       {{64, 128, 128, 10}, 128, false, "x*sigmoid(1.5*x) + 0.1*sin(x)*tanh(x) - 0.05*x*x*exp(-x*x)"}},
      {"fashion", {{784, 256, 256, 10}, 128, false}}};
  return all;
}

StepSpec make_spec(const Workload& workload) {
  std::string architecture;
  for (std::size_t i = 1; i + 1 < workload.sizes.size(); ++i)
    architecture += (architecture.empty() ? "" : "-") + std::to_string(workload.sizes[i]);
  const auto part = [](Vocabulary slot, const std::string& text) {
    return resolve_part(slot, text).expression;
  };
  return {.net = {.numbers = workload.sizes.front(),
                  .outputs = workload.sizes.back(),
                  .architecture = parse_architecture(architecture),
                  .activation = part(Vocabulary::activation, workload.activation)},
          .head = workload.is_number ? Head::number : Head::classes,
          .loss = part(Vocabulary::loss, workload.is_number ? "mse" : "cross_entropy"),
          .optimizer = part(Vocabulary::optimizer, "adam(0.9,0.999,1e-8)"),
          .schedule = part(Vocabulary::schedule, "constant"),
          .rows = kBatches * workload.batch,
          .batch = workload.batch};
}

// Weights as in the file of workloads.py: w0, b0, w1, ...; then x and y of every batch.
struct State {
  std::vector<float> weights, x, y;
};

State read_state(const StepSpec& spec, const ParameterLayout& layout, const char* path) {
  State state{std::vector<float>(layout.count()), std::vector<float>(spec.rows * spec.net.numbers),
              std::vector<float>(spec.rows)};
  std::ifstream file(path, std::ios::binary);
  const auto read = [&](float* to, std::size_t count) {
    file.read(reinterpret_cast<char*>(to), static_cast<std::streamsize>(count * sizeof(float)));
  };
  read(state.weights.data(), state.weights.size());
  for (std::size_t i = 0; i < kBatches; ++i) {
    read(state.x.data() + i * spec.batch * spec.net.numbers, spec.batch * spec.net.numbers);
    read(state.y.data() + i * spec.batch, spec.batch);
  }
  if (!file) {
    std::fprintf(stderr, "bench_mlp_step: cannot read %s\n", path);
    std::exit(1);
  }
  return state;
}

State make_state(const StepSpec& spec, const ParameterLayout& layout) {
  State state;
  RandomStream random(Key::from_seed(1));
  for (const Parameter& parameter : layout.parameters)
    for (std::size_t i = 0; i < parameter.shape.element_count(); ++i)
      state.weights.push_back(static_cast<float>((2 * random.uniform() - 1) /
                                                 std::sqrt(static_cast<double>(parameter.shape[0]))));
  for (std::size_t i = 0; i < spec.rows * spec.net.numbers; ++i)
    state.x.push_back(static_cast<float>(random.normal()));
  for (std::size_t i = 0; i < spec.rows; ++i)
    state.y.push_back(spec.head == Head::number ? static_cast<float>(random.normal())
                                                : static_cast<float>(random.below(spec.net.outputs)));
  return state;
}

class Training {
 public:
  Training(const StepSpec& spec, const ParameterLayout& layout, const State& state,
           std::shared_ptr<const Executable> executable)
      : batch_(spec.batch), order_(spec.rows), run_(std::move(executable)) {
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::int32_t>(i);
    run_.bind_input("x", state.x.data());
    run_.bind_input("y", state.y.data());
    set_constants(run_, spec.net.activation, "activation");
    set_constants(run_, spec.loss, "loss");
    set_constants(run_, spec.optimizer, "optimizer");
    set_constants(run_, spec.schedule, "schedule");
    run_.set_scalar("lr", 1e-3);
    run_.set_scalar("t", 0);
    std::size_t from = 0;
    for (const Parameter& parameter : layout.parameters) {
      for (std::size_t i = 0; i < parameter.shape.element_count(); ++i)
        run_.state<float>("w")[parameter.offset + i] = state.weights[from++];
    }
  }

  float step() {
    run_.bind_input("batch", order_.data() + steps_ % kBatches * batch_);
    run_.set_scalar("k", static_cast<double>(++steps_));
    run_.run();
    return run_.output<float>(0)[0];
  }

 private:
  std::size_t batch_;
  std::size_t steps_ = 0;
  std::vector<std::int32_t> order_;
  Execution run_;
};

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void serve(Training& training, double compile_ms, double rounds) {
  for (int i = 0; i < 20; ++i) (void)training.step();
  std::printf("compile_ms %.1f\n", compile_ms);
  std::fflush(stdout);
  for (std::string line; rounds > 0 && std::getline(std::cin, line); --rounds) {
    const long steps = std::atol(line.c_str());
    const double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (long i = 0; i < steps; ++i) (void)training.step();
    const double each = 1e6 / static_cast<double>(steps);
    std::printf("%.3f %.3f\n", each * (seconds(CLOCK_MONOTONIC) - wall),
                each * (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu));
    std::fflush(stdout);
  }
}

int run(const std::vector<std::string>& arguments) {
  bool checks = false;
  std::vector<std::string> words;
  for (const std::string& argument : arguments)
    (argument == "--check" ? (void)(checks = true) : words.push_back(argument));
  if (words.empty() || !workloads().contains(words[0])) {
    std::fprintf(stderr, "usage: bench_mlp_step {tab,wide,mid,mid_searched,fashion} [ROUNDS] [--check]\n");
    return 2;
  }
  const StepSpec spec = make_spec(workloads().at(words[0]));
  const ParameterLayout layout = layout_of(spec.net);
  const char* path = std::getenv("MLP_STEP_STATE");
  const State state = checks && path != nullptr ? read_state(spec, layout, path) : make_state(spec, layout);
  const double begin = seconds(CLOCK_MONOTONIC);
  auto executable = compile(step_program(spec, layout), {.tier = Tier::compiled});
  const double compile_ms = 1e3 * (seconds(CLOCK_MONOTONIC) - begin);
  Training training(spec, layout, state, std::move(executable));
  if (!checks) {
    serve(training, compile_ms, words.size() > 1 ? std::atof(words[1].c_str()) : HUGE_VAL);
    return 0;
  }
  for (int i = 0; i < kCheckSteps; ++i) std::printf("loss %.7g\n", static_cast<double>(training.step()));
  return 0;
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  return astrolabe::run({arguments + 1, arguments + count});
}
