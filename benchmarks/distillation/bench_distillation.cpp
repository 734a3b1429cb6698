// SPDX-License-Identifier: Apache-2.0
// Hinton, Vinyals and Dean's distillation of MNIST at its size: a teacher 784-1200-1200 with dropout and
// moved pictures, students 784-800-800 with neither, one by the labels and one for each temperature.
//
//   bench_distillation FOLDER SEED TEACHER_EPOCHS STUDENT_EPOCHS [TEACHER [STUDENT]]
//
// FOLDER holds the IDX files of MNIST. One thread; errors of the 10,000 test pictures, processor seconds.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <iostream>

#include "benchmarks/bench_input.h"
#include "benchmarks/idx_input.h"
#include <fmt/format.h>

#include "astrolabe/learners/neural/cnn.h"

namespace astrolabe {
namespace {

constexpr std::size_t kClasses = 10;

struct Bench {
  TrainingData train, test;
  Key key;

  // Prints one line; returns the model.
  std::unique_ptr<const Model> fit(const std::string& name, SettingValues settings,
                                   std::span<const double> taught = {}) const {
    settings["label_smoothing"] = 0.0;
    settings["learning_rate"] = 0.001;
    ThreadPool pool(1);
    const Budget budget;
    const std::clock_t begin = std::clock();
    std::unique_ptr<const Model> model = cnn_learner().fit(
        {.train = train, .settings = settings, .key = key, .pool = pool, .budget = budget, .taught = taught});
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    fmt::print("| {} | {} | {:.0f} |\n", name, errors(*model), seconds);
    std::fflush(stdout);
    return model;
  }

  [[nodiscard]] std::size_t errors(const Model& model) const {
    std::vector<double> p(test.features.rows * kClasses);
    model.predict(test.features, p);
    std::size_t wrong = 0;
    for (std::size_t row = 0; row < test.features.rows; ++row) {
      const auto begin = p.begin() + static_cast<std::ptrdiff_t>(row * kClasses);
      const auto said = std::max_element(begin, begin + kClasses) - begin;
      if (said != static_cast<std::ptrdiff_t>(test.labels.values[row])) ++wrong;
    }
    return wrong;
  }
};

int bench(std::span<char* const> words) {
  const std::string folder = words[0];
  const Bench bench{.train = read_idx(folder + "/train"),
                    .test = read_idx(folder + "/t10k"),
                    .key = Key::from_seed(std::stoul(words[1]))};
  const std::string teacher_net = words.size() > 4 ? words[4] : "1200-1200";
  const std::string student_net = words.size() > 5 ? words[5] : "800-800";
  fmt::print("| net, seed {} | errors of {} | processor s |\n|---|---|---|\n", words[1],
             bench.test.features.rows);
  const auto teacher = bench.fit(fmt::format("teacher {}, {} epochs", teacher_net, words[2]),
                                 {{"architecture", teacher_net},
                                  {"epochs", std::int64_t{std::stoll(words[2])}},
                                  {"dropout", 0.3},
                                  {"weight_decay", 0.05},
                                  {"augmentation", std::string("shift")}});
  const SettingValues student = {{"architecture", student_net},
                                 {"epochs", std::int64_t{std::stoll(words[3])}},
                                 {"dropout", 0.0},
                                 {"weight_decay", 0.0},
                                 {"augmentation", std::string("none")}};
  (void)bench.fit(fmt::format("student {}, {} epochs, labels", student_net, words[3]), student);
  std::vector<double> taught(bench.train.features.rows * kClasses);
  teacher->predict(bench.train.features, taught);
  for (const auto& [temperature, share] : {std::pair{4.0, 0.7}, std::pair{20.0, 0.9}}) {
    SettingValues settings = student;
    settings["distill_temperature"] = temperature;
    settings["distill_share"] = share;
    (void)bench.fit(
        fmt::format("student {}, {} epochs, T={}, a={}", student_net, words[3], temperature, share), settings,
        taught);
  }
  return 0;
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  if (count < 5) {
    std::cerr << "bench_distillation FOLDER SEED TEACHER_EPOCHS STUDENT_EPOCHS [TEACHER [STUDENT]]\n";
    return 2;
  }
  return astrolabe::bench(std::span(arguments + 1, static_cast<std::size_t>(count - 1)));
}
