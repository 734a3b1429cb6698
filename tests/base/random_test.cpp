// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

using Block = std::array<std::uint32_t, 4>;

// The known answers published with Random123 (its kat_vectors, philox4x32 10).
TEST(Philox, gives_the_published_answers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Key, depends_on_the_seed_and_nothing_else) {
  EXPECT_EQ(Key::from_seed(1), Key::from_seed(1));
  EXPECT_NE(Key::from_seed(1), Key::from_seed(2));
}

TEST(Key, children_are_distinct_and_repeatable) {
  const Key key = Key::from_seed(7);
  std::set<std::uint64_t> seen{key.bits};
  for (std::uint64_t child = 0; child < 1000; ++child) {
    EXPECT_TRUE(seen.insert(key.split(child).bits).second) << child;
    EXPECT_TRUE(seen.insert(random_bits(key, child)).second) << child;
  }
  EXPECT_TRUE(seen.insert(key.split("trees").bits).second);
  EXPECT_TRUE(seen.insert(key.split("linear").bits).second);
  EXPECT_EQ(key.split("trees"), key.split("trees"));
}

// A change of these numbers changes every result that anybody ever recorded.
TEST(Key, bits_stay_the_same_for_ever) {
  const Key key = Key::from_seed(1);
  EXPECT_EQ(key.bits, 16931242754241650282ULL);
}

TEST(RandomUniform, lies_in_the_unit_interval_with_mean_one_half) {
  double sum = 0;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const double value = random_uniform(Key::from_seed(3), i);
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    sum += value;
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 4 * std::sqrt(1.0 / 12 / 100'000));
}

TEST(RandomStream, normal_has_the_moments_of_the_normal_distribution) {
  RandomStream random(Key::from_seed(5));
  constexpr int kDraws = 200'000;
  double sum = 0;
  double squares = 0;
  double fourths = 0;
  int beyond_two = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.normal();
    sum += value;
    squares += value * value;
    fourths += std::pow(value, 4);
    beyond_two += std::abs(value) > 2;
  }
  EXPECT_NEAR(sum / kDraws, 0, 4 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 4 * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(fourths / kDraws, 3, 4 * std::sqrt(96.0 / kDraws));
  EXPECT_NEAR(static_cast<double>(beyond_two) / kDraws, 0.0455, 0.002);
}

// Box-Muller of the library functions, to a few units in the last place.
TEST(RandomStream, normal_agrees_with_the_formula) {
  const Key key = Key::from_seed(11);
  RandomStream random(key);
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const double radius = std::sqrt(-2 * std::log(1 - random_uniform(key, 2 * i)));
    const double expected = radius * std::cos(2 * std::acos(-1.0) * random_uniform(key, 2 * i + 1));
    ASSERT_NEAR(random.normal(), expected, 1e-14);
  }
}

TEST(RandomStream, below_is_even_over_a_bound_that_divides_nothing) {
  RandomStream random(Key::from_seed(9));
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts.at(random.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 400);
  EXPECT_EQ(random.below(1), 0U);
}

TEST(RandomStream, below_rejects_the_cut_off_run_at_the_top) {
  RandomStream random(Key::from_seed(9));
  const std::uint64_t bound = (std::uint64_t{1} << 63) + 1;
  int upper_half = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t value = random.below(bound);
    ASSERT_LT(value, bound);
    upper_half += value >= bound / 2;
  }
  EXPECT_NEAR(upper_half, 5'000, 200);
}

TEST(RandomStream, below_nothing_is_our_bug) {
  RandomStream random(Key::from_seed(1));
  EXPECT_THROW((void)random.below(0), InternalError);
}

TEST(RandomStream, shuffle_permutes_and_repeats) {
  std::vector<int> items(100);
  std::iota(items.begin(), items.end(), 0);
  std::vector<int> first = items;
  std::vector<int> second = items;
  RandomStream(Key::from_seed(4)).shuffle(first);
  RandomStream(Key::from_seed(4)).shuffle(second);
  EXPECT_EQ(first, second);
  EXPECT_NE(first, items);
  std::sort(first.begin(), first.end());
  EXPECT_EQ(first, items);
}

}  // namespace
}  // namespace astrolabe
