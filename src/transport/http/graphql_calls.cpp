#include <array>

#include "base/text.h"
#include "transport/http/api.h"
#include "transport/http/embedded.h"
#include "transport/http/graphql_request.h"

// GraphQL over HTTP. Source: https://graphql.github.io/graphql-over-http/draft/
namespace millwright::http {
namespace {

using nlohmann::json;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kGraphqlJson = "application/graphql-response+json";

/// The media types of an Accept header, without parameters, in lower case; those with q=0 left out.
std::vector<std::string> accepted_types(std::string_view accept) {
  std::vector<std::string> types;
  while (!accept.empty()) {
    const auto comma = accept.find(',');
    std::string entry(accept.substr(0, comma));
    accept = comma == std::string_view::npos ? std::string_view{} : accept.substr(comma + 1);
    std::erase(entry, ' ');
    for (char& c : entry) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    const auto semicolon = entry.find(';');
    const bool refused =
        semicolon != std::string::npos && (entry.ends_with(";q=0") || entry.ends_with(";q=0.0"));
    if (!refused) types.push_back(entry.substr(0, semicolon));
  }
  return types;
}

bool contains(const std::vector<std::string>& types, std::string_view type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

/// The answer's media type; empty where the caller takes neither. Without a wish application/json.
std::string_view answer_type(const Request& request) {
  if (!request.has_header("accept")) return kJson;
  for (const std::string& type : accepted_types(request.header("accept"))) {
    if (type == kGraphqlJson) return kGraphqlJson;
    if (type == kJson || type == "*/*" || type == "application/*") return kJson;
  }
  return {};
}

Response graphql_response(int status, std::string_view type, std::string body) {
  Response response;
  response.status = status;
  response.with("Content-Type", std::string(type) + "; charset=utf-8");
  response.body = std::move(body);
  if (status == 401) response.with("WWW-Authenticate", "Bearer");
  return response;
}

Response graphql_failure(const Request& request, std::string_view type, int status,
                         const Error& error) {
  const json body{
      {"errors",
       json::array(
           {json{{"message", error.message},
                 {"extensions", {{"code", to_string(error.code)}, {"request_id", request.id}}}}})}};
  return graphql_response(status, type.empty() ? kJson : type,
                          body.dump(-1, ' ', false, json::error_handler_t::replace));
}

/// Media type and, where there is one, utf-8 as charset.
bool has_json_body(const Request& request) {
  std::string type(request.header("content-type"));
  for (char& c : type) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  std::erase(type, ' ');
  std::erase(type, '"');
  return type == kJson || type == "application/json;charset=utf-8" ||
         type == "application/json;charset=utf8";
}

Result<GraphqlRequest> read_query_string(const Request& request) {
  json members = json::object();
  for (const char* name : {"query", "operationName", "variables", "extensions"}) {
    MW_ASSIGN(const auto text, request.parameter(name));
    if (!text) continue;
    const bool is_text =
        std::string_view(name) == "query" || std::string_view(name) == "operationName";
    if (is_text) {
      members[name] = *text;
    } else if (!text->empty()) {
      MW_ASSIGN(members[name], parse_json(*text));
    }
  }
  return read_graphql_request(members);
}

class GraphqlCalls {
 public:
  GraphqlCalls(const Authentication& authentication, GraphqlService& service)
      : authentication_(authentication), service_(service) {}

  Response post(const Request& request) const {
    const std::string_view type = answer_type(request);
    if (type.empty()) return not_acceptable(request);
    if (!has_json_body(request)) {
      return graphql_failure(
          request, type, 415,
          invalid_argument("Content-Type is " + quote(request.header("content-type")) +
                           "; send the request as application/json in UTF-8"));
    }
    auto members = parse_json(request.body);
    if (!members) return graphql_failure(request, type, 400, members.error());
    return run(request, type, read_graphql_request(*members));
  }

  Response get(const Request& request) const {
    const bool has_query =
        std::any_of(request.query.begin(), request.query.end(),
                    [](const auto& parameter) { return parameter.first == "query"; });
    if (!has_query && contains(accepted_types(request.header("accept")), "text/html")) {
      Response page;
      page.with("Content-Type", "text/html; charset=utf-8");
      page.body = k_graphql_html;
      return page;
    }
    const std::string_view type = answer_type(request);
    if (type.empty()) return not_acceptable(request);
    return run(request, type, read_query_string(request));
  }

 private:
  static Response not_acceptable(const Request& request) {
    return graphql_failure(
        request, kJson, 406,
        invalid_argument("Accept is " + quote(request.header("accept")) +
                         "; take application/graphql-response+json or application/json"));
  }

  static Response not_by_get(const Request& request, std::string_view type) {
    Response refused = graphql_failure(
        request, type, 405,
        invalid_argument("a mutation changes something, which GET never does; send it by POST"));
    refused.with("Allow", "POST");
    return refused;
  }

  Response run(const Request& request, std::string_view type,
               const Result<GraphqlRequest>& parsed) const {
    if (!parsed) return graphql_failure(request, type, 400, parsed.error());
    const bool changes = service_.operation(*parsed) == GraphqlOperation::kMutation;
    if (changes && request.method != "POST") return not_by_get(request, type);
    // Who changes something proves that the page is ours; reading is open as far as it is at all.
    const auto principal =
        changes ? authentication_.require(request)
                : authentication_.require_reader(request, mentioned_tenants(parsed->variables));
    if (!principal) {
      return graphql_failure(request, type, http_status(principal.error().code), principal.error());
    }
    if (const auto allowed = require_person(*principal); !allowed) {
      return graphql_failure(request, type, 403, allowed.error());
    }
    GraphqlReply reply = service_.execute(*principal, *parsed);
    const int status = reply.request_error && type == kGraphqlJson ? 400 : 200;
    return graphql_response(status, type, std::move(reply.body));
  }

  const Authentication& authentication_;
  GraphqlService& service_;
};

}  // namespace

void add_graphql(Router& router, const Authentication& authentication, GraphqlService& service) {
  const auto calls = std::make_shared<const GraphqlCalls>(authentication, service);
  router.add("POST", "/graphql", [calls](const Request& request, const Respond& respond) {
    respond(calls->post(request));
  });
  router.add("GET", "/graphql", [calls](const Request& request, const Respond& respond) {
    respond(calls->get(request));
  });
}

}  // namespace millwright::http
