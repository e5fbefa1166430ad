"""A mypy plugin: parts of records and queries of `Records` take their model's fields alone."""

from collections.abc import Callable

from mypy.nodes import ARG_NAMED_OPT, TypeInfo, Var
from mypy.plugin import MethodSigContext, Plugin
from mypy.types import FunctionLike, Instance, Type, get_proper_type

PART = "pipeline_lib.records.record.Part"
QUERIES = {f"pipeline_lib.records.store.Records.{name}" for name in ("find", "count")}


class RecordPlugin(Plugin):
    """Gives each model's own fields as keywords to the calls that take any."""

    def get_method_signature_hook(
        self, fullname: str
    ) -> Callable[[MethodSigContext], FunctionLike] | None:
        if fullname.endswith(".replace"):  # of whichever subclass; others' are left as they are
            return lambda context: _with_fields(context, context.type)
        if fullname in QUERIES:
            return lambda context: _with_fields(context, _model_of(context.type))
        return None


def _model_of(records: Type) -> Type:
    proper = get_proper_type(records)
    return proper.args[0] if isinstance(proper, Instance) and proper.args else proper


def _with_fields(context: MethodSigContext, model: Type) -> FunctionLike:
    signature, proper = context.default_signature, get_proper_type(model)
    if not isinstance(proper, Instance) or not proper.type.has_base(PART):
        return signature
    kept = [
        place
        for place, name in enumerate(signature.arg_names)
        if not signature.arg_kinds[place].is_star()
    ]
    fields = _fields(proper.type)
    return signature.copy_modified(
        arg_types=[*(signature.arg_types[one] for one in kept), *fields.values()],
        arg_kinds=[*(signature.arg_kinds[one] for one in kept), *[ARG_NAMED_OPT] * len(fields)],
        arg_names=[*(signature.arg_names[one] for one in kept), *fields],
    )


def _fields(model: TypeInfo) -> dict[str, Type]:
    found: dict[str, Type] = {}
    for base in reversed(model.mro):
        if not base.has_base(PART):
            continue
        for name, symbol in base.names.items():
            node = symbol.node
            if isinstance(node, Var) and node.type is not None and not node.is_classvar:
                found[name] = node.type
    return found


def plugin(version: str) -> type[Plugin]:  # noqa: ARG001 - mypy's own signature
    """What mypy asks a plugin's module for."""
    return RecordPlugin
