// Stands in for PubSubClient 2.8 by its interface, as its documentation has it: MQTT 3.1.1, one buffer for packets of both
// directions, blocking. What does not fit into the buffer is neither sent nor delivered, and of QoS 1 not acknowledged.
#pragma once

#include <functional>
#include <vector>

#include "WiFi.h"

constexpr int MQTT_CONNECTION_TIMEOUT = -4, MQTT_CONNECTION_LOST = -3, MQTT_CONNECT_FAILED = -2,
              MQTT_DISCONNECTED = -1, MQTT_CONNECTED = 0;

class PubSubClient {
 public:
  using Callback = std::function<void(char*, uint8_t*, unsigned int)>;

  explicit PubSubClient(Client& client) : client_(client) {}

  void setServer(const char* host, uint16_t port) { host_ = host, port_ = port; }
  void setCallback(Callback callback) { callback_ = callback; }
  void setKeepAlive(uint16_t seconds) { keep_alive_ms_ = seconds * 1000UL; }
  void setSocketTimeout(uint16_t seconds) { timeout_ms_ = seconds * 1000UL; }
  bool setBufferSize(uint16_t size) { return (buffer_size_ = size) > 0; }
  int state() const { return state_; }

  bool connect(const char* id, const char* user, const char* password, const char* will_topic,
               uint8_t will_qos, bool will_retain, const char* will) {
    if (connected()) return true;
    if (!client_.connect(host_.c_str(), port_)) return fail(MQTT_CONNECT_FAILED);
    uint8_t flags = 0x02 | 0x04 | will_qos << 3 | (will_retain ? 0x20 : 0);
    if (user) flags |= 0x80;
    if (user && password) flags |= 0x40;
    const unsigned keep_alive = keep_alive_ms_ / 1000;
    Bytes body{0, 4, 'M', 'Q', 'T', 'T', 4, flags};
    body.insert(body.end(), {uint8_t(keep_alive >> 8), uint8_t(keep_alive)});
    for (const char* text : {id, will_topic, will}) append(body, text);
    if (user) append(body, user);
    if (user && password) append(body, password);
    if (!send(0x10, body)) return fail(MQTT_CONNECT_FAILED);
    heard_ = millis();
    Bytes answer;
    if (!receive(answer)) return fail(MQTT_CONNECTION_TIMEOUT);
    if (answer.size() != 4 || answer[0] != 0x20) return fail(MQTT_CONNECT_FAILED);
    if (answer[3] != 0) return fail(answer[3]);
    is_ping_open_ = false;
    state_ = MQTT_CONNECTED;
    return true;
  }

  bool connected() {
    if (client_.connected()) return state_ == MQTT_CONNECTED;
    if (state_ == MQTT_CONNECTED) fail(MQTT_CONNECTION_LOST);
    return false;
  }

  bool publish(const char* topic, const char* text, bool retained = false) {
    if (5 + 2 + std::strlen(topic) + std::strlen(text) > buffer_size_ || !connected()) return false;
    Bytes body;
    append(body, topic);
    body.insert(body.end(), text, text + std::strlen(text));
    return send(retained ? 0x31 : 0x30, body);
  }

  bool subscribe(const char* topic, uint8_t qos = 0) {
    if (qos > 1 || 9 + std::strlen(topic) > buffer_size_ || !connected()) return false;
    next_id_ = next_id_ == 0xffff ? 1 : next_id_ + 1;
    Bytes body{uint8_t(next_id_ >> 8), uint8_t(next_id_)};
    append(body, topic);
    body.push_back(qos);
    return send(0x82, body);
  }

  bool loop() {
    if (!connected()) return false;
    const unsigned long now = millis();
    if (now - heard_ > keep_alive_ms_ || now - sent_ > keep_alive_ms_) {
      if (is_ping_open_) return fail(MQTT_CONNECTION_TIMEOUT);
      is_ping_open_ = true;
      send(0xc0, {});
      heard_ = now;
    }
    if (client_.available() == 0) return true;
    Bytes packet;
    if (!receive(packet)) return connected();
    heard_ = now;
    if (packet.empty()) return true;  // it did not fit
    if (packet[0] == 0xd0) is_ping_open_ = false;
    if ((packet[0] & 0xf0) == 0x30) deliver(packet);
    return true;
  }

 private:
  using Bytes = std::vector<uint8_t>;

  static void append(Bytes& bytes, const char* text) {
    const size_t size = std::strlen(text);
    bytes.insert(bytes.end(), {uint8_t(size >> 8), uint8_t(size)});
    bytes.insert(bytes.end(), text, text + size);
  }

  bool fail(int state) {
    client_.stop();
    state_ = state;
    return false;
  }

  bool send(uint8_t header, const Bytes& body) {
    Bytes packet{header};
    size_t rest = body.size();
    do {
      packet.push_back(uint8_t(rest % 128 + (rest > 127 ? 128 : 0)));
    } while (rest /= 128);
    packet.insert(packet.end(), body.begin(), body.end());
    sent_ = millis();
    return packet.size() <= buffer_size_ && client_.write(packet.data(), packet.size()) > 0;
  }

  bool receive_byte(uint8_t& one) {
    const unsigned long since = millis();
    while (client_.available() == 0) {
      if (!client_.connected() || millis() - since >= timeout_ms_) return false;
      delay(1);
    }
    one = uint8_t(client_.read());
    return true;
  }

  // The packet, or nothing where it does not fit. False when it did not come in time.
  bool receive(Bytes& packet) {
    uint8_t one;
    if (!receive_byte(one)) return false;
    packet = {one};
    size_t size = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      if (!receive_byte(one)) return false;
      packet.push_back(one);
      size |= size_t(one & 127) << shift;
      if (one < 128) break;
    }
    length_size_ = packet.size() - 1;
    const bool fits = packet.size() + size <= buffer_size_;
    for (size_t count = 0; count < size; ++count) {
      if (!receive_byte(one)) return false;
      if (fits) packet.push_back(one);
    }
    if (!fits) packet.clear();
    return true;
  }

  void deliver(Bytes& packet) {
    const size_t start = 1 + length_size_ + 2;
    const size_t size = packet[start - 2] << 8 | packet[start - 1];
    std::string topic(packet.begin() + start, packet.begin() + start + size);
    const bool is_acknowledged = (packet[0] & 0x06) == 0x02;
    const size_t text = start + size + (is_acknowledged ? 2 : 0);
    const Bytes id(packet.begin() + start + size, packet.begin() + text);
    if (callback_) callback_(topic.data(), packet.data() + text, packet.size() - text);
    if (is_acknowledged) send(0x40, id);
  }

  Client& client_;
  Callback callback_;
  std::string host_;
  uint16_t port_ = 1883, buffer_size_ = 256, next_id_ = 0;
  unsigned long keep_alive_ms_ = 15000, timeout_ms_ = 15000, heard_ = 0, sent_ = 0;
  size_t length_size_ = 1;
  bool is_ping_open_ = false;
  int state_ = MQTT_DISCONNECTED;
};
