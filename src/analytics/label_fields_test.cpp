#include <gtest/gtest.h>

#include "analytics/testing/analytics_fixture.h"

namespace millwright {
namespace {

using nlohmann::json;
using testing::AnalyticsFixture;

constexpr const char* kCreate =
    "mutation ($input: LabelInput!) { createLabel(input: $input) { id deviceIdentifier path "
    "metricIdentifier class author note start startLocal end endLocal createdAt } }";

class LabelFieldsTest : public ::testing::Test {
 protected:
  Principal engineer(std::string_view tenant = "100000") const {
    return {Role::kEngineer, testing::tenant(tenant), {}, "eve"};
  }
  json run(const Principal& principal, const std::string& query, const json& variables = nullptr) {
    return json::parse(factory.service.execute(principal, {query, std::nullopt, variables}).body);
  }
  static json input(const json& changes = json::object()) {
    json out{{"tenantIdentifier", "100000"},   {"deviceIdentifier", "000001"},
             {"path", "conveyor.motor1"},      {"class", "gear_tooth_broken"},
             {"start", "2026-06-01T10:00:00"}, {"end", "2026-06-01T10:30:00"}};
    out.update(changes);
    return out;
  }
  json create(const Principal& principal, const json& changes = json::object()) {
    return run(principal, kCreate, {{"input", input(changes)}});
  }
  json remove(const Principal& principal, const std::string& id) {
    return run(principal, "mutation ($id: ID!) { deleteLabel(id: $id) }", {{"id", id}});
  }
  json labels(const Principal& principal, const std::string& more = "",
              const std::string& device = "000001") {
    return run(principal, "{ labels(tenantIdentifier: \"100000\", deviceIdentifier: \"" + device +
                              "\", start: \"2026-01-01\", end: \"2026-12-31\"" + more +
                              ") { id class author } }");
  }
  std::size_t count(const std::string& more = "", const std::string& device = "000001") {
    return labels(factory.viewer(), more, device)["data"]["labels"].size();
  }
  static std::string code(const json& answer) {
    return answer.value("/errors/0/extensions/code"_json_pointer, "");
  }

