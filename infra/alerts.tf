locals {
  metric = {
    for name, metric in google_logging_metric.event :
    name => "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${metric.name}\""
  }

  dead_letters_metric = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\""
  backlog_metric      = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\""
  requests_metric     = "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com/request_count\""

  # `over` is what must not be passed, in the window.
  alerts = {
    dead_letters = {
      title   = "A message was given up"
      filter  = local.dead_letters_metric
      of      = null
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
      window  = 300
      over    = 0
      then    = "The run is marked failed with its phase and reason. Read that reason, mend it, redrive the run."
    }
    dead_letters_kept = {
      title   = "A dead letter could not be read"
      filter  = "${local.backlog_metric} AND resource.labels.subscription_id=\"${google_pubsub_subscription.kept.name}\""
      of      = null
      aligner = "ALIGN_MAX"
      reducer = "REDUCE_MAX"
      window  = 300
      over    = 0
      then    = "Pull it (gcloud pubsub subscriptions pull), see what it is, acknowledge it. It stays for 7 days."
    }
    success = {
      title   = "Fewer than 95 % of runs succeed"
      filter  = "${local.metric["runs"]} AND metric.labels.status=\"failed\""
      of      = "${local.metric["runs"]} AND metric.labels.status!=\"cancelled\""
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
      window  = 3600
      over    = 0.05
      then    = "The dashboard says which phase fails, and with which error."
    }
    slow = {
      title   = "Runs take more than 5 minutes at the 95th percentile"
      filter  = "${local.metric["run_duration"]} AND metric.labels.status=\"completed\""
      of      = null
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_PERCENTILE_95"
      window  = 3600
      over    = 300
      then    = "The dashboard says which phase takes the time. Is a backlog growing, or one shop very large?"
    }
    swept = {
      title   = "A stuck run was swept"
      filter  = local.metric["swept"]
      of      = null
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
      window  = 300
      over    = 0
      then    = "It was silent for 10 minutes. Once is a lost instance; again and again is a phase that hangs."
    }
    errors = {
      title   = "A function fails"
      filter  = "${local.requests_metric} AND metric.labels.response_code_class=\"5xx\""
      of      = null
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
      window  = 300
      over    = 5 # a held lease and a lost instance answer so once or twice, and heal
      then    = "Read the function's log for phase_failed; a function that does not start has none."
    }
  }
}

resource "google_monitoring_notification_channel" "email" {
  project      = var.project_id
  display_name = "bundlechain alerts"
  type         = "email"
  labels       = { email_address = var.alert_email }

  depends_on = [google_project_service.needed]
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = local.alerts

  project               = var.project_id
  display_name          = "bundlechain: ${each.value.title}"
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.email.id]

  documentation {
    content   = each.value.then
    mime_type = "text/markdown"
  }

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter             = each.value.filter
      denominator_filter = each.value.of
      comparison         = "COMPARISON_GT"
      threshold_value    = each.value.over
      duration           = "0s"

      aggregations {
        alignment_period     = "${each.value.window}s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
      }

      dynamic "denominator_aggregations" {
        for_each = each.value.of == null ? [] : [each.value]

        content {
          alignment_period     = "${each.value.window}s"
          per_series_aligner   = each.value.aligner
          cross_series_reducer = each.value.reducer
        }
      }
    }
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

resource "google_billing_budget" "month" {
  count = var.budget == null ? 0 : 1

  billing_account = var.budget.billing_account
  display_name    = "bundlechain in ${var.project_id}"

  budget_filter {
    projects = ["projects/${data.google_project.this.number}"]
  }

  amount {
    specified_amount {
      currency_code = var.budget.currency
      units         = tostring(var.budget.amount)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1.0]

    content {
      threshold_percent = threshold_rules.value
    }
  }

  all_updates_rule {
    monitoring_notification_channels = [google_monitoring_notification_channel.email.id]
  }

  depends_on = [google_project_service.needed]
}
