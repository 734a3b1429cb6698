// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/gemm/schedule.h"

#include <cmath>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"
#include "astrolabe/gemm/analytic_schedule.h"
#include "astrolabe/gemm/gemm.h"

namespace astrolabe {
namespace {

constexpr float kGuard = -7.25F;

std::vector<InstructionSet> supported_sets() {
  std::vector<InstructionSet> sets;
  for (const auto set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512})
    if (is_supported(set)) sets.push_back(set);
  return sets;
}

// Operands of a product in one of the forms NN, TN, NT, TT, C with a column of guards.
struct Operands {
  Operands(std::size_t m, std::size_t n, std::size_t k, int form, std::uint64_t seed)
      : a(values(m * k, seed)), b(values(k * n, seed + 1)), start(values(m * (n + 1), seed + 2)) {
    const auto rows = static_cast<std::ptrdiff_t>(m), columns = static_cast<std::ptrdiff_t>(n),
               steps = static_cast<std::ptrdiff_t>(k);
    product = {.m = m,
               .n = n,
               .k = k,
               .a = a.data(),
               .a_row = (form & 1) != 0 ? 1 : steps,
               .a_column = (form & 1) != 0 ? rows : 1,
               .b = b.data(),
               .b_row = (form & 2) != 0 ? 1 : columns,
               .b_column = (form & 2) != 0 ? steps : 1,
               .c_row = columns + 1};
    for (std::size_t i = 0; i < m; ++i) start[i * (n + 1) + n] = kGuard;
  }

  static std::vector<float> values(std::size_t count, std::uint64_t seed) {
    RandomStream random(Key::from_seed(seed));
    std::vector<float> all(count);
    for (float& value : all) value = static_cast<float>(random.normal());
    return all;
  }

  // The plain loop: one chain of fused multiply-adds for every element.
  [[nodiscard]] std::vector<float> expected(bool accumulate) const {
    std::vector<float> c = start;
    for (std::size_t i = 0; i < product.m; ++i) {
      for (std::size_t j = 0; j < product.n; ++j) {
        float sum = accumulate ? c[i * (product.n + 1) + j] : 0;
        const float* left = product.a + static_cast<std::ptrdiff_t>(i) * product.a_row;
        const float* right = product.b + static_cast<std::ptrdiff_t>(j) * product.b_column;
        for (std::size_t p = 0; p < product.k; ++p, left += product.a_column, right += product.b_row)
          sum = std::fma(*left, *right, sum);
        c[i * (product.n + 1) + j] = sum;
      }
    }
    return c;
  }

  [[nodiscard]] std::vector<float> computed(bool accumulate, InstructionSet set, const GemmSchedule& schedule,
                                            std::size_t parts = 1) const {
    std::vector<float> c = start;
    Gemm whole = product;
    whole.c = c.data();
    whole.accumulate = accumulate;
    GemmScratch scratch;
    for (std::size_t part = 0; part < parts; ++part)
      gemm(parts == 1 ? whole : gemm_part(whole, parts, part, schedule.split), set, scratch, schedule);
    return c;
  }

