// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Where the kernel has no descriptor of a process, we look this often.
constexpr milliseconds kLookAgain{5};

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  [[nodiscard]] int number() const { return number_; }  // -1, which poll() passes over: none
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  void close() {
    if (is_open()) ::close(std::exchange(number_, -1));
  }

 private:
  int number_ = -1;
};

struct Pipe {
  Descriptor reading, writing;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw failure({.attempted = "starting a program", .found = std::generic_category().message(errno)});
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

// ---- Starting.

// The texts that exec wants, and the texts of others with ours instead.
struct Words {
  explicit Words(std::vector<std::string> words) : texts(std::move(words)) {
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  std::vector<std::string> texts;
  std::vector<char*> pointers;
};

std::vector<std::string> environment_with(const std::map<std::string, std::string>& ours) {
  std::vector<std::string> texts;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!ours.contains(std::string(text.substr(0, text.find('='))))) texts.emplace_back(text);
  }
  for (const auto& [name, value] : ours) texts.push_back(name + "=" + value);
  return texts;
}

struct Start {
  char* const* words;
  char* const* environment;
  int nothing, out, err, complaint;  // descriptors
  pid_t parent;
};

// The child, up to the program. It may share our memory: system calls only, and nothing is left behind.
[[noreturn]] void become(const Start& start) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != start.parent) ::_exit(127);  // killed before it could be told
  ::dup2(start.nothing, STDIN_FILENO);
  ::dup2(start.out, STDOUT_FILENO);
  ::dup2(start.err, STDERR_FILENO);
#ifdef SYS_close_range
  constexpr unsigned kCloseOnExec = 4;  // CLOSE_RANGE_CLOEXEC; kernels before 5.11 refuse it, and keep what
                                        // others opened carelessly
  ::syscall(SYS_close_range, 3U, ~0U, kCloseOnExec);
#endif
  // Ours would run on memory that is not the child's alone: all are blocked until there are none.
  for (int number = 1; number < NSIG; ++number) {
    if (number != SIGKILL && number != SIGSTOP) ::signal(number, SIG_DFL);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execvpe(start.words[0], start.words, start.environment);
  const int error = errno;
  (void)!::write(start.complaint, &error, sizeof error);
  ::_exit(127);
}

// vfork: fork would copy the page tables of a big study for each trial, and posix_spawn cannot tie the
// child's life to ours. A function of its own, without locals that the two could disturb.
[[gnu::noinline]] pid_t start_child(const Start& start) {
  const pid_t child = ::vfork();  // NOLINT(bugprone-unsafe-functions): see above
  if (child == 0) become(start);
  return child;
}

struct Child {
  pid_t id = -1;
  int error = 0;  // why there is none
};

Child start_program(const ProcessRequest& request, int out, int err) {
  Words words(request.words), environment(environment_with(request.environment));
  const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Pipe complaint = make_pipe();
  const Start start{words.pointers.data(),
                    environment.pointers.data(),
                    nothing.number(),
                    out,
                    err,
                    complaint.writing.number(),
                    ::getpid()};
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t id = start_child(start);
  const int fork_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (id < 0) return {.error = fork_error};
  complaint.writing.close();
  int error = 0;
  ssize_t read = 0;
  do {
    read = ::read(complaint.reading.number(), &error, sizeof error);
  } while (read < 0 && errno == EINTR);
  if (read <= 0) return {.id = id};
  ::waitpid(id, nullptr, 0);
  return {.error = error};
}

// ---- Listening.

// The end of what was printed, in at most twice the memory.
class Tail {
 public:
  explicit Tail(std::size_t kept) : kept_(kept) {}

  void add(std::string_view bytes) {
    text_.append(bytes);
    if (text_.size() > 2 * kept_) cut();
  }
  void move_to(ProcessResult& result) {
    if (text_.size() > kept_) cut();
    result.printed = std::move(text_);
    result.is_cut = is_cut_;
  }

 private:
  void cut() {
    text_.erase(0, text_.size() - kept_);
    is_cut_ = true;
  }
  std::size_t kept_;
  std::string text_;
  bool is_cut_ = false;
};

class LineReader {
 public:
  explicit LineReader(const std::function<bool(std::string_view)>& on_line) : on_line_(on_line) {}

  // False: somebody has heard enough.
  bool add(std::string_view bytes) {
    if (!on_line_) return true;
    for (;;) {
      const std::size_t end = bytes.find_first_of("\r\n");
      hold(bytes.substr(0, end));
      if (end == std::string_view::npos) return true;
      if (!finish()) return false;
      bytes.remove_prefix(end + 1);
    }
  }
  // The line so far is a whole one.
  bool finish() {
    const bool counts = !held_.empty() && !is_too_long_;
    const std::string line = std::exchange(held_, {});
    is_too_long_ = false;
    return !counts || on_line_(line);
  }

 private:
  void hold(std::string_view part) {
    if (held_.size() + part.size() > ProcessRequest::kLongestLine) is_too_long_ = true;
    if (!is_too_long_) held_ += part;
  }
  const std::function<bool(std::string_view)>& on_line_;
  std::string held_;
  bool is_too_long_ = false;
};

