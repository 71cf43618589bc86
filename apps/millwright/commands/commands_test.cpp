#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "apps/millwright/commands/evaluate_command.h"
#include "apps/millwright/commands/evaluation_report.h"
#include "apps/millwright/commands/gear_runs_file.h"
#include "apps/millwright/commands/results_table.h"
#include "apps/millwright/commands/train_command.h"
#include "apps/millwright/commands/turbofan_file.h"
#include "base/clock.h"
#include "ml/fault/gear_classifier.h"
#include "ml/rul/rul_model.h"
#include "registry/directory/directory_model_registry.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

class CommandsTest : public ::testing::Test {
 protected:
  CommandsTest() {
    std::string text = (fs::temp_directory_path() / "commands-XXXXXX").string();
    folder_ = ::mkdtemp(text.data());
  }
  ~CommandsTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }
  fs::path folder_;
};

std::string gear_rows(int n, const std::string& speed, int from_us) {
  std::string text;
  for (int i = 0; i < n; ++i) {
    char row[160];
    std::snprintf(row, sizeof row, "%.4f,2.43,2023-05-03 22:06:06.%06d,%s,80,No fault\n",
                  2.5 + 0.001 * (i % 7), from_us + 200 * i, speed.c_str());
    text += row;
  }
  return text;
}

TEST_F(CommandsTest, GearFilesAreCutIntoRecordings) {
  write("run.csv", "sensor1,sensor2,time_x,speedSet,load_value,gear_fault_desc\n" +
                       gear_rows(400, "25.0", 0) + gear_rows(300, "40.0", 80000) +
                       gear_rows(500, "40.0", 400000));
  write("other.csv", "a,b\n1,2\n");
  const auto runs = read_gear_runs(folder_);
  ASSERT_TRUE(runs) << runs.error().message;
  ASSERT_EQ(runs->size(), 3u);
  EXPECT_EQ((*runs)[0].x_axis.size(), 400u);
  EXPECT_EQ((*runs)[1].speed_hz, 40.0);
  EXPECT_EQ((*runs)[2].x_axis.size(), 500u);
  EXPECT_EQ((*runs)[0].condition, "no_fault");
}

TEST_F(CommandsTest, ABadCellIsNamedWithFileLineAndColumn) {
  write("run.csv",
        "sensor1,sensor2,time_x,speedSet,load_value,gear_fault_desc\n"
        "2.5,2.4,2023-05-03 22:06:06.0002,40.0,80,No fault\n"
        "nan,2.4,2023-05-03 22:06:06.0004,40.0,80,No fault\n");
  const auto runs = read_gear_runs(folder_);
  ASSERT_FALSE(runs);
  EXPECT_NE(runs.error().message.find("run.csv' line 3"), std::string::npos)
      << runs.error().message;
  EXPECT_NE(runs.error().message.find("'sensor1'"), std::string::npos) << runs.error().message;
  EXPECT_EQ(read_gear_runs(folder_ / "none").error().code, ErrorCode::kNotFound);
}

TEST_F(CommandsTest, TurbofanFilesOfBothFormsAreRead) {
  write("cmapss.txt",
        "1 1 -0.0007 -0.0004 100.0 518.67 641.82 1589.70 1400.60 14.62 21.61 554.36 2388.06 "
        "9046.19 1.30 47.47 521.66 2388.02 8138.62 8.4195 0.03 392 2388 100.00 39.06 23.4190  \n");
  const auto plain = read_turbofan_units(folder_ / "cmapss.txt");
  ASSERT_TRUE(plain) << plain.error().message;
  ASSERT_EQ(plain->size(), 1u);
  EXPECT_EQ((*plain)[0].sensors.front(), 641.82);
  EXPECT_EQ((*plain)[0].sensors.back(), 23.4190);
  EXPECT_EQ((*plain)[0].settings[0][2], 100.0);
  const auto shipped =
      read_turbofan_units(fs::path(MILLWRIGHT_SOURCE_DIR) / "demo/turbofan/train.csv.gz");
  ASSERT_TRUE(shipped) << shipped.error().message;
  EXPECT_EQ(shipped->size(), 60u);
  EXPECT_TRUE((*shipped)[0].settings.empty());
  EXPECT_EQ((*shipped)[0].sensors[0], (*plain)[0].sensors[0]);
  write("short.txt", "1 1 2\n");
  EXPECT_FALSE(read_turbofan_units(folder_ / "short.txt"));
}

