#include "own_store.h"

#include "../figures.h"

namespace millwright::bench {
namespace {

constexpr std::uint64_t kSession = 1;

StreamKey producer() { return {must(DeviceId::parse("gateway")), StreamClass::kTelemetry}; }

std::vector<SeriesId> series_of(const Query& query) {
  std::vector<SeriesId> series;
  for (std::int64_t i = 0; i < query.series_count; ++i) {
    series.push_back(SeriesId{query.first_series + i});
  }
  return series;
}

/// Ascending boundaries of equal buckets; the last bucket may be shorter.
std::vector<std::int64_t> boundaries_of(const Query& query) {
  std::vector<std::int64_t> boundaries;
  for (std::int64_t at = query.start_us; at < query.end_us; at += query.step_us) {
    boundaries.push_back(at);
  }
  boundaries.push_back(query.end_us);
  return boundaries;
}

Timed latest(SampleStore& store, const Query& query) {
  Timed out;
  const std::vector<SeriesId> series = series_of(query);
  const auto start = Steady::now();
  const auto latest = must(store.latest(series));
  out.ms = ms_since(start);
  for (const auto& sample : latest) {
    if (!sample) continue;
    ++out.answer.samples;
    out.answer.sum += sample->value;
  }
  return out;
}

Timed raw(SampleStore& store, const Query& query) {
  Timed out;
  const auto start = Steady::now();
  const SampleColumns samples =
      must(store.read(SeriesId{query.first_series}, {query.start_us, query.end_us}, SIZE_MAX));
  out.ms = ms_since(start);
  out.answer.samples = samples.size();
  for (const double value : samples.value) out.answer.sum += value;
  return out;
}

Timed buckets(SampleStore& store, const Query& query) {
  Timed out;
  const std::vector<SeriesId> series = series_of(query);
  const std::vector<std::int64_t> boundaries = boundaries_of(query);
  const auto start = Steady::now();
  const std::vector<Bucket> found = must(store.aggregate(series, boundaries));
  out.ms = ms_since(start);
  for (const Bucket& bucket : found) {
    if (bucket.count == 0) continue;
    out.answer.samples += bucket.count;
    if (query.question == 3) out.answer.sum += bucket.max;
  }
  return out;
}

Timed above(SampleStore& store, const Query& query) {
  Timed out;
  const std::vector<SeriesId> series = series_of(query);
  const auto start = Steady::now();
  out.answer.samples =
      must(store.count_above(series, {query.start_us, query.end_us}, query.threshold));
  out.ms = ms_since(start);
  return out;
}

}  // namespace

OwnStore::OwnStore(const std::filesystem::path& data)
    : directory_(must(SqliteTenantDirectory::open(data))) {
  const TenantId tenant = must(TenantId::parse("100000"));
  folder_ = data / "tenants" / tenant.str();
  if (!std::filesystem::exists(folder_)) must(directory_->create(tenant));
  store_ = must(directory_->open_for_service(tenant));
}

Writer::Writer(SampleStore& store, const LoadFile& load)
    : store_(store), load_(load), batches_(kBatchesInFlight) {
  must(store.open_session(producer(), kSession));
}

void Writer::append(int count) {
  const std::span batches(batches_.data(), static_cast<std::size_t>(count));
  for (Append& batch : batches) {
    load_.read(next_minute_, batch.samples);
    const auto seq = static_cast<std::uint64_t>(++next_minute_);
    batch.advance = EpochAdvance{
        .stream = producer(),
        .epoch = EpochId{1},
        .session_token = kSession,
        .base_seq = seq,
        .end_seq = seq,
        .chain = 0,
        .sample_count = batch.samples.size(),
        .arrived_at = from_us(load_.header().minute_start_us(next_minute_)),
        .refusals = {},
    };
  }
  const std::vector<Result<>> results = store_.append(batches);
  for (const Result<>& result : results) must(result);
}

Timed ask(SampleStore& store, const Query& query) {
  switch (query.question) {
    case 1:
      return latest(store, query);
    case 2:
      return raw(store, query);
    case 5:
      return above(store, query);
    default:
      return buckets(store, query);
  }
}

}  // namespace millwright::bench
