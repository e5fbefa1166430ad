mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }

  mock_data "google_storage_project_service_account" {
    defaults = { member = "serviceAccount:bucket-agent@example.com" }
  }
}

variables {
  project_id        = "a-project"
  region            = "us-central1"
  allowed_origins   = ["https://app.example.com"]
  alert_email       = "people@example.com"
  public_hosts      = ["bundles.example.com"]
  shopify_client_id = "client"
  secret_versions   = {}
  s3                = { bucket = "exports", endpoint = "https://r2.example", region = "auto" }
  budget            = { billing_account = "000000-000000-000000", currency = "EUR", amount = 50 }
  delivery          = null
  runs              = { quick_start_max_bundles = 12 }
  fixed_flags       = { FEATURE_FLAG_PARETO_OPTIMIZATION = false }
}

run "the_chain_is_made_whole" {
  command = apply

  module {
    source = "./infra"
  }

  assert {
    condition     = toset(keys(google_cloudfunctions2_function.phase)) == toset(keys(module.topology.phases))
    error_message = "A row has no function."
  }

  assert {
    condition = alltrue([
      for name, one in google_pubsub_subscription.push :
      one.push_config[0].push_endpoint == google_cloudfunctions2_function.phase[name].service_config[0].uri &&
      one.push_config[0].oidc_token[0].service_account_email == google_service_account.push.email &&
      one.push_config[0].oidc_token[0].audience == google_cloudfunctions2_function.phase[name].service_config[0].uri
    ])
    error_message = "A push goes elsewhere, or without a token."
  }

  assert {
    condition = alltrue([
      for name, one in google_pubsub_subscription.push :
      one.dead_letter_policy[0].dead_letter_topic == google_pubsub_topic.topic[module.topology.subscriptions[name].buries_in].id &&
      one.dead_letter_policy[0].max_delivery_attempts == 8
    ])
    error_message = "A subscription buries elsewhere, or too soon."
  }

  assert {
    condition = alltrue([
      for one in google_pubsub_subscription.push :
      one.ack_deadline_seconds == 600 && one.message_retention_duration == "604800s" &&
      one.expiration_policy[0].ttl == "" &&
      one.retry_policy[0].minimum_backoff == "10s" && one.retry_policy[0].maximum_backoff == "600s"
    ])
    error_message = "A subscription forgets, expires or does not wait."
  }

  assert {
    condition     = google_pubsub_subscription.kept.topic == google_pubsub_topic.topic[module.topology.kept].id && length(google_pubsub_subscription.kept.push_config) == 0
    error_message = "Nobody keeps what could not be read."
  }

  assert {
    condition = alltrue([
      for grant in google_pubsub_topic_iam_member.agent_buries :
      grant.role == "roles/pubsub.publisher" && grant.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
    ]) && toset(keys(google_pubsub_topic_iam_member.agent_buries)) == toset([for one in module.topology.subscriptions : one.buries_in])
    error_message = "Pub/Sub may not publish to a topic for dead letters."
  }

  assert {
    condition     = toset(keys(google_pubsub_subscription_iam_member.agent_acknowledges)) == toset(keys(google_pubsub_subscription.push))
    error_message = "Pub/Sub may not acknowledge what it buries."
  }
}

run "each_account_may_do_what_its_row_says_and_no_more" {
  command = apply

  module {
    source = "./infra"
  }

  assert {
    condition = toset([for grant in google_pubsub_topic_iam_member.publishes : "${grant.member} ${grant.topic}"]) == toset([
      for edge in module.topology.edges : "${google_service_account.phase[edge.publisher].member} ${edge.topic}"
    ])
    error_message = "An edge is missing, or one too many."
  }

  assert {
    condition     = google_storage_bucket_iam_member.reads_uploads.member == google_service_account.phase[module.topology.first].member
    error_message = "Only the first phase reads what a shop sent."
  }

  assert {
    condition     = toset(keys(google_storage_bucket_iam_member.keeps_artefacts)) == toset([for name, phase in module.topology.phases : name if phase.role != "service"])
    error_message = "Only phases of a run keep artefacts."
  }

  assert {
    condition = alltrue([
      for grants in [
        google_cloud_run_v2_service_iam_member.anybody_calls,
        google_storage_bucket_iam_member.public_keeps_artefacts,
        google_storage_bucket_iam_member.public_keeps_uploads,
      ] : toset(keys(grants)) == toset([for name, phase in module.topology.phases : name if phase.wakes_on == "http"])
    ])
    error_message = "Others than what anybody may call are open, or it lacks a grant."
  }

  assert {
    condition = alltrue([
      for grants in [
        google_storage_bucket_iam_member.errand_keeps_artefacts,
        google_storage_bucket_iam_member.errand_keeps_uploads,
      ] : toset(keys(grants)) == toset([for name, phase in module.topology.phases : name if phase.role == "service" && phase.wakes_on == "messages"])
    ])
    error_message = "Others than errands erase, or one lacks a grant."
  }

  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.push_wakes)) == toset(keys(google_pubsub_subscription.push))
    error_message = "Pub/Sub may not wake a function."
  }

  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.clock_wakes)) == toset(keys(google_cloud_scheduler_job.clock))
    error_message = "The clock may not wake its function."
  }

  assert {
    condition     = alltrue([for grant in google_project_iam_member.documents : strcontains(grant.condition[0].expression, "/databases/(default)")])
    error_message = "An account reaches another database."
  }
}

