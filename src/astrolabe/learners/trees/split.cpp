// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/split.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "astrolabe/data/binning.h"
#include "astrolabe/learners/trees/row_routines.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kMostRanked = 32;  // ranked categories on the smaller side of a split

// Weighs candidate splits of one node.
class Judge {
 public:
  Judge(const Cell& total, const FixedPoint& scale, const SplitRules& rules, double more_l2)
      : total_(total), scale_(scale), rules_(rules), l2_(rules.l2 + more_l2) {
    const double parent = leaf_score(scale.gradient(total), scale.hessian(total), rules.l1, rules.l2);
    least_ = least_score(parent, rules);
    parent_ = parent;
    least_hessian_ = least_hessian(l2_, rules);
  }

  enum class Verdict { left_too_small, right_too_small, worse, best };

  // Remembers the best score; the first of equal ones stays.
  Verdict weigh(const Cell& left) {
    const Cell right = total_ - left;
    if (scale_.rows(left) < rules_.min_rows) return Verdict::left_too_small;
    if (scale_.rows(right) < rules_.min_rows) return Verdict::right_too_small;
    const double left_hessian = scale_.hessian(left);
    if (left_hessian < least_hessian_) return Verdict::left_too_small;
    const double right_hessian = scale_.hessian(right);
    if (right_hessian < least_hessian_) return Verdict::right_too_small;
    const double score = leaf_score(scale_.gradient(left), left_hessian, rules_.l1, l2_) +
                         leaf_score(scale_.gradient(right), right_hessian, rules_.l1, l2_);
    if (!(score > least_)) return Verdict::worse;
    least_ = score;
    best_left_ = left;
    found_ = true;
    return Verdict::best;
  }

  [[nodiscard]] bool found() const { return found_; }
  [[nodiscard]] Split best() const {
    Split split;
    if (!found_) return split;
    split.gain = (least_ - parent_) / 2;
    split.left = best_left_;
    split.right = total_ - best_left_;
    return split;
  }

 private:
  const Cell& total_;
  const FixedPoint& scale_;
  const SplitRules& rules_;
  double l2_;
  double parent_ = 0;
  double least_ = 0;
  double least_hessian_ = 0;
  Cell best_left_;
  bool found_ = false;
};

bool left_is_heavier(const Split& split, const FixedPoint& scale) {
  return scale.hessian(split.left) >= scale.hessian(split.right);
}

}  // namespace

SplitScale split_scale(const Cell& total, const FixedPoint& scale, const SplitRules& rules) {
  return {.total_gradient = total.gradient,
          .total_rest = total.hessian_and_rows,
          .min_rows = rules.min_rows,
          .row_bits = scale.row_bits,
          .gradient_unit = scale.gradient_unit,
          .hessian_unit = scale.hessian_unit,
          .l1 = rules.l1,
          .l2 = rules.l2,
          .least_hessian = least_hessian(rules.l2, rules)};
}

Split with_numeric_bins(Split split, std::size_t last_left, std::size_t bins,
                        std::optional<bool> missing_left, const FixedPoint& scale) {
  if (!split) return split;
  split.last_left_bin = static_cast<std::uint16_t>(last_left);
  split.missing_left = missing_left.value_or(left_is_heavier(split, scale));
  if (bins > kMaxBins) return split;
  // Whole words of bins, then the rest: every slot of every node comes here.
  const std::size_t count = last_left + 1;
  for (std::size_t word = 0; word < count / 64; ++word) split.left_bins.words[word] = ~std::uint64_t{0};
  if (count % 64 != 0) split.left_bins.words[count / 64] = (std::uint64_t{1} << (count % 64)) - 1;
  if (split.missing_left) split.left_bins.add(bins);
  return split;
}

Split find_numeric_split_plainly(std::span<const Cell> cells, const Cell& total, const FixedPoint& scale,
                                 const SplitRules& rules) {
  const std::size_t bins = cells.size() - 1;
  const Cell& missing = cells[bins];
  const bool has_missing = scale.rows(missing) > 0;
  Judge judge(total, scale, rules, 0);
  std::size_t last_left = 0;
  bool missing_left = false;
  for (const bool with_missing : {false, true}) {
    if (with_missing && !has_missing) break;
    Cell left = with_missing ? missing : Cell{};
    // Only with missing values on the right may all others go left.
    const std::size_t ends = has_missing && !with_missing ? bins : bins - 1;
    for (std::size_t bin = 0; bin < ends; ++bin) {
      if (cells[bin].hessian_and_rows == 0) continue;
      left += cells[bin];
      const Judge::Verdict verdict = judge.weigh(left);
      if (verdict == Judge::Verdict::right_too_small) break;
      if (verdict == Judge::Verdict::best) {
        last_left = bin;
        missing_left = with_missing;
      }
    }
  }
  return with_numeric_bins(judge.best(), last_left, bins,
                           has_missing ? std::optional(missing_left) : std::nullopt, scale);
}

