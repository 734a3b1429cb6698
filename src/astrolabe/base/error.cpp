// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/error.h"

#include <fmt/format.h>

#include "astrolabe/base/budget.h"

namespace astrolabe {

namespace {

std::string render(const Complaint& complaint) {
  std::string observed;
  if (!complaint.expected.empty()) observed = "expected " + complaint.expected;
  if (!complaint.found.empty()) observed += observed.empty() ? complaint.found : ", found " + complaint.found;

  std::string message = complaint.attempted;
  if (!message.empty() && !observed.empty()) message += ": ";
  message += observed;
  if (complaint.remedy.empty()) return message;
  if (!message.empty()) message += ". ";
  return message + complaint.remedy;
}

}  // namespace

Error::Error(ErrorKind kind, const Complaint& complaint)
    : std::runtime_error(render(complaint)), kind_(kind) {}

Error failure(const Complaint& complaint) {
  return {ErrorKind::failure, complaint};
}
Error usage_error(const Complaint& complaint) {
  return {ErrorKind::usage, complaint};
}
Error bad_input(const Complaint& complaint) {
  return {ErrorKind::bad_input, complaint};
}
Error nothing_fitted(const Complaint& complaint) {
  return {ErrorKind::nothing_fitted, complaint};
}
Error try_again(const Complaint& complaint) {
  return {ErrorKind::try_again, complaint};
}
Error cancelled(const Complaint& complaint) {
  return {ErrorKind::cancelled, complaint};
}

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::failure:
      return 1;
    case ErrorKind::usage:
      return 2;
    case ErrorKind::bad_input:
      return 3;
    case ErrorKind::nothing_fitted:
      return 4;
    case ErrorKind::try_again:
      return 75;
    case ErrorKind::cancelled:
      return cancel_signal() == 0 ? 1 : 128 + cancel_signal();
  }
  return 1;
}

void fail_check(const char* condition, const char* file, int line, const std::string& why) {
  throw InternalError(
      fmt::format("{} ({} does not hold at {}:{}). This is a bug in Astrolabe; please report it.", why,
                  condition, file, line));
}

}  // namespace astrolabe
