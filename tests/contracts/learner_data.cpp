// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tests/contracts/learner_contract.h"
#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {

namespace {

constexpr std::uint32_t kCodes = 7;      // what the feature may hold
constexpr std::uint32_t kSeenCodes = 5;  // what training rows hold

void add_category(FeatureMatrix& matrix, std::vector<Feature>& info, const std::vector<std::uint32_t>& codes,
                  bool native) {
  if (native) {
    info.push_back(
        {.name = "color", .source = "color", .kind = FeatureKind::categorical, .categories = kCodes});
    FeatureColumn& column = matrix.columns.emplace_back();
    for (const std::uint32_t code : codes) column.dense.push_back(static_cast<float>(code));
    return;
  }
  for (std::uint32_t code = 0; code < kCodes; ++code) {
    info.push_back({.name = "color=" + std::to_string(code), .source = "color"});
    FeatureColumn& column = matrix.columns.emplace_back();
    column.is_sparse = true;
    for (std::size_t row = 0; row < codes.size(); ++row) {
      if (codes[row] != code) continue;
      column.sparse_rows.push_back(static_cast<std::uint32_t>(row));
      column.sparse_values.push_back(1.0F);
    }
  }
}

double label_of(TaskKind kind, double signal, double tilt, RandomStream& random) {
  if (kind == TaskKind::regression) return 20 + 3 * signal + 0.5 * random.normal();
  if (kind == TaskKind::binary) return random.uniform() < 1 / (1 + std::exp(-2 * signal)) ? 1 : 0;
  const double scores[3] = {1.5 * signal + random.normal() / 2, -1.5 * signal + random.normal() / 2,
                            1.5 * tilt + random.normal() / 2};
  return static_cast<double>(std::max_element(scores, scores + 3) - scores);
}

// Bytes drawn apart from all else, so that the rows are those of data without pictures.
Pixels make_pictures(const std::vector<float>& numbers, Key key) {
  Pixels pixels{.shape = {.height = 5, .width = 6, .channels = 1}, .bytes = {}};
  RandomStream random(key.split("pictures"));
  for (const float number : numbers)
    for (std::size_t i = 0; i < pixels.shape.size(); ++i) {
      const double shade = 100 + 40 * (i < pixels.shape.size() / 2 ? static_cast<double>(number) : 0.0);
      pixels.bytes.push_back(static_cast<std::uint8_t>(std::clamp(shade + 20 * random.normal(), 0.0, 255.0)));
    }
  return pixels;
}

}  // namespace

TrainingData make_data(const DataShape& shape, Key key) {
  RandomStream random(key);
  TrainingData data;
  data.features.rows = shape.rows;
  data.labels.kind = shape.kind;
  data.labels.classes = shape.kind == TaskKind::regression ? 0 : shape.kind == TaskKind::binary ? 2 : 3;

  FeatureColumn height, weight, spots, noise;
  spots.is_sparse = true;
  std::vector<std::uint32_t> codes;
  for (std::size_t row = 0; row < shape.rows; ++row) {
    const double a = random.normal();
    const double b = random.normal();
    const double s = random.uniform() < 0.3 ? 0.5 + random.uniform() : 0.0;
    const auto code = static_cast<std::uint32_t>(random.below(kSeenCodes));
    const bool hidden = shape.missing && random.uniform() < 0.1;
    height.dense.push_back(static_cast<float>(a));
    weight.dense.push_back(hidden ? NAN : static_cast<float>(b));
    noise.dense.push_back(static_cast<float>(random.normal()));
    if (s != 0) {
      spots.sparse_rows.push_back(static_cast<std::uint32_t>(row));
      spots.sparse_values.push_back(static_cast<float>(s));
    }
    codes.push_back(code);
    const double signal = 1.5 * a - b + 0.8 * s + (code == 2 ? 1.0 : code == 4 ? -1.0 : 0.0);
    data.labels.values.push_back(label_of(shape.kind, signal, a + b, random));
  }
  std::vector<Feature> info{{.name = "height", .source = "height"},
                            {.name = "weight", .source = "weight"},
                            {.name = "spots", .source = "spots"},
                            {.name = "noise", .source = "noise"}};
  if (shape.pictures) data.features.pixels = make_pictures(weight.dense, key);
  data.features.columns = {height, weight, spots, noise};
  add_category(data.features, info, codes, shape.categories);
  data.features.info = std::make_shared<const std::vector<Feature>>(std::move(info));
  return data;
}

