/// store.*: the embedded store under the reference load W, at its port.
///
///   store_bench LOAD MINUTES FOLDER     measures with the first MINUTES of the load, then streams
///                                       the rest; leaves FOLDER/queries.tsv for the peers
///   store_bench --verify LOAD FOLDER    opens what a process left that ended without closing, and
///                                       compares every bit with the load (the first form ends so)
///
/// Reading the load from its file (in the page cache) counts as ingest: about 0.06 ms a batch.

#include <unistd.h>

#include <atomic>
#include <bit>
#include <thread>

#include "../figures.h"
#include "own_store.h"

namespace millwright::bench {
namespace {

void measure_ingest(Writer& writer, std::int64_t minutes, std::size_t series) {
  std::vector<double> commits;
  const auto start = Steady::now();
  while (writer.next_minute() < minutes) {
    const auto commit = Steady::now();
    writer.append(
        static_cast<int>(std::min<std::int64_t>(kBatchesInFlight, minutes - writer.next_minute())));
    commits.push_back(ms_since(commit));
  }
  const double seconds = ms_since(start) / 1000;
  print_figure("store.ingest_samples_per_s",
               static_cast<double>(minutes) * static_cast<double>(series) / seconds, "samples/s");
  print_figure("store.commit_p50_ms", median(commits), "ms");
  print_figure("store.commit_max_ms", *std::max_element(commits.begin(), commits.end()), "ms");
}

void measure_size(OwnStore& store, double samples, std::uint64_t written_before) {
  const auto start = Steady::now();
  while (must(store.samples().maintain())) {  // as the hub does when its writer is idle
  }
  must(store.samples().settle());
  print_figure("store.settle_s", ms_since(start) / 1000, "s");
  print_figure("store.bytes_per_sample",
               static_cast<double>(folder_bytes(store.folder())) / samples, "bytes");
  print_figure("store.bytes_written_per_sample",
               static_cast<double>(bytes_written() - written_before) / samples, "bytes");
}

/// Answers the queries with what the store said; other stores must say the same.
std::vector<AnsweredQuery> measure_queries(SampleStore& store, const std::vector<Query>& queries) {
  std::vector<AnsweredQuery> answered;
  std::vector<double> times[kQuestions];
  for (const Query& query : queries) {
    const Timed timed = ask(store, query);
    times[query.question - 1].push_back(timed.ms);
    answered.push_back({query, timed.answer});
  }
  for (int i = 0; i < kQuestions; ++i) {
    print_figure("store.q" + std::to_string(i + 1) + "_ms", median(times[i]), "ms");
  }
  return answered;
}

/// The latest values, asked 50 times while a million samples a second come in. What is left of the
/// load is appended.
void measure_streaming(SampleStore& store, Writer& writer, std::int64_t minutes,
                       const Query& latest) {
  std::atomic<bool> is_done = false;
  std::thread stream([&] {
    auto due = Steady::now();
    while (writer.next_minute() < minutes) {
      writer.append(1);
      due += std::chrono::milliseconds(10);
      std::this_thread::sleep_until(due);
    }
    is_done = true;
  });
  std::vector<double> times;
  while (!is_done) {
    times.push_back(ask(store, latest).ms);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  stream.join();
  print_figure("store.q1_streaming_ms", median(times), "ms");
}

/// Becomes the process that compares; what this one had not put in its final form stays as it is.
[[noreturn]] void end_without_closing(const std::filesystem::path& load,
                                      const std::filesystem::path& folder) {
  ::execl("/proc/self/exe", "store_bench", "--verify", load.c_str(), folder.c_str(), nullptr);
  fail("cannot start the comparison");
}

[[noreturn]] void measure(const std::filesystem::path& load_path, std::int64_t minutes,
                          const std::filesystem::path& folder) {
  const LoadFile load(load_path);
  const LoadHeader& header = load.header();
  print_figure("disk.fdatasync_p50_ms", fdatasync_p50_ms(folder), "ms");
  const std::uint64_t written_before = bytes_written();
  OwnStore store(folder / "data");
  Writer writer(store.samples(), load);
  say("store: ingest of " + std::to_string(minutes) + " minutes");
  measure_ingest(writer, minutes, header.series_count());
  const double samples = static_cast<double>(minutes) * static_cast<double>(header.series_count());
  measure_size(store, samples, written_before);
  say("store: queries");
  const auto queries = make_queries(header, minutes, header.seed);
  write_queries(folder / "queries.tsv", measure_queries(store.samples(), queries));
  measure_streaming(store.samples(), writer, header.minutes, queries.front());
  print_figure("store.rss_mib", resident_mib(), "MiB");
  print_figure("store.rss_peak_mib", peak_resident_mib(), "MiB");
  end_without_closing(load_path, folder);
}

/// A hash of one series, sample after sample in order of time.
struct Fingerprint {
  std::uint64_t hash = 0;
  std::uint64_t count = 0;
  double sum = 0;
  std::int64_t last_us = INT64_MIN;
  bool ascends = true;

  void add(std::int64_t at_us, double value) {
    mix(static_cast<std::uint64_t>(at_us));
    mix(std::bit_cast<std::uint64_t>(value));
    ++count;
    sum += value;
    ascends &= at_us > last_us;
    last_us = at_us;
  }
  void mix(std::uint64_t word) {  // every bit of the word moves about half of the hash
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93;
    hash ^= hash >> 29;
  }
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

std::vector<Fingerprint> fingerprints(const LoadFile& load) {
  std::vector<Fingerprint> out(load.header().series_count());
  SampleBatch batch;
  for (std::int64_t minute = 0; minute < load.header().minutes; ++minute) {
    load.read(minute, batch);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i].add(batch.columns.timestamp_us[i], batch.columns.value[i]);
    }
  }
  return out;
}

void verify(const LoadFile& load, const std::filesystem::path& folder) {
  const auto start = Steady::now();
  OwnStore store(folder / "data");
  print_figure("store.open_ms", ms_since(start), "ms");
  say("store: reading all back");
  Fingerprint all;
  const std::vector<Fingerprint> expected = fingerprints(load);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const SampleColumns read = must(store.samples().read(SeriesId{static_cast<std::int64_t>(i) + 1},
                                                         {INT64_MIN, INT64_MAX}, SIZE_MAX));
    Fingerprint found;
    for (std::size_t k = 0; k < read.size(); ++k) found.add(read.timestamp_us[k], read.value[k]);
    if (found != expected[i] || !found.ascends) {
      fail("series " + std::to_string(i + 1) + " has " + std::to_string(found.count) +
           " samples that differ from the " + std::to_string(expected[i].count) +
           " that were stored");
    }
    all.mix(found.hash);
    all.count += found.count;
    all.sum += found.sum;
  }
  char line[160];
  std::snprintf(line, sizeof line, "store: %lu samples read back, sum %.17g, hash %016lx: the same",
                all.count, all.sum, all.hash);
  say(line);
  print_figure("store.verified_samples", static_cast<double>(all.count), "samples");
}

}  // namespace
}  // namespace millwright::bench

int main(int argc, char** argv) {
  using namespace millwright::bench;
  if (argc != 4)
    fail("usage: store_bench LOAD MINUTES FOLDER, or store_bench --verify LOAD FOLDER");
  if (argv[1] == std::string("--verify")) {
    verify(LoadFile(argv[2]), argv[3]);
    return 0;
  }
  measure(argv[1], std::atoll(argv[2]), argv[3]);
}
