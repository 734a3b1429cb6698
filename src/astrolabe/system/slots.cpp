// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/slots.h"

#include "astrolabe/pipeline/catalog.h"

namespace astrolabe {
namespace {

Slot learner_slot() {
  Slot slot{.name = "learner", .doc = "The family of models that is fitted.", .parts = {}};
  for (const Learner* learner : learners()) {
    slot.parts.push_back({.name = std::string(learner->name()),
                          .doc = std::string(learner->doc()),
                          .settings = {learner->fields().begin(), learner->fields().end()}});
  }
  return slot;
}

}  // namespace

std::vector<Slot> slots() {
  return {learner_slot()};
}

}  // namespace astrolabe
