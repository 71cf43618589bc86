#include "transport/grpc/stream_registry.h"

#include "transport/grpc/status.h"

namespace millwright {

void GrpcContext::count_call(const std::string& method, int code) const {
  telemetry
      .counter("millwright_grpc_calls_total", "gRPC calls that ended, by method and status",
               {{"method", method},
                {"code", std::string(code_name(static_cast<grpc::StatusCode>(code)))}})
      .add();
}

StreamRegistry::StreamRegistry(std::chrono::milliseconds tick, telemetry::Telemetry& telemetry)
    : open_(telemetry.gauge("millwright_grpc_streams", "Open gRPC streams")),
      ticker_([this, tick] { tick_until_end(tick); }) {}

StreamRegistry::~StreamRegistry() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  ticker_.join();
}

bool StreamRegistry::enter(const std::string& owner, std::size_t most) {
  const std::lock_guard lock(mutex_);
  if (is_stopping_) return false;
  if (const auto found = counts_.find(owner); found != counts_.end() && found->second >= most) {
    return false;
  }
  ++counts_[owner];
  open_.add(1);
  return true;
}

void StreamRegistry::leave(const std::string& owner) {
  const std::lock_guard lock(mutex_);
  open_.add(-1);
  if (--counts_[owner] == 0) counts_.erase(owner);
  if (counts_.empty()) changed_.notify_all();
}

void StreamRegistry::add(std::weak_ptr<LiveStream> stream) {
  const std::lock_guard lock(mutex_);
  streams_.push_back(std::move(stream));
}

bool StreamRegistry::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return is_stopping_;
}

void StreamRegistry::stop_reading() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  for (const auto& stream : live()) stream->stop_reading();
}

void StreamRegistry::finish_all() {
  for (const auto& stream : live()) stream->finish_for_shutdown();
}

bool StreamRegistry::wait_empty(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [this] { return counts_.empty(); });
}

std::vector<std::shared_ptr<LiveStream>> StreamRegistry::live() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<LiveStream>> out;
  std::erase_if(streams_, [&](const std::weak_ptr<LiveStream>& stream) {
    auto alive = stream.lock();
    if (!alive) return true;
    out.push_back(std::move(alive));
    return false;
  });
  return out;
}

void StreamRegistry::tick_until_end(std::chrono::milliseconds period) {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, period, [this] { return is_over_; })) {
    lock.unlock();
    for (const auto& stream : live()) stream->tick();
    lock.lock();
  }
}

}  // namespace millwright
