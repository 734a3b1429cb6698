// SPDX-License-Identifier: Apache-2.0
// The contract of a learner: settings, learner and model are three things.
//
//   const Learner& trees = *find_learner("trees");
//   std::unique_ptr<const Model> model = trees.fit({.train = data, .settings = {{"rounds",
//   std::int64_t{200}}},
//                                                   .key = key.split("fold 0"), .pool = pool, .budget =
//                                                   budget});
//   model->predict(features, out);
//
// Every family passes the suite in tests/contracts/learner_contract.h: determinism on any thread count,
// refit, save and load, empty and NaN input, weights, unseen categories, deadline, cancellation.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/random.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/model/archive.h"
#include "astrolabe/model/feature_matrix.h"
#include "astrolabe/model/settings.h"
#include "astrolabe/model/task.h"

namespace astrolabe {

// How a learner wants its features encoded.
struct EncodingNeeds {
  bool native_categories = false;  // else one-hot, or target statistics above a limit
  bool native_missing = false;     // else filled in, with an indicator where it pays
  bool standardized =
      false;            // numeric features centred and scaled to unit variance (sparse ones only scaled)
  bool images = false;  // a picture comes as bytes (FeatureMatrix::pixels), else as one feature per pixel

  friend bool operator==(const EncodingNeeds&, const EncodingNeeds&) = default;
};

struct TrainingData {
  FeatureMatrix features;  // [rows, features]
  Labels labels;           // [rows]
};

class Model;
struct StartMap;

struct FitRequest {
  const TrainingData& train;
  const TrainingData* watch = nullptr;  // rows to stop early on; never fitted on. Null: no early stopping
  const SettingValues& settings;        // names from the learner's table; what is absent is default
  Key key;
  ThreadPool& pool;
  const Budget& budget;  // asked in every long loop
  // 0..1 of this fit; may be empty; called from one thread
  std::function<void(double fraction)> progress = {};
  // How it goes, in a few words ("epoch 12, loss 0.312"), before the fraction that it belongs to. May be
  // empty; called from the same thread, at most once a round or an epoch. A learner may have nothing to tell.
  std::function<void(std::string_view words)> tell = {};
  // A model to begin with, of the same family and fitted on features of the same encoder, perhaps with other
  // settings and on fewer rows. A learner uses what it can and may ignore it; the fit then depends on it too,
  // so whoever wants this fit again begins with the same model. Null: from nothing.
  const Model* start = nullptr;
  // How the start reads these features and answers for these outputs, where they are not its own
  // (start_map.h). A learner that cannot follow it ignores the start. Null: they are its own.
  const StartMap* start_map = nullptr;
  // What a teacher says of the rows of `train`, as Model::predict would: [rows * outputs]. Empty: no teacher.
  // A learner whose settings ask for one throws usage_error without it; all others ignore it.
  std::span<const double> taught = {};
};

// A fitted learner: immutable, so thread-safe. Holds no settings of anything but itself.
class Model {
 public:
  virtual ~Model() = default;
  // Fills out[rows * outputs] row-major: probability of class 1, probabilities of all classes, or the value.
  // Same bytes for any row order, block size or thread count. The features carry the info that the model was
  // trained on.
  virtual void predict(const FeatureMatrix& features, std::span<double> out) const = 0;
  [[nodiscard]] virtual std::size_t outputs() const = 0;
  // How much each feature matters to this model, [features], non-negative, summing to 1 (or all 0).
  [[nodiscard]] virtual std::vector<double> importance() const = 0;
  // The settings that reproduce this fit without watched rows: rounds as early stopping found them, the
  // chosen penalty.
  [[nodiscard]] virtual SettingValues settings_found() const = 0;
  // One line for people: "312 trees of depth 6".
  [[nodiscard]] virtual std::string summary() const = 0;
  // True when the budget ended the fit before it was done; the model works all the same.
  [[nodiscard]] virtual bool was_cut_short() const { return false; }
  // True when training left the finite numbers or ran away and was stopped; the model is the best before
  // that.
  [[nodiscard]] virtual bool has_diverged() const { return false; }
  virtual void save(ArchiveWriter& archive) const = 0;
};

// A family. Stateless and thread-safe.
class Learner {
 public:
  virtual ~Learner() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::string_view doc() const = 0;  // one sentence
  [[nodiscard]] virtual EncodingNeeds needs() const = 0;
  [[nodiscard]] virtual std::span<const SettingField> fields() const = 0;
  // True when fit uses request.watch.
  [[nodiscard]] virtual bool stops_early() const { return false; }
  // True when several fits side by side, each on one thread, end sooner than one after the other on all
  // threads.
  [[nodiscard]] virtual bool prefers_one_thread() const { return false; }

  // Pure. At least one row and one class or number. When the budget ends, returns the model so far if there
  // is one. Throws usage_error for bad settings, cancelled when nothing usable was fitted in time.
  [[nodiscard]] virtual std::unique_ptr<const Model> fit(const FitRequest& request) const = 0;
  // Reads what save wrote and validates all of it: throws bad_input, never crashes later. `features` is the
  // number of features, `outputs` the number of outputs that the file's schema promises.
  [[nodiscard]] virtual std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t features,
                                                          std::size_t outputs) const = 0;
};

}  // namespace astrolabe
