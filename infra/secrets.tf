# Only the places: a person adds the values, so that none is in a state file or a plan.
resource "google_secret_manager_secret" "secret" {
  for_each = toset([for grant in values(module.topology.secrets) : grant.secret])

  project   = var.project_id
  secret_id = each.key

  deletion_protection = true

  replication {
    auto {}
  }

  depends_on = [google_project_service.needed]
}
