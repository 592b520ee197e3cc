"""Line drawings of the page and of reports."""

_ICONS = {
    "check": '<path d="M3 8.5l3.2 3.2L13 4.8"/>',
    "x": '<path d="M4 4l8 8M12 4l-8 8"/>',
    "alert": '<path d="M8 2.2L14.3 13H1.7z"/><path d="M8 6.4v3.1M8 11.3v.1"/>',
    "pause": '<path d="M5.5 4v8M10.5 4v8"/>',
    "clock": '<circle cx="8" cy="8" r="5.8"/><path d="M8 4.8V8l2.2 1.6"/>',
    "run": '<circle cx="8" cy="8" r="5.5" stroke-opacity=".3"/>'
    '<path d="M8 2.5A5.5 5.5 0 0 1 13.5 8"/>',
    "plug": '<path d="M2.5 8h3M10.5 8h3M6 5l-1.5 3L6 11M10 5l1.5 3L10 11"/>',
    "eyeoff": '<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z"/>'
    '<path d="M3 13L13 3"/>',
    "dash": '<circle cx="8" cy="8" r="5.5" stroke-dasharray="2.6 2"/>',
    "minus": '<path d="M4 8h8"/>',
    "ring": '<circle cx="8" cy="8" r="5.5"/>',
}


def icon(name: str) -> str:
    """A 16 px line drawing in the colour of the text around it."""
    return (
        '<svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{_ICONS[name]}</svg>'
    )
