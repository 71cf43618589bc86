#include "ml/anomaly/streaming_detector.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ml/anomaly/judge.h"
#include "ml/anomaly/stream_state.h"

namespace millwright::ml {
namespace {

constexpr std::uint64_t kMagic = 0x33304154454d574d;  // "MWMETA03"

/// FNV-1a: finds accidents; saved states are not taken from strangers.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return hash;
}

bool is_sound(const detail::StreamState& s) {
  bool sound = s.interval_s.is_sound() && s.level.is_sound() && s.block_level.is_sound() &&
               s.block_scatter.is_sound() && s.recent_count <= detail::kRecent &&
               s.block_count < detail::kBlockSize && s.block_median_count <= s.block_medians.size();
  for (const auto& movement : s.movement) sound = sound && movement.is_sound();
  return sound;
}

}  // namespace

std::string_view to_string(AnomalyKind kind) {
  switch (kind) {
    case AnomalyKind::kPoint:
      return "point";
    case AnomalyKind::kLevelShift:
      return "level_shift";
    case AnomalyKind::kDrift:
      return "drift";
    case AnomalyKind::kFlatLine:
      return "flat_line";
    case AnomalyKind::kSpread:
      return "spread";
    case AnomalyKind::kDroppedData:
      return "dropped_data";
    case AnomalyKind::kOutOfRange:
      return "out_of_range";
    case AnomalyKind::kShape:
      return "shape";
    case AnomalyKind::kContextual:
      return "contextual";
    case AnomalyKind::kRelation:
      return "relation";
  }
  return "unknown";
}

std::string_view to_string(AnomalyPhase phase) {
  switch (phase) {
    case AnomalyPhase::kOpened:
      return "opened";
    case AnomalyPhase::kUpdated:
      return "updated";
    case AnomalyPhase::kClosed:
      return "closed";
  }
  return "unknown";
}

std::string_view to_string(DetectorState state) {
  return state == DetectorState::kReady ? "ready" : "learning";
}

StreamingDetector::StreamingDetector(DetectorOptions options)
    : options_(std::move(options)), state_(std::make_unique<detail::StreamState>()) {
  options_.learning_samples = std::clamp(options_.learning_samples, 20, 100000);
  options_.relearn_after = std::clamp(options_.relearn_after, 32, 1000000);
}
StreamingDetector::StreamingDetector(StreamingDetector&&) noexcept = default;
StreamingDetector& StreamingDetector::operator=(StreamingDetector&&) noexcept = default;
StreamingDetector::~StreamingDetector() = default;

std::optional<AnomalyChange> StreamingDetector::update(std::int64_t t_us, double value) {
  return detail::Judge(options_, *state_).update(t_us, value);
}

std::optional<AnomalyChange> StreamingDetector::notice_silence(std::int64_t now_us) {
  return detail::Judge(options_, *state_).notice_silence(now_us);
}

DetectorState StreamingDetector::state() const {
  return state_->ready ? DetectorState::kReady : DetectorState::kLearning;
}
bool StreamingDetector::is_anomalous() const { return state_->open; }
double StreamingDetector::usual_level() const { return state_->level.centre + state_->origin; }
const DetectorOptions& StreamingDetector::options() const { return options_; }

std::string StreamingDetector::save() const {
  std::string body(sizeof(detail::StreamState), '\0');
  std::memcpy(body.data(), state_.get(), body.size());
  const std::array<std::uint64_t, 3> head = {kMagic, body.size(), checksum(body)};
  std::string out(sizeof head, '\0');
  std::memcpy(out.data(), head.data(), sizeof head);
  return out + body;
}

Result<StreamingDetector> StreamingDetector::restore(DetectorOptions options,
                                                     std::string_view bytes) {
  std::array<std::uint64_t, 3> head{};
  const Error refusal = invalid_argument(
      "saved detector state of " + options.name +
      " is not of this version or is damaged: start with a new detector, it learns again");
  if (bytes.size() != sizeof head + sizeof(detail::StreamState)) return refusal;
  std::memcpy(head.data(), bytes.data(), sizeof head);
  const std::string_view body = bytes.substr(sizeof head);
  if (head[0] != kMagic || head[1] != body.size() || head[2] != checksum(body)) return refusal;
  StreamingDetector detector(std::move(options));
  std::memcpy(static_cast<void*>(detector.state_.get()), body.data(), body.size());
  if (!is_sound(*detector.state_)) return refusal;
  return detector;
}

}  // namespace millwright::ml
