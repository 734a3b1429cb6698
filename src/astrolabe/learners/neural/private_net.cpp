// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/private_net.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/neural/mlp_model.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe::neural {
namespace {

// Rows count at most 1 each, whatever the table: so one rate suits many. Chosen with mlp on MNIST and adult,
// which are public.
constexpr double kLearningRate = 2;

double rate_of(const MlpSettings& settings) {
  return learning_rate_of(settings, resolve_part(Vocabulary::optimizer, settings.optimizer));
}

Answer answer_for(const Labels& labels, const TargetBounds& bounds) {
  Answer answer;
  if (labels.kind == TaskKind::regression) {
    const BoundedAnswer bounded = answer_of(bounds);
    answer.centre = bounded.centre;
    answer.scale = bounded.scale;
  } else {
    answer.head = labels.kind == TaskKind::binary ? Head::binary : Head::classes;
  }
  return answer;
}

StepSpec step_of(const MlpSettings& settings, const NetSpec& net, const Answer& answer,
                 const PrivateFitRequest& request) {
  StepSpec spec{.net = net,
                .head = answer.head,
                .loss = private_loss(settings, request.train.labels.kind),
                .optimizer = resolve_part(Vocabulary::optimizer, settings.optimizer).expression,
                .schedule = resolve_part(Vocabulary::schedule, settings.schedule).expression,
                .rows = request.train.labels.rows(),
                .smooths = settings.label_smoothing > 0 && answer.head != Head::number,
                .decays = settings.weight_decay > 0};
  spec.net.drops = settings.dropout > 0 && (net.hidden_blocks() > 0 || net.trunk.is_there());
  return spec;
}

}  // namespace

void refuse_private(std::string_view learner, std::string_view setting, const std::string& found,
                    const std::string& why) {
  throw usage_error({.attempted = "reading --privacy",
                     .expected = fmt::format("{}.{} that private training can have", learner, setting),
                     .found = found,
                     .remedy = why});
}

SettingValues private_values(const SettingValues& told, SettingValues defaults) {
  SettingValues all = told;
  if (!told.contains("optimizer")) all.merge(SettingValues{{"learning_rate", kLearningRate}});
  all.merge(defaults);
  return all;
}

void require_private_net(std::string_view learner, const MlpSettings& settings, const SettingValues& told) {
  if (settings.normalization == "batch")
    refuse_private(
        learner, "normalization", "batch",
        fmt::format("It mixes the rows of a batch, so that no row has a gradient of its own: choose "
                    "{}layer or none.",
                    learner == "cnn" ? "group, " : ""));
  if (settings.numeric_embedding != "none")
    refuse_private(learner, "numeric_embedding", settings.numeric_embedding,
                   settings.numeric_embedding == "periodic"
                       ? "Clipping by row does not know its gradients yet: leave it at none."
                       : "Its bins are quantiles of rows, which nobody has paid for: leave it at none.");
  if (settings.clip > 0)
    refuse_private(learner, "clip", fmt::format("{}", settings.clip),
                   "Rows are clipped one by one here: write clip=1 in --privacy for a fixed length.");
  for (const char* name : {"patience", "stop_after"})
    if (told.contains(name))
      refuse_private(learner, name, "a number of epochs", "Early stopping would look at rows: leave it out.");
  if (rate_of(settings) == 0)
    refuse_private(learner, "learning_rate", "none",
                   fmt::format("A race for it would look at rows: give --{}-learning-rate.", learner));
}

PrivateOutcome fit_net_privately(const PrivateFitRequest& request, const MlpSettings& settings,
                                 const PrivateNetPlan& asked) {
  const Labels& labels = request.train.labels;
  ASTROLABE_CHECK(labels.weights.empty(), "rows that count alike");
  ASTROLABE_CHECK(!asked.augmentation.mixes, "pictures that are not laid over each other");
  MlpParts parts;
  parts.texts = asked.texts;
  parts.picture = asked.picture;
  parts.picture.mirrors = asked.augmentation.flips;
  parts.plan = InputPlan::as_encoded(*request.train.features.info);
  parts.outputs = labels.outputs();
  parts.answer = answer_for(labels, request.bounds);
  const NetSpec net = make_net(parts.texts, parts.plan, parts.outputs, parts.picture);
  const ParameterLayout layout = layout_of(net);
  const EncodedRows encoded = parts.plan.encode(request.train.features, 0, labels.rows());
  const std::vector<float> y = labels.kind == TaskKind::regression ? bounded_labels(labels, request.bounds)
                                                                   : scaled_labels(parts.answer, labels);
  TrainingRows rows{.rows = encoded.rows,
                    .x = encoded.x,
                    .codes = {},
                    .y = y,
                    .pictures = parts.picture.read(request.train.features.pixels)};
  for (const std::vector<std::int32_t>& codes : encoded.codes) rows.codes.emplace_back(codes);
  const StepSpec spec = step_of(settings, net, parts.answer, request);
  const TrainerSetup setup{.spec = spec,
                           .layout = layout,
                           .rows = rows,
                           .bins = parts.bins,
                           .numbers = {.learning_rate = rate_of(settings),
                                       .dropout = settings.dropout,
                                       .smoothing = settings.label_smoothing,
                                       .weight_decay = settings.weight_decay},
                           .pool = &request.pool,
                           .augmentation = asked.augmentation};
  const std::vector<float> start =
      initial_weights(layout, initialization_of(settings.initialization), {}, request.key);
  PrivateFit fit = fit_private_net(setup, request.plan, start, request.budget, request.progress);
  parts.w = std::move(fit.w);
  close_gaps(layout, parts.w);
  parts.importance.assign(request.train.features.features(), 0.0);
  parts.cut_short = fit.cut_short;
  const double epochs = static_cast<double>(fit.steps) * fit.sampling_rate;
  parts.epochs = parts.best_epoch = static_cast<std::uint64_t>(std::max(1LL, std::llround(epochs)));
  return {make_mlp_model(std::move(parts)), fit.steps, fit.sampling_rate};
}

}  // namespace astrolabe::neural
