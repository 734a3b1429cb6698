// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/augmentation.h"

#include <algorithm>
#include <set>

#include "tests/train/small_pictures.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr PictureSize kSize{8, 16, 2};
constexpr std::size_t kBatch = 12;

// What a feed gives, read through a program that hands on its inputs.
struct Seen {
  std::vector<float> pictures, shares;
  std::vector<std::int32_t> with;
};

class Pictures {
 public:
  Pictures() {
    for (std::size_t i = 0; i < kBatch * kSize.count(); ++i)
      bytes_.push_back(static_cast<std::uint8_t>(i * 37 % 251));
    for (std::size_t i = 0; i < kBatch; ++i) rows_.push_back(static_cast<std::int32_t>(kBatch - 1 - i));
  }

  [[nodiscard]] Seen seen(const std::string& text, std::uint64_t seed, std::uint64_t step) const {
    Program program;
    Graph& graph = program.graph;
    const Shape shape{kBatch, kSize.height, kSize.width, kSize.channels};
    program.outputs = {graph.negate(graph.input("pictures", ElementType::f32, shape)),
                       graph.negate(graph.input("mix_share", ElementType::f32, Shape{kBatch})),
                       graph.negate(graph.input("mix_with", ElementType::i32, Shape{kBatch}))};
    Execution run(compile(program, {.tier = Tier::tiles}));
    const std::vector<float> none(kBatch);
    const Augmentation augmentation = parse_augmentation(text);
    PictureFeed feed(Key::from_seed(seed), kSize, {.bytes = bytes_}, augmentation, kBatch);
    feed.bind(run);
    if (!augmentation.mixes) {
      run.bind_input("mix_share", none.data());
      run.bind_input("mix_with", none.data());
    }
    feed.give(rows_, step);
    run.run();
    Seen seen;
    for (const float value : run.output<float>(0)) seen.pictures.push_back(-value);
    for (const float value : run.output<float>(1)) seen.shares.push_back(-value);
    for (const std::int32_t value : run.output<std::int32_t>(2)) seen.with.push_back(-value);
    return seen;
  }

  // Of the batch's i-th picture, moved and mirrored, the edge repeated.
  [[nodiscard]] std::vector<float> picture(std::size_t i, int down, int right, bool mirrors) const {
    std::vector<float> values;
    const auto height = static_cast<int>(kSize.height), width = static_cast<int>(kSize.width);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        for (int c = 0; c < 2; ++c) {
          const int from_y = std::clamp(y + down, 0, height - 1);
          int from_x = std::clamp(x + right, 0, width - 1);
          if (mirrors) from_x = width - 1 - from_x;
          const std::size_t row = static_cast<std::size_t>(rows_[i]);
          values.push_back(
              bytes_[row * kSize.count() + static_cast<std::size_t>((from_y * width + from_x) * 2 + c)]);
        }
    return values;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::vector<std::int32_t> rows_;
};

std::vector<float> part(const std::vector<float>& values, std::size_t i) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * kSize.count());
  return {begin, begin + static_cast<std::ptrdiff_t>(kSize.count())};
}

TEST(Augmentation, prints_back_in_one_order) {
  for (const std::string_view text :
       {"none", "shift", "shift+flip", "flip+cutout", "shift+flip+cutout+mixup"})
    EXPECT_EQ(augmentation_text(parse_augmentation(text)), text);
  EXPECT_EQ(augmentation_text(parse_augmentation(" mixup + shift ")), "shift+mixup");
}

TEST(AugmentationError, points_at_the_character) {
  for (const auto& [text, character] : std::vector<std::pair<std::string, int>>{
           {"shift+spin", 7}, {"flip+flip", 6}, {"", 1}, {"shift+none", 7}}) {
    try {
      (void)parse_augmentation(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_NE(std::string(error.what()).find("at character " + std::to_string(character)),
                std::string::npos)
          << error.what();
    }
  }
}

TEST(Augmentation, of_none_shows_the_pictures_as_they_are) {
  const Pictures pictures;
  const Seen seen = pictures.seen("none", 1, 0);
  for (std::size_t i = 0; i < kBatch; ++i)
    EXPECT_EQ(part(seen.pictures, i), pictures.picture(i, 0, 0, false));
}

TEST(Augmentation, moves_and_mirrors_whole_pictures) {
  const Pictures pictures;
  std::set<std::tuple<int, int, bool>> met;
  for (std::uint64_t step = 0; step < 20; ++step) {
    const Seen seen = pictures.seen("shift+flip", 1, step);
    for (std::size_t i = 0; i < kBatch; ++i) {
      bool is_found = false;
      for (int down = -1; down <= 1; ++down)
        for (int right = -2; right <= 2; ++right)
          for (const bool mirrors : {false, true})
            if (part(seen.pictures, i) == pictures.picture(i, down, right, mirrors)) {
              is_found = true;
              met.insert({down, right, mirrors});
            }
      EXPECT_TRUE(is_found);
    }
  }
  EXPECT_EQ(met.size(), 30u) << "every way is met";
}

TEST(Augmentation, hides_a_square_behind_the_mean) {
  const Pictures pictures;
  const Seen seen = pictures.seen("cutout", 1, 3);
  for (std::size_t i = 0; i < kBatch; ++i) {
    const std::vector<float> shown = part(seen.pictures, i), whole = pictures.picture(i, 0, 0, false);
    std::size_t hidden = 0;
    for (std::size_t j = 0; j < shown.size(); ++j) {
      if (shown[j] == whole[j]) continue;
      EXPECT_EQ(shown[j], 0.0F);
      ++hidden;
    }
    EXPECT_GT(hidden, 0u);
    EXPECT_LE(hidden, 3u * 6u * 2u);
  }
}

TEST(Augmentation, lays_each_picture_over_another_of_its_batch) {
  const Pictures pictures;
  const Seen seen = pictures.seen("mixup", 1, 0);
  for (std::size_t i = 0; i < kBatch; ++i) {
    const std::size_t next = (i + 1) % kBatch;
    EXPECT_EQ(seen.with[i], static_cast<std::int32_t>(kBatch - 1 - next));
    EXPECT_TRUE(seen.shares[i] >= 0 && seen.shares[i] <= 1);
    const std::vector<float> own = pictures.picture(i, 0, 0, false),
                             other = pictures.picture(next, 0, 0, false), shown = part(seen.pictures, i);
    for (std::size_t j = 0; j < own.size(); ++j)
      EXPECT_NEAR(shown[j], seen.shares[i] * own[j] + (1 - seen.shares[i]) * other[j], 1e-3);
  }
}

TEST(MirrorPictures, turns_left_and_right_of_every_line_and_keeps_colours_together) {
  std::vector<float> pictures{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  mirror_pictures({.height = 2, .width = 3, .channels = 2}, pictures);
  EXPECT_EQ(pictures, (std::vector<float>{5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8}));
}

TEST(Augmentation, follows_from_key_and_step_alone) {
  const Pictures pictures;
  const std::string all = "shift+flip+cutout+mixup";
  EXPECT_EQ(pictures.seen(all, 1, 5).pictures, pictures.seen(all, 1, 5).pictures);
  EXPECT_NE(pictures.seen(all, 1, 5).pictures, pictures.seen(all, 1, 6).pictures);
  EXPECT_NE(pictures.seen(all, 1, 5).pictures, pictures.seen(all, 2, 5).pictures);
}

}  // namespace
}  // namespace astrolabe
