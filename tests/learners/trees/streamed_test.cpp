// SPDX-License-Identifier: Apache-2.0
// Fitting out of memory against fitting in memory, which is its oracle: the same bytes over odd sizes of
// blocks, any number of threads and little room for histograms.
#include <filesystem>
#include <numeric>

#include "tests/learners/trees/fits.h"
#include "tests/learners/trees/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/learners/trees/booster.h"
#include "astrolabe/learners/trees/streamed_bins.h"
#include "astrolabe/learners/trees/streamed_fit.h"
#include "astrolabe/learners/trees/streamed_grower.h"
#include "astrolabe/learners/trees/tree_gradients.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

// A table in memory that is handed out in blocks of 1, 2, ... times `step` rows, some of them empty.
class Blocks : public BlockSource {
 public:
  Blocks(const TrainingData& data, std::size_t step) : data_(data), step_(step) {}
  [[nodiscard]] std::size_t rows() const override { return data_.features.rows; }
  [[nodiscard]] std::shared_ptr<const std::vector<Feature>> info() const override {
    return data_.features.info;
  }
  void rewind() override { next_ = blocks_ = 0; }
  [[nodiscard]] bool next(TrainingData& block) override {
    if (next_ == rows()) return false;
    const std::size_t count = blocks_ == 1 ? 0 : std::min(step_ * (1 + blocks_ % 3), rows() - next_);
    std::vector<std::uint32_t> rows(count);
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(next_));
    block = {.features = data_.features.take_rows(rows), .labels = data_.labels};
    block.labels.values.clear();
    block.labels.weights.clear();
    for (const std::uint32_t row : rows) {
      block.labels.values.push_back(data_.labels.values[row]);
      if (!data_.labels.weights.empty()) block.labels.weights.push_back(data_.labels.weights[row]);
    }
    next_ += count;
    ++blocks_;
    return true;
  }

 private:
  const TrainingData& data_;
  std::size_t step_;
  std::size_t next_ = 0;
  std::size_t blocks_ = 0;
};

TrainingData mixed_data(std::size_t rows, TaskKind kind, std::size_t classes, std::uint64_t seed) {
  TrainingData data;
  data.features = random_table(
      {.rows = rows, .numeric = 5, .categorical = 2, .categories = 9, .missing = 0.1, .zeros = 0.05}, {seed});
  data.labels = labels_for(data.features, kind, classes, {seed + 1});
  return data;
}

struct Streamed {
  SettingValues settings = {{"rounds", std::int64_t{12}}};
  std::size_t step = 1000;
  std::size_t threads = 1;
  std::uint64_t memory = std::uint64_t{64} << 20;
  const TrainingData* watch = nullptr;
};

std::unique_ptr<const Model> fit_blocks(const TrainingData& data, const Streamed& how) {
  ThreadPool pool(how.threads);
  const Budget budget;
  Blocks blocks(data, how.step);
  return fit_streamed({.rows = blocks,
                       .watch = how.watch,
                       .settings = how.settings,
                       .key = Key::from_seed(1),
                       .pool = pool,
                       .budget = budget,
                       .folder = std::filesystem::temp_directory_path(),
                       .memory_bytes = how.memory});
}

std::string bytes_in_memory(const TrainingData& data, const Streamed& how) {
  return bytes_of(*fit_trees(data, {.settings = how.settings, .watch = how.watch}));
}

