#pragma once
/// The analytics API over the tenants' stores: `schema.graphql`, answered.
///
/// Source of the schema: src/analytics/schema.graphql, built into this library. What each field
/// means, its limits and its errors: docs/analytics-api.md.

#include <chrono>
#include <memory>

#include "analytics/back_tests.h"
#include "analytics/model_runner.h"
#include "analytics/service.h"
#include "base/clock.h"
#include "graphql/engine.h"
#include "messaging/bus.h"
#include "storage/tenant_directory.h"
#include "telemetry/telemetry.h"

namespace millwright {

struct AnalyticsLimits {
  std::size_t raw_points = 200'000;   ///< samples, buckets and columns of one answer, all fields
  std::size_t metrics = 1'000;        ///< metric identifiers in one request
  std::size_t devices = 1'000;        ///< device identifiers in one request
  std::size_t pixels = 4'000;         ///< columns of `series`
  std::size_t rows = 1'000;           ///< `limit` of events, anomalies and labels
  std::size_t live_pending = 20'000;  ///< samples that wait for one subscriber
  std::uint64_t back_test_samples = 20'000'000;  ///< that one back-test replays
  std::chrono::milliseconds back_test_time{30'000};
  std::chrono::milliseconds live_interval{100};  ///< between two messages of a subscription
  graphql::Limits language;
};

/// Threads: any. Everything handed to the constructor outlives the service; destroying the service
/// completes its subscriptions.
class AnalyticsService final : public GraphqlService {
 public:
  AnalyticsService(TenantDirectory& directory, Bus& bus, ModelRunner& models, const Clock& clock,
                   telemetry::Telemetry& telemetry, AnalyticsLimits limits = {},
                   BackTester back_tester = {});
  ~AnalyticsService() override;

  GraphqlReply execute(const Principal& principal, const GraphqlRequest& request) override;
  SubscribeReply subscribe(const Principal& principal, const GraphqlRequest& request,
                           GraphqlObserver observer) override;
  GraphqlOperation operation(const GraphqlRequest& request) const override;
  std::string_view schema() const override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace millwright
