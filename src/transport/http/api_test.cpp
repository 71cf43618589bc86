#include <gmock/gmock.h>

#include "base/log.h"
#include "devices/testing/device_services.h"
#include "transport/http/api.h"
#include "transport/http/server.h"
#include "transport/testing/http_client.h"

// The calls over a real server on the memory store.
namespace millwright::http {
namespace {

using millwright::testing::device_id;
using millwright::testing::DeviceServices;
using millwright::testing::HeaderMap;
using millwright::testing::HttpAnswer;
using millwright::testing::tenant;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kCalls = "/api/v1/tenants/devices/";

class ApiTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::kError); }

  ApiTest() {
    s_.identity.add_user("ada", Role::kAdministrator, tenant("100000"));
    s_.identity.add_user("eve", Role::kEngineer, tenant("100000"));
    s_.identity.add_user("vic", Role::kViewer, tenant("100000"));
    s_.identity.add_user("far", Role::kAdministrator, tenant("200000"));
  }
  void start(AccessOptions access) {
    authentication_ = std::make_unique<Authentication>(s_.identity, std::move(access));
    const ApiContext context{*authentication_, s_.directory,   s_.identity,
                             s_.devices,       s_.connections, s_.clock};
    Router router;
    add_device_calls(router, context);
    add_device_resources(router, context);
    add_retention_resources(router, *authentication_, retention_);
    add_session_calls(router, context);
    add_documentation(router);
    server_ = std::make_unique<Server>(ServerOptions{}, std::move(router),
                                       std::vector<WebSocketEndpoint>{}, telemetry_);
    ASSERT_TRUE(server_->start());
  }
  void start_legacy() {
    AccessOptions access;
    access.legacy_tenants = {tenant("100000")};
    start(access);
  }
  HttpAnswer call(const std::string& method, const std::string& path, const json& body = nullptr,
                  const HeaderMap& headers = {}) {
    const std::string text = body.is_null() ? "" : body.dump();
    return millwright::testing::call(server_->port(), method, path, text, headers);
  }
  HeaderMap login(const std::string& user) {
    const HttpAnswer answer =
        call("POST", "/api/v1/login", {{"user", user}, {"password", "right"}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    const std::string cookie = answer.header("set-cookie");
    return {{"Cookie", cookie.substr(0, cookie.find(';'))},
            {"X-CSRF-Token", answer.json().at("data").at("csrf_token")}};
  }
  static json ids() { return {{"tenant_identifier", "100000"}, {"device_identifier", "000001"}}; }
  static json registration() {
    json body = ids();
    body.update({{"timezone", "Europe/Zurich"},
                 {"description", "edge device"},
                 {"long", nullptr},
                 {"lat", nullptr},
                 {"country", nullptr}});
    return body;
  }

  DeviceServices s_;
  telemetry::Telemetry telemetry_;
  RetentionService retention_{s_.directory, s_.clock, telemetry_,
                              [this](const TenantId& id, std::span<const Expiry> expiries) {
                                return s_.store(id.str())->samples().expire(expiries);
                              }};
  std::unique_ptr<Authentication> authentication_;
  std::unique_ptr<Server> server_;
};

TEST_F(ApiTest, ADeviceOfTheOldContractRegistersAtEveryStart) {
  start_legacy();
  const HttpAnswer first = call("POST", std::string(kCalls) + "register", registration());
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.json().at("status"), "success");
  EXPECT_FALSE(first.json().contains("data"));
  const HttpAnswer second = call("POST", std::string(kCalls) + "register", registration());
  EXPECT_EQ(second.json().at("status"), "success");
  EXPECT_THAT(second.body, HasSubstr("already"));
}

