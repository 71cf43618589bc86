#pragma once
/// Subscriptions (and queries) over WebSocket at /graphql, protocol graphql-transport-ws.
///
/// Close codes: 4400 an invalid message, 4401 before connection_init, 4403 no access, 4408 no
/// connection_init within 10 s, 4409 an id twice, 4429 a second connection_init or a reader that
/// does not read, 1008 the session has ended.
/// A slow reader's subscriptions are paused at 256 KiB of backlog: what arrives is coalesced.
///
/// Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md

#include "analytics/service.h"
#include "base/clock.h"
#include "transport/http/authentication.h"
#include "transport/http/web_socket.h"

namespace millwright::http {

/// Everything handed over outlives the server.
WebSocketEndpoint graphql_socket(const Authentication& authentication, GraphqlService& service,
                                 const Clock& clock);

}  // namespace millwright::http
