// verify finds what is damaged, names it, and can move it out of the way.
#include "storage/sqlite/sqlite_verify.h"

#include <fstream>
#include <random>

#include "storage/sqlite/sqlite_tenant_catalog.h"
#include "storage/sqlite/store_files.h"

namespace millwright {
namespace {

using testing::kEver;
using testing::kNoLimit;
using testing::ramp;

/// A tenant with a catalog, chunks, a log, a waveform and a producer.
class SqliteVerifyTest : public testing::StoreFiles {
 protected:
  void SetUp() override {
    open();
    auto catalog = SqliteTenantCatalog::open(folder_.path() / "catalog.db");
    ASSERT_TRUE(catalog) << catalog.error().message;
    const Device device{*DeviceId::parse("000001"), "", "UTC", {}, {}, "", "", {}, {}, {}};
    ASSERT_TRUE((*catalog)->add_device(device));
    const auto metric = [&](const char* path, const char* name, MetricType type) {
      return (*catalog)
          ->resolve_metric({device.id, *Path::parse(path), *MetricId::parse(name)}, "", "", type)
          .value()
          .series;
    };
    warm_ = metric("line1.press", "temperature", MetricType::kNumericScalar);
    other_ = metric("line2", "pressure", MetricType::kNumericScalar);
    shaken_ = metric("line1.press", "vibration", MetricType::kWaveform);
    put(warm_, ramp(0, 5'000));
    put(other_, ramp(0, 5'000));
    Append append;
    append.waveforms.push_back({shaken_, {1'000, 1'000.0, std::vector<float>(512, 0.5F)}});
    ASSERT_TRUE(store_->append({&append, 1})[0]);
    ASSERT_TRUE(store_->settle());
    put(warm_, ramp(5'000, 10));
  }

  VerifyReport verify() {
    auto report = verify_tenant_folder(folder_.path());
    EXPECT_TRUE(report) << report.error().message << report.error().detail;
    return report ? std::move(report).value() : VerifyReport();
  }
  static std::string sentences(const VerifyReport& report) {
    std::string out;
    for (const Damage& damage : report.damages) out += to_sentence(damage) + "\n";
    return out;
  }
  /// Flips one byte of a closed file.
  static void flip(const std::filesystem::path& file, std::uint64_t at) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(static_cast<std::streamoff>(at));
    const char was = static_cast<char>(bytes.get());
    bytes.seekp(static_cast<std::streamoff>(at));
    bytes.put(static_cast<char>(was ^ 0x20));
    ASSERT_TRUE(bytes.good());
  }

  SeriesId warm_{}, other_{}, shaken_{};
};

TEST_F(SqliteVerifyTest, ASoundTenantHasNoDamageAlsoBesideItsServer) {
  for (const bool is_open : {true, false}) {
    if (!is_open) store_.reset();
    const VerifyReport report = verify();
    EXPECT_EQ(sentences(report), "");
    EXPECT_EQ(report.samples, 5'000u + 5'010u + 512u);
    EXPECT_EQ(report.waveforms, 1u);
    EXPECT_EQ(report.log_records, 1u);
    EXPECT_GE(report.chunks, 6u);
    EXPECT_GT(report.pages, 3u);
  }
}

TEST_F(SqliteVerifyTest, AMissingFileIsNamed) {
  store_.reset();
  std::filesystem::remove(chunks_file());
  const auto report = verify_tenant_folder(folder_.path());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kNotFound);
  EXPECT_NE(report.error().message.find("chunks.db"), std::string::npos);
}

TEST_F(SqliteVerifyTest, ADamagedChunkIsNamedAndMovedAside) {
  execute(chunks_file(),
          "UPDATE chunk_data SET bytes = zeroblob(length(bytes)) WHERE version = "
          "(SELECT version FROM chunks WHERE series = 1 ORDER BY first_us LIMIT 1)");
  const VerifyReport report = verify();
  ASSERT_EQ(report.damages.size(), 1u) << sentences(report);
  EXPECT_NE(sentences(report).find("chunks.db: samples of device '000001', path 'line1.press', "
                                   "metric 'temperature' from 1970-01-01T00:00:00.000000Z to "),
            std::string::npos)
      << sentences(report);
  EXPECT_EQ(store_->read(warm_, kEver, kNoLimit).error().code, ErrorCode::kDataLoss);
  const std::int64_t last_us = *report.damages[0].last_us;

  store_.reset();
  const auto moved = set_aside_damage(folder_.path(), report);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(*moved, 1u);
  const VerifyReport after = verify();
  EXPECT_EQ(sentences(after), "");
  EXPECT_EQ(after.set_aside, 1u);
  open();
  const auto left = store_->read(warm_, kEver, kNoLimit);
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_EQ(left->timestamp_us.front(), last_us + 1'000);
  EXPECT_EQ(left->timestamp_us.back(), 5'009'000);
  EXPECT_EQ(store_->count(other_, kEver).value(), 5'000u);
}

TEST_F(SqliteVerifyTest, ARowThatSaysSomethingElseThanItsSamplesIsDamage) {
  for (const char* change :
       {"UPDATE chunks SET sum = sum + 1 WHERE series = 2", "UPDATE chunks SET max = max + 1",
        "UPDATE chunks SET count = count - 1", "UPDATE chunks SET last_us = last_us - 1",
        "DELETE FROM chunk_data WHERE version = (SELECT min(version) FROM chunk_data)",
        "DELETE FROM chunks WHERE version = (SELECT min(version) FROM chunks)",
        "DELETE FROM series WHERE series = 1", "UPDATE series SET span_us = 0 WHERE series = 2",
        "UPDATE series SET at_us = 5 WHERE series = 2"}) {
    SCOPED_TRACE(change);
    store_.reset();
    const std::string kept = chunks_file().string() + ".kept";
    std::filesystem::copy_file(chunks_file(), kept);
    execute(chunks_file(), change);
    EXPECT_FALSE(verify().damages.empty());
    std::filesystem::rename(kept, chunks_file());
  }
  EXPECT_TRUE(verify().damages.empty());
}

TEST_F(SqliteVerifyTest, WaveformsLogAndProducersAreCheckedToo) {
  execute(samples_file(), "UPDATE waveform_data SET bytes = x'01'");
  execute(samples_file(), "UPDATE log SET bytes = zeroblob(length(bytes))");
  execute(samples_file(),
          "INSERT INTO epochs (epoch, agent, class, watermark) VALUES (x'01', '000001', 2, 7)");
  const VerifyReport report = verify();
  EXPECT_EQ(report.damages.size(), 3u) << sentences(report);
  EXPECT_NE(sentences(report).find("metric 'vibration' from"), std::string::npos);
  EXPECT_NE(sentences(report).find("record "), std::string::npos);
  EXPECT_NE(sentences(report).find("the watermark of agent '000001'"), std::string::npos);

  store_.reset();
  ASSERT_EQ(set_aside_damage(folder_.path(), report).value(), 2u);
  const VerifyReport after = verify();
  EXPECT_EQ(after.damages.size(), 1u) << sentences(after);
  EXPECT_EQ(after.set_aside, 2u);
  open();
  EXPECT_TRUE(store_->waveforms(shaken_, kEver, kNoLimit)->empty());
  EXPECT_EQ(store_->count(warm_, kEver).value(), 5'000u);
}

// A flipped byte is found wherever it lies; what is read afterwards is an error or the truth; and
// after the damage was moved aside, everything that is left can be read.
TEST_F(SqliteVerifyTest, AnyFlippedByteIsFound) {
  store_.reset();
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const auto& file : {chunks_file(), samples_file(), folder_.path() / "catalog.db"}) {
    const std::string kept = file.string() + ".kept";
    std::filesystem::copy_file(file, kept);
    const std::uint64_t size = std::filesystem::file_size(file);
    for (int i = 0; i < 12; ++i) {
      const std::uint64_t at = std::uniform_int_distribution<std::uint64_t>(0, size - 1)(random);
      SCOPED_TRACE(file.string() + " at " + std::to_string(at));
      flip(file, at);
      const VerifyReport report = verify();
      EXPECT_FALSE(report.damages.empty());
      if (file == chunks_file()) {
        const auto moved = set_aside_damage(folder_.path(), report);
        if (moved) {
          EXPECT_EQ(sentences(verify()), "");
          open();
          for (const SeriesId series : {warm_, other_}) {
            const auto left = store_->read(series, kEver, kNoLimit);
            ASSERT_TRUE(left) << left.error().message;
            for (std::size_t s = 0; s < left->size(); ++s) {
              ASSERT_EQ(left->value[s], static_cast<double>(left->timestamp_us[s] / 1'000));
            }
          }
          store_.reset();
        } else {  // its first page: nothing can be read
          EXPECT_EQ(moved.error().code, ErrorCode::kDataLoss);
          EXPECT_LT(at, 65'536u);
        }
      }
      for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with("-wal") || name.ends_with("-shm") ||
            name.find(".damaged") != std::string::npos) {
          std::filesystem::remove(entry.path());
        }
      }
      std::filesystem::copy_file(kept, file, std::filesystem::copy_options::overwrite_existing);
    }
    std::filesystem::remove(kept);
  }
  EXPECT_EQ(sentences(verify()), "");
}

}  // namespace
}  // namespace millwright
