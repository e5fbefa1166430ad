locals {
  # Queries that filter and sort; equality alone needs no composite index. A query with several
  # equalities and a sort merges one index each.
  indexes = merge({ for one in setproduct(local.filters, local.sorts) : "recommendations_by_${one[0]}_and_${one[1][0]}" => {
    collection = "recommendations"
    fields     = [[one[0], "ASCENDING"], one[1]]
    } }, {
    # what a listener and the review page read: one upload's, best first
    recommendations_of_an_upload = {
      collection = "recommendations"
      fields     = [["shop_id", "ASCENDING"], ["upload_id", "ASCENDING"], ["rank_position", "ASCENDING"]]
    }
    uploads_of_a_shop = {
      collection = "uploads"
      fields     = [["shop_id", "ASCENDING"], ["created_at", "DESCENDING"]]
    }
    uploads_by_completion = {
      collection = "uploads"
      fields     = [["shop_id", "ASCENDING"], ["completed_at", "DESCENDING"]]
    }
    webhooks_of_a_shop = {
      collection = "webhooks"
      fields     = [["shop_id", "ASCENDING"], ["received_at", "DESCENDING"]]
    }
    bundles_of_a_shop = {
      collection = "bundles"
      fields     = [["shop_id", "ASCENDING"], ["is_active", "ASCENDING"], ["created_at", "DESCENDING"]]
    }
  })

  # what the review page filters and sorts by
  filters = ["shop_id", "upload_id", "objective", "bundle_type", "is_approved", "is_rejected"]
  sorts   = [["rank_position", "ASCENDING"], ["ranking_score", "DESCENDING"], ["confidence", "DESCENDING"]]

  # Collections whose documents say when they may go. Recommendations stay until others replace them.
  expiring = toset(["audit", "leases", "previews", "progress", "replays", "rules", "uploads", "webhooks"])

  # Large maps that nothing is looked up by; indexed, each write would touch every one of their leaves.
  unindexed = merge([
    for collection, fields in {
      uploads         = ["phases", "parameters", "slots", "flags", "fixed_flags", "remade"]
      progress        = ["phases", "metadata"]
      recommendations = ["products", "pricing", "ai_copy", "evidence", "score_parts", "grade"]
      leases          = ["outcome"]
      webhooks        = ["subject", "runs", "files", "documents"]
    } : { for field in fields : "${collection}/${field}" => { collection = collection, field = field } }
  ]...)
}

resource "google_firestore_database" "this" {
  project                           = var.project_id
  name                              = "(default)"
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"

  depends_on = [google_project_service.needed]
}

resource "google_firestore_index" "composite" {
  for_each = local.indexes

  project    = var.project_id
  database   = google_firestore_database.this.name
  collection = each.value.collection

  dynamic "fields" {
    for_each = each.value.fields

    content {
      field_path = fields.value[0]
      order      = fields.value[1]
    }
  }
}

# Deletion is lazy (a day or so): readers filter on the field all the same.
resource "google_firestore_field" "expires" {
  for_each = local.expiring

  project    = var.project_id
  database   = google_firestore_database.this.name
  collection = each.key
  field      = "expires_at"

  ttl_config {}
  index_config {} # a field that only grows makes one hot end of an index
}

resource "google_firestore_field" "unindexed" {
  for_each = local.unindexed

  project    = var.project_id
  database   = google_firestore_database.this.name
  collection = each.value.collection
  field      = each.value.field

  index_config {}
}
