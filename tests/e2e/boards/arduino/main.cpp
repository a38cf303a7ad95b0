// What runs a sketch.
#include "Arduino.h"

int main(int, char** arguments) {
  chip = arguments[1];
  std::thread([] {
    for (std::string line; std::getline(std::cin, line);) {
      if (line != "press") continue;
      isDown = true;
      delay(60);
      isDown = false;
      delay(60);
    }
  }).detach();
  setup();
  for (;;) {
    loop();
    delay(1);  // leaves the processor to others; a board needs no such line
  }
}
