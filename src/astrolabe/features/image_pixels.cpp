// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/image_pixels.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/features/encoder_catalog.h"
#include "astrolabe/features/image_bytes.h"

namespace astrolabe {
namespace {

constexpr float kLargestByte = 255;

std::string pixel_name(const std::string& column, const ImageShape& shape, std::uint32_t at) {
  const std::size_t pixel = at / shape.channels;
  const std::string place = fmt::format("{}[{},{}", column, pixel / shape.width, pixel % shape.width);
  if (shape.channels == 1) return place + "]";
  return fmt::format("{},{}]", place, "rgb"[at % shape.channels]);
}

// Sums over the fitting rows that have a picture; whole numbers, so that no order of rows changes them.
struct PixelSums {
  std::uint64_t rows = 0;
  std::vector<std::uint64_t> sum, squares;  // [pixels]
};

PixelSums sum_pixels(const ColumnFit& fit) {
  const std::size_t size = fit.column.pixels.shape.size();
  PixelSums sums{
      .rows = 0, .sum = std::vector<std::uint64_t>(size), .squares = std::vector<std::uint64_t>(size)};
  for (const RowIndex row : fit.rows) {
    if (fit.column.is_missing(row)) continue;
    ++sums.rows;
    const std::span<const std::uint8_t> picture = fit.column.pixels.picture(row);
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint32_t value = picture[i];
      sums.sum[i] += value;
      sums.squares[i] += value * value;
    }
  }
  return sums;
}

}  // namespace

ImagePixelsEncoder::ImagePixelsEncoder(const std::string& column, const ImageShape& shape,
                                       std::vector<PixelScale> pixels, float unit, bool keeps_missing)
    : shape_(shape), pixels_(std::move(pixels)), unit_(unit), keeps_missing_(keeps_missing) {
  for (const PixelScale& pixel : pixels_)
    features_.push_back({.name = pixel_name(column, shape_, pixel.at), .source = column});
}

EncoderKind ImagePixelsEncoder::kind() const {
  return EncoderKind::image_pixels;
}

std::vector<FeatureColumn> ImagePixelsEncoder::encode(const Column& column,
                                                      std::span<const RowIndex> rows) const {
  const bool is_as_fitted = column.pixels.shape == shape_;
  const Pixels resized = is_as_fitted ? Pixels{} : pictures_at(column, rows, shape_);
  std::vector<FeatureColumn> columns(pixels_.size());
  for (FeatureColumn& each : columns) each.dense.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (column.is_missing(rows[i])) {
      for (std::size_t j = 0; j < pixels_.size(); ++j)
        columns[j].dense[i] =
            keeps_missing_ ? std::numeric_limits<float>::quiet_NaN() : value_of(pixels_[j], pixels_[j].mean);
      continue;
    }
    const std::span<const std::uint8_t> picture =
        is_as_fitted ? column.pixels.picture(rows[i]) : resized.picture(i);
    for (std::size_t j = 0; j < pixels_.size(); ++j)
      columns[j].dense[i] = value_of(pixels_[j], static_cast<float>(picture[pixels_[j].at]));
  }
  return columns;
}

void ImagePixelsEncoder::save(ArchiveWriter& archive) const {
  save_shape(shape_, archive);
  archive.put<float>(unit_);
  archive.put<std::uint8_t>(keeps_missing_ ? 1 : 0);
  std::vector<std::uint32_t> places;
  std::vector<float> means;
  for (const PixelScale& pixel : pixels_) {
    places.push_back(pixel.at);
    means.push_back(pixel.mean);
  }
  archive.put_array<std::uint32_t>(places);
  archive.put_array<float>(means);
}

std::unique_ptr<const ColumnEncoder> ImagePixelsEncoder::load(ArchiveReader& archive,
                                                              const WantedColumn& column) {
  const ImageShape shape = load_shape(archive);
  const auto unit = archive.get_between<float>(0, 1e6F, "the unit of pixels");
  const bool keeps_missing = archive.get_between<std::uint8_t>(0, 1, "what a missing picture is") == 1;
  const auto places = archive.get_array<std::uint32_t>(shape.size());
  const auto means = archive.get_array<float>(shape.size());
  if (places.empty() || places.size() != means.size()) ArchiveReader::damaged("the pixels of an encoder");
  std::vector<PixelScale> pixels;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const bool ascends = i == 0 || places[i] > places[i - 1];
    if (!ascends || places[i] >= shape.size()) ArchiveReader::damaged("the place of a pixel");
    if (!(means[i] >= 0 && means[i] <= kLargestByte)) ArchiveReader::damaged("the mean of a pixel");
    pixels.push_back({.at = places[i], .mean = means[i]});
  }
  return std::make_unique<ImagePixelsEncoder>(column.name, shape, std::move(pixels), unit, keeps_missing);
}

FittedColumn fit_image_pixels(const ColumnFit& fit) {
  const PixelSums sums = sum_pixels(fit);
  if (sums.rows == 0) return {};
  const auto rows = static_cast<double>(sums.rows);
  std::vector<PixelScale> pixels;
  double variances = 0;
  for (std::size_t i = 0; i < sums.sum.size(); ++i) {
    const double mean = static_cast<double>(sums.sum[i]) / rows;
    const double variance = static_cast<double>(sums.squares[i]) / rows - mean * mean;
    // Whole numbers: of equal values the squares of the sum and the sum of squares agree exactly.
    if (sums.sum[i] * sums.sum[i] == sums.squares[i] * sums.rows) continue;
    pixels.push_back({.at = static_cast<std::uint32_t>(i), .mean = static_cast<float>(mean)});
    variances += variance;
  }
  if (pixels.empty()) return {};
  const double deviation = std::sqrt(variances / static_cast<double>(pixels.size()));
  const float unit = fit.needs.standardized ? static_cast<float>(1 / deviation) : 0.0F;
  return encode_fitted(
      fit, std::make_unique<ImagePixelsEncoder>(fit.column.name, fit.column.pixels.shape, std::move(pixels),
                                                unit, fit.needs.native_missing));
}

}  // namespace astrolabe
