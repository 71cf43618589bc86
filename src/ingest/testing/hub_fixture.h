#pragma once
/// A hub over tenants in memory with two tenants and two devices each, for tests.

#include <gtest/gtest.h>

#include "ingest/hub.h"
#include "ingest/testing/recording_listener.h"
#include "ingest/testing/simulated_agent.h"
#include "messaging/inprocess/inprocess_bus.h"
#include "storage/memory/memory_tenant_directory.h"

namespace millwright::ingest::testing {

inline constexpr std::int64_t kNowUs = 1'800'000'000'000'000;
inline constexpr std::int64_t kAll = INT64_MAX;

inline TenantId tenant(const char* text = "100000") { return TenantId::parse(text).value(); }
inline DeviceId device(const char* text = "000001") { return DeviceId::parse(text).value(); }
inline Principal device_principal(const char* tenant_text = "100000",
                                  const char* device_text = "000001") {
  return Principal{Role::kDevice, tenant(tenant_text), device(device_text), device_text, false};
}

inline Device make_device(const char* id) {
  Device out{device(id), "", "", {}, {}, "", "", DeviceStatus::kUnknown, {}, {}};
  out.timezone = "Europe/Berlin";
  return out;
}

class HubTest : public ::testing::Test {
 protected:
  HubTest() {
    for (const char* name : {"100000", "100001"}) {
      EXPECT_TRUE(directory.create(tenant(name)));
      for (const char* id : {"000001", "000002"}) {
        EXPECT_TRUE(store(name).catalog().add_device(make_device(id)));
      }
    }
    subscription = bus.subscribe([this](const auto& message) {
      const std::lock_guard lock(mutex);
      messages.push_back(message);
    });
    start_hub({});
  }

  void start_hub(const HubOptions& options) {
    hub = std::make_unique<Hub>(directory, bus, clock, telemetry, options);
  }

  TenantStore& store(const char* name = "100000") {
    return *directory.open_for_service(tenant(name)).value();
  }

  struct Connection {
    std::shared_ptr<RecordingListener> answers = std::make_shared<RecordingListener>();
    std::shared_ptr<Session> session;
  };
  Connection connect(std::vector<EpochOffer> offers,
                     const Principal& principal = device_principal()) {
    Connection out;
    out.session = hub->open_session(principal, out.answers).value();
    out.session->hello(Hello{std::move(offers)});
    settle();
    return out;
  }
  void settle() { ASSERT_TRUE(hub->drain(std::chrono::seconds(20))); }
  void send(const Connection& to, RecordBatch batch) {
    to.session->submit(std::move(batch));
    settle();
  }

  std::optional<Metric> metric(const char* id, const char* device_id = "000001",
                               const char* tenant_name = "100000") {
    const auto all =
        store(tenant_name).catalog().metrics(device(device_id), Path::parse("").value()).value();
    for (const Metric& found : all) {
      if (found.key.metric.str() == id) return found;
    }
    return std::nullopt;
  }
  std::vector<double> values(const char* id, const char* device_id = "000001",
                             const char* tenant_name = "100000") {
    const auto found = metric(id, device_id, tenant_name);
    if (!found) return {};
    return store(tenant_name)
        .samples()
        .read(found->series, {INT64_MIN, kAll}, 1'000'000)
        .value()
        .value;
  }
  std::vector<Event> events(const char* kind) {
    auto all = store().catalog().events(device(), {INT64_MIN, kAll}, 100).value();
    std::erase_if(all, [&](const Event& event) { return event.kind != kind; });
    return all;
  }

  MemoryTenantDirectory directory;
  InprocessBus bus;
  ManualClock clock{from_us(kNowUs)};
  telemetry::Telemetry telemetry;
  std::mutex mutex;
  std::vector<std::shared_ptr<const Message>> messages;  // guarded by mutex
  std::unique_ptr<Subscription> subscription;
  std::unique_ptr<Hub> hub;
};

}  // namespace millwright::ingest::testing