namespace {

// Of the bins that have rows, in order, the sums of all up to each.
struct RunningSums {
  std::span<std::int64_t> gradients, rests;  // room for kCandidateGroup more
  std::span<std::uint16_t> bin_of;
  std::size_t count = 0;
};

// Of features that are not wide: on the stack.
struct FewSums {
  alignas(64) std::array<std::int64_t, 256 + kCandidateGroup> gradients;
  alignas(64) std::array<std::int64_t, 256 + kCandidateGroup> rests;
  std::array<std::uint16_t, 257> bin_of;

  [[nodiscard]] RunningSums sums() { return {.gradients = gradients, .rests = rests, .bin_of = bin_of}; }
};

struct ManySums {
  std::vector<std::int64_t> gradients, rests;
  std::vector<std::uint16_t> bin_of;

  explicit ManySums(std::size_t bins)
      : gradients(bins + 1 + kCandidateGroup), rests(bins + 1 + kCandidateGroup), bin_of(bins + 1) {}
  [[nodiscard]] RunningSums sums() { return {.gradients = gradients, .rests = rests, .bin_of = bin_of}; }
};

// `missing` is the cell of the bin behind `bins` others.
Split find_among(RunningSums& sums, const Cell& missing, std::size_t bins, const Cell& total,
                 const FixedPoint& scale, const SplitRules& rules, double least_gain) {
  const std::size_t count = sums.count;
  if (count == 2 && scale.rows(missing) == 0) {
    // One cut only, as every feature of two values has.
    const Cell left = {sums.gradients[0], sums.rests[0]};
    const std::uint64_t lefts = scale.rows(left);
    if (lefts < rules.min_rows || scale.rows(total) - lefts < rules.min_rows) return {};
    Judge judge(total, scale, rules, 0);
    judge.weigh(left);
    return with_numeric_bins(judge.best(), sums.bin_of[0], bins, std::nullopt, scale);
  }
  for (std::size_t i = count; i < count + kCandidateGroup; ++i) sums.gradients[i] = sums.rests[i] = 0;
  const double parent = leaf_score(scale.gradient(total), scale.hessian(total), rules.l1, rules.l2);
  double best = std::max(least_score(parent, rules), (parent + 2 * least_gain) * (1 - kLeastGain));
  SplitCandidates candidates = {.node = split_scale(total, scale, rules),
                                .gradients = sums.gradients.data(),
                                .rests = sums.rests.data(),
                                .count = count};
  const auto find_best = best_row_routines().find_best;
  std::size_t at = find_best(candidates, &best);
  std::optional<bool> missing_left;
  if (scale.rows(missing) > 0) {
    candidates.more_gradient = missing.gradient;
    candidates.more_rest = missing.hessian_and_rows;
    const std::size_t with_missing = find_best(candidates, &best);
    missing_left = with_missing < count;
    if (*missing_left) at = with_missing;
  }
  if (at == count) return {};
  Split split;
  split.gain = (best - parent) / 2;
  split.left = {sums.gradients[at], sums.rests[at]};
  if (missing_left && *missing_left) split.left += missing;
  split.right = total - split.left;
  return with_numeric_bins(split, sums.bin_of[at], bins, missing_left, scale);
}

}  // namespace

Split find_numeric_split(std::span<const Cell> cells, const Cell& total, const FixedPoint& scale,
                         const SplitRules& rules) {
  return find_better_numeric_split(cells, total, scale, rules, 0);
}

namespace {

Split find_among_cells(RunningSums sums, std::span<const Cell> cells, const Cell& total,
                       const FixedPoint& scale, const SplitRules& rules, double least_gain) {
  const std::size_t bins = cells.size() - 1;
  Cell left;
  std::size_t count = 0;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    left += cells[bin];
    sums.gradients[count] = left.gradient;
    sums.rests[count] = left.hessian_and_rows;
    sums.bin_of[count] = static_cast<std::uint16_t>(bin);
    count += cells[bin].hessian_and_rows != 0 ? 1 : 0;
  }
  sums.count = count;
  return find_among(sums, cells[bins], bins, total, scale, rules, least_gain);
}

}  // namespace

