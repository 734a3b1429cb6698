// SPDX-License-Identifier: Apache-2.0
// A worker for the kill tests: study_worker URL NAME FOLDER. Runs trials whose outcome is a function of their
// point, and writes into FOLDER/acknowledged what the store has taken, one line each, until FOLDER/stop is
// there and nothing is left to do.
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/search/study_outcome.h"
#include <fcntl.h>
#include <unistd.h>

namespace astrolabe {
namespace {

class Worker {
 public:
  Worker(const StudyAddress& address, std::filesystem::path folder)
      : store_(StudyStore::open(address)), folder_(std::move(folder)), me_(worker_identity()) {
    // One write per line, at the end: lines of several workers never mix, and none is lost with its writer.
    acknowledged_ = open((folder_ / "acknowledged").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
  }

  void work() {
    for (;;) {
      if (const std::optional<Claim> left = store_.claim(me_)) {
        run(*left);
      } else if (!std::filesystem::exists(folder_ / "stop")) {
        if (const std::optional<Claim> made = store_.start(outcome_trial(store_.counts().total + 1), me_))
          run(*made);
      } else if (const TrialCounts counts = store_.counts(); counts.waiting + counts.running == 0) {
        return;
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
  }

 private:
  // Runs a trial, and the next ones while the store gives them in one step with an end.
  void run(Claim claim) {
    for (;;) {
      const std::uint64_t number = outcome_number(claim.what);
      for (const StepCost& step : outcome_steps(number)) {
        if (!store_.report(claim, step)) return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (number % 3 != 0 || std::filesystem::exists(folder_ / "stop")) {
        if (store_.finish(claim, outcome_end(number))) acknowledge(claim);
        return;
      }
      bool accepted = false;
      const std::optional<Claim> next = store_.finish_and_start(
          claim, outcome_end(number), outcome_trial(store_.counts().total + 1), me_, accepted);
      if (accepted) acknowledge(claim);
      if (!next) return;
      claim = *next;
    }
  }

  void acknowledge(const Claim& claim) const {
    const std::string line = std::to_string(claim.trial) + " " + std::to_string(claim.attempt) + "\n";
    if (write(acknowledged_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(9);
  }

  StudyStore store_;
  std::filesystem::path folder_;
  std::string me_;
  int acknowledged_ = -1;
};

}  // namespace
}  // namespace astrolabe

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    astrolabe::Worker({.url = argv[1], .name = argv[2]}, argv[3]).work();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "study_worker: %s\n", error.what());
    return 1;
  }
}
