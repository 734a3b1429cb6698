// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/grow_nets.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/pipeline/going_on.h"
#include "astrolabe/workflow/start_gain.h"
#include "astrolabe/workflow/system_search.h"

namespace astrolabe {
namespace {

constexpr const char* kArchitecture = "architecture";

[[noreturn]] void refuse(std::string expected, std::string found, std::string remedy) {
  throw usage_error({.attempted = "reading --grow",
                     .expected = std::move(expected),
                     .found = std::move(found),
                     .remedy = std::move(remedy)});
}

bool is_net_that_grows(const LearnerChoice& choice) {
  const GoingOn* how = find_going_on(choice.name);
  return how != nullptr && how->grows;
}

std::string first_growing_learner() {
  for (const GoingOn& how : going_on_rows())
    if (how.grows) return std::string(how.learner);
  return {};
}

}  // namespace

std::vector<Architecture> grown_architectures(const Architecture& net, std::uint64_t rows) {
  std::vector<Architecture> grown;
  if (net.blocks.empty()) return grown;
  const auto count = static_cast<double>(rows);
  Architecture wider = net;
  std::size_t widest = 0;
  for (Architecture::Block& block : wider.blocks) {
    block.width *= 2;
    widest = std::max(widest, block.width);
  }
  if (static_cast<double>(widest) <= 2 * std::sqrt(count) && widest <= kMaxWidth) grown.push_back(wider);
  Architecture deeper = net;
  deeper.blocks.push_back({.width = net.blocks.back().width, .is_residual = true});
  if (static_cast<double>(net.blocks.size()) < std::log2(count / 500) && deeper.blocks.size() <= kMaxBlocks)
    grown.push_back(deeper);
  return grown;
}

void offer_grown_nets(Run& run, RunOptions& options, std::uint64_t rows) {
  if (options.refit)
    refuse("rows that no fit has seen, to measure by", "--refit", "Leave one of the two out.");
  if (options.stack) refuse("one net to go on from", "--stack on", "Leave one of the two out.");
  if (run.result.task.is_ranking())
    refuse("classes or numbers", "a ranking", "Leave --grow out; --from goes on without it.");
  if (!options.study.empty()) refuse("a run of one machine", "--study", "Leave one of the two out.");
  if (options.learners.empty()) options.learners.push_back({.name = first_growing_learner()});
  const bool chose = run.start && run.start->chose_learners;
  if (chose)
    std::erase_if(options.learners, [](const LearnerChoice& choice) { return !is_net_that_grows(choice); });
  for (const LearnerChoice& choice : options.learners)
    if (!is_net_that_grows(choice) || !choice.stars.empty())
      refuse("nets that grow by themselves: " + first_growing_learner(),
             choice.stars.empty() ? choice.name : "a star",
             "Give --learner " + first_growing_learner() + ", or leave --grow out.");
  if (options.learners.empty())
    refuse("a model with fits of " + first_growing_learner(), "one of " + run.start->card.system,
           "Train one with --learner " + first_growing_learner() + " --grow first.");
  // Of a run that is resumed they are there already.
  if (!run.start || options.resume) return;
  run.start->extends = true;
  const std::uint64_t all = rows + rows_seen_by(*run.start);
  const std::vector<LearnerChoice> chosen = options.learners;
  std::vector<std::string> offered;
  for (const LearnerChoice& choice : chosen) {
    const std::string text = setting_text(*find_learner(choice.name), choice.settings, kArchitecture);
    for (const Architecture& net : grown_architectures(parse_architecture(text), all)) {
      LearnerChoice larger = choice;
      larger.settings[kArchitecture] = architecture_text(net);
      offered.push_back(architecture_text(net));
      options.learners.push_back(std::move(larger));
    }
  }
  say_all(run,
          {offered.empty() ? fmt::format("after {} rows the net stays as large as it is", format_count(all))
                           : fmt::format("after {} rows the net may become {}", format_count(all),
                                         join(offered, " or "))});
}

Selection select_grown(std::vector<CrossValidation> tried, const SystemSearchRequest& request) {
  const Metric& metric = *find_metric(request.task.metric);
  std::size_t best = tried.size();
  const auto challenge = [&](std::size_t index) {
    if (best == tried.size()) {
      best = index;
      return;
    }
    const Estimate lead =
        advantage(tried[index], tried[best], request.labels, metric, request.key.split("grown").split(index));
    if (lead.low > 0) best = index;
  };
  for (std::size_t i = 1; i < tried.size(); ++i)
    if (tried[i].candidate.from != nullptr) challenge(i);
  for (std::size_t i = 1; i < tried.size(); ++i)
    if (tried[i].candidate.from == nullptr) challenge(i);
  if (best == tried.size() || !tried[best].complete)
    return select_system(std::move(tried), request.labels, request.task);
  Selection selection;
  selection.tried = std::move(tried);
  selection.chosen = {best};
  selection.weights = {1.0};
  const CrossValidation& chosen = selection.tried[best];
  selection.system = chosen.candidate.name;
  selection.rows = chosen.rows;
  selection.out_of_fold = chosen.out_of_fold;
  return selection;
}

}  // namespace astrolabe
