// SPDX-License-Identifier: Apache-2.0
// The proposers that there are.
#include <algorithm>
#include <array>
#include <vector>

#include "astrolabe/search/auto_proposer.h"
#include "astrolabe/search/bayes.h"
#include "astrolabe/search/choice_text.h"
#include "astrolabe/search/controller.h"
#include "astrolabe/search/enumeration.h"
#include "astrolabe/search/evolution.h"
#include "astrolabe/search/proposer.h"
#include "astrolabe/search/random_proposer.h"
#include "astrolabe/search/surrogate.h"

namespace astrolabe {
namespace {

std::span<const SettingField> no_fields() {
  return {};
}

std::unique_ptr<Proposer> make_random_row(const Space& space, const SettingValues& values, Key) {
  for (const auto& [name, value] : values) static_cast<void>(require_field("random", {}, name));
  return make_random_proposer(space);
}

constexpr std::array kRows = {
    ProposerRow{.name = "auto",
                .doc = "Races the others within the study, and gives more to those that find more.",
                .fields = described<auto_settings_table>,
                .make =
                    [](const Space& space, const SettingValues& values, Key key) {
                      return make_auto_proposer(
                          space, read_settings<AutoSettings>("auto", auto_settings_table(), values), key);
                    }},
    ProposerRow{.name = "surrogate",
                .doc = "A model of the cost (Gaussian process) ranks changed copies of the best points.",
                .fields = described<surrogate_settings_table>,
                .make =
                    [](const Space& space, const SettingValues& values, Key) {
                      return make_surrogate(space, read_settings<SurrogateSettings>(
                                                       "surrogate", surrogate_settings_table(), values));
                    }},
    ProposerRow{.name = "rl",
                .doc = "A recurrent policy that learns which points are rewarded (PPO, or plain REINFORCE).",
                .fields = described<controller_settings_table>,
                .make =
                    [](const Space& space, const SettingValues& values, Key key) {
                      return make_controller(
                          space, read_settings<ControllerSettings>("rl", controller_settings_table(), values),
                          key);
                    }},
    ProposerRow{.name = "evolution",
                .doc = "Changed copies of the best among the newest trials (regularised evolution).",
                .fields = described<evolution_settings_table>,
                .make =
                    [](const Space& space, const SettingValues& values, Key) {
                      return make_evolution(space, read_settings<EvolutionSettings>(
                                                       "evolution", evolution_settings_table(), values));
                    }},
    ProposerRow{
        .name = "bayes",
        .doc = "What is likelier among good trials than among others (tree-structured Parzen estimator).",
        .fields = described<bayes_settings_table>,
        .make =
            [](const Space& space, const SettingValues& values, Key) {
              return make_bayes(space, read_settings<BayesSettings>("bayes", bayes_settings_table(), values));
            }},
    ProposerRow{.name = "enumeration",
                .doc = "Every point of a countable space, each once.",
                .fields = described<enumeration_settings_table>,
                .make =
                    [](const Space& space, const SettingValues& values, Key key) {
                      return make_enumeration(space,
                                              read_settings<EnumerationSettings>(
                                                  "enumeration", enumeration_settings_table(), values),
                                              key);
                    }},
    ProposerRow{.name = "random",
                .doc = "Every point drawn anew: what the others have to beat.",
                .fields = no_fields,
                .make = make_random_row},
};

}  // namespace

std::span<const ProposerRow> proposer_rows() {
  return kRows;
}

const ProposerRow& default_proposer() {
  return kRows.front();
}

const ProposerRow* find_proposer(std::string_view name) {
  const auto* const row = std::ranges::find(kRows, name, &ProposerRow::name);
  return row == kRows.end() ? nullptr : row;
}

ProposerChoice parse_proposer(std::string_view text) {
  if (text.empty()) return {.row = &default_proposer()};
  const ChoiceText choice = split_choice(text, "--proposer");
  const ProposerRow* row = find_proposer(choice.name);
  if (row == nullptr) {
    std::vector<std::string> names;
    for (const ProposerRow& known : kRows) names.emplace_back(known.name);
    refuse_choice(choice, "--proposer", names);
  }
  return {.row = row, .settings = read_choice_settings(choice, row->fields())};
}

}  // namespace astrolabe
