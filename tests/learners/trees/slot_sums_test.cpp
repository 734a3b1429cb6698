// SPDX-License-Identifier: Apache-2.0
// Nodes of few rows, and leaves that are split ahead of their turn: the same sums, splits and trees as
// without.
#include "astrolabe/learners/trees/slot_sums.h"

#include <numeric>

#include "tests/learners/trees/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/learners/trees/bundles.h"
#include "astrolabe/learners/trees/grower.h"
#include "astrolabe/learners/trees/row_routines.h"
#include "astrolabe/learners/trees/split.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

// Sparse columns of which no row has two, some of them with missing values or negative numbers.
FeatureMatrix exclusive(std::size_t rows, Key key) {
  RandomStream random(key);
  std::vector<std::vector<float>> columns(9, std::vector<float>(rows, 0.0F));
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t which = random.below(columns.size() + 1);
    if (which == columns.size()) continue;
    const auto value = static_cast<float>(1 + random.below(which + 1));
    columns[which][row] = which == 3 && random.uniform() < 0.3 ? kMissing : which % 4 == 1 ? -value : value;
    if (which == 5 && random.uniform() < 0.5) columns[which][row] = -2;
  }
  TableMaker maker(rows);
  for (std::vector<float>& column : columns) maker.add(std::move(column));
  return maker.make();
}

// Continuous and categorical columns, columns of few values that share bytes, and sparse ones, listed and
// bundled.
FeatureMatrix every_kind(std::size_t rows, Key key) {
  FeatureMatrix all = random_table({.rows = rows, .numeric = 3, .categorical = 2, .missing = 0.1}, key);
  const FeatureMatrix few =
      random_table({.rows = rows, .numeric = 3, .missing = 0.2, .levels = 3}, key.split(1));
  const FeatureMatrix sparse =
      to_sparse(random_table({.rows = rows, .numeric = 3, .missing = 0.02, .zeros = 0.9}, key.split(2)));
  const FeatureMatrix bundled = to_sparse(exclusive(rows, key.split(4)));
  std::vector<Feature> infos = *all.info;
  for (const FeatureMatrix* more : {&few, &sparse, &bundled}) {
    for (const FeatureColumn& column : more->columns) {
      all.columns.push_back(column);
      infos.push_back({.name = "more", .source = "more"});
    }
  }
  all.info = std::make_shared<const std::vector<Feature>>(std::move(infos));
  return all;
}

struct Setting {
  ThreadPool pool{1};
  FeatureMatrix features;
  std::vector<FeatureBins> bins;
  std::unique_ptr<BinnedMatrix> matrix;
  std::vector<std::uint32_t> rows;
  PackedRows packed;
  std::vector<Cell> cells;
  FixedPoint cell_scale;  // of the cells

  Setting(std::size_t count, Key key) : features(every_kind(count, key)), rows(count) {
    bins = find_bins(features, {}, 60, 1, pool, Budget());
    matrix = std::make_unique<BinnedMatrix>(features, bins, Purpose::training, pool);
    std::iota(rows.begin(), rows.end(), 0U);
    RandomStream random(key.split(3));
    std::vector<GradientPair> pairs;
    for (std::size_t i = 0; i < count; ++i) {
      const float first = features.columns[0].dense[i];
      pairs.push_back({random.normal() + (first > 0 ? 1 : -1), 0.1 + random.uniform()});
    }
    EXPECT_TRUE(packed.pack(count, PairsOf(pairs), {}, rows, key, pool));
    cells.resize(count);
    for (const std::uint32_t row : rows) cells[row] = packed.layout().widen(packed.words()[row]);
    cell_scale = packed.scale();
  }
};

