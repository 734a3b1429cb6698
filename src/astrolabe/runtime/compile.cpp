// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/compile.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/graph/print.h"
#include "astrolabe/graph/verify.h"
#include "astrolabe/lower/lower.h"
#include "astrolabe/passes/pass_catalog.h"
#include "astrolabe/runtime/executable_cache.h"
#include "astrolabe/runtime/planned.h"
#include "astrolabe/runtime/reference.h"

namespace astrolabe {
namespace {

// A program on its way: the graph, and its roots in one list: outputs, next values, states.
class Compilation {
 public:
  Compilation(const Program& program, const CompileOptions& options)
      : options_(options),
        graph_(program.graph),
        outputs_(program.outputs.size()),
        updates_(program.updates.size()) {
    roots_ = program.outputs;
    for (const auto& update : program.updates) roots_.push_back(update.next);
    for (const auto& update : program.updates) roots_.push_back(update.state);
  }

  void run(const Pass& pass) {
    if (pass.can_be_off && std::ranges::find(options_.passes_off, pass.name) != options_.passes_off.end())
      return;
    const auto start = std::chrono::steady_clock::now();
    Rewritten after = run_pass(pass, graph_, roots_);
    graph_ = std::move(after.graph);
    roots_ = std::move(after.roots);
    verify(graph_, roots_);
    report(pass.name, start, [this] { return print_graph(graph_, roots_); });
  }

  [[nodiscard]] Program program() const {
    Program program{.graph = graph_, .outputs = outputs(), .updates = {}};
    for (const auto& [state, next] : updates()) program.updates.push_back({state, next});
    return program;
  }

  // Nothing when some operation has no lowering.
  [[nodiscard]] std::optional<Plan> lower_all() const {
    const auto start = std::chrono::steady_clock::now();
    try {
      Plan plan = lower({.graph = graph_,
                         .outputs = outputs(),
                         .updates = updates(),
                         .memory_limit = options_.memory_limit,
                         .threads = options_.threads});
      report("lower", start, [&] { return print_plan(plan); }, &plan);
      return plan;
    } catch (const NoLowering& reason) {
      report("lower", start, [&] { return fmt::format("left to the interpreter: {}\n", reason.what()); });
      return std::nullopt;
    }
  }

  [[nodiscard]] std::shared_ptr<const Executable> make(Plan plan) const {
    return make_planned(graph_, outputs(), std::move(plan), options_);
  }

 private:
  [[nodiscard]] std::vector<NodeId> outputs() const {
    return {roots_.begin(), roots_.begin() + static_cast<std::ptrdiff_t>(outputs_)};
  }
  [[nodiscard]] std::vector<std::pair<NodeId, NodeId>> updates() const {
    std::vector<std::pair<NodeId, NodeId>> pairs;
    for (std::size_t i = 0; i < updates_; ++i)
      pairs.emplace_back(roots_[outputs_ + updates_ + i], roots_[outputs_ + i]);
    return pairs;
  }

  void report(std::string_view name, std::chrono::steady_clock::time_point start,
              const std::function<std::string()>& text, const Plan* plan = nullptr) const {
    if (!options_.on_pass) return;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    options_.on_pass({.name = name, .seconds = seconds, .text = text, .plan = plan});
  }

  const CompileOptions& options_;
  Graph graph_;
  std::vector<NodeId> roots_;
  std::size_t outputs_, updates_;
};

void check_pass_names(const CompileOptions& options) {
  const std::vector<std::string> names = pass_names();
  for (const std::string& name : options.passes_off) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const auto nearest = nearest_name(name, names);
    throw usage_error({.attempted = "turning passes off",
                       .expected = "one of " + join(names, ", "),
                       .found = "'" + name + "'",
                       .remedy = nearest ? "Did you mean " + *nearest + "?" : ""});
  }
}

}  // namespace

std::shared_ptr<const Executable> compile(const Program& program, const CompileOptions& options) {
  check_pass_names(options);
  const std::string key = options.on_pass ? std::string() : program_key(program, options);
  if (auto known = executable_cache().find(key)) return known;
  Compilation compilation(program, options);
  for (const Pass& pass : passes()) compilation.run(pass);
  std::shared_ptr<const Executable> executable;
  std::optional<Plan> plan;
  if (options.tier != Tier::reference) plan = compilation.lower_all();
  executable = plan ? compilation.make(std::move(*plan)) : make_reference(compilation.program());
  executable_cache().insert(key, executable);
  return executable;
}

std::vector<std::string> pass_names() {
  std::vector<std::string> names;
  for (const Pass& pass : passes())
    if (pass.can_be_off) names.emplace_back(pass.name);
  return names;
}

}  // namespace astrolabe
