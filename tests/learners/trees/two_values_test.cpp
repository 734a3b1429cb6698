// SPDX-License-Identifier: Apache-2.0
// Slots of two values: searched at once as one by one, by every instruction set.
#include "astrolabe/learners/trees/two_values.h"

#include <map>
#include <numeric>
#include <optional>

#include "tests/learners/trees/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/learners/trees/row_routines.h"
#include "astrolabe/learners/trees/slot_sums.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

// Flags: dense ones, listed ones, and sparse ones that exclude one another, with either value for zero.
FeatureMatrix flags(std::size_t rows, Key key) {
  RandomStream random(key);
  TableMaker sparse(rows);
  std::vector<std::vector<float>> exclusive(39, std::vector<float>(rows, 0.0F));
  for (std::size_t row = 0; row < rows; ++row)
    exclusive[random.below(40) * random.below(40) / 40][row] = 1.0F;
  for (std::size_t column = 0; column < exclusive.size(); ++column) {
    if (column % 3 == 1)
      for (float& value : exclusive[column]) value = -value;
    sparse.add(std::move(exclusive[column]));
  }
  for (int column = 0; column < 5; ++column) {
    std::vector<float> listed(rows, 0.0F);
    for (float& value : listed) value = random.uniform() < 0.1 ? 2.0F : 0.0F;
    sparse.add(std::move(listed));
  }
  FeatureMatrix all = to_sparse(sparse.make());
  TableMaker dense(rows);
  for (int column = 0; column < 6; ++column) {
    std::vector<float> flag(rows);
    for (float& value : flag) value = random.uniform() < 0.4 ? 1.0F : 0.0F;
    if (column == 5) flag[7] = kMissing;  // three values, as one might say
    dense.add(std::move(flag));
  }
  std::vector<Feature> infos = *all.info;
  for (const FeatureColumn& column : dense.make().columns) {
    all.columns.push_back(column);
    infos.push_back({.name = "flag", .source = "flag"});
  }
  all.info = std::make_shared<const std::vector<Feature>>(std::move(infos));
  return all;
}

TEST(SlotSums, of_two_valued_slots_of_bundles_are_told_together) {
  const FeatureMatrix table = flags(4000, {24});
  ThreadPool pool(1);
  const std::vector<FeatureBins> bins = find_bins(table, {}, 255, 1, pool, Budget());
  const BinnedMatrix matrix(table, bins, Purpose::training, pool);
  RandomStream random({25});
  std::vector<Cell> gradients(4000);
  for (Cell& cell : gradients) cell = {static_cast<std::int64_t>(random.below(100)), 1 + (1 << 12)};
  const std::vector<std::uint32_t> slots = drawn(matrix.slots() - 8, matrix.slots(), random);
  const std::vector<std::uint32_t> rows = drawn(30, 4000, random);
  SlotSummer summer(matrix, 1);
  const NodeRows node = {.rows = rows, .gradients = gradients, .total = sum_cells(gradients, rows, pool)};
  std::map<std::uint32_t, Cell> one_by_one, together;
  const auto add = [&](std::map<std::uint32_t, Cell>& to, std::uint32_t slot, const Cell& cell) {
    EXPECT_TRUE(to.emplace(slot, cell).second) << "every slot once";
  };
  const auto add_one = [&](std::map<std::uint32_t, Cell>& to) {
    return [&](const SlotSums& sums) {
      const std::optional<std::uint8_t> counted = matrix.counted_bin(sums.slot);
      if (!counted) return;
      for (std::size_t i = 0; i < sums.count; ++i)
        if (sums.bins[i] == *counted) add(to, sums.slot, sums.cells[i]);
    };
  };
  summer.choose(slots);
  summer.sum_up(node, 0, add_one(one_by_one));
  summer.choose(slots, true);
  std::size_t told = 0;
  summer.sum_up(node, 0, add_one(together), [&](const CountedSums& sums) {
    for (std::size_t i = 0; i < sums.count; ++i) {
      EXPECT_TRUE(i == 0 || sums.slots[i - 1] < sums.slots[i]);
      add(together, sums.slots[i], sums.cells[i]);
      ++told;
    }
  });
  EXPECT_EQ(together, one_by_one);
  EXPECT_GT(told, 5U);
}

// The oracle: each slot by the slow twin of the search, the first of equal gains.
SlotSplit best_of_each(const BinnedMatrix& matrix, std::span<const std::uint32_t> slots,
                       std::span<const Cell> counted, const NodeToSearch& node) {
  SlotSplit best;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::uint8_t bin = *matrix.counted_bin(slots[i]);
    std::array<Cell, 3> cells;
    cells[bin] = counted[i];
    cells[1U - bin] = node.total - counted[i];
    const Split split = find_numeric_split_plainly(cells, node.total, node.scale, node.rules);
    if (is_better(split, slots[i], best.split, best.slot)) best = {.split = split, .slot = slots[i]};
  }
  return best;
}

