// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/routine_cache.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;
constexpr std::size_t kEntryBytes = 256;  // of an entry beside its machine code, about
constexpr std::size_t kMostHeat = 4096;   // structures whose heat is remembered

std::string key_of(const NestCode& code, InstructionSet set, const NestSchedule& schedule = {}) {
  std::string key = nest_key(code);
  key += static_cast<char>(set);
  key += static_cast<char>(schedule.lanes);
  key += static_cast<char>(schedule.unroll);
  for (const std::uint8_t loop : schedule.order) key += static_cast<char>(loop);
  return key;
}

NestSchedule schedule_of(std::span<const NestSchedule> schedules, std::size_t i) {
  return schedules.empty() ? NestSchedule{} : schedules[i];
}

}  // namespace

std::vector<Routine> RoutineCache::find(std::span<const NestCode* const> codes, InstructionSet set,
                                        std::span<const NestSchedule> schedules) {
  const std::lock_guard lock(mutex_);
  std::vector<Routine> routines;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const Routine* routine = routines_.find(key_of(*codes[i], set, schedule_of(schedules, i)));
    routines.push_back(routine == nullptr ? Routine{} : *routine);
    hits_ += routine == nullptr ? 0 : 1;
  }
  return routines;
}

std::vector<Routine> RoutineCache::get(std::span<const NestCode* const> codes, InstructionSet set,
                                       std::span<const NestSchedule> schedules) {
  std::unique_lock lock(mutex_);
  std::vector<Routine> routines(codes.size());
  std::vector<const NestCode*> missing;
  std::vector<NestSchedule> missing_schedules;
  std::vector<std::string> missing_keys;
  std::unordered_map<std::string, std::size_t> place;        // equal nests of one request are compiled once
  std::vector<std::pair<std::size_t, std::size_t>> waiting;  // routine, index into `missing`
  for (std::size_t i = 0; i < codes.size(); ++i) {
    std::string key = key_of(*codes[i], set, schedule_of(schedules, i));
    if (const Routine* routine = routines_.find(key)) {
      routines[i] = *routine;
      ++hits_;
      continue;
    }
    const auto [at, is_new] = place.try_emplace(key, missing.size());
    if (is_new) {
      missing.push_back(codes[i]);
      missing_schedules.push_back(schedule_of(schedules, i));
      missing_keys.push_back(std::move(key));
    }
    waiting.emplace_back(i, at->second);
  }
  if (missing.empty()) return routines;
  misses_ += missing.size();
  // Others find and compile meanwhile; of two that compile the same nest both keep their own.
  lock.unlock();
  const CompiledNests compiled = compile_nests(missing, set, missing_schedules);
  lock.lock();
  const std::size_t bytes = compiled.bytes() / missing.size();
  for (const auto& [i, at] : waiting) routines[i] = {compiled.functions()[at], compiled};
  for (std::size_t at = 0; at < missing.size(); ++at)
    routines_.insert(std::move(missing_keys[at]), {compiled.functions()[at], compiled}, bytes + kEntryBytes);
  return routines;
}

double RoutineCache::add_heat(const NestCode& code, InstructionSet set, double work) {
  const std::lock_guard lock(mutex_);
  if (heat_.size() >= kMostHeat) heat_.clear();
  return heat_[key_of(code, set)] += work;
}

RoutineCache::Counts RoutineCache::counts() const {
  const std::lock_guard lock(mutex_);
  return {.hits = hits_,
          .misses = misses_,
          .evictions = routines_.evictions(),
          .bytes = routines_.cost(),
          .entries = routines_.size()};
}

void RoutineCache::clear() {
  const std::lock_guard lock(mutex_);
  routines_.clear();
  heat_.clear();
}

RoutineCache& routine_cache() {
  // Never destroyed: executables may outlive any order of static destructors.
  static RoutineCache& cache = *new RoutineCache(kMostBytes);
  return cache;
}

}  // namespace astrolabe
