// SPDX-License-Identifier: Apache-2.0
// A program of its own: it counts every allocation.
#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/learners/trees/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/learners/trees/trees.h"

namespace {
std::atomic<std::size_t> allocations{0};

void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* const memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(std::size_t size) {
  return allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
// What std::stable_sort asks for; it is freed by the plain one.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

std::size_t allocations_of_one_row(TaskKind kind, std::size_t classes) {
  TrainingData data;
  data.features =
      random_table({.rows = 400, .numeric = 3, .categorical = 1, .missing = 0.1}, Key::from_seed(1));
  data.labels = labels_for(data.features, kind, classes, Key::from_seed(2));
  ThreadPool pool(1);
  const SettingValues settings = {{"rounds", std::int64_t{20}}};
  const Budget budget;
  const auto model = trees_learner().fit(
      {.train = data, .settings = settings, .key = Key::from_seed(1), .pool = pool, .budget = budget});
  const std::vector<std::uint32_t> wanted = {7};
  const FeatureMatrix row = data.features.take_rows(wanted);
  std::vector<double> all(400 * model->outputs());
  model->predict(data.features, all);
  std::vector<double> out(model->outputs());
  const std::size_t before = allocations;
  model->predict(row, out);
  const std::size_t made = allocations - before;
  for (std::size_t k = 0; k < out.size(); ++k) EXPECT_EQ(out[k], all[7 * out.size() + k]);
  return made;
}

TEST(TreesAllocation, is_counted) {
  const std::size_t before = allocations;
  const auto held = std::make_unique<double>(1);
  EXPECT_EQ(allocations, before + 1) << *held;
}

TEST(TreesAllocation, of_predicting_one_row_is_none) {
  EXPECT_EQ(allocations_of_one_row(TaskKind::binary, 2), 0U);
  EXPECT_EQ(allocations_of_one_row(TaskKind::regression, 0), 0U);
  EXPECT_EQ(allocations_of_one_row(TaskKind::multiclass, 5), 0U);
}

}  // namespace
}  // namespace astrolabe::trees
