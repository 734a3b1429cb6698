// SPDX-License-Identifier: Apache-2.0
// Pictures that a line of models keeps.
#include "astrolabe/workflow/kept_pictures.h"

#include <algorithm>
#include <cmath>

#include "tests/workflow/temporary_folder.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

Column pictures_of(std::size_t rows, ImageShape shape) {
  Column column;
  column.name = "photo";
  column.type = ColumnType::image;
  column.pixels.shape = shape;
  for (std::size_t i = 0; i < rows * shape.size(); ++i)
    column.pixels.bytes.push_back(static_cast<std::uint8_t>(7 * i % 251));
  return column;
}

Column cells_of(const Column& column) {
  Column cells;
  cells.name = column.name;
  cells.type = ColumnType::number;
  for (std::size_t row = 0; row < column.rows(); ++row) {
    const std::string cell = picture_cell(column, row);
    cells.numbers.push_back(cell.empty() ? std::nan("") : std::stod(cell));
  }
  return cells;
}

TEST(KeptPictures, come_back_as_they_were) {
  const testing::TemporaryFolder folder("kept");
  ThreadPool pool(1);
  for (const std::size_t channels : {1U, 3U}) {
    Column column = pictures_of(5, {.height = 3, .width = 4, .channels = channels});
    column.no_picture = {false, false, true, false, false};
    const auto path = kept_pictures_path(folder.path / "rehearsal.csv", channels - 1);
    EXPECT_EQ(write_kept_pictures(path, column), (channels == 1 ? 16 : 20) + 5 * 12 * channels);
    EXPECT_EQ(path.filename(), channels == 1 ? "rehearsal-pictures.idx" : "rehearsal-pictures-3.idx");
    EXPECT_EQ(picture_cell(column, 2), "");
    Column cells = cells_of(column);
    cells.numbers.erase(cells.numbers.begin());  // somebody deleted a row
    const Column again = read_kept_pictures(
        path, cells, {.name = "photo", .type = ColumnType::image, .picture = column.pixels.shape}, pool);
    ASSERT_EQ(again.rows(), 4U);
    EXPECT_EQ(again.name, "photo");
    EXPECT_TRUE(again.is_missing(1));
    for (const std::size_t row : {0U, 2U, 3U})
      EXPECT_TRUE(std::ranges::equal(again.pixels.picture(row), column.pixels.picture(row + 1)));
  }
}

TEST(KeptPictures, of_another_size_are_resized_and_missing_ones_are_named) {
  const testing::TemporaryFolder folder("kept");
  ThreadPool pool(1);
  const Column column = pictures_of(3, {.height = 4, .width = 4, .channels = 1});
  const auto path = kept_pictures_path(folder.path / "rehearsal.csv", 0);
  const WantedColumn wanted{
      .name = "photo", .type = ColumnType::image, .picture = {.height = 2, .width = 2, .channels = 1}};
  EXPECT_THROW((void)read_kept_pictures(path, cells_of(column), wanted, pool), Error);
  write_kept_pictures(path, column);
  EXPECT_EQ(read_kept_pictures(path, cells_of(column), wanted, pool).pixels.shape, wanted.picture);
  try {
    (void)read_kept_pictures(path, cells_of(pictures_of(4, column.pixels.shape)), wanted, pool);
    FAIL() << "there are three pictures only";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find("picture 4 of row 4"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace astrolabe
