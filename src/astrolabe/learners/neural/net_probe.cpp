// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/net_probe.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/neural/fit_rows.h"
#include "astrolabe/learners/neural/fitted_weights.h"
#include "astrolabe/learners/neural/mlp_design.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/runtime/compile.h"
#include "astrolabe/train/divergence.h"
#include "astrolabe/train/jacobian.h"

namespace astrolabe {
namespace {

using neural::InputPlan;
using neural::MlpSettings;
using neural::PreparedRows;
using neural::Target;
using neural::UsedRows;

constexpr double kLeastBend = 1e-4;  // of a loss; a probability of 1 has none, and a step would be endless

MlpSettings without_chance(const SettingValues& values) {
  auto settings = read_settings<MlpSettings>("mlp", neural::settings_table(), values);
  settings.dropout = settings.weight_decay = settings.label_smoothing = 0;
  settings.schedule = "constant";
  if (settings.normalization == "batch")
    throw usage_error({.attempted = "looking inside a net",
                       .expected = "rows that do not depend on each other",
                       .found = "normalization=batch",
                       .remedy = "Try it with normalization=layer."});
  return settings;
}

// Loss of a row from its outputs, with slopes and second derivatives in them.
double row_loss(Head head, std::span<const float> z, float y, std::span<double> slope,
                std::span<double> bend) {
  if (head == Head::number) {
    slope[0] = static_cast<double>(z[0]) - static_cast<double>(y);
    bend[0] = 1;
    return 0.5 * slope[0] * slope[0];
  }
  if (head == Head::binary) {
    const double logit = z[0], p = 1 / (1 + std::exp(-logit));
    slope[0] = p - static_cast<double>(y);
    bend[0] = std::max(p * (1 - p), kLeastBend);
    const double margin = y > 0.5F ? logit : -logit;
    return margin > 0 ? std::log1p(std::exp(-margin)) : -margin + std::log1p(std::exp(margin));
  }
  const double most = *std::ranges::max_element(z);
  double sum = 0;
  for (const float one : z) sum += std::exp(static_cast<double>(one) - most);
  const auto truth = static_cast<std::size_t>(y);
  for (std::size_t k = 0; k < z.size(); ++k) {
    const double p = std::exp(static_cast<double>(z[k]) - most) / sum;
    slope[k] = p - (k == truth ? 1 : 0);
    bend[k] = std::max(p * (1 - p), kLeastBend);
  }
  return std::log(sum) + most - static_cast<double>(z[truth]);
}

}  // namespace

double NetSignal::ratio() const {
  if (layers.size() < 2) return 1;
  const double last = layers.back().gradient;
  return last > 0 ? layers.front().gradient / last : std::nan("");
}

double NetSignal::most_dead() const {
  double most = 0;
  for (const LayerSignal& layer : layers) most = std::max(most, layer.dead);
  return most;
}

struct NetProbe::Parts {
  Parts(const TrainingData& data, const SettingValues& values, Key key_of_probe, ThreadPool& threads)
      : settings(without_chance(values)),
        optimizer(resolve_part(Vocabulary::optimizer, settings.optimizer)),
        used(data),
        plan(InputPlan::fit(used.features(), used.weights(), threads)),
        target(neural::make_target(settings, used.labels(), used.weights())),
        net(neural::make_net({.architecture = settings.architecture,
                              .activation = settings.activation,
                              .normalization = settings.normalization,
                              .numeric_embedding = settings.numeric_embedding},
                             plan, used.labels().outputs())),
        layout(layout_of(net)),
        prepared(used, plan, target.answer),
        key(key_of_probe),
        pool(threads) {
    if (net.bins > 0) bins = plan.bins(prepared.encoded(), used.weights(), pool);
    rows = prepared.view();
    spec = neural::make_step(settings, net, target, optimizer.expression, rows);
    spec.batch = rows.rows;
    spec.weighted = false;
    running = initial_running(layout);
  }

  [[nodiscard]] TrainerSetup setup(std::size_t steps, double rate) const {
    return {.spec = spec,
            .layout = layout,
            .rows = rows,
            .bins = bins,
            .numbers = {.learning_rate = rate, .clip = settings.clip},
            .total_steps = steps,
            .key = key,
            .pool = &pool};
  }

  // Runs the jacobian at w.
  void look(std::span<const float> w) {
    if (!run) {
      run = std::make_unique<Execution>(compile(jacobian_program(net, layout, rows.rows)));
      run->bind_input("x", rows.x.data());
      for (std::size_t i = 0; i < rows.codes.size(); ++i)
        run->bind_input(fmt::format("codes{}", i), rows.codes[i].data());
    }
    neural::bind_fitted(*run, net, {.w = w, .running = running, .bins = bins});
    run->run(&pool);
  }

