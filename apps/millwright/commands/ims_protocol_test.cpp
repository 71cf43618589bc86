// The ims_bearings protocol on a small data set in the files' own format, made from a seed.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "apps/millwright/commands/protocol_test_folder.h"
#include "apps/millwright/commands/protocols.h"

namespace millwright {
namespace {

class ImsProtocolTest : public testing::DataFolderTest {
 protected:
  EvaluateOptions options() const { return {.name = "test", .data = folder_, .train = {}}; }
  static std::string two(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }
  static std::string cell(double value) { return "," + std::to_string(value); }
  double noisy(double value) { return value * std::exp(0.01 * noise_(random_)); }

  /// Test 3 of the rig, whose bearing 3 fails: `hours_of_wear` before the end it begins to rise.
  std::string rig(double hours_of_wear) {
    std::string text = ",Bearing 1,Bearing 2,Bearing 3,Bearing 4\n";
    constexpr int kRows = 900;
    for (int row = 0; row < kRows + 3; ++row) {
      text += "2004-03-" + two(1 + row / 144) + " " + two(row / 6 % 24) + ":" +
              two(10 * (row % 6)) + ":00";
      const double wear = std::max(0.0, hours_of_wear - (kRows - row) / 6.0) * 0.02;
      for (int bearing = 1; bearing <= 4; ++bearing) {
        const double level = 0.06 * std::exp(bearing == 3 ? wear : 0.0);
        text += cell(row < kRows ? noisy(level) : 0.001);
      }
      text += '\n';
    }
    return text;
  }

  std::mt19937 random_{1};
  std::normal_distribution<double> noise_;
};

TEST_F(ImsProtocolTest, RigWarnsOfTheBearingThatFailsAndOfNoOther) {
  write("merged_dataset_BearingTest_3.csv.gz", rig(50.0));
  const auto report = evaluate_ims_bearings(options());
  ASSERT_TRUE(report) << report.error().message;
  const ProtocolResult& result = report->protocols.at(0);
  EXPECT_EQ(result.n, 4u);
  EXPECT_EQ(result.tier, "always_on");
  EXPECT_GT(result.metrics.at("warning_h_test3_bearing3"), 35.0);
  EXPECT_LE(result.metrics.at("warning_h_test3_bearing3"), 50.0);
  EXPECT_EQ(result.metrics.at("false_alarms"), 0.0);
  EXPECT_TRUE(result.baseline.contains("false_alarms"));
}

TEST_F(ImsProtocolTest, RigWithoutWearHasNoWarning) {
  write("merged_dataset_BearingTest_3.csv.gz", rig(0.0));
  const auto report = evaluate_ims_bearings(options());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->protocols.at(0).metrics.at("warning_h_test3_bearing3"), 0.0);
  EXPECT_EQ(report->protocols.at(0).metrics.at("false_alarms"), 0.0);
}

TEST_F(ImsProtocolTest, RigNamesAWrongCell) {
  write("merged_dataset_BearingTest_2.csv", ",Bearing 1\n2004-03-01 00:00,0.1\n");
  const auto report = evaluate_ims_bearings(options());
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("line 2"), std::string::npos);
}

}  // namespace
}  // namespace millwright
