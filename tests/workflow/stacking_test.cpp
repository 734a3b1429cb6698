// SPDX-License-Identifier: Apache-2.0
// When a stack ships and when it is refused: with systems whose predictions the test decides, and with one
// that leaks from fold to fold.
#include "astrolabe/workflow/stacking.h"

#include <cmath>
#include <memory>
#include <numeric>
#include <set>

#include "tests/workflow/fixed_learner.h"
#include <gtest/gtest.h>

#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/workflow/out_of_fold.h"

namespace astrolabe::testing {
namespace {

constexpr std::size_t kRows = 2'000;

double logistic(double score) {
  return 1 / (1 + std::exp(-score));
}

// Remembers the rows that any of its fits was given, over all fits: a cache that outlives its fold. Of a row
// that it knows it tells the class, shyly; of another it guesses as shyly.
class RememberingLearner : public FixedLearner {
 public:
  RememberingLearner() : FixedLearner("leaky") {}
  void forget() { known_->clear(); }

  [[nodiscard]] std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    const FeatureMatrix& features = request.train.features;
    for (std::size_t row = 0; row < features.rows; ++row)
      if (request.train.labels.values[row] > 0.5)
        known_->insert(number(features, row));
      else
        known_->insert(-1 - number(features, row));
    return std::make_unique<RememberingModel>(known_, features.features());
  }

 private:
  using Known = std::set<int>;
  // The column "number" tells rows apart.
  static int number(const FeatureMatrix& features, std::size_t row) {
    for (std::size_t i = 0; i < features.features(); ++i)
      if ((*features.info)[i].source == "number") return static_cast<int>(features.columns[i].dense[row]);
    return 0;
  }
  class RememberingModel : public FixedModel {
   public:
    RememberingModel(std::shared_ptr<const Known> known, std::size_t features)
        : FixedModel("number", features), known_(std::move(known)) {}
    void predict(const FeatureMatrix& features, std::span<double> out) const override {
      for (std::size_t row = 0; row < features.rows; ++row) {
        const int own = number(features, row);
        const bool is_known = known_->contains(own) || known_->contains(-1 - own);
        const bool says_yes = is_known ? known_->contains(own) : own % 3 == 0;
        out[row] = says_yes ? 0.6 : 0.4;
      }
    }

   private:
    std::shared_ptr<const Known> known_;
  };

  std::shared_ptr<Known> known_ = std::make_shared<Known>();
};

// Two classes; the column shy_0 and shy_1 are probabilities that are half as sure as they might be, each with
// an error of its own; fair_0 and fair_1 are as sure as they should be.
struct Arena {
  Table table;
  Labels labels{.kind = TaskKind::binary, .classes = 2, .values = {}, .weights = {}};
  Task task{.kind = TaskKind::binary, .target = "y", .classes = {"n", "y"}, .metric = "log_loss"};
  std::vector<std::unique_ptr<FixedLearner>> learners;
  std::vector<Fold> folds;
  ThreadPool pool{1};
  Budget budget;
  std::unique_ptr<Progress> progress = silent_progress();

  Arena() {
    RandomStream random(Key::from_seed(1));
    std::vector<Column> columns(4);
    for (const char* name : {"shy_0", "shy_1", "fair", "number"})
      columns[learners.size()].name = name, learners.push_back(std::make_unique<FixedLearner>(name));
    for (std::size_t row = 0; row < kRows; ++row) {
      const double score = 2 * random.normal();
      labels.values.push_back(random.uniform() < logistic(score) ? 1 : 0);
      columns[0].numbers.push_back(logistic(0.4 * score + 0.2 * random.normal()));
      columns[1].numbers.push_back(logistic(0.4 * score + 0.2 * random.normal()));
      columns[2].numbers.push_back(logistic(score));
      columns[3].numbers.push_back(static_cast<double>(row));
    }
    table = Table(std::move(columns));
    std::vector<RowIndex> rows(kRows);
    std::iota(rows.begin(), rows.end(), RowIndex{0});
    folds = make_folds(table, rows, {}, {}, 4, Key::from_seed(9));
  }