  MlpSettings settings;
  ResolvedPart optimizer;
  UsedRows used;
  InputPlan plan;
  Target target;
  NetSpec net;
  ParameterLayout layout;
  PreparedRows prepared;
  Key key;
  ThreadPool& pool;
  NetBins bins = {};
  TrainingRows rows = {};
  StepSpec spec = {};
  std::vector<float> running = {};
  std::unique_ptr<Execution> run = {};
};

NetProbe::NetProbe(const TrainingData& data, const SettingValues& settings, Key key, ThreadPool& pool)
    : parts_(std::make_unique<Parts>(data, settings, key, pool)) {}

NetProbe::~NetProbe() = default;

std::size_t NetProbe::rows() const {
  return parts_->rows.rows;
}
std::size_t NetProbe::outputs() const {
  return parts_->net.outputs;
}
std::size_t NetProbe::parameters() const {
  return parts_->layout.size;
}

double NetProbe::learning_rate() const {
  return neural::learning_rate_of(parts_->settings, parts_->optimizer);
}

std::vector<float> NetProbe::start() const {
  return initial_weights(parts_->layout, neural::initialization_of(parts_->settings.initialization),
                         parts_->target.bias, parts_->key.split("weights"));
}

std::vector<float> NetProbe::trained(std::span<const float> from, std::size_t steps, double rate) const {
  Trainer trainer(parts_->setup(steps, rate));
  trainer.start(from);
  DivergenceWatch watch;
  std::vector<float> w(from.begin(), from.end());
  while (trainer.steps_done() < steps) {
    if (watch.is_divergent(static_cast<double>(trainer.step())) || !all_finite(trainer.w())) return w;
    w.assign(trainer.w().begin(), trainer.w().end());
  }
  return w;
}

double NetProbe::loss(std::span<const float> w) const {
  parts_->look(w);
  const std::span<const float> z = parts_->run->output<float>(0);
  std::vector<double> slope(outputs()), bend(outputs());
  double sum = 0;
  for (std::size_t row = 0; row < rows(); ++row)
    sum += row_loss(parts_->target.answer.head, z.subspan(row * outputs(), outputs()), parts_->rows.y[row],
                    slope, bend);
  return std::isfinite(sum) ? sum / static_cast<double>(rows()) : std::numeric_limits<double>::infinity();
}

NetLinear NetProbe::linearize(std::span<const float> w) const {
  parts_->look(w);
  const std::size_t size = parameters(), count = outputs();
  NetLinear linear{.units = rows() * count,
                   .parameters = size,
                   .jacobian = std::vector<float>(rows() * count * size),
                   .slope = std::vector<double>(rows() * count),
                   .bend = std::vector<double>(rows() * count)};
  const std::span<const float> z = parts_->run->output<float>(0);
  for (std::size_t row = 0; row < rows(); ++row)
    (void)row_loss(parts_->target.answer.head, z.subspan(row * count, count), parts_->rows.y[row],
                   std::span(linear.slope).subspan(row * count, count),
                   std::span(linear.bend).subspan(row * count, count));
  for (double& slope : linear.slope) slope /= static_cast<double>(rows());
  for (double& bend : linear.bend) bend /= static_cast<double>(rows());
  for (std::size_t output = 0; output < count; ++output) {
    const std::span<const float> part = parts_->run->output<float>(1 + output);
    for (std::size_t row = 0; row < rows(); ++row)
      std::ranges::copy(part.subspan(row * size, size),
                        linear.jacobian.begin() + static_cast<std::ptrdiff_t>((row * count + output) * size));
  }
  return linear;
}

NetSignal NetProbe::signal(std::span<const float> w) const {
  std::vector<float> shown(w.begin(), w.end());
  RandomStream random(parts_->key.split("closing"));
  for (const Parameter& parameter : parts_->layout.parameters) {
    if (parameter.role != Parameter::Role::closing) continue;
    const double scale = 1 / std::sqrt(static_cast<double>(parameter.shape[0]));
    for (std::size_t i = 0; i < parameter.shape.element_count(); ++i)
      shown[parameter.offset + i] = static_cast<float>(scale * random.normal());
  }
  const NetLinear linear = linearize(shown);
  NetSignal signal;
  for (std::size_t block = 0; block < parts_->net.hidden_blocks(); ++block) {
    const Parameter& bias = parts_->layout.find(fmt::format("b{}.b", block));
    const std::size_t units = bias.shape.element_count();
    LayerSignal layer;
    std::size_t dead = 0;
    double squares = 0;
    for (std::size_t unit = 0; unit < units; ++unit) {
      double own = 0;
      for (std::size_t i = 0; i < linear.units; ++i) {
        const double slope = linear.jacobian[i * linear.parameters + bias.offset + unit];
        own += slope * slope;
      }
      dead += own == 0 ? 1 : 0;
      squares += own;
    }
    layer.dead = static_cast<double>(dead) / static_cast<double>(units);
    layer.gradient = std::sqrt(squares / static_cast<double>(units * linear.units));
    signal.layers.push_back(layer);
  }
  return signal;
}

double NetProbe::unmoved_share(std::span<const float> w, double rate) const {
  const NetLinear linear = linearize(w);
  std::vector<double> gradient(linear.parameters, 0);
  for (std::size_t i = 0; i < linear.units; ++i)
    for (std::size_t p = 0; p < linear.parameters; ++p)
      gradient[p] += linear.slope[i] * static_cast<double>(linear.jacobian[i * linear.parameters + p]);
  const std::vector<float> after = trained(w, 1, rate);
  double moved = 0, still = 0;
  for (std::size_t p = 0; p < gradient.size(); ++p)
    if (gradient[p] != 0 && w[p] != 0) (after[p] == w[p] ? still : moved) += 1;
  return moved + still > 0 ? still / (moved + still) : 0;
}

}  // namespace astrolabe
