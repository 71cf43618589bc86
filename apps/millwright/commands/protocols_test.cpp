// The protocols on small data sets in the files' own formats, made from a seed.
#include "apps/millwright/commands/protocols.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "apps/millwright/commands/protocol_test_folder.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

class ProtocolsTest : public testing::DataFolderTest {
 protected:
  EvaluateOptions options() const { return {.name = "test", .data = folder_, .train = {}}; }

  std::mt19937 random_{1};
  std::normal_distribution<double> noise_;
};

constexpr const char* kMillingHeader =
    "\"id\",Type,Air temperature [K],Process temperature [K],Rotational speed [rpm],Torque [Nm],"
    "Tool wear [min],Target,Failure Type\n";

TEST_F(ProtocolsTest, MillingLearnsWhatIsThereAndCountsEveryRowOnce) {
  std::string text = kMillingHeader;
  for (int i = 0; i < 400; ++i) {
    const bool failed = i % 20 == 0;
    const double torque = (failed ? 75.0 : 40.0) + noise_(random_);
    text += std::to_string(i) + ",L,298.1,308.6,1500," + std::to_string(torque) + "," +
            std::to_string(i % 200) + "," + (failed ? "1,x\n" : "0,No Failure\n");
  }
  write("data.csv", text);
  const auto report = evaluate_ai4i2020(options());
  ASSERT_TRUE(report) << report.error().message;
  const ProtocolResult& result = report->protocols.at(0);
  EXPECT_EQ(result.n, 400u);
  EXPECT_GT(result.metrics.at("f1"), 0.9);
  EXPECT_GT(result.metrics.at("auprc"), 0.9);
  EXPECT_NEAR(result.baseline.at("auprc"), 0.05, 1e-9);
  EvaluateOptions apart = options();
  apart.train = folder_;
  EXPECT_EQ(evaluate_ai4i2020(apart)->protocols.at(0).name, "train_folder");
}

TEST_F(ProtocolsTest, ABadMillingFileIsNamedWithLineAndColumn) {
  EXPECT_EQ(evaluate_ai4i2020(options()).error().code, ErrorCode::kNotFound);
  for (const auto& [row, part] : {std::pair("1,X,298,308,1500,40,0,0,-\n", "'Type'"),
                                  std::pair("1,L,298,308,fast,40,0,0,-\n", "Rotational speed"),
                                  std::pair("1,L,298\n", "shorter")}) {
    write("data.csv", std::string(kMillingHeader) + row);
    const auto report = evaluate_ai4i2020(options());
    ASSERT_FALSE(report) << row;
    EXPECT_NE(report.error().message.find("line 2"), std::string::npos) << report.error().message;
    EXPECT_NE(report.error().message.find(part), std::string::npos) << report.error().message;
  }
  write("data.csv", "a,b\n1,2\n");
  EXPECT_NE(evaluate_ai4i2020(options()).error().message.find("'Type' is missing"),
            std::string::npos);
}

TEST_F(ProtocolsTest, AGearboxIsTestedOnLoadsThatDidNotTrain) {
  for (const char* load : {"0", "50"}) {
    for (const bool broken : {false, true}) {
      std::string text = "a1,a2,a3,a4\n";
      for (int i = 0; i < 4'096; ++i) {
        const double tone = (broken ? 3.0 : 0.0) * std::sin(0.9 * i);
        for (int axis = 0; axis < 4; ++axis) {
          text += std::to_string(tone + noise_(random_)) + (axis < 3 ? "," : "\n");
        }
      }
      write(std::string(broken ? "b" : "h") + "30hz" + load + ".csv", text);
    }
  }
  const auto report = evaluate_gearbox_spectraquest(options());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->protocols.at(0).n, 16u);
  EXPECT_EQ(report->protocols.at(0).metrics.at("balanced_accuracy"), 1.0);
  fs::remove(folder_ / "h30hz50.csv");
  fs::remove(folder_ / "b30hz50.csv");
  EXPECT_EQ(evaluate_gearbox_spectraquest(options()).error().code, ErrorCode::kInvalidArgument);
}

/// Blows at a fault's order on a resonance of 3 kHz.
std::string bearing_record(double order, double shaft_hz, double strength, std::mt19937& random) {
  std::normal_distribution<double> noise(0.0, 0.1);
  std::string bytes;
  double phase = 0.0;
  for (int i = 0; i < 24'000; ++i) {
    phase += order * shaft_hz / 12'000.0;
    const double since = phase - std::floor(phase);
    const double blow = strength * std::exp(-6.0 * since) * std::sin(1.57 * i);
    const float pair[2] = {static_cast<float>(blow + noise(random)), 0.0F};
    bytes.append(reinterpret_cast<const char*>(pair), sizeof pair);
  }
  return bytes;
}

