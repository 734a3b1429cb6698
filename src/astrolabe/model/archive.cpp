// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/model/archive.h"

#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {

static_assert(std::endian::native == std::endian::little, "archives are written as they lie in memory");

void ArchiveWriter::put_text(std::string_view text) {
  put<std::uint64_t>(text.size());
  bytes_.append(text);
}

std::string ArchiveReader::get_text(std::size_t max_bytes) {
  const auto size = get<std::uint64_t>();
  if (size > max_bytes || size > remaining()) damaged("a text's length");
  std::string text(size, '\0');
  copy(text.data(), size);
  return text;
}

std::size_t ArchiveReader::get_count(std::size_t max_count, std::size_t min_bytes, std::string_view what) {
  const auto count = get<std::uint64_t>();
  if (count > max_count || (min_bytes > 0 && count > remaining() / min_bytes)) damaged(what);
  return count;
}

void ArchiveReader::require_end() const {
  if (remaining() != 0) damaged("bytes after the end");
}

void ArchiveReader::damaged(std::string_view what) {
  throw bad_input({.attempted = "reading the model file",
                   .expected = {},
                   .found = fmt::format("it is damaged ({})", what),
                   .remedy = "Take a whole copy of the file, or run again."});
}

void ArchiveReader::copy(void* to, std::size_t size) {
  if (size > remaining()) damaged("it ends too early");
  if (size > 0) std::memcpy(to, bytes_.data() + at_, size);
  at_ += size;
}

}  // namespace astrolabe
