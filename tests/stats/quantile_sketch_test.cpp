// SPDX-License-Identifier: Apache-2.0
// The recipe, and the golden case, are those of XGBoost's own test of its quantiles.
#include "astrolabe/stats/quantile_sketch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

using Entry = QuantileSummary::Entry;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Column {
  std::vector<double> values, weights;
};

enum class Shape { clustered, duplicate_heavy, staircase, few_values };

Column make_column(Shape shape, std::size_t rows, std::size_t max_bins, bool weighted, Key key) {
  RandomStream random(key);
  Column column{std::vector<double>(rows), std::vector<double>(rows, 1.0)};
  for (std::size_t i = 0; i < rows; ++i) {
    const auto at = static_cast<double>(i);
    switch (shape) {
      case Shape::clustered:
        column.values[i] = static_cast<double>(random.below(4)) + 2e-4 * random.uniform();
        break;
      case Shape::duplicate_heavy:
        column.values[i] = static_cast<double>(i % (max_bins / 2));
        break;
      case Shape::staircase:
        column.values[i] = at / static_cast<double>(rows);
        break;
      case Shape::few_values:
        column.values[i] = static_cast<double>(i);
        break;
    }
    if (!weighted) continue;
    column.weights[i] = std::exp(6 * random.uniform());
    if (shape == Shape::duplicate_heavy) column.weights[i] = random.uniform() < 0.01 ? 1000 : 1;
    if (shape == Shape::staircase)
      column.weights[i] = std::exp2(static_cast<double>(i % max_bins * 8 / max_bins));
  }
  if (shape == Shape::few_values) random.shuffle(column.values);
  return column;
}

// The slow twin: all values and their weights, sorted.
class Twin {
 public:
  explicit Twin(const Column& column) {
    for (std::size_t i = 0; i < column.values.size(); ++i)
      if (column.weights[i] > 0) weight_of_[column.values[i]] += column.weights[i];
    for (const auto& [value, weight] : weight_of_) {
      bounds_[value] = {.rmin = total_, .rmax = total_ + weight, .w = weight};
      total_ += weight;
    }
  }
  [[nodiscard]] double total() const { return total_; }
  [[nodiscard]] const std::map<double, RankBounds>& bounds() const { return bounds_; }

  // How far the ranks of a kept value are from a rank that was asked for.
  [[nodiscard]] double miss(double value, double rank) const {
    const RankBounds& at = bounds_.at(value);
    return std::max({0.0, at.rmin - rank, rank - at.rmax});
  }

 private:
  std::map<double, double> weight_of_;
  std::map<double, RankBounds> bounds_;
  double total_ = 0;
};

// Every bound holds what it bounds, at kept values and at all others, and no bound is wider than promised.
void expect_sound(const QuantileSummary& summary, const Twin& twin, double error) {
  const double rounding = 1e-10 * twin.total();
  ASSERT_NEAR(summary.total(), twin.total(), rounding);
  ASSERT_LE(summary.error(), error + 1e-10);
  for (std::size_t i = 1; i < summary.entries().size(); ++i)
    ASSERT_LT(summary.entries()[i - 1].value, summary.entries()[i].value);
  for (const Entry& entry : summary.entries()) ASSERT_TRUE(twin.bounds().contains(entry.value));
  for (const auto& [value, truth] : twin.bounds()) {
    for (const double y : {value, std::nextafter(value, kInfinity)}) {
      const RankBounds known = summary.bounds(y);
      ASSERT_LE(known.rmin, (y == value ? truth.rmin : truth.rmax) + rounding);
      ASSERT_GE(known.rmax, truth.rmax - rounding);
      ASSERT_LE(known.w, (y == value ? truth.w : 0) + rounding);
      ASSERT_LE(known.rmax - known.rmin - known.w, error * twin.total() + rounding);
    }
  }
}

QuantileSketch sketch_of(const Column& column, std::size_t begin, std::size_t end, double error,
                         std::size_t block) {
  QuantileSketch sketch(error, column.values.size(), block);
  for (std::size_t i = begin; i < end; ++i) sketch.push(column.values[i], column.weights[i]);
  return sketch;
}

Entry entry_of(double rmin, double rmax, double w, double value) {
  return {{.rmin = rmin, .rmax = rmax, .w = w}, value};
}

std::vector<double> values_of(const QuantileSummary& summary) {
  std::vector<double> values;
  for (const Entry& entry : summary.entries()) values.push_back(entry.value);
  return values;
}

TEST(QuantileSummary, is_pruned_as_the_golden_case_is) {
  QuantileSummary summary({entry_of(0, 0, 0, 1), entry_of(0, 4, 0, 2), entry_of(4, 5, 1, 3),
                           entry_of(5, 6, 1, 4), entry_of(8, 9, 1, 5), entry_of(9, 10, 1, 6),
                           entry_of(10, 10, 0, 7)});
  summary.prune(5);  // to six values at most
  EXPECT_EQ(values_of(summary), (std::vector<double>{1, 3, 4, 5, 7}));
}

