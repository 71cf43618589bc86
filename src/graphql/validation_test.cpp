#include "graphql/validation.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "graphql/parser.h"
#include "graphql/testing/example.h"

namespace millwright::graphql {
namespace {

std::vector<ResponseError> errors_of(const std::string& query) {
  auto document = parse(query);
  if (const auto* error = std::get_if<SyntaxError>(&document)) {
    ADD_FAILURE() << query << ": " << error->message;
    return {};
  }
  return validate(*testing::example_schema(), std::get<ast::Document>(document), 100);
}

void valid(const std::string& query) {
  for (const ResponseError& error : errors_of(query)) {
    ADD_FAILURE() << query << "\n  " << error.message;
  }
}

// Exactly the given number of errors, the first of which holds `part`.
void invalid(const std::string& query, const std::string& part, std::size_t count = 1) {
  const auto errors = errors_of(query);
  ASSERT_EQ(errors.size(), count) << query << (errors.empty() ? "" : "\n  " + errors[0].message);
  EXPECT_NE(errors[0].message.find(part), std::string::npos)
      << query << "\n  " << errors[0].message;
  EXPECT_FALSE(errors[0].locations.empty()) << query;
}

TEST(Validation, ErrorsAreLimited) {
  std::string query = "{";
  for (int i = 0; i < 300; ++i) query += " missing" + std::to_string(i);
  const auto errors = errors_of(query + "}");
  ASSERT_EQ(errors.size(), 101u);
  EXPECT_EQ(errors.back().message, "Too many errors; the others are left out.");
}

TEST(Validation, OperationsThatTheSchemaLacksAreRefused) {
  const auto schema = Schema::from_sdl("type Query { a: Int }").value();
  const auto document = parse("mutation { a }");
  const auto errors = validate(*schema, std::get<ast::Document>(document), 10);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].message, "This API offers no mutation.");
}

TEST(Validation, DefinitionsMustBeExecutable) {
  invalid("{ hello } type T { a: Int }", "not executable");
  invalid("{ hello } directive @d on FIELD", "not executable");
  invalid("{ hello } extend schema { mutation: Change }", "not executable");
}

TEST(Validation, OperationNamesAreUnique) {
  valid("query A { hello } query B { hello }");
  invalid("query A { hello } query A { hello }", "only one operation named 'A'");
  invalid("query A { hello } mutation A { set(value: 1) }", "only one operation named 'A'");
}

TEST(Validation, AnAnonymousOperationIsAlone) {
  valid("{ hello }");
  invalid("{ hello } query B { hello }", "must be the only one");
  invalid("{ hello } { hello }", "must be the only one", 2);
}

TEST(Validation, ASubscriptionHasOneRootField) {
  valid("subscription { ticks(every: 1) { x } }");
  valid("subscription { ...S } fragment S on Subscription { ticks(every: 1) { x } }");
  invalid("subscription { ticks(every: 1) { x } other }", "exactly one");
  invalid("subscription { ...S other } fragment S on Subscription { ticks(every: 1) { x } }",
          "exactly one");
  invalid("subscription { __typename }", "introspection field");
}

TEST(Validation, TypesAreKnown) {
  invalid("query ($a: Missing) { hello(name: $a) }", "Unknown type 'Missing'");
  invalid("{ dog { ... on Missing { name } } }", "Unknown type 'Missing'");
  invalid("{ dog { ...F } } fragment F on Missing { name }", "Unknown type 'Missing'");
}

TEST(Validation, FragmentsAreOnCompositeTypes) {
  valid("{ pet { ... on Dog { name } ... on Named { name } ... on Pet { __typename } } }");
  invalid("{ hello ... on Int { a } }", "cannot be on 'Int'");
  invalid("{ dog { ...F } } fragment F on Filter { text }", "cannot be on 'Filter'");
}

TEST(Validation, VariablesAreInputTypes) {
  valid(
      "query ($a: Filter!, $b: [Kind!]) { find(filter: $a) human(id: 1) { pets(kinds: $b) { "
      "__typename } } }");
  invalid("query ($a: Dog) { dog { name @include(if: $a) } }", "not an input type", 2);
}

TEST(Validation, LeavesHaveNoSelectionAndCompositesNeedOne) {
  invalid("{ hello { length } }", "has no subfields");
  invalid("{ kind { name } }", "has no subfields");
  invalid("{ dog }", "needs a selection");
  invalid("{ pet }", "needs a selection");
}

TEST(Validation, FieldsExistOnTheirType) {
  valid(
      "{ __typename __schema { types { name } } __type(name: \"Dog\") { name } dog { __typename } "
      "}");
  invalid("{ missing }", "Cannot query field 'missing' on type 'Query'");
  invalid("{ dog { meows } }", "Cannot query field 'meows' on type 'Dog'");
  invalid("{ named { barks } }", "Cannot query field 'barks' on type 'Named'");
  invalid("{ pet { name } }", "Cannot query field 'name' on type 'Pet'");
  invalid("{ dog { __schema { types { name } } } }", "Cannot query field '__schema'");
}

