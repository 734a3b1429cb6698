// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/leakage.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/data/cell_hash.h"
#include "astrolabe/evaluate/column_score.h"
#include "astrolabe/evaluate/equal_rows.h"
#include "astrolabe/evaluate/exact_formula.h"
#include "astrolabe/evaluate/near_sum.h"

namespace astrolabe {
namespace {

constexpr double kNearCopy = 0.98;   // score of one column alone
constexpr double kMinCells = 4e7;    // of all columns together, for samples of wide tables
constexpr double kMaxRows = 20'000;  // per column
constexpr double kMinSample = 2'000;
constexpr std::size_t kFormulaRows = 2'000;
constexpr std::size_t kMinCopyRows = 20;  // below, a bijection is no surprise
constexpr std::size_t kMinIdentifierRows = 100;
constexpr double kCollisionsExpected = 7;  // chance of none: exp(-7) < 0.1 %
constexpr double kNearlyUnique = 0.95;     // different cells per cell
constexpr double kTellingCopies = 0.01;    // share of rows
constexpr double kMinSurprise = 20;        // rows of another class that were to be expected
constexpr double kFutureErrors = 0.1;      // of those, how many may be there
constexpr double kFutureR2 = 0.8;          // of missing or not, in a regression

constexpr std::array<std::string_view, 6> kKindNames = {"target_copy",    "near_copy",        "identifier",
                                                        "duplicate_rows", "knows_the_future", "constant"};

// Rows that every column is looked at in: all, or a sample that the key chooses.
std::vector<RowIndex> sample_rows(const LeakageScan& scan) {
  const auto columns = static_cast<double>(std::max<std::size_t>(1, scan.table.columns().size()));
  const auto limit = static_cast<std::size_t>(std::clamp(kMinCells / columns, kMinSample, kMaxRows));
  std::vector<RowIndex> rows(scan.table.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  if (rows.size() <= limit) return rows;
  const Key key = scan.key.split("sample");
  const auto place = [&](RowIndex row) { return std::pair(random_bits(key, row), row); };
  std::ranges::nth_element(rows, rows.begin() + static_cast<std::ptrdiff_t>(limit), {}, place);
  rows.resize(limit);
  std::ranges::sort(rows);
  return rows;
}

// "--drop boat"; quoted for the shell where the name needs it.
std::string drop_flag(std::string_view column) {
  const bool is_plain = std::ranges::all_of(column, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.' || c == '-';
  });
  return is_plain ? fmt::format("--drop {}", column) : fmt::format("--drop '{}'", column);
}

std::string percent(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

// Looks at one column after the other; what is found first says most.
class ColumnScan {
 public:
  ColumnScan(const LeakageScan& scan, std::span<const RowIndex> rows)
      : scan_(scan), rows_(rows), halves_(split_in_halves(rows, scan.key.split("halves"))) {}

  [[nodiscard]] std::optional<Leak> operator()(const Column& column) const {
    if (auto leak = find_constant(column)) return leak;
    if (auto leak = find_identifier(column)) return leak;
    if (auto leak = find_target_copy(column)) return leak;
    if (auto leak = find_future(column)) return leak;
    return find_near_copy(column);
  }

 private:
  [[nodiscard]] double target(RowIndex row) const { return scan_.labels.values[row]; }
  [[nodiscard]] bool is_regression() const { return scan_.labels.kind == TaskKind::regression; }
  [[nodiscard]] std::string if_unknown(const Column& column) const {
    return fmt::format("If it is not known when you predict, leave it out: {}.", drop_flag(column.name));
  }

  [[nodiscard]] static std::optional<Leak> find_constant(const Column& column) {
    const std::vector<std::uint64_t> words = cell_hashes(column);
    const bool varies = std::ranges::adjacent_find(words, std::not_equal_to{}) != words.end();
    if (varies || words.empty()) return std::nullopt;
    const std::string what =
        column.is_missing(0) ? "is empty in every row" : fmt::format("is {} in every row", column.cell(0));
    return Leak{
        LeakKind::constant, column.name, 0, true,
        fmt::format("{} {}: there is nothing to learn from it, so it is left out.", column.name, what)};
  }

  // Different cells among those that are not missing, and how many are not.
  struct Distinct {
    std::size_t different = 0;
    std::size_t present = 0;
  };
  [[nodiscard]] static Distinct count_distinct(const Column& column) {
    std::vector<std::uint64_t> words = cell_hashes(column);
    std::erase(words, kMissingCellHash);
    const std::size_t present = words.size();
    std::ranges::sort(words);
    words.erase(std::ranges::unique(words).begin(), words.end());
    return {words.size(), present};
  }

  // All different, so densely that numbers which measure something would have met by chance (the birthday
  // bound: n^2 / 2 range pairs are to be expected).
  [[nodiscard]] static bool is_running_number(const Column& column) {
    if (column.type != ColumnType::whole_number || column.rows() < kMinIdentifierRows) return false;
    const auto [low, high] = std::ranges::minmax(column.numbers);
    const auto rows = static_cast<double>(column.rows());
    if (!(rows * rows / (2 * (high - low + 1)) >= kCollisionsExpected)) return false;
    return count_distinct(column).different == column.rows();
  }

  [[nodiscard]] static std::optional<Leak> find_identifier(const Column& column) {
    const std::string rows = format_count(column.rows());
    if (column.type == ColumnType::identifier) {
      const Distinct cells = count_distinct(column);
      return Leak{
          LeakKind::identifier, column.name,
          static_cast<double>(cells.different) / static_cast<double>(std::max<std::size_t>(1, cells.present)),
          true,
          fmt::format("{} is an identifier ({} different values in {} rows): it would be memorised, not "
                      "generalised, so it is left out; --types {}=category keeps it.",
                      column.name, format_count(cells.different), rows, column.name)};
    }
    if (is_running_number(column)) {
      return Leak{LeakKind::identifier, column.name, 1, true,
                  fmt::format("{} numbers the rows (a different whole number in each of {}): it would be "
                              "memorised, not generalised, so it is left out; --types {}=number keeps it.",
                              column.name, rows, column.name)};
    }
    if (column.type != ColumnType::category) return std::nullopt;
    const Distinct cells = count_distinct(column);
    const double share =
        static_cast<double>(cells.different) / static_cast<double>(std::max<std::size_t>(1, cells.present));
    if (cells.present < kMinIdentifierRows || share < kNearlyUnique) return std::nullopt;
    return Leak{LeakKind::identifier, column.name, share, false,
                fmt::format("{} has {} different values in {} rows: it is likely memorised, not generalised; "
                            "{} leaves it out.",
                            column.name, format_count(cells.different), format_count(cells.present),
                            drop_flag(column.name))};
  }

  [[nodiscard]] std::optional<Leak> find_target_copy(const Column& column) const {
    if (rows_.size() < kMinCopyRows) return std::nullopt;
    if (is_regression() ? !is_line_of_target(column) : !is_renamed_target(column)) return std::nullopt;
    const std::string how =
        is_regression() ? "lies on a straight line with" : "has one value for each class of";
    return Leak{
        LeakKind::target_copy, column.name, 1, false,
        fmt::format("{} {} {} in all {} rows looked at: it is the target under another name. Leave it "
                    "out: {}.",
                    column.name, how, scan_.task.target, format_count(rows_.size()), drop_flag(column.name))};
  }

  [[nodiscard]] bool is_renamed_target(const Column& column) const {
    const std::vector<std::uint64_t> words = cell_hashes(column, rows_);
    std::unordered_map<std::uint64_t, double> class_of;
    std::map<double, std::uint64_t> word_of;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const double truth = target(rows_[i]);
      if (class_of.try_emplace(words[i], truth).first->second != truth) return false;
      if (word_of.try_emplace(truth, words[i]).first->second != words[i]) return false;
    }
    return word_of.size() > 1;
  }

  [[nodiscard]] bool is_line_of_target(const Column& column) const {
    constexpr double kOffTheLine = 1e-10;  // 1 - correlation^2
    if (!column.is_numeric()) return false;
    double count = 0;
    double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
    for (const RowIndex row : rows_) {
      const double x = column.numbers[row];
      if (!std::isfinite(x)) return false;
      count += 1;
      const double step_x = x - mean_x;
      const double step_y = target(row) - mean_y;
      mean_x += step_x / count;
      mean_y += step_y / count;
      xx += step_x * (x - mean_x);
      yy += step_y * (target(row) - mean_y);
      xy += step_x * (target(row) - mean_y);
    }
    return xx > 0 && yy > 0 && 1 - xy * xy / (xx * yy) <= kOffTheLine;
  }

  // Whether a cell is filled in tells the target.
  [[nodiscard]] std::optional<Leak> find_future(const Column& column) const {
    std::vector<double> filled;
    std::vector<double> empty;
    for (const RowIndex row : rows_) (column.is_missing(row) ? empty : filled).push_back(target(row));
    if (filled.size() < kMinCopyRows || empty.size() < kMinCopyRows) return std::nullopt;
    if (is_regression()) return find_future_of_numbers(column, filled, empty);
    if (auto leak = find_future_of_classes(column, filled, empty.size(), "has a value")) return leak;
    return find_future_of_classes(column, empty, filled.size(), "is empty");
  }

  [[nodiscard]] std::optional<Leak> find_future_of_classes(const Column& column,
                                                           const std::vector<double>& part,
                                                           std::size_t others, std::string_view state) const {
    std::vector<double> of_part(scan_.labels.classes, 0.0);
    std::vector<double> of_all(scan_.labels.classes, 0.0);
    for (const double truth : part) of_part[static_cast<std::size_t>(truth)] += 1;
    for (const RowIndex row : rows_) of_all[static_cast<std::size_t>(target(row))] += 1;
    const auto label = static_cast<std::size_t>(std::ranges::max_element(of_part) - of_part.begin());
    const auto rows = static_cast<double>(part.size());
    const double share = of_part[label] / rows;
    const double share_of_all = of_all[label] / (rows + static_cast<double>(others));
    const double expected = rows * (1 - share_of_all);
    if (expected < kMinSurprise || rows - of_part[label] > kFutureErrors * expected) return std::nullopt;
    return Leak{
        LeakKind::knows_the_future, column.name, share, false,
        fmt::format("{} {} in {} of {} rows, and {} of these are {} = {} (of all rows {}): it looks as "
                    "if it were written down after the outcome. {}",
                    column.name, state, format_count(part.size()), format_count(rows_.size()), percent(share),
                    scan_.task.target, scan_.task.classes[label], percent(share_of_all), if_unknown(column))};
  }

  [[nodiscard]] std::optional<Leak> find_future_of_numbers(const Column& column,
                                                           const std::vector<double>& filled,
                                                           const std::vector<double>& empty) const {
    const auto mean_of = [](const std::vector<double>& values) {
      return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    };
    const auto squares_around = [](const std::vector<double>& values, double center) {
      double sum = 0;
      for (const double value : values) sum += (value - center) * (value - center);
      return sum;
    };
    const double mean_filled = mean_of(filled);
    const double mean_empty = mean_of(empty);
    const auto rows = static_cast<double>(rows_.size());
    const double mean =
        (mean_filled * static_cast<double>(filled.size()) + mean_empty * static_cast<double>(empty.size())) /
        rows;
    const double total = squares_around(filled, mean) + squares_around(empty, mean);
    const double within = squares_around(filled, mean_filled) + squares_around(empty, mean_empty);
    const double r2 = 1 - within / total;
    if (!(r2 >= kFutureR2)) return std::nullopt;
    return Leak{
        LeakKind::knows_the_future, column.name, r2, false,
        fmt::format("whether {} has a value already tells {} (R2 {:.3f}; mean {} where it has one, {} "
                    "where it is empty): it looks as if it were written down after the outcome. {}",
                    column.name, scan_.task.target, r2, format_score(mean_filled), format_score(mean_empty),
                    if_unknown(column))};
  }

  [[nodiscard]] std::optional<Leak> find_near_copy(const Column& column) const {
    const double score = score_alone(column, scan_.labels, halves_);
    if (!(score >= kNearCopy)) return std::nullopt;
    return Leak{
        LeakKind::near_copy, column.name, score, false,
        fmt::format("{} alone predicts {} with {} {:.3f}, judged on other rows than it was fitted on. {}",
                    column.name, scan_.task.target, score_alone_name(scan_.labels.kind), score,
                    if_unknown(column))};
  }

  const LeakageScan& scan_;
  std::span<const RowIndex> rows_;
  Halves halves_;
};

// A leak for each column of a formula for the target; columns with leaks of another kind are not asked.
void add_formula(const LeakageScan& scan, std::span<const RowIndex> rows,
                 std::vector<std::optional<Leak>>& leaks) {
  if (scan.labels.kind != TaskKind::regression) return;
  std::vector<std::size_t> candidates;
  bool has_near_copy = false;
  for (std::size_t i = 0; i < leaks.size(); ++i) {
    const bool is_near_copy = leaks[i] && leaks[i]->kind == LeakKind::near_copy;
    has_near_copy |= is_near_copy;
    if ((!leaks[i] || is_near_copy) && scan.table.column(i).is_numeric()) candidates.push_back(i);
  }
  const auto some = rows.first(std::min(rows.size(), kFormulaRows));
  const auto add = [&](const std::vector<std::size_t>& columns, double strength, const std::string& what) {
    for (const std::size_t i : columns) {
      const std::string& name = scan.table.column(i).name;
      leaks[i] =
          Leak{LeakKind::near_copy, name, strength, false,
               fmt::format("{}, so {} gives a part of the target away. If it is not known when you predict, "
                           "leave it out: {}.",
                           what, name, drop_flag(name))};
    }
  };
  if (const auto formula = find_exact_formula(scan.table, candidates, scan.labels.values, some)) {
    add(formula->columns, 1,
        fmt::format("{} = {} in all {} rows looked at", scan.task.target, formula->text,
                    format_count(some.size())));
  } else if (has_near_copy) {
    return;
  } else if (const auto sum = find_near_sum(scan.table, candidates, scan.labels.values, some)) {
    add(sum->columns, sum->r2,
        fmt::format("{} is almost {} (R2 {:.4f} in {} rows)", scan.task.target, sum->text, sum->r2,
                    format_count(some.size())));
  }
}

std::optional<Leak> find_equal_rows(const LeakageScan& scan, std::span<const std::optional<Leak>> leaks) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < leaks.size(); ++i) {
    if (!leaks[i] || !leaks[i]->drop) columns.push_back(i);
  }
  const EqualRows equal = count_equal_rows(scan.table, columns, scan.labels, scan.pool);
  const double share = static_cast<double>(equal.copies) / static_cast<double>(scan.table.rows());
  if (!equal.is_telling || !(share >= kTellingCopies)) return std::nullopt;
  const std::size_t conflicting = equal.rows - equal.copies;
  const std::string others = conflicting == 0
                                 ? ""
                                 : fmt::format(" ({} more equal another row in everything but the target)",
                                               format_count(conflicting));
  const std::string remedy =
      scan.rule.kind == SplitKind::group
          ? "Where they lie in different groups, one may train and the other judge."
          : "The split puts some on both sides. If they are records of one case, remove "
            "them from the file, or keep them together with --split group:COLUMN.";
  return Leak{LeakKind::duplicate_rows, "", share, false,
              fmt::format("{} of {} rows ({}) are copies of another row, the target included{}. {}",
                          format_count(equal.copies), format_count(scan.table.rows()), percent(share), others,
                          remedy)};
}

}  // namespace

std::string_view leak_kind_name(LeakKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

std::vector<Leak> scan_for_leaks(const LeakageScan& scan) {
  ASTROLABE_CHECK(scan.labels.rows() == scan.table.rows(), "one label per row of the table");
  if (scan.table.rows() == 0) return {};
  const std::vector<RowIndex> rows = sample_rows(scan);
  const ColumnScan scan_column(scan, rows);
  std::vector<std::optional<Leak>> by_column(scan.table.columns().size());
  scan.pool.for_each(by_column.size(),
                     [&](std::size_t i) { by_column[i] = scan_column(scan.table.column(i)); });
  add_formula(scan, rows, by_column);
  const std::optional<Leak> equal_rows = find_equal_rows(scan, by_column);
  std::vector<Leak> leaks;
  for (std::optional<Leak>& leak : by_column) {
    if (leak) leaks.push_back(std::move(*leak));
  }
  if (equal_rows) leaks.push_back(*equal_rows);
  return leaks;
}

}  // namespace astrolabe
