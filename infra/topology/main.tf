# Turns the rows of topology.json into the maps that the rest is built by. No provider, so it is tested anywhere.
terraform {
  required_version = ">= 1.11"
}

locals {
  phases = {
    for phase in var.document.phases : phase.name => merge(phase, {
      # Cloud Run takes no underscore.
      id      = replace(phase.name, "_", "-")
      secrets = concat(phase.secrets, var.elsewhere ? phase.secrets_elsewhere : [])
    })
  }

  first        = one([for name, phase in local.phases : name if phase.role == "chain" && try(phase.band[0], null) == 0])
  dead_letters = one([for name, phase in local.phases : name if phase.wakes_on == "dead_letters"])
  chain        = [for name, phase in local.phases : name if phase.role == "chain"]
  runs         = [for name, phase in local.phases : name if phase.role != "service"]

  # Takes what not even the phase that reads dead letters could read.
  kept = "${local.dead_letters}-kept"

  woken     = { for name, phase in local.phases : name => phase if contains(["messages", "dead_letters"], phase.wakes_on) }
  scheduled = { for name, phase in local.phases : name => phase if phase.wakes_on == "schedule" }
  errands   = { for name, phase in local.woken : name => phase if phase.role == "service" && phase.wakes_on == "messages" }
  public    = { for name, phase in local.phases : name => phase if phase.wakes_on == "http" }

  # Onward, to itself (a continuation), to the first where a run may end (the shop's next begins), and from what resends to
  # every phase of the chain and every errand.
  reach = {
    for name, phase in local.phases : name => toset(concat(
      phase.then,
      phase.role == "service" ? [] : [name, local.first],
      phase.wakes_on == "dead_letters" ? [local.first] : [],
      phase.resends ? concat(local.chain, keys(local.errands)) : [],
    ))
  }
}