  std::vector<float> a, b, start;
  Gemm product;
};

bool same_bytes(const std::vector<float>& x, const std::vector<float>& y) {
  return std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
}

TEST(GemmSchedule, of_every_tile_equals_the_plain_loop) {
  for (const InstructionSet set : supported_sets()) {
    for (const TileShape& largest : largest_tiles(set)) {
      for (std::size_t rows = 1; rows <= largest.rows; ++rows) {
        const Operands operands(largest.rows + rows, 2 * largest.columns + 5 + rows, 9,
                                static_cast<int>(rows % 4), rows);
        const std::vector<float> expected = operands.expected(true);
        for (const TileOrder order : {TileOrder::columns, TileOrder::rows}) {
          for (const std::uint16_t fetch : {0, 8}) {
            const GemmSchedule schedule{.tile_rows = static_cast<std::uint16_t>(rows),
                                        .tile_columns = static_cast<std::uint16_t>(largest.columns),
                                        .fetch = fetch,
                                        .order = order};
            ASSERT_TRUE(same_bytes(operands.computed(true, set, schedule), expected))
                << instruction_set_name(set) << " " << schedule_text(schedule);
          }
        }
      }
    }
  }
}

TEST(GemmSchedule, of_the_analytic_default_equals_the_plain_loop) {
  // Rows, columns, steps, form (1: A by columns, 2: B by columns).
  const std::size_t classes[][4] = {{1, 540, 520, 0},  {6, 540, 520, 0},  {8, 70, 140, 0},  {9, 540, 520, 0},
                                    {20, 540, 520, 0}, {50, 40, 300, 1},  {64, 65, 257, 1}, {20, 45, 20, 0},
                                    {20, 70, 20, 0},   {10, 130, 140, 2}, {16, 70, 80, 2},  {32, 64, 64, 2},
                                    {33, 70, 20, 2},   {40, 64, 64, 3}};
  for (const auto& [m, n, k, form] : classes) {
    const Operands operands(m, n, k, static_cast<int>(form), m + n);
    const bool has_rules = is_supported(InstructionSet::avx512);
    EXPECT_TRUE(!has_rules || analytic_schedule(operands.product, InstructionSet::avx512) != GemmSchedule{})
        << m;
    const std::vector<float> expected = operands.expected(true);
    for (const InstructionSet set : supported_sets()) {
      for (const std::size_t parts : {1, 2})
        EXPECT_TRUE(same_bytes(operands.computed(true, set, {}, parts), expected))
            << m << "x" << k << "x" << n;
    }
  }
}

TEST(GemmSchedule, of_few_rows_has_a_default_of_its_own_on_avx2) {
  const std::size_t classes[][4] = {{9, 540, 520, 0}, {8, 70, 80, 2}, {24, 64, 64, 2}, {32, 64, 64, 2}};
  for (const auto& [m, n, k, form] : classes) {
    const Operands operands(m, n, k, static_cast<int>(form), m + n);
    EXPECT_TRUE(analytic_schedule(operands.product, InstructionSet::avx2) != GemmSchedule{}) << m;
    if (!is_supported(InstructionSet::avx2)) continue;
    EXPECT_TRUE(same_bytes(operands.computed(true, InstructionSet::avx2, {}), operands.expected(true))) << m;
  }
  const Operands many(128, 540, 520, 0, 1), wasteful(20, 70, 300, 2, 1);
  EXPECT_EQ(analytic_schedule(many.product, InstructionSet::avx2), GemmSchedule{})
      << "a copy of B serves many";
  EXPECT_EQ(analytic_schedule(wasteful.product, InstructionSet::avx2), GemmSchedule{}) << "20 of 24 lanes";
  EXPECT_EQ(analytic_schedule(Operands(9, 540, 520, 0, 1).product, InstructionSet::plain), GemmSchedule{});
}

// Copies, blocks, turns and splits, drawn together with tiles.
GemmSchedule drawn(InstructionSet set, RandomStream& random) {
  const std::vector<TileShape> tiles = largest_tiles(set);
  const TileShape tile = tiles[random.below(tiles.size())];
  GemmSchedule schedule{.copy_a = static_cast<Copy>(random.below(4)),
                        .copy_b = static_cast<Copy>(random.below(3)),
                        .turn = static_cast<Turn>(random.below(3)),
                        .order = static_cast<TileOrder>(random.below(3)),
                        .split = static_cast<Split>(random.below(3)),
                        .block_rows = static_cast<std::uint32_t>(random.below(3) * 17),
                        .block_columns = static_cast<std::uint32_t>(random.below(3) * 33),
                        .block_steps = static_cast<std::uint32_t>(random.below(3) * 16)};
  if (random.below(4) != 0) {
    schedule.tile_rows = static_cast<std::uint16_t>(1 + random.below(tile.rows));
    schedule.tile_columns = static_cast<std::uint16_t>(tile.columns);
    schedule.fetch = static_cast<std::uint16_t>(random.below(3) * 4);
  }
  return schedule;
}

TEST(GemmSchedule, of_any_choices_equals_the_plain_loop) {
  const std::size_t sizes[][3] = {{1, 1, 1},   {1, 70, 40},  {5, 130, 33}, {33, 1, 20},  {40, 12, 50},
                                  {64, 64, 7}, {37, 91, 53}, {70, 48, 90}, {29, 200, 64}};
  RandomStream random(Key::from_seed(11));
  for (const auto& [m, n, k] : sizes) {
    for (const int form : {0, 1, 2, 3}) {
      const bool accumulate = random.below(2) == 0;
      const Operands operands(m, n, k, form, m + n + k);
      const std::vector<float> expected = operands.expected(accumulate);
      for (const InstructionSet set : supported_sets()) {
        for (int i = 0; i < 40; ++i) {
          const GemmSchedule schedule = drawn(set, random);
          const std::size_t parts = 1 + random.below(3);
          ASSERT_TRUE(same_bytes(operands.computed(accumulate, set, schedule, parts), expected))
              << m << "x" << k << "x" << n << " form " << form << " " << instruction_set_name(set) << " in "
              << parts << ": " << schedule_text(schedule);
        }
      }
    }
  }
}

TEST(GemmSchedule, that_the_set_lacks_is_the_default) {
  const GemmSchedule wide{.tile_rows = 200, .tile_columns = 48, .fetch = 8};
  const Operands operands(30, 40, 20, 0, 1);
  for (const InstructionSet set : supported_sets()) {
    EXPECT_FALSE(is_runnable(wide, set));
    EXPECT_TRUE(same_bytes(operands.computed(false, set, wide), operands.expected(false)));
  }
  EXPECT_TRUE(is_runnable({}, InstructionSet::plain));
  EXPECT_FALSE(is_runnable({.fetch = 8}, best_instruction_set())) << "nothing fetches without a tile";
}

TEST(GemmSchedule, text_gives_the_schedule_back) {
  RandomStream random(Key::from_seed(4));
  for (int i = 0; i < 200; ++i) {
    const GemmSchedule schedule = drawn(best_instruction_set(), random);
    const auto back = parse_schedule(schedule_text(schedule));
    ASSERT_TRUE(back.has_value()) << schedule_text(schedule);
    EXPECT_EQ(*back, schedule) << schedule_text(schedule);
  }
  EXPECT_EQ(schedule_text({}), "");
  EXPECT_EQ(schedule_text({.tile_rows = 8, .tile_columns = 48, .fetch = 8, .copy_b = Copy::yes}),
            "tile=8x48 b=copied fetch=8");
  EXPECT_EQ(schedule_in_words({.tile_rows = 8, .tile_columns = 48, .block_steps = 128}),
            "tiles of 8 x 48, blocks of 128 steps");
  EXPECT_EQ(schedule_in_words({}), "the default");
}

TEST(GemmSchedule, text_that_is_none_is_refused) {
  for (const char* const text : {"tile", "tile=", "tile=8", "tile=8x", "tile=0x32", "tile=8x48x1", "kc=-4",
                                 "kc=1e3", "b=turned", "a=", "order=up", "speed=11", "=", "tile=70000x32"})
    EXPECT_FALSE(parse_schedule(text).has_value()) << text;
}

TEST(GemmShape, text_gives_the_shape_back) {
  const GemmShape shape{.m = 128, .n = 256, .k = 784, .b = GemmShape::Form::columns};
  EXPECT_EQ(shape_text(shape), "128x784x256 NT");
  EXPECT_EQ(parse_shape("128x784x256 NT"), shape);
  EXPECT_EQ(parse_shape(" 8x4x2 "), (GemmShape{.m = 8, .n = 2, .k = 4}));
  for (const char* const text : {"", "8", "8x4", "8x4x0", "8x4x2x1", "8x4x2 NX", "8x4x2 XN", "-8x4x2",
                                 "8x4x2097152", "axbxc", "8 x 4 x 2"})
    EXPECT_FALSE(parse_shape(text).has_value()) << text;
}

TEST(GemmShape, of_a_product_tells_how_operands_lie) {
  const Gemm product{.m = 2, .n = 3, .k = 4, .a_row = 1, .a_column = 2, .b_row = 6, .b_column = 2};
  EXPECT_EQ(shape_text(shape_of(product)), "2x4x3 TX");
}

TEST(GemmPart, splits_the_way_it_is_told) {
  const Operands operands(64, 64, 8, 0, 1);
  Gemm whole = operands.product;
  EXPECT_EQ(gemm_part(whole, 2, 0, Split::rows).m, 32U);
  EXPECT_EQ(gemm_part(whole, 2, 0, Split::columns).n, 32U);
}

}  // namespace
}  // namespace astrolabe
