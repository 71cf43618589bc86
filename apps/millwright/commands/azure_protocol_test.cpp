// azure_pdm on a small fleet in the data set's own format, made from a seed.
#include <gtest/gtest.h>

#include <random>

#include "apps/millwright/commands/protocol_test_folder.h"
#include "apps/millwright/commands/protocols.h"
#include "base/clock.h"

namespace millwright {
namespace {

constexpr int kMachines = 6;
constexpr int kDays = 100;

std::string hour_of(int hour) {
  const Timestamp start = parse_utc("2015-01-01 06:00:00").value();
  std::string text = format_utc(start + std::chrono::hours{hour}).substr(0, 19);
  text[10] = ' ';
  return text;
}

class AzureProtocolTest : public testing::DataFolderTest {
 protected:
  /// Component 2 fails at random days and is replaced at that moment; component 1 is replaced every
  /// tenth day and never fails. `foretold`: vibration is high for the day before.
  void write_fleet(bool foretold) {
    std::string machines = "machineID,model,age\n";
    std::string telemetry = "datetime,machineID,volt,rotate,pressure,vibration\n";
    std::string failures = "datetime,machineID,failure\n";
    std::string maint = "datetime,machineID,comp\n";
    std::string errors = "datetime,machineID,errorID\n" + hour_of(0) + ",1,error1\n";
    for (int machine = 1; machine <= kMachines; ++machine) {
      const std::string number = "," + std::to_string(machine) + ",";
      machines += std::to_string(machine) + ",model" + std::to_string(1 + machine % 4) + ",7\n";
      std::vector<bool> fails(kDays + 1);
      for (int day = 1; day < kDays; ++day) fails[day] = random_() % 15 == 0;
      for (int day = 0; day < kDays; ++day) {
        if (day % 10 == 0) maint += hour_of(24 * day) + number + "comp1\n";
        if (fails[day]) {
          failures += hour_of(24 * day) + number + "comp2\n";
          maint += hour_of(24 * day) + number + "comp2\n";
        }
        for (int hour = 0; hour < 24; ++hour) {
          const double raised = foretold && fails[day + 1] ? 30.0 : 0.0;
          telemetry += hour_of(24 * day + hour) + number + "170,450,100," +
                       std::to_string(40.0 + raised + noise_(random_)) + "\n";
        }
      }
    }
    write("PdM_machines.csv", machines);
    write("PdM_telemetry.csv", telemetry);
    write("PdM_failures.csv", failures);
    write("PdM_maint.csv", maint);
    write("PdM_errors.csv", errors);
  }
  EvaluateOptions options() const { return {.name = "test", .data = folder_, .train = {}}; }

  std::mt19937 random_{1};
  std::normal_distribution<double> noise_;
};

TEST_F(AzureProtocolTest, AForetoldFailureIsSeenOnMachinesThatDidNotTrain) {
  write_fleet(true);
  const auto report = evaluate_azure_pdm(options());
  ASSERT_TRUE(report) << report.error().message;
  const ProtocolResult& result = report->protocols.at(0);
  // Machines 1 and 6 are tested, from the 24th row on and while a day of record lies ahead.
  EXPECT_GT(result.n, 2u * 24u * 80u);
  EXPECT_LE(result.n, 2u * 24u * (kDays - 1));
  EXPECT_GT(result.metrics.at("auprc"), 0.9);
  EXPECT_EQ(result.baseline.at("auprc"), result.metrics.at("prevalence"));
  EvaluateOptions apart = options();
  apart.train = folder_;
  const auto other = evaluate_azure_pdm(apart);
  ASSERT_TRUE(other);
  EXPECT_GT(other->protocols.at(0).n, 2 * result.n);
}

TEST_F(AzureProtocolTest, AFailureWithoutForewarningIsNotForeseen) {
  write_fleet(false);
  const auto report = evaluate_azure_pdm(options());
  ASSERT_TRUE(report) << report.error().message;
  const auto& metrics = report->protocols.at(0).metrics;
  EXPECT_LT(metrics.at("auprc"), 2.0 * metrics.at("prevalence"));
}

TEST_F(AzureProtocolTest, LivesEndByFailureOrAreCensored) {
  write_fleet(false);
  const auto report = evaluate_azure_pdm(options());
  ASSERT_TRUE(report) << report.error().message;
  const auto& metrics = report->protocols.at(1).metrics;
  EXPECT_FALSE(metrics.contains("weibull_shape_comp1"));  // replaced, never failed
  // A failure a day with probability 1/15, whatever the age: shape 1, median 10 days.
  EXPECT_NEAR(metrics.at("weibull_shape_comp2"), 1.0, 0.4);
  EXPECT_NEAR(metrics.at("median_life_d_comp2"), 10.0, 4.0);
  EXPECT_LT(metrics.at("median_life_d_comp2_low"), metrics.at("median_life_d_comp2"));
  EXPECT_GT(metrics.at("median_life_d_comp2_high"), metrics.at("median_life_d_comp2"));
}

TEST_F(AzureProtocolTest, ABadFileIsNamedWithItsLine) {
  EXPECT_EQ(evaluate_azure_pdm(options()).error().code, ErrorCode::kNotFound);
  for (const auto& [name, row, part] :
       {std::tuple("PdM_errors.csv", "2015-01-01 06:00:00,1,error6", "error5"),
        std::tuple("PdM_errors.csv", "yesterday,1,error1", "yesterday"),
        std::tuple("PdM_maint.csv", "2015-01-01 06:00:00,99,comp1", "PdM_machines"),
        std::tuple("PdM_failures.csv", "2015-01-01 06:00:00,1,comp1.5", "comp4"),
        std::tuple("PdM_telemetry.csv", "2015-01-01 06:00:00,1,170,450,100,loud", "loud"),
        std::tuple("PdM_telemetry.csv", "2015-01-01 06:00:00,1", "columns")}) {
    write_fleet(true);
    std::ofstream(folder_ / name, std::ios::app) << row << '\n';
    const auto report = evaluate_azure_pdm(options());
    ASSERT_FALSE(report) << row;
    EXPECT_NE(report.error().message.find(name), std::string::npos) << report.error().message;
    EXPECT_NE(report.error().message.find("line "), std::string::npos) << report.error().message;
    EXPECT_NE(report.error().message.find(part), std::string::npos) << report.error().message;
  }
  write("PdM_machines.csv", "a,b\n");
  EXPECT_NE(evaluate_azure_pdm(options()).error().message.find("header"), std::string::npos);
}

}  // namespace
}  // namespace millwright
