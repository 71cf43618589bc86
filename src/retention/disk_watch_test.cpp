#include "retention/disk_watch.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>

#include "base/log.h"

namespace millwright {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kGiB = 1ULL << 30;

class DiskWatchTest : public ::testing::Test {
 protected:
  DiskWatchTest() {
    log::set_level(log::Level::kInfo);
    log::set_sink([this](std::string_view line) { lines_.emplace_back(line); });
  }
  ~DiskWatchTest() override { log::set_sink({}); }

  DiskWatch make(DiskWatchOptions options = {}) {
    return DiskWatch([this] { return space_; }, clock_, telemetry_, options);
  }
  void set_free(std::uint64_t bytes) { space_ = DiskSpace{space_->size_bytes, bytes}; }
  bool has(const std::string& text) const {
    return telemetry_.exposition().find(text + "\n") != std::string::npos;
  }
  std::size_t lines_with(std::string_view text) const {
    return static_cast<std::size_t>(std::count_if(
        lines_.begin(), lines_.end(),
        [&](const std::string& line) { return line.find(text) != std::string::npos; }));
  }
  /// Five minutes a step; `growth` bytes each.
  void pass(DiskWatch& watch, int steps, std::int64_t growth) {
    for (int i = 0; i < steps; ++i) {
      clock_.advance(std::chrono::minutes(5));
      set_free(static_cast<std::uint64_t>(static_cast<std::int64_t>(space_->free_bytes) - growth));
      watch.tick();
    }
  }

