from dev.emulators import processes
from dev.emulators.processes import free_ports


def test_ports_that_are_handed_out_together_are_different(monkeypatch):
    monkeypatch.setattr(processes, "PORTS", range(20_000, 20_010))  # few: a draw often comes again

    ports = free_ports(5)

    assert len(set(ports)) == len(ports) == 5
