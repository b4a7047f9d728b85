import socket
import urllib.request


def attempt(what, *args):
    try:
        what(*args)
        print("connected", args)
    except OSError:
        print("no")


def datagram(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", address)


attempt(socket.create_connection, ("192.0.2.1", 80), 1)
attempt(socket.create_connection, ("127.0.0.1", 22), 1)
attempt(datagram, ("192.0.2.1", 53))
attempt(socket.getaddrinfo, "example.org", 80)
attempt(urllib.request.urlopen, "http://example.org/", None, 1)
