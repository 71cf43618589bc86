#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <string>

#include "graphql/testing/example.h"

namespace millwright::graphql {
namespace {

using testing::example_schema;
using testing::request;

struct Session {
  std::string user;
};

Resolvers example_resolvers() {
  Resolvers resolvers;
  const auto constant = [&](const std::string& field, ResolvedValue value) {
    resolvers.field("Query", field,
                    [value](const FieldCall&) -> Result<ResolvedValue> { return value; });
  };
  resolvers.field("Query", "hello", [](const FieldCall& call) -> Result<ResolvedValue> {
    return ResolvedValue("Hello " + call.arguments["name"].get<std::string>());
  });
  constant("number", 0.1);
  constant("whole", 7);
  constant("id", 12);
  constant("flag", true);
  constant("kind", "DOG");
  resolvers.field("Query", "anything", [](const FieldCall& call) -> Result<ResolvedValue> {
    return ResolvedValue(call.argument("value"));
  });
  constant("named", Json::parse(R"({"__typename": "Dog", "name": "Rex", "barks": true})"));
  constant("pet", Object("Cat").set("name", "Tom").set("meows", 3));
  constant("dog", Json::parse(R"({"name": "Rex", "barks": null, "owner": {"name": "Ann"}})"));
  resolvers.field("Query", "find", [](const FieldCall& call) -> Result<ResolvedValue> {
    return ResolvedValue(call.arguments["filter"].dump());
  });
  resolvers.field("Query", "list", [](const FieldCall& call) -> Result<ResolvedValue> {
    return ResolvedValue(call.arguments["ids"]);
  });
  resolvers.field("Query", "nest", [](const FieldCall&) -> Result<ResolvedValue> {
    return ResolvedValue(Object());
  });
  return resolvers;
}

Response ask(const std::string& query, Json variables = Json::object(),
             const std::string& operation = {}) {
  static const Resolvers kResolvers = example_resolvers();
  return execute(*example_schema(), kResolvers, request(query, std::move(variables), operation));
}

// One resolver for one field, everything else by default.
Response ask_with(const std::string& field, Resolver resolver, const std::string& query,
                  const Limits& limits = {}) {
  Resolvers resolvers;
  resolvers.field("Query", field, std::move(resolver));
  return execute(*example_schema(), resolvers, request(query), limits);
}

Resolver returns(ResolvedValue value) {
  return [value = std::move(value)](const FieldCall&) -> Result<ResolvedValue> { return value; };
}

TEST(Execution, FieldsStandInTheOrderOfTheDocument) {
  EXPECT_EQ(ask("{ whole a: hello flag id __typename kind number }").body,
            R"({"data":{"whole":7,"a":"Hello world","flag":true,"id":"12","__typename":"Query",)"
            R"("kind":"DOG","number":0.1}})");
}

TEST(Execution, SelectionsAreMergedAndFragmentsFollowTheirType) {
  EXPECT_EQ(
      ask("{ dog { name } ...F dog { owner { name } } } fragment F on Query { dog { barks } }")
          .body,
      R"({"data":{"dog":{"name":"Rex","barks":null,"owner":{"name":"Ann"}}}})");
  EXPECT_EQ(ask("{ pet { __typename ... on Dog { barks } ... on Cat { meows } "
                "... on Named { name } } named { name __typename ... on Dog { barks } } }")
                .body,
            R"({"data":{"pet":{"__typename":"Cat","meows":3,"name":"Tom"},)"
            R"("named":{"name":"Rex","__typename":"Dog","barks":true}}})");
}

TEST(Execution, SkipAndIncludeDecideByVariables) {
  const std::string query =
      "query ($y: Boolean!, $n: Boolean = false) { whole @include(if: $n) id @skip(if: $n) "
      "...F @include(if: $y) ... @skip(if: $y) { flag } } fragment F on Query { kind }";
  EXPECT_EQ(ask(query, {{"y", true}}).body, R"({"data":{"id":"12","kind":"DOG"}})");
  EXPECT_EQ(ask(query, {{"y", false}, {"n", true}}).body, R"({"data":{"whole":7,"flag":true}})");
  const Response null = ask(query, {{"y", true}, {"n", nullptr}});
  EXPECT_TRUE(null.request_error) << null.body;
}

TEST(Execution, ArgumentsAreCoercedAndDefaultsApplied) {
  EXPECT_EQ(ask("{ hello(name: null) }").request_error, false);
  EXPECT_EQ(
      ask("{ find(filter: {text: \"a\", tags: \"b\", kind: CAT}) }").body,
      R"({"data":{"find":"{\"kind\":\"CAT\",\"limit\":10,\"tags\":[\"b\"],\"text\":\"a\"}"}})");
  EXPECT_EQ(ask("query ($f: Filter!) { find(filter: $f) }",
                Json::parse(R"({"f": {"text": "a", "nested": {"text": "b", "limit": null}}})"))
                .body,
            R"({"data":{"find":"{\"limit\":10,\"nested\":{\"limit\":null,\"text\":\"b\"},)"
            R"(\"text\":\"a\"}"}})");
  EXPECT_EQ(ask("query ($i: Int!) { list(ids: [1, $i]) }", {{"i", 2}}).body,
            R"({"data":{"list":[1,2]}})");
  EXPECT_EQ(ask("query ($i: [Int!]!) { list(ids: $i) }", {{"i", 5.0}}).body,
            R"({"data":{"list":[5]}})");
  EXPECT_EQ(ask("query ($v: Anything) { anything(value: {a: [$v, 1.5]}) }",
                {{"v", Json::parse(R"({"x": [true]})")}})
                .body,
            R"({"data":{"anything":{"a":[{"x":[true]},1.5]}}})");
  EXPECT_EQ(ask("query ($n: String) { hello(name: $n) }").body,
            R"({"data":{"hello":"Hello world"}})");
}

