#pragma once
/// A tenant on the memory store, models that are easy to follow, and what the bus has heard.

#include <numeric>

#include "analyst/live_models.h"
#include "messaging/inprocess/inprocess_bus.h"
#include "storage/memory/memory_tenant_directory.h"

namespace millwright::testing {

template <typename T>
T must(Result<T> result) {
  MW_CHECK(result.has_value());
  return std::move(result).value();
}

inline TenantId tenant(std::string_view text) { return must(TenantId::parse(text)); }
inline DeviceId device(std::string_view text) { return must(DeviceId::parse(text)); }
inline Path path(std::string_view text) { return must(Path::parse(text)); }

/// Says the first value of the first input, and how long the burst was.
class FakeBurstModel final : public BurstModel {
 public:
  const ModelLabel& label() const override { return label_; }
  std::size_t window_size() const override { return 4; }
  Result<FaultVerdict> judge(std::span<const std::vector<double>> burst, double) const override {
    if (burst[0][0] < 0) return invalid_argument("negative vibration");
    return FaultVerdict{"class_" + std::to_string(static_cast<int>(burst[0][0])), 0.9,
                        std::to_string(burst[1].size()) + " samples"};
  }

 private:
  ModelLabel label_{"fake_gear", "3", {"x_axis", "y_axis"}};
};

/// Remaining life is 100 minus the age; the reason says how many rows the tracker has followed.
class FakeLifeModel final : public LifeModel {
 public:
  const ModelLabel& label() const override { return label_; }
  const std::string& age_input() const override { return age_; }
  const std::string& unit() const override { return unit_; }
  std::unique_ptr<LifeTracker> track() const override { return std::make_unique<Tracker>(); }

 private:
  class Tracker final : public LifeTracker {
   public:
    Result<LifeVerdict> observe(double age, std::span<const double> row) override {
      MW_CHECK(row.size() == 2);
      if (age <= last_age_) rows_ = 0;
      last_age_ = age;
      ++rows_;
      const double left = 100 - age;
      return LifeVerdict{left, left - row[0], left + row[1], std::to_string(rows_) + " rows"};
    }

   private:
    double last_age_ = 0;
    int rows_ = 0;
  };
  ModelLabel label_{"fake_engine", "1", {"s2", "s3"}};
  std::string age_ = "cycle";
  std::string unit_ = "cycles";
};

struct AnalystFixture {
  AnalystFixture() {
    MW_CHECK(directory.create(tenant("100000")).has_value());
    store = must(directory.open_for_service(tenant("100000")));
    for (const char* id : {"000001", "000002"}) {
      MW_CHECK(store->catalog()
                   .add_device(
                       Device{device(id), "", "UTC", {}, {}, "", "", DeviceStatus::kOnline, {}, {}})
                   .has_value());
    }
    listener = bus.subscribe([this](const std::shared_ptr<const Message>& message) {
      if (const auto* anomaly = std::get_if<AnomalyChanged>(message.get())) {
        anomalies.push_back(anomaly->anomaly);
      } else if (const auto* prediction = std::get_if<PredictionMade>(message.get())) {
        predictions.push_back(prediction->prediction);
      }
    });
  }

  Metric metric(std::string_view at, std::string_view name,
                MetricType type = MetricType::kNumericScalar, std::string_view id = "000001") {
    return must(store->catalog().resolve_metric(
        MetricKey{device(id), path(at), must(MetricId::parse(name))}, "", "", type));
  }
  SamplesStored stored(std::vector<StoredScalars> scalars,
                       std::vector<StoredWaveform> waveforms = {}) const {
    return {tenant("100000"), std::move(scalars), std::move(waveforms)};
  }
  std::vector<Anomaly> kept_anomalies(std::string_view id = "000001") {
    return must(
        store->catalog().anomalies(device(id), path(""), {0, std::int64_t{1} << 60}, 1'000));
  }
  std::vector<Prediction> kept_predictions(std::string_view id = "000001") {
    return must(store->catalog().predictions(device(id), path("")));
  }

  ManualClock clock{from_us(1'780'300'800'000'000)};
  MemoryTenantDirectory directory;
  InprocessBus bus;
  std::shared_ptr<TenantStore> store;
  std::vector<Anomaly> anomalies;       // as published
  std::vector<Prediction> predictions;  // as published
  std::unique_ptr<Subscription> listener;
};

}  // namespace millwright::testing
