// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/parzen.h"

#include <algorithm>
#include <cmath>

namespace astrolabe {
namespace {

constexpr std::size_t kCells = 256;

// A position past a border, folded back.
std::size_t folded(std::ptrdiff_t position, std::size_t cells) {
  const auto count = static_cast<std::ptrdiff_t>(cells);
  if (position < 0) position = -1 - position;
  if (position >= count) position = 2 * count - 1 - position;
  return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(position, 0, count - 1));
}

}  // namespace

Parzen::Parzen(const Dimension& dimension) : dimension_(dimension) {
  const std::size_t values = value_count(dimension);
  shares_.resize(is_choice(dimension) ? values : kCells, 0.0);
}

std::size_t Parzen::cell_of(double value) const {
  if (is_choice(dimension_)) return static_cast<std::size_t>(value);
  const double unit = std::clamp(unit_of(dimension_, value), 0.0, 1.0);
  return std::min(static_cast<std::size_t>(unit * kCells), kCells - 1);
}

void Parzen::add(double value) {
  shares_[cell_of(value)] += 1;
  count_ += 1;
  if (is_choice(dimension_)) return;
  const double unit = unit_of(dimension_, value);
  sum_ += unit;
  squares_ += unit * unit;
}

void Parzen::smooth() {
  if (!is_choice(dimension_) && count_ > 0) {
    const double mean = sum_ / count_;
    const double deviation = std::sqrt(std::max(0.0, squares_ / count_ - mean * mean));
    const double least = 1 / (1 + std::min(count_, 50.0));
    const double width = std::clamp(1.2 * deviation / std::sqrt(std::sqrt(count_)), least, 1.0);
    const auto reach = std::clamp(static_cast<std::ptrdiff_t>(width * kCells), std::ptrdiff_t{1},
                                  static_cast<std::ptrdiff_t>(kCells - 1));
    const auto total = static_cast<double>(reach * reach);
    std::vector<double> spread(kCells, 0.0);
    for (std::size_t cell = 0; cell < kCells; ++cell) {
      if (shares_[cell] == 0) continue;
      for (std::ptrdiff_t step = 1 - reach; step < reach; ++step)
        spread[folded(static_cast<std::ptrdiff_t>(cell) + step, kCells)] +=
            shares_[cell] * static_cast<double>(reach - std::abs(step)) / total;
    }
    shares_ = std::move(spread);
  }
  const double even = 1 / static_cast<double>(shares_.size());
  for (double& share : shares_) share = (share + even) / (count_ + 1);
}

double Parzen::draw(RandomStream& random) const {
  double left = random.uniform();
  std::size_t cell = 0;
  while (cell + 1 < shares_.size() && left >= shares_[cell]) left -= shares_[cell++];
  if (is_choice(dimension_)) return static_cast<double>(cell);
  return value_at(dimension_, (static_cast<double>(cell) + random.uniform()) / kCells);
}

double Parzen::share_of(double value) const {
  return shares_[cell_of(value)];
}

}  // namespace astrolabe
