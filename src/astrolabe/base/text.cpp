// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numeric>

#include <fmt/format.h>
#include <locale.h>
#include <stdlib.h>

#include "astrolabe/base/error.h"

namespace astrolabe {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// A quantity as its number and the lower-case unit behind it.
struct Quantity {
  double number = 0;
  std::string unit;
};

std::optional<Quantity> parse_quantity(std::string_view text) {
  const std::size_t unit_at = text.find_last_of("0123456789.") + 1;
  const auto number = parse_number(text.substr(0, unit_at));
  if (!number || !std::isfinite(*number) || *number <= 0) return std::nullopt;
  Quantity quantity{*number, std::string(text.substr(unit_at))};
  std::transform(quantity.unit.begin(), quantity.unit.end(), quantity.unit.begin(), lower);
  return quantity;
}

struct Unit {
  std::string_view name;
  double size;
};

template <std::size_t kCount>
std::optional<double> in_base_units(const std::optional<Quantity>& quantity,
                                    const std::array<Unit, kCount>& units) {
  if (!quantity) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name == quantity->unit) return quantity->number * unit.size;
  }
  return std::nullopt;
}

}  // namespace

double parse_duration(std::string_view text, std::string_view option) {
  static constexpr std::array<Unit, 6> kUnits{
      {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
  const auto seconds = in_base_units(parse_quantity(trim(text)), kUnits);
  if (seconds) return *seconds;
  throw usage_error({.attempted = fmt::format("reading {}", option),
                     .expected = "a duration such as 60s, 5m or 1h",
                     .found = fmt::format("'{}'", text)});
}

std::uint64_t parse_bytes(std::string_view text, std::string_view option) {
  static constexpr std::array<Unit, 14> kUnits{{{"", 1},
                                                {"b", 1},
                                                {"k", 0x1p10},
                                                {"kb", 0x1p10},
                                                {"kib", 0x1p10},
                                                {"m", 0x1p20},
                                                {"mb", 0x1p20},
                                                {"mib", 0x1p20},
                                                {"g", 0x1p30},
                                                {"gb", 0x1p30},
                                                {"gib", 0x1p30},
                                                {"t", 0x1p40},
                                                {"tb", 0x1p40},
                                                {"tib", 0x1p40}}};
  const auto bytes = in_base_units(parse_quantity(trim(text)), kUnits);
  if (bytes && *bytes >= 1 && *bytes < 0x1p63) return static_cast<std::uint64_t>(*bytes);
  throw usage_error({.attempted = fmt::format("reading {}", option),
                     .expected = "an amount of memory such as 4G, 512M or 100K",
                     .found = fmt::format("'{}'", text)});
}

std::string format_duration(double seconds) {
  if (std::isnan(seconds)) return "unknown";
  if (std::isinf(seconds)) return "no limit";
  const double milliseconds = std::round(std::max(0.0, seconds) * 1e3);
  if (milliseconds < 1000)
    return seconds > 0 && milliseconds == 0 ? "<1 ms" : fmt::format("{:.0f} ms", milliseconds);
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  if (std::round(seconds) >= 1e15) return fmt::format("{:.3g} d", seconds / 86400);
  const auto whole = static_cast<std::uint64_t>(std::round(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  const std::uint64_t minutes = (whole + 30) / 60;
  if (minutes < 24 * 60) return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
  const std::uint64_t hours = (minutes + 30) / 60;
  return fmt::format("{} d {} h", hours / 24, hours % 24);
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  static constexpr std::array<const char*, 6> kNames{"KB", "MB", "GB", "TB", "PB", "EB"};
  double amount = static_cast<double>(bytes) / 1024;
  std::size_t name = 0;
  for (; amount >= 1023.5 && name + 1 < kNames.size(); ++name) amount /= 1024;
  return amount < 9.95 ? fmt::format("{:.1f} {}", amount, kNames[name])
                       : fmt::format("{:.0f} {}", amount, kNames[name]);
}

std::string format_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, 1, ',');
  return digits;
}

std::string format_score(double value) {
  const double size = std::abs(value);
  if (!std::isfinite(value)) return fmt::format("{}", value);
  if (size == 0 || (size >= 1e-3 && size <= 1)) return fmt::format("{:.4f}", value == 0 ? 0.0 : value);
  if (size < 1e-3 || size >= 1e7) return fmt::format("{:.4g}", value);
  if (size >= 999.95) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}f}", value, size < 9.9995 ? 3 : size < 99.995 ? 2 : 1);
}

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too large is infinite, too small is zero; from_chars does not say which it was.
    static const locale_t plain = newlocale(LC_ALL_MASK, "C", nullptr);
    return strtod_l(std::string(text).c_str(), nullptr, plain);
  }
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\f\v";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> items;
  while (true) {
    const std::size_t end = text.find(separator);
    items.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return items;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> split_outside_parentheses(std::string_view text, char separator) {
  std::vector<std::string_view> items;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (text[i] != separator || depth != 0) continue;
    items.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  items.push_back(text.substr(begin));
  return items;
}

std::string join(std::span<const std::string> items, std::string_view separator) {
  std::string joined;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) joined += separator;
    joined += items[i];
  }
  return joined;
}

namespace {

// Edit distance (insert, delete, replace, swap of neighbours), ignoring case. Source: Damerau 1964; the
// restricted form.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates) {
  std::size_t allowed = std::max<std::size_t>(1, name.size() / 3);
  std::optional<std::string> nearest;
  for (const std::string& candidate : candidates) {
    const std::size_t difference =
        std::max(candidate.size(), name.size()) - std::min(candidate.size(), name.size());
    if (difference > allowed || candidate.empty()) continue;
    const std::size_t distance = edit_distance(name, candidate);
    // A name that shares nothing with the candidate was not meant.
    if (distance > allowed || distance >= name.size()) continue;
    if (distance == 0) return candidate;
    nearest = candidate;
    allowed = distance - 1;
  }
  return nearest;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::size_t size = text.size();
  std::size_t at = 0;
  while (at < size) {
    std::uint64_t eight = 0;
    if (size - at >= sizeof(eight)) {
      std::memcpy(&eight, bytes + at, sizeof(eight));
      if ((eight & 0x8080808080808080) == 0) {
        at += sizeof(eight);
        continue;
      }
    }
    const unsigned char first = bytes[at];
    if (first < 0x80) {
      ++at;
      continue;
    }
    if (first < 0xC2 || first > 0xF4) return at;
    const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (size - at < length) return at;
    // The second byte's range excludes overlong forms, surrogates and what lies above U+10FFFF.
    const unsigned char lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned char highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (bytes[at + 1] < lowest || bytes[at + 1] > highest) return at;
    for (std::size_t k = 2; k < length; ++k) {
      if (bytes[at + k] < 0x80 || bytes[at + k] > 0xBF) return at;
    }
    at += length;
  }
  return std::nullopt;
}

}  // namespace astrolabe
