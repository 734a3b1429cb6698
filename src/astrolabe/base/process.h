// SPDX-License-Identifier: Apache-2.0
// A program of somebody else, run to its end: its lines as they come, a limit, and an end that takes what it
// started along.
//
//   const ProcessResult result = run_process({.words = {"python3", "train.py"}, .seconds = 60,
//                                             .on_line = [](std::string_view line) { ...; return true; }});
//   if (result.end == ProcessEnd::exited && result.code == 0) ...
//
// No shell is involved: the words are what the program gets, and the first is looked up in PATH.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace astrolabe {

struct ProcessRequest {
  std::vector<std::string> words;                            // at least the program
  std::map<std::string, std::string> environment = {};       // beside ours, or instead of what has that name
  double seconds = std::numeric_limits<double>::infinity();  // of wall clock; then it is ended
  // Between the polite end (SIGTERM) and the certain one (SIGKILL).
  std::chrono::milliseconds grace{2'000};
  // A line of its stdout, without its end ("\n", or the "\r" of those who redraw a line); false: end it. What
  // the program left without a line's end counts as a line when it exits by itself. Lines longer than
  // kLongestLine are passed over.
  std::function<bool(std::string_view)> on_line = {};
  // Asked every `tick`, lines or not; false: end it.
  std::function<bool()> on_tick = {};
  std::chrono::milliseconds tick{100};
  std::size_t kept_bytes = 65'536;  // of the end of what it printed

  static constexpr std::size_t kLongestLine = 65'536;
};

enum class ProcessEnd : std::uint8_t {
  exited,       // by itself; code: its exit status
  signalled,    // crashed, or killed by somebody else; code: the signal
  timed_out,    // ended by us after `seconds`
  stopped,      // ended by us because on_line or on_tick said so
  not_started,  // code: errno, such as ENOENT
};

struct ProcessResult {
  ProcessEnd end = ProcessEnd::exited;
  int code = 0;
  double seconds = 0;
  std::string printed = {};  // the last kept_bytes of stdout and stderr, in the order in which they came
  bool is_cut = false;       // more was printed than that
};

// Waits until the program has ended. It gets a process group of its own, an empty stdin, default signals and
// none of our descriptors; whatever is left of the group is killed when it ends, and the program when we are
// killed. Exceptions of the callbacks end the program and go on.
// Throws `failure` when the system has no descriptors left; everything else is a result. Thread-safe. Cost
// beside the program's own: about 0.3 ms.
[[nodiscard]] ProcessResult run_process(const ProcessRequest& request);

// "SIGSEGV", "signal 77".
[[nodiscard]] std::string signal_name(int number);

}  // namespace astrolabe
