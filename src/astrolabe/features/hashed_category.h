// SPDX-License-Identifier: Apache-2.0
// Categories by a hash of their text: no list of levels is kept, so that none tells who was there. For
// private training.
//
//   HashedCategoryEncoder encoder("city", 64, CategoryForm::codes);
//
// Levels that share a bucket cannot be told apart; a missing cell has bucket 0 for itself. As codes: one
// categorical feature of buckets + 1 codes. As indicators: a sparse feature for each of them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/features/encoder.h"

namespace astrolabe {

enum class CategoryForm : std::uint8_t { codes, indicators };

inline constexpr std::uint32_t kMaxBuckets = 1U << 16;

class HashedCategoryEncoder final : public ColumnEncoder {
 public:
  // 1 to kMaxBuckets buckets.
  HashedCategoryEncoder(const std::string& column, std::uint32_t buckets, CategoryForm form);

  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] std::vector<std::string> names_of_codes() const override;
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  std::uint32_t buckets_;
  CategoryForm form_;
  std::vector<Feature> features_;
};

}  // namespace astrolabe
