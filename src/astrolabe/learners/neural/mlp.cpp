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
#include "astrolabe/learners/neural/taught_rows.h"
#include "astrolabe/learners/neural/transfer.h"
#include "astrolabe/learners/neural/warm_start.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/fit_net.h"
#include "astrolabe/train/initialize.h"

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
using neural::PreparedRows;
using neural::settings_table;
using neural::Target;
using neural::TaughtRows;
using neural::Transfer;
using neural::TransferRequest;
using neural::UsedRows;
using neural::WarmStart;

// What training begins with: nothing, a net of the same inputs and outputs, or one of others.
struct Beginning {
  Initialization initialization;
  Key key;
  std::optional<WarmStart> warm = {};
  std::optional<TransferRequest> asked = {};
  std::optional<Transfer> transfer = {};

  // May change parts.plan, parts.answer and parts.bins to what the start needs.
  Beginning(const FitRequest& request, const MlpSettings& settings, const UsedRows& used,
            const Target& target, std::size_t cells, MlpParts& parts)
      : initialization(initialization_of(settings.initialization)), key(request.key.split("weights")) {
    if (request.start != nullptr && request.start_map != nullptr) {
      asked.emplace(TransferRequest{.start = request.start,
                                    .map = request.start_map,
                                    .used = used,
                                    .target = target,
                                    .initialization = initialization,
                                    .key = key,
                                    .pool = request.pool,
                                    .cells = cells});
      transfer.emplace(*asked, parts);
    } else {
      const NetSpec net = make_net(parts.texts, parts.plan, parts.outputs);
      warm.emplace(request.start, net, parts, initialization, key);
    }
  }

  [[nodiscard]] const Grown* grown() const {
    if (transfer && transfer->is_warm()) return &transfer->weights();
    return warm && warm->is_warm() ? &warm->weights() : nullptr;
  }
  [[nodiscard]] std::span<const float> running() const {
    return grown() == nullptr ? std::span<const float>{} : std::span<const float>(grown()->running);
  }
  [[nodiscard]] std::vector<float> first_weights(const ParameterLayout& layout, const Target& target) const {
    return grown() != nullptr ? grown()->w : initial_weights(layout, initialization, target.bias, key);
  }
  // Of those from nothing, where the settings leave them open: what is known need not be learned again.
  [[nodiscard]] std::size_t epochs(const MlpSettings& settings, std::size_t rows, std::size_t batch) const {
    const std::size_t all = choose_epochs(settings, rows, batch);
    const bool is_shorter = settings.epochs == 0 && transfer && transfer->knows_all();
    return is_shorter ? std::max<std::size_t>(all / neural::kTransferEpochs, 1) : all;
  }
  // Of the optimizer's own learning rate.
  [[nodiscard]] double rate_share(const MlpSettings& settings) const {
    const bool is_open = settings.learning_rate == 0;
    return is_open && transfer && transfer->knows_all() ? neural::kTransferRate : 1;
  }
};

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
    const ResolvedPart optimizer = resolve_part(Vocabulary::optimizer, settings.optimizer);
    const UsedRows used(request.train);
    MlpParts parts;
    parts.texts = {.architecture = architecture_text(parse_architecture(settings.architecture)),
                   .activation = settings.activation,
                   .normalization = settings.normalization,
                   .numeric_embedding = settings.numeric_embedding};
    // Encoded rows are 4 bytes a cell, and folds are fitted side by side: of each, a tenth of the memory.
    const std::uint64_t cells =
        std::min<std::uint64_t>(neural::kMaxCells, request.budget.memory_limit() / 40);
    parts.plan = InputPlan::fit(used.features(), used.weights(), request.pool, cells);
    parts.outputs = used.labels().outputs();
    const Target target = make_target(settings, used.labels(), used.weights());
    parts.answer = target.answer;
    const Beginning begin(request, settings, used, target, cells, parts);
    const NetSpec net = make_net(parts.texts, parts.plan, parts.outputs);
    const ParameterLayout layout = layout_of(net);
    const PreparedRows prepared(used, parts.plan, parts.answer);
    if (net.bins > 0 && parts.bins.low.empty())
      parts.bins = parts.plan.bins(prepared.encoded(), used.weights(), request.pool);
    if (begin.transfer) parts.started = begin.transfer->certify(parts, used.features());
    const TaughtRows taught(settings, used, request.taught, parts.answer, parts.outputs);
    TrainingRows rows = prepared.view();
    rows.taught = taught.values();
    StepSpec spec = make_step(settings, net, target, optimizer.expression, rows);
    spec.taught = !rows.taught.empty();
    const double rate = learning_rate_of(settings, optimizer) * begin.rate_share(settings);
    const TrainerSetup setup{.spec = spec,
                             .layout = layout,
                             .rows = rows,
                             .bins = parts.bins,
                             .numbers = {.learning_rate = rate,
                                         .dropout = settings.dropout,
                                         .smoothing = settings.label_smoothing,
                                         .clip = settings.clip,
                                         .weight_decay = settings.weight_decay,
                                         .temperature = settings.distill_temperature,
                                         .taught_share = settings.distill_share},
                             .key = request.key,
                             .pool = &request.pool,
                             .running = begin.running()};
    const FitPlan plan{.epochs = begin.epochs(settings, rows.rows, spec.batch),
                       .stop_after = static_cast<std::size_t>(settings.stop_after),
                       .patience = static_cast<std::size_t>(settings.patience),
                       .races = rate == 0 && optimizer.expression.uses("lr")};
    train(request, setup, plan, begin.first_weights(layout, target), parts);
    if (begin.warm) begin.warm->keep_history(parts);
    close_gaps(layout, parts.w);
    parts.importance = feature_influence(net, layout, parts.plan, {parts.w, parts.running, parts.bins},
                                         used.features(), request.pool);
    return make_mlp_model(std::move(parts));
  }

  [[nodiscard]] std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t features,
                                                  std::size_t outputs) const override {
    return load_mlp_model(archive, features, outputs);
  }

 private:
  static void train(const FitRequest& request, const TrainerSetup& setup, const FitPlan& plan,
                    std::span<const float> start, MlpParts& parts) {
    Trainer trainer(setup);
    std::optional<PreparedRows> watched;
    std::optional<LossMeter> meter;
    TrainingRows watched_rows;
    if (request.watch != nullptr && request.watch->labels.rows() > 0) {
      watched.emplace(UsedRows(*request.watch), parts.plan, parts.answer);
      watched_rows = watched->view();
      meter.emplace(TrainerSetup{.spec = setup.spec,
                                 .layout = setup.layout,
                                 .rows = watched_rows,
                                 .bins = setup.bins,
                                 .key = setup.key,
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

const Learner& mlp_learner() {
  static const MlpLearner kLearner;
  return kLearner;
}

}  // namespace astrolabe
