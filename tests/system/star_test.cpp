// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/star.h"

#include "tests/system/draft_space.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

using testing::message_of;
using Kind = StarItem::Kind;

std::string complaint_of(const std::string& text) {
  return message_of([&] { static_cast<void>(parse_star("activation", text)); });
}

TEST(Star, is_told_from_values) {
  for (const char* text :
       {"*", " * ", "relu,gelu", "relu, *", "1e-4..1e-1", "*1..8", "*ramachandran(2)", "x*sigmoid(*)",
        "g*exp(*)", "x + *", "-*", "min(x,*)", "leaky_relu(*)", "focal(1..5)", "none,layer", "64-64,128-res"})
    EXPECT_TRUE(has_star(text)) << text;
  for (const char* text : {"relu", "x*sigmoid(x)", "leaky_relu(0.2)", "huber(delta=0.5)", "min(x,2)*x",
                           "x**2", "64-res-64", "1e-4", "-0.5", "", "where(x<0,-1,1)*x", "0.5*x*(1+erf(x))"})
    EXPECT_FALSE(has_star(text)) << text;
}

TEST(Star, reads_lists_with_a_star_at_either_end) {
  const Star star = parse_star("activation", "relu, leaky_relu(0.2,3) ,*");
  ASSERT_EQ(star.items.size(), 3);
  EXPECT_EQ(star.items[0].text, "relu");
  EXPECT_EQ(star.items[1].text, "leaky_relu(0.2,3)");
  EXPECT_EQ(star.items[1].kind, Kind::value);
  EXPECT_EQ(star.items[1].at, 6);
  EXPECT_EQ(star.items[2].kind, Kind::open);
  EXPECT_EQ(parse_star("activation", "*relu,gelu").items[0].text, "relu");
}

TEST(Star, reads_ranges_with_their_scale) {
  const StarRange rates = *parse_star("learning_rate", "*1e-4..1e-1").items[0].range;
  EXPECT_EQ(rates.low, 1e-4);
  EXPECT_EQ(rates.high, 0.1);
  EXPECT_TRUE(rates.is_log_scale());
  EXPECT_FALSE(rates.is_whole);
  const auto whole = std::get<WholeRange>(find_range("1..8")->domain(true));
  EXPECT_EQ(whole.high, 8);
  EXPECT_FALSE(whole.log_scale);
  EXPECT_TRUE(std::holds_alternative<RealRange>(find_range("1..8")->domain(false)));
  EXPECT_TRUE(std::holds_alternative<RealRange>(find_range("0..0.5")->domain(true)));
  EXPECT_TRUE(find_range("1..100")->is_log_scale());
  EXPECT_FALSE(find_range("-1..1000")->is_log_scale());
  EXPECT_FALSE(find_range("1..b"));
}

TEST(Star, reads_named_spaces) {
  const Star star = parse_star("activation", "*ramachandran(2),*waves");
  EXPECT_EQ(star.items[0].space, "ramachandran");
  EXPECT_EQ(star.items[0].setting, 2);
  EXPECT_EQ(star.items[1].space, "waves");
  EXPECT_FALSE(star.items[1].setting);
}

TEST(Star, finds_every_hole_and_no_product) {
  const StarItem item = parse_star("activation", "x*sigmoid(* )+ *").items[0];
  EXPECT_EQ(item.kind, Kind::pattern);
  EXPECT_EQ(item.holes, (std::vector<std::size_t>{10, 15}));
  EXPECT_EQ(parse_star("activation", "*x*tanh(*)").items[0].text, "x*tanh(*)");
}

TEST(Star, complains_with_a_caret) {
  EXPECT_EQ(complaint_of("relu,,gelu"),
            "reading the star of activation: expected something between the commas, found nothing. Take the "
            "comma out, or write what shall be tried.\n  relu,,gelu\n       ^");
  EXPECT_EQ(complaint_of("8..1"),
            "reading the star of activation: expected a range from low to high, found '8..1'. Exchange its "
            "ends.\n  8..1\n  ^");
  EXPECT_EQ(
      complaint_of("2..2"),
      "reading the star of activation: expected a range from low to high, found '2..2'. Write the number "
      "alone.\n  2..2\n  ^");
  EXPECT_EQ(complaint_of("relu,gelu,relu"),
            "reading the star of activation: expected everything once, found 'relu' again. Take one of them "
            "out.\n  relu,gelu,relu\n            ^");
  EXPECT_EQ(complaint_of("*2^x"),
            "reading the star of activation: expected the name of a space, a range or a list behind a star, "
            "found '2^x'. Alone, * is whatever belongs there; inside a formula it is a hole: x*sigmoid(*)."
            "\n  *2^x\n   ^");
}

TEST(Star, of_a_programs_option_is_a_list_or_a_range) {
  EXPECT_EQ(std::get<Choices>(read_plain_star("act", "*relu,gelu,silu")).options,
            (std::vector<std::string>{"relu", "gelu", "silu"}));
  EXPECT_TRUE(std::get<RealRange>(read_plain_star("lr", "*1e-4..1e-1")).log_scale);
  EXPECT_EQ(std::get<WholeRange>(read_plain_star("layers", "*1..8")).low, 1);
  EXPECT_EQ(message_of([] { static_cast<void>(read_plain_star("lr", "*")); }),
            "reading the star of lr: expected a list such as a,b,c or a range such as 1e-4..1e-1, found '*'. "
            "Nobody but you knows what belongs there: write what shall be tried.\n  *\n  ^");
}

}  // namespace
}  // namespace astrolabe
