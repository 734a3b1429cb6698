// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/parts/catalog.h"

#include <set>

#include "tests/graph/same_expression.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

constexpr std::array kSlots{Vocabulary::activation, Vocabulary::loss, Vocabulary::optimizer,
                            Vocabulary::schedule};

TEST(PartsCatalog, every_part_prints_and_reads_back_as_the_same_graph) {
  for (const Vocabulary slot : kSlots) {
    for (const PartRow& row : parts_of(slot)) {
      const ResolvedPart part = resolve_part(slot, row.name);
      EXPECT_EQ(part.row, &row);
      const Expression again = parse_expression(slot, part.expression.text);
      EXPECT_EQ(again.text, part.expression.text) << row.name;
      EXPECT_TRUE(have_same_graph(again, part.expression)) << row.name << ": " << part.expression.text;
    }
  }
}

TEST(PartsCatalog, every_part_is_fit_for_its_slot) {
  for (const Vocabulary slot : kSlots)
    for (const PartRow& row : parts_of(slot))
      EXPECT_NO_THROW(check_part(resolve_part(slot, row.name).expression));
}

TEST(PartsCatalog, every_setting_is_used) {
  for (const Vocabulary slot : kSlots) {
    for (const PartRow& row : parts_of(slot)) {
      const ResolvedPart part = resolve_part(slot, row.name);
      for (const PartSetting& setting : row.settings) {
        const ResolvedPart other = resolve_part(slot, fmt::format("{}({}=0.37)", row.name, setting.name));
        EXPECT_EQ(other.row, &row);
        EXPECT_NE(other.expression.text, part.expression.text) << row.name << " " << setting.name;
      }
    }
  }
}

TEST(PartsCatalog, rows_are_complete) {
  for (const Vocabulary slot : kSlots) {
    std::set<std::string_view> names;
    for (const PartRow& row : parts_of(slot)) {
      EXPECT_EQ(row.slot, slot);
      EXPECT_TRUE(names.insert(row.name).second) << row.name;
      EXPECT_TRUE(row.doc.ends_with('.')) << row.name;
      EXPECT_EQ(row.for_regression || row.for_classes, slot == Vocabulary::loss) << row.name;
      EXPECT_EQ(row.learning_rate > 0, slot == Vocabulary::optimizer) << row.name;
    }
  }
}

TEST(PartsCatalog, holds_the_parts_that_people_ask_for) {
  const auto has = [](Vocabulary slot, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) EXPECT_NE(find_part(slot, name), nullptr) << name;
  };
  has(Vocabulary::activation, {"relu", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "mish",
                               "softplus", "tanh", "sigmoid", "identity"});
  has(Vocabulary::loss, {"cross_entropy", "focal", "label_smoothing", "mse", "mae", "huber", "log_cosh",
                         "quantile", "poisson", "gamma", "tweedie", "brier"});
  has(Vocabulary::optimizer, {"sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw", "nadam",
                              "lion", "addsign", "powersign"});
  has(Vocabulary::schedule, {"constant", "linear", "cosine", "restarts", "onecycle", "warmup"});
  EXPECT_EQ(find_part(Vocabulary::loss, "relu"), nullptr);
}

TEST(PartsCatalog, adam_keeps_two_memories_and_lion_one) {
  EXPECT_EQ(resolve_part(Vocabulary::optimizer, "adam").expression.memories.size(), 2U);
  EXPECT_EQ(resolve_part(Vocabulary::optimizer, "adamw").expression.memories.size(), 2U);
  EXPECT_EQ(resolve_part(Vocabulary::optimizer, "nadam").expression.memories.size(), 2U);
  EXPECT_EQ(resolve_part(Vocabulary::optimizer, "lion").expression.memories.size(), 1U);
  EXPECT_EQ(resolve_part(Vocabulary::optimizer, "sgd").expression.memories.size(), 0U);
}

}  // namespace
}  // namespace astrolabe
