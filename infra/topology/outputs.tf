output "phases" {
  description = "Every row by its name, with the id that Cloud Run takes."
  value       = local.phases
}

output "runs" {
  description = "The phases that work on a run, by name; the others serve."
  value       = { for name in local.runs : name => local.phases[name] }
}

output "first" {
  description = "The phase that a landed file wakes."
  value       = local.first
}

output "dead_letters" {
  description = "The phase, and the topic, that dead letters go to."
  value       = local.dead_letters
}

output "kept" {
  description = "The topic for dead letters that could not be read."
  value       = local.kept
}

output "topics" {
  description = "Every topic, by the name that Python publishes to."
  value       = toset(concat(keys(local.woken), [local.kept]))
}

output "subscriptions" {
  description = "Each topic's push subscription, which wakes the function of its name, and where it buries what fails."
  value = {
    for name, phase in local.woken : name => {
      buries_in = phase.wakes_on == "dead_letters" ? local.kept : local.dead_letters
    }
  }
}

output "schedules" {
  description = "The phases that the clock wakes."
  value       = local.scheduled
}

output "errands" {
  description = "The services that messages wake: they work on all that is stored, beside every run."
  value       = local.errands
}

output "public" {
  description = "The phases that anybody may call; they look themselves at who it is."
  value       = local.public
}

output "edges" {
  description = "Who may publish where: publisher/topic."
  value = merge([
    for name, topics in local.reach : {
      for topic in topics : "${name}/${topic}" => { publisher = name, topic = topic }
    }
  ]...)
}

output "secrets" {
  description = "Who may read which secret: phase/secret."
  value = merge([
    for name, phase in local.phases : {
      for secret in phase.secrets : "${name}/${secret}" => { phase = name, secret = secret }
    }
  ]...)
}

output "ack_deadline_s" {
  description = "How long a push may take to be answered."
  value       = var.document.ack_deadline_s
}

output "retry" {
  description = "How often, and how far apart, a message is delivered."
  value       = var.document.retry
}
