// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/train/net.h"

namespace astrolabe {
namespace {

std::string complaint(std::string_view text) {
  try {
    (void)parse_architecture(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "none";
}

TEST(Architecture, of_widths_and_residual_blocks_is_read) {
  const Architecture net = parse_architecture("128-res-64");
  ASSERT_EQ(net.blocks.size(), 3u);
  EXPECT_EQ(net.blocks[1].width, 128u);
  EXPECT_TRUE(net.blocks[1].is_residual);
  EXPECT_FALSE(net.blocks[2].is_residual);
}

TEST(Architecture, prints_back) {
  for (const std::string_view text : {"64-64", "128-res-128-res", "none", "8192"})
    EXPECT_EQ(architecture_text(parse_architecture(text)), text);
  EXPECT_EQ(architecture_text(parse_architecture(" 64 - res ")), "64-res");
  EXPECT_EQ(architecture_text(parse_architecture("")), "none");
}

TEST(ArchitectureError, points_at_the_character) {
  EXPECT_NE(complaint("64-foo").find("at character 4"), std::string::npos);
  EXPECT_TRUE(complaint("64-foo").ends_with("\n  64-foo\n     ^")) << complaint("64-foo");
  EXPECT_NE(complaint("64--8").find("at character 4"), std::string::npos);
  EXPECT_NE(complaint("64-").find("at character 4"), std::string::npos);
}

TEST(ArchitectureError, says_what_is_allowed) {
  EXPECT_NE(complaint("res-64").find("a layer with a width before"), std::string::npos);
  EXPECT_NE(complaint("0").find("a width from 1 to 8,192"), std::string::npos);
  EXPECT_NE(complaint("99999").find("a width from 1 to 8,192"), std::string::npos);
  EXPECT_NE(complaint("99999999999999999999999").find("a width from 1 to 8,192"), std::string::npos);
  EXPECT_NE(complaint("6.5").find("the width of a layer, or \"res\""), std::string::npos);
  std::string deep = "8";
  for (int i = 0; i < 64; ++i) deep += "-8";
  EXPECT_NE(complaint(deep).find("at most 64"), std::string::npos);
}

TEST(ParameterLayout, begins_every_tensor_at_a_cache_line) {
  NetSpec net{.numbers = 5, .categories = {{.codes = 7, .width = 3}}, .outputs = 3};
  net.architecture = parse_architecture("10-res");
  net.normalization = Normalization::batch;
  net.embedding = NumericEmbedding::periodic;
  net.embedded = 2;
  const ParameterLayout layout = layout_of(net);
  std::size_t end = 0;
  for (const Parameter& parameter : layout.parameters) {
    EXPECT_EQ(parameter.offset % 16, 0u) << parameter.name;
    EXPECT_GE(parameter.offset, end) << parameter.name;
    end = parameter.offset + parameter.shape.element_count();
  }
  EXPECT_LE(end, layout.size);
  EXPECT_EQ(layout.find("b0.w").shape, (Shape{5 + 6 + 3, 10}));
  EXPECT_EQ(layout.find("b1.w1").shape, (Shape{10, 10}));
  EXPECT_EQ(layout.norms, (std::vector<std::size_t>{10, 10}));
}

TEST(ParameterLayout, of_a_net_without_inputs_is_a_bias) {
  const ParameterLayout layout = layout_of({.outputs = 4, .architecture = parse_architecture("64-64")});
  ASSERT_EQ(layout.parameters.size(), 1u);
  EXPECT_EQ(layout.count(), 4u);
}

TEST(ParameterLayoutError, of_too_many_parameters_is_told) {
  EXPECT_THROW(
      (void)layout_of({.numbers = 4096, .architecture = parse_architecture("8192-8192-8192-8192-8192-8192")}),
      Error);
}

}  // namespace
}  // namespace astrolabe
