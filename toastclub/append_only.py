"""Tables to which rows are added and nothing else: what they say was so stays as it was said.

The model refuses by itself; PostgreSQL refuses whatever else reaches the table. Both raise Django's
`NotSupportedError`.
"""

from typing import Any, NoReturn, TypeVar

from django.db import NotSupportedError, migrations, models

Row = TypeVar("Row", bound=models.Model)


class AppendOnlyQuerySet(models.QuerySet[Row]):
    def update(self, **changes: Any) -> NoReturn:
        _refuse(self.model)

    def bulk_update(self, *rows: Any, **options: Any) -> NoReturn:
        _refuse(self.model)

    def delete(self) -> NoReturn:
        _refuse(self.model)


class AppendOnlyModel(models.Model):
    """Its migration adds `refuse_changes` to it."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            _refuse(type(self))
        super().save(*args, **{**options, "force_insert": True})

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        _refuse(type(self))


def _refuse(model: type[models.Model]) -> NoReturn:
    raise NotSupportedError(f"Rows of {model._meta.db_table} are never changed or deleted")


def refuse_changes(table: str) -> migrations.RunPython:
    """A migration's operation that has PostgreSQL refuse to change or delete rows of a table.

    SQLite goes without: it is for trying the system out, and Django empties its tables, as tests
    and `flush` do, by deleting rows. On PostgreSQL it truncates them, which is not refused.
    """
    name = f"{table}_append_only"

    def add(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for statement in (_FUNCTION, _TRIGGER):
                schema_editor.execute(statement.format(name=name, table=table), params=None)

    def remove(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {name} CASCADE", params=None)

    return migrations.RunPython(add, remove)


def index_details(table: str) -> migrations.RunPython:
    """A migration's operation that indexes on PostgreSQL what is in a table's JSON `details`."""
    name = f"{table}_details"

    def add(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"CREATE INDEX {name} ON {table} USING gin (details jsonb_path_ops)", params=None
            )

    def remove(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX {name}", params=None)

    return migrations.RunPython(add, remove)


# 0A000 is what Django calls NotSupportedError.
_FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of {table} are never changed or deleted' USING ERRCODE = '0A000';
END
$$
"""
_TRIGGER = """
CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""