run "a_function_is_made_of_its_row_and_its_bundle" {
  command = apply

  module {
    source = "./infra"
  }

  assert {
    condition = alltrue([
      for name, function in google_cloudfunctions2_function.phase :
      function.service_config[0].available_memory == "${module.topology.phases[name].memory_mb}Mi" &&
      function.service_config[0].timeout_seconds == module.topology.phases[name].timeout_s &&
      function.service_config[0].max_instance_request_concurrency == module.topology.phases[name].concurrency &&
      function.service_config[0].max_instance_count == module.topology.phases[name].max_instances &&
      function.service_config[0].service_account_email == google_service_account.phase[name].email &&
      function.service_config[0].ingress_settings == (module.topology.phases[name].wakes_on == "http" ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY")
    ])
    error_message = "A function differs from its row."
  }

  assert {
    condition = alltrue([
      for name, function in google_cloudfunctions2_function.phase :
      function.build_config[0].source[0].storage_source[0].object == "${name}/${filesha256("${var.bundles_folder}/${name}.zip")}.zip"
    ])
    error_message = "A bundle is not named by its content."
  }

  assert {
    condition = alltrue([
      for name, function in google_cloudfunctions2_function.phase :
      join(",", [
        for setting in keys(function.service_config[0].environment_variables) : setting
        if !contains(keys(merge(local.public_settings, local.fixed_flags)), setting)
      ]) == "BUNDLECHAIN_ARTEFACTS_BUCKET,BUNDLECHAIN_PROJECT,BUNDLECHAIN_S3_BUCKET,BUNDLECHAIN_S3_ENDPOINT,BUNDLECHAIN_S3_REGION,BUNDLECHAIN_UPLOADS_BUCKET,LOG_LEVEL,PROCESSING_TIMEOUT_MINUTES,QUICK_INSTALL_COOLDOWN_DAYS,QUICK_START_ENABLED,QUICK_START_MAX_BUNDLES,QUICK_START_MAX_PRODUCTS,QUICK_START_TIMEOUT_SECONDS" &&
      function.service_config[0].environment_variables["QUICK_START_ENABLED"] == "true" &&
      function.service_config[0].environment_variables["QUICK_START_MAX_BUNDLES"] == "12" &&
      lookup(function.service_config[0].environment_variables, "FEATURE_FLAG_PARETO_OPTIMIZATION", "absent") == (module.topology.phases[name].wakes_on == "http" ? "false" : "absent") &&
      (length(function.service_config[0].environment_variables) > 13) == (module.topology.phases[name].wakes_on == "http") &&
      join(",", function.service_config[0].secret_environment_variables[*].key) == join(",", sort(module.topology.phases[name].secrets)) &&
      alltrue([for secret in function.service_config[0].secret_environment_variables : secret.version != "latest"])
    ])
    error_message = "A function lacks a variable, or has one too many."
  }

  assert {
    condition     = length(flatten([for function in google_cloudfunctions2_function.phase : function.event_trigger])) == 0
    error_message = "A trigger's own subscription takes no dead-letter policy."
  }
}

run "files_land_shortly_and_privately" {
  command = apply

  module {
    source = "./infra"
  }

  assert {
    condition     = google_storage_notification.landed.topic == google_pubsub_topic.topic[module.topology.first].id && google_storage_notification.landed.payload_format != "NONE"
    error_message = "A landed file wakes nobody, or with an empty body."
  }

  assert {
    condition     = contains([for rule in google_storage_bucket.uploads.lifecycle_rule : one(rule.condition).age if one(rule.action).type == "Delete"], 7)
    error_message = "Raw exports stay longer than 7 days."
  }

  assert {
    condition     = contains([for rule in google_storage_bucket.artefacts.lifecycle_rule : one(rule.condition).age if one(rule.action).type == "Delete"], 30)
    error_message = "Artefacts stay longer than 30 days."
  }

  assert {
    condition     = google_storage_bucket.uploads.soft_delete_policy[0].retention_duration_seconds == 0
    error_message = "Deleted exports are kept on."
  }

  assert {
    condition     = google_storage_bucket.uploads.cors[0].origin == tolist(["https://app.example.com"]) && contains(google_storage_bucket.uploads.cors[0].method, "PUT")
    error_message = "The app may not PUT."
  }
}

run "the_clock_pushes_as_pubsub_does" {
  command = apply

  module {
    source = "./infra"
  }

  assert {
    condition = alltrue([
      for job in google_cloud_scheduler_job.clock :
      job.schedule == "*/5 * * * *" && job.http_target[0].http_method == "POST" &&
      jsondecode(base64decode(job.http_target[0].body)) == {
        subscription = "clock", message = { messageId = "clock", data = base64encode("{}"), attributes = {} }
      }
    ])
    error_message = "The clock's push is another."
  }

  assert {
    condition = alltrue([
      for name, job in google_cloud_scheduler_job.clock :
      tonumber(trimsuffix(job.attempt_deadline, "s")) > module.topology.phases[name].timeout_s &&
      job.http_target[0].oidc_token[0].audience == google_cloudfunctions2_function.phase[name].service_config[0].uri
    ])
    error_message = "The clock gives up before its function does, or comes without a token."
  }
}

run "people_are_told" {
  command = apply

  module {
    source = "./infra"
  }

  assert {
    condition     = toset(keys(google_monitoring_alert_policy.alert)) == toset(["dead_letters", "dead_letters_kept", "success", "slow", "swept", "errors"])
    error_message = "An alert is missing."
  }

  assert {
    condition     = alltrue([for alert in google_monitoring_alert_policy.alert : alert.notification_channels == tolist([google_monitoring_notification_channel.email.id])])
    error_message = "An alert tells nobody."
  }

  assert {
    condition     = google_monitoring_alert_policy.alert["success"].conditions[0].condition_threshold[0].threshold_value == 0.05 && google_monitoring_alert_policy.alert["slow"].conditions[0].condition_threshold[0].threshold_value == 300
    error_message = "A threshold is another."
  }

  assert {
    condition     = google_billing_budget.month[0].amount[0].specified_amount[0].units == "50"
    error_message = "The budget is another."
  }

  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.chain.dashboard_json).mosaicLayout.tiles) == 8
    error_message = "The dashboard lost a chart."
  }
}

