#include <gtest/gtest.h>

#include "transport/http/json_body.h"
#include "transport/http/router.h"
#include "transport/http/target.h"

namespace millwright::http {
namespace {

TEST(Target, IsDecodedOnce) {
  const auto target = parse_target("/api/v1/a%20b/%C3%A4?x=1+2&y=%26&z&x=3");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/api/v1/a b/\xc3\xa4");
  EXPECT_EQ(target->query, (Headers{{"x", "1 2"}, {"y", "&"}, {"z", ""}, {"x", "3"}}));
}

TEST(Target, PathsWithoutACanonicalFormAreUnknown) {
  for (const std::string_view bad : {"",          "a",
                                     "*",         "http://h/a",
                                     "//",        "//a",
                                     "/a//b",     "/a/",
                                     "/a/b/",     "/.",
                                     "/..",       "/a/..",
                                     "/a/../b",   "/./a",
                                     "/%2e",      "/%2e%2e/a",
                                     "/a/%2E%2E", "/.%2e/a",
                                     "/%2fa",     "/a%2fb",
                                     "/a%2Fb",    "/%5ca",
                                     "/a\\b",     "/a;b",
                                     "/a%3bb",    "/a;jsessionid=1",
                                     "/%00",      "/a%00b",
                                     "/a%0a",     "/%25",
                                     "/%252e",    "/%",
                                     "/%2",       "/%zz",
                                     "/%41pi",    "/a%7f",
                                     "/%ff",      "/%c0%ae",
                                     "/a#b",      "/a%23b"}) {
    EXPECT_FALSE(parse_target(bad)) << bad;
  }
}

TEST(Target, AHundredParametersAreTheMost) {
  std::string target = "/a?";
  for (int i = 0; i < 100; ++i) target += "x=1&";
  EXPECT_TRUE(parse_target(target));
  EXPECT_FALSE(parse_target(target + "y=1"));
}

TEST(Request, AParameterGivenTwiceIsRefused) {
  Request request;
  request.query = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_FALSE(request.parameter("a"));
  EXPECT_EQ(request.parameter("b").value(), "2");
  EXPECT_EQ(request.parameter("c").value(), std::nullopt);
}

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    for (const char* pattern :
         {"/", "/t/{tenant}/devices", "/t/devices/register", "/t/{tenant}/devices/{device}"}) {
      router_.add("GET", pattern, [](const Request&, const Respond&) {});
    }
    router_.add("POST", "/t/devices/register", [](const Request&, const Respond&) {});
  }
  Router router_;
};

TEST_F(RouterTest, LiteralSegmentsWinOverNames) {
  EXPECT_EQ(router_.match("GET", "/t/devices/register").pattern, "/t/devices/register");
  const auto match = router_.match("GET", "/t/100000/devices/000001");
  EXPECT_EQ(match.pattern, "/t/{tenant}/devices/{device}");
  EXPECT_EQ(match.params.at("tenant"), "100000");
  EXPECT_EQ(match.params.at("device"), "000001");
  EXPECT_EQ(router_.match("GET", "/").pattern, "/");
}

TEST_F(RouterTest, AKnownPathWithAnotherMethodSaysWhichItTakes) {
  const auto match = router_.match("DELETE", "/t/devices/register");
  EXPECT_EQ(match.handler, nullptr);
  EXPECT_EQ(match.allow, "GET, HEAD, POST, OPTIONS");
  EXPECT_NE(router_.match("HEAD", "/t/devices/register").handler, nullptr);
}

TEST_F(RouterTest, AnUnknownPathHasNoMethods) {
  for (const char* path : {"/t", "/t/100000/devices/1/2", "/x", "/T/devices/register"}) {
    EXPECT_TRUE(router_.match("GET", path).allow.empty()) << path;
  }
}

TEST(ParseJson, ReadsStrictly) {
  EXPECT_TRUE(parse_json(R"({"a": [1, {"b": null}], "c": "\u00e4"})"));
  const std::string deep = std::string(33, '[') + std::string(33, ']');
  const std::vector<std::string> bad{"",
                                     "{",
                                     "{}{}",
                                     R"({"a":1,"a":2})",
                                     R"({"a":{"b":1,"b":1}})",
                                     deep,
                                     std::string(10'000, '['),
                                     "\xef\xbb\xbf{}",
                                     "{\"a\":\"\xff\"}",
                                     R"({"a":"\ud800"})",
                                     R"({"a":1e999})",
                                     R"({"a":NaN})",
                                     R"({"a":01})",
                                     R"({"a":1,})",
                                     R"({"a":1 /* x */})",
                                     R"({'a':1})",
                                     std::string("{\0}", 3)};
  for (const std::string& text : bad) {
    EXPECT_FALSE(parse_json(text)) << text.substr(0, 40);
  }
  EXPECT_TRUE(parse_json(std::string(32, '[') + std::string(32, ']')));
}

TEST(JsonBody, NamesTheFieldAndTheValue) {
  const JsonBody body(nlohmann::json::parse(
      R"({"text": 5, "number": "x", "whole": 1.5, "null": null, "many": ["a", 1], "huge": 18446744073709551615})"));
  const auto expect = [](const Error& error, const std::string& part) {
    EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
    EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
  };
  expect(body.text("text").error(), "'text' must be a text, not '5'");
  expect(body.text("absent").error(), "'absent' is missing");
  expect(body.text("null").error(), "'null' is missing");
  expect(body.optional_number("number").error(), "'number'");
  expect(body.optional_integer("whole").error(), "'whole'");
  expect(body.optional_integer("huge").error(), "'huge'");
  bool is_list = false;
  expect(body.one_or_many("many", is_list).error(), "'many'");
  expect(body.allow_only({"text"}).error(), "is unknown; known are text");
  EXPECT_EQ(body.optional_text("null").value(), std::nullopt);
}

TEST(JsonBody, WantsApplicationJson) {
  Request request;
  request.body = "{}";
  EXPECT_EQ(JsonBody::read(request).error().code, ErrorCode::kUnimplemented);
  for (const char* good : {"application/json", "Application/JSON; charset=utf-8"}) {
    request.headers = {{"content-type", good}};
    EXPECT_TRUE(JsonBody::read(request)) << good;
  }
  request.headers = {{"content-type", "text/plain"}};
  EXPECT_FALSE(JsonBody::read(request));
  request.headers = {{"content-type", "application/json"}};
  request.body = "[1]";
  EXPECT_FALSE(JsonBody::read(request));
}

}  // namespace
}  // namespace millwright::http
