// SPDX-License-Identifier: Apache-2.0
// Every way a set of pictures can be wrong, and what is said then.
#include "tests/data/picture_writing.h"
#include "tests/data/reading.h"

namespace astrolabe {
namespace {

std::string complaint_about_idx(const std::string& images, const std::string& labels = "") {
  const PictureFolder folder;
  folder.write("train-images-idx3-ubyte", images);
  if (!labels.empty()) folder.write("train-labels-idx1-ubyte", labels);
  return complaint_about(folder.path());
}

TEST(PictureError, a_folder_without_pictures_says_what_a_set_is) {
  const PictureFolder folder;
  EXPECT_TRUE(says(complaint_about(folder.path()), "a directory without pictures"));
  folder.write("a/readme.txt", "x");
  EXPECT_TRUE(says(complaint_about(folder.path()), "class folders of PNG and JPEG"));
}

TEST(PictureError, idx_of_another_length_says_both_lengths) {
  const std::string shorter = complaint_about_idx(idx_of({2, 2, 2}, {1, 2, 3, 4, 5}));
  EXPECT_TRUE(says(shorter, "8 bytes after the header") && says(shorter, "found 5")) << shorter;
  EXPECT_TRUE(says(complaint_about_idx(idx_of({1, 2, 2}, {1, 2, 3, 4, 5})), "found more"));
  EXPECT_TRUE(says(complaint_about_idx(idx_of({1, 2, 2}, "").substr(0, 9)), "the end of the file within it"));
}

TEST(PictureError, idx_that_claims_what_no_file_of_its_size_can_hold_is_refused_before_memory_is_taken) {
  const std::string message = complaint_about_idx(idx_of({4'000'000'000, 1000, 1000}, "x"));
  EXPECT_TRUE(says(message, "4,000,000,000 pictures, as the header says")) << message;
  EXPECT_TRUE(says(complaint_about_idx(idx_of({1, 4'000'000'000, 4'000'000'000}, "x")), "pictures of 1 to"));
}

TEST(PictureError, idx_of_other_elements_labels_alone_and_other_bytes_are_named) {
  EXPECT_TRUE(says(complaint_about_idx(idx_of({1, 1, 1}, "abcd", 13)), "elements of type 0d"));
  EXPECT_TRUE(says(complaint_about_idx(idx_of({3}, "abc")), "one of labels"));
  EXPECT_TRUE(says(complaint_about_idx("GIF89a and so on"), "other first bytes"));
  EXPECT_TRUE(says(complaint_about_idx(idx_of({0, 1, 1}, "")), "found none"));
}

TEST(PictureError, labels_of_another_count_are_told_before_training) {
  const std::string message = complaint_about_idx(idx_of({2, 1, 1}, "ab"), idx_of({3}, "abc"));
  EXPECT_TRUE(says(message, "2 labels, one for each picture") && says(message, "found 3")) << message;
  EXPECT_TRUE(says(complaint_about_idx(idx_of({1, 1, 1}, "a"), idx_of({1, 1}, "a")), "of one dimension"));
}

TEST(PictureError, cifar_of_no_whole_records_is_refused) {
  const PictureFolder folder;
  const auto path = folder.write("test.bin", cifar_record(1, 2, 3, 4) + "xy");
  EXPECT_TRUE(says(complaint_about(path), "3,075 bytes, no multiple of either"));
  const auto small = folder.write("small.bin", "xy");
  EXPECT_TRUE(says(complaint_about(small), "records of 3073 bytes (CIFAR-10) or 3074 (CIFAR-100)"));
}

TEST(PictureError, cifar_of_labels_that_its_kind_has_not_names_the_record) {
  const PictureFolder folder;
  const std::string fine = cifar_record(9, 2, 3, 4);
  // A byte too many behind every record: as long as records of two labels.
  std::string longer;
  for (int i = 0; i < 3; ++i)
    longer += cifar_record(static_cast<char>(i), static_cast<char>(i < 2 ? 7 : 200), 3, 4) + "x";
  const std::string shifted = complaint_about(folder.write("pictures.bin", longer));
  EXPECT_TRUE(says(shifted, "records of 3074 bytes, of CIFAR-100, whose fine labels go from 0 to 99"))
      << shifted;
  EXPECT_TRUE(says(shifted, "200 in record 3, at byte 6,149")) << shifted;
  const std::string named = complaint_about(folder.write("data_batch_1.bin", longer.substr(0, 2 * 3074)));
  EXPECT_TRUE(says(named, "records of 3073 bytes, of CIFAR-10, as the name says")) << named;
  const std::string beyond = complaint_about(folder.write("other.bin", fine + cifar_record(10, 1, 1, 1)));
  EXPECT_TRUE(says(beyond, "labels go from 0 to 9") && says(beyond, "10 in record 2, at byte 3,073"))
      << beyond;
  EXPECT_TRUE(says(beyond, "batches.meta.txt")) << beyond;
  const std::string coarse = complaint_about(folder.write("coarse.bin", std::string(1, 20) + fine));
  EXPECT_TRUE(says(coarse, "coarse labels go from 0 to 19") && says(coarse, "20 in record 1")) << coarse;
}

TEST(PictureError, a_bomb_is_refused_before_it_is_decoded) {
  // The header of a PNG that claims 60,000 x 60,000 pixels; what follows is never asked for.
  std::string bomb = grey_png(1, 1, 0);
  bomb.replace(16, 8, std::string("\0\0\xEA\x60\0\0\xEA\x60", 8));
  const PictureFolder folder;
  folder.write("a/bomb.png", bomb);
  const std::string message = complaint_about(folder.path());
  EXPECT_TRUE(says(message, "60000 x 60000 pixels, more than the 50,000,000 that are decoded")) << message;
}

TEST(PictureError, a_column_that_is_told_to_name_pictures_must_name_some) {
  const std::string message =
      complaint_about_text("p,y\nnone.png,1\n", {.types = {{"p", ColumnType::image}}});
  EXPECT_TRUE(says(message, "none.png: nothing of that name") && says(message, "--types p=text")) << message;
}

TEST(PictureError, a_picture_alone_that_is_damaged_says_why) {
  const PictureFolder folder;
  const auto path = folder.write("x.jpg", jpeg_of(64, 64, JCS_RGB, {200, 9, 60}).substr(0, 640));
  EXPECT_TRUE(says(complaint_about(path), "a damaged JPEG"));
}

}  // namespace
}  // namespace astrolabe
