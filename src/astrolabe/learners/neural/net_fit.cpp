// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/net_fit.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/learners/neural/fit_rows.h"
#include "astrolabe/learners/neural/influence.h"
#include "astrolabe/learners/neural/mlp_model.h"
#include "astrolabe/learners/neural/taught_rows.h"
#include "astrolabe/learners/neural/transfer.h"
#include "astrolabe/learners/neural/warm_start.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/fit_net.h"
#include "astrolabe/train/initialize.h"
#include "astrolabe/train/step_memory.h"

namespace astrolabe::neural {
namespace {

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
      const NetSpec net = make_net(parts.texts, parts.plan, parts.outputs, parts.picture);
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
  [[nodiscard]] bool transfers() const { return transfer && transfer->is_warm(); }
  [[nodiscard]] bool only_inputs_are_new() const { return transfers() && transfer->only_inputs_are_new(); }
  // Of those from nothing, where nobody set them.
  [[nodiscard]] std::size_t epochs(std::size_t all, bool are_open) const {
    return are_open && transfers() ? transfer->epochs(all) : all;
  }
  [[nodiscard]] std::size_t patience(std::size_t own, std::size_t horizon) const {
    return transfers() ? transfer_patience(own, horizon) : own;
  }
  // Of the rate from nothing, where nobody set one.
  [[nodiscard]] double rate_share(bool is_open) const {
    return is_open && transfers() ? transfer->rate_share() : 1;
  }
};

// How long to train; and how long instead, where that shows that little was known.
struct Lengths {
  FitPlan plan;
  std::optional<FitPlan> longer = {};
  // With `longer`: weights that answer the same to every row, as well as that can be.
  std::vector<float> constant = {};
};

Lengths plan_lengths(const MlpSettings& settings, const NetPlan& asked, const Beginning& begin,
                     std::size_t rows, std::size_t batch, bool races) {
  const std::size_t all = choose_epochs(settings, rows, batch);
  const std::size_t epochs = begin.epochs(all, settings.epochs == 0 || asked.filled_epochs);
  const auto patience = static_cast<std::size_t>(settings.patience);
  Lengths lengths{.plan = {.epochs = epochs,
                           .stop_after = static_cast<std::size_t>(settings.stop_after),
                           .patience = begin.patience(patience, epochs),
                           .races = races,
                           .trusted_share = asked.trusted_share,
                           .follows_clock = asked.follows_clock,
                           .reserved_steps = asked.reserved_epochs * static_cast<double>(rows) /
                                             static_cast<double>(batch)}};
  if (!begin.only_inputs_are_new() || epochs == all) return lengths;
  lengths.longer = lengths.plan;
  lengths.longer->epochs = all;
  lengths.longer->patience = patience;
  return lengths;
}

std::vector<float> constant_weights(const ParameterLayout& layout, std::span<const float> bias) {
  std::vector<float> w(layout.count(), 0.0F);
  std::ranges::copy(bias, w.begin() + static_cast<std::ptrdiff_t>(layout.find("out.b").offset));
  return w;
}

struct Trained {
  FittedNet net;                     // with the history of both trainings, where there were two
  std::size_t epochs_of_nought = 0;  // of the short one then
};

Trained train_short_or_long(Trainer& trainer, LossMeter* watched, const Lengths& lengths,
                            std::span<const float> start, const Budget& budget, FitListener listener) {
  const auto& [plan, longer, constant] = lengths;
  if (!longer || watched == nullptr) return {.net = fit_net(trainer, watched, plan, start, budget, listener)};
  const std::function<void(double)> tell = std::move(listener.fraction);
  const double share = static_cast<double>(plan.epochs) / static_cast<double>(plan.epochs + longer->epochs);
  const auto tell_part = [&](double from, double to) {
    if (tell) listener.fraction = [&tell, from, to](double done) { tell(from + (to - from) * done); };
  };
  tell_part(0, share);
  Trained trained{.net = fit_net(trainer, watched, plan, start, budget, listener)};
  FittedNet& net = trained.net;
  const auto hardly_knew = [&] {
    std::vector<float> w = constant;
    return net.start_loss &&
           knew_little(watched->measure(w, trainer.running()), *net.start_loss, *net.watched_loss);
  };
  const bool had_time = !net.cut_short && net.epochs == plan.epochs;
  if (had_time && !net.diverged && hardly_knew()) {
    tell_part(share, 1);
    std::vector<EpochLosses> history = std::move(net.history);
    trained.epochs_of_nought = history.size();
    net = fit_net(trainer, watched, *longer, start, budget, listener);
    for (EpochLosses& epoch : net.history) {
      epoch.epoch += trained.epochs_of_nought;
      history.push_back(epoch);
    }
    net.history = std::move(history);
  }
  if (tell) tell(1.0);
  return trained;
}

void train(const FitRequest& request, const TrainerSetup& setup, const Lengths& lengths,
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
  Trained trained =
      train_short_or_long(trainer, meter ? &*meter : nullptr, lengths, start, request.budget, listener);
  FittedNet& fitted = trained.net;
  parts.w = std::move(fitted.w);
  parts.running = std::move(fitted.running);
  parts.epochs = fitted.epochs;
  parts.best_epoch = fitted.best_epoch;
  parts.learning_rate = fitted.learning_rate;
  parts.loss = fitted.watched_loss.value_or(fitted.training_loss);
  parts.watched = fitted.watched_loss.has_value();
  parts.cut_short = fitted.cut_short;
  parts.diverged = fitted.diverged;
  const std::size_t best = fitted.best_epoch == 0 ? 0 : trained.epochs_of_nought + fitted.best_epoch;
  parts.curve = {.unit = "epoch", .steps = {}, .best_step = best};
  for (const EpochLosses& epoch : fitted.history)
    if (FitCurve::is_told(epoch.epoch) || epoch.epoch == fitted.history.back().epoch)
      parts.curve.steps.push_back({epoch.epoch, epoch.training, epoch.watched.value_or(std::nan(""))});
}

// Encoded rows are 4 bytes a cell, and folds are fitted side by side: of each, a tenth of the memory.
std::uint64_t most_cells(const Budget& budget) {
  return std::min<std::uint64_t>(kMaxCells, budget.memory_limit() / 40);
}

// What a net reads and how it is made, of a fit that begins with nothing.
MlpParts parts_from_nothing(const FitRequest& request, const UsedRows& used, const NetPlan& asked) {
  MlpParts parts;
  parts.texts = asked.texts;
  parts.picture = PictureInput::fit(used.features().pixels, used.weights());
  parts.plan = InputPlan::fit(used.features(), used.weights(), request.pool, most_cells(request.budget));
  parts.outputs = used.labels().outputs();
  return parts;
}

StepNumbers step_numbers(const MlpSettings& settings, double learning_rate) {
  return {.learning_rate = learning_rate,
          .dropout = settings.dropout,
          .smoothing = settings.label_smoothing,
          .clip = settings.clip,
          .weight_decay = settings.weight_decay,
          .temperature = settings.distill_temperature,
          .taught_share = settings.distill_share};
}

}  // namespace

