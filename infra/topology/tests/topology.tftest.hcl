variables {
  elsewhere = false
  document = {
    ack_deadline_s = 600
    retry          = { min_backoff_s = 10, max_backoff_s = 600, max_attempts = 8 }
    phases = [
      {
        name          = "first_one", does = "begins", role = "chain", then = ["aside", "last"], wakes_on = "messages",
        resends       = false, secrets = ["KEY"], secrets_elsewhere = ["OTHER_KEY"], band = [0, 50], memory_mb = 2048, timeout_s = 540, concurrency = 1,
        max_instances = 20
      },
      {
        name          = "aside", does = "previews", role = "preview", then = [], wakes_on = "messages",
        resends       = false, secrets = [], secrets_elsewhere = [], band = null, memory_mb = 2048, timeout_s = 120, concurrency = 1,
        max_instances = 20
      },
      {
        name          = "last", does = "ends", role = "chain", then = [], wakes_on = "messages",
        resends       = false, secrets = [], secrets_elsewhere = [], band = [50, 100], memory_mb = 2048, timeout_s = 120, concurrency = 8,
        max_instances = 20
      },
      {
        name          = "sweep", does = "sweeps", role = "service", then = [], wakes_on = "schedule",
        resends       = true, secrets = [], secrets_elsewhere = [], band = null, memory_mb = 512, timeout_s = 60, concurrency = 1,
        max_instances = 1
      },
      {
        name          = "grave", does = "reads dead letters", role = "service", then = [], wakes_on = "dead_letters",
        resends       = false, secrets = [], secrets_elsewhere = [], band = null, memory_mb = 512, timeout_s = 60, concurrency = 1,
        max_instances = 5
      },
      {
        name          = "errand", does = "erases", role = "service", then = [], wakes_on = "messages",
        resends       = true, secrets = [], secrets_elsewhere = [], band = null, memory_mb = 2048, timeout_s = 60, concurrency = 1,
        max_instances = 5
      },
      {
        name          = "door", does = "answers", role = "service", then = [], wakes_on = "http",
        resends       = true, secrets = ["KEY"], secrets_elsewhere = [], band = null, memory_mb = 2048, timeout_s = 60, concurrency = 40,
        max_instances = 5
      },
    ]
  }
}

run "places_are_found_by_what_the_rows_say" {
  command = plan

  assert {
    condition     = output.first == "first_one" && output.dead_letters == "grave" && output.kept == "grave-kept"
    error_message = "The first phase, the reader of dead letters or the kept topic is another."
  }

  assert {
    condition     = output.phases["first_one"].id == "first-one"
    error_message = "Cloud Run takes no underscore."
  }
}

run "every_topic_has_a_subscription_but_the_kept_one_and_the_clock_has_none" {
  command = plan

  assert {
    condition     = toset(keys(output.subscriptions)) == toset(["first_one", "aside", "last", "grave", "errand"])
    error_message = "Every phase that messages wake has one push subscription."
  }

  assert {
    condition     = output.topics == toset(["first_one", "aside", "last", "grave", "grave-kept", "errand"])
    error_message = "A topic is missing, or too many."
  }

  assert {
    condition     = keys(output.schedules) == ["sweep"]
    error_message = "The clock wakes the sweep."
  }

  assert {
    condition     = keys(output.public) == ["door"]
    error_message = "Anybody may call the door, and nothing else."
  }

  assert {
    condition     = keys(output.errands) == ["errand"]
    error_message = "A service that messages wake runs errands."
  }
}

run "what_fails_goes_to_the_grave_and_what_fails_there_is_kept" {
  command = plan

  assert {
    condition     = { for name, one in output.subscriptions : name => one.buries_in } == { first_one = "grave", aside = "grave", last = "grave", errand = "grave", grave = "grave-kept" }
    error_message = "A dead letter goes to a wrong topic."
  }
}

run "a_phase_publishes_onward_to_itself_and_to_the_first_and_what_resends_to_the_chain_and_the_errands" {
  command = plan

  assert {
    condition = toset(keys(output.edges)) == toset([
      "first_one/aside", "first_one/last", "first_one/first_one", "aside/aside", "last/last",
      "aside/first_one", "last/first_one", "grave/first_one",
      "sweep/first_one", "sweep/last", "sweep/errand", "door/first_one", "door/last", "door/errand",
      "errand/first_one", "errand/last", "errand/errand",
    ])
    error_message = "The edges are others."
  }
}

