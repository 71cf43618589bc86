#include <gmock/gmock.h>

#include "base/log.h"
#include "devices/testing/device_services.h"
#include "transport/http/api.h"
#include "transport/http/server.h"
#include "transport/testing/http_client.h"

// Retention over a real server on the memory store.
namespace millwright::http {
namespace {

using millwright::testing::device_id;
using millwright::testing::DeviceServices;
using millwright::testing::HeaderMap;
using millwright::testing::HttpAnswer;
using millwright::testing::tenant;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kRules = "/api/v1/tenants/100000/retention";

class RetentionResourcesTest : public ::testing::Test {
 protected:
  RetentionResourcesTest() {
    log::set_level(log::Level::kError);
    s_.identity.add_user("ada", Role::kAdministrator, tenant("100000"));
    s_.identity.add_user("eve", Role::kEngineer, tenant("100000"));
    s_.identity.add_user("vic", Role::kViewer, tenant("100000"));
    s_.identity.add_user("far", Role::kAdministrator, tenant("200000"));
    Router router;
    add_session_calls(
        router, {authentication_, s_.directory, s_.identity, s_.devices, s_.connections, s_.clock});
    add_retention_resources(router, authentication_, retention_);
    server_ = std::make_unique<Server>(ServerOptions{}, std::move(router),
                                       std::vector<WebSocketEndpoint>{}, telemetry_);
    EXPECT_TRUE(server_->start());
  }
  HttpAnswer call(const std::string& method, const std::string& path, const json& body,
                  const HeaderMap& headers) {
    return millwright::testing::call(server_->port(), method, path,
                                     body.is_null() ? "" : body.dump(), headers);
  }
  HeaderMap login(const std::string& user) {
    const HttpAnswer answer =
        call("POST", "/api/v1/login", {{"user", user}, {"password", "right"}}, {});
    EXPECT_EQ(answer.status, 200) << answer.body;
    const std::string cookie = answer.header("set-cookie");
    return {{"Cookie", cookie.substr(0, cookie.find(';'))},
            {"X-CSRF-Token", answer.json().at("data").at("csrf_token")}};
  }
  json rules(const HeaderMap& who) {
    return call("GET", kRules, nullptr, who).json().at("data").at("rules");
  }

