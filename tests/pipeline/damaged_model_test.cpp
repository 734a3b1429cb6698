// SPDX-License-Identifier: Apache-2.0
// Model files that are cut, flipped, forged or of another kind. Under the checksums all damage is refused;
// behind them (checksums made good again) it is refused or harmless.
#include <filesystem>
#include <fstream>
#include <memory>
#include <numeric>

#include "tests/pipeline/model_bytes.h"
#include "tests/pipeline/small_model.h"
#include <gtest/gtest.h>
#include <unistd.h>

namespace astrolabe::testing {
namespace {

constexpr std::size_t kHeadBytes = 2048;
constexpr std::size_t kFlips = 4000;

const std::string& whole_file() {
  static const std::string bytes = serialize_model(small_model());
  return bytes;
}

std::string flip(std::string bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  return bytes;
}

std::vector<std::size_t> bits_of_head() {
  std::vector<std::size_t> bits(8 * std::min(kHeadBytes, whole_file().size()));
  std::iota(bits.begin(), bits.end(), std::size_t{0});
  return bits;
}

std::vector<std::size_t> bits_anywhere() {
  std::vector<std::size_t> bits;
  RandomStream random(Key::from_seed(3));
  for (std::size_t i = 0; i < kFlips; ++i) bits.push_back(random.below(8 * whole_file().size()));
  return bits;
}

std::string complaint(std::string_view bytes) {
  try {
    static_cast<void>(parse_model(bytes));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "it was accepted";
  return "";
}

bool says(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

TEST(DamagedModel, of_any_length_is_refused) {
  const std::string& whole = whole_file();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A copy of its own, so that a sanitizer sees a read past the end.
    const std::unique_ptr<char[]> cut(new char[size]);
    std::copy_n(whole.begin(), size, cut.get());
    EXPECT_FALSE(complaint({cut.get(), size}).empty()) << size;
  }
}

TEST(DamagedModel, with_any_bit_flipped_is_refused) {
  for (const std::vector<std::size_t>& bits : {bits_of_head(), bits_anywhere()})
    for (const std::size_t bit : bits) EXPECT_FALSE(complaint(flip(whole_file(), bit)).empty()) << bit;
}

TEST(DamagedModel, signed_again_with_a_bit_of_its_head_flipped_is_refused_or_harmless) {
  ThreadPool pool(1);
  for (const std::size_t bit : bits_of_head())
    static_cast<void>(is_usable(sign_again(flip(whole_file(), bit)), pool));
}

TEST(DamagedModel, signed_again_with_any_bit_flipped_is_refused_or_harmless) {
  ThreadPool pool(1);
  for (const std::size_t bit : bits_anywhere())
    static_cast<void>(is_usable(sign_again(flip(whole_file(), bit)), pool));
}

TEST(DamagedModel, signed_again_with_a_section_cut_anywhere_is_refused) {
  const std::vector<FileSection> whole = take_apart(whole_file());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::size_t step = std::max<std::size_t>(1, whole[i].bytes.size() / 500);
    for (std::size_t size = 0; size < whole[i].bytes.size(); size += step) {
      std::vector<FileSection> cut = whole;
      cut[i].bytes.resize(size);
      EXPECT_FALSE(complaint(assemble(cut)).empty()) << whole[i].name << " of " << size << " bytes";
    }
  }
}

TEST(DamagedModel, signed_again_with_a_byte_more_is_refused) {
  for (std::size_t i = 0; i < take_apart(whole_file()).size(); ++i) {
    std::vector<FileSection> longer = take_apart(whole_file());
    longer[i].bytes += '\0';
    EXPECT_FALSE(complaint(assemble(longer)).empty()) << longer[i].name;
  }
  EXPECT_TRUE(says(complaint(whole_file() + "x"), "bytes after the last section"));
}

TEST(DamagedModel, of_all_ones_or_zeros_behind_its_checksums_is_refused_or_harmless) {
  ThreadPool pool(1);
  for (std::size_t i = 0; i < take_apart(whole_file()).size(); ++i) {
    for (const char fill : {'\0', '\x01', '\x7f', '\xff'}) {
      std::vector<FileSection> filled = take_apart(whole_file());
      for (char& byte : filled[i].bytes) byte = fill;
      EXPECT_FALSE(is_usable(assemble(filled), pool)) << filled[i].name;
      filled = take_apart(whole_file());
      for (std::size_t at = 0; at + 8 < filled[i].bytes.size(); at += 97) {
        std::vector<FileSection> patched = filled;
        std::fill_n(patched[i].bytes.begin() + static_cast<std::ptrdiff_t>(at), 8, fill);
        static_cast<void>(is_usable(assemble(patched), pool));
      }
    }
  }
}

TEST(DamagedModel, with_sections_missing_doubled_or_out_of_order_is_refused) {
  const std::vector<FileSection> whole = take_apart(whole_file());
  ASSERT_EQ(assemble(whole), whole_file());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::vector<FileSection> fewer = whole;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(complaint(assemble(fewer)).empty());
    std::vector<FileSection> more = whole;
    more.push_back(whole[i]);
    EXPECT_FALSE(complaint(assemble(more)).empty());
    std::vector<FileSection> swapped = whole;
    std::swap(swapped[i], swapped[(i + 1) % whole.size()]);
    EXPECT_FALSE(complaint(assemble(swapped)).empty());
  }
  EXPECT_FALSE(complaint(assemble({})).empty());
}

TEST(DamagedModel, with_the_models_of_two_members_exchanged_is_refused) {
  std::vector<FileSection> sections = take_apart(whole_file());
  std::swap(sections[2].bytes, sections[4].bytes);
  EXPECT_FALSE(complaint(assemble(sections)).empty());
}

TEST(DamagedModel, of_a_newer_format_says_what_to_do) {
  EXPECT_EQ(
      complaint(assemble(take_apart(whole_file()), 6)),
      "reading the model file: expected format version 5 or older, found version 6. Use the Astrolabe that "
      "wrote it, or a newer one.");
  EXPECT_TRUE(says(complaint(assemble(take_apart(whole_file()), 0)), "version 0"));
}

TEST(DamagedModel, that_is_something_else_is_said_to_be) {
  for (const std::string bytes : {"", "A", "PAR1", "age,income\n1,2\n"})
    EXPECT_EQ(
        complaint(bytes),
        "reading the model file: expected a file that astrolabe run wrote (model.astro), found something "
        "else. Give the path of a model.astro.");
}

TEST(DamagedModel, on_disk_is_named_by_its_path) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("astrolabe-damaged-" + std::to_string(getpid()) + ".astro");
  std::ofstream(path, std::ios::binary) << whole_file().substr(0, whole_file().size() - 1);
  std::string message;
  try {
    static_cast<void>(load_model(path));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    message = error.what();
  }
  std::filesystem::remove(path);
  EXPECT_TRUE(says(message, path.string())) << message;
  EXPECT_TRUE(says(message, "it is damaged (section model 2 is cut off)")) << message;
}

TEST(DamagedModel, that_is_absent_or_a_folder_is_bad_input) {
  for (const char* path : {"/nowhere/model.astro", "/"}) {
    try {
      static_cast<void>(load_model(path));
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_input);
      EXPECT_TRUE(says(error.what(), "reading the model file")) << error.what();
    }
  }
}

}  // namespace
}  // namespace astrolabe::testing
