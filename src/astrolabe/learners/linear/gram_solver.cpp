// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "astrolabe/learners/linear/quadratic.h"

namespace astrolabe::linear {

namespace {

constexpr std::size_t kMostFeatures = 512;
// Sums over rows are made of this many parts, added in order: the same bits on any number of threads.
constexpr std::size_t kParts = 8;
constexpr std::size_t kBlockRows = 128;
constexpr int kMostPasses = 10000;

// The sparse values by row. Features are renumbered: dense ones first, so that a row's part of the Gram
// matrix starts with a solid block.
struct Rows {
  std::vector<std::uint32_t> order;   // [features] place -> feature
  std::size_t dense = 0;              // how many places are dense
  std::vector<std::size_t> first;     // [rows + 1]
  std::vector<std::uint32_t> places;  // ascending in each row
  std::vector<float> values;
};

Rows turn_to_rows(const Design& design) {
  Rows rows;
  for (const bool sparse : {false, true})
    for (std::uint32_t feature = 0; feature < design.features(); ++feature)
      if (design.is_sparse(feature) == sparse) rows.order.push_back(feature);
  while (rows.dense < rows.order.size() && !design.is_sparse(rows.order[rows.dense])) ++rows.dense;

  rows.first.assign(design.rows() + 1, 0);
  for (std::size_t place = rows.dense; place < rows.order.size(); ++place)
    for (const std::uint32_t row : design.column(rows.order[place]).sparse_rows) ++rows.first[row + 1];
  for (std::size_t row = 0; row < design.rows(); ++row) rows.first[row + 1] += rows.first[row];
  rows.places.resize(rows.first.back());
  rows.values.resize(rows.first.back());
  std::vector<std::size_t> next(rows.first.begin(), rows.first.end() - 1);
  for (std::size_t place = rows.dense; place < rows.order.size(); ++place) {
    const FeatureColumn& column = design.column(rows.order[place]);
    for (std::size_t i = 0; i < column.sparse_rows.size(); ++i) {
      const std::size_t at = next[column.sparse_rows[i]]++;
      rows.places[at] = static_cast<std::uint32_t>(place);
      rows.values[at] = column.sparse_values[i];
    }
  }
  return rows;
}

struct Gram {
  Eigen::MatrixXd products;  // [places, places], centred; both halves
  Eigen::VectorXd sums;      // [places] sum of u x
  double total = 0;          // sum of u
};

class GramSolver final : public QuadraticSolver {
 public:
  GramSolver(const Design& design, ThreadPool& pool)
      : design_(design), pool_(pool), rows_(turn_to_rows(design)) {}
  [[nodiscard]] bool wants_screening() const override { return false; }

  [[nodiscard]] Step solve(const Quadratic& quadratic, const Budget& budget) override {
    const std::size_t features = design_.features();
    if (!quadratic.same_weights || gram_.total == 0) build(quadratic.weights);
    const Eigen::VectorXd pull = pulls(quadratic);
    Eigen::VectorXd start(features);
    for (std::size_t place = 0; place < features; ++place)
      start[static_cast<Eigen::Index>(place)] = quadratic.coefficients[rows_.order[place]];

    const Eigen::VectorXd moved = quadratic.penalty.absolute() == 0
                                      ? solve_ridge(pull, start, quadratic.penalty)
                                      : descend(pull, start, quadratic, budget);
    Step step{.coefficients = std::vector<double>(features, 0.0), .intercept = residual_mean_};
    for (std::size_t place = 0; place < features; ++place) {
      const auto at = static_cast<Eigen::Index>(place);
      step.coefficients[rows_.order[place]] = moved[at];
      step.intercept -= moved[at] * gram_.sums[at] / gram_.total;
    }
    return step;
  }

 private:
  // X'UX over [begin, end): the half where the second place is not before the first, as [first][second].
  void add_rows(std::span<const double> weights, std::size_t begin, std::size_t end,
                std::vector<double>& products, std::vector<double>& sums) const {
    const auto dense = static_cast<Eigen::Index>(rows_.dense);
    const auto features = static_cast<Eigen::Index>(rows_.order.size());
    // Read by columns, as Eigen does, that half is the lower one.
    Eigen::Map<Eigen::MatrixXd, 0, Eigen::OuterStride<>> solid(products.data(), dense, dense,
                                                               Eigen::OuterStride<>(features));
    Eigen::MatrixXd block(dense, static_cast<Eigen::Index>(kBlockRows));
    for (std::size_t from = begin; from < end; from += kBlockRows) {
      const std::size_t count = std::min(end - from, kBlockRows);
      for (Eigen::Index place = 0; place < dense; ++place) {
        const std::uint32_t feature = rows_.order[static_cast<std::size_t>(place)];
        const float* values = design_.column(feature).dense.data() + from;
        for (std::size_t at = 0; at < count; ++at)
          block(place, static_cast<Eigen::Index>(at)) = values[at] - design_.center(feature);
      }
      for (std::size_t at = 0; at < count; ++at) {
        auto x = block.col(static_cast<Eigen::Index>(at));
        add_sparse(weights[from + at], from + at, std::span<const double>(x.data(), rows_.dense), products,
                   sums);
        x *= std::sqrt(weights[from + at]);
      }
      if (dense > 0)
        solid.selfadjointView<Eigen::Lower>().rankUpdate(block.leftCols(static_cast<Eigen::Index>(count)));
    }
  }