// What pruning keeps, query by query from the start.
std::vector<double> kept_by_plain_queries(const std::vector<Entry>& all, std::size_t b) {
  if (all.size() <= b + 1) return values_of(QuantileSummary(all));
  std::vector<double> kept = {all.front().value};
  const double begin = all.front().rmax, range = all.back().rmin - begin;
  for (std::size_t k = 1; k < b; ++k) {
    const double rank = static_cast<double>(k) * range / static_cast<double>(b) + begin;
    std::size_t left = all.size() - 1;  // the last that lies wholly or half below the rank, but not the first
    while (left > 1 && 2 * rank < all[left].rmin + all[left].rmax) --left;
    if (left + 1 == all.size()) break;
    const bool is_left = 2 * rank < all[left].rmin_next() + all[left + 1].rmax_prev();
    const double value = all[is_left ? left : left + 1].value;
    if (value != kept.back()) kept.push_back(value);
  }
  if (kept.back() != all.back().value) kept.push_back(all.back().value);
  return kept;
}

TEST(QuantileSummary, of_three_to_five_values_is_pruned_within_its_bound_whatever_the_ranks) {
  int pruned = 0;
  for (std::size_t size = 3; size <= 5; ++size) {
    for (int code = 0; code < static_cast<int>(std::pow(9, size)); ++code) {
      std::vector<Entry> entries;
      int rest = code;
      double rank = 0;
      bool sound = true;
      for (std::size_t i = 0; i < size; ++i, rest /= 9) {
        const double w = rest % 3, slack = rest / 3 % 3 * 2;
        sound = sound && (entries.empty() || entries.back().rmax <= rank + slack);
        entries.push_back(entry_of(rank, rank + w + slack, w, static_cast<double>(i)));
        rank += w;
        if (slack > 0 && i + 1 < size) rank += rest % 3;  // some of the slack is weight that was left out
      }
      const bool ends_known = entries.front().rmax == entries.front().w && entries.back().rmax == rank;
      if (!sound || !ends_known) continue;
      for (std::size_t b = 1; b <= size; ++b) {
        QuantileSummary summary(entries);
        const double before = summary.error() * summary.total();
        summary.prune(b);
        ASSERT_EQ(values_of(summary), kept_by_plain_queries(entries, b)) << size << " " << code << " " << b;
        ASSERT_LE(summary.entries().size(), b + 1);
        ASSERT_LE(summary.error() * summary.total(), before + rank / static_cast<double>(b) + 1e-9);
        ++pruned;
      }
    }
  }
  EXPECT_GT(pruned, 2000);
}

