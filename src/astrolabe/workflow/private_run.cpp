// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/private_run.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <sys/random.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/base/version.h"
#include "astrolabe/data/reader.h"
#include "astrolabe/data/seal.h"
#include "astrolabe/features/noisy_scales.h"
#include "astrolabe/features/private_encoder.h"
#include "astrolabe/pipeline/private_catalog.h"
#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/report/private_report.h"
#include "astrolabe/workflow/private_memory.h"
#include "astrolabe/workflow/private_score.h"
#include "astrolabe/workflow/run.h"
#include "astrolabe/workflow/slot_choices.h"
#include "astrolabe/workflow/task_setup.h"

namespace astrolabe {
namespace {

// Of the epsilon, what the scales of numbers may cost by themselves. Costs of Gaussian noise add up as
// squares do, so that this takes about a hundredth from training.
constexpr double kShareOfScales = 0.15;
constexpr std::size_t kEpochs = 40;

struct PrivateRun {
  const RunOptions& options;
  const PrivacyRequest& privacy;
  const PrivateFamily& family;
  Progress& progress;
  ThreadPool pool;
  Budget budget;
  Key secret;
  PrivateRunResult result = {};
};

Key draw_secret(const PrivacyRequest& privacy) {
  if (privacy.noise_seed) return Key::from_seed(*privacy.noise_seed).split("private");
  std::uint64_t bits = 0;
  if (getrandom(&bits, sizeof bits, 0) != static_cast<ssize_t>(sizeof bits))
    throw failure({.attempted = "drawing the secret of the noise",
                   .found = "no random bytes from the operating system",
                   .remedy = "Without them nothing would be private: try again on another machine."});
  return Key{bits};
}

struct Rows {
  Table table;  // feature columns
  Labels labels;
  std::vector<RowIndex> training, score;
};

// A binary task's positive class is told or the last by name: the rarer one would be a count.
void order_classes(const RunOptions& options, Task& task) {
  if (task.kind == TaskKind::binary && !options.positive) std::ranges::sort(task.classes);
}

void require_metric(const RunOptions& options, Task& task) {
  const std::string_view metric = task.kind == TaskKind::regression ? "rmse" : "accuracy";
  if (options.metric && *options.metric != metric)
    throw usage_error({.attempted = "reading --metric",
                       .expected = fmt::format("{}, the one that has a private form for this task", metric),
                       .found = *options.metric,
                       .remedy = "Leave it out."});
  task.metric = metric;
}

void require_target_bounds(const PrivateRun& run) {
  if (run.result.task.kind != TaskKind::regression || run.privacy.target_low) return;
  throw usage_error({.attempted = fmt::format("training privately for {}, a number", run.result.task.target),
                     .expected = "bounds of the target, so that no row can pull without limit",
                     .found = "none",
                     .remedy = "Give bounds that you know without looking at the rows: --privacy "
                               "'...,target_low=0,target_high=5'. Labels beyond them are cut."});
}

CategoryHashing hashing_of(const PrivateRun& run) {
  return {.buckets = run.privacy.buckets,
          .form = run.family.takes_codes ? CategoryForm::codes : CategoryForm::indicators,
          .takes_pictures = run.family.takes_pictures};
}

// Pictures alone for a learner of tables, or none for one of pictures, would leave nothing to learn from.
void require_pictures_for(const PrivateFamily& family, const Table& features) {
  const bool has_pictures = std::ranges::any_of(features.columns(), &Column::is_image);
  if (family.takes_pictures && !has_pictures)
    throw usage_error({.attempted = fmt::format("training {} privately", family.learner),
                       .expected = "pictures",
                       .found = "a table without any",
                       .remedy = "Choose --learner mlp or linear for other tables."});
  if (!family.takes_pictures && has_pictures &&
      left_out_columns(features).size() == features.columns().size())
    throw usage_error({.attempted = fmt::format("training {} privately", family.learner),
                       .expected = "columns of numbers or categories",
                       .found = "pictures alone, which it leaves out",
                       .remedy = "Choose --learner cnn."});
}

Rows read_rows(PrivateRun& run) {
  const RunOptions& options = run.options;
  PrivateRunResult& result = run.result;
  run.progress.update(
      {.stage = "reading " + options.data.string(), .fraction = -1, .seconds_left = -1, .best = ""});
  require_memory_to_read(options.data, options.memory_bytes);
  ReadResult read = read_table(options.data, options.reading, run.pool);
  result.data_format = read.format;
  RunOptions plain = options;
  plain.metric = {};  // it may decide what kind of task this is, and has its own check
  TaskSetup setup = set_up_task(std::move(read.table), plain);
  result.task = setup.task;
  order_classes(options, result.task);
  require_metric(options, result.task);
  require_target_bounds(run);
  result.task_reason = fmt::format("{}, {}", result.task.kind_name(),
                                   options.task ? "as told" : "by the target's type; --task changes it");
  Rows rows;
  rows.labels = labels_of(setup.table, result.task, options.data.string());
  const std::vector<std::string> target = {result.task.target};
  rows.table = setup.table.without_columns(target);
  require_pictures_for(run.family, rows.table);
  require_memory_to_train(rows.table, hashing_of(run), options.memory_bytes, run.pool);
  result.left_out = left_out_columns(rows.table, run.family.takes_pictures);
  for (const Column& column : rows.table.columns())
    if (std::ranges::find(result.left_out, column.name) == result.left_out.end())
      result.columns.emplace_back(column.name, column_type_name(column.type));
  const double share = run.privacy.held_out.value_or(sealed_share(rows.labels.rows()));
  const Key coins = run.secret.split("held out");
  for (RowIndex row = 0; row < rows.labels.rows(); ++row)
    (random_uniform(coins, row) < share ? rows.score : rows.training).push_back(row);
  result.rows = rows.labels.rows();
  result.rows_training = rows.training.size();
  result.rows_score = rows.score.size();
  return rows;
}

// What the run may not say less of than it knows.
void warn_of_weak_promises(PrivateRun& run) {
  std::vector<std::string>& warnings = run.result.warnings;
  if (run.privacy.budget.delta * static_cast<double>(run.result.rows) >= 1)
    warnings.push_back(
        fmt::format("delta {:g} is not below 1 / rows: such a promise is kept by publishing a row "
                    "now and then",
                    run.privacy.budget.delta));
  if (run.privacy.budget.epsilon > 10)
    warnings.push_back(
        fmt::format("epsilon {:g} promises next to nothing: a row may change any odds by a factor of e^{:g}",
                    run.privacy.budget.epsilon, run.privacy.budget.epsilon));
  if (run.privacy.noise_seed)
    warnings.emplace_back(
        "the seed of the noise was told: whoever learns it can take the noise off again, and "
        "there is no privacy left");
}

struct Schedule {
  double rate = 1;
  std::uint64_t steps = 1;
};

template <class Value>
std::optional<std::size_t> setting_of(const SettingValues& settings, std::string_view name) {
  const auto found = settings.find(name);
  if (found == settings.end()) return std::nullopt;
  const auto value = std::get<Value>(found->second);
  return value > 0 ? std::optional<std::size_t>(static_cast<std::size_t>(value)) : std::nullopt;
}

// Large batches: the noise is the same for 10 rows and for 10,000.
Schedule choose_schedule(const PrivateRun& run) {
  const SettingValues& settings = run.options.learners.front().settings;
  const std::size_t rows = run.result.rows_training;
  if (rows == 0)
    throw bad_input(
        {.attempted = "training privately", .expected = "rows", .found = "none to train on", .remedy = ""});
  const auto told = run.privacy.batch ? run.privacy.batch : setting_of<std::int64_t>(settings, "batch_size");
  if (told && *told > rows)
    throw usage_error(
        {.attempted = "reading --privacy",
         .expected = fmt::format("a batch of at most the {} rows that train", format_count(rows)),
         .found = format_count(*told),
         .remedy = "A batch of all rows is the largest there is."});
  const double wanted = 8 * std::sqrt(static_cast<double>(rows));
  const double batch = told ? static_cast<double>(*told) : std::min(wanted, static_cast<double>(rows) / 2);
  const auto epochs = run.privacy.epochs ? run.privacy.epochs : setting_of<std::int64_t>(settings, "epochs");
  const double rate = std::clamp(batch / static_cast<double>(rows), 0x1p-32, 1.0);
  const double steps = std::round(static_cast<double>(epochs.value_or(kEpochs)) / rate);
  return {.rate = rate, .steps = static_cast<std::uint64_t>(std::max(steps, 1.0))};
}

std::vector<NumberScale> scales_of(PrivateRun& run, const Rows& rows) {
  const std::vector<const Column*> columns = number_columns(rows.table);
  if (columns.empty()) return {};
  if (run.privacy.low)
    return std::vector<NumberScale>(columns.size(), scale_of_bounds(*run.privacy.low, *run.privacy.high));
  const PrivacyBudget share{.epsilon = kShareOfScales * run.privacy.budget.epsilon,
                            .delta = run.privacy.budget.delta};
  const PrivateSteps steps{.noise_multiplier = noise_multiplier_for(share, 1, kScaleRounds),
                           .sampling_rate = 1,
                           .steps = kScaleRounds};
  run.result.ledger.training.push_back({"scales of the number columns, by histograms", steps});
  return noisy_scales(columns, rows.training, steps.noise_multiplier, run.secret.split("scales"));
}

Labels labels_at(const Labels& labels, std::span<const RowIndex> rows) {
  Labels taken{.kind = labels.kind, .classes = labels.classes, .values = {}, .weights = {}};
  for (const RowIndex row : rows) taken.values.push_back(labels.values[row]);
  return taken;
}

TargetBounds bounds_of(const PrivacyRequest& privacy) {
  return {.low = privacy.target_low.value_or(0), .high = privacy.target_high.value_or(1)};
}

Member fit(PrivateRun& run, const Rows& rows) {
  PrivateRunResult& result = run.result;
  const Schedule schedule = choose_schedule(run);
  const std::vector<NumberScale> scales = scales_of(run, rows);
  std::vector<PrivateSteps> already;
  for (const PaidMechanism& entry : result.ledger.training) already.push_back(entry.steps);
  const double multiplier = noise_multiplier_for(run.privacy.budget, schedule.rate, schedule.steps, already);
  const PrivatePlan plan{.sampling_rate = schedule.rate,
                         .noise_multiplier = multiplier,
                         .clipping = run.privacy.clip ? RowClipping::fixed : RowClipping::automatic,
                         .clip = run.privacy.clip.value_or(1),
                         .steps = schedule.steps,
                         .secret = run.secret.split("training")};
  result.expected_batch = schedule.rate * static_cast<double>(result.rows_training);
  result.clipping = run.privacy.clip
                        ? fmt::format("the gradient of each row, to length {:g}", *run.privacy.clip)
                        : "automatic: the gradient g of each row counts as g / (|g| + 0.01)";
  const auto encoder = private_encoder(rows.table, scales, hashing_of(run));
  const TrainingData data{.features = encoder->encode(rows.table, rows.training, run.pool),
                          .labels = labels_at(rows.labels, rows.training)};
  const SettingValues& settings = run.options.learners.front().settings;
  const Budget budget =
      run.budget.has_deadline() ? run.budget.slice(0.9 * run.budget.seconds_left()) : run.budget;
  PrivateOutcome fitted = run.family.fit(
      {.train = data,
       .settings = settings,
       .plan = plan,
       .bounds = bounds_of(run.privacy),
       .key = Key::from_seed(run.options.seed).split("private weights"),
       .pool = run.pool,
       .budget = budget,
       .progress = [&](double fraction) {
         run.progress.update(
             {.stage = "training privately", .fraction = fraction, .seconds_left = -1, .best = ""});
       }});
  result.ledger.training.push_back(
      {"training steps",
       {.noise_multiplier = multiplier, .sampling_rate = fitted.sampling_rate, .steps = fitted.steps}});
  result.was_cut_short = fitted.model->was_cut_short();
  if (result.was_cut_short)
    result.warnings.push_back(
        fmt::format("the time ended training after {} of {} steps: fewer epochs fit it better",
                    format_count(fitted.steps), format_count(schedule.steps)));
  result.summary = fitted.model->summary();
  result.settings = settings;
  return {.learner = std::string(run.family.learner),
          .settings = settings,
          .encoder = encoder,
          .model = std::move(fitted.model)};
}

ModelCard card_of(const PrivateRun& run) {
  ModelCard card;
  card.version = version();
  card.task = run.result.task;
  card.system = run.result.learner;
  card.data_name = run.options.data.filename().string();
  card.rows = run.result.rows_training;
  card.seed = run.options.seed;
  card.fitted_on = "rows that a coin chose, privately";
  card.sealed = run.result.score;
  card.sealed_label = run.result.score ? "held out, with noise" : "";
  card.privacy = run.result.ledger;
  return card;
}

void score(PrivateRun& run, const Rows& rows, const Member& member) {
  if (rows.score.empty()) {
    run.result.warnings.emplace_back(
        "no row is held out (below 1,000 none is), so there is no score: `astrolabe score` gives one on "
        "other rows");
    return;
  }
  const FeatureMatrix features = member.encoder->encode(rows.table, rows.score, run.pool);
  std::vector<double> predicted(features.rows * run.result.task.outputs());
  member.model->predict(features, predicted);
  const PrivateScore scored = score_privately({.task = run.result.task,
                                               .labels = labels_at(rows.labels, rows.score),
                                               .predicted = predicted,
                                               .bounds = bounds_of(run.privacy),
                                               .budget = run.privacy.budget,
                                               .secret = run.secret.split("score")});
  run.result.score = scored.estimate;
  run.result.ledger.score.push_back(
      {fmt::format("the {}", find_metric(run.result.task.metric)->title), scored.steps});
}

}  // namespace

PrivateRunResult run_privately(const RunOptions& options, const PrivacyRequest& privacy, Progress& progress) {
  require_private_options(options);
  require_sound_texts(options.learners);
  // A budget that no step can keep to is told before rows are read: one step on few rows is the cheapest.
  static_cast<void>(noise_multiplier_for(privacy.budget, 0x1p-16, 1));
  PrivateRun run{.options = options,
                 .privacy = privacy,
                 .family = *find_private_family(options.learners.front().name),
                 .progress = progress,
                 .pool = ThreadPool(options.threads),
                 .budget = Budget({.seconds = options.seconds, .memory_bytes = options.memory_bytes}),
                 .secret = draw_secret(privacy)};
  PrivateRunResult& result = run.result;
  const std::filesystem::path folder = choose_folder(options);
  result.folder = folder.string();
  result.model_path = (folder / "model.astro").string();
  result.report_path = (folder / "report.html").string();
  result.command = without_noise_seed(options.command);
  result.version = version();
  result.data_path = options.data.string();
  result.seed = options.seed;
  result.budget = privacy.budget;
  result.noise_seed_is_told = privacy.noise_seed.has_value();
  result.learner = run.family.learner;
  result.ledger.delta = privacy.budget.delta;

  const Rows rows = read_rows(run);
  require_fitting_losses(options.learners, result.task.kind);
  warn_of_weak_promises(run);
  std::vector<Member> members;
  members.push_back(fit(run, rows));
  score(run, rows, members.front());
  result.epsilon = result.ledger.epsilon();
  ASTROLABE_CHECK(result.epsilon <= privacy.budget.epsilon * (1 + 1e-9), "a ledger within its budget");
  result.was_interrupted = cancel_requested();
  result.seconds = run.budget.seconds_used();
  create_new_folder(folder);
  save_model(ShippedModel(card_of(run), std::move(members)), folder / "model.astro");
  write_file_atomically(folder / "report.html", private_run_html(result));
  write_file_atomically(folder / "result.json", private_run_json(result));
  progress.finish();
  return std::move(run.result);
}

}  // namespace astrolabe
