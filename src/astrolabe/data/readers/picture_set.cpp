// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/picture_set.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/data/picture_columns.h"
#include "astrolabe/data/readers/byte_source.h"
#include "astrolabe/data/readers/cifar.h"
#include "astrolabe/data/readers/idx.h"
#include "astrolabe/data/readers/picture.h"
#include "astrolabe/data/readers/picture_files.h"
#include "astrolabe/data/readers/raw_pictures.h"

namespace astrolabe::readers {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kTestWords = {"t10k", "test", "val", "eval"};

bool begins_like_test(const fs::path& path) {
  const std::string name = path.filename().string();
  return std::ranges::any_of(kTestWords, [&](std::string_view word) { return name.starts_with(word); });
}

// What lies in a folder, hidden things left out, sorted by name.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      if (!entry.path().filename().string().starts_with('.')) entries.push_back(entry.path());
  } catch (const fs::filesystem_error& error) {
    throw bad_input({.attempted = attempt(folder),
                     .expected = "a folder that can be listed",
                     .found = error.code().message(),
                     .remedy = "Check its permissions."});
  }
  std::ranges::sort(entries);
  return entries;
}

struct PictureFile {
  fs::path path;
  std::string label;
};

// The files of a set, and what is said of others.
struct PictureList {
  std::vector<PictureFile> files;
  std::size_t others = 0;  // files that are no pictures
  std::string first_other;
};

// By its first bytes; one that is only named like a picture counts, so that it is told that it is none.
bool looks_like_picture(const fs::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (ending == ".png" || ending == ".jpg" || ending == ".jpeg") return true;
  std::array<char, 8> beginning{};
  std::ifstream(path, std::ios::binary).read(beginning.data(), beginning.size());
  return picture_format({beginning.data(), beginning.size()}) != PictureFormat::none;
}

// Deep, in the order of the paths.
void add_pictures(const fs::path& folder, const std::string& label, bool is_deep, PictureList& list) {
  std::error_code error;
  for (const fs::path& path : entries_of(folder)) {
    if (fs::is_directory(path, error)) {
      if (is_deep && !fs::is_symlink(path, error)) add_pictures(path, label, true, list);
    } else if (fs::is_regular_file(path, error)) {
      if (looks_like_picture(path)) {
        list.files.push_back({path, label});
      } else if (list.others++ == 0) {
        list.first_other = path.string();
      }
    }
  }
}

std::vector<fs::path> folders_of(const fs::path& folder) {
  std::vector<fs::path> folders = entries_of(folder);
  std::error_code error;
  std::erase_if(folders, [&](const fs::path& path) { return !fs::is_directory(path, error); });
  return folders;
}

// Under `keep_list` a part of the memory is all that the pictures may take.
RawRead read_list(const fs::path& base, const PictureList& list, bool has_labels, const RawRequest& request,
                  std::vector<std::string> notes) {
  const PictureColumns columns(request, has_labels, true);
  std::vector<fs::path> files;
  std::vector<std::string> names;
  for (const PictureFile& file : list.files) {
    files.push_back(file.path);
    names.push_back(file.path.lexically_relative(base).string());
    if (names.back() == ".") names.back() = file.path.filename().string();
  }
  PictureRead pictures = read_picture_files(files, {.shape = columns.shape(),
                                                    .memory_bytes = request.memory_bytes,
                                                    .should_stop = request.should_stop,
                                                    .threads = request.threads});
  std::vector<RowIndex> good;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (pictures.faults[i].empty()) good.push_back(static_cast<RowIndex>(i));
  if (good.empty())
    throw bad_input({.attempted = attempt(base),
                     .expected = "pictures that can be read",
                     .found = fmt::format("{}: {}", names.front(), pictures.faults.front()),
                     .remedy = "Write PNG or JPEG files."});
  PictureRows rows;
  const bool all = good.size() == files.size();
  rows.pixels = all ? std::move(pictures.pixels) : pictures.pixels.take_rows(good);
  for (const RowIndex i : good) {
    rows.labels.push_back(list.files[i].label);
    rows.files.push_back(names[i]);
  }
  RawRead read = columns.read(std::move(rows));
  notes.insert(notes.end(), pictures.notes.begin(), pictures.notes.end());
  if (const std::string note = faults_note(names, pictures.faults); !note.empty())
    notes.push_back(note + "; left out");
  if (list.others > 0)
    notes.push_back(fmt::format("{} {} no picture and {} left out, such as {}", format_count(list.others),
                                list.others == 1 ? "file is" : "files are", list.others == 1 ? "is" : "are",
                                list.first_other));
  read.notes.insert(read.notes.begin(), notes.begin(), notes.end());
  read.format = fmt::format("{} of PNG and JPEG", has_labels ? "class folders" : "pictures");
  read.file_hash = pictures.hash;
  return read;
}

// IDX files of pictures, or CIFAR files: those of the part that is asked for.
struct Parts {
  std::vector<fs::path> train, test;

