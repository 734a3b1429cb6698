// SPDX-License-Identifier: Apache-2.0
// Files of pictures for tests: PNG, JPEG, IDX, CIFAR.
#pragma once

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <jpeglib.h>
#include <png.h>
#include <unistd.h>

namespace astrolabe {

// A folder that lives as long as the object.
class PictureFolder {
 public:
  PictureFolder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("astrolabe-pictures-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  ~PictureFolder() { std::filesystem::remove_all(path_); }
  PictureFolder(const PictureFolder&) = delete;
  PictureFolder& operator=(const PictureFolder&) = delete;

  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// `format` of libpng's simple interface; `bytes` are its buffer, of colour maps the indices.
inline std::string png_of(std::uint32_t width, std::uint32_t height, std::uint32_t format,
                          const std::vector<std::uint8_t>& bytes, const std::vector<std::uint8_t>& map = {}) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = format;
  image.colormap_entries = static_cast<std::uint32_t>(map.size() / 3);
  png_alloc_size_t size = 0;
  const void* colours = map.empty() ? nullptr : map.data();
  png_image_write_to_memory(&image, nullptr, &size, 0, bytes.data(), 0, colours);
  std::string file(size, '\0');
  png_image_write_to_memory(&image, file.data(), &size, 0, bytes.data(), 0, colours);
  file.resize(size);
  return file;
}
// One grey value everywhere.
inline std::string grey_png(std::uint32_t width, std::uint32_t height, std::uint8_t value) {
  return png_of(width, height, PNG_FORMAT_GRAY,
                std::vector<std::uint8_t>(std::size_t{width} * height, value));
}

// Of one pixel value everywhere; `space` JCS_GRAYSCALE, JCS_RGB or JCS_CMYK (as Adobe writes it).
inline std::string jpeg_of(std::uint32_t width, std::uint32_t height, J_COLOR_SPACE space,
                           const std::vector<std::uint8_t>& pixel, bool progressive = false) {
  jpeg_compress_struct picture{};
  jpeg_error_mgr errors{};
  picture.err = jpeg_std_error(&errors);
  jpeg_create_compress(&picture);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&picture, &out, &size);
  picture.image_width = width;
  picture.image_height = height;
  picture.input_components = static_cast<int>(pixel.size());
  picture.in_color_space = space;
  jpeg_set_defaults(&picture);
  jpeg_set_quality(&picture, 95, TRUE);
  if (progressive) jpeg_simple_progression(&picture);
  jpeg_start_compress(&picture, TRUE);
  std::vector<std::uint8_t> line;
  for (std::uint32_t x = 0; x < width; ++x) line.insert(line.end(), pixel.begin(), pixel.end());
  JSAMPROW row = line.data();
  while (picture.next_scanline < height) jpeg_write_scanlines(&picture, &row, 1);
  jpeg_finish_compress(&picture);
  jpeg_destroy_compress(&picture);
  std::string file(reinterpret_cast<char*>(out), size);
  std::free(out);
  return file;
}

// 00 00 08 <dimensions>, the sizes big-endian, then the bytes.
inline std::string idx_of(const std::vector<std::uint32_t>& sizes, const std::string& bytes, char type = 8) {
  std::string file{0, 0, type, static_cast<char>(sizes.size())};
  for (const std::uint32_t size : sizes)
    for (const int shift : {24, 16, 8, 0}) file += static_cast<char>(size >> shift);
  return file + bytes;
}

// A record of CIFAR-10: each colour one value everywhere.
inline std::string cifar_record(char label, char red, char green, char blue) {
  return std::string(1, label) + std::string(1024, red) + std::string(1024, green) + std::string(1024, blue);
}

}  // namespace astrolabe
