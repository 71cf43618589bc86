#include "devices/device_service.h"

#include <gmock/gmock.h>

#include "devices/testing/device_services.h"

namespace millwright {
namespace {

using testing::device;
using testing::device_id;
using testing::device_principal;
using testing::DeviceServices;
using ::testing::HasSubstr;
using testing::principal;
using testing::tenant;

class DeviceServiceTest : public ::testing::Test {
 protected:
  const TenantId home_ = tenant("100000");
  DeviceServices s_;
};

TEST_F(DeviceServiceTest, AnEngineerRegistersADeviceAndSeesItsSecretOnce) {
  const auto first =
      s_.devices.register_device(principal(Role::kEngineer), home_, device("000001"), {});
  ASSERT_TRUE(first);
  EXPECT_TRUE(first.value().is_new);
  EXPECT_TRUE(first.value().device_secret);
  const auto again =
      s_.devices.register_device(principal(Role::kEngineer), home_, device("000001", "UTC"), {});
  ASSERT_TRUE(again);
  EXPECT_FALSE(again.value().is_new);
  EXPECT_FALSE(again.value().device_secret);
  EXPECT_EQ(s_.store()->catalog().device(device_id("000001"))->timezone, "Europe/Zurich");
}

TEST_F(DeviceServiceTest, AClaimRegistersOneDeviceAndNoSecond) {
  const auto claim =
      s_.devices.create_claim(principal(Role::kEngineer), home_, std::chrono::hours(1));
  ASSERT_TRUE(claim);
  const auto first = s_.devices.register_device({}, home_, device("000001"), claim.value().code);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first.value().device_secret);
  const auto second = s_.devices.register_device({}, home_, device("000002"), claim.value().code);
  const auto again = s_.devices.register_device({}, home_, device("000001"), claim.value().code);
  ASSERT_TRUE(again) << "a known device registered again succeeds";
  EXPECT_FALSE(again.value().device_secret);
  EXPECT_FALSE(s_.devices.register_device({}, home_, device("000001"), "guess"))
      << "a guess must not tell that the device exists";
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnauthenticated);
  EXPECT_FALSE(s_.store()->catalog().device(device_id("000002")));
}

TEST_F(DeviceServiceTest, AClaimIsNotUsedUpByWhatIsRefused) {
  const auto claim =
      s_.devices.create_claim(principal(Role::kEngineer), home_, std::chrono::hours(1));
  ASSERT_TRUE(claim);
  const auto bad =
      s_.devices.register_device({}, home_, device("000001", "Mars/Olympus"), claim.value().code);
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("Mars/Olympus"));
  EXPECT_TRUE(s_.devices.register_device({}, home_, device("000001"), claim.value().code));
}

TEST_F(DeviceServiceTest, AClaimOfAnotherTenantIsWorthNothing) {
  const auto claim =
      s_.devices.create_claim(principal(Role::kEngineer), home_, std::chrono::hours(1));
  EXPECT_FALSE(
      s_.devices.register_device({}, tenant("200000"), device("000001"), claim.value().code));
}

