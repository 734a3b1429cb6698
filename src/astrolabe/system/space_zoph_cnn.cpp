// SPDX-License-Identifier: Apache-2.0
// Source: Zoph and Le, "Neural architecture search with reinforcement learning", ICLR 2017, section 4.1: for
// each layer the height and width of its filters, how many, a stride, and which earlier layers it reads.
// There a layer may read any of them, and the picture where it reads none; here it always reads the layer
// before it.
#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/system/named_spaces.h"

namespace astrolabe {
namespace {

const std::vector<std::string>& sizes() {
  static const std::vector<std::string> all{"1", "3", "5", "7"};
  return all;
}
const std::vector<std::string>& filters() {
  static const std::vector<std::string> all{"24", "36", "48", "64"};
  return all;
}
const std::vector<std::string>& strides() {
  static const std::vector<std::string> all{"1", "2", "3"};
  return all;
}

struct Layer {
  PointText height, width, filters, stride;
  std::vector<PointText> reads;  // of each layer from the first on but the one before it: "yes" or "no"
};

Layer write_layer(const SpaceWriter& at, int layer) {
  // A net that halves its pictures at every second layer is one that trains well.
  const std::size_t usual_stride = layer % 2 == 0 ? 1 : 0;
  Layer written{.height = at.choice("height", sizes(), 1).text,
                .width = at.choice("width", sizes(), 1).text,
                .filters = at.choice("filters", filters(), 1).text,
                .stride = at.choice("stride", strides(), usual_stride).text,
                .reads = {}};
  for (int source = 1; source + 1 < layer; ++source)
    written.reads.push_back(at.choice(fmt::format("reads{}", source), {"no", "yes"}).text);
  return written;
}

std::string text_of(const Layer& layer, const Point& point) {
  const std::string height = layer.height(point), width = layer.width(point);
  std::string text = height == width ? fmt::format("conv{}x{}", height, layer.filters(point))
                                     : fmt::format("conv{}x{}x{}", height, width, layer.filters(point));
  if (const std::string stride = layer.stride(point); stride != "1") text += '/' + stride;
  for (std::size_t source = 0; source < layer.reads.size(); ++source)
    if (layer.reads[source](point) == "yes") text += fmt::format("@{}", source + 1);
  return text;
}

}  // namespace

WrittenSpace write_zoph_cnn(const SpaceWriter& slot, const SpaceContext& /*context*/, int layers) {
  std::vector<Layer> written;
  for (int layer = 1; layer <= layers; ++layer)
    written.push_back(write_layer(slot.under(std::to_string(layer)), layer));
  WrittenSpace space;
  space.text = [written](const Point& point) {
    std::string text;
    for (const Layer& layer : written) text += text_of(layer, point) + '-';
    return text + "gap";
  };
  space.members.push_back({"3 x 3", {}});
  return space;
}

std::string grammar_of_zoph_cnn(int layers) {
  return fmt::format(
      "{} layers convHxWxF/S@I.., then gap\n  H, W  one of {}\n  F     one of {}\n  S     one of {}\n"
      "  @I    any layers before the one in front\n",
      layers, join(sizes(), ", "), join(filters(), ", "), join(strides(), ", "));
}

}  // namespace astrolabe
