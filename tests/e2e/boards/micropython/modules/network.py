# A Wi-Fi that is always there.
STA_IF = 0


class WLAN:
    def __init__(self, *_):
        self.joined = False

    def active(self, *_):
        return True

    def connect(self, *_):
        self.joined = True

    def disconnect(self):
        self.joined = False

    def isconnected(self):
        return self.joined
