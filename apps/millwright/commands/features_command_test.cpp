#include "apps/millwright/commands/features_command.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "apps/millwright/commands/protocol_test_folder.h"

namespace millwright {
namespace {

class FeaturesCommandTest : public testing::DataFolderTest {
 protected:
  /// What it prints; empty where it refuses.
  std::string rank(const std::string& target) {
    ::testing::internal::CaptureStdout();
    const int code = features_rank_command({folder_ / "t.csv", target, true});
    const std::string out = ::testing::internal::GetCapturedStdout();
    EXPECT_EQ(code == 0, !out.empty());
    return out;
  }
};

TEST_F(FeaturesCommandTest, RanksColumnsAndLeavesWordsOut) {
  std::mt19937 random(1);
  std::normal_distribution<double> noise;
  std::string text = "operator,torque,noise,fault\n";
  for (int i = 0; i < 300; ++i) {
    const bool is_worn = i % 3 == 0;
    text += std::string(i % 2 == 0 ? "Ann" : "Bob") + "," +
            std::to_string((is_worn ? 50 : 40) + noise(random)) + "," +
            std::to_string(noise(random)) + "," + (is_worn ? "worn" : "sound") + "\n";
  }
  write("t.csv", text);
  const auto ranking = nlohmann::json::parse(rank("fault"));
  ASSERT_EQ(ranking["features"].size(), 2U);
  EXPECT_EQ(ranking["features"][0]["name"], "torque");
  EXPECT_GT(ranking["features"][0]["information_bits"], 0.7);
  EXPECT_LT(ranking["features"][1]["information_bits"], 0.1);
}

TEST_F(FeaturesCommandTest, SaysWhatIsWrong) {
  EXPECT_EQ(rank("fault"), "");  // no file
  write("t.csv", "a,b\n1,2\n3\n");
  EXPECT_EQ(rank("a"), "");
  write("t.csv", "a,b\n1,2\n3,4\n");
  EXPECT_EQ(rank("c"), "");
  EXPECT_EQ(rank("a"), "");  // too few rows
}

}  // namespace
}  // namespace millwright
