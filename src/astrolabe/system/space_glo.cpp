// SPDX-License-Identifier: Apache-2.0
// Source: Gonzalez and Miikkulainen, "Improved training speed, accuracy, and data utilization through loss
// function optimization", 2019 (arXiv 1905.11528). Its trees grow freely under genetic programming; here
// depth bounds them. x of the paper is the label, y the prediction: y and p here, y and z for numbers. What
// the tree says is maximised, as the paper writes it.
#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/system/grammar.h"
#include "astrolabe/system/named_spaces.h"

namespace astrolabe {
namespace {

Grammar grammar_of(TaskKind kind, int depth) {
  std::vector<std::string> alternatives = glo_leaves(kind);
  for (const char* text : {"log(<e>)", "sqrt(<e>)", "<e>^2", "<e>+<e>", "<e>-<e>", "<e>*<e>", "<e>/<e>"})
    alternatives.emplace_back(text);
  return {.name = "glo",
          .slot = Vocabulary::loss,
          .start = "-<e>",
          .rules = {{"e", alternatives}},
          .depth = static_cast<std::size_t>(depth)};
}

}  // namespace

std::vector<std::string> glo_leaves(TaskKind kind) {
  return {"y", kind == TaskKind::regression ? "z" : "p", "1", "-1"};
}

WrittenSpace write_glo(const SpaceWriter& slot, const SpaceContext& context, int depth) {
  WrittenSpace space{.text = write_grammar(slot, grammar_of(context.kind, depth))};
  if (depth < 3 || context.kind == TaskKind::regression) return space;
  space.members.push_back({"baikal", slot.assignment({{"e", "<e>-<e>"},
                                                      {"e.1", "log(<e>)"},
                                                      {"e.1.1", "p"},
                                                      {"e.2", "<e>/<e>"},
                                                      {"e.2.1", "y"},
                                                      {"e.2.2", "p"}})});
  space.members.push_back(
      {"cross entropy",
       slot.assignment({{"e", "<e>*<e>"}, {"e.1", "y"}, {"e.2", "log(<e>)"}, {"e.2.1", "p"}})});
  return space;
}

std::string grammar_of_glo(int depth) {
  return fmt::format(
      "-e\n  e  one of {}, log(e), sqrt(e), e^2, e+e, e-e, e*e, e/e; at most {} deep\n"
      "  z in the place of p for numbers\n",
      join(glo_leaves(TaskKind::binary), ", "), depth);
}

}  // namespace astrolabe
