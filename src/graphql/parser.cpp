#include "graphql/parser.h"

#include <algorithm>

#include "base/text.h"
#include "graphql/parser_state.h"

namespace millwright::graphql {

Parser::Parser(std::string_view source, const ParseOptions& options)
    : options_(options), lexer_(source) {
  advance();
}

Parser::Nesting::Nesting(Parser& parser) : parser_(parser) {
  if (++parser_.nesting_ > parser_.options_.max_nesting) {
    parser_.fail("The document nests deeper than " + std::to_string(parser_.options_.max_nesting) +
                     " brackets; write it flatter.",
                 true);
  }
}

void Parser::fail(std::string message, bool over_limit) {
  if (!error_) error_ = SyntaxError{std::move(message), current_.location, over_limit};
  current_ = Token{};
}

void Parser::fail_unexpected(std::string_view expected) {
  const std::string found =
      current_.kind == TokenKind::kEnd ? "the end of the document" : quote(current_.text);
  fail("Syntax error: expected " + std::string(expected) + ", found " + found + ".");
}

void Parser::advance() {
  if (failed()) return;
  SyntaxError error;
  if (!lexer_.next(current_, error)) {
    error_ = std::move(error);
    current_ = Token{};
  } else if (current_.kind != TokenKind::kEnd && ++tokens_ > options_.max_tokens) {
    fail("The document has more than " + std::to_string(options_.max_tokens) +
             " tokens; ask for less at once.",
         true);
  }
}

bool Parser::at(std::string_view punctuator) const {
  return current_.kind == TokenKind::kPunctuator && current_.text == punctuator;
}

bool Parser::at_keyword(std::string_view word) const {
  return current_.kind == TokenKind::kName && current_.text == word;
}

bool Parser::accept(std::string_view punctuator) {
  if (!at(punctuator)) return false;
  advance();
  return true;
}

bool Parser::accept_keyword(std::string_view word) {
  if (!at_keyword(word)) return false;
  advance();
  return true;
}

void Parser::expect(std::string_view punctuator) {
  if (!accept(punctuator)) fail_unexpected(quote(punctuator));
}

std::string Parser::name(std::string_view what) {
  if (current_.kind != TokenKind::kName) {
    fail_unexpected(what);
    return {};
  }
  std::string text(current_.text);
  advance();
  return text;
}

ast::NameReference Parser::name_reference(std::string_view what) {
  const ast::Location location = current_.location;
  return {name(what), location};
}

ast::Document Parser::document() {
  ast::Document document;
  if (current_.kind == TokenKind::kEnd && !failed()) fail_unexpected("a definition");
  while (!failed() && current_.kind != TokenKind::kEnd) definition(document);
  return document;
}

void Parser::definition(ast::Document& document) {
  if (at("{") || at_keyword("query") || at_keyword("mutation") || at_keyword("subscription")) {
    document.operations.push_back(operation());
  } else if (at_keyword("fragment")) {
    document.fragments.push_back(fragment());
  } else if (!type_system_definition(document)) {
    fail_unexpected("a definition");
  }
}

ast::Operation Parser::operation() {
  ast::Operation out;
  out.location = current_.location;
  if (at("{")) {
    out.selections = selection_set();
    return out;
  }
  if (at_keyword("mutation")) out.kind = OperationKind::kMutation;
  if (at_keyword("subscription")) out.kind = OperationKind::kSubscription;
  advance();
  if (current_.kind == TokenKind::kName) out.name = name("a name");
  out.variables = variable_definitions();
  out.directives = directives(false);
  out.selections = selection_set();
  return out;
}

ast::Fragment Parser::fragment() {
  ast::Fragment out;
  out.location = current_.location;
  advance();
  if (at_keyword("on")) fail_unexpected("a fragment name other than 'on'");
  out.name = name("a fragment name");
  if (!accept_keyword("on")) fail_unexpected("'on'");
  out.type_condition_location = current_.location;
  out.type_condition = name("a type name");
  out.directives = directives(false);
  out.selections = selection_set();
  return out;
}

std::vector<ast::VariableDefinition> Parser::variable_definitions() {
  std::vector<ast::VariableDefinition> out;
  block("(", ")", [&] {
    ast::VariableDefinition& variable = out.emplace_back();
    variable.location = current_.location;
    expect("$");
    variable.name = name("a variable name");
    expect(":");
    variable.type = type_reference();
    if (accept("=")) variable.default_value = value(true);
    variable.directives = directives(true);
  });
  return out;
}

std::vector<ast::Selection> Parser::selection_set() {
  std::vector<ast::Selection> out;
  if (!at("{")) fail_unexpected("'{'");
  block("{", "}", [&] { out.push_back(selection()); });
  return out;
}

ast::Selection Parser::selection() {
  if (!at("...")) return field();
  ast::Selection out;
  out.location = current_.location;
  advance();
  if (current_.kind == TokenKind::kName && current_.text != "on") {
    out.kind = ast::Selection::Kind::kFragmentSpread;
    out.name = name("a fragment name");
    out.directives = directives(false);
    return out;
  }
  out.kind = ast::Selection::Kind::kInlineFragment;
  if (accept_keyword("on")) {
    out.type_condition_location = current_.location;
    out.type_condition = name("a type name");
  }
  out.directives = directives(false);
  out.selections = selection_set();
  return out;
}

ast::Selection Parser::field() {
  ast::Selection out;
  out.location = current_.location;
  out.name = name("a field name");
  if (accept(":")) {
    out.alias = std::move(out.name);
    out.name = name("a field name");
  }
  out.arguments = arguments(false);
  out.directives = directives(false);
  if (at("{")) out.selections = selection_set();
  return out;
}

std::vector<ast::Argument> Parser::arguments(bool constant) {
  std::vector<ast::Argument> out;
  block("(", ")", [&] {
    ast::Argument& argument = out.emplace_back();
    argument.location = current_.location;
    argument.name = name("an argument name");
    expect(":");
    argument.value = value(constant);
  });
  return out;
}

std::vector<ast::Directive> Parser::directives(bool constant) {
  std::vector<ast::Directive> out;
  while (at("@")) {
    ast::Directive& directive = out.emplace_back();
    directive.location = current_.location;
    advance();
    directive.name = name("a directive name");
    directive.arguments = arguments(constant);
  }
  return out;
}

ast::Value Parser::value(bool constant) {
  const Nesting nesting(*this);
  ast::Value out;
  out.location = current_.location;
  if (at("$") && !constant) {
    advance();
    out.kind = ast::ValueKind::kVariable;
    out.text = name("a variable name");
  } else if (accept("[")) {
    out.kind = ast::ValueKind::kList;
    while (!failed() && !accept("]")) out.items.push_back(value(constant));
  } else if (accept("{")) {
    out.kind = ast::ValueKind::kObject;
    while (!failed() && !accept("}")) {
      ast::ObjectField member;
      member.location = current_.location;
      member.name = name("a field name");
      expect(":");
      member.value = value(constant);
      out.members.push_back(std::move(member));
    }
  } else if (current_.kind == TokenKind::kName) {
    out = name_value();
  } else if (current_.kind == TokenKind::kInt || current_.kind == TokenKind::kFloat) {
    out.kind = current_.kind == TokenKind::kInt ? ast::ValueKind::kInt : ast::ValueKind::kFloat;
    out.text = std::string(current_.text);
    advance();
  } else if (current_.kind == TokenKind::kString) {
    out.kind = ast::ValueKind::kString;
    out.text = std::move(current_.value);
    advance();
  } else {
    fail_unexpected(at("$") ? "a value without variables" : "a value");
  }
  return out;
}

ast::Value Parser::name_value() {
  ast::Value out;
  out.location = current_.location;
  out.text = std::string(current_.text);
  out.kind = ast::ValueKind::kEnum;
  if (out.text == "true" || out.text == "false") out.kind = ast::ValueKind::kBoolean;
  if (out.text == "null") out.kind = ast::ValueKind::kNull;
  advance();
  return out;
}

ast::TypeReference Parser::type_reference() {
  const Nesting nesting(*this);
  ast::TypeReference out;
  const ast::Location location = current_.location;
  if (accept("[")) {
    out = type_reference();
    expect("]");
    out.wrappers.push_back(ast::TypeReference::Wrapper::kList);
  } else {
    out.name = name("a type");
  }
  out.location = location;
  if (accept("!")) out.wrappers.push_back(ast::TypeReference::Wrapper::kNonNull);
  return out;
}

std::variant<ast::Document, SyntaxError> parse(std::string_view source,
                                               const ParseOptions& options) {
  if (source.size() > options.max_bytes) {
    return SyntaxError{"The document has " + std::to_string(source.size()) +
                           " bytes; the limit is " + std::to_string(options.max_bytes) + ".",
                       {},
                       true};
  }
  if (!is_utf8(source)) {
    return SyntaxError{"Syntax error: the document is not UTF-8; encode it as UTF-8.", {}, false};
  }
  Parser parser(source, options);
  ast::Document document = parser.document();
  if (parser.error()) return *parser.error();
  return document;
}

}  // namespace millwright::graphql
