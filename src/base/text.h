#pragma once
/// Text from outside, made safe to show in a message or a log line, and bytes as text.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace millwright {

/// The text in single quotes, cut after 64 bytes, with control characters and bytes outside ASCII
/// written as \xNN, so that a hostile value can neither flood nor forge a message.
std::string quote(std::string_view text);

/// Two lower-case hexadecimal digits a byte.
std::string to_hex(std::span<const std::uint8_t> bytes);

/// Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

}  // namespace millwright
