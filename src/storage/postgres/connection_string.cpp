#include "storage/postgres/connection_string.h"

#include <libpq-fe.h>

#include <optional>

namespace millwright::pg {
namespace {

/// Without any where it is not understood.
class Options {
 public:
  explicit Options(const std::string& target) : all_(PQconninfoParse(target.c_str(), nullptr)) {}
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  ~Options() { PQconninfoFree(all_); }

  bool are_understood() const { return all_ != nullptr; }
  std::optional<std::string> find(std::string_view keyword) const {
    std::optional<std::string> out;
    each([&](std::string_view name, const char* value) {
      if (name == keyword) out = value;
    });
    return out;
  }
  template <typename Visit>
  void each(const Visit& visit) const {
    for (const PQconninfoOption* option = all_; option && option->keyword; ++option) {
      if (option->val != nullptr) visit(std::string_view(option->keyword), option->val);
    }
  }

 private:
  PQconninfoOption* const all_;
};

std::string setting(std::string_view keyword, std::string_view value) {
  std::string out = std::string(keyword) + "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

}  // namespace

std::string on_same_server(const std::string& target, const std::string& database) {
  std::string out;
  Options(target).each([&](std::string_view keyword, const char* value) {
    if (keyword != "dbname") out += setting(keyword, value) + " ";
  });
  return out + setting("dbname", database);
}

Result<std::string> database_of(const std::string& target, const std::string& otherwise) {
  const Options options(target);
  if (!options.are_understood()) {
    return invalid_argument(
        "the store's address is not understood; write it as "
        "postgres://user@host:5432/database");
  }
  return options.find("dbname").value_or(otherwise);
}

bool has_password(const std::string& target) {
  return Options(target).find("password").has_value();
}

std::string place_words(const std::string& target) {
  const Options options(target);
  const auto host = options.find("host");
  return "database " + options.find("dbname").value_or("") + " on " +
         host.value_or(options.find("hostaddr").value_or("this machine")) + ":" +
         options.find("port").value_or("5432");
}

}  // namespace millwright::pg
