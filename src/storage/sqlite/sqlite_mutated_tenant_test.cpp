// Files of a tenant that are not what the program wrote: bytes flipped, ranges lost or in the wrong
// place, files cut, swapped, emptied or gone. Whatever is asked afterwards, the answer is the truth
// or an error, and no reader, no writer and no check crashes (goal R-11; run it under sanitizers).
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bit>
#include <fstream>
#include <map>
#include <random>

#include "storage/sqlite/sqlite_tenant_directory.h"
#include "storage/sqlite/sqlite_verify.h"
#include "storage/sqlite/store_files.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;
using testing::kEver;
using testing::kNoLimit;
using Files = std::map<std::string, std::string>;  // content by name
using Samples = std::map<std::int64_t, double>;    // value by time

constexpr EpochId kEpoch{7};
constexpr std::int64_t kWaveStepUs = 1'000;

/// What the tenant was told, and its files then.
struct Truth {
  std::vector<Files> images;  ///< after a clean stop; as a killed process leaves them
  std::map<SeriesId, Samples> samples;
  std::map<SeriesId, Metric> metrics;
  std::uint64_t watermark = 0;
};

fs::path tenant_folder(const fs::path& root) { return root / "tenants" / "100000"; }

Files read_folder(const fs::path& folder) {
  Files out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with("-shm")) continue;  // shared memory: of no meaning to the next process
    std::ifstream in(entry.path(), std::ios::binary);
    out[name] = {std::istreambuf_iterator<char>(in), {}};
  }
  return out;
}

/// Writes a tenant as the program does, and notes everything.
class Writer {
 public:
  explicit Writer(const fs::path& root) : root_(root) {
    MW_CHECK(SqliteTenantDirectory::create_in(root, tenant_).has_value());
    open();
    MW_CHECK(store_->catalog().add_device(device_).has_value());
    MW_CHECK(store_->samples().open_session(stream_, 1).has_value());
  }

  SeriesId metric(const char* path, const char* name, MetricType type) {
    const MetricKey key{device_.id, *Path::parse(path), *MetricId::parse(name)};
    const Metric metric = store_->catalog().resolve_metric(key, "mm/s", name, type).value();
    truth_.metrics.emplace(metric.series, metric);
    return metric.series;
  }

  void append(Append append) {
    append.samples.each_run([&](SeriesId series, auto at_us, auto value) {
      for (std::size_t i = 0; i < at_us.size(); ++i) truth_.samples[series][at_us[i]] = value[i];
    });
    for (const auto& [series, block] : append.waveforms) {
      for (std::size_t i = 0; i < block.value.size(); ++i) {
        truth_.samples[series][block.start_us + static_cast<std::int64_t>(i) * kWaveStepUs] =
            static_cast<double>(block.value[i]);
      }
    }
    const std::uint64_t seq = ++truth_.watermark;
    append.advance = EpochAdvance{stream_, kEpoch, 1, seq, seq, seq * 3, 1, from_us(0), {}};
    MW_CHECK(store_->samples().append({&append, 1})[0].has_value());
  }

  void settle() { MW_CHECK(store_->samples().settle().has_value()); }
  void take_image() { truth_.images.push_back(read_folder(tenant_folder(root_))); }
  void open() {
    directory_ = SqliteTenantDirectory::open(root_).value();
    store_ = directory_->open_for_service(tenant_).value();
  }
  void close() {
    store_.reset();
    directory_.reset();
  }
  Truth take() {
    close();
    return std::move(truth_);
  }

 private:
  const fs::path root_;
  const TenantId tenant_ = testing::tenant_id("100000");
  const Device device_{testing::device_id("000001"), "", "UTC", {}, {}, "", "", {}, {}, {}};
  const StreamKey stream_{testing::device_id("000001"), StreamClass::kTelemetry};
  std::unique_ptr<SqliteTenantDirectory> directory_;
  std::shared_ptr<TenantStore> store_;
  Truth truth_;
};

