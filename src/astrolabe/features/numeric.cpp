// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/numeric.h"

#include "astrolabe/features/encoder_catalog.h"

namespace astrolabe {
namespace {

std::vector<double> numbers_at(const Column& column, std::span<const RowIndex> rows) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const RowIndex row : rows) values.push_back(column.numbers[row]);
  return values;
}

}  // namespace

NumericEncoder::NumericEncoder(const std::string& column, const NumberScaling& scaling) : scaling_(scaling) {
  scaling_.describe(column, column, features_);
}

EncoderKind NumericEncoder::kind() const {
  return EncoderKind::numeric;
}

std::vector<FeatureColumn> NumericEncoder::encode(const Column& column,
                                                  std::span<const RowIndex> rows) const {
  std::vector<FeatureColumn> columns;
  scaling_.encode(numbers_at(column, rows), columns);
  return columns;
}

void NumericEncoder::save(ArchiveWriter& archive) const {
  scaling_.save(archive);
}

std::unique_ptr<const ColumnEncoder> NumericEncoder::load(ArchiveReader& archive,
                                                          const WantedColumn& column) {
  return std::make_unique<NumericEncoder>(column.name, NumberScaling::load(archive));
}

FittedColumn fit_numeric(const ColumnFit& fit) {
  const std::vector<double> values = numbers_at(fit.column, fit.rows);
  const std::optional<NumberScaling> scaling = NumberScaling::fit(values, fit.needs);
  if (!scaling) return {};
  FittedColumn fitted{std::make_unique<NumericEncoder>(fit.column.name, *scaling), {}};
  scaling->encode(values, fitted.train);
  return fitted;
}

}  // namespace astrolabe
