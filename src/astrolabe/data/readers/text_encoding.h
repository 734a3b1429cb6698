// SPDX-License-Identifier: Apache-2.0
// Is a file text, and in UTF-8?
#pragma once

#include <string_view>

#include "astrolabe/data/readers/byte_source.h"

namespace astrolabe::readers {

// Throws bad_input when the beginning of the file is UTF-16 or binary.
void require_text(const SourceFile& file, std::string_view beginning);

// Throws bad_input that names the offset (in the decompressed text) of the first byte that is no UTF-8. Reads
// the whole file.
void require_utf8(const SourceFile& file);

}  // namespace astrolabe::readers
