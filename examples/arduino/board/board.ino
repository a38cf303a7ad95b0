// A button, a sensor and a light that talk to Scratch. ESP8266 or ESP32, with the library
// PubSubClient 2.8 by Nick O'Leary (Arduino IDE: Tools, Manage Libraries).
//
// Questions and answers: docs/boards/arduino.md

#if defined(ESP8266)
#include <ESP8266WiFi.h>
#else
#include <WiFi.h>
#endif
#include <PubSubClient.h>

// ---- Settings: fill in these lines --------------------------------------------------------------
const char WIFI_NAME[] = "the name of your Wi-Fi";
const char WIFI_PASSWORD[] = "its password";
const char BROKER[] = "192.168.1.10";  // the computer with the broker, never "localhost"
const int PORT = 1883;
const char NAME[] = "board-1";  // another one for each board
const char USER[] = "class";    // "" where nobody needs to log in
const char PASSWORD[] = "the class word";  // the teacher has it
const char TOPIC[] = "board-1";  // all topics begin so; in the room red: "red/board-1"
const int KEEP_ALIVE = 15;    // seconds: a network that is gone is noticed after two of them
const int RETRY = 3;          // seconds between two attempts to connect
const int SENSOR_EVERY = 10;  // seconds
// -------------------------------------------------------------------------------------------------

const int BUTTON_PIN = 0;  // "boot" or "flash" on most boards
const int LIGHT_PIN = 2;   // the LED of most boards; on many ESP8266 it is on when it should be off
#if defined(ESP8266)
const int SENSOR_PIN = A0;
#else
const int SENSOR_PIN = 34;
#endif
const unsigned long BUTTON_PAUSE_MS = 300;  // after a press the button is not looked at for so long
const int TIMEOUT = 5;  // seconds that the broker may take to answer; PubSubClient's own are 15

// Bytes for one whole message: topic, text and a few more. PubSubClient's own are 256. What does
// not fit is thrown away without a word when it comes. When it goes, publish says false.
const int BUFFER = 512;

WiFiClient network;
PubSubClient client(network);
String clientId, buttonTopic, sensorTopic, ledTopic, statusTopic;
bool wasConnected = false;
unsigned long tried, pressed, measured;

// A message has come. Its text has no zero at its end, and it lies in the buffer that the next
// publish needs: so look at it first, and publish afterwards.
void onMessage(char* topic, byte* payload, unsigned int length) {
  if (ledTopic == topic && length == 2 && memcmp(payload, "on", 2) == 0) {
    digitalWrite(LIGHT_PIN, HIGH);
  } else if (ledTopic == topic && length == 3 && memcmp(payload, "off", 3) == 0) {
    digitalWrite(LIGHT_PIN, LOW);
  } else {
    Serial.print("not understood: ");
    Serial.println(topic);
  }
}

// One attempt. It may take some seconds, in which nothing else runs: three to five to reach the
// computer, and TIMEOUT for the answer. The session is a new one each time: what the broker knew of
// us may be gone, so we subscribe and say "online" every time.
void connectToBroker() {
  const char* user = USER[0] ? USER : nullptr;  // "" would be sent as the name of nobody
  const char* password = USER[0] ? PASSWORD : nullptr;
  // The will: when we are lost, the broker says "offline" for us, and keeps it for later ones.
  if (!client.connect(clientId.c_str(), user, password, statusTopic.c_str(), 1, true, "offline")) {
    Serial.print("not connected: ");
    Serial.println(client.state());  // the numbers are in docs/boards/arduino.md
    return;
  }
  client.subscribe(ledTopic.c_str());
  client.publish(statusTopic.c_str(), "online", true);
  wasConnected = true;
  Serial.print("connected as ");
  Serial.println(clientId);
}

void lookAfterConnection() {
  if (client.connected()) {
    client.loop();  // takes one message, and sends the ping that keeps us alive: call it often
    return;
  }
  if (wasConnected) {
    wasConnected = false;
    tried = millis();
    Serial.print("not connected: ");
    Serial.println(client.state());
  }
  // The board looks for the Wi-Fi by itself, also when it was lost.
  if (WiFi.status() == WL_CONNECTED && millis() - tried >= RETRY * 1000UL) {
    connectToBroker();
    tried = millis();
  }
}

void lookAtButton() {
  const bool isDown = digitalRead(BUTTON_PIN) == LOW;
  if (isDown && millis() - pressed >= BUTTON_PAUSE_MS) {
    // false when it was not sent. Nothing is sent later by itself.
    if (client.publish(buttonTopic.c_str(), "pressed")) Serial.println("pressed");
  }
  if (isDown) pressed = millis();  // held down: still the same press
}

void lookAtSensor() {
  if (millis() - measured < SENSOR_EVERY * 1000UL) return;
  measured = millis();
  client.publish(sensorTopic.c_str(), String(analogRead(SENSOR_PIN)).c_str());
}

void setup() {
  Serial.begin(115200);
  pinMode(BUTTON_PIN, INPUT_PULLUP);
  pinMode(LIGHT_PIN, OUTPUT);
  WiFi.mode(WIFI_STA);
  WiFi.begin(WIFI_NAME, WIFI_PASSWORD);

  // Two boards with this program and the same NAME still have two client ids.
  String mac = WiFi.macAddress();
  mac.replace(":", "");
  clientId = String(NAME) + "-" + mac.substring(6);
  buttonTopic = String(TOPIC) + "/button";
  sensorTopic = String(TOPIC) + "/sensor";
  ledTopic = String(TOPIC) + "/led";
  statusTopic = String(TOPIC) + "/status";

  client.setServer(BROKER, PORT);
  client.setCallback(onMessage);
  client.setBufferSize(BUFFER);
  client.setKeepAlive(KEEP_ALIVE);
  client.setSocketTimeout(TIMEOUT);
}

// No delay anywhere: each part looks at the clock and goes on. The difference of two times is right
// also when millis() begins anew, after 49 days.
void loop() {
  lookAfterConnection();
  lookAtButton();
  lookAtSensor();
}
