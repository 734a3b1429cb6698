// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/weak_slices.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/row_mean.h"

namespace astrolabe {
namespace {

constexpr std::size_t kLeastRows = 30;
constexpr std::size_t kMostLevels = 200;
constexpr std::size_t kQuarters = 4;
constexpr double kLevel = 0.05;

struct Cut {
  std::string words;
  std::vector<RowIndex> rows;
};

std::vector<Cut> cuts_of_levels(const Column& column) {
  std::vector<Cut> cuts(column.levels.size());
  for (std::size_t level = 0; level < cuts.size(); ++level)
    cuts[level].words = fmt::format("{} is {}", column.name, column.levels[level]);
  for (std::size_t row = 0; row < column.codes.size(); ++row)
    if (column.codes[row] >= 0)
      cuts[static_cast<std::size_t>(column.codes[row])].rows.push_back(static_cast<RowIndex>(row));
  return cuts;
}

// Quarters of the rows, ties kept together.
std::vector<Cut> cuts_of_numbers(const Column& column) {
  std::vector<RowIndex> order;
  for (std::size_t row = 0; row < column.numbers.size(); ++row)
    if (std::isfinite(column.numbers[row])) order.push_back(static_cast<RowIndex>(row));
  const auto value = [&](RowIndex row) { return column.numbers[row]; };
  std::ranges::stable_sort(order, {}, value);
  std::vector<Cut> cuts;
  for (std::size_t begin = 0, quarter = 1; quarter <= kQuarters; ++quarter) {
    std::size_t end = std::max(begin, quarter * order.size() / kQuarters);
    while (end > begin && end < order.size() && value(order[end]) == value(order[end - 1])) ++end;
    if (end == begin) continue;
    const auto part = std::span(order).subspan(begin, end - begin);
    cuts.push_back(
        {fmt::format("{} from {:.6g} to {:.6g}", column.name, value(part.front()), value(part.back())),
         {part.begin(), part.end()}});
    begin = end;
  }
  return cuts;
}

std::vector<Cut> cuts_of(const Column& column) {
  std::vector<Cut> cuts;
  if (column.has_levels() && column.levels.size() <= kMostLevels) cuts = cuts_of_levels(column);
  if (column.type <= ColumnType::whole_number) cuts = cuts_of_numbers(column);
  Cut missing{column.name + " is missing", {}};
  for (std::size_t row = 0; row < column.rows(); ++row)
    if (column.is_missing(row)) missing.rows.push_back(static_cast<RowIndex>(row));
  cuts.push_back(std::move(missing));
  return cuts;
}

// Of two means with unequal variances, one-sided: the first is larger (Welch, Biometrika 1947).
double welch_p(const MeanWithError& a, const MeanWithError& b) {
  const double va = a.error * a.error, vb = b.error * b.error;
  if (!(va + vb > 0)) return 1;
  const double degrees =
      (va + vb) * (va + vb) / (va * va / (a.effective_rows - 1) + vb * vb / (b.effective_rows - 1));
  const double t = (a.mean - b.mean) / std::sqrt(va + vb);
  const double two_sided = student_t_two_sided_p(t, degrees);
  return t > 0 ? two_sided / 2 : 1 - two_sided / 2;
}

WeakSlice judge(const Column& column, const Cut& cut, std::span<const double> losses) {
  std::vector<double> inside, outside;
  std::vector<bool> is_inside(losses.size(), false);
  for (const RowIndex row : cut.rows) is_inside[row] = true;
  for (std::size_t row = 0; row < losses.size(); ++row)
    (is_inside[row] ? inside : outside).push_back(losses[row]);
  const MeanWithError here = mean_with_error(inside, {}), there = mean_with_error(outside, {});
  const double reach = student_t_quantile(0.975, here.effective_rows - 1) * here.error;
  return {.column = column.name,
          .words = cut.words,
          .rows = inside.size(),
          .loss = {.value = here.mean,
                   .low = here.mean - reach,
                   .high = here.mean + reach,
                   .method = "Student t"},
          .elsewhere = there.mean,
          .p_value = welch_p(here, there)};
}

}  // namespace

std::vector<WeakSlice> find_weak_slices(const Table& features, std::span<const double> losses,
                                        std::size_t most) {
  ASTROLABE_CHECK(features.columns().empty() || features.rows() == losses.size(), "every row has its loss");
  std::vector<WeakSlice> slices;
  for (const Column& column : features.columns())
    for (const Cut& cut : cuts_of(column))
      if (cut.rows.size() >= kLeastRows && losses.size() - cut.rows.size() >= kLeastRows)
        slices.push_back(judge(column, cut, losses));
  std::vector<double> p_values;
  for (const WeakSlice& slice : slices) p_values.push_back(slice.p_value);
  const std::vector<double> adjusted = benjamini_hochberg(p_values);
  for (std::size_t i = 0; i < slices.size(); ++i) slices[i].p_value = adjusted[i];
  std::erase_if(slices, [](const WeakSlice& slice) { return !(slice.p_value < kLevel); });
  std::ranges::stable_sort(slices, std::greater<>(),
                           [](const WeakSlice& slice) { return slice.loss.value - slice.elsewhere; });
  if (slices.size() > most) slices.resize(most);
  return slices;
}

}  // namespace astrolabe
