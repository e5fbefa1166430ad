"""`--map FIELD=HEADER`: what a person says of a file's columns."""

import argparse

from pipeline_lib.exports.headers import is_field


def add_map_option(command: argparse.ArgumentParser) -> None:
    """Let a person name columns, again and again."""
    command.add_argument(
        "--map",
        action="append",
        type=column_override,
        default=[],
        metavar='FIELD="HEADER"',
        help='which column is which, where a file is misread: --map title="Item Name"',
    )


def column_override(text: str) -> tuple[str, str]:
    """A field and the header of its column.

    Raises:
        ArgumentTypeError: it is not of that form, or there is no such field.
    """
    field, sign, header = text.partition("=")
    field, header = field.strip(), header.strip().strip('"')
    if not sign or not header:
        raise argparse.ArgumentTypeError(f'"{text}" is not of the form FIELD="HEADER"')
    if not is_field(field):
        raise argparse.ArgumentTypeError(
            f'there is no field "{field}"; bundles inspect shows the fields of a file'
        )
    return field, header
