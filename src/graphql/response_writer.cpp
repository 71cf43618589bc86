#include "graphql/response_writer.h"

#include <charconv>
#include <cmath>

#include "base/text.h"

namespace millwright::graphql {
namespace {

constexpr double kExactBelow = 9007199254740992.0;  // 2^53

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != '\x7f';
}

void append_escaped(std::string& out, char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 15];
  }
}

// Every byte that starts no well-formed sequence becomes one U+FFFD.
std::string repaired(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t size = 1;
    while (size < 4 && !is_utf8(text.substr(i, size))) ++size;
    if (is_utf8(text.substr(i, size))) {
      out += text.substr(i, size);
      i += size;
    } else {
      out += "\xef\xbf\xbd";
      ++i;
    }
  }
  return out;
}

}  // namespace

void append_text(std::string& out, std::string_view text) {
  std::string repaired_text;
  bool has_high = false;
  for (const char c : text) has_high = has_high || static_cast<unsigned char>(c) >= 0x80;
  if (has_high && !is_utf8(text)) text = repaired_text = repaired(text);
  out += '"';
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_plain(text[i])) continue;
    out += text.substr(start, i - start);
    append_escaped(out, text[i]);
    start = i + 1;
  }
  out += text.substr(start);
  out += '"';
}

void append_number(std::string& out, std::int64_t number) {
  char buffer[24];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, number);
  out.append(buffer, result.ptr);
}

void append_number(std::string& out, double number) {
  if (std::fabs(number) < kExactBelow && number == std::trunc(number)) {
    return append_number(out, static_cast<std::int64_t>(number));
  }
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, number);
  out.append(buffer, result.ptr);
}

void append_json(std::string& out, const Json& value) {
  out += value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_errors(std::string& out, const std::vector<ResponseError>& errors) {
  out += '[';
  for (const ResponseError& error : errors) {
    if (&error != &errors.front()) out += ',';
    out += "{\"message\":";
    append_text(out, error.message);
    if (!error.locations.empty()) {
      out += ",\"locations\":[";
      for (const ast::Location& location : error.locations) {
        if (&location != &error.locations.front()) out += ',';
        out += "{\"line\":" + std::to_string(location.line) +
               ",\"column\":" + std::to_string(location.column) + "}";
      }
      out += ']';
    }
    if (!error.path.is_null()) {
      out += ",\"path\":";
      append_json(out, error.path);
    }
    out += ",\"extensions\":{\"code\":";
    append_text(out, to_string(error.code));
    out += "}}";
  }
  out += ']';
}

}  // namespace millwright::graphql
