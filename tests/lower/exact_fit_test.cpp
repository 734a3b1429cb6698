// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/exact_fit.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "plan_oracles.h"
#include <gtest/gtest.h>

#include "astrolabe/lower/live_sections.h"

namespace astrolabe {
namespace {

using plan_oracles::buffers_with_a_gap;
using plan_oracles::expect_sound;
using plan_oracles::least_of_all_orders;
using plan_oracles::near_a_gap;
using plan_oracles::random_buffers;

TEST(LiveSections, are_the_largest_sets_that_live_together) {
  const std::vector<Lifetime> buffers = {{1, 0, 5}, {2, 2, 3}, {4, 3, 4}, {8, 5, 6}};
  const LiveSections sections = find_live_sections(buffers);
  EXPECT_EQ(sections.count, 3U);
  EXPECT_EQ(sections.bytes, (std::vector<std::size_t>{3, 5, 8}));
  EXPECT_EQ(sections.first, (std::vector<std::uint32_t>{0, 0, 1, 2}));
  EXPECT_EQ(sections.end, (std::vector<std::uint32_t>{2, 1, 2, 3}));
}

TEST(LiveSections, are_shared_by_those_who_share_time) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<Lifetime> buffers = random_buffers(seed, 30, {.times = 40, .width = 15});
    const LiveSections sections = find_live_sections(buffers);
    EXPECT_LE(sections.count, buffers.size());
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      EXPECT_LT(sections.first[i], sections.end[i]);
      for (std::size_t j = 0; j < buffers.size(); ++j)
        EXPECT_EQ(buffers[i].meets(buffers[j]),
                  sections.first[i] < sections.end[j] && sections.first[j] < sections.end[i]);
    }
  }
}

TEST(ExactFit, finds_a_plan_just_where_one_is) {
  std::size_t proofs = 0;
  for (std::uint64_t seed = 0; seed < 90; ++seed) {
    const std::vector<Lifetime> buffers =
        seed % 3 == 0 ? random_buffers(seed, 7, {.sizes = 6, .times = 8, .width = 7}) : near_a_gap(seed);
    const std::size_t least = least_of_all_orders(buffers);
    const FitSearch fits = search_fit(buffers, least, {});
    ASSERT_TRUE(fits.offsets) << "seed " << seed;
    expect_sound(buffers, *fits.offsets, least, 1);
    const FitSearch too_small = search_fit(buffers, least - 1, {});
    EXPECT_FALSE(too_small.offsets);
    EXPECT_TRUE(too_small.is_impossible) << "seed " << seed;
    proofs += too_small.steps > 0 ? 1U : 0U;
  }
  EXPECT_GE(proofs, 10U) << "proofs that took more than the sum of a section";
}

TEST(ExactFit, proves_that_what_lives_at_one_time_is_not_enough) {
  for (const std::vector<Lifetime>& buffers : buffers_with_a_gap()) {
    const std::size_t most_live = std::ranges::max(find_live_sections(buffers).bytes);
    EXPECT_TRUE(search_fit(buffers, most_live, {}).is_impossible);
    EXPECT_TRUE(search_fit(buffers, most_live + 1, {}).offsets);
  }
}

TEST(ExactFit, ends_with_its_steps) {
  const std::vector<Lifetime> buffers = random_buffers(2, 150, {.sizes = 100, .times = 60, .width = 40});
  const LiveSections sections = find_live_sections(buffers);
  const FitSearch search = search_fit(buffers, std::ranges::max(sections.bytes), {.most_steps = 1000});
  EXPECT_LE(search.steps, 1000U);
  EXPECT_FALSE(search.offsets.has_value() && search.is_impossible);
}

TEST(ExactFit, of_nothing_is_found) {
  const FitSearch search = search_fit({}, 0, {});
  ASSERT_TRUE(search.offsets);
  EXPECT_TRUE(search.offsets->empty());
}

std::vector<Lifetime> read_instance(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "id,lower,upper,size");
  std::vector<Lifetime> buffers;
  while (std::getline(file, line)) {
    std::ranges::replace(line, ',', ' ');
    std::istringstream cells(line);
    std::string id;
    Lifetime buffer;
    if (cells >> id >> buffer.lower >> buffer.upper >> buffer.bytes) buffers.push_back(buffer);
  }
  return buffers;
}

TEST(ExactFit, solves_the_hard_instances_of_minimalloc) {
  const char* data = std::getenv("ASTROLABE_DATA");
  if (data == nullptr) GTEST_SKIP() << "ASTROLABE_DATA is not set: the instances of MiniMalloc are missing";
  const std::filesystem::path folder = std::filesystem::path(data) / "minimalloc";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no folder minimalloc in ASTROLABE_DATA";
  constexpr std::size_t kCapacity = 1 << 20;
  for (const char* name : {"A", "C", "E", "G", "I", "K"}) {
    const std::vector<Lifetime> buffers = read_instance(folder / (std::string(name) + ".1048576.csv"));
    ASSERT_GT(buffers.size(), 100U) << name;
    const MemoryPlan greedy = plan_memory(buffers, {.alignment = 1});
    EXPECT_GT(greedy.bytes, kCapacity) << name << " is no hard instance";
    const MemoryPlan plan =
        plan_memory(buffers, {.alignment = 1, .capacity = kCapacity, .most_steps = 2'000'000});
    expect_sound(buffers, plan, 1);
    EXPECT_LE(plan.bytes, kCapacity) << name;
    EXPECT_LE(plan.steps, 100'000U) << name << ": about 0.2 s";
  }
}

}  // namespace
}  // namespace astrolabe
