// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/toy_check.h"

#include <gtest/gtest.h>

#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

std::optional<std::string> fault_of(Vocabulary slot, std::string_view text,
                                    TaskKind kind = TaskKind::binary) {
  return toy_fault(resolve_part(slot, text).expression, kind);
}

TEST(ToyCheck, lets_every_named_part_pass) {
  for (const Vocabulary slot : {Vocabulary::activation, Vocabulary::optimizer})
    for (const PartRow& part : parts_of(slot)) EXPECT_FALSE(fault_of(slot, part.name)) << part.name;
  for (const PartRow& part : parts_of(Vocabulary::loss)) {
    if (part.for_classes) {
      EXPECT_FALSE(fault_of(Vocabulary::loss, part.name)) << part.name;
    }
    if (part.for_regression && part.link == Link::identity) {
      EXPECT_FALSE(fault_of(Vocabulary::loss, part.name, TaskKind::regression)) << part.name;
    }
  }
}

TEST(ToyCheck, stops_what_trains_nothing) {
  EXPECT_TRUE(fault_of(Vocabulary::optimizer, "-lr*g"));
  EXPECT_TRUE(fault_of(Vocabulary::optimizer, "1e6*lr*g*exp(10*abs(g))"));
  EXPECT_TRUE(fault_of(Vocabulary::loss, "y*log(p)+(1-y)*log(1-p)"));
}

TEST(ToyCheck, says_nothing_of_schedules) {
  EXPECT_FALSE(fault_of(Vocabulary::schedule, "1-t"));
}

}  // namespace
}  // namespace astrolabe
