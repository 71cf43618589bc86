#pragma once
/// One stream of an edge agent.
///
/// Reads a message at a time and none while the hub asks to wait or the agent does not read its
/// answers, so that memory stays bounded. Threads: gRPC's, the storage threads and the ticker; all
/// state is guarded by mutex_. Lives until gRPC's OnDone.

#include <grpcpp/grpcpp.h>

#include "ingest/hub.h"
#include "transport/grpc/stream_registry.h"
#include "transport/grpc/wire.h"

namespace millwright {

class IngestStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                           public ingest::SessionListener,
                           public LiveStream,
                           public std::enable_shared_from_this<IngestStream> {
 public:
  IngestStream(const GrpcContext& context, StreamRegistry& registry,
               grpc::CallbackServerContext& call, Principal principal, std::string token,
               std::string owner);

  /// Keeps itself alive until OnDone.
  void start();

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void on_reply(ingest::Reply reply) override;
  void on_space() override;

  void tick() override;
  void stop_reading() override;
  void finish_for_shutdown() override;

 private:
  using ServerMessage = ingest::v1::ServerMessage;

  void handle(ingest::v1::ClientMessage& message);
  Result<ingest::Flow> handle_kind(ingest::v1::ClientMessage& message);
  Result<ingest::Flow> hello(const ingest::v1::Hello& message);
  Result<> status(const ingest::v1::Status& message);
  Result<> refresh(const ingest::v1::TokenRefresh& message);
  void heartbeat(const ingest::v1::Heartbeat& message);
  void problem(const Error& error, const std::string& code);
  void end_of_input();
  bool token_holds();

  void send(ServerMessage message);
  /// Ends the stream after what is to be written. The first status counts.
  void finish(const grpc::Status& status);
  void read_next_locked();
  void write_next_locked();

  const GrpcContext& context_;
  StreamRegistry& registry_;
  grpc::CallbackServerContext& call_;
  const Principal principal_;
  const std::string owner_;
  std::shared_ptr<IngestStream> self_;
  std::shared_ptr<ingest::Session> session_;  // set once in start()
  grpc::ByteBuffer incoming_;                 // of the read under way
  grpc::ByteBuffer outgoing_;                 // of the write under way
  bool has_hello_ = false;                    // of the reading side only

  std::mutex mutex_;
  std::string token_;
  std::deque<ServerMessage> outbox_;
  std::optional<grpc::Status> end_;
  std::chrono::steady_clock::time_point end_since_{};
  std::chrono::steady_clock::time_point heard_{};
  std::chrono::steady_clock::time_point token_checked_{};
  int waits_ = 0;            // kWaits without their on_space(), which may come first
  bool is_reading_ = false;  // from the read's start until its message has been handled
  bool is_writing_ = false;
  bool is_finished_ = false;
  bool takes_input_ = true;
};

}  // namespace millwright
