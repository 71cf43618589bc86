#include "apps/millwright/commands/backtest_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace millwright {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;

/// Of a day: one alarm 90 minutes ahead of a label, one that is false.
backtest::Report report() {
  const DeviceId device = *DeviceId::parse("000001");
  const Path path = *Path::parse("line.press");
  const MetricId metric = *MetricId::parse("temperature");
  backtest::Report out;
  out.period = {0, 24 * kHour};
  out.metrics = 1;
  out.samples = 1'440;
  out.watched = std::chrono::hours(24);
  out.alarms = {{device, path, metric, "point", from_us(2 * kHour), from_us(3 * kHour), "far off"},
                {device, path, {}, "relation", from_us(10 * kHour), {}, "no longer fits"}};
  out.labels = {{7, device, path, {}, "worn", "eve", "", from_us(11 * kHour + kHour / 2), {}, {}}};
  out.score = backtest::score_alarms(
      std::vector<std::int64_t>{2 * kHour, 10 * kHour},
      std::vector<backtest::LabelledSpan>{{11 * kHour + kHour / 2, 12 * kHour, "worn"}},
      [](std::size_t, std::size_t) { return true; }, {4 * kHour, 24 * kHour});
  return out;
}

TEST(BacktestReport, TheTableSaysWhatWasFoundHowLongAheadAndHowOftenItWasWrong) {
  const std::string table = to_table(report(), 50);
  EXPECT_NE(table.find("2 alarms: 1 for an event, 1 false, 7.00 a week and machine, 0 set aside"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("1970-01-01T11:30Z  1 h 30 min ahead, 1 alarm"), std::string::npos) << table;
  EXPECT_NE(table.find("1970-01-01T02:00Z  false"), std::string::npos) << table;
  EXPECT_EQ(table.find("--json"), std::string::npos);
  EXPECT_NE(to_table(report(), 1).find("... and 1 more"), std::string::npos);
}

TEST(BacktestReport, TheJsonHasEveryAlarmAndEvent) {
  const auto json = nlohmann::json::parse(to_json_line(report()));
  EXPECT_EQ(json["false_alarms"], 1);
  EXPECT_EQ(json["classes"]["worn"]["median_lead_s"], 5'400.0);
  EXPECT_EQ(json["events"][0]["first_alarm"], 1);
  EXPECT_EQ(json["events"][0]["label"], 7);
  EXPECT_EQ(json["alarms"][1]["verdict"], "hit");
  EXPECT_TRUE(json["alarms"][1]["metric"].is_null());
  EXPECT_EQ(json["alarms"][0]["end"], "1970-01-01T03:00:00.000000Z");
}

TEST(BacktestReport, WithoutSamplesOrLabelsItSaysSo) {
  EXPECT_NE(to_table({}, 50).find("no samples"), std::string::npos);
  EXPECT_TRUE(nlohmann::json::parse(to_json_line({}))["false_alarms_a_week"].is_null());
  backtest::Report unlabelled = report();
  unlabelled.labels.clear();
  unlabelled.score = backtest::score_alarms(std::vector<std::int64_t>{2 * kHour, 10 * kHour}, {},
                                            {}, {kHour, 24 * kHour});
  EXPECT_NE(to_table(unlabelled, 50).find("no labelled event"), std::string::npos);
}

}  // namespace
}  // namespace millwright
