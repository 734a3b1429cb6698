// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/encoder.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/features/column_fit.h"
#include "astrolabe/features/encoder_catalog.h"
#include "astrolabe/features/target_statistics.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMaxColumns = 10'000'000;
constexpr std::size_t kMaxNameBytes = std::size_t{64} << 20;

// Each wanted column in the table, by name; one hash table, because tables may have 50,000 columns.
std::vector<const Column*> find_columns(const std::vector<WantedColumn>& wanted, const Table& table) {
  std::unordered_map<std::string_view, const Column*> by_name;
  by_name.reserve(table.columns().size());
  for (const Column& column : table.columns()) by_name.emplace(column.name, &column);

  std::vector<const Column*> found;
  found.reserve(wanted.size());
  for (const WantedColumn& want : wanted) {
    const auto at = by_name.find(want.name);
    if (at == by_name.end()) {
      const std::optional<std::string> nearest = nearest_name(want.name, table.names());
      throw bad_input(
          {.attempted = "encoding the table for the model",
           .expected = fmt::format("a column '{}', as the model was trained on", want.name),
           .found = nearest ? fmt::format("none of that name, but '{}'", *nearest)
                            : fmt::format("{} other columns", format_count(by_name.size())),
           .remedy = "Add the column (its cells may be empty), or rename the one that holds it."});
    }
    const Column& column = *at->second;
    if (storage_of(column.type) != storage_of(want.type)) {
      throw bad_input({.attempted = "encoding the table for the model",
                       .expected = fmt::format("column '{}' of type {}, as the model was trained on",
                                               want.name, column_type_name(want.type)),
                       .found = fmt::format("type {}", column_type_name(column.type)),
                       .remedy = fmt::format("Mend the cells of the column, or read it with --types {}={}.",
                                             want.name, column_type_name(want.type))});
    }
    found.push_back(&column);
  }
  return found;
}

FeatureMatrix assemble(std::size_t rows, std::shared_ptr<const std::vector<Feature>> info,
                       std::vector<std::vector<FeatureColumn>> parts, Pixels pixels) {
  FeatureMatrix matrix{.rows = rows, .info = std::move(info), .columns = {}, .pixels = std::move(pixels)};
  matrix.columns.reserve(matrix.info->size());
  for (std::vector<FeatureColumn>& part : parts) {
    for (FeatureColumn& column : part) matrix.columns.push_back(std::move(column));
  }
  ASTROLABE_CHECK(matrix.columns.size() == matrix.info->size(),
                  "an encoder gave other columns than features");
  return matrix;
}

}  // namespace

Encoder::Encoder(std::vector<WantedColumn> columns,
                 std::vector<std::unique_ptr<const ColumnEncoder>> encoders)
    : columns_(std::move(columns)), encoders_(std::move(encoders)) {
  ASTROLABE_CHECK(columns_.size() == encoders_.size(), "one encoder per column");
  std::vector<Feature> info;
  for (const auto& encoder : encoders_) {
    info.insert(info.end(), encoder->features().begin(), encoder->features().end());
  }
  info_ = std::make_shared<const std::vector<Feature>>(std::move(info));
}

FeatureMatrix Encoder::encode(const Table& table, std::span<const RowIndex> rows, ThreadPool& pool) const {
  const std::vector<const Column*> found = find_columns(columns_, table);
  std::vector<std::vector<FeatureColumn>> parts(encoders_.size());
  pool.for_each(encoders_.size(), [&](std::size_t i) { parts[i] = encoders_[i]->encode(*found[i], rows); });
  Pixels pixels;
  for (std::size_t i = 0; i < encoders_.size() && pixels.empty(); ++i)
    pixels = encoders_[i]->encode_pixels(*found[i], rows);
  return assemble(rows.size(), info_, std::move(parts), std::move(pixels));
}

