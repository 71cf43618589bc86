#include <gtest/gtest.h>

#include "analytics/testing/analytics_fixture.h"

namespace millwright {
namespace {

using nlohmann::json;
using testing::AnalyticsFixture;

constexpr const char* kCreate =
    "mutation ($input: DegradationLimitInput!) { createDegradationLimit(input: $input) { id "
    "deviceIdentifier path metricIdentifier value side author note model createdAt } }";

class LimitFieldsTest : public ::testing::Test {
 protected:
  Principal engineer(std::string_view tenant = "100000") const {
    return {Role::kEngineer, testing::tenant(tenant), {}, "eve"};
  }
  json run(const Principal& principal, const std::string& query, const json& variables = nullptr) {
    return json::parse(factory.service.execute(principal, {query, std::nullopt, variables}).body);
  }
  json create(const Principal& principal, const json& changes = json::object()) {
    json input{{"tenantIdentifier", "100000"},
               {"deviceIdentifier", "000001"},
               {"path", "conveyor.motor1"},
               {"metricIdentifier", "vibration.gear1.x_axis"},
               {"value", 7.1}};
    input.update(changes);
    return run(principal, kCreate, {{"input", input}});
  }
  json remove(const Principal& principal, const std::string& id) {
    return run(principal, "mutation ($id: ID!) { deleteDegradationLimit(id: $id) }", {{"id", id}});
  }
  json ask(const std::string& field, const std::string& selection) {
    return run(factory.viewer(), "{ " + field + " { " + selection + " } }");
  }
  json limits(const std::string& more = "") {
    return ask(
        "degradationLimits(tenantIdentifier: \"100000\", deviceIdentifier: \"000001\"" + more + ")",
        "id side value")["data"]["degradationLimits"];
  }
  /// The state of the metric that create() limits.
  json state() {
    const json answer =
        ask("metrics(tenantIdentifier: \"100000\", deviceIdentifier: \"000001\", path: "
            "\"conveyor.motor1\")",
            "metricIdentifier remainingLife");
    for (const json& metric : answer["data"]["metrics"]) {
      if (metric["metricIdentifier"] == "vibration.gear1.x_axis") return metric["remainingLife"];
    }
    return answer;
  }
  /// As the analyst does; at 12:00 UTC and the given hour after 1 June 2026.
  void foretell(int hour, std::optional<double> value, std::optional<double> lower,
                NoLife no_life = NoLife::kNotApplicable,
                const std::string& model = "limit above vibration.gear1.x_axis") {
    Prediction life{testing::device("000001"),
                    testing::path("conveyor.motor1"),
                    PredictionKind::kRemainingUsefulLife,
                    model,
                    "1",
                    testing::utc("2026-06-01T12:00:00Z") + std::chrono::hours(hour),
                    {},
                    {},
                    value,
                    lower,
                    {},
                    "h",
                    "wear",
                    no_life};
    ASSERT_TRUE(factory.directory.open_for_service(testing::tenant("100000"))
                    .value()
                    ->catalog()
                    .put_prediction(life));
  }
  static std::string code(const json& answer) {
    return answer.value("/errors/0/extensions/code"_json_pointer, "");
  }

