// SPDX-License-Identifier: Apache-2.0
// Which trial another one grows from, and that a run which goes on grows the same nets again.
#include "astrolabe/workflow/warm_start.h"

#include "tests/evaluate/made_data.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/workflow/final_fit.h"
#include "astrolabe/workflow/system_search.h"

namespace astrolabe {
namespace {

FilledSystem net(const std::string& architecture, SettingValues others = {}) {
  others["architecture"] = architecture;
  return {.learner = "mlp", .settings = std::move(others), .label = "mlp"};
}

TEST(WarmStart, grows_a_net_into_one_that_contains_it) {
  EXPECT_TRUE(grows_from(net("64-64"), net("32-32")));
  EXPECT_TRUE(grows_from(net("32-32-res"), net("32-32")));
  EXPECT_FALSE(grows_from(net("32-32"), net("64-64"))) << "smaller";
  EXPECT_FALSE(grows_from(net("32-32"), net("32-32"))) << "the same";
  EXPECT_FALSE(grows_from(net("64"), net("32-32"))) << "a layer less";
  EXPECT_TRUE(grows_from(net("64"), net("32")));
  EXPECT_FALSE(grows_from(net("65"), net("32"))) << "too much wider";
  EXPECT_FALSE(grows_from(net("32-32"), net("none"))) << "a linear model has no layer to keep";
}

TEST(WarmStart, adds_a_dense_layer_only_behind_an_activation_that_leaves_its_values_alone) {
  EXPECT_FALSE(grows_from(net("32-32"), net("32")));
  EXPECT_TRUE(grows_from(net("32-32", {{"activation", "relu"}}), net("32", {{"activation", "relu"}})));
}

TEST(WarmStart, repeats_whole_layers_under_layer_normalization) {
  const SettingValues layer = {{"normalization", "layer"}};
  EXPECT_TRUE(grows_from(net("64-64", layer), net("32-32", layer)));
  EXPECT_FALSE(grows_from(net("48-48", layer), net("32-32", layer)));
}

TEST(WarmStart, needs_every_other_setting_to_be_equal) {
  EXPECT_FALSE(grows_from(net("64-64", {{"activation", "relu"}}), net("32-32")));
  EXPECT_FALSE(grows_from(net("64-64", {{"optimizer", "sgd"}}), net("32-32")));
  EXPECT_FALSE(grows_from(net("64-64", {{"dropout", 0.1}}), net("32-32", {{"dropout", 0.2}})));
  FilledSystem trees = net("32-32");
  trees.learner = "trees";
  EXPECT_FALSE(grows_from(net("64-64"), trees));
}

TEST(WarmStart, reads_the_parent_of_an_outcome_and_nothing_of_a_broken_one) {
  EXPECT_EQ(parent_in(R"({"grown_from": 12})"), 12U);
  for (const char* text : {"", "{", "[]", "{}", R"({"grown_from": "12"})", R"({"grown_from": -1})"})
    EXPECT_FALSE(parent_in(text)) << text;
}

class WarmSearch : public testing::Test {
 protected:
  static SystemSpace make_space(const std::string& star) {
    const std::vector<LearnerChoice> choices = {
        {.name = "mlp",
         .settings = {{"epochs", std::int64_t{8}}, {"numeric_embedding", "none"}},
         .stars = {{"architecture", star}}}};
    return SystemSpace({.choices = choices, .context = {.kind = TaskKind::binary, .rows = 240}});
  }
  static StudyStore make_store() {
    StudyStore store = StudyStore::open({.url = ":memory:"});
    store.create({.space = "nets", .data_hash = {}, .options = {}});
    return store;
  }

  Selection search(StudyStore& store, std::uint64_t trials, bool warm_start = true) {
    return search_systems({.table = table_,
                           .labels = labels_,
                           .task = task_,
                           .folds = folds_,
                           .space = space_,
                           .store = store,
                           .proposer = "enumeration",
                           .pruner = "none",
                           .trials = trials,
                           .warm_start = warm_start,
                           .key = Key::from_seed(5),
                           .pool = pool_,
                           .budget = budget_,
                           .progress = *progress_});
  }

  void finish(StudyStore& store, double architecture, double cost, const std::string& outcome = "{}") {
    const std::string point = point_text(space_.space(), {{architecture}});
    const auto claim = store.start({.point = point, .key = point, .by = "test"}, worker_identity());
    ASSERT_TRUE(claim);
    ASSERT_TRUE(store.finish(*claim, {.cost = cost, .outcome = outcome}));
  }
  std::optional<std::uint64_t> parent(StudyStore& store, std::uint64_t trial, const std::string& net_text) {
    SettingValues others = {{"epochs", std::int64_t{8}}, {"numeric_embedding", "none"}};
    const FilledSystem system = net(net_text, others);
    const auto found = find_parent({.trial = trial, .system = system, .space = space_, .store = store});
    return found ? std::optional(found->id) : std::nullopt;
  }

