// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the bytes claim to be pictures: of IDX (and its labels), of CIFAR, as PNG or JPEG in a
// folder of classes. They are read, or refused as bad input; what was read hangs together and is read again
// as a model would that knows another size.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fuzz/blame.h"
#include <unistd.h>

#include "astrolabe/data/reader.h"

namespace astrolabe {
namespace {

void check(const Table& table) {
  for (const Column& column : table.columns()) {
    ASTROLABE_CHECK(column.rows() == table.rows(), "columns are equally long");
    if (!column.is_image()) continue;
    ASTROLABE_CHECK(column.pixels.shape.size() > 0, "pictures have pixels");
    ASTROLABE_CHECK(column.pixels.bytes.size() == table.rows() * column.pixels.shape.size(), "all are whole");
  }
}

}  // namespace
}  // namespace astrolabe

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fs = std::filesystem;
  static const fs::path folder =
      fs::temp_directory_path() / ("astrolabe-fuzz-pictures-" + std::to_string(getpid()));
  static astrolabe::ThreadPool pool(1);
  const auto [way, text] = astrolabe::fuzz::choose(data, size, 4);
  const auto write = [&written = text](const fs::path& path) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << written;
  };
  if (way == 0) {
    write(folder / "train-images-idx3-ubyte");
    write(folder / "train-labels-idx1-ubyte");
  } else if (way == 1) {
    write(folder / "test.bin");
  } else {
    write(folder / "a" / "1.png");
    if (way == 3) write(folder / "2.jpg");
  }
  static_cast<void>(astrolabe::fuzz::is_understood([&] {
    astrolabe::check(astrolabe::read_table(folder, {.memory_bytes = 1U << 28U}, pool).table);
    const astrolabe::WantedColumn wanted{.name = "image",
                                         .type = astrolabe::ColumnType::image,
                                         .picture = {.height = 5, .width = 7, .channels = 3}};
    astrolabe::check(astrolabe::read_table_as(folder, {wanted}, {}, {}, pool).table);
  }));
  fs::remove_all(folder);
  return 0;
}
