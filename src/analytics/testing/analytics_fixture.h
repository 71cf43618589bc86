#pragma once
/// A small factory on the memory store, for tests of the analytics API and `tests/cases`.
///
/// tests/cases/README.md describes it; keep both in step.

#include <cmath>
#include <memory>
#include <string>

#include "analytics/analytics_service.h"
#include "base/text.h"
#include "messaging/inprocess/inprocess_bus.h"
#include "storage/memory/memory_tenant_directory.h"

namespace millwright::testing {

template <typename T>
T must(Result<T> result) {
  MW_CHECK(result.has_value());
  return std::move(result).value();
}
inline void must(const Result<>& result) { MW_CHECK(result.has_value()); }

inline TenantId tenant(std::string_view text) { return must(TenantId::parse(text)); }
inline DeviceId device(std::string_view text) { return must(DeviceId::parse(text)); }
inline Path path(std::string_view text) { return must(Path::parse(text)); }
inline Timestamp utc(std::string_view text) { return must(parse_utc(text)); }
inline std::int64_t utc_us(std::string_view text) { return to_us(utc(text)); }

/// Model "gear", versions 1 and 2, of which 2 is live. Its verdict is the first value of the first
/// input as a class, so that a test sees which window was judged.
class FakeModelRunner final : public ModelRunner {
 public:
  Result<RunnableModel> find(std::string_view name, std::string_view version) override {
    if (name != "gear") return not_found("model " + quote(name) + " is not known");
    const bool is_live = version == "live" || version == "latest";
    if (!is_live && version != "1" && version != "2") {
      return not_found("model 'gear' has no version " + quote(version));
    }
    return RunnableModel{"gear", is_live ? "2" : std::string(version), 256, {"x_axis", "y_axis"}};
  }
  Result<ModelVerdict> judge(const RunnableModel& model,
                             std::span<const std::vector<double>> window,
                             double sample_rate_hz) override {
    MW_CHECK(window.size() == 2 && window[0].size() == model.window_size);
    return ModelVerdict{"first_" + std::to_string(std::lround(window[0].front())) + "_at_" +
                            std::to_string(std::lround(sample_rate_hz)) + "_hz",
                        0.75};
  }
};

/// What a test writes into a tenant.
class FactoryTenant {
 public:
  FactoryTenant(MemoryTenantDirectory& directory, std::string_view id) {
    must(directory.create(tenant(id)));
    store_ = must(directory.open_for_service(tenant(id)));
  }

  void add_device(std::string_view id, std::string_view description, std::string_view timezone) {
    Device added{device(id),
                 std::string(description),
                 std::string(timezone),
                 {},
                 {},
                 "",
                 "",
                 DeviceStatus::kUnknown,
                 {},
                 {}};
    must(store_->catalog().add_device(added));
  }
  Metric metric(std::string_view id, std::string_view at, std::string_view name,
                std::string_view unit, MetricType type = MetricType::kNumericScalar) {
    return must(store_->catalog().resolve_metric(
        MetricKey{device(id), path(at), must(MetricId::parse(name))}, unit, "", type));
  }
  void append(const Metric& metric, const SampleColumns& samples) {
    Append append;
    append.samples.append(metric.series, samples);
    must(store_->samples().append({&append, 1}).front());
  }
  void append(const Metric& metric, Waveform block) {
    Append append;
    append.waveforms.push_back({metric.series, std::move(block)});
    must(store_->samples().append({&append, 1}).front());
  }
  TenantStore& store() { return *store_; }
  TenantCatalog& catalog() { return store_->catalog(); }

 private:
  std::shared_ptr<TenantStore> store_;
};

/// Value i at start + i * step.
inline SampleColumns every(std::string_view start, std::chrono::seconds step,
                           const std::vector<double>& values) {
  SampleColumns samples;
  std::int64_t t = utc_us(start);
  for (const double value : values) {
    samples.append(t, value);
    t += std::chrono::duration_cast<Microseconds>(step).count();
  }
  return samples;
}

/// 1, 2, 3 ... n.
inline std::vector<double> counting(std::size_t n) {
  std::vector<double> values;
  for (std::size_t i = 1; i <= n; ++i) values.push_back(static_cast<double>(i));
  return values;
}

inline Waveform ramp_burst(std::string_view start, std::size_t n, float first) {
  Waveform block{utc_us(start), 5000.0, {}};
  for (std::size_t i = 0; i < n; ++i) block.value.push_back(first + static_cast<float>(i));
  return block;
}

/// The factory, and the service in front of it.
struct AnalyticsFixture {
  AnalyticsFixture() : AnalyticsFixture(AnalyticsLimits{}) {}
  explicit AnalyticsFixture(AnalyticsLimits limits)
      : service(directory, bus, models, clock, telemetry, limits) {
    fill_device_one();
    fill_device_two();
    FactoryTenant other(directory, "200000");
    other.add_device("000001", "a machine of somebody else", "UTC");
    other.append(other.metric("000001", "", "temperature.ambient", "K"),
                 every("2026-06-01T08:00:00Z", std::chrono::minutes{1}, {300, 301}));
  }

  Principal viewer() const { return {Role::kViewer, tenant("100000"), {}, "viewer"}; }
  Principal device_principal(std::string_view id) const {
    return {Role::kDevice, tenant("100000"), device(id), std::string(id)};
  }

