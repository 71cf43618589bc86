#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "graphql/testing/example.h"

namespace millwright::graphql {
namespace {

// The query that graphql-js and the tools built on it send.
constexpr const char* kFullQuery = R"(
  query IntrospectionQuery {
    __schema {
      description
      queryType { name } mutationType { name } subscriptionType { name }
      types { ...FullType }
      directives { name description isRepeatable locations args { ...InputValue } }
    }
  }
  fragment FullType on __Type {
    kind name description specifiedByURL
    fields(includeDeprecated: true) {
      name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
    }
    inputFields { ...InputValue }
    interfaces { ...TypeRef }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    possibleTypes { ...TypeRef }
  }
  fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
  fragment TypeRef on __Type {
    kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
      ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }
  })";

Json data(const Schema& schema, const std::string& query) {
  const Response response = execute(schema, Resolvers(), testing::request(query));
  EXPECT_EQ(response.error_count, 0u) << response.body.substr(0, 500);
  return Json::parse(response.body)["data"];
}

Json data(const std::string& query) { return data(*testing::example_schema(), query); }

TEST(Introspection, DescribesTheSchemaToTheQueryOfTheTools) {
  const Json schema = data(kFullQuery)["__schema"];
  EXPECT_EQ(schema["description"], "An example.");
  EXPECT_EQ(schema["queryType"]["name"], "Query");
  EXPECT_EQ(schema["mutationType"]["name"], "Change");
  EXPECT_EQ(schema["types"].size(), testing::example_schema()->types().size());
  EXPECT_EQ(schema["directives"].size(), 5u);
}

TEST(Introspection, TypesSayWhatTheirKindHas) {
  EXPECT_EQ(
      data("{ __type(name: \"Human\") { kind name fields { name args { name defaultValue "
           "type { kind name ofType { name } } } } interfaces { name } possibleTypes { name } "
           "enumValues { name } inputFields { name } ofType { name } } }")["__type"],
      Json::parse(R"({"kind": "OBJECT", "name": "Human", "fields": [
              {"name": "name", "args": []},
              {"name": "pets", "args": [
                {"name": "first", "defaultValue": "2",
                 "type": {"kind": "SCALAR", "name": "Int", "ofType": null}},
                {"name": "kinds", "defaultValue": null,
                 "type": {"kind": "LIST", "name": null, "ofType": {"name": null}}}]}],
              "interfaces": [{"name": "Named"}], "possibleTypes": null, "enumValues": null,
              "inputFields": null, "ofType": null})"));
  EXPECT_EQ(
      data("{ __type(name: \"Pet\") { kind possibleTypes { name } fields { name } } }")["__type"],
      Json::parse(R"({"kind": "UNION", "possibleTypes": [{"name": "Dog"}, {"name": "Cat"}],
                            "fields": null})"));
  EXPECT_EQ(
      data("{ __type(name: \"Anything\") { kind specifiedByURL } }")["__type"]["specifiedByURL"],
      "https://example.org/anything");
  EXPECT_EQ(data("{ __type(name: \"Missing\") { kind } }")["__type"], Json());
}

TEST(Introspection, DeprecatedThingsAreShownOnDemand) {
  const Json now = data("{ __type(name: \"Kind\") { enumValues { name } } }");
  EXPECT_EQ(now["__type"]["enumValues"], Json::parse(R"([{"name": "DOG"}])"));
  const Json all = data(
      "query ($all: Boolean = true) { __type(name: \"Kind\") { enumValues(includeDeprecated: $all) "
      "{ name isDeprecated deprecationReason } } }");
  EXPECT_EQ(
      all["__type"]["enumValues"][1],
      Json::parse(R"({"name": "CAT", "isDeprecated": true, "deprecationReason": "Dogs only."})"));
}

TEST(Introspection, DirectivesSayWhereTheyMayStand) {
  const Json directives =
      data("{ __schema { directives { name isRepeatable locations args { name } } } }");
  EXPECT_EQ(directives["__schema"]["directives"][2],
            Json::parse(R"({"name": "note", "isRepeatable": true, "locations": ["QUERY", "FIELD"],
                            "args": [{"name": "text"}]})"));
}

TEST(Introspection, TheTypesOfIntrospectionDescribeThemselves) {
  EXPECT_EQ(data("{ __schema { __typename queryType { __typename } } }")["__schema"],
            Json::parse(R"({"__typename": "__Schema", "queryType": {"__typename": "__Type"}})"));
  EXPECT_EQ(data("{ __type(name: \"__TypeKind\") { enumValues { name } } }")["__type"]["enumValues"]
                .size(),
            8u);
}

TEST(Introspection, TheAnalyticsSchemaIsAnswered) {
  std::ifstream file(MILLWRIGHT_SOURCE_DIR "/src/analytics/schema.graphql");
  std::stringstream sdl;
  sdl << file.rdbuf();
  const auto schema = Schema::from_sdl(sdl.str());
  ASSERT_TRUE(schema) << schema.error().message;
  const Json answer = data(**schema, kFullQuery)["__schema"];
  EXPECT_EQ(answer["types"].size(), (*schema)->types().size());
  EXPECT_EQ(answer["queryType"]["name"], "Query");
  EXPECT_EQ(answer["mutationType"]["name"], "Mutation");
}

TEST(Introspection, ASchemaWithoutMutationsSaysSo) {
  const auto schema = Schema::from_sdl("type Query { a: Int }");
  ASSERT_TRUE(schema);
  EXPECT_TRUE(data(**schema, kFullQuery)["__schema"]["mutationType"].is_null());
}

}  // namespace
}  // namespace millwright::graphql
