"""`python .ci/audit.py`: known holes in what is installed; a service out of reach is a notice.

Exit code: 0 none known or nobody could be asked, 1 something is known.
"""

import json
import subprocess
import sys

SECONDS = 60
OUT_OF_REACH = (
    "ConnectionError", "ConnectTimeout", "ReadTimeout", "Timeout", "MaxRetryError", "ServiceError",
    "NameResolutionError", "ProxyError", "SSLError", "HTTPError", "Connection refused",
    "Max retries exceeded", "Failed to resolve", "Client Error", "Server Error",
)  # fmt: skip


def main() -> int:
    """Ask pip-audit about this environment."""
    command = [sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--format", "json"]
    command += ["--progress-spinner", "off", "--timeout", "5"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        print(f"Notice: no answer about known holes within {SECONDS} s; nothing was checked.")
        return 0
    return judge(done.returncode, done.stdout, done.stderr)


def judge(code: int, answer: str, errors: str) -> int:
    """What an answer of pip-audit means for the build.

    Args:
        code: its exit code. answer: its JSON. errors: what it said besides.
    """
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        if code and any(sign in errors for sign in OUT_OF_REACH):
            print("Notice: the list of known holes is out of reach; nothing was checked.")
            return 0
        print(f"pip-audit gave no answer (exit code {code}):\n{errors[-2000:]}")
        return 1
    found = [
        f"{package['name']} {package['version']}: {hole['id']}, mended in "
        f"{', '.join(hole['fix_versions']) or 'no version yet'}"
        for package in packages
        for hole in package.get("vulns", [])
    ]
    for line in found:
        print(line)
    checked = sum("skip_reason" not in package for package in packages)
    if not checked:
        print("Notice: the list of known holes knows none of these packages; nothing was checked.")
    print(f"{checked} of {len(packages)} packages checked, {len(found)} known holes.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
