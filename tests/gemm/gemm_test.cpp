// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/gemm/gemm.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

constexpr std::size_t kGap = 3;  // guard values between the rows of C
constexpr float kGuard = -12345.678F;

std::vector<InstructionSet> supported_sets() {
  std::vector<InstructionSet> sets;
  for (const auto set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512})
    if (is_supported(set)) sets.push_back(set);
  return sets;
}

std::vector<float> random_values(std::size_t count, std::uint64_t child) {
  RandomStream stream(Key::from_seed(3).split(child));
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(stream.uniform() * 2 - 1);
  return values;
}

// Operands of one product, stored in one of the forms NN, TN, NT, TT, or with gaps between all elements.
struct Operands {
  Operands(std::size_t m, std::size_t n, std::size_t k, bool a_turned, bool b_turned, std::ptrdiff_t step = 1)
      : a(random_values(m * k * static_cast<std::size_t>(step) + 1, 1)),
        b(random_values(n * k * static_cast<std::size_t>(step) + 1, 2)),
        start(random_values(m * n, 3)) {
    const auto rows = static_cast<std::ptrdiff_t>(m) * step;
    const auto columns = static_cast<std::ptrdiff_t>(n) * step;
    const auto steps = static_cast<std::ptrdiff_t>(k) * step;
    product = {.m = m,
               .n = n,
               .k = k,
               .a = a.data(),
               .a_row = a_turned ? step : steps,
               .a_column = a_turned ? rows : step,
               .b = b.data(),
               .b_row = b_turned ? step : columns,
               .b_column = b_turned ? steps : step,
               .c_row = static_cast<std::ptrdiff_t>(n + kGap)};
  }

  // C with guards after every row; filled with `start`.
  [[nodiscard]] std::vector<float> fresh() const {
    std::vector<float> c(product.m * (product.n + kGap) + kGap, kGuard);
    for (std::size_t i = 0; i < product.m; ++i) {
      for (std::size_t j = 0; j < product.n; ++j) c[i * (product.n + kGap) + j] = start[i * product.n + j];
    }
    return c;
  }

  // The contract, word for word: one chain of fused multiply-adds for every element.
  [[nodiscard]] std::vector<float> expected(bool accumulate) const {
    std::vector<float> c = fresh();
    for (std::size_t i = 0; i < product.m; ++i) {
      for (std::size_t j = 0; j < product.n; ++j) {
        float& sum = c[i * (product.n + kGap) + j];
        if (!accumulate) sum = 0;
        for (std::size_t p = 0; p < product.k; ++p) {
          const float left = product.a[static_cast<std::ptrdiff_t>(i) * product.a_row +
                                       static_cast<std::ptrdiff_t>(p) * product.a_column];
          const float right = product.b[static_cast<std::ptrdiff_t>(p) * product.b_row +
                                        static_cast<std::ptrdiff_t>(j) * product.b_column];
          sum = std::fma(left, right, sum);
        }
      }
    }
    return c;
  }

  [[nodiscard]] std::vector<float> computed(bool accumulate, InstructionSet set,
                                            std::size_t parts = 1) const {
    std::vector<float> c = fresh();
    Gemm whole = product;
    whole.c = c.data();
    whole.accumulate = accumulate;
    for (std::size_t part = 0; part < parts; ++part) {
      GemmScratch scratch;
      gemm(parts == 1 ? whole : gemm_part(whole, parts, part), set, scratch);
    }
    return c;
  }

  std::vector<float> a, b, start;
  Gemm product;
};

bool same_bytes(const std::vector<float>& x, const std::vector<float>& y) {
  return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
}

// Every form, instruction set and split of one shape.
void expect_chains(std::size_t m, std::size_t n, std::size_t k, bool accumulate) {
  for (const int form : {0, 1, 2, 3}) {
    const Operands operands(m, n, k, (form & 1) != 0, (form & 2) != 0);
    const std::vector<float> expected = operands.expected(accumulate);
    for (const InstructionSet set : supported_sets()) {
      for (const std::size_t parts : {1, 2, 3}) {
        ASSERT_TRUE(same_bytes(operands.computed(accumulate, set, parts), expected))
            << fmt::format("m {} n {} k {} form {} accumulate {} set {} parts {}", m, n, k, form, accumulate,
                           instruction_set_name(set), parts);
      }
    }
  }
}

TEST(Gemm, of_small_shapes_equals_the_plain_chain) {
  for (const std::size_t m : {1, 2, 5, 6, 7, 14, 15, 29, 33}) {
    for (const std::size_t n : {1, 2, 4, 5, 8, 12, 15, 16, 17, 31, 33, 65}) {
      for (const std::size_t k : {1, 2, 7, 16, 33}) expect_chains(m, n, k, (m + n + k) % 2 == 0);
    }
  }
}

TEST(Gemm, of_every_tile_height_equals_the_plain_chain) {
  for (std::size_t m = 1; m <= 30; ++m) {
    for (const std::size_t n : {16, 32, 48, 130}) expect_chains(m, n, 9, m % 2 == 0);
    expect_chains(m, 35, 131, m % 2 == 1);  // more than a few steps: no wide tiles
  }
}