TEST(QuantileSummary, bounds_what_lies_between_and_beyond_its_values) {
  QuantileSummary summary;
  for (const double value : {1.0, 2.0, 2.0, 5.0}) summary.append(value, 3);
  ASSERT_EQ(summary.entries().size(), 3U);
  EXPECT_EQ(summary.error(), 0);
  const auto at = [&](double value) {
    const RankBounds bounds = summary.bounds(value);
    return std::vector<double>{bounds.rmin, bounds.rmax, bounds.w};
  };
  EXPECT_EQ(at(0), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(at(2), (std::vector<double>{3, 9, 6}));
  EXPECT_EQ(at(3), (std::vector<double>{9, 9, 0}));
  EXPECT_EQ(at(9), (std::vector<double>{12, 12, 0}));
}

TEST(QuantileSummary, answers_with_the_value_whose_ranks_hold_the_one_asked_for) {
  QuantileSummary summary;
  for (int value = 1; value <= 9; ++value) summary.append(value, value == 5 ? 10 : 1);
  EXPECT_EQ(summary.query(-1), 1);
  EXPECT_EQ(summary.query(0.4), 1);
  EXPECT_EQ(summary.query(3.5), 4);
  EXPECT_EQ(summary.query(4.1), 5);
  EXPECT_EQ(summary.query(13.9), 5);
  EXPECT_EQ(summary.query(14.5), 6);
  EXPECT_EQ(summary.query(100), 9);
}

TEST(QuantileSummary, with_bounds_that_contradict_each_other_is_refused) {
  EXPECT_THROW(QuantileSummary({entry_of(0, 1, 1, 2), entry_of(1, 2, 1, 2)}), InternalError);
  EXPECT_THROW(QuantileSummary({entry_of(0, 1, 1, 2), entry_of(0, 2, 1, 3)}), InternalError);
  EXPECT_THROW(QuantileSummary({entry_of(0, 1, 2, 2)}), InternalError);
  EXPECT_THROW((void)QuantileSummary().query(0), InternalError);
}

// A column by its number: its shape, its length, whether it is weighted, and how many bins are wanted.
class SketchOf : public ::testing::TestWithParam<int> {};

TEST_P(SketchOf, keeps_the_bound) {
  RandomStream random(Key::from_seed(static_cast<std::uint64_t>(GetParam())));
  const auto shape = static_cast<Shape>(random.below(4));
  const std::size_t max_bins = std::size_t{8} << random.below(4);
  std::size_t rows = std::size_t{256} << 2 * random.below(4);
  if (shape == Shape::few_values) rows = std::min(rows, max_bins);
  const bool weighted = random.below(2) == 1;
  const Column column = make_column(shape, rows, max_bins, weighted, Key::from_seed(random.bits()));
  const Twin twin(column);
  const double error = 1 / static_cast<double>(max_bins);
  const QuantileSketch sketch = sketch_of(column, 0, rows, error, 64);
  QuantileSummary summary = sketch.finish();
  expect_sound(summary, twin, error);
  const bool few = twin.bounds().size() <= max_bins;
  if (rows > 4 * sketch.budget()) {
    EXPECT_LT(summary.entries().size(), rows) << "something is left out";
  }
  const std::size_t budget = 4 * max_bins;
  summary.prune(budget);
  const double bound = (error + 1 / static_cast<double>(budget)) * twin.total();
  expect_sound(summary, twin, bound / twin.total());
  for (std::size_t i = 0; i <= 4 * max_bins; ++i) {
    const double rank = static_cast<double>(i) / static_cast<double>(4 * max_bins) * twin.total();
    EXPECT_LE(twin.miss(summary.query(rank), rank), bound / 2 * (1 + 1e-9));
  }
  if (few) {
    EXPECT_EQ(summary.entries().size(), twin.bounds().size());
    EXPECT_NEAR(summary.error(), 0, 1e-12);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeded, SketchOf, ::testing::Range(0, 100));

// Cuts a column into sketches of uneven parts and merges them two at a time: `pick` chooses the places of the
// two among `count`.
template <class Pick>
QuantileSummary merged(const Column& column, std::size_t parts, double error, RandomStream& random,
                       Pick pick) {
  std::vector<std::size_t> ends = {0, column.values.size()};
  while (ends.size() <= parts) ends.push_back(random.below(column.values.size() + 1));
  std::ranges::sort(ends);
  std::vector<QuantileSketch> sketches;
  for (std::size_t i = 0; i < parts; ++i)
    sketches.push_back(sketch_of(column, ends[i], ends[i + 1], error, 16));
  while (sketches.size() > 1) {
    const auto [into, from] = pick(sketches.size());
    sketches[into].merge(sketches[from]);
    sketches.erase(sketches.begin() + static_cast<std::ptrdiff_t>(from));
  }
  return sketches[0].finish();
}

TEST(QuantileSketch, keeps_the_bound_in_whatever_order_or_tree_its_parts_are_merged) {
  using Pair = std::pair<std::size_t, std::size_t>;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RandomStream random(Key::from_seed(seed).split("trees"));
    const std::size_t rows = 200 + random.below(4000);
    const Column column =
        make_column(static_cast<Shape>(seed % 4), rows, 64, seed % 3 != 0, Key::from_seed(random.bits()));
    const Twin twin(column);
    const double error = seed % 2 == 0 ? 0.1 : 0.02;
    const std::size_t parts = 1 + random.below(200);
    const auto any = [&](std::size_t count) {
      const std::size_t into = random.below(count), from = random.below(count - 1);
      return Pair{into, from < into ? from : from + 1};
    };
    const auto forwards = [](std::size_t) { return Pair{0, 1}; };
    const auto backwards = [](std::size_t count) { return Pair{count - 1, count - 2}; };
    std::size_t turn = 0;
    const auto balanced = [&](std::size_t count) {
      if (turn + 1 >= count) turn = 0;
      ++turn;
      return Pair{turn - 1, turn};
    };
    expect_sound(merged(column, parts, error, random, any), twin, error);
    expect_sound(merged(column, parts, error, random, forwards), twin, error);
    expect_sound(merged(column, parts, error, random, backwards), twin, error);
    expect_sound(merged(column, parts, error, random, balanced), twin, error);
  }
}

TEST(QuantileSketch, of_summaries_of_blocks_is_as_good_as_one_of_the_values) {
  for (const Shape shape : {Shape::clustered, Shape::staircase, Shape::duplicate_heavy}) {
    const Column column = make_column(shape, 40'000, 64, true, Key::from_seed(9));
    QuantileSketch sketch(0.01, 40'000, 1024);
    for (std::size_t begin = 0; begin < 40'000; begin += 1024) {
      const std::size_t end = std::min<std::size_t>(begin + 1024, 40'000);
      std::map<double, double> block;
      for (std::size_t i = begin; i < end; ++i) block[column.values[i]] += column.weights[i];
      QuantileSummary summary;
      for (const auto& [value, weight] : block) summary.append(value, weight);
      sketch.merge(std::move(summary));
    }
    expect_sound(sketch.finish(), Twin(column), 0.01);
  }
}

TEST(QuantileSketch, of_ascending_values_is_that_of_their_summaries_to_the_last_bit) {
  RandomStream random(Key::from_seed(10));
  for (const std::size_t levels :
       {std::size_t{1}, std::size_t{300}, std::size_t{3000}, std::size_t{1} << 40}) {
    QuantileSketch fast(0.01, 40'000, 4096), slow(0.01, 40'000, 4096);
    for (const std::size_t count : {4096U, 1U, 0U, 4096U, 700U, 4096U, 4096U, 2000U, 4096U}) {
      std::vector<float> values(count);
      for (float& value : values) value = static_cast<float>(random.below(levels)) - 7;
      std::ranges::sort(values);
      QuantileSummary summary;
      for (const float value : values) summary.append(value, 1);
      fast.merge_ascending(values);
      slow.merge(std::move(summary));
      const QuantileSummary fast_now = fast.finish(), slow_now = slow.finish();
      EXPECT_EQ(fast_now.is_exact(), slow_now.is_exact());
      ASSERT_TRUE(
          std::ranges::equal(fast_now.entries(), slow_now.entries(), [](const Entry& a, const Entry& b) {
            return a.value == b.value && a.rmin == b.rmin && a.rmax == b.rmax && a.w == b.w;
          }));
    }
  }
}

TEST(QuantileSketch, stays_small_however_many_values_come) {
  QuantileSketch sketch(0.01, 1'000'000);
  RandomStream random(Key::from_seed(2));
  for (int i = 0; i < 1'000'000; ++i) sketch.push(random.uniform());
  const QuantileSummary summary = sketch.finish();
  EXPECT_LE(summary.entries().size(), 9 * (sketch.budget() + 1) + 8192);
  EXPECT_LE(summary.error(), 0.01);
  EXPECT_NEAR(summary.query(250'000), 0.25, 0.005 + 0.003) << "half the error, and six standard deviations";
}

TEST(QuantileSketch, merged_with_itself_weighs_every_value_twice) {
  Column column = make_column(Shape::clustered, 3000, 16, true, Key::from_seed(4));
  QuantileSketch sketch = sketch_of(column, 0, 3000, 0.05, 64);
  sketch.merge(sketch);
  for (double& weight : column.weights) weight *= 2;
  expect_sound(sketch.finish(), Twin(column), 0.05);
}

TEST(QuantileSketch, of_other_arguments_is_not_merged) {
  QuantileSketch fine(0.01, 100);
  EXPECT_THROW(fine.merge(QuantileSketch(0.1, 100)), InternalError);
}

TEST(QuantileSketch, of_nothing_is_an_empty_summary) {
  QuantileSketch sketch(0.1, 0);
  sketch.merge(QuantileSketch(0.1, 0));
  sketch.merge(QuantileSummary());
  const QuantileSummary summary = sketch.finish();
  EXPECT_TRUE(summary.empty());
  EXPECT_EQ(summary.total(), 0);
  EXPECT_EQ(summary.error(), 0);
}

TEST(QuantileSketch, takes_no_notice_of_weights_of_zero_and_missing_values) {
  QuantileSketch sketch(0.1, 10);
  sketch.push(-100, 0);
  sketch.push(kNaN, 5);
  sketch.push(3, 2);
  sketch.push(100, 0);
  EXPECT_EQ(values_of(sketch.finish()), std::vector<double>{3});
  EXPECT_EQ(sketch.finish().total(), 2);
}

TEST(QuantileSketch, refuses_weights_that_are_no_weights) {
  QuantileSketch sketch(0.1, 10);
  for (const double weight : {kNaN, -1.0, kInfinity}) {
    try {
      sketch.push(1, weight);
      FAIL() << weight;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_input);
      EXPECT_NE(std::string(error.what()).find("expected weights that are finite and not negative, found "),
                std::string::npos);
    }
  }
  EXPECT_TRUE(sketch.finish().empty());
}

TEST(QuantileSketch, takes_infinite_values_and_one_zero) {
  QuantileSketch sketch(0.1, 10);
  for (const double value : {kInfinity, -0.0, -kInfinity, 0.0}) sketch.push(value);
  EXPECT_EQ(values_of(sketch.finish()), (std::vector<double>{-kInfinity, 0, kInfinity}));
}

}  // namespace
}  // namespace astrolabe
