#include <gtest/gtest.h>

#include "graphql/testing/example.h"

namespace millwright::graphql {
namespace {

using testing::example_schema;
using testing::request;

class Ticks : public SubscriptionSource {
 public:
  explicit Ticks(int period) : every(period) {}
  int every;
};

Resolvers tick_resolvers() {
  Resolvers resolvers;
  resolvers.subscription(
      "ticks", [](const FieldCall& call) -> Result<std::shared_ptr<SubscriptionSource>> {
        const int every = call.arguments["every"].get<int>();
        if (every < 1) return invalid_argument("every must be at least 1; ask for 1 or more.");
        return std::shared_ptr<SubscriptionSource>(std::make_shared<Ticks>(every));
      });
  return resolvers;
}

TEST(Subscription, OpensItsSourceAndFormatsEvents) {
  const Resolvers resolvers = tick_resolvers();
  const auto outcome =
      subscribe(*example_schema(), resolvers,
                request("subscription ($e: Int!) { t: ticks(every: $e) { label x __typename } }",
                        {{"e", 5}}));
  ASSERT_TRUE(outcome.subscription.has_value()) << outcome.errors;
  const PreparedSubscription& ticks = *outcome.subscription;
  EXPECT_EQ(ticks.field(), "ticks");
  EXPECT_EQ(ticks.arguments(), Json({{"every", 5}}));
  const auto source = std::dynamic_pointer_cast<Ticks>(ticks.source());
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(source->every, 5);
  EXPECT_EQ(ticks.format(Object().set("x", 1.5).set("label", "a")).body,
            R"({"data":{"t":{"label":"a","x":1.5,"__typename":"Point"}}})");
  EXPECT_EQ(ticks.format(Json::parse(R"({"x": 2})")).body,
            R"({"data":{"t":{"label":null,"x":2,"__typename":"Point"}}})");
}

TEST(Subscription, AnEventThatDoesNotFitIsAnErrorOfThatEventOnly) {
  const Resolvers resolvers = tick_resolvers();
  const auto outcome =
      subscribe(*example_schema(), resolvers, request("subscription { ticks(every: 1) { x } }"));
  ASSERT_TRUE(outcome.subscription.has_value());
  const Response response = outcome.subscription->format(Json::object());
  EXPECT_EQ(Json::parse(response.body)["data"], Json());
  EXPECT_EQ(Json::parse(response.body)["errors"][0]["path"], Json::parse(R"(["ticks", "x"])"));
  EXPECT_EQ(response.error_count, 1u);
}

TEST(Subscription, ARefusalOfTheSourceIsNoRequestError) {
  const Resolvers resolvers = tick_resolvers();
  const auto outcome =
      subscribe(*example_schema(), resolvers, request("subscription { ticks(every: 0) { x } }"));
  EXPECT_FALSE(outcome.subscription.has_value());
  EXPECT_FALSE(outcome.request_error);
  EXPECT_EQ(outcome.errors, R"([{"message":"every must be at least 1; ask for 1 or more.",)"
                            R"("locations":[{"line":1,"column":16}],"path":["ticks"],)"
                            R"("extensions":{"code":"invalid_argument"}}])");
}

TEST(Subscription, InvalidDocumentsOtherOperationsAndUnboundFieldsAreRefused) {
  const Resolvers resolvers = tick_resolvers();
  for (const char* query :
       {"subscription { ticks { x } }", "{ hello }", "subscription {", "mutation { set(value: 1) }",
        "subscription { ticks(every: 1) @skip(if: true) { x } }"}) {
    const auto outcome = subscribe(*example_schema(), resolvers, request(query));
    EXPECT_FALSE(outcome.subscription.has_value()) << query;
    EXPECT_TRUE(outcome.request_error) << query;
    EXPECT_FALSE(outcome.errors.empty()) << query;
  }
  const auto unbound = subscribe(*example_schema(), resolvers, request("subscription { other }"));
  EXPECT_FALSE(unbound.subscription.has_value());
  EXPECT_NE(unbound.errors.find("unimplemented"), std::string::npos) << unbound.errors;
}

TEST(Subscription, IsRefusedByExecute) {
  const Response response = execute(*example_schema(), tick_resolvers(),
                                    request("subscription { ticks(every: 1) { x } }"));
  EXPECT_TRUE(response.request_error);
}

}  // namespace
}  // namespace millwright::graphql
