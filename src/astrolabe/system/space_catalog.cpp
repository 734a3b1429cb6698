// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/space_catalog.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "astrolabe/system/named_spaces.h"
#include "astrolabe/system/slots.h"

namespace astrolabe {
namespace {

template <Vocabulary slot>
WrittenSpace parts(const SpaceWriter& writer, const SpaceContext& context, int /*setting*/) {
  return write_parts(slot, writer, context);
}
template <Vocabulary slot>
std::string parts_grammar(int /*setting*/) {
  return grammar_of_parts(slot);
}

using enum Vocabulary;
constexpr std::array<SpaceRow, 13> kRows{{
    {.slot = "activation",
     .name = "parts",
     .doc = "The named activations.",
     .grammar = parts_grammar<activation>,
     .write = parts<activation>},
    {.slot = "activation",
     .name = "ramachandran",
     .doc = "Units of two unary functions and a binary one. Ramachandran and others 2017.",
     .setting = "units",
     .low = 1,
     .high = 4,
     .preferred = 1,
     .grammar = grammar_of_ramachandran,
     .write = write_ramachandran,
     .functions = 4'081},
    {.slot = "loss",
     .name = "parts",
     .doc = "The named losses that suit the task.",
     .grammar = parts_grammar<loss>,
     .write = parts<loss>},
    {.slot = "loss",
     .name = "glo",
     .doc = "Expression trees. Gonzalez and Miikkulainen 2019.",
     .setting = "depth",
     .low = 1,
     .high = 6,
     .preferred = 3,
     .grammar = grammar_of_glo,
     .write = write_glo},
    {.slot = "loss",
     .name = "taylor",
     .doc = "Polynomials of the third order in truth and prediction. Gonzalez and Miikkulainen 2020.",
     .grammar = grammar_of_taylor,
     .write = write_taylor},
    {.slot = "optimizer",
     .name = "parts",
     .doc = "The named optimizers.",
     .grammar = parts_grammar<optimizer>,
     .write = parts<optimizer>},
    {.slot = "optimizer",
     .name = "bello",
     .doc = "Groups of two operands, two unary functions and a binary one. Bello and others 2017.",
     .setting = "groups",
     .low = 1,
     .high = 4,
     .preferred = 1,
     .grammar = grammar_of_bello,
     .write = write_bello,
     .functions = 92'085},
    {.slot = "schedule",
     .name = "parts",
     .doc = "The named schedules.",
     .grammar = parts_grammar<schedule>,
     .write = parts<schedule>},
    {.slot = "schedule",
     .name = "decays",
     .doc = "Decays of the learning rate. Bello and others 2017.",
     .grammar = grammar_of_decays,
     .write = write_decays,
     .functions = 13},
    {.slot = "architecture",
     .name = "cells",
     .doc = "Layers and residual blocks for tables.",
     .setting = "blocks",
     .low = 1,
     .high = 16,
     .preferred = 4,
     .grammar = grammar_of_cells,
     .write = write_cells,
     .only_for = "mlp"},
    {.slot = "architecture",
     .name = "zoph-cnn",
     .doc = "Layers of convolutions that read any layers before them. Zoph and Le 2017.",
     .setting = "layers",
     .low = 1,
     .high = 15,
     .preferred = 6,
     .grammar = grammar_of_zoph_cnn,
     .write = write_zoph_cnn,
     .only_for = "cnn"},
    {.slot = "architecture",
     .name = "nasbench201",
     .doc = "Nets of three stages of equal cells of convolutions. Dong and Yang 2020.",
     .setting = "cells",
     .low = 1,
     .high = 8,
     .preferred = 1,
     .grammar = grammar_of_nasbench201,
     .write = write_nasbench201,
     .is_open = false,
     .only_for = "cnn"},
    {.slot = "batch_size",
     .name = "batches",
     .doc = "Powers of 2, and how the learning rate follows them.",
     .grammar = grammar_of_batches,
     .write = write_batches},
}};

}  // namespace

std::span<const SpaceRow> space_rows() {
  return kRows;
}

const SpaceRow* find_space(std::string_view slot, std::string_view name) {
  const auto* row = std::ranges::find_if(
      kRows, [&](const SpaceRow& known) { return known.slot == slot && known.name == name; });
  return row == kRows.end() ? nullptr : row;
}

std::vector<const SpaceRow*> spaces_of(std::string_view slot) {
  std::vector<const SpaceRow*> rows;
  for (const SpaceRow& row : kRows)
    if (row.slot == slot) rows.push_back(&row);
  return rows;
}

SpaceSummary summary_of(const SpaceRow& row, const SpaceContext& context, int setting) {
  SpaceDraft draft;
  const WrittenSpace written = row.write(SpaceWriter(draft).under(row.slot), context, setting);
  SpaceSummary summary{
      .call = row.setting.empty() ? std::string(row.name) : fmt::format("{}({})", row.name, setting),
      .grammar = row.grammar(setting),
      .count = draft.space.count(),
      .members = {}};
  const SlotRow* slot = find_slot(row.slot);
  for (const WrittenSpace::Member& member : written.members) {
    const std::string text = written.text(completed(draft, member.values));
    const bool is_formula = slot != nullptr && slot->parts;
    summary.members.emplace_back(member.name, is_formula ? tidy_formula(*slot->parts, text) : text);
  }
  return summary;
}

}  // namespace astrolabe
