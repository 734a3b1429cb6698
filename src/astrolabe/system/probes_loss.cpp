// SPDX-License-Identifier: Apache-2.0
// Losses by their slope in the raw output z: of classes through the softmax, with labels that are softened
// differently in every row; of numbers directly, with truths of both signs.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/random.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/system/probes.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 24;
constexpr std::size_t kClasses = 3;
constexpr double kRightWay = 0.6;  // share of rows in which a step must improve the output

class LossProbes : public Probes {
 public:
  LossProbes() {
    const Key key = Key::from_seed(2017).split("loss");
    std::uint64_t draws = 0;
    const auto uniform = [&](double low, double high) {
      return low + (high - low) * random_uniform(key, draws++);
    };
    for (std::size_t row = 0; row < kRows; ++row) {
      const double truth = uniform(0.85, 1);
      for (std::size_t c = 0; c < kClasses; ++c) {
        outputs_.push_back(uniform(-2, 2));
        labels_.push_back(c == row % kClasses ? truth : (1 - truth) / (kClasses - 1));
        numbers_.push_back(uniform(-2, 2));
      }
    }
    z_ = matrix("z", outputs_);
    label_ = matrix("label", labels_);
    truth_ = matrix("truth", numbers_);
    one_ = matrix("one", std::vector<double>(kRows * kClasses, 1));
    const NodeId exponentials = graph_.math("exp", z_);
    const NodeId sums =
        graph_.expand(graph_.reshape(graph_.sum(exponentials, {1}), Shape{kRows, 1}), Shape{kRows, kClasses});
    p_ = graph_.divide(exponentials, sums);
    log_p_ = graph_.subtract(z_, graph_.math("log", sums));
    log_1_p_ = graph_.math("log1p", graph_.negate(p_));
  }

  ProbedFormula place(const Expression& expression) override {
    const bool is_of_classes = expression.uses_probability();
    const NodeId value = place_at(expression, {{"y", is_of_classes ? label_ : truth_},
                                               {"z", z_},
                                               {"p", p_},
                                               {"log_p", log_p_},
                                               {"log_1_p", log_1_p_},
                                               {"classes", number(kClasses)}})
                             .value;
    if (graph_.shape(value).rank() != 2) return {{{as_f64(value)}}};  // looks at no row
    return {{{pull_back(graph_, value, one_, std::vector<NodeId>{z_})[0]}}};
  }

  std::optional<std::string> fault(const Expression& expression,
                                   std::span<const std::vector<double>> values) const override {
    const std::vector<double>& slopes = values[0];
    if (slopes.size() != kRows * kClasses || std::ranges::all_of(slopes, [](double s) { return s == 0; }))
      return "it has no slope in the model's output";
    if (auto gaps = too_little_finite(values, slopes.size(), "of the output")) return gaps;
    const double share =
        expression.uses_probability() ? rows_towards_truth(slopes) : numbers_towards_truth(slopes);
    if (share < kRightWay) return "it pushes the output away from the truth as often as towards it";
    return std::nullopt;
  }

 private:
  NodeId matrix(const std::string& name, const std::vector<double>& points) {
    feed_.inputs.push_back(Array::of<double>(Shape{kRows, kClasses}, points));
    return graph_.input(name, ElementType::f64, Shape{kRows, kClasses});
  }

  // A step down the slope raises the true class above the mean of the others.
  [[nodiscard]] static double rows_towards_truth(std::span<const double> slopes) {
    std::size_t good = 0;
    for (std::size_t row = 0; row < kRows; ++row) {
      const std::span<const double> of_row = slopes.subspan(row * kClasses, kClasses);
      const double own = of_row[row % kClasses];
      double others = -own;
      for (const double slope : of_row) others += slope;
      if (own < others / (kClasses - 1)) ++good;
    }
    return static_cast<double>(good) / kRows;
  }
  [[nodiscard]] double numbers_towards_truth(std::span<const double> slopes) const {
    std::size_t good = 0;
    for (std::size_t i = 0; i < slopes.size(); ++i)
      if (slopes[i] != 0 && (slopes[i] > 0) == (outputs_[i] > numbers_[i])) ++good;
    return static_cast<double>(good) / static_cast<double>(slopes.size());
  }

  std::vector<double> outputs_, labels_, numbers_;
  NodeId z_, label_, truth_, one_, p_, log_p_, log_1_p_;
};

}  // namespace

std::unique_ptr<Probes> make_loss_probes() {
  return std::make_unique<LossProbes>();
}

}  // namespace astrolabe
