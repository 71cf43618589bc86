// A backup holds what the tenant has, is refused when it is not as it was written, and comes back.
#include "storage/sqlite/tenant_backup.h"

#include <atomic>
#include <fstream>
#include <thread>

#include "storage/sqlite/sqlite_tenant_directory.h"
#include "storage/sqlite/sqlite_under_test.h"
#include "storage/sqlite/store_files.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;
using testing::kEver;
using testing::kNoLimit;
using testing::ramp;
using testing::tenant_id;

class TenantBackupTest : public ::testing::Test {
 protected:
  void SetUp() override { start(); }
  void start() {
    directory_ = *SqliteTenantDirectory::open(data());
    (void)directory_->create(tenant_);  // there already after a restart
    store_ = *directory_->open_for_service(tenant_);
    const Device device{*DeviceId::parse("000001"), "", "UTC", {}, {}, "", "", {}, {}, {}};
    (void)store_->catalog().add_device(device);
    series_ = store_->catalog()
                  .resolve_metric({device.id, *Path::parse("press"), *MetricId::parse("force")},
                                  "N", "", MetricType::kNumericScalar)
                  .value()
                  .series;
  }
  void stop() {
    store_.reset();
    directory_.reset();
  }
  void put(const SampleColumns& columns) {
    Append append;
    append.samples.append(series_, columns);
    ASSERT_TRUE(store_->samples().append({&append, 1})[0]);
  }
  std::vector<double> values() { return store_->samples().read(series_, kEver, kNoLimit)->value; }

  fs::path data() const { return folder_.path() / "data"; }
  fs::path tenant_folder() const { return data() / "tenants" / tenant_.str(); }
  fs::path backup() const { return folder_.path() / "backup"; }
  Result<BackupManifest> save() {
    return back_up_tenant(tenant_folder(), tenant_, backup(), clock_);
  }
  Result<BackupManifest> restore(bool replace) {
    return restore_tenant(backup(), tenant_, tenant_folder(), replace, clock_);
  }

  const TenantId tenant_ = tenant_id("100000");
  const testing::TemporaryFolder folder_;
  ManualClock clock_{from_us(1'780'000'000'000'000)};
  std::unique_ptr<SqliteTenantDirectory> directory_;
  std::shared_ptr<TenantStore> store_;
  SeriesId series_{};
};

TEST_F(TenantBackupTest, HoldsWhatTheTenantHasAndComesBack) {
  put(ramp(0, 5'000));
  ASSERT_TRUE(store_->samples().settle());
  put(ramp(5'000, 10));  // in the log
  const auto saved = save();
  ASSERT_TRUE(saved) << saved.error().message << saved.error().detail;
  EXPECT_EQ(saved->devices, 1u);
  EXPECT_EQ(saved->metrics, 1u);
  EXPECT_EQ(saved->samples, 5'010u);
  EXPECT_EQ(saved->first_us, 0);
  EXPECT_EQ(saved->last_us, 5'009'000);
  EXPECT_TRUE(saved->damages.empty());
  put(ramp(5'010, 100));  // lost by the restore
  stop();

  EXPECT_EQ(restore(false).error().code, ErrorCode::kAlreadyExists);
  const auto restored = restore(true);
  ASSERT_TRUE(restored) << restored.error().message << restored.error().detail;
  EXPECT_EQ(restored->samples, 5'010u);
  EXPECT_EQ(restored->taken_at, saved->taken_at);
  start();
  EXPECT_EQ(values(), ramp(0, 5'010).value);
  put(ramp(5'010, 3));  // new samples are kept beside those that the log held
  stop();
  start();
  EXPECT_EQ(values(), ramp(0, 5'013).value);
  std::size_t aside = 0;
  for (const auto& entry : fs::directory_iterator(data() / "tenants")) {
    aside += entry.path().filename().string().starts_with("100000.before-") ? 1 : 0;
  }
  EXPECT_EQ(aside, 1u);
  EXPECT_EQ(directory_->tenants()->size(), 1u);
}

// Chunks are copied after the log: what was sealed, and numbered, in between is in both.
TEST_F(TenantBackupTest, IsConsistentWhileSamplesAreWrittenAndSealed) {
  std::atomic<std::int64_t> written = 0;
  const std::jthread writer([&](const std::stop_token& stop_asked) {
    while (!stop_asked.stop_requested()) {
      put(ramp(written, 500));
      written += 500;
      if (written % 5'000 == 0) (void)store_->samples().settle();
    }
  });
  for (int round = 0; round < 5; ++round) {
    const std::int64_t before = written;
    fs::remove_all(backup());
    const auto saved = save();
    ASSERT_TRUE(saved) << saved.error().message << saved.error().detail;
    const testing::TemporaryFolder other;
    ASSERT_TRUE(
        restore_tenant(backup(), tenant_, other.path() / "tenants" / "100000", false, clock_));
    auto directory = *SqliteTenantDirectory::open(other.path());
    const auto copy = *directory->open_for_service(tenant_);
    for (int generation = 0; generation < 2; ++generation) {
      const SampleColumns read = *copy->samples().read(series_, kEver, kNoLimit);
      const auto count = static_cast<std::int64_t>(read.size());
      EXPECT_GE(count, before);
      EXPECT_EQ(read.value, ramp(0, count).value);
      Append more;  // taken although the copied chunks know higher numbers of the log
      more.samples.append(series_, ramp(count, 5));
      ASSERT_TRUE(copy->samples().append({&more, 1})[0]);
      EXPECT_EQ(copy->samples().read(series_, kEver, kNoLimit)->value, ramp(0, count + 5).value);
    }
  }
}

TEST_F(TenantBackupTest, ARefusedBackupChangesNothing) {
  put(ramp(0, 100));
  ASSERT_TRUE(save());
  EXPECT_EQ(save().error().code, ErrorCode::kAlreadyExists);
  stop();
  EXPECT_EQ(
      restore_tenant(backup(), tenant_id("200000"), data() / "tenants" / "200000", false, clock_)
          .error()
          .code,
      ErrorCode::kFailedPrecondition);
  for (const char* name : {"samples.db", "chunks.db", "catalog.db", "manifest.json"}) {
    const fs::path file = backup() / name;
    fs::rename(file, folder_.path() / "kept");
    fs::copy_file(folder_.path() / "kept", file);
    {
      std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
      bytes.seekp(40);
      bytes.put('\x7f');
    }
    const auto refused = restore(true);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::kDataLoss) << refused.error().message;
    EXPECT_NE(refused.error().message.find(name), std::string::npos) << refused.error().message;
    fs::remove(file);
    EXPECT_EQ(restore(true).error().code, ErrorCode::kNotFound) << name;
    fs::rename(folder_.path() / "kept", file);
  }
  start();
  EXPECT_EQ(values(), ramp(0, 100).value);
}

}  // namespace
}  // namespace millwright