TEST_F(ApiTest, WrongRegistrationsAreRefusedAndLeaveNothing) {
  start_legacy();
  struct Case {
    json change;
    int status;
    const char* named;
  };
  const std::vector<Case> cases{
      {{{"timezone", "Mars/Olympus"}}, 422, "Mars/Olympus"},
      {{{"timezone", nullptr}}, 422, "timezone"},
      {{{"device_identifier", "1"}}, 422, "device identifier"},
      {{{"device_identifier", 1}}, 422, "device_identifier"},
      {{{"device_identifier", "0000/1"}}, 422, "0000/1"},
      {{{"device_identifier", std::string(65, 'a')}}, 422, "device identifier"},
      {{{"tenant_identifier", "x"}}, 422, "tenant identifier"},
      {{{"tenant_identifier", nullptr}}, 422, "tenant_identifier"},
      {{{"tenant_identifier", "999999"}}, 404, "999999"},
      {{{"tenant_identifier", "200000"}}, 404, "200000"},
      {{{"lat", 91}}, 422, "lat"},
      {{{"long", "east"}}, 422, "long"},
      {{{"description", std::string(2000, 'x')}}, 422, "description"},
      {{{"country", 5}}, 422, "country"},
  };
  for (const Case& c : cases) {
    json body = registration();
    body.update(c.change);
    const HttpAnswer answer = call("POST", std::string(kCalls) + "register", body);
    EXPECT_EQ(answer.status, c.status) << c.change << answer.body;
    EXPECT_EQ(answer.json().at("status"), "error");
    EXPECT_THAT(answer.json().at("message").get<std::string>(), HasSubstr(c.named));
    EXPECT_FALSE(answer.json().at("request_id").get<std::string>().empty());
  }
  EXPECT_TRUE(s_.store()->catalog().devices()->empty());
  const auto raw = [&](const std::string& body, const std::string& type) {
    return millwright::testing::call(server_->port(), "POST", std::string(kCalls) + "register",
                                     body, {{"Content-Type", type}})
        .status;
  };
  EXPECT_EQ(raw("{not json", "application/json"), 422);
  EXPECT_EQ(raw("[]", "application/json"), 422);
  EXPECT_EQ(raw(registration().dump(), "text/plain"), 415);
}

TEST_F(ApiTest, WithoutTheOldContractNobodyMayDoAnything) {
  start({});
  for (const auto& [method, name] :
       std::vector<std::pair<std::string, std::string>>{{"POST", "register"},
                                                        {"PUT", "update"},
                                                        {"DELETE", "remove"},
                                                        {"POST", "status"},
                                                        {"POST", "command"},
                                                        {"GET", "sensors"}}) {
    const HttpAnswer answer = call(method, kCalls + name, registration());
    EXPECT_EQ(answer.status, 401) << name << answer.body;
    EXPECT_EQ(answer.header("www-authenticate"), "Bearer");
  }
  EXPECT_EQ(call("GET", "/api/v1/tenants/100000/devices").status, 401);
  EXPECT_EQ(call("GET", "/api/v1/session").status, 401);
}

TEST_F(ApiTest, AClaimGivesTheSecretOnceAndTheSecretATokenForItselfOnly) {
  start({});
  s_.add("000002");
  const HttpAnswer claim =
      call("POST", "/api/v1/tenants/100000/claims", {{"valid_for_s", 600}}, login("eve"));
  ASSERT_EQ(claim.status, 201) << claim.body;
  json body = registration();
  body["claim"] = claim.json().at("data").at("claim");
  const HttpAnswer registered = call("POST", std::string(kCalls) + "register", body);
  ASSERT_EQ(registered.status, 200) << registered.body;
  const std::string secret = registered.json().at("data").at("device_secret");
  const HttpAnswer again = call("POST", std::string(kCalls) + "register", body);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_FALSE(again.json().contains("data"));
  json guess = body;
  guess["claim"] = "guess";
  EXPECT_EQ(call("POST", std::string(kCalls) + "register", guess).status, 401)
      << "a guess must not tell that the device exists";
  body["device_identifier"] = "000003";
  EXPECT_EQ(call("POST", std::string(kCalls) + "register", body).status, 401);

  json credentials = ids();
  credentials["device_secret"] = secret;
  const HttpAnswer token = call("POST", "/token", credentials);
  ASSERT_EQ(token.status, 200) << token.body;
  const HeaderMap bearer{
      {"Authorization", "Bearer " + token.json().at("data").at("token").get<std::string>()}};
  EXPECT_EQ(call("GET", "/api/v1/tenants/100000/devices/000001/events", nullptr, bearer).status,
            200);
  EXPECT_EQ(call("GET", "/api/v1/tenants/100000/devices/000002/events", nullptr, bearer).status,
            404);
  EXPECT_EQ(call("GET", "/api/v1/tenants/200000/devices", nullptr, bearer).status, 404);
  EXPECT_EQ(call("DELETE", "/api/v1/tenants/100000/devices/000001", nullptr, bearer).status, 403);
  EXPECT_EQ(call("POST", "/api/v1/tenants/100000/claims", nullptr, bearer).status, 403);
  credentials["device_secret"] = "wrong";
  EXPECT_EQ(call("POST", "/api/v1/token", credentials).status, 401);
  EXPECT_EQ(
      call("GET", "/api/v1/tenants/100000/devices", nullptr, {{"Authorization", "Bearer nonsense"}})
          .status,
      401);
}

