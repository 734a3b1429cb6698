// SPDX-License-Identifier: Apache-2.0
#include "tests/store/dropping_proxy.h"

#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace astrolabe {
namespace {

// With its end, so that it is not found in READ COMMITTED.
constexpr std::string_view kCommit("COMMIT\0", 7);

sockaddr_un address_of(const std::filesystem::path& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (folder / ".s.PGSQL.5432").string();
  if (path.size() >= sizeof(address.sun_path))
    throw std::runtime_error("path too long for a socket: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  return address;
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

DroppingProxy::DroppingProxy(const std::filesystem::path& server_folder)
    : folder_(server_folder / "proxy"), server_folder_(server_folder) {
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directory(folder_);
  listener_ = socket(AF_UNIX, SOCK_STREAM, 0);
  const sockaddr_un address = address_of(folder_);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener_, 8) != 0)
    throw std::runtime_error("no proxy");
  thread_ = std::thread([this] { serve(); });
}

DroppingProxy::~DroppingProxy() {
  stop_ = true;
  thread_.join();
  close(listener_);
  std::filesystem::remove_all(folder_);
}

std::string DroppingProxy::url() const {
  return "postgresql://astrolabe@/postgres?host=" + folder_.string();
}

void DroppingProxy::serve() {
  while (!stop_) {
    pollfd entry{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&entry, 1, 20) <= 0) continue;
    const int client = accept(listener_, nullptr, nullptr);
    const int server = socket(AF_UNIX, SOCK_STREAM, 0);
    const sockaddr_un address = address_of(server_folder_);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0)
      relay(client, server);
    close(client);
    close(server);
  }
}

// One client at a time is all that the test has.
void DroppingProxy::relay(int client, int server) {
  std::array<char, 65536> buffer{};
  bool drop_answer = false;
  while (!stop_) {
    std::array<pollfd, 2> entries = {pollfd{.fd = client, .events = POLLIN, .revents = 0},
                                     pollfd{.fd = server, .events = POLLIN, .revents = 0}};
    if (poll(entries.data(), entries.size(), 20) <= 0) continue;
    for (std::size_t side = 0; side < 2; ++side) {
      if (entries[side].revents == 0) continue;
      const ssize_t size = recv(entries[side].fd, buffer.data(), buffer.size(), 0);
      if (size <= 0) return;
      const std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
      if (side == 1 && drop_answer) return;
      if (side == 0 && next_ != Drop::nothing && bytes.find(kCommit) != std::string_view::npos) {
        ++dropped_;
        if (next_.exchange(Drop::nothing) == Drop::before_commit) return;
        drop_answer = true;
      }
      if (!send_all(entries[1 - side].fd, bytes)) return;
    }
  }
}

}  // namespace astrolabe
