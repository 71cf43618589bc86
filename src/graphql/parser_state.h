#pragma once
/// The recursive descent parser itself; other modules call parse() of parser.h.
///
/// The first error is kept in `error_` and turns the current token into the end of the text, so
/// that every loop and every expectation stops by itself.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graphql/ast.h"
#include "graphql/lexer.h"
#include "graphql/parser.h"

namespace millwright::graphql {

class Parser {
 public:
  Parser(std::string_view source, const ParseOptions& options);

  ast::Document document();
  const std::optional<SyntaxError>& error() const { return error_; }

 private:
  // One level of brackets; over the limit it is an error.
  class Nesting {
   public:
    explicit Nesting(Parser& parser);
    ~Nesting() { --parser_.nesting_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    Parser& parser_;
  };

  bool failed() const { return error_.has_value(); }
  void fail(std::string message, bool over_limit = false);
  void fail_unexpected(std::string_view expected);
  void advance();
  bool at(std::string_view punctuator) const;
  bool at_keyword(std::string_view word) const;
  bool accept(std::string_view punctuator);
  bool accept_keyword(std::string_view word);
  void expect(std::string_view punctuator);
  std::string name(std::string_view what);
  ast::NameReference name_reference(std::string_view what);
  /// `open item item … close`, at least one item; nothing when `open` is not there.
  template <typename Item>
  void block(std::string_view open, std::string_view close, Item&& item);

  // parser.cpp: executable definitions
  void definition(ast::Document& document);
  ast::Operation operation();
  ast::Fragment fragment();
  std::vector<ast::VariableDefinition> variable_definitions();
  std::vector<ast::Selection> selection_set();
  ast::Selection selection();
  ast::Selection field();
  std::vector<ast::Argument> arguments(bool constant);
  std::vector<ast::Directive> directives(bool constant);
  ast::Value value(bool constant);
  ast::Value name_value();
  ast::TypeReference type_reference();

  // parser_sdl.cpp: type system definitions
  bool type_system_definition(ast::Document& document);
  ast::SchemaDefinition schema_definition();
  ast::TypeDefinition type_definition(TypeKind kind);
  ast::DirectiveTypeDefinition directive_definition();
  std::optional<std::string> description();
  std::vector<ast::NameReference> implements();
  std::vector<ast::NameReference> union_members();
  std::vector<ast::FieldDefinition> field_definitions();
  std::vector<ast::InputValueDefinition> input_values(std::string_view open,
                                                      std::string_view close);
  std::vector<ast::EnumValueDefinition> enum_values();

  ParseOptions options_;
  Lexer lexer_;
  Token current_;
  std::optional<SyntaxError> error_;
  std::size_t tokens_ = 0;
  std::size_t nesting_ = 0;
};

template <typename Item>
void Parser::block(std::string_view open, std::string_view close, Item&& item) {
  if (!accept(open)) return;
  const Nesting nesting(*this);
  do {
    item();
  } while (!failed() && !accept(close));
}

}  // namespace millwright::graphql
