# What the functions' log lines say, as numbers. A line's `event` and fields are pipeline_lib/logs.py's.
locals {
  logged = "resource.type=\"cloud_run_revision\" AND jsonPayload.event"

  metrics = {
    phase_duration = {
      event  = "phase_completed"
      value  = "duration_ms"
      unit   = "ms"
      labels = ["phase"]
    }
    phase_failures = {
      event  = "phase_failed"
      value  = null
      unit   = "1"
      labels = ["phase", "error"]
    }
    run_duration = {
      event  = "run_ended"
      value  = "duration_s"
      unit   = "s"
      labels = ["status"]
    }
    runs = {
      event  = "run_ended"
      value  = null
      unit   = "1"
      labels = ["status"]
    }
    swept = {
      event  = "run_swept"
      value  = null
      unit   = "1"
      labels = ["status"]
    }
  }
}

resource "google_logging_metric" "event" {
  for_each = local.metrics

  project         = var.project_id
  name            = "bundlechain/${each.key}"
  filter          = "${local.logged}=\"${each.value.event}\""
  value_extractor = each.value.value == null ? null : "EXTRACT(jsonPayload.${each.value.value})"

  label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = each.value.value == null ? "INT64" : "DISTRIBUTION"
    unit        = each.value.unit

    dynamic "labels" {
      for_each = each.value.labels

      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  dynamic "bucket_options" {
    for_each = each.value.value == null ? [] : [each.value]

    content {
      # 0.01 to about 500,000 in steps of a fifth: seconds and milliseconds alike.
      exponential_buckets {
        scale              = 0.01
        growth_factor      = 1.2
        num_finite_buckets = 97
      }
    }
  }

  depends_on = [google_project_service.needed]
}
