#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "graphql/parser.h"

namespace millwright::graphql {
namespace {

ast::Document parsed(std::string_view text) {
  auto result = parse(text);
  if (const auto* error = std::get_if<SyntaxError>(&result)) {
    ADD_FAILURE() << text << ": " << error->message;
    return {};
  }
  return std::get<ast::Document>(std::move(result));
}

SyntaxError refused(std::string_view text, const ParseOptions& options = {}) {
  auto result = parse(text, options);
  if (const auto* error = std::get_if<SyntaxError>(&result)) return *error;
  ADD_FAILURE() << "parsed although it should not: " << text;
  return {};
}

ast::Value value_of(const std::string& literal) {
  const ast::Document document = parsed("{a(v: " + literal + ")}");
  if (document.operations.empty()) return {};
  return document.operations[0].selections[0].arguments[0].value;
}

TEST(Language, EveryPartOfAnOperationIsKept) {
  const auto document = parsed(R"(
    query Q($a: [Int!]! = [1, 2] @note(text: "v"), $b: String) @note(text: "x") {
      alias: field(x: $a, y: {k: RED}) @include(if: true) { ...F ... on T { z } ... @skip(if: false) { w } }
    }
    fragment F on T @note { y }
  )");
  ASSERT_EQ(document.operations.size(), 1u);
  const ast::Operation& operation = document.operations[0];
  EXPECT_EQ(operation.name, "Q");
  ASSERT_EQ(operation.variables.size(), 2u);
  EXPECT_EQ(print(operation.variables[0].type), "[Int!]!");
  EXPECT_EQ(print(*operation.variables[0].default_value), "[1, 2]");
  const ast::Selection& field = operation.selections[0];
  EXPECT_EQ(field.response_key(), "alias");
  EXPECT_EQ(field.name, "field");
  EXPECT_EQ(print(field.arguments[1].value), "{k: RED}");
  ASSERT_EQ(field.selections.size(), 3u);
  EXPECT_EQ(field.selections[0].kind, ast::Selection::Kind::kFragmentSpread);
  EXPECT_EQ(*field.selections[1].type_condition, "T");
  EXPECT_FALSE(field.selections[2].type_condition.has_value());
  EXPECT_EQ(document.fragments[0].type_condition, "T");
}

TEST(Language, KeywordsAreNamesWhereANameStands) {
  const auto document = parsed("{ query: type(fragment: on) { on, null, true } }");
  EXPECT_EQ(document.operations[0].selections[0].name, "type");
  EXPECT_EQ(document.operations[0].selections[0].selections.size(), 3u);
}

TEST(Language, CommasCommentsAndTheByteOrderMarkAreIgnored) {
  const auto document = parsed("\xef\xbb\xbf# first\n{,,a,#x}\r\nb\r c}");
  EXPECT_EQ(document.operations[0].selections.size(), 3u);
}

TEST(Language, LocationsCountLinesOfAllKindsAndCharactersNotBytes) {
  const auto document = parsed("{\r\n a(t: \"\xc3\xa4\xc3\xb6\") b\r c\n\n  d }");
  const auto& fields = document.operations[0].selections;
  EXPECT_EQ(fields[0].location.line, 2u);
  EXPECT_EQ(fields[0].location.column, 2u);
  EXPECT_EQ(fields[1].location.line, 2u);
  EXPECT_EQ(fields[1].location.column, 13u);
  EXPECT_EQ(fields[2].location.line, 3u);
  EXPECT_EQ(fields[3].location.line, 5u);
  EXPECT_EQ(fields[3].location.column, 3u);
}

TEST(Language, NumbersFollowTheGrammar) {
  for (const char* text : {"0", "-0", "7", "-120", "9007199254740993"}) {
    EXPECT_EQ(value_of(text).kind, ast::ValueKind::kInt) << text;
  }
  for (const char* text : {"0.5", "1e3", "-1.25E-7", "6.0221413e+23"}) {
    EXPECT_EQ(value_of(text).kind, ast::ValueKind::kFloat) << text;
  }
  for (const char* text :
       {"00", "01", "1.", ".5", "1.e1", "+1", "-", "1a", "0x1", "1e", "1.2.3", "1_000", "-a"}) {
    refused("{a(v: " + std::string(text) + ")}");
  }
}

TEST(Language, StringEscapesAreResolved) {
  EXPECT_EQ(value_of(R"("")").text, "");
  EXPECT_EQ(value_of(R"("a\"b\\c\/\b\f\n\r\t")").text, "a\"b\\c/\b\f\n\r\t");
  EXPECT_EQ(value_of(R"("\u00e4\u20AC")").text, "\xc3\xa4\xe2\x82\xac");
  EXPECT_EQ(value_of(R"("\uD83D\uDE00")").text, "\xf0\x9f\x98\x80");
  for (const char* text : {R"("\x")", R"("\u12")", R"("\uD83D")", R"("\uDE00")",
                           R"("\uD83D\u0041")", "\"a", "\"a\nb\"", "\"a\x01\"", "\"\\"}) {
    refused("{a(v: " + std::string(text) + ")}");
  }
}

TEST(Language, BlockStringsLoseTheirCommonIndentation) {
  EXPECT_EQ(
      value_of("\"\"\"\n    Hello,\n      World!\n\n    Yours,\n      GraphQL.\n  \"\"\"").text,
      "Hello,\n  World!\n\nYours,\n  GraphQL.");
  EXPECT_EQ(value_of("\"\"\"a \\\"\"\" \\n \"b\" \"\"\"").text, "a \"\"\" \\n \"b\" ");
  EXPECT_EQ(value_of("\"\"\"\"\"\"").text, "");
  refused("{a(v: \"\"\"never ends\"\")}");
}

TEST(Language, SyntaxErrorsNameThePlaceAndWhatWasExpected) {
  const SyntaxError error = refused("{\n  a(b: )\n}");
  EXPECT_EQ(error.location.line, 2u);
  EXPECT_EQ(error.location.column, 8u);
  EXPECT_EQ(error.message, "Syntax error: expected a value, found ')'.");
  EXPECT_EQ(refused("{ a ").message,
            "Syntax error: expected a field name, found the end of the document.");
}

TEST(Language, BrokenDocumentsAreRefused) {
  for (const char* text : {"",
                           "   # only a comment",
                           "{}",
                           "{ a { } }",
                           "{ a() }",
                           "query",
                           "query Q() { a }",
                           "{ ... }",
                           "{ ...on }",
                           "fragment on on T { a }",
                           "fragment F { a }",
                           "{ a: }",
                           "{ a } }",
                           "{ a(b: $) }",
                           "query ($a: Int = $b) { a }",
                           "query ($a) { a }",
                           "{ a(x: {b}) }",
                           "{ a ? }",
                           "{ a .. b }",
                           "{ a @ }",
                           "extend { a }",
                           "query ($a: [Int) { a }",
                           "query ($a: Int!!) { a }",
                           "enum E { true }",
                           "type T { }",
                           "directive @d",
                           "\"text\" query { a }"}) {
    refused(text);
  }
  refused(std::string("{ a\0 }", 6));
  refused("{ a(t: \"\xc3\x28\") }");
}

TEST(Language, TenThousandBracketsAreAnErrorAndNotACrash) {
  for (const auto& [open, around] : {std::pair{"{a", "{a"}, std::pair{"[", "{a(v:"},
                                     std::pair{"{a:", "{a(v:"}, std::pair{"[", "query($a:"}}) {
    std::string text = around;
    for (int i = 0; i < 10'000; ++i) text += open;
    const SyntaxError error = refused(text, {.max_bytes = 1 << 20, .max_tokens = 100'000});
    EXPECT_TRUE(error.over_limit) << text.substr(0, 20);
  }
}

TEST(Language, TokensAndBytesAreLimited) {
  std::string many = "{";
  for (int i = 0; i < 5'000; ++i) many += " a";
  many += "}";
  EXPECT_TRUE(refused(many).over_limit);
  EXPECT_TRUE(refused("{a}" + std::string(20'000, ' ')).over_limit);
}

TEST(Language, TypeSystemDefinitionsAreKept) {
  const auto document = parsed(R"(
    "the schema" schema @a { query: Q subscription: S }
    extend schema { mutation: M }
    """ Docs """ type T implements & A & B @d { "field" f("arg" x: [Int!] = [1] @d): String! @deprecated }
    interface I implements A { f: Int }
    union U = | A | B
    enum E { "one" ONE TWO @deprecated(reason: "old") }
    input In { a: Int! = 3 b: [In!] }
    scalar Date @specifiedBy(url: "x")
    extend type T { g: Int }
    directive @d(a: Int) repeatable on | FIELD | QUERY
  )");
  ASSERT_EQ(document.types.size(), 7u);
  EXPECT_EQ(*document.types[0].description, " Docs ");
  EXPECT_EQ(document.types[0].interfaces.size(), 2u);
  EXPECT_EQ(*document.types[0].fields[0].arguments[0].description, "arg");
  EXPECT_EQ(document.types[2].members.size(), 2u);
  EXPECT_TRUE(document.types[6].extends);
  EXPECT_TRUE(document.directives[0].repeatable);
  EXPECT_EQ(document.schemas.size(), 2u);
}

}  // namespace
}  // namespace millwright::graphql
