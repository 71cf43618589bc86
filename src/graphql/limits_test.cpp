#include <gtest/gtest.h>

#include <string>

#include "graphql/testing/example.h"

namespace millwright::graphql {
namespace {

Response ask(const std::string& query, const Limits& limits = {}) {
  Resolvers resolvers;
  resolvers.field("Query", "nest", [](const FieldCall&) -> Result<ResolvedValue> {
    return ResolvedValue(Object());
  });
  return execute(*testing::example_schema(), resolvers, testing::request(query), limits);
}

void refused(const std::string& query, const std::string& part, const Limits& limits = {}) {
  const Response response = ask(query, limits);
  EXPECT_TRUE(response.request_error) << query.substr(0, 200);
  EXPECT_NE(response.body.find("resource_exhausted"), std::string::npos) << response.body;
  EXPECT_NE(response.body.find(part), std::string::npos) << response.body;
}

void accepted(const std::string& query) {
  const Response response = ask(query);
  EXPECT_FALSE(response.request_error) << query.substr(0, 200) << response.body;
}

std::string nested(int depth) {
  std::string query;
  for (int i = 1; i < depth; ++i) query += "{nest";
  return query + "{id" + std::string(static_cast<std::size_t>(depth), '}');
}

TEST(Limits, DepthIsEightFields) {
  accepted(nested(8));
  refused(nested(9), "levels of fields");
  refused(
      "{ ...A } fragment A on Query { nest { nest { nest { nest { ...B } } } } } "
      "fragment B on Query { nest { nest { nest { nest { id } } } } }",
      "levels of fields");
}

TEST(Limits, NestingBeyondTheParserIsRefused) {
  refused(nested(70), "nests deeper");
  refused(nested(1'000), "nests deeper");
  refused(nested(10'000), "bytes");
}

TEST(Limits, IntrospectionIsExemptFromDepthButNotFromGoingRound) {
  accepted(
      "{ __type(name: \"Query\") { fields { type { ofType { ofType { ofType { ofType { ofType "
      "{ ofType { ofType { name } } } } } } } } } } }");
  refused(
      "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } "
      "} } } } } } }",
      "introspection lists");
  std::string many = "{ __schema {";
  for (int i = 0; i < 1'000; ++i) many += " a" + std::to_string(i) + ":__typename";
  refused(many + "} }", "introspection fields");
}

TEST(Limits, EveryAliasAndEveryExpansionOfAFragmentCounts) {
  const auto aliases = [](int count) {
    std::string query = "{";
    for (int i = 0; i < count; ++i) query += " a" + std::to_string(i) + ":id";
    return query + "}";
  };
  accepted(aliases(20));
  refused(aliases(21), "aliases");
  std::string repeated = "{";
  for (int i = 0; i < 201; ++i) repeated += " id";
  refused(repeated + "}", "201 fields");
  std::string spreads = "{";
  for (int i = 0; i < 21; ++i) spreads += " nest{...F}";
  refused(spreads + "} fragment F on Query { a:id b:id c:id id id id id id id id }", "aliases");
}

TEST(Limits, AFragmentBombIsCountedNotExpanded) {
  std::string query = "{ ...F0 }";
  for (int i = 0; i < 60; ++i) {
    const std::string next = "...F" + std::to_string(i + 1);
    query += " fragment F" + std::to_string(i) + " on Query { " + next + " " + next + " }";
  }
  refused(query + " fragment F60 on Query { id }", "far more fields");
  std::string with_aliases = "{ ...F0 }";
  for (int i = 0; i < 25; ++i) {
    const std::string next = "{ ...F" + std::to_string(i + 1) + "}";
    with_aliases +=
        " fragment F" + std::to_string(i) + " on Query { a:nest" + next + " b:nest" + next + " }";
  }
  refused(with_aliases + " fragment F25 on Query { id }", "levels of fields");
}

TEST(Limits, ConditionsDoNotHideCost) {
  std::string query = "query ($no: Boolean = false) {";
  for (int i = 0; i < 201; ++i) query += " id @include(if: false)";
  refused(query + "}", "201 fields");
  refused("{ ... @skip(if: true) " + nested(9) + " }", "levels of fields");
}

TEST(Limits, CyclesOfFragmentsEndInAValidationError) {
  const Response response =
      ask("{ ...A } fragment A on Query { nest { ...B } } fragment B on Query { nest { ...A } }");
  EXPECT_TRUE(response.request_error);
  EXPECT_NE(response.body.find("leads back to itself"), std::string::npos) << response.body;
}

TEST(Limits, LongChainsOfFragmentsAreHandled) {
  std::string query = "{ ...F0 }";
  for (int i = 0; i < 300; ++i) {
    query += " fragment F" + std::to_string(i) + " on Query{...F" + std::to_string(i + 1) + "}";
  }
  accepted(query + " fragment F300 on Query { id }");
}

TEST(Limits, RepeatedFieldsAtEveryLevelStayCheap) {
  Limits limits;
  limits.depth = 40;
  limits.fields = 1'000'000;
  std::string query = "{ ...F0 }";
  for (int i = 0; i < 12; ++i) {
    const std::string next = "{ ...F" + std::to_string(i + 1) + "}";
    query += " fragment F" + std::to_string(i) + " on Query { nest" + next + " nest" + next + " }";
  }
  const Response response = ask(query + " fragment F12 on Query { id }", limits);
  EXPECT_FALSE(response.request_error) << response.body;
}

TEST(Limits, OperationsInOneDocumentAreLimited) {
  std::string query;
  for (int i = 0; i < 11; ++i) query += " query Q" + std::to_string(i) + " { id }";
  refused(query, "11 operations");
}

TEST(Limits, AThousandDirectivesAreAnErrorOnly) {
  std::string query = "{ id";
  for (int i = 0; i < 1'000; ++i) query += " @a";
  const Response response = ask(query + " }");
  EXPECT_TRUE(response.request_error);
  EXPECT_LE(response.error_count, 101u);
}

}  // namespace
}  // namespace millwright::graphql
