"""How many queries an answer took, said in a header of it."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

HEADER = "X-Queries"

View = Callable[[HttpRequest], HttpResponse]


def counting_queries(get_response: View) -> View:
    """A middleware, the outermost: what others ask the database counts as well."""

    def counted(request: HttpRequest) -> HttpResponse:
        count = 0

        def count_one(execute: Callable[..., Any], *statement: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*statement)

        with connection.execute_wrapper(count_one):
            response = get_response(request)
        response[HEADER] = str(count)
        return response

    return counted
