// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/resize.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

// What one pixel of a line is made of: neighbours from `first` on, with weights that sum to 1.
struct Mixture {
  std::size_t first = 0;
  std::vector<float> weights;
};

std::vector<Mixture> mixtures(std::size_t from, std::size_t to) {
  const double step = static_cast<double>(from) / static_cast<double>(to);
  const double reach = std::max(1.0, step);
  std::vector<Mixture> all(to);
  for (std::size_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * step;
    const double low = std::max(0.0, std::floor(centre - reach));
    const double high = std::min(static_cast<double>(from), std::ceil(centre + reach));
    std::vector<double> weights;
    double sum = 0;
    for (double at = low; at < high; at += 1) {
      weights.push_back(std::max(0.0, 1 - std::abs(at + 0.5 - centre) / reach));
      sum += weights.back();
    }
    all[i].first = static_cast<std::size_t>(low);
    for (const double weight : weights) all[i].weights.push_back(static_cast<float>(weight / sum));
  }
  return all;
}

std::vector<std::uint8_t> with_channels(std::span<const std::uint8_t> from, std::size_t channels,
                                        std::size_t wanted) {
  if (channels == wanted) return {from.begin(), from.end()};
  std::vector<std::uint8_t> to;
  to.reserve(from.size() / channels * wanted);
  for (std::size_t at = 0; at < from.size(); at += channels) {
    if (channels == 1) {
      to.insert(to.end(), wanted, from[at]);
    } else {
      const unsigned luma = 299U * from[at] + 587U * from[at + 1] + 114U * from[at + 2];
      to.push_back(static_cast<std::uint8_t>((luma + 500) / 1000));
    }
  }
  return to;
}

// [height, width, channels] -> [height, columns.size(), channels]
std::vector<float> mix_columns(std::span<const std::uint8_t> from, const ImageShape& shape,
                               const std::vector<Mixture>& columns) {
  std::vector<float> mixed(shape.height * columns.size() * shape.channels);
  auto out = mixed.begin();
  for (std::size_t y = 0; y < shape.height; ++y) {
    const std::uint8_t* line = from.data() + y * shape.width * shape.channels;
    for (const Mixture& column : columns) {
      for (std::size_t c = 0; c < shape.channels; ++c) {
        float sum = 0;
        for (std::size_t k = 0; k < column.weights.size(); ++k)
          sum += column.weights[k] * static_cast<float>(line[(column.first + k) * shape.channels + c]);
        *out++ = sum;
      }
    }
  }
  return mixed;
}

void mix_lines(const std::vector<float>& from, const std::vector<Mixture>& lines, std::size_t line_size,
               std::span<std::uint8_t> to) {
  std::vector<float> sums(line_size);
  for (std::size_t y = 0; y < lines.size(); ++y) {
    std::ranges::fill(sums, 0.0F);
    for (std::size_t k = 0; k < lines[y].weights.size(); ++k) {
      const float* line = from.data() + (lines[y].first + k) * line_size;
      for (std::size_t x = 0; x < line_size; ++x) sums[x] += lines[y].weights[k] * line[x];
    }
    for (std::size_t x = 0; x < line_size; ++x)
      to[y * line_size + x] = static_cast<std::uint8_t>(std::clamp(sums[x] + 0.5F, 0.0F, 255.0F));
  }
}

}  // namespace

void resize_picture(std::span<const std::uint8_t> from, const ImageShape& shape, std::span<std::uint8_t> to,
                    const ImageShape& wanted) {
  ASTROLABE_CHECK(shape.size() > 0 && from.size() == shape.size(), "a picture has the bytes of its shape");
  ASTROLABE_CHECK(wanted.size() > 0 && to.size() == wanted.size(), "there is room for the wanted shape");
  const std::vector<std::uint8_t> same = with_channels(from, shape.channels, wanted.channels);
  if (shape.height == wanted.height && shape.width == wanted.width) {
    std::ranges::copy(same, to.begin());
    return;
  }
  const ImageShape read{.height = shape.height, .width = shape.width, .channels = wanted.channels};
  const std::vector<float> mixed = mix_columns(same, read, mixtures(shape.width, wanted.width));
  mix_lines(mixed, mixtures(shape.height, wanted.height), wanted.width * wanted.channels, to);
}

Pixels resize_pictures(Pixels pixels, const ImageShape& wanted) {
  if (pixels.shape == wanted || pixels.empty()) return pixels;
  Pixels resized{.shape = wanted};
  resized.bytes.resize(pixels.rows() * wanted.size());
  for (std::size_t row = 0; row < pixels.rows(); ++row)
    resize_picture(pixels.picture(row), pixels.shape,
                   std::span(resized.bytes).subspan(row * wanted.size(), wanted.size()), wanted);
  return resized;
}

}  // namespace astrolabe