  AnalyticsFixture factory;
};

TEST_F(LimitFieldsTest, ALimitIsAnsweredAsItWasSet) {
  const json answer = create(engineer(), {{"note", "zone D"}, {"side", "BELOW"}});
  ASSERT_FALSE(answer.contains("errors")) << answer.dump();
  EXPECT_EQ(answer["data"]["createDegradationLimit"], json::parse(R"({
    "id": "100000:1", "deviceIdentifier": "000001", "path": "conveyor.motor1",
    "metricIdentifier": "vibration.gear1.x_axis", "value": 7.1, "side": "BELOW", "author": "eve",
    "note": "zone D", "model": "limit below vibration.gear1.x_axis",
    "createdAt": "2026-06-01T12:00:00Z"})"));
  EXPECT_EQ(limits(), json::parse(R"([{"id": "100000:1", "side": "BELOW", "value": 7.1}])"));
  EXPECT_EQ(limits(", path: \"conveyor\"").size(), 1u);
  EXPECT_EQ(limits(", path: \"conveyor.motor2\"").size(), 0u);
}

TEST_F(LimitFieldsTest, AboveIsMeantWhereNoSideIsNamed) {
  EXPECT_EQ(create(engineer())["data"]["createDegradationLimit"]["side"], "ABOVE");
  EXPECT_EQ(code(create(engineer(), {{"value", 8}})), "already_exists");
  EXPECT_EQ(code(create(engineer(), {{"value", 1}, {"side", "BELOW"}})), "");
  EXPECT_EQ(limits().size(), 2u);
}

TEST_F(LimitFieldsTest, WhoMayNotIsToldSoAndNothingChanges) {
  const std::string id = create(engineer())["data"]["createDegradationLimit"]["id"];
  for (const Principal& principal : {factory.viewer(), factory.device_principal("000001")}) {
    const json refused = create(principal, {{"side", "BELOW"}});
    EXPECT_EQ(code(refused), "permission_denied") << refused.dump();
    EXPECT_EQ(code(remove(principal, id)), "permission_denied");
  }
  EXPECT_EQ(limits().size(), 1u);
  const Principal tom{Role::kTechnician, testing::tenant("100000"), {}, "tom"};
  EXPECT_EQ(remove(tom, id)["data"]["deleteDegradationLimit"], true);
  EXPECT_EQ(create(tom)["data"]["createDegradationLimit"]["author"], "tom");
}

TEST_F(LimitFieldsTest, BadInputIsRefusedByNameAndNothingChanges) {
  const std::pair<json, const char*> bad[] = {
      {{{"value", "high"}}, "invalid_argument"},
      {{{"value", nullptr}}, "invalid_argument"},
      {{{"side", "BESIDE"}}, "invalid_argument"},
      {{{"note", std::string(1'001, 'n')}}, "invalid_argument"},
      {{{"path", "a..b"}}, "invalid_argument"},
      {{{"metricIdentifier", ""}}, "invalid_argument"},
      {{{"metricIdentifier", "humidity"}}, "not_found"},
      {{{"path", "conveyor.motor9"}}, "not_found"},
      {{{"path", "conveyor"}}, "not_found"},
      {{{"deviceIdentifier", "000099"}}, "not_found"},
      {{{"tenantIdentifier", "200000"}}, "not_found"},
  };
  for (const auto& [changes, expected] : bad) {
    const json answer = create(engineer(), changes);
    EXPECT_EQ(code(answer), expected) << answer.dump();
  }
  EXPECT_TRUE(limits().empty());
}

TEST_F(LimitFieldsTest, AnotherTenantsLimitIsNeitherSeenNorDeleted) {
  const std::string id = create(engineer())["data"]["createDegradationLimit"]["id"];
  EXPECT_EQ(code(remove(engineer("200000"), id)), "not_found");
  EXPECT_EQ(code(remove(engineer("200000"), "200000:1")), "not_found");
  EXPECT_EQ(code(remove(engineer(), "17")), "invalid_argument");
  EXPECT_EQ(limits().size(), 1u);
  const Principal operator_of_all{Role::kOperator, std::nullopt, {}, "olga"};
  EXPECT_EQ(remove(operator_of_all, id)["data"]["deleteDegradationLimit"], true);
  EXPECT_EQ(code(remove(engineer(), id)), "not_found");
}

TEST_F(LimitFieldsTest, AMetricGoesThroughTheSixStates) {
  EXPECT_EQ(state(), "NOT_SET");
  const std::string id = create(engineer())["data"]["createDegradationLimit"]["id"];
  EXPECT_EQ(state(), "PENDING");
  foretell(0, {}, {}, NoLife::kNotApplicable, "another model");
  EXPECT_EQ(state(), "PENDING");
  foretell(0, {}, {}, NoLife::kPending);
  EXPECT_EQ(state(), "PENDING");
  foretell(0, {}, {}, NoLife::kError);
  EXPECT_EQ(state(), "ERROR");
  foretell(0, {}, {});
  EXPECT_EQ(state(), "NOT_APPLICABLE");
  foretell(0, {}, 12);
  EXPECT_EQ(state(), "MORE_THAN");
  foretell(0, 20, 12);
  EXPECT_EQ(state(), "VALUE");
  create(engineer(), {{"side", "BELOW"}});
  EXPECT_EQ(state(), "VALUE");
  EXPECT_EQ(remove(engineer(), id)["data"]["deleteDegradationLimit"], true);
  EXPECT_EQ(state(), "PENDING");  // towards the other side
}

TEST_F(LimitFieldsTest, EarlierPredictionsAreAnsweredWhenTheLimitIsGone) {
  const std::string id = create(engineer())["data"]["createDegradationLimit"]["id"];
  foretell(0, {}, {}, NoLife::kPending);
  foretell(1, 30, 20);
  foretell(2, 29, 21);
  remove(engineer(), id);
  const auto history = [&](const std::string& more) {
    return ask(
        "predictionHistory(tenantIdentifier: \"100000\", deviceIdentifier: \"000001\", start: "
        "\"2026-06-01T12:00:00Z\", end: \"2026-06-30\"" +
            more + ")",
        "timestamp state value lower model");
  };
  const json answer = history(", kind: REMAINING_USEFUL_LIFE, path: \"conveyor\"");
  EXPECT_EQ(answer["data"]["predictionHistory"], json::parse(R"([
    {"timestamp": "2026-06-01T14:00:00Z", "state": "VALUE", "value": 29.0, "lower": 21.0,
     "model": "limit above vibration.gear1.x_axis"},
    {"timestamp": "2026-06-01T13:00:00Z", "state": "VALUE", "value": 30.0, "lower": 20.0,
     "model": "limit above vibration.gear1.x_axis"},
    {"timestamp": "2026-06-01T12:00:00Z", "state": "PENDING", "value": null, "lower": null,
     "model": "limit above vibration.gear1.x_axis"}])"))
      << answer.dump();
  EXPECT_EQ(history(", kind: REMAINING_USEFUL_LIFE, limit: 1")["data"]["predictionHistory"].size(),
            1u);
  EXPECT_EQ(code(history(", kind: REMAINING_USEFUL_LIFE, limit: 1001")), "invalid_argument");
  const json newest =
      ask("predictions(tenantIdentifier: \"100000\", deviceIdentifier: \"000001\", path: "
          "\"conveyor.motor1\")",
          "kind model");
  for (const json& prediction : newest["data"]["predictions"]) {
    EXPECT_NE(prediction["model"], "limit above vibration.gear1.x_axis");
  }
}

}  // namespace
}  // namespace millwright
