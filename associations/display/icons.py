"""Line icons on a 16 by 16 grid, drawn for this project: name → content of the SVG."""

ICONS = {
    "arrow-left": '<path d="M13 8H3M7 4 3 8l4 4"/>',
    "arrow-right": '<path d="M3 8h10M9 4l4 4-4 4"/>',
    "ban": '<circle cx="8" cy="8" r="6"/><path d="m4 4 8 8"/>',
    "bell": '<path d="M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM7 14h2"/>',
    "building": '<path d="M3 14V3h7v11M10 7h3v7M2 14h12M5 6h3M5 9h3"/>',
    "calendar": (
        '<rect x="2.5" y="3.5" width="11" height="10" rx="1"/><path d="M2.5 6.5h11M5 2v3M11 2v3"/>'
    ),
    "chart": '<path d="M2 14h12M4 11v1M7 8v4M10 5v7M13 2v10"/>',
    "check": '<path d="m3 8.5 3.5 3.5L13 4.5"/>',
    "check-circle": '<circle cx="8" cy="8" r="6"/><path d="m5.5 8.5 2 2 3.5-4.5"/>',
    "chevron-down": '<path d="m4 6 4 4 4-4"/>',
    "chevron-right": '<path d="m6 4 4 4-4 4"/>',
    "circle": '<circle cx="8" cy="8" r="6"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 1.5"/>',
    "columns": '<rect x="2.5" y="3" width="11" height="10" rx="1"/><path d="M6.2 3v10M9.8 3v10"/>',
    "comment": '<path d="M2.5 3h11v8H7l-3 2.5V11H2.5z"/>',
    "copy": '<rect x="5.5" y="5.5" width="8" height="8" rx="1"/><path d="M10.5 3v-.5h-8v8H3"/>',
    "download": '<path d="M8 2v8M4.5 7 8 10.5 11.5 7M3 13.5h10"/>',
    "dot-circle": '<circle cx="8" cy="8" r="6"/><circle class="icon-fill" cx="8" cy="8" r="2.5"/>',
    "external": '<path d="M9 2.5h4.5V7M13 3 7.5 8.5M11.5 9.5v4h-9v-9h4"/>',
    "eye": (
        '<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z"/>'
        '<circle cx="8" cy="8" r="2"/>'
    ),
    "file": '<path d="M4 2h5l3 3v9H4zM9 2v3h3"/>',
    "filter": '<path d="M2 4h12M4.5 8h7M7 12h2"/>',
    "flag": '<path d="M4 14V2.5M4 3h8l-2 3 2 3H4"/>',
    "globe": '<circle cx="8" cy="8" r="6"/><path d="M2 8h12M8 2c-4 4-4 8 0 12M8 2c4 4 4 8 0 12"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.5V11M8 5v.1"/>',
    "key": '<circle cx="5" cy="11" r="2.5"/><path d="m7 9 6-6M11 5l1.5 1.5"/>',
    "list": '<path d="M6 4h8M6 8h8M6 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1"/>',
    "lock": (
        '<rect x="3.5" y="7" width="9" height="6.5" rx="1"/>'
        '<path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>'
    ),
    "mail": '<rect x="2" y="3.5" width="12" height="9" rx="1"/><path d="m2.5 4.5 5.5 4 5.5-4"/>',
    "menu": '<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>',
    "minus": '<path d="M3 8h10"/>',
    "moon": '<path d="M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z"/>',
    "pencil": '<path d="m3 13 .5-3L11 2.5 13.5 5 6 12.5zM9.5 4 12 6.5"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "question": (
        '<circle cx="8" cy="8" r="6"/><path d="M6 6.5a2 2 0 1 1 2.5 2c-.4.2-.5.5-.5 1M8 11.5v.1"/>'
    ),
    "scale": '<path d="M8 2.5v11M5 13.5h6M3 4.5h10M3 4.5l-1.5 4h3zM13 4.5l-1.5 4h3z"/>',
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>',
    "send": '<path d="M14 2 2 7l4.5 2.5L9 14zM14 2 6.5 9.5"/>',
    "sign-out": '<path d="M6 2.5H3v11h3M7 8h7M11 5l3 3-3 3"/>',
    "sun": (
        '<circle cx="8" cy="8" r="3"/>'
        '<path d="M8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.5 3.5l.7.7M11.8 11.8l.7.7M12.5 '
        '3.5l-.7.7M4.2 11.8l-.7.7"/>'
    ),
    "trash": '<path d="M3 4.5h10M6 4V2.5h4V4M4.5 4.5l.5 9h6l.5-9"/>',
    "trend-down": '<path d="m2 4.5 4.5 4.5 2.5-2.5 5 5M10 11.5h4v-4"/>',
    "trend-up": '<path d="M2 11.5 6.5 7 9 9.5l5-5M10 4.5h4v4"/>',
    "undo": '<path d="M5.5 3 2.5 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H6"/>',
    "upload": '<path d="M8 11V3M4.5 6 8 2.5 11.5 6M3 13.5h10"/>',
    "user": '<circle cx="8" cy="5.5" r="2.5"/><path d="M3 14c0-3 2-4.5 5-4.5s5 1.5 5 4.5"/>',
    "users": (
        '<circle cx="6" cy="5.5" r="2.5"/>'
        '<path d="M1.5 13.5c0-3 1.5-4.5 4.5-4.5s4.5 1.5 4.5 4.5M10.5 3.2a2.5 2.5 0 0 1 0 '
        '4.6M12 9.3c1.7.6 2.5 2 2.5 4.2"/>'
    ),
    "warning": '<path d="M8 2 1.5 13.5h13zM8 6.5V10M8 11.8v.1"/>',
    "x": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "x-circle": '<circle cx="8" cy="8" r="6"/><path d="m6 6 4 4M10 6l-4 4"/>',
}
