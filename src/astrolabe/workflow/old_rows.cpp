// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/old_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/csv.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/data/concatenate.h"
#include "astrolabe/features/extend.h"
#include "astrolabe/workflow/answers_for.h"
#include "astrolabe/workflow/kept_pictures.h"
#include "astrolabe/workflow/out_of_fold.h"
#include "astrolabe/workflow/run_state.h"
#include "astrolabe/workflow/sealing.h"

namespace astrolabe {
namespace {

constexpr const char* kTrainFile = "rehearsal.csv";
constexpr const char* kJudgeFile = "rehearsal-judge.csv";
constexpr const char* kFactsFile = "rehearsal.json";

std::filesystem::path beside(const RunStart& start, const char* name) {
  return std::filesystem::path(start.path).parent_path() / name;
}

nlohmann::json facts_beside(const RunStart& start) {
  const std::filesystem::path path = beside(start, kFactsFile);
  if (!std::filesystem::exists(path)) return nlohmann::json::object();
  auto facts = nlohmann::json::parse(read_file(path, "facts of the kept rows"), nullptr, false);
  if (facts.is_object()) return facts;
  throw bad_input({.attempted = "reading " + path.string(),
                   .expected = "what an earlier run with --grow wrote",
                   .found = "something else",
                   .remedy = "Delete the rehearsal files beside the model: then nothing is rehearsed."});
}

// Kept rows as the run's table has its columns; those that it has and they have not are missing.
Table read_rows(const std::filesystem::path& path, const std::vector<std::string>& pictures,
                const Table& like, const Task& task, ThreadPool& pool) {
  std::vector<WantedColumn> wanted, in_text;
  for (const Column& column : like.columns()) {
    wanted.push_back({.name = column.name, .type = column.type, .picture = column.pixels.shape});
    in_text.push_back({.name = column.name, .type = column.is_image() ? ColumnType::number : column.type});
  }
  const Table read = read_table_as(path, {}, in_text, {.header = Header::present}, pool).table;
  std::vector<Column> columns;
  for (const WantedColumn& column : wanted) {
    const std::optional<std::size_t> place = read.find(column.name);
    const auto picture = std::ranges::find(pictures, column.name);
    const bool is_image = column.type == ColumnType::image;
    if (!place || is_image != (picture != pictures.end()))
      columns.push_back(missing_column(column, read.rows()));
    else if (is_image)
      columns.push_back(
          read_kept_pictures(kept_pictures_path(path, static_cast<std::size_t>(picture - pictures.begin())),
                             read.column(*place), column, pool));
    else
      columns.push_back(read.column(*place));
  }
  const Table table(std::move(columns));
  return table.take_rows(usable_rows(table, task));
}

// Names of the columns of pictures, in their order.
std::vector<std::string> picture_names(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns())
    if (column.is_image()) names.push_back(column.name);
  return names;
}

// Of so many rows, `count` of them, ascending.
std::vector<RowIndex> draw(std::size_t rows, std::size_t count, Key key) {
  std::vector<RowIndex> all(rows);
  std::iota(all.begin(), all.end(), RowIndex{0});
  RandomStream(key).shuffle(all);
  all.resize(std::min(count, rows));
  std::ranges::sort(all);
  return all;
}

// A sample of all rows so far from a sample of the old ones and the new ones.
Table sample_of_all(const Table& old, std::uint64_t old_total, const Table& fresh, std::size_t most,
                    Key key) {
  const auto all = static_cast<double>(old_total + fresh.rows());
  const auto share = static_cast<double>(fresh.rows()) / std::max(all, 1.0);
  auto of_new = static_cast<std::size_t>(std::llround(share * static_cast<double>(most)));
  of_new = std::min(of_new, fresh.rows());
  const std::size_t of_old = std::min(most - of_new, old.rows());
  of_new = std::min(most - of_old, fresh.rows());
  const Table some = fresh.take_rows(draw(fresh.rows(), of_new, key.split("new")));
  return of_old == 0 ? some : concatenate(old.take_rows(draw(old.rows(), of_old, key.split("old"))), some);
}

std::string text_of(const Table& table) {
  std::string text;
  const auto add_line = [&](const auto& cell_of) {
    for (std::size_t i = 0; i < table.columns().size(); ++i)
      text += (i == 0 ? "" : ",") + csv_cell(cell_of(table.columns()[i]));
    text += '\n';
  };
  add_line([](const Column& column) { return column.name; });
  for (std::size_t row = 0; row < table.rows(); ++row)
    add_line([row](const Column& column) {
      return column.is_image() ? picture_cell(column, row) : column.cell(row);
    });
  return text;
}

// The CSV and its pictures; how many bytes they take.
std::uint64_t write_rows(const std::filesystem::path& path, const Table& table) {
  std::uint64_t bytes = 0;
  std::size_t place = 0;
  for (const Column& column : table.columns())
    if (column.is_image()) bytes += write_kept_pictures(kept_pictures_path(path, place++), column);
  const std::string text = text_of(table);
  write_file_atomically(path, text);
  return bytes + text.size();
}

Estimate score_of(const Run& run, std::span<const double> said, const Labels& labels, const char* what) {
  std::vector<RowIndex> rows(labels.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  return estimate(*find_metric(run.result.task.metric), judge(rows, said, labels).scored(),
                  run.key.split(what));
}

void append(Labels& labels, const Labels& more) {
  labels.values.insert(labels.values.end(), more.values.begin(), more.values.end());
  labels.weights.insert(labels.weights.end(), more.weights.begin(), more.weights.end());
}

}  // namespace

std::uint64_t rows_seen_by(const RunStart& start) {
  return facts_beside(start).value("rows_seen", start.card.rows);
}

std::size_t add_old_rows(Run& run, const Table& open_rows, OpenData& data, std::vector<Fold>& folds) {
  if (!run.options.grow || !run.start) return 0;
  const std::filesystem::path path = beside(*run.start, kTrainFile);
  if (!std::filesystem::exists(path)) {
    run.result.warnings.push_back(
        fmt::format("no old rows lie beside {}: what it knew is neither rehearsed nor measured. A run with "
                    "--grow keeps some",
                    run.start->path));
    return 0;
  }
  const nlohmann::json facts = facts_beside(*run.start);
  const auto pictures = facts.value("pictures", std::vector<std::string>());
  OldRows old{.trained = read_rows(path, pictures, open_rows, run.result.task, run.pool), .judged = {}};
  old.seen = facts.value("rows_seen", run.start->card.rows);
  if (const std::filesystem::path judges = beside(*run.start, kJudgeFile); std::filesystem::exists(judges))
    old.judged = read_rows(judges, pictures, open_rows, run.result.task, run.pool);
  const std::size_t before = data.features.rows(), count = old.trained.rows();
  if (count > 0) {
    OpenData more = separate(old.trained, run.result.task, run.options.split, path.string());
    std::vector<std::string> unused;
    for (const std::string& name : more.features.names())
      if (!data.features.find(name)) unused.push_back(name);
    data.features = concatenate(data.features, more.features.without_columns(unused));
    append(data.labels, more.labels);
    data.strata.insert(data.strata.end(), more.strata.begin(), more.strata.end());
    for (Fold& fold : folds)
      for (std::size_t row = before; row < before + count; ++row)
        fold.train.push_back(static_cast<RowIndex>(row));
  }
  say_all(run, {fmt::format("rehearses {} rows of earlier runs, which judge nothing", format_count(count))});
  run.old_rows = std::move(old);
  return count;
}

void measure_old_rows(Run& run, const ShippedModel& model) {
  if (!run.old_rows || !run.result.start) return;
  OldRowsResult result;
  result.trained = run.old_rows->trained.rows();
  result.judged = run.old_rows->judged.rows();
  if (result.judged > 0) {
    const Task& task = run.result.task;
    const Table& rows = run.old_rows->judged;
    const Labels labels = labels_of(rows, task, kJudgeFile);
    const std::vector<double> before = answers_for(load_model(run.start->path), task, rows, run.pool);
    const std::vector<double> after = answers_for(model, task, rows, run.pool);
    result.before = score_of(run, before, labels, "old rows before");
    result.after = score_of(run, after, labels, "old rows after");
    const Metric& metric = *find_metric(task.metric);
    std::vector<RowIndex> all(labels.rows());
    std::iota(all.begin(), all.end(), RowIndex{0});
    const JudgedRows now = judge(all, after, labels), then = judge(all, before, labels);
    const Estimate change =
        paired_difference(metric, now.scored(), then.scored(), run.key.split("old rows")).effect;
    if (std::isfinite(change.value)) result.change = change;
    result.fell = metric.higher_is_better ? change.high < 0 : change.low > 0;
    if (result.fell)
      run.result.warnings.push_back(
          fmt::format("something of what the old model knew is lost: on {} old rows the {} went from {} to "
                      "{}, beyond chance",
                      format_count(result.judged), metric.title, format_score(result.before.value),
                      format_score(result.after.value)));
  }
  run.result.start->old_rows = result;
}

void keep_rows(Run& run, const Sealing& sealing, const std::filesystem::path& folder, SealJournal& journal) {
  const OldRows none{.trained = {}, .judged = {}};
  const OldRows& old = run.old_rows ? *run.old_rows : none;
  const std::uint64_t old_total = run.start ? std::max(old.seen, run.start->card.rows) : 0;
  const Key key = run.key.split("kept rows");
  const Table trained =
      sample_of_all(old.trained, old_total, sealing.open_rows, kMostKeptRows, key.split("train"));
  Table judged = old.judged;
  if (sealing.score) {
    const Opening opening =
        journal.record(sealing.score->slice(), "--grow keeps some, to measure the next run by");
    const Table& fresh = sealing.score->open(opening);
    const std::uint64_t before =
        old_total * fresh.rows() / std::max<std::uint64_t>(1, sealing.open_rows.rows());
    judged = sample_of_all(old.judged, before, fresh, kMostJudgeRows, key.split("judge"));
  }
  std::uint64_t bytes = write_rows(folder / kTrainFile, trained);
  if (judged.rows() > 0) bytes += write_rows(folder / kJudgeFile, judged);
  nlohmann::ordered_json facts = {
      {"rows_seen", old_total + run.result.rows_used}, {"kept", trained.rows()}, {"judges", judged.rows()}};
  const std::vector<std::string> pictures = picture_names(trained);
  if (!pictures.empty()) facts["pictures"] = pictures;
  write_file_atomically(folder / kFactsFile, facts.dump(2) + "\n");
  const std::string words = fmt::format(
      "keeps {} rows to rehearse and {} to measure by in {}, {} as they are: delete rehearsal*{} if nobody "
      "may see them",
      format_count(trained.rows()), format_count(judged.rows()), folder.string(), format_bytes(bytes),
      pictures.empty() ? ".csv" : "");
  run.result.notes.push_back(words);
  run.progress.say(words);
}

}  // namespace astrolabe