void expect_same(const SlotSplit& found, const SlotSplit& expected) {
  ASSERT_EQ(found.split.gain, expected.split.gain);
  if (!expected.split) return;
  EXPECT_EQ(found.slot, expected.slot);
  EXPECT_EQ(found.split.left, expected.split.left);
  EXPECT_EQ(found.split.right, expected.split.right);
  EXPECT_EQ(found.split.left_bins, expected.split.left_bins);
  EXPECT_EQ(found.split.last_left_bin, expected.split.last_left_bin);
  EXPECT_EQ(found.split.missing_left, expected.split.missing_left);
}

TEST(TwoValuedSlots, are_searched_as_one_by_one) {
  const FeatureMatrix table = flags(4000, {21});
  ThreadPool pool(1);
  const std::vector<FeatureBins> bins = find_bins(table, {}, 255, 1, pool, Budget());
  const BinnedMatrix matrix(table, bins, Purpose::training, pool);
  std::vector<std::uint32_t> slots(matrix.slots());
  std::iota(slots.begin(), slots.end(), 0U);
  TwoValuedSlots two_valued(matrix);
  two_valued.choose(slots, true);
  const std::size_t count = two_valued.slots().size();
  ASSERT_EQ(count, 49U);
  EXPECT_EQ(two_valued.others().size(), 1U);
  RandomStream random({22});
  const FixedPoint scale = {.gradient_unit = 0x1p-12, .hessian_unit = 0x1p-12, .row_bits = 20};
  std::size_t found = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const auto some = [&](std::uint64_t rows) {
      // Few numbers, so that gains are equal often enough.
      return Cell{1000 * (static_cast<std::int64_t>(random.below(7)) - 3),
                  (static_cast<std::int64_t>(random.below(3) * 3000) << scale.row_bits) +
                      static_cast<std::int64_t>(rows)};
    };
    const Cell total = some(40) + Cell{0, std::int64_t{7000} << scale.row_bits};
    SplitRules rules = {
        .l1 = trial % 2 == 0 ? 0.0 : 0.1, .l2 = trial % 3 == 0 ? 0.0 : 1.0, .min_rows = 1 + random.below(12)};
    if (trial % 5 == 0) rules.min_hessian = 1;
    if (trial % 7 == 0) rules.min_gain = 0.05;
    const NodeToSearch node = {total, scale, rules};
    std::vector<Cell> histogram(matrix.cells()), counted;
    const std::size_t begin = random.below(count), end = begin + random.below(count + 1 - begin);
    for (const std::uint32_t slot : two_valued.slots().subspan(begin, end - begin)) {
      counted.push_back(some(random.below(41)));
      histogram[matrix.first_cell(slot) + *matrix.counted_bin(slot)] = counted.back();
    }
    const auto part = two_valued.slots().subspan(begin, end - begin);
    const SlotSplit expected = best_of_each(matrix, part, counted, node);
    expect_same(two_valued.find_best({begin, end}, histogram.data(), node, 0), expected);
    counted.resize(counted.size() + kCandidateGroup);
    if (!part.empty()) {
      expect_same(find_best_two_valued(matrix, part, counted.data(), node, 0), expected);
      // What gains just as much is found.
      expect_same(find_best_two_valued(matrix, part, counted.data(), node, expected.split.gain), expected);
    }
    found += expected.split ? 1 : 0;
  }
  EXPECT_GT(found, 100U);
}

TEST(RowRoutines, find_the_same_best_cell_with_every_instruction_set) {
  RandomStream random({23});
  std::size_t found = 0;
  for (int trial = 0; trial < 500; ++trial) {
    const std::size_t count = random.below(40);
    std::vector<std::int64_t> cells(2 * (count + kCandidateGroup));
    std::vector<std::uint32_t> places(count + kCandidateGroup);
    for (std::size_t i = 0; i < count; ++i) {
      cells[2 * i] = static_cast<std::int64_t>(random.below(9)) - 4;
      cells[2 * i + 1] = static_cast<std::int64_t>(random.below(5) << 10 | random.below(20));
      places[i] = static_cast<std::uint32_t>(2 * i);
    }
    CellCandidates candidates = {.node = {.total_gradient = 2,
                                          .total_rest = 5 << 10 | 20,
                                          .min_rows = 1 + random.below(5),
                                          .row_bits = 10,
                                          .l2 = 1},
                                 .cells = cells.data(),
                                 .count = count,
                                 .parent = 4.0 / 6,
                                 .least_score = 4.0 / 6};
    double expected_gain = 0;
    const std::size_t expected = plain_row_routines().find_best_cell(candidates, &expected_gain);
    found += expected < count ? 1 : 0;
    for (const InstructionSet set : {InstructionSet::avx2, InstructionSet::avx512}) {
      if (!is_supported(set)) continue;
      for (const std::uint32_t* const at : {static_cast<std::uint32_t*>(nullptr), places.data()}) {
        candidates.places = at;
        double gain = 0;
        EXPECT_EQ(row_routines(set).find_best_cell(candidates, &gain), expected);
        EXPECT_EQ(gain, expected_gain);
      }
      candidates.places = nullptr;
    }
  }
  EXPECT_GT(found, 300U);
}

}  // namespace
}  // namespace astrolabe::trees
