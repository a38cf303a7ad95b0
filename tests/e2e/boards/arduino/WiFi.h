// Wi-Fi that is always there, and a client over a real socket that waits as that of a board does.
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "Arduino.h"

constexpr int WIFI_STA = 1, WL_CONNECTED = 3;

class Client {
 public:
  virtual ~Client() = default;
  virtual int connect(const char* host, uint16_t port) = 0;
  virtual size_t write(const uint8_t* bytes, size_t size) = 0;
  virtual int available() = 0;
  virtual int read() = 0;
  virtual void stop() = 0;
  virtual uint8_t connected() = 0;
};

class WiFiClient : public Client {
 public:
  ~WiFiClient() override { WiFiClient::stop(); }

  int connect(const char* host, uint16_t port) override {
    stop();
    std::signal(SIGPIPE, SIG_IGN);
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    const timeval limit{3, 0};
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const int yes = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, host, &address.sin_addr);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return 1;
    stop();
    return 0;
  }

  size_t write(const uint8_t* bytes, size_t size) override {
    size_t sent = 0;
    while (sent < size) {
      const ssize_t count = send(socket_, bytes + sent, size - sent, 0);
      if (count <= 0) {
        stop();
        return 0;
      }
      sent += static_cast<size_t>(count);
    }
    return sent;
  }

  int available() override {
    int count = 0;
    if (socket_ >= 0) ioctl(socket_, FIONREAD, &count);
    return count;
  }

  int read() override {
    uint8_t one;
    return recv(socket_, &one, 1, 0) == 1 ? one : -1;
  }

  void stop() override {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

  uint8_t connected() override {
    if (socket_ < 0) return 0;
    pollfd asked{socket_, POLLIN, 0};
    const bool has_news = poll(&asked, 1, 0) > 0;
    if (has_news && available() == 0) stop();  // the other side has closed it
    return socket_ >= 0;
  }

 private:
  int socket_ = -1;
};

struct Network {
  void mode(int) {}
  void begin(const char*, const char*) {}
  int status() { return WL_CONNECTED; }
  String macAddress() {
    std::string mac = chip;
    for (size_t at = 10; at > 0; at -= 2) mac.insert(at, ":");
    return mac.c_str();
  }
};
inline Network WiFi;
