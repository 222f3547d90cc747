"""Pages of a list, by `limit` and `offset`."""

from typing import Any

from rest_framework import serializers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

MAX_OFFSET = 2**31 - 1


class WindowParams(serializers.Serializer[Any]):
    """`?limit=` (a larger one than the maximum is taken as the maximum) and `?offset=`."""

    limit = serializers.IntegerField(min_value=1, required=False)
    offset = serializers.IntegerField(min_value=0, max_value=MAX_OFFSET, required=False)


class Pagination(LimitOffsetPagination):
    default_limit = 50
    max_limit = 200

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any] | None:
        WindowParams(data=request.query_params).is_valid(raise_exception=True)
        return super().paginate_queryset(queryset, request, view)
