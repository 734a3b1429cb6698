// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/compile_expression.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/random.h"
#include "astrolabe/codegen/nest_compiler.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/print.h"
#include "astrolabe/graph/vocabulary.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/runtime/compile.h"

namespace astrolabe {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kMeasured = 0.05;  // seconds of one measurement

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The value, its derivatives and the next memories, over vectors.
Program program_of(const Expression& expression, std::size_t elements, bool with_gradient) {
  Program program;
  Graph& graph = program.graph;
  const Shape shape{elements};
  std::unordered_map<std::string, NodeId> leaves;
  for (const VariableRow& row : variable_rows())
    leaves[std::string(row.name)] = graph.input(row.name, ElementType::f32, shape);
  leaves["log_p"] = graph.math("log", leaves["p"]);
  leaves["log_1_p"] = graph.math("log", graph.subtract(graph.constant(1), leaves["p"]));
  for (const Expression::Trainable& trainable : expression.trainables)
    leaves[trainable.name] = graph.input(trainable.name, ElementType::f32, Shape{});
  for (std::size_t i = 0; i < expression.constants.size(); ++i) {
    const std::string name = fmt::format("c{}", i);
    leaves[name] = graph.scalar(name);
  }
  for (const Expression::Memory& memory : expression.memories)
    leaves[memory.name] = graph.state(memory.name, ElementType::f32, shape);
  const Placed placed = place(expression, graph, leaves);
  program.outputs = {placed.value};
  for (std::size_t i = 0; i < placed.next.size(); ++i)
    program.updates.push_back({leaves[expression.memories[i].name], placed.next[i]});
  if (with_gradient) {
    std::vector<NodeId> moved;
    for (const std::string& variable : moved_variables(expression)) moved.push_back(leaves[variable]);
    const NodeId total = graph.shape(placed.value).rank() > 0 ? graph.sum_all(placed.value) : placed.value;
    for (const NodeId slope : gradient(graph, total, moved)) program.outputs.push_back(slope);
  }
  return program;
}

std::vector<NodeId> roots_of(const Program& program) {
  std::vector<NodeId> roots = program.outputs;
  for (const Program::Update& update : program.updates) roots.push_back(update.next);
  for (const Program::Update& update : program.updates) roots.push_back(update.state);
  return roots;
}

// What compile() tells on its way; the plan at its end. Refuses passes that there are not.
Plan watch_passes(const Program& program, const CompileRequest& request, CompiledExpression& result) {
  Plan plan;
  static_cast<void>(compile(program, {.set = request.set,
                                      .tier = Tier::tiles,
                                      .passes_off = request.passes_off,
                                      .on_pass = [&](const PassReport& pass) {
                                        result.passes.push_back(
                                            {std::string(pass.name), pass.seconds, pass.text()});
                                        if (pass.plan != nullptr) plan = *pass.plan;
                                      }}));
  return plan;
}

std::vector<const NestCode*> nests_of(const Plan& plan) {
  std::vector<const NestCode*> nests;
  for (const Step& step : plan.steps)
    if (const auto* nest = std::get_if<NestStep>(&step)) nests.push_back(&nest->code);
  return nests;
}

// Elements a second of a program in one tier: the best of short runs within the time of one measurement.
double speed_of(const Program& program, const Expression& expression, std::size_t elements, Tier tier,
                const CompileRequest& request) {
  Execution execution(compile(program, {.set = request.set, .tier = tier, .passes_off = request.passes_off}));
  std::vector<std::vector<float>> inputs;
  RandomStream random(Key::from_seed(1));
  for (const Slot& slot : execution.executable().inputs()) {
    inputs.emplace_back(slot.shape.element_count());
    for (float& value : inputs.back()) value = static_cast<float>(0.05 + 0.9 * random.uniform());
    execution.bind_input(slot.name, inputs.back().data());
  }
  for (std::size_t i = 0; i < expression.constants.size(); ++i)
    execution.set_scalar(fmt::format("c{}", i), expression.constants[i]);
  execution.run();
  double best = 0;
  const Clock::time_point begin = Clock::now();
  std::size_t runs = 1;  // of one sample: about a fiftieth of the measurement
  do {
    const Clock::time_point start = Clock::now();
    for (std::size_t i = 0; i < runs; ++i) execution.run();
    const double seconds = std::max(seconds_since(start), 1e-9);
    best = std::max(best, static_cast<double>(elements * runs) / seconds);
    if (seconds < kMeasured / 50) runs *= 2;
  } while (seconds_since(begin) < kMeasured);
  return best;
}

CompiledExpression::Times measure(const Expression& expression, const Plan& plan,
                                  const CompileRequest& request) {
  CompiledExpression::Times times;
  const std::vector<const NestCode*> nests = nests_of(plan);
  static_cast<void>(compile_nests({}, request.set));  // what happens once in a process is nobody's cost
  const Clock::time_point start = Clock::now();
  const CompiledNests code = compile_nests(nests, request.set);
  times.code_generation = seconds_since(start);
  times.code_bytes = code.bytes();
  const Program small = program_of(expression, kShownElements, true);
  const Program large = program_of(expression, kMemoryElements, true);
  const auto speed = [&](Tier tier) -> CompiledExpression::Speed {
    CompiledExpression::Speed found;
    found.in_cache = speed_of(small, expression, kShownElements, tier, request);
    if (tier != Tier::reference)
      found.from_memory = speed_of(large, expression, kMemoryElements, tier, request);
    return found;
  };
  times.compiled = speed(Tier::compiled);
  times.tiles = speed(Tier::tiles);
  times.reference = speed(Tier::reference);
  return times;
}

}  // namespace

CompiledExpression compile_expression(const CompileRequest& request) {
  if (!is_supported(request.set)) {
    throw usage_error(
        {.attempted = "compiling for " + std::string(instruction_set_name(request.set)),
         .expected = "instructions that this processor has",
         .found = "a processor that stops at " + std::string(instruction_set_name(best_instruction_set())),
         .remedy = "Leave --instruction-set out."});
  }
  CompiledExpression result;
  result.vocabulary = request.as.value_or(guess_vocabulary(request.text));
  const Expression expression = resolve_part(result.vocabulary, request.text).expression;
  result.formulas = formulas_of(expression);
  const Program plain = program_of(expression, kShownElements, false);
  result.graph = print_graph(plain.graph, roots_of(plain));
  const Program program = program_of(expression, kShownElements, true);
  result.gradient = print_graph(program.graph, roots_of(program));
  const Plan plan = watch_passes(program, request, result);
  result.loops = result.passes.back().text;
  if (request.wants_machine) {
    for (const NestCode* nest : nests_of(plan)) {
      result.llvm += nest_llvm_text(*nest, request.set);
      result.assembly += nest_assembly(*nest, request.set);
    }
  }
  if (request.wants_times) result.times = measure(expression, plan, request);
  return result;
}

}  // namespace astrolabe
