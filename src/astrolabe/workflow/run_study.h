// SPDX-License-Identifier: Apache-2.0
// The study of a run: what was asked, which data, every trial, every opening of the seal. In study.db of the
// run's folder, or on a server, where others may work on it too.
//
//   RunStudy study = RunStudy::begin(options, folder, space_text(space), data_hash, task);
//   study.store()                                    // for the search
//   const Opening opening = study.record("score", "the run's score");
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "astrolabe/data/seal.h"
#include "astrolabe/model/task.h"
#include "astrolabe/search/study_store.h"
#include "astrolabe/workflow/run_options.h"

namespace astrolabe {

// Where the study of a folder is: its study.db, or the server that study.json there names. Throws bad_input
// for a folder without either.
[[nodiscard]] StudyAddress study_of_folder(const std::filesystem::path& folder);
// The study that these options ask for in that folder.
[[nodiscard]] StudyAddress study_address(const RunOptions& options, const std::filesystem::path& folder);

// ---- A study has one question.
// Refuses one as bad_input: what was expected of it, what is there.
[[noreturn]] void refuse_study(const StudyAddress& address, const std::string& expected,
                               const std::string& found, const std::string& remedy);
// Throws bad_input that names what differs from what the study was begun with: the data, an option, the
// space.
void require_same_question(const StudyAddress& address, const StudyHead& known, const StudyHead& asked,
                           const std::string& remedy);

struct StudyQuestion {
  std::string space;  // as text
  std::uint64_t data_hash = 0;
  std::string metric;
  bool higher_is_better = false;
  DrawnRows rows = {};  // noted, not compared
};

struct RunOfFolder;

class RunStudy : public SealJournal {
 public:
  // Begins it, or goes on with the one that is there. Throws bad_input when that one was about other data,
  // another space or other options.
  [[nodiscard]] static RunStudy begin(const RunOptions& options, const std::filesystem::path& folder,
                                      const StudyQuestion& question);

  [[nodiscard]] StudyStore& store() { return store_; }
  // What this session spent and, where nothing interrupted it, that results were written after so many
  // trials: for whoever goes on.
  void finish(double seconds_used, bool was_interrupted);

 private:
  friend RunOfFolder open_run(const std::filesystem::path& folder, std::string_view doing);
  explicit RunStudy(StudyStore store) : store_(std::move(store)) {}
  std::uint64_t write(std::string_view slice, std::string_view purpose) override;
  StudyStore store_;
};

// The run of a folder as its study remembers it.
struct RunOfFolder {
  RunStudy study;
  StudyHead head;
  RunOptions options;  // as it was asked, with its command; limits, threads and memory are the caller's
};
// The rows that it is about; nothing for studies of earlier versions.
[[nodiscard]] std::optional<DrawnRows> drawn_rows_of(StudyStore& store);
// Throws bad_input for what is no folder of a run; `doing` names the attempt ("resuming").
[[nodiscard]] RunOfFolder open_run(const std::filesystem::path& folder, std::string_view doing);

// ---- Notes of a run's study. Another is kRowsNote (drawn_rows.h).
inline constexpr std::string_view kLimitsNote = "limits";         // JSON: seconds, trials
inline constexpr std::string_view kSecondsNote = "seconds_used";  // in all sessions
inline constexpr std::string_view kShippedNote =
    "shipped";  // trials when the results of a whole session were written

}  // namespace astrolabe
