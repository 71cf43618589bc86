// The ims_bearings protocol on a made run in the files' own format.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "apps/millwright/commands/protocol_test_folder.h"
#include "apps/millwright/commands/protocols.h"

namespace millwright {
namespace {

class BearingRunProtocolTest : public testing::DataFolderTest {
 protected:
  void write_run(const std::string& text) { write("merged_dataset_BearingTest_2.csv", text); }
  Result<EvaluationReport> evaluate() const {
    return evaluate_ims_bearings({.name = "ims_bearings", .data = folder_, .train = {}});
  }
};

/// Bearing 1 grows by 60 % in the last 300 of 1,000 rows of ten minutes; the rig is off for the
/// last five; a pause of a day lies before row 800.
std::string run_with_a_worn_bearing() {
  std::mt19937 random(1);
  std::normal_distribution<double> noise;
  std::string text = ",Bearing 1,Bearing 2,Bearing 3,Bearing 4\n";
  for (int i = 0; i < 1000; ++i) {
    const int minutes = 10 * i + (i >= 800 ? 1440 : 0);
    char time[40];
    std::snprintf(time, sizeof time, "2004-02-%02d %02d:%02d:39", 1 + minutes / 1440,
                  minutes / 60 % 24, minutes % 60);
    text += time;
    for (int b = 0; b < 4; ++b) {
      const double wear = b == 0 && i >= 700 ? 0.002 * (i - 700) : 0.0;
      const double level = i >= 995 ? 0.001 : 0.06 * (1.0 + wear) * (1.0 + 0.01 * noise(random));
      text += "," + std::to_string(level);
    }
    text += "\n";
  }
  return text;
}

TEST_F(BearingRunProtocolTest, CountsRunningHoursFromTheAlarmThatStays) {
  write_run(run_with_a_worn_bearing());
  const auto report = evaluate();
  ASSERT_TRUE(report) << report.error().message;
  const ProtocolResult& result = report->protocols.at(0);
  EXPECT_EQ(result.n, 4u);
  EXPECT_EQ(result.metrics.at("false_alarms"), 0.0);
  // Wear begins 295 rows, 49 h of running, before the end; the pause does not count.
  EXPECT_GT(result.metrics.at("warning_h_test2_bearing1"), 35.0);
  EXPECT_LT(result.metrics.at("warning_h_test2_bearing1"), 49.0);
  EXPECT_GT(result.baseline.at("false_alarms"), 0.0);
}

TEST_F(BearingRunProtocolTest, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(evaluate().error().code, ErrorCode::kNotFound);
  write_run(",Axle 1\n2004-02-01 00:00:39,1\n");
  EXPECT_EQ(evaluate().error().code, ErrorCode::kInvalidArgument);
  write_run(",Bearing 1,Bearing 2,Bearing 3\n2004-02-01 00:00:39,1,2\n");
  EXPECT_EQ(evaluate().error().code, ErrorCode::kInvalidArgument);
  write_run(",Bearing 1,Bearing 2,Bearing 3\n2004-02-01 00:00:39,1,2,3\n");
  EXPECT_EQ(evaluate().error().code, ErrorCode::kInvalidArgument);  // too short to learn from
}

}  // namespace
}  // namespace millwright
