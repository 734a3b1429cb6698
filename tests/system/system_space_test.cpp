// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/system_space.h"

#include <cmath>
#include <set>

#include "tests/system/draft_space.h"
#include <gtest/gtest.h>

#include "astrolabe/parts/catalog.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/system/setting_ranges.h"

namespace astrolabe {
namespace {

using testing::message_of;

SystemSpace of(const std::vector<LearnerChoice>& choices, bool tunes = false,
               TaskKind kind = TaskKind::binary) {
  return SystemSpace(
      {.choices = choices, .tunes_settings = tunes, .context = {.kind = kind, .rows = 10'000}});
}

LearnerChoice mlp(std::map<std::string, std::string> stars, SettingValues settings = {}) {
  return {.name = "mlp", .settings = std::move(settings), .stars = std::move(stars)};
}

// The point of some values by name, all else as first_points() has it.
Point point_of(const SystemSpace& stars, const std::map<std::string, std::string>& values) {
  Point point = stars.first_points()[0];
  for (const auto& [name, text] : values) {
    const std::size_t d = *stars.space().find(name);
    const Dimension& dimension = stars.space().dimensions()[d];
    if (const auto* choices = std::get_if<Choices>(&dimension.domain)) {
      const auto place = std::ranges::find(choices->options, text);
      EXPECT_NE(place, choices->options.end()) << text;
      point.values[d] = static_cast<double>(place - choices->options.begin());
    } else {
      point.values[d] = std::stod(text);
    }
  }
  return point;
}

TEST(SystemSpace, of_one_star_has_the_slots_own_names) {
  const SystemSpace stars = of({mlp({{"activation", "x*sigmoid(*)"}})});
  ASSERT_EQ(stars.space().size(), 1);
  EXPECT_EQ(stars.space().dimensions()[0].name, "activation.hole");
  const FilledSystem filled = stars.fill(point_of(stars, {{"activation.hole", "beta*x"}}));
  EXPECT_EQ(filled.learner, "mlp");
  EXPECT_EQ(std::get<std::string>(filled.settings.at("activation")), "x*sigmoid(beta*x)");
  EXPECT_EQ(filled.label, "mlp(activation=x*sigmoid(beta*x))");
  EXPECT_EQ(filled.nodes, 5);  // x, beta, their product, its sigmoid, the product
}

TEST(SystemSpace, of_several_learners_has_each_ones_dimensions_under_its_name) {
  const SystemSpace stars = of({{.name = "trees", .settings = {}, .stars = {{"max_leaves", "*"}}},
                                mlp({{"activation", "relu,gelu"}}, {{"dropout", 0.0}})});
  const Space& space = stars.space();
  const std::size_t leaves = *space.find("trees.max_leaves"), activation = *space.find("mlp.activation");
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Point point = random_point(space, Key::from_seed(i));
    const FilledSystem filled = stars.fill(point);
    EXPECT_EQ(filled.learner == "trees", !std::isnan(point.values[leaves]));
    EXPECT_EQ(filled.learner == "mlp", !std::isnan(point.values[activation]));
    EXPECT_EQ(filled.settings.contains("dropout"), filled.learner == "mlp");
  }
}

TEST(SystemSpace, takes_one_learner_twice) {
  const SystemSpace stars = of({mlp({{"activation", "relu,gelu"}}), mlp({{"optimizer", "adam,sgd"}})});
  EXPECT_TRUE(stars.space().find("mlp.activation"));
  EXPECT_TRUE(stars.space().find("mlp#2.optimizer"));
}

TEST(SystemSpace, fills_settings_that_the_learner_takes) {
  const std::vector<LearnerChoice> choices = {
      mlp({{"activation", "*"},
           {"loss", "*"},
           {"optimizer", "*"},
           {"schedule", "*"},
           {"architecture", "*"},
           {"batch_size", "*"},
           {"dropout", "*"},
           {"normalization", "*"}}),
      {.name = "trees", .settings = {}, .stars = {{"loss", "*"}, {"learning_rate", "0.01..0.5"}}},
      {.name = "linear", .settings = {}, .stars = {}}};
  for (const TaskKind kind : {TaskKind::binary, TaskKind::regression}) {
    const SystemSpace stars = of(choices, false, kind);
    std::size_t sound = 0;
    for (std::uint64_t i = 0; i < 200; ++i) {
      const Point point = random_point(stars.space(), Key::from_seed(i));
      const FilledSystem filled = stars.fill(point);
      const Learner& learner = *find_learner(filled.learner);
      for (const auto& [name, value] : filled.settings) {
        const SettingField& field = require_field(filled.learner, learner.fields(), name);
        EXPECT_EQ(checked_value(filled.learner, field, value), value);
      }
      if (stars.refuse(point)) continue;
      ++sound;
      for (const Vocabulary slot :
           {Vocabulary::activation, Vocabulary::loss, Vocabulary::optimizer, Vocabulary::schedule}) {
        const auto set = filled.settings.find(vocabulary_name(slot));
        if (set == filled.settings.end()) continue;
        EXPECT_NO_THROW(static_cast<void>(resolve_part(slot, std::get<std::string>(set->second))));
      }
    }
    EXPECT_GT(sound, 60);
  }
}

TEST(SystemSpace, tunes_what_is_neither_set_nor_starred) {
  const SystemSpace stars = of({{.name = "trees", .settings = {{"l2", 1.0}}, .stars = {}},
                                mlp({{"activation", "relu,gelu"}}),
                                {.name = "linear"},
                                {.name = "baseline"}},
                               true);
  EXPECT_TRUE(stars.space().find("trees.learning_rate"));
  EXPECT_FALSE(stars.space().find("trees.l2"));
  EXPECT_TRUE(stars.space().find("mlp.dropout"));
  EXPECT_TRUE(stars.space().find("linear.l1_ratio"));
  EXPECT_EQ(value_count(stars.space().dimensions()[*stars.space().find("mlp.activation")]), 2);
  for (const LearnerChoice& choice :
       {LearnerChoice{.name = "trees"}, mlp({}), LearnerChoice{.name = "linear"}})
    for (const std::string_view setting : tuned_settings(choice.name))
      EXPECT_TRUE(star_of_setting(choice.name, setting));
}

TEST(SystemSpace, begins_with_the_defaults_of_every_learner_and_then_the_named_parts) {
  const SystemSpace stars = of({{.name = "trees"}, mlp({{"activation", "*"}}), {.name = "baseline"}}, false);
  const std::vector<Point> points = stars.first_points();
  EXPECT_EQ(stars.fill(points[0]).learner, "trees");
  EXPECT_EQ(stars.fill(points[1]).label, "mlp(activation=silu)");
  EXPECT_EQ(stars.fill(points[2]).learner, "baseline");
  std::set<std::string> labels;
  for (const Point& point : points) {
    EXPECT_EQ(repaired(stars.space(), point, Key{}), point);
    labels.insert(stars.fill(point).label);
  }
  EXPECT_TRUE(labels.contains("mlp(activation=relu)"));
  EXPECT_TRUE(labels.contains("mlp(activation=sigmoid(beta*x)*x)"));
  EXPECT_EQ(labels.size(), points.size());
}

TEST(SystemSpace, begins_with_the_learners_own_defaults) {
  for (const char* name : {"trees", "linear", "mlp"}) {
    const SystemSpace stars = of({{.name = name}}, true);
    const FilledSystem first = stars.fill(stars.first_points()[0]);
    for (const auto& [setting, value] : first.settings) {
      const SettingField& field = require_field(name, find_learner(name)->fields(), setting);
      // 0 is by the rows of a fit: the middle of the range stands for it.
      const bool is_by_the_rows = setting == "learning_rate" || setting == "min_rows";
      if (std::string_view(name) == "trees" && is_by_the_rows) continue;
      // 0 is the optimizer's own rate: that of adam stands in the middle of the range.
      const bool is_rate = std::string_view(name) == "mlp" && setting == "learning_rate";
      EXPECT_EQ(value, is_rate ? SettingValue(find_part(Vocabulary::optimizer, "adam")->learning_rate)
                               : field.default_value)
          << setting;
    }
  }
}

TEST(SystemSpace, scales_the_learning_rate_with_the_batch_where_it_is_free) {
  const SystemSpace stars = of({mlp({{"batch_size", "*"}}, {{"optimizer", "sgd"}})});
  const auto rate = [&](const std::string& size, const std::string& scaling) {
    const FilledSystem filled =
        stars.fill(point_of(stars, {{"batch_size.size", size}, {"batch_size.scaling", scaling}}));
    EXPECT_EQ(std::get<std::int64_t>(filled.settings.at("batch_size")), std::stoll(size));
    const auto set = filled.settings.find("learning_rate");
    return set == filled.settings.end() ? -1 : std::get<double>(set->second);
  };
  EXPECT_EQ(rate("512", "none"), -1);
  EXPECT_EQ(rate("512", "linear"), 0.05 * 4);
  EXPECT_EQ(rate("512", "sqrt"), 0.05 * 2);
  EXPECT_FALSE(of({mlp({{"batch_size", "*"}}, {{"learning_rate", 0.1}})}).space().find("batch_size.scaling"));
  EXPECT_FALSE(of({mlp({{"batch_size", "32,64"}})}).space().find("batch_size.scaling"));
}

TEST(SystemSpace, knows_points_that_compute_the_same) {
  const SystemSpace stars = of({mlp({{"activation", "*ramachandran"}})});
  const auto key = [&](const std::string& u1, const std::string& u2, const std::string& b) {
    return stars.equivalence(
        point_of(stars, {{"activation.u1", u1}, {"activation.u2", u2}, {"activation.b", b}}));
  };
  EXPECT_EQ(key("sigmoid(x)", "x", "x1*x2"), key("x", "x", "sigmoid(x1)*x2"));
  EXPECT_EQ(key("x", "tanh(x)", "x1+x2"), key("tanh(x)", "x", "x1+x2"));
  EXPECT_NE(key("x", "tanh(x)", "x1+x2"), key("x", "tanh(x)", "x1-x2"));
}

TEST(SystemSpace, leaves_out_what_has_no_effect_on_such_a_table) {
  const std::vector<LearnerChoice> open = {{.name = "trees"}};
  const auto tuned = [&](const SpaceContext& context) {
    return SystemSpace({.choices = open, .tunes_settings = true, .context = context});
  };
  EXPECT_TRUE(tuned({}).space().find("cat_smooth"));
  EXPECT_TRUE(tuned({}).space().find("column_sample"));
  EXPECT_FALSE(tuned({.has_categories = false}).space().find("cat_smooth"));
  EXPECT_TRUE(tuned({.has_categories = false}).space().find("column_sample"));
  EXPECT_FALSE(tuned({.has_several_features = false}).space().find("column_sample"));
}

TEST(SystemSpace, takes_systems_that_differ_in_what_has_no_effect_for_the_same) {
  const auto keys = [](const LearnerChoice& choice, const SpaceContext& context) {
    const SystemSpace stars({.choices = std::span(&choice, 1), .context = context});
    std::set<std::string> all;
    for (std::uint64_t i = 0; i < 9; ++i)
      all.insert(stars.equivalence(random_point(stars.space(), Key::from_seed(i))));
    return all.size();
  };
  for (const char* setting : {"cat_smooth", "cat_l2", "column_sample"}) {
    const LearnerChoice trees{.name = "trees", .settings = {}, .stars = {{setting, "*"}}};
    EXPECT_EQ(keys(trees, {}), 9) << setting;
    EXPECT_EQ(keys(trees, {.has_categories = false, .has_several_features = false}), 1) << setting;
  }
  const LearnerChoice smoothed = mlp({{"label_smoothing", "*"}});
  EXPECT_EQ(keys(smoothed, {.kind = TaskKind::multiclass}), 9);
  EXPECT_EQ(keys(smoothed, {.kind = TaskKind::regression}), 1);
}

TEST(SystemSpace, knows_the_share_of_its_points_that_are_different) {
  EXPECT_EQ(of({mlp({{"activation", "*ramachandran"}})}).different_share(), 4081.0 / 6250);
  EXPECT_EQ(of({mlp({{"activation", "*ramachandran"}, {"dropout", "*"}})}).different_share(), 4081.0 / 6250);
  EXPECT_EQ(of({mlp({{"activation", "relu,max(x,0),silu,x*sigmoid(x)"}})}).different_share(), 0.5);
  EXPECT_EQ(of({mlp({{"activation", "relu,silu"}, {"batch_size", "32,64"}})}).different_share(), 1.0);
  EXPECT_EQ(of({mlp({{"schedule", "*decays"}})}).different_share(), 13.0 / 14);
  EXPECT_EQ(of({mlp({}), {.name = "trees"}}, true).different_share(), 1.0);
  // More than can be compared at once, numbers to choose, several learners.
  EXPECT_EQ(of({mlp({{"activation", "relu,*ramachandran"}})}).different_share(), std::nullopt);
  EXPECT_EQ(of({mlp({{"loss", "*glo"}})}).different_share(), std::nullopt);
  EXPECT_EQ(of({mlp({{"activation", "relu,leaky_relu(*0.01..0.1)"}})}).different_share(), std::nullopt);
  EXPECT_EQ(of({mlp({{"activation", "relu,max(x,0)"}}), {.name = "trees"}}).different_share(), std::nullopt);
}

TEST(SystemSpace, counts_the_scale_of_an_optimizer_unless_its_rate_is_raced) {
  const auto keys = [](SettingValues settings) {
    const SystemSpace stars = of({mlp({{"optimizer", "lr*g,2*lr*g,sgd"}}, std::move(settings))});
    std::set<std::string> all;
    for (const char* text : {"lr*g", "2*lr*g", "sgd"})
      all.insert(stars.equivalence(point_of(stars, {{"optimizer", text}})));
    return all.size();
  };
  EXPECT_EQ(keys({}), 2);                         // the two formulas; sgd brings a rate of its own
  EXPECT_EQ(keys({{"learning_rate", 0.01}}), 2);  // lr*g is sgd, 2*lr*g is not
}

TEST(SystemSpace, refuses_what_nothing_can_be_learned_with_in_words) {
  const SystemSpace stars = of({mlp({{"activation", "*ramachandran"}})});
  EXPECT_EQ(stars.refuse(point_of(stars, {{"activation.u1", "sqrt(x)"}, {"activation.b", "x1+x2"}})),
            "the activation sqrt(x)+x: it is not finite at 18 of 32 points from -5 to 5");
  EXPECT_EQ(stars.refuse(point_of(stars, {{"activation.u1", "tanh(x)"}})), std::nullopt);
  const SystemSpace losses = of({mlp({{"loss", "(y-*)^2"}})}, false, TaskKind::regression);
  EXPECT_EQ(losses.refuse(point_of(losses, {{"loss.hole", "z"}})), std::nullopt);
}

TEST(SystemSpace, without_a_star_is_one_point) {
  const SystemSpace stars = of({mlp({}, {{"dropout", 0.1}})});
  EXPECT_EQ(stars.space().size(), 0);
  ASSERT_EQ(stars.first_points().size(), 1);
  EXPECT_EQ(stars.fill(stars.first_points()[0]).label, "mlp");
}

TEST(SystemSpace, tells_about_its_stars) {
  const SystemSpace stars = of({mlp({{"activation", "x*sigmoid(*)"}, {"optimizer", "*bello"}})});
  ASSERT_EQ(stars.stars().size(), 2);
  EXPECT_EQ(stars.stars()[0].slot, "activation");
  EXPECT_EQ(stars.stars()[0].text, "x*sigmoid(*)");
  EXPECT_EQ(stars.stars()[0].count, 25);
  EXPECT_EQ(stars.stars()[1].spaces, (std::vector<std::string>{"bello(1)"}));
  EXPECT_EQ(stars.stars()[1].count, 249'696);
  EXPECT_EQ(stars.stars()[1].members[0], "adam");
}

TEST(SystemSpace, complains_of_settings_and_learners_that_are_not_there) {
  EXPECT_TRUE(message_of([] {
                static_cast<void>(of({mlp({{"activations", "*"}})}));
              }).starts_with("setting mlp.activations: there is no such setting. Did you mean activation? "));
  EXPECT_EQ(
      message_of([] { static_cast<void>(of({{.name = "mpl"}})); }),
      "choosing a learner: expected one of baseline, linear, trees, forest, mlp, kernel, cnn, found 'mpl'. "
      "Did you mean mlp?");
}

}  // namespace
}  // namespace astrolabe
