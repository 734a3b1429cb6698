// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/out_of_core.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/data/table_batches.h"
#include "astrolabe/learners/kernel/kernel_fit.h"
#include "astrolabe/learners/trees/streamed_fit.h"
#include "astrolabe/workflow/memory_cap.h"

namespace astrolabe {
namespace {

constexpr double kSearchShare = 0.5;
constexpr std::uint64_t kRoom = 3;  // the rows of the search take a third of what they could
constexpr double kWatchShare = 0.1;
constexpr std::size_t kMostWatched = 50'000;
constexpr std::uint64_t kBatchBytes = std::uint64_t{40} << 20;  // that reading a batch takes, with its text
constexpr std::size_t kBlockRows = 32'768;

// Learners that can be fitted on rows that come in blocks.
bool takes_blocks(std::string_view learner) {
  return learner == "trees" || learner == "kernel";
}

// As understand() reads the table, at first.
ReadOptions first_reading(const Run& run) {
  ReadOptions reading = run.options.reading;
  reading.memory_bytes = memory_for_table(limit_of_rows(run.options));
  reading.sample_key = run.key.split("reading");
  return reading;
}

ReadOptions with_room(ReadOptions reading) {
  reading.memory_bytes /= kRoom;
  return reading;
}

bool leaves_out(const Run& run, const std::vector<ColumnReading>& readings, const ReadOptions& reading) {
  std::vector<WantedColumn> columns;
  for (const ColumnReading& each : readings) columns.push_back({each.name, each.type, each.date_order});
  RestOfTable rest(run.options.data, std::move(columns), reading);
  Table batch;
  return rest.next(batch);
}

// Whether lines of the table were never read.
bool has_rest(const Run& run) {
  return leaves_out(run, run.result.readings, first_reading(run));
}

std::vector<WantedColumn> columns_of(const Run& run, const Table& table) {
  const std::map<std::string, DateOrder> orders = date_orders_of(run.result.readings);
  std::vector<WantedColumn> columns;
  for (const Column& column : table.columns()) {
    const auto order = orders.find(column.name);
    columns.push_back({.name = column.name,
                       .type = column.type,
                       .date_order = order == orders.end() ? DateOrder::any : order->second,
                       .picture = column.pixels.shape});
  }
  return columns;
}

// Open rows that are not watched, then the rows that were never read.
class RowsOfRun : public BlockSource {
 public:
  RowsOfRun(Run& run, const Table& open, std::vector<RowIndex> rows, const Encoder& encoder)
      : run_(run), open_(open), open_rows_(std::move(rows)), encoder_(encoder) {
    count_ = open_rows_.size();
    if (!has_rest(run)) return;
    rest_.emplace(run.options.data, columns_of(run, open), with_room(first_reading(run)));
    for (Table batch; rest_->next(batch);) count_ += usable_rows(batch, run_.result.task).size();
  }
  [[nodiscard]] std::size_t rows() const override { return count_; }
  [[nodiscard]] std::shared_ptr<const std::vector<Feature>> info() const override {
    return encoder_.features();
  }
  void rewind() override {
    next_ = 0;
    if (rest_) rest_->rewind();
  }
  [[nodiscard]] bool next(TrainingData& block) override {
    if (next_ < open_rows_.size()) {
      const std::size_t count = std::min(kBlockRows, open_rows_.size() - next_);
      encode(open_.take_rows(std::span(open_rows_).subspan(next_, count)), block);
      next_ += count;
      return true;
    }
    Table batch;
    if (!rest_ || !rest_->next(batch)) return false;
    encode(batch.take_rows(usable_rows(batch, run_.result.task)), block);
    return true;
  }

  void encode(const Table& rows, TrainingData& block) {
    std::vector<RowIndex> all(rows.rows());
    std::iota(all.begin(), all.end(), RowIndex{0});
    block.features = encoder_.encode(rows, all, run_.pool);
    block.labels = labels_of(rows, run_.result.task, run_.options.data.string());
  }

