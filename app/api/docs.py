"""
The documentation page, from this machine alone.

The script and style of Swagger UI come from an installed package, never from another server, and the page's
policy would not let them.
"""

from importlib.resources import files

from fastapi import APIRouter, Response

from app.api.errors import NoSuchRoute

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>OptiTrace gateway</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/start.js"></script>
</body>
</html>
"""

_START = """"use strict";
window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  layout: "BaseLayout",
  presets: [SwaggerUIBundle.presets.apis],
  validatorUrl: null,
});
"""


def docs_router() -> APIRouter:
    """The page and what it loads."""
    packaged = files("fastapi_offline") / "static"
    assets = {
        "swagger-ui.css": ("text/css", (packaged / "swagger-ui.css").read_bytes()),
        "swagger-ui-bundle.js": ("text/javascript", (packaged / "swagger-ui-bundle.js").read_bytes()),
        "start.js": ("text/javascript", _START.encode()),
    }
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def get_docs() -> Response:
        """The page."""
        return Response(_PAGE, media_type="text/html", headers={"Content-Security-Policy": _POLICY})

    @router.get("/docs/assets/{name}")
    async def get_asset(name: str) -> Response:
        """One of the three files that the page loads."""
        if name not in assets:
            raise NoSuchRoute("the page loads no such file")
        kind, content = assets[name]
        return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=3600"})

    return router
