// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/likelihood_pass.h"

#include <algorithm>

namespace astrolabe::kernel {
namespace {

constexpr std::size_t kMostKept = std::size_t{1} << 25;  // floats: 128 MB

constexpr std::size_t kWorthThreads = std::size_t{1} << 21;  // multiplications: less is done before they wake

std::vector<float> to_floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

}  // namespace

struct LikelihoodPass::Sums {
  double loss = 0, held_loss = 0, weight = 0;
  std::vector<double> along;  // [width, outputs]
};

struct LikelihoodPass::ChunkSums {
  double loss = 0, held_loss = 0, weight = 0;
  std::vector<float> along;
};

LikelihoodPass::LikelihoodPass(const HeadRequest& request, const FitRows& rows, RowShare share)
    : request_(request),
      rows_(rows),
      share_(share),
      loss_(request.response.family, request.response.outputs),
      keeps_(rows.in_memory() && rows.rows() * request.featurizer.width() <= kMostKept) {}

// Scores are products with `count` columns: those of the coefficients, then those of the direction.
void LikelihoodPass::take_chunk(Kind kind, const RowBlock& block, std::size_t begin, std::size_t end,
                                const float* z, const std::vector<float>& columns, std::size_t count,
                                ChunkSums& sums) const {
  const std::size_t rows = end - begin, width = request_.featurizer.width();
  const std::size_t outputs = request_.response.outputs;
  GemmScratch scratch;
  std::vector<float> scores(rows * count), along(rows * outputs, 0.0F);
  const auto stride = static_cast<std::ptrdiff_t>(width);
  const auto columns_stride = static_cast<std::ptrdiff_t>(count);
  gemm({.m = rows,
        .n = count,
        .k = width,
        .a = z,
        .a_row = stride,
        .b = columns.data(),
        .b_row = columns_stride,
        .c = scores.data(),
        .c_row = columns_stride},
       best_instruction_set(), scratch);
  const Labels& labels = block.data.labels;
  std::vector<double> at(count), out(outputs);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t row = block.begin + begin + i;
    const double weight = request_.survey.weight_of(labels, row);
    if (!(weight > 0)) continue;
    std::copy_n(scores.begin() + static_cast<std::ptrdiff_t>(i * count), count, at.begin());
    const std::span<const double> score(at.data(), outputs);
    const double y = request_.response.family == Family::poisson ? request_.response.of(labels.values[row])
                                                                 : labels.values[row];
    const bool is_held =
        share_.held != nullptr && share_.held->fold_of(block.first_row + begin + i) == share_.fold;
    if (kind == Kind::slope) (is_held ? sums.held_loss : sums.loss) += weight * loss_.value(y, score);
    if (is_held) continue;
    sums.weight += weight;
    if (kind == Kind::slope)
      loss_.slope(y, score, out);
    else
      loss_.curve(score, std::span<const double>(at).subspan(outputs), out);
    for (std::size_t k = 0; k < outputs; ++k) along[i * outputs + k] = static_cast<float>(weight * out[k]);
  }
  sums.along.resize(width * outputs);
  const auto outputs_stride = static_cast<std::ptrdiff_t>(outputs);
  gemm({.m = width,
        .n = outputs,
        .k = rows,
        .a = z,
        .a_row = 1,
        .a_column = stride,
        .b = along.data(),
        .b_row = outputs_stride,
        .c = sums.along.data(),
        .c_row = outputs_stride},
       best_instruction_set(), scratch);
}

std::optional<LikelihoodPass::Sums> LikelihoodPass::run(Kind kind, const std::vector<float>& columns,
                                                        std::size_t count) {
  const std::size_t width = request_.featurizer.width();
  Sums sums;
  sums.along.assign(width * request_.response.outputs, 0.0);
  if (keeps_) kept_.resize(rows_.rows() * width);
  const bool whole = rows_.visit([&](const RowBlock& block) {
    if (request_.budget.should_stop()) return false;
    const float* z = kept_.data() + block.begin * width;
    if (!keeps_ || !is_kept_) {
      featurize_block(request_.featurizer, block, {}, request_.pool, x_, z_);
      if (keeps_) std::ranges::copy(z_, kept_.begin() + static_cast<std::ptrdiff_t>(block.begin * width));
      z = z_.data();
    }
    std::vector<ChunkSums> chunks((block.rows() + kChunkRows - 1) / kChunkRows);
    const auto take = [&](std::size_t begin, std::size_t end, std::size_t chunk) {
      take_chunk(kind, block, begin, end, z + begin * width, columns, count, chunks[chunk]);
    };
    if (block.rows() * width * count >= kWorthThreads) {
      request_.pool.for_ranges(block.rows(), kChunkRows, take);
    } else {
      for (std::size_t chunk = 0; chunk < chunks.size(); ++chunk)
        take(chunk * kChunkRows, std::min((chunk + 1) * kChunkRows, block.rows()), chunk);
    }
    for (const ChunkSums& chunk : chunks) {
      sums.loss += chunk.loss;
      sums.held_loss += chunk.held_loss;
      sums.weight += chunk.weight;
      for (std::size_t i = 0; i < sums.along.size(); ++i) sums.along[i] += chunk.along[i];
    }
    return true;
  });
  if (!whole) return std::nullopt;
  is_kept_ = keeps_;
  weight_ = sums.weight;
  return sums;
}

std::optional<Slope> LikelihoodPass::slope(const std::vector<double>& coefficients) {
  const auto sums = run(Kind::slope, to_floats(coefficients), request_.response.outputs);
  if (!sums) return std::nullopt;
  const double weight = std::max(sums->weight, 1e-300);
  Slope slope{.loss = sums->loss / weight, .slope = sums->along, .held_loss = sums->held_loss};
  for (double& value : slope.slope) value /= weight;
  return slope;
}

std::optional<std::vector<double>> LikelihoodPass::curve(const std::vector<double>& coefficients,
                                                         const std::vector<double>& direction) {
  const std::size_t outputs = request_.response.outputs, width = request_.featurizer.width();
  std::vector<float> columns(width * 2 * outputs);
  for (std::size_t i = 0; i < width; ++i) {
    for (std::size_t k = 0; k < outputs; ++k) {
      columns[i * 2 * outputs + k] = static_cast<float>(coefficients[i * outputs + k]);
      columns[i * 2 * outputs + outputs + k] = static_cast<float>(direction[i * outputs + k]);
    }
  }
  auto sums = run(Kind::curve, columns, 2 * outputs);
  if (!sums) return std::nullopt;
  for (double& value : sums->along) value /= std::max(sums->weight, 1e-300);
  return std::move(sums->along);
}

}  // namespace astrolabe::kernel
