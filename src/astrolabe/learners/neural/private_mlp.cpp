// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/private_mlp.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/neural/mlp_design.h"
#include "astrolabe/learners/neural/mlp_model.h"
#include "astrolabe/learners/neural/mlp_settings.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

using neural::InputPlan;
using neural::MlpParts;
using neural::MlpSettings;

// Rows count at most 1 each, whatever the table: so one rate suits many. Chosen on MNIST and adult, which are
// public.
constexpr double kLearningRate = 2;

MlpSettings settings_of(const SettingValues& values) {
  SettingValues all = values;
  // A rate that suits the default optimizer says nothing about another one.
  if (!values.contains("optimizer")) all.merge(SettingValues{{"learning_rate", kLearningRate}});
  all.merge(private_mlp_defaults());
  return read_settings("mlp", neural::settings_table(), all);
}

[[noreturn]] void refuse(std::string_view setting, const std::string& found, const std::string& why) {
  throw usage_error({.attempted = "reading --privacy",
                     .expected = fmt::format("mlp.{} that private training can have", setting),
                     .found = found,
                     .remedy = why});
}

double rate_of(const MlpSettings& settings) {
  return neural::learning_rate_of(settings, resolve_part(Vocabulary::optimizer, settings.optimizer));
}

neural::Answer answer_for(const Labels& labels, const TargetBounds& bounds) {
  neural::Answer answer;
  if (labels.kind == TaskKind::regression) {
    const BoundedAnswer bounded = answer_of(bounds);
    answer.centre = bounded.centre;
    answer.scale = bounded.scale;
  } else {
    answer.head = labels.kind == TaskKind::binary ? Head::binary : Head::classes;
  }
  return answer;
}

}  // namespace

SettingValues private_mlp_defaults() {
  // Fewer parameters drown less in the noise on each; what noise does, dropout need not do as well.
  return {{"architecture", std::string("128")},
          {"activation", std::string("tanh")},
          {"dropout", 0.0},
          {"numeric_embedding", std::string("none")},
          {"optimizer", std::string("momentum")},
          {"weight_decay", 0.0}};
}

void require_private_mlp(const SettingValues& values) {
  const MlpSettings settings = settings_of(values);
  if (settings.normalization == "batch")
    refuse("normalization", "batch",
           "It mixes the rows of a batch, so that no row has a gradient of its own: choose layer or none.");
  if (settings.numeric_embedding != "none")
    refuse("numeric_embedding", settings.numeric_embedding,
           settings.numeric_embedding == "periodic"
               ? "Clipping by row does not know its gradients yet: leave it at none."
               : "Its bins are quantiles of rows, which nobody has paid for: leave it at none.");
  if (settings.clip > 0)
    refuse("clip", fmt::format("{}", settings.clip),
           "Rows are clipped one by one here: write clip=1 in --privacy for a fixed length.");
  for (const char* name : {"patience", "stop_after"})
    if (values.contains(name))
      refuse(name, "a number of epochs", "Early stopping would look at rows: leave it out.");
  if (rate_of(settings) == 0)
    refuse("learning_rate", "none", "A race for it would look at rows: give --mlp-learning-rate.");
}

PrivateOutcome fit_mlp_privately(const PrivateFitRequest& request) {
  const MlpSettings settings = settings_of(request.settings);
  const Labels& labels = request.train.labels;
  ASTROLABE_CHECK(labels.weights.empty(), "rows that count alike");
  MlpParts parts;
  parts.texts = {.architecture = architecture_text(parse_architecture(settings.architecture)),
                 .activation = settings.activation,
                 .normalization = settings.normalization,
                 .numeric_embedding = settings.numeric_embedding};
  parts.plan = InputPlan::as_encoded(*request.train.features.info);
  parts.outputs = labels.outputs();
  parts.answer = answer_for(labels, request.bounds);
  const NetSpec net = make_net(parts.texts, parts.plan, parts.outputs);
  const ParameterLayout layout = layout_of(net);
  const neural::EncodedRows encoded = parts.plan.encode(request.train.features, 0, labels.rows());
  const std::vector<float> y = labels.kind == TaskKind::regression
                                   ? bounded_labels(labels, request.bounds)
                                   : neural::scaled_labels(parts.answer, labels);
  TrainingRows rows{.rows = encoded.rows, .x = encoded.x, .codes = {}, .y = y};
  for (const std::vector<std::int32_t>& codes : encoded.codes) rows.codes.emplace_back(codes);
  StepSpec spec{.net = net,
                .head = parts.answer.head,
                .loss = neural::private_loss(settings, labels.kind),
                .optimizer = resolve_part(Vocabulary::optimizer, settings.optimizer).expression,
                .schedule = resolve_part(Vocabulary::schedule, settings.schedule).expression,
                .rows = rows.rows,
                .smooths = settings.label_smoothing > 0 && parts.answer.head != Head::number,
                .decays = settings.weight_decay > 0};
  spec.net.drops = settings.dropout > 0 && net.hidden_blocks() > 0;
  const TrainerSetup setup{.spec = spec,
                           .layout = layout,
                           .rows = rows,
                           .bins = parts.bins,
                           .numbers = {.learning_rate = rate_of(settings),
                                       .dropout = settings.dropout,
                                       .smoothing = settings.label_smoothing,
                                       .weight_decay = settings.weight_decay},
                           .pool = &request.pool};
  const std::vector<float> start =
      initial_weights(layout, neural::initialization_of(settings.initialization), {}, request.key);
  PrivateFit fit = fit_private_net(setup, request.plan, start, request.budget, request.progress);
  parts.w = std::move(fit.w);
  neural::close_gaps(layout, parts.w);
  parts.importance.assign(request.train.features.features(), 0.0);
  parts.cut_short = fit.cut_short;
  const double epochs = static_cast<double>(fit.steps) * fit.sampling_rate;
  parts.epochs = parts.best_epoch = static_cast<std::uint64_t>(std::max(1LL, std::llround(epochs)));
  return {make_mlp_model(std::move(parts)), fit.steps, fit.sampling_rate};
}

}  // namespace astrolabe
