// SPDX-License-Identifier: Apache-2.0
// Tables that the program draws itself, so that a benchmark needs nothing installed: each a small question of
// its own kind.
//
//   const BenchTable& moons = *find_bench_table("moons");
//   Table table = moons.draw(2'400, Key::from_seed(1));      // columns x1, x2 and the target "y"
//
// The same key and rows give the same cells. To add one: a function here that draws it, and a row of the
// table below it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "astrolabe/base/random.h"
#include "astrolabe/data/table.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {

inline constexpr std::string_view kBenchTarget = "y";
inline constexpr std::string_view kBenchPositive = "yes";  // of two classes

struct BenchTable {
  std::string_view name;  // "moons"
  std::string_view doc;   // one sentence
  TaskKind kind = TaskKind::binary;
  std::string_view metric;  // what it is judged by unless a suite says otherwise
  std::size_t rows = 0;     // to train on, unless a suite says otherwise
  Table (*draw)(std::size_t rows, Key key);
};

// In the order in which people should see them.
[[nodiscard]] std::span<const BenchTable> bench_tables();
[[nodiscard]] const BenchTable* find_bench_table(std::string_view name);  // null when there is none

}  // namespace astrolabe
