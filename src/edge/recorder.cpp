#include "edge/recorder.h"

#include "base/log.h"

namespace millwright::edge {
namespace {
constexpr std::size_t kBytesOfASample = 14;  // as journalled, about
constexpr auto kNever = std::chrono::steady_clock::time_point::max();
}  // namespace

Recorder::Recorder(journal::Journal& journal, const Clock& clock, std::string device,
                   RecorderOptions options)
    : journal_(journal), clock_(clock), options_(options), dictionary_(std::move(device)) {
  journal_.set_preamble([this] { return dictionary_.entries(to_us(clock_.now())); });
}

void Recorder::add(const MetricDescription& metric, std::variant<SampleColumns, Waveform> values) {
  if (const auto* samples = std::get_if<SampleColumns>(&values)) {
    add_scalars(metric, *samples);
  } else {
    add_waveform(metric, std::get<Waveform>(std::move(values)));
  }
}

void Recorder::add_scalars(const MetricDescription& metric, const SampleColumns& samples) {
  if (samples.empty()) return;
  std::vector<std::string> undeclared;
  const std::uint32_t reference = dictionary_.reference(metric, to_us(clock_.now()), &undeclared);
  if (!undeclared.empty()) {
    for (std::string& entry : undeclared) push(std::move(entry));
  }
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (column_.value.size() == record::kMaxSamplesPerRecord) close_column();
    column_.timestamp_us.push_back(samples.timestamp_us[i]);
    column_.metric_reference.push_back(reference);
    column_.value.push_back(samples.value[i]);
  }
  samples_ += samples.size();
  note_pending(samples.size() * kBytesOfASample);
}

void Recorder::add_waveform(const MetricDescription& metric, Waveform block) {
  if (block.value.empty()) return;
  const std::int64_t now_us = to_us(clock_.now());
  std::vector<std::string> undeclared;
  const std::uint32_t reference = dictionary_.reference(metric, now_us, &undeclared);
  for (std::string& entry : undeclared) push(std::move(entry));
  samples_ += block.value.size();
  push(record::encode({now_us, record::WaveformRecord{reference, std::move(block)}}));
}

void Recorder::close_column() {
  if (column_.value.empty()) return;
  const auto& references = column_.metric_reference;
  const bool is_one = std::all_of(references.begin(), references.end(),
                                  [&](std::uint32_t r) { return r == references.front(); });
  if (is_one) column_.metric_reference.resize(1);
  closed_.push_back(record::encode({to_us(clock_.now()), std::move(column_)}));
  column_ = {};
}

void Recorder::push(std::string bytes) {
  const std::size_t size = bytes.size();
  closed_.push_back(std::move(bytes));
  note_pending(size);
}

void Recorder::note_pending(std::size_t bytes) {
  if (pending_bytes_ == 0) due_ = clock_.steady_now() + options_.flush_interval;
  pending_bytes_ += bytes;
  if (pending_bytes_ >= options_.flush_bytes && !is_refused_) due_ = clock_.steady_now();
}

std::chrono::steady_clock::time_point Recorder::due() const {
  return pending_bytes_ == 0 ? kNever : due_;
}

Result<> Recorder::flush_if_due() {
  if (pending_bytes_ == 0 || clock_.steady_now() < due_) return {};
  return flush();
}

Result<> Recorder::flush() {
  close_column();
  if (closed_.empty()) return {};
  const auto appended = journal_.append(closed_);
  if (appended) {
    if (is_refused_) log::info("the journal takes records again");
    is_refused_ = false;
    closed_.clear();
    pending_bytes_ = 0;
    due_ = kNever;
    return {};
  }
  if (appended.error().code == ErrorCode::kDataLoss) return appended.error();
  if (!is_refused_) {
    log::error("the journal refuses records; they wait in memory",
               {{"reason", appended.error().message}});
  }
  is_refused_ = true;
  due_ = clock_.steady_now() + options_.retry_interval;
  if (pending_bytes_ > options_.most_pending_bytes) {
    lost_records_ += closed_.size();
    log::error("readings are lost: the journal refuses them and memory is full",
               {{"records", closed_.size()}, {"records_total", lost_records_}});
    closed_.clear();
    pending_bytes_ = 0;
    dictionary_.declare_again();
  }
  return {};
}

}  // namespace millwright::edge
