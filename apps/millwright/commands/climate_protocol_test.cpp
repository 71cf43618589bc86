// The occupancy_uci protocol on a made room, in the files' own format.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "apps/millwright/commands/protocol_test_folder.h"
#include "apps/millwright/commands/protocols.h"

namespace millwright {
namespace {

class ClimateProtocolTest : public testing::DataFolderTest {
 protected:
  Result<EvaluationReport> evaluate() const {
    return evaluate_occupancy_uci({.name = "occupancy_uci", .data = folder_, .train = {}});
  }
  /// The header has no name for the first column, as in the original.
  std::string header_ =
      "\"date\",\"Temperature\",\"Humidity\",\"Light\",\"CO2\",\"HumidityRatio\",\"Occupancy\"\n";
};

/// A row a minute from 2015-02-02 on: days with a warm noon, light by day, and noise.
std::string room(int days) {
  std::mt19937 random(1);
  std::normal_distribution<double> noise;
  std::string text;
  for (int i = 0; i < days * 1440; ++i) {
    const double hour = 2 * 3.14159265358979 * (i % 1440) / 1440;
    const double temperature = 21 - 1.5 * std::cos(hour) + 0.02 * noise(random);
    const double humidity = 27 + 2 * std::sin(hour) + 0.05 * noise(random);
    const bool is_day = i % 1440 > 480 && i % 1440 < 1080;
    char row[160];
    std::snprintf(
        row, sizeof row, "\"%d\",\"2015-02-%02d %02d:%02d:00\",%.3f,%.3f,%.1f,%.2f,%.8f,%d\n", i,
        2 + i / 1440, i / 60 % 24, i % 60, temperature, humidity,
        is_day ? 450 + 5 * noise(random) : 0.0, 600 - 100 * std::cos(hour) + 3 * noise(random),
        6e-6 * humidity * std::exp(0.062 * temperature), is_day ? 1 : 0);
    text += row;
  }
  return text;
}

TEST_F(ClimateProtocolTest, CountsAlarmsWithoutAFaultAndFaultsFound) {
  write("datatraining.txt", header_ + room(4));
  const auto report = evaluate();
  ASSERT_TRUE(report) << report.error().message;
  const ProtocolResult& result = report->protocols.at(0);
  EXPECT_EQ(result.n, 200u);  // five metrics, forty faults each
  EXPECT_EQ(result.tier, "always_on");
  EXPECT_NEAR(result.metrics.at("days"), 4.0, 0.01);
  EXPECT_LE(result.metrics.at("alarms_per_metric"), 1.0);
  EXPECT_GT(result.metrics.at("recall"), 0.6);
  EXPECT_GT(result.metrics.at("recall_dropped"), 0.9);
  EXPECT_GT(result.metrics.at("recall_HumidityRatio"), result.metrics.at("recall_Light"));
  EXPECT_EQ(result.baseline.at("recall"), 0.0);
}

TEST_F(ClimateProtocolTest, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(evaluate().error().code, ErrorCode::kNotFound);
  write("datatest.txt", header_ + "\"1\",\"2015-02-02 00:00:00\",21,27,0,600,0.004,0\n");
  EXPECT_EQ(evaluate().error().code, ErrorCode::kInvalidArgument);  // shorter than a day
  write("datatest.txt", "\"date\",\"Temperature\"\n");
  EXPECT_EQ(evaluate().error().code, ErrorCode::kInvalidArgument);
  write("datatest.txt", header_ + "\"1\",\"2015-02-02 00:00:00\",warm,27,0,600,0.004,0\n");
  const auto refused = evaluate();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("line 2"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace millwright
