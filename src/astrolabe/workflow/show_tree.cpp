// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/show_tree.h"

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/model/tree_view.h"

namespace astrolabe {
namespace {

[[noreturn]] void refuse(std::string expected, std::string found, std::string remedy) {
  throw usage_error({.attempted = "showing a tree",
                     .expected = std::move(expected),
                     .found = std::move(found),
                     .remedy = std::move(remedy)});
}

std::string score_of(const Task& task, const TreeView& tree) {
  if (tree.is_share)
    return "the probability of " + task.classes[task.kind == TaskKind::binary ? 1 : tree.output];
  switch (task.kind) {
    case TaskKind::binary:
      return "the log-odds of " + task.classes[1];
    case TaskKind::multiclass:
      return "the score of " + task.classes[tree.output];
    case TaskKind::regression:
      break;
  }
  return "the score of " + task.target;
}

}  // namespace

NamedTree find_tree(const ShippedModel& model, std::size_t member, std::size_t tree) {
  const auto& members = model.members();
  if (member < 1 || member > members.size())
    refuse(fmt::format("a member from 1 to {}", members.size()), std::to_string(member), "Choose --member.");
  const Member& chosen = members[member - 1];
  const auto* const trees = dynamic_cast<const TreesToView*>(chosen.model.get());
  if (trees == nullptr)
    refuse("a member that is made of trees",
           fmt::format("member {}, of the learner {}", member, chosen.learner),
           "Choose another --member, or train with --learner trees or forest.");
  if (trees->trees() == 0)
    refuse("a member with trees", "one that found none worth growing: it is the best constant", "");
  if (tree < 1 || tree > trees->trees())
    refuse(fmt::format("a tree from 1 to {}", trees->trees()), std::to_string(tree), "Choose --tree.");
  NamedTree named;
  named.tree.view = trees->view_tree(tree - 1);
  for (const Feature& feature : *chosen.encoder->features()) named.tree.features.push_back(feature.name);
  named.tree.codes = chosen.encoder->names_of_codes();
  named.title = fmt::format("Tree {} of {}", tree, format_count(trees->trees()));
  if (members.size() > 1) named.title += fmt::format(", member {} of {}", member, members.size());
  named.title += ": adds to " + score_of(model.card().task, named.tree.view);
  return named;
}

}  // namespace astrolabe
