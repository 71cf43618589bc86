#include "ingest/epoch_cursor.h"

#include <sodium.h>

namespace millwright::ingest {
namespace {

constexpr std::size_t kLedgerTail = 64;
constexpr std::size_t kMostCursors = 512;

Reference unknown_device(const Metric& metric) {
  Reference reference;
  reference.code = "unknown_device";
  reference.message = "device " + metric.key.device.str() + " is not registered; register it";
  reference.pending = record::DictionaryEntry{
      0,           metric.key.device.str(), metric.key.path.str(),        metric.key.metric.str(),
      metric.unit, metric.display_name,     static_cast<int>(metric.type)};
  return reference;
}

}  // namespace

EpochId stored_epoch(const StreamKey& stream, const EpochId& epoch) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, epoch.size());
  const auto stream_class = static_cast<unsigned char>(stream.stream_class);
  crypto_generichash_update(&state, epoch.data(), epoch.size());
  crypto_generichash_update(&state, &stream_class, 1);
  const std::string& agent = stream.agent.str();
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(agent.data()),
                            agent.size());
  EpochId id{};
  crypto_generichash_final(&state, id.data(), id.size());
  return id;
}

void EpochCursor::advance(std::uint64_t base_seq, std::uint64_t end_seq, std::uint64_t chain_end) {
  known = true;
  watermark = end_seq;
  chain = chain_end;
  ledger.push_back({base_seq, end_seq, chain_end});
  if (ledger.size() > kLedgerTail) ledger.pop_front();
}

Result<EpochCursor*> EpochCursors::find(const EpochId& id) {
  if (const auto found = cursors_.find(id); found != cursors_.end()) return found->second.get();
  auto cursor = std::make_unique<EpochCursor>();
  cursor->id = id;
  MW_ASSIGN(const std::optional<EpochState> state, store_.samples().epoch(id));
  if (state) {
    // An epoch that only a moved record has named has no watermark yet.
    cursor->known = state->watermark > 0;
    cursor->watermark = state->watermark;
    cursor->chain = state->chain;
    cursor->moved_through = state->moved_through;
    cursor->forked = state->forked;
    cursor->ledger.assign(state->ledger.begin(), state->ledger.end());
    MW_TRY(load_references(*cursor));
  }
  return cursors_.emplace(id, std::move(cursor)).first->second.get();
}

Result<> EpochCursors::load_references(EpochCursor& cursor) {
  MW_ASSIGN(const std::vector<DictionaryMapping> mappings, store_.samples().dictionary(cursor.id));
  for (const DictionaryMapping& mapping : mappings) {
    Reference reference;
    if (mapping.series == kNoSeries) {
      reference.code = "unknown_metric";
      reference.message = "the dictionary entry of this reference was refused; send another one";
    } else {
      auto metric = store_.catalog().metric(mapping.series);
      if (metric) {
        reference.metric = std::move(metric).value();
      } else if (metric.error().code == ErrorCode::kNotFound) {
        reference.code = "unknown_metric";
        reference.message = "the metric was removed; send its dictionary entry again";
      } else {
        return metric.error();
      }
    }
    cursor.references[mapping.reference] = std::move(reference);
  }
  return {};
}

void EpochCursors::trim() {
  if (cursors_.size() > kMostCursors) cursors_.clear();
}

void EpochCursors::forget_device(const DeviceId& device) {
  for (auto& [id, cursor] : cursors_) {
    for (auto& [number, reference] : cursor->references) {
      if (reference.metric && reference.metric->key.device == device) {
        reference = unknown_device(*reference.metric);
      }
    }
  }
}

Result<bool> KnownDevices::contains(const DeviceId& device) {
  const auto found = known_.find(device);
  const bool is_unknown = found != known_.end() && found->second;
  if (is_unknown && clock_.steady_now() < *found->second) return false;
  return contains_now(device);
}

Result<bool> KnownDevices::contains_now(const DeviceId& device) {
  if (const auto found = known_.find(device); found != known_.end() && !found->second) return true;
  if (known_.size() > 100'000) known_.clear();
  const auto stored = catalog_.device(device);
  if (stored) {
    known_[device] = std::nullopt;
    return true;
  }
  if (stored.error().code != ErrorCode::kNotFound) return stored.error();
  known_[device] = clock_.steady_now() + std::chrono::seconds(1);
  return false;
}

}  // namespace millwright::ingest
