#pragma once
/// All open streams of a server: how many a device has, their regular look at the clock, their end.
///
/// Threads: any.

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "model/principal.h"
#include "transport/grpc/grpc_server.h"

namespace millwright {

class LiveStream {
 public:
  virtual ~LiveStream() = default;
  /// Ends itself where its time is over.
  virtual void tick() = 0;
  /// Reads nothing more.
  virtual void stop_reading() = 0;
  /// Writes what is to be written, then ends with UNAVAILABLE.
  virtual void finish_for_shutdown() = 0;
};

/// What the streams of a server share.
struct GrpcContext {
  const GrpcServerOptions& options;
  ingest::Hub& hub;
  Identity& identity;
  TenantDirectory& directory;
  const ReportStatus& report_status;
  const Clock& clock;
  telemetry::Telemetry& telemetry;

  void count_call(const std::string& method, int code) const;
};

class StreamRegistry {
 public:
  StreamRegistry(std::chrono::milliseconds tick, telemetry::Telemetry& telemetry);
  ~StreamRegistry();

  /// Whether `owner` may have one more stream; leave() gives it back.
  bool enter(const std::string& owner, std::size_t most);
  void leave(const std::string& owner);
  void add(std::weak_ptr<LiveStream> stream);

  bool is_stopping() const;
  /// From now on streams read nothing more, new ones are refused.
  void stop_reading();
  void finish_all();
  /// Waits until no stream is left. Answers whether it came to that.
  bool wait_empty(std::chrono::milliseconds timeout);

 private:
  std::vector<std::shared_ptr<LiveStream>> live();
  void tick_until_end(std::chrono::milliseconds period);

  telemetry::Gauge& open_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::size_t> counts_;       // guarded by mutex_
  std::vector<std::weak_ptr<LiveStream>> streams_;  // guarded by mutex_
  bool is_stopping_ = false;                        // guarded by mutex_
  bool is_over_ = false;                            // guarded by mutex_
  std::thread ticker_;
};

}  // namespace millwright
