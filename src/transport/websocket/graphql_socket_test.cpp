#include "transport/websocket/graphql_socket.h"

#include <gmock/gmock.h>

#include "base/log.h"
#include "devices/testing/device_services.h"
#include "transport/testing/fake_graphql.h"
#include "transport/testing/fake_web_socket.h"

namespace millwright::http {
namespace {

using millwright::testing::FakeGraphql;
using millwright::testing::FakeIdentity;
using millwright::testing::FakeWebSocket;
using millwright::testing::tenant;
using nlohmann::json;

class GraphqlSocketTest : public ::testing::Test {
 protected:
  GraphqlSocketTest() { log::set_level(log::Level::kError); }

  std::unique_ptr<WebSocketHandler> open(bool demo = true, const std::string& cookie = {}) {
    AccessOptions access;
    if (demo) access.demo_tenant = tenant("100000");
    authentication_ = std::make_unique<Authentication>(identity_, access);
    const WebSocketEndpoint endpoint = graphql_socket(*authentication_, service_, clock_);
    Request request;
    request.method = "GET";
    if (!cookie.empty()) request.headers = {{"cookie", cookie}};
    return std::move(endpoint.accept(request, socket_)).value();
  }
  std::unique_ptr<WebSocketHandler> open_initialised() {
    auto handler = open();
    handler->on_text(R"({"type":"connection_init"})");
    EXPECT_EQ(socket_->sent().at(0), json({{"type", "connection_ack"}}));
    return handler;
  }
  static std::string subscribe(const std::string& id, const std::string& query) {
    return json{{"id", id}, {"type", "subscribe"}, {"payload", {{"query", query}}}}.dump();
  }