std::vector<std::vector<std::string>> Encoder::names_of_codes() const {
  std::vector<std::vector<std::string>> names;
  for (const auto& encoder : encoders_) {
    for (const Feature& feature : encoder->features()) {
      const bool has_codes = feature.kind == FeatureKind::categorical;
      names.push_back(has_codes ? encoder->names_of_codes() : std::vector<std::string>());
    }
  }
  return names;
}

void Encoder::save(ArchiveWriter& archive) const {
  archive.put<std::uint64_t>(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    archive.put_text(columns_[i].name);
    archive.put<std::uint8_t>(static_cast<std::uint8_t>(columns_[i].type));
    save_column_encoder(*encoders_[i], archive);
  }
}

std::shared_ptr<const Encoder> Encoder::load(ArchiveReader& archive) {
  constexpr std::size_t kSmallestColumn = sizeof(std::uint64_t) + 2;
  const std::size_t count = archive.get_count(kMaxColumns, kSmallestColumn, "the columns of the encoder");
  std::vector<WantedColumn> columns;
  std::vector<std::unique_ptr<const ColumnEncoder>> encoders;
  std::unordered_set<std::string> names;
  bool has_pixels = false;
  for (std::size_t i = 0; i < count; ++i) {
    WantedColumn column{.name = archive.get_text(kMaxNameBytes)};
    const bool is_new = names.insert(column.name).second;
    column.type = static_cast<ColumnType>(archive.get_between<std::uint8_t>(
        0, static_cast<std::uint8_t>(ColumnType::image), "the type of an encoded column"));
    encoders.push_back(load_column_encoder(archive, column));
    column.picture = encoders.back()->picture();
    if (encoders.back()->kind() == EncoderKind::image_bytes && std::exchange(has_pixels, true))
      ArchiveReader::damaged("two columns of pictures as bytes");
    // New levels are read beside what a column was read as before (extend.h).
    if (!is_new && encoders.back()->kind() != EncoderKind::new_levels)
      ArchiveReader::damaged("two encoded columns of one name");
    columns.push_back(std::move(column));
  }
  return std::make_shared<const Encoder>(std::move(columns), std::move(encoders));
}

FittedEncoding fit_encoder(const EncodingRequest& request, ThreadPool& pool) {
  ASTROLABE_CHECK(request.labels.rows() == request.rows.size(), "one label per fitting row");
  const std::vector<std::uint8_t> folds = deal_folds(request.labels, request.key.split("folds"));
  const std::span<const Column> table = request.table.columns();
  std::vector<FittedColumn> fits(table.size());
  // One column of pictures can come as bytes: the first. Others come as one feature per pixel.
  const auto first = std::ranges::find_if(table, [](const Column& column) { return column.is_image(); });
  EncodingNeeds other_needs = request.needs;
  other_needs.images = false;
  pool.for_each(table.size(), [&](std::size_t i) {
    fits[i] =
        fit_column({.column = table[i],
                    .rows = request.rows,
                    .labels = request.labels,
                    .folds = folds,
                    .needs = first != table.end() && &table[i] == &*first ? request.needs : other_needs});
  });

  std::vector<WantedColumn> columns;
  std::vector<std::unique_ptr<const ColumnEncoder>> encoders;
  std::vector<std::vector<FeatureColumn>> parts;
  Pixels pixels;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (fits[i].encoder == nullptr) continue;
    columns.push_back({.name = table[i].name, .type = table[i].type, .picture = fits[i].encoder->picture()});
    encoders.push_back(std::move(fits[i].encoder));
    parts.push_back(std::move(fits[i].train));
    if (!fits[i].pixels.empty()) pixels = std::move(fits[i].pixels);
  }
  FittedEncoding fitted;
  fitted.encoder = std::make_shared<const Encoder>(std::move(columns), std::move(encoders));
  fitted.train =
      assemble(request.rows.size(), fitted.encoder->features(), std::move(parts), std::move(pixels));
  return fitted;
}

}  // namespace astrolabe
