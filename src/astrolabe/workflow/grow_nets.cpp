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

std::vector<std::string> growing_learners() {
  std::vector<std::string> names;
  for (const GoingOn& how : going_on_rows())
    if (how.grows) names.emplace_back(how.learner);
  return names;
}

// Of pictures where there are some, else of tables.
std::string growing_learner_for(const Table& table) {
  const bool has_pictures = std::ranges::any_of(table.columns(), &Column::is_image);
  for (const std::string& name : growing_learners())
    if (find_learner(name)->needs().images == has_pictures) return name;
  return growing_learners()[0];
}

// 2 sqrt(rows) units, and log2(rows / 500) blocks.
bool is_width_for(std::size_t width, std::size_t most, std::uint64_t rows) {
  return width <= most && static_cast<double>(width) <= 2 * std::sqrt(static_cast<double>(rows));
}
bool may_deepen(std::size_t blocks, std::uint64_t rows) {
  return static_cast<double>(blocks) < std::log2(static_cast<double>(rows) / 500);
}

// Every layer twice as wide; the widest of them.
std::size_t widen(Architecture& net) {
  std::size_t widest = 0;
  for (Architecture::Block& block : net.blocks) {
    block.width *= 2;
    widest = std::max(widest, block.width);
  }
  return widest;
}

std::vector<std::string> grown_texts(const LearnerChoice& choice, std::uint64_t rows) {
  const Learner& learner = *find_learner(choice.name);
  const std::string net = setting_text(learner, choice.settings, kArchitecture);
  std::vector<std::string> texts;
  if (learner.needs().images) {
    const std::string normalization = setting_text(learner, choice.settings, "normalization");
    const bool may_widen = normalization == "none" || normalization == "batch";
    for (const PictureArchitecture& grown :
         grown_architectures(parse_picture_architecture(net), rows, may_widen))
      texts.push_back(picture_architecture_text(grown));
  } else {
    for (const Architecture& grown : grown_architectures(parse_architecture(net), rows))
      texts.push_back(architecture_text(grown));
  }
  return texts;
}

}  // namespace

std::vector<Architecture> grown_architectures(const Architecture& net, std::uint64_t rows) {
  std::vector<Architecture> grown;
  if (net.blocks.empty()) return grown;
  Architecture wider = net;
  if (is_width_for(widen(wider), kMaxWidth, rows)) grown.push_back(wider);
  Architecture deeper = net;
  deeper.blocks.push_back({.width = net.blocks.back().width, .is_residual = true});
  if (may_deepen(net.blocks.size(), rows) && deeper.blocks.size() <= kMaxBlocks) grown.push_back(deeper);
  return grown;
}

std::vector<PictureArchitecture> grown_architectures(const PictureArchitecture& net, std::uint64_t rows,
                                                     bool may_widen) {
  using Kind = PictureBlock::Kind;
  const auto learns = [](const PictureBlock& block) {
    return block.kind == Kind::convolution || block.kind == Kind::residual || block.kind == Kind::cell;
  };
  std::vector<PictureArchitecture> grown;
  const auto last = std::find_if(net.blocks.rbegin(), net.blocks.rend(), learns);
  if (last == net.blocks.rend()) return grown;
  PictureArchitecture wider = net;
  std::size_t filters = 0;
  for (PictureBlock& block : wider.blocks) filters = std::max(filters, block.filters *= 2);
  if (may_widen && is_width_for(filters, kMaxFilters, rows) &&
      is_width_for(widen(wider.dense), kMaxWidth, rows))
    grown.push_back(wider);
  PictureArchitecture deeper = net;
  deeper.blocks.insert(deeper.blocks.begin() + (net.blocks.rend() - last),
                       {.kind = Kind::residual, .height = 3, .width = 3});
  const auto depth = static_cast<std::size_t>(std::ranges::count_if(net.blocks, learns));
  if (may_deepen(depth, rows) && deeper.blocks.size() + deeper.dense.blocks.size() <= kMaxBlocks)
    grown.push_back(deeper);
  return grown;
}

void offer_grown_nets(Run& run, RunOptions& options, const Table& table) {
  const std::string names = join(growing_learners(), " or ");
  if (options.refit)
    refuse("rows that no fit has seen, to measure by", "--refit", "Leave one of the two out.");
  if (options.stack) refuse("one net to go on from", "--stack on", "Leave one of the two out.");
  if (run.result.task.is_ranking())
    refuse("classes or numbers", "a ranking", "Leave --grow out; --from goes on without it.");
  if (!options.study.empty()) refuse("a run of one machine", "--study", "Leave one of the two out.");
  if (options.learners.empty()) options.learners.push_back({.name = growing_learner_for(table)});
  const bool chose = run.start && run.start->chose_learners;
  if (chose)
    std::erase_if(options.learners, [](const LearnerChoice& choice) { return !is_net_that_grows(choice); });
  for (const LearnerChoice& choice : options.learners)
    if (!is_net_that_grows(choice) || !choice.stars.empty())
      refuse("nets that grow by themselves: " + names, choice.stars.empty() ? choice.name : "a star",
             fmt::format("Give --learner {}, or leave --grow out.", growing_learner_for(table)));
  if (options.learners.empty())
    refuse("a model with fits of " + names, "one of " + run.start->card.system,
           fmt::format("Train one with --learner {} --grow first.", growing_learner_for(table)));
  // Of a run that is resumed they are there already.
  if (!run.start || options.resume) return;
  run.start->extends = true;
  const std::uint64_t all = table.rows() + rows_seen_by(*run.start);
  const std::vector<LearnerChoice> chosen = options.learners;
  std::vector<std::string> offered;
  for (const LearnerChoice& choice : chosen) {
    for (const std::string& net : grown_texts(choice, all)) {
      LearnerChoice larger = choice;
      larger.settings[kArchitecture] = net;
      offered.push_back(net);
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