Split find_better_numeric_split(std::span<const Cell> cells, const Cell& total, const FixedPoint& scale,
                                const SplitRules& rules, double least_gain) {
  if (cells.size() <= kMaxBins + 1) {
    FewSums few;
    return find_among_cells(few.sums(), cells, total, scale, rules, least_gain);
  }
  ManySums many(cells.size() - 1);
  return find_among_cells(many.sums(), cells, total, scale, rules, least_gain);
}

Split find_better_numeric_split(std::span<const std::uint8_t> bins, std::span<const Cell> cells,
                                std::size_t missing_bin, const Cell& total, const FixedPoint& scale,
                                const SplitRules& rules, double least_gain) {
  FewSums few;
  RunningSums sums = few.sums();
  sums.count = bins.size();
  Cell missing;
  if (!bins.empty() && bins.back() == missing_bin) missing = cells[--sums.count];
  Cell left;
  for (std::size_t i = 0; i < sums.count; ++i) {
    left += cells[i];
    sums.gradients[i] = left.gradient;
    sums.rests[i] = left.hessian_and_rows;
    sums.bin_of[i] = bins[i];
  }
  return find_among(sums, missing, missing_bin, total, scale, rules, least_gain);
}

namespace {

// The bins of a node that take part in a categorical split, and the rest: missing, and too rare to rank.
struct Ranking {
  std::vector<std::size_t> bins;
  std::vector<std::size_t> others;
  Cell rest;
};

Ranking rank_categories(std::span<const Cell> cells, const FixedPoint& scale, const SplitRules& rules,
                        bool one_vs_rest) {
  Ranking ranking;
  ranking.rest = cells.back();
  const double least_rows = one_vs_rest ? 1 : std::max(rules.cat_smooth, 1.0);
  for (std::size_t bin = 0; bin + 1 < cells.size(); ++bin) {
    if (static_cast<double>(scale.rows(cells[bin])) >= least_rows) {
      ranking.bins.push_back(bin);
    } else {
      ranking.others.push_back(bin);
      ranking.rest += cells[bin];
    }
  }
  if (!one_vs_rest) {
    std::vector<double> ratio(cells.size(), 0.0);
    for (const std::size_t bin : ranking.bins)
      ratio[bin] = scale.gradient(cells[bin]) / (scale.hessian(cells[bin]) + rules.cat_smooth);
    std::ranges::stable_sort(ranking.bins, [&](auto a, auto b) { return ratio[a] < ratio[b]; });
  }
  return ranking;
}

}  // namespace

Split find_categorical_split(std::span<const Cell> cells, const Cell& total, const FixedPoint& scale,
                             const SplitRules& rules) {
  const auto present = static_cast<std::size_t>(std::ranges::count_if(
      cells.first(cells.size() - 1), [](const Cell& cell) { return cell.hessian_and_rows != 0; }));
  const bool one_vs_rest = present <= rules.one_vs_rest;
  const Ranking ranking = rank_categories(cells, scale, rules, one_vs_rest);
  const std::size_t ranked = ranking.bins.size();
  const bool has_rest = scale.rows(ranking.rest) > 0;
  Judge judge(total, scale, rules, one_vs_rest ? 0 : rules.cat_l2);
  std::size_t best = 0;
  bool rest_left = false;
  for (const bool with_rest : {false, true}) {
    if (with_rest && !has_rest) break;
    const std::size_t ends = has_rest && !with_rest ? ranked : ranked - std::min<std::size_t>(ranked, 1);
    Cell left = with_rest ? ranking.rest : Cell{};
    for (std::size_t i = 0; i < (one_vs_rest ? ranked : ends); ++i) {
      const Cell& cell = cells[ranking.bins[i]];
      if (one_vs_rest) {
        left = with_rest ? ranking.rest + cell : cell;
      } else {
        left += cell;
        if (std::min(i + 1, ranked - i - 1) >= kMostRanked) continue;
      }
      if (judge.weigh(left) == Judge::Verdict::best) {
        best = i;
        rest_left = with_rest;
      }
    }
  }
  Split split = judge.best();
  if (!split) return split;
  split.missing_left = has_rest ? rest_left : left_is_heavier(split, scale);
  for (std::size_t i = one_vs_rest ? best : 0; i <= best; ++i) split.left_bins.add(ranking.bins[i]);
  if (split.missing_left) {
    for (const std::size_t bin : ranking.others) split.left_bins.add(bin);
    split.left_bins.add(cells.size() - 1);
  }
  return split;
}

}  // namespace astrolabe::trees