  [[nodiscard]] const std::vector<fs::path>& asked(SetPart part) const {
    return train.empty() || (part == SetPart::test && !test.empty()) ? test : train;
  }
  [[nodiscard]] std::string test_part() const {
    return train.empty() || test.empty() ? std::string() : test.front().filename().string();
  }
};

bool is_idx_of_pictures(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.find("images") != std::string::npos && name.find("idx") != std::string::npos;
}

template <class Takes>
Parts find_parts(const std::vector<fs::path>& entries, Takes takes) {
  Parts parts;
  std::error_code error;
  for (const fs::path& path : entries)
    if (fs::is_regular_file(path, error) && takes(path))
      (begins_like_test(path) ? parts.test : parts.train).push_back(path);
  return parts;
}

std::optional<RawRead> read_batches(const fs::path& folder, const std::vector<fs::path>& entries,
                                    const RawRequest& request) {
  const Parts idx = find_parts(entries, is_idx_of_pictures);
  const Parts cifar = find_parts(entries, is_named_like_cifar);
  if (idx.train.empty() && idx.test.empty() && cifar.train.empty() && cifar.test.empty()) return std::nullopt;
  const bool is_idx_set = !idx.train.empty() || !idx.test.empty();
  const Parts& parts = is_idx_set ? idx : cifar;
  const std::vector<fs::path>& asked = parts.asked(request.part);
  if (is_idx_set && asked.size() > 1)
    throw bad_input(
        {.attempted = attempt(folder),
         .expected = "one IDX file of pictures for each part",
         .found = fmt::format("{} and {}", asked[0].filename().string(), asked[1].filename().string()),
         .remedy = "Name one of the files in it."});
  RawRead read = is_idx_set ? read_idx(inspect_file(asked[0]), request) : read_cifar(asked, request);
  read.test_part = parts.test_part();
  return read;
}

// train/ and test/ of a folder that has both.
std::optional<std::pair<fs::path, fs::path>> find_part_folders(const std::vector<fs::path>& folders) {
  std::optional<fs::path> train, test;
  for (const fs::path& folder : folders) {
    if (folder.filename().string().starts_with("train")) train = folder;
    if (begins_like_test(folder) && (!test || folder.filename().string().starts_with("test"))) test = folder;
  }
  if (!train || !test || folders_of(*train).empty() || folders_of(*test).empty()) return std::nullopt;
  return std::pair(*train, *test);
}

PictureList list_classes(const std::vector<fs::path>& folders, std::vector<std::string>& notes) {
  PictureList list;
  std::vector<std::string> empty;
  for (const fs::path& folder : folders) {
    const std::size_t before = list.files.size();
    add_pictures(folder, folder.filename().string(), true, list);
    if (list.files.size() == before) empty.push_back(folder.filename().string());
  }
  if (!list.files.empty() && !empty.empty())
    notes.push_back(fmt::format("{} {} no picture and no class: {}", empty.size(),
                                empty.size() == 1 ? "folder has" : "folders have", join(empty, ", ")));
  return list;
}

}  // namespace

RawRead read_picture_folder(const fs::path& folder, const RawRequest& request) {
  const std::vector<fs::path> entries = entries_of(folder);
  if (std::optional<RawRead> read = read_batches(folder, entries, request)) return std::move(*read);
  std::vector<fs::path> folders = folders_of(folder);
  fs::path base = folder;
  std::string test_part;
  if (const auto parts = find_part_folders(folders)) {
    base = request.part == SetPart::test ? parts->second : parts->first;
    test_part = parts->second.filename().string() + "/";
    folders = folders_of(base);
  }
  std::vector<std::string> notes;
  PictureList list = list_classes(folders, notes);
  PictureList beside;
  add_pictures(base, "", false, beside);
  const bool has_classes = !list.files.empty();
  if (has_classes && !beside.files.empty())
    notes.push_back(fmt::format(
        "{} beside the class folders {} left out, such as {}",
        beside.files.size() == 1 ? "one picture" : format_count(beside.files.size()) + " pictures",
        beside.files.size() == 1 ? "is" : "are", beside.files.front().path.string()));
  if (!has_classes) list = std::move(beside);
  if (list.files.empty())
    throw bad_input({.attempted = attempt(folder),
                     .expected = "a file, or a folder of pictures: class folders of PNG and JPEG, IDX files "
                                 "(train-images-idx3-ubyte) or CIFAR files (data_batch_1.bin)",
                     .found = "a directory without pictures",
                     .remedy = "Name one of the files in it, or another folder."});
  RawRead read = read_list(base, list, has_classes, request, std::move(notes));
  read.test_part = test_part;
  return read;
}

RawRead read_one_picture(const fs::path& file, const RawRequest& request) {
  PictureList list;
  list.files.push_back({file, ""});
  return read_list(file.parent_path(), list, false, request, {});
}

}  // namespace astrolabe::readers
