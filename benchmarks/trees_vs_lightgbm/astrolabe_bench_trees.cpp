// SPDX-License-Identifier: Apache-2.0
// Fits trees on arrays that another program wrote, fold by fold, and writes the out-of-fold predictions.
//
//   astrolabe_bench_trees [--sparse] TABLE OUT THREADS WATCH [NAME=VALUE ...]
//
// --sparse: columns that are mostly zero are listed, as the features of texts are.
// TABLE: int64 rows, features, kind (0 regression, 1 binary, 2 multiclass, 3 ranking), classes, folds; int32
// categories[features] (0: numeric); int32 fold[rows]; of a ranking uint32 group[rows]; float64 target[rows];
// float32 columns[features][rows].
// OUT: float64 [rows][outputs]. WATCH: share of the training rows that early stopping watches, in a first
// fit that finds the rounds for the second one on all of them; 0: one fit at the default number of rounds;
// "forest": one fit of that learner instead.
// Prints one JSON object a fold: wall and processor seconds to fit, processor seconds to predict, rounds, the
// most memory that the fit had on top of the data, and the bytes of the model in a file.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include "benchmarks/bench_input.h"
#include <fmt/format.h>

#include "astrolabe/base/file.h"
#include "astrolabe/learners/trees/forest_learner.h"
#include "astrolabe/learners/trees/trees.h"

namespace astrolabe {
namespace {

struct BenchTable {
  TrainingData data;
  std::vector<std::int32_t> fold;
  std::int64_t folds = 0;
};

BenchTable read_table(const std::string& path) {
  const std::string file = read_file(path, "benchmark table");
  std::string_view bytes = file;
  const auto head = take<std::int64_t>(bytes, 5);
  const auto rows = static_cast<std::size_t>(head[0]);
  const auto features = static_cast<std::size_t>(head[1]);
  BenchTable table;
  table.folds = head[4];
  const auto categories = take<std::int32_t>(bytes, features);
  table.fold = take<std::int32_t>(bytes, rows);
  constexpr TaskKind kKinds[] = {TaskKind::regression, TaskKind::binary, TaskKind::multiclass,
                                 TaskKind::regression};
  table.data.labels.kind = kKinds[head[2]];
  table.data.labels.classes = static_cast<std::size_t>(head[3]);
  if (head[2] == 3) table.data.labels.groups = take<std::uint32_t>(bytes, rows);
  table.data.labels.values = take<double>(bytes, rows);
  table.data.features.rows = rows;
  std::vector<Feature> infos;
  for (std::size_t j = 0; j < features; ++j) {
    const auto count = static_cast<std::uint32_t>(categories[j]);
    infos.push_back({.name = fmt::format("f{}", j),
                     .source = fmt::format("f{}", j),
                     .kind = count > 0 ? FeatureKind::categorical : FeatureKind::numeric,
                     .categories = count});
    FeatureColumn column;
    column.dense = take<float>(bytes, rows);
    table.data.features.columns.push_back(std::move(column));
  }
  table.data.features.info = std::make_shared<const std::vector<Feature>>(std::move(infos));
  return table;
}

// Columns of numbers of which a quarter at most are not zero, as a feature matrix lists them.
void list_entries(FeatureMatrix& features) {
  for (std::size_t j = 0; j < features.columns.size(); ++j) {
    FeatureColumn& column = features.columns[j];
    const auto zeros = static_cast<std::size_t>(std::ranges::count(column.dense, 0.0F));
    if ((*features.info)[j].categories > 0 || 4 * zeros < 3 * column.dense.size()) continue;
    FeatureColumn sparse;
    sparse.is_sparse = true;
    for (std::uint32_t row = 0; row < column.dense.size(); ++row) {
      if (column.dense[row] == 0) continue;
      sparse.sparse_rows.push_back(row);
      sparse.sparse_values.push_back(column.dense[row]);
    }
    column = std::move(sparse);
  }
}

// A line of /proc/self/status, in bytes.
std::int64_t memory_line(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return 1024 * std::strtoll(line.c_str() + name.size(), nullptr, 10);
  return 0;
}

TrainingData take_rows(const TrainingData& data, std::span<const std::uint32_t> rows) {
  TrainingData taken{.features = data.features.take_rows(rows), .labels = data.labels};
  taken.labels.values.clear();
  taken.labels.groups.clear();
  for (const std::uint32_t row : rows) {
    taken.labels.values.push_back(data.labels.values[row]);
    if (!data.labels.groups.empty()) taken.labels.groups.push_back(data.labels.groups[row]);
  }
  return taken;
}

class FoldRunner {
 public:
  FoldRunner(const BenchTable& table, const Learner& learner, std::size_t threads, double watch,
             SettingValues settings)
      : table_(table), learner_(learner), pool_(threads), watch_(watch), settings_(std::move(settings)) {}