  FakeIdentity identity_;
  FakeGraphql service_;
  ManualClock clock_{parse_utc("2026-11-25T12:00:00Z").value()};
  std::unique_ptr<Authentication> authentication_;
  std::shared_ptr<FakeWebSocket> socket_ = std::make_shared<FakeWebSocket>();
};

TEST_F(GraphqlSocketTest, ASubscriptionSendsUntilItIsCompleted) {
  const auto handler = open_initialised();
  handler->on_text(subscribe("a", "subscription"));
  service_.observers.at(0).on_next(R"({"data":{"x":1}})");
  EXPECT_EQ(socket_->sent().at(1),
            json::parse(R"({"id":"a","type":"next","payload":{"data":{"x":1}}})"));
  handler->on_text(R"({"id":"a","type":"complete"})");
  EXPECT_EQ(service_.open, 0);
  handler->on_text(subscribe("a", "subscription"));
  EXPECT_EQ(service_.open, 1);
  handler->on_close();
  EXPECT_EQ(service_.open, 0);
}

TEST_F(GraphqlSocketTest, ASourceThatEndsIsCompletedAndItsIdIsFreeAgain) {
  const auto handler = open_initialised();
  handler->on_text(subscribe("a", "subscription"));
  service_.observers.at(0).on_complete();
  EXPECT_EQ(socket_->sent().at(1), json::parse(R"({"id":"a","type":"complete"})"));
  handler->on_text(subscribe("a", "subscription"));
  EXPECT_EQ(socket_->code(), 0);
  EXPECT_EQ(service_.open, 1);
}

TEST_F(GraphqlSocketTest, AQueryIsAnsweredAndCompleted) {
  const auto handler = open_initialised();
  handler->on_text(subscribe("q", "{a}"));
  EXPECT_EQ(socket_->sent().at(1).at("payload").at("data").at("tenant"), "100000");
  EXPECT_EQ(socket_->sent().at(2).at("type"), "complete");
}

TEST_F(GraphqlSocketTest, ARefusedSubscriptionIsAnError) {
  const auto handler = open_initialised();
  handler->on_text(subscribe("a", "subscription refused"));
  EXPECT_EQ(socket_->sent().at(1),
            json::parse(R"({"id":"a","type":"error","payload":[{"message":"unknown device"}]})"));
}

TEST_F(GraphqlSocketTest, AMutationIsRefused) {
  const auto handler = open_initialised();
  handler->on_text(subscribe("a", "mutation{a}"));
  ASSERT_EQ(socket_->sent().size(), 2u);
  const json answer = socket_->sent().at(1);
  EXPECT_EQ(answer.at("type"), "error");
  EXPECT_EQ(answer.at("payload").at(0).at("extensions").at("code"), "invalid_argument");
  EXPECT_EQ(socket_->code(), 0);
}

TEST_F(GraphqlSocketTest, PingsAreAnswered) {
  const auto handler = open();
  handler->on_text(R"({"type":"ping"})");
  EXPECT_EQ(socket_->sent().at(0).at("type"), "pong");
}

TEST_F(GraphqlSocketTest, EveryMistakeHasItsCloseCode) {
  struct Case {
    std::vector<std::string> messages;
    int code;
  };
  const std::string init = R"({"type":"connection_init"})";
  const std::vector<Case> cases{
      {{"nonsense"}, 4400},
      {{"[]"}, 4400},
      {{"{}"}, 4400},
      {{R"({"type":"unknown","id":"1"})"}, 4400},
      {{R"({"type":"connection_init","payload":5})"}, 4400},
      {{init, R"({"type":"subscribe","payload":{"query":"{a}"}})"}, 4400},
      {{init, R"({"type":"subscribe","id":"","payload":{"query":"{a}"}})"}, 4400},
      {{init, R"({"type":"subscribe","id":"1"})"}, 4400},
      {{init, R"({"type":"subscribe","id":"1","payload":{"query":5}})"}, 4400},
      {{subscribe("1", "{a}")}, 4401},
      {{init, subscribe("1", "subscription"), subscribe("1", "subscription")}, 4409},
      {{init, init}, 4429},
  };
  for (const Case& c : cases) {
    socket_ = std::make_shared<FakeWebSocket>();
    const auto handler = open();
    for (const std::string& message : c.messages) handler->on_text(message);
    EXPECT_EQ(socket_->code(), c.code) << c.messages.back();
    handler->on_close();
  }
}

TEST_F(GraphqlSocketTest, NobodyIsClosed4403) {
  const auto handler = open(false);
  handler->on_text(R"({"type":"connection_init"})");
  EXPECT_EQ(socket_->code(), 4403);
}

TEST_F(GraphqlSocketTest, WhoeverDoesNotInitialiseIsClosed4408) {
  const auto handler = open();
  clock_.advance(std::chrono::seconds(11));
  handler->on_tick();
  EXPECT_EQ(socket_->code(), 4408);
}

TEST_F(GraphqlSocketTest, LoggingOutEndsTheConnection) {
  identity_.add_user("vic", Role::kViewer, tenant("100000"));
  const auto session = identity_.login("vic", "right");
  const auto handler = open(true, "millwright_session=" + session.value().id);
  handler->on_text(R"({"type":"connection_init"})");
  handler->on_tick();
  EXPECT_EQ(socket_->code(), 0);
  ASSERT_TRUE(identity_.logout(session.value().id));
  handler->on_tick();
  EXPECT_EQ(socket_->code(), 1008);
}

TEST_F(GraphqlSocketTest, ASlowReaderPausesItsSubscriptions) {
  const auto handler = open_initialised();
  handler->on_text(subscribe("a", "subscription"));
  socket_->waiting = 300 << 10;
  handler->on_tick();
  EXPECT_TRUE(service_.paused);
  socket_->waiting = 100 << 10;
  handler->on_tick();
  EXPECT_TRUE(service_.paused);
  socket_->waiting = 0;
  handler->on_tick();
  EXPECT_FALSE(service_.paused);
}

TEST_F(GraphqlSocketTest, FiftySubscriptionsAreTheMost) {
  const auto handler = open_initialised();
  for (int i = 0; i < 51; ++i) handler->on_text(subscribe(std::to_string(i), "subscription"));
  EXPECT_EQ(service_.open, 50);
  EXPECT_EQ(socket_->sent().back().at("type"), "error");
  EXPECT_EQ(socket_->code(), 0);
}

}  // namespace
}  // namespace millwright::http
