// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/find_effects.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/pipeline/contributions.h"

namespace astrolabe {
namespace {

constexpr std::size_t kEffectRows = 500;
constexpr std::size_t kRowsAtATime = 50;
constexpr std::size_t kMostColumns = 2000;
constexpr std::size_t kShownLevels = 8;

std::vector<RowIndex> sample_rows(const Run& run, std::size_t rows) {
  std::vector<RowIndex> sample(rows);
  std::iota(sample.begin(), sample.end(), RowIndex{0});
  if (rows > kEffectRows) {
    RandomStream(run.key.split("effect rows")).shuffle(sample);
    sample.resize(kEffectRows);
  }
  return sample;
}

// The effects of the rows that time allows; the first dimension of `values` then has fewer.
struct Explained {
  Contributions moved;
  std::size_t rows = 0;
};

Explained explain(Run& run, const Table& features, const ShippedModel& model,
                  std::span<const RowIndex> sample) {
  const Budget budget =
      run.budget.has_deadline() ? run.budget.slice(0.2 * run.budget.seconds_left()) : run.budget;
  Explained explained;
  while (explained.rows < sample.size() && !budget.should_stop()) {
    // One row, two, four: what a row takes shows before many are begun.
    const std::size_t most = std::min(kRowsAtATime, explained.rows + 1);
    const auto some = sample.subspan(explained.rows, std::min(most, sample.size() - explained.rows));
    Contributions part = find_contributions(model, features.take_rows(some), run.pool);
    part.values.insert(part.values.begin(), explained.moved.values.begin(), explained.moved.values.end());
    explained.moved = std::move(part);
    explained.rows += some.size();
  }
  return explained;
}

std::string name_of_score(const Task& task, bool is_prediction) {
  if (task.kind == TaskKind::binary)
    return (is_prediction ? "probability of " : "log-odds of ") + task.classes[1];
  if (task.kind == TaskKind::regression) return task.target;
  return is_prediction ? "a class's probability" : "a class's score";
}

void add_levels(const Column& column, const Explained& explained, std::size_t index,
                std::span<const RowIndex> sample, ColumnEffect& effect) {
  struct Sum {
    std::size_t rows = 0;
    double effects = 0;
  };
  std::map<std::string, Sum> by_level;
  for (std::size_t row = 0; row < explained.rows; ++row) {
    const bool is_missing = column.codes[sample[row]] < 0;
    Sum& sum = by_level[is_missing ? "(missing)" : column.cell(sample[row])];
    ++sum.rows;
    sum.effects += explained.moved.of(row, 0, index);
  }
  for (const auto& [level, sum] : by_level)
    effect.levels.push_back({level, sum.rows, sum.effects / static_cast<double>(sum.rows)});
  std::ranges::stable_sort(effect.levels, std::ranges::greater(), &LevelEffect::rows);
  if (effect.levels.size() > kShownLevels) effect.levels.resize(kShownLevels);
}

ColumnEffect effect_of(const Column& column, const Explained& explained, std::size_t index,
                       std::span<const RowIndex> sample) {
  ColumnEffect effect;
  effect.column = column.name;
  const Contributions& moved = explained.moved;
  for (std::size_t row = 0; row < explained.rows; ++row)
    for (std::size_t output = 0; output < moved.outputs; ++output)
      effect.size += std::abs(moved.of(row, output, index));
  effect.size /= static_cast<double>(explained.rows * moved.outputs);
  if (moved.outputs > 1) return effect;
  const bool has_numbers = !column.numbers.empty();
  for (std::size_t row = 0; row < explained.rows; ++row)
    effect.points.emplace_back(has_numbers ? column.numbers[sample[row]] : std::nan(""),
                               moved.of(row, 0, index));
  if (!column.codes.empty()) add_levels(column, explained, index, sample, effect);
  return effect;
}

}  // namespace

std::optional<ColumnEffects> find_effects(Run& run, const Table& features, const ShippedModel& model) {
  if (run.budget.should_stop() || !can_explain(model) || features.columns().size() > kMostColumns)
    return std::nullopt;
  const std::vector<RowIndex> sample = sample_rows(run, features.rows());
  const Explained explained = explain(run, features, model, sample);
  if (explained.rows == 0) return std::nullopt;
  ColumnEffects effects;
  effects.score = name_of_score(model.card().task, explained.moved.is_of_prediction);
  effects.expected = explained.moved.expected[0];
  effects.rows = explained.rows;
  for (std::size_t i = 0; i < explained.moved.columns.size(); ++i) {
    const Column& column = features.require(explained.moved.columns[i], "column");
    effects.columns.push_back(effect_of(column, explained, i, sample));
  }
  std::ranges::stable_sort(effects.columns, std::ranges::greater(), &ColumnEffect::size);
  while (!effects.columns.empty() && effects.columns.back().size == 0) effects.columns.pop_back();
  return effects;
}

}  // namespace astrolabe
