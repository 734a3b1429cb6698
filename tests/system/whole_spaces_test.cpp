// SPDX-License-Identifier: Apache-2.0
// The enumerable spaces of the literature, whole: how many functions they really hold.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "tests/system/draft_space.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "astrolabe/base/text.h"
#include "astrolabe/system/equivalence.h"

namespace astrolabe {
namespace {

using testing::DraftSpace;

struct Count {
  std::size_t texts = 0, functions = 0, sound = 0;
};

Count count_of(std::string_view name, Vocabulary slot, const std::vector<std::string>& texts) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<FunctionKey> keys = function_keys(slot, texts);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::set<std::string> functions, sound;
  for (const FunctionKey& key : keys) {
    functions.insert(key.key);
    if (!key.fault) sound.insert(key.key);
  }
  fmt::print("{}: {} texts, {} functions, {} of them worth training; {} texts a second\n", name,
             format_count(texts.size()), format_count(functions.size()), format_count(sound.size()),
             format_count(static_cast<std::uint64_t>(static_cast<double>(texts.size()) / seconds)));
  return {texts.size(), functions.size(), sound.size()};
}

TEST(WholeSpaces, of_activations_hold_less_functions_than_texts) {
  const Count count = count_of("ramachandran(1)", Vocabulary::activation,
                               DraftSpace("activation", "ramachandran", 1).texts());
  EXPECT_EQ(count.texts, 6250);
  EXPECT_EQ(count.functions, 4081);  // docs/spaces.md says so
  EXPECT_EQ(count.functions, find_space("activation", "ramachandran")->functions);
  EXPECT_EQ(count.sound, 3681);
}

// The texts that share a key, one list per key.
std::map<std::string, std::vector<std::string>> groups_of(Vocabulary slot,
                                                          std::span<const std::string> texts) {
  const std::vector<FunctionKey> keys = function_keys(slot, texts);
  std::map<std::string, std::vector<std::string>> groups;
  for (std::size_t i = 0; i < texts.size(); ++i) groups[keys[i].key].push_back(texts[i]);
  return groups;
}

bool are_alike(double a, double b) {
  constexpr double kMost = std::numeric_limits<float>::max();
  if (!(std::abs(a) <= kMost) || !(std::abs(b) <= kMost))
    return !(std::abs(a) <= kMost) == !(std::abs(b) <= kMost);
  return std::abs(a - b) <= 1e-6 * std::max({std::abs(a), std::abs(b), 1e-9});
}

TEST(WholeSpaces, of_activations_join_only_what_agrees_elsewhere_too) {
  std::size_t joined = 0;
  for (const auto& [key, texts] :
       groups_of(Vocabulary::activation, DraftSpace("activation", "ramachandran", 1).texts())) {
    const Expression first = parse_expression(Vocabulary::activation, texts[0]);
    for (const std::string& text : std::span(texts).subspan(1)) {
      const Expression other = parse_expression(Vocabulary::activation, text);
      ++joined;
      for (const double x : {-3.7, -0.011, 0.37, 4.9})
        EXPECT_TRUE(are_alike(evaluate_expression(first, {{"x", x}}), evaluate_expression(other, {{"x", x}})))
            << texts[0] << " and " << text << " at " << x;
    }
  }
  EXPECT_GT(joined, 1000);
}

// Of those without memory, which can be asked at any point: all of a group are multiples of one another.
TEST(WholeSpaces, of_optimizers_join_only_what_agrees_elsewhere_too) {
  const std::vector<std::string> all = DraftSpace("optimizer", "bello", 1).texts();
  std::vector<std::string> some;
  for (std::size_t i = 0; i < all.size(); i += 17)
    if (all[i].find("ema") == std::string::npos) some.push_back(all[i]);
  std::size_t joined = 0;
  for (const auto& [key, texts] : groups_of(Vocabulary::optimizer, some)) {
    const Expression first = parse_expression(Vocabulary::optimizer, texts[0]);
    for (const std::string& text : std::span(texts).subspan(1, std::min<std::size_t>(texts.size() - 1, 3))) {
      const Expression other = parse_expression(Vocabulary::optimizer, text);
      ++joined;
      std::optional<double> ratio;
      for (const auto& [g, w] : {std::pair{0.13, -0.7}, {-0.0042, 0.3}, {3e-5, 1.2}, {-4.4, -0.02}}) {
        const auto value = [&](const Expression& expression) {
          return evaluate_expression(expression, {{"g", g}, {"w", w}, {"lr", 0.3}, {"k", 4}, {"t", 0.2}});
        };
        const double a = value(first), b = value(other);
        if (!(std::abs(a) <= 3e38) || !(std::abs(b) <= 3e38) || a == 0) continue;
        if (!ratio) ratio = b / a;
        EXPECT_TRUE(are_alike(b, *ratio * a)) << texts[0] << " and " << text << " at g = " << g;
      }
    }
  }
  EXPECT_GT(joined, 500);
}

TEST(WholeSpaces, of_optimizers_hold_less_functions_than_texts) {
  const Count count =
      count_of("bello(1)", Vocabulary::optimizer, DraftSpace("optimizer", "bello", 1).texts());
  EXPECT_EQ(count.texts, 249'696);
  EXPECT_EQ(count.functions, 92'085);
  EXPECT_EQ(count.functions, find_space("optimizer", "bello")->functions);
  EXPECT_EQ(count.sound, 28'073);
}

TEST(WholeSpaces, of_losses_hold_less_functions_than_texts) {
  const Count count = count_of("glo(3)", Vocabulary::loss, DraftSpace("loss", "glo", 3).texts());
  EXPECT_EQ(count.texts, 25'844);
  EXPECT_EQ(count.functions, 609);
  EXPECT_EQ(count.sound, 235);
}

TEST(WholeSpaces, of_decays_hold_one_function_twice) {
  // The cosine of half a period is one piece of a restart.
  const Count count = count_of("decays", Vocabulary::schedule, DraftSpace("schedule", "decays", 0).texts());
  EXPECT_EQ(count.texts, 14);
  EXPECT_EQ(count.functions, 13);
  EXPECT_EQ(count.functions, find_space("schedule", "decays")->functions);
  EXPECT_EQ(count.sound, 13);
}

}  // namespace
}  // namespace astrolabe
