// SPDX-License-Identifier: Apache-2.0
// Quantities and names as people write and read them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace astrolabe {

// "60s", "5m", "1h", "90" (seconds). Throws usage_error; `option` names the option in the message.
[[nodiscard]] double parse_duration(std::string_view text, std::string_view option);
// "4G", "512M", "100K", "1048576" (bytes; powers of 1024). Throws usage_error.
[[nodiscard]] std::uint64_t parse_bytes(std::string_view text, std::string_view option);

[[nodiscard]] std::string format_duration(double seconds);    // "850 ms", "4.2 s", "3 min 20 s"
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);  // "1.4 GB"
[[nodiscard]] std::string format_count(std::uint64_t count);  // "32,561"
[[nodiscard]] std::string format_score(
    double value);  // four significant digits or four decimals: "0.9283", "529.6"

// The whole text as a finite or infinite number ("1e3", "-4", "+.5", "inf"); nothing on anything else.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
// At separators that stand in no parentheses; blanks stay.
[[nodiscard]] std::vector<std::string_view> split_outside_parentheses(std::string_view text, char separator);
[[nodiscard]] std::string join(std::span<const std::string> items, std::string_view separator);

// The candidate closest to `name` by edit distance, if any is close enough to be what was meant.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name,
                                                      std::span<const std::string> candidates);

// Byte offset of the first invalid UTF-8 sequence; nothing when the text is valid.
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view text);

}  // namespace astrolabe
