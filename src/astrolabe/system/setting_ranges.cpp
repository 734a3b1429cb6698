// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/setting_ranges.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

struct SettingRow {
  std::string_view learner, setting, star;
  bool is_tuned;
};

// Sources of the ranges of trees: Probst, Boulesteix and Bischl, "Tunability" (JMLR 2019), and FLAML's; of
// nets: Gorishniy and others, "Revisiting deep learning models for tabular data" (NeurIPS 2021).
constexpr auto kSettings = std::to_array<SettingRow>({
    {"trees", "learning_rate", "0.01..0.3", true},
    {"trees", "max_leaves", "7..127", true},
    {"trees", "min_rows", "3..100", true},
    {"trees", "column_sample", "0.3..1", true},
    {"trees", "row_sample", "0.5..1", true},
    {"trees", "l2", "0.1..30", true},
    {"trees", "cat_smooth", "1..100", true},
    {"trees", "growth", "best_first,depth_wise", false},
    {"trees", "max_depth", "3..12", false},
    {"trees", "rounds", "50..2000", false},
    {"trees", "max_bins", "31..255", false},
    {"trees", "l1", "0.001..10", false},
    {"trees", "min_hessian", "1e-4..10", false},
    {"trees", "cat_l2", "0.1..30", false},
    {"trees", "one_vs_rest", "1..16", false},
    {"trees", "boosting", "plain,dart", false},
    {"trees", "drop_rate", "0.01..0.3", false},
    {"trees", "sampling", "uniform,goss", false},
    {"trees", "linear_leaves", "false,true", false},
    {"trees", "linear_l2", "1..100", false},
    {"forest", "columns", "0,0.3,0.6,1", true},
    {"forest", "splits", "random,best", true},
    {"forest", "min_rows", "1..20", true},
    {"forest", "smoothing", "0.001..1", false},
    {"forest", "trees", "50..1000", false},
    {"forest", "max_depth", "3..32", false},
    {"forest", "max_bins", "31..255", false},
    {"kernel", "bandwidth", "0,0.1..10", true},
    {"kernel", "kernel", "gaussian,laplacian,matern12,matern32,matern52,arc_cosine0,arc_cosine1,polynomial",
     true},
    {"kernel", "features", "auto,random,structured,nystroem", false},
    {"kernel", "components", "100..4000", false},
    {"kernel", "degree", "2..4", false},
    {"kernel", "penalty", "1e-7..1", false},
    {"linear", "l1_ratio", "0..1", true},
    {"linear", "penalty", "1e-6..1", false},
    {"mlp", "learning_rate", "4e-4..1e-2", true},
    {"mlp", "architecture", "128-128,32-32,64-64,256-256,64,256,128-128-128,128-res,256-res-res", true},
    {"mlp", "dropout", "0..0.5", true},
    {"mlp", "weight_decay", "1e-3..1", true},
    {"mlp", "normalization", "none,layer,batch", true},
    {"mlp", "numeric_embedding", "none,periodic,piecewise_linear", true},
    {"mlp", "activation", "silu,relu,gelu,mish,tanh", true},
    {"mlp", "batch_size", "0,32,64,128,256", true},
    {"mlp", "label_smoothing", "0..0.2", false},
    {"mlp", "epochs", "20..400", false},
    {"mlp", "patience", "10..100", false},
    {"mlp", "clip", "0.1..10", false},
    {"mlp", "initialization", "he,glorot,lecun,orthogonal", false},
    {"mlp", "distill_temperature", "1..16", false},
    {"mlp", "distill_share", "0.1..0.95", false},
    {"baseline", "statistic", "mean,median", false},
});

constexpr auto kOfPictures = std::to_array<SettingRow>({
    {"cnn", "learning_rate", "1e-3..3e-2", true},
    {"cnn", "augmentation",
     "auto,none,shift,flip,cutout,mixup,shift+flip,shift+cutout,shift+mixup,flip+cutout,flip+mixup,cutout+"
     "mixup,"
     "shift+flip+cutout,shift+flip+mixup,shift+cutout+mixup,flip+cutout+mixup,shift+flip+cutout+mixup",
     true},
    {"cnn", "normalization", "batch,none,layer,group", true},
    {"cnn", "weight_decay", "1e-3..0.5", true},
    {"cnn", "dropout", "0..0.5", true},
    {"cnn", "activation", "relu,silu,gelu,mish,tanh", true},
    {"cnn", "batch_size", "0,32,64,128,256", true},
    {"cnn", "label_smoothing", "0..0.2", false},
    {"cnn", "epochs", "5..60", false},
    {"cnn", "patience", "3..30", false},
    {"cnn", "clip", "0.1..10", false},
    {"cnn", "initialization", "he,glorot,lecun,orthogonal", false},
    {"cnn", "distill_temperature", "1..16", false},
    {"cnn", "distill_share", "0.1..0.95", false},
});

// All of them, by learners.
const std::vector<SettingRow>& all_settings() {
  static const std::vector<SettingRow> kAll = [] {
    std::vector<SettingRow> all(kSettings.begin(), kSettings.end());
    all.insert(all.end(), kOfPictures.begin(), kOfPictures.end());
    return all;
  }();
  return kAll;
}

