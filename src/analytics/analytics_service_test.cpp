#include "analytics/analytics_service.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <limits>

#include "analytics/schema_sdl.h"
#include "analytics/testing/analytics_fixture.h"

namespace millwright {
namespace {

using nlohmann::json;
using testing::AnalyticsFixture;

json ask(AnalyticsFixture& factory, const std::string& query, const json& variables = nullptr) {
  return json::parse(
      factory.service.execute(factory.viewer(), {query, std::nullopt, variables}).body);
}

/// One row a bad request: what it changes in a good one, and how it is refused.
struct Refusal {
  const char* name;
  const char* query;
  const char* code;
  const char* message;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

#define SCALAR(arguments) "{ numericScalar(body: {" arguments "}) { values { value } } }"
#define DEVICE_1 "tenantIdentifier: \"100000\", deviceIdentifier: \"000001\", "
#define DAY "start: \"2026-06-01\", end: \"2026-06-01\" "
#define MODEL(model)                      \
  "{ numericScalarModel(body: {" DEVICE_1 \
  "path: \"conveyor.motor1\", start: "    \
  "\"2026-06-01T08:00:00Z\", end: \"2026-06-01T08:01:00Z\", model: {" model "}}) { unit } }"

const Refusal kRefusals[] = {
    {"UnknownTenant", SCALAR("tenantIdentifier: \"999999\", deviceIdentifier: \"000001\", " DAY),
     "not_found", "'999999'"},
    {"ForeignTenant", SCALAR("tenantIdentifier: \"200000\", deviceIdentifier: \"000001\", " DAY),
     "not_found", "'200000'"},
    {"ShortTenant", SCALAR("tenantIdentifier: \"1\", deviceIdentifier: \"000001\", " DAY),
     "invalid_argument", "tenant identifier"},
    {"OddTenant", SCALAR("tenantIdentifier: \"../../etc\", deviceIdentifier: \"000001\", " DAY),
     "invalid_argument", "tenant identifier"},
    {"UnknownDevice", SCALAR("tenantIdentifier: \"100000\", deviceIdentifier: \"000099\", " DAY),
     "not_found", "device '000099' is not known in tenant '100000'"},
    {"OddDevice", SCALAR("tenantIdentifier: \"100000\", deviceIdentifier: \"00000'\", " DAY),
     "invalid_argument", "device identifier"},
    {"UnknownMetric", SCALAR(DEVICE_1 "metricIdentifier: [\"pressure\"], " DAY), "not_found",
     "no metric 'pressure'"},
    {"UnknownMetricBelowPath",
     SCALAR(DEVICE_1 "path: \"conveyor.motor1\", metricIdentifier: [\"humidity\"], " DAY),
     "not_found", "no metric 'humidity' below path 'conveyor.motor1'"},
    {"OddMetric", SCALAR(DEVICE_1 "metricIdentifier: [\"a b\"], " DAY), "invalid_argument",
     "metric identifier"},
    {"EmptyMetric", SCALAR(DEVICE_1 "metricIdentifier: [\"\"], " DAY), "invalid_argument",
     "metric identifier"},
    {"TextMetric", SCALAR(DEVICE_1 "metricIdentifier: [\"state\"], " DAY), "invalid_argument",
     "metric 'state' is of type TEXT"},
    {"OddPath", SCALAR(DEVICE_1 "path: \"conveyor..motor1\", " DAY), "invalid_argument", "path"},
    {"HyphenInPath", SCALAR(DEVICE_1 "path: \"motor-1\", " DAY), "invalid_argument",
     "path 'motor-1'"},
    {"NoTime", SCALAR(DEVICE_1 "start: \"soon\", end: \"2026-06-01\" "), "invalid_argument",
     "start 'soon' is not a time"},
    {"NoDay", SCALAR(DEVICE_1 "start: \"2026-06-01\", end: \"2026-06-31\" "), "invalid_argument",
     "end '2026-06-31' is not a time"},
    {"EndBeforeStart", SCALAR(DEVICE_1 "start: \"2026-06-02\", end: \"2026-06-01\" "),
     "invalid_argument", "is before start"},
    {"GroupingAlone", SCALAR(DEVICE_1 "grouping: HOURLY, " DAY), "invalid_argument",
     "grouping HOURLY needs an aggregation"},
    {"UnknownGrouping", SCALAR(DEVICE_1 "grouping: FORTNIGHTLY, aggregation: MIN, " DAY),
     "invalid_argument", "FORTNIGHTLY"},
    {"TooManyBuckets",
     SCALAR(DEVICE_1 "grouping: SECOND, aggregation: MIN, start: \"1970-01-01\", end: "
                     "\"2070-01-01\" "),
     "resource_exhausted", "choose a coarser grouping or a shorter range"},
    {"NoPixels", "{ series(" DEVICE_1 DAY "pixels: 0) { unit } }", "invalid_argument",
     "pixels 0 is outside 1 to 4000"},
    {"TooManyPixels", "{ series(" DEVICE_1 DAY "pixels: 4001) { unit } }", "invalid_argument",
     "pixels 4001 is outside 1 to 4000"},
    {"PixelsPastInt32", "{ series(" DEVICE_1 DAY "pixels: 2147483648) { unit } }",
     "invalid_argument", "2147483648"},
    {"NoRows", "{ events(" DEVICE_1 DAY "limit: 0) { kind } }", "invalid_argument",
     "limit 0 is outside 1 to 1000"},
    {"NegativeRows", "{ anomalies(" DEVICE_1 DAY "limit: -1) { kind } }", "invalid_argument",
     "limit -1 is outside 1 to 1000"},
    {"TooManyRows", "{ anomalies(" DEVICE_1 DAY "limit: 1000000000) { kind } }", "invalid_argument",
     "limit 1000000000 is outside 1 to 1000"},
    {"UnknownModel",
     MODEL("name: \"pump\", modelType: MILLWRIGHT, windowSize: 256, version: \"1\""), "not_found",
     "model 'pump'"},
    {"UnknownModelVersion",
     MODEL("name: \"gear\", modelType: MILLWRIGHT, windowSize: 256, version: \"7\""), "not_found",
     "'7'"},
    {"WindowThatDoesNotFit",
     MODEL("name: \"gear\", modelType: MILLWRIGHT, windowSize: 128, version: \"1\""),
     "invalid_argument", "windowSize 128 does not fit model 'gear', which judges windows of 256"},
    {"Pickle", MODEL("name: \"gear\", modelType: SKLEARN, windowSize: 256, version: \"1\""),
     "unimplemented", "register it in MLflow"},
    {"Pytorch", MODEL("name: \"gear\", modelType: PYTORCH, windowSize: 256, version: \"1\""),
     "unimplemented", "modelType MILLWRIGHT"},
    {"Tensorflow", MODEL("name: \"gear\", modelType: TENSORFLOW, windowSize: 256, version: \"1\""),
     "unimplemented", "register it in MLflow"},
    {"Lightgbm", MODEL("name: \"gear\", modelType: LIGHTGBM, windowSize: 256, version: \"1\""),
     "unimplemented", "register it in MLflow"},
    {"Catboost", MODEL("name: \"gear\", modelType: CATBOOST, windowSize: 256, version: \"1\""),
     "unimplemented", "register it in MLflow"},
    {"OtherModelType", MODEL("name: \"gear\", modelType: XGBOOST, windowSize: 256, version: \"1\""),
     "invalid_argument", "is of modelType MILLWRIGHT, not XGBOOST"},
    {"Syntax", "{ devices(", "invalid_argument", ""},
    {"Nothing", "", "invalid_argument", ""},
    {"UnknownField", "{ machines { id } }", "invalid_argument", "machines"},
    {"MissingArgument", "{ metrics(tenantIdentifier: \"100000\") { unit } }", "invalid_argument",
     "deviceIdentifier"},
    {"Mutation", "mutation { remove }", "invalid_argument", ""},
};

class RefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, NamesFieldValueAndCode) {
  AnalyticsFixture factory;
  const json answer = ask(factory, GetParam().query);
  ASSERT_TRUE(answer.contains("errors")) << answer.dump();
  const json& error = answer["errors"][0];
  EXPECT_EQ(error.value("/extensions/code"_json_pointer, ""), GetParam().code) << error.dump();
  const std::string message = error.at("message");
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(AnalyticsService, RefusalTest, ::testing::ValuesIn(kRefusals),
                         [](const auto& row) { return row.param.name; });

TEST(AnalyticsService, AForeignTenantIsRefusedInTheWordsOfAMissingOne) {
  AnalyticsFixture factory;
  const auto refusal = [&](const std::string& tenant) {
    const json answer = ask(factory,
                            "query ($t: String!) { devices(body: { tenantIdentifier: $t "
                            "}) { deviceIdentifier } }",
                            {{"t", tenant}});
    std::string message = answer["errors"][0]["message"];
    const auto at = message.find(tenant);
    return at == std::string::npos ? message : message.replace(at, tenant.size(), "T");
  };
  EXPECT_EQ(refusal("200000"), refusal("999999"));
}

TEST(AnalyticsService, NoAnswerToAViewerHoldsAnythingOfAnotherTenant) {
  AnalyticsFixture factory;
  for (const std::string query :
       {"{ devices(body: { tenantIdentifier: \"200000\" }) { description } }",
        "{ metrics(tenantIdentifier: \"200000\", deviceIdentifier: \"000001\") { unit } }",
        "{ series(tenantIdentifier: \"200000\", deviceIdentifier: \"000001\", " DAY
        "pixels: 9) { avg } }",
        "{ numericScalar(body: { tenantIdentifier: \"200000\", deviceIdentifier: \"000001\", " DAY
        "}) { values { value } } }",
        "{ events(tenantIdentifier: \"200000\", deviceIdentifier: \"000001\", " DAY ") { kind } }",
        "{ anomalies(tenantIdentifier: \"200000\", deviceIdentifier: \"000001\", " DAY
        ") { kind } }",
        "{ predictions(tenantIdentifier: \"200000\", deviceIdentifier: \"000001\") { model } }"}) {
    const json answer = ask(factory, query);
    EXPECT_TRUE(answer["data"].is_null()) << answer.dump();
    EXPECT_EQ(answer["errors"][0]["extensions"]["code"], "not_found") << answer.dump();
  }
}

TEST(AnalyticsService, RefusesMorePointsThanTheLimit) {
  AnalyticsLimits limits;
  limits.raw_points = 4;
  AnalyticsFixture factory(limits);
  const auto points = [&](const char* metrics) {
    return ask(factory, std::string("{ numericScalar(body: {" DEVICE_1 DAY ", metricIdentifier: ") +
                            metrics + "}) { values { value } } }");
  };
  EXPECT_FALSE(points("[\"humidity\"]").contains("errors"));
  for (const char* metrics : {"[\"temperature.ambient\"]",
                              "[\"humidity\", \"spring\", \"daily\", "
                              "\"temperature.ambient\"]"}) {
    const json answer = points(metrics);
    ASSERT_TRUE(answer.contains("errors")) << answer.dump();
    EXPECT_EQ(answer["errors"][0]["extensions"]["code"], "resource_exhausted");
    EXPECT_NE(answer["errors"][0]["message"].get<std::string>().find("more than 4 points"),
              std::string::npos);
  }
}

TEST(AnalyticsService, AllFieldsOfARequestShareOneLimitOfPoints) {
  AnalyticsLimits limits;
  limits.raw_points = 8;
  AnalyticsFixture factory(limits);
  const std::string raw =
      "numericScalar(body: {" DEVICE_1 DAY ", metricIdentifier: [\"humidity\"]}) { unit }";
  const std::string chart =
      "series(" DEVICE_1 DAY "pixels: 4000, metricIdentifier: [\"humidity\"]) { unit }";
  for (int request = 0; request < 2; ++request) {  // each has a budget of its own
    const json answer = ask(factory, "{ a: " + raw + " b: " + chart + " }");
    EXPECT_FALSE(answer.contains("errors")) << answer.dump();
  }
  for (const std::string& third : {raw, chart}) {
    const json answer = ask(factory, "{ a: " + raw + " b: " + chart + " c: " + third + " }");
    ASSERT_TRUE(answer.contains("errors")) << answer.dump();
    EXPECT_EQ(answer["errors"][0]["path"], json::array({"c"})) << answer.dump();
    EXPECT_EQ(answer["errors"][0]["extensions"]["code"], "resource_exhausted");
  }
}

TEST(AnalyticsService, ASumOutsideTheRangeOfANumberLeavesNoAnswerBlank) {
  AnalyticsFixture factory;
  factory.factory.append(
      factory.factory.metric("000001", "", "huge", ""),
      testing::every("2026-06-01T08:00:00Z", std::chrono::seconds{1}, {1.7e308, 1.7e308}));
  for (const auto& [aggregation, value] :
       {std::pair("SUM", std::numeric_limits<double>::max()), std::pair("AVG", 1.7e308)}) {
    const json answer = ask(factory,
                            "query ($a: Aggregation) { numericScalar(body: {" DEVICE_1 DAY
                            ", metricIdentifier: [\"huge\", \"humidity\"], aggregation: $a}) "
                            "{ metricIdentifier values { value } } }",
                            {{"a", aggregation}});
    ASSERT_FALSE(answer.contains("errors")) << answer.dump();
    const json& metrics = answer["data"]["numericScalar"];
    EXPECT_EQ(metrics[0]["values"][0]["value"], value) << answer.dump();
    EXPECT_EQ(metrics[1]["values"].size(), 1U) << answer.dump();
  }
  const json chart = ask(
      factory, "{ series(" DEVICE_1 DAY "pixels: 9, metricIdentifier: [\"huge\"]) { avg count } }");
  ASSERT_FALSE(chart.contains("errors")) << chart.dump();
  EXPECT_EQ(chart["data"]["series"][0]["avg"], json::array({1.7e308})) << chart.dump();
}

TEST(AnalyticsService, RefusesAVeryLongListOfMetrics) {
  AnalyticsFixture factory;
  const json names(std::vector<std::string>(100'000, "temperature.ambient"));
  const json answer = ask(factory,
                          "query ($m: [String!]) { numericScalar(body: {" DEVICE_1 DAY
                          ", metricIdentifier: $m}) { unit } }",
                          {{"m", names}});
  EXPECT_EQ(answer["errors"][0]["extensions"]["code"], "invalid_argument");
  EXPECT_NE(answer["errors"][0]["message"].get<std::string>().find("100000 entries"),
            std::string::npos)
      << answer.dump();
}

TEST(AnalyticsService, EveryGroupingAndAggregationAnswers) {
  AnalyticsFixture factory;
  for (const char* grouping :
       {"SECOND", "MINUTE", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}) {
    for (const char* aggregation : {"MIN", "MAX", "AVG", "SUM", "COUNT", "FIRST", "LAST"}) {
      const json answer =
          ask(factory,
              "query ($g: Grouping, $a: Aggregation) { numericScalar(body: {" DEVICE_1 DAY
              ", metricIdentifier: [\"temperature.ambient\"], grouping: $g, aggregation: $a}) { "
              "values { value timestampLocal } } }",
              {{"g", grouping}, {"a", aggregation}});
      ASSERT_FALSE(answer.contains("errors")) << answer.dump();
      EXPECT_FALSE(answer["data"]["numericScalar"][0]["values"].empty()) << answer.dump();
    }
  }
}

TEST(AnalyticsService, IntrospectionShowsTheSchema) {
  AnalyticsFixture factory;
  EXPECT_EQ(factory.service.schema(), schema_sdl());
  const json answer = ask(factory,
                          "{ __schema { queryType { fields { name } } subscriptionType { fields { "
                          "name } } } }");
  EXPECT_EQ(answer["data"]["__schema"]["queryType"]["fields"].size(), 14U) << answer.dump();
  EXPECT_EQ(answer["data"]["__schema"]["subscriptionType"]["fields"][0]["name"], "samples");
}

/// What a subscription sent, for a test to wait for.
class Inbox {
 public:
  GraphqlObserver observer() {
    return {[this](std::string result) {
              const std::lock_guard lock(mutex_);
              results_.push_back(std::move(result));
              changed_.notify_all();
            },
            [this] {
              const std::lock_guard lock(mutex_);
              completed_ = true;
              changed_.notify_all();
            }};
  }
  json next() {
    std::unique_lock lock(mutex_);
    const bool came =
        changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !results_.empty(); });
    if (!came) return nullptr;
    json result = json::parse(results_.front());
    results_.erase(results_.begin());
    return result;
  }
  bool completes() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [this] { return completed_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> results_;
  bool completed_ = false;
};

const char* const kSamples =
    "subscription ($path: String) { samples(tenantIdentifier: \"100000\", deviceIdentifier: "
    "\"000001\", path: $path) { deviceIdentifier series { metricIdentifier unit metricType t "
    "value } } }";

TEST(AnalyticsSubscription, SendsStoredSamplesAsColumns) {
  AnalyticsFixture factory;
  Inbox inbox;
  const auto reply = factory.service.subscribe(factory.viewer(), {kSamples, std::nullopt, nullptr},
                                               inbox.observer());
  ASSERT_NE(reply.subscription, nullptr) << reply.errors;
  const Metric ambient = factory.factory.metric("000001", "", "temperature.ambient", "");
  factory.bus.publish(
      SamplesStored{testing::tenant("100000"), {{ambient, {{1'000, 2'000}, {20.5, 21}}}}, {}});
  EXPECT_EQ(inbox.next(),
            json::parse(R"({"data": {"samples": {"deviceIdentifier": "000001", "series": [
              {"metricIdentifier": "temperature.ambient", "unit": "°C",
               "metricType": "NUMERIC_SCALAR", "t": [1000, 2000], "value": [20.5, 21]}]}}})"));
}

TEST(AnalyticsSubscription, CompletesWhenTheDeviceIsRemoved) {
  AnalyticsFixture factory;
  Inbox inbox;
  const auto reply = factory.service.subscribe(
      factory.viewer(), {kSamples, std::nullopt, {{"path", "conveyor"}}}, inbox.observer());
  ASSERT_NE(reply.subscription, nullptr) << reply.errors;
  factory.bus.publish(DeviceRemoved{testing::tenant("100000"), testing::device("000001")});
  EXPECT_TRUE(inbox.completes());
}

TEST(AnalyticsSubscription, CompletesWhenTheServiceStops) {
  AnalyticsFixture factory;
  auto service = std::make_unique<AnalyticsService>(factory.directory, factory.bus, factory.models,
                                                    factory.clock, factory.telemetry);
  Inbox inbox;
  auto reply =
      service->subscribe(factory.viewer(), {kSamples, std::nullopt, nullptr}, inbox.observer());
  ASSERT_NE(reply.subscription, nullptr) << reply.errors;
  service.reset();
  EXPECT_TRUE(inbox.completes());
  reply.subscription.reset();  // a handle may outlive the service
}

TEST(AnalyticsSubscription, IsRefusedLikeAQuery) {
  AnalyticsFixture factory;
  const std::pair<const char*, const char*> bad[] = {
      {"subscription { samples(tenantIdentifier: \"200000\", deviceIdentifier: \"000001\") { "
       "deviceIdentifier } }",
       "not_found"},
      {"subscription { samples(tenantIdentifier: \"100000\", deviceIdentifier: \"000099\") { "
       "deviceIdentifier } }",
       "not_found"},
      {"subscription { samples(tenantIdentifier: \"100000\", deviceIdentifier: \"000001\", path: "
       "\"a-b\") { deviceIdentifier } }",
       "invalid_argument"},
      {"subscription { samples { deviceIdentifier } }", "invalid_argument"},
      {"{ devices(body: { tenantIdentifier: \"100000\" }) { deviceIdentifier } }",
       "invalid_argument"},
  };
  for (const auto& [query, code] : bad) {
    const auto reply = factory.service.subscribe(factory.viewer(), {query, std::nullopt, nullptr},
                                                 {[](std::string) {}, [] {}});
    EXPECT_EQ(reply.subscription, nullptr) << query;
    const json errors = json::parse(reply.errors);
    EXPECT_EQ(errors[0].value("/extensions/code"_json_pointer, ""), code) << reply.errors;
  }
  const auto foreign_device =
      factory.service.subscribe(factory.device_principal("000002"),
                                {kSamples, std::nullopt, nullptr}, {[](std::string) {}, [] {}});
  EXPECT_EQ(foreign_device.subscription, nullptr);
}

TEST(AnalyticsService, TellsASubscriptionFromAQuery) {
  AnalyticsFixture factory;
  EXPECT_EQ(factory.service.operation({kSamples, std::nullopt, nullptr}),
            GraphqlOperation::kSubscription);
  EXPECT_EQ(factory.service.operation({"{ __typename }", std::nullopt, nullptr}),
            GraphqlOperation::kQuery);
  EXPECT_EQ(factory.service.operation({"{ nothing", std::nullopt, nullptr}),
            GraphqlOperation::kQuery);
  const std::string both = "query Q { __typename } " + std::string("subscription S") +
                           std::string(kSamples).substr(std::string("subscription").size());
  EXPECT_EQ(factory.service.operation({both, "S", nullptr}), GraphqlOperation::kSubscription);
  EXPECT_EQ(factory.service.operation({both, "Q", nullptr}), GraphqlOperation::kQuery);
}

}  // namespace
}  // namespace millwright
