// SPDX-License-Identifier: Apache-2.0
#include "tests/pipeline/small_model.h"

#include <array>
#include <cmath>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/evaluate/candidate.h"
#include "astrolabe/pipeline/catalog.h"

namespace astrolabe::testing {
namespace {

constexpr std::size_t kRows = 80;
constexpr std::array<const char*, 6> kWords = {"sun", "moon", "star", "comet", "dust", "ring"};

bool is_missing_cell(RandomStream& random) {
  return random.below(12) == 0;
}

Column numbers(std::string name, std::size_t rows, ColumnType type, double scale, double shift, Key key) {
  RandomStream random(key);
  Column column;
  column.name = std::move(name);
  column.type = type;
  for (std::size_t row = 0; row < rows; ++row) {
    const double value = std::floor(shift + scale * random.uniform());
    column.numbers.push_back(is_missing_cell(random) ? std::nan("") : value);
  }
  return column;
}

Column levels(std::string name, std::size_t rows, ColumnType type, std::vector<std::string> names, Key key) {
  RandomStream random(key);
  Column column;
  column.name = std::move(name);
  column.type = type;
  column.levels = std::move(names);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto code = static_cast<std::int32_t>(random.below(column.levels.size()));
    column.codes.push_back(is_missing_cell(random) ? -1 : code);
  }
  return column;
}

Column notes(std::size_t rows, Key key) {
  RandomStream random(key);
  Column column;
  column.name = "note";
  column.type = ColumnType::text;
  for (std::size_t row = 0; row < rows; ++row) {
    if (is_missing_cell(random)) {
      column.text.add_missing();
      continue;
    }
    std::string cell = kWords[random.below(kWords.size())];
    for (std::uint64_t more = random.below(3); more > 0; --more)
      cell += std::string(" ") + kWords[random.below(kWords.size())];
    column.text.add(cell);
  }
  return column;
}

double signal(const Table& table, std::size_t row) {
  const double amount = table.column(0).numbers[row];
  const double joined = table.column(3).numbers[row];
  return (std::isnan(amount) ? 0 : amount - 50) / 20 + table.column(1).codes[row] +
         0.5 * table.column(2).codes[row] + (std::isnan(joined) ? 0 : (joined - 1.5e9) / 1e8) +
         (table.column(4).text[row].find("sun") != std::string_view::npos ? 1 : 0);
}

Member fit_member(const char* name, const SettingValues& settings, const Table& table, const Labels& labels,
                  double weight) {
  const Learner* learner = find_learner(name);
  ASTROLABE_CHECK(learner != nullptr, "the catalogue has the learner");
  std::vector<RowIndex> rows(table.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  ThreadPool pool(1);
  const FittedCandidate fitted = fit_candidate({.learner = learner, .settings = settings, .name = name},
                                               {.table = table,
                                                .labels = labels,
                                                .train = rows,
                                                .key = Key::from_seed(7).split(name),
                                                .pool = pool,
                                                .budget = Budget()});
  return {.learner = name,
          .settings = fitted.model->settings_found(),
          .weight = weight,
          .encoder = fitted.encoder,
          .model = fitted.model};
}

}  // namespace

Table mixed_table(std::size_t rows, Key key) {
  return Table({numbers("amount", rows, ColumnType::whole_number, 100, 0, key.split("amount")),
                levels("city", rows, ColumnType::category, {"Lima", "Oslo", "Rome"}, key.split("city")),
                levels("member", rows, ColumnType::boolean, {"no", "yes"}, key.split("member")),
                numbers("joined", rows, ColumnType::datetime, 2e8, 1.4e9, key.split("joined")),
                notes(rows, key.split("note"))});
}

Labels labels_of_mixed(const Table& table, TaskKind kind) {
  const std::size_t classes = kind == TaskKind::regression ? 0 : kind == TaskKind::binary ? 2 : 3;
  Labels labels{.kind = kind, .classes = classes, .values = {}, .weights = {}};
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double value = signal(table, row);
    const double index = value < 0.5 ? 0 : value < 1.5 || kind == TaskKind::binary ? 1 : 2;
    labels.values.push_back(kind == TaskKind::regression ? value : index);
  }
  return labels;
}

ShippedModel small_model(TaskKind kind) {
  const Table table = mixed_table(kRows, Key::from_seed(1));
  const Labels labels = labels_of_mixed(table, kind);
  ModelCard card;
  card.version = "0.1.0";
  card.task = {.kind = kind, .target = "y", .classes = {}, .metric = std::string(default_metric(kind).name)};
  if (kind != TaskKind::regression) card.task.classes = {"low", "high"};
  if (kind == TaskKind::multiclass) card.task.classes = {"low", "middle", "high"};
  card.system = "mean of trees, linear and baseline";
  card.data_name = "small.csv";
  card.data_hash = 0x0123456789abcdefU;
  card.rows = kRows;
  card.seed = 1;
  card.fitted_on = "all rows";
  card.validation = Estimate{0.75, 0.5, std::nan(""), "undefined"};
  card.sealed_label = "resampled";
  if (kind == TaskKind::regression) card.range = PredictionRange{.low = -1.5, .high = 2, .coverage = 0.9};
  card.date_orders = {{"joined", DateOrder::day_first}};
  const SettingValues few = {
      {"rounds", std::int64_t{4}}, {"max_leaves", std::int64_t{4}}, {"min_rows", std::int64_t{5}}};
  return {std::move(card),
          {fit_member("trees", few, table, labels, 0.5), fit_member("linear", {}, table, labels, 0.375),
           fit_member("baseline", {}, table, labels, 0.125)}};
}

}  // namespace astrolabe::testing