  DeviceServices s_;
  telemetry::Telemetry telemetry_;
  RetentionService retention_{s_.directory, s_.clock, telemetry_,
                              [this](const TenantId& id, std::span<const Expiry> expiries) {
                                return s_.store(id.str())->samples().expire(expiries);
                              }};
  Authentication authentication_{s_.identity, {}};
  std::unique_ptr<Server> server_;
};

TEST_F(RetentionResourcesTest, ARuleIsSetReplacedListedAndRemoved) {
  const HeaderMap ada = login("ada");
  const HttpAnswer set = call("PUT", kRules, {{"keep", "36 months"}}, ada);
  EXPECT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(set.json().at("data").at("rule").at("keep"), "3 years");
  s_.add("000001");
  const json narrow{{"device_identifier", "000001"},
                    {"path", "line.motor1"},
                    {"metric_identifier", "vibration"},
                    {"keep", "2 days"}};
  EXPECT_EQ(call("PUT", kRules, narrow, ada).status, 200);
  EXPECT_EQ(call("PUT", kRules, {{"keep", "forever"}}, ada).status, 200);

  const json listed = rules(login("eve"));
  ASSERT_EQ(listed.size(), 3u) << listed;
  EXPECT_EQ(listed[0], (json{{"device_identifier", nullptr},
                             {"path", nullptr},
                             {"metric_identifier", nullptr},
                             {"waveforms_only", false},
                             {"keep", "forever"},
                             {"keep_h", nullptr},
                             {"source", "tenant"}}));
  EXPECT_EQ(listed[1].at("metric_identifier"), "vibration");
  EXPECT_EQ(listed[1].at("keep_h"), 48);
  EXPECT_EQ(listed[2].at("source"), "server");
  EXPECT_EQ(listed[2].at("waveforms_only"), true);

  EXPECT_EQ(call("DELETE", kRules, nullptr, ada).status, 200);
  EXPECT_EQ(call("DELETE", kRules, nullptr, ada).status, 404);
  const std::string query =
      "?device_identifier=000001&path=line.motor1&metric_identifier=vibration";
  EXPECT_EQ(call("DELETE", kRules + query, nullptr, ada).status, 200);
  EXPECT_EQ(rules(ada).size(), 1u);
}

TEST_F(RetentionResourcesTest, ThePreviewSaysWhatWouldGo) {
  s_.add("000001");
  const auto metric = *s_.store()->catalog().resolve_metric(
      {device_id("000001"), *Path::parse("line"), *MetricId::parse("t")}, "", "",
      MetricType::kNumericScalar);
  Append append;
  append.samples.append(metric.series, to_us(parse_utc("2025-12-31T10:00:00Z").value()), 1);
  append.samples.append(metric.series, to_us(s_.clock.now()), 2);
  ASSERT_TRUE(s_.store()->samples().append({&append, 1})[0]);
  const HeaderMap eve = login("eve");
  const std::string preview = std::string(kRules) + "/preview";

  const HttpAnswer now = call("GET", preview, nullptr, eve);
  EXPECT_EQ(now.json().at("message"), "will delete nothing");
  EXPECT_EQ(now.json().at("data"),
            (json{{"samples", 0}, {"bytes", 0}, {"first", nullptr}, {"last", nullptr}}));
  const HttpAnswer supposed = call("GET", preview + "?path=line&keep=30%20days", nullptr, eve);
  ASSERT_EQ(supposed.status, 200) << supposed.body;
  EXPECT_EQ(supposed.json().at("message"), "will delete 16 bytes, all before 2026-01-01");
  EXPECT_EQ(supposed.json().at("data").at("samples"), 1);
  EXPECT_EQ(supposed.json().at("data").at("last"), "2025-12-31T10:00:00.000000Z");
  EXPECT_EQ(rules(eve).size(), 1u) << "nothing was set";
}

TEST_F(RetentionResourcesTest, WrongRulesAreRefusedByName) {
  const HeaderMap ada = login("ada");
  struct Case {
    json body;
    int status;
    const char* named;
  };
  const std::vector<Case> cases{
      {json::object(), 422, "keep"},
      {{{"keep", 36}}, 422, "keep"},
      {{{"keep", "soon"}}, 422, "'soon'"},
      {{{"keep", "1 day"}, {"metric", "t"}}, 422, "'metric'"},
      {{{"keep", "1 day"}, {"path", "a..b"}}, 422, "a..b"},
      {{{"keep", "1 day"}, {"metric_identifier", "a b"}}, 422, "a b"},
      {{{"keep", "1 day"}, {"device_identifier", "1"}}, 422, "device identifier"},
      {{{"keep", "1 day"}, {"device_identifier", "000009"}}, 404, "000009"},
      {{{"keep", "1 day"}, {"waveforms_only", "yes"}}, 422, "waveforms_only"},
  };
  for (const Case& c : cases) {
    const HttpAnswer answer = call("PUT", kRules, c.body, ada);
    EXPECT_EQ(answer.status, c.status) << c.body << answer.body;
    EXPECT_THAT(answer.json().at("message").get<std::string>(), HasSubstr(c.named));
  }
  for (const char* query : {"?metric=t", "?waveforms_only=1", "?keep=1%20day"}) {
    EXPECT_EQ(call("DELETE", std::string(kRules) + query, nullptr, ada).status, 422) << query;
  }
  for (const char* query : {"?path=line", "?keep=x", "?keep=1d&paht=line"}) {
    EXPECT_EQ(call("GET", std::string(kRules) + "/preview" + query, nullptr, ada).status, 422)
        << query;
  }
  EXPECT_EQ(rules(ada).size(), 1u);
}

TEST_F(RetentionResourcesTest, EveryRoleSeesAndDoesWhatItMay) {
  const std::string preview = std::string(kRules) + "/preview";
  const json body{{"keep", "1 day"}};
  const auto statuses = [&](const HeaderMap& who) {
    return std::vector<int>{
        call("GET", kRules, nullptr, who).status, call("GET", preview, nullptr, who).status,
        call("PUT", kRules, body, who).status, call("DELETE", kRules, nullptr, who).status};
  };
  EXPECT_EQ(statuses({}), (std::vector<int>{401, 401, 401, 401}));
  EXPECT_EQ(statuses(login("vic")), (std::vector<int>{403, 403, 403, 403}));
  EXPECT_EQ(statuses(login("far")), (std::vector<int>{404, 404, 404, 404}));
  EXPECT_EQ(statuses(login("eve")), (std::vector<int>{200, 200, 403, 403}));
  EXPECT_EQ(statuses(login("ada")), (std::vector<int>{200, 200, 200, 200}));
  HeaderMap without_token = login("ada");
  without_token.erase("X-CSRF-Token");
  EXPECT_EQ(call("PUT", kRules, body, without_token).status, 403);
}

}  // namespace
}  // namespace millwright::http
