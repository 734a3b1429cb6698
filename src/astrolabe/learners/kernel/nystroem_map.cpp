// SPDX-License-Identifier: Apache-2.0
// Source: Williams and Seeger, "Using the Nystroem method to speed up kernel machines" (NIPS 2000). With the
// factor K_mm = L L' of the landmarks that count, z(x) = L^-1 k(landmarks, x).
#include <algorithm>
#include <cmath>

#include "astrolabe/learners/kernel/feature_map.h"
#include "astrolabe/learners/kernel/kernel_function.h"
#include "astrolabe/learners/kernel/pivoted_cholesky.h"

namespace astrolabe::kernel {
namespace {

constexpr double kRest = 1e-6;     // of the largest k(x, x): what f32 can still tell from rounding
constexpr float kLongest = 1e12F;  // of a number in a model file
constexpr float kMostValue = 1e15F;

class NystroemMap final : public FeatureMap {
 public:
  NystroemMap(const KernelChoice& choice, std::size_t inputs, std::vector<float> columns,
              std::vector<float> turn)
      : choice_(choice), inputs_(inputs), columns_(std::move(columns)), turn_(std::move(turn)) {
    outputs_ = columns_.size() / inputs_;
  }

  [[nodiscard]] std::size_t inputs() const override { return inputs_; }
  [[nodiscard]] std::size_t outputs() const override { return outputs_; }

  void apply(std::span<const float> x, std::size_t rows, float* z, std::size_t stride,
             MapWork& work) const override {
    if (rows == 0) return;
    work.values.resize(rows * outputs_);
    kernel_block(choice_, x, rows, columns_, outputs_, work.values, work.scratch);
    for (float& value : work.values) value = std::min(std::max(value, -kMostValue), kMostValue);
    gemm({.m = rows,
          .n = outputs_,
          .k = outputs_,
          .a = work.values.data(),
          .a_row = static_cast<std::ptrdiff_t>(outputs_),
          .b = turn_.data(),
          .b_row = static_cast<std::ptrdiff_t>(outputs_),
          .c = z,
          .c_row = static_cast<std::ptrdiff_t>(stride)},
         best_instruction_set(), work.scratch);
  }

  void save(ArchiveWriter& archive) const override {
    archive.put_array<float>(columns_);
    archive.put_array<float>(turn_);
  }

 private:
  KernelChoice choice_;
  std::size_t inputs_;
  std::size_t outputs_ = 0;
  std::vector<float> columns_;  // [inputs, outputs] the landmarks that count
  std::vector<float> turn_;     // [outputs, outputs] the transpose of L^-1
};

bool all_within(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return value >= -kLongest && value <= kLongest; });
}

}  // namespace

std::shared_ptr<const FeatureMap> make_nystroem_map(const KernelChoice& choice,
                                                    std::span<const float> landmarks, std::size_t inputs) {
  const std::size_t count = landmarks.size() / inputs;
  std::vector<double> matrix(count * count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j <= i; ++j)
      matrix[i * count + j] = matrix[j * count + i] =
          kernel_value(choice, landmarks.subspan(i * inputs, inputs), landmarks.subspan(j * inputs, inputs));
  const PivotedFactor factor = pivoted_cholesky(matrix, count, kRest);
  const std::size_t rank = factor.pivots.size();
  const std::vector<double> inverse = inverse_of_lower(factor.lower, rank);
  std::vector<float> columns(inputs * rank), turn(rank * rank);
  for (std::size_t m = 0; m < rank; ++m) {
    for (std::size_t j = 0; j < inputs; ++j) columns[j * rank + m] = landmarks[factor.pivots[m] * inputs + j];
    for (std::size_t k = 0; k < rank; ++k) turn[m * rank + k] = static_cast<float>(inverse[k * rank + m]);
  }
  return std::make_shared<NystroemMap>(choice, inputs, std::move(columns), std::move(turn));
}

std::shared_ptr<const FeatureMap> load_nystroem_map(ArchiveReader& archive, const KernelChoice& choice,
                                                    std::size_t inputs, std::size_t outputs) {
  std::vector<float> columns = archive.get_array<float>(), turn = archive.get_array<float>();
  if (outputs == 0 || columns.size() % outputs != 0 || columns.size() / outputs != inputs ||
      turn.size() % outputs != 0 || turn.size() / outputs != outputs || !all_within(columns) ||
      !all_within(turn))
    ArchiveReader::damaged("the landmarks of a kernel machine");
  return std::make_shared<NystroemMap>(choice, inputs, std::move(columns), std::move(turn));
}

}  // namespace astrolabe::kernel
