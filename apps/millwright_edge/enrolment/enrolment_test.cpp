#include "enrolment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>

#include "edge/sensor_file.h"

namespace millwright {
namespace {

using testing::HasSubstr;

class EnrolmentTest : public testing::Test {
 protected:
  EnrolmentTest() {
    std::string name = (std::filesystem::temp_directory_path() / "enrolment_XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    options_.secret_file = folder_ + "/secret";
    options_.claim_file = folder_ + "/claim";
    options_.request.api_url = "http://127.0.0.1:1";  // nobody answers there
  }
  ~EnrolmentTest() override { std::filesystem::remove_all(folder_); }

  void store(const char* name, const std::string& text) {
    ASSERT_TRUE(edge::write_file_atomically(folder_ + "/" + name, text));
  }
  static Result<std::string> ask(Enrolment& enrolment, bool is_refused) {
    std::promise<Result<std::string>> answer;
    enrolment.request(is_refused,
                      [&](Result<std::string> secret) { answer.set_value(std::move(secret)); });
    return answer.get_future().get();
  }
  std::string folder_;
  Enrolment::Options options_;
};

TEST_F(EnrolmentTest, AStoredSecretNeedsNoClaim) {
  store("secret", "s3cret\n");
  Enrolment enrolment(options_);
  EXPECT_EQ(ask(enrolment, false).value_or(""), "s3cret");
}

TEST_F(EnrolmentTest, ASecretThatAPersonReplacedIsTakenWithoutARestart) {
  store("secret", "old");
  Enrolment enrolment(options_);
  EXPECT_EQ(ask(enrolment, false).value_or(""), "old");
  const auto refused = ask(enrolment, true);
  ASSERT_FALSE(refused);
  store("secret", "new");
  EXPECT_EQ(ask(enrolment, true).value_or(""), "new");
}

TEST_F(EnrolmentTest, SaysWhatIsMissing) {
  Enrolment enrolment(options_);
  const auto no_claim = ask(enrolment, false);
  ASSERT_FALSE(no_claim);
  EXPECT_THAT(no_claim.error().message, HasSubstr(options_.claim_file));
  options_.request.api_url.clear();
  Enrolment without_api(options_);
  const auto no_api = ask(without_api, false);
  ASSERT_FALSE(no_api);
  EXPECT_THAT(no_api.error().message, HasSubstr("hub.api"));
}

TEST_F(EnrolmentTest, AnUnansweredRegistrationKeepsTheClaim) {
  store("claim", "claim-1");
  Enrolment enrolment(options_);
  const auto result = ask(enrolment, false);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/claim"));
}

}  // namespace
}  // namespace millwright
