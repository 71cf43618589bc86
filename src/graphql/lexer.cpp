#include "graphql/lexer.h"

#include <cstdint>

#include "base/text.h"

namespace millwright::graphql {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

}  // namespace

Lexer::Lexer(std::string_view source) : source_(source) {
  if (source_.starts_with("\xef\xbb\xbf")) position_ = counted_ = 3;  // byte order mark
}

char Lexer::peek(std::size_t ahead) const {
  return position_ + ahead < source_.size() ? source_[position_ + ahead] : '\0';
}

ast::Location Lexer::here() const {
  for (; counted_ < position_; ++counted_) {
    if (!is_continuation(source_[counted_])) ++column_;
  }
  return {line_, column_};
}

void Lexer::new_line(std::size_t start) {
  ++line_;
  counted_ = start;
  column_ = 1;
}

bool Lexer::fail(SyntaxError& error, std::string message) const {
  error = {"Syntax error: " + std::move(message), here(), false};
  return false;
}

void Lexer::skip_ignored() {
  while (position_ < source_.size()) {
    const char c = source_[position_];
    if (c == ' ' || c == '\t' || c == ',') {
      ++position_;
    } else if (c == '\n' || c == '\r') {
      position_ += c == '\r' && peek(1) == '\n' ? 2 : 1;
      new_line(position_);
    } else if (c == '#') {
      while (position_ < source_.size() && peek() != '\n' && peek() != '\r') ++position_;
    } else if (source_.substr(position_).starts_with("\xef\xbb\xbf")) {
      position_ += 3;
    } else {
      return;
    }
  }
}

bool Lexer::next(Token& token, SyntaxError& error) {
  skip_ignored();
  token = Token{};
  token.location = here();
  if (position_ >= source_.size()) return true;
  const std::size_t start = position_;
  const char c = peek();
  if (is_name_start(c)) {
    while (is_name_part(peek())) ++position_;
    token.kind = TokenKind::kName;
  } else if (is_digit(c) || c == '-') {
    if (!read_number(token, error)) return false;
  } else if (c == '"') {
    token.kind = TokenKind::kString;
    token.block = source_.substr(position_).starts_with("\"\"\"");
    if (!(token.block ? read_block_string(token, error) : read_string(token, error))) return false;
  } else if (c == '.') {
    if (peek(1) != '.' || peek(2) != '.') return fail(error, "expected '...'.");
    position_ += 3;
    token.kind = TokenKind::kPunctuator;
  } else if (std::string_view("!$&()[]{}:=@|").find(c) != std::string_view::npos) {
    ++position_;
    token.kind = TokenKind::kPunctuator;
  } else {
    std::size_t size = 1;
    while (is_continuation(peek(size))) ++size;
    return fail(error, "unexpected character " + quote(source_.substr(start, size)) + ".");
  }
  token.text = source_.substr(start, position_ - start);
  return true;
}

bool Lexer::read_digits(SyntaxError& error) {
  if (!is_digit(peek())) return fail(error, "a number needs a digit here.");
  while (is_digit(peek())) ++position_;
  return true;
}

bool Lexer::read_number(Token& token, SyntaxError& error) {
  token.kind = TokenKind::kInt;
  if (peek() == '-') ++position_;
  if (peek() == '0') {
    ++position_;
    if (is_digit(peek())) return fail(error, "a number has no leading zero.");
  } else if (!read_digits(error)) {
    return false;
  }
  if (peek() == '.') {
    token.kind = TokenKind::kFloat;
    ++position_;
    if (!read_digits(error)) return false;
  }
  if (peek() == 'e' || peek() == 'E') {
    token.kind = TokenKind::kFloat;
    ++position_;
    if (peek() == '+' || peek() == '-') ++position_;
    if (!read_digits(error)) return false;
  }
  if (peek() == '.' || is_name_start(peek())) {
    return fail(error, "a number cannot go on with " + quote(source_.substr(position_, 1)) + ".");
  }
  return true;
}