run "without_a_billing_account_there_is_no_budget_and_without_a_repository_no_trigger" {
  command = plan

  module {
    source = "./infra"
  }

  variables {
    budget = null
  }

  assert {
    condition     = length(google_billing_budget.month) == 0 && length(google_cloudbuild_trigger.apply) == 0
    error_message = "Something optional is not."
  }
}

run "a_plan_is_applied_when_a_person_approves" {
  command = plan

  module {
    source = "./infra"
  }

  variables {
    delivery = {
      repository   = "projects/a-project/locations/us-central1/connections/c/repositories/r"
      branch       = "main"
      deployer     = "deployer@a-project.iam.gserviceaccount.com"
      state_bucket = "a-project-state"
    }
  }

  assert {
    condition     = google_cloudbuild_trigger.apply[0].approval_config[0].approval_required
    error_message = "A plan is applied by itself."
  }
}

run "any_page_may_not_upload" {
  command = plan

  module {
    source = "./infra"
  }

  variables {
    allowed_origins = ["*"]
  }

  expect_failures = [var.allowed_origins]
}

run "a_secret_without_a_number_is_refused" {
  command = plan

  module {
    source = "./infra"
  }

  variables {
    secret_versions = { KEY = "latest" }
  }

  expect_failures = [var.secret_versions]
}
