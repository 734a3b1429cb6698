// SPDX-License-Identifier: Apache-2.0
// A set of pictures as raw columns: the pictures, their classes, their files.
//
//   PictureColumns columns(request, true, false);               // asks which of image and label are wanted
//   rows.labels = columns.wants_labels() ? ... : ...;
//   return std::move(columns).read(std::move(rows));
#pragma once

#include <string>
#include <vector>

#include "astrolabe/data/raw_reader.h"

namespace astrolabe::readers {

struct PictureRows {
  Pixels pixels;                    // [rows]
  std::vector<std::string> labels;  // [rows], or nothing where there are none
  std::vector<std::string> files;   // [rows], or nothing where they have no files of their own
};

class PictureColumns {
 public:
  // Throws what request.choose throws.
  PictureColumns(const RawRequest& request, bool has_labels, bool has_files);
  [[nodiscard]] bool wants_pictures() const { return wants_pictures_; }
  [[nodiscard]] bool wants_labels() const { return wants_labels_; }
  // The shape that they are wanted in; empty: as they are.
  [[nodiscard]] ImageShape shape() const { return shape_; }
  // The table; pictures are resized where another shape is wanted, which is noted.
  [[nodiscard]] RawRead read(PictureRows rows) const;

 private:
  std::string name_;
  ImageShape shape_;
  bool wants_pictures_ = false, wants_labels_ = false, wants_files_ = false;
};

// Which of so many pictures fit a quarter of the memory: all, or some, drawn with the request's key.
// [count]; the note says how many.
[[nodiscard]] std::vector<bool> rows_that_fit(const RawRequest& request, std::size_t count,
                                              std::size_t bytes_each, std::vector<std::string>& notes);

}  // namespace astrolabe::readers
