// A tenant moves to another database: everything arrives, and everybody follows.
#include <bit>
#include <thread>

#include "storage/postgres/tenant_fence.h"
#include "storage/postgres/tenant_move_fixture.h"

namespace millwright::testing {
namespace {

/// Waits for what another thread or server does.
template <typename Holds>
bool until(const Holds& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST_F(TenantMoveTest, EveryTableArrivesBitByBit) {
  auto from = connect("tenant_100000");
  std::map<std::string, std::vector<std::string>> before;
  for (const std::string& table : all_tables()) {
    before[table] = rows(from, table);
    EXPECT_FALSE(before[table].empty()) << table;
  }
  const auto moved = move();
  ASSERT_TRUE(moved) << moved.error().message << " " << moved.error().detail;
  auto to = connect("moved_100000");
  for (const std::string& table : all_tables()) EXPECT_EQ(rows(to, table), before[table]) << table;
  for (const MovedTable& table : moved->tables) {
    EXPECT_EQ(static_cast<std::size_t>(table.rows), before[table.name].size()) << table.name;
  }
  EXPECT_EQ(moved->tables.size(), before.size());
  EXPECT_EQ(pg::unknown_tables(to).value(), std::vector<std::string>{});
}

TEST_F(TenantMoveTest, TheNewPlaceIsReadAndWrittenAsTheOldOneWas) {
  const SampleColumns wrote = store_->samples().read(kSeries, kEver, kNoLimit).value();
  ASSERT_EQ(wrote.size(), extremes().size());
  const auto last_event = store_->catalog().append_event(
      {0, device_id("000002"), "gap", "is forgotten with its device", from_us(5)});
  ASSERT_TRUE(store_->catalog().remove_device(device_id("000002")));
  ASSERT_TRUE(move());

  const auto directory = open("hub-b:50051");
  const auto moved = directory->open_for_service(tenant_).value();
  const SampleColumns read = moved->samples().read(kSeries, kEver, kNoLimit).value();
  ASSERT_EQ(read.timestamp_us, wrote.timestamp_us);
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read.value[i]),
              std::bit_cast<std::uint64_t>(wrote.value[i]))
        << wrote.value[i];
  }
  const auto blocks = moved->samples().waveforms(SeriesId{3}, kEver, kNoLimit).value();
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(blocks[0].value[1]), 1u);
  EXPECT_EQ(moved->samples().epoch(kEpoch).value()->watermark, 3u);
  EXPECT_EQ(moved->samples().gaps().value().size(), 1u);
  EXPECT_EQ(moved->catalog().state("detector/1").value(), std::string("\0\xFF\n\\x", 5));

  // It goes on where it stopped, and no number is given twice.
  ASSERT_TRUE(moved->samples().open_session(stream(), 1));
  const Append next = sample(4);
  EXPECT_TRUE(moved->samples().append({&next, 1})[0]);
  EXPECT_EQ(moved->catalog().append_event({0, device_id("000001"), "gap", "", from_us(9)}).value(),
            last_event.value() + 1);
  const auto metric = moved->catalog().resolve_metric(
      {device_id("000001"), path_of("line2"), *MetricId::parse("load")}, "", "",
      MetricType::kNumericScalar);
  EXPECT_EQ(metric.value().series, SeriesId{4});
}

