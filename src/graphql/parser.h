#pragma once
/// Text to syntax tree: recursive descent over the grammar of October 2021, section 2 and 3.
///
/// Linear in the length of the text. The recursion is bounded by `max_nesting`, so that a document
/// of ten thousand brackets is an error and not a crash. Pure: safe from any thread.

#include <string_view>
#include <variant>

#include "graphql/ast.h"
#include "graphql/lexer.h"

namespace millwright::graphql {

struct ParseOptions {
  std::size_t max_bytes = 16 * 1024;
  std::size_t max_tokens = 4'000;
  std::size_t max_nesting = 64;
};

/// A whole document, executable and type system definitions mixed as they come.
std::variant<ast::Document, SyntaxError> parse(std::string_view source,
                                               const ParseOptions& options = {});

}  // namespace millwright::graphql
