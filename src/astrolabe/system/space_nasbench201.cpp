// SPDX-License-Identifier: Apache-2.0
// Source: Dong and Yang, "NAS-Bench-201: extending the scope of reproducible neural architecture search",
// ICLR 2020: a cell of 4 nodes, an operation on each of the 6 edges from an earlier node j to a later one.
// The paper's nets have three stages of five such cells.
#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/system/named_spaces.h"

namespace astrolabe {
namespace {

constexpr std::size_t kNodes = 4;

const std::vector<std::string>& operations() {
  static const std::vector<std::string> all{"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3",
                                            "avg_pool_3x3"};
  return all;
}

}  // namespace

WrittenSpace write_nasbench201(const SpaceWriter& slot, const SpaceContext& /*context*/, int cells) {
  std::vector<PointText> edges;
  for (std::size_t to = 1; to < kNodes; ++to)
    for (std::size_t from = 0; from < to; ++from)
      edges.push_back(slot.choice(fmt::format("{}-{}", from, to), operations(), 3).text);
  WrittenSpace space;
  space.text = [edges, cells](const Point& point) {
    std::string text;
    std::size_t edge = 0;
    for (std::size_t to = 1; to < kNodes; ++to) {
      text += to == 1 ? "|" : "+|";
      for (std::size_t from = 0; from < to; ++from) text += fmt::format("{}~{}|", edges[edge++](point), from);
    }
    return cells > 1 ? fmt::format("{}x{}", text, cells) : text;
  };
  space.members.push_back({"all convolutions", {}});
  return space;
}

std::string grammar_of_nasbench201(int cells) {
  return fmt::format("|o~0|+|o~0|o~1|+|o~0|o~1|o~2|{}\n  o  one of {}\n",
                     cells > 1 ? fmt::format("x{}", cells) : "", join(operations(), ", "));
}

}  // namespace astrolabe
