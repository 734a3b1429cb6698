// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/concatenate.h"

#include <algorithm>
#include <iterator>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

void append_codes(Column& joined, const Column& part) {
  std::vector<std::int32_t> code_of;
  for (const std::string& level : part.levels) {
    const auto at = std::lower_bound(joined.levels.begin(), joined.levels.end(), level);
    code_of.push_back(static_cast<std::int32_t>(at - joined.levels.begin()));
  }
  for (const std::int32_t code : part.codes)
    joined.codes.push_back(code < 0 ? -1 : code_of[static_cast<std::size_t>(code)]);
}

void append_text(Column& joined, const Column& part) {
  for (std::size_t row = 0; row < part.text.size(); ++row) {
    if (part.text.is_missing(row)) {
      joined.text.add_missing();
    } else {
      joined.text.add(part.text[row]);
    }
  }
}

void append_pictures(Column& joined, const Column& part) {
  if (!part.is_image()) return;
  ASTROLABE_CHECK(joined.pixels.rows() == 0 || part.rows() == 0 || joined.pixels.shape == part.pixels.shape,
                  "pictures of one column have one shape");
  if (joined.pixels.rows() == 0) joined.pixels.shape = part.pixels.shape;
  const std::size_t before = joined.pixels.rows();
  joined.pixels.bytes.insert(joined.pixels.bytes.end(), part.pixels.bytes.begin(), part.pixels.bytes.end());
  if (joined.no_picture.empty() && part.no_picture.empty()) return;
  joined.no_picture.resize(before, false);
  if (part.no_picture.empty()) {
    joined.no_picture.resize(joined.pixels.rows(), false);
  } else {
    joined.no_picture.insert(joined.no_picture.end(), part.no_picture.begin(), part.no_picture.end());
  }
}

Column concatenate_columns(const Column& first, const Column& second) {
  ASTROLABE_CHECK(first.name == second.name && first.type == second.type,
                  "tables of one schema are concatenated");
  Column joined;
  joined.name = first.name;
  joined.type = first.type;
  std::set_union(first.levels.begin(), first.levels.end(), second.levels.begin(), second.levels.end(),
                 std::back_inserter(joined.levels));
  for (const Column* part : {&first, &second}) {
    joined.numbers.insert(joined.numbers.end(), part->numbers.begin(), part->numbers.end());
    append_codes(joined, *part);
    append_text(joined, *part);
    append_pictures(joined, *part);
  }
  return joined;
}

}  // namespace

Table concatenate(const Table& first, const Table& second) {
  ASTROLABE_CHECK(first.columns().size() == second.columns().size(), "tables of one schema are concatenated");
  std::vector<Column> columns;
  for (std::size_t i = 0; i < first.columns().size(); ++i) {
    columns.push_back(concatenate_columns(first.column(i), second.column(i)));
  }
  return Table(std::move(columns));
}

}  // namespace astrolabe
