// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/space_text.h"

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

Space mixed_space() {
  Space space;
  const std::size_t kind = space.add({.name = "kind", .domain = Choices{{"a", "b \"quoted\""}}});
  (void)space.add({.name = "rate",
                   .domain = RealRange{.low = 1e-4, .high = 0.1, .log_scale = true},
                   .when = Condition{.dimension = kind, .options = {1}}});
  (void)space.add({.name = "layers", .domain = WholeRange{.low = 1, .high = 8}});
  return space;
}

TEST(SpaceText, reads_back_to_a_space_that_prints_alike) {
  const Space space = mixed_space();
  const Space again = parse_space(space_text(space));
  EXPECT_EQ(space_text(again), space_text(space));
  ASSERT_EQ(again.size(), space.size());
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Key key = Key::from_seed(i);
    EXPECT_EQ(random_point(again, key), random_point(space, key));
  }
}

TEST(SpaceText, tells_spaces_apart) {
  Space other = mixed_space();
  (void)other.add({.name = "more", .domain = RealRange{.low = 0, .high = 1}});
  EXPECT_NE(space_text(other), space_text(mixed_space()));
}

TEST(SpaceText, refuses_what_is_no_space) {
  for (const char* text :
       {"", "{}", "[1]", "[{\"name\":\"x\"}]", "[{\"name\":\"x\",\"low\":2,\"high\":1}]",
        "[{\"name\":\"x\",\"options\":[]}]", "[{\"name\":\"x\",\"low\":0,\"high\":\"y\"}]"}) {
    try {
      (void)parse_space(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_input) << text;
      EXPECT_NE(std::string(error.what()).find("Open the study with the version that made it."),
                std::string::npos);
    }
  }
}

}  // namespace
}  // namespace astrolabe
