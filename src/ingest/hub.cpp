#include "ingest/hub.h"

#include <sodium.h>

#include <future>

#include "base/log.h"
#include "base/text.h"
#include "ingest/tenant_writer.h"

namespace millwright::ingest {
namespace {

std::size_t size_of(const RecordBatch& batch) {
  std::size_t bytes = sizeof(RecordBatch);
  for (const std::string& record : batch.records) bytes += record.size() + sizeof(std::string);
  return bytes;
}

std::size_t size_of(const std::vector<UnnumberedSample>& samples) {
  std::size_t bytes = 0;
  for (const UnnumberedSample& sample : samples) {
    bytes += sizeof(UnnumberedSample) + sample.metric_identifier.size() + sample.path.size();
  }
  return bytes;
}

std::uint64_t new_session_token() {
  std::uint64_t token = 0;
  while (token == 0) randombytes_buf(&token, sizeof token);
  return token;
}

class WriterSession final : public Session {
 public:
  WriterSession(std::shared_ptr<TenantWriter> writer, std::shared_ptr<SessionState> state)
      : writer_(std::move(writer)),
        state_(std::move(state)),
        share_(std::make_shared<Budget::Share>(writer_->tenant(), [listener = state_->listener] {
          if (const auto to = listener.lock()) to->on_space();
        })) {}
  ~WriterSession() override { close(); }

  Flow hello(Hello hello) override {
    return writer_->put(HelloItem{state_, std::move(hello)}, {share_, sizeof(Hello)});
  }
  Flow submit(RecordBatch batch) override {
    const std::size_t bytes = size_of(batch);
    return writer_->put(BatchItem{state_, std::move(batch)}, {share_, bytes});
  }
  Flow submit(GapNotice gap) override {
    return writer_->put(GapItem{state_, std::move(gap)}, {share_, sizeof(GapNotice)});
  }
  void run(std::function<void()> task) override {
    writer_->put(TaskItem{[task = std::move(task)](TenantStore&) { task(); }}, {});
  }
  void close() override { state_->is_silent = true; }

 private:
  const std::shared_ptr<TenantWriter> writer_;
  const std::shared_ptr<SessionState> state_;
  const std::shared_ptr<Budget::Share> share_;
};

}  // namespace

struct Hub::State {
  State(TenantDirectory& tenants, Bus& events, const Clock& time, telemetry::Telemetry& telemetry,
        HubOptions settings)
      : directory(tenants),
        bus(events),
        clock(time),
        options(settings),
        counters(telemetry),
        budget(options, counters.queue_bytes),
        pool(std::make_unique<WorkerPool>(options.storage_threads)) {}

  /// Of the store that the directory has now: sessions on that of a place which the tenant has left
  /// end with their next record.
  Result<std::shared_ptr<TenantWriter>> writer(const TenantId& tenant) {
    MW_ASSIGN(std::shared_ptr<TenantStore> store, directory.open_for_service(tenant));
    const std::lock_guard lock(mutex);
    const auto found = writers.find(tenant);
    if (found != writers.end() && found->second->writes(*store)) return found->second;
    auto made = std::make_shared<TenantWriter>(
        std::move(store), watermark_log(tenant),
        TenantWriter::Surroundings{bus, clock, options, counters, budget, in_flight, *pool,
                                   is_stopping});
    writers.insert_or_assign(tenant, made);
    return made;
  }

  /// None where it cannot be opened: it matters only where the database is restored.
  std::unique_ptr<WatermarkLog> watermark_log(const TenantId& tenant) const {
    if (!options.open_watermark_log) return nullptr;
    auto log = options.open_watermark_log(tenant);
    if (log) return std::move(log).value();
    log::error(
        "what is acknowledged will not be noted outside of the database",
        {{"tenant", tenant.str()}, {"error", log.error().message}, {"detail", log.error().detail}});
    return nullptr;
  }

  void forget(const DeviceRemoved& removed) {
    std::shared_ptr<TenantWriter> writer;
    {
      const std::lock_guard lock(mutex);
      const auto found = writers.find(removed.tenant);
      if (found == writers.end()) return;
      writer = found->second;
    }
    writer->put(ForgetItem{removed.device}, {});
  }

