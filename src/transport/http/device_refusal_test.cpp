#include <gtest/gtest.h>

#include "base/log.h"
#include "devices/testing/device_services.h"
#include "transport/http/api.h"
#include "transport/http/server.h"
#include "transport/testing/http_client.h"

// What a caller gets when the device itself says no.
namespace millwright::http {
namespace {

using millwright::testing::device_id;
using millwright::testing::DeviceServices;
using millwright::testing::HeaderMap;
using millwright::testing::HttpAnswer;
using millwright::testing::tenant;
using nlohmann::json;

constexpr const char* kSensors = "/api/v1/tenants/100000/devices/000001/sensors";

/// Answers each command at once with the same answer.
class SameAnswer final : public DeviceChannel {
 public:
  SameAnswer(DeviceConnections& connections, CommandAnswer answer)
      : connections_(connections), answer_(std::move(answer)) {}
  void send(std::string text) override {
    const auto taken =
        connections_.answer(tenant("100000"), device_id("000001"),
                            json::parse(text).at("message_id").get<std::string>(), answer_);
    MW_CHECK(taken.has_value());
  }
  void close(std::string) override {}

 private:
  DeviceConnections& connections_;
  CommandAnswer answer_;
};

class DeviceRefusalTest : public ::testing::Test {
 protected:
  DeviceRefusalTest() {
    log::set_level(log::Level::kError);
    s_.identity.add_user("eve", Role::kEngineer, tenant("100000"));
    s_.add("000001");
    AccessOptions access;
    access.legacy_tenants = {tenant("100000")};
    authentication_ = std::make_unique<Authentication>(s_.identity, std::move(access));
    const ApiContext context{*authentication_, s_.directory,   s_.identity,
                             s_.devices,       s_.connections, s_.clock};
    Router router;
    add_device_calls(router, context);
    add_device_resources(router, context);
    add_session_calls(router, context);
    server_ = std::make_unique<Server>(ServerOptions{}, std::move(router),
                                       std::vector<WebSocketEndpoint>{}, telemetry_);
    MW_CHECK(server_->start().has_value());
  }
  void device_answers(CommandAnswer answer) {
    s_.connections.connect(tenant("100000"), device_id("000001"),
                           std::make_shared<SameAnswer>(s_.connections, std::move(answer)));
  }
  HttpAnswer call(const std::string& method, const std::string& path, const json& body,
                  const HeaderMap& headers = {}) {
    return millwright::testing::call(server_->port(), method, path,
                                     body.is_null() ? "" : body.dump(), headers);
  }
  HeaderMap login() {
    const HttpAnswer answer =
        call("POST", "/api/v1/login", {{"user", "eve"}, {"password", "right"}});
    const std::string cookie = answer.header("set-cookie");
    return {{"Cookie", cookie.substr(0, cookie.find(';'))},
            {"X-CSRF-Token", answer.json().at("data").at("csrf_token")}};
  }
  static json sensor() {
    return {{"sensor_identifier", "a"},
            {"sensor_type", "humidity"},
            {"path", nullptr},
            {"sampling_interval", 1}};
  }

  DeviceServices s_;
  telemetry::Telemetry telemetry_;
  std::unique_ptr<Authentication> authentication_;
  std::unique_ptr<Server> server_;
};

TEST_F(DeviceRefusalTest, IsAConflictOfTheResourceInTheDevicesWords) {
  device_answers({false, "sensor 'a' is there already", nullptr});
  const HeaderMap eve = login();
  for (const HttpAnswer& answer : {call("POST", kSensors, sensor(), eve),
                                   call("DELETE", std::string(kSensors) + "/a", nullptr, eve)}) {
    EXPECT_EQ(answer.status, 409) << answer.body;
    EXPECT_EQ(answer.json().at("status"), "error");
    EXPECT_EQ(answer.json().at("code"), "failed_precondition");
    EXPECT_EQ(answer.json().at("message"), "sensor 'a' is there already");
    EXPECT_TRUE(answer.json().contains("request_id"));
  }
}

TEST_F(DeviceRefusalTest, StaysA200OfTheOldCalls) {
  device_answers({false, "sensor 'a' is there already", nullptr});
  json body = sensor();
  body.update({{"tenant_identifier", "100000"}, {"device_identifier", "000001"}});
  const HttpAnswer answer = call("POST", "/api/v1/tenants/devices/sensors/add", body);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json().at("status"), "error");
  EXPECT_EQ(answer.json().at("message"), "sensor 'a' is there already");
}

TEST_F(DeviceRefusalTest, HasAMessageWhereTheDeviceGaveNone) {
  const HeaderMap eve = login();
  device_answers({false, "", nullptr});
  const HttpAnswer refused = call("POST", kSensors, sensor(), eve);
  EXPECT_EQ(refused.status, 409) << refused.body;
  EXPECT_EQ(refused.json().at("message"), "the device refused and gave no reason");
  device_answers({true, "", nullptr});
  const HttpAnswer done = call("POST", kSensors, sensor(), eve);
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.json().at("message"), "the device has done it");
}

}  // namespace
}  // namespace millwright::http
