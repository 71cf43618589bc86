#pragma once
/// What units and display names may hold: they are shown to people. Pure; any thread.

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace millwright::ingest {

inline constexpr std::size_t kMostTextBytes = 256;

/// Whether `text` is at most 256 bytes of UTF-8 without control characters.
inline bool is_metric_text(std::string_view text) {
  return text.size() <= kMostTextBytes && is_utf8(text) &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace millwright::ingest