  ManualClock clock_{from_us(1'700'000'000'000'000)};
  telemetry::Telemetry telemetry_;
  Result<DiskSpace> space_ = DiskSpace{100 * kGiB, 50 * kGiB};
  std::vector<std::string> lines_;
};

TEST_F(DiskWatchTest, BelowTheFloorNothingIsTakenInAndAboveItGoesOnByItself) {
  DiskWatch watch = make();
  EXPECT_TRUE(watch.admit());
  set_free(kGiB);
  watch.tick();
  EXPECT_TRUE(watch.admit());
  set_free(kGiB - 1);
  watch.tick();
  const auto refused = watch.admit();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  EXPECT_NE(refused.error().message.find("try again in 30 s"), std::string::npos);
  EXPECT_TRUE(has("millwright_disk_ingestion_refused 1"));
  EXPECT_EQ(lines_with("the disk is nearly full"), 1u);
  set_free(kGiB + kGiB / 20);  // not yet a tenth more
  watch.tick();
  EXPECT_FALSE(watch.admit());
  set_free(kGiB + kGiB / 10);
  watch.tick();
  EXPECT_TRUE(watch.admit());
  EXPECT_TRUE(has("millwright_disk_ingestion_refused 0"));
  EXPECT_EQ(lines_with("the disk has space again"), 1u);
  EXPECT_EQ(lines_with("the disk is nearly full"), 1u);
}

TEST_F(DiskWatchTest, TheFloorIsAGibibyteOrFivePercentOrWhatIsSet) {
  make();
  EXPECT_TRUE(has("millwright_disk_floor_bytes 1073741824"));
  space_ = DiskSpace{300 * kMiB, 20 * kMiB};
  DiskWatch small = make();
  EXPECT_TRUE(has("millwright_disk_floor_bytes 15728640"));
  EXPECT_TRUE(small.admit());
  DiskWatchOptions set;
  set.floor_bytes = 21 * kMiB;
  EXPECT_FALSE(make(set).admit());
  set.floor_bytes = 0;
  set_free(0);
  EXPECT_TRUE(make(set).admit());
}

TEST_F(DiskWatchTest, WithoutAMeasurementWhatHeldGoesOn) {
  DiskWatch watch = make();
  space_ = internal_error("the folder is gone");
  watch.tick();
  watch.tick();
  EXPECT_TRUE(watch.admit());
  EXPECT_EQ(lines_with("cannot be measured"), 1u);
  space_ = DiskSpace{100 * kGiB, 0};
  watch.tick();
  space_ = internal_error("the folder is gone");
  watch.tick();
  EXPECT_FALSE(watch.admit());
}

TEST_F(DiskWatchTest, SteadyGrowthGivesTheDay) {
  DiskWatch watch = make();
  EXPECT_FALSE(watch.forecast());
  pass(watch, 5, kGiB / 288);  // a GiB a day
  EXPECT_FALSE(watch.forecast()) << "25 minutes are too little history";
  EXPECT_TRUE(has("millwright_disk_full_in_days +Inf"));
  pass(watch, 60, kGiB / 288);
  const auto told = watch.forecast();
  ASSERT_TRUE(told);
  EXPECT_NEAR(told->growth_bytes_per_day, kGiB, 1e6);
  ASSERT_TRUE(told->days);
  EXPECT_NEAR(*told->days, 49 - 65.0 / 288, 0.01);
  EXPECT_EQ(lines_with("full soon"), 0u);
}

TEST_F(DiskWatchTest, AWarningComesOnceADayBelowFourteenDays) {
  set_free(11 * kGiB);
  DiskWatch watch = make();
  pass(watch, 100, kGiB / 288);
  EXPECT_EQ(lines_with("full soon"), 1u);
  pass(watch, 288, kGiB / 288);
  EXPECT_EQ(lines_with("full soon"), 2u);
}

TEST_F(DiskWatchTest, WhatShrinksOrStandsStillIsNeverFull) {
  DiskWatch watch = make();
  pass(watch, 20, 0);
  EXPECT_EQ(watch.forecast()->days, std::nullopt);
  EXPECT_EQ(watch.forecast()->growth_bytes_per_day, 0);
  pass(watch, 100, -std::int64_t{kMiB});
  EXPECT_LT(watch.forecast()->growth_bytes_per_day, 0);
  EXPECT_EQ(watch.forecast()->days, std::nullopt);
}

TEST_F(DiskWatchTest, ACopyThatCameAndWentDoesNotMoveTheForecast) {
  DiskWatch watch = make();
  pass(watch, 40, kGiB / 288);
  pass(watch, 1, 20 * kGiB);
  pass(watch, 10, kGiB / 288);
  pass(watch, 1, -20 * std::int64_t{kGiB});
  pass(watch, 40, kGiB / 288);
  EXPECT_NEAR(watch.forecast()->growth_bytes_per_day / kGiB, 1, 0.1);
}

TEST_F(DiskWatchTest, OldMeasurementsAreForgotten) {
  DiskWatch watch = make();
  pass(watch, 145, kGiB / 288);
  pass(watch, 145, kGiB / 2'880);
  EXPECT_NEAR(watch.forecast()->growth_bytes_per_day / kGiB, 0.1, 0.01);
}

TEST(RobustSlope, IsTheMedianOverAllPairs) {
  const std::vector<double> x{0, 1, 2, 3};
  EXPECT_EQ(robust_slope({}, {}), std::nullopt);
  EXPECT_EQ(robust_slope(std::vector{1.0}, std::vector{1.0}), std::nullopt);
  EXPECT_DOUBLE_EQ(*robust_slope(x, std::vector<double>{1, 3, 5, 7}), 2);
  // Slopes 2, 2, 33, 2, 49, 96: the middle two are 2 and 33.
  EXPECT_DOUBLE_EQ(*robust_slope(x, std::vector<double>{1, 3, 5, 101}), (2.0 + 100.0 / 3) / 2);
}

TEST(MeasureDisk, AMissingFolderIsNamed) {
  const auto missing = measure_disk("/nowhere/at/all");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("/nowhere/at/all"), std::string::npos);
}

TEST(MeasureDisk, ARealFileSystemFillsAndEmpties) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("millwright-disk-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=16m") != 0) {
    std::filesystem::remove(folder);
    GTEST_SKIP() << "SKIPPED: a tmpfs cannot be mounted here (not root); the floor was tested on "
                    "made-up measurements only";
  }
  {
    const ManualClock clock(from_us(0));
    telemetry::Telemetry telemetry;
    DiskWatch watch([&] { return measure_disk(folder); }, clock, telemetry);
    EXPECT_EQ(measure_disk(folder)->size_bytes, 16 * kMiB);
    EXPECT_TRUE(watch.admit());
    std::ofstream(folder / "ballast") << std::string(16'400'000, 'x');
    watch.tick();
    EXPECT_LT(measure_disk(folder)->free_bytes, 16 * kMiB / 20);
    EXPECT_FALSE(watch.admit());
    std::filesystem::remove(folder / "ballast");
    watch.tick();
    EXPECT_TRUE(watch.admit());
  }
  ::umount(folder.c_str());
  std::filesystem::remove(folder);
}

}  // namespace
}  // namespace millwright
