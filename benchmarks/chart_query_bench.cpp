/// chart.query_day_ms: the median time of the query behind a chart, one metric over a day at one
/// sample a second to 1,000 columns, through the analytics service on the embedded store.
/// numeric_scalar.raw_day_ms beside it: the same day as 86,400 values, the way of the old clients.

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "analytics/analytics_service.h"
#include "base/clock.h"
#include "figures.h"
#include "messaging/inprocess/inprocess_bus.h"
#include "registry/memory/memory_model_registry.h"
#include "storage/sqlite/sqlite_tenant_directory.h"

namespace millwright {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDay = 86'400;
constexpr int kRounds = 101;

using bench::must;

struct TemporaryFolder {
  TemporaryFolder()
      : path(std::filesystem::temp_directory_path() /
             ("millwright_chart_bench." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

/// A day of a wandering temperature, in commits of a minute as a device sends it, then as the
/// store keeps it once its housekeeping is done.
void fill(TenantStore& store, std::int64_t start_us) {
  const DeviceId device = must(DeviceId::parse("000001"));
  must(store.catalog().add_device(
      Device{device, "bench", "Europe/Zurich", {}, {}, "", "", DeviceStatus::kOnline, {}, {}}));
  const Metric metric = must(store.catalog().resolve_metric(
      MetricKey{device, must(Path::parse("")), must(MetricId::parse("temperature"))}, "°C", "",
      MetricType::kNumericScalar));
  for (std::int64_t minute = 0; minute < kDay / 60; ++minute) {
    Append append;
    for (std::int64_t s = 60 * minute; s < 60 * (minute + 1); ++s) {
      const double value = 20 + 3 * std::sin(static_cast<double>(s) / 7'000) +
                           0.2 * std::sin(static_cast<double>(s) * 12.9898);
      append.samples.append(metric.series, start_us + s * kSecondUs, std::round(value * 100) / 100);
    }
    must(store.samples().append({&append, 1}).front());
  }
  must(store.samples().settle());
}

double median_ms(AnalyticsService& service, const Principal& principal,
                 const GraphqlRequest& request) {
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) {
    const auto started = bench::Steady::now();
    const GraphqlReply reply = service.execute(principal, request);
    times.push_back(bench::ms_since(started));
    if (reply.body.size() < 10'000 || reply.body.find("\"errors\"") != std::string::npos) {
      std::fprintf(stderr, "unexpected answer: %s\n", reply.body.substr(0, 500).c_str());
      std::exit(1);
    }
  }
  return bench::median(std::move(times));
}

int run() {
  const TemporaryFolder folder;
  const SystemClock clock;
  auto directory = must(SqliteTenantDirectory::open(folder.path));
  const TenantId tenant = must(TenantId::parse("100000"));
  must(directory->create(tenant));
  auto store = must(directory->open_for_service(tenant));
  fill(*store, to_us(must(parse_utc("2026-06-01T00:00:00Z"))));

  InprocessBus bus;
  MemoryModelRegistry registry(clock);
  RegistryModelRunner models(registry);
  telemetry::Telemetry telemetry;
  AnalyticsService service(*directory, bus, models, clock, telemetry);
  const Principal viewer{Role::kViewer, tenant, {}, "bench"};

  const GraphqlRequest chart{
      "{ series(tenantIdentifier: \"100000\", deviceIdentifier: \"000001\", metricIdentifier: "
      "[\"temperature\"], start: \"2026-06-01T00:00:00Z\", end: \"2026-06-01T23:59:59Z\", pixels: "
      "1000) { metricIdentifier unit columnUs t min max avg count } }",
      std::nullopt,
      {}};
  const GraphqlRequest raw{
      "{ numericScalar(body: { tenantIdentifier: \"100000\", deviceIdentifier: \"000001\", "
      "metricIdentifier: [\"temperature\"], start: \"2026-06-01T00:00:00Z\", end: "
      "\"2026-06-01T23:59:59Z\" }) { metricIdentifier unit values { value timestampLocal } } }",
      std::nullopt,
      {}};
  bench::print_figure("chart.query_day_ms", median_ms(service, viewer, chart), "ms");
  bench::print_figure("numeric_scalar.raw_day_ms", median_ms(service, viewer, raw), "ms");
  return 0;
}

}  // namespace
}  // namespace millwright

int main() { return millwright::run(); }