bool Lexer::read_string(Token& token, SyntaxError& error) {
  ++position_;
  while (position_ < source_.size()) {
    const char c = source_[position_];
    if (c == '"') {
      ++position_;
      return true;
    }
    if (c == '\\') {
      if (!read_escape(token.value, error)) return false;
      continue;
    }
    if (c == '\n' || c == '\r') break;
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t') {
      return fail(error, "a string cannot hold the character " +
                             quote(source_.substr(position_, 1)) + "; escape it as \\uXXXX.");
    }
    token.value += c;
    ++position_;
  }
  return fail(error, "the string does not end; close it with '\"' on the same line.");
}

bool Lexer::read_escape(std::string& out, SyntaxError& error) {
  static constexpr std::string_view kFrom = "\"\\/bfnrt";
  static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
  if (peek(1) == 'u') return read_unicode_escape(out, error);
  const auto which = kFrom.find(peek(1));
  if (which == std::string_view::npos || position_ + 1 >= source_.size()) {
    return fail(error, "unknown escape " + quote(source_.substr(position_, 2)) + " in a string.");
  }
  out += kTo[which];
  position_ += 2;
  return true;
}

bool Lexer::read_hex(std::size_t digits, std::uint32_t& code) {
  code = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const char c = peek(i);
    const char lower = static_cast<char>(c | 0x20);
    if (is_digit(c)) {
      code = code * 16 + static_cast<std::uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      code = code * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      return false;
    }
  }
  position_ += digits;
  return true;
}

bool Lexer::read_unicode_escape(std::string& out, SyntaxError& error) {
  position_ += 2;
  std::uint32_t code = 0;
  if (!read_hex(4, code)) return fail(error, "\\u needs four hexadecimal digits.");
  if (code >= 0xd800 && code < 0xdc00) {  // the first half of a pair
    std::uint32_t low = 0;
    if (peek() != '\\' || peek(1) != 'u') return fail(error, "\\u names half a character.");
    position_ += 2;
    if (!read_hex(4, low) || low < 0xdc00 || low >= 0xe000) {
      return fail(error, "\\u names half a character.");
    }
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  } else if (code >= 0xdc00 && code < 0xe000) {
    return fail(error, "\\u names half a character.");
  }
  append_utf8(out, code);
  return true;
}

bool Lexer::read_block_string(Token& token, SyntaxError& error) {
  position_ += 3;
  std::string raw;
  while (position_ < source_.size()) {
    const auto rest = source_.substr(position_);
    if (rest.starts_with("\"\"\"")) {
      position_ += 3;
      token.value = dedent_block(raw);
      return true;
    }
    if (rest.starts_with("\\\"\"\"")) {
      raw += "\"\"\"";
      position_ += 4;
      continue;
    }
    const char c = rest[0];
    if (c == '\n' || c == '\r') {
      raw += '\n';
      position_ += rest.starts_with("\r\n") ? 2 : 1;
      new_line(position_);
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t') {
      return fail(error, "a string cannot hold the character " + quote(rest.substr(0, 1)) + ".");
    }
    raw += c;
    ++position_;
  }
  return fail(error, "the block string does not end; close it with '\"\"\"'.");
}

std::string dedent_block(std::string_view raw) {
  std::vector<std::string_view> lines;
  for (std::size_t start = 0;;) {
    const auto end = raw.find('\n', start);
    lines.push_back(raw.substr(start, end - start));
    if (end == std::string_view::npos) break;
    start = end + 1;
  }
  const auto indent_of = [](std::string_view line) { return line.find_first_not_of(" \t"); };
  std::size_t common = std::string_view::npos;
  for (std::size_t i = 1; i < lines.size(); ++i) common = std::min(common, indent_of(lines[i]));
  for (std::size_t i = 1; i < lines.size() && common != std::string_view::npos; ++i) {
    lines[i].remove_prefix(std::min(common, lines[i].size()));
  }
  const auto is_blank = [&](std::string_view line) {
    return indent_of(line) == std::string_view::npos;
  };
  std::size_t first = 0;
  std::size_t last = lines.size();
  while (first < last && is_blank(lines[first])) ++first;
  while (last > first && is_blank(lines[last - 1])) --last;
  std::string out;
  for (std::size_t i = first; i < last; ++i) {
    if (i > first) out += '\n';
    out += lines[i];
  }
  return out;
}

}  // namespace millwright::graphql
