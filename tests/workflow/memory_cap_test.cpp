// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/memory_cap.h"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "astrolabe/train/step_memory.h"

namespace astrolabe {
namespace {

Table table_of(std::size_t rows) {
  Column column;
  column.name = "x";
  column.numbers.resize(rows);
  return Table({column});
}

TEST(MemoryCap, keeps_everything_that_fits) {
  EXPECT_FALSE(rows_within_memory(table_of(10'000), 1, {}, 3'000'000, 0, Key::from_seed(1)).has_value());
}

TEST(MemoryCap, keeps_the_share_of_rows_that_fits) {
  const auto rows = rows_within_memory(table_of(10'000), 1, {}, 1'360'000, 100'000, Key::from_seed(1));
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ(rows->size(), 5'000U);
  EXPECT_TRUE(std::is_sorted(rows->begin(), rows->end()));
  EXPECT_EQ(std::adjacent_find(rows->begin(), rows->end()), rows->end());
}

TEST(MemoryCap, never_keeps_fewer_than_five_hundred_rows) {
  EXPECT_EQ(rows_within_memory(table_of(10'000), 1, {}, 1, 100, Key::from_seed(1))->size(), 500U);
  EXPECT_FALSE(rows_within_memory(table_of(400), 1, {}, 1, 100, Key::from_seed(1)).has_value());
}

TEST(MemoryCap, counts_the_predictions_of_many_classes) {
  EXPECT_GT(working_memory(table_of(1'000), 300), 60U * 1'000 * 300);
  const auto rows = rows_within_memory(table_of(10'000), 300, {}, 50'000'000, 0, Key::from_seed(1));
  ASSERT_TRUE(rows.has_value());
  EXPECT_LT(rows->size(), 1'000U);
}

TEST(MemoryCap, counts_pixels_as_cells_or_as_bytes) {
  Column pictures;
  pictures.name = "image";
  pictures.type = ColumnType::image;
  pictures.pixels = {.shape = {28, 28, 1}, .bytes = std::vector<std::uint8_t>(784 * 100)};
  const Table table({pictures});
  EXPECT_GT(working_memory(table, 1), 28U * 784 * 100);
  EXPECT_GE(working_memory(table, 1, {.pictures_as_bytes = true}), 784U * 100);
  EXPECT_LT(working_memory(table, 1, {.pictures_as_bytes = true}), 5U * 784 * 100 + 100'000);
}

constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20U;
constexpr FitsOfRun kNets{.has_nets = true};

TEST(MemoryCap, lets_fits_go_by_all_of_a_limit_that_leaves_them_enough) {
  EXPECT_EQ(limit_of_fits(table_of(1'000), kNets, 28'000, 1024 * kMegabyte), 1024 * kMegabyte);
  constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(limit_of_fits(table_of(1'000), kNets, 28'000, kNone), kNone);
}

TEST(MemoryCap, lets_steps_compute_again_before_rows_are_left_out) {
  const std::uint64_t limit = 300 * kMegabyte;
  const std::uint64_t fits = limit_of_fits(table_of(1'000), kNets, 160 * kMegabyte, limit);
  EXPECT_LT(arena_within(fits), arena_within(limit));
  EXPECT_NEAR(static_cast<double>(arena_within(fits)), 30.0 * kMegabyte, 1.0 * kMegabyte);
  EXPECT_GE(arena_within(limit_of_fits(table_of(1'000), kNets, limit, limit)), 8 * kMegabyte)
      << "what a step needs";
}

TEST(MemoryCap, lets_a_step_of_pictures_take_what_is_left) {
  constexpr FitsOfRun kPictures{.has_nets = true, .pictures_as_bytes = true};
  const std::uint64_t limit = 300 * kMegabyte;
  const std::uint64_t fits = limit_of_fits(table_of(1'000), kPictures, 80 * kMegabyte, limit);
  EXPECT_GT(arena_within(fits), arena_within(limit));
  EXPECT_LT(arena_within(fits), limit - 180 * kMegabyte);
}

TEST(MemoryCap, counts_the_compiler_of_nets_unless_other_learners_take_as_much) {
  EXPECT_EQ(memory_of_nets(table_of(1'000), {}), 0U);
  EXPECT_GT(memory_of_nets(table_of(1'000), kNets), 50 * kMegabyte);
  EXPECT_EQ(memory_of_nets(table_of(10'000'000), kNets), 0U);
}

TEST(MemoryCap, counts_the_systems_that_may_be_kept) {
  EXPECT_LT(working_memory(table_of(1'000), 10, {.systems = 2}), working_memory(table_of(1'000), 10) / 2);
}

TEST(MemoryCap, leaves_the_program_its_own) {
  EXPECT_EQ(memory_for_table(1), 0U);
  EXPECT_LT(memory_for_table(1'000'000'000), 1'000'000'000U);
}

TEST(MemoryCap, chooses_the_same_rows_for_the_same_key) {
  const auto choose = [](std::uint64_t seed) {
    return rows_within_memory(table_of(10'000), 1, {}, 1'000'000, 0, Key::from_seed(seed));
  };
  EXPECT_EQ(choose(1), choose(1));
  EXPECT_NE(choose(1), choose(2));
}

}  // namespace
}  // namespace astrolabe
