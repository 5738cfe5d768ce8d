"""Tests of the reference server: in process where possible, over loopback where the wire itself matters."""
