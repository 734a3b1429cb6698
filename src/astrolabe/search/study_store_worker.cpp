// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/study_store_worker.h"

#include <array>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "astrolabe/base/text.h"
#include "astrolabe/search/study_store.h"

namespace astrolabe {
namespace {

std::string read_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string boot_id() {
  return read_line("/proc/sys/kernel/random/boot_id");
}

// Process numbers mean the same only within one of these: containers have their own.
std::string process_space() {
  std::array<char, 64> text{};
  const ssize_t size = readlink("/proc/self/ns/pid", text.data(), text.size());
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string();
}

struct ProcessState {
  char state = 0;
  std::string start;  // clock ticks since boot
};

// Nothing when there is no such process.
std::optional<ProcessState> process_state(std::string_view process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  // Not by iterators of the buffer: they throw when the process ends between opening and reading.
  std::string text;
  std::getline(file, text, '\0');
  // "pid (name) state ...": the name may hold anything, so start behind its last parenthesis.
  const std::size_t end_of_name = text.rfind(") ");
  if (end_of_name == std::string::npos) return std::nullopt;
  const std::vector<std::string> words = split(std::string_view(text).substr(end_of_name + 2), ' ');
  if (words.size() < 20 || words[0].empty()) return std::nullopt;
  return ProcessState{.state = words[0][0], .start = words[19]};
}

}  // namespace

std::string worker_identity() {
  const std::string process = std::to_string(getpid());
  const std::optional<ProcessState> own = process_state(process);
  return fmt::format("{} {} {} {}", boot_id(), process_space(), process, own ? own->start : "0");
}

bool worker_is_dead(std::string_view identity, bool same_machine) {
  const std::vector<std::string> parts = split(identity, ' ');
  if (parts.size() != 4 || parts[0].empty() || parts[1].empty()) return false;
  if (parts[0] != boot_id()) return same_machine;
  if (parts[1] != process_space()) return false;
  const std::optional<ProcessState> found = process_state(parts[2]);
  // Z, X: dead, and nobody has asked for its exit code yet.
  return !found || found->start != parts[3] || found->state == 'Z' || found->state == 'X';
}

}  // namespace astrolabe
