// The nab protocol on a small corpus in the files' own format.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "apps/millwright/commands/protocol_test_folder.h"
#include "apps/millwright/commands/protocols.h"

namespace millwright {
namespace {

class NabProtocolTest : public testing::DataFolderTest {
 protected:
  Result<EvaluationReport> evaluate() const {
    return evaluate_nab({.name = "nab", .data = folder_, .train = {}});
  }
};

/// Five minutes a row from 2014-04-01 on; row 2000 is on 2014-04-07 at 22:40.
std::string hot_at_row_2000() {
  std::mt19937 random(1);
  std::normal_distribution<double> noise;
  std::string text = "timestamp,value\n";
  for (int i = 0; i < 4000; ++i) {
    char row[64];
    std::snprintf(row, sizeof row, "2014-04-%02d %02d:%02d:00,%.3f\n", 1 + i / 288, i % 288 / 12,
                  i % 12 * 5, 20.0 + 0.1 * noise(random) + (i >= 2000 && i < 2040 ? 5.0 : 0.0));
    text += row;
  }
  return text;
}

TEST_F(NabProtocolTest, FindsAWindowAndScoresItAgainstSilenceAndEvenAlarms) {
  write("real/machine_temperature_x.csv", hot_at_row_2000());
  write("labels/combined_windows.json",
        R"({"real/machine_temperature_x.csv":
            [["2014-04-07 22:00:00.000000", "2014-04-08 06:00:00.000000"]]})");
  const auto report = evaluate();
  ASSERT_TRUE(report) << report.error().message;
  const ProtocolResult& result = report->protocols.at(0);
  EXPECT_EQ(result.n, 1u);
  EXPECT_GT(result.metrics.at("standard"), 60.0);
  EXPECT_EQ(result.metrics.at("machine_temperature_found"), 1.0);
  EXPECT_EQ(result.baseline.at("standard"), 0.0);
  EXPECT_LT(result.baseline.at("standard_evenly_spaced"), result.metrics.at("standard"));
}

TEST_F(NabProtocolTest, SaysWhatIsWrongWithTheFolder) {
  EXPECT_EQ(evaluate().error().code, ErrorCode::kNotFound);
  write("labels/combined_windows.json", "[1, 2]");
  EXPECT_EQ(evaluate().error().code, ErrorCode::kInvalidArgument);
  write("labels/combined_windows.json", R"({"real/x.csv": [["2014-04-07 22:00:00"]]})");
  write("real/x.csv", "timestamp,value\n2014-04-07 22:00:00,1\n");
  EXPECT_EQ(evaluate().error().code, ErrorCode::kInvalidArgument);
  write("real/x.csv", "timestamp,value\n2014-04-07 22:00:00,warm\n");
  const auto refused = evaluate();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("line 2"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace millwright
