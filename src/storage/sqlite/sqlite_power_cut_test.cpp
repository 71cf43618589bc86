// The power goes at every write that the store makes: everything acknowledged is there exactly
// once, nothing else is, and the store goes on (goal R-05).
#include <gtest/gtest.h>

#include "sqlite/testing/power_cut.h"
#include "storage/sqlite/numbered_records.h"

namespace millwright {
namespace {

using sqlite::testing::FaultyFiles;
using sqlite::testing::FileOperation;
using sqlite::testing::PowerCut;
using sqlite::testing::Unsynced;
using testing::NumberedRecords;

/// Minutes instead of seconds: every cut instead of some.
bool is_long() { return std::getenv("MILLWRIGHT_LONG_TESTS") != nullptr; }

struct Scenario {
  PowerCut::Files before;
  std::vector<FileOperation> operations;
};

/// Commits of a few records, sealing and housekeeping in between. Each acknowledged watermark is
/// noted. The `failing_sync`th sync fails (0: none does); the producer then asks and sends again.
Scenario record_scenario(int failing_sync) {
  FaultyFiles& files = FaultyFiles::install();
  const testing::TemporaryFolder folder;
  Scenario out;
  {
    auto store = SqliteSampleStore::open(folder.path());
    MW_CHECK(store.has_value());
  }
  out.before = PowerCut::read(folder.path());
  files.start();
  {
    auto store = SqliteSampleStore::open(folder.path()).value();
    MW_CHECK(store->open_session(NumberedRecords::stream(), 1).has_value());
    if (failing_sync > 0) {
      files.fail(sqlite::testing::Call::kSync, failing_sync, SQLITE_IOERR_FSYNC, false);
    }
    const NumberedRecords records(1);
    std::uint64_t watermark = 0;
    for (int commit = 1; commit <= 40; ++commit) {
      std::vector<Append> appends;
      for (std::uint64_t a = 0; a <= static_cast<std::uint64_t>(commit % 3); ++a) {
        appends.push_back(records.append(watermark + 4 * a + 1, watermark + 4 * a + 4));
      }
      const auto results = store->append(appends);
      watermark =
          results.back() ? watermark + 4 * appends.size() : NumberedRecords::watermark(*store);
      files.note(watermark);
      const bool settled = commit % 9 != 0 || store->settle();
      const bool maintained = commit % 5 != 0 || store->maintain();
      MW_CHECK(failing_sync > 0 || (results.back() && settled && maintained));
    }
    files.heal();
  }
  out.operations = files.stop();
  return out;
}

void expect_recovered(const PowerCut::Files& files, std::uint64_t acknowledged) {
  const testing::TemporaryFolder folder;
  PowerCut::write(files, folder.path());
  auto opened = SqliteSampleStore::open(folder.path());
  ASSERT_TRUE(opened) << opened.error().message << opened.error().detail;
  SampleStore& samples = **opened;
  const std::uint64_t watermark = NumberedRecords::watermark(samples);
  ASSERT_GE(watermark, acknowledged);
  ASSERT_LE(watermark, acknowledged + 12);  // of the commit that was not answered
  NumberedRecords::expect_exactly(samples, watermark);
  // It goes on, and everything finds its final form.
  ASSERT_TRUE(samples.open_session(NumberedRecords::stream(), 2));
  const Append next = NumberedRecords(2).append(watermark + 1, watermark + 5);
  ASSERT_TRUE(samples.append({&next, 1})[0]);
  ASSERT_TRUE(samples.settle());
  NumberedRecords::expect_exactly(samples, watermark + 5);
}

/// Cuts the scenario after every `step`th operation; answers how many cuts that were.
std::size_t cut_everywhere(const Scenario& scenario, std::size_t step, std::mt19937_64& random) {
  std::size_t cuts = 0;
  for (std::size_t cut = random() % step; cut <= scenario.operations.size(); cut += step) {
    const auto operations = std::span(scenario.operations).first(cut);
    std::uint64_t acknowledged = 0;
    for (const FileOperation& operation : operations) {
      if (operation.kind == FileOperation::Kind::kNote) acknowledged = operation.note;
    }
    for (const Unsynced unsynced :
         {Unsynced::kLost, Unsynced::kKept, Unsynced::kSome, Unsynced::kSome}) {
      SCOPED_TRACE("cut after operation " + std::to_string(cut) + " of " +
                   std::to_string(scenario.operations.size()) + ", unsynced " +
                   std::to_string(static_cast<int>(unsynced)));
      expect_recovered(PowerCut::apply(scenario.before, operations, unsynced, random),
                       acknowledged);
      if (::testing::Test::HasFailure()) return cuts;
      ++cuts;
    }
  }
  return cuts;
}

class SqlitePowerCut : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    random_.seed(seed);
  }
  std::mt19937_64 random_;
};

TEST_F(SqlitePowerCut, AtEveryWriteNothingAcknowledgedIsLostAndNothingIsInvented) {
  const Scenario scenario = record_scenario(0);
  const std::size_t cuts = cut_everywhere(scenario, is_long() ? 1 : 7, random_);
  std::printf("%zu cuts of %zu operations\n", cuts, scenario.operations.size());
  EXPECT_GT(scenario.operations.size(), 400u);
}

TEST_F(SqlitePowerCut, AlsoAfterASyncThatFailed) {
  std::size_t cuts = 0;
  for (int failing = 1 + static_cast<int>(random_() % 5); failing < 70;
       failing += is_long() ? 1 : 11) {
    SCOPED_TRACE("failing sync " + std::to_string(failing));
    cuts += cut_everywhere(record_scenario(failing), is_long() ? 29 : 97, random_);
    if (HasFailure()) return;
  }
  std::printf("%zu cuts\n", cuts);
  EXPECT_GT(cuts, 100u);
}

}  // namespace
}  // namespace millwright
