"""The whole system on Google's emulators, on one machine."""
