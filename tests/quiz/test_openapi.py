"""The OpenAPI document describes exactly the routes that exist."""

import re

from flask import Flask
from flask.testing import FlaskClient


def test_every_api_route_is_described_and_no_other(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    described = {
        (method.upper(), "/api/v1" + re.sub(r"{\w+}", "*", path))
        for path, operations in document["paths"].items()
        for method in operations
    }
    real = {
        (method, re.sub(r"<[^>]+>", "*", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == real
