#include "graphql/schema.h"

#include <gtest/gtest.h>

#include "graphql/testing/example.h"

namespace millwright::graphql {
namespace {

std::string refusal(const std::string& sdl) {
  const auto schema = Schema::from_sdl(sdl);
  if (schema) {
    ADD_FAILURE() << "accepted although it should not be: " << sdl;
    return {};
  }
  EXPECT_EQ(schema.error().code, ErrorCode::kInvalidArgument);
  return schema.error().message;
}

TEST(SchemaFromSdl, TypesFieldsAndRootsAreThere) {
  const auto schema = testing::example_schema();
  EXPECT_EQ(schema->root(OperationKind::kQuery), schema->type("Query"));
  EXPECT_EQ(schema->root(OperationKind::kMutation), schema->type("Change"));
  const Field* pets = schema->type("Human")->field("pets");
  ASSERT_NE(pets, nullptr);
  EXPECT_EQ(to_string(*pets->type), "[Pet!]");
  EXPECT_EQ(*pets->argument("first")->default_value, nlohmann::json(2));
  EXPECT_EQ(schema->type("Named")->possible_types.size(), 3u);
  EXPECT_EQ(*schema->type("Query")->field("old")->deprecation_reason, "No longer supported");
  EXPECT_EQ(*schema->type("Kind")->enum_value("CAT")->deprecation_reason, "Dogs only.");
  EXPECT_EQ(*schema->type("Anything")->specified_by, "https://example.org/anything");
  EXPECT_EQ(schema->type("Nothing"), nullptr);
}

TEST(SchemaFromSdl, ExtensionsAddToTheirType) {
  const auto schema = Schema::from_sdl(
      "type Query { a: Int } extend type Query { b: E } enum E { X } extend enum E { Y }");
  ASSERT_TRUE(schema);
  EXPECT_NE((*schema)->type("Query")->field("b"), nullptr);
  EXPECT_EQ((*schema)->type("E")->enum_values.size(), 2u);
}

TEST(SchemaFromSdl, DefaultsOfInputObjectsTakeInTheirFieldsDefaults) {
  const auto schema = Schema::from_sdl(
      "type Query { a(i: A = {}): Int } input A { b: B = {} } input B { c: Int = 5, d: [Int] = 1 "
      "}");
  ASSERT_TRUE(schema) << schema.error().message;
  EXPECT_EQ(*(*schema)->type("Query")->field("a")->argument("i")->default_value,
            nlohmann::json::parse(R"({"b": {"c": 5, "d": [1]}})"));
}

TEST(SchemaFromSdl, MistakesAreNamedWithTheirPlace) {
  EXPECT_EQ(refusal("type Query {\n  a: Missing\n}"),
            "Schema, line 2, column 6: type 'Missing' is not defined.");
  EXPECT_NE(refusal("type Query { a: }").find("line 1, column 17"), std::string::npos);
}

TEST(SchemaFromSdl, InconsistentSchemasAreRefused) {
  const std::string ok = "type Query { a: Int } ";
  for (const char* sdl : {
           "type A { a: Int }",                             // no query
           "query { a }",                                   // not a schema
           "type Query { a: Int a: Int }",                  // a field twice
           "type Query { a(x: Int, x: Int): Int }",         // an argument twice
           "type Query { a: I } input I { b: Int }",        // input type answered
           "type Query { a(x: Query): Int }",               // output type taken
           "type Query { __a: Int }",                       // reserved
           "type Query { a: Int @deprecated(reason: 3) }",  // wrong directive argument
           "type Query @deprecated { a: Int }",             // wrong directive location
           "type Query { a: Int @unknown }",                //
           "type Query { a(x: Int = \"text\"): Int }",      // default of another type
           "type Query { a(x: E = B): Int } enum E { A }",  //
           "schema { query: E } enum E { A }",              // root of another kind
           "schema { query: Missing }",                     //
       }) {
    refusal(sdl);
  }
  for (const char* sdl : {
           "type Query { b: Int }",               // defined twice
           "scalar Int",                          // built in
           "type __T { a: Int }",                 //
           "extend type Missing { a: Int }",      //
           "extend enum Query { A }",             //
           "type T implements Query { a: Int }",  // no interface
           "interface I { f: Int } type T implements I { g: Int }",
           "interface I { f: Int! } type T implements I { f: Int }",
           "interface I { f(a: Int): Int } type T implements I { f: Int }",
           "interface I { f: Int } type T implements I { f(a: Int!): Int }",
           "interface I { f: Int } interface J implements I { f: Int } type T implements J { f: "
           "Int }",
           "union U = Int",
           "union U = Query | Query",
           "enum E { A A }",
           "enum E",
           "type T",
           "input I",
           "input I { i: I! }",
           "input A { b: B! } input B { a: A! }",
           "input A { a: A = {} }",
           "directive @skip on FIELD",
           "directive @d on NOWHERE",
           "schema { query: Query } schema { query: Query }",
       }) {
    refusal(ok + sdl);
  }
}

TEST(SchemaFromSdl, CovariantFieldsAndListsOfThemselvesAreAllowed) {
  const auto schema = Schema::from_sdl(R"(
    type Query { a: I }
    interface I { next: I list: [I] }
    type T implements I { next: T! list: [T!]! extra(a: Int): Int }
    input In { more: [In!]! maybe: In }
  )");
  EXPECT_TRUE(schema) << schema.error().message;
}

}  // namespace
}  // namespace millwright::graphql
