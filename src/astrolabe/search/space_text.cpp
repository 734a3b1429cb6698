// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/space_text.h"

#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

template <class Range>
void put_range(const Range& range, Json& json) {
  json["low"] = range.low;
  json["high"] = range.high;
  if (range.log_scale) json["log"] = true;
}

Json dimension_json(const Dimension& dimension) {
  Json json = {{"name", dimension.name}};
  if (const auto* choices = std::get_if<Choices>(&dimension.domain)) json["options"] = choices->options;
  if (const auto* real = std::get_if<RealRange>(&dimension.domain)) put_range(*real, json);
  if (const auto* whole = std::get_if<WholeRange>(&dimension.domain)) {
    put_range(*whole, json);
    json["whole"] = true;
  }
  if (dimension.when)
    json["when"] = {{"dimension", dimension.when->dimension}, {"options", dimension.when->options}};
  return json;
}

Dimension read_dimension(const Json& json) {
  Dimension dimension{.name = json.at("name").get<std::string>(), .domain = {}};
  const bool is_log = json.value("log", false);
  if (json.contains("options")) {
    dimension.domain = Choices{json["options"].get<std::vector<std::string>>()};
  } else if (json.value("whole", false)) {
    dimension.domain =
        WholeRange{json.at("low").get<std::int64_t>(), json.at("high").get<std::int64_t>(), is_log};
  } else {
    dimension.domain = RealRange{json.at("low").get<double>(), json.at("high").get<double>(), is_log};
  }
  if (json.contains("when")) {
    const Json& when = json["when"];
    dimension.when = Condition{.dimension = when.at("dimension").get<std::size_t>(),
                               .options = when.at("options").get<std::vector<std::size_t>>()};
  }
  return dimension;
}

[[noreturn]] void refuse(std::string_view text, const std::string& found) {
  throw bad_input({.attempted = "reading the study's space " + std::string(text.substr(0, 80)),
                   .expected = "what an Astrolabe of this version wrote",
                   .found = found,
                   .remedy = "Open the study with the version that made it."});
}

}  // namespace

std::string space_text(const Space& space) {
  Json json = Json::array();
  for (const Dimension& dimension : space.dimensions()) json.push_back(dimension_json(dimension));
  // Names may come from anywhere: what is no UTF-8 is replaced, not refused.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Space parse_space(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_array()) refuse(text, "no list of dimensions");
  Space space;
  try {
    for (const Json& dimension : json) (void)space.add(read_dimension(dimension));
  } catch (const Json::exception& error) {
    refuse(text, error.what());
  } catch (const Error& error) {  // a space that could not have been made
    refuse(text, error.what());
  }
  return space;
}

}  // namespace astrolabe
