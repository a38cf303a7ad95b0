# MicroPython's own, but a board that sleeps leaves the processor to others.
from utime import *
import board


def sleep_ms(milliseconds):
    board.sleep(milliseconds)


def sleep(seconds):
    board.sleep(seconds * 1000)
