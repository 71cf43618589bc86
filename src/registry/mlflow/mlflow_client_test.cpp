#include "registry/mlflow/mlflow_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/mlflow/fake_mlflow.h"

namespace millwright {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class MlflowClientTest : public testing::Test {
 protected:
  MlflowClient client(MlflowOptions options = {}) {
    options.url = server_.url();
    return MlflowClient::create(std::move(options)).value();
  }
  Result<std::string> folder_of(const std::string& uri) {
    server_.answer_json("model-versions/get-download-uri?name=pump&version=1",
                        {{"artifact_uri", uri}});
    return client().artifact_folder("pump", 1);
  }
  FakeMlflow server_;
};

TEST_F(MlflowClientTest, FollowsThePagesOfNamesAndVersions) {
  server_.answer_json("registered-models/search?max_results=100",
                      {{"registered_models", {{{"name", "pump"}}, {{"name", "A fan"}}}},
                       {"next_page_token", "a/b"}});
  server_.answer_json("registered-models/search?max_results=100&page_token=a%2Fb",
                      {{"registered_models", {{{"name", "gear"}}}}});
  EXPECT_EQ(client().names().value(), (std::vector<std::string>{"pump", "A fan", "gear"}));

  server_.answer_json("model-versions/search?max_results=100&filter=name%3D%27pump%27",
                      {{"model_versions",
                        {{{"version", "2"}, {"source", "models:/m-2"}, {"status", "READY"}},
                         {{"version", "1"}, {"status", "PENDING"}, {"creation_timestamp", 1500}},
                         {{"version", "none"}}}}});
  const auto versions = client().versions("pump");
  ASSERT_TRUE(versions);
  ASSERT_EQ(versions->size(), 2u);
  EXPECT_EQ((*versions)[0].version, 1);
  EXPECT_FALSE((*versions)[0].is_ready);
  EXPECT_EQ((*versions)[0].created, from_us(1'500'000));
  EXPECT_TRUE((*versions)[1].is_ready);
  EXPECT_EQ((*versions)[1].source, "models:/m-2");
}

TEST_F(MlflowClientTest, FindsAnAlias) {
  server_.answer_json(
      "registered-models/get?name=pump",
      {{"registered_model",
        {{"aliases",
          {{{"alias", "old"}, {"version", "1"}}, {{"alias", "live"}, {"version", "3"}}}}}}});
  EXPECT_EQ(client().alias("pump", "live").value(), 3);
  EXPECT_EQ(client().alias("pump", "none").value(), std::nullopt);
  EXPECT_EQ(client().alias("fan", "live").error().code, ErrorCode::kNotFound);
}

TEST_F(MlflowClientTest, ArtifactsComeFromTheServerItself) {
  EXPECT_EQ(folder_of("mlflow-artifacts:/0/models/m-1/artifacts").value(),
            "0/models/m-1/artifacts");
  const std::string host = server_.url().substr(7);
  EXPECT_EQ(folder_of("mlflow-artifacts://" + host + "/0/m").value(), "0/m");
  for (const char* uri :
       {"s3://bucket/m", "file:///etc", "/etc", "http://169.254.169.254/x", "",
        "mlflow-artifacts:", "mlflow-artifacts://other:1/0/m", "mlflow-artifacts:/0/../../etc",
        "mlflow-artifacts:/0/%2e%2e/x", "mlflow-artifacts:/0//x", "mlflow-artifacts:/0/a?b",
        "mlflow-artifacts:/0/a\\b", "mlflow-artifacts:/0/a\nb", "mlflow-artifacts:/./a"}) {
    const auto folder = folder_of(uri);
    ASSERT_FALSE(folder) << uri;
    EXPECT_EQ(folder.error().code, ErrorCode::kFailedPrecondition) << uri;
  }
}

TEST_F(MlflowClientTest, AnArtifactIsBounded) {
  server_.answer("/api/2.0/mlflow-artifacts/artifacts/0/m/model.ubj",
                 {200, std::string(1'000, 'x'), ""});
  EXPECT_EQ(client().artifact("0/m/model.ubj", 1'000)->size(), 1'000u);
  const auto cut = client().artifact("0/m/model.ubj", 999);
  ASSERT_FALSE(cut);
  EXPECT_THAT(cut.error().message, HasSubstr("'model.ubj' is longer than 999 bytes"));
  EXPECT_EQ(client().artifact("0/m/none", 10).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(client().artifact("../x", 10));
}

TEST_F(MlflowClientTest, ARedirectIsNotFollowed) {
  FakeMlflow elsewhere;
  elsewhere.answer("/x", {200, "{}", ""});
  server_.answer("/api/2.0/mlflow/registered-models/get?name=pump",
                 {302, "", elsewhere.url() + "/x"});
  const auto answer = client({.token = "secret"}).alias("pump", "live");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("not followed"));
  EXPECT_TRUE(elsewhere.requests().empty());
}

TEST_F(MlflowClientTest, NonsenseIsNoAnswer) {
  const std::string target = "/api/2.0/mlflow/registered-models/get?name=pump";
  for (const std::string& body : {std::string("<html>"), std::string("[]"), std::string(),
                                  std::string(5 << 20, ' '), std::string(100'000, '[')}) {
    server_.answer(target, {200, body, ""});
    const auto answer = client().alias("pump", "live");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  }
  server_.answer(target, {404, "<html>", ""});
  EXPECT_EQ(client().alias("pump", "live").error().code, ErrorCode::kUnavailable);
  server_.answer(target, {200, R"({"registered_model": {"aliases": 3}})", ""});
  EXPECT_EQ(client().alias("pump", "live").value(), std::nullopt);
}

TEST_F(MlflowClientTest, SendsCredentialsAndSaysWhereTheyAreWrong) {
  server_.break_down(401);
  const auto refused = client({.token = "t0p-secret"}).names();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("MLFLOW_TRACKING_TOKEN"));
  EXPECT_THAT(refused.error().message, testing::Not(HasSubstr("t0p-secret")));
  EXPECT_FALSE(client({.user = "ann", .password = "pass"}).names());
  EXPECT_EQ(server_.requests()[0].authorization, "Bearer t0p-secret");
  EXPECT_EQ(server_.requests()[1].authorization, "Basic YW5uOnBhc3M=");
}

TEST(MlflowAddress, OnlyPlainAddressesAndSafeCredentials) {
  const auto code = [](MlflowOptions options) {
    const auto client = MlflowClient::create(std::move(options));
    return client ? std::string("taken") : std::string(to_string(client.error().code));
  };
  for (const char* url : {"http://127.0.0.1:5000", "https://mlflow.example.com/",
                          "https://example.com/mlflow", "http://[::1]:5000"}) {
    EXPECT_EQ(code({.url = url}), "taken") << url;
  }
  for (const char* url :
       {"", "mlflow", "ftp://host", "file:///etc/passwd", "http://", "http://ann:pass@host",
        "http://host?x=1", "http://host#x", "http://ho st", "databricks"}) {
    EXPECT_EQ(code({.url = url}), "invalid_argument") << url;
  }
  EXPECT_EQ(code({.url = "http://10.0.0.7:5000", .token = "t"}), "failed_precondition");
  EXPECT_EQ(code({.url = "http://127.0.0.1:5000", .token = "t"}), "taken");
  EXPECT_EQ(code({.url = "https://10.0.0.7", .token = "t"}), "taken");
  EXPECT_EQ(code({.url = "https://10.0.0.7", .token = "a\r\nHost: b"}), "invalid_argument");
}

TEST(MlflowAddress, ASilentServerIsUnavailable) {
  const auto names = MlflowClient::create({.url = "http://127.0.0.1:1"})->names();
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(names.error().message, HasSubstr("'http://127.0.0.1:1' does not answer"));
}

}  // namespace
}  // namespace millwright
