// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/explain_part.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/system/equivalence.h"
#include "astrolabe/system/node_surgery.h"
#include "astrolabe/workflow/certify_part.h"
#include "astrolabe/workflow/expression_formulas.h"

namespace astrolabe {
namespace {

constexpr std::array kSlots = {Vocabulary::activation, Vocabulary::loss, Vocabulary::optimizer,
                               Vocabulary::schedule};
constexpr std::size_t kBaselines = 3;  // of a knock-in

Vocabulary vocabulary_of(const std::string& slot) {
  for (const Vocabulary vocabulary : kSlots)
    if (vocabulary_name(vocabulary) == slot) return vocabulary;
  ASTROLABE_CHECK(false, "a part that is explained has a slot of formulas");
  return Vocabulary::activation;
}

// What stands in a slot; empty: nothing that is a formula, such as a word of the learner's own.
std::string text_in(const FilledSystem& system, Vocabulary slot) {
  const std::string name(vocabulary_name(slot));
  SettingValue value;
  const auto set = system.settings.find(name);
  if (set != system.settings.end()) {
    value = set->second;
  } else {
    const std::span<const SettingField> fields = find_learner(system.learner)->fields();
    const auto field = std::ranges::find(fields, name, &SettingField::name);
    if (field == fields.end()) return "";
    value = field->default_value;
  }
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || function_key(slot, *text).fault) return "";
  return *text;
}

FilledSystem with_part(const FilledSystem& system, const std::string& slot, const std::string& text) {
  FilledSystem changed = system;
  changed.settings[slot] = text;
  changed.label = fmt::format("{} with {}", system.learner, text);
  return changed;
}

// The experiments that take such a part, by the option that names it.
std::vector<std::string_view> experiments_for(Vocabulary slot) {
  switch (slot) {
    case Vocabulary::activation:
      return {"signal-propagation", "output-histogram", "gradient-flow"};
    case Vocabulary::loss:
      return {"loss-shape"};
    case Vocabulary::optimizer:
      return {"two-layer-linear"};
    case Vocabulary::schedule:
      return {"rate-schedule"};
  }
  return {};
}

void run_experiments(PartExplanation& part, Key key, std::vector<std::string>& left_out) {
  const std::string& slot = part.formula.slot;
  for (const std::string_view name : experiments_for(vocabulary_of(slot))) {
    const Experiment& experiment = *find_experiment(name);
    const std::string both = part.formula.text + "," + part.baseline;
    const auto start = std::chrono::steady_clock::now();
    try {
      ExperimentResult result = experiment.run({.options = {{slot, both}}, .key = key.split(name)});
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
      part.experiments.push_back(
          {.experiment = experiment,
           .result = std::move(result),
           .command = fmt::format("astrolabe experiment {} --{} '{}'", name, slot, both),
           .seconds = taken.count()});
    } catch (const Error&) {  // a loss of numbers has no shape of classes
      left_out.push_back(fmt::format("the experiment {}: it has no meaning for {}", name, part.formula.text));
    }
  }
}

void tell_left(std::vector<std::string>& left_out, std::size_t left, std::size_t all, std::string_view what,
               const std::string& slot) {
  if (left == 0) return;
  left_out.push_back(fmt::format("{} of {} {} of the {}, for lack of time", left, all, what, slot));
}

}  // namespace

std::vector<PartExplanation> parts_to_explain(const SystemSpace& space, const FilledSystem& found,
                                              const FilledSystem& defaults) {
  std::set<std::string> searched;
  for (const StarSummary& star : space.stars())
    if (star.learner == found.learner) searched.insert(star.slot);
  std::vector<PartExplanation> parts;
  for (const Vocabulary slot : kSlots) {
    const std::string name(vocabulary_name(slot));
    const std::string text = text_in(found, slot), usual = text_in(defaults, slot);
    if (text.empty() || (text == usual && !searched.contains(name))) continue;
    const bool is_usual = usual.empty() || function_key(slot, usual).key == function_key(slot, text).key;
    const std::vector<std::string> familiar = familiar_parts(slot, text, 1);
    if (is_usual && familiar.empty()) continue;
    PartExplanation part;
    part.formula = {.slot = name, .text = text, .derivative = ""};
    part.baseline = is_usual ? familiar.front() : usual;
    parts.push_back(std::move(part));
  }
  return parts;
}

void describe_part(PartExplanation& part, Key key, std::vector<std::string>& left_out) {
  const std::string& slot = part.formula.slot;
  const std::vector<Formula> formulas =
      formulas_of(resolve_part(vocabulary_of(slot), part.formula.text).expression);
  part.simplified = formulas.front().text;
  for (const Formula& formula : formulas)
    if (formula.name == "d/dx" || formula.name == "d/dz" || formula.name == "d/dt")
      part.formula.derivative = formula.text;
  part.certified = certify_part(slot, part.formula.text, std::nullopt);
  run_experiments(part, key, left_out);
}

void knock_out_nodes(TrainedChanges& trained, const FilledSystem& found, PartExplanation& part,
                     std::vector<std::string>& left_out) {
  const std::string& slot = part.formula.slot;
  const std::vector<Surgery> cuts = knock_outs(vocabulary_of(slot), part.formula.text);
  for (const Surgery& cut : cuts) {
    std::optional<TrainedChange> change = trained.compare(found, with_part(found, slot, cut.text));
    if (!change) break;
    change->what = cut.node;
    change->instead = cut.instead;
    change->text = cut.text;
    part.knock_outs.push_back(std::move(*change));
  }
  tell_left(left_out, cuts.size() - part.knock_outs.size(), cuts.size(), "knock-outs", slot);
}

void knock_in_nodes(TrainedChanges& trained, const FilledSystem& found, PartExplanation& part,
                    std::vector<std::string>& left_out) {
  const std::string& slot = part.formula.slot;
  const Vocabulary vocabulary = vocabulary_of(slot);
  // By rounds over the baselines, so that what there is time for is spread over all of them.
  std::vector<std::vector<Surgery>> puts;
  std::size_t all = 0, longest = 0;
  for (const std::string& baseline : familiar_parts(vocabulary, part.formula.text, kBaselines)) {
    puts.push_back(knock_ins(vocabulary, part.formula.text, baseline));
    all += puts.back().size();
    longest = std::max(longest, puts.back().size());
  }
  for (std::size_t round = 0; round < longest; ++round) {
    for (const std::vector<Surgery>& of_baseline : puts) {
      if (round >= of_baseline.size()) continue;
      const Surgery& put = of_baseline[round];
      std::optional<TrainedChange> change =
          trained.compare(with_part(found, slot, put.instead), with_part(found, slot, put.text));
      if (!change) break;
      change->what = put.node;
      change->instead = put.instead;
      change->text = put.text;
      part.knock_ins.push_back(std::move(*change));
    }
  }
  tell_left(left_out, all - part.knock_ins.size(), all, "knock-ins", slot);
}

}  // namespace astrolabe
