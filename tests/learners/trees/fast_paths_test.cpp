// SPDX-License-Identifier: Apache-2.0
// Every fast path of training against its slow twin, on every instruction set of this machine.
#include <array>
#include <cmath>
#include <numeric>

#include "tests/learners/trees/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/data/binning.h"
#include "astrolabe/learners/trees/grower.h"
#include "astrolabe/learners/trees/leaf_scores.h"
#include "astrolabe/learners/trees/native_pairs.h"
#include "astrolabe/learners/trees/packed_rows.h"
#include "astrolabe/learners/trees/row_routines.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

std::vector<std::uint32_t> all_of(std::size_t count) {
  std::vector<std::uint32_t> all(count);
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

std::vector<std::uint32_t> some_of(std::size_t count) {
  std::vector<std::uint32_t> some;
  for (std::uint32_t row = 0; row < count; row += 1 + row % 3) some.push_back(row);
  return some;
}

std::vector<const RowRoutines*> vector_routines() {
  std::vector<const RowRoutines*> all;
  for (const auto set : {InstructionSet::avx2, InstructionSet::avx512})
    if (is_supported(set)) all.push_back(&row_routines(set));
  return all;
}

std::vector<GradientPair> random_pairs(std::size_t count, Key key) {
  RandomStream random(key);
  std::vector<GradientPair> pairs;
  for (std::size_t i = 0; i < count; ++i) pairs.push_back({random.normal(), 0.1 + random.uniform()});
  return pairs;
}

// A table whose columns are of many bins and of few, which share bytes.
struct Packed {
  ThreadPool pool{1};
  FeatureMatrix features;
  std::vector<FeatureBins> bins;
  std::unique_ptr<BinnedMatrix> matrix;
  std::vector<std::uint32_t> rows;
  PackedRows packed;
  std::vector<Cell> cells;  // the same numbers

  Packed(FeatureMatrix table, Key key) : features(std::move(table)) {
    bins = find_bins(features, {}, 255, 1, pool, Budget());
    matrix = std::make_unique<BinnedMatrix>(features, bins, Purpose::training, pool);
    rows = some_of(features.rows);
    const std::vector<GradientPair> pairs = random_pairs(features.rows, key);
    EXPECT_TRUE(packed.pack(features.rows, PairsOf(pairs), {}, rows, key, pool));
    cells.resize(features.rows);
    for (const std::uint32_t row : rows) cells[row] = packed.layout().widen(packed.words()[row]);
  }
};

FeatureMatrix mixed_table(std::size_t rows, std::uint64_t seed) {
  FeatureMatrix table = random_table({.rows = rows, .numeric = 4, .categorical = 3, .missing = 0.1}, {seed});
  const FeatureMatrix few = random_table({.rows = rows, .numeric = 5, .levels = 3}, {seed + 1});
  std::vector<Feature> infos = *table.info;
  for (const FeatureColumn& column : few.columns) {
    table.columns.push_back(column);
    infos.push_back({.name = "few", .source = "few"});
  }
  table.info = std::make_shared<const std::vector<Feature>>(std::move(infos));
  return table;
}

TEST(PackedRows, are_the_pairs_within_one_unit_and_right_on_average) {
  ThreadPool pool(1);
  const std::vector<GradientPair> pairs = random_pairs(20'000, {1});
  const std::vector<std::uint32_t> rows = some_of(pairs.size());
  PackedRows packed;
  ASSERT_TRUE(packed.pack(pairs.size(), PairsOf(pairs), {}, rows, {2}, pool));
  double error = 0;
  Cell total;
  for (const std::uint32_t row : rows) {
    const Cell cell = packed.layout().widen(packed.words()[row]);
    total += cell;
    EXPECT_EQ(packed.scale().rows(cell), 1U);
    EXPECT_NEAR(packed.scale().gradient(cell), pairs[row].gradient, packed.scale().gradient_unit);
    EXPECT_NEAR(packed.scale().hessian(cell), pairs[row].hessian, packed.scale().hessian_unit);
    error += (packed.scale().gradient(cell) - pairs[row].gradient) / packed.scale().gradient_unit;
  }
  EXPECT_EQ(packed.total(), total);
  // The standard deviation of one error is at most half a unit.
  EXPECT_LT(std::abs(error), 4 * 0.5 * std::sqrt(static_cast<double>(rows.size())));
}

TEST(PackedRows, of_a_block_never_overflow) {
  for (const std::size_t count : {kPackedFromRows, std::size_t{8191}, std::size_t{20'000}}) {
    ThreadPool pool(1);
    for (const double sign : {-1.0, 1.0}) {
      const std::vector<GradientPair> pairs(
          count, {sign * (2 - 1e-9), 2 - 1e-9});  // the largest below a power of two
      PackedRows packed;
      ASSERT_TRUE(packed.pack(count, PairsOf(pairs), {}, all_of(count), {3}, pool));
      const std::size_t block = std::min(count, packed.layout().block_rows());
      std::uint64_t sum = 0;
      Cell expected;
      for (std::size_t row = 0; row < block; ++row) {
        sum += packed.words()[row];
        expected += packed.layout().widen(packed.words()[row]);
      }
      EXPECT_EQ(packed.layout().widen(sum), expected) << count << " " << sign;
    }
  }
}

TEST(PackedRows, refuse_values_too_unequal_and_few_rows) {
  ThreadPool pool(1);
  std::vector<GradientPair> pairs(10'000, {1e-3, 1.0});
  pairs[77] = {1e4, 1.0};
  PackedRows packed;
  EXPECT_FALSE(packed.pack(pairs.size(), PairsOf(pairs), {}, all_of(pairs.size()), {3}, pool));
  pairs[77] = {-1e-3, 1.0};
  EXPECT_TRUE(packed.pack(pairs.size(), PairsOf(pairs), {}, all_of(pairs.size()), {3}, pool));
  EXPECT_FALSE(packed.pack(pairs.size(), PairsOf(pairs), {}, all_of(kPackedFromRows - 1), {3}, pool));
}

TEST(PackedRows, under_a_bound_that_is_far_too_high_are_packed_by_their_largest) {
  ThreadPool pool(1);
  const std::vector<GradientPair> pairs = random_pairs(5000, {4});
  PackedRows packed;
  ASSERT_TRUE(
      packed.pack(pairs.size(), PairsOf(pairs), GradientPair{1e9, 1e9}, all_of(pairs.size()), {5}, pool));
  EXPECT_LT(packed.scale().gradient_unit, 0.01);
}

TEST(Histogram, of_packed_rows_is_that_of_their_cells) {
  const Packed mixed(mixed_table(30'000, 5), {6});
  const Packed sparse(to_sparse(random_table({.rows = 5000, .numeric = 6, .zeros = 0.9}, {7})), {8});
  for (const Packed* setting : {&mixed, &sparse}) {
    const BinnedMatrix& matrix = *setting->matrix;
    for (const auto& slots : {all_of(matrix.slots()), some_of(matrix.slots())}) {
      for (const std::size_t threads : {1U, 3U}) {
        ThreadPool pool(threads);
        HistogramBuilder builder(matrix, threads);
        builder.choose(slots);
        std::vector<Cell> fast(matrix.cells()), slow(matrix.cells());
        builder.build(setting->rows, setting->packed, fast, pool);
        builder.build(setting->rows, setting->cells, slow, pool);
        for (const std::uint32_t slot : slots)
          for (std::size_t bin = 0; bin <= matrix.bins(slot).bins; ++bin)
            ASSERT_EQ(fast[matrix.first_cell(slot) + bin], slow[matrix.first_cell(slot) + bin])
                << slot << " " << bin << " " << threads;
      }
    }
  }
}

TEST(BinnedMatrix, puts_features_of_few_bins_into_one_byte) {
  const Packed mixed(mixed_table(6000, 5), {6});
  std::size_t columns = 0;
  for (const BinnedMatrix::Block& block : mixed.matrix->blocks()) columns += block.columns.size();
  EXPECT_LT(columns, mixed.matrix->slots() - 3) << "five of 3 values make 243 codes";
  std::vector<std::uint8_t> bin(1);
  for (std::size_t slot = 0; slot < mixed.matrix->slots(); ++slot) {
    const auto place = mixed.matrix->place(slot);
    ASSERT_TRUE(place.has_value());
    for (std::uint32_t row = 0; row < 6000; ++row) {
      mixed.matrix->gather(slot, std::span(&row, 1), bin.data());
      const std::uint8_t byte = place->bytes[std::size_t{row} << place->shift];
      ASSERT_EQ(byte / place->share.stride % place->share.radix, bin[0]);
    }
  }
}

TEST(Grower, makes_the_same_tree_of_packed_rows_and_of_their_cells) {
  const Packed setting(mixed_table(40'000, 9), {10});
  GrowthRules rules;
  rules.split.min_rows = 3;
  rules.split.l2 = 1;
  rules.max_leaves = 400;
  const std::vector<std::uint32_t> slots = all_of(setting.matrix->slots());
  std::vector<GrownTree> grown;
  for (const bool fast : {true, false}) {
    for (const std::size_t threads : {1U, 3U}) {
      ThreadPool pool(threads);
      TreeGrower grower(*setting.matrix, rules, 1U << 30, threads);
      TreeRequest request = {
          .rows = setting.rows, .slots = slots, .gradients = setting.cells, .scale = setting.packed.scale()};
      if (fast) request.packed = &setting.packed;
      grown.push_back(*grower.grow(std::move(request), pool, Budget()));
    }
  }
  EXPECT_GT(grown[0].tree.leaves.size(), 300U);
  for (const GrownTree& other : grown) {
    EXPECT_EQ(grown[0].rows, other.rows);
    EXPECT_EQ(grown[0].leaf_starts, other.leaf_starts);
    EXPECT_EQ(grown[0].tree.leaves, other.tree.leaves);
  }
}

TEST(Split, of_numbers_is_that_of_the_slow_twin) {
  RandomStream random({11});
  std::size_t found = 0;
  for (int trial = 0; trial < 600; ++trial) {
    FixedPoint scale = {.gradient_unit = 0x1p-12, .hessian_unit = 0x1p-12, .row_bits = 20};
    std::vector<Cell> cells(2 + random.below(255));
    Cell total;
    for (Cell& cell : cells) {
      if (random.uniform() < 0.3) continue;
      const auto rows = static_cast<std::int64_t>(1 + random.below(9));
      cell.gradient = static_cast<std::int64_t>(1000 * random.normal());
      cell.hessian_and_rows = (static_cast<std::int64_t>(random.below(3000)) << scale.row_bits) + rows;
      total += cell;
    }
    if (trial % 2 == 0) {
      total -= cells.back();
      cells.back() = {};
    }
    SplitRules rules = {.l1 = trial % 3 == 0 ? 0.3 : 0.0,
                        .l2 = trial % 5 == 0 ? 0.0 : 2.0,
                        .min_hessian = trial % 7 == 0 ? 3.0 : 0.0,
                        .min_gain = trial % 11 == 0 ? 0.1 : 0.0,
                        .min_rows = 1 + random.below(20)};
    const Split fast = find_numeric_split(cells, total, scale, rules);
    const Split slow = find_numeric_split_plainly(cells, total, scale, rules);
    EXPECT_EQ(fast.gain, slow.gain);
    EXPECT_EQ(fast.left_bins, slow.left_bins);
    EXPECT_EQ(fast.left, slow.left);
    EXPECT_EQ(fast.right, slow.right);
    EXPECT_EQ(fast.missing_left, slow.missing_left);
    found += fast ? 1 : 0;
  }
  EXPECT_GT(found, 300U);
}

TEST(RowRoutines, of_every_instruction_set_give_the_same_bytes) {
  const RowRoutines& plain = plain_row_routines();
  const std::size_t count = 1013;
  const std::vector<GradientPair> pairs = random_pairs(count, {12});
  RandomStream random({13});
  const PackPlan plan = {.per_gradient = 512,
                         .per_hessian = 1024,
                         .key = 99,
                         .count_bits = 13,
                         .gradient_shift = 38,
                         .row_bits = 17};
  std::vector<double> scores, targets;
  for (std::size_t i = 0; i < count; ++i) {
    scores.push_back((i % 50 == 0 ? 400 : 3) * random.normal());
    targets.push_back(static_cast<double>(i % 2));
  }
  struct Bytes {
    std::vector<std::uint64_t> words = std::vector<std::uint64_t>(1013);
    std::vector<double> logistic = std::vector<double>(2 * 1013);
    std::array<std::int64_t, 3> sums{};
    std::array<double, 2> largest{};
    std::vector<std::int64_t> cells = std::vector<std::int64_t>(2 * 1013);
    bool operator==(const Bytes&) const = default;
  };
  const auto run = [&](const RowRoutines& routines) {
    Bytes bytes;
    routines.pack(plan, &pairs[0].gradient, count, 5, bytes.words.data(), bytes.sums.data());
    routines.find_largest(&pairs[0].gradient, count, bytes.largest.data());
    routines.find_logistic(scores.data(), targets.data(), count, bytes.logistic.data());
    for (const bool adds : {false, true}) {
      std::vector<std::uint64_t> sums = bytes.words;
      routines.widen(plan, sums.data(), count, adds, bytes.cells.data());
      EXPECT_EQ(sums, std::vector<std::uint64_t>(count));
    }
    return bytes;
  };
  const Bytes expected = run(plain);
  for (const RowRoutines* routines : vector_routines()) EXPECT_EQ(run(*routines), expected);
}

TEST(RowRoutines, part_rows_as_a_plain_loop_does) {
  RandomStream random({14});
  std::vector<std::uint8_t> bytes(4 * 5000 + 3);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(256));
  std::vector<const RowRoutines*> all = vector_routines();
  all.push_back(&plain_row_routines());
  for (const RowRoutines* routines : all) {
    for (const unsigned shift : {0U, 2U}) {
      for (const auto& rows : {all_of(5000), some_of(5000), std::vector<std::uint32_t>{4999}}) {
        SideColumn column = {.bytes = bytes.data(), .shift = shift};
        for (std::uint32_t& word : column.set) word = static_cast<std::uint32_t>(random.bits());
        std::vector<std::uint32_t> left, right;
        for (const std::uint32_t row : rows) {
          const std::uint8_t byte = bytes[std::size_t{row} << shift];
          ((column.set[byte / 32] >> (byte % 32) & 1U) != 0 ? left : right).push_back(row);
        }
        EXPECT_EQ(routines->count_left(column, rows.data(), rows.size()), left.size());
        std::vector<std::uint32_t> to(rows.size() + 1, 77);
        EXPECT_EQ(routines->split(column, rows.data(), rows.size(), to.data(), to.data() + left.size()),
                  left.size());
        EXPECT_EQ(to.back(), 77U) << "nothing is written beyond";
        to.pop_back();
        left.insert(left.end(), right.begin(), right.end());
        EXPECT_EQ(to, left);
      }
    }
  }
}

TEST(RowRoutines, bin_numbers_as_assign_bins_does) {
  RandomStream random({15});
  std::vector<const RowRoutines*> all = vector_routines();
  all.push_back(&plain_row_routines());
  for (const std::size_t cuts : {0U, 1U, 2U, 15U, 16U, 17U, 100U, 254U}) {
    std::vector<float> sorted;
    for (std::size_t i = 0; i < cuts; ++i) sorted.push_back(static_cast<float>(i) / 7.0F - 3);
    std::vector<float> values = sorted;
    for (int i = 0; i < 501; ++i) values.push_back(static_cast<float>(12 * random.normal()));
    for (const float odd : {kMissing, std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity(), 0.0F, -0.0F})
      values.insert(values.begin() + 3 % static_cast<std::ptrdiff_t>(values.size()), odd);
    std::vector<std::uint8_t> expected(values.size());
    const auto missing = static_cast<std::uint8_t>(cuts + 1);
    assign_bins(sorted, values, missing, expected);
    std::vector<float> table(256, std::numeric_limits<float>::infinity());
    std::ranges::copy(sorted, table.begin());
    const auto first_step = static_cast<unsigned>(std::bit_ceil(cuts + 1) / 2);
    for (const RowRoutines* routines : all) {
      std::vector<std::uint8_t> bins(values.size());
      routines->assign(table.data(), first_step, values.data(), values.size(), missing, bins.data());
      EXPECT_EQ(bins, expected) << cuts;
    }
  }
}

TEST(NativePairs, have_the_bytes_of_link_and_gradients) {
  ThreadPool pool(1);
  RandomStream random({16});
  Labels labels = {.kind = TaskKind::binary, .classes = 2, .values = {}, .weights = {}};
  std::vector<double> scores;
  for (std::size_t row = 0; row < 700; ++row) {
    labels.values.push_back(static_cast<double>(row % 2));
    scores.push_back(4 * random.normal());
  }
  for (const bool weighted : {false, true}) {
    for (const double score : scores)
      if (weighted) labels.weights.push_back(std::abs(score));
    for (const Loss loss : {Loss::squared, Loss::logistic}) {
      ASSERT_TRUE(NativePairs::suits(loss));
      std::vector<double> predictions(scores.size());
      apply_link(loss, scores.size(), scores, predictions, pool);
      std::vector<GradientPair> expected(scores.size());
      find_gradients(loss, labels, 0, predictions, expected, pool);
      const NativePairs source(loss, labels, scores);
      for (const auto& rows : {all_of(700), some_of(700)}) {
        std::vector<GradientPair> pairs(rows.size());
        source(rows, pairs.data());
        for (std::size_t i = 0; i < rows.size(); ++i) {
          EXPECT_EQ(pairs[i].gradient, expected[rows[i]].gradient);
          EXPECT_EQ(pairs[i].hessian, expected[rows[i]].hessian);
          if (!source.bound()) continue;
          EXPECT_LE(std::abs(pairs[i].gradient), source.bound()->gradient * (1 + 1e-9));
          EXPECT_LE(pairs[i].hessian, source.bound()->hessian * (1 + 1e-9));
        }
      }
    }
  }
}

TEST(LeafScores, add_each_rows_leaf_once) {
  for (const std::size_t count : {std::size_t{900}, std::size_t{300'000}}) {
    RandomStream random({17});
    GrownTree grown;
    const std::vector<std::uint32_t> rows = some_of(count);
    std::vector<std::vector<std::uint32_t>> of_leaf(50);
    for (const std::uint32_t row : rows) of_leaf[random.below(50)].push_back(row);
    std::vector<double> expected(count, 1.0);
    for (std::size_t leaf = 0; leaf < of_leaf.size(); ++leaf) {
      grown.tree.leaves.push_back(random.normal());
      grown.leaf_starts.push_back(grown.rows.size());
      grown.rows.insert(grown.rows.end(), of_leaf[leaf].begin(), of_leaf[leaf].end());
      for (const std::uint32_t row : of_leaf[leaf]) expected[row] += grown.tree.leaves[leaf];
    }
    grown.leaf_starts.push_back(grown.rows.size());
    for (const std::size_t threads : {1U, 3U}) {
      ThreadPool pool(threads);
      std::vector<double> scores(count, 1.0);
      LeafScores adder;
      adder.add(grown, rows, scores, pool);
      EXPECT_EQ(scores, expected);
    }
  }
}

}  // namespace
}  // namespace astrolabe::trees
