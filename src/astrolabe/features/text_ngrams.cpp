// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/text_ngrams.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <unordered_map>

#include <fmt/format.h>

#include "astrolabe/base/hash.h"
#include "astrolabe/features/checked_reads.h"
#include "astrolabe/features/encoder_catalog.h"

namespace astrolabe {
namespace {

constexpr unsigned kBucketBits = 18;
constexpr std::uint32_t kBuckets = 1U << kBucketBits;
constexpr float kMaxIdf = 100;
constexpr std::size_t kNamingRows = 10'000;
constexpr std::size_t kNamingWords = 2'000'000;
constexpr std::size_t kMaxNameBytes = std::size_t{64} << 20;

std::uint32_t bucket_of(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> (64 - kBucketBits));
}

// Calls use(bucket, first word, last word) for each word and each pair of neighbours.
template <class Use>
void for_each_ngram(const Words& words, const Use& use) {
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::uint64_t hash = hash_text(words[i]);
    use(bucket_of(hash), i, i);
    if (i > 0) {
      const std::array<std::uint64_t, 2> pair{before, hash};
      use(bucket_of(hash_bytes(pair.data(), sizeof pair)), i - 1, i);
    }
    before = hash;
  }
}

// How many of the rows' texts hold each bucket, and how many texts there are.
struct DocumentFrequency {
  std::vector<std::uint32_t> of_bucket = std::vector<std::uint32_t>(kBuckets, 0);
  std::size_t texts = 0;
};

DocumentFrequency count_documents(const Column& column, std::span<const RowIndex> rows) {
  DocumentFrequency frequency;
  Words words;
  std::vector<std::uint32_t> buckets;
  for (const RowIndex row : rows) {
    if (column.text.is_missing(row)) continue;
    ++frequency.texts;
    words.split(column.text[row]);
    buckets.clear();
    for_each_ngram(words, [&](std::uint32_t bucket, std::size_t, std::size_t) { buckets.push_back(bucket); });
    std::sort(buckets.begin(), buckets.end());
    buckets.erase(std::unique(buckets.begin(), buckets.end()), buckets.end());
    for (const std::uint32_t bucket : buckets) ++frequency.of_bucket[bucket];
  }
  return frequency;
}

std::vector<std::uint32_t> choose_buckets(const DocumentFrequency& frequency, std::size_t limit) {
  std::vector<std::uint32_t> chosen;
  for (std::uint32_t bucket = 0; bucket < kBuckets; ++bucket) {
    if (frequency.of_bucket[bucket] >= 2) chosen.push_back(bucket);
  }
  std::stable_sort(chosen.begin(), chosen.end(), [&](std::uint32_t a, std::uint32_t b) {
    return frequency.of_bucket[a] > frequency.of_bucket[b];
  });
  if (chosen.size() > limit) chosen.resize(limit);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::vector<std::int32_t> index_buckets(std::span<const std::uint32_t> buckets) {
  std::vector<std::int32_t> feature_of_bucket(kBuckets, -1);
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    feature_of_bucket[buckets[i]] = static_cast<std::int32_t>(i);
  }
  return feature_of_bucket;
}

// The commonest n-gram of each bucket in the first texts, ties by text.
std::vector<std::string> name_buckets(const Column& column, std::span<const RowIndex> rows,
                                      std::span<const std::uint32_t> buckets) {
  const std::vector<std::int32_t> feature_of_bucket = index_buckets(buckets);
  std::vector<std::unordered_map<std::string, std::uint32_t>> counts(buckets.size());
  Words words;
  std::size_t words_read = 0;
  for (const RowIndex row : rows.first(std::min(rows.size(), kNamingRows))) {
    if (column.text.is_missing(row) || words_read > kNamingWords) continue;
    words.split(column.text[row]);
    words_read += words.size();
    for_each_ngram(words, [&](std::uint32_t bucket, std::size_t first, std::size_t last) {
      const std::int32_t feature = feature_of_bucket[bucket];
      if (feature < 0) return;
      std::string ngram(words[first]);
      if (last != first) ngram.append(" ").append(words[last]);
      ++counts[static_cast<std::size_t>(feature)][ngram];
    });
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const auto best = std::min_element(counts[i].begin(), counts[i].end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    names.push_back(best != counts[i].end() ? best->first : fmt::format("#{}", buckets[i]));
  }
  return names;
}

struct TextSizes {
  std::vector<double> length;
  std::vector<double> words;
};

TextSizes sizes_at(const Column& column, std::span<const RowIndex> rows) {
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  TextSizes sizes{std::vector<double>(rows.size(), kMissing), std::vector<double>(rows.size(), kMissing)};
  Words words;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (column.text.is_missing(rows[i])) continue;
    words.split(column.text[rows[i]]);
    sizes.words[i] = static_cast<double>(words.size());
    sizes.length[i] = static_cast<double>(count_characters(column.text[rows[i]]));
  }
  return sizes;
}

void save_optional(const std::optional<NumberScaling>& scaling, ArchiveWriter& archive) {
  archive.put<std::uint8_t>(scaling ? 1 : 0);
  if (scaling) scaling->save(archive);
}

std::optional<NumberScaling> load_optional(ArchiveReader& archive) {
  if (!get_flag(archive, "a flag of a text column")) return std::nullopt;
  return NumberScaling::load(archive);
}

}  // namespace

