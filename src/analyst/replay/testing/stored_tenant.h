#pragma once
/// A tenant with two devices in a store of a kind, "memory" or "sqlite", and what tests write to
/// it.

#include "analyst/testing/analyst_fixture.h"
#include "signal/random.h"
#include "storage/sqlite/sqlite_under_test.h"

namespace millwright::testing {

inline constexpr std::int64_t kMinuteUs = 60'000'000;
inline constexpr std::int64_t kHourUs = 60 * kMinuteUs;
inline constexpr std::int64_t kDayUs = 24 * kHourUs;
inline constexpr std::int64_t kFirstUs = 1'750'000'020'000'000;  ///< A whole minute in June 2025.

class StoredTenant {
 public:
  explicit StoredTenant(std::string_view kind) {
    if (kind == "sqlite") {
      sqlite_ = std::make_unique<SqliteUnderTest>();
    } else {
      memory_ = std::make_unique<MemoryTenantDirectory>();
    }
    TenantDirectory& directory = sqlite_ ? sqlite_->directory() : *memory_;
    MW_CHECK(directory.create(tenant("100000")).has_value());
    store_ = must(directory.open_for_service(tenant("100000")));
    for (const char* id : {"000001", "000002"}) {
      MW_CHECK(catalog()
                   .add_device(
                       Device{device(id), "", "UTC", {}, {}, "", "", DeviceStatus::kOnline, {}, {}})
                   .has_value());
    }
  }

  TenantStore& store() { return *store_; }
  TenantCatalog& catalog() { return store_->catalog(); }

  Metric metric(std::string_view at, std::string_view name,
                MetricType type = MetricType::kNumericScalar, std::string_view id = "000001") {
    return must(catalog().resolve_metric(
        MetricKey{device(id), path(at), must(MetricId::parse(name))}, "", "", type));
  }
  void write(const Metric& metric, const SampleColumns& samples) {
    Append append;
    append.samples.append(metric.series, samples.timestamp_us, samples.value);
    write(std::move(append));
  }
  void write(const Metric& metric, Waveform block) {
    Append append;
    append.waveforms.push_back({metric.series, std::move(block)});
    write(std::move(append));
  }
  void label(std::string_view at, std::string class_name, std::int64_t start_us,
             std::optional<std::int64_t> end_us, std::string_view id = "000001",
             std::optional<MetricId> of = std::nullopt) {
    std::optional<Timestamp> end;
    if (end_us) end = from_us(*end_us);
    MW_CHECK(catalog()
                 .create_label({0, device(id), path(at), std::move(of), std::move(class_name),
                                "eve", "", from_us(start_us), end, from_us(start_us)})
                 .has_value());
  }

  /// A sample a minute that wanders a little round 40; `offset(i)` is added to sample i.
  template <typename Offset>
  static SampleColumns wandering(int minutes, std::uint64_t seed, const Offset& offset) {
    signal::RandomSource random(seed);
    SampleColumns samples;
    double wander = 0.0;
    for (int i = 0; i < minutes; ++i) {
      wander = 0.7 * wander + 0.1 * random.normal();
      samples.append(kFirstUs + i * kMinuteUs, 40.0 + wander + offset(i));
    }
    return samples;
  }

 private:
  void write(Append append) {
    const auto results = store_->samples().append(std::span(&append, 1));
    MW_CHECK(results.at(0).has_value());
  }

  std::unique_ptr<SqliteUnderTest> sqlite_;
  std::unique_ptr<MemoryTenantDirectory> memory_;
  std::shared_ptr<TenantStore> store_;
};

}  // namespace millwright::testing