TEST(Validation, NoErrorSuggestsAName) {
  for (const auto& error : errors_of("{ helo dog { nam } human(idd: 1) { name } kindd }")) {
    EXPECT_EQ(error.message.find("ean "), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find("hello"), std::string::npos) << error.message;
  }
}

TEST(Validation, FragmentNamesAreUniqueKnownAndUsed) {
  invalid("{ ...F } fragment F on Query { hello } fragment F on Query { id }",
          "only one fragment named 'F'");
  invalid("{ ...Missing }", "'Missing' is not defined");
  invalid("{ hello } fragment F on Query { hello }", "never used");
  invalid("{ hello } fragment F on Query { ...G } fragment G on Query { id }", "never used", 2);
}

TEST(Validation, FragmentsApplyWhereTheyStand) {
  valid("{ named { ... on Dog { barks } ...P } } fragment P on Pet { ... on Cat { meows } }");
  invalid("{ dog { ... on Cat { meows } } }", "can never apply to 'Dog'");
  invalid("{ pet { ...F } } fragment F on Human { name }", "can never apply to 'Pet'");
}

TEST(Validation, FragmentsHaveNoCycles) {
  invalid("{ ...A } fragment A on Query { nest { ...A } }", "leads back to itself");
  invalid(
      "{ ...A } fragment A on Query { ...B } fragment B on Query { ...C } "
      "fragment C on Query { ...A }",
      "leads back to itself");
  valid(
      "{ ...A ...B } fragment A on Query { ...C } fragment B on Query { ...C } "
      "fragment C on Query { hello }");
}

TEST(Validation, VariablesAreUniqueDefinedAndUsed) {
  valid("query ($a: String) { ...F } fragment F on Query { hello(name: $a) }");
  invalid("query ($a: String, $a: String) { hello(name: $a) }", "only one variable named '$a'");
  invalid("{ hello(name: $a) }", "'$a' is not defined");
  invalid("query A($a: String) { ...F } query B { ...F } fragment F on Query { hello(name: $a) }",
          "'$a' is not defined");
  invalid("query ($a: String) { hello }", "'$a' is never used");
  valid("query ($a: Boolean!) { hello @skip(if: $a) }");
  valid("query ($b: String!) { find(filter: {text: \"x\", tags: [\"y\", $b]}) @note(text: $b) }");
}

TEST(Validation, VariablesFitTheirPosition) {
  valid("query ($a: Int!) { points(count: $a) { x } }");
  valid("query ($a: Int) { points(count: $a) { x } }");
  valid("query ($a: ID = 1) { human(id: $a) { name } }");
  valid("query ($a: Boolean) { pet { ... on Cat { purrs(loud: $a) } } }");  // position default
  valid("query ($a: [Int!]!) { list(ids: $a) }");
  valid("query ($a: [Kind!]!) { human(id: 1) { pets(kinds: $a) { __typename } } }");
  invalid("query ($a: String) { points(count: $a) { x } }", "where 'Int' is expected");
  invalid("query ($a: ID) { human(id: $a) { name } }", "where 'ID!' is expected");
  invalid("query ($a: ID = null) { human(id: $a) { name } }", "where 'ID!' is expected");
  invalid("query ($a: Int) { list(ids: [$a]) }", "where 'Int!' is expected");
  invalid("query ($a: Int!) { list(ids: $a) }", "where '[Int!]!' is expected");
  invalid("query ($a: [Int]!) { list(ids: $a) }", "where '[Int!]!' is expected");
  invalid("query ($a: Int) { find(filter: {text: \"x\", kind: $a}) }", "where 'Kind' is expected");
  invalid("query ($a: Boolean) { hello @include(if: $a) }", "where 'Boolean!' is expected");
}

TEST(Validation, DirectivesAreKnownInPlaceAndOnce) {
  valid(
      "query @note(text: \"a\") { hello @note(text: \"a\") @note(text: \"b\") @skip(if: false) }");
  invalid("{ hello @missing }", "Unknown directive '@missing'");
  invalid("query @skip(if: true) { hello }", "may not stand on QUERY");
  invalid("{ hello @deprecated }", "may not stand on FIELD");
  invalid("{ ...F @note(text: \"a\") } fragment F on Query { hello }",
          "may not stand on FRAGMENT_SPREAD");
  invalid("query ($a: String @skip(if: true)) { hello(name: $a) }",
          "may not stand on VARIABLE_DEFINITION");
  invalid("{ hello @skip(if: true) @skip(if: false) }", "only once");
}

