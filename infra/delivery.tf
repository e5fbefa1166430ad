# A push is checked and planned; the plan waits for a person, who has it applied.
resource "google_cloudbuild_trigger" "plan" {
  count = var.delivery == null ? 0 : 1

  project         = var.project_id
  location        = var.region
  name            = "plan"
  description     = "Check, bundle and plan what was pushed."
  filename        = "cloudbuild.yaml"
  service_account = "projects/${var.project_id}/serviceAccounts/${var.delivery.deployer}"

  repository_event_config {
    repository = var.delivery.repository

    push {
      branch = "^${var.delivery.branch}$"
    }
  }

  substitutions = {
    _STATE_BUCKET = var.delivery.state_bucket
    _REGION       = var.region
  }

  depends_on = [google_project_service.needed]
}

resource "google_cloudbuild_trigger" "apply" {
  count = var.delivery == null ? 0 : 1

  project         = var.project_id
  location        = var.region
  name            = "apply"
  description     = "Apply a kept plan, once it is approved."
  service_account = "projects/${var.project_id}/serviceAccounts/${var.delivery.deployer}"

  source_to_build {
    repository = var.delivery.repository
    ref        = "refs/heads/${var.delivery.branch}"
    repo_type  = "GITHUB"
  }

  git_file_source {
    path       = "infra/apply.cloudbuild.yaml"
    repository = var.delivery.repository
    revision   = "refs/heads/${var.delivery.branch}"
    repo_type  = "GITHUB"
  }

  approval_config {
    approval_required = true
  }

  substitutions = {
    _STATE_BUCKET      = var.delivery.state_bucket
    _REGION            = var.region
    _SHOPIFY_CLIENT_ID = var.shopify_client_id
    _SECRET_VERSION    = lookup(var.secret_versions, "BUNDLECHAIN_SHOPIFY_CLIENT_SECRET", "1")
  }

  depends_on = [google_project_service.needed]
}