  void run(std::int32_t fold, std::vector<double>& out) {
    std::vector<std::uint32_t> train_rows, test_rows;
    for (std::uint32_t row = 0; row < table_.fold.size(); ++row)
      (table_.fold[row] == fold ? test_rows : train_rows).push_back(row);
    const TrainingData train = take_rows(table_.data, train_rows);
    const TrainingData test = take_rows(table_.data, test_rows);
    std::ofstream("/proc/self/clear_refs") << "5" << std::flush;  // the peak begins here
    const std::int64_t memory = memory_line("VmRSS:");
    const Budget clock;
    const std::clock_t begin = std::clock();
    const auto model = fit(train);
    const double fit_seconds = clock.seconds_used();
    const double cpu_seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    const std::int64_t peak = memory_line("VmHWM:") - memory;
    std::vector<double> predicted(test_rows.size() * model->outputs());
    model->predict(test.features, predicted);
    const double predict_seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC - cpu_seconds;
    for (std::size_t i = 0; i < test_rows.size(); ++i)
      std::copy_n(predicted.begin() + static_cast<std::ptrdiff_t>(i * model->outputs()), model->outputs(),
                  out.begin() + static_cast<std::ptrdiff_t>(test_rows[i] * model->outputs()));
    ArchiveWriter archive;
    model->save(archive);
    fmt::print(
        "{{\"fold\": {}, \"fit_s\": {:.4f}, \"fit_cpu_s\": {:.4f}, \"predict_cpu_s\": {:.4f}, "
        "\"peak_bytes\": {}, \"rounds\": {}, \"file_bytes\": {}, \"model\": \"{}\"}}\n",
        fold, fit_seconds, cpu_seconds, predict_seconds, peak, rounds_of(*model), archive.bytes().size(),
        model->summary());
  }

 private:
  // 0 of a forest.
  [[nodiscard]] static std::int64_t rounds_of(const Model& model) {
    const SettingValues found = model.settings_found();
    const auto rounds = found.find("rounds");
    return rounds == found.end() ? 0 : std::get<std::int64_t>(rounds->second);
  }

  std::unique_ptr<const Model> fit(const TrainingData& train) {
    const Key key = Key::from_seed(1);
    if (watch_ <= 0)
      return learner_.fit(
          {.train = train, .settings = settings_, .key = key, .pool = pool_, .budget = budget_});
    std::vector<std::uint32_t> order(train.features.rows);
    for (std::uint32_t row = 0; row < order.size(); ++row) order[row] = row;
    RandomStream(key.split("watch")).shuffle(order);
    const auto watched = static_cast<std::size_t>(watch_ * static_cast<double>(order.size()));
    std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(watched));
    std::sort(order.begin() + static_cast<std::ptrdiff_t>(watched), order.end());
    const TrainingData watch = take_rows(train, std::span(order).first(watched));
    const TrainingData rest = take_rows(train, std::span(order).subspan(watched));
    const auto first = learner_.fit({.train = rest,
                                     .watch = &watch,
                                     .settings = settings_,
                                     .key = key,
                                     .pool = pool_,
                                     .budget = budget_});
    SettingValues found = settings_;
    for (const auto& [name, value] : first->settings_found()) found[name] = value;
    return learner_.fit({.train = train, .settings = found, .key = key, .pool = pool_, .budget = budget_});
  }

  const BenchTable& table_;
  const Learner& learner_;
  ThreadPool pool_;
  double watch_;
  SettingValues settings_;
  Budget budget_;
};

int run(int count, char** arguments) {
  const bool is_sparse = count > 1 && std::string_view(arguments[1]) == "--sparse";
  if (is_sparse) {
    --count;
    ++arguments;
  }
  if (count < 5) {
    fmt::print(stderr, "usage: astrolabe_bench_trees [--sparse] TABLE OUT THREADS WATCH [NAME=VALUE ...]\n");
    return 2;
  }
  BenchTable table = read_table(arguments[1]);
  if (is_sparse) list_entries(table.data.features);
  const bool is_forest = std::string_view(arguments[4]) == "forest";
  const Learner& learner = is_forest ? forest_learner() : trees_learner();
  const SettingValues settings = settings_of(learner, std::span(arguments + 5, arguments + count));
  FoldRunner runner(table, learner, std::strtoul(arguments[3], nullptr, 10),
                    std::strtod(arguments[4], nullptr), settings);
  std::vector<double> out(table.fold.size() * table.data.labels.outputs());
  for (std::int32_t fold = 0; fold < table.folds; ++fold) runner.run(fold, out);
  write_file_atomically(arguments[2],
                        {reinterpret_cast<const char*>(out.data()), out.size() * sizeof(double)});
  return 0;
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  try {
    return astrolabe::run(count, arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
