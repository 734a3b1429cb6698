// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/encoder_catalog.h"

#include <array>

#include "astrolabe/features/boolean.h"
#include "astrolabe/features/bounded_number.h"
#include "astrolabe/features/category.h"
#include "astrolabe/features/category_codes.h"
#include "astrolabe/features/datetime.h"
#include "astrolabe/features/hashed_category.h"
#include "astrolabe/features/image_bytes.h"
#include "astrolabe/features/image_pixels.h"
#include "astrolabe/features/new_levels.h"
#include "astrolabe/features/numeric.h"
#include "astrolabe/features/one_hot.h"
#include "astrolabe/features/stacked.h"
#include "astrolabe/features/target_statistics.h"
#include "astrolabe/features/text_ngrams.h"

namespace astrolabe {
namespace {

struct EncoderEntry {
  EncoderKind kind;
  ColumnStorage storage;
  std::unique_ptr<const ColumnEncoder> (*load)(ArchiveReader&, const WantedColumn&);
};

constexpr std::array kEncoders{
    EncoderEntry{EncoderKind::numeric, ColumnStorage::numbers, NumericEncoder::load},
    EncoderEntry{EncoderKind::boolean, ColumnStorage::levels, BooleanEncoder::load},
    EncoderEntry{EncoderKind::category_codes, ColumnStorage::levels, CategoryCodesEncoder::load},
    EncoderEntry{EncoderKind::one_hot, ColumnStorage::levels, OneHotEncoder::load},
    EncoderEntry{EncoderKind::stacked, ColumnStorage::levels, StackedEncoder::load},
    EncoderEntry{EncoderKind::target_statistics, ColumnStorage::levels, TargetStatisticsEncoder::load},
    EncoderEntry{EncoderKind::datetime, ColumnStorage::dates, DatetimeEncoder::load},
    EncoderEntry{EncoderKind::text, ColumnStorage::text, TextEncoder::load},
    EncoderEntry{EncoderKind::bounded_number, ColumnStorage::numbers, BoundedNumberEncoder::load},
    EncoderEntry{EncoderKind::hashed_category, ColumnStorage::levels, HashedCategoryEncoder::load},
    EncoderEntry{EncoderKind::image_bytes, ColumnStorage::pixels, ImageBytesEncoder::load},
    EncoderEntry{EncoderKind::image_pixels, ColumnStorage::pixels, ImagePixelsEncoder::load},
    EncoderEntry{EncoderKind::new_levels, ColumnStorage::levels, NewLevelsEncoder::load},
};

const EncoderEntry& read_entry(ArchiveReader& archive, const WantedColumn& column) {
  const auto tag = archive.get<std::uint8_t>();
  for (const EncoderEntry& entry : kEncoders) {
    if (static_cast<std::uint8_t>(entry.kind) != tag) continue;
    if (entry.storage != storage_of(column.type)) ArchiveReader::damaged("an encoder of another column type");
    return entry;
  }
  ArchiveReader::damaged("the kind of an encoder");
}

}  // namespace

ColumnStorage storage_of(ColumnType type) {
  switch (type) {
    case ColumnType::number:
    case ColumnType::whole_number:
      return ColumnStorage::numbers;
    case ColumnType::boolean:
    case ColumnType::category:
      return ColumnStorage::levels;
    case ColumnType::datetime:
      return ColumnStorage::dates;
    case ColumnType::image:
      return ColumnStorage::pixels;
    case ColumnType::text:
    case ColumnType::identifier:
      break;
  }
  return ColumnStorage::text;
}

FittedColumn fit_column(const ColumnFit& fit) {
  switch (fit.column.type) {
    case ColumnType::number:
    case ColumnType::whole_number:
      return fit_numeric(fit);
    case ColumnType::boolean:
      return fit_boolean(fit);
    case ColumnType::category:
      return fit_category(fit);
    case ColumnType::datetime:
      return fit_datetime(fit);
    case ColumnType::text:
      return fit_text(fit);
    case ColumnType::image:
      return fit.needs.images ? fit_image_bytes(fit) : fit_image_pixels(fit);
    case ColumnType::identifier:
      break;  // names a row and says nothing about the next one
  }
  return {};
}

void save_column_encoder(const ColumnEncoder& encoder, ArchiveWriter& archive) {
  archive.put<std::uint8_t>(static_cast<std::uint8_t>(encoder.kind()));
  encoder.save(archive);
}

std::unique_ptr<const ColumnEncoder> load_column_encoder(ArchiveReader& archive, const WantedColumn& column) {
  return read_entry(archive, column).load(archive, column);
}

std::unique_ptr<const ColumnEncoder> load_stacked_part(ArchiveReader& archive, const WantedColumn& column) {
  const EncoderEntry& entry = read_entry(archive, column);
  if (entry.kind == EncoderKind::stacked) ArchiveReader::damaged("a stack of stacked encoders");
  return entry.load(archive, column);
}

}  // namespace astrolabe
