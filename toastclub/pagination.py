"""Pages of a list, by `limit` and `offset`."""

from typing import Any

from rest_framework import serializers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

from toastclub.serializers import QueryIntegerField

MAX_OFFSET = 2**31 - 1


class WindowParams(serializers.Serializer[Any]):
    """`?limit=` (a larger one than the maximum is taken as the maximum) and `?offset=`."""

    limit = QueryIntegerField(min_value=1, required=False)
    offset = QueryIntegerField(min_value=0, max_value=MAX_OFFSET, required=False)


class Pagination(LimitOffsetPagination):
    default_limit = 50
    max_limit = 200

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any] | None:
        WindowParams(data=request.query_params).is_valid(raise_exception=True)
        return super().paginate_queryset(queryset, request, view)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        bounds = {"limit": {"minimum": 1}, "offset": {"minimum": 0, "maximum": MAX_OFFSET}}
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["schema"] |= bounds[parameter["name"]]
        return parameters
