#pragma once
/// Splits a document into tokens (October 2021, section 2.1).
///
/// The source must be well-formed UTF-8 and outlive the lexer. Errors name the place in `error`.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "graphql/ast.h"

namespace millwright::graphql {

/// A text that does not follow the grammar or is over a limit.
struct SyntaxError {
  std::string message;
  ast::Location location;
  bool over_limit = false;
};

enum class TokenKind { kEnd, kPunctuator, kName, kInt, kFloat, kString };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  ///< As written.
  std::string value;      ///< Content of a string, escapes resolved.
  bool block = false;     ///< A """block""" string.
  ast::Location location;
};

class Lexer {
 public:
  explicit Lexer(std::string_view source);

  /// The next token, or false with `error` set. After the last token: kEnd, again and again.
  bool next(Token& token, SyntaxError& error);

 private:
  void skip_ignored();
  char peek(std::size_t ahead = 0) const;
  ast::Location here() const;
  void new_line(std::size_t start);
  bool read_number(Token& token, SyntaxError& error);
  bool read_digits(SyntaxError& error);
  bool read_string(Token& token, SyntaxError& error);
  bool read_escape(std::string& out, SyntaxError& error);
  bool read_unicode_escape(std::string& out, SyntaxError& error);
  bool read_hex(std::size_t digits, std::uint32_t& code);
  bool read_block_string(Token& token, SyntaxError& error);
  bool fail(SyntaxError& error, std::string message) const;

  std::string_view source_;
  std::size_t position_ = 0;
  std::uint32_t line_ = 1;
  mutable std::size_t counted_ = 0;   // how far `column_` has counted, at or before position_
  mutable std::uint32_t column_ = 1;  // column of source_[counted_]
};

/// A block string's content: common indentation and blank first and last lines removed.
std::string dedent_block(std::string_view raw);

}  // namespace millwright::graphql
