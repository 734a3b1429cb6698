// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/vocabulary.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, 4> kNames{"activation", "loss", "optimizer", "schedule"};
constexpr std::array<std::string_view, 4> kWithArticle{"an activation", "a loss", "an optimizer",
                                                       "a schedule"};

constexpr std::array<VariableRow, 10> kVariables{{
    // name, meaning, activation, loss, optimizer, schedule
    {"x", "what an activation is applied to", {true, false, false, false}},
    {"y", "the true value", {false, true, false, false}},
    {"z", "the model's raw output", {false, true, false, false}},
    {"p", "the predicted probability", {false, true, false, false}},
    {"classes", "the number of classes", {false, true, false, false}},
    {"g", "the gradient", {false, false, true, false}},
    {"w", "the weight", {false, false, true, false}},
    {"lr", "the learning rate", {false, false, true, false}},
    {"k", "the number of the step, from 1", {false, false, true, true}},
    {"t", "the fraction of training that is done, 0 to 1", {false, false, true, true}},
}};

}  // namespace

std::string_view vocabulary_name(Vocabulary vocabulary) {
  return kNames[static_cast<std::size_t>(vocabulary)];
}

std::string_view with_article(Vocabulary vocabulary) {
  return kWithArticle[static_cast<std::size_t>(vocabulary)];
}

std::span<const VariableRow> variable_rows() {
  return kVariables;
}

const VariableRow* find_variable(std::string_view name) {
  const auto* row = std::ranges::find(kVariables, name, &VariableRow::name);
  return row == kVariables.end() ? nullptr : row;
}

bool has_meaning(const VariableRow& variable, Vocabulary vocabulary) {
  return variable.vocabularies[static_cast<std::size_t>(vocabulary)];
}

bool is_trainable(std::string_view name) {
  return std::ranges::find(kTrainableNames, name) != kTrainableNames.end();
}

std::string written_in(Vocabulary vocabulary) {
  std::vector<std::string_view> names;
  for (const VariableRow& row : kVariables)
    if (has_meaning(row, vocabulary)) names.push_back(row.name);
  std::string text = fmt::format("{} is written in {}", with_article(vocabulary), names[0]);
  for (std::size_t i = 1; i < names.size(); ++i)
    text += fmt::format("{}{}", i + 1 == names.size() ? " and " : ", ", names[i]);
  return text;
}

}  // namespace astrolabe
