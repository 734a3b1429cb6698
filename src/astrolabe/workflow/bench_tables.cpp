// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/bench_tables.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace astrolabe {
namespace {

using std::numbers::pi;

Column number(std::string name, std::vector<double> values) {
  Column column;
  column.name = std::move(name);
  column.type = ColumnType::number;
  column.numbers = std::move(values);
  return column;
}
Column category(std::string name, std::vector<std::int32_t> codes, std::vector<std::string> levels) {
  Column column;
  column.name = std::move(name);
  column.type = ColumnType::category;
  column.codes = std::move(codes);
  column.levels = std::move(levels);
  return column;
}

// Columns of numbers and of names, put together row by row.
class Drawing {
 public:
  Drawing(std::size_t rows, Key key) : rows_(rows), key_(key) {}

  // [rows, count] Standard normal numbers in columns x1, x2, ...
  const std::vector<std::vector<double>>& normals(std::size_t count) {
    return fill(count, [](RandomStream& random) { return random.normal(); });
  }
  const std::vector<std::vector<double>>& uniforms(std::size_t count) {
    return fill(count, [](RandomStream& random) { return random.uniform(); });
  }
  std::vector<std::vector<double>>& numbers() { return numbers_; }

  // Codes below `levels`, named as in "user07".
  void add_category(const std::string& name, std::size_t levels, std::vector<std::int32_t> codes) {
    std::vector<std::string> names;
    const std::size_t width = fmt::format("{}", levels - 1).size();
    for (std::size_t level = 0; level < levels; ++level)
      names.push_back(fmt::format("{}{:0{}}", name, level, width));
    names_.push_back(category(name, std::move(codes), std::move(names)));
  }

  Table with_numbers(std::vector<double> target) {
    return finish(number(std::string(kBenchTarget), std::move(target)));
  }
  Table with_classes(std::vector<std::int32_t> classes, std::vector<std::string> levels) {
    return finish(category(std::string(kBenchTarget), std::move(classes), std::move(levels)));
  }
  Table with_yes_and_no(std::vector<std::int32_t> is_yes) {
    return with_classes(std::move(is_yes), {"no", std::string(kBenchPositive)});
  }

  // Numbers of its own for each row and purpose.
  [[nodiscard]] RandomStream stream(std::string_view purpose) const {
    return RandomStream(key_.split(purpose));
  }
  [[nodiscard]] std::size_t rows() const { return rows_; }

 private:
  template <class Draw>
  const std::vector<std::vector<double>>& fill(std::size_t count, const Draw& draw) {
    RandomStream random = stream("numbers");
    numbers_.assign(count, std::vector<double>(rows_));
    for (std::size_t row = 0; row < rows_; ++row)
      for (std::vector<double>& column : numbers_) column[row] = draw(random);
    return numbers_;
  }
  Table finish(Column target) {
    std::vector<Column> columns;
    for (std::size_t i = 0; i < numbers_.size(); ++i)
      columns.push_back(number(fmt::format("x{}", i + 1), std::move(numbers_[i])));
    for (Column& column : names_) columns.push_back(std::move(column));
    columns.push_back(std::move(target));
    return Table(std::move(columns));
  }

