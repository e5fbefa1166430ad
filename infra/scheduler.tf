# The clock pushes as Pub/Sub does, so that a function woken by it is written like any other.
resource "google_cloud_scheduler_job" "clock" {
  for_each = module.topology.schedules

  project          = var.project_id
  region           = var.region
  name             = each.value.id
  description      = each.value.does
  schedule         = "*/5 * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "${each.value.timeout_s + 30}s" # the function's own time-out speaks first

  retry_config {
    retry_count          = 2 # the next one is five minutes away
    min_backoff_duration = "10s"
    max_backoff_duration = "60s"
    max_doublings        = 2
  }

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.phase[each.key].service_config[0].uri
    headers     = { "Content-Type" = "application/json" }

    body = base64encode(jsonencode({
      subscription = "clock"
      message = {
        messageId  = "clock"
        data       = base64encode("{}")
        attributes = {}
      }
    }))

    oidc_token {
      service_account_email = google_service_account.clock.email
      audience              = google_cloudfunctions2_function.phase[each.key].service_config[0].uri
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.clock_wakes]
}