TEST(Execution, VariablesThatDoNotFitAreNamed) {
  const auto message = [](const std::string& query, const char* variables) {
    const Response response = ask(query, Json::parse(variables));
    EXPECT_TRUE(response.request_error) << response.body;
    const Json body = Json::parse(response.body);
    EXPECT_FALSE(body.contains("data"));
    EXPECT_EQ(body["errors"][0]["extensions"]["code"], "invalid_argument");
    EXPECT_TRUE(body["errors"][0].contains("locations"));
    return body["errors"][0]["message"].get<std::string>();
  };
  const std::string find = "query ($f: Filter!) { find(filter: $f) }";
  EXPECT_EQ(message(find, "{}"), "Variable $f of required type 'Filter!' was not provided.");
  EXPECT_EQ(message(find, R"({"f": null})"),
            "Variable $f: expected a value of type 'Filter!', found null.");
  EXPECT_EQ(message(find, R"({"f": {"text": 3}})"),
            "Variable $f.text: value '3' is not a valid 'String'.");
  EXPECT_EQ(message(find, R"({"f": {"text": "a", "limit": 2147483648}})"),
            "Variable $f.limit: value '2147483648' is not a valid 'Int'.");
  EXPECT_EQ(message(find, R"({"f": {"text": "a", "limit": 1.5}})"),
            "Variable $f.limit: value '1.5' is not a valid 'Int'.");
  EXPECT_EQ(message(find, R"({"f": {"text": "a", "kind": "BIRD"}})"),
            R"(Variable $f.kind: value '"BIRD"' is not in enum 'Kind'.)");
  EXPECT_EQ(message(find, R"({"f": {"text": "a", "tags": ["b", null]}})"),
            "Variable $f.tags[1]: expected a value of type 'String!', found null.");
  EXPECT_EQ(message(find, R"({"f": {"text": "a", "odd": 1}})"),
            "Variable $f: field 'odd' is not defined by type 'Filter'.");
  EXPECT_EQ(message(find, R"({"f": {}})"),
            "Variable $f: field 'text' of required type 'String!' was not provided.");
  EXPECT_EQ(message(find, R"({"f": "text"})"),
            R"(Variable $f: value '"text"' is not a valid 'Filter'.)");
  EXPECT_EQ(message("query ($a: ID!) { human(id: $a) { name } }", R"({"a": true})"),
            "Variable $a: value 'true' is not a valid 'ID'.");
}

