"""Text that tries to become more than text, and the tags that the chat makes of Markdown."""

import re

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:alert(1))",
    "![x](https://elsewhere.example/pixel.png)",
    '![x](x.png"onerror="alert(1))',
    '<https://example.org/"onmouseover=alert(1)>',
    '```"><script>alert(1)</script>\ncode\n```',
    "<div style='position:fixed'>x</div>",
    "<iframe src=//elsewhere.example></iframe>",
    "<style>*{display:none}</style>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "# <script>alert(1)</script>",
    "<a href='javascript:alert(1)'>x</a>",
    "<form action=//elsewhere.example><input></form>",
]
TAGS = re.compile(
    r"</?(?:div|span|button|table|thead|tbody|tr|th|td|p|h[1-6]|ul|ol|li|blockquote|pre|code|mark|em|strong|br|hr)"
    r'(?: (?:class|tabindex|role|aria-label|value|style|scope|type|aria-pressed|data-[a-z]+)="[^"<>]*"'
    r"| data-sort)* ?/?>"
    r'|<a href="(?:https?|mailto):[^"<>]*" target="_blank" rel="noopener noreferrer nofollow">|</a>'
)