  TenantDirectory& directory;
  Bus& bus;
  const Clock& clock;
  const HubOptions options;
  Counters counters;
  Budget budget;
  InFlight in_flight;
  std::atomic<bool> is_stopping = false;
  std::mutex mutex;
  std::map<TenantId, std::shared_ptr<TenantWriter>> writers;  // guarded by mutex
  std::unique_ptr<WorkerPool> pool;
  std::unique_ptr<Subscription> removals;
};

Hub::Hub(TenantDirectory& directory, Bus& bus, const Clock& clock, telemetry::Telemetry& telemetry,
         HubOptions options)
    : state_(std::make_shared<State>(directory, bus, clock, telemetry, options)) {
  MW_CHECK(sodium_init() >= 0);
  state_->removals = bus.subscribe([state = state_.get()](const auto& message) {
    if (const auto* removed = std::get_if<DeviceRemoved>(message.get())) state->forget(*removed);
  });
}

Hub::~Hub() {
  state_->is_stopping = true;
  state_->removals.reset();
  state_->pool.reset();  // runs what waits
}

Result<std::shared_ptr<Session>> Hub::open_session(const Principal& principal,
                                                   std::weak_ptr<SessionListener> listener) {
  if (principal.role != Role::kDevice || !principal.device || !principal.tenant) {
    return permission_denied("only a device may send records; use a device's token");
  }
  MW_TRY(state_->directory.open(principal, *principal.tenant));
  MW_TRY(state_->options.admit());
  MW_ASSIGN(std::shared_ptr<TenantWriter> writer, state_->writer(*principal.tenant));
  auto session =
      std::make_shared<SessionState>(*principal.device, new_session_token(), std::move(listener));
  return std::shared_ptr<Session>(
      std::make_shared<WriterSession>(std::move(writer), std::move(session)));
}

Result<> Hub::append_unnumbered(const Principal& principal, const TenantId& tenant,
                                std::vector<UnnumberedSample> samples,
                                std::function<void(std::optional<FirstRefusal>)> done) {
  MW_TRY(state_->directory.open(principal, tenant));
  if (!principal.legacy) {
    for (const UnnumberedSample& sample : samples) {
      const auto device = DeviceId::parse(sample.device_identifier);
      if (!device || !principal.may_write_as(*device)) {
        return permission_denied("device " + quote(sample.device_identifier) +
                                 " is not the sender's own; send only its own samples");
      }
    }
  }
  MW_TRY(state_->options.admit());
  MW_ASSIGN(const std::shared_ptr<TenantWriter> writer, state_->writer(tenant));
  const std::size_t bytes = size_of(samples);
  writer->put(UnnumberedItem{std::move(samples), std::move(done)},
              {std::make_shared<Budget::Share>(tenant, [] {}), bytes});
  return {};
}

Result<> Hub::remove_series(const TenantId& tenant, std::span<const SeriesId> series) {
  MW_ASSIGN(const std::shared_ptr<TenantWriter> writer, state_->writer(tenant));
  std::promise<Result<>> removed;
  auto result = removed.get_future();
  writer->put(TaskItem{[&](TenantStore& store) {
                removed.set_value(store.samples().remove_series(series));
              }},
              {});
  return result.get();
}

Result<bool> Hub::expire(const TenantId& tenant, std::span<const Expiry> expiries) {
  MW_ASSIGN(const std::shared_ptr<TenantWriter> writer, state_->writer(tenant));
  std::promise<Result<bool>> step;
  auto result = step.get_future();
  writer->put(
      TaskItem{[&](TenantStore& store) { step.set_value(store.samples().expire(expiries)); }}, {});
  return result.get();
}

void Hub::release_idle() {
  const auto before = state_->clock.steady_now() - state_->options.idle_after;
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->writers, [&](const auto& entry) {
    // Sessions hold the writer, and so does a run that is scheduled.
    return entry.second.use_count() == 1 && entry.second->is_idle_since(before);
  });
}

void Hub::run(std::function<void()> task) {
  state_->in_flight.add();
  state_->pool->post([state = state_.get(), task = std::move(task)] {
    task();
    state->in_flight.remove(1);
  });
}

bool Hub::drain(std::chrono::milliseconds timeout) { return state_->in_flight.wait(timeout); }

}  // namespace millwright::ingest