TEST(Validation, ArgumentsAreKnownUniqueAndGivenWhereRequired) {
  invalid("{ hello(nam: \"x\") }", "Unknown argument 'nam' on field 'hello' of type 'Query'");
  invalid("{ hello @skip(if: true, unless: false) }", "Unknown argument 'unless'");
  invalid("{ hello(name: \"x\", name: \"y\") }", "stands twice");
  invalid("{ hello @include(if: true, if: true) }", "stands twice");
  invalid("{ human { name } }", "'id' of type 'ID!' is required");
  invalid("{ hello @skip }", "'if' of type 'Boolean!' is required");
  valid("{ pet { ... on Cat { purrs } } }");
}

TEST(Validation, ValuesFitTheirType) {
  valid("{ points(count: 3) { x } }");
  valid("{ human(id: 7) { pets(kinds: DOG) { __typename } } }");
  valid("{ human(id: \"7\") { pets(kinds: [DOG, CAT], first: null) { __typename } } }");
  valid("{ anything(value: {a: [1, 2.5, RED, null], b: \"x\"}) }");
  valid("{ find(filter: {text: \"x\", nested: {text: \"y\", tags: \"z\"}}) }");
  invalid("{ points(count: \"3\") { x } }", "Expected a value of type 'Int', found '\"3\"'");
  invalid("{ points(count: 3.0) { x } }", "type 'Int'");
  invalid("{ points(count: 2147483648) { x } }", "type 'Int'");
  invalid("{ hello(name: 3) }", "type 'String'");
  invalid("{ hello(name: NAME) }", "type 'String'");
  invalid("{ human(id: null) { name } }", "type 'ID!'");
  invalid("{ human(id: 1.5) { name } }", "type 'ID'");
  invalid("{ human(id: 1) { pets(kinds: BIRD) { __typename } } }", "type 'Kind'");
  invalid("{ human(id: 1) { pets(kinds: \"DOG\") { __typename } } }", "type 'Kind'");
  invalid("{ list(ids: [1, null]) }", "type 'Int!'");
  invalid("{ list(ids: [[1]]) }", "type 'Int'");
  invalid("{ hello @skip(if: 1) }", "type 'Boolean'");
  invalid("{ find(filter: \"x\") }", "type 'Filter'");
  invalid("query ($a: Int = \"x\") { points(count: $a) { x } }", "type 'Int'");
}

TEST(Validation, InputObjectFieldsAreKnownUniqueAndGivenWhereRequired) {
  invalid("{ find(filter: {}) }", "'Filter.text' of required type 'String!'");
  invalid("{ find(filter: {text: null}) }", "type 'String!'");
  invalid("{ find(filter: {text: \"x\", missing: 1}) }", "'missing' is not defined");
  invalid("{ find(filter: {text: \"x\", text: \"y\"}) }", "only one input field named 'text'");
  invalid("{ anything(value: {a: {b: 1, b: 2}}) }", "only one input field named 'b'");
}

TEST(Validation, FieldsOfOneNameMerge) {
  valid("{ hello hello a: id a: id dog { name } dog { barks } }");
  valid("{ pet { ... on Dog { sound: barks } ... on Cat { loud: meows } } }");
  invalid("{ a: hello a: id }", "'hello' and 'id' are different fields");
  invalid("{ hello(name: \"a\") hello(name: \"b\") }", "different arguments");
  invalid("{ hello hello(name: \"b\") }", "different arguments");
  invalid("{ hello ...F } fragment F on Query { hello: id }",
          "'hello' and 'id' are different fields");
}

TEST(Validation, ConflictsAreFoundBelowMergedFieldsAndThroughFragments) {
  invalid("{ dog { n: name } dog { n: barks } }", "'name' and 'barks' are different fields");
  invalid(
      "{ human(id: 1) { pets(first: 1) { __typename } } ...F } "
      "fragment F on Query { human(id: 1) { pets(first: 2) { __typename } } }",
      "different arguments");
  invalid("{ named { x: name ... on Cat { x: purrs } } }",
          "'name' and 'purrs' are different fields");
  valid("{ find(filter: {text: \"a\", limit: 1}) find(filter: {limit: 1, text: \"a\"}) }");
  valid("query ($a: String) { hello(name: $a) hello(name: $a) }");
}

TEST(Validation, FieldsThatNeverMeetNeedTheSameShapeOnly) {
  valid("{ pet { ... on Dog { x: name } ... on Cat { x: name } } }");
  invalid("{ pet { ... on Dog { x: barks } ... on Cat { x: meows } } }",
          "return 'Boolean' and 'Int'");
  invalid("{ pet { ... on Dog { x: owner { name } } ... on Cat { x: purrs } } }",
          "return 'Human' and 'String'");
  invalid("{ named { ... on Dog { x: name } ... on Cat { x: purrs } } }",
          "return 'String!' and 'String'");
}

}  // namespace
}  // namespace millwright::graphql
