"""
The slow line of a test bed: passes every Ethernet frame from one interface to the other, so many ms later, both ways.

  delay.py relay A B MS    runs until it is killed
  delay.py plain DEV       DEV computes its checksums and cuts its segments itself, as whoever reads raw frames needs it
"""

import collections
import ctypes
import fcntl
import select
import socket
import sys
import time

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SO_RCVBUFFORCE = 33
SIOCETHTOOL = 0x8946
# linux/ethtool.h: receive and transmit checksums, scatter-gather, TCP segments, generic segments, generic receive.
OFFLOADS = (0x17, 0x19, 0x1F, 0x24, 0x2C)


class Value(ctypes.Structure):
    _fields_ = [("cmd", ctypes.c_uint32), ("data", ctypes.c_uint32)]


class Request(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char * 16), ("data", ctypes.c_void_p), ("rest", ctypes.c_char * 16)]


def plain(device):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in OFFLOADS:
            value = Value(command, 0)
            request = Request(device.encode(), ctypes.addressof(value), b"")
            fcntl.ioctl(control, SIOCETHTOOL, request)


def raw(device):
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    opened.bind((device, ETH_P_ALL))
    opened.setblocking(False)
    return opened


def receive(source, waiting, delay):
    while True:
        try:
            frame, (_, _, kind, _, _) = source.recvfrom(65536)
        except BlockingIOError:
            return
        if kind != PACKET_OUTGOING:
            waiting.append((time.monotonic() + delay, frame))


def pass_on(target, waiting):
    """Sends what is due; returns the seconds until the next frame is."""
    while waiting:
        left = waiting[0][0] - time.monotonic()
        if left > 0:
            return left
        try:
            target.send(waiting.popleft()[1])
        except OSError:
            pass  # the line is down or full: a frame is lost, as on any line
    return None


def relay(a, b, delay):
    ends = {raw(a): collections.deque(), raw(b): collections.deque()}
    (left, from_left), (right, from_right) = ends.items()
    while True:
        nexts = [wait for wait in (pass_on(right, from_left), pass_on(left, from_right)) if wait is not None]
        ready, _, _ = select.select(list(ends), [], [], min(nexts, default=None))
        for source in ready:
            receive(source, ends[source], delay)


if sys.argv[1] == "plain":
    plain(sys.argv[2])
else:
    relay(sys.argv[2], sys.argv[3], float(sys.argv[4]) / 1000)
