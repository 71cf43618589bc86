#pragma once
/// From the target of a request line to one canonical path, decoded exactly once.
///
/// Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "transport/http/message.h"

namespace millwright::http {

struct Target {
  std::string path;
  Headers query;
};

/// Nothing for what has no canonical form here and is therefore unknown (404): empty, "." and ".."
/// segments, ';', '\\', control characters, bytes that are no UTF-8, a trailing slash, and escapes
/// of characters that need none or would change the structure (%2e, %2f, %25, %00).
/// At most 100 query parameters.
std::optional<Target> parse_target(std::string_view target);

}  // namespace millwright::http
