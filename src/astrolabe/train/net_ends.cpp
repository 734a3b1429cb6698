// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/net_ends.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/train/net_graph.h"

namespace astrolabe {
namespace {

std::size_t units_per_number(const NetSpec& net) {
  if (net.embedding == NumericEmbedding::periodic) return kPeriodicOutputs;
  return net.embedding == NumericEmbedding::piecewise_linear ? net.bins : 0;
}

std::span<const float> values_of(const ParameterLayout& layout, std::span<const float> w,
                                 std::string_view name) {
  const Parameter& parameter = layout.find(name);
  return w.subspan(parameter.offset, parameter.shape.element_count());
}

// cos(2 pi (x frequency + phase)) of one number, mixed down to kPeriodicOutputs.
void append_periodic(const ParameterLayout& layout, std::span<const float> w, std::size_t number, float x,
                     std::vector<float>& units) {
  const std::span<const float> frequency = values_of(layout, w, "periodic.frequency");
  const std::span<const float> phase = values_of(layout, w, "periodic.phase");
  const std::span<const float> mix = values_of(layout, w, "periodic.mix");
  const std::span<const float> bias = values_of(layout, w, "periodic.bias");
  for (std::size_t o = 0; o < kPeriodicOutputs; ++o) {
    auto sum = static_cast<double>(bias[number * kPeriodicOutputs + o]);
    for (std::size_t k = 0; k < kFrequencies; ++k) {
      const std::size_t at = number * kFrequencies + k;
      const double turns =
          static_cast<double>(x) * static_cast<double>(frequency[at]) + static_cast<double>(phase[at]);
      sum += std::cos(2 * std::numbers::pi * turns) * static_cast<double>(mix[at * kPeriodicOutputs + o]);
    }
    units.push_back(static_cast<float>(sum));
  }
}

}  // namespace

std::string ends_difference(const NetSpec& child, const NetSpec& parent, const NetEnds& ends) {
  ASTROLABE_CHECK(ends.numbers.size() == child.numbers && ends.categories.size() == child.categories.size() &&
                      ends.outputs.size() == child.outputs,
                  "every input and output of the child, known or new");
  const bool was_embedded = parent.embedded > 0;
  if (was_embedded && child.embedded > 0 &&
      (child.embedding != parent.embedding || child.bins != parent.bins))
    return "numbers enter in another way";
  for (std::size_t i = 0; was_embedded && i < child.numbers; ++i) {
    if (ends.numbers[i] == kNewBlock || ends.numbers[i] >= parent.embedded) continue;
    if (child.embedded == 0) return "numbers are not embedded any more";
    if (i >= child.embedded) return "a number that was embedded is none any more";
  }
  for (std::size_t i = 0; i < child.categories.size(); ++i) {
    if (ends.categories[i] == kNewBlock) continue;
    const NetSpec::Category &now = child.categories[i], &before = parent.categories[ends.categories[i]];
    if (now.codes != before.codes || now.width != before.width) return "another table of a category";
  }
  return {};
}

std::vector<std::size_t> input_units(const NetSpec& child, const NetSpec& parent, const NetEnds& ends) {
  std::vector<std::size_t> units = ends.numbers;
  const std::size_t width = child.embedded > 0 ? units_per_number(child) : 0;
  for (std::size_t i = 0; i < child.embedded; ++i) {
    const std::size_t from = ends.numbers[i];
    const bool is_new = from == kNewBlock || from >= parent.embedded;
    for (std::size_t k = 0; k < width; ++k)
      units.push_back(is_new ? kNewBlock : parent.numbers + from * width + k);
  }
  std::vector<std::size_t> begins;  // of the parent's categories
  std::size_t at = parent.numbers + (parent.embedded > 0 ? parent.embedded * units_per_number(parent) : 0);
  for (const NetSpec::Category& category : parent.categories) {
    begins.push_back(at);
    at += category.width;
  }
  for (std::size_t i = 0; i < child.categories.size(); ++i)
    for (std::size_t k = 0; k < child.categories[i].width; ++k)
      units.push_back(ends.categories[i] == kNewBlock ? kNewBlock : begins[ends.categories[i]] + k);
  return units;
}

std::vector<float> input_of_row(const NetSpec& net, std::span<const float> w, const NetBins& bins,
                                std::span<const float> x, std::span<const std::int32_t> codes) {
  const ParameterLayout layout = layout_of(net);
  std::vector<float> units(x.begin(), x.end());
  for (std::size_t i = 0; i < net.embedded; ++i) {
    if (net.embedding == NumericEmbedding::periodic) append_periodic(layout, w, i, x[i], units);
    if (net.embedding != NumericEmbedding::piecewise_linear) continue;
    for (std::size_t k = i * net.bins; k < (i + 1) * net.bins; ++k)
      units.push_back(std::clamp((x[i] - bins.low[k]) * bins.scale[k], 0.0F, 1.0F));
  }
  for (std::size_t i = 0; i < net.categories.size(); ++i) {
    const std::span<const float> table = values_of(layout, w, fmt::format("category{}", i));
    const std::size_t width = net.categories[i].width;
    for (std::size_t k = 0; k < width; ++k)
      units.push_back(static_cast<float>(kEmbeddingScale) *
                      table[static_cast<std::size_t>(codes[i]) * width + k]);
  }
  return units;
}

}  // namespace astrolabe
