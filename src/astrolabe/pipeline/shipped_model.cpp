// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/pipeline/shipped_model.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

// Rows are encoded and predicted in blocks, so that memory does not grow with the file.
constexpr std::size_t kLeastBlockRows = 4096;
constexpr std::size_t kMostBlockRows = 65536;

std::vector<WantedColumn> union_of_columns(const ModelCard& card, const std::vector<Member>& members,
                                           const std::vector<Member>& spreads) {
  std::vector<WantedColumn> all;
  std::map<std::string_view, ColumnType> seen;
  for (const std::vector<Member>* some : {&members, &spreads})
    for (const Member& member : *some) {
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

void add_member(const Member& member, double weight, const Table& table, std::span<const RowIndex> rows,
                std::span<double> out, ThreadPool& pool) {
  const FeatureMatrix features = member.encoder->encode(table, rows, pool);
  std::vector<double> predicted(out.size());
  member.model->predict(features, predicted);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += weight * predicted[i];
}

// Each system's mean by itself, then all through the second level.
void add_stack(const SecondLevel& level, const std::vector<Member>& members, const Table& table,
               std::span<const RowIndex> rows, std::span<double> out, ThreadPool& pool) {
  std::vector<double> mean(out.size());
  for (std::size_t system = 0; system < level.weights.size(); ++system) {
    std::ranges::fill(mean, 0.0);
    for (const Member& member : members)
      if (member.system == system)
        add_member(member, member.weight / level.weights[system], table, rows, mean, pool);
    level.add(system, mean, out);
  }
  level.finish(out, out.size() / rows.size());
}

// Pictures have thousands of pixels, which makes the blocks shorter.
std::size_t rows_of_block(const std::vector<Member>& members) {
  constexpr std::size_t kMostPixels = std::size_t{1} << 24U;  // of each thread
  std::size_t pixels = 1;
  for (const Member& member : members)
    for (const WantedColumn& column : member.encoder->columns())
      pixels = std::max(pixels, column.picture.size());
  return std::max<std::size_t>(256, kMostPixels / pixels);
}

// Calls work(begin, rows) for blocks of a table's rows. Each thread takes blocks of its own. Of a few rows,
// the columns are shared out instead, while encoding.
template <class Work>
void for_blocks(std::size_t rows, std::size_t most, ThreadPool& pool, Work work) {
  const auto work_on = [&](std::size_t begin, std::size_t end, std::size_t) {
    std::vector<RowIndex> some(end - begin);
    std::iota(some.begin(), some.end(), static_cast<RowIndex>(begin));
    work(begin, std::span<const RowIndex>(some));
  };
  const std::size_t block =
      std::min(most, std::clamp(rows / pool.size() + 1, kLeastBlockRows, kMostBlockRows));
  if (rows > 0 && block >= rows) {
    work_on(0, rows, 0);
  } else {
    pool.for_ranges(rows, block, work_on);
  }
}

}  // namespace

ShippedModel::ShippedModel(ModelCard card, std::vector<Member> members, std::vector<Member> spreads)
    : card_(std::move(card)),
      members_(std::move(members)),
      spreads_(std::move(spreads)),
      wanted_(union_of_columns(card_, members_, spreads_)) {
  ASTROLABE_CHECK(!members_.empty(), "a model without members cannot exist");
}

std::vector<double> ShippedModel::predict(const Table& table, ThreadPool& pool) const {
  const std::size_t outputs = card_.task.outputs();
  std::vector<double> out(table.rows() * outputs, 0.0);
  for_blocks(table.rows(), rows_of_block(members_), pool,
             [&](std::size_t begin, std::span<const RowIndex> rows) {
               const auto block = std::span(out).subspan(begin * outputs, rows.size() * outputs);
               if (card_.second_level) {
                 add_stack(*card_.second_level, members_, table, rows, block, pool);
               } else {
                 for (const Member& member : members_)
                   add_member(member, member.weight, table, rows, block, pool);
               }
               card_.calibration.apply(block, outputs);
             });
  return out;
}

std::vector<double> ShippedModel::spread(const Table& table, ThreadPool& pool) const {
  if (spreads_.empty()) return {};
  std::vector<double> out(table.rows(), 0.0);
  for_blocks(table.rows(), rows_of_block(spreads_), pool,
             [&](std::size_t begin, std::span<const RowIndex> rows) {
               const auto block = std::span(out).subspan(begin, rows.size());
               for (const Member& member : spreads_)
                 add_member(member, member.weight, table, rows, block, pool);
               for (double& width : block) width = std::max(width, std::numeric_limits<double>::min());
             });
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
    // A model that sees pictures only cannot share anything out: it goes by the one column that it has.
    if (of_features.empty())
      for (const WantedColumn& column : member.encoder->columns()) {
        if (column.type != ColumnType::image) continue;
        shares[column.name] += member.weight;
        total += member.weight;
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
