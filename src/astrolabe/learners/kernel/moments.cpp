// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/moments.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/gemm/gemm.h"

namespace astrolabe::kernel {
namespace {

constexpr std::size_t kPanel = 256;  // columns of a product
constexpr std::size_t kRows = 672;   // rows of it, at most: three blocks of gemm

// [width, rows] of z [rows, width]: a product reads a column's rows one after another.
std::vector<float> turn(std::span<const float> z, std::size_t rows, std::size_t width, ThreadPool& pool) {
  constexpr std::size_t kTile = 16;
  std::vector<float> turned(z.size());
  pool.for_ranges(width, kTile, [&](std::size_t first, std::size_t last, std::size_t) {
    for (std::size_t begin = 0; begin < rows; begin += kTile)
      for (std::size_t j = first; j < last; ++j)
        for (std::size_t row = begin; row < std::min(begin + kTile, rows); ++row)
          turned[j * rows + row] = z[row * width + j];
  });
  return turned;
}

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
  add_products(z, rows, pool);
  GemmScratch scratch;
  std::vector<float> along(width_);
  gemm({.m = 1,
        .n = width_,
        .k = rows,
        .a = y.data(),
        .a_row = static_cast<std::ptrdiff_t>(rows),
        .b = z.data(),
        .b_row = static_cast<std::ptrdiff_t>(width_),
        .c = along.data(),
        .c_row = static_cast<std::ptrdiff_t>(width_)},
       best_instruction_set(), scratch);
  for (std::size_t k = 0; k < width_; ++k) cross_[k] += along[k];
}

// The upper triangle in panels of columns, each cut into products of some rows. What is computed below the
// diagonal of a panel is overwritten by finish().
void Moments::add_products(std::span<const float> z, std::size_t rows, ThreadPool& pool) {
  struct Product {
    std::size_t i = 0, m = 0, j = 0, n = 0;
  };
  std::vector<Product> products;  // the largest first
  for (std::size_t j = (width_ - 1) / kPanel * kPanel;; j -= kPanel) {
    const std::size_t n = std::min(kPanel, width_ - j);
    for (std::size_t i = 0; i < j + n; i += kRows)
      products.push_back({.i = i, .m = std::min(kRows, j + n - i), .j = j, .n = n});
    if (j == 0) break;
  }
  const auto row_stride = static_cast<std::ptrdiff_t>(width_);
  const std::vector<float> turned = turn(z, rows, width_, pool);
  pool.for_each(products.size(), [&](std::size_t at) {
    const Product& one = products[at];
    GemmScratch scratch;
    std::vector<float> product(one.m * one.n);
    gemm({.m = one.m,
          .n = one.n,
          .k = rows,
          .a = turned.data() + one.i * rows,
          .a_row = static_cast<std::ptrdiff_t>(rows),
          .a_column = 1,
          .b = z.data() + one.j,
          .b_row = row_stride,
          .c = product.data(),
          .c_row = static_cast<std::ptrdiff_t>(one.n)},
         best_instruction_set(), scratch);
    for (std::size_t i = 0; i < one.m; ++i) {
      double* to = gram_.data() + (one.i + i) * width_ + one.j;
      const float* from = product.data() + i * one.n;
      for (std::size_t j = 0; j < one.n; ++j) to[j] += from[j];
    }
  });
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
