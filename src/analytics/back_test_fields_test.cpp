#include <gtest/gtest.h>

#include <future>

#include "analytics/testing/analytics_fixture.h"

namespace millwright {
namespace {

using nlohmann::json;
using testing::AnalyticsFixture;
using testing::utc;

constexpr const char* kQuery =
    "query ($body: BackTestInput!) { backTest(body: $body) { start startLocal samples metrics "
    "watchedSeconds alarmCount falseAlarms falseAlarmsAWeek setAside events found missed "
    "classes { class events found missed medianLeadSeconds } "
    "eventList { alarms leadSeconds label { id class } } "
    "alarms { raised raisedLocal end verdict path metricIdentifier kind reason } } }";

/// A service whose tester remembers what it was asked and answers what the test says.
class BackTestFieldsTest : public ::testing::Test {
 protected:
  json run(const Principal& principal, const json& more = json::object()) {
    json body{{"tenantIdentifier", "100000"}, {"deviceIdentifier", "000001"}};
    body.update(more);
    return json::parse(
        service_.execute(principal, {kQuery, std::nullopt, json{{"body", body}}}).body);
  }
  Principal technician() const { return {Role::kTechnician, testing::tenant("100000"), {}, "tim"}; }
  static std::string code(const json& answer) {
    return answer.value("/errors/0/extensions/code"_json_pointer, "");
  }
  /// One alarm an hour ahead of label 7, one false.
  static backtest::Report report() {
    const auto device = testing::device("000001");
    const auto path = testing::path("conveyor.motor1");
    backtest::Report out;
    out.period = {testing::utc_us("2026-05-01T00:00:00Z"), testing::utc_us("2026-05-15T00:00:00Z")};
    out.metrics = 2;
    out.samples = 5'000'000'000;
    out.watched = std::chrono::days(14);
    out.alarms = {{device,
                   path,
                   {},
                   "relation",
                   utc("2026-05-03T08:00:00Z"),
                   utc("2026-05-03T09:00:00Z"),
                   "no longer fits"},
                  {device,
                   path,
                   *MetricId::parse("humidity"),
                   "point",
                   utc("2026-05-09T08:00:00Z"),
                   {},
                   "far off"}};
    out.labels = {{7, device, path, {}, "worn", "eve", "", utc("2026-05-03T09:00:00Z"), {}, {}}};
    const std::vector<std::int64_t> raised{to_us(out.alarms[0].raised),
                                           to_us(out.alarms[1].raised)};
    const std::vector<backtest::LabelledSpan> spans{
        {to_us(out.labels[0].start), testing::utc_us("2026-05-04T00:00:00Z"), "worn"}};
    out.score = backtest::score_alarms(raised, spans, [](std::size_t, std::size_t) { return true; },
                                       {7'200'000'000, out.watched.count()});
    return out;
  }

  AnalyticsFixture factory_;
  std::optional<backtest::Request> asked_;
  std::function<Result<backtest::Report>(std::stop_token)> answer_ = [](std::stop_token) {
    return report();
  };
  AnalyticsLimits limits_ = [] {
    AnalyticsLimits limits;
    limits.back_test_time = std::chrono::milliseconds(20);
    return limits;
  }();
  AnalyticsService service_{
      factory_.directory,
      factory_.bus,
      factory_.models,
      factory_.clock,
      factory_.telemetry,
      limits_,
      [this](TenantStore&, const backtest::Request& request, std::stop_token stop) {
        asked_ = request;
        return answer_(std::move(stop));
      }};
};

TEST_F(BackTestFieldsTest, TheReportIsAnsweredInTheDevicesTime) {
  const json answer = run(technician());
  ASSERT_FALSE(answer.contains("errors")) << answer.dump();
  const json& test = answer["data"]["backTest"];
  EXPECT_EQ(test["startLocal"], "2026-05-01T02:00:00");
  EXPECT_EQ(test["samples"], 5e9);
  EXPECT_EQ(test["falseAlarmsAWeek"], 0.5);
  EXPECT_EQ(test["classes"], json::parse(R"([{"class": "worn", "events": 1, "found": 1,
    "missed": 0, "medianLeadSeconds": 3600.0}])"));
  EXPECT_EQ(test["eventList"], json::parse(R"([{"alarms": 1, "leadSeconds": 3600.0,
    "label": {"id": "100000:7", "class": "worn"}}])"));
  EXPECT_EQ(test["alarms"][0], json::parse(R"({"raised": "2026-05-03T08:00:00Z",
    "raisedLocal": "2026-05-03T10:00:00", "end": "2026-05-03T09:00:00Z", "verdict": "HIT",
    "path": "conveyor.motor1", "metricIdentifier": null, "kind": "relation",
    "reason": "no longer fits"})"));
  EXPECT_EQ(test["alarms"][1]["verdict"], "FALSE");
  EXPECT_EQ(run(technician(), {{"limit", 1}})["data"]["backTest"]["alarms"].size(), 1U);
}

TEST_F(BackTestFieldsTest, WhatIsTriedIsReadFromTheBody) {
  run(technician());
  EXPECT_EQ(std::get<backtest::Detectors>(asked_->subject), backtest::Detectors::kAll);
  EXPECT_EQ(asked_->period, std::chrono::days(90));
  EXPECT_EQ(asked_->horizon, std::chrono::days(7));
  EXPECT_EQ(asked_->device->str(), "000001");
  EXPECT_EQ(asked_->most_samples, limits_.back_test_samples);

  run(technician(), {{"detector", "COURSES"},
                     {"days", 30},
                     {"horizonDays", 0.5},
                     {"path", "energy"},
                     {"metricIdentifier", "daily"},
                     {"classes", {"worn"}}});
  EXPECT_EQ(std::get<backtest::Detectors>(asked_->subject), backtest::Detectors::kCourses);
  EXPECT_EQ(asked_->period, std::chrono::days(30));
  EXPECT_EQ(asked_->horizon, std::chrono::hours(12));
  EXPECT_EQ(asked_->path.str(), "energy");
  EXPECT_EQ(asked_->metric->str(), "daily");
  EXPECT_EQ(asked_->classes, std::vector<std::string>{"worn"});

  run(technician(), {{"rule", {{"below", 2.5}, {"forSeconds", 60}}}});
  const auto rule = std::get<backtest::LimitRule>(asked_->subject);
  EXPECT_FALSE(rule.is_above);
  EXPECT_EQ(rule.limit, 2.5);
  EXPECT_EQ(rule.hold, std::chrono::minutes(1));

  run(technician(), {{"model", {{"name", "gear"}, {"version", 3}}}});
  EXPECT_EQ(std::get<backtest::ModelOnTrial>(asked_->subject).version, 3);
}

TEST_F(BackTestFieldsTest, WhatMakesNoSenseIsRefused) {
  for (const json& more :
       {json{{"rule", json::object()}}, json{{"rule", {{"above", 1}, {"below", 2}}}},
        json{{"rule", {{"above", 1}}}, {"detector", "ALL"}}, json{{"days", 0}}, json{{"days", 367}},
        json{{"horizonDays", -1}}, json{{"horizonDays", 91}}, json{{"limit", 0}},
        json{{"limit", 1'001}}, json{{"metricIdentifier", "no way"}},
        json{{"rule", {{"above", 1}, {"forSeconds", -1}}}}}) {
    EXPECT_EQ(code(run(technician(), more)), "invalid_argument") << more.dump();
  }
  EXPECT_FALSE(asked_);
  EXPECT_EQ(code(run(technician(), {{"deviceIdentifier", "000009"}})), "not_found");
  EXPECT_EQ(code(run(factory_.viewer())), "permission_denied");
  EXPECT_EQ(code(run(factory_.device_principal("000001"))), "permission_denied");
  const json elsewhere = json::parse(
      factory_.service
          .execute(
              technician(),
              {kQuery, std::nullopt,
               json{{"body", {{"tenantIdentifier", "100000"}, {"deviceIdentifier", "000001"}}}}})
          .body);
  EXPECT_EQ(code(elsewhere), "unavailable") << "a service without a tester";
}

TEST_F(BackTestFieldsTest, ATenantHasOneAtATime) {
  std::promise<void> started, end;
  answer_ = [&](std::stop_token) {
    started.set_value();
    end.get_future().wait();
    return report();
  };
  auto first = std::async(std::launch::async, [&] { return run(technician()); });
  started.get_future().wait();
  EXPECT_EQ(code(run(technician())), "resource_exhausted");
  end.set_value();
  EXPECT_FALSE(first.get().contains("errors"));
  answer_ = [](std::stop_token) { return report(); };
  EXPECT_FALSE(run(technician()).contains("errors")) << "the turn is given back";
}

TEST_F(BackTestFieldsTest, OneThatTakesTooLongIsStopped) {
  answer_ = [](std::stop_token stop) -> Result<backtest::Report> {
    std::promise<void> stopped;
    const std::stop_callback wake(stop, [&] { stopped.set_value(); });
    stopped.get_future().wait();
    return Error{ErrorCode::kCancelled, "stopped", ""};
  };
  const json answer = run(technician());
  EXPECT_EQ(code(answer), "deadline_exceeded");
  EXPECT_NE(answer.dump().find("fewer days"), std::string::npos);
}

}  // namespace
}  // namespace millwright
