// SPDX-License-Identifier: Apache-2.0
// Errors by blame: the caller's, the world's, ours.
//
//   throw bad_input({.attempted = "reading adult.csv", .expected = "15 cells on line 7", .found = "14",
//                    .remedy = "Mend the line, or drop it."});
//
// A caller's or the world's fault is an `Error` whose kind decides the exit code. Our own fault is a failed
// ASTROLABE_CHECK: an `InternalError`, which no input may reach.
#pragma once

#include <stdexcept>
#include <string>

namespace astrolabe {

enum class ErrorKind {
  failure,         // the world: a full disk, a missing permission. Exit 1.
  usage,           // the caller: options that make no sense. Exit 2.
  bad_input,       // the caller: data, model or configuration. Exit 3.
  nothing_fitted,  // no model came out. Exit 4.
  try_again,       // the world, for a while: a locked study. Exit 75.
  cancelled,       // the work was ended. Exit 128 + the signal's number, or 1 when it was the deadline.
};

// What a message says, in this order. Each part is a phrase without a full stop, except `remedy`: a sentence
// or more. The example above reads "reading adult.csv: expected 15 cells on line 7, found 14. Mend the line,
// or drop it." Empty parts are left out; without `expected`, `found` stands alone ("writing model.astro: No
// space left on device").
struct Complaint {
  std::string attempted = {};
  std::string expected = {};
  std::string found = {};
  std::string remedy = {};
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const Complaint& complaint);
  [[nodiscard]] ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

[[nodiscard]] Error failure(const Complaint& complaint);
[[nodiscard]] Error usage_error(const Complaint& complaint);
[[nodiscard]] Error bad_input(const Complaint& complaint);
[[nodiscard]] Error nothing_fitted(const Complaint& complaint);
[[nodiscard]] Error try_again(const Complaint& complaint);
[[nodiscard]] Error cancelled(const Complaint& complaint);

// The process exit code that DESIGN section 6 gives to a kind.
[[nodiscard]] int exit_code(ErrorKind kind);

// Our fault: a broken invariant. Never reachable from input.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void fail_check(const char* condition, const char* file, int line, const std::string& why);

}  // namespace astrolabe

// Checks an invariant in every build. `why` says what the broken invariant means.
#define ASTROLABE_CHECK(condition, why)                                          \
  do {                                                                           \
    if (!(condition)) [[unlikely]]                                               \
      ::astrolabe::fail_check(#condition, __FILE__, __LINE__, std::string(why)); \
  } while (false)
