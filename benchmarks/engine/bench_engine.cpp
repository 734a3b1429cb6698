// SPDX-License-Identifier: Apache-2.0
// Ours in the race of README.md; speaks the protocol of compare.py:
//
//   bench_engine WORKLOAD [ROUNDS]     a line "compile_ms T", then for each number of steps on stdin a line
//                                      "wall cpu", microseconds a step
//   bench_engine WORKLOAD --check      the losses of the first steps, from the state in $BENCH_STATE
//   bench_engine clip --plain          the batch's gradient instead of the rows' clipped ones; filters_* too
//
// Rows are gathered by an index inside the step, as when training on a table; rivals are handed their
// batches.
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "workloads.h"

#include "astrolabe/graph/gradient.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/runtime/compile.h"
#include "astrolabe/train/batch_loss.h"
#include "astrolabe/train/filter_rows.h"
#include "astrolabe/train/private_step.h"

namespace astrolabe {
namespace {

constexpr int kCheckSteps = 20;
constexpr double kRowClip = 1, kClipRate = 0.1;  // of the workload "clip"

std::shared_ptr<const Executable> compiled(const Program& program) {
  return compile(program, {.tier = Tier::compiled});
}

class Worker {
 public:
  virtual ~Worker() = default;
  virtual void step() = 0;
  // A step from where it stands, and the loss before it.
  virtual double checked_step() = 0;
};

// What every program of a net is bound to.
class Rows {
 public:
  Rows(const StepSpec& spec, const ParameterLayout& layout, State state)
      : spec_(spec),
        state_(std::move(state)),
        w_(layout.size),
        order_(spec.rows),
        present_(spec.batch, 1 / static_cast<float>(spec.batch)) {
    std::iota(order_.begin(), order_.end(), 0);
    auto from = state_.weights.begin();
    for (const Parameter& parameter : layout.parameters) {
      const auto count = static_cast<std::ptrdiff_t>(parameter.shape.element_count());
      std::copy_n(from, count, w_.begin() + static_cast<std::ptrdiff_t>(parameter.offset));
      from += count;
    }
  }

  void bind(Execution& run) {
    run.bind_input("x", state_.x.data());
    run.bind_input("y", state_.y.data());
    run.bind_input("present", present_.data());
    run.bind_state("w", w_.data());
    set_constants(run, spec_.net.activation, "activation");
    set_constants(run, spec_.loss, "loss");
    set_constants(run, spec_.optimizer, "optimizer");
    set_constants(run, spec_.schedule, "schedule");
    run.set_scalar("lr", spec_.optimizer.memories.empty() ? 1e-2 : 1e-3);
    run.set_scalar("t", 0);
    run.set_scalar("row_clip", kRowClip);
  }
  void bind_batch(Execution& run, std::size_t number) const {
    run.bind_input("batch", order_.data() + number % kBatches * spec_.batch);
  }
  std::span<float> w() { return w_; }

 private:
  StepSpec spec_;
  State state_;
  std::vector<float> w_;
  std::vector<std::int32_t> order_;
  std::vector<float> present_;  // a row's share in the mean: what it counts, beside its clipping
};

class Training : public Worker {
 public:
  Training(const StepSpec& spec, const ParameterLayout& layout, State state)
      : rows_(spec, layout, std::move(state)), run_(compiled(step_program(spec, layout))) {
    rows_.bind(run_);
  }
  void step() override {
    rows_.bind_batch(run_, steps_);
    run_.set_scalar("k", static_cast<double>(++steps_));
    run_.run();
  }
  double checked_step() override {
    step();
    return run_.output<float>(0)[0];
  }

