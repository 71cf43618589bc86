#include "transport/http/server.h"

#include <gmock/gmock.h>

#include <future>

#include "base/log.h"
#include "transport/http/api.h"
#include "transport/testing/http_client.h"

namespace millwright::http {
namespace {

using millwright::testing::call;
using millwright::testing::HttpAnswer;
using millwright::testing::RawConnection;
using ::testing::HasSubstr;

class ServerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::kError); }

  void start(ServerOptions options = {}) {
    Router router;
    router.add("GET", "/hello",
               [](const Request&, const Respond& respond) { respond(success("hello")); });
    router.add("POST", "/echo", [](const Request& request, const Respond& respond) {
      Response response;
      response.with("Content-Type", "text/plain");
      response.body = request.body;
      respond(std::move(response));
    });
    router.add("GET", "/silent", [](const Request&, const Respond&) {});
    router.add("GET", "/throws",
               [](const Request&, const Respond&) { throw std::runtime_error("secret reason"); });
    router.add("GET", "/later",
               [this](const Request&, const Respond& respond) { later_.set_value(respond); });
    add_health(router, telemetry_,
               [] { return Result<std::string>(unavailable("still starting")); });
    server_ = std::make_unique<Server>(std::move(options), std::move(router),
                                       std::vector<WebSocketEndpoint>{}, telemetry_);
    ASSERT_TRUE(server_->start());
    port_ = server_->port();
  }
  std::string head(const std::string& rest) const { return "Host: 127.0.0.1\r\n" + rest + "\r\n"; }

  telemetry::Telemetry telemetry_;
  std::promise<Respond> later_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  start();
  RawConnection connection(port_);
  for (int i = 0; i < 3; ++i) {
    connection.send("GET /hello HTTP/1.1\r\n" + head("X-Request-Id: abc-1\r\n"));
    const HttpAnswer answer = connection.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.json().at("message"), "hello");
    EXPECT_EQ(answer.header("x-request-id"), "abc-1");
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
    EXPECT_THAT(answer.header("content-security-policy"), HasSubstr("default-src 'none'"));
    EXPECT_EQ(answer.header("cache-control"), "no-store");
  }
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  RawConnection connection(port_);
  connection.send("POST /echo HTTP/1.1\r\n" + head("Content-Length: 1\r\n") +
                  "aPOST /echo HTTP/1.1\r\n" + head("Transfer-Encoding: chunked\r\n") +
                  "1\r\nb\r\n0\r\n\r\nGET /hello HTTP/1.1\r\n" + head(""));
  EXPECT_EQ(connection.answer().body, "a");
  EXPECT_EQ(connection.answer().body, "b");
  EXPECT_EQ(connection.answer().status, 200);
}

TEST_F(ServerTest, AmbiguousRequestsAreRefusedAndTheConnectionClosed) {
  start();
  const std::string smuggled = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::vector<std::string> cases{
      "POST /echo HTTP/1.1\r\n" + head("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n") +
          "0\r\n\r\n" + smuggled,
      "POST /echo HTTP/1.1\r\n" + head("Content-Length: 0\r\nContent-Length: 34\r\n") + smuggled,
      "POST /echo HTTP/1.1\r\n" + head("Transfer-Encoding : chunked\r\n") + "0\r\n\r\n",
      "POST /echo HTTP/1.1\r\n" + head("X: y\r\n Content-Length: 34\r\n") + smuggled,
      "POST /echo HTTP/1.1\nHost: x\nContent-Length: 0\n\n" + smuggled,
      "POST /echo HTTP/1.1\r\n" + head("Transfer-Encoding: chunked\r\n") + "1\nx\n0\n\n" + smuggled,
      "GET /hello HTTP/1.1\r\n\r\n" + smuggled,
      "GET http://127.0.0.1/hello HTTP/2.0\r\n" + head(""),
  };
  for (const std::string& bytes : cases) {
    RawConnection connection(port_);
    connection.send(bytes);
    const HttpAnswer answer = connection.answer();
    EXPECT_EQ(answer.status, 400) << bytes;
    EXPECT_EQ(answer.json().at("code"), "invalid_argument");
    EXPECT_TRUE(connection.is_closed()) << bytes;
    EXPECT_TRUE(connection.buffer().empty()) << "a second answer: " << connection.buffer();
  }
}

TEST_F(ServerTest, LimitsHoldAtTheLimitAndRefuseAboveIt) {
  ServerOptions options;
  options.max_body = 1000;
  options.max_head = 2000;
  options.max_target = 500;
  start(options);
  EXPECT_EQ(call(port_, "POST", "/echo", std::string(1000, 'x')).body.size(), 1000U);
  EXPECT_EQ(call(port_, "POST", "/echo", std::string(1001, 'x')).status, 413);
  EXPECT_EQ(call(port_, "GET", "/hello?a=" + std::string(500 - 9, 'x')).status, 200);
  EXPECT_EQ(call(port_, "GET", "/hello?a=" + std::string(500 - 8, 'x')).status, 414);
  EXPECT_EQ(call(port_, "GET", "/hello?a=" + std::string(5000, 'x')).status, 414);
  EXPECT_EQ(call(port_, "GET", "/hello", "", {{"X", std::string(1800, 'x')}}).status, 200);
  EXPECT_EQ(call(port_, "GET", "/hello", "", {{"X", std::string(2000, 'x')}}).status, 431);
  RawConnection connection(port_);
  connection.send("POST /echo HTTP/1.1\r\n" + head("Transfer-Encoding: chunked\r\n") + "400\r\n");
  EXPECT_EQ(connection.answer().status, 413);
}

