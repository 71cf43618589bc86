#pragma once
/// A tenant with something in every table, and what a move makes of it. For tests only.

#include <gtest/gtest.h>

#include <limits>

#include "postgres/testing/test_cluster.h"
#include "storage/postgres/postgres_tenant_directory.h"
#include "storage/postgres/tenant_move.h"
#include "storage/postgres/tenant_tables.h"
#include "storage/testing/store_under_test.h"

namespace millwright::testing {

using postgres::testing::TestCluster;

inline constexpr EpochId kEpoch{7};
inline constexpr std::int64_t kDayUs = 86'400'000'000;

/// Values that a decimal detour, a comparison or a sum would not tell apart.
inline SampleColumns extremes() {
  using Limits = std::numeric_limits<double>;
  SampleColumns out;
  const std::vector<double> values{
      -0.0,    0.0, 1e308,     -1e308, Limits::max(), Limits::denorm_min(),
      -5e-324, 0.1, 1.0 / 3.0, 1e-308, Limits::min(), Limits::epsilon(),
      2.0};
  for (std::size_t i = 0; i < values.size(); ++i) {
    out.append(static_cast<std::int64_t>(i) * kDayUs / 3, values[i]);  // over five days
  }
  out.append(-5, 1.5);                   // before 1970
  out.append(90'000 * kDayUs, 2.5);      // after 2200
  out.append(20'000 * kDayUs + 7, 3.5);  // long after the others
  return out;
}

class TenantMoveTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (TestCluster::instance() == nullptr) GTEST_SKIP() << TestCluster::why_not();
    drop_all();
    hub_ = open("hub-a:50051");
    ASSERT_TRUE(hub_->create(tenant_));
    store_ = hub_->open_for_service(tenant_).value();
    fill();
  }
  void TearDown() override {
    store_.reset();
    hub_.reset();
    if (TestCluster::instance() != nullptr) drop_all();
  }

  static std::string at(const std::string& database) {
    return TestCluster::instance()->database(database);
  }
  static postgres::Connection connect(const std::string& database) {
    auto opened = postgres::Connection::open(at(database));
    MW_CHECK(opened.has_value());
    return std::move(opened).value();
  }
  static std::unique_ptr<PostgresTenantDirectory> open(const std::string& holder) {
    auto opened = PostgresTenantDirectory::open(at("mw"), holder);
    MW_CHECK(opened.has_value());
    return std::move(opened).value();
  }
  static void drop_all() {
    TestCluster::instance()->drop({"mw", "tenant_100000", "moved_100000", "elsewhere"});
  }

  TenantMove order() const { return {tenant_, at("mw"), at("moved_100000"), false}; }
  static void ignore(const std::string&, std::int64_t) {}
  Result<MovedTenant> move() const { return move_tenant(order(), ignore); }
  /// Does something when the table has been copied, in the middle of the move.
  Result<MovedTenant> move_and_when(const std::string& table,
                                    const std::function<void()>& act) const {
    bool is_done = false;
    return move_tenant(order(), [&](const std::string& copied, std::int64_t) {
      if (copied == table && !std::exchange(is_done, true)) act();
    });
  }

  /// Where the directory says that the tenant lives.
  static std::string entry() {
    auto connection = connect("mw");
    return connection.query("SELECT connection FROM tenants").value().text(0, 0);
  }
  /// Every row of a table as PostgreSQL writes it, sorted.
  static std::vector<std::string> rows(postgres::Connection& connection, const std::string& table) {
    const auto found = connection.query_built("SELECT t::text COLLATE \"C\" AS row FROM " + table +
                                              " t ORDER BY row");
    MW_CHECK(found.has_value());
    std::vector<std::string> out;
    for (std::size_t i = 0; i < found->size(); ++i) out.push_back(found->text(i, 0));
    return out;
  }
  static std::vector<std::string> all_tables() {
    std::vector<std::string> out{"numeric_scalar_values"};
    for (const char* table : pg::sample_tables()) out.emplace_back(table);
    for (const char* table : pg::catalog_tables()) out.emplace_back(table);
    return out;
  }
  static StreamKey stream() { return {device_id("000001"), StreamClass::kTelemetry}; }
  Device device(const char* id) const {
    return {device_id(id), "press, \"left\" ö",    "Europe/Berlin", -0.0,       51.5, "Ulm",
            "DE",          DeviceStatus::kUnknown, from_us(18),     from_us(17)};
  }
  Append sample(std::uint64_t record) const {
    Append out;
    out.samples.append(kOther, static_cast<std::int64_t>(record) * 1'000, 0.5);
    out.advance = EpochAdvance{stream(), kEpoch, 1, record, record, record, 1, from_us(3), "no"};
    return out;
  }

  void fill();

  const TenantId tenant_ = tenant_id("100000");
  std::unique_ptr<PostgresTenantDirectory> hub_;
  std::shared_ptr<TenantStore> store_;  // as a running hub has it
};

inline void TenantMoveTest::fill() {
  TenantCatalog& catalog = store_->catalog();
  ASSERT_TRUE(catalog.add_device(device("000001")));
  ASSERT_TRUE(catalog.add_device(device("000002")));
  const Path path = path_of("line1.press");
  for (const char* name : {"temperature", "speed", "vibration"}) {
    ASSERT_TRUE(catalog.resolve_metric({device_id("000001"), path, *MetricId::parse(name)}, "K",
                                       name, MetricType::kNumericScalar));
  }
  ASSERT_TRUE(catalog.append_event({0, device_id("000001"), "gap", "it's \\ gone", from_us(5)}));
  Anomaly anomaly{0,       kSeries,    {device_id("000001"), path, *MetricId::parse("temperature")},
                  "point", from_us(8), std::nullopt,
                  5e-324,  "spike"};
  ASSERT_TRUE(catalog.put_anomaly(anomaly));
  const Prediction prediction{device_id("000002"),
                              path,
                              PredictionKind::kFaultClass,
                              "gear",
                              "1",
                              from_us(2),
                              "worn",
                              1.0 / 3.0,
                              {},
                              {},
                              1e308,
                              "h",
                              "tooth 3"};
  ASSERT_TRUE(catalog.put_prediction(prediction));
  ASSERT_TRUE(catalog.put_retention_rule({{{}, path_of(""), {}, false}, std::chrono::hours(48)}));
  ASSERT_TRUE(catalog.put_retention_rule(
      {{device_id("000001"), path, *MetricId::parse("speed"), true}, std::chrono::hours(0)}));
  ASSERT_TRUE(
      catalog.create_label({0, device_id("000001"), path, *MetricId::parse("speed"), "service",
                            "anna", "bearing changed", from_us(1), std::nullopt, from_us(7)}));
  ASSERT_TRUE(
      catalog.create_degradation_limit({0,
                                        {device_id("000001"), path, *MetricId::parse("speed")},
                                        1.0 / 3.0,
                                        LimitSide::kBelow,
                                        "anna",
                                        "it's worn",
                                        from_us(9)}));
  ASSERT_TRUE(catalog.put_state("detector/1", std::string_view("\0\xFF\n\\x", 5)));

  SampleStore& samples = store_->samples();
  ASSERT_TRUE(samples.open_session(stream(), 1));
  Append first = sample(1);
  first.samples.append(kSeries, extremes());
  first.waveforms.push_back({SeriesId{3}, {1'000, 25'600.0, {-0.0F, 1e-45F, 3e38F, 0.1F}}});
  first.dictionary.push_back({4, kSeries});
  first.quarantine.push_back({1, "unreadable", std::string("\0\x80", 2)});
  const Append second = sample(2);
  Append gap = sample(3);
  gap.gap = DeclaredGap{stream(), kEpoch, 3, 3, 9, "journal was deleted", from_us(6)};
  const auto appends = {first, second, gap};
  for (const Append& append : appends) {
    const auto stored = samples.append({&append, 1});
    ASSERT_TRUE(stored[0]) << stored[0].error().message << stored[0].error().detail;
    if (&append == appends.begin()) {
      ASSERT_TRUE(samples.settle());  // the others come late
    }
  }
  // No code of ours writes these yet.
  auto database = connect("tenant_100000");
  ASSERT_TRUE(
      database.execute("INSERT INTO numeric_array_values VALUES (1, 2, '{2}', '{-0,5e-324}');"
                       "INSERT INTO text_values VALUES (1, 2, 'text');"
                       "INSERT INTO binary_values VALUES (1, 2, 'image/png', '\\x00ff');"));
}

}  // namespace millwright::testing
