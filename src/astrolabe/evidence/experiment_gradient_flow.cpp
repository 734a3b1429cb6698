// SPDX-License-Identifier: Apache-2.0
// A deep net in training: how large the gradient of each layer's matrix is, and how many units have no slope
// on any row, so that nothing that flows through them can bring them back.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/evidence/experiments.h"
#include "astrolabe/evidence/training_probe.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/divergence.h"
#include "astrolabe/train/net_graph.h"

namespace astrolabe {
namespace {

constexpr std::size_t kLooks = 40;
constexpr double kKept = 100;  // a gradient within this factor is kept

// Slopes of all activations on the training rows, one output for each layer, f32 [rows, width].
Program slope_program(const SmallNet& net) {
  Program program;
  Graph& graph = program.graph;
  NetInputs inputs{.rows = net.spec().rows};
  inputs.x = graph.input("x", ElementType::f32, Shape{inputs.rows, net.spec().net.numbers});
  const NetNodes nodes = place_net(graph, net.spec().net, net.layout(), inputs);
  for (std::size_t i = 0; i < nodes.before.size(); ++i)
    program.outputs.push_back(
        gradient(graph, graph.sum_all(nodes.after[i]), std::span(nodes.before).subspan(i, 1))[0]);
  return program;
}

class DeadUnits {
 public:
  explicit DeadUnits(const SmallNet& net) : run_(compile(slope_program(net), {.expected_runs = kLooks})) {
    run_.bind_input("x", net.setup().rows.x.data());
    set_constants(run_, net.spec().net.activation, "activation");
  }

  // Share of all hidden units.
  double share(std::span<const float> w) {
    std::ranges::copy(w, run_.state<float>("w").begin());
    run_.run();
    double dead = 0, units = 0;
    for (std::size_t layer = 0; layer < run_.executable().outputs().size(); ++layer) {
      const std::span<const float> slopes = run_.output<float>(layer);
      const std::size_t width = run_.executable().outputs()[layer].shape[1];
      for (std::size_t unit = 0; unit < width; ++unit) {
        bool is_dead = true;
        for (std::size_t at = unit; at < slopes.size(); at += width) is_dead = is_dead && slopes[at] == 0;
        dead += is_dead ? 1 : 0;
        units += 1;
      }
    }
    return dead / units;
  }

