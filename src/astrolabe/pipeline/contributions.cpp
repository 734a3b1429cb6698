// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/pipeline/contributions.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "astrolabe/base/error.h"
#include "astrolabe/model/explained_model.h"

namespace astrolabe {
namespace {

constexpr std::size_t kBlockCells = std::size_t{4} << 20;  // of features: 32 MB

const ExplainedModel& explained(const Member& member) {
  const auto* const model = dynamic_cast<const ExplainedModel*>(member.model.get());
  if (model != nullptr) return *model;
  throw usage_error({.attempted = "finding what moved each prediction",
                     .expected = "a model whose members are all trees or forests",
                     .found = "a member of the learner " + member.learner,
                     .remedy = "Train with --learner trees or --learner forest."});
}

// Shares of classes and log-odds have no sum; a second level counts in log-odds.
bool has_units_of(const ShippedModel& model, const ExplainedModel& member) {
  const auto* const first = dynamic_cast<const ExplainedModel*>(model.members()[0].model.get());
  const bool is_prediction = member.explains_prediction();
  if (first == nullptr || first->explains_prediction() != is_prediction) return false;
  return !is_prediction || !model.card().second_level || model.card().task.kind == TaskKind::regression;
}

using ColumnIndex = std::unordered_map<std::string_view, std::size_t>;

void add_member(const Member& member, const Table& table, const ColumnIndex& index, Contributions& to,
                ThreadPool& pool) {
  const ExplainedModel& model = explained(member);
  const std::vector<double> expected = model.expected_scores();
  for (std::size_t output = 0; output < to.outputs; ++output)
    to.expected[output] += member.weight * expected[output];
  const std::vector<Feature>& features = *member.encoder->features();
  if (features.empty()) return;
  std::vector<std::size_t> column_of;
  for (const Feature& feature : features) column_of.push_back(index.at(feature.source));
  const std::size_t block = std::clamp<std::size_t>(kBlockCells / (to.outputs * features.size()), 1, 4096);
  std::vector<RowIndex> rows;
  std::vector<double> moved;
  for (std::size_t begin = 0; begin < table.rows(); begin += block) {
    rows.resize(std::min(block, table.rows() - begin));
    std::iota(rows.begin(), rows.end(), static_cast<RowIndex>(begin));
    moved.resize(rows.size() * to.outputs * features.size());
    model.explain(member.encoder->encode(table, rows, pool), moved, pool);
    for (std::size_t i = 0; i < rows.size() * to.outputs; ++i) {
      double* const values = to.values.data() + (begin * to.outputs + i) * to.columns.size();
      for (std::size_t feature = 0; feature < features.size(); ++feature)
        values[column_of[feature]] += member.weight * moved[i * features.size() + feature];
    }
  }
}

}  // namespace

bool can_explain(const ShippedModel& model) {
  return std::ranges::all_of(model.members(), [&](const Member& member) {
    const auto* const explained = dynamic_cast<const ExplainedModel*>(member.model.get());
    return explained != nullptr && explained->can_explain() && has_units_of(model, *explained);
  });
}

Contributions find_contributions(const ShippedModel& model, const Table& table, ThreadPool& pool) {
  for (const Member& member : model.members()) {
    if (has_units_of(model, explained(member))) continue;
    throw usage_error({.attempted = "finding what moved each prediction",
                       .expected = "members that add up the same thing",
                       .found = "boosted trees, which add up log-odds, and a forest, which adds up shares",
                       .remedy = "Train with --learner trees, or with --learner forest."});
  }
  Contributions found;
  found.outputs = model.card().task.outputs();
  found.is_of_prediction = explained(model.members()[0]).explains_prediction();
  found.expected.assign(found.outputs, 0.0);
  ColumnIndex index;
  for (const WantedColumn& column : model.wanted_columns()) {
    index.emplace(column.name, found.columns.size());
    found.columns.push_back(column.name);
  }
  found.values.assign(table.rows() * found.outputs * found.columns.size(), 0.0);
  if (model.card().second_level) found.expected[0] += model.card().second_level->bias;
  for (const Member& member : model.members()) add_member(member, table, index, found, pool);
  return found;
}

}  // namespace astrolabe
