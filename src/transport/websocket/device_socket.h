#pragma once
/// The devices' WebSocket, /ws/v1/tenants/devices.
///
/// The device speaks first: {message_type: "connect", tenant_identifier, device_identifier}; the
/// server answers {message_type: "connect_ack", status, message}. Then commands go to the device
/// and its command_response messages come back. A device of ours brings its token in
/// `Authorization: Bearer`; one of the old contract brings nothing and is served only for the
/// listener's legacy tenants.
///
/// Close codes: 1000 after websocket.close, 1002 a message that is no JSON object or breaks the
/// order, 1008 not allowed or the token has ended, 4408 no connect within 10 s, 4409 another
/// connection of the device took over.

#include "devices/device_connections.h"
#include "storage/tenant_directory.h"
#include "transport/http/authentication.h"
#include "transport/http/web_socket.h"

namespace millwright::http {

/// Everything handed over outlives the server.
WebSocketEndpoint device_socket(const Authentication& authentication, TenantDirectory& directory,
                                DeviceConnections& connections, const Clock& clock);

}  // namespace millwright::http
