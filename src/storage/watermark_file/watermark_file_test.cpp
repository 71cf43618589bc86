#include "storage/watermark_file/watermark_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/testing/temporary_folder.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

class WatermarkFileTest : public ::testing::Test {
 protected:
  std::unique_ptr<WatermarkFile> open() {
    auto file = WatermarkFile::open(path());
    EXPECT_TRUE(file) << file.error().message;
    return std::move(file).value();
  }
  fs::path path() const { return folder_.path() / "logs" / "100000.log"; }
  std::string text() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& bytes) {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << bytes;
  }
  static EpochId epoch(std::uint8_t name) {
    EpochId id{};
    id.fill(name);
    return id;
  }
  static WatermarkLog::Reached reached(std::uint8_t name, std::uint64_t watermark) {
    return {{DeviceId::parse("motor-01").value(), StreamClass::kBulk}, epoch(name), watermark};
  }
  static void note(WatermarkLog& log, std::vector<WatermarkLog::Reached> all) {
    const auto noted = log.note(all);
    ASSERT_TRUE(noted) << noted.error().message;
  }

  const testing::TemporaryFolder folder_;
};

TEST_F(WatermarkFileTest, KnowsAgainHowFarEachEpochHasEverCome) {
  {
    const auto log = open();
    EXPECT_TRUE(log->epochs().empty());
    note(*log, {reached(1, 5), reached(2, 7)});
    note(*log, {reached(1, 9)});
    note(*log, {reached(1, 6)});
    ASSERT_TRUE(log->note_missed(epoch(2), from_us(1'700'000'000'000'000)));
    ASSERT_TRUE(log->note_settled(epoch(2), 3));
  }
  const auto epochs = open()->epochs();
  ASSERT_EQ(epochs.size(), 2u);
  EXPECT_EQ(epochs[0].watermark, 9u) << "the highest, whatever came after";
  EXPECT_EQ(epochs[0].stream.agent.str(), "motor-01");
  EXPECT_EQ(epochs[0].stream.stream_class, StreamClass::kBulk);
  EXPECT_EQ(epochs[0].missed_at, std::nullopt);
  EXPECT_EQ(epochs[1].watermark, 7u);
  EXPECT_EQ(epochs[1].missed_at, from_us(1'700'000'000'000'000));
  EXPECT_EQ(epochs[1].settled_through, 3u);
  ASSERT_TRUE(open()->note_missed(epoch(2), std::nullopt));
  EXPECT_EQ(open()->epochs()[1].missed_at, std::nullopt);
}

TEST_F(WatermarkFileTest, LeavesOutTornAndDamagedLinesOnly) {
  {
    const auto log = open();
    note(*log, {reached(1, 5), reached(2, 7)});
    note(*log, {reached(1, 8)});
    note(*log, {reached(2, 9)});
  }
  const std::string whole = text();
  const std::size_t at = whole.find(" 8 ");
  ASSERT_NE(at, std::string::npos);
  std::string damaged = whole;
  damaged[at + 1] = '9';
  write(damaged.substr(0, damaged.size() - 4));
  const auto epochs = open()->epochs();
  ASSERT_EQ(epochs.size(), 2u);
  EXPECT_EQ(epochs[0].watermark, 5u);
  EXPECT_EQ(epochs[1].watermark, 7u);
}

TEST_F(WatermarkFileTest, NoFlippedByteBecomesAnotherNumber) {
  {
    const auto log = open();
    note(*log, {reached(1, 123'456)});
    note(*log, {reached(1, 234'567)});
  }
  const std::string whole = text();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    write(damaged);
    for (const ReachedEpoch& found : open()->epochs()) {
      EXPECT_EQ(found.epoch, epoch(1));
      EXPECT_THAT(found.watermark, ::testing::AnyOf(0u, 123'456u, 234'567u)) << "byte " << i;
    }
  }
}

TEST_F(WatermarkFileTest, AForeignFileIsMovedAside) {
  fs::create_directories(path().parent_path());
  write("something else\n");
  EXPECT_TRUE(open()->epochs().empty());
  EXPECT_TRUE(fs::exists(path().string() + ".damaged"));
}

TEST_F(WatermarkFileTest, StaysAsSmallAsItsEpochsAreMany) {
  const auto log = open();
  for (std::uint64_t watermark = 1; watermark <= 100'000; ++watermark) {
    note(*log, {reached(1, watermark)});
  }
  EXPECT_LT(fs::file_size(path()), 5u << 20);
  EXPECT_EQ(open()->epochs()[0].watermark, 100'000u);
  EXPECT_LT(fs::file_size(path()), 300u);
}

TEST_F(WatermarkFileTest, TwoProcessesThatTakeTurnsForgetNothing) {
  const auto first = open();
  note(*first, {reached(1, 5)});
  const auto second = open();
  note(*second, {reached(1, 8), reached(2, 3)});
  note(*first, {reached(3, 4)});
  const auto epochs = open()->epochs();
  ASSERT_EQ(epochs.size(), 3u);
  EXPECT_EQ(epochs[0].watermark, 8u);
  EXPECT_EQ(epochs[1].watermark, 3u);
  EXPECT_EQ(epochs[2].watermark, 4u);
}

TEST_F(WatermarkFileTest, NothingIsMissingOnceItCanBeWrittenAgain) {
  const auto log = open();
  note(*log, {reached(1, 5)});
  fs::remove_all(path().parent_path());
  EXPECT_EQ(log->note(std::vector{reached(2, 3)}).error().code, ErrorCode::kUnavailable);
  fs::create_directories(path().parent_path());
  note(*log, {reached(2, 4)});
  const auto epochs = open()->epochs();
  ASSERT_EQ(epochs.size(), 2u);
  EXPECT_EQ(epochs[0].watermark, 5u);
  EXPECT_EQ(epochs[1].watermark, 4u);
}

TEST_F(WatermarkFileTest, SaysWhichFolderCannotBeMade) {
  std::ofstream(folder_.path() / "logs") << "a file";
  const auto refused = WatermarkFile::open(path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace millwright
