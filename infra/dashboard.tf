locals {
  # Two to a row, in this order.
  charts = [
    { title = "Runs by how they ended", filter = local.metric["runs"], aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = "metric.label.status" },
    { title = "A run's seconds, 95th percentile", filter = local.metric["run_duration"], aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", by = "metric.label.status" },
    { title = "A phase's milliseconds, 95th percentile", filter = local.metric["phase_duration"], aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", by = "metric.label.phase" },
    { title = "Failures by phase", filter = local.metric["phase_failures"], aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = "metric.label.phase" },
    { title = "Messages that wait", filter = local.backlog_metric, aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = "resource.label.subscription_id" },
    { title = "Dead letters", filter = local.dead_letters_metric, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = "resource.label.subscription_id" },
    { title = "Stuck runs swept", filter = local.metric["swept"], aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = "metric.label.status" },
    { title = "Answers by class", filter = local.requests_metric, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = "metric.label.response_code_class" },
  ]
}

resource "google_monitoring_dashboard" "chain" {
  project = var.project_id

  dashboard_json = jsonencode({
    displayName = "bundlechain"
    mosaicLayout = {
      columns = 12
      tiles = [
        for place, chart in local.charts : {
          xPos   = place % 2 * 6
          yPos   = floor(place / 2) * 4
          width  = 6
          height = 4
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = chart.filter
                    aggregation = {
                      alignmentPeriod    = "60s"
                      perSeriesAligner   = chart.aligner
                      crossSeriesReducer = chart.reducer
                      groupByFields      = [chart.by]
                    }
                  }
                }
              }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.needed]
}
