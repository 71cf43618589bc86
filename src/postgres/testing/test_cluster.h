#pragma once
/// A PostgreSQL server for tests: a throw-away cluster of Debian's packages, once a process, or the
/// server that MILLWRIGHT_TEST_POSTGRES names (a URI without a database).
///
/// As root the server runs as the user postgres. It listens on a socket in its folder only, does
/// not flush (tests of durability say so), and goes with the process.

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>

#include "postgres/connection.h"

namespace millwright::postgres::testing {

class TestCluster {
 public:
  /// Missing where neither is there; why_not() tells.
  static TestCluster* instance() {
    static TestCluster cluster;
    return cluster.server_.empty() ? nullptr : &cluster;
  }
  static const char* why_not() {
    return "PostgreSQL is not installed (apt-get install postgresql) and MILLWRIGHT_TEST_POSTGRES "
           "names no server";
  }

  /// Connection string of a database of this server.
  std::string database(const std::string& name) const {
    if (is_own_) return server_ + " dbname=" + name;
    const std::size_t query = server_.find('?');
    const std::string base = server_.substr(0, query);
    return base + (base.ends_with('/') ? "" : "/") + name +
           (query == std::string::npos ? "" : server_.substr(query));
  }
  /// Removes databases that are there, with whoever is connected to them.
  void drop(std::initializer_list<const char*> names) const {
    auto server = Connection::open(database("postgres"));
    MW_CHECK(server.has_value());
    for (const char* name : names) {
      (void)server->execute("DROP DATABASE IF EXISTS \"" + std::string(name) + "\" WITH (FORCE)");
    }
  }
  bool is_own() const { return is_own_; }
  /// Own clusters only: stops at once, as a crash does, and starts again.
  void restart() { control("restart -m immediate"); }

 private:
  TestCluster() {
    if (const char* given = std::getenv("MILLWRIGHT_TEST_POSTGRES"); given && *given) {
      server_ = given;
      is_own_ = false;
      return;
    }
    for (int version = 20; version >= 13 && programs_.empty(); --version) {
      const auto folder = "/usr/lib/postgresql/" + std::to_string(version) + "/bin";
      if (std::filesystem::exists(folder + "/initdb")) programs_ = folder;
    }
    if (programs_.empty()) return;
    std::string name = (std::filesystem::temp_directory_path() / "millwright-pg-XXXXXX").string();
    MW_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    if (::getuid() == 0) shell("chown postgres " + folder_);
    as_postgres(programs_ + "/initdb -D " + folder_ +
                "/data -U postgres --auth=trust --locale=C.UTF-8 >/dev/null");
    control("-w start");
    server_ = "host=" + folder_ + " user=postgres";
  }
  ~TestCluster() {
    if (folder_.empty()) return;
    control("-m immediate stop");
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void control(const std::string& what) {
    as_postgres(programs_ + "/pg_ctl -D " + folder_ + "/data -l " + folder_ + "/log -o \\\"" +
                "-c listen_addresses= -c unix_socket_directories=" + folder_ +
                " -c fsync=off -c max_connections=200 -c max_locks_per_transaction=1024\\\" " +
                what + " >/dev/null");
  }
  void as_postgres(const std::string& command) {
    shell(::getuid() == 0 ? "cd / && setpriv --reuid=postgres --regid=postgres --clear-groups sh "
                            "-c \"" +
                                command + "\""
                          : "sh -c \"" + command + "\"");
  }
  static void shell(const std::string& command) {
    if (std::system(command.c_str()) != 0) {
      std::fprintf(stderr, "failed: %s\n", command.c_str());
      std::abort();
    }
  }

  std::string programs_;
  std::string folder_;
  std::string server_;
  bool is_own_ = true;
};

}  // namespace millwright::postgres::testing
