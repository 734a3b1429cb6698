// SPDX-License-Identifier: Apache-2.0
#include "tests/store/postgres_server.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "astrolabe/store/postgres.h"

namespace astrolabe {
namespace {

namespace fs = std::filesystem;

// bin of the newest PostgreSQL of Debian; empty when there is none.
fs::path find_binaries() {
  fs::path newest;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none)) {
    const fs::path folder = entry.path() / "bin";
    if (fs::exists(folder / "postgres") && fs::exists(folder / "initdb") && folder > newest) newest = folder;
  }
  return newest;
}

// The user to become; null when we are not root and may stay who we are.
const passwd* other_user() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  return user != nullptr ? user : getpwnam("nobody");
}

// Starts a program whose words go to a log; it gets `death_signal` when this process ends.
pid_t spawn(const std::vector<std::string>& words, const fs::path& log, int death_signal) {
  const passwd* user = other_user();
  const pid_t child = fork();
  if (child != 0) return child;
  const int out = open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
  dup2(out, 1);
  dup2(out, 2);
  if (user != nullptr && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
  prctl(PR_SET_PDEATHSIG, death_signal);  // after setuid, which clears it
  // The server watches its parent's group: ^C ends the test, and the test ends the server.
  setsid();
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

PostgresServer* PostgresServer::shared() {
  static const std::unique_ptr<PostgresServer> server = [] {
    const fs::path binaries = find_binaries();
    std::unique_ptr<PostgresServer> made;
    if (binaries.empty()) return made;
    std::string folder = (fs::temp_directory_path() / "astrolabe-pg-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
    made.reset(new PostgresServer(binaries, folder));
    made->start();
    return made;
  }();
  return server.get();
}

std::string PostgresServer::why_none() {
  return "PostgreSQL is not installed (apt-get install postgresql): nothing of it is tested here";
}

PostgresServer::PostgresServer(fs::path binaries, fs::path folder)
    : binaries_(std::move(binaries)), folder_(std::move(folder)) {
  if (const passwd* user = other_user()) {
    if (chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) throw std::runtime_error("chown failed");
  }
  const int status = wait_for(spawn({(binaries_ / "initdb").string(), "-D", (folder_ / "data").string(), "-A",
                                     "trust", "-U", "astrolabe", "-E", "UTF8", "--locale=C", "-N"},
                                    folder_.string() + ".log", SIGKILL));
  if (status != 0) throw std::runtime_error("initdb failed: see " + folder_.string() + ".log");
}

PostgresServer::~PostgresServer() {
  stop();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  fs::remove(folder_.string() + ".log", ignored);
}

std::string PostgresServer::url(const std::string& database) const {
  return "postgresql://astrolabe@/" + database + "?host=" + folder_.string();
}

std::string PostgresServer::empty_database() const {
  PostgresDatabase::open(url()).run("DROP SCHEMA IF EXISTS astrolabe CASCADE");
  return url();
}

void PostgresServer::start() {
  // Crashes here are those of processes, not of the machine: fsync would only take time.
  process_ = spawn(
      {(binaries_ / "postgres").string(), "-D", (folder_ / "data").string(), "-k", folder_.string(), "-c",
       "listen_addresses=", "-c", "fsync=off", "-c", "deadlock_timeout=50ms", "-c", "max_connections=60"},
      folder_.string() + ".log", SIGQUIT);
  static_cast<void>(PostgresDatabase::open(url(), std::chrono::seconds(30)));
}

void PostgresServer::stop() {
  if (process_ <= 0) return;
  kill(process_, SIGQUIT);
  wait_for(process_);
  process_ = -1;
}

}  // namespace astrolabe
