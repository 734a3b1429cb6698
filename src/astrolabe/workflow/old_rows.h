// SPDX-License-Identifier: Apache-2.0
// Rows that a line of growing models keeps (`--grow`), so that what was known is rehearsed and measured.
//
// Beside model.astro lie, as plain text that anyone can read or delete:
//   rehearsal.csv         at most 2,000 rows that the model was trained on
//   rehearsal-judge.csv   at most 1,000 rows that it was not: the sealed ones of its run
//   rehearsal.json        how many rows the whole line has seen
// and of tables with pictures rehearsal-pictures.idx and rehearsal-judge-pictures.idx (kept_pictures.h).
// Each is a sample of all rows so far: of n old and m new ones, m in n + m are new.
//
//   add_old_rows(run, open_rows, data, folds);      // trained on by every fold, judged by none
//   measure_old_rows(run, model);                   // before and after, on rows that no fit saw
//   keep_rows(run, sealing, folder, journal);
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "astrolabe/data/seal.h"
#include "astrolabe/data/split.h"
#include "astrolabe/data/table.h"
#include "astrolabe/pipeline/shipped_model.h"

namespace astrolabe {

struct Run;
struct RunStart;
struct Sealing;
struct OpenData;

inline constexpr std::size_t kMostKeptRows = 2'000;
inline constexpr std::size_t kMostJudgeRows = 1'000;

struct OldRows {
  Table trained, judged;   // with the columns of the run's table, target included
  std::uint64_t seen = 0;  // by the line of models
};

// That the line of a model has seen: what it says beside it, else its card.
[[nodiscard]] std::uint64_t rows_seen_by(const RunStart& start);

// Of a run with --grow and --from: reads them, appends those to train on to the data and to every fold's
// training rows, and returns how many. A model without any is noted. Throws bad_input for files that cannot
// be read.
[[nodiscard]] std::size_t add_old_rows(Run& run, const Table& open_rows, OpenData& data,
                                       std::vector<Fold>& folds);

// The score on the rows that judge, of the old model and of the one that ships, into run.result.start.
void measure_old_rows(Run& run, const ShippedModel& model);

// Writes the three files into the run's folder, and says how large they are.
void keep_rows(Run& run, const Sealing& sealing, const std::filesystem::path& folder, SealJournal& journal);

}  // namespace astrolabe
