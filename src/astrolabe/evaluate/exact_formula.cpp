// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/exact_formula.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>

namespace astrolabe {
namespace {

constexpr std::size_t kMinRows = 100;
constexpr std::size_t kMinTargets = 10;
constexpr std::size_t kMaxPaired = 1'000;
constexpr std::size_t kMaxInTriples = 80;
constexpr double kRounding = 1e-9;
constexpr double kMinPresent = 0.9;

struct PairFormula {
  double (*compute)(double a, double b);
  std::string_view text;
};
constexpr std::array<PairFormula, 6> kPairFormulas = {{
    {[](double a, double b) { return a + b; }, "{0} + {1}"},
    {[](double a, double b) { return a - b; }, "{0} - {1}"},
    {[](double a, double b) { return b - a; }, "{1} - {0}"},
    {[](double a, double b) { return a * b; }, "{0} * {1}"},
    {[](double a, double b) { return a / b; }, "{0} / {1}"},
    {[](double a, double b) { return b / a; }, "{1} / {0}"},
}};

struct Signs {
  double a, b, c;
};
constexpr std::array<Signs, 7> kTripleSigns = {
    {{1, 1, 1}, {1, 1, -1}, {1, -1, 1}, {-1, 1, 1}, {1, -1, -1}, {-1, 1, -1}, {-1, -1, 1}}};

class FormulaSearch {
 public:
  FormulaSearch(const Table& table, std::span<const double> target, std::span<const RowIndex> rows)
      : table_(table), target_(target), rows_(rows) {}

  // `compute` gives the formula's value in a row; `scale` what its rounding is measured by. NaN is a row
  // without a value.
  template <class Compute, class Scale>
  [[nodiscard]] bool holds(const Compute& compute, const Scale& scale) const {
    std::size_t present = 0;
    for (const RowIndex row : rows_) {
      const double value = compute(row);
      if (std::isnan(value)) continue;
      const double tolerance = kRounding * (scale(row) + std::abs(target_[row]));
      if (!(std::abs(value - target_[row]) <= tolerance)) return false;
      ++present;
    }
    return present >= kMinRows &&
           static_cast<double>(present) >= kMinPresent * static_cast<double>(rows_.size());
  }

  [[nodiscard]] std::optional<ExactFormula> in_pair(std::size_t i, std::size_t j) const {
    const std::vector<double>& a = table_.column(i).numbers;
    const std::vector<double>& b = table_.column(j).numbers;
    for (const PairFormula& formula : kPairFormulas) {
      const bool found = holds([&](RowIndex row) { return formula.compute(a[row], b[row]); },
                               [&](RowIndex row) { return std::abs(a[row]) + std::abs(b[row]); });
      if (!found) continue;
      const std::string& name_a = table_.column(i).name;
      const std::string& name_b = table_.column(j).name;
      return ExactFormula{{i, j}, fmt::format(fmt::runtime(formula.text), name_a, name_b)};
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<ExactFormula> in_triple(std::size_t i, std::size_t j, std::size_t k) const {
    const std::vector<double>& a = table_.column(i).numbers;
    const std::vector<double>& b = table_.column(j).numbers;
    const std::vector<double>& c = table_.column(k).numbers;
    for (const Signs& signs : kTripleSigns) {
      const bool found =
          holds([&](RowIndex row) { return signs.a * a[row] + signs.b * b[row] + signs.c * c[row]; },
                [&](RowIndex row) { return std::abs(a[row]) + std::abs(b[row]) + std::abs(c[row]); });
      if (found) return ExactFormula{{i, j, k}, signed_sum({i, j, k}, {signs.a, signs.b, signs.c})};
    }
    return std::nullopt;
  }

 private:
  // Begins with a column that is added.
  [[nodiscard]] std::string signed_sum(const std::array<std::size_t, 3>& columns,
                                       const std::array<double, 3>& signs) const {
    std::string text;
    for (const double wanted : {1.0, -1.0}) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (signs[i] != wanted) continue;
        if (!text.empty()) text += wanted > 0 ? " + " : " - ";
        text += table_.column(columns[i]).name;
      }
    }
    return text;
  }

  const Table& table_;
  std::span<const double> target_;
  std::span<const RowIndex> rows_;
};

}  // namespace

std::optional<ExactFormula> find_exact_formula(const Table& table, std::span<const std::size_t> candidates,
                                               std::span<const double> target,
                                               std::span<const RowIndex> rows) {
  std::set<double> targets;
  for (const RowIndex row : rows) {
    targets.insert(target[row]);
    if (targets.size() == kMinTargets) break;
  }
  if (rows.size() < kMinRows || targets.size() < kMinTargets) return std::nullopt;
  const FormulaSearch search(table, target, rows);
  const auto paired = candidates.first(std::min(candidates.size(), kMaxPaired));
  for (std::size_t i = 0; i < paired.size(); ++i) {
    for (std::size_t j = i + 1; j < paired.size(); ++j) {
      if (auto found = search.in_pair(paired[i], paired[j])) return found;
    }
  }
  const auto tripled = candidates.first(std::min(candidates.size(), kMaxInTriples));
  for (std::size_t i = 0; i < tripled.size(); ++i) {
    for (std::size_t j = i + 1; j < tripled.size(); ++j) {
      for (std::size_t k = j + 1; k < tripled.size(); ++k) {
        if (auto found = search.in_triple(tripled[i], tripled[j], tripled[k])) return found;
      }
    }
  }
  return std::nullopt;
}

}  // namespace astrolabe