 private:
  Execution run_;
};

// Root mean square of each hidden matrix's gradient.
std::vector<double> layer_gradients(const SmallNet& net, std::size_t depth, std::span<const float> g) {
  std::vector<double> sizes;
  for (std::size_t layer = 0; layer < depth; ++layer) {
    const std::span<const float> own = tensor_of(net.layout(), fmt::format("b{}.w", layer), g);
    sizes.push_back(norm(own) / std::sqrt(static_cast<double>(own.size())));
  }
  return sizes;
}

struct Flow {
  std::vector<double> first = {}, last = {};  // gradients by layer, before and after training
  double dead_first = 0, dead_last = 0, loss = 0;
  ExperimentCurve dead;
};

struct FlowPlan {
  std::size_t depth = 0, width = 0, steps = 0;
  double rate = 0;
  std::string optimizer;
  Initialization initialization = Initialization::he;
};

Flow train(const SmallTask& task, const std::string& activation, const FlowPlan& plan, Key key) {
  std::vector<std::string> blocks(plan.depth, fmt::format("{}", plan.width));
  const SmallNet net(task, {.architecture = fmt::format("{}", fmt::join(blocks, "-")),
                            .activation = activation,
                            .loss = "cross_entropy",
                            .optimizer = plan.optimizer,
                            .batch = 64});
  LossCurvature slope(net);
  DeadUnits units(net);
  Trainer trainer(net.setup({.learning_rate = plan.rate}, plan.steps, key.split("order")));
  trainer.start(net.first_weights(plan.initialization, key.split("weights")));
  Flow flow{.dead = {.name = activation, .x = {}, .y = {}}};
  flow.first = layer_gradients(net, plan.depth, slope.gradient(trainer.w()));
  flow.dead_first = units.share(trainer.w());
  const std::size_t stride = std::max<std::size_t>(1, plan.steps / kLooks);
  for (std::size_t step = 0; step <= plan.steps; ++step) {
    if (step % stride == 0) {
      flow.dead.x.push_back(static_cast<double>(step));
      flow.dead.y.push_back(units.share(trainer.w()));
    }
    if (step < plan.steps) trainer.step();
  }
  flow.last = layer_gradients(net, plan.depth, slope.gradient(trainer.w()));
  flow.dead_last = units.share(trainer.w());
  flow.loss = slope.loss(trainer.w());
  return flow;
}

// Also where it is written out.
bool is_part(const std::string& activation, std::string_view part) {
  const auto text = [](std::string_view name) {
    return resolve_part(Vocabulary::activation, name).expression.text;
  };
  return text(activation) == text(part);
}

// Of the first layer, over that of the last.
double kept(const std::vector<double>& gradients) {
  return gradients.front() / gradients.back();
}

ExperimentCurve by_layer(const std::string& name, const std::vector<double>& gradients) {
  ExperimentCurve curve{.name = name, .x = {}, .y = gradients};
  for (std::size_t layer = 0; layer < gradients.size(); ++layer)
    curve.x.push_back(static_cast<double>(layer + 1));
  return curve;
}

}  // namespace

ExperimentResult run_gradient_flow(const ExperimentRequest& request) {
  const FlowPlan plan{.depth = request.count("depth", 2, 40),
                      .width = request.count("width", 4, 256),
                      .steps = request.count("steps", 1, 20'000),
                      .rate = request.number("rate", 1e-6, 10),
                      .optimizer = request.text("optimizer"),
                      .initialization = initialization_named(request.text("initialization"))};
  const SmallTask task = draw_classes({}, request.key.split("task"));
  ExperimentResult result{.key = "activation",
                          .rows = {},
                          .plot = {"layer", "root mean square gradient before training", true, {}},
                          .more_plots = {{"step", "share of units without a slope", false, {}}},
                          .prediction = {},
                          .words = {}};
  result.prediction = fmt::format(
      "before training the gradient of the first of {} layers is within a factor of {:g} of the last one's; "
      "of "
      "sigmoid it is not; and only relu has units without a slope on any row",
      plan.depth, kKept);
  std::vector<std::string> against, flows;
  for (const std::string& name : request.list("activation")) {
    const Flow flow = train(task, name, plan, request.key);
    const double first = kept(flow.first), last = kept(flow.last);
    result.rows.push_back({name,
                           {{"kept_at_first", first},
                            {"kept_at_last", last},
                            {"dead_at_first", flow.dead_first},
                            {"dead_at_last", flow.dead_last},
                            {"loss", flow.loss}}});
    result.plot.curves.push_back(by_layer(name, flow.first));
    result.more_plots[0].curves.push_back(flow.dead);
    const bool is_kept = first < kKept && first > 1 / kKept;
    const double dead = std::max(flow.dead_first, flow.dead_last);
    flows.push_back(fmt::format("{} {:.2g}", name, first));
    if (is_kept == is_part(name, "sigmoid"))
      against.push_back(fmt::format("{} of {} is {}kept", name, first, is_kept ? "" : "not "));
    if (dead > 0 && !is_part(name, "relu"))
      against.push_back(fmt::format("{:.2g} of the units of {} are dead", dead, name));
  }
  result.verdict = against.empty() ? ExperimentVerdict::confirmed : ExperimentVerdict::refuted;
  result.words = against.empty() ? fmt::format("the first layer's gradient over the last one's: {}",
                                               fmt::join(flows, ", "))
                                 : fmt::format("{}", fmt::join(against, "; "));
  return result;
}

}  // namespace astrolabe
