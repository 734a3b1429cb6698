// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/picture_architecture.h"

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/train/picture_trunk.h"

namespace astrolabe {
namespace {

using Kind = PictureBlock::Kind;

std::string complaint(std::string_view text) {
  try {
    (void)parse_picture_architecture(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "none";
}

bool points_at(std::string_view text, std::size_t character) {
  const std::string said = complaint(text);
  return said.find("at character " + std::to_string(character)) != std::string::npos &&
         said.ends_with(std::string(text) + "\n  " + std::string(character - 1, ' ') + "^");
}

TEST(PictureArchitecture, of_convolutions_pools_and_dense_layers_is_read) {
  const PictureArchitecture net = parse_picture_architecture("conv3x32-conv1x5x64/2@0-res-pool2-gap-128-res");
  ASSERT_EQ(net.blocks.size(), 5u);
  EXPECT_EQ(net.blocks[1].height, 1u);
  EXPECT_EQ(net.blocks[1].width, 5u);
  EXPECT_EQ(net.blocks[1].filters, 64u);
  EXPECT_EQ(net.blocks[1].stride, 2u);
  EXPECT_EQ(net.blocks[1].also, std::vector<std::size_t>{0});
  EXPECT_EQ(net.blocks[2].kind, Kind::residual);
  EXPECT_EQ(net.blocks[4].kind, Kind::global_pool);
  ASSERT_EQ(net.dense.blocks.size(), 2u);
  EXPECT_EQ(net.dense.blocks[0].width, 128u);
  EXPECT_TRUE(net.dense.blocks[1].is_residual);
}

TEST(PictureArchitecture, prints_back) {
  const std::string cell = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|";
  for (const std::string& text :
       {std::string("conv3x32-conv3x64/2-res-gap"), std::string("conv3x8-pool2-128-res-64"),
        std::string("pool2-conv5x7x8/3@0-avgpool3"), std::string("none"), std::string("64-64"),
        std::string("conv3x8-conv3x8-conv1x4@0@1-gap"), "conv3x16-" + cell + "-gap",
        "conv3x16-" + cell + "x3-res32/2-res24-" + cell + "x16-gap",
        std::string("conv3x8-conv3x8/2:0-conv1x4:0@1-gap@1@2-16")})
    EXPECT_EQ(picture_architecture_text(parse_picture_architecture(text)), text);
  EXPECT_EQ(picture_architecture_text(parse_picture_architecture(" conv3x3x8 - gap ")), "conv3x8-gap");
  EXPECT_EQ(picture_architecture_text(parse_picture_architecture("")), "none");
}

TEST(PictureArchitecture, of_a_cell_alone_is_the_net_of_its_paper) {
  const std::string cell = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|";
  EXPECT_EQ(picture_architecture_text(parse_picture_architecture(cell)),
            "conv3x16-" + cell + "-res32/2-" + cell + "-res64/2-" + cell + "-gap");
  const PictureArchitecture paper = parse_picture_architecture(cell + "x5");
  EXPECT_EQ(paper.blocks.size(), 3u * 5 + 4);
  EXPECT_EQ(picture_architecture_text(paper),
            "conv3x16-" + cell + "x5-res32/2-" + cell + "x5-res64/2-" + cell + "x5-gap");
}

TEST(PictureArchitecture, of_equal_cells_is_the_same_however_it_is_written) {
  const std::string cell = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|";
  EXPECT_EQ(parse_picture_architecture("conv3x8-" + cell + "x2-gap"),
            parse_picture_architecture("conv3x8-" + cell + "-" + cell + "-gap"));
}

TEST(PictureArchitecture, has_sizes) {
  const PictureTrunk trunk{.picture = {28, 27, 1},
                           .blocks = parse_picture_architecture("conv3x8-conv5x4/2@0-res-pool3-gap").blocks};
  const std::vector<PictureSize> expected{{28, 27, 1}, {28, 27, 8}, {14, 14, 4},
                                          {14, 14, 4}, {4, 4, 4},   {1, 1, 4}};
  EXPECT_EQ(shapes_of(trunk), expected);
  EXPECT_EQ(trunk.features(), 4u);
  EXPECT_EQ(input_of(trunk, shapes_of(trunk), 1).channels, 9u);
  const PictureTrunk apart{.picture = {9, 8, 1},
                           .blocks = parse_picture_architecture("conv3x4-res6/2-conv3x5:0@1-gap@1@2").blocks};
  const std::vector<PictureSize> sizes{{9, 8, 1}, {9, 8, 4}, {5, 4, 6}, {9, 8, 5}, {1, 1, 15}};
  EXPECT_EQ(shapes_of(apart), sizes);
  EXPECT_EQ(sources_of(apart, 2), (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(input_of(apart, sizes, 2).channels, 5u);
}

TEST(PictureArchitectureError, points_at_the_character) {
  EXPECT_TRUE(points_at("conv3x32-foo", 10)) << complaint("conv3x32-foo");
  EXPECT_TRUE(points_at("conv4x32", 5)) << complaint("conv4x32");
  EXPECT_TRUE(points_at("conv3", 6)) << complaint("conv3");
  EXPECT_TRUE(points_at("conv3x0", 7)) << complaint("conv3x0");
  EXPECT_TRUE(points_at("conv3x8/9", 9)) << complaint("conv3x8/9");
  EXPECT_TRUE(points_at("conv3x8k", 8)) << complaint("conv3x8k");
  EXPECT_TRUE(points_at("conv3x8--gap", 9)) << complaint("conv3x8--gap");
  EXPECT_TRUE(points_at("conv3x8@0", 9)) << complaint("conv3x8@0");
  EXPECT_TRUE(points_at("conv3x8-conv3x8@1", 17)) << complaint("conv3x8-conv3x8@1");
  EXPECT_TRUE(points_at("conv3x8-gap-conv3x8", 13)) << complaint("conv3x8-gap-conv3x8");
  EXPECT_TRUE(points_at("pool1", 5)) << complaint("pool1");
  EXPECT_TRUE(points_at("|none~0|+|none~0|sum~1|", 18)) << complaint("|none~0|+|none~0|sum~1|");
  EXPECT_TRUE(points_at("conv3x8:0", 9)) << complaint("conv3x8:0");
  EXPECT_TRUE(points_at("conv3x8-conv3x8:0@0", 19)) << complaint("conv3x8-conv3x8:0@0");
  EXPECT_TRUE(points_at("conv3x8-gap:0", 12)) << complaint("conv3x8-gap:0");
  EXPECT_TRUE(points_at("conv3x8-res0", 12)) << complaint("conv3x8-res0");
  const std::string cell = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|";
  EXPECT_TRUE(points_at(cell + "x0", cell.size() + 2)) << complaint(cell + "x0");
}

TEST(PictureArchitectureError, says_what_is_allowed) {
  EXPECT_NE(complaint("res-gap").find("a convolution before it"), std::string::npos);
  EXPECT_NE(complaint("conv3x99999").find("the number of filters from 1 to 2,048"), std::string::npos);
  EXPECT_NE(complaint("conv99999999999999999999x3").find("a size of filters from 1 to 15"),
            std::string::npos);
  EXPECT_NE(complaint("gap-res").find("a layer with a width before"), std::string::npos);
  std::string deep = "conv1x1";
  for (int i = 0; i < 64; ++i) deep += "-conv1x1";
  EXPECT_NE(complaint(deep).find("at most 64"), std::string::npos);
  deep = "conv1x1";
  for (int i = 0; i < 4; ++i) deep += "-|none~0|+|none~0|none~1|+|none~0|none~1|none~2|x16";
  EXPECT_NE(complaint(deep).find("at most 64"), std::string::npos);
}

TEST(PictureArchitectureError, of_pictures_that_are_pooled_away_is_of_usage) {
  const PictureTrunk trunk{.picture = {5, 9, 1},
                           .blocks = parse_picture_architecture("pool2-pool2-pool2").blocks};
  EXPECT_THROW((void)shapes_of(trunk), Error);
}

}  // namespace
}  // namespace astrolabe
