// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/fit_rows.h"

#include <algorithm>
#include <numeric>

namespace astrolabe::neural {

UsedRows::UsedRows(const TrainingData& data)
    : all_(data.features), labels_(data.labels), weights_(std::move(labels_.weights)) {
  labels_.weights.clear();
  is_weighted_ = std::ranges::any_of(weights_, [](double weight) { return weight > 0; });
  if (!is_weighted_) weights_.assign(labels_.rows(), 1.0);
  for (std::uint32_t row = 0; row < weights_.size(); ++row)
    if (weights_[row] > 0) rows_.push_back(row);
  const std::vector<std::uint32_t>& kept = rows_;
  if (kept.size() == weights_.size()) return;
  kept_ = all_.take_rows(kept);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    labels_.values[i] = labels_.values[kept[i]];
    weights_[i] = weights_[kept[i]];
  }
  labels_.values.resize(kept.size());
  weights_.resize(kept.size());
}

std::vector<float> UsedRows::scaled_weights() const {
  if (!is_weighted_) return {};
  const double mean =
      std::accumulate(weights_.begin(), weights_.end(), 0.0) / static_cast<double>(weights_.size());
  std::vector<float> scaled;
  for (const double weight : weights_) scaled.push_back(static_cast<float>(weight / mean));
  return scaled;
}

PreparedRows::PreparedRows(const UsedRows& rows, const InputPlan& plan, const Answer& answer,
                           const PictureInput& picture)
    : encoded_(plan.encode(rows.features(), 0, rows.features().rows)),
      y_(scaled_labels(answer, rows.labels())),
      weights_(rows.scaled_weights()),
      pictures_(picture.read(rows.features().pixels)) {}

TrainingRows PreparedRows::view() const {
  TrainingRows rows{.rows = encoded_.rows,
                    .x = encoded_.x,
                    .codes = {},
                    .y = y_,
                    .weight = weights_,
                    .pictures = pictures_};
  for (const std::vector<std::int32_t>& codes : encoded_.codes) rows.codes.emplace_back(codes);
  return rows;
}

}  // namespace astrolabe::neural
