// SPDX-License-Identifier: Apache-2.0
// Numbers as JSON has them: what is not finite is null, an estimate is {score, low, high}.
//
//   object["seconds"] = json_number(result.seconds);
//   object["effect"] = json_estimate(proof.difference);
//
// Of either kind of object: nlohmann::json sorts its names, ordered_json keeps their order.
#pragma once

#include <cmath>

#include <nlohmann/json.hpp>

#include "astrolabe/stats/interval.h"

namespace astrolabe {

template <class Json = nlohmann::ordered_json>
[[nodiscard]] Json json_number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

template <class Json = nlohmann::ordered_json>
[[nodiscard]] Json json_estimate(const Estimate& estimate) {
  return {{"score", json_number<Json>(estimate.value)},
          {"low", json_number<Json>(estimate.low)},
          {"high", json_number<Json>(estimate.high)}};
}

}  // namespace astrolabe