  std::size_t rows_;
  Key key_;
  std::vector<std::vector<double>> numbers_;
  std::vector<Column> names_;
};

// What is true of the question is the same in every drawing of it.
RandomStream truth_of(std::string_view name) {
  return RandomStream(Key::from_seed(1).split(name));
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// Two curves in the plane, a coin for each row, and noise around them; curve(is_second, angle) is a point.
template <class Curve>
Table draw_curves(std::size_t rows, Key key, std::string_view name, double noise, double turn,
                  const Curve& curve) {
  Drawing drawing(rows, key);
  drawing.normals(2);
  RandomStream random = drawing.stream(name);
  std::vector<std::int32_t> yes(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    yes[row] = static_cast<std::int32_t>(random.below(2));
    const auto [at_x, at_y] = curve(yes[row] != 0, turn * random.uniform());
    double& x = drawing.numbers()[0][row];
    double& y = drawing.numbers()[1][row];
    x = noise * x + at_x;
    y = noise * y + at_y;
  }
  return drawing.with_yes_and_no(std::move(yes));
}

Table draw_moons(std::size_t rows, Key key) {
  return draw_curves(rows, key, "moons", 0.25, pi, [](bool is_second, double angle) {
    return is_second ? std::pair(1 - std::cos(angle), 0.5 - std::sin(angle))
                     : std::pair(std::cos(angle), std::sin(angle));
  });
}

Table draw_rings(std::size_t rows, Key key) {
  return draw_curves(rows, key, "rings", 0.2, 2 * pi, [](bool is_second, double angle) {
    const double radius = is_second ? 0.7 : 1.5;
    return std::pair(radius * std::cos(angle), radius * std::sin(angle));
  });
}

Table draw_linear(std::size_t rows, Key key) {
  constexpr std::size_t kColumns = 10;
  Drawing drawing(rows, key);
  const auto& x = drawing.normals(kColumns);
  RandomStream truth = truth_of("linear"), noise = drawing.stream("noise");
  std::array<double, kColumns> weights{};
  for (double& weight : weights) weight = truth.normal();
  std::vector<double> y(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    y[row] = 2 * noise.normal();
    for (std::size_t i = 0; i < kColumns; ++i) y[row] += weights[i] * x[i][row];
  }
  return drawing.with_numbers(std::move(y));
}

// Friedman, "Multivariate adaptive regression splines", Annals of Statistics 1991: five columns matter, five
// do not.
Table draw_friedman1(std::size_t rows, Key key) {
  Drawing drawing(rows, key);
  const auto& x = drawing.uniforms(10);
  RandomStream noise = drawing.stream("noise");
  std::vector<double> y(rows);
  for (std::size_t i = 0; i < rows; ++i)
    y[i] = 10 * std::sin(pi * x[0][i] * x[1][i]) + 20 * (x[2][i] - 0.5) * (x[2][i] - 0.5) + 10 * x[3][i] +
           5 * x[4][i] + noise.normal();
  return drawing.with_numbers(std::move(y));
}

// Two columns of many names, whose hidden vectors multiply; what an embedding is for.
Table draw_categories(std::size_t rows, Key key) {
  constexpr std::size_t kUsers = 120, kItems = 60, kHidden = 3;
  Drawing drawing(rows, key);
  const auto& x = drawing.normals(2);
  RandomStream truth = truth_of("categories"), random = drawing.stream("names");
  std::vector<double> users(kUsers * kHidden), items(kItems * kHidden);
  for (double& value : users) value = truth.normal();
  for (double& value : items) value = truth.normal();
  std::vector<std::int32_t> user(rows), item(rows), yes(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    // Few names are frequent, most are rare.
    const double u = random.uniform(), v = random.uniform();
    user[row] = static_cast<std::int32_t>(u * u * kUsers);
    item[row] = static_cast<std::int32_t>(v * v * kItems);
    double logit = 0.5 * x[0][row];
    for (std::size_t k = 0; k < kHidden; ++k)
      logit += users[static_cast<std::size_t>(user[row]) * kHidden + k] *
               items[static_cast<std::size_t>(item[row]) * kHidden + k];
    yes[row] = random.uniform() < sigmoid(1.5 * logit) ? 1 : 0;
  }
  drawing.add_category("user", kUsers, std::move(user));
  drawing.add_category("item", kItems, std::move(item));
  return drawing.with_yes_and_no(std::move(yes));
}

// Whether an even number of three columns is below 0; no column says anything alone, nor do two.
Table draw_parity(std::size_t rows, Key key) {
  Drawing drawing(rows, key);
  const auto& x = drawing.normals(6);
  RandomStream random = drawing.stream("noise");
  std::vector<std::int32_t> yes(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const bool truth = x[0][row] * x[1][row] * x[2][row] > 0;
    yes[row] = truth != (random.uniform() < 0.05) ? 1 : 0;
  }
  return drawing.with_yes_and_no(std::move(yes));
}

Table draw_imbalanced(std::size_t rows, Key key) {
  Drawing drawing(rows, key);
  const auto& x = drawing.normals(8);
  RandomStream random = drawing.stream("noise");
  std::vector<std::int32_t> yes(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const double logit = -4 + 1.2 * x[0][row] + x[1][row] * x[2][row] + std::abs(x[3][row]);
    yes[row] = random.uniform() < sigmoid(logit) ? 1 : 0;
  }
  return drawing.with_yes_and_no(std::move(yes));
}

// Overlapping clouds in eight dimensions; `wrong`: the share of labels that are drawn at random.
Table draw_clouds(std::size_t rows, Key key, std::string_view name, double wrong) {
  constexpr std::size_t kClasses = 6, kColumns = 8;
  Drawing drawing(rows, key);
  drawing.normals(kColumns);
  RandomStream truth = truth_of(name), random = drawing.stream("classes");
  std::array<std::array<double, kColumns>, kClasses> centres{};
  for (auto& centre : centres)
    for (double& value : centre) value = 0.8 * truth.normal();
  std::vector<std::int32_t> classes(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto shown = static_cast<std::size_t>(random.below(kClasses));
    const auto other = static_cast<std::int32_t>(random.below(kClasses));
    for (std::size_t i = 0; i < kColumns; ++i) drawing.numbers()[i][row] += centres.at(shown).at(i);
    classes[row] = random.uniform() < wrong ? other : static_cast<std::int32_t>(shown);
  }
  return drawing.with_classes(std::move(classes), {"a", "b", "c", "d", "e", "f"});
}
Table draw_blobs(std::size_t rows, Key key) {
  return draw_clouds(rows, key, "blobs", 0);
}
Table draw_noisy_labels(std::size_t rows, Key key) {
  return draw_clouds(rows, key, "noisy labels", 0.3);
}

// A smooth curve that bends often, of three columns.
Table draw_waves(std::size_t rows, Key key) {
  Drawing drawing(rows, key);
  const auto& x = drawing.normals(3);
  RandomStream noise = drawing.stream("noise");
  std::vector<double> y(rows);
  for (std::size_t i = 0; i < rows; ++i)
    y[i] = std::sin(2 * x[0][i]) + std::cos(3 * x[1][i]) * x[2][i] + 0.1 * noise.normal();
  return drawing.with_numbers(std::move(y));
}

// Nothing is to be learned here: who finds a difference has found chance.
Table draw_nothing(std::size_t rows, Key key) {
  Drawing drawing(rows, key);
  drawing.normals(5);
  RandomStream random = drawing.stream("classes");
  std::vector<std::int32_t> yes(rows);
  for (std::int32_t& value : yes) value = static_cast<std::int32_t>(random.below(2));
  return drawing.with_yes_and_no(std::move(yes));
}

constexpr auto kBinary = TaskKind::binary;
constexpr auto kClasses = TaskKind::multiclass;
constexpr auto kNumbers = TaskKind::regression;

constexpr std::array<BenchTable, 11> kTables{{
    {"moons", "Two half moons that interlock; two columns.", kBinary, "log_loss", 400, draw_moons},
    {"rings", "A ring within a ring; two columns.", kBinary, "log_loss", 400, draw_rings},
    {"linear", "A straight line with noise, ten columns.", kNumbers, "rmse", 400, draw_linear},
    {"friedman1", "Friedman's first function: five of ten columns matter.", kNumbers, "rmse", 600,
     draw_friedman1},
    {"categories", "Two columns of many names whose hidden vectors multiply.", kBinary, "log_loss", 1500,
     draw_categories},
    {"parity", "The sign of a product of three columns, of six.", kBinary, "log_loss", 800, draw_parity},
    {"imbalanced", "A class of one row in twenty.", kBinary, "auc", 1000, draw_imbalanced},
    {"blobs", "Six overlapping clouds in eight dimensions.", kClasses, "log_loss", 600, draw_blobs},
    {"noisy_labels", "The same with three labels in ten drawn at random.", kClasses, "log_loss", 600,
     draw_noisy_labels},
    {"waves", "A smooth curve that bends often, of three columns.", kNumbers, "rmse", 800, draw_waves},
    {"nothing", "Classes by a coin: nothing is to be learned.", kBinary, "log_loss", 400, draw_nothing},
}};

}  // namespace

std::span<const BenchTable> bench_tables() {
  return kTables;
}

const BenchTable* find_bench_table(std::string_view name) {
  const auto* row = std::ranges::find(kTables, name, &BenchTable::name);
  return row == kTables.end() ? nullptr : row;
}

}  // namespace astrolabe
