// The little of Arduino that the sketches of examples/ use, on the computer that tests them. Each line "press" on standard
// input presses the button for a moment; the light says "led on" and "led off". The number of the chip is the first argument.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <thread>

using byte = uint8_t;
using boolean = bool;

constexpr int LOW = 0, HIGH = 1;
constexpr int INPUT_PULLUP = 2, OUTPUT = 1;
constexpr int A0 = 17;

class String {
 public:
  String(const char* text = "") : text_(text) {}
  explicit String(int number) : text_(std::to_string(number)) {}

  String operator+(const String& other) const { return (text_ + other.text_).c_str(); }
  bool operator==(const char* other) const { return text_ == other; }
  const char* c_str() const { return text_.c_str(); }
  String substring(unsigned int from) const { return text_.substr(from).c_str(); }

  void replace(const char* what, const char* with) {
    for (size_t at; (at = text_.find(what)) != std::string::npos;)
      text_.replace(at, std::strlen(what), with);
  }

 private:
  std::string text_;
};

struct SerialPort {
  void begin(long) {}
  void print(const char* text) { std::cout << text << std::flush; }
  template <typename T>
  void println(const T& value) {
    std::cout << value << std::endl;
  }
  void println(const String& text) { println(text.c_str()); }
};
inline SerialPort Serial;

inline unsigned long millis() {
  using namespace std::chrono;
  static const auto start = steady_clock::now();
  return static_cast<uint32_t>(duration_cast<milliseconds>(steady_clock::now() - start).count());
}
inline void delay(unsigned long ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

inline std::atomic<bool> isDown{false};
inline void pinMode(int, int) {}
inline int digitalRead(int) { return isDown ? LOW : HIGH; }
inline void digitalWrite(int, int level) { Serial.println(level == HIGH ? "led on" : "led off"); }
inline int analogRead(int) { return 512; }

inline std::string chip = "000000000000";

void setup();
void loop();