/// Chunks of several kinds of values, waveforms, and a log that is not sealed yet.
Truth make_truth(std::mt19937_64& random) {
  const testing::TemporaryFolder folder;
  Writer writer(folder.path());
  std::normal_distribution<double> noise;
  const std::array<SeriesId, 3> scalars{
      writer.metric("line1.press", "temperature", MetricType::kNumericScalar),
      writer.metric("line1.press", "force", MetricType::kNumericScalar),
      writer.metric("line2", "count", MetricType::kNumericScalar)};
  const SeriesId waves = writer.metric("line2", "vibration", MetricType::kWaveform);
  std::int64_t at_us = 1'780'000'000'000'000;
  const auto write = [&](int samples) {
    Append append;
    for (int i = 0; i < samples; ++i) {
      at_us += 1'000'000 + static_cast<std::int64_t>(random() % 1'000);
      append.samples.append(scalars[0], at_us, std::round(2'000 + 50 * noise(random)) / 100);
      append.samples.append(scalars[1], at_us, noise(random));
      append.samples.append(scalars[2], at_us, static_cast<double>(i / 10));
    }
    std::vector<float> wave(256);
    for (float& value : wave) value = static_cast<float>(noise(random));
    append.waveforms.push_back({waves, {at_us, 1e6 / kWaveStepUs, std::move(wave)}});
    writer.append(std::move(append));
  };
  for (int i = 0; i < 8; ++i) write(1'200);
  writer.settle();
  write(300);
  writer.close();
  writer.open();
  writer.settle();
  for (int i = 0; i < 3; ++i) write(40);
  writer.take_image();
  writer.close();
  Truth truth = writer.take();
  truth.images.push_back(read_folder(tenant_folder(folder.path())));
  return truth;
}

/// One change of a tenant's files, and its words.
class Mutation {
 public:
  Mutation(Files files, std::mt19937_64& random) : files_(std::move(files)), random_(random) {}

  void mutate() {
    const int changes = 1 + (random_() % 4 == 0 ? static_cast<int>(random_() % 3) : 0);
    for (int i = 0; i < changes; ++i) mutate_once();
  }
  const Files& files() const { return files_; }
  const std::string& words() const { return words_; }
  /// Cut frames of a write-ahead log are what a power cut leaves: nobody can tell them apart.
  bool is_log_hurt() const { return is_log_hurt_; }

 private:
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }

  void mutate_once() {
    auto found = files_.begin();
    std::advance(found, below(files_.size()));
    auto& [name, bytes] = *found;
    is_log_hurt_ |= name.ends_with("-wal");
    const std::size_t size = bytes.size();
    const std::size_t at = below(size);
    const std::size_t length = std::min(size - at, std::size_t{1} << below(16));
    const auto range = [&, file = name] {
      return " " + std::to_string(length) + " bytes of " + file + " at " + std::to_string(at);
    };
    switch (random_() % 10) {
      case 0:
      case 1:
      case 2:
        if (size > 0) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        words_ += "; flipped a bit of " + name + " at " + std::to_string(at);
        break;
      case 3:
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), length, '\0');
        words_ += "; zeroed" + range();
        break;
      case 4:
        for (std::size_t i = 0; i < length; ++i) bytes[at + i] = static_cast<char>(random_());
        words_ += "; overwrote" + range();
        break;
      case 5: {
        const std::size_t from = below(size - length + 1);
        const std::string other = bytes.substr(from, length);
        bytes.replace(at, length, other);
        words_ += "; replaced" + range() + " by those at " + std::to_string(from);
        break;
      }
      case 6:
        bytes.resize(at);
        words_ += "; cut " + name + " at " + std::to_string(at);
        break;
      case 7:
        bytes.append(std::size_t{1} << below(17), static_cast<char>(random_()));
        words_ += "; lengthened " + name;
        break;
      case 8: {
        auto other = files_.begin();
        std::advance(other, below(files_.size()));
        std::swap(bytes, other->second);
        is_log_hurt_ |= other->first.ends_with("-wal");
        words_ += "; swapped " + name + " and " + other->first;
        break;
      }
      default:
        words_ += "; removed " + name;
        files_.erase(found);
    }
  }

  Files files_;
  std::mt19937_64& random_;
  std::string words_;
  bool is_log_hurt_ = false;
};

/// Asks everything of a mutated tenant.
class Questions {
 public:
  Questions(const Truth& truth, const Mutation& mutation, bool set_aside)
      : truth_(truth), mutation_(mutation), set_aside_(set_aside) {}

  void ask() {
    MW_CHECK(SqliteTenantDirectory::create_in(folder_.path(), tenant_).has_value());
    for (const auto& [name, bytes] : mutation_.files()) {
      std::ofstream(tenant_folder(folder_.path()) / name, std::ios::binary) << bytes;
    }
    const auto report = verify_tenant_folder(tenant_folder(folder_.path()));
    note(report);
    is_named_ |= report && !report->damages.empty();
    if (set_aside_ && report) {
      note(set_aside_damage(tenant_folder(folder_.path()), *report));
      note(verify_tenant_folder(tenant_folder(folder_.path())));
    }
    auto directory = SqliteTenantDirectory::open(folder_.path());
    ASSERT_TRUE(directory) << directory.error().message;
    const auto store = (*directory)->open_for_service(tenant_);
    if (!note(store)) return;
    ask_catalog((*store)->catalog());
    ask_samples((*store)->samples());
    write((*store)->samples());
  }

 private:
  /// An error has words; answers whether there is a value.
  template <typename T>
  bool note(const Result<T>& result) {
    if (result) return true;
    is_named_ = true;
    EXPECT_NE(result.error().message, "");
    return false;
  }
  /// Where nothing was found and nothing said, all must be there.
  bool must_be_whole() const { return !is_named_ && !mutation_.is_log_hurt(); }

  void ask_catalog(TenantCatalog& catalog) {
    const auto devices = catalog.devices();
    if (note(devices)) {
      for (const Device& device : *devices) EXPECT_EQ(device.id.str(), "000001");
    }
    const auto metrics = catalog.metrics(testing::device_id("000001"), *Path::parse(""));
    if (!note(metrics)) return;
    for (const Metric& metric : *metrics) {
      const auto found = truth_.metrics.find(metric.series);
      ASSERT_NE(found, truth_.metrics.end());
      EXPECT_EQ(metric.key, found->second.key);
      EXPECT_EQ(metric.unit, found->second.unit);
      EXPECT_EQ(metric.type, found->second.type);
    }
    if (must_be_whole()) {
      EXPECT_EQ(metrics->size(), truth_.metrics.size());
    }
  }

  void ask_samples(SampleStore& samples) {
    for (const auto& [series, expected] : truth_.samples) {
      SCOPED_TRACE("series " + std::to_string(static_cast<std::int64_t>(series)));
      const auto read = samples.read(series, kEver, kNoLimit);
      if (note(read)) expect_true(*read, expected);
      const std::vector<std::int64_t> all{expected.begin()->first, expected.rbegin()->first + 1};
      const auto bucket = samples.aggregate(series, all);
      if (note(bucket)) expect_true((*bucket)[0], expected, read ? &*read : nullptr);
      const std::array one{series};
      const auto latest = samples.latest(one);
      if (note(latest) && (*latest)[0]) {
        const auto found = expected.find((*latest)[0]->timestamp_us);
        ASSERT_NE(found, expected.end());
        EXPECT_EQ((*latest)[0]->value, found->second);
      }
      if (must_be_whole() && read) {
        EXPECT_EQ(read->size(), expected.size());
      }
    }
    const auto epoch = samples.epoch(kEpoch);
    if (note(epoch) && *epoch) {
      EXPECT_LE((*epoch)->watermark, truth_.watermark);
      EXPECT_EQ((*epoch)->chain, (*epoch)->watermark * 3);
    }
    note(samples.gaps());
    note(samples.quarantined_count());
  }

  static void expect_true(const SampleColumns& read, const Samples& expected) {
    for (std::size_t i = 0; i < read.size(); ++i) {
      if (i > 0) {
        ASSERT_LT(read.timestamp_us[i - 1], read.timestamp_us[i]);
      }
      const auto found = expected.find(read.timestamp_us[i]);
      ASSERT_NE(found, expected.end()) << "a sample that nobody wrote";
      ASSERT_EQ(std::bit_cast<std::uint64_t>(read.value[i]),
                std::bit_cast<std::uint64_t>(found->second));
    }
  }
  /// An aggregate agrees with the samples where these can be read, and never invents any.
  static void expect_true(const Bucket& bucket, const Samples& expected,
                          const SampleColumns* read) {
    EXPECT_LE(bucket.count, expected.size());
    if (read != nullptr) {
      EXPECT_EQ(bucket.count, read->size());
    }
    if (bucket.count == 0) return;
    const auto is_written = [&](double value) {
      return std::any_of(expected.begin(), expected.end(),
                         [&](const auto& sample) { return sample.second == value; });
    };
    EXPECT_TRUE(is_written(bucket.min) && is_written(bucket.max) && is_written(bucket.first) &&
                is_written(bucket.last));
    if (read == nullptr) return;
    EXPECT_EQ(bucket.first, read->value.front());
    EXPECT_EQ(bucket.last, read->value.back());
    EXPECT_EQ(bucket.min, *std::min_element(read->value.begin(), read->value.end()));
    EXPECT_EQ(bucket.max, *std::max_element(read->value.begin(), read->value.end()));
  }

  /// A writer is answered, and what it was promised can be read.
  void write(SampleStore& samples) {
    const SeriesId fresh{99};
    Append append;
    append.samples.append(fresh, 1, 0.5);
    if (note(samples.append({&append, 1})[0])) {
      const auto read = samples.read(fresh, kEver, kNoLimit);
      if (note(read)) {
        EXPECT_EQ(read->value, std::vector{0.5});
      }
    }
    note(samples.maintain());
    note(samples.settle());
  }

  const Truth& truth_;
  const Mutation& mutation_;
  const bool set_aside_;
  const TenantId tenant_ = testing::tenant_id("100000");
  const testing::TemporaryFolder folder_;
  bool is_named_ = false;  // somebody was told that something is wrong
};

int count_of_mutations() {
  if (const char* count = std::getenv("MILLWRIGHT_MUTATIONS")) return std::atoi(count);
  return std::getenv("MILLWRIGHT_LONG_TESTS") != nullptr ? 1'000 : 60;
}
unsigned long seed_of_run() {
  const char* seed = std::getenv("MILLWRIGHT_SEED");
  return seed != nullptr ? std::strtoul(seed, nullptr, 10) : std::random_device{}();
}

/// In a process of its own, so that a crash is one mutation's; answers whether all went well.
bool ask_in_child(const Truth& truth, unsigned long seed, int number, std::string* words) {
  std::mt19937_64 random(seed + static_cast<unsigned long>(number) * 1'000'003);
  Mutation mutation(truth.images[random() % truth.images.size()], random);
  mutation.mutate();
  const bool set_aside = random() % 3 == 0;
  *words = mutation.words() + (set_aside ? "; set aside" : "");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  MW_CHECK(child >= 0);
  if (child == 0) {
    Questions(truth, mutation, set_aside).ask();
    std::fflush(nullptr);
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  MW_CHECK(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(SqliteTenantDamage, MutatedFilesAnswerTheTruthOrAnErrorAndNeverCrash) {
  const unsigned long seed = seed_of_run();
  const int count = count_of_mutations();
  std::printf("seed %lu, %d mutations (MILLWRIGHT_SEED, MILLWRIGHT_MUTATIONS)\n", seed, count);
  std::mt19937_64 random(seed);
  const Truth truth = make_truth(random);
  const char* only = std::getenv("MILLWRIGHT_MUTATION");  // one of them, to look into it
  int failures = 0;
  for (int number = 0; number < count && failures < 10; ++number) {
    if (only != nullptr && number != std::atoi(only)) continue;
    std::string words;
    if (ask_in_child(truth, seed, number, &words)) continue;
    ++failures;
    ADD_FAILURE() << "MILLWRIGHT_SEED=" << seed << " MILLWRIGHT_MUTATION=" << number << words;
  }
}

}  // namespace
}  // namespace millwright