TEST_F(TenantMoveTest, ALateWriterOfTheOldPlaceIsRefusedAndReopeningFindsTheNewOne) {
  ASSERT_TRUE(move());
  EXPECT_NE(entry().find("moved_100000"), std::string::npos);
  const Append late = sample(4);
  const auto appended = store_->samples().append({&late, 1})[0];
  EXPECT_EQ(code_of(appended), ErrorCode::kUnavailable);
  EXPECT_EQ(appended.error().message, pg::kMovedWords);
  EXPECT_NE(appended.error().detail.find("moved_100000"), std::string::npos);
  const auto added = store_->catalog().add_device(device("000003"));
  EXPECT_EQ(code_of(added), ErrorCode::kUnavailable);
  EXPECT_EQ(added.error().message, pg::kMovedWords);
  EXPECT_EQ(code_of(store_->catalog().put_state("detector/1", "x")), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(store_->catalog().remove_device(device_id("000001"))), ErrorCode::kUnavailable);
  EXPECT_EQ(store_->samples().count(kOther, kEver).value(), 3u);  // it may still be read

  // The same process, which keeps the old store open, is given the new one.
  std::shared_ptr<TenantStore> now;
  ASSERT_TRUE(until([&] {
    now = hub_->open_for_service(tenant_).value();
    return now != store_;
  }));
  ASSERT_TRUE(now->samples().open_session(stream(), 1));
  EXPECT_TRUE(now->samples().append({&late, 1})[0]);
  EXPECT_TRUE(now->catalog().add_device(device("000003")));
  EXPECT_EQ(now->samples().count(kOther, kEver).value(), 4u);
}

TEST_F(TenantMoveTest, WhileItRunsSamplesAreRefusedAndTheCatalogIsTakenAlong) {
  Result<> during;
  ASSERT_TRUE(move_and_when("waveforms", [&] {
    const Append append = sample(4);
    during = store_->samples().append({&append, 1})[0];
    EXPECT_TRUE(store_->catalog().add_device(device("000003")));
    EXPECT_EQ(store_->samples().count(kOther, kEver).value(), 3u);
  }));
  EXPECT_EQ(code_of(during), ErrorCode::kUnavailable);
  EXPECT_NE(during.error().message.find("millwright tenant move"), std::string::npos);
  const auto moved = open("hub-b:50051")->open_for_service(tenant_).value();
  EXPECT_TRUE(moved->catalog().device(device_id("000003")));
}

TEST_F(TenantMoveTest, AChangeOfTheCatalogThatWaitsForTheMoveIsNotLostInTheOldPlace) {
  Result<> added;
  std::thread waits;
  ASSERT_TRUE(move_and_when("devices", [&] {
    waits = std::thread([&] { added = store_->catalog().add_device(device("000003")); });
    auto watch = connect("tenant_100000");
    EXPECT_TRUE(until([&] {
      return watch
                 .integer(
                     "SELECT count(*) FROM pg_locks WHERE NOT granted AND "
                     "relation = 'devices'::regclass")
                 .value() == 1;
    }));
  }));
  waits.join();
  EXPECT_EQ(code_of(added), ErrorCode::kUnavailable);
  EXPECT_EQ(added.error().message, pg::kMovedWords);
}

TEST_F(TenantMoveTest, TheOldDatabaseStaysClosedOrIsDropped) {
  const auto moved = move();
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->drop_source, "DROP DATABASE \"tenant_100000\" WITH (FORCE)");
  auto server = connect("postgres");
  const auto count = [&] {
    return server.integer("SELECT count(*) FROM pg_database WHERE datname = 'tenant_100000'")
        .value();
  };
  EXPECT_EQ(count(), 1);
  // Back again: not over the old one, which somebody might still want.
  TenantMove back = order();
  back.to = at("tenant_100000");
  back.drop_source = true;
  EXPECT_EQ(code_of(move_tenant(back, ignore)), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(server.execute(moved->drop_source));
  const auto returned = move_tenant(back, ignore);
  ASSERT_TRUE(returned) << returned.error().message << " " << returned.error().detail;
  EXPECT_EQ(returned->drop_source + returned->not_dropped, "");
  EXPECT_EQ(entry(), "");  // on the directory's server under its own name, as when it was made
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(
      server.integer("SELECT count(*) FROM pg_database WHERE datname = 'moved_100000'").value(), 0);
  const auto again = open("hub-b:50051")->open_for_service(tenant_).value();
  EXPECT_EQ(again->samples().count(kOther, kEver).value(), 3u);
}

}  // namespace
}  // namespace millwright::testing
