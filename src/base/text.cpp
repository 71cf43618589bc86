#include "base/text.h"

#include <cstdint>

namespace millwright {
namespace {
constexpr std::size_t kMaxShown = 64;

void append_hex(std::string& out, std::uint8_t byte) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}
}  // namespace

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) append_hex(out, byte);
  return out;
}

std::string quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, kMaxShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      out += "\\x";
      append_hex(out, byte);
    } else {
      out += c;
    }
  }
  if (text.size() > kMaxShown) out += "...";
  return out + "'";
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    int more = 0;
    std::uint32_t code = 0;
    std::uint32_t least = 0;
    if (lead < 0x80) {
      ++i;
      continue;
    }
    if (lead >= 0xc2 && lead < 0xe0)
      more = 1, code = lead & 0x1f, least = 0x80;
    else if (lead >= 0xe0 && lead < 0xf0)
      more = 2, code = lead & 0x0f, least = 0x800;
    else if (lead >= 0xf0 && lead < 0xf5)
      more = 3, code = lead & 0x07, least = 0x10000;
    else
      return false;
    if (text.size() - i <= std::size_t(more)) return false;
    for (int k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + std::size_t(k)]);
      if ((next & 0xc0) != 0x80) return false;
      code = (code << 6) | (next & 0x3f);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
    i += std::size_t(more) + 1;
  }
  return true;
}

}  // namespace millwright
