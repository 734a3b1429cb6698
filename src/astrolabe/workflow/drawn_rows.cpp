// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/drawn_rows.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {

std::string drawn_rows_json(const DrawnRows& rows) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (rows.limit != DrawnRows::kNoLimit) json["limit"] = rows.limit;
  json["read"] = rows.read;
  json["searched"] = rows.searched;
  return json.dump();
}

std::optional<DrawnRows> parse_drawn_rows(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  DrawnRows rows;
  const auto take = [&](const char* name, auto& value) {
    if (!json.contains(name) || !json[name].is_number_unsigned()) return false;
    json[name].get_to(value);
    return true;
  };
  static_cast<void>(take("limit", rows.limit));
  if (!take("read", rows.read) || !take("searched", rows.searched)) return std::nullopt;
  return rows;
}

void refuse_rows(const DrawnRows& rows, std::uint64_t limit) {
  const bool was_limited = rows.limit != DrawnRows::kNoLimit;
  constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20U;
  throw usage_error(
      {.attempted = "going on with the rows that this study is about",
       .expected = fmt::format("memory for {} rows, of which the search works with {}{}",
                               format_count(rows.read), format_count(rows.searched),
                               was_limited ? ", as " + format_bytes(rows.limit) + " allowed" : ""),
       .found = fmt::format("--memory {}", format_bytes(limit)),
       .remedy =
           was_limited
               ? fmt::format("Give --memory {}M or more, or leave it out; fewer rows are another study, "
                             "so a new run.",
                             (rows.limit + kMegabyte - 1) / kMegabyte)
               : "Give more --memory, or leave it out; fewer rows are another study, so a new run."});
}

}  // namespace astrolabe
