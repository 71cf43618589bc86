#pragma once
/// An HTTP server on loopback that answers as a test tells it to, one connection after the other.

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace millwright {

class FakeMlflow {
 public:
  struct Answer {
    unsigned status = 200;
    std::string body;
    std::string location;  ///< Where it is a redirect.
  };
  struct Request {
    std::string target;
    std::string authorization;
  };

  FakeMlflow()
      : acceptor_(io_, {boost::asio::ip::make_address("127.0.0.1"), 0}),
        thread_([this] { run(); }) {}
  ~FakeMlflow() {
    is_ending_ = true;
    // A connection of our own wakes the thread that waits for one.
    boost::asio::ip::tcp::socket waker(io_);
    boost::system::error_code ignored;
    waker.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  /// The answer to a target, query included; a target without one gets 404 of MLflow's form.
  void answer(const std::string& target, Answer answer) {
    const std::lock_guard lock(mutex_);
    answers_[target] = std::move(answer);
  }
  void answer_json(const std::string& call, const nlohmann::json& body) {
    answer("/api/2.0/mlflow/" + call, {200, body.dump(), ""});
  }
  /// Every request gets this status from now on; 0: as told by `answer`.
  void break_down(unsigned status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  std::vector<Request> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void run() {
    namespace http = boost::beast::http;
    while (!is_ending_) {
      boost::asio::ip::tcp::socket socket = acceptor_.accept();
      if (is_ending_) return;
      boost::beast::flat_buffer buffer;
      http::request<http::string_body> got;
      boost::system::error_code error;
      http::read(socket, buffer, got, error);
      if (error) continue;
      const Answer answer =
          find({std::string(got.target()), std::string(got[http::field::authorization])});
      http::response<http::string_body> out(static_cast<http::status>(answer.status), 11,
                                            answer.body);
      if (!answer.location.empty()) out.set(http::field::location, answer.location);
      out.keep_alive(false);
      out.prepare_payload();
      http::write(socket, out, error);
    }
  }
  Answer find(Request request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    if (status_ != 0) return {status_, "<html>", ""};
    const auto known = answers_.find(request.target);
    if (known != answers_.end()) return known->second;
    return {404, R"({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "not there"})", ""};
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, Answer> answers_;
  std::vector<Request> requests_;
  unsigned status_ = 0;
  std::atomic<bool> is_ending_{false};
  std::thread thread_;  // last: it uses everything above
};

}  // namespace millwright
