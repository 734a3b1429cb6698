// SPDX-License-Identifier: Apache-2.0
// Every path gives the bytes of the plain loop, for any cut.
#include "astrolabe/gemm/convolution.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

constexpr float kGuard = -12345.678F;
constexpr std::size_t kGuards = 40;

std::vector<float> random_values(std::size_t count, std::uint64_t child) {
  RandomStream stream(Key::from_seed(9).split(child));
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(stream.uniform() * 2 - 1);
  return values;
}

// What is convolved; `oh` and `ow` follow from the zeros behind.
Convolution windows(std::array<std::size_t, 4> pictures, std::array<std::size_t, 3> filters,
                    std::array<std::size_t, 2> stride = {1, 1}, std::array<std::size_t, 2> before = {0, 0},
                    std::array<std::size_t, 2> behind = {0, 0}) {
  return {.n = pictures[0],
          .h = pictures[1],
          .w = pictures[2],
          .c = pictures[3],
          .kh = filters[0],
          .kw = filters[1],
          .f = filters[2],
          .oh = (before[0] + pictures[1] + behind[0] - filters[0]) / stride[0] + 1,
          .ow = (before[1] + pictures[2] + behind[1] - filters[1]) / stride[1] + 1,
          .stride = stride,
          .before = before};
}

const std::vector<Convolution>& cases() {
  static const std::vector<Convolution> all = {
      windows({1, 1, 1, 1}, {1, 1, 1}),
      windows({2, 28, 28, 1}, {3, 3, 16}, {1, 1}, {1, 1}, {1, 1}),
      windows({3, 14, 14, 16}, {3, 3, 32}, {1, 1}, {1, 1}, {1, 1}),
      windows({2, 8, 8, 64}, {3, 3, 64}, {1, 1}, {1, 1}, {1, 1}),
      windows({2, 16, 16, 16}, {3, 3, 16}, {1, 1}, {1, 1}, {1, 1}),
      windows({2, 16, 16, 32}, {3, 3, 32}, {1, 1}, {1, 1}, {1, 1}),
      windows({2, 10, 10, 33}, {3, 3, 48}, {1, 1}, {1, 1}, {1, 1}),
      windows({2, 6, 6, 66}, {3, 3, 64}, {1, 1}, {1, 1}, {1, 1}),
      windows({2, 9, 11, 5}, {3, 3, 37}, {1, 1}, {1, 1}, {1, 1}),
      windows({2, 10, 9, 3}, {3, 2, 7}, {2, 2}, {1, 0}, {0, 1}),
      windows({2, 16, 16, 16}, {3, 3, 33}, {2, 2}, {0, 1}, {1, 0}),
      windows({2, 12, 12, 20}, {1, 1, 40}),
      windows({2, 12, 13, 6}, {1, 1, 18}, {2, 3}),
      windows({1, 5, 4, 1}, {4, 3, 2}, {1, 3}, {2, 5}, {3, 4}),
      windows({2, 9, 8, 2}, {2, 3, 2}, {4, 5}, {0, 1}),
      windows({1, 40, 70, 9}, {5, 7, 19}, {1, 1}, {2, 3}, {2, 3}),
      windows({1, 6, 6, 130}, {5, 5, 70}, {1, 1}, {2, 2}, {2, 2}),
      windows({3, 7, 7, 2}, {7, 7, 66}),
  };
  return all;
}

struct Operands {
  explicit Operands(const Convolution& how)
      : pictures(random_values(how.n * how.h * how.w * how.c, 1)),
        filters(random_values(how.kh * how.kw * how.c * how.f, 2)),
        answers(random_values(how.n * how.oh * how.ow * how.f, 3)) {}
  std::vector<float> pictures, filters, answers;
};

// ---- The contract as loops.

std::ptrdiff_t signed_of(std::size_t size) {
  return static_cast<std::ptrdiff_t>(size);
}

