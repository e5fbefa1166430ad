# One account a function; each may do what its row needs, edge by edge.
resource "google_service_account" "phase" {
  for_each = module.topology.phases

  project      = var.project_id
  account_id   = "fn-${each.value.id}"
  display_name = "Function ${each.key}"
  description  = each.value.does

  depends_on = [google_project_service.needed]
}

resource "google_pubsub_topic_iam_member" "publishes" {
  for_each = module.topology.edges

  project = var.project_id
  topic   = google_pubsub_topic.topic[each.value.topic].name
  role    = "roles/pubsub.publisher"
  member  = google_service_account.phase[each.value.publisher].member
}

# Firestore has no grant below a database.
resource "google_project_iam_member" "documents" {
  for_each = module.topology.phases

  project = var.project_id
  role    = "roles/datastore.user"
  member  = google_service_account.phase[each.key].member

  condition {
    title      = "this database only"
    expression = "resource.name == \"projects/${var.project_id}/databases/${google_firestore_database.this.name}\""
  }
}

resource "google_storage_bucket_iam_member" "reads_uploads" {
  bucket = google_storage_bucket.uploads.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.phase[module.topology.first].member
}

# Not objectCreator: it may answer a repeated write with 403, where the code counts on 412.
resource "google_storage_bucket_iam_member" "keeps_artefacts" {
  for_each = module.topology.runs

  bucket = google_storage_bucket.artefacts.name
  role   = "roles/storage.objectUser"
  member = google_service_account.phase[each.key].member
}

# What anybody may call looks itself at who it is: Shopify's tokens are none of Google's.
resource "google_cloud_run_v2_service_iam_member" "anybody_calls" {
  for_each = module.topology.public

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.phase[each.key].name
  role     = "roles/run.invoker"
  member   = "allUsers"
}

# It shows what a run made, and keeps what is made on request.
resource "google_storage_bucket_iam_member" "public_keeps_artefacts" {
  for_each = module.topology.public

  bucket = google_storage_bucket.artefacts.name
  role   = "roles/storage.objectUser"
  member = google_service_account.phase[each.key].member
}

# An errand erases what a run made and what a shop sent.
resource "google_storage_bucket_iam_member" "errand_keeps_artefacts" {
  for_each = module.topology.errands

  bucket = google_storage_bucket.artefacts.name
  role   = "roles/storage.objectUser"
  member = google_service_account.phase[each.key].member
}

resource "google_storage_bucket_iam_member" "errand_keeps_uploads" {
  for_each = module.topology.errands

  bucket = google_storage_bucket.uploads.name
  role   = "roles/storage.objectUser"
  member = google_service_account.phase[each.key].member
}

# The sweep removes what a shop sent when its run is over.
resource "google_storage_bucket_iam_member" "sweep_removes_uploads" {
  for_each = module.topology.schedules

  bucket = google_storage_bucket.uploads.name
  role   = "roles/storage.objectUser"
  member = google_service_account.phase[each.key].member
}

# It lets a shop send its files: by an address that it signs, or small ones through itself.
resource "google_storage_bucket_iam_member" "public_keeps_uploads" {
  for_each = module.topology.public

  bucket = google_storage_bucket.uploads.name
  role   = "roles/storage.objectUser"
  member = google_service_account.phase[each.key].member
}

resource "google_service_account_iam_member" "public_signs" {
  for_each = module.topology.public

  service_account_id = google_service_account.phase[each.key].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.phase[each.key].member
}

resource "google_secret_manager_secret_iam_member" "reads" {
  for_each = module.topology.secrets

  project   = var.project_id
  secret_id = google_secret_manager_secret.secret[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.phase[each.value.phase].member
}

# Who Pub/Sub says it is when it wakes a function.
resource "google_service_account" "push" {
  project      = var.project_id
  account_id   = "push"
  display_name = "Pub/Sub push"

  depends_on = [google_project_service.needed]
}

resource "google_service_account_iam_member" "agent_signs_push" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = local.pubsub_agent
}

resource "google_cloud_run_v2_service_iam_member" "push_wakes" {
  for_each = module.topology.subscriptions

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.phase[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.push.member
}

# Who Cloud Scheduler says it is.
resource "google_service_account" "clock" {
  project      = var.project_id
  account_id   = "clock"
  display_name = "Cloud Scheduler"

  depends_on = [google_project_service.needed]
}

resource "google_cloud_run_v2_service_iam_member" "clock_wakes" {
  for_each = module.topology.schedules

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.phase[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.clock.member
}

# Who builds: it reads a bundle and pushes an image.
resource "google_service_account" "build" {
  project      = var.project_id
  account_id   = "build"
  display_name = "Function builds"

  depends_on = [google_project_service.needed]
}

resource "google_project_iam_member" "build_logs" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}

resource "google_storage_bucket_iam_member" "build_reads" {
  bucket = google_storage_bucket.sources.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.build.member
}

resource "google_artifact_registry_repository_iam_member" "build_pushes" {
  project    = var.project_id
  location   = var.region
  repository = google_artifact_registry_repository.functions.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}

# Who read which object or secret; reads are not logged unless asked for.
resource "google_project_iam_audit_config" "reads" {
  for_each = toset(["storage.googleapis.com", "secretmanager.googleapis.com"])

  project = var.project_id
  service = each.key

  audit_log_config {
    log_type = "DATA_READ"
  }

  audit_log_config {
    log_type = "DATA_WRITE"
  }
}