struct PartRange {
  Vocabulary slot;
  std::string_view part, setting, range;
};
constexpr std::array<PartRange, 28> kParts{{
    {Vocabulary::activation, "leaky_relu", "a", "0.003..0.3"},
    {Vocabulary::activation, "elu", "a", "0.1..3"},
    {Vocabulary::loss, "focal", "gamma", "0.1..5"},
    {Vocabulary::loss, "label_smoothing", "a", "0.01..0.3"},
    {Vocabulary::loss, "huber", "delta", "0.1..10"},
    {Vocabulary::loss, "tweedie", "power", "1.1..1.9"},
    {Vocabulary::optimizer, "adamw", "b1", "0.8..0.95"},
    {Vocabulary::optimizer, "adamw", "b2", "0.95..0.9999"},
    {Vocabulary::optimizer, "adamw", "eps", "1e-10..1e-4"},
    {Vocabulary::optimizer, "adamw", "wd", "0.001..1"},
    {Vocabulary::optimizer, "adam", "b1", "0.8..0.95"},
    {Vocabulary::optimizer, "adam", "b2", "0.95..0.9999"},
    {Vocabulary::optimizer, "adam", "eps", "1e-10..1e-4"},
    {Vocabulary::optimizer, "nadam", "b1", "0.8..0.95"},
    {Vocabulary::optimizer, "nadam", "b2", "0.95..0.9999"},
    {Vocabulary::optimizer, "nadam", "eps", "1e-10..1e-4"},
    {Vocabulary::optimizer, "momentum", "m", "0.5..0.98"},
    {Vocabulary::optimizer, "nesterov", "m", "0.5..0.98"},
    {Vocabulary::optimizer, "rmsprop", "a", "0.9..0.999"},
    {Vocabulary::optimizer, "rmsprop", "eps", "1e-10..1e-4"},
    {Vocabulary::optimizer, "adagrad", "eps", "1e-10..1e-4"},
    {Vocabulary::optimizer, "lion", "b1", "0.8..0.95"},
    {Vocabulary::optimizer, "lion", "b2", "0.95..0.999"},
    {Vocabulary::optimizer, "addsign", "beta", "0.8..0.98"},
    {Vocabulary::optimizer, "powersign", "beta", "0.8..0.98"},
    {Vocabulary::schedule, "restarts", "n", "2..8"},
    {Vocabulary::schedule, "onecycle", "warm", "0.1..0.5"},
    {Vocabulary::schedule, "warmup", "warm", "0.02..0.3"},
}};

}  // namespace

std::optional<std::string_view> star_of_setting(std::string_view learner, std::string_view setting) {
  const auto row = std::ranges::find_if(all_settings(), [&](const SettingRow& known) {
    return known.learner == learner && known.setting == setting;
  });
  if (row == all_settings().end()) return std::nullopt;
  return row->star;
}

std::vector<std::string_view> tuned_settings(std::string_view learner) {
  std::vector<std::string_view> names;
  for (const SettingRow& row : all_settings())
    if (row.learner == learner && row.is_tuned) names.push_back(row.setting);
  return names;
}

bool has_effect(std::string_view learner, std::string_view setting, const SpaceContext& context) {
  if (learner == "trees") {
    const bool is_of_categories = setting == "cat_smooth" || setting == "cat_l2" || setting == "one_vs_rest";
    if (is_of_categories) return context.has_categories;
    return setting != "column_sample" || context.has_several_features;
  }
  const bool is_net = learner == "mlp" || learner == "cnn";
  return !is_net || setting != "label_smoothing" || context.kind != TaskKind::regression;
}

SettingValues probe_settings(std::string_view learner, const SettingValues& settings, std::size_t rows) {
  // One look at every picture of probe_rows.
  if (learner == "cnn") return {{"epochs", std::int64_t{1}}};
  if (learner != "mlp") return {};
  // About 30,000 rows pass by: tens of milliseconds, with the whole schedule in them. A short training needs
  // long steps; at the usual ones it only shows which function learns first.
  const std::size_t epochs = std::clamp<std::size_t>(30'000 / std::max<std::size_t>(rows, 1), 2, 24);
  SettingValues cheap = {{"epochs", static_cast<std::int64_t>(epochs)}};
  if (!settings.contains("learning_rate") && !settings.contains("optimizer")) cheap["learning_rate"] = 0.01;
  return cheap;
}

std::size_t probe_rows(std::string_view learner) {
  return learner == "cnn" ? 8'000 : 0;  // some seconds
}

std::optional<StarRange> range_of_part_setting(const PartRow& part, std::string_view setting) {
  const auto* row = std::ranges::find_if(kParts, [&](const PartRange& known) {
    return known.slot == part.slot && known.part == part.name && known.setting == setting;
  });
  if (row == kParts.end()) return std::nullopt;
  return find_range(row->range);
}

PointText write_part_setting(const SpaceWriter& writer, std::string_view name, const PartRow& part,
                             const PartSetting& setting) {
  const std::optional<StarRange> range = range_of_part_setting(part, setting.name);
  if (!range) {
    return [value = fmt::format("{}", setting.default_value)](const Point&) { return value; };
  }
  const std::size_t d =
      writer.add(name, range->domain(true), std::clamp(setting.default_value, range->low, range->high));
  return [d](const Point& point) { return fmt::format("{}", point.values[d]); };
}

}  // namespace astrolabe
