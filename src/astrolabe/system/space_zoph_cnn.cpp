// SPDX-License-Identifier: Apache-2.0
// Source: Zoph and Le, "Neural architecture search with reinforcement learning", ICLR 2017, section 4.1: for
// each layer the height and width of its filters, how many, a stride, and which earlier layers it reads: any
// of them, and the picture where it reads none. What no layer reads is read at the end, beside the last one.
#include <span>

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
  std::vector<PointText> reads;  // of each layer from the first on: "yes" or "no"
};

Layer write_layer(const SpaceWriter& at, int layer) {
  // A net that halves its pictures at every second layer is one that trains well.
  const std::size_t usual_stride = layer % 2 == 0 ? 1 : 0;
  Layer written{.height = at.choice("height", sizes(), 1).text,
                .width = at.choice("width", sizes(), 1).text,
                .filters = at.choice("filters", filters(), 1).text,
                .stride = at.choice("stride", strides(), usual_stride).text,
                .reads = {}};
  for (int source = 1; source < layer; ++source) {
    const std::size_t usual = source + 1 == layer ? 1 : 0;  // a chain is the net that everybody knows
    written.reads.push_back(at.choice(fmt::format("reads{}", source), {"no", "yes"}, usual).text);
  }
  return written;
}

// Of the layers from the first on, those that this one reads.
std::vector<std::size_t> sources_of(const Layer& layer, const Point& point) {
  std::vector<std::size_t> sources;
  for (std::size_t source = 0; source < layer.reads.size(); ++source)
    if (layer.reads[source](point) == "yes") sources.push_back(source + 1);
  return sources;
}

// Marks in front of blocks, of which the first is another one where it stands for the block in front.
std::string text_of(std::span<const std::size_t> sources, char first) {
  std::string text;
  for (const std::size_t source : sources) text += fmt::format("{}{}", text.empty() ? first : '@', source);
  return text;
}

std::string text_of(const Layer& layer, const Point& point) {
  const std::string height = layer.height(point), width = layer.width(point);
  std::string text = height == width ? fmt::format("conv{}x{}", height, layer.filters(point))
                                     : fmt::format("conv{}x{}x{}", height, width, layer.filters(point));
  if (const std::string stride = layer.stride(point); stride != "1") text += '/' + stride;
  if (layer.reads.empty()) return text;  // the picture is in front
  std::vector<std::size_t> sources = sources_of(layer, point);
  if (sources.empty()) return text + ":0";
  const bool reads_front = sources.back() == layer.reads.size();
  if (reads_front) sources.pop_back();
  return text + text_of(sources, reads_front ? '@' : ':');
}

// What stands behind all layers: it reads the last one and those that none reads.
std::string end_of(const std::vector<Layer>& layers, const Point& point) {
  std::vector<bool> is_read(layers.size() + 1, false);
  for (const Layer& layer : layers)
    for (const std::size_t source : sources_of(layer, point)) is_read[source] = true;
  std::vector<std::size_t> unread;
  for (std::size_t layer = 1; layer < layers.size(); ++layer)
    if (!is_read[layer]) unread.push_back(layer);
  return "gap" + text_of(unread, '@');
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
    return text + end_of(written, point);
  };
  space.members.push_back({"3 x 3", {}});
  return space;
}

std::string grammar_of_zoph_cnn(int layers) {
  return fmt::format(
      "{} layers convHxWxF/S:I@I.., then gap@I..\n  H, W   one of {}\n  F      one of {}\n  S      one of "
      "{}\n"
      "  :I@I   any layers before it, :0 for none; @I alone: beside the one in front\n"
      "  gap@I  the layers that none reads\n",
      layers, join(sizes(), ", "), join(filters(), ", "), join(strides(), ", "));
}

}  // namespace astrolabe
