// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/study_store_worker.h"

#include <csignal>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "astrolabe/search/study_store.h"

namespace astrolabe {
namespace {

// A child process that sleeps, and its identity as it tells it.
struct Child {
  pid_t process = -1;
  std::string identity;

  Child() {
    int ends[2];
    if (pipe(ends) != 0) return;
    process = fork();
    if (process == 0) {
      const std::string own = worker_identity();
      if (write(ends[1], own.data(), own.size()) < 0) _exit(1);
      for (;;) pause();
    }
    char text[512];
    const ssize_t size = read(ends[0], text, sizeof(text));
    if (size > 0) identity.assign(text, static_cast<std::size_t>(size));
    close(ends[0]);
    close(ends[1]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    kill(process, SIGKILL);
    waitpid(process, nullptr, 0);
  }
};

TEST(WorkerIdentity, is_the_same_each_time) {
  EXPECT_EQ(worker_identity(), worker_identity());
  EXPECT_FALSE(worker_is_dead(worker_identity(), true));
}

TEST(WorkerIdentity, of_a_living_process_lives_and_of_a_killed_one_is_dead_before_anybody_waits_for_it) {
  Child child;
  ASSERT_NE(child.identity, worker_identity());
  EXPECT_FALSE(worker_is_dead(child.identity, false));
  kill(child.process, SIGKILL);
  siginfo_t info{};
  waitid(P_PID, static_cast<id_t>(child.process), &info, WEXITED | WNOWAIT);  // dead, not yet waited for
  EXPECT_TRUE(worker_is_dead(child.identity, false));
}

TEST(WorkerIdentity, whose_number_another_process_has_now_is_dead) {
  std::string other = worker_identity();
  other.back() = other.back() == '1' ? '2' : '1';
  EXPECT_TRUE(worker_is_dead(other, false));
}

TEST(WorkerIdentity, of_another_boot_is_dead_only_when_the_file_is_of_this_machine) {
  std::string other = worker_identity();
  other[0] = other[0] == 'a' ? 'b' : 'a';
  EXPECT_TRUE(worker_is_dead(other, true));
  EXPECT_FALSE(worker_is_dead(other, false));
}

TEST(WorkerIdentity, of_another_container_may_live) {
  std::string other = worker_identity();
  const std::size_t space = other.find("pid:[");
  ASSERT_NE(space, std::string::npos);
  other[space + 5] = other[space + 5] == '9' ? '8' : '9';
  EXPECT_FALSE(worker_is_dead(other, true));
}

TEST(WorkerIdentity, that_is_none_may_live) {
  for (const char* text : {"", "me", "a b c", "a b c d e", " b 1 2", "   "})
    EXPECT_FALSE(worker_is_dead(text, false)) << text;
}

}  // namespace
}  // namespace astrolabe
