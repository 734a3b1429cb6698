// SPDX-License-Identifier: Apache-2.0
// The image sets of the shared data, as they are.
#include "tests/data/reading.h"

namespace astrolabe {
namespace {

struct SharedSet {
  const char* folder;
  std::size_t train, test;
  ImageShape shape;
};

class SharedImages : public testing::TestWithParam<SharedSet> {};

TEST_P(SharedImages, have_ten_classes_and_a_test_part) {
  const char* data = std::getenv("ASTROLABE_DATA");
  if (data == nullptr) GTEST_SKIP() << "ASTROLABE_DATA is not set: the shared data is not here";
  const auto [folder, train, test, shape] = GetParam();
  const std::filesystem::path path = std::filesystem::path(data) / "images" / folder;
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const ReadResult read = read_file_at(path);
  EXPECT_EQ(read.table.rows(), train);
  EXPECT_EQ(read.table.require("image", "column").pixels.shape, shape);
  EXPECT_EQ(read.table.require("label", "column").levels.size(), 10U);
  EXPECT_FALSE(read.test_part.empty());
  const ReadResult judged = read_file_at(path, {.part = SetPart::test});
  EXPECT_EQ(judged.table.rows(), test);
  EXPECT_NE(judged.file_hash, read.file_hash);
}

INSTANTIATE_TEST_SUITE_P(Sets, SharedImages,
                         testing::Values(SharedSet{"mnist", 60'000, 10'000, {28, 28, 1}},
                                         SharedSet{"fashion-mnist", 60'000, 10'000, {28, 28, 1}},
                                         SharedSet{"cifar10-subset", 10'000, 2'000, {32, 32, 3}}),
                         [](const auto& set) {
                           std::string name(set.param.folder);
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace astrolabe
