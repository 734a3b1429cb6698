// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/schedules.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/runtime/sample_programs.h"
#include <gtest/gtest.h>
#include <unistd.h>

#include "astrolabe/base/error.h"
#include "astrolabe/runtime/compile.h"
#include "astrolabe/runtime/convolve_class.h"
#include "astrolabe/runtime/convolve_space.h"
#include "astrolabe/runtime/machine_key.h"
#include "astrolabe/runtime/schedule_space.h"

namespace astrolabe {
namespace {

namespace fs = std::filesystem;

// A folder of its own, in which the process looks for schedules as long as it lives.
class SchedulesFile : public ::testing::Test {
 protected:
  SchedulesFile()
      : folder_(fs::temp_directory_path() / ("astrolabe-schedules-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    look_at(file().string());
  }
  ~SchedulesFile() override {
    ::unsetenv("ASTROLABE_SCHEDULES");
    use_schedules(nullptr);
    fs::remove_all(folder_);
  }

  static void look_at(const std::string& path) {
    ::setenv("ASTROLABE_SCHEDULES", path.c_str(), 1);
    use_schedules(nullptr);  // the next to ask reads the file again
  }
  [[nodiscard]] fs::path file() const { return folder_ / "schedules.db"; }

  fs::path folder_;
};

TunedRow product_row() {
  return {.kind = ScheduleKind::product,
          .shape = "8x512x512 NN",
          .threads = 1,
          .schedule = "tile=8x48 fetch=8",
          .before = 2e-5,
          .after = 1e-5,
          .gain = {.value = 2, .low = 1.9, .high = 2.1, .method = "sign test"}};
}

const std::string& here() {
  static const std::string key = machine_key(best_instruction_set());
  return key;
}

constexpr GemmShape kShape{.m = 8, .n = 512, .k = 512};

TEST_F(SchedulesFile, keeps_rows_of_one_machine) {
  {
    ScheduleDatabase database(file());
    database.keep(here(), product_row());
    database.keep("another machine", product_row());
    TunedRow again = product_row();
    again.schedule = "kc=128";
    database.keep(here(), again);
    EXPECT_EQ(database.rows(here()).size(), 1U);
    EXPECT_EQ(database.rows_of_other_machines(here()), 1U);
    database.checkpoint();
  }
  const std::vector<TunedRow> rows = read_schedules(file(), here());
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].schedule, "kc=128");
  EXPECT_EQ(rows[0].shape, "8x512x512 NN");
  EXPECT_EQ(rows[0].threads, 1U);
  EXPECT_DOUBLE_EQ(rows[0].before, 2e-5);
  EXPECT_DOUBLE_EQ(rows[0].gain.low, 1.9);
  EXPECT_EQ(current_schedules()->of_product(kShape, 1).block_steps, 128U);
  EXPECT_EQ(current_schedules()->of_product(kShape, 2), GemmSchedule{});
  EXPECT_EQ(schedule_warning(), "");
}

TEST_F(SchedulesFile, keeps_every_kind_and_leaves_out_those_of_a_newer_build) {
  {
    ScheduleDatabase database(file());
    database.keep(here(), product_row());
    database.keep(here(), {.kind = ScheduleKind::convolution,
                           .shape = "conv 8x12x8x1 3x3x16",
                           .schedule = "band=2 runs=joined"});
    database.checkpoint();
    Database raw = Database::open(file());
    raw.run("UPDATE schedules SET kind = 'song' WHERE kind = 'product'");
    raw.checkpoint();
  }
  const std::vector<TunedRow> rows = read_schedules(file(), here());
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].kind, ScheduleKind::convolution);
  const ConvolveStep step = *parse_convolve_class("conv 8x12x8x1 3x3x16");
  EXPECT_EQ(current_schedules()->of_convolution(step), (ConvolveSchedule{.band = 2, .runs = Runs::joined}));
}

TEST_F(SchedulesFile, forgets_only_its_own_machine) {
  ScheduleDatabase database(file());
  database.keep(here(), product_row());
  database.keep("another machine", product_row());
  EXPECT_EQ(database.clear(here()), 1U);
  EXPECT_TRUE(database.rows(here()).empty());
  EXPECT_EQ(database.rows("another machine").size(), 1U);
}