TEST_F(ApiTest, StatusesAndRemovalTakeOneOrAList) {
  start_legacy();
  s_.add("000001");
  json many = ids();
  many["device_identifier"] = {"000001", "777777", "x"};
  for (const char* name : {"status", "states"}) {
    const HttpAnswer answer = call("POST", std::string(kCalls) + name, many);
    EXPECT_EQ(answer.status, 200);
    const json data = answer.json().at("data");
    ASSERT_EQ(data.at("devices").size(), 1U);
    EXPECT_EQ(data.at("devices")[0],
              (json{{"device_identifier", "000001"}, {"status", "unknown"}}));
    EXPECT_EQ(data.at("failed_devices").size(), 2U);
    EXPECT_THAT(data.at("failed_devices")[0].at("error").get<std::string>(), HasSubstr("777777"));
  }
  const HttpAnswer removed = call("DELETE", std::string(kCalls) + "remove", many);
  EXPECT_EQ(removed.status, 200);
  EXPECT_EQ(removed.json().at("data").at("devices").size(), 1U);
  EXPECT_EQ(call("DELETE", std::string(kCalls) + "remove", ids()).status, 404);
  many["device_identifier"] = json::array();
  EXPECT_EQ(call("DELETE", std::string(kCalls) + "remove", many).status, 422);
}

TEST_F(ApiTest, AnUpdateKeepsWhatIsAbsentOrNull) {
  start_legacy();
  call("POST", std::string(kCalls) + "register", registration());
  json change = ids();
  change.update({{"city", "Bern"}, {"description", nullptr}, {"unknown_field", 1}});
  EXPECT_EQ(call("PUT", std::string(kCalls) + "update", change).status, 200);
  const auto device = s_.store()->catalog().device(device_id("000001"));
  EXPECT_EQ(device->city, "Bern");
  EXPECT_EQ(device->description, "edge device");
  change["device_identifier"] = "000009";
  EXPECT_EQ(call("PUT", std::string(kCalls) + "update", change).status, 404);
}

TEST_F(ApiTest, CommandsSayThatADeviceIsNotConnected) {
  start_legacy();
  s_.add("000001");
  json body = ids();
  body["command"] = "get_connection_state";
  const HttpAnswer answer = call("POST", std::string(kCalls) + "command", body);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json().at("status"), "error");
  EXPECT_THAT(answer.body, HasSubstr("not connected"));
  body["command"] = "explode";
  EXPECT_EQ(call("POST", std::string(kCalls) + "command", body).status, 422);
  EXPECT_EQ(call("GET", std::string(kCalls) + "sensors", ids()).json().at("status"), "error");
  EXPECT_EQ(
      call("GET", "/api/v1/tenants/100000/devices/000001/sensors", nullptr, login("eve")).status,
      503);
}

/// Answers each command at once.
class AnsweringChannel final : public DeviceChannel {
 public:
  explicit AnsweringChannel(DeviceConnections& connections) : connections_(connections) {}
  void send(std::string text) override {
    const json command = json::parse(text);
    json data{{"sensors",
               json::array({json{{"sensor_identifier", "a"}}, json{{"sensor_identifier", "b"}}})}};
    const bool success = command.at("command") != "remove_sensor";
    const auto taken = connections_.answer(
        TenantId::parse(command.at("tenant_identifier").get<std::string>()).value(),
        DeviceId::parse(command.at("device_identifier").get<std::string>()).value(),
        command.at("message_id"),
        {success, "did " + command.at("command").get<std::string>(), data});
    MW_CHECK(taken.has_value());
  }
  void close(std::string) override {}

 private:
  DeviceConnections& connections_;
};