run "a_key_of_a_bucket_elsewhere_is_read_only_where_there_is_one" {
  command = plan

  variables {
    elsewhere = true
  }

  assert {
    condition = output.secrets == {
      "first_one/KEY"       = { phase = "first_one", secret = "KEY" }
      "first_one/OTHER_KEY" = { phase = "first_one", secret = "OTHER_KEY" }
      "door/KEY"            = { phase = "door", secret = "KEY" }
    }
    error_message = "The key of a bucket elsewhere is not read by the phase that names it, or by another."
  }

  assert {
    condition     = output.phases["first_one"].secrets == tolist(["KEY", "OTHER_KEY"])
    error_message = "A function is not given what its account may read."
  }
}

run "a_secret_is_read_by_the_phase_that_names_it" {
  command = plan

  assert {
    condition = output.secrets == {
      "first_one/KEY" = { phase = "first_one", secret = "KEY" }
      "door/KEY"      = { phase = "door", secret = "KEY" }
    }
    error_message = "A secret has another reader."
  }
}

run "the_rows_of_the_project_are_accepted" {
  command = plan

  variables {
    document = jsondecode(file("../../pipeline_lib/topology.json"))
  }

  assert {
    condition     = length(output.phases) == length(jsondecode(file("../../pipeline_lib/topology.json")).phases)
    error_message = "A row is lost."
  }
}

run "two_phases_of_one_name_are_refused" {
  command = plan

  variables {
    document = merge(var.document, { phases = concat(var.document.phases, [var.document.phases[1]]) })
  }

  expect_failures = [var.document]
}

run "a_phase_that_hands_over_to_none_is_refused" {
  command = plan

  variables {
    document = merge(var.document, {
      phases = [for phase in var.document.phases : merge(phase, { then = phase.name == "last" ? ["nowhere"] : phase.then })]
    })
  }

  expect_failures = [var.document]
}

run "a_time_out_beyond_nine_minutes_is_refused" {
  command = plan

  variables {
    document = merge(var.document, { phases = [for phase in var.document.phases : merge(phase, { timeout_s = 541 })] })
  }

  expect_failures = [var.document]
}

run "a_push_that_comes_again_while_its_phase_runs_is_refused" {
  command = plan

  variables {
    document = merge(var.document, { ack_deadline_s = 540 })
  }

  expect_failures = [var.document]
}

run "a_deadline_that_pubsub_does_not_take_is_refused" {
  command = plan

  variables {
    document = merge(var.document, { ack_deadline_s = 601 })
  }

  expect_failures = [var.document]
}

run "a_backoff_that_pubsub_does_not_take_is_refused" {
  command = plan

  variables {
    document = merge(var.document, { retry = merge(var.document.retry, { max_backoff_s = 601 }) })
  }

  expect_failures = [var.document]
}

run "fewer_attempts_than_pubsub_takes_are_refused" {
  command = plan

  variables {
    document = merge(var.document, { retry = merge(var.document.retry, { max_attempts = 4 }) })
  }

  expect_failures = [var.document]
}

run "an_unknown_waking_is_refused" {
  command = plan

  variables {
    document = merge(var.document, {
      phases = [for phase in var.document.phases : merge(phase, { wakes_on = phase.name == "sweep" ? "moon" : phase.wakes_on })]
    })
  }

  expect_failures = [var.document]
}

run "a_phase_that_anybody_may_call_is_refused" {
  command = plan

  variables {
    document = merge(var.document, {
      phases = [for phase in var.document.phases : merge(phase, { role = phase.name == "door" ? "preview" : phase.role })]
    })
  }

  expect_failures = [var.document]
}

run "an_unknown_role_is_refused" {
  command = plan

  variables {
    document = merge(var.document, {
      phases = [for phase in var.document.phases : merge(phase, { role = phase.name == "aside" ? "extra" : phase.role })]
    })
  }

  expect_failures = [var.document]
}

run "dead_letters_without_a_reader_are_refused" {
  command = plan

  variables {
    document = merge(var.document, { phases = [for phase in var.document.phases : phase if phase.wakes_on != "dead_letters"] })
  }

  expect_failures = [var.document]
}

run "a_chain_without_a_beginning_is_refused" {
  command = plan

  variables {
    document = merge(var.document, {
      phases = [for phase in var.document.phases : merge(phase, { band = phase.band == null ? null : [10, 100] })]
    })
  }

  expect_failures = [var.document]
}

run "several_requests_at_once_on_part_of_a_cpu_are_refused" {
  command = plan

  variables {
    document = merge(var.document, { phases = [for phase in var.document.phases : merge(phase, { memory_mb = 1024 })] })
  }

  expect_failures = [var.document]
}

run "a_name_too_long_for_a_service_account_is_refused" {
  command = plan

  variables {
    document = merge(var.document, {
      phases = concat(var.document.phases, [merge(var.document.phases[1], { name = "a_name_of_twenty_eight_letters" })])
    })
  }

  expect_failures = [var.document]
}
