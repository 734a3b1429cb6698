// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/table_batches.h"

#include <algorithm>
#include <utility>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/data/inference.h"
#include "astrolabe/data/picture_columns.h"

namespace astrolabe {

RestOfTable::RestOfTable(std::filesystem::path path, std::vector<WantedColumn> columns,
                         const ReadOptions& options)
    : path_(std::move(path)), columns_(std::move(columns)) {
  request_.header = options.header;
  request_.should_stop = cancel_requested;
  request_.memory_bytes = options.memory_bytes;
  request_.sample_key = options.sample_key;
  request_.choose = [this](const std::vector<std::string>& names) {
    std::vector<bool> chosen;
    for (const std::string& name : names)
      chosen.push_back(
          std::ranges::any_of(columns_, [&](const auto& column) { return column.name == name; }));
    return chosen;
  };
}

void RestOfTable::rewind() {
  if (batches_ == nullptr) return;
  batches_.reset();
  raw_reader().release_memory();
}

bool RestOfTable::next(Table& table) {
  if (batches_ == nullptr) batches_ = raw_reader().open_rest(path_, request_);
  RawTable raw;
  if (batches_ == nullptr || !batches_->next(raw)) return false;
  std::vector<Column> typed;
  for (const WantedColumn& wanted : columns_) {
    const auto found = std::ranges::find(raw.columns, wanted.name, &RawColumn::name);
    ASTROLABE_CHECK(found != raw.columns.end(), "the file has the columns that it had");
    TypedColumn column = type_column_as(std::move(*found), wanted.type, wanted.date_order);
    if (wanted.type == ColumnType::image)
      static_cast<void>(read_named_pictures({.base = path_.parent_path(), .shape = wanted.picture}, column));
    typed.push_back(std::move(column.column));
  }
  table = Table(std::move(typed));
  return true;
}

}  // namespace astrolabe
