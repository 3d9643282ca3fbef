"""GET /openapi.json: the document of all routes, made from their declarations."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from aiohttp import web
from pydantic.json_schema import models_json_schema

from web.route import Route, Site, answer

REF = "#/components/schemas/{model}"
PROBLEM = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and how to mend it"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"at": {"type": "string"}, "what": {"type": "string"}},
            },
        },
    },
}


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    models = [(model, "validation") for route in routes for model in route.bodies]
    _, schemas = models_json_schema(models, ref_template=REF)  # type: ignore[arg-type]
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Zhiji 知己", "version": "1", "description": "Orders come in; the house is watched."},
        "paths": paths,
        "components": {
            "schemas": {**schemas.get("$defs", {}), "Problem": PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": [*_parameters("path", route.parameters), *_parameters("header", route.headers)],
        "responses": {str(status): _response(route, status, text) for status, text in route.answers.items()},
    }
    if route.bodies:
        names = [REF.format(model=model.__name__) for model in route.bodies]
        by_type = {model.model_fields["type"].annotation.__args__[0]: name for model, name in _named(route)}
        schema = {
            "oneOf": [{"$ref": name} for name in names],
            "discriminator": {"propertyName": "type", "mapping": by_type},
        }
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if route.bearer:
        operation["security"] = [{}, {"token": []}]
    return operation


def _named(route: Route) -> list[tuple[Any, str]]:
    return [(model, REF.format(model=model.__name__)) for model in route.bodies]


def _parameters(place: str, texts: Any) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": place, "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in texts.items()
    ]


def _response(route: Route, status: int, text: str) -> dict[str, Any]:
    if status >= 400 and route.name != "getReadiness" and route.gives != "text/html":
        content = {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}}
    else:
        content = {route.gives: {"schema": {"type": "string" if route.gives.startswith("text/") else "object"}}}
    return {"description": text, "content": content}


@lru_cache(maxsize=1)
def _whole() -> dict[str, Any]:
    from web import routes

    return document(routes())


async def openapi(site: Site, request: web.Request) -> web.Response:
    return answer(_whole())


ROUTES = (Route("GET", "/openapi.json", openapi, "getOpenApi", "This document", {200: "OpenAPI 3.1"}),)
