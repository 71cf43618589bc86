#include "telemetry/telemetry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millwright::telemetry {
namespace {

using testing::HasSubstr;

TEST(Telemetry, WritesPrometheusText) {
  Telemetry telemetry;
  telemetry.counter("millwright_calls_total", "Calls", {{"method", "GET"}}).add();
  telemetry.counter("millwright_calls_total", "Calls", {{"method", "GET"}}).add(2);
  telemetry.gauge("millwright_queue_batches", "Queue").set(4);
  telemetry.histogram("millwright_commit_seconds", "Commit", {0.1, 1}).observe(0.5);
  const std::string text = telemetry.exposition();
  EXPECT_THAT(text, HasSubstr("millwright_calls_total{method=\"GET\"} 3"));
  EXPECT_THAT(text, HasSubstr("millwright_queue_batches 4"));
  EXPECT_THAT(text, HasSubstr("millwright_commit_seconds_bucket{le=\"1\"} 1"));
}

}  // namespace
}  // namespace millwright::telemetry
