"""What the shop's app, an operator and the clock call over HTTP; no phase's work is done here."""