TEST_F(SchedulesFile, of_another_machine_is_not_used) {
  ScheduleDatabase database(file());
  database.keep("another machine", product_row());
  database.checkpoint();
  EXPECT_TRUE(current_schedules()->empty());
  EXPECT_EQ(schedule_warning(), "");
}

TEST_F(SchedulesFile, that_is_absent_is_no_schedule_and_no_warning) {
  EXPECT_TRUE(current_schedules()->empty());
  EXPECT_EQ(schedule_warning(), "");
  EXPECT_FALSE(fs::exists(file())) << "a reader makes nothing";
}

TEST_F(SchedulesFile, that_is_broken_is_ignored_with_a_warning) {
  std::ofstream(file()) << "this is no database, and long enough to be looked at as one: "
                        << std::string(4096, 'x');
  EXPECT_TRUE(current_schedules()->empty());
  EXPECT_NE(schedule_warning().find("not used"), std::string::npos);
  EXPECT_NE(schedule_warning().find(file().string()), std::string::npos);
}

TEST_F(SchedulesFile, that_is_newer_is_ignored_with_a_warning) {
  {
    ScheduleDatabase database(file());
    database.keep(here(), product_row());
    database.checkpoint();
    Database raw = Database::open(file());
    raw.run("PRAGMA user_version = 99");
    raw.checkpoint();
  }
  EXPECT_TRUE(current_schedules()->empty());
  EXPECT_NE(schedule_warning().find("version 99"), std::string::npos) << schedule_warning();
  EXPECT_THROW(ScheduleDatabase{file()}, Error);
}

TEST_F(SchedulesFile, of_another_kind_is_ignored_with_a_warning) {
  {
    Database other = Database::open(file());
    other.run("CREATE TABLE songs(name TEXT)");
    other.checkpoint();
  }
  EXPECT_TRUE(current_schedules()->empty());
  EXPECT_NE(schedule_warning(), "");
}

TEST_F(SchedulesFile, can_be_turned_off) {
  look_at("off");
  EXPECT_TRUE(schedule_database_path().empty());
  EXPECT_TRUE(current_schedules()->empty());
  EXPECT_THROW(ScheduleDatabase{schedule_database_path()}, Error);
}

TEST(ScheduleDatabasePath, follows_the_cache_folder) {
  ::unsetenv("ASTROLABE_SCHEDULES");
  const char* const before = std::getenv("XDG_CACHE_HOME");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("XDG_CACHE_HOME", "/somewhere/cache", 1);
  EXPECT_EQ(schedule_database_path(), "/somewhere/cache/astrolabe/schedules.db");
  ::setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_NE(schedule_database_path().string().find(".cache/astrolabe/schedules.db"), std::string::npos);
  before == nullptr ? ::unsetenv("XDG_CACHE_HOME") : ::setenv("XDG_CACHE_HOME", kept.c_str(), 1);
}

TEST(Schedules, that_cannot_be_read_are_the_default) {
  TunedRow row = product_row();
  row.schedule = "speed=11";
  const Schedules schedules({&row, 1});
  EXPECT_TRUE(schedules.empty());
  EXPECT_EQ(schedules.of_product(kShape, 1), GemmSchedule{});
}

TEST(NestScheduleText, gives_the_schedule_back) {
  EXPECT_EQ(nest_schedule_text({}), "");
  EXPECT_EQ(parse_nest_schedule(nest_schedule_text({.lanes = 64})), (NestSchedule{.lanes = 64}));
  const NestSchedule all{.lanes = 16, .unroll = 4, .order = {2, 0, 1}};
  EXPECT_EQ(nest_schedule_text(all), "lanes=16 unroll=4 order=201");
  EXPECT_EQ(parse_nest_schedule("lanes=16 unroll=4 order=201"), all);
  EXPECT_EQ(nest_schedule_in_words(all), "strips of 16, 4 turns at a time, loops in the order 201");
  for (const char* const text : {"lanes=", "lanes=x", "strips=4", "unroll=-2", "unroll=300", "order=1",
                                 "order=11", "order=12", "order=0123456", "lanes"})
    EXPECT_FALSE(parse_nest_schedule(text).has_value()) << text;
}