 private:
  Run& run_;
  const Table& open_;
  std::vector<RowIndex> open_rows_;
  const Encoder& encoder_;
  std::optional<RestOfTable> rest_;
  std::size_t count_ = 0;
  std::size_t next_ = 0;
};

// Of the open rows.
struct Parts {
  std::vector<RowIndex> watched, others;  // ascending
};

Parts part_rows(std::size_t rows, Key key) {
  std::vector<RowIndex> order(rows);
  std::iota(order.begin(), order.end(), RowIndex{0});
  RandomStream(key).shuffle(order);
  const auto watched = static_cast<std::ptrdiff_t>(
      std::min(kMostWatched, static_cast<std::size_t>(kWatchShare * static_cast<double>(rows))));
  Parts parts = {.watched = {order.begin(), order.begin() + watched},
                 .others = {order.begin() + watched, order.end()}};
  std::ranges::sort(parts.watched);
  std::ranges::sort(parts.others);
  return parts;
}

// Fitted on the rows that the search worked with.
std::shared_ptr<const Encoder> encoder_of(Run& run, const Prepared& prepared, const Learner& learner) {
  std::vector<RowIndex> all(prepared.data.features.rows());
  std::iota(all.begin(), all.end(), RowIndex{0});
  return fit_encoder({.table = prepared.data.features,
                      .rows = all,
                      .labels = prepared.data.labels,
                      .needs = learner.needs(),
                      .key = run.key.split("out of core encoder")},
                     run.pool)
      .encoder;
}

// The chosen system that counts most.
const Candidate& heaviest(const Selection& selection) {
  const auto at = std::ranges::max_element(selection.weights) - selection.weights.begin();
  return selection.tried[selection.chosen[static_cast<std::size_t>(at)]].candidate;
}

std::shared_ptr<const Model> fit_on_blocks(Run& run, const Candidate& candidate, BlockSource& source,
                                           const TrainingData* watch) {
  const std::string learner(candidate.learner->name());
  const Budget budget = budget_before_finish(run.budget);
  const std::uint64_t taken = resident_memory() + kBatchBytes;
  const std::uint64_t memory = run.options.memory_bytes - std::min(run.options.memory_bytes, taken);
  const Key key = run.key.split("out of core fit");
  std::string words;
  const auto progress = [&](double fraction) {
    run.progress.update({.stage = fmt::format("{} on all rows, {}", learner, words),
                         .fraction = fraction,
                         .seconds_left = -1,
                         .best = candidate.name});
  };
  const auto tell = [&](std::string_view told) {
    words = told;
    run.progress.say(fmt::format("{}, {}", learner, told));
  };
  if (learner == "kernel")
    return kernel::fit_kernel({.rows = kernel::FitRows(source),
                               .watch = watch,
                               .settings = candidate.settings,
                               .key = key,
                               .pool = run.pool,
                               .budget = budget,
                               .memory_bytes = memory,
                               .progress = progress,
                               .tell = tell});
  return trees::fit_streamed({.rows = source,
                              .watch = watch,
                              .settings = candidate.settings,
                              .key = key,
                              .pool = run.pool,
                              .budget = budget,
                              .folder = run.result.folder,
                              .memory_bytes = memory,
                              .progress = progress,
                              .tell = tell});
}

Member fit_member(Run& run, const Table& open, const Prepared& prepared, const Candidate& candidate,
                  std::size_t& rows) {
  const std::shared_ptr<const Encoder> encoder = encoder_of(run, prepared, *candidate.learner);
  Parts parts = part_rows(open.rows(), run.key.split("out of core watch"));
  RowsOfRun source(run, open, std::move(parts.others), *encoder);
  TrainingData watch;
  source.encode(open.take_rows(parts.watched), watch);
  rows = source.rows();
  const std::shared_ptr<const Model> model =
      fit_on_blocks(run, candidate, source, parts.watched.empty() ? nullptr : &watch);
  SettingValues settings = candidate.settings;
  for (const auto& [name, value] : model->settings_found()) settings[name] = value;
  return {.learner = std::string(candidate.learner->name()),
          .settings = std::move(settings),
          .weight = 1,
          .encoder = encoder,
          .model = model};
}

}  // namespace

bool may_fit_on_all_rows(const RunOptions& options) {
  return options.learners.size() == 1 && takes_blocks(options.learners[0].name) &&
         options.split.kind == SplitKind::random && !options.group && !options.refit &&
         options.from.empty() && options.study.empty() && !options.grow &&
         limit_of_rows(options) != DrawnRows::kNoLimit;
}

std::optional<ReadOptions> reading_with_room(const Run& run, const ReadResult& read,
                                             const ReadOptions& reading) {
  if (!may_fit_on_all_rows(run.options) || !leaves_out(run, read.columns, reading)) return std::nullopt;
  return with_room(reading);
}

double search_share(const Run& run, const Prepared& prepared) {
  if (!may_fit_on_all_rows(run.options) || !run.budget.has_deadline()) return 1;
  const bool set_aside = prepared.data.features.rows() + run.result.rows_sealed + run.result.rows_for_proof <
                         run.result.rows_used;
  return set_aside || has_rest(run) ? kSearchShare : 1;
}

ShippedModel fit_on_all_rows(Run& run, const Sealing& sealing, const Prepared& prepared,
                             const Selection& selection, ShippedModel otherwise) {
  const auto is_of_blocks = [&](std::size_t index) {
    return takes_blocks(selection.tried[index].candidate.learner->name());
  };
  if (!may_fit_on_all_rows(run.options) || !std::ranges::all_of(selection.chosen, is_of_blocks))
    return otherwise;
  const bool set_aside = prepared.data.features.rows() < sealing.open_rows.rows();
  if (!set_aside && !has_rest(run)) return otherwise;
  std::string why;
  try {
    std::size_t rows = 0;
    Member member = fit_member(run, sealing.open_rows, prepared, heaviest(selection), rows);
    if (!member.model->was_cut_short()) {
      ModelCard card = otherwise.card();
      card.rows = rows;
      card.system = heaviest(selection).name;
      card.second_level.reset();
      card.calibration = choose_calibration(selection, prepared.data.labels, run.result.task,
                                            Predictor::one_fit, run.key.split("calibration"))
                             .calibration;
      run.result.system = card.system;
      run.result.ensemble.reset();  // what ships is one fit
      run.result.fitted_on = fmt::format("{} rows, out of memory", format_count(rows));
      card.fitted_on = run.result.fitted_on;
      run.result.notes.push_back(
          fmt::format("--memory: the search worked with {} rows, the model is fitted on {}",
                      format_count(prepared.data.features.rows()), format_count(rows)));
      return {std::move(card), {std::move(member)}};
    }
    why = "no time for it";
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    why = error.what();
  }
  run.result.warnings.push_back(fmt::format("not fitted on all rows, but on those of the search: {}", why));
  return otherwise;
}

}  // namespace astrolabe
