#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "uplink/device_api/command_channel.h"
#include "uplink/device_api/registration.h"

namespace millwright::uplink {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using nlohmann::json;
using testing::HasSubstr;

/// Takes one connection after the other on a thread and hands each to the script.
class Listener {
 public:
  using Script = std::function<void(tcp::socket)>;
  explicit Listener(std::vector<Script> scripts)
      : acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0}),
        thread_([this, scripts = std::move(scripts)] {
          for (const Script& script : scripts) script(acceptor_.accept());
        }) {}
  ~Listener() { thread_.join(); }
  std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }

 private:
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

/// Answers one request with the status and body, and keeps the request's body and target.
Listener::Script answering(unsigned status, std::string body, std::string* target, json* request) {
  return [=](tcp::socket socket) {
    beast::flat_buffer buffer;
    http::request<http::string_body> got;
    http::read(socket, buffer, got);
    *target = std::string(got.target());
    *request = json::parse(got.body());
    http::response<http::string_body> answer(static_cast<http::status>(status), 11, body);
    answer.prepare_payload();
    http::write(socket, answer);
  };
}

class Registering : public testing::Test {
 protected:
  Result<Registration> run(unsigned status, const std::string& body) {
    Listener listener({answering(status, body, &target_, &request_)});
    RegistrationRequest request;
    request.api_url = "http://127.0.0.1:" + listener.port();
    request.tenant = "100000";
    request.device = "000001";
    request.timezone = "Europe/Zurich";
    request.latitude_deg = 47.4;
    request.claim = "claim-1";
    return register_device(request);
  }
  std::string target_;
  json request_;
};

TEST_F(Registering, SendsTheClaimAndTakesTheSecret) {
  const auto result =
      run(200, R"({"status": "success", "message": "ok", "data": {"device_secret": "s3"}})");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->device_secret, "s3");
  EXPECT_EQ(target_, "/api/v1/tenants/devices/register");
  EXPECT_EQ(request_["claim"], "claim-1");
  EXPECT_EQ(request_["tenant_identifier"], "100000");
  EXPECT_EQ(request_["lat"], 47.4);
  EXPECT_FALSE(request_.contains("long"));
}

TEST_F(Registering, AKnownDeviceGetsNoSecret) {
  const auto result = run(200, R"({"status": "success", "message": "known"})");
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->device_secret);
}

TEST_F(Registering, HandsOnWhyItWasRefused) {
  auto result = run(422, R"({"status": "error", "message": "timezone is wrong"})");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(result.error().message, HasSubstr("timezone is wrong"));
  result = run(403, R"({"status": "error", "message": "the claim was used"})");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kPermissionDenied);
  result = run(502, "<html>");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
}

TEST_F(Registering, SaysWhenNobodyAnswers) {
  RegistrationRequest request;
  request.api_url = "http://127.0.0.1:1";
  const auto result = register_device(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
}

/// The service's side of a channel: greets, sends a command, hands the answer on, then hangs up
/// unless it is to wait for the device to leave.
Listener::Script commanding(std::promise<json>* connect, std::promise<json>* answer,
                            std::promise<int>* close_code) {
  return [=](tcp::socket socket) {
    beast::flat_buffer head;
    http::request<http::string_body> upgrade;
    http::read(socket, head, upgrade);
    EXPECT_EQ(upgrade.target(), "/ws/v1/tenants/devices");
    EXPECT_EQ(upgrade[http::field::authorization], "Bearer token-1");
    websocket::stream<tcp::socket> stream(std::move(socket));
    stream.accept(upgrade);
    beast::flat_buffer first;
    stream.read(first);
    connect->set_value(json::parse(beast::buffers_to_string(first.data())));
    stream.write(asio::buffer(std::string(R"({"message_type":"connect_ack","status":"success"})")));
    stream.write(asio::buffer(std::string(R"({"command":"ask"})")));
    beast::flat_buffer second;
    stream.read(second);
    answer->set_value(json::parse(beast::buffers_to_string(second.data())));
    if (close_code == nullptr) return;
    beast::flat_buffer rest;
    boost::system::error_code code;
    stream.read(rest, code);
    close_code->set_value(code == websocket::error::closed ? int(stream.reason().code) : -1);
  };
}

TEST(CommandChannelTest, AnswersCommandsConnectsAgainAndTakesLeave) {
  std::promise<json> connects[2];
  std::promise<json> answers[2];
  std::promise<int> close_code;
  Listener listener({commanding(&connects[0], &answers[0], nullptr),
                     commanding(&connects[1], &answers[1], &close_code)});
  std::atomic<int> asked_for_token = 0;
  CommandChannelOptions options;
  options.host = "127.0.0.1";
  options.port = listener.port();
  options.tenant = "100000";
  options.device = "000001";
  options.backoff = {10ms, 50ms};
  options.token = [&]() -> std::optional<std::string> {
    if (asked_for_token++ == 0) return std::nullopt;  // not there yet
    return "token-1";
  };
  options.handle = [](std::string_view message) -> std::optional<std::string> {
    return json{{"echo", json::parse(message)}}.dump();
  };
  CommandChannel channel(std::move(options));
  channel.start();
  for (int i = 0; i < 2; ++i) {
    auto connect = connects[i].get_future();
    ASSERT_EQ(connect.wait_for(10s), std::future_status::ready);
    const json expected = {{"message_type", "connect"},
                           {"tenant_identifier", "100000"},
                           {"device_identifier", "000001"}};
    EXPECT_EQ(connect.get(), expected);
    auto answer = answers[i].get_future();
    ASSERT_EQ(answer.wait_for(10s), std::future_status::ready);
    EXPECT_EQ(answer.get()["echo"]["command"], "ask");
  }
  channel.stop();
  EXPECT_EQ(close_code.get_future().get(), int(websocket::close_code::going_away));
}

TEST(CommandChannelTest, StopsAtOnceWhileNobodyAnswers) {
  CommandChannelOptions options;
  options.host = "127.0.0.1";
  options.port = "1";
  options.backoff = {1h, 1h};
  options.token = [] { return std::optional<std::string>("token"); };
  options.handle = [](std::string_view) { return std::optional<std::string>(); };
  CommandChannel channel(std::move(options));
  channel.start();
  const auto start = std::chrono::steady_clock::now();
  channel.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

}  // namespace
}  // namespace millwright::uplink
