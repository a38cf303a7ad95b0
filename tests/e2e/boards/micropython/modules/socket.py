# Sockets of a board: blocking, with a limit, or not waiting at all.
import binascii
import board


def answer(given):
    if isinstance(given, int) and given < 0:
        raise OSError(-given)
    return given


class socket:
    def __init__(self, *_):
        self.number = None
        self.limit = None  # milliseconds

    def settimeout(self, seconds):
        self.limit = None if seconds is None else int(seconds * 1000)

    def setblocking(self, is_blocking):
        self.limit = None if is_blocking else 0

    def connect(self, address):
        self.number = answer(board.ask("connect", address[0], address[1], self.limit))

    def read(self, size):
        text = answer(board.ask("read", self.number, size, self.limit))
        return None if text is None else binascii.unhexlify(text)

    def write(self, data, size=None):
        data = data.encode() if isinstance(data, str) else bytes(data)
        if size is not None:
            data = data[:size]
        return answer(board.ask("write", self.number, binascii.hexlify(data).decode(), self.limit))

    def close(self):
        if self.number is not None:
            board.ask("close", self.number)
        self.number = None


def getaddrinfo(host, port):
    return [(2, 1, 0, "", (host, port))]
