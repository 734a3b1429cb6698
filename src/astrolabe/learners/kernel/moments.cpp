// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/moments.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "astrolabe/gemm/gemm.h"

namespace astrolabe::kernel {
namespace {

constexpr std::size_t kPanel = 256;  // columns of Z: a pair of panels is one product

void weigh(std::span<float> z, std::size_t width, std::span<const double> weights) {
  for (std::size_t row = 0; row < weights.size(); ++row) {
    const auto root = static_cast<float>(std::sqrt(weights[row]));
    for (float& value : z.subspan(row * width, width)) value *= root;
  }
}

}  // namespace

Moments::Moments(std::size_t width) : width_(width), gram_(width * width, 0.0), cross_(width, 0.0) {}

void Moments::add(std::span<float> z, std::size_t rows, std::span<const double> targets,
                  std::span<const double> weights, ThreadPool& pool) {
  if (rows == 0) return;
  if (!weights.empty()) weigh(z, width_, weights);
  std::vector<float> y(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const double weight = weights.empty() ? 1.0 : weights[row];
    weight_ += weight;
    squares_ += weight * targets[row] * targets[row];
    y[row] = static_cast<float>(std::sqrt(weight) * targets[row]);
  }
  const std::size_t panels = (width_ + kPanel - 1) / kPanel;
  std::vector<std::pair<std::size_t, std::size_t>> pairs;  // of panels: the upper triangle
  for (std::size_t i = 0; i < panels; ++i)
    for (std::size_t j = i; j < panels; ++j) pairs.emplace_back(i, j);
  const auto row_stride = static_cast<std::ptrdiff_t>(width_);
  // Each thread its share, with memory of its own. An element's bits do not depend on whose it is.
  const std::size_t parts = std::min(pool.size(), pairs.size());
  pool.for_each(parts, [&](std::size_t part) {
    GemmScratch scratch;
    std::vector<float> product(kPanel * kPanel);
    for (std::size_t at = part; at < pairs.size(); at += parts) {
      const std::size_t i0 = pairs[at].first * kPanel, j0 = pairs[at].second * kPanel;
      const std::size_t m = std::min(kPanel, width_ - i0), n = std::min(kPanel, width_ - j0);
      gemm({.m = m,
            .n = n,
            .k = rows,
            .a = z.data() + i0,
            .a_row = 1,
            .a_column = row_stride,
            .b = z.data() + j0,
            .b_row = row_stride,
            .c = product.data(),
            .c_row = static_cast<std::ptrdiff_t>(kPanel)},
           best_instruction_set(), scratch);
      for (std::size_t i = 0; i < m; ++i) {
        double* to = gram_.data() + (i0 + i) * width_ + j0;
        const float* from = product.data() + i * kPanel;
        for (std::size_t j = 0; j < n; ++j) to[j] += from[j];
      }
    }
  });
  GemmScratch scratch;
  std::vector<float> along(width_);
  gemm({.m = 1,
        .n = width_,
        .k = rows,
        .a = y.data(),
        .a_row = static_cast<std::ptrdiff_t>(rows),
        .b = z.data(),
        .b_row = row_stride,
        .c = along.data(),
        .c_row = row_stride},
       best_instruction_set(), scratch);
  for (std::size_t k = 0; k < width_; ++k) cross_[k] += along[k];
}

void Moments::finish() {
  for (std::size_t i = 0; i < width_; ++i)
    for (std::size_t j = 0; j < i; ++j) gram_[i * width_ + j] = gram_[j * width_ + i];
}

void Moments::add(const Moments& other) {
  weight_ += other.weight_;
  squares_ += other.squares_;
  for (std::size_t i = 0; i < gram_.size(); ++i) gram_[i] += other.gram_[i];
  for (std::size_t k = 0; k < width_; ++k) cross_[k] += other.cross_[k];
}

Moments Moments::without(const Moments& part) const {
  Moments rest = *this;
  rest.weight_ -= part.weight_;
  rest.squares_ -= part.squares_;
  for (std::size_t i = 0; i < gram_.size(); ++i) rest.gram_[i] -= part.gram_[i];
  for (std::size_t k = 0; k < width_; ++k) rest.cross_[k] -= part.cross_[k];
  return rest;
}

double Moments::squared_error(std::span<const double> coefficients) const {
  double error = squares_;
  for (std::size_t i = 0; i < width_; ++i) {
    double along = 0;
    for (std::size_t j = 0; j < width_; ++j) along += gram_[i * width_ + j] * coefficients[j];
    error += coefficients[i] * (along - 2 * cross_[i]);
  }
  return std::max(error, 0.0);
}

}  // namespace astrolabe::kernel