  ManualClock clock{utc("2026-06-01T12:00:00Z")};
  MemoryTenantDirectory directory;
  InprocessBus bus;
  FakeModelRunner models;
  telemetry::Telemetry telemetry;
  FactoryTenant factory{directory, "100000"};
  AnalyticsService service;

 private:
  void fill_device_one() {
    Device conveyor{device("000001"), "conveyor in hall 2", "Europe/Zurich",        8.55, 47.37,
                    "Zurich",         "Switzerland",        DeviceStatus::kUnknown, {},   {}};
    must(factory.catalog().add_device(conveyor));
    must(factory.catalog().set_status(device("000001"), DeviceStatus::kOnline,
                                      utc("2026-06-01T08:05:00.25Z"), true));
    factory.append(
        factory.metric("000001", "", "temperature.ambient", "°C"),
        every("2026-06-01T08:00:00Z", std::chrono::minutes{1}, {20.5, 21, 21.5, 22, 24}));
    factory.append(factory.metric("000001", "conveyor.motor2", "humidity", "%"),
                   every("2026-06-01T08:00:00Z", std::chrono::seconds{30}, {40, 41, 42, 43}));
    fill_motor_one();
    // One sample an hour across both changes of the clock, 48 hours each.
    factory.append(factory.metric("000001", "energy", "spring", "kWh"),
                   every("2026-03-27T23:30:00Z", std::chrono::hours{1}, counting(48)));
    factory.append(factory.metric("000001", "energy", "autumn", "kWh"),
                   every("2026-10-23T22:30:00Z", std::chrono::hours{1}, counting(72)));
    // One sample a day for 400 days.
    factory.append(factory.metric("000001", "energy", "daily", "kWh"),
                   every("2025-01-01T12:00:00Z", std::chrono::hours{24}, counting(400)));
    factory.metric("000001", "conveyor", "state", "", MetricType::kText);
    fill_happenings();
  }

  /// Two bursts of both axes half a minute apart: x counts from 0 and from 5000, y is shorter in
  /// the second.
  void fill_motor_one() {
    const auto axis = [&](const char* name) {
      return factory.metric("000001", "conveyor.motor1", name, "mm", MetricType::kWaveform);
    };
    const Metric x = axis("vibration.gear1.x_axis");
    const Metric y = axis("vibration.gear1.y_axis");
    factory.append(x, ramp_burst("2026-06-01T08:00:00Z", 1024, 0));
    factory.append(y, ramp_burst("2026-06-01T08:00:00Z", 1024, 100));
    factory.append(x, ramp_burst("2026-06-01T08:00:30Z", 512, 5000));
    factory.append(y, ramp_burst("2026-06-01T08:00:30Z", 300, 6000));
  }

  void fill_happenings() {
    TenantCatalog& catalog = factory.catalog();
    must(catalog.append_event({0, device("000001"), "registered", "registered by an administrator",
                               utc("2026-06-01T07:00:00Z")}));
    must(catalog.append_event(
        {0, device("000001"), "status_changed", "unknown to online", utc("2026-06-01T08:00:00Z")}));
    const Metric ambient = must(catalog.metrics(device("000001"), path(""))).front();
    must(catalog.put_anomaly({0, ambient.series, ambient.key, "level_shift",
                              utc("2026-06-01T08:03:00Z"), utc("2026-06-01T08:03:30Z"), 6.5,
                              "temperature.ambient jumped by 2 °C"}));
    must(catalog.put_anomaly({0,
                              ambient.series,
                              ambient.key,
                              "point",
                              utc("2026-06-01T08:04:00Z"),
                              {},
                              9.25,
                              "temperature.ambient is 24 °C, usually 20 to 22 °C"}));
    must(catalog.put_prediction({device("000001"),
                                 path("conveyor.motor1"),
                                 PredictionKind::kFaultClass,
                                 "gear",
                                 "2",
                                 utc("2026-06-01T08:00:30Z"),
                                 "missing_tooth",
                                 0.93,
                                 {},
                                 {},
                                 {},
                                 "",
                                 "the kurtosis of x is 9.1, usually 3"}));
    must(catalog.put_prediction({device("000001"),
                                 path("conveyor.motor2"),
                                 PredictionKind::kRemainingUsefulLife,
                                 "turbofan",
                                 "1",
                                 utc("2026-06-01T08:01:00Z"),
                                 {},
                                 {},
                                 83,
                                 70,
                                 98,
                                 "cycles",
                                 "s11 rises"}));
    must(catalog.put_prediction({device("000001"),
                                 path("conveyor.motor3"),
                                 PredictionKind::kRemainingUsefulLife,
                                 "turbofan",
                                 "1",
                                 utc("2026-06-01T08:02:00Z"),
                                 {},
                                 {},
                                 {},
                                 113,
                                 {},
                                 "cycles",
                                 "wear cannot be seen yet"}));
  }

  void fill_device_two() {
    factory.add_device("000002", "", "America/New_York");
    // A vibration sensor of the old contract: single samples, 200 microseconds apart.
    SampleColumns x, y;
    for (int i = 0; i < 600; ++i) {
      const std::int64_t t = utc_us("2026-06-01T08:00:00Z") + i * 200;
      x.append(t, i);
      y.append(t, -i);
    }
    factory.append(factory.metric("000002", "gear", "x_axis", ""), std::move(x));
    factory.append(factory.metric("000002", "gear", "y_axis", ""), std::move(y));
  }
};

}  // namespace millwright::testing
