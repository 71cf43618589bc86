#pragma once
/// From method and path to a handler.
///
/// A pattern is literal segments and `{name}`: "/api/v1/tenants/{tenant}/devices". Literal segments
/// win over names. HEAD is answered by GET's handler; a known path with another method gets 405
/// with Allow. Build the table first, then match() from any thread.

#include <string>
#include <string_view>
#include <vector>

#include "transport/http/message.h"

namespace millwright::http {

class Router {
 public:
  void add(std::string_view method, std::string_view pattern, Handler handler);
  /// For everything that no pattern takes and that is asked for with GET or HEAD.
  void set_fallback(Handler handler) { fallback_ = std::move(handler); }

  struct Match {
    const Handler* handler = nullptr;  ///< null: none
    std::string_view pattern;          ///< for counters; "fallback", or empty
    std::map<std::string, std::string> params;
    std::string allow;  ///< methods of this path, when it is known
  };
  /// `path` is canonical (target.h).
  Match match(std::string_view method, std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    Handler handler;
  };
  std::vector<Route> routes_;
  Handler fallback_;
};

}  // namespace millwright::http