TEST_F(ServerTest, ASlowHeadOrBodyEndsWith408AndAnIdleConnectionIsClosed) {
  ServerOptions options;
  options.head_timeout = options.body_timeout = options.idle_timeout =
      std::chrono::milliseconds(100);
  start(options);
  RawConnection slow_head(port_);
  slow_head.send("GET /hello HTTP/1.1\r\nHo");
  EXPECT_EQ(slow_head.answer().status, 408);
  EXPECT_TRUE(slow_head.is_closed());
  RawConnection slow_body(port_);
  slow_body.send("POST /echo HTTP/1.1\r\n" + head("Content-Length: 5\r\n") + "ab");
  EXPECT_EQ(slow_body.answer().status, 408);
  RawConnection idle(port_);
  EXPECT_TRUE(idle.is_closed());
  EXPECT_TRUE(idle.buffer().empty());
}

TEST_F(ServerTest, SaysContinueBeforeABodyThatWaitsForIt) {
  start();
  RawConnection connection(port_);
  connection.send("POST /echo HTTP/1.1\r\n" +
                  head("Expect: 100-continue\r\nContent-Length: 2\r\n"));
  EXPECT_EQ(connection.answer().status, 100);
  connection.send("ok");
  EXPECT_EQ(connection.answer().body, "ok");
}

TEST_F(ServerTest, PathsAndMethods) {
  start();
  for (const char* path :
       {"/nothing", "/hello/", "//hello", "/x/../hello", "/%68ello", "/hello;x", "/hello%2f"}) {
    EXPECT_EQ(call(port_, "GET", path).status, 404) << path;
  }
  EXPECT_THAT(call(port_, "GET", "/x/../hello?a=1").json().at("message"),
              HasSubstr("target '/x/../hello?a=1' has no canonical form"));
  EXPECT_THAT(call(port_, "GET", "/nothing").json().at("message"), HasSubstr("path '/nothing'"));
  for (const char* method : {"DELETE", "TRACE", "PROPFIND", "get"}) {
    const HttpAnswer answer = call(port_, method, "/hello");
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.header("allow"), "GET, HEAD, OPTIONS");
  }
  const HttpAnswer answer = call(port_, "HEAD", "/hello");
  EXPECT_EQ(answer.status, 200);
  EXPECT_GT(std::stoi(answer.header("content-length")), 10);
  EXPECT_EQ(call(port_, "OPTIONS", "/hello").status, 204);
}

TEST_F(ServerTest, AHandlerThatThrowsOrForgetsIsA500WithoutTheReason) {
  start();
  for (const char* path : {"/throws", "/silent"}) {
    const HttpAnswer answer = call(port_, "GET", path);
    EXPECT_EQ(answer.status, 500) << path;
    EXPECT_EQ(answer.json().at("code"), "internal");
    EXPECT_THAT(answer.body, ::testing::Not(HasSubstr("secret")));
  }
}

TEST_F(ServerTest, AnAnswerMayComeLaterFromAnotherThread) {
  start();
  RawConnection connection(port_);
  connection.send("GET /later HTTP/1.1\r\n" + head(""));
  Respond respond = later_.get_future().get();
  std::thread([&respond] { respond(success("late")); }).join();
  EXPECT_EQ(connection.answer().json().at("message"), "late");
}

TEST_F(ServerTest, WhatTakesTooLongIsA503) {
  ServerOptions options;
  options.answer_timeout = std::chrono::milliseconds(50);
  start(options);
  RawConnection connection(port_);
  connection.send("GET /later HTTP/1.1\r\n" + head(""));
  const Respond kept = later_.get_future().get();
  EXPECT_EQ(connection.answer().status, 503);
  EXPECT_TRUE(connection.is_closed());
  kept(success("too late"));
}

