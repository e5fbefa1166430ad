locals {
  day_s = 86400
}

# A shop's raw exports: they hold names and addresses, so nothing keeps them a day longer than the rule says.
resource "google_storage_bucket" "uploads" {
  #checkov:skip=CKV_GCP_78:a version would keep the personal data that the 7-day rule deletes
  #checkov:skip=CKV_GCP_62:who read an object is in the data access audit logs, see identities.tf
  project                     = var.project_id
  name                        = "${var.project_id}-uploads"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # 7 days by default, on top of the rule's own.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  cors {
    origin          = var.allowed_origins
    method          = ["PUT", "POST"] # POST opens a resumable upload
    response_header = ["Content-Type", "ETag", "Location", "x-goog-content-length-range", "x-goog-resumable"]
    max_age_seconds = 3600
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 7
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  depends_on = [google_project_service.needed]
}

# What phases hand to each other: made again from the uploads by the same code, so one copy is enough.
resource "google_storage_bucket" "artefacts" {
  #checkov:skip=CKV_GCP_78:objects are never written over, there is no second version
  #checkov:skip=CKV_GCP_62:who read an object is in the data access audit logs, see identities.tf
  project                     = var.project_id
  name                        = "${var.project_id}-artefacts"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # A shop's erasure must be one.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 30
    }
  }

  depends_on = [google_project_service.needed]
}

# The functions' sources. Versions stay, so that a build can be repeated after the object was replaced.
resource "google_storage_bucket" "sources" {
  #checkov:skip=CKV_GCP_62:who read an object is in the data access audit logs, see identities.tf
  project                     = var.project_id
  name                        = "${var.project_id}-sources"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = 30 * local.day_s
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 90
    }
  }

  depends_on = [google_project_service.needed]
}

data "google_storage_project_service_account" "this" {
  project = var.project_id
}

# A landed file wakes the first phase of the chain.
resource "google_storage_notification" "landed" {
  bucket         = google_storage_bucket.uploads.name
  topic          = google_pubsub_topic.topic[module.topology.first].id
  event_types    = ["OBJECT_FINALIZE"]
  payload_format = "JSON_API_V1" # an empty body is refused by functions-framework

  depends_on = [google_pubsub_topic_iam_member.bucket_publishes]
}

resource "google_pubsub_topic_iam_member" "bucket_publishes" {
  project = var.project_id
  topic   = google_pubsub_topic.topic[module.topology.first].name
  role    = "roles/pubsub.publisher"
  member  = data.google_storage_project_service_account.this.member
}
