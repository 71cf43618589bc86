#include <gmock/gmock.h>

#include "base/log.h"
#include "devices/testing/device_services.h"
#include "transport/http/api.h"
#include "transport/http/server.h"
#include "transport/testing/fake_graphql.h"
#include "transport/testing/http_client.h"

namespace millwright::http {
namespace {

using millwright::testing::call;
using millwright::testing::call_json;
using millwright::testing::HttpAnswer;
using millwright::testing::tenant;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kGraphql = "application/graphql-response+json; charset=utf-8";
constexpr const char* kJson = "application/json; charset=utf-8";

class GraphqlCallsTest : public ::testing::Test {
 protected:
  void start(AccessOptions access) {
    log::set_level(log::Level::kError);
    authentication_ = std::make_unique<Authentication>(identity_, std::move(access));
    Router router;
    add_graphql(router, *authentication_, service_);
    server_ = std::make_unique<Server>(ServerOptions{}, std::move(router),
                                       std::vector<WebSocketEndpoint>{}, telemetry_);
    ASSERT_TRUE(server_->start());
  }
  void start_demo() {
    AccessOptions access;
    access.demo_tenant = tenant("100000");
    start(access);
  }
  HttpAnswer post(const json& body, const std::string& accept = "application/json") {
    return call_json(server_->port(), "POST", "/graphql", body, {{"Accept", accept}});
  }