  static std::string bytes_of(const CrossValidation& tried) {
    std::string all = tried.candidate.name;
    for (const FittedCandidate& fold : tried.fitted) {
      ArchiveWriter archive;
      fold.model->save(archive);
      all.append(reinterpret_cast<const char*>(archive.bytes().data()), archive.bytes().size());
    }
    return all;
  }
  static std::map<std::uint64_t, std::uint64_t> lines_of(StudyStore& store) {
    std::map<std::uint64_t, std::uint64_t> lines;
    for (const TrialRecord& record : store.finished_after(0, 100))
      if (const auto from = parent_in(record.end.outcome)) lines[record.id] = *from;
    return lines;
  }

  SystemSpace space_ = make_space("4,8,16,24,4-4,8-8,8-8-res");
  Table table_{{numbers("a", normal_values(240, 1)), numbers("b", normal_values(240, 2))}};
  Labels labels_ = [] {
    const std::vector<double> a = normal_values(240, 1), b = normal_values(240, 2), c = normal_values(240, 3);
    std::vector<double> classes(240);
    for (std::size_t row = 0; row < 240; ++row) classes[row] = a[row] * b[row] + 0.3 * c[row] > 0 ? 1 : 0;
    return class_labels(classes);
  }();
  Task task_ = class_task();
  std::vector<Fold> folds_ = make_folds(table_, all_rows(240), {}, {}, 3, Key::from_seed(2));
  ThreadPool pool_{1};
  Budget budget_;
  std::unique_ptr<Progress> progress_ = silent_progress();
};

TEST_F(WarmSearch, takes_the_best_of_the_trials_that_can_be_grown) {
  StudyStore store = make_store();
  finish(store, 0, 0.5);  // 4
  finish(store, 1, 0.2);  // 8
  finish(store, 3, 0.1);  // 24: the best, but larger
  finish(store, 4, 0.0);  // 4-4: of another depth
  EXPECT_EQ(parent(store, 5, "16"), 2U);
  EXPECT_EQ(parent(store, 5, "32"), 3U);
  EXPECT_EQ(parent(store, 5, "8"), 1U);
  EXPECT_EQ(parent(store, 5, "100"), std::nullopt);
  EXPECT_EQ(parent(store, 2, "16"), std::nullopt) << "what came later is not looked at";
  EXPECT_EQ(parent(store, 5, "2"), std::nullopt);
}

TEST_F(WarmSearch, ends_a_line_after_some_generations) {
  StudyStore store = make_store();
  finish(store, 0, 0.5);
  finish(store, 1, 0.4, R"({"grown_from": 1})");
  finish(store, 2, 0.3, R"({"grown_from": 2})");
  EXPECT_EQ(parent(store, 9, "24"), 3U);
  EXPECT_EQ(parent(store, 9, "48"), std::nullopt);
  finish(store, 3, 0.2, R"({"grown_from": 3})");
  EXPECT_EQ(parent(store, 9, "32"), 3U) << "the best is a child of the third generation";
  EXPECT_EQ(parent(store, 9, "48"), std::nullopt);
}

TEST_F(WarmSearch, grows_what_it_can_and_says_from_what) {
  StudyStore store = make_store();
  const Selection selection = search(store, 7);
  const std::map<std::uint64_t, std::uint64_t> lines = lines_of(store);
  EXPECT_GE(lines.size(), 3U);
  EXPECT_FALSE(lines.contains(1)) << "nothing was there before it";
  for (const auto& [child, from] : lines) EXPECT_LT(from, child);
  for (const TrialRecord& record : store.finished_after(0, 100)) {
    const auto outcome = nlohmann::json::parse(record.end.outcome);
    EXPECT_EQ(outcome.contains("grown_from"), outcome.contains("seconds_spared"));
    EXPECT_EQ(outcome.contains("grown_from"),
              outcome.at("system").get<std::string>().find("grown from #") != std::string::npos);
  }
  StudyStore anew = make_store();
  static_cast<void>(search(anew, 7, false));
  EXPECT_TRUE(lines_of(anew).empty());
}

TEST_F(WarmSearch, that_goes_on_later_ends_with_the_same_bytes) {
  StudyStore whole = make_store();
  const Selection expected = search(whole, 7);
  for (const std::uint64_t stopped : {2U, 4U, 6U}) {
    StudyStore store = make_store();
    static_cast<void>(search(store, stopped));
    const Selection selection = search(store, 7);  // everything that was fitted is forgotten
    EXPECT_EQ(lines_of(store), lines_of(whole));
    ASSERT_EQ(selection.tried.size(), expected.tried.size());
    for (std::size_t i = 0; i < selection.tried.size(); ++i)
      EXPECT_EQ(bytes_of(selection.tried[i]), bytes_of(expected.tried[i])) << i << " after " << stopped;
    EXPECT_EQ(selection.chosen, expected.chosen);
  }
}

TEST_F(WarmSearch, is_fitted_again_for_shipping_from_its_parent_on_the_same_rows) {
  StudyStore store = make_store();
  Selection selection = search(store, 7);
  const auto grown = std::ranges::find_if(selection.tried, [](const auto& t) { return t.parent != nullptr; });
  ASSERT_NE(grown, selection.tried.end());
  selection.chosen = {static_cast<std::size_t>(grown - selection.tried.begin())};
  selection.weights = {1.0};
  const RefitRequest request{.table = table_,
                             .labels = labels_,
                             .key = Key::from_seed(7),
                             .pool = pool_,
                             .budget = budget_,
                             .progress = *progress_};
  const auto members = refit_members(selection, request);
  ASSERT_TRUE(members);
  // As long as the folds grew, and no more.
  EXPECT_LE(std::get<std::int64_t>(members->at(0).settings.at("epochs")), 8);
  EXPECT_GT(std::get<double>(members->at(0).settings.at("learning_rate")), 0);
  const auto from_nothing = std::make_shared<CrossValidation>(*grown);
  from_nothing->parent = nullptr;
  selection.tried[selection.chosen[0]] = *from_nothing;
  const auto cold = refit_members(selection, request);
  const FeatureMatrix rows = members->at(0).encoder->encode(table_, all_rows(240), pool_);
  std::vector<double> warm_answers(240), cold_answers(240);
  members->at(0).model->predict(rows, warm_answers);
  cold->at(0).model->predict(rows, cold_answers);
  EXPECT_NE(warm_answers, cold_answers);
}

TEST(WarmStart, trains_a_child_for_a_share_of_what_its_parent_needed) {
  auto parent = std::make_shared<CrossValidation>();
  parent->candidate = {
      .learner = find_learner("mlp"), .settings = {{"patience", std::int64_t{10}}}, .name = "p"};
  parent->complete = true;
  const Table table({numbers("a", normal_values(60, 1))});
  const Labels labels = class_labels(random_classes(60, 4));
  ThreadPool pool(1);
  const Budget budget;
  Candidate quick = parent->candidate;
  quick.settings = {{"epochs", std::int64_t{1}}, {"architecture", "2"}};
  const std::vector<RowIndex> rows = all_rows(60);
  const FittedCandidate fitted = fit_candidate(quick, {.table = table,
                                                       .labels = labels,
                                                       .train = rows,
                                                       .key = Key::from_seed(1),
                                                       .pool = pool,
                                                       .budget = budget});
  for (const std::int64_t stop : {80, 12, 3}) {
    parent->fitted.push_back(fitted);
    parent->found.push_back({{"epochs", std::int64_t{200}}, {"stop_after", stop}});
  }
  const std::optional<GrowthPlan> plan = plan_growth(parent);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->starts.size(), 3U);
  EXPECT_EQ(plan->starts[0].settings.at("epochs"), SettingValue(std::int64_t{20}));
  EXPECT_EQ(plan->starts[1].settings.at("epochs"), SettingValue(std::int64_t{5}));
  EXPECT_EQ(plan->starts[2].settings.at("epochs"), SettingValue(std::int64_t{3}));
  EXPECT_NEAR(plan->effort, (170.0 + 34 + 16) / 28, 1e-12);
  // A child of the child is measured by the first of the line, and trained as slowly as the child.
  auto child = std::make_shared<CrossValidation>(*parent);
  child->parent = parent;
  for (SettingValues& found : child->found) found["epochs"] = found["stop_after"] = std::int64_t{1};
  const std::optional<GrowthPlan> next = plan_growth(child);
  ASSERT_TRUE(next);
  for (std::size_t fold = 0; fold < 3; ++fold)
    EXPECT_EQ(next->starts[fold].settings, plan->starts[fold].settings);
  parent->complete = false;
  EXPECT_FALSE(plan_growth(parent));
}

}  // namespace
}  // namespace astrolabe
