// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/slot_choices.h"

#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/system/slots.h"
#include "astrolabe/system/star.h"

namespace astrolabe {
namespace {

std::string flag_of(std::string_view slot) {
  return "--" + dashed(slot);
}

bool has_slot(const std::string& learner, const std::string& slot) {
  const std::vector<std::string> names = learners_with(slot);
  return std::ranges::find(names, learner) != names.end();
}

// A learner's own words for what fills a slot: its default and its choices.
bool is_own_word(const SettingField& field, const SettingValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  return value == field.default_value ||
         (text != nullptr && std::ranges::find(field.choices, *text) != field.choices.end());
}

// Whether a learner's slot takes a text: its own word for something, or a part or expression that can be
// read.
bool can_read(const Learner& learner, const SlotRow& row, const std::string& text) {
  const SettingField& field = require_field(learner.name(), learner.fields(), row.name);
  if (is_own_word(field, text) || has_star(text)) return true;
  try {
    if (row.parts) static_cast<void>(resolve_part(*row.parts, text));
    require_slot_text(learner.name(), row.name, text);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// Those that have every slot; where only some can read a text ("squared" is a word of trees alone), those.
std::vector<LearnerChoice> learners_with_all(const SlotTexts& texts, std::span<const std::string> among) {
  std::vector<LearnerChoice> choices;
  const std::vector<std::string> all = learner_names();
  for (const std::string& name : among.empty() ? std::span(all) : among) {
    const bool has_all =
        std::ranges::all_of(texts, [&](const auto& filled) { return has_slot(name, filled.first); });
    if (has_all) choices.push_back({.name = name});
  }
  const auto reads_all = [&](const LearnerChoice& choice) {
    return std::ranges::all_of(texts, [&](const auto& filled) {
      return can_read(*find_learner(choice.name), *find_slot(filled.first), filled.second);
    });
  };
  if (std::ranges::any_of(choices, reads_all))
    std::erase_if(choices, [&](const LearnerChoice& choice) { return !reads_all(choice); });
  // Learners of pictures come in by name, or where no other one will do.
  const auto needs_pictures = [](const LearnerChoice& choice) {
    return find_learner(choice.name)->needs().images;
  };
  if (among.empty() && !std::ranges::all_of(choices, needs_pictures)) std::erase_if(choices, needs_pictures);
  return choices;
}

[[noreturn]] void refuse_slot(const std::string& slot, std::span<const LearnerChoice> choices) {
  const std::vector<std::string> with = learners_with(slot);
  std::vector<std::string> chosen;
  for (const LearnerChoice& choice : choices) chosen.push_back(choice.name);
  std::string remedy = "No learner has it yet.";
  if (!with.empty() && chosen.empty()) {
    remedy = "These slots are never in one learner: leave one of them out.";
  } else if (!with.empty()) {
    remedy = fmt::format("Add {} to --learner, or leave {} out.", with[0], flag_of(slot));
  }
  throw usage_error({.attempted = "reading " + flag_of(slot),
                     .expected = with.empty() ? "a slot of some learner"
                                              : fmt::format("a learner that has it: {}", join(with, " or ")),
                     .found = chosen.empty() ? "none that has every slot that was given" : join(chosen, ", "),
                     .remedy = remedy});
}

// What a setting of an expression slot holds, unless it is one of the learner's own words for it.
const std::string* text_of(const LearnerChoice& choice, const SlotRow& row) {
  const auto setting = choice.settings.find(row.name);
  if (setting == choice.settings.end()) return nullptr;
  const std::span<const SettingField> fields = find_learner(choice.name)->fields();
  const SettingField& field = require_field(choice.name, fields, row.name);
  return is_own_word(field, setting->second) ? nullptr : std::get_if<std::string>(&setting->second);
}

// A word that is nearly one of the learner's own, and no part: "sqared".
void require_no_slip(const LearnerChoice& choice, const SlotRow& row, const std::string& text) {
  const SettingField& field = require_field(choice.name, find_learner(choice.name)->fields(), row.name);
  const auto is_letter = [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); };
  if (!std::ranges::all_of(text, is_letter) || find_part(*row.parts, text) != nullptr) return;
  std::vector<std::string> words(field.choices.begin(), field.choices.end());
  for (const PartRow& part : parts_of(*row.parts)) words.emplace_back(part.name);
  const std::optional<std::string> nearest = nearest_name(text, words);
  if (!nearest || std::ranges::find(field.choices, *nearest) == field.choices.end()) return;
  throw usage_error({.attempted = fmt::format("reading the {}", row.name),
                     .expected = describe_domain(field) + ", or a part or an expression",
                     .found = fmt::format("'{}'", text),
                     .remedy = fmt::format("Did you mean {}?", *nearest)});
}

}  // namespace

bool is_star(const SettingField& field, std::string_view text) {
  const bool is_plain_text = std::holds_alternative<std::string>(field.default_value) &&
                             field.choices.empty() && find_slot(field.name) == nullptr;
  return !is_plain_text && has_star(text);
}

void fill(LearnerChoice& choice, const std::string& setting, std::string_view text) {
  const SettingField& field = require_field(choice.name, find_learner(choice.name)->fields(), setting);
  if (choice.settings.contains(setting) || choice.stars.contains(setting)) return;
  if (is_star(field, text)) {
    static_cast<void>(parse_star(setting, text));
    choice.stars.emplace(setting, text);
  } else {
    choice.settings.emplace(setting, parse_setting(choice.name, field, text));
  }
}

void fill_slots(const SlotTexts& texts, std::vector<LearnerChoice>& choices,
                std::span<const std::string> among) {
  if (texts.empty()) return;
  if (choices.empty()) choices = learners_with_all(texts, among);
  for (const auto& [slot, text] : texts) {
    bool is_used = false;
    for (LearnerChoice& choice : choices) {
      if (!has_slot(choice.name, slot)) continue;
      is_used = true;
      fill(choice, slot, text);
    }
    if (!is_used) refuse_slot(slot, choices);
  }
}

void require_sound_texts(std::span<const LearnerChoice> choices) {
  for (const LearnerChoice& choice : choices) {
    for (const SlotRow& row : slot_rows()) {
      const std::string* text = text_of(choice, row);
      if (text == nullptr) continue;
      if (row.parts) require_no_slip(choice, row, *text);
      if (row.parts) static_cast<void>(resolve_part(*row.parts, *text));
      require_slot_text(choice.name, row.name, *text);
    }
  }
}

void require_fitting_losses(std::span<const LearnerChoice> choices, TaskKind kind) {
  for (const LearnerChoice& choice : choices) {
    const std::string* text = text_of(choice, *find_slot("loss"));
    if (text == nullptr) continue;
    const ResolvedPart loss = resolve_part(Vocabulary::loss, *text);
    const bool is_number = kind == TaskKind::regression;
    if (is_number ? suits_numbers(loss) : suits_classes(loss)) continue;
    throw usage_error(
        {.attempted = fmt::format("using the loss {} for a {} task", *text, task_kind_name(kind)),
         .expected = is_number ? "a loss of numbers, in y and z" : "a loss of classes",
         .found = is_number ? "one of classes: p is the probability of a class" : "one of numbers",
         .remedy = is_number ? "Take huber, mae or log(cosh(y-z)), say, or name the task with --task."
                             : "Take cross_entropy or focal(2), say, or name the task with --task."});
  }
}

void require_fitting_batches(std::span<const LearnerChoice> choices, std::size_t rows) {
  for (const LearnerChoice& choice : choices) {
    const auto setting = choice.settings.find("batch_size");
    if (setting == choice.settings.end()) continue;
    const auto* batch = std::get_if<std::int64_t>(&setting->second);
    if (batch == nullptr || *batch <= static_cast<std::int64_t>(rows)) continue;
    throw usage_error({.attempted = fmt::format("setting {}.batch_size to {}", choice.name, *batch),
                       .expected = "a batch no larger than the data",
                       .found = fmt::format("{} rows to fit on", format_count(rows)),
                       .remedy = fmt::format("Give {} or less, or leave it out: the batch then follows from "
                                             "the number of rows.",
                                             rows)});
  }
}

}  // namespace astrolabe
