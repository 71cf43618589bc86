#include "connectors/replay/replay_connector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

namespace millwright::replay {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kStartUs = 1'700'000'000'000'000;

class Replay : public testing::Test {
 protected:
  Replay() : clock_(from_us(kStartUs)) {
    std::string name = (std::filesystem::temp_directory_path() / "replay_XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~Replay() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& text) {
    const std::string path = folder_ + "/data.csv";
    std::ofstream(path) << text;
    return path;
  }
  std::unique_ptr<ReplayConnector> play(const ReplayOptions& options) {
    auto replay = ReplayConnector::create(options, Moment::of(clock_));
    EXPECT_TRUE(replay) << replay.error().message;
    return std::move(replay).value();
  }
  std::string refusal(const ReplayOptions& options) {
    auto replay = ReplayConnector::create(options, Moment::of(clock_));
    return replay ? "accepted" : replay.error().message;
  }
  /// "metric@seconds since the start=value" of all that is due.
  std::vector<std::string> due(ReplayConnector& replay) {
    std::vector<std::string> out;
    const auto readings = replay.read(Moment::of(clock_));
    EXPECT_TRUE(readings);
    for (const Reading& reading : *readings) {
      const auto& columns = std::get<SampleColumns>(reading.values);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        char text[100];
        std::snprintf(text, sizeof text, "%s@%.1f=%g",
                      replay.metrics()[reading.metric].metric_identifier.c_str(),
                      double(columns.timestamp_us[i] - kStartUs) / 1e6, columns.value[i]);
        out.push_back(text);
      }
    }
    return out;
  }

  ManualClock clock_;
  std::string folder_;
};

TEST_F(Replay, PlaysRowsWhenTheyAreDueWithTheirTimeMappedToNow) {
  auto replay = play({.file = file("timestamp,t,p\n"
                                   "2014-01-01T00:00:00Z,1,10\n"
                                   "2014-01-01T00:01:00Z,2,\n"
                                   "2014-01-01T00:02:00Z,3,30\n"),
                      .path = "machine",
                      .speed = 60});
  EXPECT_THAT(due(*replay), ElementsAre("t@0.0=1", "p@0.0=10"));
  EXPECT_EQ(replay->next_due() - clock_.steady_now(), 1s);
  clock_.advance(1s);
  EXPECT_THAT(due(*replay), ElementsAre("t@1.0=2"));
  clock_.advance(5s);
  EXPECT_THAT(due(*replay), ElementsAre("t@2.0=3", "p@2.0=30"));
  EXPECT_EQ(replay->next_due(), std::chrono::steady_clock::time_point::max());
  EXPECT_EQ(replay->metrics()[0].path, "machine");
}

TEST_F(Replay, ReadsSecondsAndGzipAndNamesMetricsAsTold) {
  const std::string path = folder_ + "/data.csv.gz";
  gzFile out = gzopen(path.c_str(), "wb");
  const std::string text = "timestamp,sensor 1\n0,1\n0.5,2\n";
  gzwrite(out, text.data(), unsigned(text.size()));
  gzclose(out);
  auto replay =
      play({.file = path, .columns = {{"sensor 1", "engine.t24", "engine", "°R", "Temperature"}}});
  EXPECT_EQ(replay->metrics()[0].metric_identifier, "engine.t24");
  EXPECT_EQ(replay->metrics()[0].path, "engine");
  EXPECT_EQ(replay->metrics()[0].unit, "°R");
  clock_.advance(500ms);
  EXPECT_THAT(due(*replay), ElementsAre("engine.t24@0.0=1", "engine.t24@0.5=2"));
}

TEST_F(Replay, BeginsANewPassOneStepAfterTheEnd) {
  auto replay = play({.file = file("timestamp,v\n100,1\n102,2\n"), .loop = true});
  EXPECT_THAT(due(*replay), ElementsAre("v@0.0=1"));
  clock_.advance(6s);
  EXPECT_THAT(due(*replay), ElementsAre("v@2.0=2", "v@4.0=1", "v@6.0=2"));
}

TEST_F(Replay, BeginsAtTheStartOffset) {
  auto replay = play({.file = file("timestamp,v\n0,1\n10,2\n20,3\n"), .start_offset_s = 10});
  EXPECT_THAT(due(*replay), ElementsAre("v@0.0=2"));
}

TEST_F(Replay, LeavesOutCellsAndRowsThatAreNoNumbers) {
  auto replay = play({.file = file("timestamp,v\n0,nan\nlater,7\n1,x\n2,3\n")});
  clock_.advance(2s);
  EXPECT_THAT(due(*replay), ElementsAre("v@2.0=3"));
  EXPECT_EQ(replay->skipped_cells(), 2u);
}

TEST_F(Replay, RefusesWhatItCannotPlay) {
  EXPECT_THAT(refusal({.file = folder_ + "/none.csv"}), HasSubstr("cannot be opened"));
  EXPECT_THAT(refusal({.file = file("time,v\n")}), HasSubstr("the first of them 'timestamp'"));
  EXPECT_THAT(refusal({.file = file("timestamp,v\n")}), HasSubstr("no readable row"));
  ReplayOptions options{.file = file("timestamp,v\n0,1\n")};
  options.columns.resize(1);
  options.columns[0].column = "w";
  EXPECT_THAT(refusal(options), HasSubstr("no column 'w'; it has v"));
  EXPECT_THAT(refusal({.file = options.file, .speed = 0}), HasSubstr("speed is 0"));
}

}  // namespace
}  // namespace millwright::replay
