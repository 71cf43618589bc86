#pragma once
/// Which web pages may talk to this server. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "transport/http/message.h"

namespace millwright::http {

struct OriginPolicy {
  /// Exact origins, "https://app.example.com"; never "*".
  std::vector<std::string> origins;
  /// Also http://localhost, 127.0.0.1 and [::1] at any port: for the demo.
  bool loopback = false;
};

/// Whether `origin` is that of the page's own server (same host and port as the Host header).
bool is_same_origin(const Request& request);
/// Whether the request's Origin is another one that the policy allows.
bool is_allowed_origin(const OriginPolicy& policy, std::string_view origin);
/// No Origin (not a browser's cross-origin request), the same, or an allowed one; and not marked
/// cross-site by the browser without an allowed Origin.
bool may_change_state(const OriginPolicy& policy, const Request& request);
/// Adds the CORS headers for an allowed origin.
void add_cors_headers(const OriginPolicy& policy, const Request& request, Response& response);
/// The answer to a preflight (OPTIONS with Access-Control-Request-Method). `allow`: the path's
/// methods.
Response preflight(const OriginPolicy& policy, const Request& request, const std::string& allow);

}  // namespace millwright::http
