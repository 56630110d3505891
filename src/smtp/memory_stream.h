// Streams without a network, for tests and fuzzing only. ScriptedStream: the far side is a function that is
// asked for bytes whenever the session wants to read. make_pipe(): two streams, each the far side of the
// other.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/oneshot.h"
#include "net/stream.h"

namespace smtp::testing {

class MemoryStream : public net::Stream {
 public:
  const net::TlsInfo* tls() const override { return tls_ ? &*tls_ : nullptr; }
  net::Loop& loop() override {
    if (!loop_) loop_ = std::make_unique<net::Loop>();
    return *loop_;
  }
  const net::Endpoint& peer() const override { return peer_; }
  const net::Endpoint& local() const override { return local_; }
  void interrupt_read() override {}

 protected:
  std::optional<net::TlsInfo> tls_;

 private:
  std::unique_ptr<net::Loop> loop_;
  net::Endpoint peer_{"192.0.2.1", 4025}, local_{"192.0.2.2", 25};
};

// What a far side gives when asked: bytes, or the error that reading ends with.
struct Given {
  std::string bytes;
  net::IoError error = net::IoError::none;
};

// Outlives the stream, so that tests can look at what happened.
struct Script {
  // Given what the session wrote since it was last asked.
  std::function<Given(std::string written)> peer;
  std::string written;  // since the peer was last asked
  std::vector<net::Deadline> read_deadlines;
  std::size_t writes = 0, handshakes = 0;
  bool fail_handshake = false, closed = false, shut_down = false;
  net::IoError fail_writes = net::IoError::none;
  std::size_t writes_before_failure = 0;
};

class ScriptedStream final : public MemoryStream {
 public:
  explicit ScriptedStream(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  ~ScriptedStream() override { script_->closed = true; }

  base::Task<net::IoResult> read_some(std::span<char> into, net::Deadline deadline) override {
    script_->read_deadlines.push_back(deadline);
    if (held_.empty()) {
      if (script_->closed) co_return net::IoResult{0, net::IoError::cancelled, ""};
      Given given = script_->peer(std::exchange(script_->written, {}));
      held_ = std::move(given.bytes);
      if (held_.empty()) {
        const auto error = given.error == net::IoError::none ? net::IoError::eof : given.error;
        co_return net::IoResult{0, error, ""};
      }
    }
    const std::size_t n = std::min(into.size(), held_.size());
    std::memcpy(into.data(), held_.data(), n);
    held_.erase(0, n);
    co_return net::IoResult{n, net::IoError::none, ""};
  }

  base::Task<net::IoResult> write(std::span<const std::string_view> parts, net::Deadline) override {
    if (script_->fail_writes != net::IoError::none && script_->writes >= script_->writes_before_failure) {
      co_return net::IoResult{0, script_->fail_writes, ""};
    }
    if (script_->closed) co_return net::IoResult{0, net::IoError::cancelled, ""};
    ++script_->writes;
    net::IoResult result;
    for (const auto part : parts) {
      script_->written += part;
      result.bytes += part.size();
    }
    co_return result;
  }

  base::Task<net::IoResult> start_tls_server(const net::TlsServerContext&, net::Deadline) override {
    co_return handshake();
  }
  base::Task<net::IoResult> start_tls_client(const net::TlsClientContext&, std::string,
                                             net::Deadline) override {
    co_return handshake();
  }
  bool peer_has_closed() override { return script_->closed; }
  base::Task<void> shutdown(net::Deadline) override {
    script_->shut_down = true;
    co_return;
  }
  void close() override { script_->closed = true; }

 private:
  net::IoResult handshake() {
    ++script_->handshakes;
    if (script_->fail_handshake) return {0, net::IoError::tls, "handshake failure"};
    tls_ = net::TlsInfo{"TLSv1.3", "TLS_AES_256_GCM_SHA384", false, "", ""};
    return {};
  }

  std::shared_ptr<Script> script_;
  std::string held_;
};

// One direction of a pipe. Its reader waits until there is something, or the writer has gone.
struct Duct {
  std::string bytes;
  bool closed = false;
  std::optional<base::OneShot<base::Unit>> waiting;
  void wake() {
    if (waiting) std::exchange(waiting, std::nullopt)->set({});
  }
};

class PipeEnd final : public MemoryStream {
 public:
  PipeEnd(std::shared_ptr<Duct> in, std::shared_ptr<Duct> out) : in_(std::move(in)), out_(std::move(out)) {}
  ~PipeEnd() override { end(); }

  base::Task<net::IoResult> read_some(std::span<char> into, net::Deadline) override {
    while (in_->bytes.empty() && !in_->closed) {
      in_->waiting.emplace();
      const base::OneShot<base::Unit> woken = *in_->waiting;
      co_await woken;
    }
    if (in_->bytes.empty()) co_return net::IoResult{0, net::IoError::eof, ""};
    const std::size_t n = std::min(into.size(), in_->bytes.size());
    std::memcpy(into.data(), in_->bytes.data(), n);
    in_->bytes.erase(0, n);
    co_return net::IoResult{n, net::IoError::none, ""};
  }

  base::Task<net::IoResult> write(std::span<const std::string_view> parts, net::Deadline) override {
    if (out_->closed) co_return net::IoResult{0, net::IoError::reset, ""};
    net::IoResult result;
    for (const auto part : parts) {
      out_->bytes += part;
      result.bytes += part.size();
    }
    out_->wake();
    co_return result;
  }

  base::Task<net::IoResult> start_tls_server(const net::TlsServerContext&, net::Deadline) override {
    co_return net::IoResult{0, net::IoError::tls, "none in a pipe"};
  }
  base::Task<net::IoResult> start_tls_client(const net::TlsClientContext&, std::string,
                                             net::Deadline) override {
    co_return net::IoResult{0, net::IoError::tls, "none in a pipe"};
  }
  bool peer_has_closed() override { return in_->closed; }
  base::Task<void> shutdown(net::Deadline) override {
    end();
    co_return;
  }
  void close() override { end(); }

 private:
  void end() {
    in_->closed = out_->closed = true;
    in_->wake();
    out_->wake();
  }
  std::shared_ptr<Duct> in_, out_;
};

inline std::pair<net::StreamPtr, net::StreamPtr> make_pipe() {
  auto there = std::make_shared<Duct>();
  auto back = std::make_shared<Duct>();
  return {std::make_unique<PipeEnd>(back, there), std::make_unique<PipeEnd>(there, back)};
}

}  // namespace smtp::testing