float at(const std::vector<float>& all, std::array<std::size_t, 3> shape, std::size_t n, std::ptrdiff_t y,
         std::ptrdiff_t x, std::size_t c) {
  const auto [h, w, channels] = shape;
  if (y < 0 || x < 0 || y >= signed_of(h) || x >= signed_of(w)) return 0;
  return all[((n * h + static_cast<std::size_t>(y)) * w + static_cast<std::size_t>(x)) * channels + c];
}

std::vector<float> plain_convolve(const Convolution& s, const Operands& o) {
  std::vector<float> result(o.answers.size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::size_t f = i % s.f, x = i / s.f % s.ow, y = i / s.f / s.ow % s.oh, n = i / s.f / s.ow / s.oh;
    for (std::size_t k = 0; k < s.kh * s.kw * s.c; ++k) {
      const std::size_t c = k % s.c, kw = k / s.c % s.kw, kh = k / s.c / s.kw;
      result[i] = std::fma(
          at(o.pictures, {s.h, s.w, s.c}, n, signed_of(y * s.stride[0] + kh) - signed_of(s.before[0]),
             signed_of(x * s.stride[1] + kw) - signed_of(s.before[1]), c),
          o.filters[k * s.f + f], result[i]);
    }
  }
  return result;
}

std::vector<float> plain_convolve_input(const Convolution& s, const Operands& o) {
  std::vector<float> result(o.pictures.size());
  const std::ptrdiff_t down = signed_of(s.stride[0]), across = signed_of(s.stride[1]);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::size_t c = i % s.c, n = i / s.c / s.w / s.h;
    const std::ptrdiff_t row = signed_of(i / s.c / s.w % s.h + s.before[0]);
    const std::ptrdiff_t column = signed_of(i / s.c % s.w + s.before[1]);
    for (std::ptrdiff_t y = -signed_of(s.kh); y * down <= row; ++y) {
      for (std::ptrdiff_t x = -signed_of(s.kw); x * across <= column; ++x) {
        const std::ptrdiff_t kh = row - y * down, kw = column - x * across;
        if (kh >= signed_of(s.kh) || kw >= signed_of(s.kw)) continue;
        const std::size_t tap = static_cast<std::size_t>(kh) * s.kw + static_cast<std::size_t>(kw);
        for (std::size_t f = 0; f < s.f; ++f)
          result[i] = std::fma(at(o.answers, {s.oh, s.ow, s.f}, n, y, x, f),
                               o.filters[(tap * s.c + c) * s.f + f], result[i]);
      }
    }
  }
  return result;
}

std::vector<float> plain_convolve_filters(const Convolution& s, const Operands& o) {
  std::vector<float> result(o.filters.size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::size_t f = i % s.f, c = i / s.f % s.c, kw = i / s.f / s.c % s.kw, kh = i / s.f / s.c / s.kw;
    for (std::size_t p = 0; p < s.n * s.oh * s.ow; ++p) {
      const std::size_t x = p % s.ow, y = p / s.ow % s.oh, n = p / s.ow / s.oh;
      result[i] = std::fma(
          at(o.pictures, {s.h, s.w, s.c}, n, signed_of(y * s.stride[0] + kh) - signed_of(s.before[0]),
             signed_of(x * s.stride[1] + kw) - signed_of(s.before[1]), c),
          o.answers[p * s.f + f], result[i]);
    }
  }
  return result;
}

// ---- The paths.

using Run = void (*)(const Convolution&, const ConvolutionCall&, InstructionSet, GemmScratch&,
                     const ConvolveSchedule&);

// All parts, in `cuts` calls, into memory with guards behind it.
void expect_equal(const Convolution& how, const std::vector<float>& a, const std::vector<float>& b, Run run,
                  std::size_t parts, const std::vector<float>& expected, const std::string& name) {
  for (const auto set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!is_supported(set)) continue;
    for (const std::size_t cuts : {1U, 2U, 7U}) {
      std::vector<float> result(expected.size() + kGuards, kGuard);
      GemmScratch scratch;
      for (std::size_t i = 0; i < cuts; ++i)
        run(how, {a.data(), b.data(), result.data(), parts * i / cuts, parts * (i + 1) / cuts}, set, scratch,
            {});
      const std::string where =
          fmt::format("{} of [{}, {}, {}, {}] by [{}, {}, .., {}], {} in {}", name, how.n, how.h, how.w,
                      how.c, how.kh, how.kw, how.f, instruction_set_name(set), cuts);
      EXPECT_EQ(std::memcmp(result.data(), expected.data(), expected.size() * sizeof(float)), 0) << where;
      EXPECT_EQ(std::vector<float>(result.end() - kGuards, result.end()), std::vector<float>(kGuards, kGuard))
          << where;
    }
  }
}