  // What one row adds to the sums, and to the products that have a sparse feature in them.
  void add_sparse(double weight, std::size_t row, std::span<const double> dense,
                  std::vector<double>& products, std::vector<double>& sums) const {
    if (weight == 0) return;
    const std::size_t features = rows_.order.size();
    const std::size_t begin = rows_.first[row];
    const std::size_t end = rows_.first[row + 1];
    for (std::size_t place = 0; place < dense.size(); ++place) {
      const double scaled = weight * dense[place];
      sums[place] += scaled;
      for (std::size_t i = begin; i < end; ++i)
        products[place * features + rows_.places[i]] += scaled * rows_.values[i];
    }
    for (std::size_t i = begin; i < end; ++i) {
      const double scaled = weight * rows_.values[i];
      sums[rows_.places[i]] += scaled;
      for (std::size_t k = i; k < end; ++k)
        products[rows_.places[i] * features + rows_.places[k]] += scaled * rows_.values[k];
    }
  }

  void build(std::span<const double> weights) {
    const std::size_t features = rows_.order.size();
    const auto size = static_cast<Eigen::Index>(features);
    std::vector<std::vector<double>> products(kParts), sums(kParts);
    pool_.for_each(kParts, [&](std::size_t part) {
      products[part].assign(features * features, 0.0);
      sums[part].assign(features, 0.0);
      add_rows(weights, design_.rows() * part / kParts, design_.rows() * (part + 1) / kParts, products[part],
               sums[part]);
    });
    gram_.total = 0;
    for (const double weight : weights) gram_.total += weight;
    gram_.sums = Eigen::VectorXd::Zero(size);
    gram_.products = Eigen::MatrixXd::Zero(size, size);
    for (std::size_t part = 0; part < kParts; ++part)
      gram_.sums += Eigen::Map<const Eigen::VectorXd>(sums[part].data(), size);
    for (Eigen::Index a = 0; a < size; ++a) {
      for (Eigen::Index b = a; b < size; ++b) {
        double product = 0;
        for (std::size_t part = 0; part < kParts; ++part)
          product += products[part][static_cast<std::size_t>(a * size + b)];
        const double centred = product - gram_.sums[a] * gram_.sums[b] / gram_.total;
        // What centring leaves of a constant is rounding.
        const bool is_constant = a == b && centred < 1e-12 * product;
        gram_.products(a, b) = gram_.products(b, a) = is_constant ? 0.0 : centred;
      }
    }
  }

  // How the residual pulls at each centred feature.
  [[nodiscard]] Eigen::VectorXd pulls(const Quadratic& quadratic) {
    std::vector<double> weighted(design_.rows());
    double sum = 0;
    for (std::size_t row = 0; row < weighted.size(); ++row) {
      weighted[row] = quadratic.weights[row] * quadratic.residual[row];
      sum += weighted[row];
    }
    residual_mean_ = sum / gram_.total;
    Eigen::VectorXd pull(static_cast<Eigen::Index>(rows_.order.size()));
    pool_.for_each(rows_.order.size(), [&](std::size_t place) {
      double along = 0;
      design_.visit(rows_.order[place], [&](std::size_t row, double x) { along += weighted[row] * x; });
      const auto at = static_cast<Eigen::Index>(place);
      pull[at] = along - residual_mean_ * gram_.sums[at];
    });
    return pull;
  }

  [[nodiscard]] Eigen::VectorXd solve_ridge(const Eigen::VectorXd& pull, const Eigen::VectorXd& start,
                                            const Penalty& penalty) const {
    Eigen::VectorXd target = pull - penalty.square() * start;
    // Collinear features at a tiny penalty can lose positive definiteness to rounding.
    for (double ridge = penalty.square();; ridge = std::max(10 * ridge, 1e-15 * gram_.products.trace())) {
      Eigen::MatrixXd system = gram_.products;
      for (Eigen::Index at = 0; at < system.rows(); ++at) {
        if (system(at, at) == 0) {
          system.row(at).setZero();
          system.col(at).setZero();
          target[at] = -ridge * start[at];
        }
        system(at, at) += ridge;
      }
      const Eigen::LLT<Eigen::MatrixXd> factor(system);
      if (factor.info() != Eigen::Success) continue;
      Eigen::VectorXd moved = factor.solve(target);
      if (moved.allFinite() || ridge > gram_.products.trace()) return moved;
    }
  }

  [[nodiscard]] Eigen::VectorXd descend(Eigen::VectorXd pull, const Eigen::VectorXd& start,
                                        const Quadratic& quadratic, const Budget& budget) const {
    Eigen::VectorXd now = start;
    for (int pass = 0; pass < kMostPasses && !budget.should_stop(); ++pass) {
      double largest = 0;
      for (Eigen::Index at = 0; at < now.size(); ++at) {
        const double curvature = gram_.products(at, at);
        if (curvature <= 0) continue;
        const double by = shrink(pull[at] + curvature * now[at], curvature, quadratic.penalty) - now[at];
        if (by == 0) continue;
        now[at] += by;
        pull -= by * gram_.products.col(at);
        largest = std::max(largest, curvature * by * by);
      }
      if (largest <= quadratic.tolerance * 1e-2) break;
    }
    return now - start;
  }

  const Design& design_;
  ThreadPool& pool_;
  Rows rows_;
  Gram gram_;
  double residual_mean_ = 0;
};

}  // namespace

std::unique_ptr<QuadraticSolver> make_gram_solver(const Design& design, ThreadPool& pool) {
  return std::make_unique<GramSolver>(design, pool);
}

std::unique_ptr<QuadraticSolver> make_solver(const Design& design, ThreadPool& pool) {
  if (design.features() > 0 && design.features() <= kMostFeatures) return make_gram_solver(design, pool);
  return make_descent_solver(design);
}

}  // namespace astrolabe::linear