TEST(SlotSums, are_the_bins_of_the_histogram_that_have_rows) {
  const Setting setting(5000, {1});
  const BinnedMatrix& matrix = *setting.matrix;
  RandomStream random({2});
  SlotSummer summer(matrix, 2);
  HistogramBuilder builder(matrix, 1);
  ThreadPool pool(1);
  std::vector<Cell> histogram(matrix.cells());
  for (const std::size_t chosen : {matrix.slots(), matrix.slots() / 2}) {
    const std::vector<std::uint32_t> slots = drawn(chosen, matrix.slots(), random);
    summer.choose(slots);
    builder.choose(slots);
    for (const std::size_t count : {1U, 2U, 3U, 10U, 25U}) {
      ASSERT_TRUE(summer.suits(count)) << count;
      const std::vector<std::uint32_t> rows = drawn(count, 5000, random);
      const Cell total = sum_cells(setting.cells, rows, pool);
      builder.build(rows, setting.cells, histogram, pool);
      for (const bool is_packed : {true, false}) {
        std::vector<std::uint32_t> seen;
        summer.sum_up({.rows = rows,
                       .gradients = setting.cells,
                       .packed = is_packed ? &setting.packed : nullptr,
                       .total = total},
                      1, [&](const SlotSums& sums) {
                        seen.push_back(sums.slot);
                        std::vector<Cell> cells(matrix.bins(sums.slot).bins + 1);
                        for (std::size_t i = 0; i < sums.count; ++i) {
                          cells[sums.bins[i]] = sums.cells[i];
                          EXPECT_GT(setting.packed.scale().rows(sums.cells[i]), 0U);
                          EXPECT_TRUE(i == 0 || sums.bins[i - 1] < sums.bins[i]);
                        }
                        const Cell* const expected = histogram.data() + matrix.first_cell(sums.slot);
                        const bool is_sparse = matrix.is_sparse(sums.slot);
                        for (std::size_t bin = 0; bin < cells.size(); ++bin) {
                          // A histogram leaves the bin of zero of a sparse slot to its total.
                          if (is_sparse && bin == matrix.bins(sums.slot).zero_bin) continue;
                          EXPECT_EQ(cells[bin], expected[bin]) << sums.slot << " " << bin;
                        }
                        EXPECT_EQ(std::accumulate(cells.begin(), cells.end(), Cell{}), total);
                      });
        std::ranges::sort(seen);
        EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end()) << "every slot once";
        EXPECT_TRUE(std::ranges::includes(slots, seen));
        // Those that are not told have all rows in one bin.
        for (const std::uint32_t slot : slots) {
          if (std::ranges::binary_search(seen, slot)) continue;
          std::vector<std::uint8_t> bins(rows.size());
          matrix.gather(slot, rows, bins.data());
          EXPECT_EQ(std::ranges::count(bins, bins[0]), static_cast<std::ptrdiff_t>(bins.size()));
        }
      }
    }
  }
}

TEST(Split, of_the_bins_that_have_rows_is_that_of_all) {
  RandomStream random({3});
  const FixedPoint scale = {.gradient_unit = 0x1p-12, .hessian_unit = 0x1p-12, .row_bits = 20};
  std::size_t found = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<Cell> cells(2 + random.below(255));
    std::vector<std::uint8_t> bins;
    std::vector<Cell> present;
    Cell total;
    for (std::size_t bin = 0; bin < cells.size(); ++bin) {
      if (random.uniform() < 0.8) continue;
      const auto rows = static_cast<std::int64_t>(1 + random.below(9));
      cells[bin] = {static_cast<std::int64_t>(1000 * random.normal()),
                    (static_cast<std::int64_t>(random.below(3000)) << scale.row_bits) + rows};
      bins.push_back(static_cast<std::uint8_t>(bin));
      present.push_back(cells[bin]);
      total += cells[bin];
    }
    const SplitRules rules = {.l2 = 1, .min_rows = 1 + random.below(12)};
    const Split all = find_numeric_split(cells, total, scale, rules);
    const Split some = find_better_numeric_split(bins, present, cells.size() - 1, total, scale, rules, 0);
    // Nothing that gains as much as it must is passed over.
    const Split bounded =
        find_better_numeric_split(bins, present, cells.size() - 1, total, scale, rules, all.gain);
    for (const Split& other : {some, bounded}) {
      EXPECT_EQ(all.gain, other.gain);
      EXPECT_EQ(all.left_bins, other.left_bins);
      EXPECT_EQ(all.left, other.left);
      EXPECT_EQ(all.missing_left, other.missing_left);
    }
    found += all ? 1 : 0;
  }
  EXPECT_GT(found, 100U);
}

