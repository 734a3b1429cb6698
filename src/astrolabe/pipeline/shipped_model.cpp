// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/pipeline/shipped_model.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

// Rows are encoded and predicted in blocks, so that memory does not grow with the file.
constexpr std::size_t kLeastBlockRows = 4096;
constexpr std::size_t kMostBlockRows = 65536;

std::vector<WantedColumn> union_of_columns(const ModelCard& card, const std::vector<Member>& members) {
  std::vector<WantedColumn> all;
  std::map<std::string_view, ColumnType> seen;
  for (const Member& member : members) {
    for (const WantedColumn& column : member.encoder->columns()) {
      const auto [at, is_new] = seen.emplace(column.name, column.type);
      if (is_new) all.push_back(column);
      if (at->second != column.type) ArchiveReader::damaged("two members disagree about a column's type");
    }
  }
  for (WantedColumn& column : all) {
    const auto order = card.date_orders.find(column.name);
    if (order != card.date_orders.end()) column.date_order = order->second;
  }
  return all;
}

void add_member(const Member& member, const Table& table, std::span<const RowIndex> rows,
                std::span<double> out, ThreadPool& pool) {
  const FeatureMatrix features = member.encoder->encode(table, rows, pool);
  std::vector<double> predicted(out.size());
  member.model->predict(features, predicted);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += member.weight * predicted[i];
}

}  // namespace

ShippedModel::ShippedModel(ModelCard card, std::vector<Member> members)
    : card_(std::move(card)), members_(std::move(members)), wanted_(union_of_columns(card_, members_)) {
  ASTROLABE_CHECK(!members_.empty(), "a model without members cannot exist");
}

std::vector<double> ShippedModel::predict(const Table& table, ThreadPool& pool) const {
  const std::size_t outputs = card_.task.outputs();
  std::vector<double> out(table.rows() * outputs, 0.0);
  const auto predict_block = [&](std::size_t begin, std::size_t end, std::size_t) {
    std::vector<RowIndex> rows(end - begin);
    std::iota(rows.begin(), rows.end(), static_cast<RowIndex>(begin));
    const auto block = std::span(out).subspan(begin * outputs, rows.size() * outputs);
    for (const Member& member : members_) add_member(member, table, rows, block, pool);
    card_.calibration.apply(block, outputs);
  };
  // Each thread takes blocks of its own. Of a few rows, the columns are shared out instead, while encoding.
  const std::size_t block = std::clamp(table.rows() / pool.size() + 1, kLeastBlockRows, kMostBlockRows);
  if (table.rows() > 0 && block >= table.rows()) {
    predict_block(0, table.rows(), 0);
  } else {
    pool.for_ranges(table.rows(), block, predict_block);
  }
  return out;
}

std::vector<ColumnShare> ShippedModel::importance() const {
  std::map<std::string, double> shares;
  double total = 0;
  for (const Member& member : members_) {
    const std::vector<double> of_features = member.model->importance();
    for (std::size_t i = 0; i < of_features.size(); ++i) {
      shares[(*member.encoder->features())[i].source] += member.weight * of_features[i];
      total += member.weight * of_features[i];
    }
  }
  std::vector<ColumnShare> sorted;
  for (const auto& [column, share] : shares) {
    if (share > 0) sorted.push_back({column, share / total});
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const ColumnShare& a, const ColumnShare& b) { return a.share > b.share; });
  return sorted;
}

}  // namespace astrolabe