 private:
  Rows rows_;
  std::size_t steps_ = 0;
  Execution run_;
};

Program plain_gradient(const StepSpec& spec, const ParameterLayout& layout, bool with_loss) {
  Program program;
  const BatchLoss batch = place_batch_loss(program.graph, spec, layout, true);
  const NodeId mean = place_batch_mean(program.graph, spec, batch);
  program.outputs = {join_aligned(program.graph, gradient(program.graph, mean, batch.net.parameters))};
  if (with_loss) program.outputs.push_back(mean);
  return program;
}

Program clipped_gradient(const StepSpec& spec, const ParameterLayout& layout) {
  Program program;
  const ClippedSum clipped = place_clipped_sum(program.graph, spec, layout, RowClipping::fixed);
  program.outputs = {clipped.sum};
  return program;
}

// The gradient alone; only when checked it also moves the weights.
class Gradients : public Worker {
 public:
  Gradients(const StepSpec& spec, const ParameterLayout& layout, State state, bool is_plain)
      : rows_(spec, layout, std::move(state)),
        run_(compiled(is_plain ? plain_gradient(spec, layout, false) : clipped_gradient(spec, layout))),
        loss_program_(plain_gradient(spec, layout, true)) {
    rows_.bind(run_);
  }
  void step() override {
    rows_.bind_batch(run_, steps_++);
    run_.run();
  }
  double checked_step() override {
    if (loss_ == nullptr) {
      loss_ = std::make_unique<Execution>(compiled(loss_program_));
      rows_.bind(*loss_);
    }
    rows_.bind_batch(*loss_, steps_);
    loss_->run();
    step();
    const std::span<const float> g = run_.output<float>(0);
    for (std::size_t i = 0; i < g.size(); ++i) rows_.w()[i] -= static_cast<float>(kClipRate) * g[i];
    return loss_->output<float>(1)[0];
  }

 private:
  Rows rows_;
  std::size_t steps_ = 0;
  Execution run_;
  Program loss_program_;
  std::unique_ptr<Execution> loss_;
};

// By the filters of one convolution, 3 x 3, "same"; pictures and slopes lie side by side in a row of x.
class Filters : public Worker {
 public:
  Filters(const Workload& workload, State state, bool is_plain)
      : row_(workload.batch * workload.inputs()),
        x_(std::move(state.x)),
        run_(compiled(program_of(workload, is_plain))) {
    run_.set_scalar("row_clip", kRowClip);
  }
  void step() override {
    run_.bind_input("x", x_.data() + steps_++ % kBatches * row_);
    run_.run();
  }
  double checked_step() override {
    step();
    double square = 0;
    for (const float value : run_.output<float>(0))
      square += static_cast<double>(value) * static_cast<double>(value);
    return square / static_cast<double>(run_.output<float>(0).size());
  }

 private:
  static Program program_of(const Workload& workload, bool is_plain) {
    Program program;
    Graph& graph = program.graph;
    const std::size_t n = workload.batch, h = workload.sizes[0], w = workload.sizes[1];
    const NodeId x = graph.input("x", ElementType::f32, Shape{n, workload.inputs()});
    const auto part = [&](std::size_t from, std::size_t channels) {
      const std::array<std::size_t, 2> begin{0, from};
      return graph.reshape(graph.slice(x, begin, Shape{n, h * w * channels}), Shape{n, h, w, channels});
    };
    const FilterUse use{.x = part(0, workload.sizes[2]),
                        .slopes = part(h * w * workload.sizes[2], workload.sizes[3]),
                        .filters = Shape{3, 3, workload.sizes[2], workload.sizes[3]},
                        .how = {.stride = {1, 1}, .before = {1, 1}, .after = {1, 1}}};
    const NodeId share = graph.constant(1 / static_cast<double>(n));
    if (is_plain) {
      program.outputs = {
          graph.multiply(graph.convolve_filters(use.x, use.slopes, use.filters, use.how), share)};
      return program;
    }
    const NodeId limit = graph.scalar("row_clip");
    const NodeId norms = graph.math("sqrt", filter_square_norms(graph, use));
    const NodeId factors = graph.multiply(graph.divide(limit, graph.maximum(norms, limit)), share);
    program.outputs = {scaled_filter_sum(graph, use, factors)};
    return program;
  }

