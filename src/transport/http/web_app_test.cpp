#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "transport/http/api.h"
#include "transport/http/server.h"
#include "transport/testing/http_client.h"

namespace millwright::http {
namespace {

namespace fs = std::filesystem;
using millwright::testing::HttpAnswer;
using ::testing::HasSubstr;

class WebAppTest : public ::testing::Test {
 protected:
  WebAppTest() {
    log::set_level(log::Level::kError);
    std::string name = (fs::temp_directory_path() / "millwright-web-XXXXXX").string();
    MW_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    fs::create_directories(folder_ / "assets");
    write("index.html", "<!doctype html><title>app</title>");
    write("assets/index-1a2b.js", "console.log('app')");
    write("assets/index-1a2b.js.gz", "zipped");
    write("favicon.svg", "<svg/>");
    std::ofstream(folder_.string() + "-outside") << "secret";
    fs::create_symlink(folder_.string() + "-outside", folder_ / "link.txt");
    Router router;
    add_documentation(router);
    add_web_app(router, folder_);
    server_ = std::make_unique<Server>(ServerOptions{}, std::move(router),
                                       std::vector<WebSocketEndpoint>{}, telemetry_);
    MW_CHECK(server_->start().has_value());
  }
  ~WebAppTest() override {
    server_->stop();
    fs::remove_all(folder_);
    fs::remove(folder_.string() + "-outside");
  }
  void write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  HttpAnswer get(const std::string& path, const millwright::testing::HeaderMap& headers = {}) {
    return millwright::testing::call(server_->port(), "GET", path, "", headers);
  }

  fs::path folder_;
  telemetry::Telemetry telemetry_;
  std::unique_ptr<Server> server_;
};

TEST_F(WebAppTest, PagesOfTheAppAreItsIndex) {
  for (const char* path : {"/", "/index.html", "/devices/000001", "/login"}) {
    const HttpAnswer answer = get(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(answer.header("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(answer.header("cache-control"), "no-cache");
    EXPECT_THAT(answer.body, HasSubstr("app"));
  }
}

TEST_F(WebAppTest, WhatIsNoPageIsUnknown) {
  for (const char* path :
       {"/missing.js", "/assets/missing.js", "/assets/missing", "/api/unknown", "/ws/unknown",
        "/graphql", "/link.txt", "/assets/index-1a2b.js.gz", "/assets", "/..%2foutside"}) {
    const HttpAnswer answer = get(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.json().at("code"), "not_found") << path;
  }
  EXPECT_EQ(millwright::testing::call(server_->port(), "POST", "/login", "{}").status, 404);
}

TEST_F(WebAppTest, HashedFilesAreCachedForEverAndZippedOnesSentAsTheyAre) {
  const HttpAnswer plain = get("/assets/index-1a2b.js");
  EXPECT_EQ(plain.body, "console.log('app')");
  EXPECT_THAT(plain.header("cache-control"), HasSubstr("immutable"));
  const HttpAnswer zipped = get("/assets/index-1a2b.js", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(zipped.body, "zipped");
  EXPECT_EQ(zipped.header("content-encoding"), "gzip");
  EXPECT_NE(zipped.header("etag"), plain.header("etag"));
}

TEST_F(WebAppTest, AnUnchangedFileIsNotSentAgain) {
  const std::string etag = get("/favicon.svg").header("etag");
  ASSERT_FALSE(etag.empty());
  const HttpAnswer same = get("/favicon.svg", {{"If-None-Match", "\"other\", W/" + etag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_TRUE(same.body.empty());
  write("favicon.svg", "<svg><g/></svg>");
  fs::last_write_time(folder_ / "favicon.svg",
                      fs::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_EQ(get("/favicon.svg", {{"If-None-Match", etag}}).body, "<svg><g/></svg>");
}

}  // namespace
}  // namespace millwright::http
