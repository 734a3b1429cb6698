// SPDX-License-Identifier: Apache-2.0
// Pictures as a column, and what reads them.
#include "tests/data/picture_writing.h"
#include "tests/data/reading.h"

#include "astrolabe/data/concatenate.h"
#include "astrolabe/data/profile.h"
#include "astrolabe/data/resize.h"

namespace astrolabe {
namespace {

using Bytes = std::vector<std::uint8_t>;

const Column& pictures_of(const ReadResult& read, std::string_view name = "image") {
  return read.table.require(name, "column");
}

Bytes picture(const ReadResult& read, std::size_t row, std::string_view name = "image") {
  const auto bytes = pictures_of(read, name).pixels.picture(row);
  return {bytes.begin(), bytes.end()};
}

ReadResult read_as(const std::filesystem::path& path, const std::vector<WantedColumn>& wanted,
                   const ReadOptions& options = {}) {
  ThreadPool pool(2);
  return read_table_as(path, wanted, {}, options, pool);
}

Column column_of(ImageShape shape, Bytes bytes, std::vector<bool> missing = {}) {
  Column column;
  column.name = "image";
  column.type = ColumnType::image;
  column.pixels = {.shape = shape, .bytes = std::move(bytes)};
  column.no_picture = std::move(missing);
  return column;
}

Bytes resized(const Bytes& from, const ImageShape& shape, const ImageShape& wanted) {
  Bytes to(wanted.size());
  resize_picture(from, shape, to, wanted);
  return to;
}

TEST(Resize, to_half_the_size_is_close_to_the_mean_of_areas) {
  const Bytes from = {0, 0, 100, 100, 0, 0, 100, 100, 200, 200, 40, 40, 200, 200, 40, 40};
  // Along each line a pixel is made of its own two, 3/7 each, and 1/7 of the next one.
  EXPECT_EQ(resized(from, {4, 4, 1}, {2, 2, 1}), (Bytes{38, 82, 154, 66}));
}

TEST(Resize, to_the_same_size_changes_nothing_and_one_value_stays_one_value) {
  const Bytes from = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(resized(from, {2, 3, 1}, {2, 3, 1}), from);
  EXPECT_EQ(resized(Bytes(7 * 5, 77), {7, 5, 1}, {3, 11, 1}), Bytes(33, 77));
}

TEST(Resize, to_twice_the_size_lies_between_neighbours) {
  EXPECT_EQ(resized({0, 100}, {1, 2, 1}, {1, 4, 1}), (Bytes{0, 25, 75, 100}));
}

TEST(Resize, turns_colour_into_luma_and_grey_into_three_equal_channels) {
  EXPECT_EQ(resized({255, 0, 0, 0, 255, 0}, {1, 2, 3}, {1, 2, 1}), (Bytes{76, 150}));
  EXPECT_EQ(resized({9, 8}, {1, 2, 1}, {1, 2, 3}), (Bytes{9, 9, 9, 8, 8, 8}));
}

TEST(ImageColumn, keeps_pictures_and_missing_ones_where_rows_are_taken_and_joined) {
  const Table table({column_of({1, 2, 1}, {1, 2, 3, 4, 0, 0}, {false, false, true})});
  const std::vector<RowIndex> rows = {2, 0, 0};
  const Table taken = table.take_rows(rows);
  EXPECT_EQ(taken.column(0).pixels.bytes, (Bytes{0, 0, 1, 2, 1, 2}));
  EXPECT_TRUE(taken.column(0).is_missing(0));
  EXPECT_EQ(taken.column(0).cell(0), "");
  EXPECT_EQ(taken.column(0).cell(1), "2 x 1 grey picture");
  const Table whole({column_of({1, 2, 1}, {7, 8})});
  const Table joined = concatenate(whole, taken);
  EXPECT_EQ(joined.column(0).pixels.bytes, (Bytes{7, 8, 0, 0, 1, 2, 1, 2}));
  EXPECT_EQ(joined.column(0).no_picture, (std::vector<bool>{false, true, false, false}));
}

TEST(ImageColumn, is_hashed_and_profiled_by_its_bytes) {
  const Table a({column_of({1, 2, 1}, {1, 2, 3, 4, 1, 2})});
  const Table b({column_of({1, 2, 1}, {1, 2, 3, 5, 1, 2})});
  EXPECT_NE(hash_table(a), hash_table(b));
  ThreadPool pool(1);
  const ColumnProfile profile = profile_table(a, pool)[0];
  EXPECT_EQ(profile.distinct, 2U);
  EXPECT_EQ(profile.picture, (ImageShape{1, 2, 1}));
}

TEST(Idx, gives_pictures_and_labels_and_keeps_the_test_part_apart) {
  const PictureFolder folder;
  folder.write("train-images-idx3-ubyte", idx_of({2, 1, 3}, {1, 2, 3, 4, 5, 6}));
  folder.write("train-labels-idx1-ubyte", idx_of({2}, {7, 9}));
  folder.write("t10k-images-idx3-ubyte", idx_of({1, 1, 3}, {8, 8, 8}));
  folder.write("t10k-labels-idx1-ubyte", idx_of({1}, {7}));
  const ReadResult train = read_file_at(folder.path());
  EXPECT_EQ(pictures_of(train).pixels.bytes, (Bytes{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(pictures_of(train).pixels.shape, (ImageShape{1, 3, 1}));
  EXPECT_EQ(type_of(train, "label"), ColumnType::category);
  EXPECT_EQ(cells_of(train, "label"), "7|9");
  EXPECT_EQ(train.test_part, "t10k-images-idx3-ubyte");
  EXPECT_EQ(train.format, "IDX pictures of 3 x 1 grey");
  const ReadResult test = read_file_at(folder.path(), {.part = SetPart::test});
  EXPECT_EQ(cells_of(test, "label"), "7");
  // One file of the pair is read with its labels.
  EXPECT_EQ(cells_of(read_file_at(folder.path() / "t10k-images-idx3-ubyte"), "label"), "7");
}

TEST(Idx, without_labels_has_none_and_four_dimensions_are_channels) {
  const PictureFolder folder;
  const auto path = folder.write("my-images-idx4-ubyte", idx_of({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6}));
  const ReadResult read = read_file_at(path);
  EXPECT_EQ(pictures_of(read).pixels.shape, (ImageShape{1, 2, 3}));
  EXPECT_FALSE(read.table.find("label"));
  EXPECT_EQ(read_file_at(folder.path()).test_part, "");
}

TEST(Idx, that_does_not_fit_the_memory_is_sampled_by_the_key) {
  const PictureFolder folder;
  std::string bytes(2000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 251);
  folder.write("a-images-idx3-ubyte", idx_of({2000, 1, 1}, bytes));
  folder.write("a-labels-idx1-ubyte", idx_of({2000}, bytes));
  const ReadOptions options{.memory_bytes = 5000, .sample_key = Key::from_seed(3)};
  const ReadResult read = read_file_at(folder.path(), options);
  ASSERT_EQ(read.table.rows(), 1250U);
  EXPECT_TRUE(has_note(read, "1,250 of 2,000 pictures"));
  for (const std::size_t row : {0, 600, 1249})  // labels stay with their pictures
    EXPECT_EQ(read.table.require("label", "column").cell(row), std::to_string(picture(read, row)[0]));
  EXPECT_EQ(pictures_of(read_file_at(folder.path(), options)).pixels.bytes, pictures_of(read).pixels.bytes);
}

TEST(Cifar, planes_become_channels_and_names_lie_beside) {
  const PictureFolder folder;
  folder.write("data_batch_1.bin", cifar_record(1, 10, 20, 30));
  folder.write("data_batch_2.bin", cifar_record(0, 40, 50, 60));
  folder.write("test_batch.bin", cifar_record(1, 1, 2, 3));
  folder.write("batches.meta.txt", "airplane\nautomobile\n\n");
  const ReadResult read = read_file_at(folder.path());
  EXPECT_EQ(cells_of(read, "label"), "automobile|airplane");
  EXPECT_EQ(pictures_of(read).pixels.shape, (ImageShape{32, 32, 3}));
  const Bytes first = picture(read, 0);
  EXPECT_EQ((Bytes{first[0], first[1], first[2], first[3071]}), (Bytes{10, 20, 30, 30}));
  EXPECT_EQ(read.test_part, "test_batch.bin");
  EXPECT_EQ(read_file_at(folder.path(), {.part = SetPart::test}).table.rows(), 1U);
}

TEST(Cifar, of_a_hundred_classes_has_two_labels_of_which_the_fine_one_counts) {
  const PictureFolder folder;
  const auto path = folder.write("train.bin", std::string(1, 3) + cifar_record(77, 1, 2, 3));
  EXPECT_EQ(cells_of(read_file_at(path), "label"), "77");
}

TEST(Cifar, of_as_many_classes_as_names_lie_beside_is_read) {
  const PictureFolder folder;
  folder.write("data_batch_1.bin", cifar_record(11, 1, 2, 3));
  std::string names;
  for (int i = 0; i < 12; ++i) names += "sign" + std::to_string(i) + "\n";
  folder.write("batches.meta.txt", names);
  EXPECT_EQ(cells_of(read_file_at(folder.path()), "label"), "sign11");
}

TEST(Cifar, that_could_be_of_either_kind_is_told_by_its_labels) {
  const PictureFolder folder;
  // 3,073 records of 3,074 bytes, and as many bytes as 3,074 records of 3,073.
  std::string hundred, ten;
  for (int i = 0; i < 3073; ++i)
    hundred +=
        std::string(1, static_cast<char>(i % 20)) + cifar_record(static_cast<char>(i % 100), 50, 60, 70);
  for (int i = 0; i < 3074; ++i)
    ten += cifar_record(static_cast<char>(i % 10), static_cast<char>(150), 60, 70);
  EXPECT_EQ(read_file_at(folder.write("a.bin", hundred)).table.rows(), 3073U);
  EXPECT_EQ(read_file_at(folder.write("b.bin", ten)).table.rows(), 3074U);
}

TEST(ClassFolders, give_their_names_and_read_every_kind_of_png) {
  const PictureFolder folder;
  folder.write("cats/grey.png", grey_png(2, 2, 100));
  folder.write("cats/deep/alpha.png", png_of(2, 2, PNG_FORMAT_GA, {100, 255, 0, 0, 0, 0, 0, 0}));
  const Bytes sixteen(8, 255);  // four pixels of 16 bits
  folder.write("dogs/sixteen.png", png_of(2, 2, PNG_FORMAT_LINEAR_Y, sixteen));
  folder.write("dogs/palette.png",
               png_of(2, 2, PNG_FORMAT_RGB_COLORMAP, {0, 1, 1, 0}, {200, 100, 0, 10, 20, 30}));
  const ReadResult read = read_file_at(folder.path());
  EXPECT_EQ(cells_of(read, "label"), "cats|cats|dogs|dogs");
  EXPECT_EQ(cells_of(read, "file"), "cats/deep/alpha.png|cats/grey.png|dogs/palette.png|dogs/sixteen.png");
  EXPECT_EQ(type_of(read, "file"), ColumnType::identifier);
  // Transparent is white.
  EXPECT_EQ(picture(read, 0), (Bytes{100, 100, 100, 255, 255, 255, 255, 255, 255, 255, 255, 255}));
  EXPECT_EQ(picture(read, 1), Bytes(12, 100));
  EXPECT_EQ(picture(read, 2), (Bytes{200, 100, 0, 10, 20, 30, 10, 20, 30, 200, 100, 0}));
  EXPECT_EQ(picture(read, 3), Bytes(12, 255));
}

TEST(ClassFolders, read_grey_colour_progressive_and_cmyk_jpeg) {
  const PictureFolder folder;
  folder.write("a/1.jpg", jpeg_of(8, 8, JCS_GRAYSCALE, {90}));
  folder.write("a/2.jpg", jpeg_of(8, 8, JCS_RGB, {250, 10, 10}));
  folder.write("b/3.jpg", jpeg_of(8, 8, JCS_RGB, {10, 10, 250}, true));
  folder.write("b/4.jpg", jpeg_of(8, 8, JCS_CMYK, {255, 128, 0, 255}));
  const ReadResult read = read_file_at(folder.path());
  const auto near = [&](std::size_t row, const Bytes& pixel) {
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(picture(read, row)[c], pixel[c], 6) << row << " " << c;
  };
  near(0, {90, 90, 90});
  near(1, {250, 10, 10});
  near(2, {10, 10, 250});
  near(3, {255, 128, 0});
}

TEST(ClassFolders, of_mixed_sizes_are_resized_to_the_median_and_it_is_said) {
  const PictureFolder folder;
  folder.write("a/1.png", grey_png(20, 10, 5));
  folder.write("a/2.png", grey_png(40, 30, 6));
  folder.write("b/3.png", grey_png(400, 300, 7));
  const ReadResult read = read_file_at(folder.path());
  EXPECT_EQ(pictures_of(read).pixels.shape, (ImageShape{30, 40, 1}));
  EXPECT_TRUE(has_note(read, "3 pictures of 3 sizes (20 x 10 to 400 x 300) are resized to 40 x 30 grey"));
  EXPECT_EQ(picture(read, 2), Bytes(1200, 7));
  folder.write("b/4.png", grey_png(400, 300, 7));
  EXPECT_EQ(pictures_of(read_file_at(folder.path())).pixels.shape, (ImageShape{48, 64, 1}));
}

TEST(ClassFolders, name_and_leave_out_what_cannot_be_read) {
  const PictureFolder folder;
  folder.write("a/1.png", grey_png(4, 4, 5));
  folder.write("a/2.png", grey_png(4, 4, 6).substr(0, 40));
  folder.write("b/3.jpg", jpeg_of(32, 32, JCS_RGB, {9, 200, 9}).substr(0, 620));
  folder.write("b/4.png", "no picture");
  folder.write("b/5.png", grey_png(4, 4, 7));
  folder.write("b/readme.txt", "about");
  folder.write(".hidden/6.png", grey_png(4, 4, 7));
  folder.write("7.png", grey_png(4, 4, 7));
  const ReadResult read = read_file_at(folder.path());
  EXPECT_EQ(cells_of(read, "file"), "a/1.png|b/5.png");
  EXPECT_TRUE(has_note(read, "3 of 5 pictures cannot be read: a/2.png (cut off), b/3.jpg ("))
      << read.notes[0];
  EXPECT_TRUE(has_note(read, "b/4.png (no PNG or JPEG)"));
  EXPECT_TRUE(has_note(read, "1 file is no picture"));
  EXPECT_TRUE(has_note(read, "one picture beside the class folders is left out"));
}

TEST(ClassFolders, below_train_and_test_are_two_parts) {
  const PictureFolder folder;
  folder.write("train/a/1.png", grey_png(4, 4, 1));
  folder.write("train/b/2.png", grey_png(4, 4, 2));
  folder.write("test/a/3.png", grey_png(4, 4, 3));
  const ReadResult read = read_file_at(folder.path());
  EXPECT_EQ(cells_of(read, "file"), "a/1.png|b/2.png");
  EXPECT_EQ(read.test_part, "test/");
  EXPECT_EQ(cells_of(read_file_at(folder.path(), {.part = SetPart::test}), "file"), "a/3.png");
}

TEST(PictureNames, in_a_table_become_pictures_beside_the_other_columns) {
  const PictureFolder folder;
  folder.write("p/1.png", grey_png(4, 4, 1));
  folder.write("p/2.PNG", grey_png(4, 4, 2));
  const auto table = folder.write("t.csv", "photo,weight\np/1.png,1.5\np/2.PNG,2.5\n,3.5\np/3.png,4.5\n");
  const ReadResult read = read_file_at(table);
  EXPECT_EQ(type_of(read, "photo"), ColumnType::image);
  // A row without a picture stays, one whose picture cannot be read does not.
  EXPECT_EQ(cells_of(read, "weight"), "1.5|2.5|3.5");
  EXPECT_EQ(picture(read, 1, "photo"), Bytes(16, 2));
  EXPECT_TRUE(pictures_of(read, "photo").is_missing(2));
  EXPECT_TRUE(has_note(read, "--types photo=text"));
  EXPECT_TRUE(has_note(read, "p/3.png (nothing of that name)"));
  EXPECT_EQ(type_of(read_file_at(table, {.types = {{"photo", ColumnType::text}}}), "photo"),
            ColumnType::text);
  // For a model every row is there.
  const ReadResult wanted =
      read_as(table, {{.name = "photo", .type = ColumnType::image, .picture = {2, 2, 1}}});
  EXPECT_EQ(wanted.table.rows(), 4U);
  EXPECT_EQ(pictures_of(wanted, "photo").pixels.shape, (ImageShape{2, 2, 1}));
}

TEST(PictureNames, that_name_no_file_stay_names) {
  EXPECT_EQ(type_of(read_text("photo,y\na.png,1\nb.png,2\n"), "photo"), ColumnType::category);
}

TEST(Pictures, are_resized_to_the_shape_of_the_model) {
  const PictureFolder folder;
  folder.write("my-images-idx3-ubyte", idx_of({1, 2, 2}, {4, 4, 4, 4}));
  const std::vector<WantedColumn> wanted = {
      {.name = "photo", .type = ColumnType::image, .picture = {1, 1, 3}}};
  const ReadResult idx = read_as(folder.path(), wanted);
  EXPECT_EQ(picture(idx, 0, "photo"), Bytes(3, 4));
  EXPECT_TRUE(has_note(idx, "1 picture of 2 x 2 grey is resized to 1 x 1 colour"));
  const auto one = folder.write("one.png", grey_png(5, 5, 9));
  EXPECT_EQ(picture(read_as(one, wanted), 0, "photo"), Bytes(3, 9));
}

}  // namespace
}  // namespace astrolabe
