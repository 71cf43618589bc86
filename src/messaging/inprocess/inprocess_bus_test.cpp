#include "messaging/inprocess/inprocess_bus.h"

#include <gtest/gtest.h>

namespace millwright {
namespace {

Message status(DeviceStatus value) {
  return StatusChanged{*TenantId::parse("100000"), *DeviceId::parse("000001"), value, Timestamp{}};
}

TEST(InprocessBus, EverySubscriberGetsEveryMessageInOrder) {
  InprocessBus bus;
  std::vector<DeviceStatus> seen;
  const auto record = [&](const std::shared_ptr<const Message>& message) {
    seen.push_back(std::get<StatusChanged>(*message).status);
  };
  const auto first = bus.subscribe(record);
  const auto second = bus.subscribe(record);
  bus.publish(status(DeviceStatus::kOnline));
  bus.publish(status(DeviceStatus::kOffline));
  EXPECT_EQ(seen, (std::vector{DeviceStatus::kOnline, DeviceStatus::kOnline, DeviceStatus::kOffline,
                               DeviceStatus::kOffline}));
}

TEST(InprocessBus, AnEndedSubscriptionHearsNothingMore) {
  InprocessBus bus;
  int count = 0;
  auto subscription = bus.subscribe([&](const auto&) { ++count; });
  bus.publish(status(DeviceStatus::kOnline));
  subscription.reset();
  bus.publish(status(DeviceStatus::kOnline));
  EXPECT_EQ(count, 1);
}

TEST(InprocessBus, ASubscriptionMayOutliveTheBus) {
  std::unique_ptr<Subscription> subscription;
  {
    InprocessBus bus;
    subscription = bus.subscribe([](const auto&) {});
  }
  subscription.reset();
}

}  // namespace
}  // namespace millwright
