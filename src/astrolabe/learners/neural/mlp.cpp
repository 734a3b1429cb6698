// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/mlp.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/neural/fit_rows.h"
#include "astrolabe/learners/neural/influence.h"
#include "astrolabe/learners/neural/mlp_design.h"
#include "astrolabe/learners/neural/mlp_model.h"
#include "astrolabe/learners/neural/mlp_settings.h"
#include "astrolabe/learners/neural/net_fit.h"
#include "astrolabe/learners/neural/warm_start.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/fit_net.h"
#include "astrolabe/train/initialize.h"
#include "astrolabe/train/step_memory.h"

namespace astrolabe {
namespace {

using neural::choose_batch;
using neural::choose_epochs;
using neural::close_gaps;
using neural::feature_influence;
using neural::initialization_of;
using neural::InputPlan;
using neural::learning_rate_of;
using neural::load_mlp_model;
using neural::make_mlp_model;
using neural::make_net;
using neural::make_step;
using neural::make_target;
using neural::MlpParts;
using neural::MlpSettings;
using neural::NetPlan;
using neural::PictureInput;
using neural::PreparedRows;
using neural::settings_table;
using neural::Target;
using neural::UsedRows;
using neural::WarmStart;

class MlpLearner : public Learner {
 public:
  [[nodiscard]] std::string_view name() const override { return "mlp"; }
  [[nodiscard]] std::string_view doc() const override {
    return "Dense neural nets: any activation, loss, optimizer and schedule, as a name or an expression.";
  }
  [[nodiscard]] EncodingNeeds needs() const override {
    return {.native_categories = true, .native_missing = false, .standardized = true};
  }
  [[nodiscard]] bool stops_early() const override { return true; }
  // A step is too short to share: threads would wait for each other at every product.
  [[nodiscard]] bool prefers_one_thread() const override { return true; }
  [[nodiscard]] std::span<const SettingField> fields() const override {
    static const std::vector<SettingField> kFields = describe(settings_table());
    return kFields;
  }

  [[nodiscard]] std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    const auto settings = read_settings(name(), settings_table(), request.settings);
    return fit_as(request, settings,
                  {.texts = {.architecture = architecture_text(parse_architecture(settings.architecture)),
                             .activation = settings.activation,
                             .normalization = settings.normalization,
                             .numeric_embedding = settings.numeric_embedding}});
  }

  [[nodiscard]] static std::unique_ptr<const Model> fit_as(const FitRequest& request,
                                                           const MlpSettings& settings,
                                                           const NetPlan& asked) {
    const ResolvedPart optimizer = resolve_part(Vocabulary::optimizer, settings.optimizer);
    const UsedRows used(request.train);
    MlpParts parts;
    parts.texts = asked.texts;
    parts.picture = PictureInput::fit(used.features().pixels, used.weights());
    // Encoded rows are 4 bytes a cell, and folds are fitted side by side: of each, a tenth of the memory.
    const std::uint64_t cells =
        std::min<std::uint64_t>(neural::kMaxCells, request.budget.memory_limit() / 40);
    parts.plan = InputPlan::fit(used.features(), used.weights(), request.pool, cells);
    parts.outputs = used.labels().outputs();
    const Target target = make_target(settings, used.labels(), used.weights());
    parts.answer = target.answer;
    const NetSpec net = make_net(parts.texts, parts.plan, parts.outputs, parts.picture);
    const ParameterLayout layout = layout_of(net);
    const Key weights_key = request.key.split("weights");
    const Initialization initialization = initialization_of(settings.initialization);
    const WarmStart warm(request.start, net, parts, initialization, weights_key);
    const PreparedRows prepared(used, parts.plan, parts.answer, parts.picture);
    if (net.bins > 0 && !warm.is_warm())
      parts.bins = parts.plan.bins(prepared.encoded(), used.weights(), request.pool);
    const TrainingRows rows = prepared.view();
    StepSpec spec = make_step(settings, net, target, optimizer.expression, rows);
    spec.mixes = asked.augmentation.mixes;
    const double rate = learning_rate_of(settings, optimizer);
    const CompileOptions within{.memory_limit = arena_within(request.budget.memory_limit())};
    const std::size_t asked_batch = spec.batch;
    spec.batch = batch_within_memory(spec, layout, within);
    const TrainerSetup setup{.spec = spec,
                             .layout = layout,
                             .rows = rows,
                             .bins = parts.bins,
                             .numbers = {.learning_rate = rate,
                                         .dropout = settings.dropout,
                                         .smoothing = settings.label_smoothing,
                                         .clip = settings.clip,
                                         .weight_decay = settings.weight_decay},
                             .key = request.key,
                             .options = within,
                             .pool = &request.pool,
                             .running = warm.weights().running,
                             .augmentation = asked.augmentation};
    const FitPlan plan{.epochs = choose_epochs(settings, rows.rows, spec.batch),
                       .stop_after = static_cast<std::size_t>(settings.stop_after),
                       .patience = static_cast<std::size_t>(settings.patience),
                       .races = rate == 0 && optimizer.expression.uses("lr"),
                       .trusted_share = asked.trusted_share};
    train(
        request, setup, plan,
        warm.is_warm() ? warm.weights().w : initial_weights(layout, initialization, target.bias, weights_key),
        asked_batch, parts);
    warm.keep_history(parts);
    close_gaps(layout, parts.w);
    parts.importance = feature_influence(net, layout, parts.plan, {parts.w, parts.running, parts.bins},
                                         used.features(), request.pool, parts.picture);
    return make_mlp_model(std::move(parts));
  }

