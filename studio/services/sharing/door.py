"""The door: one name and password, compared in constant time; who guesses has to wait."""

import getpass
import hashlib
import hmac
import ipaddress
import os
import secrets
import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from studio.errors import StudioError
from studio.services.sharing.limits import EVERYBODY, Window

PASSWORD_VARIABLE = "STUDIO_PASSWORD"
NAME = "studio"
SHORTEST = 8
FREE_TRIES = 3
LONGEST_WAIT_SECONDS = 300.0
WRONG_OF_ALL = 30  # a minute, then everybody waits
MOST_ADDRESSES = 1024
PASS_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Login:
    """A name and its password; `made` where the studio made the password up."""

    name: str
    password: str
    made: bool = False


def read_login(name: str, ask: Callable[[str], str] = getpass.getpass) -> Login:
    """The login of a shared studio.

    The password comes from the variable STUDIO_PASSWORD, else from a prompt where a name was given
    and a person sits there, else it is made up. It is no argument, since arguments stand in the
    list of processes.

    Args:
        name: "" for the usual one with a password that is made up.

    Raises:
        StudioError: the password is too short.
    """
    given = os.environ.get(PASSWORD_VARIABLE, "")
    if not given and name and sys.stdin.isatty():
        given = ask(f"Password for {name} (empty: one is made up): ")
    if not given:
        return Login(name or NAME, secrets.token_urlsafe(12), made=True)
    if len(given) < SHORTEST:
        raise StudioError(
            f"The password has fewer than {SHORTEST} letters.",
            f"Set a longer {PASSWORD_VARIABLE}, or none: then one is made up.",
        )
    return Login(name or NAME, given)


class Door:
    """Compares logins and slows down whoever guesses.

    The first three wrong tries of an address are free; each further one doubles its wait, up to
    five minutes. More than 30 wrong tries a minute from everywhere make everybody wait; whoever is
    in stays in. A try that has to wait is not even compared.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, login: Login, clock: Callable[[], float] = time.monotonic) -> None:
        self._salt = secrets.token_bytes(16)
        self._wanted = self._digest(login.name), self._digest(login.password)
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()  # tries, free again at
        self._all = Window(clock=clock)

    def __len__(self) -> int:
        return len(self._wrong)

    def wait(self, address: str) -> int:
        """Whole seconds until this address may try again; 0 for now."""
        _, free = self._wrong.get(_network(address), (0, 0.0))
        own = max(0, ceil(free - self._clock()))
        return max(own, self._all.wait(EVERYBODY, 1, WRONG_OF_ALL))

    def opens(self, name: str, password: str, address: str) -> bool:
        """Whether name and password are right; both are compared whatever the first says."""
        if self.wait(address):
            return False
        name_fits = hmac.compare_digest(self._digest(name), self._wanted[0])
        password_fits = hmac.compare_digest(self._digest(password), self._wanted[1])
        if name_fits & password_fits:
            self._wrong.pop(_network(address), None)
            return True
        self._note(_network(address))
        return False

    def _note(self, network: str) -> None:
        tries = self._wrong.get(network, (0, 0.0))[0] + 1
        over = min(tries - FREE_TRIES, 20)
        seconds = min(2.0**over, LONGEST_WAIT_SECONDS) if over > 0 else 0.0
        self._wrong[network] = (tries, self._clock() + seconds)
        self._wrong.move_to_end(network)
        while len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)
        self._all.add(EVERYBODY)

    def _digest(self, text: str) -> bytes:
        return hashlib.sha256(self._salt + text.encode("utf-8", "surrogatepass")).digest()


class Passes:
    """What a browser keeps to be known again: a visitor's random name, signed, for twelve hours.

    Nothing is stored here, so no number of visitors fills the memory. A new start of the studio
    signs with a new key.

    Args:
        clock: seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._key, self._clock = secrets.token_bytes(32), clock

    def new(self) -> str:
        """A pass for a visitor nobody knows yet."""
        body = f"{secrets.token_hex(16)}.{int(self._clock())}"
        return f"{body}.{self._sign(body)}"

    def visitor(self, given: str) -> str | None:
        """The visitor of a pass; None where it is not ours or too old."""
        body, _, mark = given.rpartition(".")
        if not hmac.compare_digest(mark.encode("utf-8", "replace"), self._sign(body).encode()):
            return None
        name, _, since = body.partition(".")
        return name if self._clock() - int(since) < PASS_SECONDS else None

    def _sign(self, body: str) -> str:
        signed = hmac.new(self._key, body.encode("utf-8", "replace"), hashlib.sha256)
        return signed.hexdigest()


def _network(address: str) -> str:
    """An address as its owner is counted: an IPv6 host owns at least 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network(f"{found}/64", strict=False))
