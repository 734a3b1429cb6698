// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/near_sum.h"

#include <algorithm>
#include <cmath>

namespace astrolabe {
namespace {

constexpr std::size_t kMinRows = 100;
constexpr std::size_t kMaxColumns = 80;
constexpr double kMaxMissing = 0.1;
constexpr double kNear = 0.99;
constexpr double kEachAdds = 0.005;

struct Term {
  std::size_t at = 0;  // of the kept columns
  double sign = 1;
};

// Cells around their mean, a missing one as 0; empty when too many are missing or one is infinite.
std::vector<double> centered_cells(const std::vector<double>& cells, std::span<const RowIndex> rows) {
  double sum = 0;
  double present = 0;
  for (const RowIndex row : rows) {
    if (std::isnan(cells[row])) continue;
    sum += cells[row];
    present += 1;
  }
  if (present < (1 - kMaxMissing) * static_cast<double>(rows.size()) || !std::isfinite(sum)) return {};
  std::vector<double> centered;
  centered.reserve(rows.size());
  for (const RowIndex row : rows) centered.push_back(std::isnan(cells[row]) ? 0 : cells[row] - sum / present);
  return centered;
}

class Covariances {
 public:
  Covariances(const Table& table, std::span<const std::size_t> candidates, std::span<const double> target,
              std::span<const RowIndex> rows) {
    std::vector<std::vector<double>> cells;
    for (const std::size_t index : candidates) {
      if (columns_.size() == kMaxColumns) break;
      std::vector<double> centered = centered_cells(table.column(index).numbers, rows);
      if (centered.empty()) continue;
      cells.push_back(std::move(centered));
      columns_.push_back(index);
    }
    cells.push_back(centered_cells({target.begin(), target.end()}, rows));
    size_ = cells.size();
    products_.resize(size_ * size_);
    for (std::size_t i = 0; i < size_; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double product = 0;
        for (std::size_t row = 0; row < cells[i].size(); ++row) product += cells[i][row] * cells[j][row];
        products_[i * size_ + j] = products_[j * size_ + i] = product;
      }
    }
  }

  [[nodiscard]] const std::vector<std::size_t>& columns() const { return columns_; }
  // R2 of the signed sum; of nothing it is 0.
  [[nodiscard]] double r2(std::span<const Term> terms) const {
    const std::size_t truth = size_ - 1;
    const double total = products_[truth * size_ + truth];
    double rest = total;
    for (const Term& a : terms) {
      rest -= 2 * a.sign * products_[truth * size_ + a.at];
      for (const Term& b : terms) rest += a.sign * b.sign * products_[a.at * size_ + b.at];
    }
    return total > 0 ? 1 - rest / total : 0;
  }
  // By how much the least useful term raises R2.
  [[nodiscard]] double least_gain(std::span<const Term> terms) const {
    double best_without = 0;
    for (std::size_t left_out = 0; left_out < terms.size(); ++left_out) {
      std::vector<Term> others(terms.begin(), terms.end());
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(left_out));
      best_without = std::max(best_without, r2(others));
    }
    return r2(terms) - best_without;
  }

 private:
  std::vector<std::size_t> columns_;
  std::vector<double> products_;
  std::size_t size_ = 0;
};

// Adds `more` terms after the last one in every way, and keeps in `best` what reaches the bounds.
void extend(const Covariances& covariances, std::vector<Term>& terms, std::size_t more,
            std::vector<Term>& best) {
  if (more == 0) {
    const double r2 = covariances.r2(terms);
    if (r2 < kNear || (!best.empty() && r2 <= covariances.r2(best))) return;
    if (covariances.least_gain(terms) >= kEachAdds) best = terms;
    return;
  }
  const std::size_t first = terms.empty() ? 0 : terms.back().at + 1;
  for (std::size_t at = first; at < covariances.columns().size(); ++at) {
    for (const double sign : {1.0, -1.0}) {
      terms.push_back({at, sign});
      extend(covariances, terms, more - 1, best);
      terms.pop_back();
    }
  }
}

std::string sum_text(const Table& table, const Covariances& covariances, std::span<const Term> terms) {
  std::string text;
  for (const double wanted : {1.0, -1.0}) {
    for (const Term& term : terms) {
      if (term.sign != wanted) continue;
      if (wanted < 0) text += text.empty() ? "-" : " - ";
      if (wanted > 0 && !text.empty()) text += " + ";
      text += table.column(covariances.columns()[term.at]).name;
    }
  }
  return text;
}

}  // namespace

std::optional<NearSum> find_near_sum(const Table& table, std::span<const std::size_t> candidates,
                                     std::span<const double> target, std::span<const RowIndex> rows) {
  if (rows.size() < kMinRows) return std::nullopt;
  const Covariances covariances(table, candidates, target, rows);
  for (const std::size_t count : {std::size_t{2}, std::size_t{3}}) {
    std::vector<Term> terms;
    std::vector<Term> best;
    extend(covariances, terms, count, best);
    if (best.empty()) continue;
    NearSum sum{{}, sum_text(table, covariances, best), covariances.r2(best)};
    for (const Term& term : best) sum.columns.push_back(covariances.columns()[term.at]);
    return sum;
  }
  return std::nullopt;
}

}  // namespace astrolabe
