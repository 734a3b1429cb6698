// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/treatments.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/pipeline/catalog.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMoreSteps = 5;  // times
constexpr std::array kSmaller = {0.01, 1e-4};
constexpr std::array kLarger = {10.0, 1000.0, 1e5};
constexpr std::size_t kShallow = 2;  // layers

const SettingField* field_of(const Learner& learner, std::string_view name) {
  const std::span<const SettingField> fields = learner.fields();
  const auto found = std::ranges::find(fields, name, &SettingField::name);
  return found == fields.end() ? nullptr : &*found;
}

class Cabinet {
 public:
  explicit Cabinet(const FilledSystem& system) : system_(system), learner_(*find_learner(system.learner)) {}

  [[nodiscard]] SettingValue value(std::string_view name) const {
    const auto set = system_.settings.find(name);
    if (set != system_.settings.end()) return set->second;
    const SettingField* field = field_of(learner_, name);
    return field == nullptr ? SettingValue{} : field->default_value;
  }

  // Not where the learner has no such setting, it is out of range, or nothing would change.
  void add(Cause against, std::string_view name, const SettingValue& wanted) {
    const SettingField* field = field_of(learner_, name);
    if (field == nullptr || value(name) == wanted) return;
    if (const auto* number = std::get_if<double>(&wanted);
        number != nullptr && (*number < field->low || *number > field->high))
      return;
    FilledSystem changed = system_;
    changed.settings[std::string(name)] = wanted;
    changed.label = fmt::format("{} with {}={}", system_.learner, name, format_setting(wanted));
    treatments_.push_back({.against = against,
                           .what = fmt::format("{}={}", name, format_setting(wanted)),
                           .system = std::move(changed)});
  }

  void add_learner(std::string_view name) {
    if (name == system_.learner) return;
    treatments_.push_back(
        {.against = Cause::weak_model,
         .what = fmt::format("learner={}", name),
         .system = {.learner = std::string(name), .settings = {}, .label = std::string(name)}});
  }

  [[nodiscard]] bool has(std::string_view name) const { return field_of(learner_, name) != nullptr; }
  [[nodiscard]] std::vector<Treatment> take() { return std::move(treatments_); }

 private:
  const FilledSystem& system_;
  const Learner& learner_;
  std::vector<Treatment> treatments_;
};

void add_rates(Cabinet& cabinet) {
  const SettingValue rate = cabinet.value("learning_rate");
  const auto* number = std::get_if<double>(&rate);
  if (number == nullptr || *number <= 0) return;  // the optimizer's own, or raced
  const auto times = [&](double factor) { return std::stod(fmt::format("{:.3g}", *number * factor)); };
  for (const double factor : kSmaller) cabinet.add(Cause::exploding, "learning_rate", times(factor));
  for (const double factor : kLarger) cabinet.add(Cause::too_slow, "learning_rate", times(factor));
}

void add_nets(Cabinet& cabinet) {
  const SettingValue architecture = cabinet.value("architecture");
  if (const auto* text = std::get_if<std::string>(&architecture)) {
    std::vector<std::string> layers = split(*text, '-');
    if (layers.size() > kShallow) {
      layers.resize(kShallow);
      cabinet.add(Cause::vanishing_signal, "architecture", join(layers, "-"));
    }
  }
  cabinet.add(Cause::vanishing_signal, "normalization", std::string("layer"));
  cabinet.add(Cause::dead_units, "activation", std::string("silu"));
  cabinet.add(Cause::conditioning, "optimizer", std::string("adam"));
}

void add_steps(Cabinet& cabinet, std::size_t steps) {
  if (steps == 0) return;
  const auto more = static_cast<std::int64_t>(kMoreSteps * steps);
  for (const std::string_view name : {"epochs", "rounds"}) cabinet.add(Cause::too_little_time, name, more);
}

}  // namespace

std::vector<Treatment> treatments_of(const FilledSystem& system, std::size_t steps) {
  Cabinet cabinet(system);
  add_rates(cabinet);
  if (cabinet.has("architecture")) add_nets(cabinet);
  add_steps(cabinet, steps);
  for (const std::string_view name : {"trees", "linear"}) cabinet.add_learner(name);
  return cabinet.take();
}

}  // namespace astrolabe
