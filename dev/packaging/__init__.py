"""Packs each function into the zip that Terraform deploys: `python -m dev.packaging`."""
