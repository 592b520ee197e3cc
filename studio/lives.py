"""Whether a process still lives, and how long ago something was, whatever the clock says.

A number alone does not name a process, because the system gives it away again. When it was born
does: on Linux in ticks since this boot, with the boot's own id, so that no change of the clock
makes a living process look like another one.
"""

import os
import time
from pathlib import Path

import psutil

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_STARTED = 22 - 3  # field 22 of /proc/PID/stat, proc(5); what follows the name begins with field 3


def boot() -> str:
    """What tells this boot of the machine from every other."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()[:13]
    except OSError:
        return f"{psutil.boot_time():.0f}"


def uptime() -> float:
    """Seconds since the machine started, sleep included; never jumps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def born(pid: int | None = None) -> str:
    """What tells this process from every other that had or will have its number; "" when gone."""
    pid = os.getpid() if pid is None else pid
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return f"{boot()}:{stat.rpartition(')')[2].split()[_STARTED]}"
    except (OSError, IndexError):
        pass
    try:
        return f"{psutil.Process(pid).create_time():.0f}"
    except psutil.Error:
        return ""


def lives(pid: int | None, birth: str) -> bool:
    """Whether the process of this number and birth still runs; one that only waits to be reaped
    has ended.

    Args:
        birth: see `born`; "" is nobody's.
    """
    if pid is None or not birth or born(pid) != birth:
        return False
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.Error:
        return False
