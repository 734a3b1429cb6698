// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/bench_plan.h"

#include <algorithm>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/system/slots.h"
#include "astrolabe/workflow/run_options.h"
#include "astrolabe/workflow/slot_choices.h"

namespace astrolabe {
namespace {

constexpr std::string_view kLearnerSlot = "learner";
constexpr std::string_view kRateSlot = "learning_rate";
constexpr std::size_t kTunedTries = 3;

bool is_told(const Error& error) {
  return error.kind() == ErrorKind::usage || error.kind() == ErrorKind::bad_input;
}

const SettingField* field_of(const LearnerChoice& host, std::string_view slot) {
  const std::span<const SettingField> fields = find_learner(host.name)->fields();
  const auto found = std::ranges::find(fields, slot, &SettingField::name);
  return found == fields.end() ? nullptr : &*found;
}

std::string text_of(const LearnerChoice& choice) {
  return choice.settings.empty() ? choice.name
                                 : fmt::format("{}({})", choice.name, format_settings(choice.settings));
}

// One learner, no star.
LearnerChoice read_host(const std::string& text) {
  std::vector<LearnerChoice> choices = parse_learners(text);
  if (choices.size() != 1 || !choices[0].stars.empty()) {
    throw usage_error({.attempted = "reading --host",
                       .expected = "learners without stars",
                       .found = "'" + text + "'",
                       .remedy = "Write it as mlp or 'mlp(architecture=32-32)'."});
  }
  require_sound_texts(choices);
  return std::move(choices[0]);
}

class Planner {
 public:
  Planner(const BenchQuestion& question, Key key, ThreadPool& pool)
      : question_(question), key_(key), pool_(pool) {}

  BenchPlan make() {
    require_mode();
    read_hosts();
    open_tasks();
    if (question_.mode == BenchMode::interaction) {
      plan_factorial();
    } else {
      for (const BenchSlotParts& slot : question_.slots) plan_slot(slot);
    }
    look_what_fits();
    if (plan_.tasks.empty() || plan_.contrasts.empty()) refuse_nothing();
    return std::move(plan_);
  }

 private:
  // The first line: carets under a formula stand below it.
  void skip(std::string what, const std::string& why) {
    plan_.skipped.push_back({.what = std::move(what), .why = why.substr(0, why.find('\n'))});
  }

  void require_mode() const {
    const auto refuse = [](std::string expected, std::string found) {
      throw usage_error({.attempted = "reading what to compare",
                         .expected = std::move(expected),
                         .found = std::move(found),
                         .remedy = "Write it as --activation relu,gelu."});
    };
    if (question_.slots.empty()) refuse("a slot with parts", "none");
    if (question_.mode == BenchMode::interaction && question_.slots.size() != 2)
      refuse("two slots for --mode interaction", fmt::format("{}", question_.slots.size()));
    if (question_.mode == BenchMode::drop_in && question_.tries > 1)
      refuse("no --tuning with --mode drop-in", fmt::format("--tuning {}", question_.tries));
  }

  [[noreturn]] void refuse_nothing() const {
    std::string found = "none";
    if (!plan_.skipped.empty())
      found = fmt::format("none; {} skipped, the first: {} ({})", plan_.skipped.size(), plan_.skipped[0].what,
                          plan_.skipped[0].why);
    throw bad_input(
        {.attempted = "planning the benchmark",
         .expected = "a comparison that some host and task can answer",
         .found = found,
         .remedy = "`astrolabe bench --list` shows suites and tasks, `astrolabe parts` the parts."});
  }

  void read_hosts() {
    for (const std::string& text : question_.hosts) {
      try {
        hosts_.push_back(read_host(text));
        plan_.hosts.push_back(text);
      } catch (const Error& error) {
        if (question_.hosts_are_typed || !is_told(error)) throw;
        skip("host " + text, error.what());
      }
    }
  }

  void open_tasks() {
    for (const BenchTaskRequest& request : question_.tasks) {
      try {
        BenchTask task = open_bench_task(request, key_, pool_);
        while (std::ranges::find(plan_.tasks, task.name, &BenchTask::name) != plan_.tasks.end())
          task.name += "'";
        plan_.tasks.push_back(std::move(task));
      } catch (const Error& error) {
        if (question_.tasks_are_typed || !is_told(error)) throw;
        skip("task " + request.name, error.what());
      }
    }
  }

  // The parts of a slot; one alone is compared with what the host has there.
  BenchSlotParts with_baseline(BenchSlotParts slot) const {
    if (slot.parts.size() > 1 || slot.slot == kLearnerSlot) return slot;
    for (const LearnerChoice& host : hosts_) {
      const SettingField* field = field_of(host, slot.slot);
      if (field == nullptr) continue;
      const auto set = host.settings.find(slot.slot);
      slot.parts.insert(slot.parts.begin(),
                        format_setting(set == host.settings.end() ? field->default_value : set->second));
      break;
    }
    return slot;
  }

  [[nodiscard]] std::size_t tries_of(std::string_view slot) const {
    if (question_.mode == BenchMode::drop_in || slot == kRateSlot) return 1;
    if (question_.tries > 0) return question_.tries;
    return question_.mode == BenchMode::tuned ? kTunedTries : 1;
  }

