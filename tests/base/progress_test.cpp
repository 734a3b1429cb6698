// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/progress.h"

#include <algorithm>
#include <cstdlib>
#include <functional>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

std::string shown(const TerminalStyle& style, const std::function<void(Progress&)>& talk) {
  testing::internal::CaptureStderr();
  {
    const auto progress = terminal_progress(style);
    talk(*progress);
  }
  return testing::internal::GetCapturedStderr();
}

const TerminalStyle kTerminal{.is_terminal = true};
const ProgressEvent kEvent{
    .stage = "trees, fold 2 of 5", .fraction = 0.425, .seconds_left = 80, .best = "AUC 0.9283"};

TEST(TerminalProgress, draws_stage_bar_time_left_and_best_on_one_line) {
  EXPECT_EQ(shown(kTerminal, [](Progress& progress) { progress.update(kEvent); }),
            "\rtrees, fold 2 of 5          #####---------   42 %  1 min 20 s left   AUC 0.9283\x1b[K"
            "\r\x1b[K");
}

TEST(TerminalProgress, keeps_columns_in_place_while_values_change) {
  const auto column_of_best = [](double seconds_left, double fraction) {
    ProgressEvent event = kEvent;
    event.seconds_left = seconds_left;
    event.fraction = fraction;
    return shown(kTerminal, [&](Progress& progress) { progress.update(event); }).find("AUC");
  };
  EXPECT_EQ(column_of_best(3, 0), column_of_best(3599, 1));
  EXPECT_EQ(column_of_best(-1, 0.5), column_of_best(80, 0.5));
}

TEST(TerminalProgress, draws_strokes_where_the_locale_allows) {
  const TerminalStyle style{.is_terminal = true, .color = true, .width = 100, .unicode = true};
  const std::string text = shown(style, [](Progress& progress) { progress.update(kEvent); });
  EXPECT_NE(text.find("\x1b[36m━"), std::string::npos) << text;
  EXPECT_NE(text.find("\x1b[0;2m─"), std::string::npos) << text;
}

TEST(TerminalProgress, redraws_at_most_ten_times_a_second) {
  const std::string text = shown(kTerminal, [](Progress& progress) {
    for (int i = 0; i < 10'000; ++i) progress.update(kEvent);
  });
  EXPECT_LE(std::count(text.begin(), text.end(), '#'), 5 * 5);
}

TEST(TerminalProgress, never_exceeds_the_width_of_the_terminal) {
  ProgressEvent event = kEvent;
  event.stage = "ein sehr langer Name für eine Stufe, die nirgends hineinpasst";
  for (int width = 20; width <= 140; ++width) {
    const TerminalStyle style{.is_terminal = true, .width = width};
    std::string text = shown(style, [&](Progress& progress) { progress.update(event); });
    text = text.substr(1, text.find('\x1b') - 1);
    const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    EXPECT_LT(std::count_if(text.begin(), text.end(), is_start), width) << text;
  }
}

TEST(TerminalProgress, gives_columns_of_the_bar_to_a_stage_that_is_long) {
  ProgressEvent event = kEvent;
  event.stage = "mlp, fold 2 of 5, epoch 12, loss 0.312";
  EXPECT_EQ(shown(kTerminal, [&](Progress& progress) { progress.update(event); }),
            "\rmlp, fold 2 of 5, epoch 12, loss 0.312       42 %  1 min 20 s left   AUC 0.9283\x1b[K"
            "\r\x1b[K");
  const TerminalStyle wide{.is_terminal = true, .width = 92};
  EXPECT_EQ(
      shown(wide, [&](Progress& progress) { progress.update(event); }),
      "\rmlp, fold 2 of 5, epoch 12, loss 0.312  #####---------   42 %  1 min 20 s left   AUC 0.9283\x1b[K"
      "\r\x1b[K");
}

TEST(TerminalProgress, puts_talk_above_the_bar) {
  const std::string text = shown(kTerminal, [](Progress& progress) {
    progress.update(kEvent);
    progress.say("dropped 3 rows without a target");
  });
  const std::size_t talk = text.find("\r\x1b[Kdropped 3 rows without a target\ntrees, fold 2 of 5");
  EXPECT_NE(talk, std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\r\x1b[K"));
}

TEST(TerminalProgress, marks_warnings) {
  const auto warn = [](Progress& progress) { progress.warn("one class is rare"); };
  EXPECT_EQ(shown({}, warn), "warning: one class is rare\n");
  EXPECT_EQ(shown({.color = true}, warn), "\x1b[33mwarning:\x1b[0m one class is rare\n");
}

TEST(TerminalProgress, finish_clears_the_line) {
  EXPECT_TRUE(shown(kTerminal, [](Progress& progress) {
                progress.update(kEvent);
                progress.finish();
                progress.say("done");
              }).ends_with("\r\x1b[Kdone\n"));
}

TEST(TerminalProgress, shows_control_characters_as_question_marks) {
  EXPECT_EQ(shown({}, [](Progress& progress) { progress.say("column '\x1b[2J\x07'"); }), "column '?[2J?'\n");
}

TEST(TerminalProgress, elsewhere_says_nothing_in_the_first_ten_seconds) {
  EXPECT_EQ(shown({},
                  [](Progress& progress) {
                    for (int i = 0; i < 100; ++i) progress.update(kEvent);
                    progress.finish();
                  }),
            "");
}

TEST(SilentProgress, says_nothing) {
  testing::internal::CaptureStderr();
  const auto progress = silent_progress();
  progress->update(kEvent);
  progress->say("hello");
  progress->warn("hello");
  progress->finish();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

class DetectTerminalStyle : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"NO_COLOR", "COLUMNS", "LC_ALL", "LC_CTYPE", "LANG"}) unsetenv(name);
  }
  void TearDown() override { SetUp(); }
};

TEST_F(DetectTerminalStyle, obeys_the_color_option) {
  EXPECT_TRUE(detect_terminal_style("always").color);
  EXPECT_FALSE(detect_terminal_style("never").color);
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(detect_terminal_style("auto").color);
}

TEST_F(DetectTerminalStyle, reads_columns_and_locale) {
  setenv("COLUMNS", "132", 1);
  EXPECT_EQ(detect_terminal_style("auto").width, 132);
  EXPECT_FALSE(detect_terminal_style("auto").unicode);
  setenv("LANG", "de_DE.UTF-8", 1);
  EXPECT_TRUE(detect_terminal_style("auto").unicode);
  setenv("LC_ALL", "C", 1);
  EXPECT_FALSE(detect_terminal_style("auto").unicode);
}

TEST_F(DetectTerminalStyle, refuses_other_words) {
  try {
    (void)detect_terminal_style("blue");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_STREQ(error.what(), "reading --color: expected auto, always or never, found 'blue'");
  }
}

}  // namespace
}  // namespace astrolabe