TEST(Gemm, of_blocks_equals_the_plain_chain) {
  expect_chains(130, 10, 128, false);
  expect_chains(470, 37, 40, true);     // several blocks of rows
  expect_chains(17, 300, 900, false);   // B is larger than what is read in place
  expect_chains(9, 45, 2100, true);     // several blocks of steps
  expect_chains(256, 40, 140, true);    // columns of A that would share the sets of a cache
  expect_chains(15, 530, 1030, false);  // several blocks of all
}

TEST(Gemm, of_operands_with_gaps_equals_the_plain_chain) {
  for (const int form : {0, 1, 2, 3}) {
    const Operands operands(37, 45, 21, (form & 1) != 0, (form & 2) != 0, 3);
    for (const InstructionSet set : supported_sets())
      EXPECT_TRUE(same_bytes(operands.computed(true, set), operands.expected(true))) << form;
  }
}

TEST(Gemm, reads_a_repeated_row_and_a_reversed_one) {
  Operands operands(20, 33, 12, false, false);
  operands.product.a_row = 0;
  operands.product.b = operands.b.data() + 11 * 33;
  operands.product.b_row = -33;
  for (const InstructionSet set : supported_sets())
    EXPECT_TRUE(same_bytes(operands.computed(false, set), operands.expected(false)));
}

TEST(Gemm, of_a_matrix_and_a_vector_writes_a_vector_in_place) {
  const Operands operands(75, 1, 19, false, false);
  const std::vector<float> expected = operands.expected(false);
  for (const InstructionSet set : supported_sets()) {
    std::vector<float> c(75 + kGap, kGuard);
    Gemm product = operands.product;
    product.c = c.data();
    product.c_row = 1;
    GemmScratch scratch;
    gemm(product, set, scratch);
    for (std::size_t i = 0; i < 75; ++i) EXPECT_EQ(c[i], expected[i * (1 + kGap)]);
    for (std::size_t i = 75; i < c.size(); ++i) EXPECT_EQ(c[i], kGuard);
  }
}

TEST(Gemm, of_no_steps_is_zero_or_what_was_there) {
  const Operands operands(5, 7, 0, false, false);
  for (const InstructionSet set : supported_sets()) {
    EXPECT_TRUE(same_bytes(operands.computed(true, set), operands.fresh()));
    EXPECT_TRUE(same_bytes(operands.computed(false, set), operands.expected(false)));
    EXPECT_EQ(operands.computed(false, set)[0], 0.0F);
  }
}

TEST(Gemm, of_no_rows_or_columns_writes_nothing) {
  for (const InstructionSet set : supported_sets()) {
    const Operands no_rows(0, 7, 4, false, false);
    EXPECT_TRUE(same_bytes(no_rows.computed(false, set, 2), no_rows.fresh()));
    const Operands no_columns(7, 0, 4, false, false);
    EXPECT_TRUE(same_bytes(no_columns.computed(false, set, 2), no_columns.fresh()));
  }
}

TEST(Gemm, keeps_infinities_and_nan_in_their_elements) {
  Operands operands(16, 40, 3, false, false);
  operands.a[3 * 3 + 1] = std::numeric_limits<float>::infinity();
  operands.b[0 * 40 + 33] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> expected = operands.expected(false);
  for (const InstructionSet set : supported_sets()) {
    const std::vector<float> c = operands.computed(false, set);
    for (std::size_t i = 0; i < c.size(); ++i) {
      if (std::isnan(expected[i]))
        EXPECT_TRUE(std::isnan(c[i]));
      else
        EXPECT_EQ(std::bit_cast<std::uint32_t>(c[i]), std::bit_cast<std::uint32_t>(expected[i]));
    }
  }
}

TEST(GemmPart, covers_every_element_once) {
  for (const std::size_t m : {1, 13, 14, 64, 200}) {
    for (const std::size_t n : {1, 31, 64, 65, 200}) {
      for (const std::size_t parts : {1, 2, 3, 5}) {
        for (const bool turned : {false, true}) {
          std::vector<int> seen(m * n, 0);
          std::vector<float> c(m * n);
          const Operands operands(m, n, 2, turned, turned);
          Gemm whole = operands.product;
          whole.c = c.data();
          whole.c_row = static_cast<std::ptrdiff_t>(n);
          for (std::size_t part = 0; part < parts; ++part) {
            const Gemm piece = gemm_part(whole, parts, part);
            const auto first = static_cast<std::size_t>(piece.c - c.data());
            for (std::size_t i = 0; i < piece.m; ++i) {
              for (std::size_t j = 0; j < piece.n; ++j) ++seen.at(first + i * n + j);
            }
          }
          EXPECT_EQ(seen, std::vector<int>(m * n, 1)) << m << " x " << n << " in " << parts;
        }
      }
    }
  }
}

TEST(GemmPart, halves_a_large_product_at_whole_tiles) {
  const Operands operands(280, 128, 4, false, false);
  const Gemm first = gemm_part(operands.product, 2, 0);
  EXPECT_TRUE(first.m == 140 || first.n == 64);
}

TEST(GemmScratch, grows_and_is_aligned) {
  GemmScratch scratch;
  float* const small = scratch.reserve(10);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(small) % 64, 0U);
  EXPECT_EQ(scratch.reserve(5), small);
  float* const large = scratch.reserve(100'000);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(large) % 64, 0U);
  large[99'999] = 1;
}

}  // namespace
}  // namespace astrolabe