  // The same system twice is one, unless each part draws for itself.
  std::size_t add_system(std::size_t host, LearnerChoice choice, std::size_t part, std::size_t tries) {
    BenchSystem system{.host = host, .choice = std::move(choice)};
    system.text = text_of(system.choice);
    system.drawing = question_.own_draws ? part : 0;
    system.tries = tries;
    for (std::size_t i = 0; i < plan_.systems.size(); ++i) {
      const BenchSystem& there = plan_.systems[i];
      if (there.host == host && there.text == system.text && there.drawing == system.drawing &&
          there.tries == tries)
        return i;
    }
    plan_.systems.push_back(std::move(system));
    return plan_.systems.size() - 1;
  }

  // The host with a part in it; nothing where it cannot be read, which is told or listed.
  std::optional<LearnerChoice> filled(const LearnerChoice& host, const std::string& slot,
                                      const std::string& part) {
    try {
      LearnerChoice choice = host;
      choice.settings.erase(slot);
      fill(choice, slot, part);
      require_sound_texts({&choice, 1});
      return choice;
    } catch (const Error& error) {
      if (question_.slots_are_typed || !is_told(error)) throw;
      skip(fmt::format("{} {} in {}", slot, part, host.name), error.what());
      return std::nullopt;
    }
  }

  [[nodiscard]] bool has_slot(std::size_t host, const std::string& slot) {
    if (field_of(hosts_[host], slot) != nullptr) return true;
    skip(fmt::format("{} in {}", slot, plan_.hosts[host]), "this host has no such slot");
    return false;
  }

  void require_some_host(const std::string& slot) const {
    const auto has = [&](const LearnerChoice& host) { return field_of(host, slot) != nullptr; };
    if (!question_.slots_are_typed || std::ranges::any_of(hosts_, has)) return;
    std::vector<std::string> names;
    for (const LearnerChoice& host : hosts_)
      for (const SettingField& field : find_learner(host.name)->fields()) names.emplace_back(field.name);
    const std::optional<std::string> nearest = nearest_name(slot, names);
    throw usage_error({.attempted = "filling the slot " + slot,
                       .expected = "a host that has it",
                       .found = join(plan_.hosts, ", "),
                       .remedy = nearest ? fmt::format("Did you mean {}?", *nearest)
                                         : "Name one with --host; `astrolabe parts` says who has which."});
  }

  void plan_slot(const BenchSlotParts& asked) {
    if (asked.slot == kLearnerSlot) return plan_learners(asked);
    require_some_host(asked.slot);
    const BenchSlotParts slot = with_baseline(asked);
    std::vector<std::vector<std::optional<std::size_t>>> systems(slot.parts.size());
    for (auto& of_part : systems) of_part.resize(hosts_.size());
    for (std::size_t host = 0; host < hosts_.size(); ++host) {
      if (!has_slot(host, slot.slot)) continue;
      for (std::size_t part = 0; part < slot.parts.size(); ++part)
        if (auto choice = filled(hosts_[host], slot.slot, slot.parts[part]))
          systems[part][host] = add_system(host, std::move(*choice), part, tries_of(slot.slot));
    }
    compare_with_first(slot, systems, 0);
  }

  // Whole learners: there is no host around them.
  void plan_learners(const BenchSlotParts& slot) {
    plan_.hosts.emplace_back();
    const std::size_t host = plan_.hosts.size() - 1;
    std::vector<std::vector<std::optional<std::size_t>>> systems(slot.parts.size());
    for (std::size_t part = 0; part < slot.parts.size(); ++part) {
      systems[part].resize(1);
      try {
        systems[part][0] = add_system(host, read_host(slot.parts[part]), part, tries_of(slot.slot));
      } catch (const Error& error) {
        if (question_.slots_are_typed || !is_told(error)) throw;
        skip("learner " + slot.parts[part], error.what());
      }
    }
    compare_with_first(slot, systems, host);
  }

  // systems[part][i] stands in the host `first` + i.
  void compare_with_first(const BenchSlotParts& slot,
                          const std::vector<std::vector<std::optional<std::size_t>>>& systems,
                          std::size_t first) {
    for (std::size_t part = 0; part < slot.parts.size(); ++part) {
      BenchPlannedPart planned{.slot = slot.slot, .part = slot.parts[part], .is_baseline = part == 0};
      BenchContrast contrast{.slot = slot.slot, .a = slot.parts[part], .b = slot.parts[0]};
      for (std::size_t i = 0; i < systems[part].size(); ++i) {
        if (!systems[part][i]) continue;
        planned.hosts.push_back({.host = first + i, .contrast = {{*systems[part][i], 1.0}}});
        if (part > 0 && systems[0][i])
          contrast.hosts.push_back(
              {.host = first + i, .contrast = comparison_of(*systems[part][i], *systems[0][i])});
      }
      if (!planned.hosts.empty()) plan_.parts.push_back(std::move(planned));
      if (!contrast.hosts.empty()) plan_.contrasts.push_back(std::move(contrast));
    }
  }