  millwright::testing::FakeIdentity identity_;
  millwright::testing::FakeGraphql service_;
  telemetry::Telemetry telemetry_;
  std::unique_ptr<Authentication> authentication_;
  std::unique_ptr<Server> server_;
};

TEST_F(GraphqlCallsTest, AnswersInTheTypeThatIsWished) {
  start_demo();
  EXPECT_EQ(post({{"query", "{a}"}}).header("content-type"), kJson);
  EXPECT_EQ(post({{"query", "{a}"}}, "application/graphql-response+json").header("content-type"),
            kGraphql);
  EXPECT_EQ(post({{"query", "{a}"}}, "*/*").header("content-type"), kJson);
  EXPECT_EQ(post({{"query", "{a}"}}, "text/html").status, 406);
  EXPECT_EQ(call_json(server_->port(), "POST", "/graphql", json{{"query", "{a}"}}).status, 200);
}

TEST_F(GraphqlCallsTest, ARefusedQueryIs400OnlyForTheNewType) {
  start_demo();
  EXPECT_EQ(post({{"query", "bad"}}, "application/json").status, 200);
  EXPECT_EQ(post({{"query", "bad"}}, "application/graphql-response+json").status, 400);
}

TEST_F(GraphqlCallsTest, WrongParametersAre400AndNamed) {
  start_demo();
  for (const json& bad :
       {json{{"query", 1}}, json{{"q", "{a}"}}, json{{"query", "{a}"}, {"variables", "x"}},
        json{{"query", "{a}"}, {"operationName", 1}}, json{{"query", "{a}"}, {"extensions", 0}},
        json::array({1})}) {
    const HttpAnswer answer = post(bad);
    EXPECT_EQ(answer.status, 400) << bad;
    EXPECT_TRUE(answer.json().at("errors").at(0).contains("message"));
  }
  EXPECT_EQ(call(server_->port(), "POST", "/graphql", std::string("{")).status, 400);
  const json nulls{{"query", "{a}"},
                   {"variables", nullptr},
                   {"operationName", nullptr},
                   {"extensions", nullptr}};
  EXPECT_EQ(post(nulls).status, 200);
}

TEST_F(GraphqlCallsTest, OnlyJsonInUtf8IsTaken) {
  start_demo();
  const auto status = [&](const std::string& type) {
    return call_json(server_->port(), "POST", "/graphql", json{{"query", "{a}"}},
                     {{"Content-Type", type}})
        .status;
  };
  EXPECT_EQ(status("application/json; charset=UTF-8"), 200);
  for (const char* type : {"text/plain", "application/json; charset=utf-7", "multipart/form-data",
                           "application/x-www-form-urlencoded", "application/graphql"}) {
    EXPECT_EQ(status(type), 415) << type;
  }
}

TEST_F(GraphqlCallsTest, AQueryMayStandInTheUrl) {
  start_demo();
  const HttpAnswer answer =
      call(server_->port(), "GET", "/graphql?query=%7Ba%7D&variables=%7B%22x%22%3A1%7D");
  EXPECT_EQ(answer.json().at("data").at("variables"), json::parse(R"({"x":1})"));
  EXPECT_EQ(call(server_->port(), "GET", "/graphql?query=%7Ba%7D&variables=%7B").status, 400);
  EXPECT_EQ(call(server_->port(), "GET", "/graphql").status, 400);
  const HttpAnswer page =
      call(server_->port(), "GET", "/graphql", "", {{"Accept", "text/html,*/*"}});
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("<script"));
}

TEST_F(GraphqlCallsTest, WhoMayAsk) {
  AccessOptions access;
  access.legacy_tenants = {tenant("100000"), tenant("200000")};
  start(access);
  EXPECT_EQ(post({{"query", "{a}"}}).status, 401);
  const json named{{"query", "{a}"}, {"variables", {{"body", {{"tenantIdentifier", "200000"}}}}}};
  EXPECT_EQ(post(named).json().at("data").at("tenant"), "200000");
  const json foreign{{"query", "{a}"}, {"variables", {{"tenantIdentifier", "300000"}}}};
  EXPECT_EQ(post(foreign).status, 401);

  const auto device = millwright::testing::device_id("000001");
  const auto secret = identity_.set_device_secret(tenant("100000"), device);
  const auto token = identity_.device_token(tenant("100000"), device, secret.value());
  EXPECT_EQ(call_json(server_->port(), "POST", "/graphql", json{{"query", "{a}"}},
                      {{"Authorization", "Bearer " + token.value().jwt}})
                .status,
            403);
}

TEST_F(GraphqlCallsTest, ASessionReadsWithoutTheCsrfToken) {
  start({});
  identity_.add_user("vic", Role::kViewer, tenant("100000"));
  const auto session = identity_.login("vic", "right");
  const HttpAnswer answer = call_json(server_->port(), "POST", "/graphql", json{{"query", "{a}"}},
                                      {{"Cookie", "millwright_session=" + session.value().id}});
  EXPECT_EQ(answer.json().at("data").at("caller"), "vic");
}

TEST_F(GraphqlCallsTest, AMutationIsNotTakenByGet) {
  start_demo();
  const HttpAnswer answer = call(server_->port(), "GET", "/graphql?query=mutation%7Ba%7D");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("allow"), "POST");
  EXPECT_THAT(answer.json().at("errors").at(0).at("message").get<std::string>(),
              HasSubstr("send it by POST"));
  EXPECT_EQ(post({{"query", "mutation{a}"}}).json().at("data").at("tenant"), "100000");
}

TEST_F(GraphqlCallsTest, AMutationOfASessionNeedsItsCsrfToken) {
  start({});
  identity_.add_user("eve", Role::kEngineer, tenant("100000"));
  const auto session = identity_.login("eve", "right");
  const auto ask = [&](millwright::testing::HeaderMap headers) {
    headers.emplace("Cookie", "millwright_session=" + session->id);
    return call_json(server_->port(), "POST", "/graphql", json{{"query", "mutation{a}"}}, headers);
  };
  EXPECT_EQ(ask({}).status, 403);
  EXPECT_EQ(ask({{"X-CSRF-Token", "guessed"}}).status, 403);
  EXPECT_EQ(ask({{"X-CSRF-Token", session->csrf_token}}).json().at("data").at("caller"), "eve");
}

TEST_F(GraphqlCallsTest, TheOldContractReadsButChangesNothing) {
  AccessOptions access;
  access.legacy_tenants = {tenant("100000")};
  start(access);
  EXPECT_EQ(post({{"query", "{a}"}}).status, 200);
  EXPECT_EQ(post({{"query", "mutation{a}"}}).status, 401);
}

}  // namespace
}  // namespace millwright::http