// ---- The life of one program.
class Running {
 public:
  Running(const ProcessRequest& request, pid_t id, Descriptor out, Descriptor err)
      : request_(request),
        id_(id),
        out_(std::move(out)),
        err_(std::move(err)),
        tail_(request.kept_bytes),
        lines_(request.on_line) {
#ifdef SYS_pidfd_open
    watch_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, id, 0U)));
#endif
    for (const Descriptor* pipe : {&out_, &err_}) ::fcntl(pipe->number(), F_SETFL, O_NONBLOCK);
  }
  // Also when a callback throws: nobody is left behind.
  ~Running() {
    if (id_ > 0) {
      ::kill(-id_, SIGKILL);
      reap();
    }
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  ProcessResult run() {
    ProcessResult result;
    while (!has_ended()) {
      wait_a_moment();
      if (!listen() && !ending_) end_politely(ProcessEnd::stopped);
      look_at_clock();
    }
    if (!listen() && !ending_) ending_ = ProcessEnd::stopped;
    ::kill(-id_, SIGKILL);  // what it started and left; its number is not given away before reap()
    const int status = reap();
    if (ending_) {
      result.end = *ending_;
    } else {
      result.end = WIFSIGNALED(status) ? ProcessEnd::signalled : ProcessEnd::exited;
      if (result.end == ProcessEnd::exited && request_.on_line) (void)lines_.finish();
    }
    result.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    result.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    tail_.move_to(result);
    return result;
  }

 private:
  // Without reaping it: its number stays ours.
  [[nodiscard]] bool has_ended() const {
    siginfo_t seen = {};
    return ::waitid(P_PID, static_cast<id_t>(id_), &seen, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           seen.si_pid == id_;
  }

  int reap() {
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = -1;
    return status;
  }

  void wait_a_moment() {
    std::array<pollfd, 3> sources{
        {{out_.number(), POLLIN, 0}, {err_.number(), POLLIN, 0}, {watch_.number(), POLLIN, 0}}};
    milliseconds wait = watch_.is_open() ? until_next_look() : std::min(kLookAgain, until_next_look());
    (void)::poll(sources.data(), sources.size(), static_cast<int>(wait.count()));
  }

  [[nodiscard]] milliseconds until_next_look() const {
    const double left = limit_in_seconds() - seconds_used();
    if (!(left < std::chrono::duration<double>(request_.tick).count())) return request_.tick;
    return milliseconds(static_cast<std::int64_t>(std::ceil(std::max(left, 0.0) * 1e3)));
  }

  [[nodiscard]] double seconds_used() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }
  [[nodiscard]] double limit_in_seconds() const { return ending_ ? kill_at_ : request_.seconds; }

  void look_at_clock() {
    if (seconds_used() >= limit_in_seconds()) {
      if (ending_) {
        ::kill(-id_, SIGKILL);
        kill_at_ = std::numeric_limits<double>::infinity();
      } else {
        end_politely(ProcessEnd::timed_out);
      }
    }
    if (ending_ || !request_.on_tick || Clock::now() - last_tick_ < request_.tick) return;
    last_tick_ = Clock::now();
    if (!request_.on_tick()) end_politely(ProcessEnd::stopped);
  }

  void end_politely(ProcessEnd why) {
    ending_ = why;
    kill_at_ = seconds_used() + std::chrono::duration<double>(request_.grace).count();
    ::kill(-id_, SIGTERM);
  }

  // Everything that is there to read now. False: on_line has heard enough.
  bool listen() {
    const bool goes_on = read(out_, true);
    (void)read(err_, false);
    return goes_on;
  }

  bool read(Descriptor& pipe, bool has_lines) {
    std::array<char, 16'384> bytes;
    // More than a pipe holds, but not for ever: somebody may print without end.
    for (int chunk = 0; chunk < 16 && pipe.is_open(); ++chunk) {
      const ssize_t got = ::read(pipe.number(), bytes.data(), bytes.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return true;
      if (got <= 0) {
        pipe.close();
        return true;
      }
      const std::string_view text(bytes.data(), static_cast<std::size_t>(got));
      tail_.add(text);
      if (has_lines && !ending_ && !lines_.add(text)) return false;
      if (text.size() < bytes.size()) return true;
    }
    return true;
  }

  const ProcessRequest& request_;
  pid_t id_;
  Descriptor out_, err_, watch_;
  Tail tail_;
  LineReader lines_;
  Clock::time_point start_ = Clock::now(), last_tick_ = start_;
  std::optional<ProcessEnd> ending_;                          // we have asked it to end, for this reason
  double kill_at_ = std::numeric_limits<double>::infinity();  // seconds after the start
};

}  // namespace

ProcessResult run_process(const ProcessRequest& request) {
  ASTROLABE_CHECK(!request.words.empty(), "a program has a name");
  Pipe out = make_pipe(), err = make_pipe();
  const Child child = start_program(request, out.writing.number(), err.writing.number());
  if (child.id < 0) return {.end = ProcessEnd::not_started, .code = child.error};
  out.writing.close();
  err.writing.close();
  return Running(request, child.id, std::move(out.reading), std::move(err.reading)).run();
}

std::string signal_name(int number) {
  const char* name = ::sigabbrev_np(number);
  return name == nullptr ? fmt::format("signal {}", number) : fmt::format("SIG{}", name);
}

}  // namespace astrolabe