TEST_F(DeviceServiceTest, NobodyRegistersWithoutAClaim) {
  const auto result = s_.devices.register_device({}, home_, device("000001"), {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnauthenticated);
}

TEST_F(DeviceServiceTest, AViewerOrAnotherDeviceMayNotRegister) {
  for (const Principal& caller : {principal(Role::kViewer), device_principal("000009")}) {
    const auto result = s_.devices.register_device(caller, home_, device("000001"), {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kPermissionDenied);
  }
}

TEST_F(DeviceServiceTest, ADeviceOfTheOldContractGetsNoSecret) {
  Principal legacy = principal(Role::kDevice);
  legacy.legacy = true;
  const auto result = s_.devices.register_device(legacy, home_, device("000001"), {});
  ASSERT_TRUE(result);
  EXPECT_TRUE(result.value().is_new);
  EXPECT_FALSE(result.value().device_secret);
}

TEST_F(DeviceServiceTest, AForeignTenantLooksLikeAMissingOne) {
  const auto foreign = s_.devices.register_device(principal(Role::kAdministrator), tenant("200000"),
                                                  device("000001"), {});
  const auto missing = s_.devices.devices(principal(Role::kAdministrator), tenant("999999"));
  ASSERT_FALSE(foreign);
  ASSERT_FALSE(missing);
  EXPECT_EQ(foreign.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

TEST_F(DeviceServiceTest, AChangeLeavesOutWhatIsAbsent) {
  s_.add("000001");
  DeviceChange change;
  change.city = "Bern";
  const auto changed =
      s_.devices.update_device(principal(Role::kEngineer), home_, device_id("000001"), change);
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed.value().city, "Bern");
  EXPECT_EQ(changed.value().country, "CH");
  change.latitude_deg = 91;
  EXPECT_FALSE(
      s_.devices.update_device(principal(Role::kEngineer), home_, device_id("000001"), change));
}

TEST_F(DeviceServiceTest, RemovingADeviceEndsItsSamplesItsSecretAndItsConnection) {
  s_.add("000001");
  const auto id = device_id("000001");
  const auto store = s_.store();
  const auto metric =
      store->catalog().resolve_metric({id, Path::parse("").value(), MetricId::parse("m").value()},
                                      "", "", MetricType::kNumericScalar);
  ASSERT_TRUE(metric);
  Append append;
  append.samples.append(metric.value().series, 1'000'000, 1.5);
  ASSERT_TRUE(store->samples().append({&append, 1}).front());
  const auto channel = std::make_shared<testing::FakeChannel>();
  s_.connections.connect(home_, id, channel);
  std::vector<DeviceId> removed;
  const auto subscription = s_.bus.subscribe([&](const std::shared_ptr<const Message>& message) {
    if (const auto* m = std::get_if<DeviceRemoved>(message.get())) removed.push_back(m->device);
  });

  ASSERT_TRUE(s_.devices.remove_device(principal(Role::kEngineer), home_, id));

  EXPECT_FALSE(store->catalog().device(id));
  EXPECT_EQ(store->samples().count(metric.value().series, {0, 2'000'000}).value(), 0U);
  EXPECT_TRUE(channel->closed);
  EXPECT_EQ(removed, std::vector<DeviceId>{id});
  EXPECT_FALSE(s_.devices.remove_device(principal(Role::kEngineer), home_, id));
}

TEST_F(DeviceServiceTest, ADeviceSeesOnlyItself) {
  s_.add("000001");
  s_.add("000002");
  const auto seen = s_.devices.devices(device_principal("000001"), home_);
  ASSERT_TRUE(seen);
  ASSERT_EQ(seen.value().size(), 1U);
  EXPECT_EQ(seen.value().front().id.str(), "000001");
  EXPECT_FALSE(s_.devices.device(device_principal("000001"), home_, device_id("000002")));
  EXPECT_TRUE(s_.devices.device(device_principal("000001"), home_, device_id("000001")));
}

TEST_F(DeviceServiceTest, OnlyAnAdministratorReplacesASecretAndTheOldOneEnds) {
  s_.add("000001");
  const auto id = device_id("000001");
  EXPECT_EQ(s_.devices.replace_secret(principal(Role::kEngineer), home_, id).error().code,
            ErrorCode::kPermissionDenied);
  const auto first = s_.devices.replace_secret(principal(Role::kAdministrator), home_, id);
  const auto second = s_.devices.replace_secret(principal(Role::kAdministrator), home_, id);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(s_.identity.device_token(home_, id, first.value()));
  EXPECT_TRUE(s_.identity.device_token(home_, id, second.value()));
}

TEST_F(DeviceServiceTest, ClaimsAreForThoseWhoManageDevicesAndLiveAMinuteToAMonth) {
  using std::chrono::hours;
  EXPECT_FALSE(s_.devices.create_claim(principal(Role::kViewer), home_, hours(1)));
  EXPECT_FALSE(s_.devices.create_claim(device_principal("000001"), home_, hours(1)));
  EXPECT_FALSE(s_.devices.create_claim(principal(Role::kEngineer), home_, hours(0)));
  EXPECT_FALSE(s_.devices.create_claim(principal(Role::kEngineer), home_, hours(24 * 31)));
  EXPECT_TRUE(s_.devices.create_claim(principal(Role::kEngineer), home_, hours(24 * 30)));
}

}  // namespace
}  // namespace millwright
