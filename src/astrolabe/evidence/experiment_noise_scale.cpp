// SPDX-License-Identifier: Apache-2.0
// The gradient noise scale tr(S) / |G|^2, S the covariance of the gradient of a row and G its mean: about the
// batch beyond which more rows stop paying. Found directly from the gradient of every row, and as those do
// who cannot have these: from the mean squared norms of gradients of two sizes of batch, since E |G_B|^2 =
// |G|^2 + tr(S) / B for rows drawn with replacement.
#include <algorithm>
#include <cmath>

#include <Eigen/Dense>
#include <fmt/format.h>

#include "astrolabe/evidence/experiments.h"
#include "astrolabe/evidence/training_probe.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 512, kLooks = 6;
constexpr double kNear = 1.25;  // within this factor the two ways agree
constexpr double kGrows = 2;

using Gradients = Eigen::MatrixXd;  // [weights, rows]

// The gradient of each row, one by one.
class RowGradients {
 public:
  explicit RowGradients(const SmallNet& net) : spec_(net.spec()), size_(net.layout().size) {
    spec_.batch = 1;
    const TrainerSetup own = net.setup();
    surface_ = std::make_unique<LossSurface>(
        TrainerSetup{.spec = spec_, .layout = own.layout, .rows = own.rows, .bins = own.bins});
  }

  [[nodiscard]] Gradients at(std::span<const float> w) {
    Gradients gradients(static_cast<Eigen::Index>(size_), static_cast<Eigen::Index>(spec_.rows));
    std::vector<float> g(size_);
    for (std::int32_t row = 0; row < gradients.cols(); ++row) {
      surface_->gradient(w, std::span(&row, 1), g);
      gradients.col(row) = Eigen::Map<const Eigen::VectorXf>(g.data(), gradients.rows()).cast<double>();
    }
    return gradients;
  }

 private:
  StepSpec spec_;
  std::size_t size_;
  std::unique_ptr<LossSurface> surface_;
};

struct Moments {
  double signal = 0, noise = 0;  // |G|^2 and tr(S)
  [[nodiscard]] double scale() const { return signal > 0 ? noise / signal : INFINITY; }
};

Moments directly(const Gradients& gradients) {
  const Eigen::VectorXd mean = gradients.rowwise().mean();
  const double squares = gradients.colwise().squaredNorm().mean();
  return {.signal = mean.squaredNorm(), .noise = squares - mean.squaredNorm()};
}

double mean_square_norm(const Gradients& gradients, std::size_t batch, std::size_t draws, Key key) {
  RandomStream random(key);
  double sum = 0;
  for (std::size_t draw = 0; draw < draws; ++draw) {
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(gradients.rows());
    for (std::size_t i = 0; i < batch; ++i)
      mean += gradients.col(
          static_cast<Eigen::Index>(random.below(static_cast<std::uint64_t>(gradients.cols()))));
    sum += (mean / static_cast<double>(batch)).squaredNorm();
  }
  return sum / static_cast<double>(draws);
}

// McCandlish and others 2018, appendix A.1: both moments without bias; of their ratio the draws decide.
Moments by_two_batches(std::size_t small_batch, double of_small, std::size_t big_batch, double of_big) {
  const auto small = static_cast<double>(small_batch), big = static_cast<double>(big_batch);
  return {.signal = (big * of_big - small * of_small) / (big - small),
          .noise = (of_small - of_big) / (1 / small - 1 / big)};
}

ExperimentCurve named(std::string name) {
  return {.name = std::move(name), .x = {}, .y = {}};
}

// Rows and verdict from the curves: first the direct one, then one of each batch.
void compare(const std::vector<std::size_t>& batches, ExperimentResult& result) {
  const std::vector<double>& direct = result.plot.curves[0].y;
  bool agree = true;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const std::vector<double>& found = result.plot.curves[i + 1].y;
    std::vector<double> off;
    for (std::size_t look = 0; look < found.size(); ++look)
      off.push_back(std::abs(std::log(found[look] / direct[look])));
    const double factor = std::exp(median(off));
    agree = agree && factor <= kNear;
    result.rows.push_back({fmt::format("{}", batches[i]),
                           {{"at_first", found.front()},
                            {"at_last", found.back()},
                            {"direct_at_first", direct.front()},
                            {"direct_at_last", direct.back()},
                            {"off_by_factor", factor}}});
  }
  const bool grows = direct.back() >= kGrows * direct.front();
  result.verdict = agree && grows ? ExperimentVerdict::confirmed : ExperimentVerdict::refuted;
  result.words = fmt::format("the two ways {}; the noise scale went from {:.3g} to {:.3g} rows",
                             agree ? "agree" : "do not agree", direct.front(), direct.back());
}

}  // namespace

ExperimentResult run_noise_scale(const ExperimentRequest& request) {
  const std::size_t steps = request.count("steps", 0, 20'000), draws = request.count("draws", 2, 5'000);
  const std::size_t big = request.count("big", 2, kRows);
  const std::vector<std::size_t> batches = request.counts("batch", 1, big - 1);
  const SmallTask task = draw_classes({.rows = kRows, .apart = 0.6}, request.key.split("task"));
  const SmallNet net(task, {.architecture = request.text("architecture"),
                            .activation = request.text("activation"),
                            .loss = request.text("loss"),
                            .optimizer = request.text("optimizer"),
                            .batch = 64});
  ExperimentResult result{.key = "batch",
                          .rows = {},
                          .plot = {"step", "noise scale in rows", true, {named("every row")}},
                          .prediction = {},
                          .words = {}};
  result.prediction = fmt::format(
      "two sizes of batch tell the noise scale that the gradients of all rows have, within a factor of {:g} "
      "throughout training (median of the looks); and it is {:g} times as large at the end as at the start",
      kNear, kGrows);
  for (const std::size_t batch : batches)
    result.plot.curves.push_back(named(fmt::format("{} and {} rows", batch, big)));
  RowGradients rows(net);
  Trainer trainer(
      net.setup({.learning_rate = request.number("rate", 1e-6, 10)}, steps, request.key.split("order")));
  trainer.start(net.first_weights(Initialization::he, request.key.split("weights")));
  for (std::size_t look = 0; look <= kLooks; ++look) {
    while (trainer.steps_done() * kLooks < look * steps) trainer.step();
    const Gradients gradients = rows.at(trainer.w());
    const auto note = [&](ExperimentCurve& curve, double scale) {
      curve.x.push_back(static_cast<double>(trainer.steps_done()));
      curve.y.push_back(scale);
    };
    note(result.plot.curves[0], directly(gradients).scale());
    const Key key = request.key.split("draws").split(look);
    const auto square = [&](std::size_t batch) {
      return mean_square_norm(gradients, batch, draws, key.split(batch));
    };
    const double of_big = square(big);
    for (std::size_t i = 0; i < batches.size(); ++i)
      note(result.plot.curves[i + 1], by_two_batches(batches[i], square(batches[i]), big, of_big).scale());
  }
  compare(batches, result);
  return result;
}

}  // namespace astrolabe