TEST_F(ServerTest, LargeAnswersAreCompressedWhenAccepted) {
  start();
  const std::string body(10'000, 'x');
  const HttpAnswer small = call(port_, "POST", "/echo", body, {{"Accept-Encoding", "gzip, br"}});
  EXPECT_EQ(small.header("content-encoding"), "gzip");
  EXPECT_LT(small.body.size(), 200U);
  EXPECT_EQ(call(port_, "POST", "/echo", body).body, body);
}

TEST_F(ServerTest, ForeignPagesMayNotChangeAnything) {
  ServerOptions options;
  options.origins.origins = {"https://app.example.com"};
  start(options);
  const std::string own = "http://127.0.0.1:" + std::to_string(port_);
  const auto status = [&](const millwright::testing::HeaderMap& headers) {
    return call(port_, "POST", "/echo", "{}", headers).status;
  };
  EXPECT_EQ(status({}), 200);
  EXPECT_EQ(status({{"Origin", own}}), 200);
  EXPECT_EQ(status({{"Origin", "https://app.example.com"}}), 200);
  for (const char* origin : {"https://evil.example", "null", "https://app.example.com.evil",
                             "http://app.example.com", "https://app.example.com:444"}) {
    EXPECT_EQ(status({{"Origin", origin}}), 403) << origin;
  }
  EXPECT_EQ(status({{"Sec-Fetch-Site", "cross-site"}}), 403);
  const HttpAnswer read = call(port_, "GET", "/hello", "", {{"Origin", "https://evil.example"}});
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.header("access-control-allow-origin"), "");
}

TEST_F(ServerTest, APreflightIsAnsweredForAllowedOriginsOnly) {
  ServerOptions options;
  options.origins.loopback = true;
  start(options);
  const auto preflight = [&](const char* origin) {
    return call(port_, "OPTIONS", "/echo", "",
                {{"Origin", origin}, {"Access-Control-Request-Method", "POST"}});
  };
  const HttpAnswer good = preflight("http://localhost:3000");
  EXPECT_EQ(good.status, 204);
  EXPECT_EQ(good.header("access-control-allow-origin"), "http://localhost:3000");
  EXPECT_THAT(good.header("access-control-allow-headers"), HasSubstr("Content-Type"));
  EXPECT_THAT(good.header("access-control-allow-methods"), HasSubstr("POST"));
  for (const char* origin : {"https://evil.example", "http://localhost.evil:3000",
                             "http://127.0.0.1:x", "http://127.0.0.1@evil"}) {
    EXPECT_EQ(preflight(origin).header("access-control-allow-origin"), "") << origin;
  }
}

TEST_F(ServerTest, OnlyTheConfiguredHostsAreServed) {
  ServerOptions options;
  options.allowed_hosts = {"127.0.0.1", "[::1]"};
  start(options);
  EXPECT_EQ(call(port_, "GET", "/hello").status, 200);
  EXPECT_EQ(call(port_, "GET", "/hello", "", {{"Host", "[::1]:1"}}).status, 200);
  EXPECT_EQ(call(port_, "GET", "/hello", "", {{"Host", "rebound.example"}}).status, 421);
}

TEST_F(ServerTest, TooManyConnectionsAreTurnedAway) {
  ServerOptions options;
  options.max_connections = 2;
  start(options);
  RawConnection first(port_);
  RawConnection second(port_);
  first.send("GET /hello HTTP/1.1\r\n" + head(""));
  second.send("GET /hello HTTP/1.1\r\n" + head(""));
  EXPECT_EQ(first.answer().status, 200);
  EXPECT_EQ(second.answer().status, 200);
  RawConnection third(port_);
  EXPECT_TRUE(third.is_closed());
  EXPECT_TRUE(third.buffer().empty());
}

TEST_F(ServerTest, StoppingLetsARunningRequestEnd) {
  start();
  RawConnection idle(port_);
  RawConnection busy(port_);
  busy.send("GET /later HTTP/1.1\r\n" + head(""));
  const Respond respond = later_.get_future().get();
  std::thread stopper([this] { server_->stop(); });
  EXPECT_TRUE(idle.is_closed());
  respond(success("done"));
  const HttpAnswer answer = busy.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("connection"), "close");
  stopper.join();
}

TEST_F(ServerTest, RepeatsItsTasksUntilItStops) {
  Server server({}, Router(), {}, telemetry_);
  std::promise<void> third;
  int runs = 0;
  server.run_every(std::chrono::milliseconds(1), [&] {
    if (++runs == 3) third.set_value();
  });
  ASSERT_TRUE(server.start());
  EXPECT_EQ(third.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  server.stop();
}

TEST_F(ServerTest, APortInUseIsNamed) {
  start();
  ServerOptions options;
  options.port = port_;
  Server second(options, Router(), {}, telemetry_);
  const auto result = second.start();
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr(std::to_string(port_)));
}

TEST_F(ServerTest, TellsItsHealthAndItsCounters) {
  start();
  EXPECT_EQ(call(port_, "GET", "/healthz").status, 200);
  EXPECT_EQ(call(port_, "GET", "/readyz").status, 503);
  call(port_, "GET", "/hello");
  const HttpAnswer metrics = call(port_, "GET", "/metrics");
  EXPECT_THAT(metrics.header("content-type"), HasSubstr("version=0.0.4"));
  EXPECT_THAT(metrics.body,
              HasSubstr("millwright_http_requests_total{method=\"GET\",route=\"/hello\","
                        "status=\"200\"} 1"));
}

}  // namespace
}  // namespace millwright::http
