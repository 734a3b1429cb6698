// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/space.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

// optimizer: sgd has a momentum, adam two betas of which b2 has a choice.
Space conditional_space() {
  Space space;
  const std::size_t optimizer = space.add({.name = "optimizer", .domain = Choices{{"sgd", "adam", "lion"}}});
  space.add({.name = "momentum",
             .domain = WholeRange{.low = 0, .high = 4},
             .when = Condition{.dimension = optimizer, .options = {0}}});
  const std::size_t tuned = space.add({.name = "tuned",
                                       .domain = Choices{{"no", "yes"}},
                                       .when = Condition{.dimension = optimizer, .options = {1, 2}}});
  space.add({.name = "b2",
             .domain = Choices{{"0.9", "0.99", "0.999"}},
             .when = Condition{.dimension = tuned, .options = {1}}});
  return space;
}

TEST(Space, counts_conditional_points) {
  EXPECT_EQ(conditional_space().count(), 5 + 2 * (1 + 3));
}

TEST(Space, with_a_real_dimension_is_uncountable) {
  Space space = conditional_space();
  space.add({.name = "rate", .domain = RealRange{.low = 1e-4, .high = 1e-1, .log_scale = true}});
  EXPECT_TRUE(std::isinf(space.count()));
}

TEST(Space, is_enumerated_each_point_once) {
  const Space space = conditional_space();
  std::set<std::string> texts;
  std::optional<Point> point = first_point(space);
  for (; point; point = next_point(space, *point)) {
    EXPECT_EQ(repaired(space, *point, Key::from_seed(3)), *point);
    texts.insert(point_text(space, *point));
  }
  EXPECT_EQ(texts.size(), 13U);
}

TEST(Space, points_come_back_from_their_text) {
  Space space = conditional_space();
  space.add({.name = "rate", .domain = RealRange{.low = 1e-4, .high = 1e-1, .log_scale = true}});
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Point point = random_point(space, Key::from_seed(5).split(i));
    EXPECT_EQ(parse_point(space, point_text(space, point)), point);
  }
}

TEST(Space, texts_of_other_spaces_are_refused) {
  const Space space = conditional_space();
  for (const char* text : {"", "[]", "{}", R"({"optimizer":"rmsprop"})", R"({"optimizer":"adam"})",
                           R"({"optimizer":"sgd","momentum":9})", R"({"optimizer":"sgd","momentum":1.5})",
                           R"({"optimizer":"sgd","momentum":1,"tuned":"no"})",
                           R"({"optimizer":"sgd","momentum":1,"other":2})"}) {
    EXPECT_THROW(static_cast<void>(parse_point(space, text)), Error) << text;
  }
}

TEST(Space, values_come_back_from_their_place_on_the_unit_scale) {
  const Dimension whole{.name = "w", .domain = WholeRange{.low = 8, .high = 1024, .log_scale = true}};
  for (double value = 8; value <= 1024; ++value) EXPECT_EQ(value_at(whole, unit_of(whole, value)), value);
  const Dimension linear{.name = "l", .domain = WholeRange{.low = -3, .high = 9}};
  for (double value = -3; value <= 9; ++value) EXPECT_EQ(value_at(linear, unit_of(linear, value)), value);
  const Dimension choice{.name = "c", .domain = Choices{{"a", "b", "c"}}};
  for (double value = 0; value < 3; ++value) EXPECT_EQ(value_at(choice, unit_of(choice, value)), value);
  const Dimension real{.name = "r", .domain = RealRange{.low = 1e-4, .high = 1e-1, .log_scale = true}};
  EXPECT_NEAR(value_at(real, unit_of(real, 0.0123)), 0.0123, 1e-7);
  EXPECT_EQ(value_at(real, 0), 1e-4);
}

TEST(Space, draws_of_one_dimension_do_not_depend_on_the_others) {
  Space few, many;
  for (Space* space : {&few, &many}) space->add({.name = "a", .domain = RealRange{.low = 0, .high = 1}});
  many.add({.name = "b", .domain = RealRange{.low = 0, .high = 1}});
  const Key key = Key::from_seed(11);
  EXPECT_EQ(random_point(few, key).values[0], random_point(many, key).values[0]);
}

TEST(Space, repairs_what_a_change_broke) {
  const Space space = conditional_space();
  Point point = parse_point(space, R"({"optimizer":"sgd","momentum":4})");
  point.values[0] = 1;
  const Point repaired_point = repaired(space, point, Key::from_seed(2));
  EXPECT_TRUE(std::isnan(repaired_point.values[1]));
  EXPECT_FALSE(std::isnan(repaired_point.values[2]));
}

TEST(SpaceError, dimensions_that_make_no_sense_are_refused) {
  const auto add = [](Dimension dimension) {
    Space space = conditional_space();
    space.add(std::move(dimension));
  };
  EXPECT_THROW(add({.name = "x", .domain = Choices{}}), Error);
  EXPECT_THROW(add({.name = "x", .domain = Choices{{"a", "a"}}}), Error);
  EXPECT_THROW(add({.name = "x", .domain = WholeRange{.low = 8, .high = 1}}), Error);
  EXPECT_THROW(add({.name = "x", .domain = RealRange{.low = 0, .high = 1, .log_scale = true}}), Error);
  EXPECT_THROW(add({.name = "x", .domain = RealRange{.low = 0, .high = INFINITY}}), Error);
  EXPECT_THROW(add({.name = "tuned", .domain = Choices{{"a"}}}), Error);
  EXPECT_THROW(
      add({.name = "x", .domain = Choices{{"a"}}, .when = Condition{.dimension = 9, .options = {0}}}), Error);
  EXPECT_THROW(
      add({.name = "x", .domain = Choices{{"a"}}, .when = Condition{.dimension = 1, .options = {0}}}), Error);
  EXPECT_THROW(
      add({.name = "x", .domain = Choices{{"a"}}, .when = Condition{.dimension = 0, .options = {3}}}), Error);
}

}  // namespace
}  // namespace astrolabe