TEST(RowRoutines, collect_what_is_not_zero) {
  for (const RowRoutines* routines :
       {&plain_row_routines(), &row_routines(InstructionSet::avx2), &row_routines(InstructionSet::avx512)}) {
    if ((routines == &avx2_row_routines() && !is_supported(InstructionSet::avx2)) ||
        (routines == &avx512_row_routines() && !is_supported(InstructionSet::avx512)))
      continue;
    RandomStream random({4});
    for (const double share : {0.0, 0.1, 0.5, 1.0}) {
      for (const std::size_t count : {8U, 104U, 256U}) {
        std::vector<std::uint64_t> sums(count), expected, found(count + kCandidateGroup);
        std::vector<std::uint8_t> places, numbers(count + kCandidateGroup);
        for (std::size_t i = 0; i < count; ++i) {
          if (random.uniform() >= share) continue;
          sums[i] = random.bits() | 1U;
          expected.push_back(sums[i]);
          places.push_back(static_cast<std::uint8_t>(i));
        }
        const std::size_t size = routines->collect(sums.data(), count, found.data(), numbers.data());
        ASSERT_EQ(size, expected.size());
        found.resize(size);
        numbers.resize(size);
        EXPECT_EQ(found, expected);
        EXPECT_EQ(numbers, places);
        EXPECT_EQ(sums, std::vector<std::uint64_t>(count));
      }
    }
  }
}

TEST(Bundles, list_no_row_twice_and_leave_what_conflicts) {
  const std::vector<std::vector<std::uint32_t>> rows = {{0, 1, 2}, {3, 4}, {2, 5}, {5, 6, 7}, {8}};
  const auto plan = [&](std::uint32_t codes, std::size_t count) {
    std::vector<SparseFeature> features;
    for (const auto& listed : rows) features.push_back({.rows = listed, .codes = codes});
    return plan_bundles(features, count);
  };
  using Bundles = std::vector<std::vector<std::uint32_t>>;
  EXPECT_EQ(plan(1, 10), (Bundles{{0, 1, 3, 4}})) << "the third shares a row with the first and is alone";
  EXPECT_EQ(plan(100, 10), (Bundles{{0, 1}, {2, 4}})) << "two of them fill a byte";
  EXPECT_EQ(plan(1, 100), Bundles{}) << "few rows are cheaper as lists";
}

TEST(BinnedMatrix, tells_the_same_bins_of_a_bundle_as_of_its_lists) {
  const Setting setting(3000, {6});
  const BinnedMatrix& matrix = *setting.matrix;
  std::size_t bundled = 0, listed = 0;
  for (std::size_t slot = 0; slot < matrix.slots(); ++slot) {
    listed += matrix.is_listed(slot) ? 1 : 0;
    if (!matrix.is_sparse(slot) || matrix.is_listed(slot)) continue;
    ++bundled;
    const auto place = matrix.place(slot);
    std::vector<std::uint8_t> bins(setting.rows.size());
    matrix.gather(slot, setting.rows, bins.data());
    for (const std::uint32_t row : setting.rows)
      ASSERT_EQ(place->share.bin(place->bytes[std::size_t{row} << place->shift]), bins[row]);
  }
  EXPECT_EQ(bundled, 9U);
  EXPECT_EQ(listed, 3U);
}

TEST(Histogram, of_bundles_is_the_same_of_words_and_of_cells) {
  const Setting setting(5000, {7});
  const BinnedMatrix& matrix = *setting.matrix;
  RandomStream random({8});
  ThreadPool pool(2);
  HistogramBuilder builder(matrix, 2);
  for (const std::size_t chosen : {matrix.slots(), matrix.slots() - 4}) {
    const std::vector<std::uint32_t> slots = drawn(chosen, matrix.slots(), random);
    builder.choose(slots);
    std::vector<Cell> fast(matrix.cells(), {77, 77}), slow(matrix.cells(), {99, 99});
    builder.build(setting.rows, setting.packed, fast, pool);
    builder.build(setting.rows, setting.cells, slow, pool);
    for (const std::uint32_t slot : slots) {
      std::vector<Cell> expected(matrix.bins(slot).bins + 1);
      std::vector<std::uint8_t> bins(setting.rows.size());
      matrix.gather(slot, setting.rows, bins.data());
      for (const std::uint32_t row : setting.rows)
        if (!matrix.is_sparse(slot) || bins[row] != matrix.bins(slot).zero_bin)
          expected[bins[row]] += setting.cells[row];
      for (std::size_t bin = 0; bin < expected.size(); ++bin) {
        EXPECT_EQ(fast[matrix.first_cell(slot) + bin], expected[bin]) << slot << " " << bin;
        EXPECT_EQ(slow[matrix.first_cell(slot) + bin], expected[bin]) << slot << " " << bin;
      }
    }
  }
}

