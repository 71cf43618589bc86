#include "devices/device_connections.h"

#include <gmock/gmock.h>

#include "devices/testing/device_services.h"

namespace millwright {
namespace {

using testing::device_id;
using testing::FakeChannel;
using ::testing::HasSubstr;
using testing::tenant;

class DeviceConnectionsTest : public ::testing::Test {
 protected:
  /// Sends a command and remembers its end.
  void send() {
    connections_.send_command(home_, id_, {"command", "get_connection_state", {}},
                              [this](const Result<CommandAnswer>& answer) {
                                ++ends_;
                                if (answer) {
                                  message_ = answer.value().message;
                                } else {
                                  message_ = answer.error().message;
                                  code_ = answer.error().code;
                                }
                              });
  }
  std::string message_id() const {
    return nlohmann::json::parse(channel_->sent.back()).at("message_id");
  }

  ManualClock clock_{parse_utc("2026-11-25T12:00:00Z").value()};
  DeviceConnections connections_{clock_};
  const TenantId home_ = tenant("100000");
  const DeviceId id_ = device_id("000001");
  std::shared_ptr<FakeChannel> channel_ = std::make_shared<FakeChannel>();
  int ends_ = 0;
  std::string message_;
  ErrorCode code_{};
};

TEST_F(DeviceConnectionsTest, SaysAtOnceThatADeviceIsNotConnected) {
  send();
  EXPECT_EQ(ends_, 1);
  EXPECT_EQ(code_, ErrorCode::kUnavailable);
  EXPECT_THAT(message_, HasSubstr("not connected"));
}

TEST_F(DeviceConnectionsTest, AnswersWithTheDevicesOwnWords) {
  connections_.connect(home_, id_, channel_);
  send();
  const auto sent = nlohmann::json::parse(channel_->sent.at(0));
  EXPECT_EQ(sent.at("message_type"), "command");
  EXPECT_EQ(sent.at("timestamp"), "2026-11-25T12:00:00.000000");
  EXPECT_TRUE(sent.at("data").is_null());
  EXPECT_THAT(message_id(), ::testing::MatchesRegex("[0-9a-f-]{36}"));
  EXPECT_TRUE(connections_.answer(home_, id_, message_id(), {true, "I am well", nullptr}));
  EXPECT_EQ(message_, "I am well");
  EXPECT_FALSE(connections_.answer(home_, id_, message_id(), {true, "twice", nullptr}));
  EXPECT_EQ(ends_, 1);
}

TEST_F(DeviceConnectionsTest, AnAnswerOfAnotherDeviceIsNotTaken) {
  connections_.connect(home_, id_, channel_);
  send();
  EXPECT_FALSE(connections_.answer(home_, device_id("000002"), message_id(), {true, "x", nullptr}));
  EXPECT_FALSE(connections_.answer(tenant("200000"), id_, message_id(), {true, "x", nullptr}));
  EXPECT_EQ(ends_, 0);
}

TEST_F(DeviceConnectionsTest, SaysAfter30SecondsThatTheDeviceDidNotAnswer) {
  connections_.connect(home_, id_, channel_);
  send();
  clock_.advance(std::chrono::seconds(29));
  connections_.tick();
  EXPECT_EQ(ends_, 0);
  clock_.advance(std::chrono::seconds(1));
  connections_.tick();
  EXPECT_EQ(ends_, 1);
  EXPECT_EQ(code_, ErrorCode::kDeadlineExceeded);
  EXPECT_THAT(message_, HasSubstr("30 s"));
}

TEST_F(DeviceConnectionsTest, ADisconnectEndsWhatWaits) {
  const auto connection = connections_.connect(home_, id_, channel_);
  send();
  connections_.disconnect(home_, id_, connection);
  EXPECT_EQ(ends_, 1);
  EXPECT_EQ(code_, ErrorCode::kUnavailable);
  EXPECT_FALSE(connections_.is_connected(home_, id_));
}

TEST_F(DeviceConnectionsTest, ASecondConnectionReplacesTheFirstAndItsLateEndDoesNoHarm) {
  const auto first = connections_.connect(home_, id_, channel_);
  const auto second_channel = std::make_shared<FakeChannel>();
  connections_.connect(home_, id_, second_channel);
  EXPECT_TRUE(channel_->closed);
  connections_.disconnect(home_, id_, first);
  EXPECT_TRUE(connections_.is_connected(home_, id_));
  send();
  EXPECT_TRUE(channel_->sent.empty());
  EXPECT_EQ(second_channel->sent.size(), 1U);
}

TEST_F(DeviceConnectionsTest, ACallbackMaySendTheNextCommand) {
  connections_.connect(home_, id_, channel_);
  bool second_ended = false;
  connections_.send_command(home_, id_, {"command", "a", {}}, [&](const Result<CommandAnswer>&) {
    connections_.send_command(home_, id_, {"command", "b", {}},
                              [&](const Result<CommandAnswer>&) { second_ended = true; });
  });
  EXPECT_TRUE(connections_.answer(home_, id_, message_id(), {true, "", nullptr}));
  EXPECT_TRUE(connections_.answer(home_, id_, message_id(), {true, "", nullptr}));
  EXPECT_TRUE(second_ended);
}

}  // namespace
}  // namespace millwright
