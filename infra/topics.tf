# Named as the phase that reads it: Python publishes to that name.
resource "google_pubsub_topic" "topic" {
  #checkov:skip=CKV_GCP_83:messages carry the id of an upload and a run's number, or of a webhook; Google's own key is enough
  for_each = module.topology.topics

  project = var.project_id
  name    = each.key

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.needed]
}
