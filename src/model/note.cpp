#include "model/note.h"

#include <algorithm>

#include "base/text.h"

namespace millwright {
namespace {

constexpr std::size_t kMaxNoteCharacters = 1'000;

/// Of well-formed UTF-8: all bytes but those that continue a character.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

Result<> check_note(std::string_view note) {
  if (!is_utf8(note) || note.find('\0') != std::string_view::npos) {
    return invalid_argument("note " + quote(note) + " is not a text in UTF-8 without NUL");
  }
  if (const std::size_t count = characters(note); count > kMaxNoteCharacters) {
    return invalid_argument("note has " + std::to_string(count) + " characters; at most " +
                            std::to_string(kMaxNoteCharacters) + " are kept");
  }
  return {};
}

}  // namespace millwright
