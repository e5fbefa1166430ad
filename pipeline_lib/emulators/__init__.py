"""The cloud on one machine: Google's emulators and every function as a process; no phase's work."""
