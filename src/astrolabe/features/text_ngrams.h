// SPDX-License-Identifier: Apache-2.0
// Text as the words in it: tf-idf of hashed words and pairs of neighbouring words, and two sizes.
//
//   "review~great"   (1 + ln tf) * idf, idf = ln((1 + texts) / (1 + texts with it)) + 1 over the fitting rows
//   "review.length"  characters
//   "review.words"   words; both missing where the text is
//
// Words (words.h) are hashed into 2^18 buckets; those that at least two fitting texts hold become features,
// the commonest first, as many as the data can carry: learners that want standardised features get up to
// 32,768 and rows of unit length, others up to 4,096. Always sparse. A feature is named after the commonest
// of its words in the first texts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/features/column_fit.h"
#include "astrolabe/features/scaling.h"
#include "astrolabe/features/words.h"

namespace astrolabe {

// How many n-grams become features, at most.
[[nodiscard]] std::size_t vocabulary_limit(std::size_t rows, const EncodingNeeds& needs);

// What a text encoder has learnt.
struct TextVocabulary {
  std::vector<std::uint32_t> buckets;  // [n-grams] ascending, distinct
  std::vector<float> idf;              // [n-grams]
  std::vector<std::string> names;      // [n-grams] "great", "great value"
  bool unit_length = false;
};

class TextEncoder final : public ColumnEncoder {
 public:
  // The sizes: nothing when constant.
  TextEncoder(const std::string& column, TextVocabulary vocabulary, std::optional<NumberScaling> length,
              std::optional<NumberScaling> words);

  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  TextVocabulary vocabulary_;
  std::optional<NumberScaling> length_;
  std::optional<NumberScaling> words_;
  std::vector<std::int32_t> feature_of_bucket_;
  std::vector<Feature> features_;
};

[[nodiscard]] FittedColumn fit_text(const ColumnFit& fit);

}  // namespace astrolabe
