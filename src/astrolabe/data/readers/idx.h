// SPDX-License-Identifier: Apache-2.0
// IDX, the format of MNIST: a file of pictures and a file of labels, gzip or not. Pictures are grey (three
// dimensions) or have their channels last (four).
//
//   00 00 08 03   count u32   height u32   width u32   bytes ...        big-endian
//   00 00 08 01   count u32   bytes ...
#pragma once

#include <filesystem>
#include <string_view>

#include "astrolabe/data/raw_reader.h"
#include "astrolabe/data/readers/byte_source.h"

namespace astrolabe::readers {

[[nodiscard]] bool is_idx(std::string_view beginning);

// The labels lie beside the pictures: "train-images-idx3-ubyte.gz" and "train-labels-idx1-ubyte.gz". Without
// them there is no column of labels. Throws bad_input for labels alone, other elements than bytes, a length
// that the header does not say, and as many labels as there are no pictures.
[[nodiscard]] RawRead read_idx(const SourceFile& pictures, const RawRequest& request);

}  // namespace astrolabe::readers
