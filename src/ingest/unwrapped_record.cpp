#include "ingest/unwrapped_record.h"

namespace millwright::ingest {
namespace {
constexpr std::size_t kMostMoves = 8;
}

UnwrappedRecord unwrap(std::string_view bytes) {
  UnwrappedRecord out{bytes, {}, record::decode(bytes)};
  while (out.content && std::holds_alternative<record::MovedRecord>(out.content->payload)) {
    if (out.hops.size() == kMostMoves) {
      out.content = invalid_argument("the record was moved more than 8 times");
      break;
    }
    const auto moved = std::get<record::MovedRecord>(std::move(out.content->payload));
    out.hops.push_back({moved.epoch, moved.seq, moved.forked});
    out.content = record::decode(moved.record);
  }
  return out;
}

std::size_t count_samples(const UnwrappedRecord& record) {
  if (!record.content) return 0;
  const record::Payload& payload = record.content->payload;
  if (const auto* scalars = std::get_if<record::Scalars>(&payload)) return scalars->value.size();
  if (const auto* waveform = std::get_if<record::WaveformRecord>(&payload)) {
    return waveform->block.value.size();
  }
  return 0;
}

}  // namespace millwright::ingest