TEST_F(ProtocolsTest, APlaceOfABearingsFaultIsKnownFromItsOrderAtAnotherSize) {
  for (const auto& [place, order] :
       {std::pair("IR", 5.4152), std::pair("OR@6", 3.5848), std::pair("B", 2 * 2.3567)}) {
    for (const auto& [mil, strength] : {std::pair("7", 0.5), std::pair("21", 2.0)}) {
      for (const char* rpm : {"1797", "1730"}) {
        write(std::string(rpm) + "_" + place + "_" + mil + "_DE12.f32",
              bearing_record(order, std::stod(rpm) / 60.0, strength, random_));
      }
    }
  }
  const auto report = evaluate_cwru(options());
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->protocols.size(), 2u);  // no sound record
  EXPECT_EQ(report->protocols[0].name, "load");
  EXPECT_EQ(report->protocols[1].name, "size");
  EXPECT_GT(report->protocols[1].metrics.at("accuracy_7_21"), 0.95);
  EXPECT_GT(report->protocols[1].metrics.at("accuracy_21_7"), 0.95);
}

TEST_F(ProtocolsTest, AHydraulicCycleIsNeverInBothParts) {
  std::string profile, index;
  std::array<std::string, 9> sensors;
  for (int cycle = 0; cycle < 300; ++cycle) {
    const int state = cycle / 50 % 2;
    profile += (state != 0 ? "3\t73\t2\t90\t0\n" : "100\t100\t0\t130\t0\n");
    index += std::to_string(cycle) + "\n";
    for (std::string& sensor : sensors) {
      for (int i = 0; i < 60; ++i) {
        sensor += std::to_string(40.0 + 5.0 * state + 0.1 * noise_(random_)) + "\t";
      }
      sensor += "\n";
    }
  }
  write("profile.txt", profile);
  write("cycle_index.txt", index);
  std::size_t next = 0;
  for (const char* name : {"TS1", "TS2", "TS3", "TS4", "VS1", "SE", "CE", "CP", "FS1"}) {
    write(std::string(name) + ".txt", sensors[next++]);
  }
  const auto report = evaluate_hydraulic_zema(options());
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->protocols.size(), 2u);
  EXPECT_EQ(report->protocols[0].n, 6u * 15u);  // the last 30 % of each run of 50
  EXPECT_EQ(report->protocols[0].metrics.at("macro_f1_valve"), 1.0);
  EXPECT_EQ(report->protocols[1].n, 2u * 49u);
  fs::remove(folder_ / "FS1.txt");
  EXPECT_EQ(evaluate_hydraulic_zema(options()).error().code, ErrorCode::kNotFound);
}

TEST_F(ProtocolsTest, APumpsAnomalyIsJudgedRowByRowAfterFourHundred) {
  std::string text = "datetime;a;b;c;d;e;f;g;h;anomaly;changepoint\n";
  for (int i = 0; i < 1'000; ++i) {
    const bool unusual = i >= 700;
    text += "2020-03-09 10:14:33";
    for (int metric = 0; metric < 8; ++metric) {
      text += ";" + std::to_string(noise_(random_) + (unusual && metric == 3 ? 20.0 : 0.0));
    }
    text += unusual ? ";1.0;0.0\n" : ";0.0;0.0\n";
  }
  fs::create_directories(folder_ / "valve1");
  write("valve1/0.csv", text);
  write("anomaly-free.csv", "datetime;a\n2020-03-09 10:14:33;1\n");  // has no labels
  const auto report = evaluate_skab(options());
  ASSERT_TRUE(report) << report.error().message;
  const ProtocolResult& result = report->protocols.at(0);
  EXPECT_EQ(result.n, 600u);
  EXPECT_LT(result.metrics.at("far"), 0.01);
  EXPECT_LT(result.metrics.at("mar"), 0.05);
  EXPECT_NEAR(result.baseline.at("f1"), 2.0 / 3.0, 1e-9);
  fs::remove_all(folder_ / "valve1");
  EXPECT_EQ(evaluate_skab(options()).error().code, ErrorCode::kNotFound);
}

TEST_F(ProtocolsTest, ASeriesTellsItsAnomalyByNameOrByColumn) {
  std::string values, labelled = "Data,Label\n";
  for (int i = 0; i < 2'000; ++i) {
    const bool unusual = i >= 1'500 && i < 1'540;
    const std::string value =
        std::to_string(std::sin(i * (unusual ? 0.3 : 0.1)) + 0.01 * noise_(random_));
    values += value + "\n";
    labelled += value + (unusual ? ",1\n" : ",0\n");
  }
  write("001_UCR_Anomaly_sine_800_1500_1540.txt", values);
  write("TSB_001_tr_800_1st_1500.csv", labelled);
  const auto report = evaluate_ucr_samples(options());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->protocols.at(0).n, 2u);
  EXPECT_EQ(report->protocols.at(0).metrics.at("found"), 2.0);
  EXPECT_LT(report->protocols.at(0).baseline.at("found"), 0.5);
  EXPECT_EQ(report->protocols.at(0).tier, "scheduled");
  write("002_UCR_Anomaly_short_10_20_30.txt", "1\n2\n");
  EXPECT_EQ(evaluate_ucr_samples(options()).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace millwright
