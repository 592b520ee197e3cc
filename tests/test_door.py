"""Who comes in: logins, waits, passes and rations."""

import io
import sys

import pytest

from studio.errors import StudioError
from studio.failures.paths import without_folders
from studio.services.sharing.door import (
    FREE_TRIES,
    LONGEST_WAIT_SECONDS,
    MOST_ADDRESSES,
    PASS_SECONDS,
    PASSWORD_VARIABLE,
    WRONG_OF_ALL,
    Door,
    Login,
    Passes,
    read_login,
)
from studio.services.sharing.limits import MOST_KNOWN, Limits, Ration, Window


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def door(clock: Clock) -> Door:
    return Door(Login("studio", "correct horse"), clock)


def test_the_right_login_opens_and_nothing_else_does() -> None:
    opened = door(Clock())
    assert opened.opens("studio", "correct horse", "10.0.0.1")
    for name, password in (("studio", "wrong"), ("", ""), ("Studio", "correct horse")):
        assert not door(Clock()).opens(name, password, "10.0.0.1")
    assert not door(Clock()).opens("studio", "\ud800", "10.0.0.1")


def test_name_and_password_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both digests are compared by hmac whatever the first comparison says, at the same length."""
    seen: list[tuple[int, int]] = []

    def compare(first: bytes, second: bytes) -> bool:
        seen.append((len(first), len(second)))
        return first == second

    monkeypatch.setattr("studio.services.sharing.door.hmac.compare_digest", compare)
    assert not door(Clock()).opens("nobody", "x", "10.0.0.1")
    assert not door(Clock()).opens("studio", "x" * 500, "10.0.0.1")
    assert seen == [(32, 32)] * 4


def test_wrong_logins_wait_longer_each_time_and_the_right_one_waits_too() -> None:
    clock = Clock()
    closed = door(clock)
    waits = []
    for _ in range(FREE_TRIES + 9):
        assert not closed.opens("studio", "wrong", "10.0.0.1")
        waits.append(closed.wait("10.0.0.1"))
        if waits[-1]:
            assert not closed.opens("studio", "correct horse", "10.0.0.1"), "it was compared"
        clock.now += max(waits[-1], 10)
    assert waits[:FREE_TRIES] == [0] * FREE_TRIES
    assert waits[FREE_TRIES:] == [min(2**n, int(LONGEST_WAIT_SECONDS)) for n in range(1, 10)]
    assert closed.opens("studio", "correct horse", "10.0.0.1")
    assert closed.wait("10.0.0.1") == 0


def test_one_guesser_does_not_slow_down_others_but_many_do() -> None:
    clock = Clock()
    closed = door(clock)
    for _ in range(FREE_TRIES + 1):
        closed.opens("studio", "wrong", "10.0.0.1")
    assert closed.wait("10.0.0.1") and not closed.wait("10.0.0.2")
    for n in range(WRONG_OF_ALL):
        closed.opens("studio", "wrong", f"10.0.1.{n}")
    assert closed.wait("10.0.0.2") > 0
    clock.now += 61
    assert closed.opens("studio", "correct horse", "10.0.0.2")


def test_one_ipv6_network_is_one_guesser() -> None:
    closed = door(Clock())
    for n in range(FREE_TRIES + 1):
        closed.opens("studio", "wrong", f"2001:db8::{n}")
    assert closed.wait("2001:db8::ffff") and not closed.wait("2001:db8:0:1::1")


def test_guessers_do_not_fill_the_memory() -> None:
    clock = Clock()
    closed = door(clock)
    for n in range(MOST_ADDRESSES + 200):
        clock.now += 10
        closed.opens("studio", "wrong", f"10.{n // 65536}.{n // 256 % 256}.{n % 256}")
    assert len(closed) == MOST_ADDRESSES
    window = Window(clock=clock)
    for n in range(MOST_KNOWN + 200):
        window.add(str(n))
    assert len(window) == MOST_KNOWN


def test_a_pass_is_known_until_it_is_old_and_cannot_be_made_up() -> None:
    clock = Clock()
    passes = Passes(clock)
    given = passes.new()
    visitor = passes.visitor(given)
    assert visitor and len(visitor) == 32 and visitor != passes.visitor(passes.new())
    body, _, mark = given.rpartition(".")
    name, _, since = body.partition(".")
    for forged in ("", "x", "é", f"{name}.{int(since) + 1}.{mark}", f"0{body}.{mark}", body):
        assert passes.visitor(forged) is None
    assert Passes(clock).visitor(given) is None, "another start knows it"
    clock.now += PASS_SECONDS
    assert passes.visitor(given) is None


def test_each_visitor_has_a_ration_and_is_told_how_long_to_wait() -> None:
    clock = Clock()
    ration = Ration(Limits(pictures=4, pictures_of_all=7), clock)
    ration.take("a", 2)
    clock.now += 20
    ration.take("a", 2)
    with pytest.raises(StudioError) as caught:
        ration.take("a", 2)
    assert caught.value.what == "4 pictures a minute are what each visitor gets here."
    assert caught.value.way_out == "Draw again in 40 seconds."
    ration.take("b", 2)
    with pytest.raises(StudioError, match="Many visitors are drawing here just now"):
        ration.take("c", 2)
    clock.now += 40
    ration.take("a", 2)


def test_more_than_a_whole_ration_at_once_never_fits() -> None:
    with pytest.raises(StudioError, match="Draw again in 60 seconds"):
        Ration(Limits(pictures=4), Clock()).take("a", 5)


def test_a_password_is_given_made_up_or_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    made = read_login("")
    assert made.made and made.name == "studio" and len(made.password) >= 16
    assert made.password != read_login("").password
    monkeypatch.setenv(PASSWORD_VARIABLE, "long enough")
    assert read_login("ada") == Login("ada", "long enough")
    monkeypatch.setenv(PASSWORD_VARIABLE, "short")
    with pytest.raises(StudioError, match="fewer than 8 letters"):
        read_login("ada")
    monkeypatch.delenv(PASSWORD_VARIABLE)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert read_login("ada", ask=lambda _: "typed in here") == Login("ada", "typed in here")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("There is no adapter at /srv/studio/runs/7/adapter.safetensors.",
         "There is no adapter at adapter.safetensors."),
        ("Nothing can be written in /srv/studio runs/pictures: full.",
         "Nothing can be written in pictures: full."),
        (r"C:\Users\ada\model.safetensors is broken", "model.safetensors is broken"),
        ("~/models/x and '/etc/passwd'", "x and 'passwd'"),
        ("See https://example.org/a/b for OWNER/NAME, 3/4 of it", None),
        ("A prompt, a seed.", None),
    ],
)  # fmt: skip
def test_only_the_last_name_of_a_path_is_told(text: str, shown: str | None) -> None:
    assert without_folders(text, ("/srv/studio runs",)) == (shown or text)