  std::size_t row_;
  std::size_t steps_ = 0;
  std::vector<float> x_;
  Execution run_;
};

class Function : public Worker {
 public:
  Function(const Workload& workload, State state)
      : count_(workload.sizes.front()), x_(std::move(state.x)), run_(compiled(program_of(workload))) {
    set_constants(run_, expression_of(workload), "f");
  }
  void step() override {
    run_.bind_input("x", x_.data() + steps_++ % kBatches * count_);
    run_.run();
  }
  double checked_step() override {
    step();
    const std::span<const float> y = run_.output<float>(0);
    return std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(count_);
  }

 private:
  static Expression expression_of(const Workload& workload) {
    return resolve_part(Vocabulary::activation, workload.activation).expression;
  }
  static Program program_of(const Workload& workload) {
    Program program;
    Graph& graph = program.graph;
    const Expression expression = expression_of(workload);
    auto leaves = constant_leaves(graph, expression, "f");
    leaves["x"] = graph.input("x", ElementType::f32, Shape{workload.sizes.front()});
    program.outputs = {place(expression, graph, leaves).value};
    return program;
  }

  std::size_t count_;
  std::size_t steps_ = 0;
  std::vector<float> x_;
  Execution run_;
};

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void serve(Worker& worker, double compile_ms, double rounds) {
  for (int i = 0; i < 20; ++i) worker.step();
  std::printf("compile_ms %.1f\n", compile_ms);
  std::fflush(stdout);
  for (std::string line; rounds > 0 && std::getline(std::cin, line); --rounds) {
    const long steps = std::atol(line.c_str());
    const double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (long i = 0; i < steps; ++i) worker.step();
    const double each = 1e6 / static_cast<double>(steps);
    std::printf("%.3f %.3f\n", each * (seconds(CLOCK_MONOTONIC) - wall),
                each * (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu));
    std::fflush(stdout);
  }
}

std::unique_ptr<Worker> make_worker(const Workload& workload, State state, bool is_plain) {
  if (workload.work == Work::apply) return std::make_unique<Function>(workload, std::move(state));
  if (workload.work == Work::filters) return std::make_unique<Filters>(workload, std::move(state), is_plain);
  const StepSpec spec = make_spec(workload);
  const ParameterLayout layout = layout_of(spec.net);
  if (workload.work == Work::step) return std::make_unique<Training>(spec, layout, std::move(state));
  return std::make_unique<Gradients>(spec, layout, std::move(state), is_plain);
}

int run(const std::vector<std::string>& arguments) {
  bool checks = false, is_plain = false;
  std::vector<std::string> words;
  for (const std::string& argument : arguments) {
    if (argument == "--check")
      checks = true;
    else if (argument == "--plain")
      is_plain = true;
    else
      words.push_back(argument);
  }
  if (words.empty() || !workloads().contains(words[0])) {
    std::fprintf(stderr, "usage: bench_engine WORKLOAD [ROUNDS] [--check] [--plain]; workloads:");
    for (const auto& [name, workload] : workloads()) std::fprintf(stderr, " %s", name.c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  const Workload& workload = workloads().at(words[0]);
  const char* path = checks ? std::getenv("BENCH_STATE") : nullptr;
  State state = path != nullptr ? read_state(workload, path) : make_state(workload);
  const double begin = seconds(CLOCK_MONOTONIC);
  const std::unique_ptr<Worker> worker = make_worker(workload, std::move(state), is_plain);
  const double compile_ms = 1e3 * (seconds(CLOCK_MONOTONIC) - begin);
  if (!checks) {
    serve(*worker, compile_ms, words.size() > 1 ? std::atof(words[1].c_str()) : HUGE_VAL);
    return 0;
  }
  for (int i = 0; i < kCheckSteps; ++i) std::printf("loss %.7g\n", worker->checked_step());
  return 0;
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  return astrolabe::run({arguments + 1, arguments + count});
}