  AnalyticsFixture factory;
};

TEST_F(LabelFieldsTest, ALabelIsAnsweredAsItWasMade) {
  const json answer =
      create(engineer(), {{"metricIdentifier", "vibration.gear1.x_axis"}, {"note", "tooth 7"}});
  ASSERT_FALSE(answer.contains("errors")) << answer.dump();
  EXPECT_EQ(answer["data"]["createLabel"], json::parse(R"({
    "id": "100000:1", "deviceIdentifier": "000001", "path": "conveyor.motor1",
    "metricIdentifier": "vibration.gear1.x_axis", "class": "gear_tooth_broken", "author": "eve",
    "note": "tooth 7", "start": "2026-06-01T08:00:00Z", "startLocal": "2026-06-01T10:00:00",
    "end": "2026-06-01T08:30:00Z", "endLocal": "2026-06-01T10:30:00",
    "createdAt": "2026-06-01T12:00:00Z"})"));
  EXPECT_EQ(labels(factory.viewer())["data"]["labels"],
            json::parse(R"([{"id": "100000:1", "class": "gear_tooth_broken", "author": "eve"}])"));
}

TEST_F(LabelFieldsTest, EndMetricAndNoteMayBeMissing) {
  const json answer = create(engineer(), {{"end", nullptr}, {"path", ""}});
  ASSERT_FALSE(answer.contains("errors")) << answer.dump();
  const json& label = answer["data"]["createLabel"];
  for (const char* member : {"end", "endLocal", "metricIdentifier", "note"}) {
    EXPECT_TRUE(label[member].is_null()) << member;
  }
  EXPECT_EQ(label["path"], "");
}

TEST_F(LabelFieldsTest, LabelsAreFoundByPathClassTimeAndLimit) {
  create(engineer());
  create(engineer(), {{"path", "conveyor.motor2"}, {"class", "service"}});
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(count(", path: \"conveyor\""), 2u);
  EXPECT_EQ(count(", path: \"conveyor.motor2\""), 1u);
  EXPECT_EQ(count(", class: \"service\""), 1u);
  EXPECT_EQ(count(", class: \"false_alarm\""), 0u);
  EXPECT_EQ(count(", limit: 1"), 1u);
  EXPECT_EQ(count("", "000002"), 0u);
  EXPECT_EQ(code(labels(factory.viewer(), ", limit: 1001")), "invalid_argument");
  EXPECT_EQ(code(labels(factory.viewer(), ", class: \"two words\"")), "invalid_argument");
}

TEST_F(LabelFieldsTest, WhoMayNotLabelIsToldSoAndNothingChanges) {
  const std::string id = create(engineer())["data"]["createLabel"]["id"];
  for (const Principal& principal : {factory.viewer(), factory.device_principal("000001")}) {
    const json refused = create(principal, {{"class", "service"}});
    EXPECT_EQ(code(refused), "permission_denied") << refused.dump();
    EXPECT_NE(refused["errors"][0]["message"].get<std::string>().find("log in as a technician"),
              std::string::npos);
    EXPECT_EQ(code(remove(principal, id)), "permission_denied");
  }
  EXPECT_EQ(count(), 1u);
}

TEST_F(LabelFieldsTest, ATechnicianLabels) {
  const Principal tom{Role::kTechnician, testing::tenant("100000"), {}, "tom"};
  const json created = create(tom);
  EXPECT_EQ(created["data"]["createLabel"]["author"], "tom") << created.dump();
  EXPECT_EQ(remove(tom, created["data"]["createLabel"]["id"])["data"]["deleteLabel"], true);
  EXPECT_EQ(count(), 0u);
}

TEST_F(LabelFieldsTest, BadInputIsRefusedByNameAndNothingChanges) {
  const std::pair<json, const char*> bad[] = {
      {{{"class", ""}}, "invalid_argument"},
      {{{"class", "two words"}}, "invalid_argument"},
      {{{"note", std::string(1'001, 'n')}}, "invalid_argument"},
      {{{"end", "2026-06-01T10:00:00"}}, "invalid_argument"},
      {{{"end", "2026-06-01T09:00:00"}}, "invalid_argument"},
      {{{"end", "later"}}, "invalid_argument"},
      {{{"start", "soon"}, {"end", nullptr}}, "invalid_argument"},
      {{{"path", "a..b"}}, "invalid_argument"},
      {{{"path", "conveyor.motor9"}}, "not_found"},
      {{{"metricIdentifier", "humidity"}}, "not_found"},
      {{{"deviceIdentifier", "000099"}}, "not_found"},
      {{{"tenantIdentifier", "200000"}}, "not_found"},
      {{{"author", "somebody else"}}, "invalid_argument"},
  };
  for (const auto& [changes, expected] : bad) {
    const json answer = create(engineer(), changes);
    EXPECT_EQ(code(answer), expected) << answer.dump();
  }
  EXPECT_EQ(count(), 0u);
}

TEST_F(LabelFieldsTest, ADeletedLabelIsGone) {
  const std::string id = create(engineer())["data"]["createLabel"]["id"];
  EXPECT_EQ(remove(engineer(), id)["data"]["deleteLabel"], true);
  EXPECT_EQ(count(), 0u);
  EXPECT_EQ(code(remove(engineer(), id)), "not_found");
  for (const char* odd : {"", "1", "100000:", "100000:0", "100000:-1", "100000:1x"}) {
    EXPECT_EQ(code(remove(engineer(), odd)), "invalid_argument") << odd;
  }
}

TEST_F(LabelFieldsTest, AnotherTenantsLabelIsNeitherSeenNorDeleted) {
  const std::string id = create(engineer())["data"]["createLabel"]["id"];
  EXPECT_EQ(code(labels(engineer("200000"))), "not_found");
  EXPECT_EQ(code(remove(engineer("200000"), id)), "not_found");
  EXPECT_EQ(code(remove(engineer("200000"), "200000:1")), "not_found");
  EXPECT_EQ(count(), 1u);
  const Principal operator_of_all{Role::kOperator, std::nullopt, {}, "olga"};
  EXPECT_EQ(remove(operator_of_all, id)["data"]["deleteLabel"], true);
  EXPECT_EQ(count(), 0u);
}

TEST_F(LabelFieldsTest, ADeviceSeesItsOwnLabelsOnly) {
  create(engineer());
  EXPECT_EQ(labels(factory.device_principal("000001"))["data"]["labels"].size(), 1u);
  EXPECT_EQ(code(labels(factory.device_principal("000002"))), "not_found");
}

TEST_F(LabelFieldsTest, AMutationIsToldFromAQuery) {
  EXPECT_EQ(factory.service.operation({kCreate, std::nullopt, nullptr}),
            GraphqlOperation::kMutation);
  EXPECT_EQ(factory.service.operation({"{ __typename }", std::nullopt, nullptr}),
            GraphqlOperation::kQuery);
  EXPECT_EQ(factory.service.operation({"mutation {", std::nullopt, nullptr}),
            GraphqlOperation::kQuery);
}

}  // namespace
}  // namespace millwright
