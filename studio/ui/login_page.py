"""The page that asks for name and password: plain HTML, no script, in the visitor's language."""

from html import escape

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse

from studio.tokens import DARK, LIGHT
from studio.ui.common import static
from studio.ui.parts import LOGO
from studio.ui.words import say, spoken


def login_page(headers: Headers, *, wrong: bool = False, wait: int = 0) -> HTMLResponse:
    """The login as an answer to a request.

    Args:
        wrong: whether a try just failed. wait: whole seconds until the next one is looked at.
    """
    lang = spoken(headers.get("accept-language", ""))
    told = say(lang, "login_wait", seconds=wait) if wait else say(lang, "login_wrong")
    alert = f'<p class="alert" role="alert">{escape(told)}</p>' if wrong or wait else ""
    status = 429 if wait else 400 if wrong else 401
    page = _PAGE.format(
        lang="zh-CN" if lang == "zh" else "en",
        title=say(lang, "login_title"),
        css=f":root{{{_variables(LIGHT)}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}{static('login.css')}",
        logo=LOGO,
        sub=say(lang, "login_sub"),
        alert=alert,
        name=say(lang, "login_name"),
        password=say(lang, "login_password"),
        enter=say(lang, "login_enter"),
        note=say(lang, "login_note"),
    )
    more = {"cache-control": "no-store"} | ({"retry-after": str(wait)} if wait else {})
    return HTMLResponse(page, status, headers=more)


def _variables(tokens: dict[str, str]) -> str:
    return "".join(f"--sg-{name.replace('_', '-')}:{value};" for name, value in tokens.items())


_PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title}</title><style>{css}</style></head>
<body><main><div class="brand">{logo}<span>Safeguard Studio</span></div>
<h1>{title}</h1><p class="sub">{sub}</p>{alert}
<form method="post" action="login">
<label for="name">{name}</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" required autofocus>
<label for="password">{password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">{enter}</button></form>
<p class="note">{note}</p></main></body></html>
"""
