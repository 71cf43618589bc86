#include "analyst/replay/sample_replay.h"

#include <algorithm>
#include <limits>

namespace millwright {
namespace {

constexpr std::int64_t kSliceUs = 60'000'000;
constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kFirstPieceUs = kDayUs / 4;
constexpr std::int64_t kLongestPieceUs = 7 * kDayUs;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

std::int64_t slice_end(std::int64_t at_us) {
  return at_us - (at_us % kSliceUs + kSliceUs) % kSliceUs + kSliceUs;
}

/// What one metric has in the piece, and how far it has been given.
struct Column {
  const Metric* metric = nullptr;
  SampleColumns samples;
  std::vector<Waveform> blocks;
  std::size_t next = 0;

  std::int64_t next_us() const {
    if (next < samples.size()) return samples.timestamp_us[next];
    return next < blocks.size() ? blocks[next].start_us : kNever;
  }
  std::uint64_t size() const {
    std::uint64_t total = samples.size();
    for (const Waveform& block : blocks) total += block.value.size();
    return total;
  }
};

/// Missing where the range has more than `room` samples of the metric.
Result<std::optional<Column>> read_column(SampleStore& store, const Metric& metric, TimeRange range,
                                          std::uint64_t room) {
  Column column{&metric, {}, {}, 0};
  if (metric.type == MetricType::kWaveform) {
    MW_ASSIGN(const std::uint64_t count, store.count(metric.series, range));
    if (count > room) return std::optional<Column>();
    if (count > 0) {
      MW_ASSIGN(column.blocks, store.waveforms(metric.series, range, count));
    }
    return std::optional(std::move(column));
  }
  auto samples = store.read(metric.series, range, room);
  if (!samples && samples.error().code == ErrorCode::kResourceExhausted) {
    return std::optional<Column>();
  }
  MW_ASSIGN(column.samples, std::move(samples));
  return std::optional(std::move(column));
}

class Replay {
 public:
  Replay(TenantStore& store, std::span<const Metric> metrics, const ReplayOptions& options,
         const ReplayVisit& visit)
      : store_(store), options_(options), visit_(visit) {
    for (const Metric& metric : metrics) {
      const bool is_numeric =
          metric.type == MetricType::kNumericScalar || metric.type == MetricType::kWaveform;
      if (is_numeric) metrics_.push_back(&metric);
    }
  }

  Result<Replayed> run() {
    const TimeRange& whole = options_.range;
    std::int64_t width_us = kFirstPieceUs;
    for (std::int64_t at_us = whole.start_us; at_us < whole.end_us;) {
      if (options_.stop.stop_requested()) return stopped();
      // Pieces end where slices do, so that no minute comes in two.
      const std::int64_t end_us = std::min(whole.end_us, slice_end(at_us + width_us - 1));
      MW_ASSIGN(const bool fits, read_piece({at_us, end_us}));
      if (!fits) {
        if (width_us <= kSliceUs) return too_dense(at_us);
        width_us = std::max(kSliceUs, width_us / 2);
        continue;
      }
      MW_TRY(give_piece());
      at_us = end_us;
      if (held_ < options_.samples_at_once / 4) {
        width_us = std::min(kLongestPieceUs, 2 * width_us);
      }
      report(at_us);
    }
    return done_;
  }

 private:
  static Error stopped() { return {ErrorCode::kCancelled, "the back-test was stopped", ""}; }

  Error too_dense(std::int64_t at_us) const {
    return resource_exhausted("the minute at " + format_utc(from_us(at_us)) +
                              " alone has more than " + std::to_string(options_.samples_at_once) +
                              " samples; name a path or a metric");
  }

  /// Answers whether all of it fits into the memory that there is.
  Result<bool> read_piece(TimeRange range) {
    columns_.clear();
    held_ = 0;
    for (const Metric* metric : metrics_) {
      const std::uint64_t room = options_.samples_at_once - held_;
      MW_ASSIGN(auto column, read_column(store_.samples(), *metric, range, room));
      if (!column) return false;
      held_ += column->size();
      if (held_ > options_.samples_at_once) return false;
      if (column->size() > 0) columns_.push_back(std::move(*column));
    }
    return true;
  }

  Result<> give_piece() {
    for (;;) {
      std::int64_t next_us = kNever;
      for (const Column& column : columns_) next_us = std::min(next_us, column.next_us());
      if (next_us == kNever) return {};
      if (options_.stop.stop_requested()) return stopped();
      MW_TRY(give_slice(next_us, slice_end(next_us)));
    }
  }

  Result<> give_slice(std::int64_t first_us, std::int64_t end_us) {
    SamplesStored slice{store_.tenant(), {}, {}};
    std::int64_t newest_us = first_us;
    for (Column& column : columns_) {
      if (column.next_us() >= end_us) continue;
      done_.series.insert(column.metric->series);
      SampleColumns samples;
      for (; column.next_us() < end_us; ++column.next) {
        newest_us = std::max(newest_us, column.next_us());
        if (column.blocks.empty()) {
          samples.append(column.next_us(), column.samples.value[column.next]);
          ++done_.samples;
        } else {
          done_.samples += column.blocks[column.next].value.size();
          slice.waveforms.push_back({*column.metric, std::move(column.blocks[column.next])});
        }
      }
      if (!samples.empty()) slice.scalars.push_back({*column.metric, std::move(samples)});
    }
    if (!done_.first_us) done_.first_us = first_us;
    const std::int64_t from_us = last_us_.value_or(first_us);
    const bool was_pause = first_us - from_us > kDayUs;
    done_.watched += Microseconds(newest_us - (was_pause ? first_us : from_us));
    last_us_ = newest_us;
    return visit_(slice, newest_us);
  }

  void report(std::int64_t at_us) const {
    if (!options_.progress) return;
    const double whole_us = static_cast<double>(options_.range.end_us - options_.range.start_us);
    options_.progress(static_cast<double>(at_us - options_.range.start_us) / whole_us);
  }

  TenantStore& store_;
  const ReplayOptions& options_;
  const ReplayVisit& visit_;
  std::vector<const Metric*> metrics_;
  std::vector<Column> columns_;  // of the piece; only those that have something in it
  std::uint64_t held_ = 0;       // samples of the piece
  std::optional<std::int64_t> last_us_;
  Replayed done_;
};

}  // namespace

Result<Replayed> replay_samples(TenantStore& store, std::span<const Metric> metrics,
                                const ReplayOptions& options, const ReplayVisit& visit) {
  return Replay(store, metrics, options, visit).run();
}

}  // namespace millwright