std::unique_ptr<const Model> fit_net_model(const FitRequest& request, const MlpSettings& settings,
                                           const NetPlan& asked) {
  const ResolvedPart optimizer = resolve_part(Vocabulary::optimizer, settings.optimizer);
  const UsedRows used(request.train);
  MlpParts parts = parts_from_nothing(request, used, asked);
  const Target target = make_target(settings, used.labels(), used.weights());
  parts.answer = target.answer;
  const Beginning begin(request, settings, used, target, most_cells(request.budget), parts);
  const NetSpec net = make_net(parts.texts, parts.plan, parts.outputs, parts.picture);
  const ParameterLayout layout = layout_of(net);
  const PreparedRows prepared(used, parts.plan, parts.answer, parts.picture);
  if (net.bins > 0 && parts.bins.low.empty())
    parts.bins = parts.plan.bins(prepared.encoded(), used.weights(), request.pool);
  if (begin.transfer) parts.started = begin.transfer->certify(parts, used.features());
  const TaughtRows taught(settings, used, request.taught, parts.answer, parts.outputs);
  TrainingRows rows = prepared.view();
  rows.taught = taught.values();
  StepSpec spec = make_step(settings, net, target, optimizer.expression, rows);
  spec.taught = !rows.taught.empty();
  spec.mixes = asked.augmentation.mixes;
  const double rate = learning_rate_of(settings, optimizer) *
                      begin.rate_share(settings.learning_rate == 0 || asked.filled_rate);
  const CompileOptions within{.memory_limit = arena_within(request.budget.memory_limit()),
                              .threads = request.pool.size()};
  const std::size_t asked_batch = spec.batch;
  spec.batch = batch_within_memory(spec, layout, within);
  const TrainerSetup setup{.spec = spec,
                           .layout = layout,
                           .rows = rows,
                           .bins = parts.bins,
                           .numbers = step_numbers(settings, rate),
                           .key = request.key,
                           .options = within,
                           .pool = &request.pool,
                           .running = begin.running(),
                           .augmentation = asked.augmentation};
  Lengths lengths = plan_lengths(settings, asked, begin, rows.rows, spec.batch,
                                 rate == 0 && optimizer.expression.uses("lr"));
  if (lengths.longer) lengths.constant = constant_weights(layout, target.bias);
  train(request, setup, lengths, begin.first_weights(layout, target), asked_batch, parts);
  if (begin.warm) begin.warm->keep_history(parts);
  parts.picture.mirrors = asked.augmentation.flips;
  close_gaps(layout, parts.w);
  parts.importance = feature_influence(net, layout, parts.plan, {parts.w, parts.running, parts.bins},
                                       used.features(), request.pool, parts.picture);
  return make_mlp_model(std::move(parts));
}

}  // namespace astrolabe::neural
