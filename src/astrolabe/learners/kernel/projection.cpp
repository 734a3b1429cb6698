// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/projection.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/kernel/hadamard.h"

namespace astrolabe::kernel {
namespace {

constexpr std::size_t kRounds = 3;
constexpr float kLongest = 1e12F;  // of a number in a model file: products of inputs stay finite

std::size_t size_of(std::size_t inputs) {
  return std::bit_ceil(std::max<std::size_t>(inputs, 1));
}

std::size_t blocks_of(std::size_t inputs, std::size_t count) {
  const std::size_t size = size_of(inputs);
  return (count + size - 1) / size;
}

bool all_within(std::span<const float> values, float limit) {
  return std::ranges::all_of(values, [&](float value) { return value >= -limit && value <= limit; });
}

}  // namespace

Projection Projection::dense(std::size_t inputs, std::vector<float> columns) {
  Projection projection;
  projection.inputs_ = inputs;
  projection.count_ = inputs > 0 ? columns.size() / inputs : 0;
  projection.columns_ = std::move(columns);
  return projection;
}

Projection Projection::structured(std::size_t inputs, std::span<const double> stretches, Key key) {
  Projection projection;
  projection.inputs_ = inputs;
  projection.count_ = stretches.size();
  const std::size_t size = size_of(inputs);
  projection.signs_.resize(blocks_of(inputs, stretches.size()) * kRounds * size);
  RandomStream random(key);
  for (std::int8_t& sign : projection.signs_) sign = random.uniform() < 0.5 ? -1 : 1;
  // H three times multiplies lengths by size^(3/2).
  const double whole = std::pow(static_cast<double>(size), 1.5);
  for (const double stretch : stretches) {
    double squares = 0;  // of a normal direction
    for (std::size_t i = 0; i < size; ++i) squares += std::pow(random.normal(), 2);
    projection.lengths_.push_back(static_cast<float>(std::min(stretch, 1e4) * std::sqrt(squares) / whole));
  }
  return projection;
}

void Projection::scale(double factor) {
  for (float& value : columns_) value = static_cast<float>(value * factor);
  for (float& value : lengths_) value = static_cast<float>(value * factor);
}

void Projection::apply(std::span<const float> x, std::size_t rows, std::span<float> out,
                       GemmScratch& scratch) const {
  if (rows == 0 || count_ == 0) return;
  if (lengths_.empty()) {
    gemm({.m = rows,
          .n = count_,
          .k = inputs_,
          .a = x.data(),
          .a_row = static_cast<std::ptrdiff_t>(inputs_),
          .b = columns_.data(),
          .b_row = static_cast<std::ptrdiff_t>(count_),
          .c = out.data(),
          .c_row = static_cast<std::ptrdiff_t>(count_)},
         best_instruction_set(), scratch);
    return;
  }
  std::vector<float> work(size_of(inputs_));
  for (std::size_t row = 0; row < rows; ++row)
    apply_structured(x.subspan(row * inputs_, inputs_), out.subspan(row * count_, count_), work);
}

void Projection::apply_structured(std::span<const float> row, std::span<float> out,
                                  std::span<float> work) const {
  const std::size_t size = work.size();
  for (std::size_t at = 0; at < count_; at += size) {
    const std::int8_t* signs = signs_.data() + at / size * kRounds * size;
    std::ranges::copy(row, work.begin());
    std::fill(work.begin() + static_cast<std::ptrdiff_t>(inputs_), work.end(), 0.0F);
    for (std::size_t round = 0; round < kRounds; ++round, signs += size) {
      for (std::size_t i = 0; i < size; ++i) work[i] *= static_cast<float>(signs[i]);
      walsh_hadamard(work);
    }
    const std::size_t wanted = std::min(size, count_ - at);
    for (std::size_t i = 0; i < wanted; ++i) out[at + i] = work[i] * lengths_[at + i];
  }
}

void Projection::save(ArchiveWriter& archive) const {
  const bool is_structured = !lengths_.empty();
  archive.put(is_structured);
  if (!is_structured) {
    archive.put_array<float>(columns_);
    return;
  }
  archive.put_array<float>(lengths_);
  archive.put_array<std::int8_t>(signs_);
}

Projection Projection::load(ArchiveReader& archive, std::size_t inputs, std::size_t count) {
  Projection projection;
  projection.inputs_ = inputs;
  projection.count_ = count;
  if (!archive.get<bool>()) {
    projection.columns_ = archive.get_array<float>();
    if (count == 0 || projection.columns_.size() % count != 0 || projection.columns_.size() / count != inputs)
      ArchiveReader::damaged("the directions of a kernel machine");
    if (!all_within(projection.columns_, kLongest))
      ArchiveReader::damaged("the directions of a kernel machine");
    return projection;
  }
  projection.lengths_ = archive.get_array<float>();
  projection.signs_ = archive.get_array<std::int8_t>();
  if (projection.lengths_.size() != count || count == 0 || !all_within(projection.lengths_, kLongest))
    ArchiveReader::damaged("the lengths of a kernel machine");
  const auto is_sign = [](std::int8_t sign) { return sign == 1 || sign == -1; };
  if (projection.signs_.size() != blocks_of(inputs, count) * kRounds * size_of(inputs) ||
      !std::ranges::all_of(projection.signs_, is_sign))
    ArchiveReader::damaged("the signs of a kernel machine");
  return projection;
}

}  // namespace astrolabe::kernel
