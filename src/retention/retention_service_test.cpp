#include "retention/retention_service.h"

#include <gtest/gtest.h>

#include <future>
#include <limits>

#include "base/log.h"
#include "storage/memory/memory_tenant_directory.h"

namespace millwright {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr Timestamp kNow = from_us(1'700'000'000'000'000);

TenantId tenant(std::string_view text) { return *TenantId::parse(text); }
DeviceId device_id(std::string_view text) { return *DeviceId::parse(text); }

class RetentionServiceTest : public ::testing::Test {
 protected:
  RetentionServiceTest() {
    log::set_level(log::Level::kError);
    for (const char* id : {"100000", "100001"}) {
      EXPECT_TRUE(directory_.create(tenant(id)));
      Device device{device_id("000001"), "", "UTC", {}, {}, "", "", DeviceStatus::kUnknown, {}, {}};
      EXPECT_TRUE(store(id)->catalog().add_device(device));
    }
  }
  std::shared_ptr<TenantStore> store(std::string_view id) {
    return *directory_.open_for_service(tenant(id));
  }
  /// A metric with one sample a day, `count` of them until now.
  SeriesId add(std::string_view to, std::string_view path, std::string_view metric, int count) {
    const auto made = *store(to)->catalog().resolve_metric(
        {device_id("000001"), *Path::parse(path), *MetricId::parse(metric)}, "", "",
        MetricType::kNumericScalar);
    Append append;
    for (int i = count; i > 0; --i) append.samples.append(made.series, to_us(kNow) - i * kDayUs, i);
    EXPECT_TRUE(store(to)->samples().append({&append, 1})[0]);
    return made.series;
  }
  std::size_t left(std::string_view of, SeriesId series) {
    return *store(of)->samples().count(series, {std::numeric_limits<std::int64_t>::min(),
                                                std::numeric_limits<std::int64_t>::max()});
  }
  static RetentionRule rule(hours keep, std::string_view path = "",
                            std::optional<MetricId> metric = {}) {
    return {{std::nullopt, *Path::parse(path), std::move(metric), false}, keep};
  }
  static Principal who(Role role) { return {role, tenant("100000"), std::nullopt, "ada", false}; }

  RetentionOptions options_;
  ManualClock clock_{kNow};
  telemetry::Telemetry telemetry_;
  MemoryTenantDirectory directory_;
  int steps_ = 0;
  std::vector<std::size_t> slices_;
  std::function<Result<>(const TenantId&)> before_step_ = [](const TenantId&) -> Result<> {
    return {};
  };
  std::unique_ptr<RetentionService> service_;

  RetentionService& service() {
    if (!service_) {
      service_ = std::make_unique<RetentionService>(
          directory_, clock_, telemetry_,
          [this](const TenantId& id, std::span<const Expiry> expiries) -> Result<bool> {
            ++steps_;
            slices_.push_back(expiries.size());
            MW_TRY(before_step_(id));
            MW_ASSIGN(const auto opened, directory_.open_for_service(id));
            return opened->samples().expire(expiries);
          },
          options_);
    }
    return *service_;
  }
};

TEST_F(RetentionServiceTest, EachMetricIsKeptAsItsRuleSays) {
  const SeriesId plain = add("100000", "line", "t", 100);
  const SeriesId vibration = add("100000", "line", "vibration.x", 100);
  const SeriesId energy = add("100000", "", "energy", 100);
  const SeriesId other = add("100001", "", "t", 100);
  const Principal admin = who(Role::kAdministrator);
  ASSERT_TRUE(service().put(admin, tenant("100000"), rule(days(30))));
  ASSERT_TRUE(
      service().put(admin, tenant("100000"), rule(days(2), "", *MetricId::parse("vibration"))));
  ASSERT_TRUE(
      service().put(admin, tenant("100000"), rule(hours(0), "", *MetricId::parse("energy"))));
  service().run_round();
  EXPECT_EQ(left("100000", plain), 30u);
  EXPECT_EQ(left("100000", vibration), 2u);
  EXPECT_EQ(left("100000", energy), 100u);
  EXPECT_EQ(left("100001", other), 100u);
  clock_.advance(days(1));
  service().run_round();
  EXPECT_EQ(left("100000", plain), 29u);
  EXPECT_NE(telemetry_.exposition().find("millwright_retention_removed_samples_total 170"),
            std::string::npos);
}

TEST_F(RetentionServiceTest, ThePreviewTellsAndRemovesNothing) {
  const SeriesId series = add("100000", "line", "t", 100);
  add("100000", "other", "t", 100);
  const Principal engineer = who(Role::kEngineer);
  EXPECT_EQ(service().preview(engineer, tenant("100000"))->samples, 0u);
  const auto supposed = *service().preview(engineer, tenant("100000"), rule(days(30), "line"));
  EXPECT_EQ(supposed.samples, 70u);
  EXPECT_EQ(supposed.first_us, to_us(kNow) - 100 * kDayUs);
  EXPECT_EQ(supposed.last_us, to_us(kNow) - 31 * kDayUs);
  EXPECT_EQ(preview_words(supposed), "will delete 1.1 kB, all before 2023-10-15");
  EXPECT_EQ(left("100000", series), 100u);
  ASSERT_TRUE(service().put(who(Role::kAdministrator), tenant("100000"), rule(days(30), "line")));
  EXPECT_EQ(service().preview(engineer, tenant("100000"))->samples, 70u);
  const auto replaced = *service().preview(engineer, tenant("100000"), rule(days(90), "line"));
  EXPECT_EQ(replaced.samples, 10u);
  EXPECT_EQ(preview_words(*service().preview(engineer, tenant("100000"), rule(hours(0), "line"))),
            "will delete nothing");
}

TEST_F(RetentionServiceTest, RemovalComesInSmallStepsAndTouchesNoSeriesWithoutNeed) {
  options_.series_a_step = 4;
  for (int i = 0; i < 10; ++i) add("100000", "old", "m" + std::to_string(i), 5);
  for (int i = 0; i < 10; ++i) add("100000", "young", "m" + std::to_string(i), 1);
  ASSERT_TRUE(service().put(who(Role::kAdministrator), tenant("100000"), rule(days(2))));
  service().run_round();
  EXPECT_GT(steps_, 3);
  for (const std::size_t size : slices_) EXPECT_LE(size, 4u);
  steps_ = 0;
  service().run_round();
  EXPECT_EQ(steps_, 0);
}

TEST_F(RetentionServiceTest, ATenantThatFailsHoldsUpNoOther) {
  const SeriesId here = add("100000", "", "t", 10);
  const SeriesId there = add("100001", "", "t", 10);
  for (const char* id : {"100000", "100001"}) {
    ASSERT_TRUE(store(id)->catalog().put_retention_rule(rule(days(2))));
  }
  before_step_ = [](const TenantId& id) -> Result<> {
    if (id == tenant("100000")) return unavailable("the disk is away");
    return {};
  };
  service().run_round();
  EXPECT_EQ(left("100000", here), 10u);
  EXPECT_EQ(left("100001", there), 2u);
  EXPECT_NE(telemetry_.exposition().find("millwright_retention_failures_total 1"),
            std::string::npos);
  before_step_ = [](const TenantId&) -> Result<> { return {}; };
  service().run_round();
  EXPECT_EQ(left("100000", here), 2u);
}

TEST_F(RetentionServiceTest, OnlyAdministratorsChangeAndOnlyEngineersSee) {
  const auto code = [](const auto& result) { return result ? ErrorCode{} : result.error().code; };
  for (const Role role : {Role::kViewer, Role::kTechnician}) {
    EXPECT_EQ(code(service().rules(who(role), tenant("100000"))), ErrorCode::kPermissionDenied);
    EXPECT_EQ(code(service().preview(who(role), tenant("100000"))), ErrorCode::kPermissionDenied);
  }
  const Principal engineer = who(Role::kEngineer);
  EXPECT_TRUE(service().rules(engineer, tenant("100000")));
  EXPECT_EQ(code(service().put(engineer, tenant("100000"), rule(days(1)))),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(service().remove(engineer, tenant("100000"), rule(days(1)).scope)),
            ErrorCode::kPermissionDenied);
  const Principal admin = who(Role::kAdministrator);
  EXPECT_EQ(code(service().put(admin, tenant("100001"), rule(days(1)))), ErrorCode::kNotFound);
  EXPECT_EQ(code(service().rules(admin, tenant("100001"))), ErrorCode::kNotFound);
  EXPECT_EQ(code(service().remove(admin, tenant("100000"), rule(days(1)).scope)),
            ErrorCode::kNotFound);
}

TEST_F(RetentionServiceTest, TheDefaultIsListedUntilTheTenantHasItsOwn) {
  const Principal admin = who(Role::kAdministrator);
  auto listed = *service().rules(admin, tenant("100000"));
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_TRUE(listed[0].is_default);
  EXPECT_TRUE(listed[0].rule.scope.waveforms_only);
  EXPECT_EQ(listed[0].rule.keep, hours(48));
  ASSERT_TRUE(service().put(admin, tenant("100000"), {listed[0].rule.scope, hours(72)}));
  listed = *service().rules(admin, tenant("100000"));
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_FALSE(listed[0].is_default);
  EXPECT_EQ(listed[0].rule.keep, hours(72));
}

TEST_F(RetentionServiceTest, TheWorkerGoesRoundByItself) {
  options_.first_after = std::chrono::seconds(0);
  const SeriesId series = add("100000", "", "t", 10);
  ASSERT_TRUE(store("100000")->catalog().put_retention_rule(rule(days(2))));
  std::promise<void> began;
  before_step_ = [&, told = false](const TenantId&) mutable -> Result<> {
    if (!std::exchange(told, true)) began.set_value();
    return {};
  };
  service().start();
  began.get_future().wait();
  service().stop();  // the step under way is done first
  EXPECT_EQ(left("100000", series), 2u);
  service().stop();
}

}  // namespace
}  // namespace millwright