  // ---- All pairs of the parts of two slots.

  void plan_factorial() {
    for (const BenchSlotParts& slot : question_.slots) require_some_host(slot.slot);
    const BenchSlotParts rows = with_baseline(question_.slots[0]),
                         columns = with_baseline(question_.slots[1]);
    const FactorialTable table{.rows = rows.parts.size(), .columns = columns.parts.size()};
    if (table.rows < 2 || table.columns < 2) return;
    std::vector<std::pair<std::size_t, std::vector<std::size_t>>> filled_hosts;  // host, its systems
    for (std::size_t host = 0; host < hosts_.size(); ++host) {
      if (!has_slot(host, rows.slot) || !has_slot(host, columns.slot)) continue;
      std::vector<std::size_t> systems = fill_table(host, rows, columns);
      if (systems.size() == table.rows * table.columns) filled_hosts.emplace_back(host, std::move(systems));
    }
    if (filled_hosts.empty()) return;
    const auto in_hosts = [&](const Contrast& contrast) {
      std::vector<BenchContrast::InHost> all;
      for (const auto& [host, systems] : filled_hosts) {
        Contrast own = contrast;
        for (ContrastTerm& term : own) term.system = systems[term.system];
        all.push_back({.host = host, .contrast = std::move(own)});
      }
      return all;
    };
    for (std::size_t row = 1; row < table.rows; ++row)
      plan_.contrasts.push_back(
          {rows.slot, rows.parts[row], rows.parts[0], false, in_hosts(table.main_effect_of_row(row, 0))});
    for (std::size_t column = 1; column < table.columns; ++column)
      plan_.contrasts.push_back({columns.slot, columns.parts[column], columns.parts[0], false,
                                 in_hosts(table.main_effect_of_column(column, 0))});
    for (std::size_t row = 1; row < table.rows; ++row)
      for (std::size_t column = 1; column < table.columns; ++column)
        plan_.contrasts.push_back(
            {rows.slot + " x " + columns.slot, rows.parts[row] + " x " + columns.parts[column],
             rows.parts[0] + " x " + columns.parts[0], true, in_hosts(table.interaction(row, 0, column, 0))});
    plan_parts(rows, columns, table, in_hosts);
  }

  std::vector<std::size_t> fill_table(std::size_t host, const BenchSlotParts& rows,
                                      const BenchSlotParts& columns) {
    std::vector<std::size_t> systems;
    const std::size_t tries = std::min(tries_of(rows.slot), tries_of(columns.slot));
    for (const std::string& row : rows.parts) {
      const auto with_row = filled(hosts_[host], rows.slot, row);
      if (!with_row) continue;
      for (const std::string& column : columns.parts)
        if (auto choice = filled(*with_row, columns.slot, column))
          systems.push_back(add_system(host, std::move(*choice), systems.size(), tries));
    }
    return systems;
  }

  template <class InHosts>
  void plan_parts(const BenchSlotParts& rows, const BenchSlotParts& columns, const FactorialTable& table,
                  const InHosts& in_hosts) {
    for (std::size_t row = 0; row < table.rows; ++row) {
      Contrast mean;
      for (std::size_t column = 0; column < table.columns; ++column)
        mean.push_back({table.system(row, column), 1 / static_cast<double>(table.columns)});
      plan_.parts.push_back({rows.slot, rows.parts[row], row == 0, in_hosts(mean)});
    }
    for (std::size_t column = 0; column < table.columns; ++column) {
      Contrast mean;
      for (std::size_t row = 0; row < table.rows; ++row)
        mean.push_back({table.system(row, column), 1 / static_cast<double>(table.rows)});
      plan_.parts.push_back({columns.slot, columns.parts[column], column == 0, in_hosts(mean)});
    }
  }

  // ---- A loss of classes has no meaning for numbers, a batch may be larger than a table.
  void look_what_fits() {
    for (const BenchTask& task : plan_.tasks) {
      std::vector<bool> fits;
      for (const BenchSystem& system : plan_.systems) {
        try {
          require_fitting_losses({&system.choice, 1}, task.task.kind);
          require_fitting_batches({&system.choice, 1}, task.train_rows);
          fits.push_back(true);
        } catch (const Error& error) {
          if (!is_told(error)) throw;
          skip(fmt::format("{} on {}", system.text, task.name), error.what());
          fits.push_back(false);
        }
      }
      plan_.fits.push_back(std::move(fits));
    }
  }

  const BenchQuestion& question_;
  Key key_;
  ThreadPool& pool_;
  std::vector<LearnerChoice> hosts_;
  BenchPlan plan_;
};

}  // namespace

bool BenchPlan::is_asked(const BenchContrast::InHost& in_host, std::size_t task) const {
  return std::ranges::all_of(in_host.contrast,
                             [&](const ContrastTerm& term) { return fits[task][term.system]; });
}

BenchPlan plan_bench(const BenchQuestion& question, Key key, ThreadPool& pool) {
  return Planner(question, key, pool).make();
}

}  // namespace astrolabe
