#pragma once
/// The WebSocket side of a connection. Internal: includes Asio.

#include <boost/asio/awaitable.hpp>

#include "transport/http/server_state.h"

namespace millwright::http {

/// Serves a WebSocket from its handshake to its end. `received`: the bytes of the request's head
/// and whatever came after them. Takes the socket. The arguments outlive the coroutine.
asio::awaitable<void> serve_web_socket(ServerState& server, const WebSocketEndpoint& endpoint,
                                       tcp::socket& socket, const std::string& received,
                                       const std::shared_ptr<Request>& request);

}  // namespace millwright::http
