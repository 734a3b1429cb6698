// SPDX-License-Identifier: Apache-2.0
// Whatever stands in the judged rows, it cannot move the model that judges them.
#include <cstdlib>

#include "tests/evaluate/fake_learners.h"
#include "tests/evaluate/made_data.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "astrolabe/evaluate/cross_validation.h"

namespace astrolabe {
namespace {

// The same examples in every run, unless RC_PARAMS says otherwise.
const int kSeeded = ::setenv("RC_PARAMS", "seed=1", 0);

constexpr std::size_t kRows = 60;

std::string bytes_of(const FittedCandidate& fitted) {
  ArchiveWriter archive;
  fitted.encoder->save(archive);
  fitted.model->save(archive);
  return archive.bytes();
}

struct World {
  std::vector<double> x = normal_values(kRows, 1);
  std::vector<std::string> town;
  std::vector<double> y = random_classes(kRows, 2);

  World() {
    for (std::size_t i = 0; i < kRows; ++i)
      town.push_back(i % 7 == 0 ? "" : std::string(1, char('a' + i % 5)));
  }
  // Changes every cell and the target of the rows.
  void disturb(std::span<const RowIndex> rows, double shift) {
    for (const RowIndex row : rows) {
      x[row] += shift;
      town[row] = "elsewhere";
      y[row] = 1 - y[row];
    }
  }
};

std::vector<std::string> fitted_bytes(const World& world, const Learner& learner,
                                      const std::vector<Fold>& folds, Key key) {
  const Table table({numbers("x", world.x), categories("town", world.town)});
  const Labels labels = class_labels(world.y);
  const Task task = class_task();
  ThreadPool pool(1);
  const Budget budget;
  const CrossValidation validation =
      cross_validate({.learner = &learner, .settings = {}, .name = "it"}, {.table = table,
                                                                           .labels = labels,
                                                                           .task = task,
                                                                           .folds = folds,
                                                                           .key = key,
                                                                           .pool = pool,
                                                                           .budget = budget});
  std::vector<std::string> bytes;
  for (const FittedCandidate& fitted : validation.fitted) bytes.push_back(bytes_of(fitted));
  return bytes;
}

std::vector<Fold> some_folds(Key key) {
  const Table table({numbers("x", normal_values(kRows, 1))});
  return make_folds(table, all_rows(kRows), {}, {}, 3, key);
}

RC_GTEST_PROP(HonestyProperty, judged_rows_cannot_move_encoder_or_model, ()) {
  const Key key = Key::from_seed(*rc::gen::arbitrary<unsigned>());
  const std::vector<Fold> folds = some_folds(key);
  MeanLearner learner;
  learner.wanted.standardized = true;
  const World before;
  World after;
  after.disturb(folds[1].valid, *rc::gen::element(-1e6, 3.0, 1e6));
  RC_ASSERT(fitted_bytes(before, learner, folds, key)[1] == fitted_bytes(after, learner, folds, key)[1]);
  RC_ASSERT(fitted_bytes(before, learner, folds, key)[0] != fitted_bytes(after, learner, folds, key)[0]);
}

RC_GTEST_PROP(HonestyProperty, watched_rows_cannot_move_the_fit_that_watches_them, ()) {
  const Key key = Key::from_seed(*rc::gen::arbitrary<unsigned>());
  const std::vector<Fold> folds = some_folds(key);
  MeanLearner learner;
  learner.watches = true;
  learner.cut_short = true;  // so that no second fit, on the watched rows too, takes its place
  learner.wanted.standardized = true;
  const World before;
  World after;
  RC_ASSERT(!folds[0].watch.empty());
  after.disturb(folds[0].watch, *rc::gen::element(-1e6, 3.0, 1e6));
  RC_ASSERT(fitted_bytes(before, learner, folds, key)[0] == fitted_bytes(after, learner, folds, key)[0]);
}

}  // namespace
}  // namespace astrolabe
