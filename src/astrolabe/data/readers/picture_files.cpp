// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/picture_files.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <new>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/readers/picture.h"
#include "astrolabe/data/resize.h"

namespace astrolabe::readers {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostFileBytes = std::uintmax_t{256} << 20U;
constexpr std::size_t kLongestSide = 64;
constexpr std::size_t kShortestSide = 8;
constexpr std::uint64_t kShareOfMemory = 4;

std::size_t median(std::vector<std::size_t> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::size_t scaled(std::size_t side, double scale) {
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(static_cast<double>(side) * scale)));
}

std::string size_words(const ImageShape& shape) {
  return fmt::format("{} x {}", shape.width, shape.height);
}

void require_going_on(const PictureRequest& request) {
  if (!request.should_stop || !request.should_stop()) return;
  throw cancelled({.attempted = "reading pictures",
                   .expected = "time to finish",
                   .found = "a request to stop",
                   .remedy = "Nothing was written."});
}

// Calls work(i) for every file; what is wrong with one becomes its fault.
template <class Work>
void for_each_file(ThreadPool& pool, std::span<const fs::path> files, const PictureRequest& request,
                   std::vector<std::string>& faults, Work work) {
  pool.for_each(files.size(), [&](std::size_t i) {
    require_going_on(request);
    if (!faults[i].empty()) return;
    try {
      work(i);
    } catch (const PictureFault& fault) {
      faults[i] = fault.what();
    } catch (const std::bad_alloc&) {
      faults[i] = "not enough memory for it";
    }
  });
}

}  // namespace

std::string read_picture_bytes(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) throw PictureFault("nothing of that name");
  if (!fs::is_regular_file(path, error)) throw PictureFault("no file");
  const std::uintmax_t size = fs::file_size(path, error);
  if (error || size > kMostFileBytes) throw PictureFault("a file beyond " + format_bytes(kMostFileBytes));
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw PictureFault(std::strerror(errno));
  std::string bytes(static_cast<std::size_t>(size), '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  if (bytes.empty()) throw PictureFault("an empty file");
  return bytes;
}

ImageShape choose_shape(std::span<const ImageShape> shapes, std::uint64_t memory_bytes) {
  if (shapes.empty()) return {.height = 1, .width = 1, .channels = 1};
  std::vector<std::size_t> heights, widths;
  ImageShape chosen{.channels = 1};
  for (const ImageShape& shape : shapes) {
    heights.push_back(shape.height);
    widths.push_back(shape.width);
    chosen.channels = std::max(chosen.channels, shape.channels);
  }
  const std::size_t height = median(std::move(heights)), width = median(std::move(widths));
  double scale =
      std::min(1.0, static_cast<double>(kLongestSide) / static_cast<double>(std::max(height, width)));
  for (;; scale *= 0.8) {
    chosen.height = scaled(height, scale);
    chosen.width = scaled(width, scale);
    const bool fits = chosen.size() * shapes.size() <= memory_bytes / kShareOfMemory;
    if (fits || std::max(chosen.height, chosen.width) <= kShortestSide) return chosen;
  }
}

std::string resizing_note(std::span<const ImageShape> shapes, const ImageShape& shape) {
  if (std::ranges::all_of(shapes, [&](const ImageShape& each) { return each == shape; })) return {};
  std::set<std::tuple<std::size_t, std::size_t, std::size_t>> sizes;  // ordered by area
  for (const ImageShape& each : shapes) sizes.emplace(each.height * each.width, each.height, each.width);
  const auto words = [](const auto& size) {
    return size_words({.height = std::get<1>(size), .width = std::get<2>(size)});
  };
  const std::string from = sizes.size() == 1 ? shape_words(shapes.front())
                                             : fmt::format("{} sizes ({} to {})", format_count(sizes.size()),
                                                           words(*sizes.begin()), words(*sizes.rbegin()));
  const bool is_one = shapes.size() == 1;
  return fmt::format("{} {} of {} {} resized to {}", format_count(shapes.size()),
                     is_one ? "picture" : "pictures", from, is_one ? "is" : "are", shape_words(shape));
}

PictureRead read_picture_files(std::span<const fs::path> files, const PictureRequest& request) {
  ThreadPool pool(std::max<std::size_t>(1, request.threads));
  PictureRead read;
  read.faults.resize(files.size());
  std::vector<ImageShape> shapes(files.size());
  std::vector<std::uint64_t> hashes(files.size());
  for_each_file(pool, files, request, read.faults, [&](std::size_t i) {
    const std::string bytes = read_picture_bytes(files[i]);
    hashes[i] = hash_text(bytes);
    shapes[i] = look_at_picture(bytes);
  });
  read.hash = hash_bytes(hashes.data(), hashes.size() * sizeof(std::uint64_t));
  std::vector<ImageShape> seen;
  for (const ImageShape& shape : shapes)
    if (shape.size() > 0) seen.push_back(shape);
  const ImageShape shape =
      request.shape.size() > 0 ? request.shape : choose_shape(seen, request.memory_bytes);
  read.pixels.shape = shape;
  read.pixels.bytes.resize(files.size() * shape.size());
  for_each_file(pool, files, request, read.faults, [&](std::size_t i) {
    const Picture picture = decode_picture(read_picture_bytes(files[i]), shape);
    resize_picture(picture.bytes, picture.shape,
                   std::span(read.pixels.bytes).subspan(i * shape.size(), shape.size()), shape);
  });
  if (std::string note = resizing_note(seen, shape); !note.empty()) read.notes.push_back(std::move(note));
  return read;
}

}  // namespace astrolabe::readers
