"""Where a call means more than its schema can say, so that one of two checks cannot be asked."""

from pipeline_lib.http.app import all_routes

FILES = {"/api/upload-csv", "/api/bundles/quick-install"}  # an export, not any file
CURSORS = {  # one that a page gave
    *("/api/csv-uploads", "/api/bundle-recommendations", "/api/bundles", "/api/admin/audit"),
    *("/api/privacy/records", "/api/admin/privacy/records"),
}
FLAGS = {"/api/admin/flags/bulk", "/api/admin/flags/{key}"}  # a value of its flag's kind
MAY_REFUSE_WHAT_FITS = {
    *FILES,
    *CURSORS,
    *FLAGS,
    "/api/uploads",  # no two files of one type
    "/api/bundle-recommendations/{id}/approve",  # only a rejection has a reason
}
MAY_TAKE_MORE = {  # a platform adds parameters of its own to a query
    route.path_format for route in all_routes() if route.dependant.query_params
}


def configuration():
    """The same as schemathesis.toml has it."""
    checks = {
        "positive_data_acceptance": MAY_REFUSE_WHAT_FITS,
        "negative_data_rejection": MAY_TAKE_MORE,
    }
    return "\n".join(
        f'[[operations]]\ninclude-path = "{path}"\nchecks.{check}.enabled = false\n'
        for check, paths in checks.items()
        for path in sorted(paths)
    )
