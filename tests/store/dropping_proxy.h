// SPDX-License-Identifier: Apache-2.0
// Stands between a client and a PostgreSQL server and cuts the line at a commit: before the server sees it,
// or after it was obeyed and before the client hears of it.
//
//   DroppingProxy proxy(server.folder());
//   Connection of proxy.url(); proxy.drop_next(DroppingProxy::Drop::after_commit);
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

namespace astrolabe {

class DroppingProxy {
 public:
  enum class Drop { nothing, before_commit, after_commit };

  explicit DroppingProxy(const std::filesystem::path& server_folder);
  DroppingProxy(const DroppingProxy&) = delete;
  DroppingProxy& operator=(const DroppingProxy&) = delete;
  ~DroppingProxy();

  [[nodiscard]] std::string url() const;
  void drop_next(Drop drop) { next_ = drop; }
  [[nodiscard]] int dropped() const { return dropped_; }

 private:
  void serve();
  void relay(int client, int server);

  std::filesystem::path folder_, server_folder_;
  int listener_ = -1;
  std::atomic<bool> stop_ = false;
  std::atomic<Drop> next_ = Drop::nothing;
  std::atomic<int> dropped_ = 0;
  std::thread thread_;
};

}  // namespace astrolabe
