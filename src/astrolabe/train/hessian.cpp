// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/hessian.h"

#include <algorithm>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/train/batch_loss.h"

namespace astrolabe {
namespace {

// A surface is looked at often enough for compiling to pay.
constexpr std::uint64_t kExpectedLooks = 1000;

// A loss that is the same whenever it is asked for.
StepSpec without_chance(StepSpec spec) {
  spec.net.drops = false;
  spec.smooths = spec.mixes = false;
  return spec;
}

struct Slope {
  NodeId mean, gradient;
  std::vector<NodeId> parameters;
};

Slope place_slope(Graph& graph, const StepSpec& spec, const ParameterLayout& layout) {
  const BatchLoss batch = place_batch_loss(graph, spec, layout, true);
  const NodeId mean = place_batch_mean(graph, spec, batch);
  const NodeId g = join_aligned(graph, gradient(graph, mean, batch.net.parameters));
  return {.mean = mean, .gradient = g, .parameters = batch.net.parameters};
}

}  // namespace

Program gradient_program(const StepSpec& spec, const ParameterLayout& layout) {
  Program program;
  const Slope slope = place_slope(program.graph, without_chance(spec), layout);
  program.outputs = {slope.mean, slope.gradient};
  return program;
}

Program hessian_program(const StepSpec& spec, const ParameterLayout& layout) {
  Program program;
  Graph& graph = program.graph;
  const Slope slope = place_slope(graph, without_chance(spec), layout);
  const NodeId v = graph.input("v", ElementType::f32, Shape{layout.size});
  const NodeId along = graph.sum_all(graph.multiply(slope.gradient, v));
  const NodeId product = join_aligned(graph, gradient(graph, along, slope.parameters));
  program.outputs = {slope.mean, slope.gradient, product};
  return program;
}

std::vector<std::int32_t> every_row(const StepSpec& spec) {
  std::vector<std::int32_t> rows(spec.rows);
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

LossSurface::LossSurface(const TrainerSetup& setup)
    : spec_(setup.spec),
      layout_(setup.layout),
      rows_(setup.rows),
      bins_(setup.bins),
      options_(setup.options),
      pool_(setup.pool) {
  ASTROLABE_CHECK(spec_.rows == rows_.rows, "a program for these rows");
  if (options_.expected_runs == 0) options_.expected_runs = kExpectedLooks;
  pictures_.resize(spec_.batch * spec_.net.trunk.picture.count());
  gradient_ = bound(gradient_program(spec_, layout_));
}

std::unique_ptr<Execution> LossSurface::bound(const Program& program) const {
  auto run = std::make_unique<Execution>(compile(program, options_));
  bind_training(*run, {.spec = spec_, .layout = layout_, .rows = rows_, .bins = bins_});
  return run;
}

void LossSurface::feed(Execution& run, std::span<const float> w, std::span<const std::int32_t> batch) {
  ASTROLABE_CHECK(batch.size() == spec_.batch, "a batch of the spec");
  std::ranges::copy(w, run.state<float>("w").begin());
  run.bind_input("batch", batch.data());
  if (pictures_.empty()) return;
  read_pictures(rows_.pictures, spec_.net.trunk.picture, batch, pictures_);
  run.bind_input("pictures", pictures_.data());
}

double LossSurface::gradient(std::span<const float> w, std::span<const std::int32_t> batch,
                             std::span<float> g) {
  ASTROLABE_CHECK(w.size() == layout_.size && g.size() == w.size(), "weights of the layout");
  feed(*gradient_, w, batch);
  gradient_->run(pool_);
  std::ranges::copy(gradient_->output<float>(1), g.begin());
  return static_cast<double>(gradient_->output<float>(0)[0]);
}

double LossSurface::hessian_times(std::span<const float> w, std::span<const std::int32_t> batch,
                                  std::span<const float> v, std::span<float> product) {
  ASTROLABE_CHECK(w.size() == layout_.size && v.size() == w.size() && product.size() == w.size(),
                  "weights of the layout");
  if (!hessian_) hessian_ = bound(hessian_program(spec_, layout_));
  feed(*hessian_, w, batch);
  hessian_->bind_input("v", v.data());
  hessian_->run(pool_);
  std::ranges::copy(hessian_->output<float>(2), product.begin());
  return static_cast<double>(hessian_->output<float>(0)[0]);
}

}  // namespace astrolabe