  CrossValidation validate(const Learner& learner) {
    return cross_validate({.learner = &learner, .settings = {}, .name = std::string(learner.name())},
                          {.table = table,
                           .labels = labels,
                           .task = task,
                           .folds = folds,
                           .key = Key::from_seed(1),
                           .pool = pool,
                           .budget = Budget()});
  }
  Selection select(const std::vector<const Learner*>& systems) {
    std::vector<CrossValidation> tried = {validate(*astrolabe::learners()[0])};
    for (const Learner* system : systems) tried.push_back(validate(*system));
    return select_system(std::move(tried), labels, task);
  }
  StackVerdict consider(Selection& selection) {
    return consider_stack(selection, {.table = table,
                                      .labels = labels,
                                      .task = task,
                                      .folds = folds,
                                      .key = Key::from_seed(2),
                                      .pool = pool,
                                      .budget = budget,
                                      .progress = *progress});
  }
  [[nodiscard]] double score(const Selection& selection) const {
    return score_rows(*find_metric("log_loss"), selection.rows, selection.out_of_fold, labels);
  }
};

TEST(Stacking, ships_where_it_is_surely_better_on_rows_that_no_level_saw) {
  Arena arena;
  Selection selection = arena.select({arena.learners[0].get(), arena.learners[1].get()});
  const double greedy = arena.score(selection);
  const StackVerdict verdict = arena.consider(selection);
  EXPECT_EQ(verdict.end, StackEnd::ships) << verdict.words;
  EXPECT_EQ(selection.system.substr(0, 9), "stack of ");
  EXPECT_LT(arena.score(selection), greedy - 0.02);
  ASSERT_TRUE(selection.stack);
  EXPECT_GT(selection.weights[0] + selection.weights[1], 1.5) << "what was shy is made sure";
  EXPECT_NE(verdict.words.find("500 rows that no level saw"), std::string::npos) << verdict.words;
}

TEST(Stacking, ships_a_model_that_says_what_the_second_level_makes_of_its_systems) {
  Arena arena;
  Selection selection = arena.select({arena.learners[0].get(), arena.learners[1].get()});
  ASSERT_EQ(arena.consider(selection).end, StackEnd::ships);
  ModelCard card;
  card.task = arena.task;
  card.second_level = selection.stack;
  const std::vector<double> said = ShippedModel(card, members_of(selection)).predict(arena.table, arena.pool);
  for (std::size_t row = 0; row < 20; ++row) {
    double score = selection.stack->bias;
    for (std::size_t k = 0; k < 2; ++k) {
      const std::size_t column = selection.tried[selection.chosen[k]].candidate.name == "shy_0" ? 0 : 1;
      const double p = arena.table.column(column).numbers[row];
      score += selection.weights[k] * std::log(p / (1 - p));
    }
    EXPECT_NEAR(said[row], logistic(score), 1e-5);
  }
}

TEST(Stacking, of_systems_that_leak_from_fold_to_fold_is_refused_although_it_looks_better) {
  Arena arena;
  RememberingLearner leaky;
  static_cast<void>(arena.validate(leaky));  // now it knows every row
  Selection selection = arena.select({&leaky, arena.learners[0].get()});
  const std::string greedy = selection.system;
  const double score = arena.score(selection);
  leaky.forget();
  const StackVerdict verdict = arena.consider(selection);
  EXPECT_EQ(verdict.end, StackEnd::does_not_hold) << verdict.words;
  EXPECT_NE(verdict.words.find("does not hold for new rows"), std::string::npos) << verdict.words;
  EXPECT_FALSE(selection.stack);
  EXPECT_EQ(selection.system, greedy);
  EXPECT_EQ(arena.score(selection), score);
}

TEST(Stacking, that_gains_no_more_than_the_noise_does_not_ship) {
  Arena arena;
  Selection selection = arena.select({arena.learners[2].get(), arena.learners[0].get()});
  const StackVerdict verdict = arena.consider(selection);
  EXPECT_EQ(verdict.end, StackEnd::no_better) << verdict.words;
  EXPECT_FALSE(selection.stack);
}

TEST(Stacking, of_one_system_is_not_considered) {
  Arena arena;
  Selection selection = arena.select({arena.learners[0].get()});
  EXPECT_EQ(arena.consider(selection).end, StackEnd::impossible);
}

TEST(Stacking, that_cannot_be_rehearsed_in_time_does_not_ship) {
  Arena arena;
  Selection selection = arena.select({arena.learners[0].get(), arena.learners[1].get()});
  arena.budget = Budget({.seconds = 1e-6});
  const StackVerdict verdict = arena.consider(selection);
  EXPECT_EQ(verdict.end, StackEnd::no_time) << verdict.words;
  EXPECT_FALSE(selection.stack);
}

}  // namespace
}  // namespace astrolabe::testing
