// SPDX-License-Identifier: Apache-2.0
// A loss expression as a program over a block of rows, in f64: its value and what boosting needs of its
// derivatives, found by autodiff.
//
//   const LossProgram program(expression, TaskKind::regression, 0, LossProgram::Wanted::pairs);
//   LossProgram::Lease block = program.lease();
//   std::copy_n(targets, rows, block.y().begin());  ...  block.run();
//   block.output(0)[i];   // d loss / d z of row i
//
// Inputs and outputs are [block()] each. Numbers and two classes: an element is a row; of two classes y is 0
// or 1, and the expression is summed over both: at (y, z, p) and at (1-y, -z, 1-p). More classes: an element
// is one class of a row, y is 1 for its own class, z its score and d the logarithm of its probability; see
// expression_loss.h for how derivatives in z and d become those of the row.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "astrolabe/graph/expression.h"
#include "astrolabe/runtime/compile.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe::trees {

class LossProgram {
 public:
  enum class Wanted : std::uint8_t {
    value,  // the loss of an element
    slope,  // d/dz; not of more than two classes
    pairs,  // d/dz, d2/dz2; of more than two classes d/dz, d/dd, d2/dz2, d2/dzdd, d2/dd2
  };
  // Elements of a block; part of no result.
  static constexpr std::size_t kBlock = 2048;

  LossProgram(const Expression& loss, TaskKind kind, std::size_t classes, Wanted wanted);

  [[nodiscard]] std::size_t block() const { return block_; }

 private:
  struct Place {
    explicit Place(const std::shared_ptr<const Executable>& executable) : execution(executable) {}
    Execution execution;
    std::vector<double> y, z, d;
  };

 public:
  // Memory for one block, given back at the end. What lies behind the elements that were filled does not
  // matter.
  class Lease {
   public:
    explicit Lease(const LossProgram& from) : from_(from), place_(from.take()) {}
    ~Lease() { from_.give_back(std::move(place_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    [[nodiscard]] std::span<double> y() { return place_->y; }
    [[nodiscard]] std::span<double> z() { return place_->z; }
    [[nodiscard]] std::span<double> d() { return place_->d; }
    void run() { place_->execution.run(); }
    [[nodiscard]] std::span<const double> output(std::size_t i) const {
      return place_->execution.output<double>(i);
    }

   private:
    const LossProgram& from_;
    std::unique_ptr<Place> place_;
  };
  // Thread-safe. Same bytes whatever the lease.
  [[nodiscard]] Lease lease() const { return Lease(*this); }

 private:
  [[nodiscard]] std::unique_ptr<Place> take() const;
  void give_back(std::unique_ptr<Place> place) const;

  std::size_t block_;
  std::vector<double> constants_;
  std::shared_ptr<const Executable> executable_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Place>> free_;
};

}  // namespace astrolabe::trees
