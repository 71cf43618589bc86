#pragma once
/// One stream of samples of a device of the old contract. Samples are stored in the order of their
/// arrival while more arrive; the first bad one ends the stream, those before it are stored.
///
/// Threads: gRPC's, the storage threads and the ticker; all state is guarded by mutex_.

#include <grpcpp/grpcpp.h>

#include "ingest/hub.h"
#include "transport/grpc/stream_registry.h"

namespace millwright {

class LegacyStream final : public grpc::ServerReadReactor<grpc::ByteBuffer>,
                           public LiveStream,
                           public std::enable_shared_from_this<LegacyStream> {
 public:
  /// `response` gets the Empty message.
  LegacyStream(const GrpcContext& context, StreamRegistry& registry,
               grpc::CallbackServerContext& call, grpc::ByteBuffer& response, std::string owner);
  void start();

  void OnReadDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void tick() override;
  void stop_reading() override;
  void finish_for_shutdown() override;

 private:
  /// Samples of one tenant that follow each other.
  struct Chunk {
    TenantId tenant;
    std::size_t first_index = 0;
    std::vector<ingest::UnnumberedSample> samples;
  };

  Result<> take_locked();
  void end_locked(const grpc::Status& status);
  void stored(std::size_t first_index, std::optional<ingest::FirstRefusal> refusal);
  void go_on_locked();
  Result<> append_locked(Chunk chunk);

  const GrpcContext& context_;
  StreamRegistry& registry_;
  grpc::CallbackServerContext& call_;
  const std::string owner_;
  std::shared_ptr<LegacyStream> self_;
  grpc::ByteBuffer incoming_;

  std::mutex mutex_;
  std::deque<Chunk> waiting_;
  std::size_t samples_waiting_ = 0;
  std::size_t count_ = 0;            // of samples that arrived
  std::optional<grpc::Status> end_;  // how it ends when everything before is stored
  std::chrono::steady_clock::time_point heard_{};
  bool is_reading_ = false;
  bool is_storing_ = false;
  bool is_finished_ = false;
};

/// The principal of a device of the old contract, where the configuration allows its tenant.
/// Errors: kNotFound, the same words for a tenant that is missing and one that is not allowed.
Result<Principal> legacy_principal(const GrpcContext& context, const std::string& tenant);

}  // namespace millwright