TEST(Execution, VariablesThatAreNoObjectOrTooDeepAreRefused) {
  EXPECT_TRUE(ask("{ hello }", Json::array({1})).request_error);
  EXPECT_FALSE(ask("{ hello }", nullptr).request_error);
  Json deep = 1;
  for (int i = 0; i < 1'000; ++i) deep = Json::array({std::move(deep)});
  EXPECT_TRUE(ask("query ($v: Anything) { anything(value: $v) }", {{"v", deep}}).request_error);
}

TEST(Execution, TheOperationIsChosenByName) {
  const std::string query = "query A { whole } query B { id }";
  EXPECT_EQ(ask(query, {}, "B").body, R"({"data":{"id":"12"}})");
  EXPECT_TRUE(ask(query).request_error);
  EXPECT_TRUE(ask(query, {}, "C").request_error);
  EXPECT_TRUE(ask("fragment F on Query { id }").request_error);
}

TEST(Execution, RequestErrorsHaveNoDataAndSayWhere) {
  const Response response = ask("{\n  whole\n  missing\n}");
  EXPECT_TRUE(response.request_error);
  EXPECT_EQ(response.body,
            R"({"errors":[{"message":"Cannot query field 'missing' on type 'Query'.",)"
            R"("locations":[{"line":3,"column":3}],"extensions":{"code":"invalid_argument"}}]})");
  EXPECT_TRUE(ask("{").request_error);
  EXPECT_TRUE(ask("").request_error);
}

TEST(Execution, AResolversErrorHasItsPlaceAndCodeButNeverItsDetail) {
  const Response response = ask_with(
      "human",
      [](const FieldCall&) -> Result<ResolvedValue> {
        return Error{ErrorCode::kNotFound, "There is no human '7'.", "secret path"};
      },
      "{ a: human(id: 7) { name } }");
  EXPECT_FALSE(response.request_error);
  EXPECT_EQ(response.error_count, 1u);
  EXPECT_EQ(response.body, R"({"data":{"a":null},"errors":[{"message":"There is no human '7'.",)"
                           R"("locations":[{"line":1,"column":3}],"path":["a"],)"
                           R"("extensions":{"code":"not_found"}}]})");
}

TEST(Execution, AnExceptionBecomesAnErrorWithoutItsText) {
  const Response response = ask_with(
      "whole",
      [](const FieldCall&) -> Result<ResolvedValue> { throw std::runtime_error("secret"); },
      "{ whole }");
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_NE(response.body.find(R"("code":"internal")"), std::string::npos) << response.body;
}

TEST(Execution, NullPropagatesToTheNearestNullablePlace) {
  // [Point] is nullable at the item, [Point!]! up to the root.
  const auto points = Json::parse(R"([{"x": 1, "label": "a"}, {"x": null}, {"x": 2}])");
  const Response nullable =
      ask_with("maybePoints", returns(points), "{ maybePoints { label x } whole }");
  EXPECT_EQ(
      nullable.body,
      R"({"data":{"maybePoints":[{"label":"a","x":1},null,{"label":null,"x":2}],"whole":null},)"
      R"("errors":[{"message":"Cannot return null for non-nullable field 'Point.x'.",)"
      R"("locations":[{"line":1,"column":23}],"path":["maybePoints",1,"x"],)"
      R"("extensions":{"code":"internal"}}]})");
  const Response root = ask_with("points", returns(points), "{ whole points { x } id }");
  EXPECT_EQ(Json::parse(root.body)["data"], Json());
  EXPECT_EQ(root.error_count, 1u);
  const Response nested = ask_with("nest", returns(Object()), "{ nest { whole required } id }");
  EXPECT_EQ(Json::parse(nested.body)["data"], Json::parse(R"({"nest": null, "id": null})"));
  EXPECT_EQ(Json::parse(nested.body)["errors"][0]["path"], Json::parse(R"(["nest", "required"])"));
}

TEST(Execution, ValuesThatDoNotFitTheirTypeAreErrors) {
  const std::vector<std::tuple<std::string, ResolvedValue, std::string>> cases = {
      {"whole", 1.5, "{ whole }"},
      {"whole", 3'000'000'000LL, "{ whole }"},
      {"whole", "7", "{ whole }"},
      {"flag", 1, "{ flag }"},
      {"kind", "BIRD", "{ kind }"},
      {"id", 1.5, "{ id }"},
      {"number", std::numeric_limits<double>::infinity(), "{ number }"},
      {"numbers", 1, "{ numbers }"},
      {"dog", "Rex", "{ dog { name } }"},
      {"dog", Json::array(), "{ dog { name } }"},
      {"pet", Json::parse(R"({"name": "x"})"), "{ pet { __typename } }"},
      {"pet", Json::parse(R"({"__typename": "Human"})"), "{ pet { __typename } }"},
  };
  for (const auto& [field, value, query] : cases) {
    const Response response = ask_with(field, returns(value), query);
    const Json body = Json::parse(response.body);
    EXPECT_EQ(body["data"][field], Json()) << response.body;
    EXPECT_EQ(body["errors"][0]["path"], Json::array({field})) << response.body;
  }
}

TEST(Execution, PackedColumnsAreWrittenAsLists) {
  const std::vector<double> numbers = {1, -0.5, 1735689600000000, 1e300, 0.1 + 0.2, 4294967297};
  EXPECT_EQ(
      ask_with("numbers", returns(numbers), "{ numbers }").body,
      R"({"data":{"numbers":[1,-0.5,1735689600000000,1e+300,0.30000000000000004,4294967297]}})");
  const std::vector<std::int64_t> wholes = {9'007'199'254'740'993, -1};
  EXPECT_EQ(ask_with("numbers", returns(wholes), "{ numbers }").body,
            R"({"data":{"numbers":[9007199254740993,-1]}})");
  TextColumn texts;
  texts.push_back("a\"b\\\n");
  texts.push_back("");
  texts.push_back("\xc3\xa4\xff\x01");
  EXPECT_EQ(ask_with("names", returns(texts), "{ names }").body,
            "{\"data\":{\"names\":[\"a\\\"b\\\\\\n\",\"\",\"\xc3\xa4\xef\xbf\xbd\\u0001\"]}}");
}

TEST(Execution, ATableIsAListOfObjects) {
  Table table;
  table.add("x", std::vector<double>{1.5, 2});
  TextColumn labels;
  labels.push_back("2024-01-01T00:00:00");
  labels.push_back("2024-01-01T00:00:01");
  table.add("label", std::move(labels));
  EXPECT_EQ(ask_with("points", returns(table), "{ points { label __typename at: x y } }").body,
            R"({"data":{"points":[)"
            R"({"label":"2024-01-01T00:00:00","__typename":"Point","at":1.5,"y":null},)"
            R"({"label":"2024-01-01T00:00:01","__typename":"Point","at":2,"y":null}]}})");
}

TEST(Execution, ANumberThatIsNoneIsNullWhereAllowedAndAnErrorAlways) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> numbers = {1, nan, 3};
  const Response maybe = ask_with("maybeNumbers", returns(numbers), "{ maybeNumbers }");
  const Json body = Json::parse(maybe.body);
  EXPECT_EQ(body["data"]["maybeNumbers"], Json::parse("[1, null, 3]"));
  EXPECT_EQ(body["errors"][0]["path"], Json::parse(R"(["maybeNumbers", 1])"));
  EXPECT_EQ(
      Json::parse(ask_with("numbers", returns(numbers), "{ numbers }").body)["data"]["numbers"],
      Json());
}

TEST(Execution, FieldErrorsAreLimited) {
  const std::vector<double> numbers(1'000, std::numeric_limits<double>::quiet_NaN());
  const Response response = ask_with("maybeNumbers", returns(numbers), "{ maybeNumbers }");
  EXPECT_EQ(response.error_count, 101u);
  EXPECT_EQ(Json::parse(response.body)["data"]["maybeNumbers"].size(), 1'000u);
}

TEST(Execution, AnAnswerOverTheLimitIsRefusedAsAWhole) {
  Limits limits;
  limits.response_bytes = 1'000;
  const Response response =
      ask_with("numbers", returns(std::vector<double>(1'000, 0.25)), "{ numbers }", limits);
  EXPECT_LT(response.body.size(), 1'000u);
  const Json body = Json::parse(response.body);
  EXPECT_EQ(body["data"], Json());
  EXPECT_EQ(body["errors"][0]["extensions"]["code"], "resource_exhausted");
}

TEST(Execution, ResolversSeeContextParentAndWhatIsSelected) {
  Resolvers resolvers;
  std::vector<std::string> selected;
  resolvers.field("Query", "dog", [&](const FieldCall& call) -> Result<ResolvedValue> {
    selected = call.selected;
    EXPECT_TRUE(call.selects("name"));
    EXPECT_FALSE(call.selects("barks"));
    EXPECT_TRUE(call.parent.is_null());
    EXPECT_TRUE(call.argument("missing").is_null());
    return ResolvedValue(Opaque{std::any(41), {}});
  });
  resolvers.field("Dog", "name", [](const FieldCall& call) -> Result<ResolvedValue> {
    const auto* session = call.context_as<Session>();
    return ResolvedValue(session->user + std::to_string(*call.parent.opaque<int>() + 1));
  });
  const Response response = execute(
      *example_schema(), resolvers,
      request(
          "{ dog { n: name ...F barks @skip(if: true) } } fragment F on Dog { owner { name } }"),
      {}, Session{"ann"});
  EXPECT_EQ(response.body, R"({"data":{"dog":{"n":"ann42","owner":null}}})");
  EXPECT_EQ(selected, (std::vector<std::string>{"name", "owner"}));
}

TEST(Execution, MutationsRunInOrder) {
  Resolvers resolvers;
  int state = 0;
  resolvers.field("Change", "set", [&](const FieldCall& call) -> Result<ResolvedValue> {
    return ResolvedValue(std::exchange(state, call.arguments["value"].get<int>()));
  });
  EXPECT_EQ(execute(*example_schema(), resolvers,
                    request("mutation { a: set(value: 1) b: set(value: 2) c: set(value: 3) }"))
                .body,
            R"({"data":{"a":0,"b":1,"c":2}})");
}

TEST(Execution, AMutationThatFailsEndsThoseAfterIt) {
  Resolvers resolvers;
  std::vector<int> done;
  resolvers.field("Change", "set", [&](const FieldCall& call) -> Result<ResolvedValue> {
    const int value = call.arguments["value"].get<int>();
    if (value < 0) return permission_denied("value is below 0; ask for 0 or more");
    done.push_back(value);
    return ResolvedValue(value);
  });
  const Response response =
      execute(*example_schema(), resolvers,
              request("mutation { a: set(value: 1) b: set(value: -2) c: set(value: 3) }"));
  EXPECT_EQ(done, std::vector{1});
  const Json body = Json::parse(response.body);
  EXPECT_TRUE(body["data"].is_null());
  EXPECT_EQ(body["errors"].size(), 1u);
  EXPECT_EQ(body["errors"][0]["path"], Json::parse(R"(["b"])"));
  EXPECT_EQ(body["errors"][0]["extensions"]["code"], "permission_denied");
  EXPECT_FALSE(response.request_error);
}

TEST(Execution, AMutationThatIsNotValidChangesNothing) {
  Resolvers resolvers;
  int calls = 0;
  resolvers.field("Change", "set", [&](const FieldCall&) -> Result<ResolvedValue> {
    return ResolvedValue(++calls);
  });
  for (const char* query :
       {"mutation { a: set(value: 1) b: unset(value: 2) }", "mutation { a: set(value: 1) b: set }",
        "mutation { a: set(value: 1) b: set(value: \"2\") }", "query { set(value: 1) }",
        "mutation { hello }"}) {
    const Response response = execute(*example_schema(), resolvers, request(query));
    EXPECT_TRUE(response.request_error) << query;
  }
  EXPECT_EQ(calls, 0);
}

TEST(Execution, BindingsToMissingFieldsAreFoundAtStart) {
  Resolvers resolvers = example_resolvers();
  EXPECT_TRUE(resolvers.check(*example_schema()));
  resolvers.field("Query", "devcies", returns({}));
  EXPECT_FALSE(resolvers.check(*example_schema()));
}

TEST(Execution, TheKindOfOperationIsTold) {
  EXPECT_EQ(operation_kind(request("{ hello }")), OperationKind::kQuery);
  EXPECT_EQ(operation_kind(request("query A { a } mutation B { a }", {}, "B")),
            OperationKind::kMutation);
  EXPECT_EQ(operation_kind(request("subscription { a }")), OperationKind::kSubscription);
  EXPECT_EQ(operation_kind(request("query A { a } mutation B { a }")), std::nullopt);
  EXPECT_EQ(operation_kind(request("{")), std::nullopt);
}

}  // namespace
}  // namespace millwright::graphql
