// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/slots.h"

#include <algorithm>
#include <array>

#include "astrolabe/parts/catalog.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/train/augmentation.h"
#include "astrolabe/train/picture_architecture.h"

namespace astrolabe {
namespace {

constexpr std::array<SlotRow, 15> kRows{{
    {"activation", "What follows every hidden layer of a net.",
     "a part, or an expression in x; alpha, beta and gamma are trained along", Vocabulary::activation},
    {"loss", "What training minimises.",
     "a part, or an expression in y (the truth) and z (the raw output) or p (the probability of a class)",
     Vocabulary::loss},
    {"optimizer", "The step that is subtracted from the weights of a net.",
     "a part, or an expression in g, w, lr, k and t, with ema(e, b), sum(e) and prev(e)",
     Vocabulary::optimizer},
    {"schedule", "What the learning rate is multiplied by as training goes on.",
     "a part, or an expression in t (the fraction of training that is done) and k (the step)",
     Vocabulary::schedule},
    {"architecture", "The hidden layers of a net.",
     "widths and \"res\" for residual blocks with dashes between them, as 64-64 or 128-res-128-res; none: a "
     "linear model; of cnn convolutions too, as conv3x32-conv3x64/2-res-gap"},
    {"augmentation", "What training does to the pictures that it learns from.",
     "shift, flip, cutout and mixup with + between them, as shift+flip; none; auto: by the pictures"},
    {"batch_size", "Rows that one step of training looks at."},
    {"normalization", "What stands before every activation of a net."},
    {"initialization", "How wide the first weights of a net are drawn."},
    {"dropout", "Share of hidden units that each step leaves out."},
    {"weight_decay", "How strongly each step pulls weights towards zero."},
    {"label_smoothing", "Share of a label's certainty that is spread over all classes."},
    {"kernel", "How alike two rows are to a kernel machine."},
    {"features", "What stands for the kernel, so that a linear model can work on it."},
    {"bandwidth", "How far a row of a kernel machine sees, in medians of the distance between rows."},
}};

SystemSlot learner_slot() {
  SystemSlot slot{.name = "learner", .doc = "The family of models that is fitted."};
  for (const Learner* learner : learners()) {
    slot.parts.push_back({.name = std::string(learner->name()),
                          .doc = std::string(learner->doc()),
                          .settings = {learner->fields().begin(), learner->fields().end()}});
  }
  return slot;
}

const SettingField* field_of(const Learner& learner, std::string_view name) {
  const auto field = std::ranges::find(learner.fields(), name, &SettingField::name);
  return field == learner.fields().end() ? nullptr : &*field;
}

Part part_of(const PartRow& row) {
  Part part{.name = std::string(row.name),
            .doc = std::string(row.doc),
            .settings = {},
            .expression = std::string(row.body)};
  for (const PartSetting& setting : row.settings)
    part.settings.push_back({.name = setting.name, .doc = {}, .default_value = setting.default_value});
  return part;
}

SystemSlot slot_of(const SlotRow& row) {
  SystemSlot slot{
      .name = std::string(row.name), .doc = std::string(row.doc), .takes = std::string(row.takes)};
  slot.learners = learners_with(row.name);
  if (row.parts) {
    for (const std::string& learner : slot.learners) {
      const SettingField& field = *field_of(*find_learner(learner), row.name);
      for (const std::string_view choice : field.choices)
        if (find_part(*row.parts, choice) == nullptr) slot.words[learner].emplace_back(choice);
    }
    for (const PartRow& part : parts_of(*row.parts)) slot.parts.push_back(part_of(part));
  } else if (slot.takes.empty() && !slot.learners.empty()) {
    slot.takes = describe_domain(*field_of(*find_learner(slot.learners[0]), row.name));
  }
  return slot;
}

}  // namespace

std::span<const SlotRow> slot_rows() {
  return kRows;
}

const SlotRow* find_slot(std::string_view name) {
  const auto* row = std::ranges::find(kRows, name, &SlotRow::name);
  return row == kRows.end() ? nullptr : row;
}

std::string dashed(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '_', '-');
  return text;
}

void require_slot_text(std::string_view learner, std::string_view slot, std::string_view text) {
  if (slot == "augmentation" && text != "auto") static_cast<void>(parse_augmentation(text));
  if (slot != "architecture") return;
  const Learner* const known = find_learner(learner);
  if (known != nullptr && known->needs().images)
    static_cast<void>(parse_picture_architecture(text));
  else
    static_cast<void>(parse_architecture(text));
}

std::vector<std::string> learners_with(std::string_view slot) {
  std::vector<std::string> names;
  for (const Learner* learner : learners())
    if (field_of(*learner, slot) != nullptr) names.emplace_back(learner->name());
  return names;
}

std::vector<SystemSlot> slots() {
  std::vector<SystemSlot> all = {learner_slot()};
  for (const SlotRow& row : kRows) {
    SystemSlot slot = slot_of(row);
    if (!slot.learners.empty()) all.push_back(std::move(slot));
  }
  return all;
}

}  // namespace astrolabe