std::size_t vocabulary_limit(std::size_t rows, const EncodingNeeds& needs) {
  if (needs.standardized) return std::clamp<std::size_t>(std::bit_ceil(4 * rows), 1024, 32'768);
  // Learners that look at every feature of every row: at most 2^30 cells.
  const std::size_t affordable =
      std::max<std::size_t>((std::size_t{1} << 30) / std::max<std::size_t>(rows, 1), 64);
  return std::min(std::clamp<std::size_t>(std::bit_ceil(rows / 4), 64, 4096), affordable);
}

TextEncoder::TextEncoder(const std::string& column, TextVocabulary vocabulary,
                         std::optional<NumberScaling> length, std::optional<NumberScaling> words)
    : vocabulary_(std::move(vocabulary)),
      length_(length),
      words_(words),
      feature_of_bucket_(index_buckets(vocabulary_.buckets)) {
  for (const std::string& name : vocabulary_.names) {
    features_.push_back({.name = column + "~" + name, .source = column});
  }
  if (length_) length_->describe(column + ".length", column, features_);
  if (words_) words_->describe(column + ".words", column, features_);
}

EncoderKind TextEncoder::kind() const {
  return EncoderKind::text;
}

std::vector<FeatureColumn> TextEncoder::encode(const Column& column, std::span<const RowIndex> rows) const {
  std::vector<FeatureColumn> columns(vocabulary_.buckets.size());
  for (FeatureColumn& encoded : columns) encoded.is_sparse = true;
  Words words;
  std::vector<std::size_t> found;
  std::vector<std::pair<std::size_t, double>> weights;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (column.text.is_missing(rows[i])) continue;
    words.split(column.text[rows[i]]);
    found.clear();
    for_each_ngram(words, [&](std::uint32_t bucket, std::size_t, std::size_t) {
      if (feature_of_bucket_[bucket] >= 0)
        found.push_back(static_cast<std::size_t>(feature_of_bucket_[bucket]));
    });
    std::sort(found.begin(), found.end());
    weights.clear();
    double squares = 0;
    for (std::size_t at = 0; at < found.size();) {
      const auto end = static_cast<std::size_t>(
          std::upper_bound(found.begin() + static_cast<std::ptrdiff_t>(at), found.end(), found[at]) -
          found.begin());
      const double weight = (1 + std::log(static_cast<double>(end - at))) * vocabulary_.idf[found[at]];
      weights.emplace_back(found[at], weight);
      squares += weight * weight;
      at = end;
    }
    const double length = vocabulary_.unit_length ? std::sqrt(squares) : 1;
    for (const auto& [feature, weight] : weights) {
      columns[feature].sparse_rows.push_back(static_cast<std::uint32_t>(i));
      columns[feature].sparse_values.push_back(static_cast<float>(weight / length));
    }
  }
  const TextSizes sizes = sizes_at(column, rows);
  if (length_) length_->encode(sizes.length, columns);
  if (words_) words_->encode(sizes.words, columns);
  return columns;
}

void TextEncoder::save(ArchiveWriter& archive) const {
  archive.put_array<std::uint32_t>(vocabulary_.buckets);
  archive.put_array<float>(vocabulary_.idf);
  for (const std::string& name : vocabulary_.names) archive.put_text(name);
  archive.put<std::uint8_t>(vocabulary_.unit_length ? 1 : 0);
  save_optional(length_, archive);
  save_optional(words_, archive);
}

std::unique_ptr<const ColumnEncoder> TextEncoder::load(ArchiveReader& archive, const WantedColumn& column) {
  TextVocabulary vocabulary;
  vocabulary.buckets = archive.get_array<std::uint32_t>(kBuckets);
  vocabulary.idf = archive.get_array<float>(kBuckets);
  if (vocabulary.idf.size() != vocabulary.buckets.size())
    ArchiveReader::damaged("the words of a text column");
  for (std::size_t i = 0; i < vocabulary.buckets.size(); ++i) {
    const bool ascends = i == 0 || vocabulary.buckets[i] > vocabulary.buckets[i - 1];
    if (!ascends || vocabulary.buckets[i] >= kBuckets) ArchiveReader::damaged("the words of a text column");
    if (!(vocabulary.idf[i] >= 0.01F && vocabulary.idf[i] <= kMaxIdf)) {
      ArchiveReader::damaged("the weights of a text column");
    }
    vocabulary.names.push_back(archive.get_text(kMaxNameBytes));
  }
  vocabulary.unit_length = get_flag(archive, "a flag of a text column");
  std::optional<NumberScaling> length = load_optional(archive);
  std::optional<NumberScaling> words = load_optional(archive);
  return std::make_unique<TextEncoder>(column.name, std::move(vocabulary), length, words);
}

FittedColumn fit_text(const ColumnFit& fit) {
  TextVocabulary vocabulary;
  const DocumentFrequency frequency = count_documents(fit.column, fit.rows);
  vocabulary.buckets = choose_buckets(frequency, vocabulary_limit(fit.rows.size(), fit.needs));
  for (const std::uint32_t bucket : vocabulary.buckets) {
    const double with_it = 1 + static_cast<double>(frequency.of_bucket[bucket]);
    vocabulary.idf.push_back(
        static_cast<float>(std::log((1 + static_cast<double>(frequency.texts)) / with_it) + 1));
  }
  vocabulary.names = name_buckets(fit.column, fit.rows, vocabulary.buckets);
  vocabulary.unit_length = fit.needs.standardized;

  const TextSizes sizes = sizes_at(fit.column, fit.rows);
  const std::optional<NumberScaling> length = NumberScaling::fit(sizes.length, fit.needs);
  std::optional<NumberScaling> words = NumberScaling::fit(sizes.words, fit.needs);
  if (vocabulary.buckets.empty() && !length && !words) return {};
  return encode_fitted(fit,
                       std::make_unique<TextEncoder>(fit.column.name, std::move(vocabulary), length, words));
}

}  // namespace astrolabe