TEST(Grower, makes_the_same_tree_of_bundles_and_of_dense_columns) {
  const FeatureMatrix dense = exclusive(20'000, {9});
  const FeatureMatrix sparse = to_sparse(dense);
  ThreadPool pool(1);
  std::vector<std::uint32_t> rows(dense.rows);
  std::iota(rows.begin(), rows.end(), 0U);
  std::vector<GradientPair> pairs;
  RandomStream random({10});
  for (const std::uint32_t row : rows)
    pairs.push_back(
        {random.normal() + (dense.columns[2].dense[row] > 1 ? 2 : 0) - dense.columns[8].dense[row], 1});
  std::vector<GrownTree> grown;
  for (const FeatureMatrix* table : {&dense, &sparse}) {
    const std::vector<FeatureBins> bins = find_bins(*table, {}, 255, 5, pool, Budget());
    const BinnedMatrix matrix(*table, bins, Purpose::training, pool);
    EXPECT_EQ(matrix.is_sparse(0), table == &sparse);
    EXPECT_FALSE(matrix.is_listed(0));
    PackedRows packed;
    ASSERT_TRUE(packed.pack(rows.size(), PairsOf(pairs), {}, rows, {11}, pool));
    std::vector<std::uint32_t> slots(matrix.slots());
    std::iota(slots.begin(), slots.end(), 0U);
    GrowthRules rules;
    rules.split = {.l2 = 1, .min_rows = 5};
    rules.max_leaves = 40;
    TreeGrower grower(matrix, rules, 1U << 30, 1);
    TreeRequest request = {.rows = rows, .slots = slots, .gradients = {}, .scale = {}};
    request.packed = &packed;
    grown.push_back(*grower.grow(std::move(request), pool, Budget()));
  }
  EXPECT_GT(grown[0].tree.leaves.size(), 10U);
  EXPECT_EQ(grown[0].rows, grown[1].rows);
  EXPECT_EQ(grown[0].tree.leaves, grown[1].tree.leaves);
}

// Whatever threads split ahead, and however few histograms there are.
TEST(Grower, makes_the_same_tree_with_any_threads_memory_and_order) {
  const Setting setting(60'000, {5});
  std::vector<std::uint32_t> slots(setting.matrix->slots());
  std::iota(slots.begin(), slots.end(), 0U);
  for (const bool best_first : {true, false}) {
    for (const std::size_t most : {9U, 120U, 700U}) {
      GrowthRules rules;
      rules.best_first = best_first;
      rules.max_leaves = most;
      rules.split = {.l2 = 1, .min_rows = 5};
      std::vector<GrownTree> grown;
      for (const std::size_t threads : {1U, 2U, 7U}) {
        for (const std::uint64_t memory : {std::uint64_t{0}, std::uint64_t{1} << 30}) {
          ThreadPool pool(threads);
          TreeGrower grower(*setting.matrix, rules, memory, threads);
          for (int again = 0; again < 2; ++again) {
            TreeRequest request = {.rows = setting.rows, .slots = slots, .gradients = {}, .scale = {}};
            request.packed = &setting.packed;
            grown.push_back(*grower.grow(std::move(request), pool, Budget()));
          }
        }
      }
      EXPECT_EQ(grown[0].tree.leaves.size(), most);
      for (const GrownTree& other : grown) {
        EXPECT_EQ(grown[0].rows, other.rows);
        EXPECT_EQ(grown[0].leaf_starts, other.leaf_starts);
        EXPECT_EQ(grown[0].tree.leaves, other.tree.leaves);
        for (std::size_t node = 0; node < grown[0].tree.nodes.size(); ++node) {
          EXPECT_EQ(grown[0].tree.nodes[node].slot, other.tree.nodes[node].slot);
          EXPECT_EQ(grown[0].tree.nodes[node].left, other.tree.nodes[node].left);
          EXPECT_EQ(grown[0].tree.nodes[node].left_bins, other.tree.nodes[node].left_bins);
        }
      }
    }
  }
}

}  // namespace
}  // namespace astrolabe::trees
