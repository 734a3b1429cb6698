// SPDX-License-Identifier: Apache-2.0
// Small tables for tests, written as people would say them.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/data/table.h"

namespace astrolabe {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

inline Column numbers(std::string name, std::vector<double> values, ColumnType type = ColumnType::number) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  column.numbers = std::move(values);
  return column;
}

// An empty cell is missing.
inline Column categories(std::string name, const std::vector<std::string>& cells,
                         ColumnType type = ColumnType::category) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  for (const std::string& cell : cells) {
    if (!cell.empty()) column.levels.push_back(cell);
  }
  std::ranges::sort(column.levels);
  const auto repeated = std::ranges::unique(column.levels);
  column.levels.erase(repeated.begin(), repeated.end());
  for (const std::string& cell : cells) {
    const auto level = std::ranges::lower_bound(column.levels, cell) - column.levels.begin();
    column.codes.push_back(cell.empty() ? -1 : static_cast<std::int32_t>(level));
  }
  return column;
}

inline Column texts(std::string name, const std::vector<std::string>& cells,
                    ColumnType type = ColumnType::text) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  for (const std::string& cell : cells) cell.empty() ? column.text.add_missing() : column.text.add(cell);
  return column;
}

// The message of the Error that `call` throws, its kind checked; empty when it throws none of that kind.
template <class Call>
std::string message_of(ErrorKind kind, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.kind() == kind ? error.what() : std::string();
  }
  return {};
}

// Whether the message has all these parts.
template <class... Parts>
testing::AssertionResult says(const std::string& message, const Parts&... parts) {
  testing::AssertionResult result = testing::AssertionSuccess();
  for (const std::string_view part : {std::string_view(parts)...}) {
    if (message.find(part) == std::string::npos) {
      result = testing::AssertionFailure() << "\"" << part << "\" is not in: " << message;
    }
  }
  return result;
}

}  // namespace astrolabe
