#include "devices/status_service.h"

#include <gmock/gmock.h>

#include "devices/testing/device_services.h"

namespace millwright {
namespace {

using std::chrono::seconds;
using testing::device_id;
using testing::device_principal;
using testing::DeviceServices;
using testing::principal;
using testing::tenant;

class StatusServiceTest : public ::testing::Test {
 protected:
  StatusServiceTest() {
    s_.add("000001");
    subscription_ = s_.bus.subscribe([this](const std::shared_ptr<const Message>& message) {
      if (const auto* m = std::get_if<StatusChanged>(message.get())) changes_.push_back(m->status);
    });
  }
  Result<> report(DeviceStatus status) {
    return s_.statuses.report(device_principal("000001"), home_, id_, status, s_.clock.now());
  }
  DeviceStatus status() { return s_.store()->catalog().device(id_)->status; }
  std::vector<std::string> event_kinds() {
    std::vector<std::string> kinds;
    const auto events =
        s_.store()->catalog().events(id_, {0, to_us(s_.clock.now()) + 1'000'000'000}, 100);
    for (const Event& event : events.value()) kinds.push_back(event.kind);
    return kinds;
  }

  const TenantId home_ = tenant("100000");
  const DeviceId id_ = device_id("000001");
  DeviceServices s_;
  std::vector<DeviceStatus> changes_;
  std::unique_ptr<Subscription> subscription_;
};

TEST_F(StatusServiceTest, AChangeIsAnEventAndAMessageAndARepeatIsNeither) {
  ASSERT_TRUE(report(DeviceStatus::kOnline));
  ASSERT_TRUE(report(DeviceStatus::kOnline));
  EXPECT_EQ(status(), DeviceStatus::kOnline);
  EXPECT_EQ(changes_, std::vector{DeviceStatus::kOnline});
  EXPECT_THAT(event_kinds(), ::testing::ElementsAre("status_changed", "registered"));
  EXPECT_EQ(s_.store()->catalog().device(id_)->latest_activity, s_.clock.now());
}

TEST_F(StatusServiceTest, TwentySecondsOfSilenceMakeItOffline) {
  ASSERT_TRUE(report(DeviceStatus::kOnline));
  s_.clock.advance(seconds(19));
  s_.statuses.tick();
  EXPECT_EQ(status(), DeviceStatus::kOnline);
  const auto last_heard = s_.store()->catalog().device(id_)->latest_activity;
  s_.clock.advance(seconds(1));
  s_.statuses.tick();
  s_.statuses.tick();
  EXPECT_EQ(status(), DeviceStatus::kOffline);
  EXPECT_EQ(changes_, (std::vector{DeviceStatus::kOnline, DeviceStatus::kOffline}));
  EXPECT_EQ(s_.store()->catalog().device(id_)->latest_activity, last_heard);
}

TEST_F(StatusServiceTest, AStatusInTimeKeepsItOnline) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(report(DeviceStatus::kOnline));
    s_.clock.advance(seconds(10));
    s_.statuses.tick();
  }
  EXPECT_EQ(status(), DeviceStatus::kOnline);
}

TEST_F(StatusServiceTest, ADeviceInErrorGoesOfflineToo) {
  ASSERT_TRUE(report(DeviceStatus::kError));
  s_.clock.advance(seconds(21));
  s_.statuses.tick();
  EXPECT_EQ(status(), DeviceStatus::kOffline);
}

TEST_F(StatusServiceTest, AfterARestartTheSame20SecondsRunAnew) {
  ASSERT_TRUE(report(DeviceStatus::kOnline));
  s_.clock.advance(seconds(3600));
  StatusService restarted(s_.directory, s_.bus, s_.clock);
  ASSERT_TRUE(restarted.start());
  restarted.tick();
  EXPECT_EQ(status(), DeviceStatus::kOnline);
  s_.clock.advance(seconds(20));
  restarted.tick();
  EXPECT_EQ(status(), DeviceStatus::kOffline);
}

TEST_F(StatusServiceTest, OnlyTheDeviceItselfReports) {
  const auto other = s_.statuses.report(device_principal("000002"), home_, id_,
                                        DeviceStatus::kOnline, s_.clock.now());
  EXPECT_EQ(other.error().code, ErrorCode::kPermissionDenied);
  const auto foreign = s_.statuses.report(device_principal("000001", "200000"), home_, id_,
                                          DeviceStatus::kOnline, s_.clock.now());
  EXPECT_EQ(foreign.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(status(), DeviceStatus::kUnknown);
}

TEST_F(StatusServiceTest, TimesBefore1970OrFarAheadAreRefused) {
  const Principal self = device_principal("000001");
  for (const Timestamp at : {from_us(-1), s_.clock.now() + std::chrono::minutes(6)}) {
    const auto result = s_.statuses.report(self, home_, id_, DeviceStatus::kOnline, at);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(changes_.empty());
}

TEST_F(StatusServiceTest, ARemovedDeviceIsWatchedNoLonger) {
  ASSERT_TRUE(report(DeviceStatus::kOnline));
  ASSERT_TRUE(s_.devices.remove_device(principal(Role::kEngineer), home_, id_));
  s_.clock.advance(seconds(30));
  s_.statuses.tick();
  EXPECT_EQ(changes_, std::vector{DeviceStatus::kOnline});
}

}  // namespace
}  // namespace millwright
