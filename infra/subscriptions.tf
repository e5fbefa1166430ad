locals {
  retention = "${7 * local.day_s}s"
}

# Our own, not a trigger's: that one takes no dead-letter policy and forgets after a day.
# Named as its topic: a dead letter says which phase it was for by its subscription.
resource "google_pubsub_subscription" "push" {
  for_each = module.topology.subscriptions

  project                    = var.project_id
  name                       = each.key
  topic                      = google_pubsub_topic.topic[each.key].id
  ack_deadline_seconds       = module.topology.ack_deadline_s # also how long a push may take
  message_retention_duration = local.retention

  # Without it, a subscription that nobody used for a month is deleted.
  expiration_policy {
    ttl = ""
  }

  push_config {
    push_endpoint = google_cloudfunctions2_function.phase[each.key].service_config[0].uri

    oidc_token {
      service_account_email = google_service_account.push.email
      audience              = google_cloudfunctions2_function.phase[each.key].service_config[0].uri
    }
  }

  retry_policy {
    minimum_backoff = "${module.topology.retry.min_backoff_s}s"
    maximum_backoff = "${module.topology.retry.max_backoff_s}s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.topic[each.value.buries_in].id
    max_delivery_attempts = module.topology.retry.max_attempts
  }

  depends_on = [google_pubsub_topic_iam_member.agent_buries]
}

# What even the reader of dead letters could not take stays for a person to pull.
resource "google_pubsub_subscription" "kept" {
  project                    = var.project_id
  name                       = module.topology.kept
  topic                      = google_pubsub_topic.topic[module.topology.kept].id
  ack_deadline_seconds       = module.topology.ack_deadline_s
  message_retention_duration = local.retention

  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "${module.topology.retry.min_backoff_s}s"
    maximum_backoff = "${module.topology.retry.max_backoff_s}s"
  }
}

# Pub/Sub itself moves a dead letter: it publishes there and acknowledges here.
resource "google_pubsub_topic_iam_member" "agent_buries" {
  for_each = toset([module.topology.dead_letters, module.topology.kept])

  project = var.project_id
  topic   = google_pubsub_topic.topic[each.key].name
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "agent_acknowledges" {
  for_each = module.topology.subscriptions

  project      = var.project_id
  subscription = google_pubsub_subscription.push[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
