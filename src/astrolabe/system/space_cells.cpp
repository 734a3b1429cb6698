// SPDX-License-Identifier: Apache-2.0
// Our own space of nets for tables, in the words of train/architecture.h: up to n blocks, each a dense layer
// of some width or a residual block of the width before it. Gorishniy and others (NeurIPS 2021) search depth
// and width of such nets; widths are powers of 2 here.
#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/system/named_spaces.h"

namespace astrolabe {
namespace {

const std::vector<std::string>& widths() {
  static const std::vector<std::string> all{"16", "32", "64", "128", "256", "512"};
  return all;
}
constexpr std::size_t kUsualWidth = 3;  // 128

std::vector<std::string> widths_and_residual() {
  std::vector<std::string> all = widths();
  all.emplace_back("res");
  return all;
}

}  // namespace

WrittenSpace write_cells(const SpaceWriter& slot, const SpaceContext& /*context*/, int blocks) {
  std::vector<std::string> counts = {"0"};
  for (int i = 1; i <= blocks; ++i) counts.push_back(std::to_string(i));
  const WrittenChoice depth =
      slot.choice("blocks", counts, std::min<std::size_t>(2, static_cast<std::size_t>(blocks)));
  std::vector<PointText> written;
  for (std::size_t i = 1; i < counts.size(); ++i) {
    std::vector<std::size_t> deep_enough;
    for (std::size_t option = i; option < counts.size(); ++option) deep_enough.push_back(option);
    const SpaceWriter at = slot.while_option(depth.dimension, deep_enough);
    written.push_back(at.choice(counts[i], i == 1 ? widths() : widths_and_residual(), kUsualWidth).text);
  }
  WrittenSpace space;
  space.text = [depth = depth.dimension, written](const Point& point) -> std::string {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < static_cast<std::size_t>(point.values[depth]); ++i)
      texts.push_back(written[i](point));
    return texts.empty() ? "none" : join(texts, "-");
  };
  space.members.push_back({"linear", slot.assignment({{"blocks", "0"}})});
  if (blocks >= 2) {
    space.members.push_back({"two layers", slot.assignment({{"blocks", "2"}, {"1", "128"}, {"2", "128"}})});
    space.members.push_back({"residual", slot.assignment({{"blocks", "2"}, {"1", "128"}, {"2", "res"}})});
  }
  return space;
}

std::string grammar_of_cells(int blocks) {
  return fmt::format("0 to {} blocks\n  the first  a layer of {}\n  the others  such a layer, or res\n",
                     blocks, join(widths(), ", "));
}

}  // namespace astrolabe