TEST(StreamedFit, is_the_fit_in_memory_over_odd_blocks_and_threads) {
  const TrainingData data = mixed_data(20'011, TaskKind::binary, 2, 1);
  const std::string expected = bytes_in_memory(data, {});
  for (const std::size_t step : {37U, 1000U, 16'384U, 50'000U})
    for (const std::size_t threads : {1U, 2U, 7U})
      EXPECT_TRUE(bytes_of(*fit_blocks(data, {.step = step, .threads = threads})) == expected)
          << step << " rows, " << threads << " threads";
}

TEST(StreamedFit, is_the_fit_in_memory_for_every_loss) {
  const TrainingData classes = mixed_data(6000, TaskKind::multiclass, 3, 2);
  EXPECT_TRUE(bytes_of(*fit_blocks(classes, {.threads = 2})) == bytes_in_memory(classes, {}));
  TrainingData numbers = mixed_data(6000, TaskKind::regression, 0, 3);
  EXPECT_TRUE(bytes_of(*fit_blocks(numbers, {})) == bytes_in_memory(numbers, {}));
  for (double& value : numbers.labels.values) value = 0.1 + std::abs(value);
  for (const std::string loss : {"poisson", "gamma", "tweedie(1.3)"}) {
    const Streamed how = {.settings = {{"rounds", std::int64_t{8}}, {"loss", loss}}};
    EXPECT_TRUE(bytes_of(*fit_blocks(numbers, how)) == bytes_in_memory(numbers, how)) << loss;
  }
}

TEST(StreamedFit, is_the_fit_in_memory_under_every_rule_of_growth) {
  TrainingData data = mixed_data(5000, TaskKind::binary, 2, 4);
  RandomStream random({5});
  for (std::size_t row = 0; row < data.features.rows; ++row)
    data.labels.weights.push_back(random.uniform() < 0.1 ? 0.0 : static_cast<double>(1 + random.below(9)));
  const std::vector<SettingValues> rules = {
      {{"growth", std::string("depth_wise")}, {"max_depth", std::int64_t{5}}},
      {{"max_leaves", std::int64_t{200}}, {"min_rows", std::int64_t{1}}},
      {{"max_leaves", std::int64_t{2}}},
      {{"max_depth", std::int64_t{3}}, {"column_sample", 0.3}},
      {{"monotone", std::string("f0:+,f1:-")}, {"interactions", std::string("f0,f1;f2,f5")}},
      {{"class_weights", std::string("balanced")}},
      {{"max_bins", std::int64_t{7}}, {"l1", 2.0}, {"min_gain", 0.5}},
  };
  for (SettingValues settings : rules) {
    settings["rounds"] = std::int64_t{10};
    const Streamed how = {.settings = settings, .step = 777, .threads = 3};
    EXPECT_TRUE(bytes_of(*fit_blocks(data, how)) == bytes_in_memory(data, how)) << format_settings(settings);
  }
}

TEST(StreamedFit, is_the_fit_in_memory_on_few_rows_and_features_that_cannot_split) {
  for (const std::size_t rows : {1U, 30U, 45U, 500U}) {
    TrainingData data = mixed_data(rows, TaskKind::regression, 0, 6);
    std::ranges::fill(data.features.columns[1].dense, 4.0F);
    std::ranges::fill(data.features.columns[3].dense, kMissing);
    EXPECT_TRUE(bytes_of(*fit_blocks(data, {.step = 7})) == bytes_in_memory(data, {})) << rows;
  }
}

// Rows in memory and in a file, with pairs of their own.
struct TwoGrowers {
  TrainingData data;
  ThreadPool pool{3};
  std::vector<FeatureBins> bins;
  std::vector<GradientPair> pairs;
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> slots;

  explicit TwoGrowers(std::size_t count) : data(mixed_data(count, TaskKind::binary, 2, 7)), rows(count) {
    bins = find_bins(data.features, {}, 255, 1, pool, Budget());
    RandomStream random({8});
    for (std::size_t row = 0; row < count; ++row)
      pairs.push_back({data.labels.values[row] - 0.5 + 0.1 * random.normal(), 0.1 + random.uniform()});
    std::iota(rows.begin(), rows.end(), 0U);
    slots.resize(bins.size());
    std::iota(slots.begin(), slots.end(), 0U);
  }

  GrownTree in_memory(const GrowthRules& rules) {
    const BinnedMatrix matrix(data.features, bins, Purpose::training, pool);
    TreeGrower grower(matrix, rules, std::uint64_t{64} << 20, pool.size());
    TreeRequest request = {.rows = rows, .slots = slots, .gradients = {}, .scale = {}};
    TreeGradients gradients;
    gradients.fill(rows.size(), PairsOf(pairs), {}, {9}, pool, request);
    return *grower.grow(std::move(request), pool, Budget());
  }

  StreamedTree streamed(const GrowthRules& rules, std::uint64_t memory, std::vector<NodeNumber>& leaves) {
    BinnedFile file(std::filesystem::temp_directory_path(), data.features.info, bins, 1, false);
    file.append(data, pool);
    file.finish(pool);
    StreamedGrower grower(file, rules, memory, 3);
    leaves.resize(rows.size());
    const auto find = [&](std::size_t tile, std::span<GradientPair> out) {
      std::copy_n(pairs.begin() + static_cast<std::ptrdiff_t>(tile * file.tile_rows()), out.size(),
                  out.begin());
    };
    return *grower.grow({.slots = slots, .pairs = find, .bound = {}, .key = {9}}, leaves, pool, Budget());
  }
};

TEST(StreamedGrower, grows_the_tree_of_memory_where_three_histograms_fit) {
  TwoGrowers both(40'000);
  for (const bool best_first : {true, false}) {
    const GrowthRules rules = {
        .split = {.l2 = 1, .min_rows = 5}, .best_first = best_first, .max_leaves = 60, .max_depth = 12};
    const GrownTree expected = both.in_memory(rules);
    for (const std::uint64_t memory : {std::uint64_t{1}, std::uint64_t{1} << 20, std::uint64_t{1} << 26}) {
      std::vector<NodeNumber> leaves;
      const StreamedTree grown = both.streamed(rules, memory, leaves);
      ASSERT_EQ(grown.tree.nodes.size(), 59U);
      EXPECT_EQ(grown.tree.leaves, expected.tree.leaves);
      for (std::size_t i = 0; i < grown.tree.nodes.size(); ++i) {
        const BinTree::Node& node = grown.tree.nodes[i];
        const BinTree::Node& other = expected.tree.nodes[i];
        EXPECT_EQ(node.slot, other.slot);
        EXPECT_EQ(node.left_bins, other.left_bins);
        EXPECT_EQ(node.gain, other.gain);
        EXPECT_EQ(node.left, other.left);
        EXPECT_EQ(node.right, other.right);
      }
      for (std::size_t leaf = 0; leaf < grown.leaf_rows.size(); ++leaf) {
        const std::size_t first = expected.leaf_starts[leaf];
        ASSERT_EQ(grown.leaf_rows[leaf], expected.leaf_starts[leaf + 1] - first);
        for (std::size_t i = first; i < expected.leaf_starts[leaf + 1]; ++i)
          ASSERT_EQ(leaves[expected.rows[i]], leaf);
      }
    }
  }
}

TEST(StreamedFit, reads_sparse_features) {
  TrainingData data = mixed_data(4000, TaskKind::binary, 2, 8);
  const std::string expected = bytes_in_memory(data, {});
  FeatureMatrix sparse = data.features;
  sparse.columns.resize(5);  // categories stay dense
  sparse = to_sparse(sparse);
  std::copy_n(sparse.columns.begin(), 5, data.features.columns.begin());
  EXPECT_TRUE(bytes_of(*fit_blocks(data, {.step = 333})) == bytes_in_memory(data, {}));
  EXPECT_TRUE(bytes_of(*fit_blocks(data, {.step = 333})) == expected);
}

TEST(StreamedFit, stops_early_on_watched_rows) {
  const TrainingData data = mixed_data(3000, TaskKind::binary, 2, 9);
  const TrainingData watch = mixed_data(1000, TaskKind::binary, 2, 10);
  const Streamed how = {.settings = {{"learning_rate", 0.5}, {"patience", std::int64_t{5}}}, .watch = &watch};
  EXPECT_TRUE(bytes_of(*fit_blocks(data, how)) == bytes_in_memory(data, how));
}

TEST(StreamedFit, refuses_what_needs_all_rows_in_memory) {
  const TrainingData data = mixed_data(100, TaskKind::binary, 2, 11);
  for (const SettingValues& settings : std::vector<SettingValues>{{{"boosting", std::string("dart")}},
                                                                  {{"sampling", std::string("goss")}},
                                                                  {{"row_sample", 0.5}},
                                                                  {{"loss", std::string("huber(1)")}}}) {
    try {
      fit_blocks(data, {.settings = settings});
      FAIL() << format_settings(settings);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_NE(std::string(error.what()).find(settings.begin()->first), std::string::npos) << error.what();
    }
  }
}

TEST(StreamedFit, says_how_much_memory_the_scores_take) {
  const TrainingData data = mixed_data(100, TaskKind::binary, 2, 12);
  try {
    fit_blocks(data, {.memory = 1000});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("for their scores"), std::string::npos) << error.what();
  }
}

TEST(StreamedFit, of_a_folder_that_is_not_there_is_a_failure) {
  const TrainingData data = mixed_data(100, TaskKind::binary, 2, 13);
  ThreadPool pool(1);
  const Budget budget;
  Blocks blocks(data, 10);
  const SettingValues settings;
  try {
    (void)fit_streamed({.rows = blocks,
                        .settings = settings,
                        .key = {1},
                        .pool = pool,
                        .budget = budget,
                        .folder = "/not/there",
                        .memory_bytes = std::uint64_t{64} << 20});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::failure);
    EXPECT_NE(std::string(error.what()).find("/not/there"), std::string::npos) << error.what();
  }
}