TEST(Convolution, gives_the_bytes_of_the_plain_loop_for_any_cut) {
  for (const Convolution& how : cases()) {
    const Operands o(how);
    expect_equal(how, o.pictures, o.filters, convolve, convolve_parts(how), plain_convolve(how, o),
                 "convolve");
  }
}

TEST(Convolution, pulled_back_to_pictures_gives_the_bytes_of_the_plain_loop_for_any_cut) {
  for (const Convolution& how : cases()) {
    const Operands o(how);
    expect_equal(how, o.answers, o.filters, convolve_input, convolve_input_parts(how),
                 plain_convolve_input(how, o), "convolve_input");
  }
}

TEST(Convolution, pulled_back_to_filters_gives_the_bytes_of_the_plain_loop_for_any_cut) {
  for (const Convolution& how : cases()) {
    const Operands o(how);
    expect_equal(how, o.pictures, o.answers, convolve_filters, convolve_filters_parts(how),
                 plain_convolve_filters(how, o), "convolve_filters");
  }
}

TEST(Convolution, pulled_back_to_filters_goes_on_where_the_pictures_before_ended) {
  for (Convolution how : cases()) {
    const Operands o(how);
    const std::vector<float> expected = plain_convolve_filters(how, o);
    for (const auto set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512}) {
      if (!is_supported(set)) continue;
      std::vector<float> result(expected.size(), kGuard);
      GemmScratch scratch;
      const std::size_t all = o.pictures.size() / (how.h * how.w * how.c);
      how.n = 1;
      for (std::size_t i = 0; i < all; ++i)
        convolve_filters(how,
                         {.a = o.pictures.data() + i * how.h * how.w * how.c,
                          .b = o.answers.data() + i * how.oh * how.ow * how.f,
                          .result = result.data(),
                          .begin = 0,
                          .end = convolve_filters_parts(how),
                          .accumulate = i != 0},
                         set, scratch);
      EXPECT_EQ(std::memcmp(result.data(), expected.data(), expected.size() * sizeof(float)), 0)
          << instruction_set_name(set) << ", " << how.c << " channels to " << how.f;
    }
  }
}

// Any choices together, those that a direction or a set does not know among them.
ConvolveSchedule drawn(InstructionSet set, RandomStream& random) {
  const std::vector<TileShape> tiles = largest_tiles(set);
  const TileShape tile = tiles[random.below(tiles.size())];
  ConvolveSchedule schedule{.band = static_cast<std::uint16_t>(random.below(3) * random.below(5)),
                            .filters = static_cast<Copy>(random.below(3)),
                            .windows = static_cast<Windows>(random.below(4)),
                            .runs = static_cast<Runs>(random.below(4)),
                            .order = static_cast<TileOrder>(random.below(3)),
                            .ahead = static_cast<Ahead>(random.below(3))};
  if (random.below(2) == 0) return schedule;
  schedule.tile_rows = static_cast<std::uint16_t>(1 + random.below(tile.rows));
  schedule.tile_columns = static_cast<std::uint16_t>(tile.columns);
  schedule.fetch = static_cast<std::uint16_t>(random.below(2) * 8);
  return schedule;
}

