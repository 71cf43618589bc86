// A process that appends is killed at random instants; what is left must be exactly the records up
// to the watermark, and the watermark must not be below what was acknowledged.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "storage/sqlite/sqlite_under_test.h"

namespace millwright {
namespace {

using testing::kEver;
using testing::kNoLimit;

constexpr int kRounds = 20;
constexpr EpochId kEpoch{7};
constexpr std::uint64_t kMaxInFlight = 4 * 3;  // records of one commit

struct Open {
  std::unique_ptr<SqliteTenantDirectory> directory;
  std::shared_ptr<TenantStore> store;
};

Open open(const std::filesystem::path& folder) {
  Open out;
  auto directory = SqliteTenantDirectory::open(folder);
  MW_CHECK(directory.has_value());
  out.directory = std::move(directory).value();
  const TenantId tenant = testing::tenant_id("100000");
  if (const auto created = out.directory->create(tenant); !created) {
    MW_CHECK(created.error().code == ErrorCode::kAlreadyExists);
  }
  auto store = out.directory->open_for_service(tenant);
  MW_CHECK(store.has_value());
  out.store = std::move(store).value();
  return out;
}

/// Record n writes to series n % 3 + 1: a sample of its own, and a correction of the record three
/// before.
Append records(std::uint64_t base, std::uint64_t end) {
  Append out;
  for (std::uint64_t n = base; n <= end; ++n) {
    const SeriesId series{static_cast<std::int64_t>(n % 3 + 1)};
    out.samples.append(series, static_cast<std::int64_t>(n) * 1'000, static_cast<double>(n));
    if (n > 3) out.samples.append(series, static_cast<std::int64_t>(n - 3) * 1'000, -1);
  }
  return out;
}

/// Appends without end; writes the watermark after each commit.
[[noreturn]] void append_for_ever(const std::filesystem::path& folder, int acknowledged,
                                  std::uint64_t session) {
  Open open_store = open(folder);
  SampleStore& samples = open_store.store->samples();
  const StreamKey stream{testing::device_id("000001"), StreamClass::kTelemetry};
  MW_CHECK(samples.open_session(stream, session).has_value());
  const auto known = samples.epoch(kEpoch);
  std::uint64_t watermark = *known ? (*known)->watermark : 0;
  for (std::uint64_t commit = 0;; ++commit) {
    std::vector<Append> appends;
    for (std::uint64_t a = 0; a < 1 + commit % 4; ++a) {
      Append append = records(watermark + 1, watermark + 3);
      append.advance =
          EpochAdvance{stream, kEpoch, session, watermark + 1, watermark + 3, 0, 3, from_us(0), {}};
      watermark += 3;
      appends.push_back(std::move(append));
    }
    for (const auto& result : samples.append(appends)) MW_CHECK(result.has_value());
    MW_CHECK(::write(acknowledged, &watermark, sizeof watermark) == sizeof watermark);
    if (commit % 5 == 0) MW_CHECK(samples.maintain().has_value());
  }
}

void expect_exactly(SampleStore& samples, std::uint64_t watermark) {
  for (std::uint64_t series = 1; series <= 3; ++series) {
    const auto read = samples.read(SeriesId{static_cast<std::int64_t>(series)}, kEver, kNoLimit);
    ASSERT_TRUE(read) << read.error().message;
    std::vector<std::int64_t> times;
    std::vector<double> values;
    for (std::uint64_t n = 1; n <= watermark; ++n) {
      if (n % 3 + 1 != series) continue;
      times.push_back(static_cast<std::int64_t>(n) * 1'000);
      values.push_back(n + 3 <= watermark ? -1 : static_cast<double>(n));
    }
    ASSERT_EQ(read->timestamp_us, times);
    ASSERT_EQ(read->value, values);
  }
}

TEST(SqliteCrash, AKilledWriterLosesNothingAcknowledgedAndStoresNothingTwice) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const testing::TemporaryFolder folder;
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < kRounds; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) append_for_ever(folder.path(), ends[1], static_cast<std::uint64_t>(round) + 1);
    ::close(ends[1]);
    // Some commits, and then an instant inside whatever comes next.
    const unsigned commits = random() % 30;
    std::uint64_t told = 0;
    for (unsigned i = 0; i < commits; ++i) {
      ASSERT_EQ(::read(ends[0], &told, sizeof told), ssize_t{sizeof told});
      acknowledged = told;
    }
    ::usleep(random() % 3'000);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
    while (::read(ends[0], &told, sizeof told) == ssize_t{sizeof told}) acknowledged = told;
    ::close(ends[0]);

    Open after = open(folder.path());
    const auto epoch = after.store->samples().epoch(kEpoch);
    ASSERT_TRUE(epoch);
    const std::uint64_t watermark = *epoch ? (*epoch)->watermark : 0;
    ASSERT_GE(watermark, acknowledged);
    ASSERT_LE(watermark, acknowledged + kMaxInFlight);
    expect_exactly(after.store->samples(), watermark);
    if (HasFatalFailure()) return;
    acknowledged = watermark;
  }
  EXPECT_GT(acknowledged, 100u);
}

}  // namespace
}  // namespace millwright
