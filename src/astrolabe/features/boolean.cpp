// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/boolean.h"

#include <algorithm>
#include <limits>

#include "astrolabe/features/encoder_catalog.h"
#include "astrolabe/features/level_index.h"

namespace astrolabe {
namespace {

std::vector<double> truth_at(const Column& column, std::span<const RowIndex> rows, const std::string& no,
                             const std::string& yes) {
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> of_code(column.levels.size(), kMissing);
  for (std::size_t code = 0; code < of_code.size(); ++code) {
    if (column.levels[code] == yes)
      of_code[code] = 1;
    else if (column.levels[code] == no)
      of_code[code] = 0;
  }
  std::vector<double> values;
  values.reserve(rows.size());
  for (const RowIndex row : rows) {
    const std::int32_t code = column.codes[row];
    values.push_back(code < 0 ? kMissing : of_code[static_cast<std::size_t>(code)]);
  }
  return values;
}

}  // namespace

BooleanEncoder::BooleanEncoder(const std::string& column, std::string no, std::string yes,
                               const NumberScaling& scaling)
    : no_(std::move(no)), yes_(std::move(yes)), scaling_(scaling) {
  scaling_.describe(column, column, features_);
}

EncoderKind BooleanEncoder::kind() const {
  return EncoderKind::boolean;
}

std::vector<FeatureColumn> BooleanEncoder::encode(const Column& column,
                                                  std::span<const RowIndex> rows) const {
  std::vector<FeatureColumn> columns;
  scaling_.encode(truth_at(column, rows, no_, yes_), columns);
  return columns;
}

void BooleanEncoder::save(ArchiveWriter& archive) const {
  archive.put_text(no_);
  archive.put_text(yes_);
  scaling_.save(archive);
}

std::unique_ptr<const ColumnEncoder> BooleanEncoder::load(ArchiveReader& archive,
                                                          const WantedColumn& column) {
  std::string no = archive.get_text(kMaxLevelBytes);
  std::string yes = archive.get_text(kMaxLevelBytes);
  return std::make_unique<BooleanEncoder>(column.name, std::move(no), std::move(yes),
                                          NumberScaling::load(archive));
}

FittedColumn fit_boolean(const ColumnFit& fit) {
  const LevelCounts counts = count_levels(fit.column, fit.rows);
  std::vector<std::string> seen;
  for (std::size_t code = 0; code < counts.of_code.size(); ++code) {
    if (counts.of_code[code] > 0) seen.push_back(fit.column.levels[code]);
  }
  if (seen.empty()) return {};
  std::string no = *std::min_element(seen.begin(), seen.end());
  std::string yes = *std::max_element(seen.begin(), seen.end());

  const std::vector<double> values = truth_at(fit.column, fit.rows, no, yes);
  EncodingNeeds needs = fit.needs;
  needs.standardized = false;
  const std::optional<NumberScaling> scaling = NumberScaling::fit(values, needs);
  if (!scaling) return {};
  return encode_fitted(
      fit, std::make_unique<BooleanEncoder>(fit.column.name, std::move(no), std::move(yes), *scaling));
}

}  // namespace astrolabe