TEST_F(ApiTest, CommandsAnswerWithTheDevicesOwnWords) {
  start_legacy();
  s_.add("000001");
  s_.connections.connect(tenant("100000"), device_id("000001"),
                         std::make_shared<AnsweringChannel>(s_.connections));
  json sensor = ids();
  sensor.update({{"sensor_identifier", "a"},
                 {"sensor_type", "humidity"},
                 {"path", nullptr},
                 {"sampling_interval", 1}});
  const HttpAnswer added = call("POST", std::string(kCalls) + "sensors/add", sensor);
  EXPECT_EQ(added.json().at("message"), "did add_sensor") << added.body;
  const HttpAnswer removed = call("DELETE", std::string(kCalls) + "sensors/remove", sensor);
  EXPECT_EQ(removed.status, 200);
  EXPECT_EQ(removed.json().at("status"), "error");
  EXPECT_EQ(removed.json().at("message"), "did remove_sensor");
  json some = ids();
  some["sensor_identifier"] = "b";
  const HttpAnswer states = call("POST", std::string(kCalls) + "sensors/states", some);
  EXPECT_EQ(states.json().at("data").at("sensors"), json::parse(R"([{"sensor_identifier":"b"}])"));
  sensor["sensor_type"] = "smell";
  EXPECT_EQ(call("POST", std::string(kCalls) + "sensors/add", sensor).status, 422);
  const HttpAnswer listed =
      call("GET", "/api/v1/tenants/100000/devices/000001/sensors", nullptr, login("eve"));
  EXPECT_EQ(listed.json().at("data").at("sensors").size(), 2U);
  EXPECT_EQ(
      call("GET", "/api/v1/tenants/100000/devices/000001/sensors", nullptr, login("vic")).status,
      403);
}

TEST_F(ApiTest, DevicesAsResources) {
  start({});
  const HeaderMap eve = login("eve");
  const std::string devices = "/api/v1/tenants/100000/devices";
  const json body{{"device_identifier", "000001"}, {"timezone", "Asia/Tokyo"}, {"lat", 35.5}};
  const HttpAnswer created = call("POST", devices, body, eve);
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(created.header("location"), devices + "/000001");
  EXPECT_TRUE(created.json().at("data").contains("device_secret"));
  const HttpAnswer again = call("POST", devices, body, eve);
  EXPECT_EQ(again.status, 200);
  EXPECT_FALSE(again.json().at("data").contains("device_secret"));
  EXPECT_EQ(call("POST", devices, {{"device_identifier", "000002"}, {"zone", "UTC"}}, eve).status,
            422);

  const HttpAnswer patched = call("PATCH", devices + "/000001", {{"city", "Tokyo"}}, eve);
  EXPECT_EQ(patched.json().at("data").at("device").at("city"), "Tokyo");
  EXPECT_EQ(patched.json().at("data").at("device").at("lat"), 35.5);
  EXPECT_TRUE(patched.json().at("data").at("device").at("country").is_null());
  EXPECT_EQ(call("PATCH", devices + "/000001", {{"status", "online"}}, eve).status, 422);

  const HttpAnswer events = call("GET", devices + "/000001/events", nullptr, eve);
  EXPECT_EQ(events.json().at("data").at("events").size(), 2U) << events.body;
  EXPECT_EQ(call("GET", devices + "/000001/metrics", nullptr, eve).json().at("data").at("metrics"),
            json::array());
  for (const char* bad : {"/events?limit=0", "/events?limit=1001", "/events?limit=x",
                          "/events?start=yesterday", "/metrics?path=a-b", "/events?limit=1&limit=2",
                          "/events?start=2026-02-01T00:00:00Z&end=2026-01-01T00:00:00Z"}) {
    EXPECT_EQ(call("GET", devices + "/000001" + bad, nullptr, eve).status, 422) << bad;
  }
  EXPECT_EQ(call("GET", devices + "/000009", nullptr, eve).status, 404);
  EXPECT_EQ(call("GET", "/api/v1/tenants/200000/devices", nullptr, eve).status, 404);
  EXPECT_EQ(call("POST", devices + "/000001/secret", nullptr, eve).status, 403);
  EXPECT_TRUE(call("POST", devices + "/000001/secret", nullptr, login("ada"))
                  .json()
                  .at("data")
                  .contains("device_secret"));
  EXPECT_EQ(call("DELETE", devices + "/000001", nullptr, login("vic")).status, 403);
  EXPECT_EQ(call("DELETE", devices + "/000001", nullptr, login("far")).status, 404);
  EXPECT_EQ(call("DELETE", devices + "/000001", nullptr, eve).status, 200);
  EXPECT_EQ(call("GET", devices + "/000001", nullptr, eve).status, 404);
}

TEST_F(ApiTest, TheListComesInPages) {
  start({});
  for (int i = 1; i <= 5; ++i) s_.add("00000" + std::to_string(i));
  const HeaderMap vic = login("vic");
  std::string after;
  std::vector<std::string> seen;
  do {
    const json data = call("GET", "/api/v1/tenants/100000/devices?limit=2" + after, nullptr, vic)
                          .json()
                          .at("data");
    for (const json& device : data.at("devices")) seen.push_back(device.at("device_identifier"));
    after = data.at("next").is_null() ? "" : "&after=" + data.at("next").get<std::string>();
  } while (!after.empty());
  EXPECT_THAT(seen, ::testing::ElementsAre("000001", "000002", "000003", "000004", "000005"));
}

