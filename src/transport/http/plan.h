#pragma once
/// What is to be done with a request: a handler to run, or an answer that is clear without one.

#include <map>
#include <optional>
#include <string>

#include "transport/http/message.h"

namespace millwright::http {

struct ServerState;

struct Plan {
  const Handler* handler = nullptr;
  std::map<std::string, std::string> params;
  std::string pattern;  ///< of the route, for counters
  Response response;    ///< where there is no handler
};

/// Why a WebSocket's upgrade is refused before anybody looks at who calls: host or origin. An
/// absent Origin is no browser and passes.
std::optional<Response> refuse_upgrade(const ServerState& server, const Request& request);

/// Checks host, origin and method and finds the route. `request.path` is empty where the target had
/// no canonical form.
Plan plan_answer(const ServerState& server, const Request& request);

}  // namespace millwright::http
