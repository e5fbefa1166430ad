# The shape of pipeline_lib/topology.json, and what Google Cloud allows of it.
variable "document" {
  description = "pipeline_lib/topology.json, decoded."

  type = object({
    ack_deadline_s = number
    retry = object({
      min_backoff_s = number
      max_backoff_s = number
      max_attempts  = number
    })
    phases = list(object({
      name     = string
      does     = string
      role     = string
      then     = list(string)
      wakes_on = string
      resends  = bool
      secrets  = list(string)
      # Read as well where files may lie in a bucket elsewhere.
      secrets_elsewhere = list(string)
      band              = list(number)
      memory_mb         = number
      timeout_s         = number
      concurrency       = number
      max_instances     = number
    }))
  })

  validation {
    condition     = length(distinct(var.document.phases[*].name)) == length(var.document.phases)
    error_message = "Two phases have the same name."
  }

  validation {
    # A service account's id is "fn-" and the name, at most 30 characters in all.
    condition     = alltrue([for phase in var.document.phases : can(regex("^[a-z][a-z0-9_]{2,26}$", phase.name))])
    error_message = "A phase's name is 3 to 27 of a-z, 0-9 and _, a letter first."
  }

  validation {
    condition     = length(setsubtract(flatten(var.document.phases[*].then), var.document.phases[*].name)) == 0
    error_message = "A phase hands over to one that has no row."
  }

  validation {
    condition     = alltrue([for phase in var.document.phases : contains(["chain", "preview", "service"], phase.role)])
    error_message = "A role is chain, preview or service."
  }

  validation {
    condition     = alltrue([for phase in var.document.phases : contains(["messages", "dead_letters", "schedule", "http"], phase.wakes_on)])
    error_message = "A phase wakes on messages, dead_letters, a schedule or http."
  }

  validation {
    condition     = alltrue([for phase in var.document.phases : phase.wakes_on != "http" || phase.role == "service"])
    error_message = "What anybody may call is a service: a phase works on messages."
  }

  validation {
    condition     = length([for phase in var.document.phases : phase if phase.wakes_on == "dead_letters"]) == 1
    error_message = "Exactly one phase wakes on dead letters."
  }

  validation {
    condition = length([
      for phase in var.document.phases : phase if phase.role == "chain" && try(phase.band[0], null) == 0
    ]) == 1
    error_message = "Exactly one phase of the chain begins at progress 0: a landed file wakes it."
  }

  validation {
    # An event-driven function may run 540 s; a push that is not answered in time comes again.
    condition = alltrue([
      for phase in var.document.phases : phase.timeout_s <= 540 && phase.timeout_s < var.document.ack_deadline_s
    ])
    error_message = "A phase's time-out is at most 540 s and below the acknowledgement deadline."
  }

  validation {
    condition     = var.document.ack_deadline_s >= 10 && var.document.ack_deadline_s <= 600
    error_message = "An acknowledgement deadline is 10 to 600 s."
  }

  validation {
    condition = (
      var.document.retry.min_backoff_s >= 0 &&
      var.document.retry.min_backoff_s <= var.document.retry.max_backoff_s &&
      var.document.retry.max_backoff_s <= 600
    )
    error_message = "Back-offs are 0 to 600 s, the least not above the most."
  }

  validation {
    condition     = var.document.retry.max_attempts >= 5 && var.document.retry.max_attempts <= 100
    error_message = "A dead-letter policy takes 5 to 100 delivery attempts."
  }

  validation {
    # Below one whole CPU, which comes with 2 GiB, an instance takes one request at a time.
    condition     = alltrue([for phase in var.document.phases : phase.concurrency == 1 || phase.memory_mb >= 2048])
    error_message = "A phase that takes several requests at once has at least 2048 MB."
  }
}

variable "elsewhere" {
  description = "Whether files may lie in a bucket elsewhere, which wants keys of its own."
  type        = bool
}
