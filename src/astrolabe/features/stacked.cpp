// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/stacked.h"

#include "astrolabe/features/encoder_catalog.h"

namespace astrolabe {

StackedEncoder::StackedEncoder(std::vector<std::unique_ptr<const ColumnEncoder>> parts)
    : parts_(std::move(parts)) {
  for (const auto& part : parts_) {
    features_.insert(features_.end(), part->features().begin(), part->features().end());
  }
}

EncoderKind StackedEncoder::kind() const {
  return EncoderKind::stacked;
}

std::vector<FeatureColumn> StackedEncoder::encode(const Column& column,
                                                  std::span<const RowIndex> rows) const {
  std::vector<FeatureColumn> columns;
  columns.reserve(features_.size());
  for (const auto& part : parts_) {
    for (FeatureColumn& encoded : part->encode(column, rows)) columns.push_back(std::move(encoded));
  }
  return columns;
}

std::vector<std::string> StackedEncoder::names_of_codes() const {
  for (const auto& part : parts_) {
    std::vector<std::string> names = part->names_of_codes();
    if (!names.empty()) return names;
  }
  return {};
}

void StackedEncoder::save(ArchiveWriter& archive) const {
  archive.put<std::uint8_t>(static_cast<std::uint8_t>(parts_.size()));
  for (const auto& part : parts_) save_column_encoder(*part, archive);
}

std::unique_ptr<const ColumnEncoder> StackedEncoder::load(ArchiveReader& archive,
                                                          const WantedColumn& column) {
  const auto count = archive.get_between<std::uint8_t>(2, 4, "the number of a column's encoders");
  std::vector<std::unique_ptr<const ColumnEncoder>> parts;
  for (std::uint8_t i = 0; i < count; ++i) parts.push_back(load_stacked_part(archive, column));
  return std::make_unique<StackedEncoder>(std::move(parts));
}

FittedColumn stack(std::vector<FittedColumn> fits) {
  std::erase_if(fits, [](const FittedColumn& fit) { return fit.encoder == nullptr; });
  if (fits.empty()) return {};
  if (fits.size() == 1) return std::move(fits.front());
  FittedColumn all;
  std::vector<std::unique_ptr<const ColumnEncoder>> parts;
  for (FittedColumn& fit : fits) {
    parts.push_back(std::move(fit.encoder));
    for (FeatureColumn& column : fit.train) all.train.push_back(std::move(column));
  }
  all.encoder = std::make_unique<StackedEncoder>(std::move(parts));
  return all;
}

}  // namespace astrolabe
