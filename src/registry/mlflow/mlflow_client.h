#pragma once
/// What we ask an MLflow server over its REST API (2.x and 3.x).
///
/// Every request goes to the configured address and to no other: redirects are not followed, no
/// proxy is asked, and artifacts are read through the server itself (`mlflow-artifacts:`), never
/// from an address that an answer names. Answers and artifacts are bounded in bytes and time.
///
/// Thread-safe. Errors of every call: kNotFound where the server says so; kUnavailable where it
/// does not answer, refuses the credentials or answers nonsense, with the next step;
/// kFailedPrecondition for what it keeps in a way that cannot be read.

#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace millwright {

struct MlflowOptions {
  std::string url{};    ///< "http://127.0.0.1:5000", with a path where it has one.
  std::string token{};  ///< Bearer; or user and password; or none of them. Never logged.
  std::string user{};
  std::string password{};
  std::chrono::seconds answer_timeout{10};
  std::chrono::seconds download_timeout{120};
};

struct MlflowVersion {
  int version = 0;
  std::string source;  ///< Of the artifacts; another source is another model.
  std::string run_id;
  Timestamp created{};
  bool is_ready = false;
};

class MlflowClient {
 public:
  /// Errors: kInvalidArgument for an address that is none or holds credentials, or credentials with
  /// control characters; kFailedPrecondition where they would travel in clear to another machine.
  static Result<MlflowClient> create(MlflowOptions options);

  const std::string& url() const { return options_.url; }

  /// Names of all registered models.
  Result<std::vector<std::string>> names() const;
  /// The version that an alias of a model points to; empty where it has no such alias.
  Result<std::optional<int>> alias(std::string_view name, std::string_view alias) const;
  Result<std::vector<MlflowVersion>> versions(std::string_view name) const;
  Result<MlflowVersion> version(std::string_view name, int version) const;
  /// Where the server keeps a version's files: "0/models/m-1/artifacts".
  Result<std::string> artifact_folder(std::string_view name, int version) const;
  /// Errors: also kFailedPrecondition where it is longer than `limit` bytes.
  Result<std::vector<std::byte>> artifact(const std::string& path, std::size_t limit) const;

 private:
  struct Answer {
    long status = 0;
    std::vector<std::byte> body;
    bool is_too_long = false;
  };
  explicit MlflowClient(MlflowOptions options) : options_(std::move(options)) {}
  Result<Answer> request(const std::string& path, std::size_t limit,
                         std::chrono::seconds timeout) const;
  Result<nlohmann::json> ask(const std::string& call) const;
  Error unexpected(const Answer& answer) const;

  MlflowOptions options_;
};

}  // namespace millwright