TEST(MachineKey, names_set_and_build) {
  EXPECT_NE(here().find(instruction_set_name(best_instruction_set())), std::string::npos);
  EXPECT_NE(here().find("astrolabe"), std::string::npos);
  EXPECT_NE(machine_key(InstructionSet::plain), machine_key(InstructionSet::avx2));
}

// What a program leaves in its outputs and states after some runs.
std::vector<std::byte> bytes_of(const Program& program, Tier tier) {
  Execution run(compile(program, {.tier = tier}));
  std::vector<Array> held;
  for (const Slot& slot : run.executable().inputs()) held.push_back(sample_numbers(slot));
  for (std::size_t i = 0; i < held.size(); ++i)
    run.bind_input(run.executable().inputs()[i].name, held[i].bytes().data());
  for (const auto& [name, value] : {std::pair("lr", 0.01), {"b1", 0.9}, {"b2", 0.99}, {"eps", 1e-8}})
    run.set_scalar(name, value);
  RandomStream random(Key::from_seed(8));
  for (const Slot& slot : run.executable().states())
    if (slot.name.size() == 1)  // weights, not what an optimizer remembers
      for (float& weight : run.state<float>(slot.name)) weight = static_cast<float>(0.2 * random.normal());
  for (int i = 0; i < 5; ++i) run.run();
  std::vector<std::byte> bytes;
  for (const Slot& slot : run.executable().states()) {
    const auto state = std::as_bytes(run.state<float>(slot.name));
    bytes.insert(bytes.end(), state.begin(), state.end());
  }
  return bytes;
}

// A schedule drawn for every product and nest of the program.
std::vector<TunedRow> drawn_rows(const Program& program, RandomStream& random) {
  std::vector<TunedRow> rows;
  Plan plan;
  static_cast<void>(compile(program, {.tier = Tier::tiles, .on_pass = [&](const PassReport& pass) {
                                        if (pass.plan != nullptr) plan = *pass.plan;
                                      }}));
  for (const Step& step : plan.steps) {
    if (const auto* dot = std::get_if<DotStep>(&step)) {
      const GemmShape shape = shape_of(*dot);
      rows.push_back({.kind = ScheduleKind::product,
                      .shape = shape_text(shape),
                      .schedule = schedule_text(changed({}, shape, best_instruction_set(), 1, random))});
    } else if (const auto* windows = std::get_if<ConvolveStep>(&step)) {
      rows.push_back({.kind = ScheduleKind::convolution,
                      .shape = convolve_class(*windows),
                      .schedule = convolve_schedule_text(
                          changed(ConvolveSchedule{}, *windows, best_instruction_set(), random))});
    } else if (const auto* nest = std::get_if<NestStep>(&step)) {
      const auto choices = nest_schedules(nest->code, best_instruction_set());
      if (choices.empty()) continue;
      rows.push_back({.kind = ScheduleKind::nest,
                      .shape = nest_class(*nest),
                      .schedule = nest_schedule_text(choices[random.below(choices.size())])});
    }
  }
  return rows;
}

TEST(Schedules, change_no_byte_of_a_training) {
  for (const Program& step : {small_training_step(24, 70), small_convolution_step(6, 20)}) {
    use_schedules(std::make_shared<const Schedules>());
    const std::vector<std::byte> expected = bytes_of(step, Tier::compiled);
    EXPECT_EQ(bytes_of(step, Tier::tiles), expected);
    RandomStream random(Key::from_seed(2));
    for (int i = 0; i < 12; ++i) {
      const std::vector<TunedRow> rows = drawn_rows(step, random);
      ASSERT_GT(rows.size(), 5U);
      const auto schedules = std::make_shared<const Schedules>(rows);
      EXPECT_FALSE(schedules->empty());
      use_schedules(schedules);
      EXPECT_EQ(bytes_of(step, Tier::compiled), expected);
    }
  }
  use_schedules(nullptr);
}

}  // namespace
}  // namespace astrolabe
