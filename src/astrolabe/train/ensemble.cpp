// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/ensemble.h"

#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/vmap.h"
#include "astrolabe/passes/pass_catalog.h"

namespace astrolabe {
namespace {

// The slots of all children beside those of one, which a graph keeps.
std::string of_all(std::string_view name) {
  return fmt::format("{} of all", name);
}

// A number of the step's program, and where a child says it.
struct OwnNumber {
  std::string name;
  std::vector<double> values;  // [children]

  [[nodiscard]] bool is_common() const {
    return std::ranges::all_of(values, [&](double value) { return value == values.front(); });
  }
};

std::vector<OwnNumber> numbers_of(const StepSpec& spec, std::span<const ChildNumbers> children) {
  std::vector<OwnNumber> all;
  const auto add = [&](std::string name, const auto& value_of) {
    OwnNumber number{.name = std::move(name), .values = {}};
    for (const ChildNumbers& child : children) number.values.push_back(value_of(child));
    all.push_back(std::move(number));
  };
  add("lr", [](const ChildNumbers& child) { return child.numbers.learning_rate; });
  add("dropout", [](const ChildNumbers& child) { return child.numbers.dropout; });
  add("smoothing", [](const ChildNumbers& child) { return child.numbers.smoothing; });
  add("clip", [](const ChildNumbers& child) { return child.numbers.clip; });
  const auto add_constants = [&](std::string_view prefix, const Expression& expression,
                                 std::vector<double> ChildNumbers::* own) {
    for (std::size_t i = 0; i < expression.constants.size(); ++i)
      add(fmt::format("{}.c{}", prefix, i), [&](const ChildNumbers& child) {
        const std::vector<double>& values = child.*own;
        ASTROLABE_CHECK(values.empty() || values.size() == expression.constants.size(),
                        "a number for every constant of an expression");
        return values.empty() ? expression.constants[i] : values[i];
      });
  };
  add_constants("activation", spec.net.activation, &ChildNumbers::activation);
  add_constants("loss", spec.loss, &ChildNumbers::loss);
  add_constants("optimizer", spec.optimizer, &ChildNumbers::optimizer);
  add_constants("schedule", spec.schedule, &ChildNumbers::schedule);
  return all;
}

bool decay_is_common(std::span<const ChildNumbers> children) {
  return std::ranges::all_of(children, [&](const ChildNumbers& child) {
    return child.numbers.weight_decay == children.front().numbers.weight_decay;
  });
}

// Runs the passes that may change last bits.
Program after_passes(const Program& program, const std::vector<std::string>& passes_off) {
  Rewritten now{.graph = program.graph, .roots = program.outputs};
  for (const Program::Update& update : program.updates) now.roots.push_back(update.next);
  for (const Program::Update& update : program.updates) now.roots.push_back(update.state);
  for (const Pass& pass : passes())
    if (pass.can_be_off && std::ranges::find(passes_off, pass.name) == passes_off.end())
      now = pass.run(now.graph, now.roots);
  const std::size_t outputs = program.outputs.size(), updates = program.updates.size();
  Program after{.graph = std::move(now.graph), .outputs = {}, .updates = {}};
  after.outputs.assign(now.roots.begin(), now.roots.begin() + static_cast<std::ptrdiff_t>(outputs));
  for (std::size_t i = 0; i < updates; ++i)
    after.updates.push_back({now.roots[outputs + updates + i], now.roots[outputs + i]});
  return after;
}

// The step of one child for all: states and the numbers that differ get an axis in front. Passes see the one
// child: what they make of it depends on shapes, and must be what a child alone would have.
Program step_of_all(const TrainerSetup& setup, std::span<const ChildNumbers> children) {
  Program program = after_passes(step_program(setup.spec, setup.layout), setup.options.passes_off);
  Graph& graph = program.graph;
  const std::size_t count = children.size();
  std::unordered_map<NodeId, NodeId> batched;
  std::vector<NodeId> roots = program.outputs;
  for (const Program::Update& update : program.updates) {
    const Slot slot = graph.slot_of(update.state);
    batched[update.state] =
        graph.state(of_all(slot.name), ElementType::f32, Shape{count, slot.shape.element_count()});
    roots.push_back(update.next);
  }
  for (const OwnNumber& number : numbers_of(setup.spec, children))
    if (!number.is_common())
      batched[graph.scalar(number.name)] = graph.input(of_all(number.name), ElementType::f32, Shape{count});
  if (setup.spec.decays && !decay_is_common(children))
    batched[graph.input("decay", ElementType::f32, Shape{setup.layout.size})] =
        graph.input(of_all("decay"), ElementType::f32, Shape{count, setup.layout.size});
  const std::vector<NodeId> values = vmap(graph, roots, count, batched);
  program.outputs = {values[0]};
  for (std::size_t i = 0; i < program.updates.size(); ++i)
    program.updates[i] = {batched.at(program.updates[i].state), values[1 + i]};
  return program;
}

CompileOptions without_passes(CompileOptions options) {
  options.passes_off = pass_names();
  return options;
}

}  // namespace

Ensemble::Ensemble(const TrainerSetup& setup, std::span<const ChildNumbers> children)
    : setup_(setup),
      children_(children.begin(), children.end()),
      first_running_(first_statistics(setup)),
      feed_(setup.key, setup.rows.rows, setup.spec.batch) {
  ASTROLABE_CHECK(!children_.empty(), "an ensemble of someone");
  ASTROLABE_CHECK(setup.spec.rows == setup.rows.rows, "a program for these rows");
  build();
}

void Ensemble::build() {
  run_ =
      std::make_unique<Execution>(compile(step_of_all(setup_, children_), without_passes(stepping(setup_))));
  bind_training(*run_, setup_);
  feed_.bind(*run_);
  set_numbers();
}

void Ensemble::set_numbers() {
  own_numbers_.clear();
  for (const OwnNumber& number : numbers_of(setup_.spec, children_)) {
    if (number.is_common()) {
      run_->set_scalar(number.name, number.values.front());
      continue;
    }
    own_numbers_.emplace_back(number.values.begin(), number.values.end());
    run_->bind_input(of_all(number.name), own_numbers_.back().data());
  }
  decay_.clear();
  for (const ChildNumbers& child : children_) {
    const std::vector<float> own = decay_of_weights(setup_.layout, child.numbers.weight_decay);
    decay_.insert(decay_.end(), own.begin(), own.end());
  }
  // The first row serves all of them where they agree.
  run_->bind_input("decay", decay_.data());
  run_->bind_input(of_all("decay"), decay_.data());
}

std::span<float> Ensemble::part(std::string_view state, std::size_t child) {
  const std::span<float> all = run_->state<float>(of_all(state));
  const std::size_t size = all.size() / children_.size();
  return all.subspan(child * size, size);
}

void Ensemble::put(std::size_t child, std::span<const float> w, std::span<const float> running,
                   std::span<const std::vector<float>> memories) {
  std::ranges::copy(w, part("w", child).begin());
  if (!running.empty()) std::ranges::copy(running, part("running", child).begin());
  for (std::size_t i = 0; i < setup_.spec.optimizer.memories.size(); ++i) {
    const std::span<float> memory = part("optimizer." + setup_.spec.optimizer.memories[i].name, child);
    if (memories.empty())
      std::ranges::fill(memory, 0.0F);
    else
      std::ranges::copy(memories[i], memory.begin());
  }
}

void Ensemble::start(std::span<const float> w) {
  steps_ = 0;
  for (std::size_t child = 0; child < children_.size(); ++child) put(child, w, first_running_, {});
}

void Ensemble::start_each(std::span<const float> w) {
  ASTROLABE_CHECK(w.size() == children_.size() * setup_.layout.size, "weights for every child");
  steps_ = 0;
  for (std::size_t child = 0; child < children_.size(); ++child)
    put(child, w.subspan(child * setup_.layout.size, setup_.layout.size), first_running_, {});
}

std::span<const float> Ensemble::step() {
  feed_.give(*run_, steps_, setup_.total_steps);
  run_->run(setup_.pool);
  ++steps_;
  return run_->output<float>(0);
}

void Ensemble::keep(std::span<const std::size_t> children) {
  ASTROLABE_CHECK(!children.empty(), "an ensemble of someone");
  std::vector<TrainingState> states;
  std::vector<ChildNumbers> kept;
  for (const std::size_t child : children) {
    states.push_back(state(child));
    kept.push_back(children_[child]);
  }
  children_ = std::move(kept);
  build();
  for (std::size_t child = 0; child < states.size(); ++child)
    put(child, states[child].w, states[child].running, states[child].memories);
}

std::span<const float> Ensemble::w(std::size_t child) {
  return part("w", child);
}

TrainingState Ensemble::state(std::size_t child) {
  TrainingState state{
      .steps = steps_, .w = {w(child).begin(), w(child).end()}, .running = {}, .memories = {}};
  if (!first_running_.empty()) {
    const std::span<float> running = part("running", child);
    state.running.assign(running.begin(), running.end());
  }
  for (const Expression::Memory& memory : setup_.spec.optimizer.memories) {
    const std::span<float> values = part("optimizer." + memory.name, child);
    state.memories.emplace_back(values.begin(), values.end());
  }
  return state;
}

}  // namespace astrolabe