TEST_F(ApiTest, ASessionNeedsItsTokenToChangeAnythingAndEndsAtLogout) {
  start({});
  EXPECT_EQ(call("POST", "/api/v1/login", {{"user", "eve"}, {"password", "wrong"}}).status, 401);
  const HttpAnswer answer = call("POST", "/api/v1/login", {{"user", "eve"}, {"password", "right"}});
  EXPECT_THAT(answer.header("set-cookie"), HasSubstr("HttpOnly; SameSite=Strict"));
  HeaderMap eve = login("eve");
  const HttpAnswer session = call("GET", "/api/v1/session", nullptr, eve);
  EXPECT_EQ(session.json().at("user"), "eve");
  EXPECT_EQ(session.json().at("tenant"), "100000");
  EXPECT_EQ(session.json().at("roles"), json::array({"engineer"}));
  EXPECT_EQ(session.json().at("read_only"), false);
  EXPECT_EQ(session.json().at("csrf_token"), "csrf");

  HeaderMap without = eve;
  without.erase("X-CSRF-Token");
  EXPECT_EQ(call("POST", "/api/v1/tenants/100000/claims", nullptr, without).status, 403);
  EXPECT_EQ(call("POST", "/api/v1/logout", nullptr, without).status, 403);
  EXPECT_EQ(call("POST", "/api/v1/logout", nullptr, eve).status, 200);
  EXPECT_EQ(call("GET", "/api/v1/session", nullptr, eve).status, 401);
  EXPECT_EQ(call("GET", "/api/v1/tenants/100000/devices", nullptr, eve).status, 401);
}

TEST_F(ApiTest, TheDemoIsOpenForReadingOnly) {
  AccessOptions access;
  access.demo_tenant = tenant("100000");
  start(access);
  s_.add("000001");
  const json session = call("GET", "/api/v1/session").json();
  EXPECT_EQ(session.at("demo"), true);
  EXPECT_EQ(session.at("read_only"), true);
  EXPECT_TRUE(session.at("user").is_null());
  EXPECT_EQ(call("GET", "/api/v1/tenants/100000/devices").status, 200);
  EXPECT_EQ(call("GET", "/api/v1/tenants/200000/devices").status, 404);
  EXPECT_EQ(call("DELETE", "/api/v1/tenants/100000/devices/000001").status, 403);
  EXPECT_EQ(call("DELETE", std::string(kCalls) + "remove", ids()).status, 403);
  EXPECT_EQ(call("POST", std::string(kCalls) + "register", registration()).status, 403);
}

TEST_F(ApiTest, ASecureCookieHasTheHostPrefix) {
  AccessOptions access;
  access.secure_cookie = true;
  start(access);
  const HttpAnswer answer = call("POST", "/api/v1/login", {{"user", "eve"}, {"password", "right"}});
  EXPECT_THAT(answer.header("set-cookie"), ::testing::StartsWith("__Host-millwright_session="));
  EXPECT_THAT(answer.header("set-cookie"), HasSubstr("; Secure"));
}

TEST_F(ApiTest, TheDescriptionNamesEveryRoute) {
  start({});
  const HttpAnswer answer = call("GET", "/api/openapi.json");
  EXPECT_EQ(answer.json().at("openapi"), "3.1.0");
  const json paths = answer.json().at("paths");
  for (const auto& [path, item] : paths.items()) {
    if (path == "/graphql" || path == "/healthz" || path == "/readyz" || path == "/metrics")
      continue;
    std::string real = path;
    for (const auto& [name, value] : std::map<std::string, std::string>{
             {"{tenant}", "999999"}, {"{device}", "000009"}, {"{sensor}", "s"}}) {
      if (const auto at = real.find(name); at != std::string::npos) {
        real.replace(at, name.size(), value);
      }
    }
    EXPECT_EQ(call("PROPFIND", real).status, 405) << path;
  }
  EXPECT_EQ(call("GET", "/api/docs").status, 200);
  EXPECT_EQ(call("GET", "/api/docs.js").header("content-type"), "text/javascript; charset=utf-8");
}

}  // namespace
}  // namespace millwright::http