TrainingData take_rows(const TrainingData& data, std::span<const std::uint32_t> rows) {
  TrainingData taken{.features = data.features.take_rows(rows), .labels = {}};
  taken.labels.kind = data.labels.kind;
  taken.labels.classes = data.labels.classes;
  for (const std::uint32_t row : rows) {
    taken.labels.values.push_back(data.labels.values[row]);
    if (!data.labels.weights.empty()) taken.labels.weights.push_back(data.labels.weights[row]);
  }
  return taken;
}

std::vector<double> predict(const Model& model, const FeatureMatrix& features) {
  // Filled with a value that no model may leave behind.
  std::vector<double> out(features.rows * model.outputs(), std::nan(""));
  model.predict(features, out);
  return out;
}

std::string save(const Model& model) {
  ArchiveWriter archive;
  model.save(archive);
  return archive.bytes();
}

void expect_valid(TaskKind kind, std::size_t outputs, std::span<const double> prediction) {
  for (const double value : prediction) {
    ASSERT_TRUE(std::isfinite(value));
    if (kind == TaskKind::regression) continue;
    ASSERT_TRUE(value >= 0 && value <= 1) << value;
  }
  if (kind != TaskKind::multiclass) return;
  for (std::size_t row = 0; row < prediction.size() / outputs; ++row) {
    double total = 0;
    for (std::size_t k = 0; k < outputs; ++k) total += prediction[row * outputs + k];
    ASSERT_NEAR(total, 1, 1e-9);
  }
}

DataShape LearnerContract::shape(std::size_t rows) const {
  const EncodingNeeds needs = learner().needs();
  return {.kind = kind(),
          .rows = rows,
          .categories = needs.native_categories,
          .missing = needs.native_missing,
          .pictures = needs.images};
}

TrainingData LearnerContract::data(std::size_t rows, std::uint64_t seed) const {
  return make_data(shape(rows), Key::from_seed(seed));
}

std::unique_ptr<const Model> LearnerContract::fit(const TrainingData& train, std::uint64_t seed) {
  return fit_in(pool_, train, seed);
}

std::unique_ptr<const Model> LearnerContract::fit_in(ThreadPool& pool, const TrainingData& train,
                                                     std::uint64_t seed) const {
  const Budget budget;
  return learner().fit({.train = train,
                        .settings = GetParam().entry.settings,
                        .key = Key::from_seed(seed),
                        .pool = pool,
                        .budget = budget});
}

std::unique_ptr<const Model> LearnerContract::fit_within(const Budget& budget, const TrainingData& train) {
  try {
    return learner().fit({.train = train,
                          .settings = GetParam().entry.settings,
                          .key = Key::from_seed(1),
                          .pool = pool_,
                          .budget = budget});
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::cancelled) << error.what();
    return nullptr;
  }
}

std::vector<ContractCase> contract_cases() {
  std::vector<ContractCase> cases;
  for (const ContractEntry& entry : contract_catalog())
    for (const TaskKind kind : entry.kinds) cases.push_back({entry, kind});
  return cases;
}

std::string case_name(const testing::TestParamInfo<ContractCase>& info) {
  std::string name = fmt::format("{}_{}", info.param.entry.learner->name(), task_kind_name(info.param.kind));
  for (const auto& [setting, value] : info.param.entry.settings) name += "_" + setting;
  return name;
}

INSTANTIATE_TEST_SUITE_P(Learners, LearnerContract, testing::ValuesIn(contract_cases()), case_name);

}  // namespace astrolabe
