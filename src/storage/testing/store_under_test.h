#pragma once
/// What the contract suites run on, and the small words they share.

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <random>

#include "storage/tenant_directory.h"

namespace millwright::testing {

/// An adapter with an empty directory. Made anew for each test.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual TenantDirectory& directory() = 0;
  /// Closes and opens again what is durable; where nothing is, does nothing.
  virtual void reopen() {}
};

struct StoreFactory {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
  friend void PrintTo(const StoreFactory& factory, std::ostream* out) { *out << factory.name; }
};

inline std::string factory_name(const ::testing::TestParamInfo<StoreFactory>& info) {
  return info.param.name;
}

inline TenantId tenant_id(std::string_view text) { return *TenantId::parse(text); }
inline DeviceId device_id(std::string_view text) { return *DeviceId::parse(text); }
inline Path path_of(std::string_view text) { return *Path::parse(text); }

inline constexpr TimeRange kEver{std::numeric_limits<std::int64_t>::min(),
                                 std::numeric_limits<std::int64_t>::max()};
inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
inline constexpr SeriesId kSeries{1};
inline constexpr SeriesId kOther{2};

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  return result ? ErrorCode{} : result.error().code;
}

struct SeriesColumns {
  SeriesId series{};
  SampleColumns samples;
};
/// A batch with one run for each part, also for parts that make no sense.
inline SampleBatch batch_of(const std::vector<SeriesColumns>& parts) {
  SampleBatch out;
  for (const SeriesColumns& part : parts) {
    const auto& [at_us, value] = part.samples;
    out.runs.push_back({part.series, static_cast<std::uint32_t>(at_us.size())});
    out.columns.timestamp_us.insert(out.columns.timestamp_us.end(), at_us.begin(), at_us.end());
    out.columns.value.insert(out.columns.value.end(), value.begin(), value.end());
  }
  return out;
}

/// Opens tenant 100000 of a fresh store.
class StoreContract : public ::testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override {
    under_test_ = GetParam().make();
    if (!under_test_) GTEST_SKIP() << "the store's server is not installed";
    const auto created = under_test_->directory().create(tenant_id("100000"));
    ASSERT_TRUE(created) << created.error().message << created.error().detail;
    open();
  }
  void open() {
    auto opened = under_test_->directory().open_for_service(tenant_id("100000"));
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *opened;
  }
  void reopen() {
    store_.reset();
    under_test_->reopen();
    open();
  }

  TenantCatalog& catalog() { return store_->catalog(); }
  SampleStore& samples() { return store_->samples(); }

  void add_devices(std::initializer_list<const char*> ids) {
    for (const char* id : ids) {
      ASSERT_TRUE(catalog().add_device({device_id(id), "", "UTC", {}, {}, "", "", {}, {}, {}}));
    }
  }
  /// Appends one batch that must be taken.
  void put(Append append) {
    const auto results = samples().append({&append, 1});
    ASSERT_EQ(results.size(), 1u);
    ASSERT_TRUE(results[0]) << results[0].error().message << results[0].error().detail;
  }
  void put(SeriesId series, std::vector<std::int64_t> at_us, std::vector<double> value) {
    Append append;
    append.samples = batch_of({{series, {std::move(at_us), std::move(value)}}});
    put(std::move(append));
  }
  void put(SeriesId series, Waveform block) {
    Append append;
    append.waveforms.push_back({series, std::move(block)});
    put(std::move(append));
  }
  /// All housekeeping.
  void maintain_fully() {
    for (int i = 0; i < 1'000; ++i) {
      const auto more = samples().maintain();
      ASSERT_TRUE(more) << more.error().message;
      if (!*more) return;
    }
    FAIL() << "housekeeping never ends";
  }
  SampleColumns all(SeriesId series) {
    auto read = samples().read(series, kEver, kNoLimit);
    EXPECT_TRUE(read) << read.error().message;
    return read ? *read : SampleColumns{};
  }

  std::unique_ptr<StoreUnderTest> under_test_;
  std::shared_ptr<TenantStore> store_;
};

/// With random numbers, whose seed it prints.
class RandomStoreContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    const unsigned seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    random_.seed(seed);
  }
  /// From 0 to end - 1.
  std::int64_t below(std::int64_t end) {
    return std::uniform_int_distribution<std::int64_t>(0, end - 1)(random_);
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace millwright::testing
