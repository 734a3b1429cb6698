// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/hashed_category.h"

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/features/encoder_catalog.h"

namespace astrolabe {
namespace {

std::string bucket_name(std::uint32_t bucket) {
  return bucket == 0 ? "missing" : fmt::format("bucket {}", bucket);
}

}  // namespace

HashedCategoryEncoder::HashedCategoryEncoder(const std::string& column, std::uint32_t buckets,
                                             CategoryForm form)
    : buckets_(buckets), form_(form) {
  ASTROLABE_CHECK(buckets >= 1 && buckets <= kMaxBuckets, "buckets to put levels into");
  if (form == CategoryForm::codes) {
    features_ = {
        {.name = column, .source = column, .kind = FeatureKind::categorical, .categories = buckets + 1}};
    return;
  }
  for (std::uint32_t bucket = 0; bucket <= buckets; ++bucket)
    features_.push_back({.name = column + "=" + bucket_name(bucket), .source = column});
}

EncoderKind HashedCategoryEncoder::kind() const {
  return EncoderKind::hashed_category;
}

std::vector<FeatureColumn> HashedCategoryEncoder::encode(const Column& column,
                                                         std::span<const RowIndex> rows) const {
  std::vector<std::uint32_t> of_level;
  for (const std::string& level : column.levels)
    of_level.push_back(1 + static_cast<std::uint32_t>(hash_text(level) % buckets_));
  std::vector<FeatureColumn> encoded(features_.size());
  const bool is_sparse = form_ == CategoryForm::indicators;
  for (FeatureColumn& feature : encoded) feature.is_sparse = is_sparse;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int32_t code = column.codes[rows[i]];
    const std::uint32_t bucket = code < 0 ? 0 : of_level[static_cast<std::size_t>(code)];
    if (is_sparse) {
      encoded[bucket].sparse_rows.push_back(static_cast<std::uint32_t>(i));
      encoded[bucket].sparse_values.push_back(1);
    } else {
      encoded[0].dense.push_back(static_cast<float>(bucket));
    }
  }
  return encoded;
}

std::vector<std::string> HashedCategoryEncoder::names_of_codes() const {
  std::vector<std::string> names;
  for (std::uint32_t bucket = 0; bucket <= buckets_; ++bucket) names.push_back(bucket_name(bucket));
  return names;
}

void HashedCategoryEncoder::save(ArchiveWriter& archive) const {
  archive.put(buckets_);
  archive.put(static_cast<std::uint8_t>(form_));
}

std::unique_ptr<const ColumnEncoder> HashedCategoryEncoder::load(ArchiveReader& archive,
                                                                 const WantedColumn& column) {
  const auto buckets = archive.get_between<std::uint32_t>(1, kMaxBuckets, "the buckets of a category");
  const auto form = archive.get_between<std::uint8_t>(0, 1, "the form of a category");
  return std::make_unique<HashedCategoryEncoder>(column.name, buckets, static_cast<CategoryForm>(form));
}

}  // namespace astrolabe
