// SPDX-License-Identifier: Apache-2.0
// The bytes of a model file as tests and the fuzzer see them: sections to tamper with, and checksums made
// good again, so that what lies behind them is reached. Layout: src/astrolabe/pipeline/model_file.cpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/pipeline/shipped_model.h"

namespace astrolabe::testing {

inline constexpr std::size_t kMagicBytes = 8;

struct FileSection {
  std::string name;
  std::string bytes;
};

// A whole file with checksums that hold, whatever the sections are.
inline std::string assemble(const std::vector<FileSection>& sections, std::uint32_t version = 1) {
  ArchiveWriter table;
  table.put(version);
  table.put(static_cast<std::uint32_t>(sections.size()));
  for (const FileSection& section : sections) {
    table.put_text(section.name);
    table.put(std::uint64_t{section.bytes.size()});
    table.put(hash_text(section.bytes));
  }
  std::string file = "ASTRO\r\n\x1a" + table.bytes();
  ArchiveWriter checksum;
  checksum.put(hash_text(file));
  file += checksum.bytes();
  for (const FileSection& section : sections) file += section.bytes;
  return file;
}

// The sections of a whole file.
inline std::vector<FileSection> take_apart(std::string_view file) {
  ArchiveReader table(file.substr(kMagicBytes));
  static_cast<void>(table.get<std::uint32_t>());
  const auto count = table.get<std::uint32_t>();
  std::vector<FileSection> sections(count);
  std::vector<std::size_t> sizes(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    sections[i].name = table.get_text();
    sizes[i] = table.get<std::uint64_t>();
    static_cast<void>(table.get<std::uint64_t>());
  }
  std::size_t at = file.size() - table.remaining() + sizeof(std::uint64_t);
  for (std::uint32_t i = 0; i < count; ++i) {
    sections[i].bytes = file.substr(at, sizes[i]);
    at += sizes[i];
  }
  return sections;
}

// Computes the checksums of a file anew, as far as its table of sections can be followed. Bytes keep their
// places; damage to the table itself stays.
inline std::string sign_again(std::string file) {
  struct Place {
    std::size_t hash, size;
  };
  std::vector<Place> places;
  std::size_t table_end = 0;
  try {
    ArchiveReader table(std::string_view(file).substr(std::min(kMagicBytes, file.size())));
    const auto here = [&] { return file.size() - table.remaining(); };
    static_cast<void>(table.get<std::uint32_t>());
    const auto count = table.get_between<std::uint32_t>(0, 2'001, "sections");
    for (std::uint32_t i = 0; i < count; ++i) {
      static_cast<void>(table.get_text(64));
      const auto size = table.get<std::uint64_t>();
      places.push_back({here(), size});
      static_cast<void>(table.get<std::uint64_t>());
    }
    table_end = here();
    if (table.remaining() < sizeof(std::uint64_t)) return file;
  } catch (const Error&) {
    return file;
  }
  std::size_t at = table_end + sizeof(std::uint64_t);
  for (const Place& place : places) {
    const std::size_t size = std::min(place.size, file.size() - at);
    const std::uint64_t hash = hash_bytes(file.data() + at, size);
    std::memcpy(file.data() + place.hash, &hash, sizeof hash);
    at += size;
  }
  const std::uint64_t hash = hash_bytes(file.data(), table_end);
  std::memcpy(file.data() + table_end, &hash, sizeof hash);
  return file;
}

// Five odd rows with the columns that a model asks for.
inline Table odd_table(const std::vector<WantedColumn>& wanted) {
  std::vector<Column> columns;
  for (const WantedColumn& want : wanted) {
    Column column;
    column.name = want.name;
    column.type = want.type;
    if (column.has_levels()) {
      column.levels = {"", "Oslo", "never seen", "yes"};
      column.codes = {1, -1, 2, 3, 0};
    } else if (column.is_numeric()) {
      column.numbers = {1, std::nan(""), -1e308, 1.6e9, 0};
    } else {
      for (const char* cell : {"sun moon", "", "sun sun", "zz"}) column.text.add(cell);
      column.text.add_missing();
    }
    columns.push_back(std::move(column));
  }
  return Table(std::move(columns));
}

// Reads the bytes and uses all of the model. True when it was accepted, false when it was refused as bad
// input; anything else escapes.
inline bool is_usable(std::string_view bytes, ThreadPool& pool) {
  try {
    const ShippedModel model = parse_model(bytes);
    const Table table = odd_table(model.wanted_columns());
    const std::vector<double> predicted = model.predict(table, pool);
    ASTROLABE_CHECK(predicted.size() == table.rows() * model.card().task.outputs(),
                    "a prediction has a row for each row");
    static_cast<void>(model.importance());
    for (const Member& member : model.members()) {
      static_cast<void>(member.model->summary());
      static_cast<void>(member.model->settings_found());
    }
    static_cast<void>(serialize_model(model));
    return true;
  } catch (const Error& error) {
    ASTROLABE_CHECK(error.kind() == ErrorKind::bad_input, error.what());
    return false;
  }
}

}  // namespace astrolabe::testing
