// The pronostia protocol on a small data set in the files' own format, made from a seed.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "apps/millwright/commands/protocol_test_folder.h"
#include "apps/millwright/commands/protocols.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

class PronostiaProtocolTest : public testing::DataFolderTest {
 protected:
  EvaluateOptions options() const { return {.name = "test", .data = folder_, .train = {}}; }
  static std::string cell(double value) { return "," + std::to_string(value); }
  double noisy(double value) { return value * std::exp(0.01 * noise_(random_)); }

  std::string features(int snapshots) {
    std::string text = "snapshot,H_rms,H_peak,H_kurt,V_rms,V_peak,V_kurt\n";
    for (int i = 0; i < snapshots; ++i) {
      const double wear = 2.0 * std::pow(static_cast<double>(i) / snapshots, 4.0);
      text += std::to_string(i + 1);
      for (int axis = 0; axis < 2; ++axis) {
        text += cell(noisy(0.4 * std::exp(wear))) + cell(noisy(1.5 * std::exp(1.2 * wear))) +
                cell(noisy(3.0 * std::exp(0.6 * wear)));
      }
      text += '\n';
    }
    return text;
  }

  std::mt19937 random_{1};
  std::normal_distribution<double> noise_;
};

TEST_F(PronostiaProtocolTest, ChallengeScoresGivenSnapshotsAndCountsRefusals) {
  write("bearings.csv",
        "bearing,set,snapshots_total,snapshots_given,actual_rul_s\n"
        "A,learning,600,600,0\nB,learning,900,900,0\nC,learning,1500,1500,0\n"
        "D,test,1200,1000,2000\nE,test,400,20,3800\n");
  for (const auto& [name, n] :
       {std::pair{"A", 600}, {"B", 900}, {"C", 1500}, {"D", 1200}, {"E", 400}}) {
    write(fs::path("features") / (std::string(name) + ".csv.gz"), features(n));
  }
  const auto report = evaluate_pronostia(options());
  ASSERT_TRUE(report) << report.error().message;
  const ProtocolResult& result = report->protocols.at(0);
  EXPECT_EQ(result.n, 2u);
  EXPECT_EQ(result.metrics.at("refusals"), 1.0);
  EXPECT_NEAR(result.metrics.at("rul_s_D"), 2000.0, 600.0);
  EXPECT_GT(result.metrics.at("hindsight_constant"), 0.49);  // one of two exactly
  EXPECT_LE(result.metrics.at("score"), 0.5);
  EXPECT_EQ(report->protocols.at(1).name, "leave_one_out");
  EXPECT_GT(report->protocols.at(1).metrics.at("score"), 0.2);

  EvaluateOptions apart = options();
  apart.train = folder_;
  EXPECT_GT(evaluate_pronostia(apart)->protocols.at(1).n, report->protocols.at(1).n);
}

TEST_F(PronostiaProtocolTest, ChallengeNamesAColumnThatIsMissing) {
  write("bearings.csv", "bearing,set\nA,learning\n");
  const auto report = evaluate_pronostia(options());
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("snapshots_given"), std::string::npos);
}

}  // namespace
}  // namespace millwright