  [[nodiscard]] std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t features,
                                                  std::size_t outputs) const override {
    return load_mlp_model(archive, features, outputs);
  }

 private:
  static void train(const FitRequest& request, const TrainerSetup& setup, const FitPlan& plan,
                    std::span<const float> start, std::size_t asked_batch, MlpParts& parts) {
    Trainer trainer(setup);
    parts.memory = memory_words(trainer.executable(), asked_batch, setup.spec.batch);
    if (request.tell && !parts.memory.empty()) request.tell(parts.memory);
    std::optional<UsedRows> watched_used;
    std::optional<PreparedRows> watched;
    std::optional<LossMeter> meter;
    TrainingRows watched_rows;
    if (request.watch != nullptr && request.watch->labels.rows() > 0) {
      watched_used.emplace(*request.watch);
      watched.emplace(*watched_used, parts.plan, parts.answer, parts.picture);
      watched_rows = watched->view();
      meter.emplace(TrainerSetup{.spec = setup.spec,
                                 .layout = setup.layout,
                                 .rows = watched_rows,
                                 .bins = setup.bins,
                                 .key = setup.key,
                                 .options = setup.options,
                                 .pool = setup.pool});
    }
    FitListener listener{.fraction = request.progress};
    if (request.tell)
      listener.epoch = [&](std::size_t epoch, double loss) {
        request.tell(fmt::format("epoch {}, loss {:.3g}", epoch, loss));
      };
    FittedNet fitted = fit_net(trainer, meter ? &*meter : nullptr, plan, start, request.budget, listener);
    parts.w = std::move(fitted.w);
    parts.running = std::move(fitted.running);
    parts.epochs = fitted.epochs;
    parts.best_epoch = fitted.best_epoch;
    parts.learning_rate = fitted.learning_rate;
    parts.loss = fitted.watched_loss.value_or(fitted.training_loss);
    parts.watched = fitted.watched_loss.has_value();
    parts.cut_short = fitted.cut_short;
    parts.diverged = fitted.diverged;
    parts.curve = {.unit = "epoch", .steps = {}, .best_step = fitted.best_epoch};
    for (const EpochLosses& epoch : fitted.history)
      if (FitCurve::is_told(epoch.epoch))
        parts.curve.steps.push_back({epoch.epoch, epoch.training, epoch.watched.value_or(std::nan(""))});
  }
};

}  // namespace

std::unique_ptr<const Model> neural::fit_net_model(const FitRequest& request, const MlpSettings& settings,
                                                   const NetPlan& asked) {
  return MlpLearner::fit_as(request, settings, asked);
}

const Learner& mlp_learner() {
  static const MlpLearner kLearner;
  return kLearner;
}

}  // namespace astrolabe