TEST(BinnedFile, has_no_name) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "astrolabe_streamed_test";
  std::filesystem::create_directories(folder);
  const TrainingData data = mixed_data(1000, TaskKind::binary, 2, 14);
  ThreadPool pool(1);
  Blocks blocks(data, 100);
  BinnedFile file(folder, data.features.info, find_bins(blocks, 255, 1, pool, Budget()), 1, false);
  file.append(data, pool);
  file.finish(pool);
  EXPECT_EQ(file.rows(), 1000U);
  EXPECT_GT(file.bytes(), 7000U);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove(folder);
}

// Of more rows than a block of the sketch has.
TEST(StreamedBins, are_those_of_memory) {
  TrainingData data = mixed_data(300'000, TaskKind::binary, 2, 15);
  ThreadPool pool(2);
  std::vector<FeatureBins> expected = find_bins(data.features, {}, 255, 20, pool, Budget());
  Blocks blocks(data, 9999);
  for (const std::uint64_t memory : {std::uint64_t{1}, std::uint64_t{1} << 30}) {
    const std::vector<FeatureBins> found = find_bins(blocks, 255, memory, pool, Budget());
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].cuts, expected[i].cuts);
      EXPECT_EQ(found[i].category_bins, expected[i].category_bins);
      EXPECT_EQ(found[i].bins, expected[i].bins);
      EXPECT_EQ(found[i].zero_bin, expected[i].zero_bin);
    }
  }
}

}  // namespace
}  // namespace astrolabe::trees
