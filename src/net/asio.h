// Boost.Asio as this room uses it: compiled once (asio.cc), with io_context's own executor in every type
// instead of the type-erased one. Private to net/: only .cc files and the private headers of this room
// include it.
#pragma once

#ifndef BOOST_ASIO_SEPARATE_COMPILATION
#define BOOST_ASIO_SEPARATE_COMPILATION
#endif
#define BOOST_ASIO_NO_DEPRECATED
#ifdef __SANITIZE_THREAD__  // it knows no fences, and each io_context here is run by one thread
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#endif

#include <chrono>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

namespace net {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using IoExecutor = asio::io_context::executor_type;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, IoExecutor>;
using TcpAcceptor = asio::basic_socket_acceptor<asio::ip::tcp, IoExecutor>;
using SteadyTimer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                               asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;

}  // namespace net