TEST_F(CommandsTest, TrainGearPutsALiveModelThatLoads) {
  const TrainOptions options{.name = "gear", .registry = folder_ / "models", .data = {}};
  ASSERT_EQ(train_command(options), 0);
  const SystemClock clock;
  auto registry = DirectoryModelRegistry::open(folder_ / "models", clock).value();
  const auto live = registry->fetch("gear", std::nullopt);
  ASSERT_TRUE(live);
  EXPECT_EQ(live->version.card["inputs"][0], "x_axis");
  const auto classifier = ml::GearClassifier::load(live->bytes);
  ASSERT_TRUE(classifier) << classifier.error().message;
  EXPECT_EQ(classifier->classes().size(), 6u);
  EXPECT_GT(classifier->info().metrics.at("held_out_macro_f1"), 0.6);
}

TEST_F(CommandsTest, TrainTurbofanPutsAModelThatIsNotLiveWhenToldSo) {
  const TrainOptions options{.name = "turbofan",
                             .registry = folder_ / "models",
                             .data = fs::path(MILLWRIGHT_SOURCE_DIR) / "demo/turbofan/train.csv.gz",
                             .promote = false};
  ASSERT_EQ(train_command(options), 0);
  const SystemClock clock;
  auto registry = DirectoryModelRegistry::open(folder_ / "models", clock).value();
  EXPECT_FALSE(registry->live("turbofan").value().has_value());
  const auto fetched = registry->fetch("turbofan", 1);
  ASSERT_TRUE(fetched);
  const auto model = ml::RulModel::load(fetched->bytes);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->inputs(), turbofan_inputs());
  EXPECT_LT(model->info().metrics.at("out_of_fold_rmse"), 25.0);
}

TEST_F(CommandsTest, WrongNamesAndMissingDataEndWithOne) {
  EXPECT_EQ(train_command({.name = "pump", .registry = folder_, .data = {}}), 1);
  EXPECT_EQ(train_command({.name = "turbofan", .registry = folder_, .data = {}}), 1);
  EXPECT_EQ(train_command({.name = "turbofan", .registry = folder_, .data = folder_ / "none"}), 1);
  EXPECT_EQ(evaluate_command({.name = "pump", .data = {}, .train = {}}), 1);
  EXPECT_EQ(evaluate_command({.name = "cmapss", .data = {}, .train = {}}), 1);
  EXPECT_EQ(evaluate_command({.name = "gear_dao2022", .data = folder_, .train = {}}), 1);
}

TEST(EvaluationReport, JsonIsOneLineWithTheProtocolsKeys) {
  EvaluationReport report{"gear",
                          {{.name = "p",
                            .split = "s",
                            .n = 3,
                            .baseline = {{"b", 0.1}},
                            .metrics = {{"macro_f1", 0.9}}}}};
  EXPECT_EQ(to_json_line(report),
            R"({"dataset":"gear","protocols":[{"baseline":{"b":0.1},"metrics":{"macro_f1":0.9},)"
            R"("n":3,"name":"p","seed":1,"split":"s","tier":"trained"}]})");
  const auto figures = over_seeds({{{"f", 1.0}}, {{"f", 3.0}}});
  EXPECT_DOUBLE_EQ(figures.at("f"), 2.0);
  EXPECT_NEAR(figures.at("f_spread"), 1.41421356, 1e-6);
}

TEST(ResultsTable, SetsEveryFigureBesideItsBaselineAndWhatWasWanted) {
  const std::vector<EvaluationReport> reports = {
      {"cwru",
       {{.name = "load",
         .split = "s",
         .n = 522,
         .baseline = {{"accuracy", 0.1667}},
         .metrics = {{"accuracy", 0.9935}, {"accuracy_spread", 0.001}}}}},
      {"cmapss",
       {{.name = "pooled",
         .split = "s",
         .n = 473,
         .baseline = {},
         .metrics = {{"coverage", 0.95}}}}}};
  const std::string table = to_markdown(reports);
  EXPECT_NE(table.find("| cwru | load (trained) | 522 | accuracy 0.9935 ± 0.001 | 0.1667 | ≥ 0.99: "
                       "met |"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("| coverage 0.95 |  | 0.87 to 0.93: **short** |"), std::string::npos)
      << table;
}

}  // namespace
}  // namespace millwright
