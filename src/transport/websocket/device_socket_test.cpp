#include "transport/websocket/device_socket.h"

#include <gmock/gmock.h>

#include "base/log.h"
#include "devices/testing/device_services.h"
#include "transport/testing/fake_web_socket.h"

namespace millwright::http {
namespace {

using millwright::testing::device_id;
using millwright::testing::DeviceServices;
using millwright::testing::FakeWebSocket;
using millwright::testing::tenant;
using nlohmann::json;
using ::testing::HasSubstr;

class DeviceSocketTest : public ::testing::Test {
 protected:
  DeviceSocketTest() {
    log::set_level(log::Level::kError);
    s_.add("000001");
    s_.add("000002");
    secret_ = s_.devices
                  .replace_secret(millwright::testing::principal(Role::kAdministrator),
                                  tenant("100000"), device_id("000001"))
                  .value();
  }
  /// Opens a socket; null where the upgrade is refused.
  std::unique_ptr<WebSocketHandler> open(bool legacy, const std::string& token = {}) {
    AccessOptions access;
    if (legacy) access.legacy_tenants = {tenant("100000")};
    authentication_ = std::make_unique<Authentication>(s_.identity, access);
    const WebSocketEndpoint endpoint =
        device_socket(*authentication_, s_.directory, s_.connections, s_.clock);
    Request request;
    request.method = "GET";
    if (!token.empty()) request.headers = {{"authorization", "Bearer " + token}};
    auto accepted = endpoint.accept(request, socket_);
    return accepted ? std::move(accepted).value() : nullptr;
  }
  std::string token() {
    return s_.identity.device_token(tenant("100000"), device_id("000001"), secret_).value().jwt;
  }
  static std::string connect_message(const std::string& device = "000001",
                                     const std::string& in = "100000") {
    return json{
        {"message_type", "connect"}, {"tenant_identifier", in}, {"device_identifier", device}}
        .dump();
  }
  bool is_connected() { return s_.connections.is_connected(tenant("100000"), device_id("000001")); }

  DeviceServices s_;
  std::string secret_;
  std::unique_ptr<Authentication> authentication_;
  std::shared_ptr<FakeWebSocket> socket_ = std::make_shared<FakeWebSocket>();
};

TEST_F(DeviceSocketTest, ADeviceOfTheOldContractConnectsTakesACommandAndAnswers) {
  const auto handler = open(true);
  ASSERT_TRUE(handler);
  handler->on_text(connect_message());
  EXPECT_EQ(socket_->sent().at(0).at("message_type"), "connect_ack");
  EXPECT_EQ(socket_->sent().at(0).at("status"), "success");
  std::string said;
  s_.connections.send_command(
      tenant("100000"), device_id("000001"), {"command", "get_connection_state", {}},
      [&](const Result<CommandAnswer>& answer) { said = answer.value().message; });
  const json command = socket_->sent().at(1);
  EXPECT_EQ(command.at("command"), "get_connection_state");
  handler->on_text(json{{"message_type", "command_response"},
                        {"status", "success"},
                        {"message", "connected"},
                        {"message_id", command.at("message_id")},
                        {"data", nullptr},
                        {"timestamp", "2026-01-01T00:00:00"}}
                       .dump());
  EXPECT_EQ(said, "connected");
  handler->on_text(R"({"type": "websocket.close"})");
  EXPECT_EQ(socket_->code(), 1000);
  handler->on_close();
  EXPECT_FALSE(is_connected());
}

TEST_F(DeviceSocketTest, WithoutTheOldContractATokenIsNeeded) {
  EXPECT_EQ(open(false), nullptr);
  EXPECT_EQ(open(false, "nonsense"), nullptr);
  const auto handler = open(false, token());
  ASSERT_TRUE(handler);
  handler->on_text(connect_message());
  EXPECT_TRUE(is_connected());
}

TEST_F(DeviceSocketTest, ATokenOpensItsOwnDeviceOnly) {
  for (const auto& [device, in] : std::vector<std::pair<std::string, std::string>>{
           {"000002", "100000"}, {"000001", "200000"}}) {
    socket_ = std::make_shared<FakeWebSocket>();
    const auto handler = open(false, token());
    handler->on_text(connect_message(device, in));
    EXPECT_EQ(socket_->sent().at(0).at("status"), "error") << device << in;
    EXPECT_EQ(socket_->code(), 1008);
  }
}

TEST_F(DeviceSocketTest, AnUnknownDeviceOrTenantIsRefused) {
  for (const auto& [device, in] : std::vector<std::pair<std::string, std::string>>{
           {"000009", "100000"}, {"000001", "200000"}, {"x", "100000"}}) {
    socket_ = std::make_shared<FakeWebSocket>();
    const auto handler = open(true);
    handler->on_text(connect_message(device, in));
    EXPECT_EQ(socket_->sent().at(0).at("status"), "error");
    EXPECT_EQ(socket_->code(), 1008);
  }
}

TEST_F(DeviceSocketTest, WhatBreaksTheOrderIsClosed1002) {
  for (const std::string& text :
       {std::string("{"), std::string("[]"), std::string("{}"),
        json{{"message_type", "nonsense"}}.dump(), json{{"message_type", 5}}.dump(),
        json{{"message_type", "command_response"}, {"message_id", "x"}, {"status", "success"}}
            .dump()}) {
    socket_ = std::make_shared<FakeWebSocket>();
    const auto handler = open(true);
    handler->on_text(text);
    EXPECT_EQ(socket_->code(), 1002) << text;
  }
}

TEST_F(DeviceSocketTest, AnAnswerWithAGuessedIdChangesNothing) {
  const auto handler = open(true);
  handler->on_text(connect_message());
  handler->on_text(json{
      {"message_type", "command_response"},
      {"message_id", "6f1d2a3b-0000-4000-8000-000000000000"},
      {"status",
       "success"}}.dump());
  EXPECT_EQ(socket_->code(), 0);
  EXPECT_TRUE(is_connected());
}

TEST_F(DeviceSocketTest, ASecondConnectionClosesTheFirst) {
  const auto first = open(true);
  first->on_text(connect_message());
  const auto first_socket = std::exchange(socket_, std::make_shared<FakeWebSocket>());
  const auto second = open(true);
  second->on_text(connect_message());
  EXPECT_EQ(first_socket->code(), 4409);
  first->on_close();
  EXPECT_TRUE(is_connected());
}

TEST_F(DeviceSocketTest, AReplacedSecretEndsTheConnection) {
  const auto handler = open(false, token());
  handler->on_text(connect_message());
  handler->on_tick();
  EXPECT_EQ(socket_->code(), 0);
  ASSERT_TRUE(s_.identity.set_device_secret(tenant("100000"), device_id("000001")));
  handler->on_tick();
  EXPECT_EQ(socket_->code(), 1008);
}

TEST_F(DeviceSocketTest, WhoeverDoesNotConnectIsClosed) {
  const auto handler = open(true);
  s_.clock.advance(std::chrono::seconds(9));
  handler->on_tick();
  EXPECT_EQ(socket_->code(), 0);
  s_.clock.advance(std::chrono::seconds(2));
  handler->on_tick();
  EXPECT_EQ(socket_->code(), 4408);
}

}  // namespace
}  // namespace millwright::http