// Schedules of one direction, each in one cut or two, on some set; memory is used again.
void expect_equal_by_any_schedule(const Convolution& how, const std::vector<float>& a,
                                  const std::vector<float>& b, Run run, std::size_t parts,
                                  const std::vector<float>& expected, RandomStream& random) {
  GemmScratch scratch;
  for (int i = 0; i < 30; ++i) {
    const auto set = static_cast<InstructionSet>(i == 0 ? 0 : 1 + random.below(2));
    if (!is_supported(set)) continue;
    const ConvolveSchedule schedule = drawn(set, random);
    const std::size_t middle = random.below(2) * random.below(parts);
    std::vector<float> result(expected.size() + kGuards, kGuard);
    run(how, {a.data(), b.data(), result.data(), 0, middle}, set, scratch, schedule);
    run(how, {a.data(), b.data(), result.data(), middle, parts}, set, scratch, schedule);
    const std::string where =
        fmt::format("[{}, {}, {}, {}] by [{}, {}, .., {}], {}, {}", how.n, how.h, how.w, how.c, how.kh,
                    how.kw, how.f, instruction_set_name(set), convolve_schedule_text(schedule));
    ASSERT_EQ(std::memcmp(result.data(), expected.data(), expected.size() * sizeof(float)), 0) << where;
    ASSERT_EQ(std::vector<float>(result.end() - kGuards, result.end()), std::vector<float>(kGuards, kGuard))
        << where;
  }
}

TEST(ConvolveSchedule, of_any_choices_gives_the_bytes_of_the_plain_loop) {
  RandomStream random(Key::from_seed(12));
  for (const Convolution& how : cases()) {
    const Operands o(how);
    expect_equal_by_any_schedule(how, o.pictures, o.filters, convolve, convolve_parts(how),
                                 plain_convolve(how, o), random);
    expect_equal_by_any_schedule(how, o.answers, o.filters, convolve_input, convolve_input_parts(how),
                                 plain_convolve_input(how, o), random);
    expect_equal_by_any_schedule(how, o.pictures, o.answers, convolve_filters, convolve_filters_parts(how),
                                 plain_convolve_filters(how, o), random);
  }
}

TEST(ConvolveSchedule, text_gives_the_schedule_back) {
  RandomStream random(Key::from_seed(4));
  for (int i = 0; i < 200; ++i) {
    const ConvolveSchedule schedule = drawn(best_instruction_set(), random);
    EXPECT_EQ(parse_convolve_schedule(convolve_schedule_text(schedule)), schedule)
        << convolve_schedule_text(schedule);
  }
  EXPECT_EQ(convolve_schedule_text({}), "");
  EXPECT_EQ(convolve_schedule_text({.band = 4, .tile_rows = 9, .tile_columns = 48, .runs = Runs::rows}),
            "band=4 tile=9x48 runs=rows");
  EXPECT_EQ(convolve_schedule_in_words({}), "the default");
  EXPECT_EQ(convolve_schedule_in_words({.band = 4, .windows = Windows::copied}),
            "bands of 4 rows, bands copied");
  for (const char* const text : {"band", "band=0", "band=-1", "tile=9", "filters=turned", "windows=up",
                                 "runs=automatic", "mc=4", "=", "band=70000"})
    EXPECT_FALSE(parse_convolve_schedule(text).has_value()) << text;
}

TEST(ConvolveSchedule, that_the_set_lacks_is_told) {
  EXPECT_FALSE(is_runnable(ConvolveSchedule{.tile_rows = 200, .tile_columns = 48}, best_instruction_set()));
  EXPECT_FALSE(is_runnable(ConvolveSchedule{.fetch = 8}, best_instruction_set())) << "fetched without a tile";
  EXPECT_TRUE(is_runnable(ConvolveSchedule{.band = 3}, InstructionSet::plain));
}

TEST(Convolution, of_no_pictures_has_filters_without_slope) {
  Convolution how = windows({1, 4, 4, 2}, {3, 3, 5});
  how.n = 0;
  std::vector<float> result(convolve_filters_parts(how) * how.f, kGuard);
  GemmScratch scratch;
  convolve_filters(how, {nullptr, nullptr, result.data(), 0, convolve_filters_parts(how)},
                   best_instruction_set(), scratch);
  EXPECT_EQ(result, std::vector<float>(result.size(), 0.0F));
}

}  // namespace
}  // namespace astrolabe
