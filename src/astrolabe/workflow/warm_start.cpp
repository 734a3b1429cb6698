// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/warm_start.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "astrolabe/base/text.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/pipeline/going_on.h"
#include "astrolabe/search/study_facts.h"
#include "astrolabe/train/containment.h"
#include "astrolabe/train/net_containment.h"
#include "astrolabe/train/picture_grow.h"

namespace astrolabe {
namespace {

constexpr std::string_view kArchitecture = "architecture";

std::int64_t whole_in(const SettingValues& settings, std::string_view name) {
  const auto found = settings.find(name);
  const auto* whole = found == settings.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  return whole == nullptr ? 0 : *whole;
}

double real_in(const SettingValues& settings, std::string_view name) {
  const auto found = settings.find(name);
  const auto* real = found == settings.end() ? nullptr : std::get_if<double>(&found->second);
  return real == nullptr ? 0 : *real;
}

bool equal_but_architecture(const FilledSystem& a, const FilledSystem& b) {
  if (a.learner != b.learner) return false;
  SettingValues rest_of_a = a.settings, rest_of_b = b.settings;
  rest_of_a.erase(std::string(kArchitecture));
  rest_of_b.erase(std::string(kArchitecture));
  return rest_of_a == rest_of_b;
}

// The rate with which a fold of the first of a line was trained; 0: by a formula that asks for none.
double rate_of(const CrossValidation& first, std::size_t fold) {
  if (const double set = real_in(first.candidate.settings, "learning_rate"); set > 0) return set;
  if (const double raced = real_in(first.found[fold], "learning_rate"); raced > 0) return raced;
  const std::string optimizer = setting_text(*first.candidate.learner, first.candidate.settings, "optimizer");
  const PartRow* part = resolve_part(Vocabulary::optimizer, optimizer).row;
  return part == nullptr ? 0 : part->learning_rate;
}

// Where it holds for pictures that no net pools away; a fit looks again, and begins cold where it does not
// hold.
bool grows_in_pictures(const std::string& larger, const std::string& smaller) {
  const PictureArchitecture net = parse_picture_architecture(larger),
                            inner = parse_picture_architecture(smaller);
  constexpr PictureSize kUsual{4096, 4096, 3};
  return net != inner && find_contained(net.dense, inner.dense, false) &&
         find_contained_trunk({.picture = kUsual, .blocks = net.blocks},
                              {.picture = kUsual, .blocks = inner.blocks}, false);
}

// Ancestors of a trial that grew.
std::size_t generation_of(const TrialRecord& record, StudyStore& store) {
  std::size_t generation = 0;
  std::optional<std::uint64_t> from = parent_in(record.end.outcome);
  for (; from && generation < kMostGenerations; ++generation) {
    const std::optional<TrialRecord> parent = store.trial(*from);
    if (!parent) break;
    from = parent_in(parent->end.outcome);
  }
  return generation;
}

}  // namespace

bool has_growing_nets(const SystemSpace& space) {
  return std::ranges::find(space.stars(), kArchitecture, &StarSummary::slot) != space.stars().end();
}

bool grows_from(const FilledSystem& child, const FilledSystem& parent) {
  const Learner* learner = find_learner(child.learner);
  if (learner == nullptr || !equal_but_architecture(child, parent)) return false;
  const std::string larger = setting_text(*learner, child.settings, kArchitecture);
  const std::string smaller = setting_text(*learner, parent.settings, kArchitecture);
  if (larger.empty() || smaller.empty()) return false;
  if (learner->needs().images) return grows_in_pictures(larger, smaller);
  const Architecture net = parse_architecture(larger), inner = parse_architecture(smaller);
  if (net == inner) return false;
  const std::string normalization = setting_text(*learner, child.settings, "normalization");
  const std::string activation = setting_text(*learner, child.settings, "activation");
  const std::optional<std::vector<std::size_t>> from =
      find_contained(net, inner, normalization == "none" ? Normalization::none : Normalization::layer,
                     resolve_part(Vocabulary::activation, activation).expression);
  if (!from) return false;
  for (std::size_t i = 0; i < from->size(); ++i) {
    if ((*from)[i] == kNewBlock) continue;
    const std::size_t width = net.blocks[i].width, before = inner.blocks[(*from)[i]].width;
    if (width > kMostWidening * before) return false;
    // There a layer can only be repeated as a whole.
    if (normalization == "layer" && !net.blocks[i].is_residual && width % before != 0) return false;
  }
  return true;
}

std::optional<TrialRecord> find_parent(const ParentRequest& request) {
  for (TrialRecord& record : request.store.best(kParents)) {
    if (record.id >= request.trial) continue;
    const FilledSystem system = request.space.fill(parse_point(request.space.space(), record.what.point));
    if (grows_from(request.system, system) && generation_of(record, request.store) < kMostGenerations)
      return std::move(record);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parent_in(const std::string& outcome) {
  const auto json = nlohmann::json::parse(outcome, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto from = json.find(std::string(kGrownFromOutcome));
  if (from == json.end() || !from->is_number_unsigned()) return std::nullopt;
  return from->get<std::uint64_t>();
}

std::optional<GrowthPlan> plan_growth(const std::shared_ptr<const CrossValidation>& parent) {
  if (!parent->complete) return std::nullopt;
  const CrossValidation* first = parent.get();
  while (first->parent != nullptr) first = first->parent.get();
  const auto patience = static_cast<double>(
      parse_number(setting_text(*first->candidate.learner, first->candidate.settings, "patience"))
          .value_or(0));
  GrowthPlan plan{.parent = parent, .starts = {}, .effort = 1};
  double from_nothing = 0, grown = 0;
  for (std::size_t fold = 0; fold < parent->fitted.size(); ++fold) {
    const std::shared_ptr<const Model>& model = parent->fitted[fold].model;
    const std::int64_t stop = whole_in(first->found[fold], "stop_after");
    if (model->has_diverged() || stop <= 0) return std::nullopt;
    const auto share = static_cast<std::int64_t>(std::llround(kGrowthEpochs * static_cast<double>(stop)));
    const std::int64_t epochs = std::min(stop, std::max(share, kLeastGrowthEpochs));
    SettingValues settings = {{"epochs", epochs}, {"stop_after", std::int64_t{0}}};
    if (const double rate = rate_of(*first, fold); rate > 0) settings["learning_rate"] = kGrowthRate * rate;
    plan.starts.push_back({.model = model, .settings = std::move(settings)});
    // Once watched, until nothing gets better, and once as long as that was good for.
    const auto horizon = static_cast<double>(whole_in(first->found[fold], "epochs"));
    from_nothing += std::min(horizon, static_cast<double>(stop) + patience) + static_cast<double>(stop);
    grown += static_cast<double>(epochs);
  }
  plan.effort = from_nothing / grown;
  return plan;
}

}  // namespace astrolabe
