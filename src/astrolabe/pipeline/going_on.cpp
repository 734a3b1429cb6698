// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/pipeline/going_on.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/architecture.h"
#include "astrolabe/train/net_containment.h"

namespace astrolabe {
namespace {

std::string refusal_of_picture_net(const Learner& learner, const SettingValues& now,
                                   const SettingValues& before) {
  const std::string is = setting_text(learner, now, "normalization");
  const std::string was = setting_text(learner, before, "normalization");
  if (is != was) return fmt::format("normalization {} instead of {}", is, was);
  return why_not_contained(
      parse_picture_architecture(setting_text(learner, now, "architecture")),
      parse_picture_architecture(setting_text(learner, before, "architecture")),
      is == "none" ? PictureNormalization::none : PictureNormalization::batch,
      resolve_part(Vocabulary::activation, setting_text(learner, now, "activation")).expression);
}

std::string refusal_of_net(const Learner& learner, const SettingValues& now, const SettingValues& before) {
  for (const std::string_view name : {"normalization", "numeric_embedding"}) {
    const std::string is = setting_text(learner, now, name), was = setting_text(learner, before, name);
    if (is != was) return fmt::format("{} {} instead of {}", name, is, was);
  }
  const std::string normalization = setting_text(learner, now, "normalization");
  return why_not_contained(
      parse_architecture(setting_text(learner, now, "architecture")),
      parse_architecture(setting_text(learner, before, "architecture")),
      normalization == "none" ? Normalization::none : Normalization::layer,
      resolve_part(Vocabulary::activation, setting_text(learner, now, "activation")).expression);
}

}  // namespace

std::span<const GoingOn> going_on_rows() {
  static const std::array<GoingOn, 3> rows = {{
      {.learner = "trees"},
      {.learner = "mlp",
       .extends = true,
       .grows = true,
       .keeps = {"architecture", "activation", "normalization", "numeric_embedding", "loss", "dropout",
                 "weight_decay"},
       .refusal = refusal_of_net},
      {.learner = "cnn",
       .extends = true,
       .grows = true,
       .keeps = {"architecture", "activation", "normalization", "loss", "dropout", "weight_decay"},
       .refusal = refusal_of_picture_net},
  }};
  return rows;
}

const GoingOn* find_going_on(std::string_view learner) {
  const std::span<const GoingOn> rows = going_on_rows();
  const auto found = std::ranges::find(rows, learner, &GoingOn::learner);
  return found == rows.end() ? nullptr : &*found;
}

std::string setting_text(const Learner& learner, const SettingValues& settings, std::string_view name) {
  const auto set = settings.find(name);
  if (set != settings.end()) return format_setting(set->second);
  const auto field = std::ranges::find(learner.fields(), name, &SettingField::name);
  return field == learner.fields().end() ? std::string() : format_setting(field->default_value);
}

}  // namespace astrolabe
