# One button, one light, one sensor.
import binascii
import board


class Pin:
    IN, OUT, PULL_UP = range(3)

    def __init__(self, *_):
        pass

    def value(self):
        return 0 if board.is_down() else 1

    def on(self):
        print("led on")

    def off(self):
        print("led off")


class ADC:
    def __init__(self, *_):
        pass

    def read_u16(self):
        return 12345


def unique_id():
    return binascii.unhexlify(board.chip)
