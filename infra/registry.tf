# The images that Cloud Build makes of the bundles.
resource "google_artifact_registry_repository" "functions" {
  #checkov:skip=CKV_GCP_84:the images hold this public code and nothing else; Google's own key is enough
  project                = var.project_id
  location               = var.region
  repository_id          = "functions"
  description            = "One image a function, built from its bundle."
  format                 = "DOCKER"
  cleanup_policy_dry_run = false

  cleanup_policies {
    id     = "keep-what-a-rollback-needs"
    action = "KEEP"

    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"

    condition {
      older_than = "${90 * local.day_s}s"
    }
  }

  depends_on = [google_project_service.needed]
}
