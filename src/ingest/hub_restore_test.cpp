// What follows where a tenant's database is restored from a backup.

#include <fstream>

#include "base/testing/temporary_folder.h"
#include "ingest/restore_watch.h"
#include "ingest/testing/hub_fixture.h"
#include "storage/watermark_file/watermark_file.h"

namespace millwright::ingest::testing {
namespace {

/// Tenant 100000 is the database as it was; 100001 is a backup of it that is put in its place: both
/// are noted in one log.
class HubRestoreTest : public HubTest {
 protected:
  HubRestoreTest() {
    agent_.define(1, "temperature");
    for (int i = 1; i <= 8; ++i) agent_.scalars(1, {kNowUs + i}, {static_cast<double>(i)});
  }
  ~HubRestoreTest() override { hub.reset(); }

  void start_logging_hub() {
    HubOptions options;
    options.open_watermark_log = [this](const TenantId&) -> Result<std::unique_ptr<WatermarkLog>> {
      MW_ASSIGN(auto log, WatermarkFile::open(folder_.path() / "100000.log"));
      return std::unique_ptr<WatermarkLog>(std::move(log));
    };
    hub.reset();
    start_hub(options);
  }
  /// Nine records are acknowledged and five of them are in the backup, which now takes the place.
  void acknowledge_nine_and_restore(std::uint64_t in_backup = 5) {
    start_logging_hub();
    send(connect({agent_.offer()}), agent_.all());
    if (in_backup > 0) {
      hub.reset();
      start_hub({});
      send(connect({agent_.offer()}, restored_), agent_.batch(1, in_backup));
    }
    start_logging_hub();
  }
  std::vector<Event> events_of(const char* kind) {
    auto all = store("100001").catalog().events(device(), {INT64_MIN, kAll}, 100).value();
    std::erase_if(all, [&](const Event& event) { return event.kind != kind; });
    return all;
  }
  std::vector<DeclaredGap> gaps() { return store("100001").samples().gaps().value(); }
  /// What the retention service does every hour.
  void wake() {
    ASSERT_TRUE(hub->expire(tenant("100001"), {}));
    settle();  // the restore is looked after once the step has been answered
  }

  const Principal restored_ = device_principal("100001");
  SimulatedAgent agent_{epoch_named(1)};
  const millwright::testing::TemporaryFolder folder_;
};

TEST_F(HubRestoreTest, SaysWhatIsMissingAndTakesItAgain) {
  acknowledge_nine_and_restore();
  const Connection connection = connect({agent_.offer()}, restored_);
  EXPECT_EQ(connection.answers->last<Welcome>()->epochs.at(0).state.watermark, 5u);
  const auto told = events_of("restored");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].message.find("lacks 4 records"), std::string::npos) << told[0].message;
  send(connection, agent_.batch(6, 9));
  EXPECT_EQ(values("temperature", "000001", "100001").size(), 8u);
  clock.advance(std::chrono::hours(24 * 8));
  wake();
  EXPECT_TRUE(gaps().empty());
}

TEST_F(HubRestoreTest, DeclaresAfterAWeekWhatDidNotComeAgain) {
  acknowledge_nine_and_restore();
  const Connection connection = connect({agent_.offer()}, restored_);
  send(connection, agent_.batch(6, 7));
  clock.advance(std::chrono::hours(24 * 6));
  wake();
  EXPECT_TRUE(gaps().empty());
  start_logging_hub();  // the time goes on through a restart
  clock.advance(std::chrono::hours(25));
  wake();
  clock.advance(std::chrono::minutes(2));
  wake();
  ASSERT_EQ(gaps().size(), 1u);
  EXPECT_EQ(gaps()[0].from_seq, 8u);
  EXPECT_EQ(gaps()[0].to_seq, 9u);
  EXPECT_EQ(gaps()[0].reason, kLostInRestore);
  EXPECT_EQ(events_of("gap").size(), 1u);
  start_logging_hub();
  wake();
  clock.advance(std::chrono::hours(24 * 8));
  wake();
  EXPECT_EQ(gaps().size(), 1u) << "once";
  EXPECT_EQ(events_of("restored").size(), 1u);
}

TEST_F(HubRestoreTest, NoticesAnEpochThatTheBackupDoesNotKnow) {
  acknowledge_nine_and_restore(0);
  wake();
  ASSERT_EQ(events_of("restored").size(), 1u);
  clock.advance(std::chrono::hours(24 * 8));
  wake();
  ASSERT_EQ(gaps().size(), 1u);
  EXPECT_EQ(gaps()[0].from_seq, 1u);
  EXPECT_EQ(gaps()[0].to_seq, 9u);
}

TEST_F(HubRestoreTest, ASecondRestoreIsNoticedAsWell) {
  acknowledge_nine_and_restore();
  clock.advance(std::chrono::hours(24 * 8));
  wake();
  clock.advance(std::chrono::hours(24 * 8));
  wake();
  ASSERT_EQ(gaps().size(), 1u);
  for (int i = 9; i <= 12; ++i) agent_.scalars(1, {kNowUs + i}, {static_cast<double>(i)});
  send(connect({agent_.offer()}), agent_.batch(10, 13));  // acknowledged, not in the backup
  start_logging_hub();
  wake();
  ASSERT_EQ(events_of("restored").size(), 2u);
  EXPECT_NE(events_of("restored")[0].message.find("lacks 4 records"), std::string::npos);
}

TEST_F(HubRestoreTest, ADatabaseThatIsNotBehindIsNoRestoredOne) {
  start_logging_hub();
  send(connect({agent_.offer()}, restored_), agent_.all());
  start_logging_hub();
  wake();
  EXPECT_TRUE(events_of("restored").empty());
}

TEST_F(HubRestoreTest, TheEpochsOfARemovedDeviceAreNotMissed) {
  acknowledge_nine_and_restore(0);
  ASSERT_TRUE(store("100001").catalog().remove_device(device()));
  clock.advance(std::chrono::hours(24 * 8));
  wake();
  EXPECT_TRUE(gaps().empty());
}

TEST_F(HubRestoreTest, ALogThatCannotBeOpenedStopsNothing) {
  std::filesystem::create_directory(folder_.path() / "100000.log");
  start_logging_hub();
  send(connect({agent_.offer()}), agent_.all());
  EXPECT_EQ(values("temperature").size(), 8u);
}

TEST_F(HubRestoreTest, ALogThatCannotBeWrittenStopsNothing) {
  start_logging_hub();
  const Connection connection = connect({agent_.offer()});
  send(connection, agent_.batch(1, 3));
  std::filesystem::remove_all(folder_.path());
  std::ofstream(folder_.path()) << "a file";
  send(connection, agent_.batch(4, 9));
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 9u);
  EXPECT_EQ(values("temperature").size(), 8u);
}

}  // namespace
}  // namespace millwright::ingest::testing
