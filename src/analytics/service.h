#pragma once
/// The analytics API as a transport sees it: GraphQL requests in, JSON texts out.
///
/// A transport authenticates the caller, decodes the request and calls one of two functions; which
/// one, `operation` tells. A mutation changes something: a transport takes it only where it takes
/// other changes (not from a GET, not from a foreign page). Everything else
/// (schema, limits, tenants, time zones) is in here.
///
/// Threads: any, at once. execute() blocks while it reads the store: call it on a storage pool,
/// not on a network thread.

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "model/principal.h"

namespace millwright {

struct GraphqlRequest {
  std::string query;
  std::optional<std::string> operation_name;
  nlohmann::json variables;  ///< an object, or null
};

enum class GraphqlOperation { kQuery, kMutation, kSubscription };

struct GraphqlReply {
  /// `{"data":…}`, `{"data":…,"errors":[…]}` or `{"errors":[…]}`, UTF-8. Errors carry
  /// `extensions.code`: "invalid_argument", "not_found", "resource_exhausted" ...
  std::string body;
  /// Refused before anything ran (syntax, limits, validation, variables): HTTP 400 for
  /// application/graphql-response+json, 200 for application/json.
  bool request_error = false;
};

/// A running subscription. Destroying it ends it and waits for a callback that is running, so never
/// destroy it from inside a callback.
class GraphqlSubscription {
 public:
  virtual ~GraphqlSubscription() = default;
  /// While paused nothing is sent; what arrives is coalesced (the newest samples of each series are
  /// kept) and sent in one message afterwards. For readers that are slower than the data.
  virtual void pause(bool paused) = 0;
};

/// Receives what happens to a subscription, on a thread of the service. Must hand it on and return:
/// never block, never throw.
struct GraphqlObserver {
  /// One result, `{"data":{…}}`, ready to be the payload of a `next` message.
  std::function<void(std::string json_result)> on_next;
  /// The source has ended (the device was removed, the server stops). Nothing follows.
  std::function<void()> on_complete;
};

struct SubscribeReply {
  /// Null where the subscription was refused.
  std::unique_ptr<GraphqlSubscription> subscription;
  /// A JSON array of GraphQL errors, the payload of an `error` message. Empty on success.
  std::string errors;
};

class GraphqlService {
 public:
  virtual ~GraphqlService() = default;
  /// Runs a query or a mutation. A subscription is refused with an error that says so.
  virtual GraphqlReply execute(const Principal& principal, const GraphqlRequest& request) = 0;
  virtual SubscribeReply subscribe(const Principal& principal, const GraphqlRequest& request,
                                   GraphqlObserver observer) = 0;
  /// What the request would run; a query for one that does not parse, so that execute() answers the
  /// error. Reads the document: ask once a request.
  virtual GraphqlOperation operation(const GraphqlRequest& request) const = 0;
  /// The schema as text, for the page to try it and for tools.
  virtual std::string_view schema() const = 0;
};

}  // namespace millwright
