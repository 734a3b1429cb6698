// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/streamed_bins.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "astrolabe/data/binning.h"
#include "astrolabe/stats/quantile_sketch.h"

namespace astrolabe::trees {
namespace {

// As find_bins has them in memory.
constexpr std::size_t kBlock = std::size_t{1} << 17;
constexpr std::size_t kBlocksOfPart = 4;
constexpr double kErrorsPerBin = 8;

constexpr std::uint64_t kSketchBytes = std::uint64_t{6} << 20;

// What has been seen of a column of numbers.
class NumberSketch {
 public:
  NumberSketch(std::size_t rows, std::size_t max_bins) : rows_(rows), max_bins_(max_bins) {}

  void add(const FeatureColumn& column, std::span<const double> weights) {
    if (!column.is_sparse) {
      add_values(column.dense, weights);
      return;
    }
    is_sparse_ = true;
    std::vector<double> listed;
    if (!weights.empty())
      for (const std::uint32_t row : column.sparse_rows) listed.push_back(weights[row]);
    add_values(column.sparse_values, listed);
    listed_ += weights.empty() ? static_cast<double>(column.sparse_values.size())
                               : std::accumulate(listed.begin(), listed.end(), 0.0);
  }

  // `total` is the weight of all rows.
  [[nodiscard]] FeatureBins finish(double total) {
    FeatureBins bins;
    QuantileSummary zeros;
    if (is_sparse_ && total > listed_) zeros.append(0, total - listed_);
    QuantileSummary listed;
    if (!part_ && !all_) {
      listed = summarise(values_, weights_);
    } else {
      settle();
      end_part();
      listed = all_->finish();
    }
    bins.cuts = quantile_cuts(merge(std::move(listed), std::move(zeros)), max_bins_);
    bins.bins = static_cast<std::uint32_t>(bins.cuts.size() + 1);
    bins.zero_bin = static_cast<std::uint8_t>(bin_of(bins.cuts, 0.0F));
    return bins;
  }

 private:
  void add_values(std::span<const float> values, std::span<const double> weights) {
    for (std::size_t begin = 0; begin < values.size();) {
      if (values_.size() == kBlock) settle();
      const std::size_t count = std::min(values.size() - begin, kBlock - values_.size());
      const auto from = static_cast<std::ptrdiff_t>(begin);
      const auto to = static_cast<std::ptrdiff_t>(begin + count);
      values_.insert(values_.end(), values.begin() + from, values.begin() + to);
      if (!weights.empty()) weights_.insert(weights_.end(), weights.begin() + from, weights.begin() + to);
      begin += count;
    }
  }

  // The block that is full, or the last one.
  void settle() {
    if (values_.empty()) return;
    if (blocks_ == kBlocksOfPart) end_part();
    if (!part_) part_.emplace(1 / (kErrorsPerBin * static_cast<double>(max_bins_)), rows_, kBlock);
    if (weights_.empty()) {
      sketch_values(values_, kBlock, *part_);
    } else {
      part_->merge(summarise(values_, weights_));
    }
    ++blocks_;
    values_.clear();
    weights_.clear();
  }
  void end_part() {
    if (!part_) return;
    if (all_) {
      all_->merge(std::move(*part_));
    } else {
      all_ = std::move(part_);
    }
    part_.reset();
    blocks_ = 0;
  }

  std::size_t rows_;
  std::size_t max_bins_;
  bool is_sparse_ = false;
  double listed_ = 0;            // weight of the listed values of a sparse column
  std::vector<float> values_;    // not summarised yet
  std::vector<double> weights_;  // theirs, where rows have weights
  std::size_t blocks_ = 0;       // in part_
  std::optional<QuantileSketch> part_, all_;
};

// What has been seen of a column of categories: the weight of each.
class CategoryCount {
 public:
  CategoryCount(std::uint32_t categories, std::size_t max_bins)
      : weights_(std::min(categories, kMaxCategories), 0.0), max_bins_(max_bins) {}

  void add(const FeatureColumn& column, std::span<const double> weights) {
    for (std::size_t row = 0; row < column.dense.size(); ++row) {
      const float value = column.dense[row];
      if (!(value >= 0 && value < static_cast<float>(weights_.size()))) continue;
      weights_[static_cast<std::size_t>(value)] += weights.empty() ? 1.0 : weights[row];
    }
  }
  [[nodiscard]] FeatureBins finish() const { return category_bins(weights_, max_bins_); }

 private:
  std::vector<double> weights_;
  std::size_t max_bins_;
};

// Features [begin, end).
struct Group {
  std::size_t begin = 0, end = 0;
};

class GroupPass {
 public:
  GroupPass(const std::vector<Feature>& info, Group group, std::size_t rows, std::size_t max_bins)
      : group_(group), numbers_(group.end - group.begin), categories_(numbers_.size()) {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      const Feature& feature = info[group.begin + i];
      if (feature.kind == FeatureKind::categorical) {
        categories_[i].emplace(feature.categories, max_bins);
      } else {
        numbers_[i].emplace(rows, max_bins);
      }
    }
  }

  void add(const TrainingData& block, ThreadPool& pool) {
    for (std::size_t row = 0; row < block.labels.rows(); ++row) total_ += block.labels.weight(row);
    pool.for_each(numbers_.size(), [&](std::size_t i) {
      const FeatureColumn& column = block.features.columns[group_.begin + i];
      if (numbers_[i]) {
        numbers_[i]->add(column, block.labels.weights);
      } else {
        categories_[i]->add(column, block.labels.weights);
      }
    });
  }

  void finish(std::vector<FeatureBins>& all, ThreadPool& pool) {
    pool.for_each(numbers_.size(), [&](std::size_t i) {
      FeatureBins& bins = all[group_.begin + i];
      bins = numbers_[i] ? numbers_[i]->finish(total_) : categories_[i]->finish();
      bins.usable = true;
      numbers_[i].reset();
    });
  }

 private:
  Group group_;
  double total_ = 0;
  std::vector<std::optional<NumberSketch>> numbers_;  // [group] either this
  std::vector<std::optional<CategoryCount>> categories_;
};

}  // namespace

std::vector<FeatureBins> find_bins(BlockSource& source, std::size_t max_bins, std::uint64_t memory_bytes,
                                   ThreadPool& pool, const Budget& budget) {
  const std::shared_ptr<const std::vector<Feature>> info = source.info();
  std::vector<FeatureBins> all(info->size());
  const std::size_t step = std::max<std::uint64_t>(1, memory_bytes / kSketchBytes);
  TrainingData block;
  for (std::size_t begin = 0; begin < all.size(); begin += step) {
    GroupPass pass(*info, {begin, std::min(begin + step, all.size())}, source.rows(), max_bins);
    source.rewind();
    while (source.next(block)) {
      if (budget.should_stop()) return {};
      pass.add(block, pool);
    }
    pass.finish(all, pool);
  }
  return all;
}

}  // namespace astrolabe::trees
